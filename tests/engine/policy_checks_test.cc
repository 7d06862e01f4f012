// Tests what PutResourcePolicy requires of the document, level by level, in
// all presets (docs/reference/PutResourcePolicy.md), and the re-print
// (docs/decisions/reprint.md).

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/model/behavior.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"

namespace glue_security {
namespace {

// Returns a good policy with this Effect and Resource.
std::string Policy(const std::string& effect, const std::string& resource) {
  return absl::StrCat(R"({"Statement":{"Effect":")", effect,
                      R"(","Principal":"*","Action":"glue:*","Resource":")",
                      resource, "\"}}");
}

constexpr char kOwn[] = "arn:aws:glue:us-east-1:123456789012:*";

class PolicyChecksTest : public EngineTest,
                         public testing::WithParamInterface<bool> {
 protected:
  static EngineOptions Options(PolicyChecks checks) {
    EngineOptions options;
    if (GetParam()) options.behavior = Behavior::Observed();
    options.behavior.policy_checks = checks;
    return options;
  }

  // Returns the message with which the document is refused, and expects that
  // nothing has changed; "" when it is accepted.
  std::string Refusal(const std::string& text, const Caller& caller = kCaller) {
    const std::string before = Records();
    const absl::Status status = Put(text, caller).status();
    if (status.ok()) return "";
    EXPECT_EQ(ErrorCodeOf(status), v1::ERROR_CODE_INVALID_INPUT);
    EXPECT_EQ(Records(), before);
    return ErrorFromStatus(status)->message();
  }
};

TEST_P(PolicyChecksTest, TheDefault_IsGlue) {
  EXPECT_EQ(Behavior::Documented().policy_checks, PolicyChecks::kGlue);
  EXPECT_EQ(Behavior::Observed().policy_checks, PolicyChecks::kGlue);
}

TEST_P(PolicyChecksTest, EachLevel_AsksWhatTheOneBeforeItAsks) {
  struct Document {
    std::string text;
    // The lowest level that refuses the document.
    PolicyChecks refused_by;
  };
  const std::vector<Document> documents = {
      {"no json", PolicyChecks::kJson},
      {"[]", PolicyChecks::kJson},
      {"{}", PolicyChecks::kGrammar},
      {Policy("allow", kOwn), PolicyChecks::kGrammar},
      {absl::StrReplaceAll(
           Policy("Allow", kOwn),
           {{R"("Principal":"*")",
             R"("Principal":{"AWS":"arn:aws:iam::123456789012:group/a"})"}}),
       PolicyChecks::kGrammar},
      {Policy("Allow", "*"), PolicyChecks::kGlue},
      {Policy("Allow", "arn:aws:glue:us-east-1:210987654321:*"),
       PolicyChecks::kGlue},
  };
  for (const PolicyChecks checks :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    Restart(Options(checks));
    for (const Document& document : documents) {
      EXPECT_EQ(!Refusal(document.text).empty(), checks >= document.refused_by)
          << document.text;
    }
    EXPECT_EQ(Refusal(Policy("Allow", kOwn)), "");
  }
}

TEST_P(PolicyChecksTest, TheMessage_TellsRuleAndPlaceOfTheFirstFindings) {
  Restart(Options(PolicyChecks::kGlue));
  EXPECT_EQ(Refusal("{\"a\":\n tru}"),
            "the policy document is not a JSON object: at byte 7, a literal "
            "must be true, false or null, in lower case");
  EXPECT_EQ(
      Refusal(Policy("allow", kOwn)),
      "the policy document breaks 1 rule: INVALID_EFFECT at line 1, column 24: "
      "Effect must be \"Allow\" or \"Deny\", in exactly this case");
  EXPECT_EQ(
      Refusal("{\"Version\":\"1\",\n\"Id\":1,\n\"x\":1,\n\"Statement\":[]}"),
      "the policy document breaks 4 rules: INVALID_VERSION at line 1, column "
      "12: Version must be \"2012-10-17\" or \"2008-10-17\"; "
      "DATA_TYPE_MISMATCH at line 2, column 6: Id must be a string; "
      "INVALID_POLICY_ELEMENT at line 3, column 1: a policy has no such "
      "element; its elements are Version, Id and Statement; and so on");
}

TEST_P(PolicyChecksTest, TheMessage_CountsNoMoreFindingsThanAreReported) {
  Restart(Options(PolicyChecks::kGlue));
  const auto start_of_refusal = [&](size_t findings) {
    std::string policy = "{";
    for (size_t i = 0; i < findings; ++i) policy += "\"\":0,";
    policy += Policy("Allow", kOwn).substr(1);
    const std::string refusal = Refusal(policy);
    return refusal.substr(0, refusal.find(':'));
  };
  EXPECT_EQ(start_of_refusal(999), "the policy document breaks 999 rules");
  for (const size_t findings : {1000, 1001, 1900}) {
    EXPECT_EQ(start_of_refusal(findings),
              "the policy document breaks at least 1000 rules");
  }
}

TEST_P(PolicyChecksTest, TheCatalog_IsThatOfTheCaller) {
  Restart(Options(PolicyChecks::kGlue));
  EXPECT_EQ(Refusal(Policy("Allow", kOwn)), "");
  EXPECT_NE(Refusal(Policy("Allow", kOwn), kOtherAccount), "");
  EXPECT_NE(Refusal(Policy("Allow", kOwn), kOtherRegion), "");
  EXPECT_EQ(Refusal(Policy("Allow", "arn:aws:glue:us-west-2:123456789012:*"),
                    kOtherRegion),
            "");
}

TEST_P(PolicyChecksTest, APolicyThatLocksItsAuthorOut_IsRefused) {
  Restart(Options(PolicyChecks::kGlue));
  Caller alice = kCaller;
  alice.principal_arn = "arn:aws:iam::123456789012:user/alice";
  EXPECT_EQ(Refusal(Policy("Deny", kOwn), alice),
            "the policy document breaks 1 rule: POLICY_LOCKS_OUT_CALLER at "
            "line 1, column 14: the statement denies glue:PutResourcePolicy to "
            "the caller, who could then not change the policy again; exempt "
            "the caller, for example with a Condition on \"aws:PrincipalArn\"");
  // The caller is not known.
  EXPECT_EQ(Refusal(Policy("Deny", kOwn)), "");
}

TEST_P(PolicyChecksTest, WhoDoesNotExist_IsAskedOfTheHook) {
  EngineOptions options = Options(PolicyChecks::kGlue);
  std::vector<std::string> asked;
  options.principal_exists = [&asked](absl::string_view who) {
    asked.emplace_back(who.data(), who.size());
    return who == "123456789012";
  };
  Restart(options);
  const auto policy = [](const char* principals) {
    return absl::StrCat(R"({"Statement":{"Effect":"Allow","Principal":{"AWS":)",
                        principals, R"(},"Action":"*","Resource":")", kOwn,
                        "\"}}");
  };
  EXPECT_EQ(Refusal(policy(R"(["123456789012","*"])")), "");
  EXPECT_EQ(Refusal(policy(R"("arn:aws:iam::123456789012:user/ghost")")),
            "the policy document breaks 1 rule: NONEXISTENT_PRINCIPAL at line "
            "1, column 51: there is no such principal; name one that exists");
  EXPECT_EQ(asked,
            (std::vector<std::string>{"123456789012",
                                      "arn:aws:iam::123456789012:user/ghost"}));
}

