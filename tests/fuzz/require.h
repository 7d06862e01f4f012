// Ends a fuzz target when the library contradicts itself.

#ifndef GLUE_SECURITY_TESTS_FUZZ_REQUIRE_H_
#define GLUE_SECURITY_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace glue_security {

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "contradiction: %s\n", what);
  std::abort();
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_FUZZ_REQUIRE_H_
