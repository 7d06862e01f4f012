// Hand-made histories, legal and illegal, for each kind of operation.
// linearizability_brute_force_test.cc shows that the checker is right about all
// small histories.

#include "glue_security/testing/histories/linearizability.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/backend/history_timeline.h"
#include "glue_security/model/behavior.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kMs = 1'700'000'000'000;

void SetTime(int64_t ms, google::protobuf::Timestamp* time) {
  time->set_seconds(ms / 1000);
  time->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
}

// A history that is written down call by call.
class Written {
 public:
  // Sets the interval of the last call. Without it, calls follow each other.
  Written& At(uint64_t start, uint64_t end) {
    history_.back().start = start;
    history_.back().end = end;
    return *this;
  }
  Written& From(std::string account) {
    history_.back().caller.account_id = std::move(account);
    return *this;
  }
  Written& Fails(v1::ErrorCode code) {
    history_.back().response->mutable_error()->set_code(code);
    return *this;
  }
  Written& TimesOut() { return Fails(v1::ERROR_CODE_OPERATION_TIMEOUT); }
  Written& NeverReturns() {
    history_.back().response.reset();
    history_.back().end = kNoEnd;
    return *this;
  }

  // The hash of a text is the text in brackets.
  Written& PutPolicy(const std::string& text, const std::string& hash = "",
                     v1::PolicyExistsCondition exists =
                         v1::POLICY_EXISTS_CONDITION_UNSPECIFIED) {
    HistoryEntry& entry = Add();
    auto* put = entry.request.mutable_put_resource_policy();
    put->set_policy_in_json(text);
    if (!hash.empty()) put->set_policy_hash_condition(hash);
    if (exists != v1::POLICY_EXISTS_CONDITION_UNSPECIFIED) {
      put->set_policy_exists_condition(exists);
    }
    entry.response->mutable_put_resource_policy()->set_policy_hash("<" + text +
                                                                   ">");
    return *this;
  }
  Written& GetPolicy(const std::string& text, int64_t created = kMs,
                     int64_t updated = kMs) {
    HistoryEntry& entry = Add();
    entry.request.mutable_get_resource_policy();
    auto* get = entry.response->mutable_get_resource_policy();
    get->set_policy_in_json(text);
    get->set_policy_hash("<" + text + ">");
    SetTime(created, get->mutable_create_time());
    SetTime(updated, get->mutable_update_time());
    return *this;
  }
  Written& DeletePolicy(const std::string& hash = "") {
    HistoryEntry& entry = Add();
    auto* drop = entry.request.mutable_delete_resource_policy();
    if (!hash.empty()) drop->set_policy_hash_condition(hash);
    entry.response->mutable_delete_resource_policy();
    return *this;
  }
  // Names a resource in the last call, which is one on the policy.
  Written& Of(const std::string& arn) {
    v1::Request& request = history_.back().request;
    if (request.has_put_resource_policy()) {
      request.mutable_put_resource_policy()->set_resource_arn(arn);
    } else if (request.has_get_resource_policy()) {
      request.mutable_get_resource_policy()->set_resource_arn(arn);
    } else {
      request.mutable_delete_resource_policy()->set_resource_arn(arn);
    }
    return *this;
  }
  // Shows the policy, or that there is none when `text` is empty.
  Written& ListPolicies(const std::string& text, int64_t created = kMs,
                        int64_t updated = kMs) {
    HistoryEntry& entry = Add();
    entry.request.mutable_get_resource_policies();
    auto* page = entry.response->mutable_get_resource_policies();
    if (text.empty()) return *this;
    auto* shown = page->add_policies();
    shown->set_policy_in_json(text);
    shown->set_policy_hash("<" + text + ">");
    SetTime(created, shown->mutable_create_time());
    SetTime(updated, shown->mutable_update_time());
    return *this;
  }
  Written& PutKey(const std::string& key) {
    HistoryEntry& entry = Add();
    FillKey(key, entry.request.mutable_put_data_catalog_encryption_settings()
                     ->mutable_data_catalog_encryption_settings());
    entry.response->mutable_put_data_catalog_encryption_settings();
    return *this;
  }
  Written& GetKey(const std::string& key) {
    HistoryEntry& entry = Add();
    entry.request.mutable_get_data_catalog_encryption_settings();
    auto* shown = entry.response->mutable_get_data_catalog_encryption_settings()
                      ->mutable_data_catalog_encryption_settings();
    shown->mutable_encryption_at_rest()->set_catalog_encryption_mode(
        v1::CATALOG_ENCRYPTION_MODE_DISABLED);
    shown->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(false);
    if (!key.empty()) FillKey(key, shown);
    return *this;
  }
  Written& Create(const std::string& name, int64_t created = kMs) {
    HistoryEntry& entry = Add();
    auto* create = entry.request.mutable_create_security_configuration();
    create->set_name(name);
    create->mutable_encryption_configuration();
    auto* answer = entry.response->mutable_create_security_configuration();
    answer->set_name(name);
    SetTime(created, answer->mutable_created_timestamp());
    return *this;
  }
  Written& Delete(const std::string& name) {
    HistoryEntry& entry = Add();
    entry.request.mutable_delete_security_configuration()->set_name(name);
    entry.response->mutable_delete_security_configuration();
    return *this;
  }
  Written& Get(const std::string& name, int64_t created = kMs) {
    HistoryEntry& entry = Add();
    entry.request.mutable_get_security_configuration()->set_name(name);
    Fill(name, created,
         entry.response->mutable_get_security_configuration()
             ->mutable_security_configuration());
    return *this;
  }
  Written& List(const std::vector<std::string>& names, int size = 0,
                const std::string& token = "",
                const std::string& next_token = "") {
    HistoryEntry& entry = Add();
    auto* list = entry.request.mutable_get_security_configurations();
    if (size > 0) list->set_max_results(size);
    if (!token.empty()) list->set_next_token(token);
    auto* page = entry.response->mutable_get_security_configurations();
    for (const std::string& name : names) {
      Fill(name, kMs, page->add_security_configurations());
    }
    if (!next_token.empty()) page->set_next_token(next_token);
    return *this;
  }

