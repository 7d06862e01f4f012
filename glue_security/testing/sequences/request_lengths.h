// LengthsInWords: says how long the texts are that the model refuses for their
// length.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_REQUEST_LENGTHS_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_REQUEST_LENGTHS_H_

#include <string>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns "name has 256 bytes of UTF-8 in 128 characters" for the first text
// that breaks a bound of its length according to `answer` and has fewer
// characters than bytes; "" when there is none.
std::string LengthsInWords(const v1::Request& request,
                           const v1::Response& answer);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_REQUEST_LENGTHS_H_
