// The JSON that the control endpoints take and give.

#ifndef GLUE_SECURITY_SERVER_CONTROL_JSON_H_
#define GLUE_SECURITY_SERVER_CONTROL_JSON_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/simulation/fault_rules.h"
#include "glue_security/simulation/history.h"

namespace glue_security {

// The members of an object of scalars; numbers and literals as they are
// written. Errors: kInvalidArgument for anything else, for a member that is not
// among `known` or comes twice, and for more than 64 members.
absl::StatusOr<std::map<std::string, std::string>> ParseFlatObject(
    absl::string_view body, const std::vector<absl::string_view>& known);

// A number as JSON writes it: decimal, and finite. Nothing: anything else.
std::optional<double> ReadNumber(absl::string_view text);

// 1 to 20 decimal digits, up to 2^64 - 1. Nothing: anything else.
std::optional<uint64_t> ReadWholeNumber(absl::string_view text);

// A time of RFC 3339, whose year has four digits. Nothing: anything else.
std::optional<absl::Time> ReadTime(absl::string_view text);

// {"operation": "PutResourcePolicy", "fault": "error",
//  "error": "InternalServiceException", "message": "...", "delay_seconds": 0.5,
//  "account": "...", "region": "...", "principal": "...", "skip": 0,
//  "every": 1, "count": 1}
//
// All members may be left out; "count" may be "forever"; "fault" is error,
// lose_request, lose_answer or none (which only delays). The members of a state
// ("id", "matched", "acted", "remaining") may be there and say nothing, so that
// what `FormatFaultRules` gives can be read.
absl::StatusOr<FaultRule> ParseFaultRule(absl::string_view body);

// A JSON list of the rules, each with every member that differs from what it is
// when it is left out, and with its state.
std::string FormatFaultRules(const std::vector<FaultRuleState>& rules);

// Appends `entry` as an object, and a comma in front of it where `out` does not
// end with the bracket of the list. False, and nothing changed: `out` would be
// longer than `bytes_max`. An entry that is the first of its list and does not
// fit alone is appended without its request and its answer, and with
// "cut":true.
bool AppendHistoryCall(const HistoryEntry& entry, size_t bytes_max,
                       std::string* out);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_JSON_H_
