#include "glue_security/testing/sequences/own_clock.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "glue_security/backend/clock.h"
#include "glue_security/v1/connection.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

// The moves of a sequence's clock are below 2.5 milliseconds, so that a
// fiftieth is as long as this. It is more than two ticks of a clock in
// milliseconds.
constexpr absl::Duration kPassed = absl::Microseconds(2450);

using google::protobuf::Timestamp;
using VisitTime = absl::FunctionRef<void(Timestamp*)>;

template <typename Policy>
void VisitPolicy(Policy* policy, VisitTime visit) {
  if (policy->has_create_time()) visit(policy->mutable_create_time());
  if (policy->has_update_time()) visit(policy->mutable_update_time());
}

void VisitConfiguration(v1::SecurityConfiguration* configuration,
                        VisitTime visit) {
  if (configuration->has_created_time_stamp()) {
    visit(configuration->mutable_created_time_stamp());
  }
}

void VisitConnection(v1::Connection* connection, VisitTime visit) {
  if (connection->has_creation_time()) {
    visit(connection->mutable_creation_time());
  }
  if (connection->has_last_updated_time()) {
    visit(connection->mutable_last_updated_time());
  }
}

// Calls `visit` with every time in `answer`.
void VisitTimes(v1::Response* answer, VisitTime visit) {
  if (answer->has_get_resource_policy()) {
    VisitPolicy(answer->mutable_get_resource_policy(), visit);
  } else if (answer->has_get_resource_policies()) {
    for (v1::GluePolicy& policy :
         *answer->mutable_get_resource_policies()->mutable_policies()) {
      VisitPolicy(&policy, visit);
    }
  } else if (answer->create_security_configuration().has_created_timestamp()) {
    visit(answer->mutable_create_security_configuration()
              ->mutable_created_timestamp());
  } else if (answer->has_get_security_configuration()) {
    VisitConfiguration(answer->mutable_get_security_configuration()
                           ->mutable_security_configuration(),
                       visit);
  } else if (answer->has_get_security_configurations()) {
    for (v1::SecurityConfiguration& configuration :
         *answer->mutable_get_security_configurations()
              ->mutable_security_configurations()) {
      VisitConfiguration(&configuration, visit);
    }
  } else if (answer->has_get_connection()) {
    VisitConnection(answer->mutable_get_connection()->mutable_connection(),
                    visit);
  } else if (answer->has_get_connections()) {
    for (v1::Connection& connection :
         *answer->mutable_get_connections()->mutable_connection_list()) {
      VisitConnection(&connection, visit);
    }
  }
}

bool IsNow(const Timestamp& time) {
  const absl::Duration off =
      Clock::System()->Now() - absl::FromUnixSeconds(time.seconds());
  return absl::AbsDuration(off) < absl::Hours(24);
}

// Returns the time of the system in milliseconds.
absl::Time NowInMillis() {
  return absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
}

}  // namespace

OwnClock::OwnClock() : intervals_({NowInMillis()}) {}

void OwnClock::Pass(absl::Duration moved) {
  if (is_other_ || moved < kPassed) return;
  absl::SleepFor(moved);
  intervals_.push_back(NowInMillis());
}

void OwnClock::Coarsen(v1::Response* answer) {
  if (is_other_) return;
  VisitTimes(answer, [this](Timestamp* time) {
    is_other_ = is_other_ || !IsNow(*time);
    if (is_other_) return;
    const absl::Time coarse = Coarse(absl::FromUnixSeconds(time->seconds()) +
                                     absl::Nanoseconds(time->nanos()));
    const int64_t seconds = absl::ToUnixSeconds(coarse);
    time->set_seconds(seconds);
    time->set_nanos(static_cast<int32_t>(
        absl::ToInt64Nanoseconds(coarse - absl::FromUnixSeconds(seconds))));
  });
}

// A time keeps its interval: the clock of a backend elsewhere may be ahead, so
// that intervals begin before it that had not begun when it was shown first.
absl::Time OwnClock::Coarse(absl::Time time) {
  const auto [known, is_new] = known_.try_emplace(time, time);
  if (is_new) {
    const auto after =
        std::upper_bound(intervals_.begin(), intervals_.end(), time);
    if (after != intervals_.begin()) known->second = *std::prev(after);
  }
  return known->second;
}

}  // namespace glue_security
