// Explores the engine's own run, and a run with a defect: it ignores that
// another client may have written meanwhile. docs/testing_kit/schedules.md
// shows this program and its output.

// [schedules]
#include <iostream>
#include <memory>

#include "glue_security/testing/schedules/schedule_explorer.h"

using namespace glue_security;

class CarelessRun : public ForwardingRun {
 public:
  using ForwardingRun::ForwardingRun;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    batch.preconditions.clear();
    return batch;
  }
};

std::unique_ptr<ScheduledRun> NewCarelessRun(const Caller& caller,
                                             RequestRef request,
                                             const CoreOptions* options,
                                             const CommitId& id) {
  return std::make_unique<CarelessRun>(
      NewOperationRun(caller, request, options, id));
}

int main() {
  const ScheduleScenario scenario{"policy",
                                  {{"put_if_initial"}, {"delete", "get"}}};
  ScheduleOptions options;
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString();

  options.faults_max = 0;  // the order of the steps alone
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString() << "\n";

  options.new_run = NewCarelessRun;
  std::cout << ScheduleExplorer(options).Explore(scenario).ToString();
}
// [schedules end]
