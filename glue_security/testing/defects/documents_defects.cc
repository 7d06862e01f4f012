// Defects of the checks of a policy document.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"
#include "re2/re2.h"

namespace glue_security::conformance_internal {
namespace {

// A level of checks that is replaced by another.
struct LevelSeed {
  const char* name;
  const char* sentence;
  std::vector<std::string> found_by;
  PolicyChecks asked_min;
  PolicyChecks asked_max;
  PolicyChecks done;
};

void AddLevelDefects(DefectList* defects) {
  using P = PolicyChecks;
  const LevelSeed levels[] = {
      {"json_not_checked",
       "A text that is not JSON is accepted.",
       {"document.no_json.refused_at_json", "document.list.refused_at_json"},
       P::kJson,
       P::kGlue,
       P::kNone},
      {"grammar_not_checked",
       "Any JSON object is accepted as a policy.",
       {"document.empty_object.refused_at_grammar",
        "document.guide.identity_policy_1"},
       P::kGrammar,
       P::kGlue,
       P::kJson},
      {"rules_of_glue_not_checked",
       "Principals and resources are not checked.",
       {"document.bare_star_resource.refused_at_glue",
        "document.guide.rules_s3_resource"},
       P::kGlue,
       P::kGlue,
       P::kGrammar},
      {"json_always_asked",
       "A text that is not JSON is refused at kNone.",
       {"document.no_json.taken_at_none"},
       P::kNone,
       P::kNone,
       P::kJson},
      {"grammar_always_asked",
       "A JSON object that is not a policy is refused at kJson.",
       {"document.empty_object.taken_at_json"},
       P::kJson,
       P::kJson,
       P::kGrammar},
      {"rules_of_glue_always_asked",
       "A bare * as Resource is refused at kGrammar.",
       {"document.bare_star_resource.taken_at_grammar"},
       P::kGrammar,
       P::kGrammar,
       P::kGlue},
  };
  for (const LevelSeed& level : levels) {
    defects->SetUp(
        {level.name, level.sentence, level.found_by},
        [level](BackendSetup* setup) {
          PolicyChecks& checks = setup->behavior.policy_checks;
          if (checks >= level.asked_min && checks <= level.asked_max) {
            checks = level.done;
          }
        });
  }
  defects->SetUp({"depth_off_by_one",
                  "A document may nest one level too deep.",
                  {"document.depth"}},
                 [](BackendSetup* setup) { ++setup->limits.policy_depth_max; });
  defects->Patched({"lock_out_ignored",
                    "A policy may lock out its caller.",
                    {"document.lock_out"}},
                   [](PatchedCall call) {
                     call.caller.principal_arn.clear();
                     return call.Run();
                   });
}

// Checkers that do not know a legal element, and refuse it.
void AddRefusalDefects(DefectList* defects) {
  struct Refusal {
    const char* name;
    const char* sentence;
    const char* found_by;
    const char* pattern;
  };
  constexpr Refusal kRefusals[] = {
      {"one_statement_refused", "Statement must be a list.",
       "document.one_statement.taken_at_glue", R"re("Statement"\s*:\s*\{)re"},
      {"version_2008_refused", "Only Version 2012-10-17 is accepted.",
       "document.version_2008.taken_at_glue", "2008-10-17"},
      {"not_action_refused", "NotAction is refused.",
       "document.not_action.taken_at_glue", "NotAction"},
      {"not_principal_refused", "NotPrincipal is refused.",
       "document.not_principal_with_deny.taken_at_glue", "NotPrincipal"},
      {"everyone_refused", "Principal must be a map.",
       "document.everyone.taken_at_glue", R"re("Principal"\s*:\s*"\*")re"},
      {"account_id_refused", "A principal must be an ARN.",
       "document.account_id_principal.taken_at_glue", R"re("\d{12}")re"},
      {"any_action_refused", "Action must name Glue.",
       "document.any_action.taken_at_glue", R"re("Action"\s*:\s*"\*")re"},
      {"condition_refused", "Condition is refused.",
       "document.condition.taken_at_glue", "Condition"},
      {"china_refused", "ARNs of the partition aws-cn are refused.",
       "document.china.own_partition", "arn:aws-cn:"},
      {"government_refused", "ARNs of the partition aws-us-gov are refused.",
       "document.government.own_partition", "arn:aws-us-gov:"},
      {"dates_need_a_zone", "A time without a zone is refused.",
       "document.date_without_zone.taken_at_glue", "T10:00:00\""},
      {"epoch_seconds_refused", "Epoch seconds are refused.",
       "document.date_in_seconds.taken_at_glue", "1769853600"},
      {"unknown_key_locks_out", "A condition on an unknown key counts as met.",
       "document.lock_out.unknown_key", "aws:PrincipalOrgID"},
      {"path_of_role_is_guessed", "A session's role is taken to have any path.",
       "document.lock_out.unknown_path",
       R"re("aws:PrincipalArn":"arn:aws:iam::123456789012:role/path)re"},
      {"database_refused", "Resource must be a whole catalog.",
       "document.database_resource.taken_at_glue", ":database/"},
      {"service_principal_refused", "Only AWS principals are accepted.",
       "document.service_principal.taken_at_glue", R"re("Service")re"},
      {"user_refused", "Users cannot be principals.",
       "document.user.taken_at_glue", ":user/"},
      {"role_refused", "Roles cannot be principals.",
       "document.role.taken_at_glue", ":role/"},
      {"action_list_refused", "Action must be one string.",
       "document.guide.guide_resource_policy_1", R"re("Action"\s*:\s*\[)re"},
      {"version_2012_refused", "Version is refused.",
       "document.guide.cross_account_1", "2012-10-17"},
  };
  for (const Refusal& refusal : kRefusals) {
    const auto pattern = std::make_shared<RE2>(refusal.pattern);
    defects->Patched(
        {refusal.name, refusal.sentence, {refusal.found_by}},
        [pattern](const PatchedCall& call) {
          const bool refused =
              call.setup->behavior.policy_checks == PolicyChecks::kGlue &&
              RE2::PartialMatch(
                  call.request.put_resource_policy().policy_in_json(),
                  *pattern);
          return refused ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                         : call.Run();
        });
  }
}

// Checkers that read a part of a document as another one.
void AddMisreadingDefects(DefectList* defects) {
  using Replacements = std::vector<std::pair<std::string, std::string>>;
  struct Misreading {
    const char* name;
    const char* sentence;
    std::vector<std::string> found_by;
    // The start of the regions in which it happens.
    const char* region;
    // The texts that are read as others.
    Replacements read_as;
  };
  const Misreading misreadings[] = {
      {"any_date_taken",
       "A value of a Date operator may be any text.",
       {"document.date_that_is_none.refused_at_grammar"},
       "",
       {{"tomorrow", "2026-01-01"}}},
      {"china_takes_partition_aws",
       "Policies in China may have ARNs of the partition aws.",
       {"document.china.resource_in_aws", "document.china.principal_in_aws"},
       "cn-",
       {{"arn:aws:", "arn:aws-cn:"}}},
      {"government_takes_partition_aws",
       "Policies of governments may have ARNs of the partition aws.",
       {"document.government.resource_in_aws",
        "document.government.principal_in_aws"},
       "us-gov-",
       {{"arn:aws:", "arn:aws-us-gov:"}}},
      {"lock_out_of_put_only",
       "A policy may deny its author to delete it.",
       {"document.lock_out.delete_denied"},
       "",
       {{"glue:DeleteResourcePolicy", "glue:GetTable"}}},
      {"lock_out_with_conditions_ignored",
       "A Deny with a condition locks nobody out.",
       {"document.lock_out.certain_condition"},
       "",
       {{"aws:PrincipalArn", "aws:PrincipalTag/x"}}},
      {"session_is_not_of_its_role",
       "A session is not locked out by its role.",
       {"document.lock_out.role_of_session"},
       "",
       {{":role/path/reader", ":role/path/other"}}},
  };
  for (const Misreading& misreading : misreadings) {
    const std::string region = misreading.region;
    const Replacements read_as = misreading.read_as;
    defects->Patched(
        {misreading.name, misreading.sentence, misreading.found_by},
        [region, read_as](PatchedCall call) {
          if (call.request.has_put_resource_policy() &&
              absl::StartsWith(call.caller.region, region)) {
            std::string* const text =
                call.request.mutable_put_resource_policy()
                    ->mutable_policy_in_json();
            *text = absl::StrReplaceAll(*text, read_as);
          }
          return call.Run();
        });
  }
}

}  // namespace

void AddDocumentDefects(DefectList* defects) {
  AddLevelDefects(defects);
  AddRefusalDefects(defects);
  AddMisreadingDefects(defects);
}

}  // namespace glue_security::conformance_internal
