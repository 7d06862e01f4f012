// Defects of PutResourcePolicy, DeleteResourcePolicy and policy hashes.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// Returns the hash condition of a Put or a Delete; nullptr: none.
std::string* HashIn(v1::Request* request) {
  if (request->put_resource_policy().has_policy_hash_condition()) {
    return request->mutable_put_resource_policy()
        ->mutable_policy_hash_condition();
  }
  if (request->delete_resource_policy().has_policy_hash_condition()) {
    return request->mutable_delete_resource_policy()
        ->mutable_policy_hash_condition();
  }
  return nullptr;
}

void ClearHash(v1::Request* request) {
  if (request->has_put_resource_policy()) {
    request->mutable_put_resource_policy()->clear_policy_hash_condition();
  }
  if (request->has_delete_resource_policy()) {
    request->mutable_delete_resource_policy()->clear_policy_hash_condition();
  }
}

// Accepts a hash as the policy's when `similar(given, actual)`.
template <typename Similar>
Patch ComparesHashes(Similar similar) {
  return [similar](PatchedCall call) {
    if (std::string* hash = HashIn(&call.request)) {
      const auto policy = call.Policy();
      if (policy.has_value() && similar(*hash, policy->policy_hash())) {
        *hash = policy->policy_hash();
      }
    }
    return call.Run();
  };
}

void AddConditionDefects(DefectList* defects) {
  const auto condition = [](v1::PolicyExistsCondition from,
                            std::optional<v1::PolicyExistsCondition> to) {
    return [from, to](PatchedCall call) {
      if (call.request.put_resource_policy().policy_exists_condition() ==
          from) {
        auto* put = call.request.mutable_put_resource_policy();
        put->clear_policy_exists_condition();
        if (to.has_value()) put->set_policy_exists_condition(*to);
      }
      return call.Run();
    };
  };
  defects->Patched({"not_exist_ignored",
                    "NOT_EXIST is ignored.",
                    {"put.not_exist.no_hash.present"}},
                   condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST, {}));
  defects->Patched({"must_exist_ignored",
                    "MUST_EXIST is ignored.",
                    {"put.must_exist.no_hash.never_put"}},
                   condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST, {}));
  defects->Patched({"none_means_not_exist",
                    "NONE is treated as NOT_EXIST.",
                    {"put.none.no_hash.present"}},
                   condition(v1::POLICY_EXISTS_CONDITION_NONE,
                             v1::POLICY_EXISTS_CONDITION_NOT_EXIST));
}

void AddConditionAnswerDefects(DefectList* defects) {
  defects->Patched(
      {"delete_of_none_succeeds",
       "Deleting a policy that does not exist succeeds.",
       {"delete.no_hash.never_put", "delete.hash_differs.deleted"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_delete_resource_policy() &&
            answer.error().code() == kNotFound) {
          answer.mutable_delete_resource_policy();
        }
        return answer;
      });
  defects->Patched(
      {"entity_not_found_for_conditions",
       "An unmet condition gives an EntityNotFoundException.",
       {"put.not_exist.no_hash.present", "delete.hash_differs.present"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.error().code() == kConditionFailed) {
          answer.mutable_error()->set_code(kNotFound);
        }
        return answer;
      });
  defects->SetUp(
      {"must_exist_code_fixed",
       "must_exist_error_code is ignored.",
       {"put.must_exist_code", "order.existence_before_hash_on_put"}},
      [](BackendSetup* setup) {
        setup->behavior.must_exist_error_code = kConditionFailed;
      });
  defects->SetUp({"hash_not_required",
                  "require_hash_to_overwrite is ignored.",
                  {"put.require_hash_to_overwrite"}},
                 [](BackendSetup* setup) {
                   setup->behavior.require_hash_to_overwrite = false;
                 });
  defects->SetUp({"hash_always_required",
                  "A policy cannot be overwritten without its hash.",
                  {"put.no_condition.no_hash.present"}},
                 [](BackendSetup* setup) {
                   setup->behavior.require_hash_to_overwrite = true;
                 });
  defects->Patched({"put_retried_blindly",
                    "A Put is sent twice, as if to be sure.",
                    {"put.no_condition.hash_matches.present",
                     "put.not_exist.no_hash.never_put"}},
                   [](const PatchedCall& call) {
                     if (call.request.has_put_resource_policy()) call.Run();
                     return call.Run();
                   });
}

void AddHashConditionDefects(DefectList* defects) {
  defects->Patched({"hash_ignored",
                    "PolicyHashCondition is ignored.",
                    {"put.no_condition.hash_differs.present",
                     "delete.hash_differs.present"}},
                   [](PatchedCall call) {
                     const std::string* hash = HashIn(&call.request);
                     if (hash != nullptr && !hash->empty()) {
                       ClearHash(&call.request);
                     }
                     return call.Run();
                   });
  defects->Patched(
      {"hash_ignored_with_none",
       "NONE lifts the hash condition.",
       {"hash.none_does_not_lift_it", "put.none.hash_differs.present"}},
      [](PatchedCall call) {
        if (call.request.put_resource_policy().policy_exists_condition() ==
            v1::POLICY_EXISTS_CONDITION_NONE) {
          ClearHash(&call.request);
        }
        return call.Run();
      });
  defects->Patched(
      {"hash_ignored_without_policy",
       "A hash condition holds when there is no policy.",
       {"put.no_condition.hash_differs.never_put",
        "put.not_exist.hash_matches.deleted"}},
      [](PatchedCall call) {
        if (HashIn(&call.request) != nullptr && !call.Policy().has_value()) {
          ClearHash(&call.request);
        }
        return call.Run();
      });
}

