// PutCells, DeleteCells: the cells of the decision tables of PutResourcePolicy
// and DeleteResourcePolicy (docs/reference/PutResourcePolicy.md,
// docs/reference/DeleteResourcePolicy.md), for the checks, and for the backends
// with a defect in one of them.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_CELLS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_CELLS_H_

#include <optional>
#include <string>
#include <vector>

#include "glue_security/v1/resource_policy.pb.h"

namespace glue_security::conformance_internal {

enum class PolicyState { kNeverPut, kDeleted, kPresent };

// kMatches: the hash of the present policy or, after a deletion, of the deleted
// one.
enum class HashGiven { kNone, kMatches, kDiffers };

struct PolicyCell {
  // "must_exist.no_hash.never_put"; for Delete "no_hash.never_put".
  std::string id;
  std::string says;
  // The condition of a Put.
  std::optional<v1::PolicyExistsCondition> exists;
  HashGiven hash = HashGiven::kNone;
  PolicyState state = PolicyState::kNeverPut;
  // True when the call fails.
  bool fails = false;
  // True when the call fails because of MUST_EXIST.
  bool must_exist_fails = false;
};

std::vector<PolicyCell> PutCells();
std::vector<PolicyCell> DeleteCells();

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_CELLS_H_
