// Tests the errors that callers get when the storage fails or has damaged
// records.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/forwarding_storage.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/storage/copying_storage.h"
#include "tests/support/connection_requests.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

// Returns one request of each operation, the reads first. Each succeeds in a
// catalog with a policy, a configuration "a" and a connection "a".
std::vector<v1::Request> AllRequests() {
  std::vector<v1::Request> requests(10);
  requests[0].mutable_get_data_catalog_encryption_settings();
  requests[1].mutable_get_resource_policy();
  requests[2].mutable_get_security_configuration()->set_name("a");
  requests[3].mutable_get_security_configurations();
  requests[4]
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings();
  requests[5].mutable_put_resource_policy()->set_policy_in_json("{}");
  requests[6].mutable_delete_resource_policy();
  auto* create = requests[7].mutable_create_security_configuration();
  create->set_name("b");
  create->mutable_encryption_configuration();
  requests[8].mutable_delete_security_configuration()->set_name("a");
  requests[9].mutable_get_resource_policies();
  for (v1::Request& request : ConnectionRequests()) {
    requests.push_back(std::move(request));
  }
  return requests;
}

// A commit that would make one catalog too many is kResourceExhausted
// (MemoryStorageOptions::catalogs_max). The call gets InternalServiceException
// with `not_applied`, and the other catalogs still work.
TEST_F(EngineTest, OneCatalogTooMany_IsNotApplied) {
  MemoryStorageOptions options;
  options.catalogs_max = 1;
  MemoryStorage small(options);
  Engine engine(&small, LooseOptions());
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json("{}");
  ASSERT_EQ(engine.PutResourcePolicy(kCaller, put).status(), absl::OkStatus());
  const auto error =
      ErrorFromStatus(engine.PutResourcePolicy(kOtherRegion, put).status());
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), v1::ERROR_CODE_INTERNAL_SERVICE);
  EXPECT_EQ(error->detail(), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(engine.GetResourcePolicy(kOtherRegion, {}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(engine.PutResourcePolicy(kCaller, put).status(), absl::OkStatus());
}

TEST_F(EngineTest, StorageFailures_AreToldAsTheyAreAndNeverRaw) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  ASSERT_EQ(Create("a"), absl::OkStatus());
  ASSERT_FALSE(
      engine_->Execute(kCaller, CreateConnectionRequestOf("a")).has_error());
  const struct {
    absl::Status read;
    absl::Status commit;
    v1::ErrorCode code;
    v1::Error::Detail detail;
  } kCases[] = {
      {absl::UnavailableError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::DeadlineExceededError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::DataLossError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_DATA_LOSS},
      {absl::OkStatus(), absl::ResourceExhaustedError("raw"),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::OkStatus(), absl::DataLossError("raw"),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_DATA_LOSS},
      {absl::OkStatus(), absl::UnknownError("raw"),
       v1::ERROR_CODE_OPERATION_TIMEOUT, v1::Error::DETAIL_OUTCOME_UNKNOWN},
  };
  for (const auto& c : kCases) {
    FaultInjectingStorage failing(&storage_);
    const auto fail = [&](StorageCall call, const absl::Status& status) {
      if (status.ok()) return;
      failing.Add({call, 1, 1, StorageFault::FailBefore(status)});
    };
    fail(StorageCall::kRead, c.read);
    fail(StorageCall::kCommit, c.commit);
    EngineOptions options = NewestOptions();
    options.wait = [](int) {};
    Engine engine(&failing, options);
    for (const v1::Request& request : AllRequests()) {
      const auto operation = RequestRef(request).operation();
      if (c.read.ok() && GetOperationInfo(operation).read_only()) continue;
      const v1::Error error = Fails(c.code, [&] {
        return ToStatus(engine.Execute(kCaller, request).error());
      });
      EXPECT_EQ(error.detail(), c.detail) << OperationName(operation);
      EXPECT_FALSE(absl::StrContains(error.message(), "raw"));
    }
    if (c.read.ok()) continue;
    const v1::Error error = Fails(c.code, [&] {
      return engine.OpenCatalog(kCaller).VisitResourcePolicy(
          [](const ResourcePolicyView&) { FAIL() << "nothing to show"; });
    });
    EXPECT_EQ(error.detail(), c.detail);
    EXPECT_FALSE(absl::StrContains(error.message(), "raw"));
  }
}

// A storage that breaks S18: it reports that it has shown the record, and has
// not.
class ShowsNothing : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::Status VisitRecord(const CatalogKey&, const RecordKey&,
                           RecordVisitor) override {
    return absl::OkStatus();
  }
};

