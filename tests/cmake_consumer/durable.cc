// A program of another project: keeps a policy in a file, and refuses a change
// by somebody who holds an older one.

#include <iostream>
#include <memory>

#include "absl/status/statusor.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"

namespace v1 = glue_security::v1;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto storage = glue_security::SqliteStorage::Open(argv[1], {});
  if (!storage.ok()) {
    std::cerr << storage.status() << "\n";
    return 1;
  }
  glue_security::Engine engine(storage->get());
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
