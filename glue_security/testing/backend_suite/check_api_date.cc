// resource_arn, hybrid, policies, service_role: what the models of the service
// after the contract's brought to policies and encryption settings, on its day
// and the day before.

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "docs/decisions/api-date.md";
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

constexpr absl::CivilDay kDateOfResourceArns(2020, 7, 7);
constexpr absl::CivilDay kDateOfServiceRoles(2024, 2, 5);

// ARNs of resources that are not the catalog of Home().
constexpr const char* kOtherArns[] = {
    "arn:aws:glue:us-east-1:123456789012:database/default",
    "arn:aws:glue:us-east-1:123456789012:catalog/x",
    "arn:aws:glue:us-east-1:123456789012:Catalog",
    "arn:aws:glue:us-east-1:123456789012:*",
    "arn:aws:glue:us-east-1:210987654321:catalog",
    "arn:aws:glue:eu-west-1:123456789012:catalog",
};

BackendNeeds OnlyDocumentedWithFields() {
  BackendNeeds needs = OnlyDocumented();
  needs.behavior_fields = true;
  return needs;
}
BackendNeeds OnlyRecordedWithFields() {
  BackendNeeds needs = OnlyRecorded();
  needs.behavior_fields = true;
  return needs;
}

// Continues with a new backend at another date of the API.
void StartAt(CheckContext& check, absl::CivilDay day) {
  check.Restart();
  check.behavior().api_date = day;
}

std::string ShownPolicy(CheckContext& check, const v1::Request& get,
                        const Caller& caller = Home()) {
  return check.Ok(get, caller).get_resource_policy().policy_in_json();
}

// --- ResourceArn

// Expects that the catalog's policy is put, shown and deleted whatever the ARN.
void ExpectArnIgnored(CheckContext& check, absl::string_view arn) {
  check.Ok(WithArn(PutPolicy(PolicyText("a")), arn));
  check.SamePolicy("the catalog's policy", PolicyText("a"),
                   ShownPolicy(check, GetPolicy()));
  check.SamePolicy("the policy of the ResourceArn", PolicyText("a"),
                   ShownPolicy(check, WithArn(GetPolicy(), arn)));
  check.Ok(WithArn(DeletePolicy(), arn));
  check.Fails(GetPolicy(), kNotFound);
}

// Expects that writes with this ARN are refused, with and without a policy.
void ExpectWritesRefused(CheckContext& check, absl::string_view arn) {
  check.Restart();
  check.Fails(WithArn(PutPolicy(PolicyText("a")), arn), kInvalid);
  check.Fails(WithArn(DeletePolicy(), arn), kInvalid);
  check.Ok(PutPolicy(PolicyText("a")));
  check.Fails(WithArn(PutPolicy(PolicyText("b")), arn), kInvalid);
  check.Fails(WithArn(PutPolicy(PolicyText("a")), arn), kInvalid);
  check.Fails(WithArn(DeletePolicy(), arn), kInvalid);
}

// Expects that a read of this ARN finds nothing, with and without a policy.
void ExpectNotShown(CheckContext& check, absl::string_view arn) {
  check.Restart();
  check.Fails(WithArn(GetPolicy(), arn), kNotFound);
  check.Ok(PutPolicy(PolicyText("a")));
  check.Fails(WithArn(GetPolicy(), arn), kNotFound);
}

void AddArnWrites(CheckGroup& group) {
  group.Add(
      "documented.ignored",
      "the contract has no ResourceArn: it is ignored as an unknown member",
      [](CheckContext& check) {
        for (const char* arn : {kHomeArn, kOtherArns[0], kOtherArns[4], "x"}) {
          ExpectArnIgnored(check, arn);
        }
      },
      OnlyDocumented());
  group.Add(
      "observed.put", "on Put any ResourceArn is InvalidInputException",
      [](CheckContext& check) {
        check.Fails(WithArn(PutPolicy(PolicyText("a")), kHomeArn), kInvalid);
        for (const char* arn : kOtherArns) {
          check.Fails(WithArn(PutPolicy(PolicyText("a")), arn), kInvalid);
        }
      },
      OnlyRecorded());
  group.Add(
      "observed.delete", "on Delete any ResourceArn is InvalidInputException",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(WithArn(DeletePolicy(), kHomeArn), kInvalid);
        for (const char* arn : kOtherArns) {
          check.Fails(WithArn(DeletePolicy(), arn), kInvalid);
        }
      },
      OnlyRecorded());
  group.Add(
      "observed.before_existence", "business rules before existence",
      [](CheckContext& check) {
        check.Fails(WithArn(PutPolicy(PolicyText("a"), std::nullopt,
                                      v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                            kHomeArn),
                    kInvalid);
        check.Fails(WithArn(DeletePolicy(), kHomeArn), kInvalid);
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(WithArn(DeletePolicy("another hash"), kHomeArn), kInvalid);
      },
      OnlyRecorded());
}

