// Prepare, Apply and Step directly: the records that each operation reads and
// writes; they are pure functions; and a failure writes nothing.

#include "glue_security/state_machine/step.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/state_machine/stored_record.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/connection_requests.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Caller kCaller{"123456789012", "us-east-1", ""};
const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr CommitId kId = {9};
const absl::Time kNow = absl::FromUnixMillis(1'700'000'000'123);

const RecordKey kPolicyKey{RecordKind::kResourcePolicy, ""};
const RecordKey kSettingsKey{RecordKind::kEncryptionSettings, ""};
const RecordKey kCountKey{RecordKind::kConfigurationCount, ""};
const RecordKey kConnectionCountKey{RecordKind::kConnectionCount, ""};
RecordKey ConnectionKey(const std::string& name) {
  return {RecordKind::kConnection, name};
}
RecordKey ConfigurationKey(const std::string& name) {
  return {RecordKind::kSecurityConfiguration, name};
}

v1::Request PutPolicy(const std::string& text) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(text);
  return request;
}
v1::Request Create(const std::string& name) {
  v1::Request request;
  request.mutable_create_security_configuration()->set_name(name);
  request.mutable_create_security_configuration()
      ->mutable_encryption_configuration()
      ->mutable_s3_encryption();
  return request;
}

// Returns one request of each operation; each succeeds when a policy and the
// configurations "a" and "b" exist, and the connection "a".
std::vector<v1::Request> AllRequests() {
  std::vector<v1::Request> requests(10);
  requests[0].mutable_get_data_catalog_encryption_settings();
  requests[1]
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings();
  requests[2] = PutPolicy("{}");
  requests[3].mutable_get_resource_policy();
  requests[4].mutable_delete_resource_policy();
  requests[5] = Create("c");
  requests[6].mutable_delete_security_configuration()->set_name("a");
  requests[7].mutable_get_security_configuration()->set_name("b");
  requests[8].mutable_get_security_configurations()->set_max_results(1);
  requests[9].mutable_get_resource_policies();
  for (v1::Request& request : ConnectionRequests()) {
    requests.push_back(std::move(request));
  }
  return requests;
}

// The records of one catalog, in the simplest form.
class Records {
 public:
  Snapshot Read(const ReadSet& read_set) const {
    Snapshot snapshot;
    snapshot.branch = 5;
    for (const RecordKey& key : read_set.keys) {
      const auto found = records_.find(key);
      snapshot.records.push_back(found == records_.end()
                                     ? std::nullopt
                                     : std::optional<Record>(found->second));
    }
    if (!read_set.range.has_value()) return snapshot;
    snapshot.range.emplace();
    for (const auto& [key, record] : records_) {
      if (key.kind != read_set.range->kind ||
          (read_set.range->after.has_value() &&
           key.id <= *read_set.range->after)) {
        continue;
      }
      if (snapshot.range->records.size() == read_set.range->records_max) {
        snapshot.range->more = true;
        break;
      }
      snapshot.range->records.push_back(
          {key.id, record.revision, record.value});
    }
    return snapshot;
  }

  void Apply(const WriteBatch& batch) {
    ++revision_;
    for (const Mutation& mutation : batch.mutations) {
      if (mutation.value.has_value()) {
        records_[mutation.key] = {revision_, *mutation.value};
      } else {
        records_.erase(mutation.key);
      }
    }
  }

  void Overwrite(const RecordKey& key, const std::string& value) {
    records_[key] = {++revision_, value};
  }

 private:
  std::map<RecordKey, Record> records_;
  Revision revision_ = 0;
};

Transition StepOn(const Records& records, const v1::Request& request,
                  const CoreOptions& options = NewestCoreOptions(),
                  absl::Time now = kNow, const CommitId& id = kId) {
  return Step(kCaller, request, options, now, id,
              [&](const ReadSet& read_set) { return records.Read(read_set); });
}

