#include "tests/storage/etcd/fake_etcd.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

using etcdserverpb::Compare;
using etcdserverpb::RangeRequest;
using etcdserverpb::RangeResponse;
using etcdserverpb::RequestOp;
using etcdserverpb::TxnRequest;
using etcdserverpb::TxnResponse;

constexpr int kOperationsMax = 128;
constexpr size_t kRequestBytesMax = 1536 * 1024;

struct Version {
  int64_t create = 0;
  int64_t mod = 0;
  int64_t version = 0;  // 0: removed
  std::string value;
};

grpc::Status Invalid(const std::string& text) {
  return {grpc::StatusCode::INVALID_ARGUMENT, "etcdserver: " + text};
}

// Returns true for a key from `key` on, before `end`; or `key` itself.
bool IsIn(const std::string& key, const std::string& end,
          const std::string& candidate) {
  return end.empty() ? candidate == key : candidate >= key && candidate < end;
}

// Returns true when a list, or one within it, has too many operations.
bool HasTooMany(const TxnRequest& request, int operations_max) {
  const int operations = std::max(
      {request.compare_size(), request.success_size(), request.failure_size()});
  if (operations > operations_max) return true;
  for (const RequestOp& op : request.success()) {
    if (op.has_request_txn() &&
        HasTooMany(op.request_txn(), operations_max - operations)) {
      return true;
    }
  }
  return false;
}

// Calls `visit` with each operation of a success, those of lists within it
// included.
void ForEach(const TxnRequest& request,
             const std::function<void(const RequestOp&)>& visit) {
  for (const RequestOp& op : request.success()) {
    if (op.has_request_txn()) {
      ForEach(op.request_txn(), visit);
    } else {
      visit(op);
    }
  }
}

grpc::Status CheckTxn(const TxnRequest& request) {
  if (HasTooMany(request, kOperationsMax)) {
    return Invalid("too many operations in txn request");
  }
  if (request.ByteSizeLong() > kRequestBytesMax) {
    return Invalid("request is too large");
  }
  std::set<std::string> keys;
  grpc::Status status;
  ForEach(request, [&](const RequestOp& op) {
    if (!op.has_request_put()) return;
    if (op.request_put().key().empty()) status = Invalid("key is not provided");
    if (!keys.insert(op.request_put().key()).second) {
      status = Invalid("duplicate key given in txn request");
    }
  });
  ForEach(request, [&](const RequestOp& op) {
    if (!op.has_request_delete_range()) return;
    const auto& removal = op.request_delete_range();
    if (removal.key().empty()) status = Invalid("key is not provided");
    for (const std::string& key : keys) {
      if (IsIn(removal.key(), removal.range_end(), key)) {
        status = Invalid("duplicate key given in txn request");
      }
    }
  });
  return status;
}

bool CouldWrite(const TxnRequest& request) {
  bool could = false;
  ForEach(request, [&](const RequestOp& op) {
    could = could || !op.has_request_range();
  });
  return could;
}

// Returns true for the transaction of a commit.
bool PutsRecords(const TxnRequest& request) {
  bool puts = false;
  ForEach(request, [&](const RequestOp& op) {
    puts = puts || absl::StrContains(op.request_put().key(), "/records/");
  });
  return puts;
}

}  // namespace

struct FakeEtcd::Backup {
  std::map<std::string, std::vector<Version>> keys;
  int64_t revision = 0;
};

// The map with history. One lock, since it is small.
class FakeEtcd::Store {
 public:
  grpc::Status Range(const RangeRequest& request, RangeResponse* response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ranges_;
    if (failing_ranges_ > 0) {
      --failing_ranges_;
      return range_status_;
    }
    if (compactions_ > 0) {
      --compactions_;
      compacted_ = ++data_.revision;
    }
    FillHeader(response->mutable_header());
    return RangeLocked(request, response);
  }