  const History& history() const { return history_; }

 private:
  HistoryEntry& Add() {
    HistoryEntry entry;
    entry.client = static_cast<int>(history_.size());
    entry.caller = {"111111111111", "us-east-1", ""};
    entry.start = 1000 + 10 * history_.size();
    entry.end = entry.start + 5;
    entry.response.emplace();
    history_.push_back(std::move(entry));
    return history_.back();
  }
  static void FillKey(const std::string& key,
                      v1::DataCatalogEncryptionSettings* settings) {
    auto* rest = settings->mutable_encryption_at_rest();
    rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    rest->set_sse_aws_kms_key_id(key);
  }
  static void Fill(const std::string& name, int64_t created,
                   v1::SecurityConfiguration* configuration) {
    configuration->set_name(name);
    configuration->mutable_encryption_configuration();
    SetTime(created, configuration->mutable_created_time_stamp());
  }

  History history_;
};

LinearizabilityResult Check(const Written& written,
                            const LinearizabilityOptions& options = {}) {
  return CheckLinearizable(written.history(), options);
}

void ExpectLegal(const Written& written,
                 const LinearizabilityOptions& options = {}) {
  const LinearizabilityResult result = Check(written, options);
  EXPECT_EQ(result.verdict, Verdict::kOk)
      << FormatHistory(written.history()) << result.explanation;
  EXPECT_EQ(result.explanation, "");
  EXPECT_FALSE(result.violation.has_value());
}

// Expects that the history is illegal from the answer of `last_answer` on.
LinearizabilityResult ExpectIllegal(
    const Written& written, size_t last_answer,
    const LinearizabilityOptions& options = {}) {
  LinearizabilityResult result = Check(written, options);
  EXPECT_EQ(result.verdict, Verdict::kIllegal)
      << FormatHistory(written.history());
  if (!result.violation.has_value()) {
    ADD_FAILURE() << "no violation";
    return result;
  }
  EXPECT_EQ(result.violation->last_answer, last_answer) << result.explanation;
  return result;
}

// ---------------------------------------------------------------------------
// Policies

TEST(LinearizabilityTest, NoCallsAreLegal) { ExpectLegal(Written()); }

TEST(LinearizabilityTest, AStaleReadIsIllegal) {
  ExpectIllegal(Written().PutPolicy("{}").PutPolicy("{ }").GetPolicy("{}"), 2);
  ExpectIllegal(Written().PutPolicy("{}").GetPolicy("{}").Fails(
                    v1::ERROR_CODE_ENTITY_NOT_FOUND),
                1);
}

TEST(LinearizabilityTest, AReadBesideTheWriteMaySeeEither) {
  ExpectLegal(Written()
                  .PutPolicy("{}")
                  .PutPolicy("{ }")
                  .At(2000, 2010)
                  .GetPolicy("{}")
                  .At(2001, 2009));
  ExpectLegal(Written()
                  .PutPolicy("{}")
                  .PutPolicy("{ }")
                  .At(2000, 2010)
                  .GetPolicy("{ }")
                  .At(2001, 2009));
}

TEST(LinearizabilityTest, ReadsBesideTheWriteMustNotGoBack) {
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .PutPolicy("{ }")
                    .At(2000, 2010)
                    .GetPolicy("{ }")
                    .At(2001, 2002)
                    .GetPolicy("{}")
                    .At(2003, 2004),
                3);
}

