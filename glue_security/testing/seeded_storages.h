// Storages with one defect each, small and on purpose. They measure the clause
// checks of storage_clauses.h: each of them is found, and each check finds at
// least one. They also show what a broken storage looks like in a report.
//
//   for (const SeededStorage& seeded : SeededStorages()) {
//     const ClauseReport report =
//         CheckStorageClause(seeded.clauses.front(), seeded.target);
//     // report.holds is false, report.text tells why
//   }

#ifndef GLUE_SECURITY_TESTING_SEEDED_STORAGES_H_
#define GLUE_SECURITY_TESTING_SEEDED_STORAGES_H_

#include <string>
#include <vector>

#include "glue_security/testing/storage_under_test.h"

namespace glue_security {

struct SeededStorage {
  // Stable; `target.name` is the same.
  std::string name;
  // What is wrong, in a sentence.
  std::string sentence;
  // The clauses that it breaks for certain. Some break others as well.
  std::vector<int> clauses;
  // With every hook.
  StorageUnderTest target;
};

// In the order of the first clause that they break.
std::vector<SeededStorage> SeededStorages();

// What they are made of, without a defect. It keeps the contract.
StorageUnderTest StorageWithoutDefect();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEEDED_STORAGES_H_
