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

#ifndef GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_
#define GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/function_ref.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/simulation/history.h"

namespace glue_security {

struct HistoryRecorderOptions {
  // Calls that are kept; the first ones are. Later calls are passed on and
  // counted, no more: see `left_out`.
  size_t calls_max = 100'000;
  // Null: entries carry no times. Must outlive the recorder.
  Clock* clock = nullptr;
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

  // The same where `call` executes it, by whatever means.
  v1::Response Record(int client, const Caller& caller,
                      const v1::Request& request,
                      absl::FunctionRef<v1::Response()> call);

  // What happened so far, in the order of the starts. Calls that are under way
  // are in it without an answer. Whatever an answer in it can depend on is in
  // it, too, as long as nothing was left out.
  History Snapshot() const;

  // How many calls were not kept because there were too many. Unless it is 0
  // after a snapshot was taken, the snapshot must not be judged: an answer in
  // it may come from a call that is not.
  uint64_t left_out() const;

  // Forgets all calls, and the numbers of threads. A call that is under way is
  // in no history any more.
  void Clear();

 private:
  int ClientOfThisThread();

  Backend* const base_;
  const HistoryRecorderOptions options_;
  std::atomic<uint64_t> position_{0};

  mutable std::mutex mutex_;
  // Guarded by `mutex_`; a deque, so that entries stay where they are.
  std::deque<HistoryEntry> entries_;
  uint64_t left_out_ = 0;
  // Counts `Clear`: the end of a call belongs to the entries it started in.
  uint64_t generation_ = 0;
  std::map<std::thread::id, int> clients_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_HISTORY_RECORDER_H_
