#include "glue_security/testing/generators/constraint_rules.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/legal_text.h"

namespace glue_security {
namespace {

using v1::Violation;

bool IsCollection(const MemberSchema& member) {
  return member.kind == MemberKind::kList ||
         member.kind == MemberKind::kStringList ||
         member.kind == MemberKind::kMap;
}

// Adds the constraints of a string.
void AddTextConstraints(const TextConstraints& text,
                        std::vector<Violation::Constraint>* constraints) {
  // A minimum of 1 is no rule of its own where the pattern refuses the empty
  // text.
  if (text.length_bytes_min > 1 ||
      (text.length_bytes_min == 1 &&
       MatchesDefinition(text.documented_pattern, ""))) {
    constraints->push_back(Violation::CONSTRAINT_LENGTH_MIN);
  }
  if (text.length_bytes_max < std::numeric_limits<size_t>::max()) {
    constraints->push_back(Violation::CONSTRAINT_LENGTH_MAX);
  }
  constraints->push_back(Violation::CONSTRAINT_PATTERN);
}

// Returns the constraints of a member itself, without those of its contents.
std::vector<Violation::Constraint> ConstraintsOf(const MemberSchema& member) {
  std::vector<Violation::Constraint> constraints;
  if (member.required) constraints.push_back(Violation::CONSTRAINT_REQUIRED);
  switch (member.kind) {
    case MemberKind::kString:
      AddTextConstraints(member, &constraints);
      break;
    case MemberKind::kInteger:
      if (member.value_min > std::numeric_limits<int32_t>::min()) {
        constraints.push_back(Violation::CONSTRAINT_VALUE_MIN);
      }
      if (member.value_max < std::numeric_limits<int32_t>::max()) {
        constraints.push_back(Violation::CONSTRAINT_VALUE_MAX);
      }
      break;
    case MemberKind::kEnum:
      constraints.push_back(Violation::CONSTRAINT_ENUM);
      break;
    case MemberKind::kBoolean:
    case MemberKind::kTimestamp:
    case MemberKind::kStructure:
    case MemberKind::kStructureMap:
      break;
    case MemberKind::kList:
    case MemberKind::kStringList:
    case MemberKind::kMap:
      if (member.size_min > 0) {
        constraints.push_back(Violation::CONSTRAINT_LENGTH_MIN);
      }
      if (member.size_max < std::numeric_limits<size_t>::max() &&
          member.enum_values.empty()) {
        constraints.push_back(Violation::CONSTRAINT_LENGTH_MAX);
      }
      break;
  }
  return constraints;
}

class Collector {
 public:
  using Part = ConstraintRule::Part;

  std::vector<ConstraintRule> Collect(const ApiSchema& schema) {
    for (const Operation operation : kAllOperations) {
      operation_ = operation;
      const StructureSchema* const request =
          schema.operation(operation).request;
      if (request != nullptr) AddStructure(*request);
    }
    return rules_;
  }

 private:
  void AddStructure(const StructureSchema& structure) {
    for (const MemberSchema& member : structure.members) {
      way_.push_back(&member);
      for (const Violation::Constraint constraint : ConstraintsOf(member)) {
        rules_.push_back({operation_, way_, constraint});
      }
      AddStrings(member);
      if (member.structure != nullptr) AddStructure(*member.structure);
      way_.pop_back();
    }
  }

  // Adds the rules of the strings in a list or a map.
  void AddStrings(const MemberSchema& member) {
    if (member.kind == MemberKind::kStringList) {
      AddText(member.element, Part::kElement);
    } else if (member.kind == MemberKind::kMap) {
      if (member.enum_values.empty()) {
        AddText(member.key, Part::kKey);
      } else {
        rules_.push_back(
            {operation_, way_, Violation::CONSTRAINT_ENUM, Part::kKey});
      }
      AddText(member.element, Part::kValue);
    }
  }

  void AddText(const TextConstraints& text, Part part) {
    std::vector<Violation::Constraint> constraints;
    AddTextConstraints(text, &constraints);
    for (const Violation::Constraint constraint : constraints) {
      rules_.push_back({operation_, way_, constraint, part});
    }
  }

  Operation operation_ = kNoOperation;
  std::vector<const MemberSchema*> way_;
  std::vector<ConstraintRule> rules_;
};

}  // namespace

bool ConstraintRule::is_size() const {
  return part == Part::kMember && IsCollection(member());
}

const TextConstraints& ConstraintRule::text() const {
  switch (part) {
    case Part::kMember:
      return member();
    case Part::kKey:
      return member().key;
    case Part::kElement:
    case Part::kValue:
      break;
  }
  return member().element;
}

size_t ConstraintRule::length_min() const {
  return is_size() ? member().size_min : text().length_bytes_min;
}

size_t ConstraintRule::length_max() const {
  return is_size() ? member().size_max : text().length_bytes_max;
}

std::string ConstraintRule::ToString() const {
  std::string text(OperationName(operation));
  const char* separator = " ";
  for (const MemberSchema* step : way) {
    absl::StrAppend(&text, separator, step->path_name,
                    step->kind == MemberKind::kList ? ".N.member" : "");
    separator = ".";
  }
  if (part == Part::kElement) text += ".N.member";
  if (part == Part::kKey) text += " KEY";
  if (part == Part::kValue) text += ".KEY.member";
  absl::StrAppend(&text, " ", Violation::Constraint_Name(constraint));
  return text;
}

std::vector<ConstraintRule> ConstraintRules(const ApiSchema& schema) {
  return Collector().Collect(schema);
}

}  // namespace glue_security
