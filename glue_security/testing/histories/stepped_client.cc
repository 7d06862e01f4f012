#include "glue_security/testing/histories/stepped_client.h"

#include <utility>

#include "glue_security/engine/operation_run_io.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"

namespace glue_security {
namespace history_internal {

void SteppedClient::Start(Call call, uint64_t number, uint64_t position,
                          History* history) {
  ++calls_;
  call_ = std::move(call);
  entry_ = history->size();
  HistoryEntry entry;
  entry.client = number_;
  entry.caller = call_.caller;
  entry.request = call_.request;
  entry.start = position;
  history->push_back(std::move(entry));
  CommitId commit_id{};
  for (size_t byte = 0; byte < sizeof(number); ++byte) {
    commit_id[byte] = static_cast<uint8_t>(number >> (8 * byte));
  }
  run_ = std::make_unique<OperationRun>(call_.caller, call_.request, &core_,
                                        commit_id);
}

void SteppedClient::Step(uint64_t position, History* history) {
  switch (run_->need()) {
    case OperationRun::Need::kRead:
      ReadForRun(&storage_, &clock_, run_.get());
      return;
    case OperationRun::Need::kCommit:
      CommitForRun(&storage_, run_.get());
      return;
    case OperationRun::Need::kKeyCall:
      CallKeyForRun(&keys_, run_.get());
      return;
    case OperationRun::Need::kWait:
      run_->Waited();
      return;
    case OperationRun::Need::kDone:
      break;
  }
  HistoryEntry& entry = (*history)[entry_];
  entry.response = ToResponse(run_->TakeOutcome());
  entry.end = position;
  known_.Learn(*entry.response);
  run_.reset();
}

}  // namespace history_internal
}  // namespace glue_security
