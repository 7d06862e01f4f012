#include "glue_security/control/controlled_calls.h"

#include <memory>
#include <utility>

#include "glue_security/control/controlled_keys.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/model/out_of_memory.h"

namespace glue_security {

std::shared_ptr<const v1::Response> ExecuteControlled(
    const CallControls& controls, Backend* backend, int client,
    const Caller& caller, v1::Request request, Delivery* delivery) {
  const auto execute = [&](const v1::Request& asked) {
    FaultPlan plan = controls.faults->Decide(caller, asked);
    delivery->delay = plan.delay;
    delivery->lost = plan.lost;
    const ControlledKeys::Scope scope(delivery);
    v1::Response response;
    if (plan.execute) response = backend->Execute(caller, asked);
    if (plan.error.has_value()) {
      OrEnd([&] { *response.mutable_error() = *std::move(plan.error); });
    }
    return response;
  };
  if (controls.history == nullptr) {
    return std::make_shared<const v1::Response>(execute(request));
  }
  return controls.history->Record(client, caller, std::move(request), execute);
}

WireResponse ExecuteKmsControlled(FaultRules* faults, const KeyCaller& caller,
                                  absl::string_view operation,
                                  absl::FunctionRef<WireResponse()> answer,
                                  Delivery* delivery) {
  const KeyFaultPlan plan = faults->DecideKeyCall(caller, operation);
  delivery->delay = plan.delay;
  delivery->lost = plan.lost;
  WireResponse response;
  if (plan.execute) response = answer();
  if (!plan.error.has_value()) return response;
  return EncodeKmsRefusal(RefusalOf(plan, RandomSource::System()));
}

}  // namespace glue_security
