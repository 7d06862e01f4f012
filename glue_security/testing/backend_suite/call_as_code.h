// BackendCall: a call of a failed check as data, and functions that print calls
// as code to paste.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CALL_AS_CODE_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CALL_AS_CODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {

// A call that a check made, with its answer.
struct BackendCall {
  Caller caller;
  v1::Request request;
  // No outcome: the call threw an exception.
  v1::Response response;
  // How far the clock was moved before the call; negative: backwards.
  absl::Duration clock_move;
};

// Calls on a new backend, and how it was set up.
struct BackendCalls {
  // "Documented", "Observed", "Current".
  std::string preset;
  // The changes of the preset and of `Limits()`, as of `ChangedSettings`
  // (changed_settings.h).
  std::vector<std::string> settings;
  std::vector<BackendCall> calls;
  // The backend's clock is its own: time passes where the kit moves its clock.
  bool own_clock = false;
  // Everything that the backend ran with, for a reset that takes it.
  BackendSettings ran_with;
};

// Returns the request and its answer in full, each in one line:
// "GetResourcePolicy {}\n  -> EntityNotFoundException: Policy not found\n".
// `own_clock` is that of BackendCalls.
std::string CallAsText(const BackendCall& call, bool own_clock = false);

// Each returns code that makes the calls, in full, as lines with an end of
// line. A call that cannot be sent (over HTTP: a request without an
// operation, or one that is not UTF-8) is a comment. Over HTTP they begin with
// the reset and the time of the clock, where the endpoint has these.
std::string CallsAsCpp(const BackendCalls& calls);
std::string CallsAsCurl(const BackendCalls& calls,
                        const BackendEndpoint& endpoint);
std::string CallsAsBoto3(const BackendCalls& calls,
                         const BackendEndpoint& endpoint);

namespace conformance_internal {

// Returns a message in one line, in full.
std::string OneLine(const google::protobuf::Message& message);

// Returns the wire name of the code, "EntityNotFoundException", or its number.
std::string CodeText(v1::ErrorCode code);

// Returns "name LENGTH_MIN" for each violation of the error.
std::vector<std::string> ViolationsOf(const v1::Response& response);

// Returns true when the text of the error tells of exactly these violations, in
// this order, in the words of the service.
bool TellsOf(const v1::Response& response,
             const std::vector<std::string>& violations);

// Returns true for an error that `HttpBackend` made because there was no answer
// of the API.
bool IsFailureOfTheWire(const v1::Response& response);

// Returns "OK {...}", "EntityNotFoundException: Policy not found" or, for a
// failure of the wire, "no answer of the API: HTTP status 502: ...".
std::string Summary(const v1::Response& response);

}  // namespace conformance_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CALL_AS_CODE_H_
