// The README's quick start. tests/repository/snippets_test compares the two.

// [quick start]
#include <iostream>

#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"

using namespace glue_security;

int main() {
  MemoryStorage storage;
  Engine engine(&storage);
  const Caller caller{"123456789012", "us-east-1", ""};

  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(R"({
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
      "Action": "glue:Get*",
      "Resource": "arn:aws:glue:us-east-1:123456789012:*"
    }]
  })");
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  const auto created = engine.PutResourcePolicy(caller, put);
  if (!created.ok()) return 1;
  std::cout << "created, hash " << created->policy_hash() << "\n";

  // Somebody else holds an older hash: the call fails and changes nothing.
  v1::PutResourcePolicyRequest stale = put;
  stale.clear_policy_exists_condition();
  stale.set_policy_hash_condition("an older hash");
  const auto refused = engine.PutResourcePolicy(caller, stale);
  if (ErrorCodeOf(refused.status()) != v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
    return 1;
  }
  std::cout << refused.status().message() << "\n";
  return 0;
}
// [quick start end]
