// How seeded backends are made: an engine over memory and a patch around it.

#ifndef GLUE_SECURITY_TESTING_INTERNAL_SEED_LIST_H_
#define GLUE_SECURITY_TESTING_INTERNAL_SEED_LIST_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/testing/backend_under_test.h"
#include "glue_security/testing/seeded_backend.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

// A call on its way to the engine; a patch may change it.
struct PatchedCall {
  Backend* engine;
  const BackendSetup* setup;
  Caller caller;
  v1::Request request;

  v1::Response Run() const { return engine->Execute(caller, request); }
  v1::Response Run(const v1::Request& other) const {
    return engine->Execute(caller, other);
  }
  // The policy of the caller's catalog; nullopt: there is none.
  std::optional<v1::GetResourcePolicyResponse> Policy() const;
  // All configurations of the caller's catalog.
  std::vector<v1::SecurityConfiguration> Configurations() const;
  // Whether there is one with this name.
  bool HasConfiguration(const std::string& name) const;
};

using Patch = std::function<v1::Response(PatchedCall call)>;
using SetupChange = std::function<void(BackendSetup* setup)>;

// An engine over a memory of its own.
std::unique_ptr<Backend> NewEngine(const BackendSetup& setup);

v1::Response ErrorAnswer(v1::ErrorCode code, std::string message = "");

class SeedList {
 public:
  // Names, sentences and checks as in SeededBackend.
  struct Entry {
    const char* name;
    const char* sentence;
    std::vector<std::string> found_by;
    SeededDefectKind kind = SeededDefectKind::kSequential;
  };

  // A patch without state.
  void Patched(const Entry& entry, Patch patch);
  // `make` makes a patch with a state of its own; its calls come one by one.
  void Stateful(const Entry& entry, std::function<Patch()> make,
                SetupChange change = nullptr);
  // The same, but calls come as they come.
  void Threaded(const Entry& entry, std::function<Patch()> make,
                SetupChange change = nullptr);
  // An engine that is set up otherwise.
  void SetUp(const Entry& entry, SetupChange change);
  // An engine with another hasher of policies.
  void Hashed(const Entry& entry,
              std::function<std::unique_ptr<PolicyHasher>()> make);
  // By table.
  void Generated(std::string name, std::string sentence,
                 std::vector<std::string> found_by,
                 std::function<Patch()> make);

  std::vector<SeededBackend> Release() { return std::move(seeds_); }

 private:
  SeededBackend& Add(const Entry& entry);
  void AddPatched(const Entry& entry, std::function<Patch()> make,
                  SetupChange change, bool one_by_one);

  std::vector<SeededBackend> seeds_;
};

void AddPolicySeeds(SeedList* seeds);
void AddDocumentSeeds(SeedList* seeds);
void AddTimeSeeds(SeedList* seeds);
void AddOrderSeeds(SeedList* seeds);
void AddSettingsSeeds(SeedList* seeds);
void AddConfigurationSeeds(SeedList* seeds);
void AddPageSeeds(SeedList* seeds);
void AddMessageSeeds(SeedList* seeds);
void AddThreadSeeds(SeedList* seeds);
void AddGeneratedSeeds(SeedList* seeds);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_INTERNAL_SEED_LIST_H_
