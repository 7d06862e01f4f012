// Defects of what came after the contract: the date of the API, ResourceArn,
// EnableHybrid and the maximum of a policy's size.

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "glue_security/json/json_blanks.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/backend_suite/request_members.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

constexpr absl::CivilDay kDateOfSizeRule(2022, 3, 18);

// --- The date

void AddDates(DefectList* defects) {
  defects->SetUp(
      {"date_is_always_the_newest",
       "Everything of the newest model is known at every date.",
       {"resource_arn.documented.ignored", "resource_arn.pattern_of_2024",
        "hybrid.of_2019.ignored", "hybrid.of_2019.unparsed_ignored",
        "policies.of_2019.unknown", "service_role.of_2019.mode_unknown",
        "service_role.of_2019.role_ignored", "data_quality.of_2019.ignored",
        "key_arn.pattern_on_its_date", "policy_size.changed_on_its_date",
        "message.violation.enum_of_2019"}},
      [](BackendSetup* setup) { setup->behavior.api_date = kNewestApiDate; });
  defects->SetUp(
      {"date_is_always_the_contracts",
       "Nothing that came after the contract is known.",
       {"resource_arn.documented.on_its_date", "hybrid.needed", "policies.one",
        "policies.on_its_date", "service_role.kept", "service_role.on_its_date",
        "data_quality.kept", "data_quality.on_its_date",
        "policy_size.changed_on_its_date", "message.violation.enum_of_2025"}},
      [](BackendSetup* setup) { setup->behavior.api_date = kContractDate; });
  defects->SetUp(
      {"date_begins_a_day_late",
       "What came on a day is known from the next day on.",
       {"resource_arn.documented.on_its_date", "resource_arn.pattern_of_2022",
        "hybrid.needed", "policies.on_its_date", "service_role.on_its_date",
        "data_quality.on_its_date", "key_arn.pattern_on_its_date",
        "policy_size.changed_on_its_date"}},
      [](BackendSetup* setup) { --setup->behavior.api_date; });
  defects->SetUp(
      {"date_begins_a_day_early",
       "What came on a day is known from the day before on.",
       {"resource_arn.documented.on_its_date", "resource_arn.pattern_of_2022",
        "resource_arn.pattern_of_2024", "hybrid.not_needed_before",
        "policies.on_its_date", "service_role.on_its_date",
        "data_quality.on_its_date", "key_arn.pattern_on_its_date",
        "policy_size.changed_on_its_date"}},
      [](BackendSetup* setup) { ++setup->behavior.api_date; });
}

// --- ResourceArn

// Returns the ResourceArn of a request, to be changed; nullptr: none.
std::string* ArnIn(v1::Request* request) {
  if (request->put_resource_policy().has_resource_arn()) {
    return request->mutable_put_resource_policy()->mutable_resource_arn();
  }
  if (request->get_resource_policy().has_resource_arn()) {
    return request->mutable_get_resource_policy()->mutable_resource_arn();
  }
  if (request->delete_resource_policy().has_resource_arn()) {
    return request->mutable_delete_resource_policy()->mutable_resource_arn();
  }
  return nullptr;
}

// Returns true when a business rule, and no constraint, was broken.
bool IsRefused(const v1::Response& answer) {
  return answer.error().code() == kInvalid &&
         answer.error().violations().empty();
}

// Ignores a legal ResourceArn of one operation.
Patch IgnoresArnOf(Operation operation) {
  return [operation](PatchedCall call) {
    v1::Response answer = call.Run();
    if (call.request.operation_case() != operation ||
        ArnIn(&call.request) == nullptr ||
        !(IsRefused(answer) || answer.error().code() == kNotFound)) {
      return answer;
    }
    if (call.request.has_put_resource_policy()) {
      call.request.mutable_put_resource_policy()->clear_resource_arn();
    } else if (call.request.has_get_resource_policy()) {
      call.request.mutable_get_resource_policy()->clear_resource_arn();
    } else {
      call.request.mutable_delete_resource_policy()->clear_resource_arn();
    }
    return call.Run();
  };
}

