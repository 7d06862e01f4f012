// document: the rules of PutResourcePolicy for the policy document, level by
// level.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/model/setting.h"
#include "glue_security/model/text_value.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/sample_documents.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

struct Document {
  std::string id;
  std::string says;
  // The first level that refuses it; kNone: every level accepts it.
  PolicyChecks refused_at;
  std::string text;
};

// Returns a statement that every level accepts, with parts replaced.
std::string Statement(
    const std::vector<std::pair<absl::string_view, absl::string_view>>&
        replaced) {
  return absl::StrReplaceAll(
      R"({"Statement":[{"Effect":"Allow",)"
      R"("Principal":{"AWS":"arn:aws:iam::210987654321:root"},)"
      R"("Action":"glue:GetTable",)"
      R"("Resource":"arn:aws:glue:us-east-1:123456789012:*"}]})",
      std::move(replaced));
}

constexpr char kPrincipal[] =
    R"("Principal":{"AWS":"arn:aws:iam::210987654321:root"})";
constexpr char kAction[] = R"("Action":"glue:GetTable")";
constexpr char kResource[] =
    R"("Resource":"arn:aws:glue:us-east-1:123456789012:*")";
constexpr char kStar[] = "us-east-1:123456789012:*";
constexpr char kRoot[] = "arn:aws:iam::210987654321:root";

std::vector<Document> JsonDocuments() {
  constexpr auto kJson = PolicyChecks::kJson;
  constexpr auto kGrammar = PolicyChecks::kGrammar;
  return {
      {"no_json", "a JSON object", kJson, "not json"},
      {"empty_text", "a JSON object", kJson, "  "},
      {"list", "a JSON object", kJson, "[{}]"},
      {"string", "a JSON object", kJson, R"("{}")"},
      {"trailing_text", "trailing text is refused", kJson, "{} x"},
      {"trailing_comma", "a JSON object", kJson, R"({"Id":"a",})"},
      {"unclosed", "a JSON object", kJson, R"({"Id":"a")"},
      {"single_quotes", "a JSON object", kJson, "{'Id':'a'}"},
      {"comment", "a JSON object", kJson, "{/* none */}"},
      {"control_character", "a JSON object", kJson, "{\"Id\":\"a\nb\"}"},
      {"lone_surrogate_escape", "a JSON object", kJson, R"({"Id":"\ud800"})"},
      {"empty_object", "Statement is needed", kGrammar, "{}"},
      {"unknown_key", "unknown keys are refused", kGrammar,
       Statement({{R"("Effect")", R"("Extra":1,"Effect")"}})},
      {"duplicate_key", "duplicate keys are refused", kGrammar,
       Statement({{R"("Effect")", R"("Effect":"Deny","Effect")"}})},
      {"wrong_type", "wrong types are refused", kGrammar,
       Statement({{R"("Allow")", "true"}})},
  };
}

