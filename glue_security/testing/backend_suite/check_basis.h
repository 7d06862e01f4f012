// FillInBasis: says of each check what it rests on, which operation it is
// about, and where the rule is.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_BASIS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_BASIS_H_

#include <string>
#include <vector>

#include "glue_security/testing/backend_suite/backend_check.h"

namespace glue_security::conformance_internal {

// Sets the basis and the operation of every check that has none of its own,
// from a table, and the source of those that rest on the contract. REQUIRES:
// the table has the beginning of each id.
void FillInBasis(std::vector<BackendCheck>* checks);

// Returns the entries of the table that are the longest of no check.
std::vector<std::string> UnusedBasisEntries(
    const std::vector<BackendCheck>& checks);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_BASIS_H_