void AddArnReads(CheckGroup& group) {
  group.Add(
      "observed.get_own", "on Get the own catalog's ARN is as if absent",
      [](CheckContext& check) {
        check.Fails(WithArn(GetPolicy(), kHomeArn), kNotFound);
        check.Ok(PutPolicy(PolicyText("a")));
        check.SamePolicy("the policy", PolicyText("a"),
                         ShownPolicy(check, WithArn(GetPolicy(), kHomeArn)));
        const std::string other =
            absl::StrReplaceAll(kHomeArn, {{"us-east-1", "eu-west-1"}});
        check.Ok(PutPolicy(PolicyText("b", OtherRegion())), OtherRegion());
        check.SamePolicy(
            "the policy in the other region", PolicyText("b", OtherRegion()),
            ShownPolicy(check, WithArn(GetPolicy(), other), OtherRegion()));
      },
      OnlyRecorded());
  group.Add(
      "observed.get_other",
      "on Get any other ResourceArn is EntityNotFoundException",
      [](CheckContext& check) {
        for (const char* arn : kOtherArns) ExpectNotShown(check, arn);
      },
      OnlyRecorded());
  group.Add(
      "observed.get_own_in_partition",
      "the ARN of a catalog has the catalog's own partition",
      [](CheckContext& check) {
        const Caller china{"123456789012", "cn-north-1", ""};
        const std::string text = absl::StrReplaceAll(
            PolicyText("a", china), {{"arn:aws:", "arn:aws-cn:"}});
        check.Ok(PutPolicy(text), china);
        const std::string arn =
            "arn:aws-cn:glue:cn-north-1:123456789012:catalog";
        check.SamePolicy("the policy", text,
                         ShownPolicy(check, WithArn(GetPolicy(), arn), china));
        check.Fails(
            WithArn(GetPolicy(), absl::StrReplaceAll(arn, {{"aws-cn", "aws"}})),
            kNotFound, china);
      },
      OnlyCurrent());
}

void AddArnDates(CheckGroup& group) {
  group.Add(
      "documented.on_its_date",
      "since 2020-07-07 the own catalog's ARN is as if absent, and any other "
      "is "
      "refused",
      [](CheckContext& check) {
        StartAt(check, kDateOfResourceArns - 1);
        ExpectArnIgnored(check, kOtherArns[0]);
        StartAt(check, kDateOfResourceArns);
        ExpectArnIgnored(check, kHomeArn);
        for (const char* arn : kOtherArns) {
          ExpectWritesRefused(check, arn);
          ExpectNotShown(check, arn);
        }
      },
      OnlyDocumentedWithFields());
  group.Add(
      "refused_at_every_date",
      "with refuse_resource_arns, a ResourceArn is known at every date",
      [](CheckContext& check) {
        for (const absl::CivilDay day : {kContractDate, kNewestApiDate}) {
          StartAt(check, day);
          check.behavior().refuse_resource_arns = true;
          ExpectWritesRefused(check, kHomeArn);
          ExpectNotShown(check, kOtherArns[0]);
        }
      },
      NeedsFields());
  struct Change {
    absl::CivilDay day;
    const char* arn;
  };
  for (const auto& [id, change] :
       {std::pair<const char*, Change>{
            "pattern_of_2022",
            {absl::CivilDay(2022, 3, 18), "arn:aws-cn:glue:x"}},
        {"pattern_of_2024",
         {absl::CivilDay(2024, 12, 3), "arn:aws-iso-b:glue:x"}}}) {
    group.Add(
        id, "the pattern of ResourceArn has a date",
        [change = change](CheckContext& check) {
          StartAt(check, change.day - 1);
          check.Breaks(WithArn(GetPolicy(), change.arn),
                       {"resourceArn PATTERN"});
          StartAt(check, change.day);
          check.Fails(WithArn(GetPolicy(), change.arn), kNotFound);
        },
        OnlyRecordedWithFields());
  }
}