std::vector<Document> GrammarDocuments() {
  constexpr auto kGrammar = PolicyChecks::kGrammar;
  constexpr auto kAll = PolicyChecks::kNone;
  const std::string not_principal =
      absl::StrReplaceAll(kPrincipal, {{"Principal", "NotPrincipal"}});
  return {
      {"empty_statement_list", "Statement: one or a non-empty list", kGrammar,
       R"({"Statement":[]})"},
      {"one_statement", "Statement: one or a non-empty list", kAll,
       Statement({{"[", ""}, {"]", ""}})},
      {"version_2008", "Version: 2012-10-17 or 2008-10-17", kAll,
       Statement(
           {{R"("Statement")", R"("Version":"2008-10-17","Statement")"}})},
      {"version_2020", "Version: 2012-10-17 or 2008-10-17", kGrammar,
       Statement(
           {{R"("Statement")", R"("Version":"2020-01-01","Statement")"}})},
      {"effect_in_other_case", "Effect: Allow or Deny, exact case", kGrammar,
       Statement({{"Allow", "allow"}})},
      {"no_effect", "Effect is needed", kGrammar,
       Statement({{R"("Effect":"Allow",)", ""}})},
      {"action_and_not_action", "exactly one of Action and NotAction", kGrammar,
       Statement({{kAction, R"("Action":"glue:*","NotAction":"glue:Get*")"}})},
      {"no_action", "exactly one of Action and NotAction", kGrammar,
       Statement({{absl::StrCat(kAction, ","), ""}})},
      {"not_action", "exactly one of Action and NotAction", kAll,
       Statement({{kAction, R"("NotAction":["glue:Put*"])"}})},
      {"no_resource", "exactly one of Resource and NotResource", kGrammar,
       Statement({{absl::StrCat(",", kResource), ""}})},
      {"not_principal_with_allow", "NotPrincipal with Deny only", kGrammar,
       Statement({{kPrincipal, not_principal}})},
      {"not_principal_with_deny", "NotPrincipal with Deny only", kAll,
       Statement({{kPrincipal, not_principal}, {"Allow", "Deny"}})},
      {"no_principal", "exactly one of Principal and NotPrincipal", kGrammar,
       Statement({{absl::StrCat(kPrincipal, ","), ""}})},
      {"everyone", R"(Principal: "*")", kAll,
       Statement({{kPrincipal, R"("Principal":"*")"}})},
      {"principal_wildcard_inside", "no wildcard inside a principal", kGrammar,
       Statement({{kRoot, "arn:aws:iam::210987654321:user/*"}})},
      {"account_id_principal", "AWS: 12 digits", kAll,
       Statement({{kRoot, "210987654321"}})},
      {"action_without_vendor", "Action: * or vendor:Name", kGrammar,
       Statement({{"glue:GetTable", "GetTable"}})},
      {"vendor_with_wildcard", "the vendor holds no wildcard", kGrammar,
       Statement({{"glue:GetTable", "gl?e:GetTable"}})},
      {"any_vendor", "the vendor holds no wildcard", kGrammar,
       Statement({{kAction, R"("NotAction":"*:*")"}})},
      {"any_action", "Action: *", kAll, Statement({{"glue:GetTable", "*"}})},
      {"same_sid_twice", "Sid is unique unless empty", kGrammar,
       Statement(
           {{"[{", R"([{"Sid":"a",)"},
            {"}]}", absl::StrCat(R"(},{"Sid":"a","Effect":"Deny",)", kPrincipal,
                                 ",", kAction, ",", kResource, "}]}")}})},
      {"condition", "Condition: operator, key, values", kAll,
       Statement({{kAction,
                   absl::StrCat(kAction, R"(,"Condition":{"StringLike":)"
                                         R"({"aws:username":["a*","b"]}})")}})},
      {"unknown_operator", "every IAM operator", kGrammar,
       Statement(
           {{kAction, absl::StrCat(kAction, R"(,"Condition":{"StringIs":)"
                                            R"({"aws:username":"a"}})")}})},
      {"null_if_exists", "NullIfExists is refused", kGrammar,
       Statement(
           {{kAction, absl::StrCat(kAction, R"(,"Condition":{"NullIfExists":)"
                                            R"({"aws:username":"true"}})")}})},
  };
}

// Returns the statement with a Date condition on `value`, a JSON value.
std::string DatedStatement(absl::string_view value) {
  return Statement({{kAction, absl::StrCat(kAction,
                                           R"(,"Condition":{"DateLessThan":)"
                                           R"({"aws:CurrentTime":)",
                                           value, "}}")}});
}

std::vector<Document> DatedDocuments() {
  constexpr auto kAll = PolicyChecks::kNone;
  return {
      {"date_that_is_none", "a date that is none in any form is refused",
       PolicyChecks::kGrammar, DatedStatement(R"("tomorrow")")},
      {"date_with_zone", "ISO 8601 forms with a zone", kAll,
       DatedStatement(R"("2026-01-31T10:00:00Z")")},
      {"date_without_zone", "a time without a zone", kAll,
       DatedStatement(R"("2026-01-31T10:00:00")")},
      {"date_in_seconds", "epoch seconds", kAll,
       DatedStatement(R"("1769853600")")},
  };
}

