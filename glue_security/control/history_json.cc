#include "glue_security/control/history_json.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/control/control_json.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// The number of calls that are taken from the history at a time.
constexpr size_t kHistoryPiece = 64;

}  // namespace

absl::StatusOr<HistoryQuery> ParseHistoryQuery(absl::string_view query) {
  std::optional<uint64_t> after;
  std::optional<uint64_t> limit;
  std::optional<uint64_t> latest;
  if (!query.empty()) {
    for (const absl::string_view part : absl::StrSplit(query, '&')) {
      const std::pair<absl::string_view, absl::string_view> parameter =
          absl::StrSplit(part, absl::MaxSplits('=', 1));
      std::optional<uint64_t>* const number =
          parameter.first == "after"    ? &after
          : parameter.first == "limit"  ? &limit
          : parameter.first == "latest" ? &latest
                                        : nullptr;
      if (number == nullptr || number->has_value()) {
        return absl::InvalidArgumentError(
            "a query of the history may have after=START, limit=NUMBER and "
            "latest=NUMBER, each once");
      }
      *number = ReadWholeNumber(parameter.second);
      if (!number->has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat(parameter.first, ": not a whole number"));
      }
    }
  }
  HistoryQuery result;
  if (after.has_value()) {
    if (*after == std::numeric_limits<uint64_t>::max()) {
      return absl::InvalidArgumentError("after: not the start of a call");
    }
    result.from = *after + 1;
  }
  for (const auto& [name, number, field] :
       {std::make_tuple("limit", limit, &result.limit),
        std::make_tuple("latest", latest, &result.latest)}) {
    if (!number.has_value()) continue;
    if (*number == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": must be at least 1"));
    }
    *field = *number;
  }
  return result;
}

bool AppendHistoryCall(const HistoryEntry& entry, size_t bytes_max,
                       std::string* out) {
  const bool is_first = !out->empty() && out->back() == '[';
  std::string head =
      absl::StrCat(is_first ? "" : ",", "{\"client\":", entry.client,
                   ",\"start\":", entry.start);
  if (entry.end != kNoEnd) absl::StrAppend(&head, ",\"end\":", entry.end);
  AppendText("account", entry.caller.account_id, &head);
  AppendText("region", entry.caller.region, &head);
  AppendText("operation", OperationName(entry.request.operation_case()), &head);
  if (IsUnknown(entry)) absl::StrAppend(&head, ",\"unknown\":true");
  std::string bodies =
      absl::StrCat(",\"request\":", EncodeRequest(entry.request).body);
  if (entry.response.has_value()) {
    absl::StrAppend(&bodies,
                    ",\"response\":", EncodeResponse(*entry.response).body);
  }
  if (head.size() + bodies.size() + 1 >
      bytes_max - std::min(bytes_max, out->size())) {
    if (!is_first) return false;
    bodies = ",\"cut\":true";
  }
  absl::StrAppend(out, head, bodies, "}");
  return true;
}

std::string HistoryAsJson(const HistoryRecorder& recorder,
                          const HistoryQuery& query, size_t answer_bytes_max) {
  // The room for the members after the calls.
  constexpr size_t kEndBytes = 80;
  const size_t bytes_max =
      answer_bytes_max - std::min(kEndBytes, answer_bytes_max);
  std::string calls = "\"calls\":[";
  uint64_t from = query.from;
  if (query.latest <= std::numeric_limits<size_t>::max() - 1) {
    from = std::max(from,
                    recorder.StartOfLatest(static_cast<size_t>(query.latest)));
  }
  uint64_t left = query.limit;
  std::optional<uint64_t> next;
  bool ends_here = false;
  while (!ends_here) {
    // One more call shows whether there are more.
    const auto piece = recorder.Page(
        from, static_cast<size_t>(std::min<uint64_t>(left, kHistoryPiece)) + 1);
    ends_here = piece.empty();
    for (const RecordedCall& call : piece) {
      if (left == 0 || !AppendHistoryCall(call.ToEntry(), bytes_max, &calls)) {
        next = from - 1;
        ends_here = true;
        break;
      }
      --left;
      from = call.start() + 1;
    }
  }
  // Read last, so that it counts calls that were dropped meanwhile.
  const uint64_t left_out = recorder.left_out();
  calls.push_back(']');
  if (next.has_value()) absl::StrAppend(&calls, ",\"next\":", *next);
  return absl::StrCat("{\"left_out\":", left_out, ",", calls, "}");
}

}  // namespace glue_security
