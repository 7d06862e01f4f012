// put and delete: the two decision tables of the resource policy, cell by cell.

#include <optional>
#include <string>

#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/policy_cells.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kContract = BackendCheckBasis::kContract;
constexpr auto kChoice = BackendCheckBasis::kChoice;

// Brings the catalog into the state of the cell, and returns the hash that the
// cell gives.
std::optional<std::string> Arrange(const PolicyCell& cell,
                                   CheckContext& check) {
  std::string other = "a hash that no policy has";
  std::string matching;
  if (cell.state != PolicyState::kNeverPut) {
    other = check.Ok(PutPolicy(PolicyText("other")))
                .put_resource_policy()
                .policy_hash();
    matching = check.Ok(PutPolicy(PolicyText("old")))
                   .put_resource_policy()
                   .policy_hash();
    if (cell.state == PolicyState::kDeleted) check.Ok(DeletePolicy());
  }
  switch (cell.hash) {
    case HashGiven::kNone:
      return std::nullopt;
    case HashGiven::kMatches:
      return matching;
    default:
      return other;
  }
}

void RunPut(const PolicyCell& cell, CheckContext& check) {
  const auto hash = Arrange(cell, check);
  const std::string text = PolicyText("new");
  const v1::Request put = PutPolicy(text, hash, cell.exists);
  if (!cell.fails) {
    const v1::Response answer = check.Ok(put);
    const v1::Response got = check.Ok(GetPolicy());
    check.SamePolicy("PolicyInJson after the Put", text,
                     got.get_resource_policy().policy_in_json());
    check.Same("PolicyHash after the Put",
               answer.put_resource_policy().policy_hash(),
               got.get_resource_policy().policy_hash());
    return;
  }
  check.Refused(put,
                cell.must_exist_fails ? check.behavior().must_exist_error_code
                                      : v1::ERROR_CODE_CONDITION_CHECK_FAILURE,
                kChoice);
}

void RunDelete(const PolicyCell& cell, CheckContext& check) {
  const auto hash = Arrange(cell, check);
  const v1::Request call = DeletePolicy(hash);
  if (cell.state != PolicyState::kPresent) {
    check.Fails(call, v1::ERROR_CODE_ENTITY_NOT_FOUND);
  } else if (cell.fails) {
    check.Refused(call, v1::ERROR_CODE_CONDITION_CHECK_FAILURE, kChoice);
  } else {
    check.Ok(call);
    check.Fails(GetPolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    check.Fails(DeletePolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
  }
}

// Returns what the result of a Put rests on. The contract says which state
// MUST_EXIST and NOT_EXIST ask for, that a hash prevents concurrent changes,
// and that a Put over a policy must have one, which the service does not
// enforce.
BackendCheckBasis BasisOfPut(const PolicyCell& cell) {
  const bool present = cell.state == PolicyState::kPresent;
  const auto exists = cell.exists.value_or(v1::POLICY_EXISTS_CONDITION_NONE);
  if (exists == v1::POLICY_EXISTS_CONDITION_MUST_EXIST && !present) {
    return kContract;
  }
  if (exists == v1::POLICY_EXISTS_CONDITION_NOT_EXIST && present) {
    return kContract;
  }
  if (cell.hash == HashGiven::kNone) {
    return present ? BackendCheckBasis::kRecorded : kContract;
  }
  return present ? kContract : kChoice;
}

}  // namespace

void AddConditionChecks(Checks* checks) {
  CheckGroup put(checks, "put", "docs/reference/PutResourcePolicy.md");
  for (const PolicyCell& cell : PutCells()) {
    put.Add(
        cell.id, cell.says,
        [cell](CheckContext& check) { RunPut(cell, check); }, BackendNeeds(),
        BasisOfPut(cell));
  }
  CheckGroup remove(checks, "delete", "docs/reference/DeleteResourcePolicy.md");
  for (const PolicyCell& cell : DeleteCells()) {
    remove.Add(
        cell.id, cell.says,
        [cell](CheckContext& check) { RunDelete(cell, check); }, BackendNeeds(),
        cell.state == PolicyState::kPresent ? kContract : kChoice);
  }

  put.Add(
      "must_exist_code",
      "the field must_exist_error_code makes MUST_EXIST on an absent policy "
      "an EntityNotFoundException",
      [](CheckContext& check) {
        check.behavior().must_exist_error_code =
            v1::ERROR_CODE_ENTITY_NOT_FOUND;
        check.Fails(PutPolicy(PolicyText("new"), std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    v1::ERROR_CODE_ENTITY_NOT_FOUND);
      },
      NeedsFields());
  put.Add(
      "require_hash_to_overwrite",
      "with require_hash_to_overwrite, a Put over an existing policy "
      "without a hash is ConditionCheckFailureException",
      [](CheckContext& check) {
        check.behavior().require_hash_to_overwrite = true;
        const std::string hash = check.Ok(PutPolicy(PolicyText("old")))
                                     .put_resource_policy()
                                     .policy_hash();
        check.Fails(PutPolicy(PolicyText("new")),
                    v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        check.Fails(PutPolicy(PolicyText("new"), std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        check.Ok(PutPolicy(PolicyText("new"), hash));
      },
      NeedsFields());
}

}  // namespace glue_security::conformance_internal