TEST(LinearizabilityTest, ALostUpdateIsIllegal) {
  // Both puts replaced the same policy by its hash.
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .PutPolicy("{ }", "<{}>")
                    .At(2000, 2010)
                    .PutPolicy("{  }", "<{}>")
                    .At(2001, 2011),
                2);
  // One of the puts failed.
  ExpectLegal(Written()
                  .PutPolicy("{}")
                  .PutPolicy("{ }", "<{}>")
                  .At(2000, 2010)
                  .PutPolicy("{  }", "<{}>")
                  .Fails(v1::ERROR_CODE_CONDITION_CHECK_FAILURE)
                  .At(2001, 2011));
}

TEST(LinearizabilityTest, AConditionThatHeldMustNotBeRefused) {
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .PutPolicy("{ }", "<{}>")
                    .Fails(v1::ERROR_CODE_CONDITION_CHECK_FAILURE),
                1);
  ExpectIllegal(Written().PutPolicy("{}").PutPolicy("{ }", "stale"), 1);
  ExpectIllegal(Written().PutPolicy("{}").DeletePolicy("stale"), 1);
  ExpectIllegal(
      Written().PutPolicy("{}", "", v1::POLICY_EXISTS_CONDITION_MUST_EXIST), 0);
  ExpectIllegal(Written().PutPolicy("{}").PutPolicy(
                    "{ }", "", v1::POLICY_EXISTS_CONDITION_NOT_EXIST),
                1);
}

TEST(LinearizabilityTest, TwoDeletesOfOnePolicyAreIllegal) {
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .DeletePolicy()
                    .At(2000, 2010)
                    .DeletePolicy()
                    .At(2001, 2011),
                2);
}

TEST(LinearizabilityTest, HashesAreLearned_OneForEachText) {
  Written two_hashes;
  two_hashes.PutPolicy("{}").PutPolicy("{}");
  History history = two_hashes.history();
  history[1].response->mutable_put_resource_policy()->set_policy_hash("other");
  LinearizabilityResult result = CheckLinearizable(history, {});
  EXPECT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_THAT(result.explanation, HasSubstr("as for this text before"));

  history = two_hashes.PutPolicy("{ }").history();
  history[2].response->mutable_put_resource_policy()->set_policy_hash("<{}>");
  result = CheckLinearizable(history, {});
  EXPECT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_THAT(result.explanation, HasSubstr("belongs to another text"));
}

TEST(LinearizabilityTest, KnownHashesAreCompared) {
  LinearizabilityOptions options;
  options.policy_hash = [](const std::string& text) {
    return "<" + text + ">";
  };
  ExpectLegal(Written().PutPolicy("{}").GetPolicy("{}"), options);
  options.policy_hash = [](const std::string& text) {
    return "[" + text + "]";
  };
  ExpectIllegal(Written().PutPolicy("{}").GetPolicy("{}"), 0, options);
}

TEST(LinearizabilityTest, AConditionMayNameTheHashOfATextThatNobodySaw) {
  // "h" may be the hash of the lost put, but not of two different texts.
  ExpectLegal(Written().PutPolicy("{}").TimesOut().PutPolicy("{ }", "h"));
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .TimesOut()
                    .PutPolicy("{ }", "h")
                    .PutPolicy("{}")
                    .TimesOut()
                    .PutPolicy("{ }", "g"),
                3);
}

// ---------------------------------------------------------------------------
// What came after the contract

LinearizabilityOptions OptionsAt(absl::CivilDay date) {
  LinearizabilityOptions options;
  options.behavior.api_date = date;
  return options;
}

TEST(LinearizabilityTest, AListOfPoliciesIsARead) {
  const LinearizabilityOptions options = OptionsAt(kNewestApiDate);
  ExpectLegal(Written()
                  .ListPolicies("")
                  .PutPolicy("{}")
                  .ListPolicies("{}")
                  .GetPolicy("{}")
                  .DeletePolicy()
                  .ListPolicies(""),
              options);
  ExpectIllegal(Written().ListPolicies("{}"), 0, options);
  ExpectIllegal(Written().PutPolicy("{}").ListPolicies(""), 1, options);
  ExpectIllegal(Written().PutPolicy("{}").PutPolicy("{ }").ListPolicies("{}"),
                2, options);
  ExpectIllegal(Written().PutPolicy("{}").ListPolicies("{}").Fails(
                    v1::ERROR_CODE_ENTITY_NOT_FOUND),
                1, options);
  // Beside the write it may show either.
  for (const std::string text : {"", "{}"}) {
    ExpectLegal(Written()
                    .PutPolicy("{}")
                    .At(1000, 1010)
                    .ListPolicies(text)
                    .At(1001, 1009),
                options);
  }
}

TEST(LinearizabilityTest, AListShowsTheTimesAndTheHashOfThePolicy) {
  const LinearizabilityOptions options = OptionsAt(kNewestApiDate);
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .GetPolicy("{}", kMs, kMs)
                    .ListPolicies("{}", kMs, kMs + 1),
                2, options);
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .ListPolicies("{}", kMs, kMs)
                    .GetPolicy("{}", kMs + 1, kMs + 1),
                2, options);
  History history = Written().PutPolicy("{}").ListPolicies("{}").history();
  history[1]
      .response->mutable_get_resource_policies()
      ->mutable_policies(0)
      ->set_policy_hash("other");
  const LinearizabilityResult result = CheckLinearizable(history, options);
  EXPECT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_THAT(result.explanation, HasSubstr("as for this text before"));
}

