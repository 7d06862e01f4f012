#include "glue_security/testing/backend_setup.h"

#include "absl/base/internal/raw_logging.h"
#include "absl/status/status.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/storage/memory/memory_storage.h"

namespace glue_security {
namespace {

EngineOptions ToOptions(const BackendSetup& setup) {
  EngineOptions options;
  options.behavior = setup.behavior;
  options.limits = setup.limits;
  options.clock = setup.clock;
  return options;
}

class OwningEngine : public Backend {
 public:
  explicit OwningEngine(const BackendSetup& setup)
      : engine_(&storage_, ToOptions(setup)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return engine_.Execute(caller, request);
  }

  MemoryStorage& storage() { return storage_; }

 private:
  MemoryStorage storage_;
  Engine engine_;
};

}  // namespace

TestedBackend EngineInMemory(const BackendSetup& setup) {
  auto engine = std::make_unique<OwningEngine>(setup);
  MemoryStorage* storage = &engine->storage();
  TestedBackend tested(std::move(engine));
  tested.mark = [storage] {
    const std::shared_ptr<MemoryStorage> scene = storage->Fork();
    return [storage, scene] {
      const absl::Status status = storage->Restore(*scene);
      if (!status.ok()) ABSL_RAW_LOG(FATAL, "%s", status.ToString().c_str());
    };
  };
  return tested;
}

}  // namespace glue_security
