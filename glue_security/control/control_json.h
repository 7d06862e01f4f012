// The JSON of what a test harness says and is shown: settings, fault rules,
// snapshots' names.

#ifndef GLUE_SECURITY_CONTROL_CONTROL_JSON_H_
#define GLUE_SECURITY_CONTROL_CONTROL_JSON_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/model/setting.h"

namespace glue_security {

// Appends `,"name":"text"`, the text escaped, and with U+FFFD in the place of
// each byte that is not UTF-8.
void AppendText(absl::string_view name, absl::string_view text,
                std::string* out);

// Returns the members of an object of scalars, numbers and literals as they are
// written. Errors: kInvalidArgument for anything else, for a member that is not
// among `known` or is repeated, and for more than 64 members.
absl::StatusOr<std::map<std::string, std::string>> ParseFlatObject(
    absl::string_view body, const std::vector<absl::string_view>& known);

// {"behavior": "documented", "policy_checks": "json", "page_size_default": 2}
//
// Returns `start` with the changes, or nullopt for an empty body or object. All
// members are optional: "behavior", which is a preset, and the names of
// `kSettings`, which change the preset wherever they stand. Errors: those of
// `ParseFlatObject`; kInvalidArgument for a wrong value.
absl::StatusOr<std::optional<BackendSettings>> ParseSettings(
    absl::string_view body, const BackendSettings& start);

// Parses a decimal, finite number. Returns nullopt for anything else.
std::optional<double> ReadNumber(absl::string_view text);

// Parses 1 to 20 decimal digits, up to 2^64 - 1. Returns nullopt for anything
// else.
std::optional<uint64_t> ReadWholeNumber(absl::string_view text);

// Parses a time of RFC 3339 whose year has four digits. Returns nullopt for
// anything else.
std::optional<absl::Time> ReadTime(absl::string_view text);

// {"operation": "PutResourcePolicy", "fault": "error",
//  "error": "InternalServiceException", "message": "...", "delay_seconds": 0.5,
//  "account": "...", "region": "...", "principal": "...", "skip": 0,
//  "every": 1, "count": 1}
// {"key_call": "Decrypt", "via": "glue", "error": "DisabledException"}
//
// All members are optional. "key_call" is an operation of KMS or "any", "via"
// is any, glue or direct, and "error" is then an exception of KMS. "count" may
// be "forever". "fault" is error,
// lose_request, lose_answer or none (which only delays). The members of a state
// ("id", "matched", "acted", "remaining") are accepted and ignored, so that the
// output of `FormatFaultRules` can be read.
absl::StatusOr<FaultRule> ParseFaultRule(absl::string_view body);

// Returns a JSON list of the rules and their states. A member may be missing
// when it has its default value.
std::string FormatFaultRules(const std::vector<FaultRuleState>& rules);

// Checks that a snapshot's name can be used unchanged in a path, a log and a
// message. Errors: kInvalidArgument.
absl::Status CheckSnapshotName(absl::string_view name);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_CONTROL_JSON_H_
