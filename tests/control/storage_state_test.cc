#include "glue_security/control/storage_state.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::ElementsAre;

const Caller kCaller{"123456789012", "us-east-1", ""};

class StorageStateTest : public testing::Test {
 protected:
  // Creates a record whose name has `bytes` bytes.
  void Create(size_t bytes) {
    v1::CreateSecurityConfigurationRequest request;
    request.set_name(std::string(bytes, 'a'));
    request.mutable_encryption_configuration();
    EXPECT_TRUE(engine_.CreateSecurityConfiguration(kCaller, request).ok());
  }
  bool Exists(size_t bytes) {
    v1::GetSecurityConfigurationRequest request;
    request.set_name(std::string(bytes, 'a'));
    return engine_.GetSecurityConfiguration(kCaller, request).ok();
  }

  // The state has the record of one byte.
  void ExpectThatItComesBackAndGoes(StorageState* state) {
    EXPECT_EQ(state->Save("b"), absl::OkStatus());
    Create(2);
    EXPECT_EQ(state->Save("a"), absl::OkStatus());
    EXPECT_THAT(state->Names(), ElementsAre("a", "b"));
    EXPECT_EQ(state->Reset(), absl::OkStatus());
    EXPECT_FALSE(Exists(1));
    EXPECT_EQ(state->Restore("b"), absl::OkStatus());
    EXPECT_TRUE(Exists(1));
    EXPECT_FALSE(Exists(2));
    EXPECT_EQ(state->Restore("c").code(), absl::StatusCode::kNotFound);
    EXPECT_TRUE(Exists(1));
    EXPECT_TRUE(state->Forget("b"));
    EXPECT_FALSE(state->Forget("b"));
    EXPECT_THAT(state->Names(), ElementsAre("a"));
  }

  MemoryStorage storage_;
  Engine engine_{&storage_};
};

TEST_F(StorageStateTest, AStateComesBackAndGoes) {
  StorageState state(&storage_);
  Create(1);
  ExpectThatItComesBackAndGoes(&state);
}

TEST_F(StorageStateTest, Reset_DeletesTheKeys_RestoreLeavesThem) {
  LocalKms kms;
  StorageState state(&storage_, {}, &kms);
  KeyCaller caller;
  caller.caller = kCaller;
  const auto make = [&] {
    return std::get<KeyMetadata>(kms.CreateKey(caller, {})).arn;
  };
  const auto exists = [&](const std::string& key) {
    return std::holds_alternative<DescribeKeyResult>(
        kms.DescribeKey(caller, {key, {}}));
  };
  const std::string first = make();
  EXPECT_EQ(state.Save("a"), absl::OkStatus());
  EXPECT_EQ(state.Reset(), absl::OkStatus());
  EXPECT_FALSE(exists(first));
  const std::string second = make();
  EXPECT_EQ(state.Restore("a"), absl::OkStatus());
  EXPECT_FALSE(exists(first));
  EXPECT_TRUE(exists(second));
}

TEST_F(StorageStateTest, Save_TooMany_IsRefusedUntilSomeAreForgotten) {
  StorageStateOptions options;
  options.snapshots_max = 2;
  StorageState state(&storage_, options);
  EXPECT_EQ(state.Save("a"), absl::OkStatus());
  EXPECT_EQ(state.Save("b"), absl::OkStatus());
  const absl::Status status = state.Save("c");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "there is no room for more than 2 snapshots; delete some");
  EXPECT_THAT(state.Names(), ElementsAre("a", "b"));
  // A snapshot may replace the one of the same name.
  EXPECT_EQ(state.Save("b"), absl::OkStatus());
  EXPECT_TRUE(state.Forget("a"));
  EXPECT_EQ(state.Save("c"), absl::OkStatus());
}

TEST_F(StorageStateTest, Save_TooManyBytes_IsRefusedAndTheOldOneStays) {
  Create(200);
  const size_t bytes = storage_.record_bytes();
  ASSERT_GT(bytes, 200u);
  EXPECT_EQ(storage_.Fork()->record_bytes(), bytes);
  MemoryStorage storage;
  Engine engine(&storage);
  StorageStateOptions options;
  options.snapshot_bytes_max = 2 * bytes;
  StorageState state(&storage, options);
  EXPECT_EQ(state.Save("empty"), absl::OkStatus());
  v1::CreateSecurityConfigurationRequest request;
  request.set_name(std::string(200, 'a'));
  request.mutable_encryption_configuration();
  ASSERT_TRUE(engine.CreateSecurityConfiguration(kCaller, request).ok());
  EXPECT_EQ(storage.record_bytes(), bytes);
  EXPECT_EQ(state.Save("a"), absl::OkStatus());
  EXPECT_EQ(state.Save("b"), absl::OkStatus());
  const absl::Status status = state.Save("c");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("there is no room for"));
  EXPECT_THAT(state.Names(), ElementsAre("a", "b", "empty"));
  // A replacement may be as large as the one it replaces, but not larger.
  EXPECT_EQ(state.Save("b"), absl::OkStatus());
  request.set_name("another");
  ASSERT_TRUE(engine.CreateSecurityConfiguration(kCaller, request).ok());
  EXPECT_EQ(state.Save("b").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(state.Restore("b"), absl::OkStatus());
  EXPECT_EQ(storage.record_bytes(), bytes);
  EXPECT_TRUE(state.Forget("a"));
  EXPECT_EQ(state.Save("c"), absl::OkStatus());
  EXPECT_EQ(state.Reset(), absl::OkStatus());
  EXPECT_EQ(storage.record_bytes(), 0u);
}

// A snapshot of a storage that is not known to be in memory is a copy.
class CopiedStateTest : public StorageStateTest {
 protected:
  StorageMaintenance* maintenance() { return &storage_; }
};

TEST_F(CopiedStateTest, AStateComesBackAndGoes) {
  Create(1);
  StorageState state(maintenance());
  // Unlike with a storage in memory, records may have been there before.
  EXPECT_TRUE(Exists(1));
  ExpectThatItComesBackAndGoes(&state);
}

TEST_F(CopiedStateTest, Save_EndsBeforeItHoldsTooMuch) {
  Create(200);
  const size_t bytes = storage_.record_bytes();
  StorageStateOptions options;
  options.snapshot_bytes_max = 2 * bytes;
  StorageState state(maintenance(), options);
  EXPECT_EQ(state.Save("a"), absl::OkStatus());
  EXPECT_EQ(state.Save("b"), absl::OkStatus());
  const absl::Status status = state.Save("c");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("there is no room for"));
  EXPECT_THAT(state.Names(), ElementsAre("a", "b"));
  EXPECT_TRUE(state.Forget("a"));
  EXPECT_EQ(state.Save("c"), absl::OkStatus());
}

}  // namespace
}  // namespace glue_security
