// CheckStorageClause: finds out whether a storage keeps a clause of the storage
// contract (storage.h). The checks use no test framework; storage_conformance.h
// is a GoogleTest suite over them.
//
//   const ClauseReport report = CheckStorageClause(12, target);
//   if (!report.holds) std::cerr << report.text;
//
//   S12 is broken: "Removing a record that does not exist is legal and changes
//   nothing."
//     RemovingWhatIsNotThere, alone: the removal in an empty catalog
//       expected: committed
//       actual:   conflict
//     The calls that show it, on a new storage:
//       Commit(policy removed; branch 0)
//         -> conflict
//
// Examples rely on other clauses: a storage that mixes up two ids returns wrong
// ranges, too. The report of a clause that is broken only for that reason
// begins with the clause to look at first:
//
//   Begin with S5, which IdsOfOneCatalog breaks: the rest may follow from it.
//
// A clause is checked by examples, each on a new storage. Every example is run
// in three settings: alone; under faults, where calls are refused or lose their
// answers, and are made again; and beside a writer that commits to other
// catalogs between any two calls. Two kinds of calls are not affected by the
// setting: calls to a fork, which is another storage, and the one commit that
// an example of S14 to S16 itself makes fail. Threads that run freely do a
// quarter of their rounds in the second and the third setting. The examples are
// small and are run in the order of their size, so the first one that fails is
// the smallest.

#ifndef GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CLAUSES_H_
#define GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CLAUSES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {

// The clauses are S1 to S19.
inline constexpr int kStorageClauses = 19;

// Returns the clause, word for word. REQUIRES: 1 <= clause <= 19.
absl::string_view StorageClauseText(int clause);

struct ClauseReport {
  int clause = 0;
  bool holds = false;
  // The report shown above; empty when the clause holds.
  std::string text;
  // The name of the example that breaks the clause; empty when it holds.
  std::string example;
  // The clause to repair first: another one that is broken by an example which
  // relies on less, or `clause` itself; 0 when the clause holds. The first line
  // of `text` says so when it is another one.
  int cause = 0;
  // The number of examples that were run, each setting counted by itself.
  int examples = 0;
};

// Checks one clause on new storages and stops at the first example that fails.
// An exception of the storage or of a hook fails the example. Ignores declared
// deviations. Deterministic, except for examples with threads that run freely
// (S17).
// REQUIRES: 1 <= clause <= 19; `target.create` is set.
ClauseReport CheckStorageClause(int clause, const StorageUnderTest& target);

// The clause to begin with when a storage is found wrong otherwise.
struct BrokenClause {
  int clause = 0;
  std::string example;
};

// Returns the clause that is broken by the example which relies on the least;
// nullopt: by none. The examples run alone, without threads that run freely.
// Clauses that are not kept on purpose are left out.
// REQUIRES: `target.create` is set.
std::optional<BrokenClause> FindBrokenClause(const StorageUnderTest& target);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CLAUSES_H_
