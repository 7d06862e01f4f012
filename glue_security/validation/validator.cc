#include "glue_security/validation/validator.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_blanks.h"
#include "glue_security/json/json_number.h"
#include "glue_security/model/error.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/schema/accessors.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/validation/quote.h"
#include "glue_security/validation/text_pattern.h"
#include "google/protobuf/map.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;
using StringMap = google::protobuf::Map<std::string, std::string>;

// The position of the walk: a chain of stack frames. It is made into a path
// only when a violation or an unparsed value needs one.
struct Location {
  // nullptr when the member belongs to the request itself.
  const Location* parent;
  const MemberSchema* member;
  // The element of a list, counted from 1; 0 when this is not an element.
  int element;
  // The key of a map's value; nullptr when this is not a value of a map.
  const std::string* key = nullptr;
};

// A path shows this much of a key that is not of the API.
constexpr size_t kKeyCodePointsMax = 255;

void AppendPath(const Location& location, std::string* path) {
  if (location.parent != nullptr) {
    AppendPath(*location.parent, path);
    path->push_back('.');
  }
  path->append(location.member->path_name);
  if (location.element != 0) {
    absl::StrAppend(path, ".", location.element, ".member");
  }
  if (location.key != nullptr) {
    absl::StrAppend(path, ".", QuoteValue(*location.key, kKeyCodePointsMax),
                    ".member");
  }
}

std::string PathOf(const Location& location) {
  std::string path;
  AppendPath(location, &path);
  return path;
}

// One validation of one request.
class Walk {
 public:
  Walk(bool observed_patterns, bool reprints_policies,
       std::optional<size_t> quoted_code_points_max, int violations_max,
       const RepeatedPtrField<v1::UnparsedValue>& unparsed_values)
      : observed_patterns_(observed_patterns),
        reprints_policies_(reprints_policies),
        quoted_code_points_max_(quoted_code_points_max),
        violations_max_(violations_max) {
    for (const v1::UnparsedValue& entry : unparsed_values) {
      OrEnd([&] { unparsed_.try_emplace(entry.path(), entry.text()); });
    }
  }

  void CheckStructure(const StructureSchema& structure, const Message& message,
                      const Location* parent) {
    for (const MemberSchema& member : structure.members) {
      const Location location = {parent, &member, 0};
      if (member.accessors->has(message)) {
        CheckPresent(message, location);
      } else {
        CheckAbsent(location);
      }
    }
  }

  // The violations that are listed; empty when no constraint is broken.
  RepeatedPtrField<v1::Violation>& violations() { return violations_; }
  // The number of all violations, including those beyond the bound.
  int64_t violation_count() const { return violation_count_; }

 private:
  void CheckAbsent(const Location& location) {
    const MemberSchema& member = *location.member;
    if (member.kind == MemberKind::kEnum && !unparsed_.empty()) {
      const auto found = unparsed_.find(PathOf(location));
      if (found != unparsed_.end()) {
        AddEnumViolation(location, found->second);
        return;
      }
    }
    if (member.required) {
      Add(location, v1::Violation::CONSTRAINT_REQUIRED,
          "Member must not be null");
    }
  }

  void CheckPresent(const Message& message, const Location& location) {
    const Accessors& access = *location.member->accessors;
    switch (location.member->kind) {
      case MemberKind::kString:
        CheckText(location, *location.member, access.get_string(message), "");
        break;
      case MemberKind::kInteger:
        CheckInt32(location, access.get_int32(message));
        break;
      case MemberKind::kBoolean:
      case MemberKind::kTimestamp:
      // Only responses have it.
      case MemberKind::kStructureMap:
        break;
      case MemberKind::kEnum:
        CheckEnum(location, access.get_enum(message));
        break;
      case MemberKind::kStructure:
        CheckStructure(*location.member->structure, access.get_message(message),
                       &location);
        break;
      case MemberKind::kList:
        CheckList(access.get_message(message), location);
        break;
      case MemberKind::kStringList:
        CheckStringList(access.get_message(message), location);
        break;
      case MemberKind::kMap:
        CheckMap(access.get_map(message), location);
        break;
    }
  }

