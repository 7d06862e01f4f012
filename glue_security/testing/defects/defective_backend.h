// DefectiveBackend: a backend with one planted defect. DefectiveBackends() in
// defective_backends.h returns all of them.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKEND_H_
#define GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKEND_H_

#include <string>
#include <vector>

#include "glue_security/testing/backend_setup.h"

namespace glue_security {

// The place where a defect shows.
enum class DefectKind {
  // In the code, response or violations of a sequence of calls.
  kSequential,
  // Only in the text of a message.
  kMessage,
  // Only when several threads call at once.
  kConcurrent,
};

struct DefectiveBackend {
  // Never changes: "hash_compared_by_prefix".
  std::string name;
  // The defect in a sentence.
  std::string sentence;
  // The ids of some checks of BackendConformance that find it.
  std::vector<std::string> found_by;
  DefectKind kind = DefectKind::kSequential;
  // True when it was made from a table, one for each cell of a decision table
  // and each constraint of each member, and not written by hand.
  bool generated = false;
  // Thread-safe. The clock of the setup must outlive the backend.
  BackendFactory create;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_DEFECTIVE_BACKEND_H_
