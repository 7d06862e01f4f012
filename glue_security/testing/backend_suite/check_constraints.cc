// constraint, violations: every constraint of every member at its bounds, from
// the options of the protos.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "glue_security/testing/backend_suite/member_values.h"
#include "glue_security/testing/backend_suite/request_members.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "docs/reference/constraints.md";

// Expects that the request, which breaks no constraint, is refused by another
// rule. Other checks judge that rule.
void ExpectOtherError(CheckContext& check, const v1::Request& request,
                      v1::ErrorCode code) {
  const v1::Response response = check.Call(request);
  const v1::ErrorCode constraint = check.behavior().constraint_error_code;
  check.Expect(response.error().code() == code, "the answer of another rule",
               CodeText(code), Summary(response),
               response.error().code() == constraint
                   ? BackendCheckBasis::kContract
                   : BackendCheckBasis::kChoice);
}

// Expects on a new backend that the request breaks nothing, and that its values
// are stored.
void ExpectTaken(CheckContext& check, const v1::Request& request) {
  check.Restart();
  const v1::ErrorCode code = CodeWithoutState(request, check.behavior());
  if (code != v1::ERROR_CODE_UNSPECIFIED) {
    ExpectOtherError(check, request, code);
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
  } else if (request.has_create_connection()) {
    v1::ConnectionInput input = request.create_connection().connection_input();
    const auto shown =
        check.Ok(GetConnection(input.name(), true, CatalogIdOf(request)));
    // No password is shown.
    auto* properties =
        input.mutable_connection_properties()->mutable_elements();
    for (auto it = properties->begin(); it != properties->end();) {
      it = absl::StrContains(it->first, "PASSWORD") ? properties->erase(it)
                                                    : std::next(it);
    }
    check.Same("the connection that is stored", input,
               InputOf(shown.get_connection().connection()));
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

v1::Request WithInt(const RequestMember& member, int64_t value) {
  v1::Request request = PlainRequest(member);
  SetInt(member, static_cast<int32_t>(value), &request);
  return request;
}

// Expects what the constraints say about the text as the member's value.
void ExpectJudged(CheckContext& check, const RequestMember& member,
                  absl::string_view text) {
  v1::Request request = PlainRequest(member);
  SetString(member, text, &request);
  const auto broken = BrokenBy(member, check.observed(), text);
  if (broken.empty()) {
    SetBothNames(member, text, &request);
    ExpectTaken(check, request);
  } else {
    ExpectBroken(check, request, member, broken);
  }
}

const ApiSchema& ApiOf(BackendPreset preset) {
  return ApiSchema::For(BehaviorOf(preset));
}

// The members of all presets: the newest model has each of them.
const std::vector<RequestMember>& AllMembers() {
  return RequestMembers(ApiOf(BackendPreset::kCurrent));
}

// One member, in each preset whose model has it.
class MemberChecks {
 public:
  using Has = std::function<bool(const v1::ShapeConstraints& constraints)>;
  using Run =
      std::function<void(CheckContext& check, const RequestMember& member)>;

  MemberChecks(CheckGroup* group, const RequestMember& member)
      : group_(group), member_(member) {}

  const RequestMember& newest() const { return member_; }

  // Adds a check for the presets whose constraints of the member are so.
  void Add(absl::string_view id, absl::string_view says, const Has& has,
           Run run, BackendNeeds needs = BackendNeeds()) {
    std::vector<BackendPreset> presets;
    for (const BackendPreset preset : kBackendPresets) {
      const RequestMember* member = FindRequestMember(ApiOf(preset), member_);
      if (member != nullptr && has(member->constraints)) {
        presets.push_back(preset);
      }
    }
    if (presets.empty()) return;
    needs.presets = std::move(presets);
    group_->Add(
        absl::StrCat(OperationName(member_.operation), ".", member_.name, ".",
                     id),
        says,
        [run = std::move(run), &member = member_](CheckContext& check) {
          run(check,
              *FindRequestMember(ApiSchema::For(check.behavior()), member));
        },
        std::move(needs));
  }
  void Add(absl::string_view id, absl::string_view says, Run run,
           BackendNeeds needs = BackendNeeds()) {
    Add(
        id, says, [](const v1::ShapeConstraints&) { return true; },
        std::move(run), std::move(needs));
  }

  // Returns the constraints that the first preset with such has.
  v1::ShapeConstraints First(const Has& has) const {
    for (const BackendPreset preset : kBackendPresets) {
      const RequestMember* member = FindRequestMember(ApiOf(preset), member_);
      if (member != nullptr && has(member->constraints)) {
        return member->constraints;
      }
    }
    return v1::ShapeConstraints();
  }

  // Returns the patterns of the presets: "A, Observed B".
  std::string Patterns() const {
    std::string text;
    std::string last;
    for (const BackendPreset preset : kBackendPresets) {
      const RequestMember* member = FindRequestMember(ApiOf(preset), member_);
      if (member == nullptr) continue;
      const std::string pattern =
          PatternTextsOf(member->pattern(BehaviorOf(preset).observed_patterns))
              .published();
      if (pattern == last) continue;
      if (!text.empty()) {
        absl::StrAppend(&text, preset == BackendPreset::kObserved
                                   ? ", Observed "
                                   : ", Current ");
      }
      text += pattern;
      last = pattern;
    }
    return text;
  }

 private:
  CheckGroup* group_;
  const RequestMember& member_;
};

void AddPresence(MemberChecks& checks) {
  if (!checks.newest().is_whole()) return;
  if (checks.newest().required()) {
    checks.Add("required", "required: an absent member is null",
               [](CheckContext& check, const RequestMember& member) {
                 v1::Request request = PlainRequest(member);
                 ClearMember(member, &request);
                 ExpectBroken(check, request, member, {"REQUIRED"});
               });
    return;
  }
  checks.Add("optional", "not required: it may be absent",
             [](CheckContext& check, const RequestMember& member) {
               v1::Request request = PlainRequest(member);
               ClearMember(member, &request);
               ExpectTaken(check, request);
             });
}

bool HasMin(const v1::ShapeConstraints& constraints) {
  return constraints.has_length_bytes_min();
}
bool HasMax(const v1::ShapeConstraints& constraints) {
  return constraints.has_length_bytes_max();
}
bool HasPattern(const v1::ShapeConstraints& constraints) {
  return constraints.pattern() != v1::PATTERN_UNSPECIFIED;
}

void AddLengths(MemberChecks& checks) {
  checks.Add(
      "length_min",
      absl::StrCat("not less than ", checks.First(HasMin).length_bytes_min(),
                   " bytes long"),
      HasMin, [](CheckContext& check, const RequestMember& member) {
        const size_t min = member.text().length_bytes_min;
        ExpectJudged(check, member, TextOfBytes(member, min, false));
        if (min == 0) return;
        ExpectJudged(check, member, TextOfBytes(member, min - 1, false));
        // A character of two bytes counts as two.
        ExpectJudged(check, member, TextOfBytes(member, 2, true));
      });
  const std::string says = absl::StrCat(
      "not more than ", checks.First(HasMax).length_bytes_max(), " bytes long");
  checks.Add("length_max", says, HasMax,
             [](CheckContext& check, const RequestMember& member) {
               const size_t max = member.text().length_bytes_max;
               ExpectJudged(check, member, TextOfBytes(member, max, false));
               ExpectJudged(check, member, TextOfBytes(member, max + 1, false));
             });
  checks.Add("length_in_bytes",
             absl::StrCat(says, ": bytes of UTF-8, not characters"), HasMax,
             [](CheckContext& check, const RequestMember& member) {
               const size_t max = member.text().length_bytes_max;
               ExpectJudged(check, member, TextOfBytes(member, max, true));
               ExpectJudged(check, member, TextOfBytes(member, max + 1, true));
             });
  checks.Add(
      "both",
      "all of them are reported together; within a member maximum "
      "before pattern",
      [](const v1::ShapeConstraints& constraints) {
        return HasMax(constraints) && HasPattern(constraints);
      },
      [](CheckContext& check, const RequestMember& member) {
        const size_t max = member.text().length_bytes_max;
        // Each pattern refuses one of the two.
        ExpectJudged(check, member,
                     TextOfBytes(member, max, false) + std::string("\n\0", 2));
      });
}

void AddPatterns(MemberChecks& checks) {
  BackendNeeds invalid_utf8;
  invalid_utf8.invalid_utf8 = true;
  checks.Add(
      "utf8",
      "invalid UTF-8 in any string is one pattern violation at that "
      "member",
      [](CheckContext& check, const RequestMember& member) {
        for (const std::string& text : MalformedTexts(member)) {
          ExpectJudged(check, member, text);
        }
      },
      invalid_utf8);
  if (!HasPattern(checks.newest().constraints)) return;
  checks.Add("pattern", absl::StrCat("matches as a whole ", checks.Patterns()),
             HasPattern, [](CheckContext& check, const RequestMember& member) {
               const bool observed = check.observed();
               for (const std::string& text : MatchingTexts(member, observed)) {
                 ExpectJudged(check, member, text);
               }
               for (const std::string& text : OtherTexts(member, observed)) {
                 ExpectJudged(check, member, text);
               }
             });
}

void AddValues(MemberChecks& checks) {
  const v1::ShapeConstraints& newest = checks.newest().constraints;
  if (newest.has_value_min()) {
    checks.Add("value_min", absl::StrCat("not less than ", newest.value_min()),
               [](CheckContext& check, const RequestMember& member) {
                 const int64_t min = member.schema().value_min;
                 ExpectTaken(check, WithInt(member, min));
                 for (const int64_t value :
                      {min - 1, int64_t{-1}, int64_t{INT32_MIN}}) {
                   ExpectBroken(check, WithInt(member, value), member,
                                {"VALUE_MIN"});
                 }
               });
  }
  if (newest.has_value_max()) {
    checks.Add("value_max", absl::StrCat("not more than ", newest.value_max()),
               [](CheckContext& check, const RequestMember& member) {
                 const int64_t max = member.schema().value_max;
                 ExpectTaken(check, WithInt(member, max));
                 for (const int64_t value : {max + 1, int64_t{INT32_MAX}}) {
                   ExpectBroken(check, WithInt(member, value), member,
                                {"VALUE_MAX"});
                 }
               });
  }
}

void AddEnums(MemberChecks& checks) {
  checks.Add(
      "values", "each of its values is accepted",
      [](CheckContext& check, const RequestMember& member) {
        for (const EnumValueSchema& value : member.schema().enum_values) {
          v1::Request request = PlainRequest(member);
          SetEnum(member, value.number, &request);
          ExpectTaken(check, request);
        }
      });
  checks.Add("enum", "any other value is a violation",
             [](CheckContext& check, const RequestMember& member) {
               for (const int number : {0, 99, -1}) {
                 v1::Request request = PlainRequest(member);
                 SetEnum(member, number, &request);
                 ExpectBroken(check, request, member, {"ENUM"});
               }
             });
  checks.Add(
      "unparsed",
      "a text that is not one of the values is a violation; the member "
      "does not count as absent",
      [](CheckContext& check, const RequestMember& member) {
        for (const char* text : {"MAYBE", "", "disabled", "SSEKMS"}) {
          v1::Request request = PlainRequest(member);
          ClearMember(member, &request);
          v1::UnparsedValue* unparsed = request.add_unparsed_values();
          unparsed->set_path(member.path);
          unparsed->set_text(text);
          ExpectBroken(check, request, member, {"ENUM"});
        }
      },
      NeedsUnparsedValues());
}

// Returns the request with a list or map of that many elements.
v1::Request WithSize(const RequestMember& member, size_t size) {
  v1::Request request = PlainRequest(member);
  SetSize(member, size, &request);
  return request;
}

// Expects what the constraints say about a list or map of that many elements.
// A map may need keys that are not of its enum.
void ExpectSizeJudged(CheckContext& check, const RequestMember& member,
                      size_t size) {
  const MemberSchema& schema = member.schema();
  std::vector<std::string> broken;
  if (size < schema.size_min) broken.emplace_back("LENGTH_MIN");
  if (size > schema.size_max) broken.emplace_back("LENGTH_MAX");
  if (const size_t keys = schema.enum_values.size(); keys > 0 && size > keys) {
    broken.resize(broken.size() + size - keys, "ENUM");
  }
  const v1::Request request = WithSize(member, size);
  if (broken.empty()) {
    ExpectTaken(check, request);
  } else {
    ExpectBroken(check, request, member, broken);
  }
}

bool HasSizeMin(const v1::ShapeConstraints& constraints) {
  return constraints.has_size_min();
}
bool HasSizeMax(const v1::ShapeConstraints& constraints) {
  return constraints.has_size_max();
}

void AddSizes(MemberChecks& checks) {
  const std::string elements =
      checks.newest().is_map() ? " pairs" : " elements";
  checks.Add("size_min",
             absl::StrCat("not less than ", checks.First(HasSizeMin).size_min(),
                          elements),
             HasSizeMin, [](CheckContext& check, const RequestMember& member) {
               const size_t min = member.schema().size_min;
               ExpectSizeJudged(check, member, min);
               if (min > 0) ExpectSizeJudged(check, member, min - 1);
             });
  checks.Add("size_max",
             absl::StrCat("not more than ", checks.First(HasSizeMax).size_max(),
                          elements),
             HasSizeMax, [](CheckContext& check, const RequestMember& member) {
               const size_t max = member.schema().size_max;
               ExpectSizeJudged(check, member, max);
               ExpectSizeJudged(check, member, max + 1);
             });
}

// The texts that some day is a key.
void AddEnumKeys(MemberChecks& checks) {
  checks.Add("values", "each of its keys is accepted",
             [](CheckContext& check, const RequestMember& member) {
               for (const auto& value : member.schema().enum_values) {
                 ExpectJudged(check, member, value.text);
               }
             });
  checks.Add("enum", "any other key is a violation",
             [&newest = checks.newest()](CheckContext& check,
                                         const RequestMember& member) {
               for (const auto& value : newest.schema().enum_values) {
                 if (member.schema().FindEnumValue(value.text) == nullptr) {
                   ExpectJudged(check, member, value.text);
                 }
               }
               for (const char* text : {"", "host", "HOST ", "NAME"}) {
                 ExpectJudged(check, member, text);
               }
             });
}

// Breaks every member once, and expects all violations in the order of the
// contract.
void RunAllTogether(CheckContext& check, Operation operation) {
  v1::Request request;
  std::vector<std::string> violations;
  for (const RequestMember& member :
       RequestMembers(ApiSchema::For(check.behavior()))) {
    if (member.operation != operation) continue;
    if (request.operation_case() != operation) request = PlainRequest(member);
    const std::string broken =
        BreakMember(member, check.target().takes_invalid_utf8, &request);
    if (!broken.empty()) {
      violations.push_back(absl::StrCat(member.path, " ", broken));
    }
  }
  check.Breaks(request, violations);
}

// Removes every member that is required.
void RunAllAbsent(CheckContext& check, Operation operation) {
  const ApiSchema& api = ApiSchema::For(check.behavior());
  v1::Request request = BaseRequest(api, operation);
  MessageOf(&request)->Clear();
  std::vector<std::string> violations;
  for (const RequestMember& member : RequestMembers(api)) {
    if (member.operation == operation && member.way.size() == 1 &&
        member.required()) {
      violations.push_back(member.path + " REQUIRED");
    }
  }
  check.Breaks(request, violations);
}

// Returns the presets in which the operation has such a member.
template <typename Predicate>
std::vector<BackendPreset> PresetsWith(Operation operation,
                                       Predicate predicate) {
  std::vector<BackendPreset> presets;
  for (const BackendPreset preset : kBackendPresets) {
    const auto& members = RequestMembers(ApiOf(preset));
    if (std::any_of(members.begin(), members.end(),
                    [&](const RequestMember& member) {
                      return member.operation == operation && predicate(member);
                    })) {
      presets.push_back(preset);
    }
  }
  return presets;
}

void AddAllChecks(CheckGroup& group) {
  for (const Operation operation : kAllOperations) {
    const auto with_members =
        PresetsWith(operation, [](const RequestMember&) { return true; });
    if (!with_members.empty()) {
      group.Add(
          absl::StrCat(OperationName(operation), ".all_together"),
          "all of them are reported together, members in contract order",
          [operation](CheckContext& check) {
            RunAllTogether(check, operation);
          },
          Only(with_members));
    }
    const auto with_required =
        PresetsWith(operation, [](const RequestMember& member) {
          return member.way.size() == 1 && member.required();
        });
    if (!with_required.empty()) {
      group.Add(
          absl::StrCat(OperationName(operation), ".all_absent"),
          "required members that are absent are reported together",
          [operation](CheckContext& check) { RunAllAbsent(check, operation); },
          Only(with_required));
    }
  }
}

void AddViolations(CheckGroup& group) {
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
  group.Add(
      "code", "Documented InvalidInputException; Observed ValidationException",
      [](CheckContext& check) { check.Breaks(Get(""), {"name LENGTH_MIN"}); });
}

}  // namespace

void AddConstraintChecks(Checks* checks) {
  CheckGroup group(checks, "constraint", kSource);
  for (const RequestMember& member : AllMembers()) {
    MemberChecks member_checks(&group, member);
    AddPresence(member_checks);
    if (member.is_string()) {
      AddLengths(member_checks);
      AddPatterns(member_checks);
    }
    if (member.is_int()) AddValues(member_checks);
    if (member.is_enum()) AddEnums(member_checks);
    if (member.is_enum_key()) AddEnumKeys(member_checks);
    if (member.is_string_list() || member.is_map()) AddSizes(member_checks);
  }
  CheckGroup violations(checks, "violations", "docs/reference/constraints.md");
  AddAllChecks(violations);
  AddViolations(violations);
}

}  // namespace glue_security::conformance_internal
