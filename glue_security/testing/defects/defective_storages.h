// DefectiveStorages: storages with one small planted defect each. They measure
// the clause checks of storage_clauses.h: each storage is found, and each check
// finds at least one. They also show the report of a broken storage.
//
//   for (const DefectiveStorage& planted : DefectiveStorages()) {
//     const ClauseReport report =
//         CheckStorageClause(planted.clauses.front(), planted.target);
//     // report.holds is false, report.text tells why
//   }

#ifndef GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_STORAGES_H_
#define GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_STORAGES_H_

#include <string>
#include <vector>

#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {

struct DefectiveStorage {
  // Never changes; `target.name` is the same.
  std::string name;
  // The defect in a sentence.
  std::string sentence;
  // The clauses that it always breaks. Some break others as well.
  std::vector<int> clauses;
  // The storage, with every hook.
  StorageUnderTest target;
  // True when only threads that run freely find it, and so only with luck: it
  // is wrong for an instant in which it does not yield, at no step of a hook.
  // `target` has the default number of rounds.
  bool races = false;
};

// Returns all of them, in the order of the first clause that they break; those
// that race come last.
std::vector<DefectiveStorage> DefectiveStorages();

// Returns the same storage without a defect. It keeps the contract.
StorageUnderTest StorageWithoutDefect();

// Returns one that keeps the contract and no more of S11: revisions grow within
// each catalog, and have no order across catalogs.
StorageUnderTest StorageWithUnorderedCatalogs();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_STORAGES_H_
