// Tests of another project, with the kit.

// [test]
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace glue_security;

TEST(Mine, HasNoPolicyAtFirst) {
  MemoryStorage storage;
  Engine engine(&storage);
  EXPECT_THAT(engine.GetResourcePolicy({"123456789012", "us-east-1", ""}, {}),
              HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
}
// [test end]

#include <memory>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/sequences/sequence.h"

TEST(Mine, AnswersLikeTheModel) {
  SequenceOptions options;
  options.calls = 2'000;
  const SequenceReport report = CheckSequences(EngineInMemory, options);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_GE(report.calls, 2'000);
}