// Returns a policy and the configurations "a" and "b".
Records Scene() {
  Records records;
  for (const v1::Request& request :
       {PutPolicy(R"({"Id":"old"})"), Create("a"), Create("b"),
        CreateConnectionRequestOf("a")}) {
    const Transition transition = StepOn(records, request);
    EXPECT_FALSE(std::holds_alternative<v1::Error>(transition.outcome));
    records.Apply(transition.write_batch);
  }
  return records;
}

// Returns every byte of a transition.
std::string BytesOf(Transition transition) {
  const WriteBatch& batch = transition.write_batch;
  std::string bytes = absl::StrCat(batch.catalog.catalog_id, "\n",
                                   batch.catalog.region, "\n", batch.branch);
  for (const Precondition& p : batch.preconditions) {
    absl::StrAppend(&bytes, "\n", static_cast<int>(p.key.kind), p.key.id, " ",
                    p.revision.has_value() ? absl::StrCat(*p.revision) : "-");
  }
  for (const Mutation& m : batch.mutations) {
    absl::StrAppend(&bytes, "\n", static_cast<int>(m.key.kind), m.key.id, " ",
                    m.value.value_or("-"));
  }
  return bytes + SerializeInOrder(ToResponse(std::move(transition.outcome)));
}

PreparedOperation Prepared(const v1::Request& request,
                           const CoreOptions& options) {
  auto prepared = Prepare(kCaller, request, &options);
  EXPECT_TRUE(std::holds_alternative<PreparedOperation>(prepared));
  return std::get<PreparedOperation>(std::move(prepared));
}

// ---- Reads

TEST(Prepare, ReadSet_OfEachOperation) {
  const CoreOptions options = NewestCoreOptions();
  const std::vector<std::vector<RecordKey>> expected = {
      {kSettingsKey},
      {kSettingsKey},
      {kPolicyKey},
      {kPolicyKey},
      {kPolicyKey},
      {ConfigurationKey("c"), kCountKey},
      {ConfigurationKey("a"), kCountKey},
      {ConfigurationKey("b")},
      {},
      {kPolicyKey},
      {ConnectionKey("b"), kConnectionCountKey, kSettingsKey},
      {ConnectionKey("a"), kSettingsKey},
      {kSettingsKey},
      {ConnectionKey("a"), kConnectionCountKey, kSettingsKey},
      {ConnectionKey("a"), kConnectionCountKey},
      {ConnectionKey("a"), kConnectionCountKey}};
  const std::vector<v1::Request> requests = AllRequests();
  for (size_t i = 0; i < requests.size(); ++i) {
    SCOPED_TRACE(requests[i].ShortDebugString());
    const ReadSet read_set = Prepared(requests[i], options).read_set;
    EXPECT_EQ(read_set.catalog, kCatalog);
    EXPECT_THAT(
        std::vector<RecordKey>(read_set.keys.begin(), read_set.keys.end()),
        testing::ElementsAreArray(expected[i]));
    EXPECT_EQ(read_set.range.has_value(),
              requests[i].has_get_security_configurations() ||
                  requests[i].has_get_connections());
  }
}

TEST(Prepare, ReadSet_OfAPage) {
  CoreOptions options = NewestCoreOptions();
  options.limits.page_size_default = 17;
  options.limits.response_bytes_max = 1234;
  v1::Request request;
  auto* list = request.mutable_get_security_configurations();
  const auto range = [&] { return *Prepared(request, options).read_set.range; };
  EXPECT_EQ(range().kind, RecordKind::kSecurityConfiguration);
  EXPECT_EQ(range().records_max, 17u);
  EXPECT_EQ(range().bytes_max, 1234u);
  EXPECT_FALSE(range().after.has_value());
  list->set_max_results(3);
  list->set_next_token("");
  EXPECT_EQ(range().records_max, 3u);
  EXPECT_FALSE(range().after.has_value());
  list->set_next_token(EncodePageToken(kCatalog, "m"));
  EXPECT_EQ(range().after, "m");
}

