#include "glue_security/testing/generators/policy_places.h"

#include "absl/strings/match.h"

namespace glue_security {
namespace {

class PlaceFinder {
 public:
  explicit PlaceFinder(const PolicyNode& document) {
    Add(PolicyRole::kDocument, {});
    for (size_t i = 0; i < document.members.size(); ++i) {
      const auto& [key, value, mark] = document.members[i];
      if (key == "Version") Add(PolicyRole::kVersion, {i});
      if (key == "Id") Add(PolicyRole::kId, {i});
      if (key == "Statement") AddStatements(value, {i});
    }
  }

  const std::vector<PolicyPlace>& places() const { return places_; }

 private:
  using Path = std::vector<size_t>;

  static Path Inner(Path path, size_t index) {
    path.push_back(index);
    return path;
  }

  void Add(PolicyRole role, const Path& path) {
    places_.push_back({role, path});
  }

  void AddStatements(const PolicyNode& statements, const Path& path) {
    Add(PolicyRole::kStatements, path);
    if (statements.kind == PolicyNode::Kind::kObject) {
      AddStatement(statements, path);
      return;
    }
    for (size_t i = 0; i < statements.elements.size(); ++i) {
      Add(PolicyRole::kListedStatement, Inner(path, i));
      AddStatement(statements.elements[i], Inner(path, i));
    }
  }

  void AddStatement(const PolicyNode& statement, const Path& path) {
    Add(PolicyRole::kStatement, path);
    for (size_t i = 0; i < statement.members.size(); ++i) {
      const auto& [key, value, mark] = statement.members[i];
      const Path inner = Inner(path, i);
      if (key == "Sid") Add(PolicyRole::kSid, inner);
      if (key == "Effect") Add(PolicyRole::kEffect, inner);
      if (absl::EndsWith(key, "Principal")) AddPrincipals(value, inner);
      if (absl::EndsWith(key, "Action")) {
        AddStrings(value, inner, PolicyRole::kAction);
      }
      if (absl::EndsWith(key, "Resource")) {
        AddStrings(value, inner, PolicyRole::kResource);
      }
      if (key == "Condition") AddCondition(value, inner);
    }
  }

  void AddPrincipals(const PolicyNode& principal, const Path& path) {
    Add(PolicyRole::kPrincipal, path);
    if (principal.kind != PolicyNode::Kind::kObject) return;
    Add(PolicyRole::kPrincipalObject, path);
    for (size_t i = 0; i < principal.members.size(); ++i) {
      const auto& [kind, value, mark] = principal.members[i];
      AddStrings(
          value, Inner(path, i),
          kind == "AWS" ? PolicyRole::kAwsEntry : PolicyRole::kOtherEntry);
    }
  }

  void AddStrings(const PolicyNode& value, const Path& path, PolicyRole entry) {
    Add(PolicyRole::kStrings, path);
    if (value.kind == PolicyNode::Kind::kString) Add(entry, path);
    for (size_t i = 0; i < value.elements.size(); ++i) {
      Add(PolicyRole::kListedString, Inner(path, i));
      Add(entry, Inner(path, i));
    }
  }

  void AddCondition(const PolicyNode& condition, const Path& path) {
    Add(PolicyRole::kCondition, path);
    for (size_t i = 0; i < condition.members.size(); ++i) {
      const Path inner = Inner(path, i);
      Add(PolicyRole::kOperator, inner);
      const PolicyNode& keys = condition.members[i].value;
      for (size_t j = 0; j < keys.members.size(); ++j) {
        Add(PolicyRole::kValues, Inner(inner, j));
        const PolicyNode& values = keys.members[j].value;
        for (size_t k = 0; k < values.elements.size(); ++k) {
          Add(PolicyRole::kListedValue, Inner(Inner(inner, j), k));
        }
      }
    }
  }

  std::vector<PolicyPlace> places_;
};

}  // namespace

std::vector<PolicyPlace> FindPolicyPlaces(const PolicyNode& document) {
  return PlaceFinder(document).places();
}

}  // namespace glue_security
