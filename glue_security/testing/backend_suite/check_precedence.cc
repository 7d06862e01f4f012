// order: request size -> constraints -> business rules -> existence -> hash
// condition -> number limit. A request breaks two neighbours; the error must be
// the earlier one.

#include <string>

#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
constexpr char kNoArn[] = R"pb(cloud_watch_encryption { kms_key_arn: "x" })pb";
// A business rule of Observed().
constexpr char kTwoS3[] = R"pb(s3_encryption {
                                 elements {}
                                 elements {}
                               })pb";

void AddSizeChecks(CheckGroup& order) {
  order.Add(
      "size_before_constraints",
      "a request larger than 256 KiB is InvalidInputException before "
      "anything else is checked",
      [](CheckContext& check) {
        check.Fails(List(0, std::string(size_t{256} * 1024, 't')), kInvalid);
      },
      NeedsLimits());
  order.Add(
      "size_at_limit",
      "Limits::request_bytes_max is the largest size that is accepted",
      [](CheckContext& check) {
        v1::Request request = Get("a");
        check.limits().request_bytes_max =
            request.get_security_configuration().ByteSizeLong();
        check.Fails(request, kNotFound);
        check.Fails(Get("ab"), kInvalid);
      },
      NeedsLimits());
}

void AddConstraintsFirst(CheckGroup& order) {
  order.Add("constraints_before_document",
            "constraints before business rules: the policy document",
            [](CheckContext& check) {
              check.Breaks(PutPolicy("not json", ""),
                           {"policyHashCondition LENGTH_MIN"});
            });
  order.Add("constraints_before_token",
            "constraints before business rules: the page token",
            [](CheckContext& check) {
              check.Breaks(List(0, "no token"), {"maxResults VALUE_MIN"});
            });
  order.Add(
      "constraints_before_s3_rule",
      "constraints before business rules: S3Encryption",
      [](CheckContext& check) {
        check.Breaks(Create("", ConfigurationOf(kTwoS3)), {"name LENGTH_MIN"});
      },
      OnlyRecorded());
  order.Add("constraints_before_policy_existence",
            "constraints before existence", [](CheckContext& check) {
              check.Breaks(PutPolicy("x", std::nullopt,
                                     v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                           {"policyInJson LENGTH_MIN"});
              check.Breaks(DeletePolicy(""),
                           {"policyHashCondition LENGTH_MIN"});
            });
  order.Add("constraints_before_configuration_existence",
            "constraints before existence", [](CheckContext& check) {
              check.Ok(Create("a"));
              check.Breaks(Create("a", ConfigurationOf(kNoArn)),
                           {"encryptionConfiguration.cloudWatchEncryption."
                            "kmsKeyArn PATTERN"});
            });
  order.Add("constraints_before_hash", "constraints before the hash condition",
            [](CheckContext& check) {
              check.Ok(PutPolicy(PolicyText("a")));
              check.Breaks(PutPolicy("x", "another hash"),
                           {"policyInJson LENGTH_MIN"});
            });
  order.Add(
      "constraints_before_number_limit", "constraints before the number limit",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 1;
        check.Ok(Create("a"));
        check.Breaks(Create("b", ConfigurationOf(kNoArn)),
                     {"encryptionConfiguration.cloudWatchEncryption."
                      "kmsKeyArn PATTERN"});
      },
      NeedsLimits());
}

void AddRulesBeforeState(CheckGroup& order) {
  const BackendNeeds json = At(PolicyChecks::kJson);
  order.Add(
      "document_before_existence", "business rules before existence",
      [](CheckContext& check) {
        check.Fails(PutPolicy("not json", std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    kInvalid);
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(PutPolicy("not json", std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_NOT_EXIST),
                    kInvalid);
      },
      json);
  order.Add(
      "document_before_hash", "business rules before the hash condition",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(PutPolicy("not json", "another hash"), kInvalid);
      },
      json);
  order.Add(
      "s3_rule_before_existence", "business rules before existence",
      [](CheckContext& check) {
        check.Ok(Create("a"));
        check.Fails(Create("a", ConfigurationOf(kTwoS3)), kInvalid);
      },
      OnlyRecorded());
  BackendNeeds limit = OnlyRecorded();
  limit.limits = true;
  order.Add(
      "s3_rule_before_number_limit", "business rules before the number limit",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 0;
        check.Fails(Create("a", ConfigurationOf(kTwoS3)), kInvalid);
      },
      limit);
}

void AddExistenceFirst(CheckGroup& order) {
  order.Add(
      "existence_before_hash_on_put", "existence before the hash condition",
      [](CheckContext& check) {
        check.behavior().must_exist_error_code = kNotFound;
        check.Fails(PutPolicy(PolicyText("a"), "another hash",
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    kNotFound);
        check.Fails(PutPolicy(PolicyText("a"), "another hash"),
                    kConditionFailed);
      },
      NeedsFields());
  order.Add("existence_before_hash_on_delete",
            "existence before the hash condition", [](CheckContext& check) {
              check.Fails(DeletePolicy("another hash"), kNotFound);
            });
  order.Add(
      "existence_before_number_limit", "existence before the number limit",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 1;
        check.Ok(Create("a"));
        check.Fails(Create("a"), v1::ERROR_CODE_ALREADY_EXISTS);
        check.Fails(Create("b"), v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
      },
      NeedsLimits());
}

}  // namespace

void AddPrecedenceChecks(Checks* checks) {
  CheckGroup order(checks, "order", "docs/reference/README.md");
  AddSizeChecks(order);
  AddConstraintsFirst(order);
  AddRulesBeforeState(order);
  AddExistenceFirst(order);
}

}  // namespace glue_security::conformance_internal