void AddArnsIgnored(DefectList* defects) {
  defects->Patched(
      {"arn_ignored_on_put",
       "PutResourcePolicy ignores ResourceArn.",
       {"resource_arn.observed.put", "resource_arn.documented.on_its_date",
        "message.observed.resource_arn"}},
      IgnoresArnOf(v1::Request::kPutResourcePolicy));
  defects->Patched(
      {"arn_ignored_on_delete",
       "DeleteResourcePolicy of another resource deletes the catalog's policy.",
       {"resource_arn.observed.delete", "resource_arn.documented.on_its_date"}},
      IgnoresArnOf(v1::Request::kDeleteResourcePolicy));
  defects->Patched(
      {"arn_ignored_on_get",
       "GetResourcePolicy of another resource shows the catalog's policy.",
       {"resource_arn.observed.get_other",
        "resource_arn.documented.on_its_date",
        "message.observed.get_of_other_resource"}},
      IgnoresArnOf(v1::Request::kGetResourcePolicy));
  defects->SetUp(
      {"arns_never_refused",
       "Observed takes a ResourceArn as the model of its date has it.",
       {"resource_arn.observed.put", "resource_arn.observed.delete",
        "resource_arn.refused_at_every_date"}},
      [](BackendSetup* setup) {
        setup->behavior.refuse_resource_arns = false;
      });
  defects->SetUp(
      {"arns_always_refused",
       "Documented refuses every ResourceArn.",
       {"resource_arn.documented.ignored",
        "resource_arn.documented.on_its_date"}},
      [](BackendSetup* setup) { setup->behavior.refuse_resource_arns = true; });
}

void AddArnDefects(DefectList* defects) {
  defects->Patched({"own_arn_not_found",
                    "GetResourcePolicy does not know its own catalog's ARN.",
                    {"resource_arn.observed.get_own"}},
                   [](PatchedCall call) {
                     const std::string* arn = ArnIn(&call.request);
                     return call.request.has_get_resource_policy() &&
                                    arn != nullptr && *arn == kHomeArn
                                ? ErrorAnswer(kNotFound)
                                : call.Run();
                   });
  defects->Patched({"own_arn_without_partition",
                    "The ARN of every catalog is one of the partition aws.",
                    {"resource_arn.observed.get_own_in_partition"}},
                   [](PatchedCall call) {
                     std::string* arn = ArnIn(&call.request);
                     if (arn != nullptr &&
                         absl::StartsWith(call.caller.region, "cn-") &&
                         absl::StartsWith(*arn, "arn:aws:")) {
                       arn->replace(0, 8, "arn:aws-cn:");
                     }
                     return call.Run();
                   });
  defects->Patched(
      {"arn_of_any_case",
       "ARNs are compared without regard to case.",
       {"resource_arn.observed.get_other"}},
      [](PatchedCall call) {
        std::string* arn = ArnIn(&call.request);
        if (arn != nullptr) {
          *arn = absl::StrReplaceAll(*arn, {{":Catalog", ":catalog"}});
        }
        return call.Run();
      });
}

void AddArnOrderDefects(DefectList* defects) {
  defects->Patched({"arn_after_existence",
                    "ResourceArn is checked after the policy's existence.",
                    {"resource_arn.observed.before_existence"}},
                   [](PatchedCall call) {
                     v1::Response answer = call.Run();
                     return call.request.has_delete_resource_policy() &&
                                    ArnIn(&call.request) != nullptr &&
                                    IsRefused(answer) &&
                                    !call.Policy().has_value()
                                ? ErrorAnswer(kNotFound)
                                : answer;
                   });
  defects->Patched(
      {"arn_after_document",
       "The policy document is checked before ResourceArn.",
       {"message.observed.resource_arn_before_document"}},
      [](PatchedCall call) {
        const v1::Response answer = call.Run();
        if (!call.request.put_resource_policy().has_resource_arn() ||
            !IsRefused(answer)) {
          return answer;
        }
        PatchedCall bare = call;
        auto* put = bare.request.mutable_put_resource_policy();
        put->clear_resource_arn();
        // No policy has this hash, so the call changes nothing.
        put->clear_policy_exists_condition();
        put->set_policy_hash_condition("no policy has this hash");
        const v1::Response document = bare.Run();
        return IsRefused(document) ? document : answer;
      });
  defects->Patched(
      {"arn_pattern_of_2020",
       "The pattern of ResourceArn is always that of 2020.",
       {"resource_arn.pattern_of_2022", "resource_arn.pattern_of_2024",
        "constraint.GetResourcePolicy.resourceArn.pattern"}},
      [](PatchedCall call) {
        v1::Response answer = call.Run();
        const std::string* arn = ArnIn(&call.request);
        if (arn == nullptr || !call.request.has_get_resource_policy() ||
            absl::StartsWith(*arn, "arn:aws:") || !answer.has_error()) {
          return answer;
        }
        answer = ErrorAnswer(call.setup->behavior.constraint_error_code);
        v1::Violation* violation = answer.mutable_error()->add_violations();
        violation->set_path("resourceArn");
        violation->set_constraint(v1::Violation::CONSTRAINT_PATTERN);
        return answer;
      });
}

