// The cells of the decision tables of PutResourcePolicy and
// DeleteResourcePolicy (behaviour, section 4): for the checks, and for the
// seeded backends that answer one of them wrongly.

#ifndef GLUE_SECURITY_TESTING_INTERNAL_POLICY_CELLS_H_
#define GLUE_SECURITY_TESTING_INTERNAL_POLICY_CELLS_H_

#include <optional>
#include <string>
#include <vector>

#include "glue_security/v1/resource_policy.pb.h"

namespace glue_security::conformance_internal {

enum class PolicyState { kNeverPut, kDeleted, kPresent };

// kMatches: the hash of the policy that is there or, where it was deleted, that
// was there.
enum class HashGiven { kNone, kMatches, kDiffers };

struct PolicyCell {
  // "must_exist.no_hash.never_put"; of Delete "no_hash.never_put".
  std::string id;
  std::string says;
  // Put only.
  std::optional<v1::PolicyExistsCondition> exists;
  HashGiven hash = HashGiven::kNone;
  PolicyState state = PolicyState::kNeverPut;
  // What the table says.
  bool fails = false;
  // It fails, and because of MUST_EXIST.
  bool must_exist_fails = false;
};

std::vector<PolicyCell> PutCells();
std::vector<PolicyCell> DeleteCells();

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_INTERNAL_POLICY_CELLS_H_
