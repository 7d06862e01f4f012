#include "glue_security/model/setting.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns a legal value of the setting other than the one that it has.
std::string OtherValue(const Setting& setting,
                       const BackendSettings& settings) {
  const std::string text = setting.Text(settings);
  if (setting.is_limit()) {
    return absl::StrCat(text == absl::StrCat(setting.min) ? setting.max
                                                          : setting.min);
  }
  for (const char* value :
       {"true", "false", "2020-07-07", "json", "ValidationException",
        "InvalidInputException", "EntityNotFoundException",
        "ConditionCheckFailureException", "flag", "key"}) {
    BackendSettings changed = settings;
    if (setting.Set(value, &changed).empty() && setting.Text(changed) != text) {
      return value;
    }
  }
  ADD_FAILURE() << setting.name << " has no other value";
  return "";
}

TEST(Setting, EachHasANameOfItsOwnByWhichItIsFound) {
  std::set<std::string> names;
  for (const Setting& setting : kSettings) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_EQ(FindSetting(setting.name), &setting);
  }
  EXPECT_EQ(FindSetting("behavior"), nullptr);
  EXPECT_EQ(FindSetting(""), nullptr);
}

TEST(Setting, EachIsSetFromItsTextAndChangesNothingElse) {
  for (const Behavior& preset :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    const BackendSettings settings = {preset, Limits()};
    for (const Setting& setting : kSettings) {
      SCOPED_TRACE(setting.name);
      BackendSettings changed = settings;
      EXPECT_EQ(setting.Set(setting.Text(settings), &changed), "");
      EXPECT_EQ(SettingsAsJson(changed), SettingsAsJson(settings));
      const std::string other = OtherValue(setting, settings);
      EXPECT_EQ(setting.Set(other, &changed), "");
      EXPECT_EQ(setting.Text(changed), other);
      for (const Setting& each : kSettings) {
        EXPECT_EQ(each.IsSame(changed, settings), &each != &setting)
            << each.name;
      }
    }
  }
}

TEST(Setting, TextsAreThoseOfTheFields) {
  BackendSettings settings;
  settings.behavior.api_date = absl::CivilDay(2020, 7, 7);
  settings.behavior.constraint_error_code = v1::ERROR_CODE_VALIDATION;
  settings.behavior.policy_checks = PolicyChecks::kGrammar;
  settings.behavior.require_hash_to_overwrite = true;
  settings.limits.security_configurations_max = 3;
  settings.limits.response_bytes_max = 1000;
  settings.limits.violations_max = 4;
  for (const auto& [name, text] :
       std::vector<std::pair<const char*, const char*>>{
           {"api_date", "2020-07-07"},
           {"constraint_error_code", "ValidationException"},
           {"policy_checks", "grammar"},
           {"require_hash_to_overwrite", "true"},
           {"password_protection", "flag_or_key"},
           {"limit_page_size", "false"},
           {"security_configurations_max", "3"},
           {"response_bytes_max", "1000"},
           {"violations_max", "4"}}) {
    EXPECT_EQ(FindSetting(name)->Text(settings), text) << name;
  }
}

TEST(Setting, AWrongValueIsToldAndChangesNothing) {
  const struct {
    const char* name;
    std::vector<const char*> values;
    const char* wrong;
  } cases[] = {
      {"api_date",
       {"", "2019-09-11", "2025-12-02", "2020-7-7", "2023-02-29", " 2020-07-07",
        "2020-07-07T00:00:00", "infinite-future"},
       "must be a date from 2019-09-12 to 2025-12-01"},
      {"limit_page_size", {"", "True", "1", "yes"}, "must be true or false"},
      {"policy_checks",
       {"", "GLUE", "kGlue", "3"},
       "must be none, json, grammar or glue"},
      {"password_protection", {"", "on"}, "must be flag, key or flag_or_key"},
      {"constraint_error_code",
       {"", "EntityNotFoundException", "ERROR_CODE_VALIDATION"},
       "must be InvalidInputException or ValidationException"},
      {"must_exist_error_code",
       {"", "ValidationException"},
       "must be ConditionCheckFailureException or EntityNotFoundException"},
      {"security_configurations_max",
       {"", "-1", "1000000001", "1.0"},
       "must be a number from 0 to 1000000000"},
      {"page_size_default", {"0", "1001"}, "must be a number from 1 to 1000"},
      {"attempts_max", {"0", "1000001"}, "must be a number from 1 to 1000000"},
  };
  const BackendSettings settings;
  for (const auto& test : cases) {
    for (const char* value : test.values) {
      BackendSettings changed = settings;
      EXPECT_EQ(FindSetting(test.name)->Set(value, &changed), test.wrong)
          << test.name << " " << value;
      EXPECT_EQ(SettingsAsJson(changed), SettingsAsJson(settings));
    }
  }
}

TEST(Setting, TheDefaultsKeepToTheBounds) {
  for (const Setting& setting : kSettings) {
    BackendSettings settings;
    EXPECT_EQ(setting.Set(setting.Text(settings), &settings), "")
        << setting.name;
  }
}

TEST(Settings, AreJsonWithTypes) {
  const std::string json = SettingsAsJson(BackendSettings());
  for (const char* part :
       {R"({"api_date":"2019-09-12",)", R"("refuse_unknown_members":false,)",
        R"("constraint_error_code":"InvalidInputException",)",
        R"("policy_checks":"glue",)", R"("page_size_default":100,)",
        R"("attempts_max":64})"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
  }
}

TEST(Settings, APresetHasAName) {
  for (const auto& [name, preset] :
       std::vector<std::pair<const char*, Behavior>>{
           {"documented", Behavior::Documented()},
           {"observed", Behavior::Observed()},
           {"current", Behavior::Current()}}) {
    Behavior behavior;
    behavior.refuse_unknown_members = true;
    EXPECT_EQ(SetPreset(name, &behavior), "");
    EXPECT_EQ(SettingsAsJson({behavior, Limits()}),
              SettingsAsJson({preset, Limits()}));
  }
  Behavior behavior = Behavior::Observed();
  EXPECT_EQ(SetPreset("Observed", &behavior),
            "must be documented, observed or current");
  EXPECT_EQ(SettingsAsJson({behavior, Limits()}),
            SettingsAsJson({Behavior::Observed(), Limits()}));
}

}  // namespace
}  // namespace glue_security
