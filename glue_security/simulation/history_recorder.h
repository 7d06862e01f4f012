// HistoryRecorder: a backend in front of another that remembers who called
// what, when, and what the answer was.
//
//   HistoryRecorder recorder(&backend);
//   std::thread a([&] { recorder.Execute(caller, put); });
//   std::thread b([&] { recorder.Execute(caller, get); });
//   a.join();
//   b.join();
//   History history = recorder.Snapshot();
//
// It changes no answer. Around the call beneath it does no more than to copy
// the request and the answer, take a number before and after, and hold a lock
// for a moment; while the call runs it holds none.
//
// Memory is bounded. A recorder that is full drops its oldest calls and counts
// them; a history of which something was dropped must not be judged:
//
//   if (recorder.left_out() > 0) ...  // `history` lacks what wrote the records

#ifndef GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_
#define GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_

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
#include "glue_security/simulation/history.h"

namespace glue_security {

struct HistoryRecorderOptions {
  // Bounds of what is kept: a number of calls, and the bytes that they take in
  // memory. Beyond either the oldest calls are dropped, those under way
  // included. A call that takes more than `bytes_max` alone is not kept.
  size_t calls_max = 100'000;
  size_t bytes_max = size_t{64} << 20;
  // Null: entries carry no times. Must outlive the recorder.
  Clock* clock = nullptr;

  // For whoever bounds the calls by other means, and judges all of them.
  static HistoryRecorderOptions Unbounded();
};

// One call as it was recorded, shared with the recorder: neither copying it nor
// destroying it copies a request. Immutable.
class RecordedCall {
 public:
  // The position of its start; see history.h.
  uint64_t start() const { return begun_->start; }
  // A copy of all of it.
  HistoryEntry ToEntry() const;

 private:
  friend class HistoryRecorder;
  struct Ended {
    v1::Response response;
    uint64_t end = kNoEnd;
    absl::Time end_time;
  };

  // Has no response.
  std::shared_ptr<const HistoryEntry> begun_;
  // Null: the call is under way.
  std::shared_ptr<const Ended> ended_;
};

// Thread-safe.
class HistoryRecorder : public Backend {
 public:
  // REQUIRES: `base` is not null and outlives this object.
  explicit HistoryRecorder(Backend* base, HistoryRecorderOptions options = {})
      : base_(base), options_(options) {}

  // Passes the call on and records it. The client is the calling thread:
  // threads are numbered from 0 in the order of their first calls.
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // The same for a client that is not a thread, such as a connection. Use
  // either this or `Execute`, or numbers that no thread has.
  v1::Response ExecuteAs(int client, const Caller& caller,
                         const v1::Request& request);

  // The same where `call` executes it, by whatever means. Where `call` throws,
  // the exception passes, and the call stays in the history without an answer.
  v1::Response Record(int client, const Caller& caller,
                      const v1::Request& request,
                      absl::FunctionRef<v1::Response()> call);

  // What happened so far, in the order of the starts. Calls that are under way
  // are in it without an answer. Whatever an answer in it can depend on is in
  // it, too, as long as nothing was left out. Requests and answers are copied
  // outside the lock that calls need.
  History Snapshot() const;

  // At most `calls_max` of the calls that are kept, from the first one that
  // started at `from` or later, in the order of the starts. The lock is held
  // for as long as it takes to share so many.
  std::vector<RecordedCall> Page(uint64_t from, size_t calls_max) const;

  // How many calls are not kept because they were too many or too large. The
  // history then has the latest calls, but not all that wrote to its catalogs:
  // an answer in it may come from a call that is not. Unless this is 0 after a
  // snapshot was taken, the snapshot must not be judged.
  uint64_t left_out() const;

  // Forgets all calls, and the numbers of threads. A call that is under way is
  // in no history any more.
  void Clear();

  // Forgets all calls but those that are under way, for whoever empties the
  // state beneath at this moment. On which side of it those take effect is not
  // known, so they stay without an answer, also when they end, until the next
  // time. `left_out` starts from 0.
  void ClearFinished();

 private:
  // A call, and what it takes in memory.
  struct Slot {
    RecordedCall call;
    size_t bytes = 0;
    // It has returned or thrown, whether that is recorded or not.
    bool is_over = false;
    // It was under way at `ClearFinished`.
    bool outlived_clear = false;
  };
  class UnderWay;
  // By the positions of the starts.
  using Slots = std::map<uint64_t, Slot>;

  int ClientOfThisThread();
  // Adds a call, and gives the position of its start.
  uint64_t Begin(HistoryEntry entry);
  void End(uint64_t start, uint64_t end, const v1::Response& response);
  // Ends a call that threw.
  void Abandon(uint64_t start);
  // Takes a slot out; what was in it goes to `dropped`.
  Slots::iterator Drop(Slots::iterator slot, Slots* dropped);
  // Drops the oldest calls until the bounds are kept.
  void Trim(Slots* dropped);

  Backend* const base_;
  const HistoryRecorderOptions options_;
  std::atomic<uint64_t> position_{0};

  mutable std::mutex mutex_;
  // Guarded by `mutex_`. What leaves `slots_` is destroyed when the lock is
  // free again.
  Slots slots_;
  // INVARIANT: the sum of the slots'.
  size_t bytes_ = 0;
  uint64_t left_out_ = 0;
  std::map<std::thread::id, int> clients_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_
