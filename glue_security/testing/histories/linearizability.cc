#include "glue_security/testing/histories/linearizability.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/histories/order_checker.h"
#include "glue_security/testing/histories/partition.h"
#include "glue_security/testing/histories/search_bounds.h"
#include "glue_security/testing/histories/violation_text.h"

namespace glue_security {
namespace {

using history_internal::Partition;
using history_internal::Spec;

// Returns the answer on one line, with its times.
std::string Answered(const HistoryEntry& entry) {
  std::string text = BriefResponse(entry.response);
  const auto add = [&text](absl::string_view what,
                           const google::protobuf::Timestamp& time) {
    absl::StrAppend(&text, ", ", what, " at ",
                    time.seconds() * 1000 + time.nanos() / 1'000'000, " ms");
  };
  if (!entry.response.has_value()) return text;
  const v1::Response& response = *entry.response;
  if (response.has_get_resource_policy()) {
    add("created", response.get_resource_policy().create_time());
    add("updated", response.get_resource_policy().update_time());
  }
  for (const auto& shown : response.get_resource_policies().policies()) {
    add("created", shown.create_time());
    add("updated", shown.update_time());
  }
  if (response.has_create_security_configuration()) {
    add("created",
        response.create_security_configuration().created_timestamp());
  }
  if (response.has_get_security_configuration()) {
    add("created", response.get_security_configuration()
                       .security_configuration()
                       .created_time_stamp());
  }
  return text;
}

std::string FormatViolation(const Violation& violation,
                            const History& history) {
  return history_internal::FormatViolation(
      violation, [&](size_t call) { return history[call].end; },
      [&](size_t call) { return FormatCall(call, history[call]); },
      [&](size_t call) { return Answered(history[call]); });
}

}  // namespace

LinearizabilityResult CheckLinearizable(const History& history,
                                        const LinearizabilityOptions& options) {
  SearchBounds bounds;
  bounds.states_max = options.states_max;
  bounds.clock = options.clock;
  bounds.time_max = options.time_max;
  bounds.shrink = options.shrink;
  return history_internal::CheckParts(
      history_internal::Split(history, options),
      [&](const Partition& part) { return Spec(&part, &options); }, bounds,
      [&](const Violation& violation) {
        return FormatViolation(violation, history);
      });
}

TimelineMarks MarksOf(const Violation& violation) {
  TimelineMarks marks;
  marks.headline = absl::StrCat("Not linearizable: ", violation.title);
  marks.calls = violation.calls;
  marks.illegal = violation.last_answer;
  for (const PartialOrder& order : violation.orders) {
    TimelineMarks::Order shown;
    shown.calls = order.calls;
    shown.note = absl::StrCat("then ", order.state);
    for (const PartialOrder::Blocked& blocked : order.blocked) {
      absl::StrAppend(&shown.note, "\n#", blocked.call,
                      " cannot be next: expected ", blocked.expected);
    }
    marks.orders.push_back(std::move(shown));
  }
  return marks;
}

}  // namespace glue_security
