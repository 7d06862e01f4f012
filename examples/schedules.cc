// Explores the engine's own run, and a run with a defect: it ignores that
// another client may have written meanwhile. docs/testing_kit/schedules.md
// shows this program and its output.

// [schedules]
#include <iostream>
#include <memory>

#include "glue_security/testing/schedules/schedule_explorer.h"

using namespace glue_security;

class CarelessOperation : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    batch.preconditions.clear();
    return batch;
  }
};

std::unique_ptr<ScheduledOperation> NewCarelessOperation(
    const Caller& caller, RequestRef request, const CoreOptions* options,
    const CommitId& id) {
  return std::make_unique<CarelessOperation>(
      NewEngineOperation(caller, request, options, id));
}

int main() {
  const ScheduleScenario scenario{"policy",
                                  {{"put_if_initial"}, {"delete", "get"}}};
  ScheduleOptions options;
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString();

  options.faults_max = 0;  // the order of the steps alone
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString() << "\n";

  options.new_operation = NewCarelessOperation;
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
}
// [schedules end]
