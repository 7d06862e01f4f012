#include "glue_security/testing/histories/violation_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace glue_security {
namespace history_internal {
namespace {

std::string FormatNumbers(const std::vector<size_t>& calls) {
  if (calls.empty()) return "(nothing)";
  return absl::StrJoin(calls, " ", [](std::string* out, size_t call) {
    absl::StrAppend(out, "#", call);
  });
}

}  // namespace

std::string FormatViolation(
    const Violation& violation, absl::FunctionRef<uint64_t(size_t)> end_of,
    absl::FunctionRef<std::string(size_t)> text_of_call,
    absl::FunctionRef<std::string(size_t)> text_of_answer) {
  std::string text = absl::StrCat(
      "not linearizable: ", violation.title,
      "\nNo order of these calls explains their answers. The answer of #",
      violation.last_answer,
      " (>) shows it; calls under way at that time (?) may or may not have "
      "taken effect.\n");
  const uint64_t last_end = end_of(violation.last_answer);
  for (const size_t call : violation.calls) {
    // A call that was not answered by then is marked: it counts only as one
    // that may have taken effect.
    const bool open = end_of(call) > last_end;
    absl::StrAppend(&text,
                    call == violation.last_answer ? "> "
                    : open                        ? "? "
                                                  : "  ",
                    text_of_call(call), "\n");
  }
  absl::StrAppend(&text, "The longest orders, and why they end:\n");
  for (const PartialOrder& order : violation.orders) {
    absl::StrAppend(&text, "  ", FormatNumbers(order.calls), ", then ",
                    order.state, "\n");
    for (const PartialOrder::Blocked& blocked : order.blocked) {
      absl::StrAppend(&text, "    #", blocked.call,
                      " cannot be next: answered ",
                      text_of_answer(blocked.call),
                      blocked.expected.empty() ? "" : "; expected ",
                      blocked.expected, "\n");
    }
  }
  return text;
}

}  // namespace history_internal
}  // namespace glue_security