  // Applies a transaction. `fate` is what happens to it, and is cleared when it
  // hit this one.
  grpc::Status Txn(const TxnRequest& request, TxnResponse* response,
                   std::optional<FakeFate>* hit) {
    grpc::Status status = CheckTxn(request);
    if (!status.ok()) return status;
    const std::lock_guard<std::mutex> lock(mutex_);
    ++transactions_;
    if (CouldWrite(request)) ++writing_;
    if (fate_.has_value() && PutsRecords(request)) hit->swap(fate_);
    if (hit->has_value()) {
      switch (**hit) {
        case FakeFate::kRefuse:
          return {grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "etcdserver: too many requests"};
        case FakeFate::kTooLarge:
          return Invalid("request is too large");
        case FakeFate::kForbid:
          return {grpc::StatusCode::PERMISSION_DENIED,
                  "etcdserver: permission denied"};
        case FakeFate::kCorrupt:
          return {grpc::StatusCode::DATA_LOSS, "etcdserver: corrupt cluster"};
        case FakeFate::kDropBefore:
          return {grpc::StatusCode::UNAVAILABLE, "etcdserver: leader changed"};
        case FakeFate::kHoldBack:
          held_back_.push_back(request);
          return {grpc::StatusCode::DEADLINE_EXCEEDED, "held back"};
        case FakeFate::kCutBefore:
          return {grpc::StatusCode::UNAVAILABLE, "cut"};
        case FakeFate::kLoseAnswer:
        case FakeFate::kNoSpaceAfter:
        case FakeFate::kCutAfter:
          break;
      }
    }
    TxnLocked(request, response);
    FillHeader(response->mutable_header());
    if (!hit->has_value()) return grpc::Status::OK;
    if (**hit == FakeFate::kNoSpaceAfter) {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED,
              "etcdserver: mvcc: database space exceeded"};
    }
    return {grpc::StatusCode::UNAVAILABLE, "etcdserver: request timed out"};
  }

  void Status(etcdserverpb::StatusResponse* response) {
    const std::lock_guard<std::mutex> lock(mutex_);
    FillHeader(response->mutable_header());
    response->set_version(version_);
    response->set_dbsize(4096);
    response->set_leader(1);
  }

  void DeliverLate() {
    const std::lock_guard<std::mutex> lock(mutex_);
    while (!held_back_.empty()) {
      TxnResponse ignored;
      TxnLocked(held_back_.front(), &ignored);
      held_back_.pop_front();
    }
  }

  // Runs `run` with the lock held.
  template <typename Run>
  auto With(Run run) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return run(*this);
  }

  void PutLocked(const std::string& key, const std::string& value,
                 int64_t revision) {
    std::vector<Version>& versions = data_.keys[key];
    const bool is_new = versions.empty() || versions.back().version == 0;
    Version next;
    next.create = is_new ? revision : versions.back().create;
    next.mod = revision;
    next.version = is_new ? 1 : versions.back().version + 1;
    next.value = value;
    versions.push_back(std::move(next));
  }

  bool RemoveLocked(const std::string& key, int64_t revision) {
    const auto found = data_.keys.find(key);
    if (found == data_.keys.end() || found->second.back().version == 0) {
      return false;
    }
    found->second.push_back({0, revision, 0, ""});
    return true;
  }

  Backup data_;
  std::optional<FakeFate> fate_;
  std::string version_ = "3.6.9";
  uint64_t cluster_id_ = 7;
  int compactions_ = 0;
  int failing_ranges_ = 0;
  grpc::Status range_status_;
  int64_t transactions_ = 0;
  int64_t writing_ = 0;
  int64_t ranges_ = 0;

 private:
  void FillHeader(etcdserverpb::ResponseHeader* header) const {
    header->set_cluster_id(cluster_id_);
    header->set_member_id(1);
    header->set_revision(data_.revision);
    header->set_raft_term(1);
  }

  // Returns the version at a revision; null when there is none.
  static const Version* At(const std::vector<Version>& versions,
                           int64_t revision) {
    for (auto version = versions.rbegin(); version != versions.rend();
         ++version) {
      if (version->mod > revision) continue;
      return version->version == 0 ? nullptr : &*version;
    }
    return nullptr;
  }

  grpc::Status RangeLocked(const RangeRequest& request,
                           RangeResponse* response) {
    if (request.revision() > data_.revision) {
      return {grpc::StatusCode::OUT_OF_RANGE,
              "etcdserver: mvcc: required revision is a future revision"};
    }
    if (request.revision() > 0 && request.revision() < compacted_) {
      return {grpc::StatusCode::OUT_OF_RANGE,
              "etcdserver: mvcc: required revision has been compacted"};
    }
    // A write of the same transaction has a revision that is still to come.
    const int64_t revision =
        request.revision() > 0 ? request.revision() : data_.revision + 1;
    int64_t count = 0;
    for (auto it = data_.keys.lower_bound(request.key());
         it != data_.keys.end() &&
         IsIn(request.key(), request.range_end(), it->first);
         ++it) {
      const Version* version = At(it->second, revision);
      if (version == nullptr) continue;
      ++count;
      if (request.count_only()) continue;
      if (request.limit() > 0 && response->kvs_size() == request.limit()) {
        response->set_more(true);
        continue;
      }
      mvccpb::KeyValue* pair = response->add_kvs();
      pair->set_key(it->first);
      pair->set_create_revision(version->create);
      pair->set_mod_revision(version->mod);
      pair->set_version(version->version);
      if (!request.keys_only()) pair->set_value(version->value);
    }
    response->set_count(count);
    return grpc::Status::OK;
  }

  bool HoldsFor(const Compare& compare, const Version& version) const {
    int64_t order = 0;
    switch (compare.target()) {
      case Compare::VERSION:
        order = version.version - compare.version();
        break;
      case Compare::CREATE:
        order = version.create - compare.create_revision();
        break;
      case Compare::MOD:
        order = version.mod - compare.mod_revision();
        break;
      default:
        order = version.value.compare(compare.value());
    }
    switch (compare.result()) {
      case Compare::EQUAL:
        return order == 0;
      case Compare::GREATER:
        return order > 0;
      case Compare::LESS:
        return order < 0;
      default:
        return order != 0;
    }
  }

  bool Holds(const Compare& compare) const {
    bool any = false;
    for (auto it = data_.keys.lower_bound(compare.key());
         it != data_.keys.end() &&
         IsIn(compare.key(), compare.range_end(), it->first);
         ++it) {
      const Version* version = At(it->second, data_.revision);
      if (version == nullptr) continue;
      any = true;
      if (!HoldsFor(compare, *version)) return false;
    }
    return any || HoldsFor(compare, Version());
  }

  void TxnLocked(const TxnRequest& request, TxnResponse* response) {
    const int64_t next = data_.revision + 1;
    if (ApplyLocked(request, next, response)) data_.revision = next;
  }

  // Applies a list at revision `next`. Returns true when it wrote something.
  bool ApplyLocked(const TxnRequest& request, int64_t next,
                   TxnResponse* response) {
    bool succeeded = true;
    for (const Compare& compare : request.compare()) {
      succeeded = succeeded && Holds(compare);
    }
    response->set_succeeded(succeeded);
    bool wrote = false;
    for (const RequestOp& op :
         succeeded ? request.success() : request.failure()) {
      auto* answer = response->add_responses();
      if (op.has_request_range()) {
        RangeLocked(op.request_range(), answer->mutable_response_range());
      } else if (op.has_request_put()) {
        PutLocked(op.request_put().key(), op.request_put().value(), next);
        answer->mutable_response_put();
        wrote = true;
      } else if (op.has_request_txn()) {
        wrote = ApplyLocked(op.request_txn(), next,
                            answer->mutable_response_txn()) ||
                wrote;
      } else {
        const auto& removal = op.request_delete_range();
        std::vector<std::string> keys;
        for (auto it = data_.keys.lower_bound(removal.key());
             it != data_.keys.end() &&
             IsIn(removal.key(), removal.range_end(), it->first);
             ++it) {
          keys.push_back(it->first);
        }
        int64_t removed = 0;
        for (const std::string& key : keys) removed += RemoveLocked(key, next);
        answer->mutable_response_delete_range()->set_deleted(removed);
        wrote = wrote || removed > 0;
      }
    }
    return wrote;
  }

  std::mutex mutex_;
  int64_t compacted_ = 0;
  std::deque<TxnRequest> held_back_;
};

