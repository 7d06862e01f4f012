// Defects of the order of checks, and of messages.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

void AddSizeDefects(DefectList* defects) {
  defects->SetUp({"size_after_constraints",
                  "The size of a request is not checked.",
                  {"order.size_before_constraints"}},
                 [](BackendSetup* setup) {
                   setup->limits.request_bytes_max = size_t{1} << 24;
                 });
  defects->SetUp(
      {"size_limit_off_by_one",
       "A request may be one byte too large.",
       {"order.size_at_limit"}},
      [](BackendSetup* setup) { ++setup->limits.request_bytes_max; });
}

void AddRulesFirstDefects(DefectList* defects) {
  defects->Patched(
      {"rules_before_constraints",
       "Business rules are checked before constraints.",
       {"order.constraints_before_document", "order.constraints_before_token",
        "order.constraints_before_s3_rule"}},
      [](const PatchedCall& call) {
        // The call without the members whose constraints are in the way.
        v1::Request bare = call.request;
        if (bare.has_put_resource_policy()) {
          bare.mutable_put_resource_policy()->clear_policy_hash_condition();
          bare.mutable_put_resource_policy()->set_policy_exists_condition(
              v1::POLICY_EXISTS_CONDITION_NONE);
          // No policy has this hash, so the call changes nothing.
          bare.mutable_put_resource_policy()->set_policy_hash_condition(
              "no policy has this hash");
        } else if (bare.has_get_security_configurations()) {
          bare.mutable_get_security_configurations()->clear_max_results();
        } else if (bare.has_create_security_configuration()) {
          bare.mutable_create_security_configuration()->set_name("a");
          const auto& config =
              bare.create_security_configuration().encryption_configuration();
          if (!call.setup->behavior.limit_s3_encryption_to_one ||
              config.s3_encryption().elements_size() < 2) {
            return call.Run();
          }
        } else {
          return call.Run();
        }
        const v1::Response answer = call.Run(bare);
        return answer.error().code() == kInvalid &&
                       answer.error().violations().empty()
                   ? answer
                   : call.Run();
      });
}