TEST(LinearizabilityTest, AListOfPoliciesOfAnotherShapeIsIllegal) {
  const Written legal = Written().PutPolicy("{}").ListPolicies("{}");
  using Page = v1::GetResourcePoliciesResponse;
  struct Case {
    std::string expected;
    std::function<void(Page* page)> spoil;
  };
  const std::vector<Case> cases = {
      {"at most one policy",
       [](Page* page) { *page->add_policies() = page->policies(0); }},
      {"no more than one page", [](Page* page) { page->set_next_token("t"); }},
      {"no NextToken on the last page",
       [](Page* page) { page->set_next_token(""); }},
      {"a policy",
       [](Page* page) { page->mutable_policies(0)->clear_policy_in_json(); }},
      {"a hash",
       [](Page* page) { page->mutable_policies(0)->clear_policy_hash(); }},
      {"both times",
       [](Page* page) { page->mutable_policies(0)->clear_update_time(); }},
  };
  for (const Case& c : cases) {
    History history = legal.history();
    c.spoil(history[1].response->mutable_get_resource_policies());
    const LinearizabilityResult result =
        CheckLinearizable(history, OptionsAt(kNewestApiDate));
    EXPECT_EQ(result.verdict, Verdict::kIllegal) << c.expected;
    EXPECT_THAT(result.explanation, HasSubstr("expected " + c.expected));
  }
  LinearizabilityOptions observed;
  observed.behavior = Behavior::Current();
  EXPECT_THAT(Check(legal, observed).explanation,
              HasSubstr("an empty NextToken on the last page"));
}

TEST(LinearizabilityTest, AListBeforeItsDateMustBeRefused) {
  const LinearizabilityOptions before = OptionsAt(absl::CivilDay(2020, 7, 6));
  const LinearizabilityOptions since = OptionsAt(absl::CivilDay(2020, 7, 7));
  const Written answered = Written().ListPolicies("");
  ExpectIllegal(answered, 0, before);
  ExpectLegal(answered, since);
  const Written refused =
      Written().ListPolicies("").Fails(v1::ERROR_CODE_INVALID_INPUT);
  ExpectLegal(refused, before);
  ExpectIllegal(refused, 0, since);
}

TEST(LinearizabilityTest, AResourceArnIsJudgedByTheDate) {
  const std::string own = "arn:aws:glue:us-east-1:111111111111:catalog";
  const std::string other = "arn:aws:glue:us-east-1:111111111111:table/d/t";
  const LinearizabilityOptions before = OptionsAt(absl::CivilDay(2020, 7, 6));
  const LinearizabilityOptions since = OptionsAt(absl::CivilDay(2020, 7, 7));
  const auto calls = [](const std::string& arn) {
    return Written()
        .PutPolicy("{}")
        .Of(arn)
        .GetPolicy("{}")
        .Of(arn)
        .DeletePolicy()
        .Of(arn);
  };
  ExpectLegal(calls(own), before);
  ExpectLegal(calls(own), since);
  ExpectLegal(calls(other), before);
  ExpectIllegal(calls(other), 0, since);

  // Another resource has no policy and gets none, whatever the catalog has.
  const auto refused = [&other](v1::ErrorCode get_code) {
    return Written()
        .PutPolicy("{}")
        .PutPolicy("{ }")
        .Of(other)
        .Fails(v1::ERROR_CODE_INVALID_INPUT)
        .GetPolicy("{}")
        .Of(other)
        .Fails(get_code)
        .DeletePolicy()
        .Of(other)
        .Fails(v1::ERROR_CODE_INVALID_INPUT)
        .GetPolicy("{}");
  };
  ExpectLegal(refused(v1::ERROR_CODE_ENTITY_NOT_FOUND), since);
  ExpectIllegal(refused(v1::ERROR_CODE_INVALID_INPUT), 2, since);
  LinearizabilityOptions observed;
  observed.behavior = Behavior::Observed();
  EXPECT_THAT(Check(calls(own), observed).explanation,
              HasSubstr("InvalidInputException in every state"));
}

TEST(LinearizabilityTest, MembersThatAreNotInForceAreNotStored) {
  Written written = Written().Create("a").Get("a");
  History history = written.history();
  history[0]
      .request.mutable_create_security_configuration()
      ->mutable_encryption_configuration()
      ->mutable_data_quality_encryption();
  EXPECT_EQ(CheckLinearizable(history, OptionsAt(absl::CivilDay(2024, 12, 11)))
                .verdict,
            Verdict::kOk);
  const LinearizabilityOptions since = OptionsAt(absl::CivilDay(2024, 12, 12));
  EXPECT_EQ(CheckLinearizable(history, since).verdict, Verdict::kIllegal);
  history[1]
      .response->mutable_get_security_configuration()
      ->mutable_security_configuration()
      ->mutable_encryption_configuration()
      ->mutable_data_quality_encryption();
  EXPECT_EQ(CheckLinearizable(history, since).verdict, Verdict::kOk);
}

