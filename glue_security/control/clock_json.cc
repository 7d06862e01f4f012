#include "glue_security/control/clock_json.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/control/control_json.h"

namespace glue_security {

absl::Status SetClock(absl::string_view body, FakeClock* clock) {
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
    frozen->second == "true" ? clock->Freeze() : clock->Run();
  }
  if (now.has_value()) clock->Set(*now);
  return absl::OkStatus();
}

absl::Status AdvanceClock(double seconds, FakeClock* clock) {
  if (!std::isfinite(seconds)) {
    return absl::InvalidArgumentError("seconds: not a number");
  }
  if (!clock->Advance(absl::Seconds(seconds))) {
    return absl::InvalidArgumentError(
        "seconds: the time would leave the years 1 to 9999");
  }
  return absl::OkStatus();
}

absl::Status AdvanceClock(absl::string_view body, FakeClock* clock) {
  const auto members = ParseFlatObject(body, {"seconds"});
  if (!members.ok()) return members.status();
  const auto seconds =
      members->empty() ? std::nullopt : ReadNumber(members->at("seconds"));
  if (!seconds.has_value()) {
    return absl::InvalidArgumentError("seconds: not a number");
  }
  return AdvanceClock(*seconds, clock);
}

std::string ClockAsJson(FakeClock* clock) {
  // RFC 3339 with a year of four digits; absl::RFC3339_full prints year 1 as 1.
  constexpr char kTimeFormat[] = "%E4Y-%m-%d%ET%H:%M:%E*S%Ez";
  return absl::StrCat(
      R"({"now":")",
      absl::FormatTime(kTimeFormat, clock->Now(), absl::UTCTimeZone()),
      R"(","frozen":)", clock->is_frozen() ? "true" : "false", "}");
}

}  // namespace glue_security
