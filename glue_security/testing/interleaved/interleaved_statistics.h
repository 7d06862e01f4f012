// InterleavedStatistics: counts of what interleaved runs have tried.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_STATISTICS_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_STATISTICS_H_

#include <cstdint>
#include <map>
#include <string>

#include "glue_security/backend/history.h"

namespace glue_security {

struct InterleavedStatistics {
  // The calls of an operation, by their answers.
  struct Operation {
    int64_t succeeded = 0;
    int64_t refused = 0;
    // OperationTimeoutException, InternalServiceException, or no answer,
    // because the run failed first.
    int64_t unknown = 0;
  };

  // Runs that replay or shrink a failure are not counted.
  int64_t runs = 0;
  // The runs that were to be made. Fewer are where one fails, or where the time
  // is over.
  int64_t runs_wanted = 0;
  int64_t calls = 0;
  // The calls that overlapped another.
  int64_t overlapping = 0;
  // By the name on the wire.
  std::map<std::string, Operation> operations;

  // The steps of the clients, and those of them that were made within a call of
  // the storage (`StorageUnderTest::set_step`).
  int64_t steps = 0;
  int64_t steps_inside = 0;
  // The calls of the storage. A visit that is not supported is not counted.
  int64_t reads = 0;
  int64_t visits = 0;
  int64_t commits = 0;
  // The commits that were answered kConflict, and those that were made to fail.
  int64_t conflicts = 0;
  int64_t failures_made = 0;
  int64_t reopenings = 0;
  // The runs whose history was too hard to judge within the budget.
  int64_t undecided = 0;

  // Counts the calls of a run.
  void AddCalls(const History& history);

  // Returns the counts as a table.
  std::string Table() const;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_STATISTICS_H_
