// Tests the ids that an engine gives its runs: their purpose, and that no two
// runs, of one engine or of several, have the same id.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

class CommitIdTest : public EngineTest {
 protected:
  static v1::Request PutOf(const std::string& text) {
    v1::Request request;
    request.mutable_put_resource_policy()->set_policy_in_json(text);
    return request;
  }
  static v1::Request SettingsWith(const std::string& key) {
    v1::Request request;
    request.mutable_put_data_catalog_encryption_settings()
        ->mutable_data_catalog_encryption_settings()
        ->mutable_encryption_at_rest()
        ->set_sse_aws_kms_key_id(key);
    request.mutable_put_data_catalog_encryption_settings()
        ->mutable_data_catalog_encryption_settings()
        ->mutable_encryption_at_rest()
        ->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    return request;
  }
  static v1::Request CreateOf(const std::string& name) {
    v1::Request request;
    *request.mutable_create_security_configuration() = Named(name);
    return request;
  }

  // Returns the id of a run that the record has.
  std::string StoredId(RecordKind kind, const std::string& id) {
    ReadSet read_set;
    read_set.catalog = {kCaller.account_id, kCaller.region};
    read_set.keys = {{kind, id}};
    const auto snapshot = storage_.Read(read_set);
    v1::StoredRecord record;
    EXPECT_TRUE(record.ParseFromString(snapshot->records[0]->value));
    return record.commit_id();
  }
};

// The storage applies a commit and loses the acknowledgement. Before the run
// checks whether its commit was applied, another call writes the same record,
// through the same engine or another. The record then is not the run's own. The
// run cannot know whether it was ever written, and must not claim the stored
// record as its result.
TEST_F(CommitIdTest, ALostAcknowledgement_IsNotMadeUpForByAnothersWrite) {
  const struct {
    v1::Request first;
    v1::Request other;
  } kCases[] = {
      {PutOf(R"({"Id":"first"})"), PutOf(R"({"Id":"other"})")},
      {PutOf("{}"), PutOf("{}")},
      {SettingsWith("first"), SettingsWith("other")},
      // Both write the record of the count.
      {CreateOf("first"), CreateOf("other")},
  };
  const auto scene = storage_.Fork();
  for (const auto& c : kCases) {
    for (const bool same_engine : {true, false}) {
      SCOPED_TRACE(absl::StrCat(c.first.ShortDebugString(),
                                same_engine ? ", one engine" : ", two"));
      ASSERT_EQ(storage_.Restore(*scene), absl::OkStatus());
      FaultInjectingStorage lossy(&storage_);
      lossy.AddCommits({StorageFault::FailAfter(absl::UnknownError("lost"))});
      EngineOptions options = LooseOptions();
      Engine another(&lossy, options);
      Engine* writer = &another;
      int waits = 0;
      options.wait = [&](int) {
        if (++waits > 1) return;
        EXPECT_FALSE(writer->Execute(kCaller, c.other).has_error());
      };
      Engine engine(&lossy, options);
      if (same_engine) writer = &engine;

      const v1::Response response = engine.Execute(kCaller, c.first);
      EXPECT_EQ(waits, 1);
      if (c.first.has_create_security_configuration()) {
        // The run finds the configuration that it created.
        EXPECT_FALSE(response.has_error());
        EXPECT_NE(StoredId(RecordKind::kSecurityConfiguration, "first"),
                  StoredId(RecordKind::kConfigurationCount, ""));
        continue;
      }
      EXPECT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT)
          << response.ShortDebugString();
      EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
      if (c.first.has_put_resource_policy()) {
        EXPECT_EQ(engine.GetResourcePolicy(kCaller, {})->policy_in_json(),
                  c.other.put_resource_policy().policy_in_json());
      }
    }
  }
}

// "No run on this storage ever had" the id (engine_options.h), of this engine
// or another, on any thread.
TEST_F(CommitIdTest, OfManyCallsOfManyEngines_AreAllDifferent) {
  constexpr int kEngines = 4;
  constexpr int kThreads = 3;
  constexpr int kWrites = 20;
  std::set<std::string> ids;
  for (int e = 0; e < kEngines; ++e) {
    Engine engine(&storage_, LooseOptions());
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&engine, e, t] {
        for (int i = 0; i < kWrites; ++i) {
          EXPECT_FALSE(
              engine.Execute(kCaller, CreateOf(absl::StrCat(e, "-", t, "-", i)))
                  .has_error());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (int t = 0; t < kThreads; ++t) {
      for (int i = 0; i < kWrites; ++i) {
        const std::string id = StoredId(RecordKind::kSecurityConfiguration,
                                        absl::StrCat(e, "-", t, "-", i));
        EXPECT_EQ(id.size(), sizeof(CommitId));
        EXPECT_NE(id, std::string(sizeof(CommitId), '\0'));
        EXPECT_TRUE(ids.insert(id).second);
      }
    }
  }
}

TEST_F(CommitIdTest, Given_IsTakenOnceForEachWrite_AndForNoRead) {
  FaultInjectingStorage faulty(&storage_);
  faulty.AddCommits({2, StorageFault::Conflict()});
  uint8_t taken = 0;
  EngineOptions options = LooseOptions();
  options.wait = [](int) {};
  options.next_commit_id = [&taken] { return CommitId{1, ++taken}; };
  Engine engine(&faulty, options);
  EXPECT_FALSE(engine.Execute(kCaller, PutOf("{}")).has_error());
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(StoredId(RecordKind::kResourcePolicy, "").substr(0, 2), "\x01\x01");
  EXPECT_FALSE(engine.Execute(kCaller, CreateOf("a")).has_error());
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(StoredId(RecordKind::kConfigurationCount, "").substr(0, 2),
            "\x01\x02");
  EXPECT_EQ(StoredId(RecordKind::kSecurityConfiguration, "a").substr(0, 2),
            "\x01\x02");
  EXPECT_EQ(engine.GetResourcePolicy(kCaller, {}).status(), absl::OkStatus());
  EXPECT_EQ(engine.GetSecurityConfigurations(kCaller, {}).status(),
            absl::OkStatus());
  EXPECT_EQ(taken, 2);
}

}  // namespace
}  // namespace glue_security
