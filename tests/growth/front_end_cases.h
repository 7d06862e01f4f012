// The work of a front end on requests whose signature is missing or wrong.

#ifndef GLUE_SECURITY_TESTS_GROWTH_FRONT_END_CASES_H_
#define GLUE_SECURITY_TESTS_GROWTH_FRONT_END_CASES_H_

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace glue_security {

// Returns the names of the cases and their work. Size 10,000 is the largest
// request that a listener accepts with default options: a body of 2.25 MiB, or
// a header of 16 KiB.
std::vector<std::pair<std::string, std::function<void(size_t)>>>
FrontEndCases();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_GROWTH_FRONT_END_CASES_H_
