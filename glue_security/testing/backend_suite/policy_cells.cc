#include "glue_security/testing/backend_suite/policy_cells.h"

#include "absl/strings/str_cat.h"

namespace glue_security::conformance_internal {
namespace {

struct Condition {
  const char* id;
  std::optional<v1::PolicyExistsCondition> exists;
};

constexpr struct {
  const char* id;
  const char* says;
  HashGiven hash;
} kHashes[] = {
    {"no_hash", "no hash", HashGiven::kNone},
    {"hash_matches", "the hash of the policy", HashGiven::kMatches},
    {"hash_differs", "another hash", HashGiven::kDiffers},
};

constexpr struct {
  const char* id;
  const char* says;
  PolicyState state;
} kStates[] = {
    {"never_put", "no policy was ever put", PolicyState::kNeverPut},
    {"deleted", "the policy was deleted", PolicyState::kDeleted},
    {"present", "there is a policy", PolicyState::kPresent},
};

// Fills in the result from the table of PutResourcePolicy, row by row.
void FillIn(PolicyCell* cell) {
  const bool present = cell->state == PolicyState::kPresent;
  const auto exists = cell->exists.value_or(v1::POLICY_EXISTS_CONDITION_NONE);
  if (exists == v1::POLICY_EXISTS_CONDITION_MUST_EXIST && !present) {
    cell->fails = true;
    cell->must_exist_fails = true;
  } else if (exists == v1::POLICY_EXISTS_CONDITION_NOT_EXIST && present) {
    cell->fails = true;
  } else if (cell->hash != HashGiven::kNone) {
    cell->fails = !present || cell->hash == HashGiven::kDiffers;
  }
}

}  // namespace

std::vector<PolicyCell> PutCells() {
  const Condition conditions[] = {
      {"no_condition", std::nullopt},
      {"none", v1::POLICY_EXISTS_CONDITION_NONE},
      {"must_exist", v1::POLICY_EXISTS_CONDITION_MUST_EXIST},
      {"not_exist", v1::POLICY_EXISTS_CONDITION_NOT_EXIST},
  };
  std::vector<PolicyCell> cells;
  for (const Condition& condition : conditions) {
    for (const auto& hash : kHashes) {
      for (const auto& state : kStates) {
        if (hash.hash == HashGiven::kMatches &&
            state.state == PolicyState::kNeverPut) {
          continue;  // There is no hash that it could match.
        }
        PolicyCell cell;
        cell.id = absl::StrCat(condition.id, ".", hash.id, ".", state.id);
        cell.exists = condition.exists;
        cell.hash = hash.hash;
        cell.state = state.state;
        FillIn(&cell);
        cell.says =
            absl::StrCat("PutResourcePolicy with ", condition.id, " and ",
                         hash.says, ", where ", state.says, ": ",
                         cell.fails ? "ConditionCheckFailure"
                         : cell.state == PolicyState::kPresent ? "replace"
                                                               : "create");
        cells.push_back(cell);
      }
    }
  }
  return cells;
}

std::vector<PolicyCell> DeleteCells() {
  std::vector<PolicyCell> cells;
  for (const auto& hash : kHashes) {
    for (const auto& state : kStates) {
      if (hash.hash == HashGiven::kMatches &&
          state.state == PolicyState::kNeverPut) {
        continue;
      }
      PolicyCell cell;
      cell.id = absl::StrCat(hash.id, ".", state.id);
      cell.hash = hash.hash;
      cell.state = state.state;
      const bool present = cell.state == PolicyState::kPresent;
      cell.fails = !present || cell.hash == HashGiven::kDiffers;
      cell.says = absl::StrCat(
          "DeleteResourcePolicy with ", hash.says, ", where ", state.says, ": ",
          !present ? "EntityNotFound"
                   : (cell.fails ? "ConditionCheckFailure" : "delete"));
      cells.push_back(cell);
    }
  }
  return cells;
}

}  // namespace glue_security::conformance_internal
