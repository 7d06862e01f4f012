// Legal and illegal values of a member, made from its constraints.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_MEMBER_VALUES_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_MEMBER_VALUES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_suite/request_members.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

// Returns the base request of the member's operation and model, with a policy.
v1::Request PlainRequest(const RequestMember& member);

// Returns a text of `bytes` bytes that breaks no pattern of the member; with
// `wide`, with as many two-byte characters as fit. It is a policy document
// where there is room for one.
std::string TextOfBytes(const RequestMember& member, size_t bytes, bool wide);

// Returns the constraints that `text` breaks as the member's value, in order:
// "LENGTH_MAX", "PATTERN".
std::vector<std::string> BrokenBy(const RequestMember& member, bool observed,
                                  absl::string_view text);

// Return texts of legal length that match the pattern, and that do not. They
// come from a fixed list of candidates and are tested with the RE2 definition
// of the pattern.
std::vector<std::string> MatchingTexts(const RequestMember& member,
                                       bool observed);
std::vector<std::string> OtherTexts(const RequestMember& member, bool observed);

// Returns texts of legal length that are invalid UTF-8.
std::vector<std::string> MalformedTexts(const RequestMember& member);

// Gives `name` to the other of the two names of an UpdateConnection, which must
// be equal, where `member` is one of them.
void SetBothNames(const RequestMember& member, absl::string_view name,
                  v1::Request* request);

// Returns the error that a new backend answers to a request that breaks no
// constraint; ERROR_CODE_UNSPECIFIED: it succeeds.
v1::ErrorCode CodeWithoutState(const v1::Request& request,
                               const Behavior& behavior);

// Breaks the member in one way that its type allows, and names it: "PATTERN".
// Returns "" when nothing can be broken without removing its members, or
// without invalid UTF-8 when that is not allowed.
std::string BreakMember(const RequestMember& member, bool invalid_utf8,
                        v1::Request* request);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_MEMBER_VALUES_H_
