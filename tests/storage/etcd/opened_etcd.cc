#include "tests/storage/etcd/opened_etcd.h"

#include <unistd.h>

#include <atomic>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace glue_security {
namespace {

// The way in which the commit of this thread fails; -1: it does not.
thread_local int way_of_commit = -1;

}  // namespace

OpenedEtcd::OpenedEtcd(std::vector<std::string> endpoints, std::string prefix,
                       std::shared_ptr<Step> step,
                       std::unique_ptr<EtcdStorage> storage)
    : ForwardingStorage(storage.get()),
      endpoints_(std::move(endpoints)),
      prefix_(std::move(prefix)),
      step_(std::move(step)),
      storage_(std::move(storage)) {}

std::unique_ptr<Storage> OpenedEtcd::Open(std::vector<std::string> endpoints,
                                          std::string prefix,
                                          std::function<void(int way)> arm) {
  auto step = std::make_shared<Step>();
  step->arm = std::move(arm);
  EtcdStorageOptions options;
  options.endpoints = endpoints;
  options.prefix = prefix;
  // Tests run on loaded machines.
  options.call_timeout = absl::Seconds(60);
  options.before_request = [step] {
    if (step->call) step->call();
    // Only now, so that no commit of another thread comes in between.
    if (way_of_commit >= 0) step->arm(std::exchange(way_of_commit, -1));
  };
  absl::StatusOr<std::unique_ptr<EtcdStorage>> storage =
      EtcdStorage::Open(options);
  if (!storage.ok()) {
    std::cerr << storage.status() << "\n";
    return nullptr;
  }
  return std::unique_ptr<Storage>(
      new OpenedEtcd(std::move(endpoints), std::move(prefix), std::move(step),
                     *std::move(storage)));
}

std::string OpenedEtcd::NewPrefix() {
  static std::atomic<int> number{0};
  return absl::StrCat("test/", getpid(), "/", ++number);
}

absl::StatusOr<CommitResult> OpenedEtcd::Commit(const WriteBatch& batch) {
  way_of_commit = step_->way.exchange(-1);
  return ForwardingStorage::Commit(batch);
}

StorageUnderTest OpenedEtcd::Target(std::string name, Endpoints endpoints,
                                    int ways,
                                    std::function<void(int way)> arm) {
  StorageUnderTest target;
  target.name = std::move(name);
  target.create = [endpoints, arm] {
    return Open(endpoints(), NewPrefix(), arm);
  };
  target.reopen = [](std::unique_ptr<Storage> storage) {
    auto& opened = static_cast<OpenedEtcd&>(*storage);
    const std::vector<std::string> addresses = opened.endpoints_;
    const std::string prefix = opened.prefix_;
    const std::function<void(int)> again = opened.step_->arm;
    storage.reset();
    return Open(addresses, prefix, again);
  };
  target.set_step = [](Storage& storage, std::function<void()> step) {
    static_cast<OpenedEtcd&>(storage).step_->call = std::move(step);
  };
  if (ways > 0) {
    target.fail_next_commit = [ways](Storage& storage, int way) {
      if (way >= ways) return false;
      static_cast<OpenedEtcd&>(storage).step_->way = way;
      return true;
    };
  }
  target.rounds = 300;
  target.rounds_time_max = absl::Seconds(4);
  return target;
}

}  // namespace glue_security