TEST(LinearizabilityTest, AReprintIsKnownWhereGrantsOfTheConsoleExist) {
  LinearizabilityOptions options = OptionsAt(kNewestApiDate);
  options.behavior.policy_checks = PolicyChecks::kJson;
  options.behavior.reprint_policies = true;
  options.behavior.console_grants_exist = true;
  History history = Written().PutPolicy("{}").GetPolicy("{ }").history();
  auto* put = history[0].request.mutable_put_resource_policy();
  history[0].response->mutable_put_resource_policy()->set_policy_hash("<{ }>");
  EXPECT_EQ(CheckLinearizable(history, options).verdict, Verdict::kIllegal);
  put->set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
  EXPECT_EQ(CheckLinearizable(history, options).verdict, Verdict::kOk);
}

// ---------------------------------------------------------------------------
// Times

TEST(LinearizabilityTest, CreateTimeStaysAndUpdateTimeNeverGoesBack) {
  ExpectLegal(Written()
                  .PutPolicy("{}")
                  .GetPolicy("{}", kMs, kMs)
                  .PutPolicy("{ }")
                  .GetPolicy("{ }", kMs, kMs + 5)
                  .DeletePolicy()
                  .PutPolicy("{}")
                  .GetPolicy("{}", kMs + 5, kMs + 5));
  // A policy that was never replaced has two equal times.
  ExpectIllegal(Written().PutPolicy("{}").GetPolicy("{}", kMs, kMs + 1), 1);
  ExpectIllegal(
      Written().PutPolicy("{}").GetPolicy("{}").PutPolicy("{ }").GetPolicy(
          "{ }", kMs + 1, kMs + 1),
      3);
  ExpectIllegal(
      Written().PutPolicy("{}").GetPolicy("{}").PutPolicy("{ }").GetPolicy(
          "{ }", kMs, kMs - 1),
      3);
  // A delete does not turn time back.
  ExpectIllegal(Written()
                    .PutPolicy("{}")
                    .GetPolicy("{}")
                    .DeletePolicy()
                    .PutPolicy("{}")
                    .GetPolicy("{}", kMs - 1, kMs - 1),
                4);
  // No put came between the two reads.
  ExpectIllegal(
      Written().PutPolicy("{}").PutPolicy("{ }").GetPolicy("{ }").GetPolicy(
          "{ }", kMs, kMs + 1),
      3);
}

TEST(LinearizabilityTest, TimesCanBeIgnored) {
  LinearizabilityOptions options;
  options.times = LinearizabilityOptions::Times::kIgnored;
  ExpectLegal(Written()
                  .PutPolicy("{}")
                  .GetPolicy("{}", kMs, kMs + 1)
                  .GetPolicy("{}", kMs + 2, kMs)
                  .Create("a", kMs)
                  .Get("a", kMs + 1),
              options);
}

TEST(LinearizabilityTest, UnderAClockThatStoodStillEveryTimeIsIts) {
  LinearizabilityOptions options;
  options.fixed_time = absl::FromUnixMillis(kMs);
  ExpectLegal(Written().PutPolicy("{}").GetPolicy("{}").Create("a").Get("a"),
              options);
  ExpectIllegal(Written().PutPolicy("{}").GetPolicy("{}", kMs + 1, kMs + 1), 1,
                options);
  ExpectIllegal(Written().Create("a", kMs + 1), 0, options);
}

TEST(LinearizabilityTest, AConfigurationKeepsTheTimeOfItsCreate) {
  ExpectLegal(Written().Create("a", kMs + 7).Get("a", kMs + 7));
  ExpectIllegal(Written().Create("a", kMs + 7).Get("a", kMs + 8), 1);
  // The first answer that shows a lost create fixes its time.
  ExpectLegal(
      Written().Create("a").TimesOut().Get("a", kMs + 9).Get("a", kMs + 9));
  ExpectIllegal(
      Written().Create("a").TimesOut().Get("a", kMs + 9).Get("a", kMs + 8), 2);
}

// ---------------------------------------------------------------------------
// Settings

TEST(LinearizabilityTest, SettingsNeverPutAreTheDefaults) {
  ExpectLegal(Written().GetKey("").PutKey("k").GetKey("k"));
  ExpectIllegal(Written().GetKey("k"), 0);
  ExpectIllegal(Written().PutKey("k").GetKey(""), 1);
}

TEST(LinearizabilityTest, OverlappingPutsHaveOneOrderForAllReaders) {
  Written written;
  written.PutKey("k").At(2000, 2010).PutKey("l").At(2001, 2011);
  written.GetKey("k").GetKey("l").At(2100, 2110);
  ExpectIllegal(written.GetKey("k").At(2200, 2210), 4);
}

