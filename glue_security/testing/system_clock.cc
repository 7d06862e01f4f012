#include "glue_security/testing/system_clock.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

constexpr absl::string_view kConsequence =
    "the same run would have other times when it is made again, and a failure "
    "could be neither replayed nor shrunk";

}  // namespace

std::string SystemClockRefusal(Clock* clock, absl::string_view what) {
  const auto* const fake = dynamic_cast<const FakeClock*>(clock);
  if (clock != Clock::System() && (fake == nullptr || fake->is_frozen())) {
    return "";
  }
  return absl::StrCat(
      what, fake == nullptr ? " is the system's: " : " follows the system's: ",
      kConsequence,
      ". Give a FakeClock that stands still until it is moved, as "
      "FakeClock(absl::FromUnixSeconds(1'567'296'000)).");
}

bool ShowsSystemTime(const v1::Response& answer) {
  const auto is_now = [](const google::protobuf::Timestamp& time) {
    const absl::Duration off =
        Clock::System()->Now() - absl::FromUnixSeconds(time.seconds());
    return absl::AbsDuration(off) < absl::Hours(24);
  };
  for (const auto& policy : answer.get_resource_policies().policies()) {
    if (is_now(policy.update_time())) return true;
  }
  for (const auto& configuration :
       answer.get_security_configurations().security_configurations()) {
    if (is_now(configuration.created_time_stamp())) return true;
  }
  for (const auto& connection : answer.get_connections().connection_list()) {
    if (is_now(connection.last_updated_time())) return true;
  }
  return is_now(answer.get_resource_policy().update_time()) ||
         is_now(answer.get_connection().connection().last_updated_time()) ||
         is_now(answer.create_security_configuration().created_timestamp()) ||
         is_now(answer.get_security_configuration()
                    .security_configuration()
                    .created_time_stamp());
}

std::string SystemTimeRefusal() {
  return absl::StrCat(
      "the backend's clock is the system's: ", kConsequence,
      ". Give it BackendSetup::clock, which is a FakeClock, or, if it has a "
      "clock of its own, set honours_clock = false.");
}

}  // namespace glue_security
