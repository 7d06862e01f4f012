// message: the texts of errors, where they are defined.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/request_members.h"

namespace glue_security::conformance_internal {
namespace {

void Says(CheckContext& check, absl::string_view message,
          const v1::Request& request) {
  check.Same("the message", message, check.Call(request).error().message());
}

std::string SingleLine() {
  return PatternTextsOf(v1::PATTERN_SINGLE_LINE).published();
}

void AddPolicyMessages(CheckGroup& group) {
  group.Add("policy_not_found.get",
            "GetResourcePolicy with none set: exactly Policy not found",
            [](CheckContext& check) {
              Says(check, "Policy not found", GetPolicy());
            });
  group.Add("policy_not_found.delete",
            "DeleteResourcePolicy with none set: Policy not found",
            [](CheckContext& check) {
              Says(check, "Policy not found", DeletePolicy());
            });
}

void AddResourceArnMessages(CheckGroup& group) {
  constexpr char kRecorded[] =
      "Glue resource level policy is not currently supported";
  group.Add(
      "observed.resource_arn", "the recorded text",
      [kRecorded](CheckContext& check) {
        Says(check, kRecorded, WithArn(PutPolicy(PolicyText("a")), kHomeArn));
        Says(check, kRecorded, WithArn(DeletePolicy(), kHomeArn));
      },
      OnlyRecorded());
  group.Add(
      "observed.resource_arn_before_document",
      "ResourceArn is checked before the document",
      [kRecorded](CheckContext& check) {
        Says(check, kRecorded, WithArn(PutPolicy("not json"), kHomeArn));
      },
      OnlyRecorded());
  group.Add(
      "observed.get_of_other_resource", "another resource: Policy not found",
      [](CheckContext& check) {
        check.Ok(PutPolicy(PolicyText("a")));
        Says(check, "Policy not found",
             WithArn(GetPolicy(), absl::StrCat(kHomeArn, "/other")));
      },
      OnlyRecorded());
}

void AddConfigurationMessages(CheckGroup& group) {
  for (const auto& [id, request] :
       {std::pair<const char*, v1::Request>{"create_duplicate", Create("a")},
        {"get_unknown", Get("other")},
        {"delete_unknown", Delete("other")}}) {
    const std::string name =
        request.has_create_security_configuration() ? "a" : "other";
    group.Add(
        absl::StrCat("documented.", id),
        "in Documented, the message names the configuration",
        [request = request, name](CheckContext& check) {
          check.Ok(Create("a"));
          const std::string message = check.Call(request).error().message();
          const std::string quoted = absl::StrCat("\"", name, "\"");
          check.Expect(absl::StrContains(message, quoted), "the message",
                       absl::StrCat("a text with ", quoted), message);
        },
        OnlyDocumented());
    group.Add(
        absl::StrCat("observed.", id), "in Observed, the message is empty",
        [request = request](CheckContext& check) {
          check.Ok(Create("a"));
          const v1::Response answer = check.Call(request);
          check.Expect(answer.has_error(), "the answer", "an error",
                       Summary(answer));
          check.Same("the message", "", answer.error().message());
        },
        OnlyRecorded());
  }
  group.Add(
      "observed.two_s3_elements", "the recorded text",
      [](CheckContext& check) {
        Says(check,
             "S3 EncryptionConfiguration list cannot be greater than one",
             Create("a", ConfigurationOf(
                             "s3_encryption { elements {} elements {} }")));
      },
      OnlyRecorded());
  group.Add(
      "observed.bookmarks_without_key", "the recorded text (sic)",
      [](CheckContext& check) {
        Says(check,
             "kmsKeyArn can only be empty for jobBookmarksEncryptionMode "
             "CSE_KMS",
             Create("a", ConfigurationOf(
                             "job_bookmarks_encryption { "
                             "job_bookmarks_encryption_mode: "
                             "JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS }")));
      },
      OnlyRecorded());
  group.Add(
      "observed.page_size", "the recorded text",
      [](CheckContext& check) {
        Says(check, "MaxResults size must be between 1 and 200", List(201));
      },
      OnlyRecorded());
}

struct Broken {
  const char* id;
  // The quoted value, and the requirement that it breaks.
  const char* value;
  std::string requirement;
  const char* path;
  v1::Request request;
};

std::vector<Broken> BrokenOfEachKind() {
  v1::Request no_name;
  no_name.mutable_get_security_configuration();
  v1::Request condition = PutPolicy(PolicyText("a"));
  condition.mutable_put_resource_policy()->set_policy_exists_condition(
      static_cast<v1::PolicyExistsCondition>(99));
  v1::Request unparsed = PutPolicy(PolicyText("a"));
  unparsed.add_unparsed_values()->set_path("policyExistsCondition");
  unparsed.mutable_unparsed_values(0)->set_text("MAYBE");
  const std::string exists =
      "Member must satisfy enum value set: [MUST_EXIST, NOT_EXIST, NONE]";
  return {
      {"null", "null", "Member must not be null", "name", no_name},
      {"length_min", "''", "Member must have length greater than or equal to 1",
       "name", Get("")},
      {"value_min", "'0'", "Member must have value greater than or equal to 1",
       "maxResults", List(0)},
      {"value_max", "'1001'",
       "Member must have value less than or equal to 1000", "maxResults",
       List(1001)},
      {"pattern", R"('a\nb\"\\')",
       "Member must satisfy regular expression pattern: " + SingleLine(),
       "name", Get("a\nb\"\\")},
      {"enum_number", "'99'", exists, "policyExistsCondition", condition},
      {"enum_text", "'MAYBE'", exists, "policyExistsCondition", unparsed},
  };
}

void AddEnumMessages(CheckGroup& group) {
  for (const bool current : {false, true}) {
    group.Add(
        current ? "violation.enum_of_2025" : "violation.enum_of_2019",
        "enum texts in messages list the values in force",
        [current](CheckContext& check) {
          // As a wire codec gives a text that is not in force.
          const std::string text =
              current ? "NONE" : "SSE-KMS-WITH-SERVICE-ROLE";
          v1::Request request =
              PutSettings(SettingsOf("encryption_at_rest {}"));
          v1::UnparsedValue* const mode = request.add_unparsed_values();
          mode->set_path(
              "dataCatalogEncryptionSettings.encryptionAtRest."
              "catalogEncryptionMode");
          mode->set_text(text);
          Says(check,
               absl::StrCat(
                   "1 validation error detected: Value '", text,
                   "' at 'dataCatalogEncryptionSettings.encryptionAtRest."
                   "catalogEncryptionMode' failed to satisfy constraint: "
                   "Member must satisfy enum value set: [DISABLED, SSE-KMS",
                   current ? ", SSE-KMS-WITH-SERVICE-ROLE]" : "]"),
               request);
        },
        NeedsUnparsedValues(current ? OnlyCurrent() : OnlyOf2019()));
  }
}

void AddViolationFields(CheckGroup& group) {
  BackendNeeds violations;
  violations.violations = true;
  group.Add(
      "violation.fields",
      "an error's violations carry the quoted value and what must hold",
      [](CheckContext& check) {
        const v1::Response answer = check.Call(List(0));
        check.Same("the number of violations", "1",
                   absl::StrCat(answer.error().violations_size()));
        if (answer.error().violations_size() != 1) return;
        const v1::Violation& violation = answer.error().violations(0);
        check.Same("its value", "0", violation.value());
        check.Same("its requirement",
                   "Member must have value greater than or equal to 1",
                   violation.requirement());
        v1::Request no_name;
        no_name.mutable_get_security_configuration();
        const v1::Response absent = check.Call(no_name);
        check.Expect(absent.error().violations_size() == 1 &&
                         !absent.error().violations(0).has_value(),
                     "the violation of an absent member", "one without a value",
                     OneLine(absent.error()));
      },
      violations);
}

void AddViolationMessages(CheckGroup& group) {
  for (const Broken& broken : BrokenOfEachKind()) {
    group.Add(
        absl::StrCat("violation.", broken.id),
        "N validation error(s) detected: Value 'X' at 'path' failed to "
        "satisfy constraint: ...",
        [broken](CheckContext& check) {
          Says(check,
               absl::StrCat(
                   "1 validation error detected: Value ", broken.value, " at '",
                   broken.path,
                   "' failed to satisfy constraint: ", broken.requirement),
               broken.request);
        },
        broken.request.unparsed_values().empty() ? BackendNeeds()
                                                 : NeedsUnparsedValues());
  }
  group.Add("violation.two", "2 validation errors detected, joined by ;",
            [](CheckContext& check) {
              Says(check,
                   "2 validation errors detected: Value 'x' at 'policyInJson' "
                   "failed to satisfy constraint: Member must have length "
                   "greater than or equal to 2; Value '' at "
                   "'policyHashCondition' failed to satisfy constraint: Member "
                   "must have length greater than or equal to 1",
                   PutPolicy("x", ""));
            });
  for (const bool observed : {false, true}) {
    group.Add(
        observed ? "violation.observed_uncut" : "violation.documented_cut",
        "the quoted value is cut to its first 64 code points in "
        "Documented, uncut in Observed",
        [observed](CheckContext& check) {
          std::string value;
          for (int i = 0; i < 128; ++i) value += "\xC3\xA9";
          Says(check,
               absl::StrCat("1 validation error detected: Value '",
                            observed ? value : value.substr(0, 128),
                            "' at 'name' failed to satisfy constraint: Member "
                            "must have length less than or equal to 255"),
               Get(value));
        },
        observed ? OnlyRecorded() : OnlyDocumented());
  }
  group.Add(
      "no_policy_text", "nothing else of a policy text enters a message",
      [](CheckContext& check) {
        const v1::Response answer =
            check.Fails(PutPolicy(PolicyText("secret-id"), "another hash"),
                        v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        check.Expect(!absl::StrContains(answer.error().message(), "secret-id"),
                     "the message", "a text without a part of the policy",
                     answer.error().message());
      });
}

}  // namespace

void AddMessageChecks(Checks* checks) {
  const size_t before = checks->size();
  CheckGroup group(checks, "message", "docs/decisions/messages.md");
  AddPolicyMessages(group);
  AddResourceArnMessages(group);
  AddConfigurationMessages(group);
  AddEnumMessages(group);
  AddViolationFields(group);
  AddViolationMessages(group);
  for (size_t i = before; i < checks->size(); ++i) {
    (*checks)[i].needs.messages = true;
  }
}

}  // namespace glue_security::conformance_internal
