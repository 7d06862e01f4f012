#include "glue_security/server/control.h"

#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/control/clock_json.h"
#include "glue_security/control/control_json.h"
#include "glue_security/control/controlled_calls.h"
#include "glue_security/control/history_json.h"
#include "glue_security/control/stored_json.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/out_of_memory.h"

namespace glue_security {
namespace {

absl::Status NoSuchPath() {
  return absl::NotFoundError("no such control endpoint");
}

// Removes "NAME" or "NAME/" from the start of `path`. Returns false when `path`
// has another first segment.
bool ConsumeSegment(absl::string_view name, absl::string_view* path) {
  absl::string_view rest = *path;
  if (!absl::ConsumePrefix(&rest, name)) return false;
  if (!rest.empty() && !absl::ConsumePrefix(&rest, "/")) return false;
  *path = rest;
  return true;
}

// Removes the query from `path` and returns it without its question mark.
absl::string_view TakeQuery(absl::string_view* path) {
  const size_t mark = path->find('?');
  if (mark == absl::string_view::npos) return "";
  const absl::string_view query = path->substr(mark + 1);
  *path = path->substr(0, mark);
  return query;
}

int StatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDataLoss:
      return 500;
    default:
      return 400;
  }
}

}  // namespace

// A call that is inside the gate as long as this object lives.
class Control::GatedCall : public Executor::Call {
 public:
  explicit GatedCall(Control* control)
      : control_(*control),
        inside_(&control->gate_),
        served_(control->Current()) {}

  const Behavior* behavior() const override {
    return control_.options_.make_backend ? &served_->settings.behavior
                                          : nullptr;
  }

  v1::Response Execute(int connection, const Caller& caller,
                       const v1::Request& request,
                       Delivery* delivery) override {
    const auto response = ExecuteControlled(
        {&control_.faults_, &control_.history_}, served_->backend, connection,
        caller, OrEnd([&] { return v1::Request(request); }), delivery);
    return OrEnd([&] { return v1::Response(*response); });
  }

  WireResponse ExecuteKms(const KeyCaller& caller, absl::string_view operation,
                          absl::FunctionRef<WireResponse()> answer,
                          Delivery* delivery) override {
    return ExecuteKmsControlled(&control_.faults_, caller, operation, answer,
                                delivery);
  }

 private:
  Control& control_;
  const CallGate::Call inside_;
  // Taken inside the gate, so that no reset comes between.
  const std::shared_ptr<const Served> served_;
};

Control::Control(Backend* backend, ControlledState* state, FakeClock* clock,
                 ControlOptions options)
    : options_(std::move(options)),
      state_(*state),
      clock_(*clock),
      faults_(backend, nullptr, options_.faults),
      history_(backend, options_.history),
      first_(std::make_shared<const Served>(
          Served{options_.settings, backend, nullptr})),
      served_(first_) {
  if (options_.keys != nullptr) options_.keys->SetFaults(&faults_);
}

Control::~Control() {
  if (options_.keys != nullptr) options_.keys->SetFaults(nullptr);
}

std::shared_ptr<const Control::Served> Control::Current() const {
  const std::lock_guard<std::mutex> lock(served_mutex_);
  return served_;
}

absl::Status Control::Reset() { return ResetTo(first_); }

absl::Status Control::Reset(const BackendSettings& settings) {
  if (!options_.make_backend) {
    return absl::FailedPreconditionError(
        "the settings of this backend cannot be changed");
  }
  auto served = std::make_shared<Served>();
  served->settings = settings;
  {
    const std::lock_guard<std::mutex> lock(make_mutex_);
    served->owned = options_.make_backend(settings);
  }
  served->backend = served->owned.get();
  return ResetTo(std::move(served));
}

absl::Status Control::ResetTo(std::shared_ptr<const Served> served) {
  absl::Status status;
  gate_.RunAlone(options_.reset_wait, [this, &served, &status] {
    status = state_.Reset();
    if (!status.ok()) return;
    {
      const std::lock_guard<std::mutex> lock(served_mutex_);
      served_.swap(served);
    }
    faults_.Clear();
    clock_.Reset();
    history_.ClearFinished();
  });
  if (!status.ok()) return status;
  const std::lock_guard<std::mutex> lock(cancel_mutex_);
  if (cancel_delayed_) cancel_delayed_();
  return status;
}

void Control::SetCancelDelayed(std::function<void()> cancel) {
  const std::lock_guard<std::mutex> lock(cancel_mutex_);
  cancel_delayed_ = std::move(cancel);
}

std::unique_ptr<Executor::Call> Control::Begin() {
  return std::make_unique<GatedCall>(this);
}

v1::Response Control::Execute(int connection, const Caller& caller,
                              const v1::Request& request, Delivery* delivery) {
  return GatedCall(this).Execute(connection, caller, request, delivery);
}

