// CallGenerator: decides what the clients of a concurrent run call. It is any
// function of a stream of choices and of what the client has learned;
// `SmallWorkload` is one.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_WORKLOAD_H_
#define GLUE_SECURITY_TESTING_HISTORIES_WORKLOAD_H_

#include <functional>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct Call {
  Caller caller;
  v1::Request request;
};

// The hashes and page tokens in a client's own answers, in the order in which
// they came. Empty at first. `page_tokens` are those of
// GetSecurityConfigurations.
struct ClientKnowledge {
  std::vector<std::string> policy_hashes;
  std::vector<std::string> page_tokens;
  std::vector<std::string> connection_page_tokens;

  void Learn(const v1::Response& response);
};

// Makes a client's next call. Must depend on nothing but its arguments. Called
// from the thread of the client.
using CallGenerator =
    std::function<Call(ChoiceSource& choices, const ClientKnowledge& known)>;

// Makes legal calls of all operations of the contract on one catalog. There are
// so few names that clients meet: three names, three policy texts, and hashes
// and page tokens of earlier answers. About half of the calls write. An
// operation for which workload.cc has no such request gets one from
// `RequestGenerator`.
Call SmallWorkload(ChoiceSource& choices, const ClientKnowledge& known);

// Returns the same for the operations that are in force for `behavior`, or for
// those of them that are in `operations`, if it is not empty. For
// Behavior::Documented() and all operations it makes the calls of
// `SmallWorkload`.
CallGenerator SmallWorkloadFor(const Behavior& behavior,
                               const std::vector<Operation>& operations = {});

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_WORKLOAD_H_