class FakeEtcd::KvService : public etcdserverpb::KV::Service {
 public:
  KvService(Store* store, std::function<void()> cut)
      : store_(store), cut_(std::move(cut)) {}

  grpc::Status Range(grpc::ServerContext*, const RangeRequest* request,
                     RangeResponse* response) override {
    return store_->Range(*request, response);
  }

  grpc::Status Txn(grpc::ServerContext* context, const TxnRequest* request,
                   TxnResponse* response) override {
    std::optional<FakeFate> hit;
    grpc::Status status = store_->Txn(*request, response, &hit);
    if (hit == FakeFate::kCutBefore || hit == FakeFate::kCutAfter) {
      cut_();
      // The answer would be faster than the end of the connection.
      while (!context->IsCancelled()) std::this_thread::yield();
    }
    return status;
  }

 private:
  Store* const store_;
  const std::function<void()> cut_;
};

class FakeEtcd::MaintenanceService : public etcdserverpb::Maintenance::Service {
 public:
  explicit MaintenanceService(Store* store) : store_(store) {}

  grpc::Status Status(grpc::ServerContext*, const etcdserverpb::StatusRequest*,
                      etcdserverpb::StatusResponse* response) override {
    store_->Status(response);
    return grpc::Status::OK;
  }

 private:
  Store* const store_;
};