HttpResponse Control::Handle(const HttpRequest& request) {
  HttpResponse response;
  response.headers = {{"Content-Type", "application/json"}};
  absl::string_view path = request.target;
  absl::ConsumePrefix(&path, kControlPath);
  auto body = Route(request.method, path, request.body);
  if (body.ok()) {
    response.body = *std::move(body);
    return response;
  }
  response.status = StatusOf(body.status());
  response.body = "{\"error\":";
  AppendJsonString(body.status().message(), &response.body);
  response.body.push_back('}');
  return response;
}

absl::StatusOr<std::string> Control::Route(absl::string_view method,
                                           absl::string_view path,
                                           absl::string_view body) {
  if (path == "health" && method == "GET") return R"({"status":"ok"})";
  if (path == "reset" && method == "POST") return HandleReset(body);
  if (path == "settings" && method == "GET" && options_.make_backend) {
    return SettingsAsJson(Current()->settings);
  }
  if (absl::StartsWith(path, "history")) {
    absl::string_view name = path;
    const absl::string_view query = TakeQuery(&name);
    if (name == "history") return History(method, query);
  }
  if (absl::StartsWith(path, "stored")) {
    absl::string_view part = path;
    const absl::string_view query = TakeQuery(&part);
    if (ConsumeSegment("stored", &part)) return Stored(method, part, query);
  }
  if (ConsumeSegment("clock", &path)) return Clock(method, path, body);
  if (ConsumeSegment("faults", &path)) return Faults(method, path, body);
  if (ConsumeSegment("snapshots", &path)) return Snapshots(method, path);
  return NoSuchPath();
}

absl::StatusOr<std::string> Control::HandleReset(absl::string_view body) {
  const auto settings = ParseSettings(body, options_.settings);
  if (!settings.ok()) return settings.status();
  const absl::Status status =
      settings->has_value() ? Reset(**settings) : Reset();
  if (!status.ok()) return status;
  return "";
}

absl::StatusOr<std::string> Control::Clock(absl::string_view method,
                                           absl::string_view path,
                                           absl::string_view body) {
  absl::Status status;
  if (path == "advance" && method == "POST") {
    status = AdvanceClock(body, &clock_);
  } else if (path.empty() && method == "PUT") {
    status = SetClock(body, &clock_);
  } else if (path.empty() && method == "DELETE") {
    clock_.Reset();
  } else if (!path.empty() || method != "GET") {
    return NoSuchPath();
  }
  if (!status.ok()) return status;
  return ClockAsJson(&clock_);
}

absl::StatusOr<std::string> Control::Faults(absl::string_view method,
                                            absl::string_view path,
                                            absl::string_view body) {
  if (path.empty() && method == "POST") {
    auto rule = ParseFaultRule(body);
    if (!rule.ok()) return rule.status();
    const auto id = faults_.Add(*std::move(rule));
    if (!id.ok()) return id.status();
    return absl::StrCat("{\"id\":", *id, "}");
  }
  if (path.empty() && method == "GET") return FormatFaultRules(faults_.List());
  if (path.empty() && method == "DELETE") {
    faults_.Clear();
    return "";
  }
  int id = 0;
  if (method == "DELETE" && absl::SimpleAtoi(path, &id) && faults_.Remove(id)) {
    return "";
  }
  return absl::NotFoundError("no such rule");
}

absl::StatusOr<std::string> Control::History(absl::string_view method,
                                             absl::string_view query) {
  if (method == "DELETE" && query.empty()) {
    history_.Clear();
    return "";
  }
  if (method != "GET") return NoSuchPath();
  const auto asked = ParseHistoryQuery(query);
  if (!asked.ok()) return asked.status();
  return HistoryAsJson(history_, *asked, options_.history_answer_bytes_max);
}

absl::StatusOr<std::string> Control::Stored(absl::string_view method,
                                            absl::string_view path,
                                            absl::string_view query) {
  if (method != "GET" || options_.storage == nullptr) return NoSuchPath();
  return StoredAsJson(path, query, *options_.storage);
}

absl::StatusOr<std::string> Control::Snapshots(absl::string_view method,
                                               absl::string_view path) {
  if (path.empty() && method == "GET") {
    std::string names = "[";
    for (const std::string& name : state_.Names()) {
      if (names.size() > 1) names.push_back(',');
      AppendJsonString(name, &names);
    }
    return names + "]";
  }
  const bool restores =
      method == "POST" && absl::ConsumeSuffix(&path, "/restore");
  if (path.empty() || absl::StrContains(path, "/")) return NoSuchPath();
  const bool saves = method == "PUT";
  if (!saves && !restores && method != "DELETE") return NoSuchPath();
  if (auto status = CheckSnapshotName(path); !status.ok()) return status;
  const std::string name(path);
  if (saves) {
    if (auto status = state_.Save(name); !status.ok()) return status;
    return "";
  }
  absl::Status status;
  if (restores) {
    gate_.RunAlone(options_.reset_wait, [&] { status = state_.Restore(name); });
  } else if (!state_.Forget(name)) {
    status = absl::NotFoundError("no such snapshot");
  }
  if (!status.ok()) return status;
  return "";
}

}  // namespace glue_security
