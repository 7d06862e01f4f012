// History: the requests of concurrent clients, their answers and their order,
// as a plain value.
//
// The order is given by positions in one global count: every start and every
// end of a call takes the next number. A call whose end is smaller than
// another's start was over before the other began. Two calls that overlap may
// have taken effect in either order. Positions are more reliable than times: a
// clock that stands still or jumps does not affect them.
//
// history_recorder.h records a history, history_timeline.h shows it, and
// glue_security/testing/histories/linearizability.h judges it.

#ifndef GLUE_SECURITY_BACKEND_HISTORY_H_
#define GLUE_SECURITY_BACKEND_HISTORY_H_

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

// The end of a call that has not returned.
inline constexpr uint64_t kNoEnd = std::numeric_limits<uint64_t>::max();

// One call. The recorder chooses the numbers of clients. A client usually has
// one call at a time, but nothing here depends on it.
struct HistoryEntry {
  int client = 0;
  Caller caller;
  v1::Request request;
  // True when values of `request` are not those that were sent, because the
  // recorder hid them. Its size, and whether those values kept their
  // constraints, are then unknown.
  bool has_hidden_values = false;
  // Absent when the call had not returned when the history was taken.
  std::optional<v1::Response> response;
  uint64_t start = 0;
  // INVARIANT: greater than `start`; kNoEnd when there is no response.
  uint64_t end = kNoEnd;
  // Times of the recorder's clock, if it has one. For human readers only.
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();
};

// Calls in the order of their starts. A history that is to be judged must hold
// every call that wrote to its catalogs since they were empty.
using History = std::vector<HistoryEntry>;

// Returns true when it is unknown whether the call took effect: it has not
// returned, or was answered with OperationTimeoutException, or with an error
// whose detail is DETAIL_OUTCOME_UNKNOWN. Such a call may take effect at any
// time after its start, even after its end, or never.
bool IsUnknown(const HistoryEntry& entry);

// Returns `text` escaped, quoted, and cut after `bytes_max` bytes.
std::string QuoteShort(absl::string_view text, size_t bytes_max = 24);

// How many bytes of a name, a policy or a hash BriefRequest and BriefResponse
// show.
enum class BriefTexts {
  kCut,    // The first: 24 of a name or a policy, 6 of a hash.
  kWhole,  // All.
};

// Returns the operation and its distinguishing arguments on one line:
//   PutResourcePolicy "{}" if MUST_EXIST, hash "jjkQ5..."
std::string BriefRequest(const v1::Request& request,
                         BriefTexts texts = BriefTexts::kCut);

// Returns the answer on one line: "ok", "ok a, b", "EntityNotFoundException",
// "no answer yet".
std::string BriefResponse(const std::optional<v1::Response>& response,
                          BriefTexts texts = BriefTexts::kCut);

// "#3 client 1 [5..8] 111111111111/us-east-1 GetResourcePolicy -> ok ...".
// `index` is the index of the call in its history.
std::string FormatCall(size_t index, const HistoryEntry& entry);

// Returns all calls, one per line, in the order of their starts.
std::string FormatHistory(const History& history);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_HISTORY_H_
