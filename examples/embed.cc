// The README's quick start. tests/repository/snippets_test compares the two.

// [quick start]
#include <iostream>

#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"

using namespace glue_security;

int main() {
  MemoryStorage storage;
  Engine engine(&storage);
  const Caller caller{"123456789012", "us-east-1", ""};
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(R"({"Version": "2012-10-17", "Statement": [{
      "Effect": "Allow", "Principal": {"AWS": "210987654321"},
      "Action": "glue:Get*",
      "Resource": "arn:aws:glue:us-east-1:123456789012:*"}]})");
  if (!engine.PutResourcePolicy(caller, put).ok()) return 1;

  // Somebody else holds an older hash: the call fails and changes nothing.
  put.set_policy_hash_condition("an older hash");
  const auto refused = engine.PutResourcePolicy(caller, put);
  std::cout << refused.status().message() << "\n";
  return refused.ok() ? 1 : 0;
}
// [quick start end]