// ---------------------------------------------------------------------------
// Configurations

TEST(LinearizabilityTest, OfTwoCreatesOfANameOneSucceeds) {
  ExpectLegal(Written()
                  .Create("a")
                  .At(2000, 2010)
                  .Create("a")
                  .Fails(v1::ERROR_CODE_ALREADY_EXISTS)
                  .At(2001, 2011));
  ExpectIllegal(Written().Create("a").At(2000, 2010).Create("a").At(2001, 2011),
                1);
  ExpectIllegal(Written().Create("a").Fails(v1::ERROR_CODE_ALREADY_EXISTS), 0);
}

TEST(LinearizabilityTest, ADeletedConfigurationIsGone) {
  ExpectIllegal(Written().Create("a").Delete("a").Get("a"), 2);
  ExpectIllegal(Written().Create("a").Delete("a").Delete("a"), 2);
  ExpectIllegal(Written().Delete("a"), 0);
}

TEST(LinearizabilityTest, APageShowsWhatExistedAllAlong) {
  ExpectLegal(Written().Create("a").Create("b").List({"a", "b"}));
  ExpectIllegal(Written().Create("a").Create("b").List({"b"}), 2);
  ExpectIllegal(Written().Create("a").Create("b").List({"b", "a"}), 2);
  ExpectIllegal(Written().Create("a").Delete("a").List({"a"}), 2);
}

TEST(LinearizabilityTest, APageIsOneInstant) {
  // "b" was created after "a" was deleted.
  Written written;
  written.Create("a").Delete("a").At(2000, 2001).Create("b").At(2002, 2003);
  ExpectIllegal(written.List({"a", "b"}).At(1999, 2100), 3);
}

TEST(LinearizabilityTest, ATokenMeansThePageAfterTheLastName) {
  Written written;
  written.Create("a").Create("b").Create("c").List({"a", "b"}, 2, "", "T");
  // Each page has an instant of its own: "b" may vanish between the pages, but
  // "c" must be shown.
  written.Delete("b");
  Written legal = written;
  ExpectLegal(legal.List({"c"}, 2, "T"));
  Written skips = written;
  ExpectIllegal(skips.List({}, 2, "T"), 5);
  Written repeats = written;
  ExpectIllegal(repeats.List({"a", "c"}, 2, "T"), 5);
  Written refuses = written;
  ExpectIllegal(refuses.List({}, 2, "T").Fails(v1::ERROR_CODE_INVALID_INPUT),
                5);
}

TEST(LinearizabilityTest, ATokenOfNobodyOrOfAnotherCatalogMustBeRefused) {
  ExpectLegal(
      Written().List({}, 1, "nobody's").Fails(v1::ERROR_CODE_INVALID_INPUT));
  ExpectIllegal(Written().List({}, 1, "nobody's"), 0);
  Written other;
  other.Create("a").Create("b").List({"a"}, 1, "", "T");
  ExpectIllegal(other.List({}, 1, "T").From("222222222222"), 3);
}

TEST(LinearizabilityTest, TheLastPageHasNoTokenAndTheOthersHaveOne) {
  ExpectIllegal(Written().Create("a").List({"a"}, 1, "", "T"), 1);
  ExpectIllegal(Written().Create("a").Create("b").List({"a"}, 1), 2);
}

TEST(LinearizabilityTest, TheNumberLimitCountsAllNames) {
  LinearizabilityOptions options;
  options.limits.security_configurations_max = 2;
  const auto limit = v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;
  ExpectLegal(Written().Create("a").Create("b").Create("c").Fails(limit),
              options);
  ExpectIllegal(Written().Create("a").Create("b").Create("c"), 2, options);
  ExpectIllegal(Written().Create("a").Create("c").Fails(limit), 1, options);
  ExpectLegal(Written().Create("a").Create("b").Delete("a").Create("c"),
              options);
  // An existing name takes precedence over the limit.
  ExpectIllegal(Written().Create("a").Create("b").Create("a").Fails(limit), 2,
                options);
}

TEST(LinearizabilityTest, NamesAreJudgedOneByOneWhereNothingCouplesThem) {
  Written written;
  written.Create("a").Create("b").Get("a");
  EXPECT_EQ(Check(written).partitions, 2u);
  EXPECT_EQ(Check(written.List({"a", "b"})).partitions, 1u);
}

// ---------------------------------------------------------------------------
// Open outcomes, and errors without effect

