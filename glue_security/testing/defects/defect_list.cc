#include "glue_security/testing/defects/defect_list.h"

#include <mutex>

#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/backend_suite/api_requests.h"

namespace glue_security::conformance_internal {
namespace {

class OwnedEngine : public Backend {
 public:
  using MakeKeys = std::function<std::unique_ptr<KeyService>(KeyService*)>;

  OwnedEngine(const BackendSetup& setup, std::unique_ptr<PolicyHasher> hasher,
              const MakeKeys& make_keys = nullptr)
      : hasher_(std::move(hasher)),
        kms_(KeysFor(setup)),
        keys_(make_keys ? make_keys(&kms_) : nullptr),
        engine_(&storage_, OptionsFor(setup, hasher_.get(), keys_.get())) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return engine_.Execute(caller, request);
  }

 private:
  static LocalKmsOptions KeysFor(const BackendSetup& setup) {
    LocalKmsOptions options;
    options.clock = setup.clock;
    return options;
  }

  static EngineOptions OptionsFor(const BackendSetup& setup,
                                  const PolicyHasher* hasher,
                                  KeyService* keys) {
    EngineOptions options;
    options.key_service = keys;
    options.behavior = setup.behavior;
    options.limits = setup.limits;
    options.clock = setup.clock;
    if (hasher != nullptr) options.hasher = hasher;
    return options;
  }

  const std::unique_ptr<PolicyHasher> hasher_;
  LocalKms kms_;
  const std::unique_ptr<KeyService> keys_;
  MemoryStorage storage_;
  Engine engine_;
};

class PatchedBackend : public Backend {
 public:
  // `engine_setup` sets the engine up; `setup` is the one that was asked for.
  PatchedBackend(const BackendSetup& setup, const BackendSetup& engine_setup,
                 Patch patch, bool one_by_one)
      : setup_(setup),
        engine_(engine_setup, nullptr),
        patch_(std::move(patch)),
        one_by_one_(one_by_one) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    std::unique_lock<std::mutex> lock(mutex_, std::defer_lock);
    if (one_by_one_) lock.lock();
    return patch_({&engine_, &setup_, caller, request});
  }

 private:
  const BackendSetup setup_;
  OwnedEngine engine_;
  const Patch patch_;
  const bool one_by_one_;
  std::mutex mutex_;
};

}  // namespace

v1::Response ErrorAnswer(v1::ErrorCode code, std::string message) {
  v1::Response response;
  *response.mutable_error() = MakeError(code, std::move(message));
  return response;
}

std::optional<v1::GetResourcePolicyResponse> PatchedCall::Policy() const {
  v1::Response response = Run(GetPolicy());
  if (response.has_error()) return std::nullopt;
  return response.get_resource_policy();
}

std::vector<v1::SecurityConfiguration> PatchedCall::Configurations() const {
  std::vector<v1::SecurityConfiguration> all;
  std::optional<std::string> token;
  do {
    const v1::Response response = Run(List(std::nullopt, token));
    const auto& page = response.get_security_configurations();
    all.insert(all.end(), page.security_configurations().begin(),
               page.security_configurations().end());
    token = page.next_token();
  } while (!token->empty());
  return all;
}

bool PatchedCall::HasConfiguration(const std::string& name) const {
  return !Run(Get(name)).has_error();
}

std::unique_ptr<Backend> NewEngine(const BackendSetup& setup) {
  return std::make_unique<OwnedEngine>(setup, nullptr);
}

DefectiveBackend& DefectList::Add(const Entry& entry) {
  DefectiveBackend defect;
  defect.name = entry.name;
  defect.sentence = entry.sentence;
  defect.found_by = entry.found_by;
  defect.kind = entry.kind;
  defects_.push_back(std::move(defect));
  return defects_.back();
}

void DefectList::Patched(const Entry& entry, Patch patch) {
  Threaded(entry, [patch = std::move(patch)] { return patch; });
}

void DefectList::Stateful(const Entry& entry, std::function<Patch()> make,
                          SetupChange change) {
  AddPatched(entry, std::move(make), std::move(change), true);
}

void DefectList::Threaded(const Entry& entry, std::function<Patch()> make,
                          SetupChange change) {
  AddPatched(entry, std::move(make), std::move(change), false);
}

void DefectList::AddPatched(const Entry& entry, std::function<Patch()> make,
                            SetupChange change, bool one_by_one) {
  Add(entry).create = [make = std::move(make), change = std::move(change),
                       one_by_one](const BackendSetup& setup) {
    BackendSetup changed = setup;
    if (change) change(&changed);
    return std::make_unique<PatchedBackend>(setup, changed, make(), one_by_one);
  };
}

void DefectList::SetUp(const Entry& entry, SetupChange change) {
  Add(entry).create = [change = std::move(change)](const BackendSetup& setup) {
    BackendSetup changed = setup;
    change(&changed);
    return std::make_unique<OwnedEngine>(changed, nullptr);
  };
}

void DefectList::Hashed(const Entry& entry,
                        std::function<std::unique_ptr<PolicyHasher>()> make) {
  Add(entry).create = [make = std::move(make)](const BackendSetup& setup) {
    return std::make_unique<OwnedEngine>(setup, make());
  };
}

void DefectList::Keyed(
    const Entry& entry,
    std::function<std::unique_ptr<KeyService>(KeyService* keys)> make) {
  Add(entry).create = [make = std::move(make)](const BackendSetup& setup) {
    return std::make_unique<OwnedEngine>(setup, nullptr, make);
  };
}

void DefectList::Generated(std::string name, std::string sentence,
                           std::vector<std::string> found_by,
                           std::function<Patch()> make) {
  Stateful({"", "", std::move(found_by)}, std::move(make));
  defects_.back().name = std::move(name);
  defects_.back().sentence = std::move(sentence);
  defects_.back().generated = true;
}

}  // namespace glue_security::conformance_internal