void AddHashComparisonDefects(DefectList* defects) {
  defects->Patched(
      {"hash_compared_by_prefix",
       "The beginning of a hash counts as the hash.",
       {"hash.compared_whole"}},
      ComparesHashes([](const std::string& given, const std::string& actual) {
        return !given.empty() && absl::StartsWith(actual, given);
      }));
  defects->Patched(
      {"hash_compared_up_to_its_length",
       "A text that begins with the hash counts as the hash.",
       {"hash.compared_whole"}},
      ComparesHashes([](const std::string& given, const std::string& actual) {
        return absl::StartsWith(given, actual);
      }));
  defects->Patched(
      {"hash_compared_without_case",
       "Hashes are compared without regard to case.",
       {"hash.compared_with_case"}},
      ComparesHashes([](const std::string& given, const std::string& actual) {
        return absl::EqualsIgnoreCase(given, actual);
      }));
  defects->Patched(
      {"hash_trimmed",
       "Blanks around a hash condition are dropped.",
       {"hash.compared_with_blanks"}},
      ComparesHashes([](const std::string& given, const std::string& actual) {
        return absl::StripAsciiWhitespace(given) == actual;
      }));
  defects->Patched(
      {"hash_checked_before_existence",
       "Conditions are checked in the other order.",
       {"order.existence_before_hash_on_delete",
        "order.existence_before_hash_on_put", "delete.hash_differs.never_put"}},
      [](PatchedCall call) {
        v1::Response answer = call.Run();
        return HashIn(&call.request) != nullptr &&
                       answer.error().code() == kNotFound
                   ? ErrorAnswer(kConditionFailed)
                   : answer;
      });
}

class CountingHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view /*text*/) const override {
    return absl::StrCat("hash", ++count_);
  }

 private:
  mutable std::atomic<int> count_{0};
};

class ConstantHasher : public PolicyHasher {
 public:
  explicit ConstantHasher(std::string hash) : hash_(std::move(hash)) {}
  std::string Hash(absl::string_view /*text*/) const override { return hash_; }

 private:
  const std::string hash_;
};

void AddHashDefects(DefectList* defects) {
  defects->Hashed({"hash_of_the_write",
                   "Each Put makes a new hash.",
                   {"hash.same_text_same_hash", "hash.a_b_a"}},
                  [] { return std::make_unique<CountingHasher>(); });
  defects->Hashed({"hash_constant",
                   "All policies have the same hash.",
                   {"hash.other_text_other_hash"}},
                  [] { return std::make_unique<ConstantHasher>("h"); });
  defects->Hashed(
      {"hash_too_long", "A hash has 256 bytes.", {"hash.shape"}},
      [] { return std::make_unique<ConstantHasher>(std::string(256, 'h')); });
  defects->Patched(
      {"get_shows_another_hash",
       "GetResourcePolicy shows a different hash than Put returned.",
       {"hash.get_returns_what_put_returned"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_get_resource_policy()) {
          answer.mutable_get_resource_policy()->mutable_policy_hash()->append(
              "=");
        }
        return answer;
      });
  defects->SetUp(
      {"never_reprinted",
       "Observed does not re-print.",
       {"policy.observed_text", "hash.observed_bytes"}},
      [](BackendSetup* setup) { setup->behavior.reprint_policies = false; });
  defects->SetUp(
      {"always_reprinted",
       "Documented re-prints.",
       {"policy.documented_text", "hash.documented_bytes"}},
      [](BackendSetup* setup) { setup->behavior.reprint_policies = true; });
  defects->SetUp({"reprinted_at_none",
                  "A text is re-printed at kNone, too.",
                  {"policy.text_at_none"}},
                 [](BackendSetup* setup) {
                   if (setup->behavior.policy_checks != PolicyChecks::kNone) {
                     return;
                   }
                   setup->behavior.policy_checks = PolicyChecks::kJson;
                   setup->behavior.reprint_policies = true;
                 });
}

void AddAnswerDefects(DefectList* defects) {
  defects->Patched(
      {"get_of_none_is_empty",
       "GetResourcePolicy returns an empty response when there is no policy.",
       {"policy.none", "message.policy_not_found.get"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_get_resource_policy() && answer.has_error()) {
          answer.mutable_get_resource_policy();
        }
        return answer;
      });
  defects->Patched(
      {"first_policy_stays",
       "A Put over a policy is answered but not executed.",
       {"policy.one_per_catalog", "put.must_exist.no_hash.present"}},
      [](const PatchedCall& call) {
        const auto policy = call.Policy();
        v1::Response answer = call.Run();
        if (answer.has_put_resource_policy() && policy.has_value()) {
          call.Run(PutPolicy(policy->policy_in_json()));
        }
        return answer;
      });
  defects->Patched(
      {"void_answers_are_missing",
       "Operations without response parameters return nothing.",
       {"answer.policy", "answer.settings", "answer.configurations"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        return answer.has_delete_resource_policy() ||
                       answer.has_put_data_catalog_encryption_settings() ||
                       answer.has_delete_security_configuration()
                   ? v1::Response()
                   : answer;
      });
  defects->Patched({"no_operation_is_ok",
                    "A request without an operation gets an empty response.",
                    {"answer.no_operation"}},
                   [](const PatchedCall& call) {
                     return call.request.operation_case() ==
                                    v1::Request::OPERATION_NOT_SET
                                ? v1::Response()
                                : call.Run();
                   });
}

}  // namespace

void AddPolicyDefects(DefectList* defects) {
  AddConditionDefects(defects);
  AddConditionAnswerDefects(defects);
  AddHashConditionDefects(defects);
  AddHashComparisonDefects(defects);
  AddHashDefects(defects);
  AddAnswerDefects(defects);
}

}  // namespace glue_security::conformance_internal