FakeEtcd::FakeEtcd()
    : store_(std::make_unique<Store>()),
      kv_(std::make_unique<KvService>(
          store_.get(),
          [this] {
            const std::lock_guard<std::mutex> lock(server_mutex_);
            cutters_.emplace_back([this] { Cut(); });
          })),
      maintenance_(std::make_unique<MaintenanceService>(store_.get())) {
  Listen(0);
}

FakeEtcd::~FakeEtcd() {
  Settle();
  server_->Shutdown(std::chrono::system_clock::now());
}

void FakeEtcd::Listen(int port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                           grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterService(kv_.get());
  builder.RegisterService(maintenance_.get());
  server_ = builder.BuildAndStart();
}

std::string FakeEtcd::endpoint() const {
  return absl::StrCat("127.0.0.1:", port_);
}

void FakeEtcd::FailNextWrite(FakeFate fate) {
  store_->With([&](Store& store) { store.fate_ = fate; });
}

void FakeEtcd::Settle() {
  std::vector<std::thread> cutters;
  {
    const std::lock_guard<std::mutex> lock(server_mutex_);
    cutters.swap(cutters_);
  }
  for (std::thread& cutter : cutters) cutter.join();
  store_->DeliverLate();
}

void FakeEtcd::Cut() {
  const int port = port_;
  server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
  Listen(port);
}

void FakeEtcd::set_version(std::string version) {
  store_->With([&](Store& store) { store.version_ = std::move(version); });
}

void FakeEtcd::set_cluster_id(uint64_t id) {
  store_->With([&](Store& store) { store.cluster_id_ = id; });
}

void FakeEtcd::CompactDuringReads(int times) {
  store_->With([&](Store& store) { store.compactions_ = times; });
}

void FakeEtcd::FailNextRanges(grpc::Status status, int times) {
  store_->With([&](Store& store) {
    store.range_status_ = std::move(status);
    store.failing_ranges_ = times;
  });
}

int64_t FakeEtcd::transactions() const {
  return store_->With([](Store& store) { return store.transactions_; });
}

int64_t FakeEtcd::writing_transactions() const {
  return store_->With([](Store& store) { return store.writing_; });
}

int64_t FakeEtcd::ranges() const {
  return store_->With([](Store& store) { return store.ranges_; });
}

int64_t FakeEtcd::revision() const {
  return store_->With([](Store& store) { return store.data_.revision; });
}

std::vector<std::string> FakeEtcd::Keys() const {
  return store_->With([](Store& store) {
    std::vector<std::string> keys;
    for (const auto& [key, versions] : store.data_.keys) {
      if (versions.back().version != 0) keys.push_back(key);
    }
    return keys;
  });
}

void FakeEtcd::Put(const std::string& key, const std::string& value) {
  store_->With([&](Store& store) {
    store.PutLocked(key, value, ++store.data_.revision);
  });
}

void FakeEtcd::Remove(const std::string& key) {
  store_->With(
      [&](Store& store) { store.RemoveLocked(key, ++store.data_.revision); });
}

std::shared_ptr<const FakeEtcd::Backup> FakeEtcd::Save() const {
  return store_->With(
      [](Store& store) { return std::make_shared<const Backup>(store.data_); });
}

void FakeEtcd::Restore(const Backup& backup, uint64_t cluster_id) {
  store_->With([&](Store& store) {
    store.data_ = backup;
    store.cluster_id_ = cluster_id;
  });
}

}  // namespace glue_security
