// Foreign: makes a backend look as if it had nothing of this library but the
// behavior: its hashes, its clock and the texts of its errors are its own.

#ifndef GLUE_SECURITY_TESTS_TESTING_FOREIGN_BACKEND_H_
#define GLUE_SECURITY_TESTS_TESTING_FOREIGN_BACKEND_H_

#include "glue_security/testing/backend_setup.h"

namespace glue_security {

struct ForeignStyle {
  enum class Hashes {
    // As those of the backend.
    kSame,
    // "Etag-1", "Etag-2" and so on: one for each text of a catalog.
    kOfText,
    // "1", "2" and so on: one for each Put of a catalog, so that two catalogs
    // have the same ones.
    kOfPut,
  };
  Hashes hashes = Hashes::kOfText;
  // Errors have a code only.
  bool codes_only = true;
  // Its clock is not that of the setup. It starts in 2001 and moves by a second
  // with each call.
  bool own_clock = false;
  // Times are left out.
  bool no_times = false;
};

// Returns a factory of backends of `inner` in that style.
BackendFactory Foreign(const ForeignStyle& style,
                       BackendFactory inner = EngineInMemory);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_TESTING_FOREIGN_BACKEND_H_
