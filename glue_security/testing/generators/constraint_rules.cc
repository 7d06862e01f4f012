#include "glue_security/testing/generators/constraint_rules.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/legal_text.h"

namespace glue_security {
namespace {

using v1::Violation;

// Returns the constraints of a member itself, without those of its contents.
std::vector<Violation::Constraint> ConstraintsOf(const MemberSchema& member) {
  std::vector<Violation::Constraint> constraints;
  if (member.required) constraints.push_back(Violation::CONSTRAINT_REQUIRED);
  switch (member.kind) {
    case MemberKind::kString:
      // A minimum of 1 is no rule of its own where the pattern refuses the
      // empty text.
      if (member.length_bytes_min > 1 ||
          (member.length_bytes_min == 1 &&
           MatchesDefinition(member.documented_pattern, ""))) {
        constraints.push_back(Violation::CONSTRAINT_LENGTH_MIN);
      }
      if (member.length_bytes_max < std::numeric_limits<size_t>::max()) {
        constraints.push_back(Violation::CONSTRAINT_LENGTH_MAX);
      }
      constraints.push_back(Violation::CONSTRAINT_PATTERN);
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
    case MemberKind::kList:
    case MemberKind::kStringList:
    case MemberKind::kMap:
    case MemberKind::kStructureMap:
      break;
  }
  return constraints;
}

class Collector {
 public:
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
      if (member.structure != nullptr) AddStructure(*member.structure);
      way_.pop_back();
    }
  }

  Operation operation_ = kNoOperation;
  std::vector<const MemberSchema*> way_;
  std::vector<ConstraintRule> rules_;
};

}  // namespace

std::string ConstraintRule::ToString() const {
  std::string text(OperationName(operation));
  const char* separator = " ";
  for (const MemberSchema* step : way) {
    absl::StrAppend(&text, separator, step->path_name,
                    step->kind == MemberKind::kList ? ".N.member" : "");
    separator = ".";
  }
  absl::StrAppend(&text, " ", Violation::Constraint_Name(constraint));
  return text;
}

std::vector<ConstraintRule> ConstraintRules(const ApiSchema& schema) {
  return Collector().Collect(schema);
}

}  // namespace glue_security
