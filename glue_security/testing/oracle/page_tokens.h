// Page tokens, in the requests and the answers of every operation that has a
// NextToken. They are opaque: a backend and the model give out different ones
// for the same page.

#ifndef GLUE_SECURITY_TESTING_ORACLE_PAGE_TOKENS_H_
#define GLUE_SECURITY_TESTING_ORACLE_PAGE_TOKENS_H_

#include <string>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns the NextToken, or "" when there is none.
const std::string& NextTokenOf(const v1::Request& request);
const std::string& NextTokenOf(const v1::Response& answer);

// Replaces the NextToken and returns the old one.
// REQUIRES: the operation has a NextToken.
std::string ExchangeNextToken(std::string token, v1::Request* request);
std::string ExchangeNextToken(std::string token, v1::Response* answer);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_PAGE_TOKENS_H_
