// constraint, violations: every constraint of every member at its bounds, from
// the options of the protos.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/member_values.h"
#include "glue_security/testing/backend_suite/request_members.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "contract; docs/reference/constraints.md";

std::string WireName(const RequestMember& member) {
  return absl::StrCat(OperationName(member.operation), ".", member.path);
}

// Expects on a new backend that the request breaks nothing, and that its values
// are stored.
void ExpectTaken(CheckContext& check, const v1::Request& request) {
  check.Restart();
  const v1::ErrorCode code = CodeWithoutState(request, check.behavior());
  if (code != v1::ERROR_CODE_UNSPECIFIED) {
    check.Fails(request, code);
    return;
  }
  const v1::Response response = check.Ok(request);
  if (request.has_create_security_configuration()) {
    const auto& name = request.create_security_configuration().name();
    check.Same("the name in the answer", name,
               response.create_security_configuration().name());
    check.Same(
        "the configuration that is stored",
        request.create_security_configuration().encryption_configuration(),
        check.Ok(Get(name))
            .get_security_configuration()
            .security_configuration()
            .encryption_configuration());
  } else if (request.has_put_resource_policy()) {
    check.Ok(GetPolicy());
  }
}

void ExpectBroken(CheckContext& check, const v1::Request& request,
                  const RequestMember& member,
                  const std::vector<std::string>& constraints) {
  check.Restart();
  std::vector<std::string> violations;
  for (const std::string& constraint : constraints) {
    violations.push_back(absl::StrCat(member.path, " ", constraint));
  }
  check.Breaks(request, violations);
}

v1::Request WithText(const RequestMember& member, absl::string_view text) {
  v1::Request request = PlainRequest(member);
  SetString(member, text, &request);
  return request;
}

v1::Request WithInt(const RequestMember& member, int64_t value) {
  v1::Request request = PlainRequest(member);
  SetInt(member, static_cast<int32_t>(value), &request);
  return request;
}

void AddPresence(CheckGroup& group, const RequestMember& member) {
  if (member.required()) {
    group.Add(WireName(member) + ".required",
              "required: an absent member is null",
              [&member](CheckContext& check) {
                v1::Request request = PlainRequest(member);
                ClearMember(member, &request);
                ExpectBroken(check, request, member, {"REQUIRED"});
              });
    return;
  }
  group.Add(WireName(member) + ".optional", "not required: it may be absent",
            [&member](CheckContext& check) {
              v1::Request request = PlainRequest(member);
              ClearMember(member, &request);
              ExpectTaken(check, request);
            });
}

void AddLengths(CheckGroup& group, const RequestMember& member) {
  const v1::ShapeConstraints& constraints = member.constraints;
  if (constraints.has_length_bytes_min()) {
    const auto min = static_cast<size_t>(constraints.length_bytes_min());
    group.Add(
        WireName(member) + ".length_min",
        absl::StrCat("not less than ", min, " bytes long"),
        [&member, min](CheckContext& check) {
          ExpectTaken(check, WithText(member, TextOfBytes(member, min, false)));
          ExpectBroken(check,
                       WithText(member, TextOfBytes(member, min - 1, false)),
                       member, {"LENGTH_MIN"});
          // A character of two bytes counts as two.
          ExpectTaken(check, WithText(member, TextOfBytes(member, 2, true)));
        });
  }
  if (constraints.has_length_bytes_max()) {
    const auto max = static_cast<size_t>(constraints.length_bytes_max());
    group.Add(
        WireName(member) + ".length_max",
        absl::StrCat("not more than ", max, " bytes long"),
        [&member, max](CheckContext& check) {
          ExpectTaken(check, WithText(member, TextOfBytes(member, max, false)));
          ExpectBroken(check,
                       WithText(member, TextOfBytes(member, max + 1, false)),
                       member, {"LENGTH_MAX"});
        });
    group.Add(
        WireName(member) + ".length_in_bytes",
        absl::StrCat("not more than ", max,
                     " bytes long: bytes of UTF-8, not characters"),
        [&member, max](CheckContext& check) {
          ExpectTaken(check, WithText(member, TextOfBytes(member, max, true)));
          ExpectBroken(check,
                       WithText(member, TextOfBytes(member, max + 1, true)),
                       member, {"LENGTH_MAX"});
        });
  }
  if (constraints.has_length_bytes_max() &&
      constraints.pattern() != v1::PATTERN_UNSPECIFIED) {
    const auto max = static_cast<size_t>(constraints.length_bytes_max());
    group.Add(WireName(member) + ".both",
              "all of them are reported together; within a member maximum "
              "before pattern",
              [&member, max](CheckContext& check) {
                ExpectBroken(
                    check,
                    WithText(member, TextOfBytes(member, max, false) + "\n"),
                    member, {"LENGTH_MAX", "PATTERN"});
              });
  }
}