std::vector<Document> GlueDocuments() {
  constexpr auto kGlue = PolicyChecks::kGlue;
  constexpr auto kAll = PolicyChecks::kNone;
  const auto resource = [](absl::string_view arn) {
    return Statement({{absl::StrCat("arn:aws:glue:", kStar), arn}});
  };
  return {
      {"bare_star_resource", "a bare * does not pass", kGlue, resource("*")},
      {"resource_of_other_account", "the catalog's own account", kGlue,
       resource("arn:aws:glue:us-east-1:210987654321:*")},
      {"resource_of_other_region", "the catalog's own region", kGlue,
       resource("arn:aws:glue:eu-west-1:123456789012:*")},
      {"resource_of_any_region", "no wildcard in region and account", kGlue,
       resource("arn:aws:glue:*:123456789012:*")},
      {"resource_of_any_account", "no wildcard in region and account", kGlue,
       resource("arn:aws:glue:us-east-1:*:*")},
      {"resource_of_other_service", "a resource of Glue", kGlue,
       resource("arn:aws:s3:us-east-1:123456789012:x")},
      {"database_resource", "database/default passes", kAll,
       resource("arn:aws:glue:us-east-1:123456789012:database/default")},
      {"one_bad_resource_of_two", "every Resource", kGlue,
       Statement({{kResource, absl::StrCat(R"("Resource":["arn:aws:glue:)",
                                           kStar, R"(","*"])")}})},
      {"not_resource", "every Resource and NotResource", kGlue,
       Statement({{kResource, R"("NotResource":"*")"}})},
      {"federated_principal", "only AWS and Service kinds", kGlue,
       Statement({{R"("AWS":"arn:aws:iam::210987654321:root")",
                   R"("Federated":"cognito-identity.amazonaws.com")"}})},
      {"service_principal", "AWS and Service kinds", kAll,
       Statement({{R"("AWS":"arn:aws:iam::210987654321:root")",
                   R"("Service":"glue.amazonaws.com")"}})},
      {"impossible_user_name", "user names match [A-Za-z0-9_+=,.@-]{1,64}",
       kGlue, Statement({{kRoot, "arn:aws:iam::210987654321:user/(none)"}})},
      {"user", "root users, users or roles", kAll,
       Statement({{kRoot, "arn:aws:iam::210987654321:user/alice"}})},
      {"role", "root users, users or roles", kAll,
       Statement({{kRoot, "arn:aws:iam::210987654321:role/path/reader"}})},
  };
}

// Expects that the document is refused at its level and accepted at the level
// before; or accepted at the last level.
void AddDocument(CheckGroup& group, const Document& document,
                 const Caller& caller = Home()) {
  const std::string text = document.text;
  const auto take = [text, caller](CheckContext& check) {
    check.Ok(PutPolicy(text), caller);
    check.Ok(GetPolicy(), caller);
  };
  if (document.refused_at == PolicyChecks::kNone) {
    group.Add(document.id + ".taken_at_glue", document.says, take,
              At(PolicyChecks::kGlue));
    return;
  }
  const auto refuse = [text, caller](CheckContext& check) {
    check.Fails(PutPolicy(text), v1::ERROR_CODE_INVALID_INPUT, caller);
  };
  const auto before =
      static_cast<PolicyChecks>(static_cast<int>(document.refused_at) - 1);
  group.Add(absl::StrCat(document.id, ".refused_at_",
                         WordOf(document.refused_at, kPolicyChecksNames)),
            document.says, refuse, At(document.refused_at));
  group.Add(absl::StrCat(document.id, ".taken_at_",
                         WordOf(before, kPolicyChecksNames)),
            "each level includes the checks of the one before it, and none of "
            "the next",
            take, At(before));
}

// Adds the checks of a region whose partition is not aws.
void AddPartition(CheckGroup& group, const std::string& name,
                  const std::string& region, const std::string& partition) {
  const Caller caller{"123456789012", region, ""};
  const auto text = [region](const std::string& of_principal,
                             const std::string& of_resource) {
    return Statement(
        {{"arn:aws:iam:", absl::StrCat("arn:", of_principal, ":iam:")},
         {"arn:aws:glue:us-east-1",
          absl::StrCat("arn:", of_resource, ":glue:", region)}});
  };
  constexpr char kSays[] = "every ARN has the catalog's partition";
  group.Add(
      name + ".own_partition", kSays,
      [=](CheckContext& check) {
        check.Ok(PutPolicy(text(partition, partition)), caller);
      },
      At(PolicyChecks::kGlue));
  group.Add(
      name + ".resource_in_aws", kSays,
      [=](CheckContext& check) {
        check.Fails(PutPolicy(text(partition, "aws")), kInvalid, caller);
      },
      At(PolicyChecks::kGlue));
  group.Add(
      name + ".principal_in_aws", kSays,
      [=](CheckContext& check) {
        check.Fails(PutPolicy(text("aws", partition)), kInvalid, caller);
      },
      At(PolicyChecks::kGlue));
}

// Returns a statement that denies `principal`, a JSON value, an action.
std::string Denial(absl::string_view principal, absl::string_view action,
                   absl::string_view condition = "") {
  return Statement(
      {{"Allow", "Deny"},
       {R"({"AWS":"arn:aws:iam::210987654321:root"})", principal},
       {kAction, absl::StrCat(R"("Action":")", action, R"(")", condition)}});
}

// A policy is refused only when it certainly locks out its author.
void AddLockOuts(CheckGroup& group) {
  struct LockOut {
    const char* id;
    const char* says;
    bool refused;
    const char* caller;
    std::string text;
  };
  constexpr char kAlice[] = "arn:aws:iam::123456789012:user/alice";
  constexpr char kSession[] =
      "arn:aws:sts::123456789012:assumed-role/reader/session";
  constexpr char kAsAlice[] =
      R"({"AWS":"arn:aws:iam::123456789012:user/alice"})";
  constexpr char kPut[] = "glue:PutResourcePolicy";
  const LockOut lock_outs[] = {
      {"delete_denied", "deletion counts, too", true, kAlice,
       Denial(kAsAlice, "glue:DeleteResourcePolicy")},
      {"unknown_key", "all context keys but those of the caller are unknown",
       false, kAlice,
       Denial(kAsAlice, kPut,
              R"(,"Condition":{"StringNotEqualsIfExists":)"
              R"({"aws:PrincipalOrgID":"o-1"}})")},
      {"certain_condition", "refused when the document certainly denies", true,
       kAlice,
       Denial("\"*\"", kPut,
              R"(,"Condition":{"StringEquals":{"aws:PrincipalArn":)"
              R"("arn:aws:iam::123456789012:user/alice"}})")},
      {"role_of_session",
       "a principal entry of the account and the role's name is the caller's "
       "role",
       true, kSession,
       Denial(R"({"AWS":"arn:aws:iam::123456789012:role/path/reader"})", kPut)},
      {"unknown_path", "a session's ARN does not tell its role's path", false,
       kSession,
       Denial("\"*\"", kPut,
              R"(,"Condition":{"StringEquals":{"aws:PrincipalArn":)"
              R"("arn:aws:iam::123456789012:role/path/reader"}})")},
  };
  for (const LockOut& lock_out : lock_outs) {
    Caller caller = Home();
    caller.principal_arn = lock_out.caller;
    group.Add(
        absl::StrCat("lock_out.", lock_out.id), lock_out.says,
        [text = lock_out.text, refused = lock_out.refused,
         caller](CheckContext& check) {
          if (refused) {
            check.Fails(PutPolicy(text), kInvalid, caller);
          } else {
            check.Ok(PutPolicy(text), caller);
          }
        },
        NeedsPrincipals(At(PolicyChecks::kGlue)));
  }
}

void AddSamples(Checks* checks) {
  CheckGroup group(checks, "document.guide",
                   "docs/reference/policy_findings.md");
  for (const SampleDocument& sample : SampleDocuments()) {
    const Caller caller{"123456789012", sample.region, ""};
    const std::string text = sample.text;
    group.Add(
        sample.name, sample.why,
        [text, caller, accepted = sample.accepted](CheckContext& check) {
          if (!accepted) {
            check.Fails(PutPolicy(text), kInvalid, caller);
            return;
          }
          check.Ok(PutPolicy(text), caller);
          check.Ok(GetPolicy(), caller);
        },
        At(PolicyChecks::kGlue));
  }
}

}  // namespace

void AddDocumentChecks(Checks* checks) {
  AddSamples(checks);
  CheckGroup group(checks, "document", "docs/reference/policy_findings.md");
  for (const Document& document : JsonDocuments()) AddDocument(group, document);
  for (const Document& document : GrammarDocuments()) {
    AddDocument(group, document);
  }
  for (const Document& document : DatedDocuments()) {
    AddDocument(group, document);
  }
  for (const Document& document : GlueDocuments()) AddDocument(group, document);
  AddPartition(group, "china", "cn-north-1", "aws-cn");
  AddPartition(group, "government", "us-gov-west-1", "aws-us-gov");
  AddLockOuts(group);

  BackendNeeds depth = At(PolicyChecks::kJson);
  depth.limits = true;
  group.Add(
      "depth", "nested no deeper than Limits::policy_depth_max",
      [](CheckContext& check) {
        check.limits().policy_depth_max = 4;
        check.Ok(PutPolicy(R"({"a":[[[1]]]})"));
        check.Fails(PutPolicy(R"({"a":[[[[1]]]]})"), kInvalid);
      },
      depth);
  group.Add(
      "lock_out",
      "refused when the caller's ARN is known and the new document "
      "explicitly denies it PutResourcePolicy",
      [](CheckContext& check) {
        Caller alice = Home();
        alice.principal_arn = "arn:aws:iam::123456789012:user/alice";
        const std::string denied =
            Statement({{"Allow", "Deny"},
                       {kRoot, alice.principal_arn},
                       {"glue:GetTable", "glue:PutResourcePolicy"}});
        check.Fails(PutPolicy(denied), kInvalid, alice);
        Caller bob = Home();
        bob.principal_arn = "arn:aws:iam::123456789012:user/bob";
        check.Ok(PutPolicy(denied), bob);
      },
      NeedsPrincipals(At(PolicyChecks::kGlue)));
}

}  // namespace glue_security::conformance_internal
