// What callers are told when the storage fails or holds damaged records.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/forwarding_storage.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"

namespace glue_security {
namespace {

// Answers every call with one status.
class FailingStorage : public ForwardingStorage {
 public:
  FailingStorage(Storage* base, absl::Status read, absl::Status commit)
      : ForwardingStorage(base),
        read_(std::move(read)),
        commit_(std::move(commit)) {}
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    if (!read_.ok()) return read_;
    return ForwardingStorage::Read(read_set);
  }
  absl::StatusOr<CommitResult> Commit(WriteBatch batch) override {
    if (!commit_.ok()) return commit_;
    return ForwardingStorage::Commit(std::move(batch));
  }
  absl::Status VisitRecord(
      const CatalogKey& catalog, const RecordKey& key,
      absl::FunctionRef<void(const RecordView*)> visitor) override {
    if (!read_.ok()) return read_;
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }

 private:
  const absl::Status read_;
  const absl::Status commit_;
};

TEST_F(EngineTest, StorageFailures_AreToldAsTheyAreAndNeverRaw) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
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
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(R"({"Id":"new"})");
  for (const auto& c : kCases) {
    FailingStorage failing(&storage_, c.read, c.commit);
    EngineOptions options;
    options.wait = [](int) {};
    Engine engine(&failing, options);
    const v1::Error error = Fails(c.code, [&] {
      return engine.PutResourcePolicy(kCaller, put).status();
    });
    EXPECT_EQ(error.detail(), c.detail);
    EXPECT_FALSE(absl::StrContains(error.message(), "raw"));
    if (c.read.ok()) continue;
    const absl::Status visit = engine.OpenCatalog(kCaller).VisitResourcePolicy(
        [](const ResourcePolicyView&) { FAIL() << "nothing to show"; });
    EXPECT_EQ(ErrorCodeOf(visit), c.code);
  }
}

TEST_F(EngineTest, DamagedRecords_AreDataLossAndStay) {
  const std::string damages[] = {"", "garbage", std::string(5, '\0'),
                                 "\x08\x02"};
  const auto damage = [&](RecordKind kind, const std::string& id,
                          const std::string& value) {
    const CatalogKey catalog{kCaller.account_id, kCaller.region};
    const BranchId branch = storage_.Read(ReadSet{catalog, {}, {}})->branch;
    ASSERT_EQ(*storage_.Commit({catalog, branch, {}, {{{kind, id}, value}}}),
              CommitResult::kCommitted);
  };
  for (const std::string& value : damages) {
    damage(RecordKind::kResourcePolicy, "", value);
    damage(RecordKind::kEncryptionSettings, "", value);
    damage(RecordKind::kSecurityConfiguration, "a", value);
    damage(RecordKind::kConfigurationCount, "", value);
    std::vector<v1::Request> requests(8);
    requests[0].mutable_get_resource_policy();
    requests[1].mutable_put_resource_policy()->set_policy_in_json("{}");
    requests[2].mutable_delete_resource_policy();
    requests[3].mutable_get_data_catalog_encryption_settings();
    *requests[4].mutable_create_security_configuration() = Named("b");
    requests[5].mutable_delete_security_configuration()->set_name("a");
    requests[6].mutable_get_security_configuration()->set_name("a");
    requests[7].mutable_get_security_configurations();
    for (const v1::Request& request : requests) {
      const v1::Error error = engine_->Execute(kCaller, request).error();
      EXPECT_EQ(error.code(), v1::ERROR_CODE_INTERNAL_SERVICE)
          << request.ShortDebugString();
      EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
    }
    EXPECT_EQ(ErrorFromStatus(engine_->OpenCatalog(kCaller).VisitResourcePolicy(
                                  [](const ResourcePolicyView&) { FAIL(); }))
                  ->detail(),
              v1::Error::DETAIL_DATA_LOSS);
  }
}

}  // namespace
}  // namespace glue_security