// --- EnableHybrid

v1::Request Hybrid(std::optional<v1::EnableHybridValues> hybrid) {
  v1::Request put = PutPolicy(PolicyText("a"));
  if (hybrid.has_value()) {
    put.mutable_put_resource_policy()->set_enable_hybrid(*hybrid);
  }
  return put;
}

void AddHybrid(CheckGroup& group) {
  group.Add("accepted", "EnableHybrid is accepted, or ignored before its date",
            [](CheckContext& check) {
              check.Ok(Hybrid(v1::ENABLE_HYBRID_VALUES_TRUE));
              check.Ok(Hybrid(v1::ENABLE_HYBRID_VALUES_FALSE));
              check.Ok(Hybrid(std::nullopt));
            });
  group.Add(
      "of_2019.ignored", "before its date any value is ignored",
      [](CheckContext& check) {
        check.Ok(Hybrid(static_cast<v1::EnableHybridValues>(99)));
      },
      OnlyOf2019());
  group.Add(
      "of_2019.unparsed_ignored", "before its date any text is ignored",
      [](CheckContext& check) {
        v1::Request unparsed = Hybrid(std::nullopt);
        unparsed.add_unparsed_values()->set_path("enableHybrid");
        unparsed.mutable_unparsed_values(0)->set_text("MAYBE");
        check.Ok(unparsed);
      },
      NeedsUnparsedValues(OnlyOf2019()));
  group.Add(
      "needed",
      "with console_grants_exist, since 2020-07-07 a Put without EnableHybrid "
      "TRUE is InvalidInputException",
      [](CheckContext& check) {
        for (const absl::CivilDay day : {kDateOfResourceArns, kNewestApiDate}) {
          StartAt(check, day);
          check.behavior().console_grants_exist = true;
          check.Fails(Hybrid(std::nullopt), kInvalid);
          check.Fails(Hybrid(v1::ENABLE_HYBRID_VALUES_FALSE), kInvalid);
          check.Ok(Hybrid(v1::ENABLE_HYBRID_VALUES_TRUE));
          check.Fails(Hybrid(std::nullopt), kInvalid);
          check.Ok(DeletePolicy());
        }
      },
      NeedsFields());
  group.Add(
      "not_needed_before", "before its date EnableHybrid is not needed",
      [](CheckContext& check) {
        StartAt(check, kDateOfResourceArns - 1);
        check.behavior().console_grants_exist = true;
        check.Ok(Hybrid(std::nullopt));
      },
      NeedsFields());
  group.Add(
      "before_existence", "business rules before existence",
      [](CheckContext& check) {
        StartAt(check, kDateOfResourceArns);
        check.behavior().console_grants_exist = true;
        check.Fails(PutPolicy(PolicyText("a"), std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    kInvalid);
      },
      NeedsFields());
}

// --- GetResourcePolicies

// Expects the only page with these policies.
void ExpectPolicies(CheckContext& check, const std::string& texts,
                    const v1::Request& list = ListPolicies(),
                    const Caller& caller = Home()) {
  const auto page = check.Ok(list, caller).get_resource_policies();
  std::string listed;
  for (const v1::GluePolicy& policy : page.policies()) {
    listed += policy.policy_in_json();
  }
  check.SamePolicy("the policies", texts, listed);
  check.Same("NextToken of the only page", "", page.next_token());
  check.Expect(page.has_next_token() == check.observed(),
               "NextToken of the only page",
               check.observed() ? "an empty text" : "an absent member",
               page.has_next_token() ? "an empty text" : "an absent member");
}

void AddPolicyLists(CheckGroup& group) {
  group.Add(
      "none", "without a policy the list is empty, which is no error",
      [](CheckContext& check) {
        ExpectPolicies(check, "");
        check.Ok(PutPolicy(PolicyText("a")));
        check.Ok(DeletePolicy());
        ExpectPolicies(check, "");
      },
      OnlyCurrent());
  group.Add(
      "one", "the list has the catalog's policy, as Get shows it",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        check.LetPass(absl::Seconds(1));
        check.Ok(PutPolicy(PolicyText("b")));
        ExpectPolicies(check, PolicyText("b"));
        const auto shown = check.Ok(GetPolicy()).get_resource_policy();
        const auto page = check.Ok(ListPolicies()).get_resource_policies();
        for (const v1::GluePolicy& policy : page.policies()) {
          v1::GetResourcePolicyResponse listed;
          listed.set_policy_in_json(policy.policy_in_json());
          listed.set_policy_hash(policy.policy_hash());
          *listed.mutable_create_time() = policy.create_time();
          *listed.mutable_update_time() = policy.update_time();
          check.Same("the policy in the list", shown, listed);
        }
      },
      OnlyCurrent());
  group.Add(
      "per_catalog", "a catalog per account and region",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        for (const Caller& other : {OtherAccount(), OtherRegion()}) {
          ExpectPolicies(check, "", ListPolicies(), other);
          check.Ok(PutPolicy(PolicyText("b", other)), other);
          ExpectPolicies(check, PolicyText("b", other), ListPolicies(), other);
        }
        ExpectPolicies(check, PolicyText("a"));
      },
      OnlyCurrent());
}

