#include "glue_security/backend/history_recorder.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "glue_security/model/out_of_memory.h"

namespace glue_security {
namespace {

// The memory of a call besides its texts and messages: its slot, and the blocks
// of its two halves.
constexpr size_t kSlotBytes = 128;

size_t BytesOf(const HistoryEntry& entry) {
  return sizeof(HistoryEntry) + entry.caller.account_id.capacity() +
         entry.caller.region.capacity() +
         entry.caller.principal_arn.capacity() + entry.request.SpaceUsedLong();
}

}  // namespace

HistoryRecorderOptions HistoryRecorderOptions::Unbounded() {
  HistoryRecorderOptions options;
  options.calls_max = std::numeric_limits<size_t>::max();
  options.bytes_max = std::numeric_limits<size_t>::max();
  return options;
}

HistoryEntry RecordedCall::ToEntry() const {
  HistoryEntry entry = *begun_;
  if (ended_ != nullptr) {
    entry.response = ended_->response;
    entry.end = ended_->end;
    entry.end_time = ended_->end_time;
  }
  return entry;
}

// Abandons a call that ends without an answer.
class HistoryRecorder::UnderWay {
 public:
  UnderWay(HistoryRecorder* recorder, uint64_t start)
      : recorder_(*recorder), start_(start) {}
  ~UnderWay() {
    if (!ended_) recorder_.Abandon(start_);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  void End(uint64_t end, const v1::Response& response) {
    recorder_.End(start_, end, response);
    ended_ = true;
  }

 private:
  HistoryRecorder& recorder_;
  const uint64_t start_;
  bool ended_ = false;
};

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
  OrEnd([&] {
    entry.request = request;
    hidden_.Hide(&entry.request);
  });
  const uint64_t start = Begin(std::move(entry));
  UnderWay under_way(this, start);
  v1::Response response = call();
  // Takes the position before waiting for the lock, so that the call does not
  // look longer than it was.
  under_way.End(position_.fetch_add(1), response);
  return response;
}

uint64_t HistoryRecorder::Begin(HistoryEntry entry) {
  Slot slot;
  slot.bytes = kSlotBytes + BytesOf(entry);
  const auto begun = std::make_shared<HistoryEntry>(std::move(entry));
  slot.call.begun_ = begun;
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (options_.clock != nullptr) begun->start_time = options_.clock->Now();
  // Takes the position under the lock, so that slots are added in the order of
  // the starts.
  const uint64_t start = position_.fetch_add(1);
  begun->start = start;
  if (slot.bytes > options_.bytes_max) {
    ++left_out_;
    return start;
  }
  const size_t bytes = slot.bytes;
  slots_.emplace_hint(slots_.end(), start, std::move(slot));
  bytes_ += bytes;
  Trim(&dropped);
  return start;
}

void HistoryRecorder::End(uint64_t start, uint64_t end,
                          const v1::Response& response) {
  const auto ended = std::make_shared<RecordedCall::Ended>();
  OrEnd([&] {
    ended->response = response;
    hidden_.Hide(&ended->response);
  });
  ended->end = end;
  ended->end_time = absl::InfiniteFuture();
  const size_t bytes =
      sizeof(RecordedCall::Ended) + ended->response.SpaceUsedLong();
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto slot = slots_.find(start);
  if (slot == slots_.end()) return;
  slot->second.is_over = true;
  if (slot->second.outlived_clear) return;
  if (options_.clock != nullptr) ended->end_time = options_.clock->Now();
  if (bytes > options_.bytes_max - slot->second.bytes) {
    Drop(slot, &dropped);
    ++left_out_;
    return;
  }
  slot->second.call.ended_ = ended;
  slot->second.bytes += bytes;
  bytes_ += bytes;
  Trim(&dropped);
}

void HistoryRecorder::Abandon(uint64_t start) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto slot = slots_.find(start);
  if (slot != slots_.end()) slot->second.is_over = true;
}

HistoryRecorder::Slots::iterator HistoryRecorder::Drop(Slots::iterator slot,
                                                       Slots* dropped) {
  bytes_ -= slot->second.bytes;
  const auto next = std::next(slot);
  // Moves the node, which allocates nothing.
  dropped->insert(slots_.extract(slot));
  return next;
}

void HistoryRecorder::Trim(Slots* dropped) {
  while (slots_.size() > options_.calls_max || bytes_ > options_.bytes_max) {
    Drop(slots_.begin(), dropped);
    ++left_out_;
  }
}

History HistoryRecorder::Snapshot() const {
  const std::vector<RecordedCall> calls =
      Page(0, std::numeric_limits<size_t>::max());
  History history;
  history.reserve(calls.size());
  for (const RecordedCall& call : calls) history.push_back(call.ToEntry());
  return history;
}

std::vector<RecordedCall> HistoryRecorder::Page(uint64_t from,
                                                size_t calls_max) const {
  std::vector<RecordedCall> calls;
  const std::lock_guard<std::mutex> lock(mutex_);
  calls.reserve(std::min(calls_max, slots_.size()));
  for (auto slot = slots_.lower_bound(from);
       slot != slots_.end() && calls.size() < calls_max; ++slot) {
    calls.push_back(slot->second.call);
  }
  return calls;
}

uint64_t HistoryRecorder::StartOfLatest(size_t calls_max) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (calls_max >= slots_.size()) return 0;
  const auto slot = std::prev(slots_.end(), static_cast<ptrdiff_t>(calls_max));
  return slot == slots_.end() ? position_.load() : slot->first;
}

uint64_t HistoryRecorder::left_out() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return left_out_;
}

void HistoryRecorder::Clear() {
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  dropped.swap(slots_);
  bytes_ = 0;
  left_out_ = 0;
  clients_.clear();
}

void HistoryRecorder::ClearFinished() {
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto slot = slots_.begin(); slot != slots_.end();) {
    if (slot->second.is_over) {
      slot = Drop(slot, &dropped);
    } else {
      slot->second.outlived_clear = true;
      ++slot;
    }
  }
  left_out_ = 0;
}

int HistoryRecorder::ClientOfThisThread() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return clients_
      .try_emplace(std::this_thread::get_id(),
                   static_cast<int>(clients_.size()))
      .first->second;
}

}  // namespace glue_security