TEST_F(EngineTest, AStorageThatShowsNothing_IsOneThatCannotBeRead) {
  ShowsNothing broken(&storage_);
  Engine engine(&broken, NewestOptions());
  for (const v1::Request& request : AllRequests()) {
    const v1::Response response = engine.Execute(kCaller, request);
    // The others read two keys or a range.
    const auto operation = RequestRef(request).operation();
    if (operation == v1::Request::kGetSecurityConfigurations ||
        operation == v1::Request::kCreateSecurityConfiguration ||
        operation == v1::Request::kDeleteSecurityConfiguration ||
        GetOperationInfo(operation).resource() == v1::RESOURCE_CONNECTION) {
      EXPECT_NE(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
      continue;
    }
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_INTERNAL_SERVICE);
    EXPECT_EQ(response.error().detail(), v1::Error::DETAIL_NOT_APPLIED);
  }
  EXPECT_EQ(
      ErrorCodeOf(engine.OpenCatalog(kCaller).VisitResourcePolicy(
          [](const ResourcePolicyView&) { FAIL() << "nothing to show"; })),
      v1::ERROR_CODE_INTERNAL_SERVICE);
}

// ---- Damaged records

class DamagedRecordsTest : public EngineTest {
 protected:
  DamagedRecordsTest() { Restart(NewestOptions()); }

  // Damaged values: empty, garbage, and of another version.
  const std::vector<std::string> damages_ = {"", "garbage",
                                             std::string(5, '\0'), "\x08\x02"};

  void Overwrite(RecordKind kind, const std::string& id,
                 const std::string& value) {
    const CatalogKey catalog{kCaller.account_id, kCaller.region};
    const BranchId branch = storage_.Read(ReadSet{catalog, {}, {}})->branch;
    ASSERT_EQ(*storage_.Commit({catalog, branch, {}, {{{kind, id}, value}}}),
              CommitResult::kCommitted);
  }

  void FailsAsDataLoss(const v1::Request& request) {
    EXPECT_EQ(FailsToExecute(v1::ERROR_CODE_INTERNAL_SERVICE, request).detail(),
              v1::Error::DETAIL_DATA_LOSS)
        << request.ShortDebugString();
  }
};

// Tests every operation that needs the contents of a record.
TEST_F(DamagedRecordsTest, AreDataLossAndStay) {
  for (const std::string& value : damages_) {
    Overwrite(RecordKind::kResourcePolicy, "", value);
    Overwrite(RecordKind::kEncryptionSettings, "", value);
    Overwrite(RecordKind::kSecurityConfiguration, "a", value);
    Overwrite(RecordKind::kConfigurationCount, "", value);
    Overwrite(RecordKind::kConnection, "a", value);
    Overwrite(RecordKind::kConnectionCount, "", value);
    for (const v1::Request& request : AllRequests()) {
      if (request.has_put_data_catalog_encryption_settings()) continue;
      FailsAsDataLoss(request);
    }
    const v1::Error error = Fails(v1::ERROR_CODE_INTERNAL_SERVICE, [&] {
      return engine_->OpenCatalog(kCaller).VisitResourcePolicy(
          [](const ResourcePolicyView&) { FAIL(); });
    });
    EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
  }
}