void AddPatterns(CheckGroup& group, const RequestMember& member) {
  group.Add(WireName(member) + ".utf8",
            "invalid UTF-8 in any string is one pattern violation at that "
            "member",
            [&member](CheckContext& check) {
              for (const std::string& text : MalformedTexts(member)) {
                ExpectBroken(check, WithText(member, text), member,
                             {"PATTERN"});
              }
            });
  if (member.constraints.pattern() == v1::PATTERN_UNSPECIFIED) return;
  group.Add(
      WireName(member) + ".pattern",
      absl::StrCat("matches as a whole ",
                   PatternTextsOf(member.constraints.pattern()).published(),
                   member.constraints.has_observed_pattern()
                       ? absl::StrCat(", Observed ",
                                      PatternTextsOf(
                                          member.constraints.observed_pattern())
                                          .published())
                       : ""),
      [&member](CheckContext& check) {
        for (const std::string& text :
             MatchingTexts(member, check.observed())) {
          ExpectTaken(check, WithText(member, text));
        }
        for (const std::string& text : OtherTexts(member, check.observed())) {
          ExpectBroken(check, WithText(member, text), member, {"PATTERN"});
        }
      });
}

void AddValues(CheckGroup& group, const RequestMember& member) {
  const v1::ShapeConstraints& constraints = member.constraints;
  if (constraints.has_value_min()) {
    const int64_t min = constraints.value_min();
    group.Add(
        WireName(member) + ".value_min", absl::StrCat("not less than ", min),
        [&member, min](CheckContext& check) {
          ExpectTaken(check, WithInt(member, min));
          for (const int64_t value :
               {min - 1, int64_t{-1}, int64_t{INT32_MIN}}) {
            ExpectBroken(check, WithInt(member, value), member, {"VALUE_MIN"});
          }
        });
  }
  if (constraints.has_value_max()) {
    const int64_t max = constraints.value_max();
    group.Add(
        WireName(member) + ".value_max", absl::StrCat("not more than ", max),
        [&member, max](CheckContext& check) {
          ExpectTaken(check, WithInt(member, max));
          for (const int64_t value : {max + 1, int64_t{INT32_MAX}}) {
            ExpectBroken(check, WithInt(member, value), member, {"VALUE_MAX"});
          }
        });
  }
}

void AddEnums(CheckGroup& group, const RequestMember& member) {
  group.Add(WireName(member) + ".values", "each of its values is accepted",
            [&member](CheckContext& check) {
              for (const EnumValueSchema& value : member.schema().enum_values) {
                v1::Request request = PlainRequest(member);
                SetEnum(member, value.number, &request);
                ExpectTaken(check, request);
              }
            });
  group.Add(WireName(member) + ".enum", "any other value is a violation",
            [&member](CheckContext& check) {
              for (const int number : {0, 99, -1}) {
                v1::Request request = PlainRequest(member);
                SetEnum(member, number, &request);
                ExpectBroken(check, request, member, {"ENUM"});
              }
            });
  group.Add(WireName(member) + ".unparsed",
            "a text that is not one of the values is a violation; the member "
            "does not count as absent",
            [&member](CheckContext& check) {
              for (const char* text : {"MAYBE", "", "disabled", "SSEKMS"}) {
                v1::Request request = PlainRequest(member);
                ClearMember(member, &request);
                v1::UnparsedEnum* unparsed = request.add_unparsed_enums();
                unparsed->set_path(member.path);
                unparsed->set_text(text);
                ExpectBroken(check, request, member, {"ENUM"});
              }
            });
}

