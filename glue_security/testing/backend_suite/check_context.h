// CheckContext: what one check works with: a new backend, calls with their
// expected answers, and the first difference.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
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
#include "glue_security/model/operation.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/backend_suite/backend_check.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/call_as_code.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security::conformance_internal {

// The first difference from the expectations of a check.
struct Difference {
  // "the answer to PutResourcePolicy"
  std::string what;
  std::string expected;
  std::string actual;
  // A short text that every difference with the same cause has.
  std::string cause;
  BackendCheckBasis basis = BackendCheckBasis::kContract;
  // True when the last call alone shows it; otherwise it may compare answers.
  bool is_of_last_call = false;
  // The calls on the last backend, and the number of the first of them among
  // all calls of the check.
  std::vector<BackendCall> calls;
  size_t first_call = 0;
  // How often the clock was moved.
  size_t moves = 0;
  // The settings that differ from the preset, and all of them.
  std::vector<std::string> settings;
  BackendSettings ran_with;
};

// The calls and moves of the clock, by number, that are left out when a check
// is run again to find out which of them its difference needs.
struct LeftOut {
  std::set<size_t> calls;
  std::set<size_t> moves;
  // The calls before this one were on other backends. They get the answers that
  // they had.
  size_t first_call = 0;
  // The answers of all calls of the first run, and whether a call that is left
  // out still gets its own. Otherwise a success gets members that no comparison
  // expects, so that the difference cannot rest on it.
  std::vector<v1::Response> answers;
  bool keeps_answers = false;
};

// Returns "absent" or the time.
std::string TimeText(bool is_there, const google::protobuf::Timestamp& time);
std::string TimeText(absl::Time time);

// After the first difference, calls are no longer made; their answers are empty
// successes. Not thread-safe, except `Together`.
class CheckContext {
 public:
  // `preset` is the behavior of the preset, `behavior` that of the backend.
  // Everything but `behavior` outlives this object.
  CheckContext(const BackendUnderTest& target, BackendCheckBasis basis,
               const Behavior& preset, const Behavior& behavior,
               const LeftOut& left_out);

  // The settings of the next backend. REQUIRES: they are changed before the
  // first call after a `Restart`.
  Behavior& behavior() { return setup_.behavior; }
  Limits& limits() { return setup_.limits; }

  bool observed() const { return observed_; }
  const BackendUnderTest& target() const { return target_; }

  // The time of the backend's clock, if it honours one.
  absl::Time Now() { return clock_.Now(); }
  void SetClock(absl::Time time);
  // Moves the clock. When the backend has its own, waits until that has moved,
  // however little.
  void LetPass(absl::Duration duration);

  // Continues with a new backend at the time of the first, and forgets the
  // calls.
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

  // Makes the call and expects an error, and that nothing has changed. That it
  // is `code` and no other one that the contract lists is of basis `of_code`.
  v1::Response Refused(const v1::Request& request, v1::ErrorCode code,
                       BackendCheckBasis of_code,
                       const Caller& caller = Home());

  // Makes the call and expects that exactly these constraints are broken, in
  // this order, as "name LENGTH_MIN", and that nothing has changed. A backend
  // that does not show violations is judged by its code.
  v1::Response Breaks(const v1::Request& request,
                      const std::vector<std::string>& violations,
                      const Caller& caller = Home());

  // Makes the calls from as many threads at once. Returns the answers in the
  // order of the requests.
  std::vector<v1::Response> Together(const std::vector<v1::Request>& requests);

  // Compare. `what` names the thing: "the UpdateTime after the replacement".
  // A `basis` other than the check's is that of this comparison.
  void Same(absl::string_view what, absl::string_view expected,
            absl::string_view actual,
            std::optional<BackendCheckBasis> basis = std::nullopt);
  void Same(absl::string_view what, const google::protobuf::Message& expected,
            const google::protobuf::Message& actual);
  // Fails unless `holds`. `expected` and `actual` are clauses: "2 entries".
  void Expect(bool holds, absl::string_view what, absl::string_view expected,
              absl::string_view actual,
              std::optional<BackendCheckBasis> basis = std::nullopt);

  // Compares a policy that is shown with the text that was put. Another print
  // of the same document is a difference of its own, which is not against the
  // contract, or none where the backend has a print of its own.
  void SamePolicy(absl::string_view what, absl::string_view expected,
                  absl::string_view actual);

  // Return all security configurations, or their names, page by page. Fail when
  // the pages have no end.
  std::vector<v1::SecurityConfiguration> Entries(
      const Caller& caller = Home(),
      std::optional<int32_t> max_results = std::nullopt);
  std::vector<std::string> Names(
      const Caller& caller = Home(),
      std::optional<int32_t> max_results = std::nullopt);

  bool failed() const { return difference_.has_value(); }
  const std::optional<Difference>& difference() const { return difference_; }
  // The answers of all calls, and the number of calls made on a backend.
  const std::vector<v1::Response>& answers() const { return answers_; }
  size_t calls_made() const { return calls_made_; }
  // The operations of all calls.
  const std::set<Operation>& operations() const { return operations_; }

 private:
  v1::Response Execute(const v1::Request& request, const Caller& caller);
  // Returns true when the next call is not made.
  bool IsLeftOut() const;
  bool MakeBackend();
  // Returns everything that the Get operations of the backend show of all
  // catalogs named so far.
  std::vector<BackendCall> VisibleState();
  // Adds the pages of a list to a state. `token_in` returns the NextToken of an
  // answer, to be changed.
  void AddPages(
      const std::function<v1::Request(std::optional<std::string>)>& list,
      const std::function<std::string*(v1::Response*)>& token_in,
      const Caller& caller, std::vector<BackendCall>* state);
  void ExpectUnchanged(const std::vector<BackendCall>& before,
                       const v1::Response& response);
  void Remember(const v1::Request& request, const Caller& caller);
  void CheckAnswer(const v1::Request& request, const v1::Response& response);
  void FailAnswer(const v1::Request& request, absl::string_view expected,
                  const v1::Response& response, BackendCheckBasis basis);
  // Fails with a difference; `cause` as in Difference.
  void Fail(absl::string_view what, absl::string_view expected,
            absl::string_view actual, absl::string_view cause,
            BackendCheckBasis basis, bool is_of_last_call = true);
  void WaitForTheClock();
  // Returns true when a policy or a connection was shown with a time in whole
  // seconds.
  bool HasShownSeconds() const;

  const BackendUnderTest& target_;
  const BackendCheckBasis basis_;
  const Behavior& preset_;
  const LeftOut& left_out_;
  const bool observed_;
  FakeClock clock_;
  // How far the clock was moved since the last call.
  absl::Duration move_ = absl::ZeroDuration();
  size_t moves_ = 0;
  BackendSetup setup_;
  std::unique_ptr<Backend> backend_;
  std::vector<BackendCall> calls_;
  size_t first_call_ = 0;
  size_t calls_made_ = 0;
  std::vector<v1::Response> answers_;
  std::set<Operation> operations_;
  // The catalogs whose state is compared: callers, and the CatalogIds that they
  // named.
  std::vector<std::pair<Caller, std::optional<std::string>>> catalogs_;
  // True when a call was about connections, which are then compared, too.
  bool knows_connections_ = false;
  std::optional<Difference> difference_;
};

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_CONTEXT_H_
