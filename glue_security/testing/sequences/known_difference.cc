#include "glue_security/testing/sequences/known_difference.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/testing/oracle/answer_comparison.h"

namespace glue_security {
namespace {

using Kind = AnswerDifference::Kind;

// Returns the path without its first step, which is the operation or "error",
// and without places in lists. The fields of a violation are not told apart.
std::string FieldIn(absl::string_view path, bool is_error) {
  const size_t dot = path.find('.');
  if (dot == path.npos) return "";
  std::string field;
  bool in_place = false;
  for (const char c : path.substr(dot + 1)) {
    if (c == '[') in_place = true;
    if (!in_place) field.push_back(c);
    if (c == ']') in_place = false;
  }
  if (is_error) field.resize(std::min(field.find('.'), field.size()));
  return field;
}

// Returns the list in whose element the path ends or whose element's name it
// is: the list then has other elements, whatever else differs in them. "" for
// any other path.
absl::string_view ListWithOtherElements(absl::string_view path) {
  const size_t place = path.rfind('[');
  const size_t end = path.rfind(']');
  if (place == path.npos || end == path.npos) return "";
  const absl::string_view rest = path.substr(end + 1);
  return rest.empty() || rest == ".name" ? path.substr(0, place) : "";
}

// Returns the path of a time without its parts.
absl::string_view WithoutPartOfTime(absl::string_view path) {
  if (!absl::ConsumeSuffix(&path, ".seconds")) {
    absl::ConsumeSuffix(&path, ".nanos");
  }
  return path;
}

// Makes one difference of those in the elements of a list that has other
// elements, with the text of the first, and one of those in the parts of a
// time.
std::vector<FieldDifference> Gathered(
    const std::vector<FieldDifference>& differences) {
  std::vector<absl::string_view> lists;
  for (const FieldDifference& one : differences) {
    const absl::string_view list = ListWithOtherElements(one.path);
    if (!list.empty()) lists.push_back(list);
  }
  std::vector<FieldDifference> gathered;
  for (FieldDifference one : differences) {
    const absl::string_view without = WithoutPartOfTime(one.path);
    const auto list = std::find_if(
        lists.begin(), lists.end(), [without](absl::string_view name) {
          return absl::StartsWith(without, name) &&
                 without.substr(name.size(), 1) == "[";
        });
    const absl::string_view path = list == lists.end() ? without : *list;
    if (path != one.path) {
      one.path = std::string(path);
      one.kind = FieldDifference::Kind::kDifferent;
    }
    const bool is_new = std::none_of(gathered.begin(), gathered.end(),
                                     [&one](const FieldDifference& other) {
                                       return other.path == one.path;
                                     });
    if (is_new) gathered.push_back(std::move(one));
  }
  return gathered;
}

Kind KindOf(const FieldDifference& difference) {
  switch (difference.kind) {
    case FieldDifference::Kind::kMissing:
      return Kind::kMissing;
    case FieldDifference::Kind::kUnexpected:
      return Kind::kUnexpected;
    case FieldDifference::Kind::kDifferent:
      break;
  }
  return Kind::kDifferent;
}

std::string NameOf(v1::ErrorCode code) {
  if (code == v1::ERROR_CODE_UNSPECIFIED) return "success";
  const absl::string_view name = ErrorCodeName(code);
  return name.empty() ? v1::ErrorCode_Name(code) : std::string(name);
}

}  // namespace

std::string AnswerDifference::Cause() const {
  const absl::string_view name =
      operation == kNoOperation ? "no operation" : OperationName(operation);
  switch (kind) {
    case Kind::kOutcome:
      if (answered == expected) {
        return absl::StrCat(name, ": no answer, or that of another operation");
      }
      return absl::StrCat(name, ": ", NameOf(answered), " instead of ",
                          NameOf(expected));
    case Kind::kMissing:
      return absl::StrCat(name, ": ", field, " is missing");
    case Kind::kUnexpected:
      return absl::StrCat(name, ": ", field, " is not expected");
    case Kind::kDifferent:
      break;
  }
  return absl::StrCat(name, ": ", field, " differs");
}

bool IsKnown(const AnswerDifference& difference, const KnownDifference& known) {
  if (!known.operation.has_value() && known.field.empty() &&
      !known.answered.has_value() && !known.expected.has_value() &&
      known.matches == nullptr) {
    return false;
  }
  if (known.operation.value_or(difference.operation) != difference.operation ||
      known.answered.value_or(difference.answered) != difference.answered ||
      known.expected.value_or(difference.expected) != difference.expected) {
    return false;
  }
  if (!known.field.empty() && known.field != difference.field &&
      !absl::StartsWith(difference.field, known.field + ".")) {
    return false;
  }
  return known.matches == nullptr || known.matches(difference);
}

std::vector<AnswerDifference> DifferencesOf(Operation operation,
                                            const v1::Response& backend,
                                            const v1::Response& model,
                                            bool messages) {
  std::vector<AnswerDifference> differences;
  AnswerDifference difference;
  difference.operation = operation;
  difference.answered = backend.error().code();
  difference.expected = model.error().code();
  const bool same_outcome = backend.outcome_case() == model.outcome_case() &&
                            difference.answered == difference.expected;
  for (const FieldDifference& one :
       Gathered(AllDifferences(backend, model, messages))) {
    difference.text = one.text;
    if (same_outcome) {
      difference.kind = KindOf(one);
      difference.field = FieldIn(one.path, model.has_error());
      if (model.has_error()) difference.kind = Kind::kDifferent;
    }
    differences.push_back(difference);
    // The first says it all.
    if (!same_outcome) break;
  }
  return differences;
}

bool StatesCanAgree(Operation operation, const v1::Response& backend,
                    const v1::Response& model, bool surely) {
  if (backend.has_error() && model.has_error()) return true;
  if (GetOperationInfo(operation).read_only()) return !surely;
  if (backend.outcome_case() != model.outcome_case()) return false;
  return !backend.has_put_resource_policy() ||
         !backend.put_resource_policy().policy_hash().empty();
}

}  // namespace glue_security
