// put and delete: the two decision tables of the resource policy, cell by cell.

#include <optional>
#include <string>

#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/policy_cells.h"

namespace glue_security::conformance_internal {
namespace {

// Brings the catalog into the state of the cell, and returns the hash that the
// cell gives.
std::optional<std::string> Arrange(const PolicyCell& cell, CheckRun& run) {
  std::string other = "a hash that no policy has";
  std::string matching;
  if (cell.state != PolicyState::kNeverPut) {
    other = run.Ok(PutPolicy(PolicyText("other")))
                .put_resource_policy()
                .policy_hash();
    matching = run.Ok(PutPolicy(PolicyText("old")))
                   .put_resource_policy()
                   .policy_hash();
    if (cell.state == PolicyState::kDeleted) run.Ok(DeletePolicy());
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

void RunPut(const PolicyCell& cell, CheckRun& run) {
  const auto hash = Arrange(cell, run);
  const std::string text = PolicyText("new");
  const v1::Request put = PutPolicy(text, hash, cell.exists);
  if (!cell.fails) {
    const v1::Response answer = run.Ok(put);
    const v1::Response got = run.Ok(GetPolicy());
    run.Same("PolicyInJson after the Put", text,
             got.get_resource_policy().policy_in_json());
    run.Same("PolicyHash after the Put",
             answer.put_resource_policy().policy_hash(),
             got.get_resource_policy().policy_hash());
    return;
  }
  run.Fails(put, cell.must_exist_fails
                     ? run.behavior().must_exist_error_code
                     : v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
}

void RunDelete(const PolicyCell& cell, CheckRun& run) {
  const auto hash = Arrange(cell, run);
  const v1::Request call = DeletePolicy(hash);
  if (cell.state != PolicyState::kPresent) {
    run.Fails(call, v1::ERROR_CODE_ENTITY_NOT_FOUND);
  } else if (cell.fails) {
    run.Fails(call, v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  } else {
    run.Ok(call);
    run.Fails(GetPolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    run.Fails(DeletePolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
  }
}

}  // namespace

void AddConditionChecks(Checks* checks) {
  CheckGroup put(checks, "put", "docs/reference/PutResourcePolicy.md");
  for (const PolicyCell& cell : PutCells()) {
    put.Add(cell.id, cell.says, [cell](CheckRun& run) { RunPut(cell, run); });
  }
  CheckGroup remove(checks, "delete", "docs/reference/DeleteResourcePolicy.md");
  for (const PolicyCell& cell : DeleteCells()) {
    remove.Add(cell.id, cell.says,
               [cell](CheckRun& run) { RunDelete(cell, run); });
  }

  put.Add(
      "must_exist_code",
      "the field must_exist_error_code makes MUST_EXIST on an absent policy "
      "an EntityNotFoundException",
      [](CheckRun& run) {
        run.behavior().must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
        run.Fails(PutPolicy(PolicyText("new"), std::nullopt,
                            v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                  v1::ERROR_CODE_ENTITY_NOT_FOUND);
      },
      NeedsFields());
  put.Add(
      "require_hash_to_overwrite",
      "with require_hash_to_overwrite, a Put over an existing policy "
      "without a hash is ConditionCheckFailureException",
      [](CheckRun& run) {
        run.behavior().require_hash_to_overwrite = true;
        const std::string hash = run.Ok(PutPolicy(PolicyText("old")))
                                     .put_resource_policy()
                                     .policy_hash();
        run.Fails(PutPolicy(PolicyText("new")),
                  v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        run.Fails(PutPolicy(PolicyText("new"), std::nullopt,
                            v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                  v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        run.Ok(PutPolicy(PolicyText("new"), hash));
      },
      NeedsFields());
}

}  // namespace glue_security::conformance_internal
