#include "glue_security/simulation/history_recorder.h"

#include <utility>

namespace glue_security {

v1::Response HistoryRecorder::Execute(const Caller& caller,
                                      const v1::Request& request) {
  return ExecuteAs(ClientOfThisThread(), caller, request);
}

v1::Response HistoryRecorder::ExecuteAs(int client, const Caller& caller,
                                        const v1::Request& request) {
  return Record(client, caller, request,
                [&] { return base_->Execute(caller, request); });
}

v1::Response HistoryRecorder::Record(int client, const Caller& caller,
                                     const v1::Request& request,
                                     absl::FunctionRef<v1::Response()> call) {
  HistoryEntry entry;
  entry.client = client;
  entry.caller = caller;
  entry.request = request;
  HistoryEntry* kept = nullptr;
  uint64_t generation = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    generation = generation_;
    if (entries_.size() < options_.calls_max) {
      if (options_.clock != nullptr) entry.start_time = options_.clock->Now();
      // Within the lock, so that the entries are in the order of the starts.
      entry.start = position_.fetch_add(1);
      kept = &entries_.emplace_back(std::move(entry));
    } else {
      ++left_out_;
    }
  }
  v1::Response response = call();
  if (kept == nullptr) return response;
  // Before the wait for the lock, so that the call looks no longer than it was.
  const uint64_t end = position_.fetch_add(1);
  v1::Response copy = response;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (generation != generation_) return response;  // The entry is gone.
  kept->response = std::move(copy);
  kept->end = end;
  if (options_.clock != nullptr) kept->end_time = options_.clock->Now();
  return response;
}

History HistoryRecorder::Snapshot() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return History(entries_.begin(), entries_.end());
}

uint64_t HistoryRecorder::left_out() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return left_out_;
}

void HistoryRecorder::Clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_.clear();
  clients_.clear();
  left_out_ = 0;
  ++generation_;
}

int HistoryRecorder::ClientOfThisThread() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return clients_
      .try_emplace(std::this_thread::get_id(),
                   static_cast<int>(clients_.size()))
      .first->second;
}

}  // namespace glue_security
