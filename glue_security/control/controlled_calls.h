// The execution of calls under the control of a test harness: they are recorded
// in a history, and fault rules reach them.

#ifndef GLUE_SECURITY_CONTROL_CONTROLLED_CALLS_H_
#define GLUE_SECURITY_CONTROL_CONTROLLED_CALLS_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/control/delivery.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct CallControls {
  // Not null.
  FaultRules* faults;
  // Null: calls are not recorded.
  HistoryRecorder* history;
};

// Records the call of `client` and executes it by `backend`, unless a rule says
// otherwise; returns its answer, which the history may share. Sets `delivery`
// to delay or drop the answer, and does not itself wait. The delays of key
// calls that the backend makes through `ControlledKeys` are added.
std::shared_ptr<const v1::Response> ExecuteControlled(
    const CallControls& controls, Backend* backend, int client,
    const Caller& caller, v1::Request request, Delivery* delivery);

// Executes a call of KMS, such as "Encrypt", in the same way. `answer` makes
// it. It is in no history.
WireResponse ExecuteKmsControlled(FaultRules* faults, const KeyCaller& caller,
                                  absl::string_view operation,
                                  absl::FunctionRef<WireResponse()> answer,
                                  Delivery* delivery);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_CONTROLLED_CALLS_H_
