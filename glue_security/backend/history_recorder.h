// HistoryRecorder: a decorator that records the calls of a backend: callers,
// requests, answers and their order.
//
//   HistoryRecorder recorder(&backend);
//   std::thread a([&] { recorder.Execute(caller, put); });
//   std::thread b([&] { recorder.Execute(caller, get); });
//   a.join();
//   b.join();
//   History history = recorder.Snapshot();
//
// It changes no answer. For each call it keeps the request and the answer, as
// copies where the caller needs its own, takes a number before and after, and
// briefly holds a lock. It holds no lock while the call runs.
//
// It keeps no value of ConnectionProperties, which may be a password: equal
// values become equal texts such as "(hidden 8c1f2b3a4d5e6f70)", so that a
// history can still be judged. Nothing remains of their lengths and characters:
// the refusal of such a request for a broken constraint, or for its size, is
// believed (linearizability.h).
//
// Memory is bounded. A full recorder drops its oldest calls and counts them. A
// history from which calls were dropped must not be judged:
//
//   if (recorder.left_out() > 0) ...  // `history` is incomplete

#ifndef GLUE_SECURITY_BACKEND_HISTORY_RECORDER_H_
#define GLUE_SECURITY_BACKEND_HISTORY_RECORDER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/hidden_values.h"
#include "glue_security/backend/history.h"

namespace glue_security {

struct HistoryRecorderOptions {
  // The largest number of calls that are kept, and of bytes that they take in
  // memory. Beyond either, the oldest calls are dropped, even calls in
  // progress. A single call that takes more than `bytes_max` is not kept.
  size_t calls_max = 100'000;
  size_t bytes_max = size_t{64} << 20;
  // The clock for the times of entries; null for none. Must outlive the
  // recorder.
  Clock* clock = nullptr;

  // Returns options without bounds, for callers that bound the calls by other
  // means.
  static HistoryRecorderOptions Unbounded();
};

// A recorded call, shared with the recorder. Copying it copies no request.
// Immutable.
class RecordedCall {
 public:
  // The position of the call's start; see history.h.
  uint64_t start() const { return begun_->start; }
  // Returns a full copy of the call.
  HistoryEntry ToEntry() const;

 private:
  friend class HistoryRecorder;
  struct Ended {
    std::shared_ptr<const v1::Response> response;
    uint64_t end = kNoEnd;
    absl::Time end_time;
  };

  // The call without a response.
  std::shared_ptr<const HistoryEntry> begun_;
  // Null while the call is in progress.
  std::shared_ptr<const Ended> ended_;
};

// Thread-safe.
class HistoryRecorder : public Backend {
 public:
  // REQUIRES: `base` is not null and outlives this object.
  explicit HistoryRecorder(Backend* base, HistoryRecorderOptions options = {})
      : base_(base), options_(options) {}

  // Forwards the call and records it. The client is the calling thread: threads
  // are numbered from 0 in the order of their first calls.
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // Forwards and records a call of a client that is not a thread, such as a
  // connection. Do not mix it with `Execute`, unless the numbers differ from
  // those of threads.
  v1::Response ExecuteAs(int client, const Caller& caller,
                         const v1::Request& request);

  // Records a call that `call` executes, given the request, and returns its
  // answer. Shares both instead of copying them. Of those with values that it
  // must not keep it keeps copies, and overwrites the values in the request and
  // in the answer before it frees them. An exception of `call` passes through,
  // and the call stays in the history without an answer.
  std::shared_ptr<const v1::Response> Record(
      int client, const Caller& caller, v1::Request request,
      absl::FunctionRef<v1::Response(const v1::Request&)> call);

  // Returns the history so far, in the order of the starts. Calls in progress
  // are in it without an answer. Every call on which an answer in it can depend
  // is in it, too, as long as `left_out()` is 0. Requests and answers are
  // copied without holding the lock.
  History Snapshot() const;

  // Returns at most `calls_max` calls that started at position `from` or later,
  // in the order of the starts. Holds the lock while it shares them.
  std::vector<RecordedCall> Page(uint64_t from, size_t calls_max) const;

  // Returns the position of the start from which on there are the latest
  // `calls_max` calls; 0 when there are not more. Takes time in proportion to
  // `calls_max`.
  uint64_t StartOfLatest(size_t calls_max) const;

  // Returns the number of calls that were dropped because there were too many
  // or they were too large, since the recorder was cleared or, when they were
  // still in progress then, before. The history then has the latest calls, but
  // not all that wrote to its catalogs, so an answer may depend on a call that
  // is missing. A snapshot must not be judged unless this is 0 after it was
  // taken.
  uint64_t left_out() const;

  // Forgets all calls, and the numbers of threads. A call in progress will be
  // in no history, and is not counted, so that a later history can only be
  // judged when there was none.
  void Clear();

  // Forgets all calls except those in progress. To be called when the state of
  // the backend is emptied. It is unknown whether the calls in progress take
  // effect before or after that, so they stay without an answer, even when they
  // end, until the next call of this method. `left_out()` restarts from the
  // number of calls in progress of which nothing is kept: from 0 when there are
  // none.
  void ClearFinished();

 private:
  // A call and its size in memory.
  struct Slot {
    RecordedCall call;
    size_t bytes = 0;
    // True when the call has returned or thrown, recorded or not.
    bool is_over = false;
    // True when the call was in progress at `ClearFinished`.
    bool outlived_clear = false;
  };
  class UnderWay;
  // Slots by the positions of the starts.
  using Slots = std::map<uint64_t, Slot>;

  int ClientOfThisThread();
  // Records a call; `entry` has its request as it is kept, and `request` as it
  // is executed.
  std::shared_ptr<Wiped<v1::Response>> Run(
      const std::shared_ptr<HistoryEntry>& entry, const v1::Request& request,
      absl::FunctionRef<v1::Response(const v1::Request&)> call);

  // Adds a call and sets the position of its start.
  void Begin(std::shared_ptr<HistoryEntry> entry);
  void End(uint64_t start, std::shared_ptr<RecordedCall::Ended> ended);
  // Ends a call that threw.
  void Abandon(uint64_t start);
  // Marks a call as ended. Returns its slot, if it has one.
  Slots::iterator EndSlot(uint64_t start);
  // Moves a slot to `dropped`. Returns the next slot.
  Slots::iterator Drop(Slots::iterator slot, Slots* dropped);
  // Drops the oldest calls until the rest is within the bounds.
  void Trim(Slots* dropped);

  Backend* const base_;
  const HistoryRecorderOptions options_;
  const HiddenValues hidden_;
  std::atomic<uint64_t> position_{0};

  mutable std::mutex mutex_;
  // Guarded by `mutex_`. Slots that leave `slots_` are destroyed after the lock
  // is released.
  Slots slots_;
  // INVARIANT: the sum of the slots' bytes.
  size_t bytes_ = 0;
  uint64_t left_out_ = 0;
  // The calls in progress that have no slot: too large for one, dropped or
  // cleared.
  uint64_t under_way_without_slot_ = 0;
  std::map<std::thread::id, int> clients_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_HISTORY_RECORDER_H_
