// CheckContext: what one check works with: a new backend, calls with their
// expected answers, and a list of the differences.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"

namespace glue_security::conformance_internal {

// Returns a message in one line, with long texts cut.
std::string OneLine(const google::protobuf::Message& message);

// Returns "OK {...}" or "EntityNotFoundException: Policy not found".
std::string Summary(const v1::Response& response);

// Returns "name LENGTH_MIN" for each violation of the error.
std::vector<std::string> ViolationsOf(const v1::Response& response);

// Not thread-safe, except `Together`.
class CheckContext {
 public:
  CheckContext(const BackendUnderTest& target, const Behavior& behavior);

  // The settings of the next backend. REQUIRES: they are changed before the
  // first call after a `Restart`.
  Behavior& behavior() { return setup_.behavior; }
  Limits& limits() { return setup_.limits; }

  FakeClock& clock() { return clock_; }
  bool observed() const { return observed_; }
  bool honours_clock() const { return target_.honours_clock; }

  // Continues with a new backend, and forgets the calls.
  void Restart();

  // Makes the call. Every answer must be of the request's operation, or an
  // error that the contract lists.
  v1::Response Call(const v1::Request& request, const Caller& caller = Home());

  // Makes the call and expects a success.
  v1::Response Ok(const v1::Request& request, const Caller& caller = Home());

  // Makes the call and expects the error `code`, without violations, and that
  // nothing has changed. Returns the answer.
  v1::Response Fails(const v1::Request& request, v1::ErrorCode code,
                     const Caller& caller = Home());

  // Makes the call and expects that exactly these constraints are broken, in
  // this order, as "name LENGTH_MIN", and that nothing has changed.
  v1::Response Breaks(const v1::Request& request,
                      const std::vector<std::string>& violations,
                      const Caller& caller = Home());

  // Makes the calls from as many threads at once. Returns the answers in the
  // order of the requests.
  std::vector<v1::Response> Together(const std::vector<v1::Request>& requests);

  // Compares. `what` names the thing: "the UpdateTime after the replacement".
  void Same(absl::string_view what, absl::string_view expected,
            absl::string_view actual);
  void Same(absl::string_view what, const google::protobuf::Message& expected,
            const google::protobuf::Message& actual);
  void True(absl::string_view what, bool holds);

  // Returns all names, page by page. Fails when the pages have no end.
  std::vector<std::string> Names(
      const Caller& caller = Home(),
      std::optional<int32_t> max_results = std::nullopt);

  bool failed() const { return !failures_.empty(); }
  // Returns all differences from the expectations.
  std::string FailureText() const;

 private:
  struct MadeCall {
    Caller caller;
    v1::Request request;
    v1::Response response;
  };

  v1::Response Execute(const v1::Request& request, const Caller& caller);
  // Returns everything that the Get operations show of all catalogs named so
  // far.
  std::string VisibleState();
  void ExpectUnchanged(const std::string& before, const v1::Response& response);
  void Remember(const v1::Request& request, const Caller& caller);
  void CheckAnswer(const v1::Request& request, const v1::Response& response);
  void Fail(absl::string_view what, absl::string_view expected,
            absl::string_view actual);
  std::string CallsText() const;

  const BackendUnderTest& target_;
  const bool observed_;
  FakeClock clock_;
  BackendSetup setup_;
  std::unique_ptr<Backend> backend_;
  std::vector<MadeCall> calls_;
  // The catalogs whose state is compared: callers, and the CatalogIds that they
  // named.
  std::vector<std::pair<Caller, std::optional<std::string>>> catalogs_;
  std::vector<std::string> failures_;
};

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_
