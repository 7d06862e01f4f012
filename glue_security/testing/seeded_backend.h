// SeededBackend: a backend with one known defect. All of them: SeededBackends()
// in seeded_backends.h.

#ifndef GLUE_SECURITY_TESTING_SEEDED_BACKEND_H_
#define GLUE_SECURITY_TESTING_SEEDED_BACKEND_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_under_test.h"

namespace glue_security {

// Where a defect shows.
enum class SeededDefectKind {
  // In a sequence of calls, by code, response or violations.
  kSequential,
  // In the text of a message only.
  kMessage,
  // When several threads call at once only.
  kConcurrent,
};

struct SeededBackend {
  // Stable: "hash_compared_by_prefix".
  std::string name;
  // What is wrong with it.
  std::string sentence;
  // Ids of checks of BackendConformance that find it, among others.
  std::vector<std::string> found_by;
  SeededDefectKind kind = SeededDefectKind::kSequential;
  // Made by table, one for each cell of a decision table and each constraint
  // of each member, not written by hand.
  bool generated = false;
  // New and empty; the clock of the setup must outlive it. Thread-safe.
  std::function<std::unique_ptr<Backend>(const BackendSetup& setup)> create;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEEDED_BACKEND_H_
