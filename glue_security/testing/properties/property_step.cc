#include "glue_security/testing/properties/property_step.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {

class PropertyStep::LoggingBackend : public Backend {
 public:
  LoggingBackend(Backend* backend, FakeClock* clock, bool keeps_lines)
      : backend_(*backend), clock_(*clock), keeps_lines_(keeps_lines) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    if (!keeps_lines_) return Watched(backend_.Execute(caller, request));
    // Written first, so that a call that throws is shown.
    Add(absl::StrCat(caller.account_id, " ", caller.region, ": ",
                     request.ShortDebugString()));
    v1::Response response = Watched(backend_.Execute(caller, request));
    Add(absl::StrCat("-> ", response.ShortDebugString()));
    return response;
  }

  bool saw_system_time() const { return saw_system_time_; }

  void Add(std::string line) {
    if (!keeps_lines_) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(std::move(line));
  }

  std::vector<std::string> TakeLines() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  v1::Response Watched(v1::Response response) {
    // A rule may have set the clock to a time of today.
    const absl::Duration off = Clock::System()->Now() - clock_.Now();
    if (absl::AbsDuration(off) > absl::Hours(48) && ShowsSystemTime(response)) {
      saw_system_time_ = true;
    }
    return response;
  }

  Backend& backend_;
  FakeClock& clock_;
  const bool keeps_lines_;
  std::atomic<bool> saw_system_time_{false};
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

PropertyStep::PropertyStep(ChoiceSource* choices, Backend* backend,
                           FakeClock* clock, bool keeps_lines)
    : choices_(*choices),
      clock_(*clock),
      backend_(std::make_unique<LoggingBackend>(backend, clock, keeps_lines)) {}

PropertyStep::~PropertyStep() = default;

Backend& PropertyStep::backend() { return *backend_; }

void PropertyStep::Note(absl::string_view text) {
  backend_->Add(std::string(text));
}

void PropertyStep::Label(absl::string_view label) {
  if (std::find(labels_.begin(), labels_.end(), label) == labels_.end()) {
    labels_.emplace_back(label);
  }
}

void PropertyStep::Fail(absl::string_view text) {
  failures_.emplace_back(text);
}

bool PropertyStep::saw_system_time() const {
  return backend_->saw_system_time();
}

std::vector<std::string> PropertyStep::TakeLines() {
  return backend_->TakeLines();
}

}  // namespace glue_security