// --- EnableHybrid

void AddHybridDefects(DefectList* defects) {
  defects->SetUp({"hybrid_never_needed",
                  "console_grants_exist is ignored.",
                  {"hybrid.needed", "hybrid.before_existence"}},
                 [](BackendSetup* setup) {
                   setup->behavior.console_grants_exist = false;
                 });
  defects->Patched({"hybrid_false_is_enough",
                    "EnableHybrid FALSE counts as TRUE.",
                    {"hybrid.needed"}},
                   [](PatchedCall call) {
                     auto* put =
                         call.request.put_resource_policy().has_enable_hybrid()
                             ? call.request.mutable_put_resource_policy()
                             : nullptr;
                     if (put != nullptr && put->enable_hybrid() ==
                                               v1::ENABLE_HYBRID_VALUES_FALSE) {
                       put->set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
                     }
                     return call.Run();
                   });
  defects->Patched(
      {"hybrid_false_refused",
       "EnableHybrid FALSE is refused.",
       {"hybrid.accepted"}},
      [](const PatchedCall& call) {
        return call.request.put_resource_policy().enable_hybrid() ==
                       v1::ENABLE_HYBRID_VALUES_FALSE
                   ? ErrorAnswer(kInvalid)
                   : call.Run();
      });
  defects->Patched(
      {"hybrid_needed_at_every_date",
       "Before its date EnableHybrid is needed, too.",
       {"hybrid.not_needed_before"}},
      [](const PatchedCall& call) {
        return call.setup->behavior.console_grants_exist &&
                       call.request.has_put_resource_policy() &&
                       call.request.put_resource_policy().enable_hybrid() !=
                           v1::ENABLE_HYBRID_VALUES_TRUE
                   ? ErrorAnswer(kInvalid)
                   : call.Run();
      });
}

// --- The size of a policy

const std::string& TextOf(const PatchedCall& call) {
  return call.request.put_resource_policy().policy_in_json();
}

// Returns the answer to a policy that is too long.
v1::Response TooLong(const PatchedCall& call, bool is_rule) {
  if (is_rule) return ErrorAnswer(kInvalid);
  v1::Response answer = ErrorAnswer(call.setup->behavior.constraint_error_code);
  v1::Violation* violation = answer.mutable_error()->add_violations();
  violation->set_path("policyInJson");
  violation->set_constraint(v1::Violation::CONSTRAINT_LENGTH_MAX);
  return answer;
}

size_t BytesMax(const PatchedCall& call) {
  return call.setup->behavior.api_date < kDateOfSizeRule
             ? 10240
             : call.setup->limits.policy_bytes_max;
}

// Takes a policy that the engine refuses for its size, when `taken` returns
// true; what is stored is another one.
template <typename Taken>
Patch TakesPolicies(Taken taken) {
  return [taken](PatchedCall call) {
    v1::Response answer = call.Run();
    if (!answer.has_error() || !call.request.has_put_resource_policy() ||
        TextOf(call).size() <= BytesMax(call) || !taken(TextOf(call), call)) {
      return answer;
    }
    call.request.mutable_put_resource_policy()->set_policy_in_json(
        PolicyText("a", call.caller));
    return call.Run();
  };
}

// Returns the size without any blanks.
size_t SizeWithoutAnyBlanks(const std::string& text) {
  return text.size() -
         static_cast<size_t>(std::count(text.begin(), text.end(), ' '));
}

