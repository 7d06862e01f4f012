// A program of another project: embeds the engine from a workspace of its own
// and checks the result.

#include <iostream>

#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"

namespace v1 = glue_security::v1;

int main() {
  glue_security::MemoryStorage storage;
  glue_security::Engine engine(&storage);
  const glue_security::Caller caller{"123456789012", "us-east-1", ""};

  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(
      R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",)"
      R"( "Resource": "arn:aws:glue:us-east-1:123456789012:*"}})");
  const auto created = engine.PutResourcePolicy(caller, put);
  if (!created.ok()) {
    std::cerr << created.status() << "\n";
    return 1;
  }

  put.set_policy_hash_condition("stale");
  const absl::Status refused = engine.PutResourcePolicy(caller, put).status();
  if (glue_security::ErrorCodeOf(refused) !=
      v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
    std::cerr << "a stale hash was answered with: " << refused << "\n";
    return 1;
  }

  const auto policy = engine.GetResourcePolicy(caller, {});
  if (!policy.ok() || policy->policy_hash() != created->policy_hash()) {
    std::cerr << "another policy came back: " << policy.status() << "\n";
    return 1;
  }
  std::cout << policy->ShortDebugString() << "\n";
  return 0;
}