// "CatalogId names a catalog in the caller's region."
TEST(Prepare, ReadSet_FollowsTheCatalogId) {
  const CoreOptions options = NewestCoreOptions();
  v1::Request request;
  request.mutable_get_data_catalog_encryption_settings()->set_catalog_id("x");
  EXPECT_EQ(Prepared(request, options).read_set.catalog,
            (CatalogKey{"x", "us-east-1"}));
  auto* put = request.mutable_put_data_catalog_encryption_settings();
  put->set_catalog_id("y");
  put->mutable_data_catalog_encryption_settings();
  EXPECT_EQ(Prepared(request, options).read_set.catalog,
            (CatalogKey{"y", "us-east-1"}));
}

TEST(Prepare, NoOperation_IsRefused) {
  const CoreOptions options = NewestCoreOptions();
  const auto prepared = Prepare(kCaller, v1::Request(), &options);
  EXPECT_EQ(std::get<v1::Error>(prepared).code(), v1::ERROR_CODE_INVALID_INPUT);
}

// ---- Writes

// Every key that an operation writes was read and has a precondition.
TEST(Apply, Writes_AreOfWhatWasReadAndUnderPreconditions) {
  const CoreOptions options = NewestCoreOptions();
  const Records scene = Scene();
  for (const v1::Request& request : AllRequests()) {
    SCOPED_TRACE(request.ShortDebugString());
    const PreparedOperation operation = Prepared(request, options);
    const Snapshot snapshot = scene.Read(operation.read_set);
    const Transition transition = Apply(operation, snapshot, kNow, kId);
    EXPECT_FALSE(std::holds_alternative<v1::Error>(transition.outcome));
    const WriteBatch& batch = transition.write_batch;
    if (GetOperationInfo(RequestRef(request).operation()).read_only()) {
      EXPECT_TRUE(batch.empty());
      EXPECT_THAT(batch.preconditions, IsEmpty());
      continue;
    }
    EXPECT_EQ(batch.catalog, operation.read_set.catalog);
    EXPECT_EQ(batch.branch, snapshot.branch);
    const auto& keys = operation.read_set.keys;
    // A connection is written under settings, which stay as they are.
    const bool has_settings = keys.size() > 1 && keys.back() == kSettingsKey;
    ASSERT_EQ(batch.mutations.size(), keys.size() - (has_settings ? 1 : 0));
    ASSERT_EQ(batch.preconditions.size(), keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i < batch.mutations.size()) {
        EXPECT_EQ(batch.mutations[i].key, keys[i]);
      }
      EXPECT_EQ(batch.preconditions[i].key, keys[i]);
      const auto& record = snapshot.records[i];
      EXPECT_EQ(batch.preconditions[i].revision,
                record.has_value() ? std::optional<Revision>(record->revision)
                                   : std::nullopt);
    }
    // One record is never removed, so that a run can find its own id there.
    EXPECT_TRUE(batch.mutations.back().value.has_value());
  }
}

// ---- Purity

TEST(Apply, SameInput_SameBytes) {
  for (const auto& behavior :
       {NewestCoreOptions().behavior, Loose(Behavior::Current())}) {
    CoreOptions options = NewestCoreOptions();
    options.behavior = behavior;
    const Records scene = Scene();
    for (const v1::Request& request : AllRequests()) {
      EXPECT_EQ(BytesOf(StepOn(scene, request, options)),
                BytesOf(StepOn(Scene(), v1::Request(request), options)))
          << request.ShortDebugString();
      // A prepared operation can be applied again, as after a conflict.
      const PreparedOperation operation = Prepared(request, options);
      const Snapshot snapshot = scene.Read(operation.read_set);
      EXPECT_EQ(BytesOf(Apply(operation, snapshot, kNow, kId)),
                BytesOf(Apply(operation, snapshot, kNow, kId)));
    }
  }
}