TEST_P(PolicyChecksTest, TheStoredText_IsThePutOneOrItsReprint) {
  const std::string text = Policy("Allow", kOwn);
  const std::string reprint = absl::StrCat(
      "{\n  \"Statement\" : {\n    \"Effect\" : \"Allow\",\n"
      "    \"Principal\" : \"*\",\n    \"Action\" : \"glue:*\",\n"
      "    \"Resource\" : \"",
      kOwn, "\"\n  }\n}");
  for (const PolicyChecks checks :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    Restart(Options(checks));
    const auto put = Put(text);
    ASSERT_EQ(put.status(), absl::OkStatus());
    const auto got = engine_->GetResourcePolicy(kCaller, {});
    ASSERT_EQ(got.status(), absl::OkStatus());
    const bool reprints = GetParam() && checks != PolicyChecks::kNone;
    EXPECT_EQ(got->policy_in_json(), reprints ? reprint : text);
    // The hash is that of the text that Get returns.
    EXPECT_EQ(got->policy_hash(),
              PolicyHasher::Default()->Hash(got->policy_in_json()));
    EXPECT_EQ(got->policy_hash(), put->policy_hash());
    // The text from Get can be put again under its own hash, and stays
    // unchanged.
    v1::PutResourcePolicyRequest again;
    again.set_policy_in_json(got->policy_in_json());
    again.set_policy_hash_condition(got->policy_hash());
    const auto replaced = engine_->PutResourcePolicy(kCaller, again);
    ASSERT_EQ(replaced.status(), absl::OkStatus());
    EXPECT_EQ(replaced->policy_hash(), got->policy_hash());
  }
}

// A re-print may be longer than the 10240 bytes that bound a request
// (docs/reference/GetResourcePolicy.md).
TEST_P(PolicyChecksTest, TheReprint_MayBeLongerThanARequestMayBe) {
  Restart(Options(PolicyChecks::kJson));
  std::string text = "{\"a\":[";
  while (text.size() < 10'000) text += "[],";
  text += "[]]}";
  ASSERT_EQ(Put(text).status(), absl::OkStatus());
  const auto got = engine_->GetResourcePolicy(kCaller, {});
  ASSERT_EQ(got.status(), absl::OkStatus());
  EXPECT_EQ(got->policy_in_json().size() > 10'240, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Presets, PolicyChecksTest, testing::Bool());

}  // namespace
}  // namespace glue_security
