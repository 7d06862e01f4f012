// Random callers and requests over name spaces so small that they meet.

#ifndef GLUE_SECURITY_TESTS_TESTING_RANDOM_REQUEST_H_
#define GLUE_SECURITY_TESTS_TESTING_RANDOM_REQUEST_H_

#include <random>
#include <string>
#include <vector>

#include "glue_security/model/caller.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The NextToken that stands for "one that was given out before". Whoever sends
// the request puts such a token in its place, or leaves it, when there is none;
// then it is a token that nobody gave out.
inline constexpr char kTokenPlaceholder[] = "TOKEN";

// One of two callers, of two accounts and two regions.
Caller RandomCaller(std::mt19937_64& rng);

// A request of any operation, rarely of none. Most are legal; each member is
// now and then one that is not. Hash conditions are drawn from `known_hashes`,
// from variants of them, and from hashes that no policy has.
v1::Request RandomRequest(std::mt19937_64& rng,
                          const std::vector<std::string>& known_hashes);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_TESTING_RANDOM_REQUEST_H_
