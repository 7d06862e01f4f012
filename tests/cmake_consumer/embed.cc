// [embed]
#include <iostream>

#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"

int main() {
  glue_security::MemoryStorage storage;
  glue_security::Engine engine(&storage);
  const auto policy =
      engine.GetResourcePolicy({"123456789012", "us-east-1", ""}, {});
  // EntityNotFoundException: Policy not found
  std::cout << policy.status().message() << "\n";
}
// [embed end]
