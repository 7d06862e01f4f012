// DefectList: makes the backends with a planted defect: an engine over memory
// and a patch around it.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_DEFECT_LIST_H_
#define GLUE_SECURITY_TESTING_DEFECTS_DEFECT_LIST_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/model/caller.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/defects/defective_backend.h"
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
  // Returns the policy of the caller's catalog; nullopt: there is none.
  std::optional<v1::GetResourcePolicyResponse> Policy() const;
  // Returns all configurations of the caller's catalog.
  std::vector<v1::SecurityConfiguration> Configurations() const;
  // Returns true when there is a configuration with this name.
  bool HasConfiguration(const std::string& name) const;
};

using Patch = std::function<v1::Response(PatchedCall call)>;
using SetupChange = std::function<void(BackendSetup* setup)>;

// Makes an engine with its own memory.
std::unique_ptr<Backend> NewEngine(const BackendSetup& setup);

v1::Response ErrorAnswer(v1::ErrorCode code, std::string message = "");

class DefectList {
 public:
  // The names, sentences and checks as in DefectiveBackend.
  struct Entry {
    const char* name;
    const char* sentence;
    std::vector<std::string> found_by;
    DefectKind kind = DefectKind::kSequential;
  };

  // Adds a patch without state.
  void Patched(const Entry& entry, Patch patch);
  // Adds a patch with its own state, made by `make`. Its calls come one at a
  // time.
  void Stateful(const Entry& entry, std::function<Patch()> make,
                SetupChange change = nullptr);
  // Adds a patch with its own state. Its calls may come at the same time.
  void Threaded(const Entry& entry, std::function<Patch()> make,
                SetupChange change = nullptr);
  // Adds an engine with a changed setup.
  void SetUp(const Entry& entry, SetupChange change);
  // Adds an engine with another hasher of policies.
  void Hashed(const Entry& entry,
              std::function<std::unique_ptr<PolicyHasher>()> make);
  // Adds an engine with another key service, which may ask the one that the
  // engine would have.
  void Keyed(const Entry& entry,
             std::function<std::unique_ptr<KeyService>(KeyService* keys)> make);
  // Adds a defect that was made from a table.
  void Generated(std::string name, std::string sentence,
                 std::vector<std::string> found_by,
                 std::function<Patch()> make);

  std::vector<DefectiveBackend> Release() { return std::move(defects_); }

 private:
  DefectiveBackend& Add(const Entry& entry);
  void AddPatched(const Entry& entry, std::function<Patch()> make,
                  SetupChange change, bool one_by_one);

  std::vector<DefectiveBackend> defects_;
};

void AddPolicyDefects(DefectList* defects);
void AddDocumentDefects(DefectList* defects);
void AddTimeDefects(DefectList* defects);
void AddOrderDefects(DefectList* defects);
void AddSettingsDefects(DefectList* defects);
void AddConfigurationDefects(DefectList* defects);
void AddPageDefects(DefectList* defects);
void AddConnectionDefects(DefectList* defects);
void AddConnectionListDefects(DefectList* defects);
void AddConnectionNumberDefects(DefectList* defects);
void AddPasswordDefects(DefectList* defects);
void AddSealedDefects(DefectList* defects);
void AddMessageDefects(DefectList* defects);
void AddThreadDefects(DefectList* defects);
void AddApiDateDefects(DefectList* defects);
void AddGeneratedDefects(DefectList* defects);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_DEFECTS_DEFECT_LIST_H_
