// The pools of texts from which requests are made.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_KNOWN_TEXTS_H_
#define GLUE_SECURITY_TESTING_GENERATORS_KNOWN_TEXTS_H_

#include <string>
#include <vector>

namespace glue_security {

// Values for a member whose meaning the kit knows, by the name of its field,
// the simplest first. A member may refuse some of them.
std::vector<std::string> KnownTexts(const std::string& field);

// Texts that some members accept and others refuse, or that some code does not
// expect.
std::vector<std::string> OddTexts();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_KNOWN_TEXTS_H_
