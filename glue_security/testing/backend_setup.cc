#include "glue_security/testing/backend_setup.h"

#include <utility>

#include "absl/status/status.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/model/end_process.h"
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
  OwningEngine(std::unique_ptr<Storage> storage, const BackendSetup& setup)
      : storage_(std::move(storage)),
        engine_(storage_.get(), ToOptions(setup)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return engine_.Execute(caller, request);
  }

 private:
  const std::unique_ptr<Storage> storage_;
  Engine engine_;
};

}  // namespace

TestedBackend EngineInMemory(const BackendSetup& setup) {
  auto memory = std::make_unique<MemoryStorage>();
  MemoryStorage* storage = memory.get();
  TestedBackend tested = EngineOver(std::move(memory), setup);
  tested.mark = [storage] {
    const std::shared_ptr<MemoryStorage> scene = storage->Fork();
    return [storage, scene] {
      const absl::Status status = storage->Restore(*scene);
      if (!status.ok()) EndProcess(status.ToString());
    };
  };
  return tested;
}

TestedBackend EngineOver(std::unique_ptr<Storage> storage,
                         const BackendSetup& setup) {
  return std::make_unique<OwningEngine>(std::move(storage), setup);
}

}  // namespace glue_security
