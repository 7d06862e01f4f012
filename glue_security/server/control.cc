#include "glue_security/server/control.h"

#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/server/control_json.h"

namespace glue_security {
namespace {

absl::Status NoSuchPath() {
  return absl::NotFoundError("no such control endpoint");
}

// What is left of `path` behind "NAME/", or nothing where it is NAME.
bool ConsumeSegment(absl::string_view name, absl::string_view* path) {
  absl::string_view rest = *path;
  if (!absl::ConsumePrefix(&rest, name)) return false;
  if (!rest.empty() && !absl::ConsumePrefix(&rest, "/")) return false;
  *path = rest;
  return true;
}

}  // namespace

Control::Control(Backend* backend, ControlledState* state,
                 AdjustableClock* clock)
    : backend_(*backend),
      state_(*state),
      clock_(*clock),
      faults_(backend),
      history_(backend) {}

void Control::Reset() {
  faults_.Clear();
  state_.Reset();
  clock_.Reset();
  history_.Clear();
}

v1::Response Control::Execute(int connection, const Caller& caller,
                              const v1::Request& request, Delivery* delivery) {
  return history_.Record(connection, caller, request, [&] {
    FaultPlan plan = faults_.Decide(caller, request);
    delivery->delay = plan.delay;
    delivery->lost = plan.lost;
    v1::Response response;
    if (plan.execute) response = backend_.Execute(caller, request);
    if (plan.error.has_value()) {
      *response.mutable_error() = *std::move(plan.error);
    }
    return response;
  });
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
  response.status =
      body.status().code() == absl::StatusCode::kNotFound ? 404 : 400;
  response.body = "{\"error\":";
  AppendJsonString(body.status().message(), &response.body);
  response.body.push_back('}');
  return response;
}

absl::StatusOr<std::string> Control::Route(absl::string_view method,
                                           absl::string_view path,
                                           absl::string_view body) {
  if (path == "health" && method == "GET") return R"({"status":"ok"})";
  if (path == "reset" && method == "POST") {
    Reset();
    return "";
  }
  if (path == "history") return History(method);
  if (ConsumeSegment("clock", &path)) return Clock(method, path, body);
  if (ConsumeSegment("faults", &path)) return Faults(method, path, body);
  if (ConsumeSegment("snapshots", &path)) return Snapshots(method, path);
  return NoSuchPath();
}

absl::StatusOr<std::string> Control::Clock(absl::string_view method,
                                           absl::string_view path,
                                           absl::string_view body) {
  if (path == "advance" && method == "POST") {
    const auto members = ParseFlatObject(body, {"seconds"});
    if (!members.ok()) return members.status();
    double seconds = 0;
    // Further than from the first year to the last it need not go.
    constexpr double kSecondsMax = 1e12;
    if (members->empty() ||
        !absl::SimpleAtod(members->at("seconds"), &seconds) ||
        !(std::abs(seconds) <= kSecondsMax)) {
      return absl::InvalidArgumentError("seconds: no number");
    }
    clock_.Advance(absl::Seconds(seconds));
  } else if (path.empty() && method == "PUT") {
    const auto members = ParseFlatObject(body, {"now", "frozen"});
    if (!members.ok()) return members.status();
    absl::Time now;
    std::string error;
    const auto set = members->find("now");
    if (set != members->end() &&
        (!absl::ParseTime(absl::RFC3339_full, set->second, &now, &error) ||
         now == absl::InfiniteFuture() || now == absl::InfinitePast())) {
      return absl::InvalidArgumentError("now: no time of RFC 3339");
    }
    const auto frozen = members->find("frozen");
    if (frozen != members->end() && frozen->second != "true" &&
        frozen->second != "false") {
      return absl::InvalidArgumentError("frozen: true or false");
    }
    if (frozen != members->end()) {
      frozen->second == "true" ? clock_.Freeze() : clock_.Run();
    }
    if (set != members->end()) clock_.Set(now);
  } else if (path.empty() && method == "DELETE") {
    clock_.Reset();
  } else if (!path.empty() || method != "GET") {
    return NoSuchPath();
  }
  return absl::StrCat(
      R"({"now":")",
      absl::FormatTime(absl::RFC3339_full, clock_.Now(), absl::UTCTimeZone()),
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

absl::StatusOr<std::string> Control::History(absl::string_view method) {
  if (method == "GET") {
    return absl::StrCat("{\"left_out\":", history_.left_out(),
                        ",\"calls\":", FormatHistoryJson(history_.Snapshot()),
                        "}");
  }
  if (method != "DELETE") return NoSuchPath();
  history_.Clear();
  return "";
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
  const std::string name(path);
  if (name.empty() || absl::StrContains(name, "/")) return NoSuchPath();
  if (method == "PUT") {
    state_.Save(name);
    return "";
  }
  if (restores ? state_.Restore(name)
               : method == "DELETE" && state_.Forget(name)) {
    return "";
  }
  return absl::NotFoundError("no such snapshot");
}

}  // namespace glue_security
