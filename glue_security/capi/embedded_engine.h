// EmbeddedEngine: an engine with its storage, keys, clock, fault rules, history
// and snapshots, which the C door controls.

#ifndef GLUE_SECURITY_CAPI_EMBEDDED_ENGINE_H_
#define GLUE_SECURITY_CAPI_EMBEDDED_ENGINE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/control/controlled_keys.h"
#include "glue_security/control/delivery.h"
#include "glue_security/control/storage_state.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/http/call_gate.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/setting.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/storage/storage_kind.h"

namespace glue_security {

struct EmbeddedOptions {
  std::string storage_url = "memory";
  BackendSettings settings;
  // The account and region of calls that name none.
  std::string account_id = "123456789012";
  std::string region = "us-east-1";
  // True: the catalog's policy decides about calls, and a caller without a
  // principal is the root user of its account.
  bool authorizes = false;
  // The decision of the callers' identity policies.
  DecisionKind identity = DecisionKind::kImplicitDeny;
  // False: no call is recorded, and the history stays empty.
  bool records_history = true;
};

// Thread-safe.
class EmbeddedEngine {
 public:
  // Errors: kInvalidArgument for the URL; those of the storage, with the code
  // kUnavailable in the place of any other.
  static absl::StatusOr<std::unique_ptr<EmbeddedEngine>> Open(
      const EmbeddedOptions& options);
  ~EmbeddedEngine();
  EmbeddedEngine(const EmbeddedEngine&) = delete;
  EmbeddedEngine& operator=(const EmbeddedEngine&) = delete;

  struct CallAnswer {
    WireResponse response;
    Delivery delivery;
  };

  // Makes a call of AWS Glue or KMS (glue_security_call). Errors, nothing done:
  // kInvalidArgument for a caller with an illegal text.
  absl::StatusOr<CallAnswer> Call(Caller caller, absl::string_view target,
                                  absl::string_view body);

  // As their namesakes of glue_security.h. Errors: those of `StorageState`.
  absl::Status Reset();
  absl::Status Save(const std::string& name);
  absl::Status Restore(const std::string& name);

  FakeClock& clock() { return clock_; }
  FaultRules& faults() { return faults_; }
  HistoryRecorder& history() { return history_; }

  // False for a storage that a child of this process must not use.
  bool survives_fork() const { return survives_fork_; }

 private:
  EmbeddedEngine(const EmbeddedOptions& options, OpenedStorage storage);

  EngineOptions OptionsOfEngine();
  static LocalKmsOptions OptionsOfKeys(const EmbeddedOptions& options,
                                       FakeClock* clock);
  CallAnswer CallKms(const Caller& caller, absl::string_view target,
                     absl::string_view body);

  const EmbeddedOptions options_;
  OpenedStorage storage_;
  const bool survives_fork_;
  FakeClock clock_;
  LocalKms kms_;
  ControlledKeys keys_;
  const PolicyAuthorizer authorizer_;
  Engine engine_;
  FaultRules faults_;
  HistoryRecorder history_;
  const std::unique_ptr<StorageState> state_;
  CallGate gate_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CAPI_EMBEDDED_ENGINE_H_