TEST(LinearizabilityTest, ALostWriteMayTakeEffectLaterOrNever) {
  const auto lost = [] { return Written().PutPolicy("{}").PutPolicy("{ }"); };
  for (const bool returns : {true, false}) {
    const auto lose = [returns](Written written) {
      return returns ? written.TimesOut() : written.NeverReturns();
    };
    ExpectLegal(lose(lost()).GetPolicy("{}"));
    ExpectLegal(lose(lost()).GetPolicy("{ }"));
    // A lost write may take effect long after its end.
    ExpectLegal(lose(lost()).GetPolicy("{}").GetPolicy("{ }"));
    // It takes effect at most once.
    ExpectIllegal(
        lose(lost()).GetPolicy("{ }").PutPolicy("{}").GetPolicy("{ }"), 4);
  }
}

TEST(LinearizabilityTest, ALostWriteTakesNoEffectBeforeItsStart) {
  ExpectIllegal(Written().PutKey("k").GetKey("l").PutKey("l").TimesOut(), 1);
}

TEST(LinearizabilityTest,
     ALostConditionalWriteAppliesOnlyWhereItsConditionHolds) {
  const auto start = [] {
    return Written()
        .PutPolicy("{}")
        .PutPolicy("{ }", "<{  }>")
        .TimesOut()
        .PutPolicy("{}");
  };
  ExpectIllegal(start().GetPolicy("{ }"), 3);
  ExpectLegal(start().PutPolicy("{  }").GetPolicy("{ }"));
}

TEST(LinearizabilityTest, AWriteThatWasRefusedByTheServiceHasNoEffect) {
  for (const auto code :
       {v1::ERROR_CODE_INTERNAL_SERVICE, v1::ERROR_CODE_ACCESS_DENIED,
        v1::ERROR_CODE_GLUE_ENCRYPTION}) {
    ExpectLegal(Written().PutKey("k").PutKey("l").Fails(code).GetKey("k"));
    ExpectIllegal(Written().PutKey("k").PutKey("l").Fails(code).GetKey("l"), 2);
  }
}

TEST(LinearizabilityTest, AWrongRequestMustBeRefusedInEveryState) {
  ExpectLegal(Written().Create("").Fails(v1::ERROR_CODE_INVALID_INPUT));
  const LinearizabilityResult result = ExpectIllegal(Written().Create(""), 0);
  EXPECT_THAT(result.explanation, HasSubstr("in every state"));
  ExpectIllegal(Written().Create("").Fails(v1::ERROR_CODE_ALREADY_EXISTS), 0);
  ExpectIllegal(Written().Create("a").Fails(v1::ERROR_CODE_INVALID_INPUT), 0);
}

TEST(LinearizabilityTest, WhatTheModelDoesNotKnowOfDocumentsIsBelieved) {
  const auto refused = [] {
    return Written().PutPolicy("{}").Fails(v1::ERROR_CODE_INVALID_INPUT);
  };
  ExpectLegal(refused());  // The default checks the grammar and more.
  LinearizabilityOptions options;
  options.behavior.policy_checks = PolicyChecks::kJson;
  ExpectIllegal(refused(), 0, options);
}

