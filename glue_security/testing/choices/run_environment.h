// RunEnvironment: the seed, the number and the replay of random runs, from the
// options of a check or else from the environment, and how a report shows them.
// Every check of random runs takes the same variables:
//
//   GLUE_SECURITY_SEED    the seed of all choices
//   GLUE_SECURITY_RUNS    the number of runs
//   GLUE_SECURITY_REPLAY  the choices of the only run
//   GLUE_SECURITY_STATS   "1": print what the runs have tried
//
// `bazel test` hides them from a test without --test_env=GLUE_SECURITY_REPLAY=…

#ifndef GLUE_SECURITY_TESTING_CHOICES_RUN_ENVIRONMENT_H_
#define GLUE_SECURITY_TESTING_CHOICES_RUN_ENVIRONMENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

// Returns the value of an environment variable; "" when it is not set.
std::string Environment(const char* name);

// Returns `seed`; without one GLUE_SECURITY_SEED, or else a new one.
uint64_t SeedOr(const std::optional<uint64_t>& seed);

// Returns GLUE_SECURITY_RUNS, or else `runs`.
int RunsOr(int runs);

// Returns `replay`; when it is empty, GLUE_SECURITY_REPLAY.
std::string ReplayOr(const std::string& replay);

// Returns true when `wanted`, or when GLUE_SECURITY_STATS is "1".
bool PrintsStatistics(bool wanted);

// Returns the seed of one run by its number. Neighbors have nothing in common.
uint64_t SeedOfRun(uint64_t seed, int64_t run);

// Returns "GLUE_SECURITY_REPLAY=3.0.17". Without choices it is "0", which draws
// the same.
std::string ReplayAssignment(const Choices& choices);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_RUN_ENVIRONMENT_H_