// Breaks every member once, and expects all violations in the order of the
// contract.
void RunAllTogether(CheckContext& check, Operation operation) {
  v1::Request request;
  std::vector<std::string> violations;
  for (const RequestMember& member : RequestMembers()) {
    if (member.operation != operation) continue;
    if (request.operation_case() != operation) request = PlainRequest(member);
    const std::string broken = BreakMember(member, &request);
    if (!broken.empty()) {
      violations.push_back(absl::StrCat(member.path, " ", broken));
    }
  }
  check.Breaks(request, violations);
}

// Removes every member that is required.
void RunAllAbsent(CheckContext& check, Operation operation) {
  v1::Request request = BaseRequest(operation);
  MessageOf(&request)->Clear();
  std::vector<std::string> violations;
  for (const RequestMember& member : RequestMembers()) {
    if (member.operation == operation && member.way.size() == 1 &&
        member.required()) {
      violations.push_back(member.path + " REQUIRED");
    }
  }
  check.Breaks(request, violations);
}

void AddViolations(CheckGroup& group) {
  for (const Operation operation : kAllOperations) {
    const auto has = [operation](auto predicate) {
      return std::any_of(RequestMembers().begin(), RequestMembers().end(),
                         [&](const RequestMember& member) {
                           return member.operation == operation &&
                                  predicate(member);
                         });
    };
    if (has([](const RequestMember&) { return true; })) {
      group.Add(absl::StrCat(OperationName(operation), ".all_together"),
                "all of them are reported together, members in contract order",
                [operation](CheckContext& check) {
                  RunAllTogether(check, operation);
                });
    }
    if (has([](const RequestMember& member) {
          return member.way.size() == 1 && member.required();
        })) {
      group.Add(
          absl::StrCat(OperationName(operation), ".all_absent"),
          "required members that are absent are reported together",
          [operation](CheckContext& check) { RunAllAbsent(check, operation); });
    }
  }
  group.Add("list_elements", "list elements are name.N.member, counted from 1",
            [](CheckContext& check) {
              check.Breaks(
                  Create("a", ConfigurationOf(
                                  R"pb(s3_encryption {
                                         elements { kms_key_arn: "x" }
                                         elements {}
                                         elements { kms_key_arn: "y" }
                                       })pb")),
                  {"encryptionConfiguration.s3Encryption.1.member.kmsKeyArn "
                   "PATTERN",
                   "encryptionConfiguration.s3Encryption.3.member.kmsKeyArn "
                   "PATTERN"});
            });
  group.Add("code",
            "Documented InvalidInputException; Observed ValidationException",
            [](CheckContext& check) {
              const v1::Response response = check.Call(Get(""));
              check.Same("the code",
                         v1::ErrorCode_Name(check.observed()
                                                ? v1::ERROR_CODE_VALIDATION
                                                : v1::ERROR_CODE_INVALID_INPUT),
                         v1::ErrorCode_Name(response.error().code()));
            });
}

}  // namespace

void AddConstraintChecks(Checks* checks) {
  CheckGroup group(checks, "constraint", kSource);
  for (const RequestMember& member : RequestMembers()) {
    AddPresence(group, member);
    if (member.is_string()) {
      AddLengths(group, member);
      AddPatterns(group, member);
    }
    if (member.is_int()) AddValues(group, member);
    if (member.is_enum()) AddEnums(group, member);
  }
  CheckGroup violations(checks, "violations", "docs/reference/constraints.md");
  AddViolations(violations);
}

}  // namespace glue_security::conformance_internal