void AddBlankDefects(DefectList* defects) {
  defects->Patched({"policy_blanks_always_count",
                    "The maximum of PolicyInJson binds the text as it was put.",
                    {"policy_size.observed.blanks_do_not_count",
                     "policy_size.largest_put_back"}},
                   [](const PatchedCall& call) {
                     const v1::Response answer = call.Run();
                     return answer.has_put_resource_policy() &&
                                    TextOf(call).size() > BytesMax(call)
                                ? TooLong(call, call.setup->behavior.api_date >=
                                                    kDateOfSizeRule)
                                : answer;
                   });
  defects->Patched(
      {"policy_blanks_never_count",
       "Blanks do not count where the text is stored as it was put.",
       {"policy_size.documented.blanks_count",
        "policy_size.observed.blanks_count_at_none"}},
      TakesPolicies([](const std::string& text, const PatchedCall& call) {
        return SizeWithoutBlanks(text) <= BytesMax(call);
      }));
  defects->Patched(
      {"policy_blanks_in_strings_do_not_count",
       "Blanks within strings do not count.",
       {"policy_size.observed.blanks_in_strings_count"}},
      TakesPolicies([](const std::string& text, const PatchedCall& call) {
        return SizeWithoutBlanks(text) > BytesMax(call) &&
               SizeWithoutAnyBlanks(text) <= BytesMax(call);
      }));
}

void AddSizeRuleDefects(DefectList* defects) {
  defects->SetUp(
      {"policy_size_unlimited",
       "Since 2022 there is no maximum of PolicyInJson.",
       {"policy_size.maximum", "policy_size.limit",
        "policy_size.changed_on_its_date", "policy_size.rule_before_existence",
        "policy_size.largest_put_back"}},
      [](BackendSetup* setup) {
        setup->limits.policy_bytes_max = size_t{1} << 24;
      });
  defects->SetUp(
      {"policy_size_fixed",
       "The maximum of PolicyInJson cannot be set.",
       {"policy_size.limit"}},
      [](BackendSetup* setup) { setup->limits.policy_bytes_max = 10240; });
  defects->SetUp({"policy_size_off_by_one",
                  "Since 2022 a policy may be one byte longer.",
                  {"policy_size.maximum", "policy_size.limit"}},
                 [](BackendSetup* setup) { ++setup->limits.policy_bytes_max; });
  defects->Patched(
      {"policy_size_always_settable",
       "Limits::policy_bytes_max is the maximum before 2022, too.",
       {"policy_size.limit_is_later"}},
      [](const PatchedCall& call) {
        return TextOf(call).size() > call.setup->limits.policy_bytes_max &&
                       call.setup->behavior.api_date < kDateOfSizeRule &&
                       call.setup->limits.policy_bytes_max < 10240
                   ? ErrorAnswer(kInvalid)
                   : call.Run();
      });
  defects->Patched(
      {"policy_size_always_a_constraint",
       "The maximum of PolicyInJson is a constraint at every date.",
       {"policy_size.maximum", "policy_size.changed_on_its_date"}},
      [](const PatchedCall& call) {
        const v1::Response answer = call.Run();
        return IsRefused(answer) && TextOf(call).size() > BytesMax(call)
                   ? TooLong(call, false)
                   : answer;
      });
  defects->Threaded(
      {"reprint_of_any_size",
       "A policy is taken although its re-print could not be put.",
       {"policy_size.reprint_fits_a_request"}},
      [] {
        return [](PatchedCall call) {
          return call.request.operation_case() != kNoOperation &&
                         MessageOf(&call.request)->ByteSizeLong() >
                             call.setup->limits.request_bytes_max
                     ? ErrorAnswer(kInvalid)
                     : call.Run();
        };
      },
      [](BackendSetup* setup) { setup->limits.request_bytes_max += 300; });
}

}  // namespace

void AddApiDateDefects(DefectList* defects) {
  AddDates(defects);
  AddArnsIgnored(defects);
  AddArnDefects(defects);
  AddArnOrderDefects(defects);
  AddHybridDefects(defects);
  AddBlankDefects(defects);
  AddSizeRuleDefects(defects);
}

}  // namespace glue_security::conformance_internal
