#include "glue_security/testing/changed_settings.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/setting.h"
#include "glue_security/v1/options.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(ChangedSettings, AreAssignments) {
  Behavior behavior = Behavior::Observed();
  EXPECT_TRUE(
      ChangedSettings(Behavior::Observed(), behavior, Limits()).empty());
  behavior.api_date = absl::CivilDay(2020, 7, 7);
  behavior.require_hash_to_overwrite = true;
  behavior.policy_checks = PolicyChecks::kJson;
  behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
  Limits limits;
  limits.security_configurations_max = 3;
  const std::vector<std::string> expected = {
      "behavior.api_date = absl::CivilDay(2020, 7, 7)",
      "behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND",
      "behavior.require_hash_to_overwrite = true",
      "behavior.policy_checks = PolicyChecks::kJson",
      "limits.security_configurations_max = 3",
  };
  EXPECT_EQ(ChangedSettings(Behavior::Observed(), behavior, limits), expected);
}

TEST(ChangedSettings, NameEachFieldOfBothStructures) {
  for (const Setting& setting : kSettings) {
    if (!setting.is_limit()) continue;
    BackendSettings settings;
    ASSERT_EQ(setting.Set(absl::StrCat(setting.max), &settings), "");
    const std::vector<std::string> expected = {
        absl::StrCat("limits.", setting.name, " = ", setting.max)};
    EXPECT_EQ(ChangedSettings(Behavior(), settings.behavior, settings.limits),
              expected);
  }
  for (const Setting& setting : kSettings) {
    const auto* const flag = std::get_if<bool Behavior::*>(&setting.field);
    if (flag == nullptr) continue;
    Behavior behavior = Behavior::Observed();
    behavior.*(*flag) = !(behavior.*(*flag));
    const std::vector<std::string> expected = {
        absl::StrCat("behavior.", setting.name, " = ",
                     behavior.*(*flag) ? "true" : "false")};
    EXPECT_EQ(ChangedSettings(Behavior::Observed(), behavior, Limits()),
              expected);
  }
}

}  // namespace
}  // namespace glue_security