void AddPolicyPages(CheckGroup& group) {
  group.Add(
      "every_size", "MaxResults from 1 to 1000",
      [](CheckContext& check) {
        for (const int size : {1, 2, 200, 201, 1000}) {
          ExpectPolicies(check, "", ListPolicies(size));
        }
        check.Ok(PutPolicy(PolicyText("a")));
        for (const int size : {1, 2, 200, 201, 1000}) {
          ExpectPolicies(check, PolicyText("a"), ListPolicies(size));
        }
      },
      OnlyCurrent());
  group.Add(
      "empty_token", "NextToken \"\" in a request is the first page",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        ExpectPolicies(check, PolicyText("a"), ListPolicies(1, ""));
      },
      OnlyCurrent());
  group.Add(
      "unknown_token", "a token that does not decode: InvalidInputException",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        for (const char* token : {"x", "====", "AAAA", "1", " "}) {
          check.Fails(ListPolicies(std::nullopt, token), kInvalid);
          check.Fails(ListPolicies(1, token), kInvalid);
        }
      },
      OnlyCurrent());
  group.Add(
      "token_of_another_list", "a token of another list is unknown here",
      [](CheckContext& check) {
        check.Ok(Create("a"));
        check.Ok(Create("b"));
        const std::string token =
            check.Ok(List(1)).get_security_configurations().next_token();
        check.Expect(!token.empty(), "NextToken of the first of two pages",
                     "a token", "none");
        check.Fails(ListPolicies(std::nullopt, token), kInvalid);
      },
      OnlyCurrent());
}

void AddPolicyListDates(CheckGroup& group) {
  group.Add(
      "of_2019.unknown",
      "before its date the operation is InvalidInputException, whatever its "
      "members",
      [](CheckContext& check) {
        check.Fails(ListPolicies(), kInvalid);
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(ListPolicies(), kInvalid);
        check.Fails(ListPolicies(0, "x"), kInvalid);
      },
      NeedsUnknownOperations(OnlyOf2019()));
  group.Add(
      "on_its_date", "the operation is since 2020-07-07",
      [](CheckContext& check) {
        StartAt(check, kDateOfResourceArns - 1);
        check.Ok(PutPolicy(PolicyText("a")));
        check.Fails(ListPolicies(), kInvalid);
        StartAt(check, kDateOfResourceArns);
        ExpectPolicies(check, "");
        check.Ok(PutPolicy(PolicyText("a")));
        ExpectPolicies(check, PolicyText("a"));
      },
      NeedsUnknownOperations(NeedsFields()));
}

// --- CatalogEncryptionServiceRole

constexpr auto kRoleMode =
    v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE;
constexpr char kRole[] = "arn:aws:iam::123456789012:role/keys";
constexpr char kDefaultKey[] = "alias/aws/glue";

v1::DataCatalogEncryptionSettings RestSettings(
    v1::CatalogEncryptionMode mode, std::optional<std::string> role,
    std::optional<std::string> key = "k") {
  v1::DataCatalogEncryptionSettings settings;
  v1::EncryptionAtRest* rest = settings.mutable_encryption_at_rest();
  rest->set_catalog_encryption_mode(mode);
  if (role.has_value()) {
    rest->set_catalog_encryption_service_role(*std::move(role));
  }
  if (key.has_value()) rest->set_sse_aws_kms_key_id(*std::move(key));
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(false);
  return settings;
}

void PutAndExpect(CheckContext& check,
                  const v1::DataCatalogEncryptionSettings& put,
                  const v1::DataCatalogEncryptionSettings& shown) {
  check.Ok(PutSettings(put));
  check.Same("the settings", shown,
             check.Ok(GetSettings())
                 .get_data_catalog_encryption_settings()
                 .data_catalog_encryption_settings());
}

