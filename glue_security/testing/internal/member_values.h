// Legal and illegal values of a member, made from its constraints.

#ifndef GLUE_SECURITY_TESTING_INTERNAL_MEMBER_VALUES_H_
#define GLUE_SECURITY_TESTING_INTERNAL_MEMBER_VALUES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/testing/internal/request_members.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

// The base request of the member's operation, whole: with a policy.
v1::Request PlainRequest(const RequestMember& member);

// A text of `bytes` bytes that breaks no pattern of the member; `wide`: with as
// many two-byte characters as go in. A policy document where there is room for
// one.
std::string TextOfBytes(const RequestMember& member, size_t bytes, bool wide);

// Texts of legal length that match the pattern, and that do not. Made from a
// fixed list of candidates and the RE2 text of the pattern, its definition.
std::vector<std::string> MatchingTexts(const RequestMember& member,
                                       bool observed);
std::vector<std::string> OtherTexts(const RequestMember& member, bool observed);

// Texts of legal length that are not UTF-8.
std::vector<std::string> MalformedTexts(const RequestMember& member);

// What a request that breaks no constraint is answered with on a new backend;
// ERROR_CODE_UNSPECIFIED: it succeeds.
v1::ErrorCode CodeWithoutState(const v1::Request& request,
                               const Behavior& behavior);

// Breaks the member in one way that its type allows, and says which: "PATTERN".
// "": nothing can be broken without taking its members away.
std::string BreakMember(const RequestMember& member, v1::Request* request);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_INTERNAL_MEMBER_VALUES_H_
