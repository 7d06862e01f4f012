#include "glue_security/testing/defects/defective_storages.h"

#include <functional>
#include <memory>
#include <utility>

#include "glue_security/testing/defects/map_storage.h"
#include "glue_security/testing/defects/storage_faults.h"

namespace glue_security {
namespace {

using testing_internal::MapStorage;
using testing_internal::RecordName;
using testing_internal::Steps;
using testing_internal::StorageFaultDefect;

constexpr int kFewRounds = 50;

MapStorage& Map(Storage& storage) { return static_cast<MapStorage&>(storage); }

StorageUnderTest Target(const std::string& name,
                        const std::function<void(Steps&)>& replace) {
  StorageUnderTest target;
  target.name = name;
  target.create = [replace] {
    auto steps = std::make_shared<Steps>();
    replace(*steps);
    return std::make_unique<MapStorage>(std::move(steps));
  };
  target.reopen = [](std::unique_ptr<Storage> storage) {
    Map(*storage).Reopen();
    return storage;
  };
  target.fork = [](Storage& storage) { return Map(storage).Fork(); };
  target.set_step = [](Storage& storage, std::function<void()> step) {
    Map(storage).SetStep(std::move(step));
  };
  target.fail_next_commit = [](Storage& storage, int way) {
    return Map(storage).FailNextCommit(way);
  };
  target.settle = [](Storage& storage) { Map(storage).Settle(); };
  return target;
}

}  // namespace

std::vector<DefectiveStorage> DefectiveStorages() {
  std::vector<DefectiveStorage> storages;
  for (const auto& faults :
       {testing_internal::ReadingFaults(), testing_internal::WritingFaults(),
        testing_internal::OtherFaults(), testing_internal::RacingFaults()}) {
    for (const StorageFaultDefect& fault : faults) {
      StorageUnderTest target = Target(fault.name, fault.replace);
      // The others are found without threads that run freely.
      if (!fault.races) target.rounds = kFewRounds;
      storages.push_back({fault.name, fault.sentence, fault.clauses,
                          std::move(target), fault.races});
    }
  }
  return storages;
}

StorageUnderTest StorageWithoutDefect() {
  StorageUnderTest target = Target("WithoutDefect", [](Steps&) {});
  target.rounds = kFewRounds;
  return target;
}

StorageUnderTest StorageWithUnorderedCatalogs() {
  StorageUnderTest target = Target("UnorderedCatalogs", [](Steps& steps) {
    steps.revision = [](MapStorage& storage, const RecordName& name,
                        size_t index) {
      if (index == 0) storage.NextRevision();
      // Any number that depends on the catalog alone.
      Revision place = 0;
      for (const char c : name.catalog_id + "/" + name.region) {
        place = (place * 31 + static_cast<unsigned char>(c)) % 251;
      }
      return place << 40 | storage.last_revision();
    };
  });
  target.rounds = kFewRounds;
  return target;
}

}  // namespace glue_security
