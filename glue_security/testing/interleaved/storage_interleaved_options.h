// StorageInterleavedOptions: what `CheckStorageInterleaved`
// (storage_interleaved.h) runs.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_OPTIONS_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/histories/workload.h"

namespace glue_security {

struct StorageInterleavedOptions {
  // A limit that the few names of the calls reach.
  StorageInterleavedOptions() { limits.security_configurations_max = 2; }

  // The number of runs, each on a new storage. The environment variable
  // GLUE_SECURITY_RUNS replaces it.
  int runs = 2000;
  // The time after which no new run starts, measured by `shrink.clock`. At
  // least one run is made. A check that is cut prints how many runs were made
  // of those wanted. Shrinking has a bound of its own.
  absl::Duration time_max = absl::Seconds(10);

  // The greatest numbers of clients in a run, and of calls of each. A value
  // below 1 counts as 1.
  int clients = 4;
  int calls_per_client = 8;

  // The engine's behaviour and limits. Policies are checked as at
  // PolicyChecks::kJson: the storage is judged, not the documents.
  Behavior behavior = Behavior::Documented();
  Limits limits;

  // Makes the calls. Empty: calls of all operations in force, whose names,
  // catalogs and values are such as storages mix up: names that differ in case,
  // by a blank, or in the 255th byte; regions of one account; values that end
  // with a blank or have more than 64 KiB.
  CallGenerator generator;

  // The clock of the engine, which each run sets to the time that it shows when
  // the check begins, and then moves by choices, forwards and back. Give one to
  // share it with a storage that needs the time. It must stand still: the
  // system's clock, and a FakeClock that runs, are refused, because the same
  // run would have other times when it is made again. Not owned. Null: a clock
  // of the check's own.
  FakeClock* clock = nullptr;

  // True: a status other than OK is an answer like any other, as from a
  // database that is busy at times. False: it fails the run, unless
  // `StorageUnderTest::fail_next_commit` has made the commit fail.
  bool may_fail = false;

  // The seed of all choices. nullopt: the environment variable
  // GLUE_SECURITY_SEED, or else a new one. The seed is in the report.
  std::optional<uint64_t> seed;
  // The choices from the report of a failure; only that run is made. Empty: the
  // environment variable GLUE_SECURITY_REPLAY, if it is set.
  std::string replay;

  // True: fills in `StorageInterleavedReport::timeline`.
  bool timeline = false;
  // True, or the environment variable GLUE_SECURITY_STATS is "1": prints
  // `StorageInterleavedReport::statistics` to the standard output.
  bool print_statistics = false;

  // The bounds of the shrinking. For a report that is the same byte for byte
  // each time, choose them so that the number of runs ends the shrinking, not
  // the time. Its clock measures time only, so it may be the system's.
  ShrinkOptions shrink;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_OPTIONS_H_