void AddStateFirstDefects(DefectList* defects) {
  defects->Patched(
      {"policy_existence_first",
       "PolicyExistsCondition is checked first.",
       {"order.constraints_before_policy_existence",
        "order.document_before_existence"}},
      [](const PatchedCall& call) {
        const auto exists =
            call.request.put_resource_policy().policy_exists_condition();
        const bool there = call.Policy().has_value();
        if (exists == v1::POLICY_EXISTS_CONDITION_MUST_EXIST && !there) {
          return ErrorAnswer(call.setup->behavior.must_exist_error_code);
        }
        if (exists == v1::POLICY_EXISTS_CONDITION_NOT_EXIST && there) {
          return ErrorAnswer(kConditionFailed);
        }
        return call.Run();
      });
  defects->Patched(
      {"hash_condition_first",
       "PolicyHashCondition is checked first.",
       {"order.constraints_before_hash", "order.document_before_hash"}},
      [](const PatchedCall& call) {
        const auto policy = call.Policy();
        const auto& put = call.request.put_resource_policy();
        if (put.has_policy_hash_condition() && policy.has_value() &&
            put.policy_hash_condition() != policy->policy_hash()) {
          return ErrorAnswer(kConditionFailed);
        }
        return call.Run();
      });
  defects->Patched({"configuration_existence_first",
                    "Whether a name is taken is checked first.",
                    {"order.constraints_before_configuration_existence",
                     "order.s3_rule_before_existence"}},
                   [](const PatchedCall& call) {
                     const auto& create =
                         call.request.create_security_configuration();
                     return call.request.has_create_security_configuration() &&
                                    call.HasConfiguration(create.name())
                                ? ErrorAnswer(v1::ERROR_CODE_ALREADY_EXISTS)
                                : call.Run();
                   });
  defects->Patched(
      {"number_limit_first",
       "The number limit is checked first.",
       {"order.constraints_before_number_limit",
        "order.s3_rule_before_number_limit",
        "order.existence_before_number_limit"}},
      [](const PatchedCall& call) {
        if (call.request.has_create_security_configuration() &&
            static_cast<int64_t>(call.Configurations().size()) >=
                call.setup->limits.security_configurations_max) {
          return ErrorAnswer(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
        }
        return call.Run();
      });
}

// Changes the error in an answer.
template <typename Change>
Patch ChangesError(Change change) {
  return [change](PatchedCall call) {
    v1::Response answer = call.Run();
    if (answer.has_error()) change(call, answer.mutable_error());
    return answer;
  };
}

Patch Rewords(std::string from, std::string to) {
  return ChangesError([from = std::move(from), to = std::move(to)](
                          const PatchedCall&, v1::Error* error) {
    error->set_message(absl::StrReplaceAll(error->message(), {{from, to}}));
  });
}

void AddWordingDefects(DefectList* defects) {
  constexpr auto kMessage = DefectKind::kMessage;
  defects->Patched(
      {"policy_not_found_reworded",
       "The message for a missing policy is different.",
       {"message.policy_not_found.get", "message.policy_not_found.delete"},
       kMessage},
      Rewords("Policy not found", "policy not found"));
  defects->Patched(
      {"requirements_reworded",
       "The constraint is worded differently.",
       {"message.violation.length_min", "message.violation.value_min",
        "message.violation.value_max", "message.violation.pattern",
        "message.violation.enum_number", "message.violation.enum_text",
        "message.violation.two", "message.violation.documented_cut",
        "message.violation.observed_uncut"},
       kMessage},
      Rewords("Member must", "member must"));
  defects->Patched({"null_in_quotes",
                    "An absent value is quoted.",
                    {"message.violation.null"},
                    kMessage},
                   Rewords("Value null", "Value 'null'"));
  defects->Patched({"two_errors_in_the_singular",
                    "Two errors are counted as one.",
                    {"message.violation.two"},
                    kMessage},
                   Rewords("errors detected", "error detected"));
  defects->Patched({"values_not_escaped",
                    "Quoted values are not escaped.",
                    {"message.violation.pattern"},
                    kMessage},
                   Rewords("\\n", "\n"));
  defects->Patched(
      {"recorded_texts_reworded",
       "Recorded texts are corrected.",
       {"message.observed.two_s3_elements",
        "message.observed.bookmarks_without_key", "message.observed.page_size"},
       kMessage},
      ChangesError([](const PatchedCall&, v1::Error* error) {
        if (error->code() == kInvalid) {
          error->set_message(absl::StrCat(error->message(), "."));
        }
      }));
}

void AddMessageContentDefects(DefectList* defects) {
  constexpr auto kMessage = DefectKind::kMessage;
  defects->SetUp(
      {"configurations_never_named",
       "Messages do not name the configuration.",
       {"message.documented.create_duplicate", "message.documented.get_unknown",
        "message.documented.delete_unknown"},
       kMessage},
      [](BackendSetup* setup) {
        setup->behavior.name_configurations_in_errors = false;
      });
  defects->SetUp(
      {"configurations_always_named",
       "Observed messages name the configuration.",
       {"message.observed.create_duplicate", "message.observed.get_unknown",
        "message.observed.delete_unknown"},
       kMessage},
      [](BackendSetup* setup) {
        setup->behavior.name_configurations_in_errors = true;
      });
  defects->SetUp(
      {"values_never_cut",
       "Documented quotes whole values.",
       {"message.violation.documented_cut"},
       kMessage},
      [](BackendSetup* setup) { setup->behavior.cut_quoted_values = false; });
  defects->SetUp(
      {"values_always_cut",
       "Observed cuts quoted values.",
       {"message.violation.observed_uncut"},
       kMessage},
      [](BackendSetup* setup) { setup->behavior.cut_quoted_values = true; });
  defects->Patched({"violations_without_value",
                    "Violations do not carry the value.",
                    {"message.violation.fields"},
                    kMessage},
                   ChangesError([](const PatchedCall&, v1::Error* error) {
                     for (auto& violation : *error->mutable_violations()) {
                       violation.clear_value();
                     }
                   }));
  defects->Patched({"policy_text_in_messages",
                    "Messages hold the policy that was put.",
                    {"message.no_policy_text"},
                    kMessage},
                   ChangesError([](const PatchedCall& call, v1::Error* error) {
                     if (call.request.has_put_resource_policy()) {
                       absl::StrAppend(
                           error->mutable_message(), " in ",
                           call.request.put_resource_policy().policy_in_json());
                     }
                   }));
}

void AddViolationDefects(DefectList* defects) {
  defects->Patched({"only_first_violation",
                    "Only the first violation is reported.",
                    {"violations.CreateSecurityConfiguration.all_together",
                     "violations.CreateSecurityConfiguration.all_absent",
                     "violations.list_elements",
                     "constraint.GetSecurityConfiguration.name.both"}},
                   ChangesError([](const PatchedCall&, v1::Error* error) {
                     if (error->violations_size() > 1) {
                       error->mutable_violations()->DeleteSubrange(
                           1, error->violations_size() - 1);
                     }
                   }));
  defects->Patched({"violations_from_the_last",
                    "Violations are in reverse order.",
                    {"violations.PutResourcePolicy.all_together",
                     "constraint.GetSecurityConfiguration.name.both"}},
                   ChangesError([](const PatchedCall&, v1::Error* error) {
                     const auto all = error->violations();
                     for (int i = 0; i < all.size(); ++i) {
                       *error->mutable_violations(all.size() - 1 - i) = all[i];
                     }
                   }));
  const auto paths = [](std::string from, std::string to) {
    return ChangesError([from, to](const PatchedCall&, v1::Error* error) {
      for (auto& violation : *error->mutable_violations()) {
        violation.set_path(absl::StrReplaceAll(violation.path(), {{from, to}}));
      }
    });
  };
  defects->Patched({"list_elements_from_0",
                    "List elements count from 0.",
                    {"violations.list_elements"}},
                   ChangesError([](const PatchedCall&, v1::Error* error) {
                     for (auto& violation : *error->mutable_violations()) {
                       violation.set_path(absl::StrReplaceAll(
                           violation.path(), {{".1.member", ".0.member"},
                                              {".2.member", ".1.member"},
                                              {".3.member", ".2.member"}}));
                     }
                   }));
  defects->Patched(
      {"paths_without_structure",
       "Paths name the last member only.",
       {"violations.PutDataCatalogEncryptionSettings.all_together"}},
      paths("dataCatalogEncryptionSettings.", ""));
  defects->SetUp({"codes_of_constraints_swapped",
                  "Broken constraints have the code of the other preset.",
                  {"violations.code"}},
                 [](BackendSetup* setup) {
                   auto& code = setup->behavior.constraint_error_code;
                   code =
                       code == kInvalid ? v1::ERROR_CODE_VALIDATION : kInvalid;
                 });
}

}  // namespace

void AddOrderDefects(DefectList* defects) {
  AddSizeDefects(defects);
  AddRulesFirstDefects(defects);
  AddStateFirstDefects(defects);
}

void AddMessageDefects(DefectList* defects) {
  AddWordingDefects(defects);
  AddMessageContentDefects(defects);
  AddViolationDefects(defects);
}

}  // namespace glue_security::conformance_internal