void ExpectModeUnknown(CheckContext& check) {
  check.Breaks(PutSettings(RestSettings(kRoleMode, kRole)),
               {"dataCatalogEncryptionSettings.encryptionAtRest."
                "catalogEncryptionMode ENUM"});
}

void AddRoles(CheckGroup& group) {
  group.Add(
      "kept", "the mode and the role are shown as put",
      [](CheckContext& check) {
        const auto settings = RestSettings(kRoleMode, kRole);
        PutAndExpect(check, settings, settings);
        // A role beside another mode, as a key beside DISABLED.
        for (const auto mode : {v1::CATALOG_ENCRYPTION_MODE_SSE_KMS,
                                v1::CATALOG_ENCRYPTION_MODE_DISABLED}) {
          const auto other = RestSettings(mode, kRole);
          PutAndExpect(check, other, other);
        }
      },
      OnlyCurrent());
  group.Add(
      "replaced", "Put replaces everything: a role not given is removed",
      [](CheckContext& check) {
        check.Ok(PutSettings(RestSettings(kRoleMode, kRole)));
        const auto settings =
            RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, std::nullopt);
        PutAndExpect(check, settings, settings);
      },
      OnlyCurrent());
  group.Add(
      "default_key", "the mode without a key: Get shows alias/aws/glue",
      [](CheckContext& check) {
        PutAndExpect(check, RestSettings(kRoleMode, kRole, std::nullopt),
                     RestSettings(kRoleMode, kRole, kDefaultKey));
      },
      OnlyCurrent());
  group.Add(
      "mode_without_role", "the mode without a role: InvalidInputException",
      [](CheckContext& check) {
        check.Fails(PutSettings(RestSettings(kRoleMode, std::nullopt)),
                    kInvalid);
        check.Ok(PutSettings(RestSettings(kRoleMode, kRole)));
        check.Fails(PutSettings(RestSettings(kRoleMode, std::nullopt, "other")),
                    kInvalid);
      },
      OnlyCurrent());
}

void AddRoleDates(CheckGroup& group) {
  group.Add(
      "of_2019.mode_unknown",
      "before its date the mode breaks the constraint of its member",
      [](CheckContext& check) {
        check.Ok(PutSettings(
            RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, std::nullopt)));
        ExpectModeUnknown(check);
      },
      OnlyOf2019());
  group.Add(
      "of_2019.role_ignored", "before its date a role is ignored",
      [](CheckContext& check) {
        for (const char* role : {kRole, "x", ""}) {
          PutAndExpect(
              check, RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, role),
              RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, std::nullopt));
        }
      },
      OnlyOf2019());
  group.Add(
      "on_its_date", "the mode and the role are since 2024-02-05",
      [](CheckContext& check) {
        const auto with_role = RestSettings(kRoleMode, kRole);
        const auto beside =
            RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, kRole);
        StartAt(check, kDateOfServiceRoles - 1);
        ExpectModeUnknown(check);
        PutAndExpect(
            check, beside,
            RestSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, std::nullopt));
        StartAt(check, kDateOfServiceRoles);
        PutAndExpect(check, with_role, with_role);
        PutAndExpect(check, beside, beside);
      },
      NeedsFields());
  group.Add(
      "documented.nothing_needed",
      "in Documented the mode needs no role, and no key is shown",
      [](CheckContext& check) {
        StartAt(check, kDateOfServiceRoles);
        const auto bare = RestSettings(kRoleMode, std::nullopt, std::nullopt);
        PutAndExpect(check, bare, bare);
      },
      OnlyDocumentedWithFields());
}

}  // namespace

void AddApiDateChecks(Checks* checks) {
  CheckGroup arn(checks, "resource_arn", kSource);
  AddArnWrites(arn);
  AddArnReads(arn);
  AddArnDates(arn);
  CheckGroup hybrid(checks, "hybrid", kSource);
  AddHybrid(hybrid);
  CheckGroup policies(checks, "policies", kSource);
  AddPolicyLists(policies);
  AddPolicyPages(policies);
  AddPolicyListDates(policies);
  CheckGroup roles(checks, "service_role", kSource);
  AddRoles(roles);
  AddRoleDates(roles);
}

}  // namespace glue_security::conformance_internal
