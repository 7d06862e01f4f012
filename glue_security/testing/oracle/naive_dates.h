// The date of the API (`Behavior::api_date`) for the reference model: what was
// in force on which day, written by hand from the history of the service's
// model. The options in the protos are not read.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_DATES_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_DATES_H_

#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The days on which the service's model changed.
inline constexpr absl::CivilDay kPoliciesOfResources(2020, 7, 7);
inline constexpr absl::CivilDay kLaterConnections(2021, 7, 1);
inline constexpr absl::CivilDay kPolicyWithoutMaximum(2022, 3, 18);
inline constexpr absl::CivilDay kServiceRole(2024, 2, 5);
inline constexpr absl::CivilDay kNewerPartitions(2024, 12, 3);
inline constexpr absl::CivilDay kDataQuality(2024, 12, 12);
inline constexpr absl::CivilDay kWiderKeyArn(2025, 12, 1);

// Returns true when the operation of `request` is in force.
bool NaiveOperationInForce(const Behavior& behavior,
                           const v1::Request& request);

// Returns `request` without the members that are not in force.
v1::Request NaiveInForce(const Behavior& behavior, v1::Request request);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_DATES_H_
