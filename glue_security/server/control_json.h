// The JSON that the control endpoints take and give.

#ifndef GLUE_SECURITY_SERVER_CONTROL_JSON_H_
#define GLUE_SECURITY_SERVER_CONTROL_JSON_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/simulation/fault_rules.h"
#include "glue_security/simulation/history.h"

namespace glue_security {

// The members of an object of scalars; numbers and literals as they are
// written. Errors: kInvalidArgument for anything else, and for a member that is
// not among `known` or comes twice.
absl::StatusOr<std::map<std::string, std::string>> ParseFlatObject(
    absl::string_view body, const std::vector<absl::string_view>& known);

// {"operation": "PutResourcePolicy", "fault": "error",
//  "error": "InternalServiceException", "message": "...", "delay_seconds": 0.5,
//  "account": "...", "region": "...", "skip": 0, "every": 1, "count": 1}
//
// All members may be left out; "count" may be "forever"; "fault" is error,
// lose_request, lose_answer or none (which only delays).
absl::StatusOr<FaultRule> ParseFaultRule(absl::string_view body);

// A JSON list of the rules, with their ids and how often they acted.
std::string FormatFaultRules(const std::vector<FaultRuleState>& rules);

// A JSON list of calls.
std::string FormatHistoryJson(const History& history);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_JSON_H_
