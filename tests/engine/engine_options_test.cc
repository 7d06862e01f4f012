// What an engine is given: an observer.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/observer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;

class RecordingObserver : public Observer {
 public:
  void OnOperation(const OperationEvent& event) override {
    events.push_back(
        absl::StrCat(OperationName(event.operation), " ", event.caller->region,
                     " ", ErrorCodeName(event.error_code), " ", event.attempts,
                     event.had_unknown_commit ? " unknown" : ""));
  }
  std::vector<std::string> events;
};

TEST_F(EngineTest, Observer_IsToldOfEveryOperationOnce) {
  RecordingObserver observer;
  EngineOptions options;
  options.observer = &observer;
  Restart(options);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  Put("x").status().IgnoreError();
  engine_->GetResourcePolicy(kOtherRegion, {}).status().IgnoreError();
  engine_->OpenCatalog(kCaller)
      .VisitResourcePolicy([](const ResourcePolicyView&) {})
      .IgnoreError();
  engine_->Execute(kCaller, v1::Request());
  EXPECT_THAT(
      observer.events,
      ElementsAre("PutResourcePolicy us-east-1  1",
                  "PutResourcePolicy us-east-1 InvalidInputException 0",
                  "GetResourcePolicy us-west-2 EntityNotFoundException 0",
                  "GetResourcePolicy us-east-1  0",
                  " us-east-1 InvalidInputException 0"));
}

}  // namespace
}  // namespace glue_security
