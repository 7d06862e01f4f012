#include "glue_security/server/control.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/key_call.h"
#include "glue_security/server/control_json.h"

namespace glue_security {
namespace {

constexpr size_t kSnapshotNameBytesMax = 128;
// RFC 3339 with a year of four digits; absl::RFC3339_full prints year 1 as 1.
constexpr char kTimeFormat[] = "%E4Y-%m-%d%ET%H:%M:%E*S%Ez";
// The number of calls that are taken from the history at a time.
constexpr size_t kHistoryPiece = 64;

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

// The calls of the history that are requested.
struct HistoryQuery {
  uint64_t from = 0;
  uint64_t limit = std::numeric_limits<uint64_t>::max();
};

// Parses "after=NUMBER&limit=NUMBER"; either may be left out.
absl::StatusOr<HistoryQuery> ParseHistoryQuery(absl::string_view query) {
  std::optional<uint64_t> after;
  std::optional<uint64_t> limit;
  if (!query.empty()) {
    for (const absl::string_view part : absl::StrSplit(query, '&')) {
      const std::pair<absl::string_view, absl::string_view> parameter =
          absl::StrSplit(part, absl::MaxSplits('=', 1));
      std::optional<uint64_t>* const number =
          parameter.first == "after"   ? &after
          : parameter.first == "limit" ? &limit
                                       : nullptr;
      if (number == nullptr || number->has_value()) {
        return absl::InvalidArgumentError(
            "a query of the history may have after=START and limit=NUMBER, "
            "each once");
      }
      *number = ReadWholeNumber(parameter.second);
      if (!number->has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat(parameter.first, ": not a whole number"));
      }
    }
  }
  HistoryQuery result;
  if (after.has_value()) {
    if (*after == std::numeric_limits<uint64_t>::max()) {
      return absl::InvalidArgumentError("after: not the start of a call");
    }
    result.from = *after + 1;
  }
  if (limit.has_value()) {
    if (*limit == 0) {
      return absl::InvalidArgumentError("limit: must be at least 1");
    }
    result.limit = *limit;
  }
  return result;
}

// Checks that a name can be used unchanged in a path, a log and a message.
absl::Status CheckSnapshotName(absl::string_view name) {
  const bool is_plain =
      !name.empty() && name.size() <= kSnapshotNameBytesMax &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (is_plain) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a snapshot's name must have 1 to ", kSnapshotNameBytesMax,
                   " characters of A-Z, a-z, 0-9, '.', '_' and '-', not '",
                   PlainText(name), "'"));
}

int StatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kResourceExhausted:
      return 503;
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
    return control_.history_.Record(connection, caller, request, [&] {
      FaultPlan plan = control_.faults_.Decide(caller, request);
      delivery->delay = plan.delay;
      delivery->lost = plan.lost;
      const ControlledKeys::Scope scope(delivery);
      v1::Response response;
      if (plan.execute) response = served_->backend->Execute(caller, request);
      if (plan.error.has_value()) {
        *response.mutable_error() = *std::move(plan.error);
      }
      return response;
    });
  }

  WireResponse ExecuteKms(const KeyCaller& caller, absl::string_view operation,
                          absl::FunctionRef<WireResponse()> answer,
                          Delivery* delivery) override {
    const KeyFaultPlan plan = control_.faults_.DecideKeyCall(caller, operation);
    delivery->delay = plan.delay;
    delivery->lost = plan.lost;
    WireResponse response;
    if (plan.execute) response = answer();
    if (!plan.error.has_value()) return response;
    return EncodeKmsRefusal(RefusalOf(plan, RandomSource::System()));
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
  if (path == "advance" && method == "POST") {
    const auto members = ParseFlatObject(body, {"seconds"});
    if (!members.ok()) return members.status();
    const auto seconds =
        members->empty() ? std::nullopt : ReadNumber(members->at("seconds"));
    if (!seconds.has_value()) {
      return absl::InvalidArgumentError("seconds: not a number");
    }
    if (!clock_.Advance(absl::Seconds(*seconds))) {
      return absl::InvalidArgumentError(
          "seconds: the time would leave the years 1 to 9999");
    }
  } else if (path.empty() && method == "PUT") {
    const auto members = ParseFlatObject(body, {"now", "frozen"});
    if (!members.ok()) return members.status();
    const auto set = members->find("now");
    std::optional<absl::Time> now;
    if (set != members->end()) {
      now = ReadTime(set->second);
      if (!now.has_value() || *now < FakeClock::Min() ||
          *now > FakeClock::Max()) {
        return absl::InvalidArgumentError(
            "now: not a time of RFC 3339 in the years 1 to 9999");
      }
    }
    const auto frozen = members->find("frozen");
    if (frozen != members->end() && frozen->second != "true" &&
        frozen->second != "false") {
      return absl::InvalidArgumentError("frozen: must be true or false");
    }
    if (frozen != members->end()) {
      frozen->second == "true" ? clock_.Freeze() : clock_.Run();
    }
    if (now.has_value()) clock_.Set(*now);
  } else if (path.empty() && method == "DELETE") {
    clock_.Reset();
  } else if (!path.empty() || method != "GET") {
    return NoSuchPath();
  }
  return absl::StrCat(
      R"({"now":")",
      absl::FormatTime(kTimeFormat, clock_.Now(), absl::UTCTimeZone()),
      R"(","frozen":)", clock_.is_frozen() ? "true" : "false", "}");
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
  // The room for the members after the calls.
  constexpr size_t kEndBytes = 80;
  const size_t bytes_max =
      options_.history_answer_bytes_max -
      std::min(kEndBytes, options_.history_answer_bytes_max);
  std::string calls = "\"calls\":[";
  uint64_t from = asked->from;
  uint64_t left = asked->limit;
  std::optional<uint64_t> next;
  bool ends_here = false;
  while (!ends_here) {
    // One more call shows whether there are more.
    const auto piece = history_.Page(
        from, static_cast<size_t>(std::min<uint64_t>(left, kHistoryPiece)) + 1);
    ends_here = piece.empty();
    for (const RecordedCall& call : piece) {
      if (left == 0 || !AppendHistoryCall(call.ToEntry(), bytes_max, &calls)) {
        next = from - 1;
        ends_here = true;
        break;
      }
      --left;
      from = call.start() + 1;
    }
  }
  // Read last, so that it counts calls that were dropped meanwhile.
  const uint64_t left_out = history_.left_out();
  calls.push_back(']');
  if (next.has_value()) absl::StrAppend(&calls, ",\"next\":", *next);
  return absl::StrCat("{\"left_out\":", left_out, ",", calls, "}");
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