// The time is rounded down to the millisecond; the id is written into every
// record of the batch.
TEST(Apply, TimeAndId_ReachTheWritesOnly) {
  const Records scene = Scene();
  const CommitId other_id = {8};
  for (const v1::Request& request : AllRequests()) {
    SCOPED_TRACE(request.ShortDebugString());
    const auto bytes = [&](absl::Time now, const CommitId& id) {
      return BytesOf(StepOn(scene, request, NewestCoreOptions(), now, id));
    };
    const std::string usual = bytes(kNow, kId);
    EXPECT_EQ(bytes(kNow + absl::Microseconds(999), kId), usual);
    const bool has_time = request.has_put_resource_policy() ||
                          request.has_delete_resource_policy() ||
                          request.has_create_security_configuration() ||
                          request.has_create_connection() ||
                          request.has_update_connection();
    EXPECT_EQ(bytes(kNow + absl::Milliseconds(1), kId) != usual, has_time);
    const bool read_only =
        GetOperationInfo(RequestRef(request).operation()).read_only();
    EXPECT_EQ(bytes(kNow, other_id) == usual, read_only);
  }
}

// ---- Failures

struct Failure {
  v1::Request request;
  v1::ErrorCode code;
};

std::vector<Failure> RefusedRequests() {
  std::vector<Failure> failures;
  const auto add = [&](v1::ErrorCode code) {
    failures.push_back({v1::Request(), code});
    return &failures.back().request;
  };
  add(v1::ERROR_CODE_INVALID_INPUT);  // no operation
  add(v1::ERROR_CODE_INVALID_INPUT)
      ->mutable_get_data_catalog_encryption_settings()
      ->set_catalog_id("");
  add(v1::ERROR_CODE_INVALID_INPUT)
      ->mutable_put_data_catalog_encryption_settings();
  *add(v1::ERROR_CODE_INVALID_INPUT) = PutPolicy("x");
  *add(v1::ERROR_CODE_INVALID_INPUT) = PutPolicy("not json");
  add(v1::ERROR_CODE_INVALID_INPUT)->mutable_create_security_configuration();
  add(v1::ERROR_CODE_INVALID_INPUT)->mutable_delete_security_configuration();
  add(v1::ERROR_CODE_INVALID_INPUT)->mutable_get_security_configuration();
  add(v1::ERROR_CODE_INVALID_INPUT)
      ->mutable_get_security_configurations()
      ->set_next_token("made up");
  add(v1::ERROR_CODE_INVALID_INPUT)
      ->mutable_delete_resource_policy()
      ->set_policy_hash_condition("");

  *add(v1::ERROR_CODE_ALREADY_EXISTS) = Create("a");
  *add(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED) = Create("c");
  add(v1::ERROR_CODE_ENTITY_NOT_FOUND)
      ->mutable_delete_security_configuration()
      ->set_name("none");
  add(v1::ERROR_CODE_ENTITY_NOT_FOUND)
      ->mutable_get_security_configuration()
      ->set_name("none");
  add(v1::ERROR_CODE_CONDITION_CHECK_FAILURE)
      ->mutable_delete_resource_policy()
      ->set_policy_hash_condition("stale");
  v1::Request put = PutPolicy("{}");
  put.mutable_put_resource_policy()->set_policy_hash_condition("stale");
  *add(v1::ERROR_CODE_CONDITION_CHECK_FAILURE) = put;
  put = PutPolicy("{}");
  put.mutable_put_resource_policy()->set_policy_exists_condition(
      v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  *add(v1::ERROR_CODE_CONDITION_CHECK_FAILURE) = put;
  return failures;
}

void ExpectFails(const Records& records, const v1::Request& request,
                 const CoreOptions& options, v1::ErrorCode code) {
  const Transition transition = StepOn(records, request, options);
  const auto* error = std::get_if<v1::Error>(&transition.outcome);
  ASSERT_NE(error, nullptr) << request.ShortDebugString();
  EXPECT_EQ(error->code(), code)
      << request.ShortDebugString() << " " << error->ShortDebugString();
  EXPECT_TRUE(transition.write_batch.empty());
  EXPECT_THAT(transition.write_batch.preconditions, IsEmpty());
}

// An error has an empty write batch.
TEST(Step, EveryFailure_WritesNothing) {
  CoreOptions options = NewestCoreOptions();
  options.limits.security_configurations_max = 2;
  const Records scene = Scene();
  for (const Failure& failure : RefusedRequests()) {
    ExpectFails(scene, failure.request, options, failure.code);
  }
  // No policy exists.
  const Records empty;
  v1::Request request;
  request.mutable_get_resource_policy();
  ExpectFails(empty, request, options, v1::ERROR_CODE_ENTITY_NOT_FOUND);
  request.mutable_delete_resource_policy();
  ExpectFails(empty, request, options, v1::ERROR_CODE_ENTITY_NOT_FOUND);
  request = PutPolicy("{}");
  request.mutable_put_resource_policy()->set_policy_exists_condition(
      v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  ExpectFails(empty, request, options, v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  // The request has one byte more than is allowed.
  options.limits.request_bytes_max =
      request.put_resource_policy().ByteSizeLong() - 1;
  ExpectFails(empty, request, options, v1::ERROR_CODE_INVALID_INPUT);
}

// An operation that needs a damaged record reports the damage and writes
// nothing.
TEST(Step, DamagedRecords_WriteNothing) {
  const CoreOptions options = NewestCoreOptions();
  Records records = Scene();
  for (const RecordKey& key :
       {kPolicyKey, kSettingsKey, kCountKey, kConnectionCountKey,
        ConfigurationKey("a"), ConfigurationKey("b"), ConnectionKey("a")}) {
    records.Overwrite(key, "damaged");
  }
  for (const v1::Request& request : AllRequests()) {
    if (request.has_put_data_catalog_encryption_settings()) {
      EXPECT_FALSE(StepOn(records, request).write_batch.empty());
    } else {
      ExpectFails(records, request, options, v1::ERROR_CODE_INTERNAL_SERVICE);
    }
  }
}

// Put and Delete do not read the text that they replace.
TEST(Step, AStoredTextThatIsNoUtf8_IsReportedByGetAndNotByWhatReplacesIt) {
  const CoreOptions options = NewestCoreOptions();
  Records records = Scene();
  ResourcePolicyView policy;
  policy.policy_in_json = "{\"\xFF\":1}";
  policy.policy_hash = "hash";
  records.Overwrite(kPolicyKey, EncodeResourcePolicy(CommitId{9}, policy));
  v1::Request request;
  request.mutable_get_resource_policy();
  ExpectFails(records, request, options, v1::ERROR_CODE_INTERNAL_SERVICE);
  request = PutPolicy("{}");
  // The record still decides the conditions.
  request.mutable_put_resource_policy()->set_policy_hash_condition("other");
  ExpectFails(records, request, options,
              v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  request.mutable_put_resource_policy()->set_policy_hash_condition("hash");
  EXPECT_FALSE(StepOn(records, request).write_batch.empty());
  request.mutable_delete_resource_policy()->set_policy_hash_condition("hash");
  EXPECT_FALSE(StepOn(records, request).write_batch.empty());
}

// The core makes pages from the snapshot alone.
TEST(Step, Pages_GoOnAfterTheirToken) {
  const Records scene = Scene();
  v1::Request request;
  auto* list = request.mutable_get_security_configurations();
  list->set_max_results(1);
  std::vector<std::string> names;
  for (int page_number = 0; page_number < 2; ++page_number) {
    const Transition transition = StepOn(scene, request);
    const auto& page =
        std::get<v1::GetSecurityConfigurationsResponse>(transition.outcome);
    ASSERT_EQ(page.security_configurations_size(), 1);
    names.push_back(page.security_configurations(0).name());
    EXPECT_EQ(page.has_next_token(), page_number == 0);
    list->set_next_token(page.next_token());
  }
  EXPECT_THAT(names, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace glue_security
