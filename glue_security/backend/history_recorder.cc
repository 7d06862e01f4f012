#include "glue_security/backend/history_recorder.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "glue_security/model/operation.h"
#include "glue_security/model/out_of_memory.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The memory of a call besides its texts and messages: its slot, and the blocks
// of its two halves.
constexpr size_t kSlotBytes = 128;
// The most memory of an envelope without collections, besides its texts.
constexpr size_t kPlainMessageBytes = 768;

// Returns true when a message of this type holds a list or a map somewhere. No
// type of the API contains itself.
bool HasCollections(const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) return true;
    if (field.message_type() != nullptr &&
        HasCollections(*field.message_type())) {
      return true;
    }
  }
  return false;
}

// Returns the numbers of the operations whose request, or response, has
// collections; `envelope` is the type of the message around it.
std::vector<bool> FindCollections(const Descriptor& envelope) {
  std::vector<bool> found(kOperationNumberEnd, true);
  for (const Operation operation : kAllOperations) {
    const auto number = static_cast<size_t>(operation);
    found[number] = HasCollections(
        *envelope.FindFieldByNumber(static_cast<int>(number))->message_type());
  }
  return found;
}

// Returns the memory of a message. protobuf's own count looks up each member by
// its name; it is needed only for collections, whose elements may take far more
// memory than bytes.
size_t MemoryOf(const Message& envelope, bool has_collections) {
  return has_collections ? envelope.SpaceUsedLong()
                         : kPlainMessageBytes + envelope.ByteSizeLong();
}

size_t MemoryOf(const v1::Request& request) {
  static const auto* const kFound = OrEnd([] {
    return new std::vector<bool>(FindCollections(*v1::Request::descriptor()));
  });
  return MemoryOf(request,
                  !request.unparsed_values().empty() ||
                      (*kFound)[static_cast<size_t>(request.operation_case())]);
}

size_t MemoryOf(const v1::Response& response) {
  static const auto* const kFound = OrEnd([] {
    return new std::vector<bool>(FindCollections(*v1::Response::descriptor()));
  });
  // An error lists violations.
  return MemoryOf(response,
                  response.has_error() ||
                      (*kFound)[static_cast<size_t>(response.outcome_case())]);
}

size_t MemoryOf(const HistoryEntry& entry) {
  return sizeof(HistoryEntry) + entry.caller.account_id.capacity() +
         entry.caller.region.capacity() +
         entry.caller.principal_arn.capacity() + MemoryOf(entry.request);
}

std::shared_ptr<HistoryEntry> NewEntry(int client, const Caller& caller) {
  auto entry = std::make_shared<HistoryEntry>();
  entry->client = client;
  entry->caller = caller;
  return entry;
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
    entry.response = *ended_->response;
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

  void End(std::shared_ptr<RecordedCall::Ended> ended) {
    recorder_.End(start_, std::move(ended));
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
  const auto entry = NewEntry(client, caller);
  OrEnd([&] {
    entry->request = request;
    entry->has_hidden_values = hidden_.Hide(&entry->request);
  });
  const auto answer = Run(entry, request, [&](const v1::Request& asked) {
    return base_->Execute(caller, asked);
  });
  // The history has a copy of its own of an answer with hidden values.
  if (HiddenValues::HidesIn(answer->message)) {
    return std::move(answer->message);
  }
  return OrEnd([&] { return v1::Response(answer->message); });
}

std::shared_ptr<const v1::Response> HistoryRecorder::Record(
    int client, const Caller& caller, v1::Request request,
    absl::FunctionRef<v1::Response(const v1::Request&)> call) {
  const auto entry = NewEntry(client, caller);
  std::shared_ptr<Wiped<v1::Response>> answer;
  if (HiddenValues::HidesIn(request)) {
    const Wiped<v1::Request> executed(std::move(request));
    OrEnd([&] {
      entry->request = executed.message;
      entry->has_hidden_values = hidden_.Hide(&entry->request);
    });
    answer = Run(entry, executed.message, call);
  } else {
    entry->request = std::move(request);
    answer = Run(entry, entry->request, call);
  }
  return {answer, &answer->message};
}

std::shared_ptr<Wiped<v1::Response>> HistoryRecorder::Run(
    const std::shared_ptr<HistoryEntry>& entry, const v1::Request& request,
    absl::FunctionRef<v1::Response(const v1::Request&)> call) {
  // Allocated before the call, which cannot be taken back.
  auto answer = std::make_shared<Wiped<v1::Response>>();
  const auto ended = std::make_shared<RecordedCall::Ended>();
  Begin(entry);
  UnderWay under_way(this, entry->start);
  answer->message = call(request);
  // Takes the position before waiting for the lock, so that the call does not
  // look longer than it was.
  ended->end = position_.fetch_add(1);
  ended->end_time = absl::InfiniteFuture();
  if (HiddenValues::HidesIn(answer->message)) {
    const auto hidden = std::make_shared<v1::Response>();
    OrEnd([&] {
      *hidden = answer->message;
      hidden_.Hide(hidden.get());
    });
    ended->response = hidden;
  } else {
    ended->response = {answer, &answer->message};
  }
  under_way.End(ended);
  return answer;
}

void HistoryRecorder::Begin(std::shared_ptr<HistoryEntry> entry) {
  HistoryEntry& begun = *entry;
  Slot slot;
  slot.bytes = kSlotBytes + MemoryOf(begun);
  slot.call.begun_ = std::move(entry);
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (options_.clock != nullptr) begun.start_time = options_.clock->Now();
  // Takes the position under the lock, so that slots are added in the order of
  // the starts.
  begun.start = position_.fetch_add(1);
  if (slot.bytes > options_.bytes_max) {
    ++under_way_without_slot_;
    ++left_out_;
    return;
  }
  const size_t bytes = slot.bytes;
  slots_.emplace_hint(slots_.end(), begun.start, std::move(slot));
  bytes_ += bytes;
  Trim(&dropped);
}

void HistoryRecorder::End(uint64_t start,
                          std::shared_ptr<RecordedCall::Ended> ended) {
  const size_t bytes = sizeof(RecordedCall::Ended) + MemoryOf(*ended->response);
  Slots dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto slot = EndSlot(start);
  if (slot == slots_.end()) return;
  if (slot->second.outlived_clear) return;
  if (options_.clock != nullptr) ended->end_time = options_.clock->Now();
  if (bytes > options_.bytes_max - slot->second.bytes) {
    Drop(slot, &dropped);
    ++left_out_;
    return;
  }
  slot->second.call.ended_ = std::move(ended);
  slot->second.bytes += bytes;
  bytes_ += bytes;
  Trim(&dropped);
}

void HistoryRecorder::Abandon(uint64_t start) {
  const std::lock_guard<std::mutex> lock(mutex_);
  EndSlot(start);
}

HistoryRecorder::Slots::iterator HistoryRecorder::EndSlot(uint64_t start) {
  const auto slot = slots_.find(start);
  if (slot == slots_.end()) {
    --under_way_without_slot_;
  } else {
    slot->second.is_over = true;
  }
  return slot;
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
    if (!slots_.begin()->second.is_over) ++under_way_without_slot_;
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
  for (const auto& [start, slot] : dropped) {
    if (!slot.is_over) ++under_way_without_slot_;
  }
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
  left_out_ = under_way_without_slot_;
}

int HistoryRecorder::ClientOfThisThread() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return clients_
      .try_emplace(std::this_thread::get_id(),
                   static_cast<int>(clients_.size()))
      .first->second;
}

}  // namespace glue_security
