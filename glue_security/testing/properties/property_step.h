// PropertyStep: the tools of a rule and of an invariant; see
// stateful_property.h.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STEP_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STEP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Used while the rule or invariant runs, not afterwards. `backend` may be
// called from several threads; the rest is not thread-safe.
class PropertyStep {
 public:
  // REQUIRES: all outlive this. With `keeps_lines` the calls and notes are kept
  // as text.
  PropertyStep(ChoiceSource* choices, Backend* backend, FakeClock* clock,
               bool keeps_lines);
  ~PropertyStep();

  PropertyStep(const PropertyStep&) = delete;
  PropertyStep& operator=(const PropertyStep&) = delete;

  // The source of everything that the step chooses. Give it to the generators
  // of the kit, too.
  ChoiceSource& choices() { return choices_; }

  // The backend under test. The report shows each call and its answer.
  Backend& backend();
  v1::Response Execute(const Caller& caller, const v1::Request& request) {
    return backend().Execute(caller, request);
  }

  // The clock of the backend, which stands still until a rule moves it by `Set`
  // or `Advance`. The rule fails when it makes it run: on a clock that follows
  // the system's, the run cannot be made again.
  FakeClock& clock() { return clock_; }

  // Shows a line in the report of a failure.
  void Note(absl::string_view text);

  // Counts this step under `label` in the statistics, once.
  void Label(absl::string_view label);

  // Fails the property. The run ends after this rule or invariant. So does a
  // failed EXPECT_ or ASSERT_ of gtest on this thread, or an exception.
  void Fail(absl::string_view text);

  // The rest is for the runner. `Fail`s in their order, the labels, and the
  // calls, answers and notes in their order.
  const std::vector<std::string>& failures() const { return failures_; }
  const std::vector<std::string>& labels() const { return labels_; }
  std::vector<std::string> TakeLines();
  // True when an answer showed the system's time, which the clock does not.
  bool saw_system_time() const;

 private:
  // Calls a backend, and keeps the calls as text.
  class LoggingBackend;

  ChoiceSource& choices_;
  FakeClock& clock_;
  const std::unique_ptr<LoggingBackend> backend_;
  std::vector<std::string> failures_;
  std::vector<std::string> labels_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STEP_H_