// Tests every call that shows the policy or asks it.
TEST_F(DamagedRecordsTest, APolicyThatIsNotUtf8_IsDataLossToItsReaders) {
  const auto record_of = [](const char* text, const char* hash) {
    ResourcePolicyView policy;
    policy.policy_in_json = text;
    policy.policy_hash = hash;
    return EncodeResourcePolicy(CommitId{1}, policy);
  };
  v1::Request get;
  get.mutable_get_resource_policy();
  CopyingStorage copying(&storage_);
  Engine fallback(&copying, LooseOptions());
  for (Engine* engine : {&*engine_, &fallback}) {
    const Engine::Catalog catalog = engine->OpenCatalog(kCaller);
    for (const std::string& damaged :
         {record_of("{\"\xFF\":1}", "hash"), record_of("{}", "\xFF")}) {
      // The catalog has read a good policy before.
      Overwrite(RecordKind::kResourcePolicy, "", record_of("{}", "hash"));
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(catalog.VisitResourcePolicy([](const ResourcePolicyView&) {}),
                  absl::OkStatus());
      }
      Overwrite(RecordKind::kResourcePolicy, "", damaged);
      FailsAsDataLoss(get);
      for (int i = 0; i < 2; ++i) {
        const v1::Error error = Fails(v1::ERROR_CODE_INTERNAL_SERVICE, [&] {
          return catalog.VisitResourcePolicy(
              [](const ResourcePolicyView&) { FAIL(); });
        });
        EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
        EXPECT_EQ(error.message(), "a stored record is damaged");
      }
      const v1::Error error = Fails(v1::ERROR_CODE_INTERNAL_SERVICE, [&] {
        return engine->AuthorizeResource(kCaller, ResourceQuery());
      });
      EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
      EXPECT_EQ(error.message(), "a stored record is damaged");
    }
  }
}

// "Replaces all settings" (engine.h), and need not read the old ones.
TEST_F(DamagedRecordsTest, PutEncryptionSettings_ReplacesThem) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* settings = put.mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  settings->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  for (const std::string& value : damages_) {
    Overwrite(RecordKind::kEncryptionSettings, "", value);
    ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
              absl::OkStatus());
    const auto get = engine_->GetDataCatalogEncryptionSettings(kCaller, {});
    ASSERT_EQ(get.status(), absl::OkStatus());
    EXPECT_TRUE(MessageDifferencer::Equals(
        get->data_catalog_encryption_settings(), *settings));
  }
}

// A name is taken even if its record is damaged, and whatever the count is.
TEST_F(DamagedRecordsTest, CreateWithTheNameOfADamagedOne_AlreadyExists) {
  ASSERT_EQ(Create("a"), absl::OkStatus());
  for (const std::string& value : damages_) {
    Overwrite(RecordKind::kSecurityConfiguration, "a", value);
    Fails(v1::ERROR_CODE_ALREADY_EXISTS, [&] { return Create("a"); });
  }
  Overwrite(RecordKind::kConfigurationCount, "", "garbage");
  Fails(v1::ERROR_CODE_ALREADY_EXISTS, [&] { return Create("a"); });
  Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] { return Delete("b"); });
}

// A damaged record can be deleted and created again.
TEST_F(DamagedRecordsTest, DeleteOfADamagedConfiguration_DeletesIt) {
  EngineOptions options = LooseOptions();
  options.limits.security_configurations_max = 2;
  Restart(options);
  ASSERT_EQ(Create("b"), absl::OkStatus());
  for (const std::string& value : damages_) {
    ASSERT_EQ(Create("a"), absl::OkStatus());
    Overwrite(RecordKind::kSecurityConfiguration, "a", value);
    v1::Request list;
    list.mutable_get_security_configurations();
    FailsAsDataLoss(list);
    ASSERT_EQ(Delete("a"), absl::OkStatus());
    const auto page = engine_->GetSecurityConfigurations(kCaller, {});
    ASSERT_EQ(page.status(), absl::OkStatus());
    EXPECT_THAT(Names(*page), ElementsAre("b"));
  }
  // The count no longer includes it.
  EXPECT_EQ(Create("a"), absl::OkStatus());
  Fails(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
        [&] { return Create("c"); });
}

// The count is well-formed and wrong: there is one configuration, and the count
// is 0 or -1.
TEST_F(DamagedRecordsTest, CountOfNoneBesideAConfiguration_IsDataLoss) {
  ASSERT_EQ(Create("a"), absl::OkStatus());
  for (const int64_t count : {0, -1}) {
    v1::StoredRecord record;
    record.mutable_configuration_count()->set_count(count);
    Overwrite(RecordKind::kConfigurationCount, "",
              EncodeRecord(CommitId{1}, record));
    v1::Request remove;
    remove.mutable_delete_security_configuration()->set_name("a");
    FailsAsDataLoss(remove);
  }
}

}  // namespace
}  // namespace glue_security
