// History: what concurrent clients asked, what they were answered, and in which
// order, as a plain value.
//
// The order is that of positions in one global count: every start and every end
// of a call took the next number. A call whose end is smaller than another's
// start was over before the other began; two calls that overlap may have taken
// effect in either order. Positions say more than times do: a clock that stands
// still, or jumps, does not blur them.
//
// A history is recorded (history_recorder.h), looked at (history_timeline.h),
// and judged (glue_security/testing/linearizability.h).

#ifndef GLUE_SECURITY_SIMULATION_HISTORY_H_
#define GLUE_SECURITY_SIMULATION_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The end of a call that has none.
inline constexpr uint64_t kNoEnd = std::numeric_limits<uint64_t>::max();

// One call. Clients are numbered as whoever recorded liked; a client usually
// has one call at a time, but nothing here depends on it.
struct HistoryEntry {
  int client = 0;
  Caller caller;
  v1::Request request;
  // Absent: the call had not returned when the history was taken.
  std::optional<v1::Response> response;
  uint64_t start = 0;
  // INVARIANT: greater than `start`; kNoEnd when there is no response.
  uint64_t end = kNoEnd;
  // By the recorder's clock, where it has one. For the reader only.
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();
};

// In the order of the starts. A history that is to be judged holds every call
// that wrote to the catalogs in it since they were empty.
using History = std::vector<HistoryEntry>;

// Whether nobody can say if the call took effect: it has not returned, or was
// answered with OperationTimeoutException, or with any error whose detail is
// DETAIL_OUTCOME_UNKNOWN. It may have taken effect at any time after its start,
// also after its end, or never.
bool IsUnknown(const HistoryEntry& entry);

// `text`, escaped and quoted, cut after `bytes_max` bytes.
std::string QuoteShort(absl::string_view text, size_t bytes_max = 24);

// The operation with what tells one call from another, on one line:
//   PutResourcePolicy "{}" if MUST_EXIST, hash "jjkQ5..."
std::string BriefRequest(const v1::Request& request);

// The answer on one line: "ok", "ok a, b", "EntityNotFoundException", "no
// answer yet".
std::string BriefResponse(const std::optional<v1::Response>& response);

// "#3 client 1 [5..8] 111111111111/us-east-1 GetResourcePolicy -> ok ...".
// `index` is the call's place in its history.
std::string FormatCall(size_t index, const HistoryEntry& entry);

// All calls, one a line, in the order of their starts.
std::string FormatHistory(const History& history);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_HISTORY_H_