TEST(LinearizabilityTest, AResponseOfAnotherOperationIsIllegal) {
  History history = Written().PutKey("k").history();
  history[0].response->mutable_delete_resource_policy();
  EXPECT_EQ(CheckLinearizable(history, {}).verdict, Verdict::kIllegal);
  history[0].request.Clear();
  EXPECT_EQ(CheckLinearizable(history, {}).verdict, Verdict::kIllegal);
  history[0].response->mutable_error()->set_code(v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(CheckLinearizable(history, {}).verdict, Verdict::kOk);
}

TEST(LinearizabilityTest, WrongCallsUnderWayDoNotHideWhatElseIsWrong) {
  Written written;
  written.Delete("a").At(10, 100).List({}, 1, "nobody's").At(20, 30);
  written.Create("").At(11, 101);
  History history = written.history();
  history[0].request.Clear();
  const LinearizabilityResult result = CheckLinearizable(history, {});
  ASSERT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_EQ(result.violation->last_answer, 1u);
  history.pop_back();  // No name is left.
  EXPECT_EQ(CheckLinearizable(history, {}).verdict, Verdict::kIllegal);
}

// ---------------------------------------------------------------------------
// Explanations, shrinking, budget

TEST(LinearizabilityTest, AViolationIsExplainedWithoutWhatCanBeSpared) {
  Written written;
  written.PutKey("other").PutPolicy("{}").GetPolicy("{}").GetPolicy("{}");
  written.PutPolicy("{ }").GetPolicy("{ }").GetPolicy("{}").DeletePolicy();
  const LinearizabilityResult result = ExpectIllegal(written, 6);
  EXPECT_THAT(result.violation->calls, ElementsAre(1, 4, 6));
  EXPECT_EQ(result.violation->title, "111111111111/us-east-1 resource policy");
  ASSERT_FALSE(result.violation->orders.empty());
  const PartialOrder& order = result.violation->orders[0];
  EXPECT_THAT(order.calls, ElementsAre(1, 4));
  ASSERT_EQ(order.blocked.size(), 1u);
  EXPECT_EQ(order.blocked[0].call, 6u);
  EXPECT_EQ(
      result.explanation,
      "not linearizable: 111111111111/us-east-1 resource policy\nNo order of "
      "these calls explains their answers. The answer of #6 (>) shows it; "
      "calls under way at that time (?) may or may not have taken effect.\n  "
      "#1 client 1 [1010..1015] 111111111111/us-east-1 PutResourcePolicy "
      "\"{}\" -> ok hash \"<{}>\"\n  #4 client 4 [1040..1045] "
      "111111111111/us-east-1 PutResourcePolicy \"{ }\" -> ok hash \"<{ "
      "}>\"\n> #6 client 6 [1060..1065] 111111111111/us-east-1 "
      "GetResourcePolicy -> ok \"{}\" hash \"<{}>\"\nThe longest orders, and "
      "why they end:\n  #1 #4, then policy \"{ }\" hash \"<{ }>\"\n    #6 "
      "cannot be next: answered ok \"{}\" hash \"<{}>\", created at "
      "1700000000000 ms, updated at 1700000000000 ms; expected ok, showing "
      "policy \"{ }\" hash \"<{ }>\"\n");

  const TimelineMarks marks = MarksOf(*result.violation);
  EXPECT_THAT(marks.calls, ElementsAre(1, 4, 6));
  EXPECT_EQ(marks.illegal, 6u);
  EXPECT_EQ(marks.orders.size(), result.violation->orders.size());
}

TEST(LinearizabilityTest, WithoutShrinkingAllCallsOfThePartAreNamed) {
  LinearizabilityOptions options;
  options.shrink = false;
  const LinearizabilityResult result = Check(
      Written().PutPolicy("{}").GetPolicy("{ }").GetPolicy("{}"), options);
  ASSERT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_THAT(result.violation->calls, ElementsAre(0, 1, 2));
}

// Returns many concurrent writes and a read that none of them explains.
Written Hard(int writes) {
  Written written;
  for (int n = 0; n < writes; ++n) {
    written.PutKey(absl::StrCat("key-", n)).At(100 + n, 200 + n);
  }
  return written.GetKey("none of them").At(300, 301);
}

TEST(LinearizabilityTest, ASpentBudgetIsUnknown) {
  LinearizabilityOptions options;
  options.states_max = 100;
  const LinearizabilityResult result = Check(Hard(16), options);
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_THAT(result.explanation, HasSubstr("encryption settings, 17 calls"));
  EXPECT_EQ(result.states, 100u);
  EXPECT_FALSE(result.violation.has_value());

  options.states_max = 1'000'000;
  EXPECT_EQ(Check(Hard(8), options).verdict, Verdict::kIllegal);
  options.states_max = 0;
  EXPECT_EQ(Check(Written().PutKey("k"), options).verdict, Verdict::kUnknown);
}

// A clock that moves each time it is read.
class RunningClock : public Clock {
 public:
  absl::Time Now() override { return now_ += absl::Seconds(1); }

 private:
  absl::Time now_ = absl::UnixEpoch();
};

TEST(LinearizabilityTest, SpentTimeIsUnknown) {
  RunningClock clock;
  LinearizabilityOptions options;
  options.clock = &clock;
  options.time_max = absl::Seconds(3);
  const LinearizabilityResult result = Check(Hard(16), options);
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_LT(result.states, 5000u);
  options.time_max = absl::Hours(1);
  EXPECT_EQ(Check(Hard(6), options).verdict, Verdict::kIllegal);
}

TEST(LinearizabilityTest, AViolationBesideWhatIsTooHardIsStillFound) {
  LinearizabilityOptions options;
  options.states_max = 100;
  Written written = Hard(16);
  written.PutPolicy("{}").At(400, 401).GetPolicy("{ }").At(402, 403);
  ExpectIllegal(written, 18, options);
}

TEST(LinearizabilityTest, TooManyHashesToGuessIsUnknown) {
  Written written;
  for (int n = 0; n < 8; ++n) {
    written.PutPolicy(absl::StrCat("{", std::string(n, ' '), "}")).TimesOut();
    written.PutPolicy("[]", absl::StrCat("hash", n))
        .Fails(v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  }
  LinearizabilityOptions options;
  options.behavior.policy_checks = PolicyChecks::kNone;
  EXPECT_EQ(Check(written, options).verdict, Verdict::kUnknown);
}

TEST(LinearizabilityTest, ALongHistoryIsJudgedInAsManyStatesAsItHasWrites) {
  Written written;
  for (int n = 0; n < 2000; ++n) {
    const uint64_t at = 100 * n;
    const std::string key = absl::StrCat("key-", n);
    written.PutKey(key).At(at, at + 10).GetKey(key).At(at + 20, at + 60);
    written.GetKey(key).At(at + 30, at + 70);
  }
  const LinearizabilityResult result = Check(written);
  EXPECT_EQ(result.verdict, Verdict::kOk);
  EXPECT_LE(result.states, 2001u);
}

}  // namespace
}  // namespace glue_security