  // Checks a string. `whose` begins the requirement: "" or "Map keys must
  // satisfy constraint: [", which a bracket closes.
  void CheckText(const Location& location, const TextConstraints& constraints,
                 absl::string_view value, absl::string_view whose) {
    const absl::string_view end = whose.empty() ? "" : "]";
    const auto add = [&](v1::Violation::Constraint constraint,
                         std::string requirement) {
      requirement = absl::StrCat(whose, requirement, end);
      if (constraints.is_confidential) {
        Add(location, constraint, std::move(requirement));
      } else {
        Add(location, constraint, value, std::move(requirement));
      }
    };
    if (value.size() < constraints.length_bytes_min) {
      add(v1::Violation::CONSTRAINT_LENGTH_MIN,
          absl::StrCat("Member must have length greater than or equal to ",
                       constraints.length_bytes_min));
    }
    if (value.size() > constraints.length_bytes_max &&
        !(reprints_policies_ && constraints.is_json_text &&
          SizeWithoutBlanks(value) <= constraints.length_bytes_max)) {
      add(v1::Violation::CONSTRAINT_LENGTH_MAX,
          absl::StrCat("Member must have length less than or equal to ",
                       constraints.length_bytes_max));
    }
    const v1::Pattern pattern = constraints.pattern(observed_patterns_);
    if (!MatchesPattern(pattern, value)) {
      add(v1::Violation::CONSTRAINT_PATTERN,
          absl::StrCat("Member must satisfy regular expression pattern: ",
                       PublishedText(pattern)));
    }
  }

  // Returns an integer as it was sent.
  std::string TextOf(const Location& location, int32_t value) const {
    if (!unparsed_.empty()) {
      const auto found = unparsed_.find(PathOf(location));
      if (found != unparsed_.end() && IsClampedTo(value, found->second)) {
        return std::string(found->second);
      }
    }
    return absl::StrCat(value);
  }

  void CheckInt32(const Location& location, int32_t value) {
    const MemberSchema& member = *location.member;
    if (value < member.value_min) {
      Add(location, v1::Violation::CONSTRAINT_VALUE_MIN,
          TextOf(location, value),
          absl::StrCat("Member must have value greater than or equal to ",
                       member.value_min));
    }
    if (value > member.value_max) {
      Add(location, v1::Violation::CONSTRAINT_VALUE_MAX,
          TextOf(location, value),
          absl::StrCat("Member must have value less than or equal to ",
                       member.value_max));
    }
  }

  void CheckEnum(const Location& location, int number) {
    if (location.member->FindEnumValue(number) == nullptr) {
      AddEnumViolation(location, absl::StrCat(number));
    }
  }

  void CheckList(const Message& list, const Location& location) {
    const MemberSchema& member = *location.member;
    const Reflection& reflection = *list.GetReflection();
    const int size = reflection.FieldSize(list, member.elements);
    CheckSize(location, static_cast<size_t>(size));
    for (int i = 0; i < size; ++i) {
      const Location element = {location.parent, &member, i + 1};
      CheckStructure(*member.structure,
                     reflection.GetRepeatedMessage(list, member.elements, i),
                     &element);
    }
  }

  void CheckStringList(const Message& list, const Location& location) {
    const MemberSchema& member = *location.member;
    const Reflection& reflection = *list.GetReflection();
    const int size = reflection.FieldSize(list, member.elements);
    CheckSize(location, static_cast<size_t>(size));
    std::string scratch;
    for (int i = 0; i < size; ++i) {
      const Location element = {location.parent, &member, i + 1};
      CheckText(element, member.element,
                reflection.GetRepeatedStringReference(list, member.elements, i,
                                                      &scratch),
                "");
    }
  }

  // Checks the keys and the values in the order of the keys.
  void CheckMap(const StringMap& map, const Location& location) {
    const MemberSchema& member = *location.member;
    CheckSize(location, map.size());
    std::vector<const StringMap::value_type*> entries;
    entries.reserve(map.size());
    for (const auto& entry : map) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(),
              [](const auto* a, const auto* b) { return a->first < b->first; });
    for (const auto* entry : entries) {
      CheckKey(location, entry->first);
      Location value = location;
      value.key = &entry->first;
      CheckText(value, member.element, entry->second,
                "Map value must satisfy constraint: [");
    }
  }

  void CheckKey(const Location& location, const std::string& key) {
    constexpr absl::string_view kWhose = "Map keys must satisfy constraint: [";
    const MemberSchema& member = *location.member;
    CheckText(location, member.key, key, kWhose);
    if (!member.enum_values.empty() && member.FindEnumValue(key) == nullptr) {
      Add(location, v1::Violation::CONSTRAINT_ENUM, key,
          absl::StrCat(kWhose, "Member must satisfy enum value set: ",
                       member.enum_set, "]"));
    }
  }

  // Checks the number of elements of a list or a map. Its value is not quoted.
  void CheckSize(const Location& location, size_t count) {
    const MemberSchema& member = *location.member;
    if (count < member.size_min) {
      Add(location, v1::Violation::CONSTRAINT_LENGTH_MIN,
          absl::StrCat("Member must have length greater than or equal to ",
                       member.size_min));
    }
    if (count > member.size_max) {
      Add(location, v1::Violation::CONSTRAINT_LENGTH_MAX,
          absl::StrCat("Member must have length less than or equal to ",
                       member.size_max));
    }
  }

  // Counts a violation and lists it. Returns nullptr when it is beyond the
  // bound and only counted.
  v1::Violation* Add(const Location& location,
                     v1::Violation::Constraint constraint,
                     std::string requirement) {
    ++violation_count_;
    if (violations_.size() >= violations_max_) return nullptr;
    v1::Violation* violation = violations_.Add();
    violation->set_path(PathOf(location));
    violation->set_constraint(constraint);
    violation->set_requirement(std::move(requirement));
    return violation;
  }

  void Add(const Location& location, v1::Violation::Constraint constraint,
           absl::string_view value, std::string requirement) {
    v1::Violation* violation =
        Add(location, constraint, std::move(requirement));
    if (violation == nullptr) return;
    violation->set_value(QuoteValue(value, quoted_code_points_max_));
  }

  void AddEnumViolation(const Location& location, absl::string_view value) {
    Add(location, v1::Violation::CONSTRAINT_ENUM, value,
        absl::StrCat("Member must satisfy enum value set: ",
                     location.member->enum_set));
  }

  const bool observed_patterns_;
  const bool reprints_policies_;
  const std::optional<size_t> quoted_code_points_max_;
  const int violations_max_;
  // Texts by path. When several entries have the same path, the first is kept.
  absl::flat_hash_map<absl::string_view, absl::string_view> unparsed_;
  RepeatedPtrField<v1::Violation> violations_;
  int64_t violation_count_ = 0;
};

// Returns the message of the error. `count` is the number of all violations,
// some of which may not be in `violations`.
std::string MessageFor(const RepeatedPtrField<v1::Violation>& violations,
                       int64_t count) {
  std::string message = absl::StrCat(count, " validation error",
                                     count == 1 ? "" : "s", " detected: ");
  absl::string_view separator;
  for (const v1::Violation& violation : violations) {
    absl::StrAppend(&message, separator, "Value ");
    if (violation.has_value()) {
      absl::StrAppend(&message, "'", violation.value(), "' ");
    } else if (violation.constraint() == v1::Violation::CONSTRAINT_REQUIRED) {
      absl::StrAppend(&message, "null ");
    }
    absl::StrAppend(
        &message, "at '", violation.path(),
        "' failed to satisfy constraint: ", violation.requirement());
    separator = "; ";
  }
  return message;
}

}  // namespace

Validator::Validator(const Behavior& behavior, const Limits& limits)
    : api_(&ApiSchema::For(behavior)),
      observed_patterns_(behavior.observed_patterns),
      reprints_policies_(ReprintsPolicies(behavior)),
      error_code_(behavior.constraint_error_code),
      quoted_code_points_max_(QuotedCodePointsMax(behavior, limits)),
      violations_max_(std::max(limits.violations_max, 1)) {}

std::optional<v1::Error> Validator::Validate(RequestRef request) const {
  const StructureSchema* structure =
      api_->operation(request.operation()).request;
  if (structure == nullptr) return std::nullopt;
  Walk walk(observed_patterns_, reprints_policies_, quoted_code_points_max_,
            violations_max_, request.unparsed_values());
  OrEnd([&] { walk.CheckStructure(*structure, request.message(), nullptr); });
  if (walk.violations().empty()) return std::nullopt;
  v1::Error error = MakeError(
      error_code_, MessageFor(walk.violations(), walk.violation_count()));
  OrEnd([&] { error.mutable_violations()->Swap(&walk.violations()); });
  return error;
}

}  // namespace glue_security
