// Connections in the engine: what is stored and shown, which key calls are
// made, and what remains true when keys, commits and settings get in the way.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/model/key_call.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const Caller kAlice{"123456789012", "us-east-1",
                    "arn:aws:iam::123456789012:user/team/alice"};
constexpr char kPassword[] = "correct horse battery staple";

// A key service in front of another one that notes every call, and refuses or
// disturbs the calls that a test chooses.
class WatchedKeys : public KeyService {
 public:
  explicit WatchedKeys(KeyService* keys) : keys_(*keys) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override {
    return Watch<EncryptResult>("Encrypt", caller,
                                [&] { return keys_.Encrypt(caller, call); });
  }
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override {
    return Watch<DecryptResult>("Decrypt", caller,
                                [&] { return keys_.Decrypt(caller, call); });
  }
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override {
    return Watch<GenerateDataKeyResult>("GenerateDataKey", caller, [&] {
      return keys_.GenerateDataKey(caller, call);
    });
  }
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override {
    return keys_.DescribeKey(caller, call);
  }

  // Returns the names of the calls since the last time.
  std::vector<std::string> TakeCalls() { return std::exchange(calls_, {}); }
  const KeyCaller& last_caller() const { return last_caller_; }
  void Refuse(const std::string& call) { refused_.insert(call); }
  void AllowAll() { refused_.clear(); }
  // Runs before the next call, once.
  void Before(std::function<void()> hook) { before_ = std::move(hook); }

 private:
  template <typename Result, typename Call>
  KeyAnswerOf<Result> Watch(const std::string& name, const KeyCaller& caller,
                            Call call) {
    if (before_) std::exchange(before_, nullptr)();
    calls_.push_back(name);
    last_caller_ = caller;
    if (refused_.count(name) == 0) return call();
    KeyRefusal refusal;
    refusal.code = "DisabledException";
    refusal.message = "KEYARN is disabled.";
    refusal.request_id = "11111111-2222-3333-4444-555555555555";
    return refusal;
  }

  KeyService& keys_;
  std::vector<std::string> calls_;
  KeyCaller last_caller_;
  std::set<std::string> refused_;
  std::function<void()> before_;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() { Restart(); }

  void Restart(EngineOptions options = {}) {
    options.clock = &clock_;
    options.key_service = &keys_;
    engine_.emplace(&storage_, std::move(options));
  }

  static v1::ConnectionInput Input(const std::string& name,
                                   std::map<std::string, std::string> more = {
                                       {"PASSWORD", kPassword}}) {
    v1::ConnectionInput input;
    input.set_name(name);
    input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& properties =
        *input.mutable_connection_properties()->mutable_elements();
    properties["USERNAME"] = "bob";
    for (auto& [key, value] : more) properties[key] = value;
    return input;
  }

  absl::Status Create(v1::ConnectionInput input) {
    v1::CreateConnectionRequest request;
    *request.mutable_connection_input() = std::move(input);
    return engine_->CreateConnection(kAlice, request).status();
  }
  absl::Status Update(v1::ConnectionInput input) {
    v1::UpdateConnectionRequest request;
    request.set_name(input.name());
    *request.mutable_connection_input() = std::move(input);
    return engine_->UpdateConnection(kAlice, request).status();
  }
  absl::StatusOr<v1::Connection> Get(const std::string& name,
                                     bool hide = false) {
    v1::GetConnectionRequest request;
    request.set_name(name);
    request.set_hide_password(hide);
    auto response = engine_->GetConnection(kAlice, request);
    if (!response.ok()) return response.status();
    return response->connection();
  }
  absl::StatusOr<v1::GetConnectionsResponse> List(
      v1::GetConnectionsRequest request = {}) {
    return engine_->GetConnections(kAlice, request);
  }
  static std::map<std::string, std::string> PropertiesOf(
      const v1::Connection& connection) {
    const auto& map = connection.connection_properties().elements();
    return {map.begin(), map.end()};
  }
  static std::vector<std::string> Names(
      const absl::StatusOr<v1::GetConnectionsResponse>& page) {
    std::vector<std::string> names;
    for (const auto& connection : page.value().connection_list()) {
      names.push_back(connection.name());
    }
    return names;
  }

  void Set(bool protects, v1::CatalogEncryptionMode mode,
           const std::string& role = "") {
    v1::PutDataCatalogEncryptionSettingsRequest request;
    auto* settings = request.mutable_data_catalog_encryption_settings();
    settings->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(protects);
    settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(mode);
    if (!role.empty()) {
      settings->mutable_encryption_at_rest()
          ->set_catalog_encryption_service_role(role);
    }
    ASSERT_THAT(engine_->PutDataCatalogEncryptionSettings(kAlice, request),
                IsOk());
  }
  void Protect() { Set(true, v1::CATALOG_ENCRYPTION_MODE_DISABLED); }
  void Seal() { Set(false, v1::CATALOG_ENCRYPTION_MODE_SSE_KMS); }
  void ProtectAndSeal() { Set(true, v1::CATALOG_ENCRYPTION_MODE_SSE_KMS); }
  void Open() { Set(false, v1::CATALOG_ENCRYPTION_MODE_DISABLED); }

  // Returns the stored bytes of all records of the catalog.
  std::string Records() {
    std::string all;
    for (const RecordKind kind :
         {RecordKind::kConnection, RecordKind::kConnectionCount,
          RecordKind::kEncryptionSettings}) {
      ReadSet read_set;
      read_set.catalog = {kAlice.account_id, kAlice.region};
      read_set.range.emplace();
      read_set.range->kind = kind;
      read_set.range->records_max = 10'000;
      read_set.range->bytes_max = 1 << 30;
      const Snapshot snapshot = memory_.Read(read_set).value();
      for (const RangeRecord& record : snapshot.range->records) {
        absl::StrAppend(&all, record.id, "@", record.revision, "=",
                        record.value, "\n");
      }
    }
    return all;
  }

  FakeClock clock_{absl::FromUnixMillis(1'700'000'000'123)};
  MemoryStorage memory_;
  FaultInjectingStorage storage_{&memory_};
  LocalKms kms_{[this] {
    LocalKmsOptions options;
    options.clock = &clock_;
    return options;
  }()};
  WatchedKeys keys_{&kms_};
  std::optional<Engine> engine_;
};

TEST_F(ConnectionTest, ComesBackAsItWasGiven) {
  v1::ConnectionInput input = Input("orders");
  input.set_description("the\nshop");
  input.mutable_match_criteria()->add_elements("a");
  input.mutable_physical_connection_requirements()->set_subnet_id("subnet-1");
  input.mutable_physical_connection_requirements()
      ->mutable_security_group_id_list();
  ASSERT_THAT(Create(input), IsOk());
  clock_.Advance(absl::Seconds(1));
  const auto got = Get("orders");
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->name(), "orders");
  EXPECT_EQ(got->description(), "the\nshop");
  EXPECT_EQ(got->connection_type(), v1::CONNECTION_TYPE_JDBC);
  EXPECT_THAT(got->match_criteria().elements(), ElementsAre("a"));
  EXPECT_THAT(PropertiesOf(*got),
              UnorderedElementsAre(Pair("USERNAME", "bob"),
                                   Pair("PASSWORD", kPassword)));
  EXPECT_TRUE(
      got->physical_connection_requirements().has_security_group_id_list());
  EXPECT_FALSE(got->physical_connection_requirements().has_availability_zone());
  EXPECT_EQ(got->creation_time().seconds(), 1'700'000'000);
  EXPECT_EQ(got->creation_time().nanos(), 123'000'000);
  EXPECT_EQ(got->last_updated_time().seconds(), 1'700'000'000);
  EXPECT_EQ(got->last_updated_by(), "user/team/alice");
  // Nothing is encrypted, so no key is needed.
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionTest, WithoutAnArn_NobodyIsNamed) {
  v1::CreateConnectionRequest request;
  *request.mutable_connection_input() = Input("c");
  Caller caller = kAlice;
  caller.principal_arn = "";
  ASSERT_THAT(engine_->CreateConnection(caller, request), IsOk());
  EXPECT_FALSE(Get("c")->has_last_updated_by());
}

TEST_F(ConnectionTest, AnUpdateReplacesAllButNameAndCreationTime) {
  v1::ConnectionInput input = Input("c");
  input.set_description("first");
  ASSERT_THAT(Create(input), IsOk());
  clock_.Advance(absl::Seconds(5));
  ASSERT_THAT(Update(Input("c", {{"HOST", "h"}})), IsOk());
  const auto got = Get("c");
  EXPECT_FALSE(got->has_description());
  EXPECT_THAT(PropertiesOf(*got),
              UnorderedElementsAre(Pair("USERNAME", "bob"), Pair("HOST", "h")));
  EXPECT_EQ(got->creation_time().seconds(), 1'700'000'000);
  EXPECT_EQ(got->last_updated_time().seconds(), 1'700'000'005);
  // A clock that went back does not take the time back.
  clock_.Set(absl::FromUnixMillis(1'600'000'000'000));
  ASSERT_THAT(Update(Input("c")), IsOk());
  EXPECT_EQ(Get("c")->last_updated_time().seconds(), 1'700'000'005);
}

TEST_F(ConnectionTest, ErrorsChangeNothing) {
  ASSERT_THAT(Create(Input("c")), IsOk());
  const std::string before = Records();
  EXPECT_THAT(Create(Input("c")), HasErrorCode(v1::ERROR_CODE_ALREADY_EXISTS));
  EXPECT_THAT(Update(Input("d")),
              HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
  EXPECT_THAT(Get("d"), HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
  v1::UpdateConnectionRequest update;
  update.set_name("c");
  *update.mutable_connection_input() = Input("d");
  EXPECT_THAT(engine_->UpdateConnection(kAlice, update),
              HasErrorCode(v1::ERROR_CODE_INVALID_INPUT));
  v1::DeleteConnectionRequest remove;
  remove.set_connection_name("d");
  EXPECT_THAT(engine_->DeleteConnection(kAlice, remove),
              HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
  v1::GetConnectionsRequest list;
  list.set_next_token("x");
  EXPECT_THAT(List(list), HasErrorCode(v1::ERROR_CODE_INVALID_INPUT));
  EXPECT_EQ(Records(), before);
}

TEST_F(ConnectionTest, TheNumberOfConnectionsIsLimited) {
  EngineOptions options;
  options.limits.connections_max = 2;
  Restart(options);
  ASSERT_THAT(Create(Input("a")), IsOk());
  ASSERT_THAT(Create(Input("b")), IsOk());
  EXPECT_THAT(Create(Input("c")),
              HasErrorCode(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED));
  ASSERT_THAT(Update(Input("b")), IsOk());
  v1::BatchDeleteConnectionRequest remove;
  remove.mutable_connection_name_list()->add_elements("a");
  ASSERT_THAT(engine_->BatchDeleteConnection(kAlice, remove), IsOk());
  EXPECT_THAT(Create(Input("c")), IsOk());
}

TEST_F(ConnectionTest, BatchDelete_GoesOnAfterAnError_AndCountsANameOnce) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_THAT(Create(Input(name)), IsOk());
  }
  v1::BatchDeleteConnectionRequest remove;
  auto* names = remove.mutable_connection_name_list();
  for (const char* name : {"c", "x", "a", "c", "x"}) names->add_elements(name);
  const auto response = engine_->BatchDeleteConnection(kAlice, remove);
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(response->succeeded(), ElementsAre("c", "a"));
  ASSERT_EQ(response->errors_size(), 1);
  EXPECT_EQ(response->errors().at("x").error_code(), "EntityNotFoundException");
  EXPECT_THAT(Names(List()), ElementsAre("b"));
  // An empty list is legal.
  remove.mutable_connection_name_list()->clear_elements();
  EXPECT_THAT(engine_->BatchDeleteConnection(kAlice, remove), IsOk());
}

TEST_F(ConnectionTest, PagesShowEveryConnectionOnce_InTheOrderOfNames) {
  for (const char* name : {"d", "b", "e", "a", "c"}) {
    ASSERT_THAT(Create(Input(name)), IsOk());
  }
  v1::GetConnectionsRequest request;
  request.set_max_results(2);
  std::vector<std::string> names;
  do {
    const auto page = List(request);
    ASSERT_THAT(page, IsOk());
    for (const std::string& name : Names(page)) names.push_back(name);
    request.set_next_token(page->next_token());
  } while (!request.next_token().empty());
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(ConnectionTest, TheFilterTakesAType_AndAllOfTheCriteria) {
  const auto add = [&](const char* name, v1::ConnectionType type,
                       const std::vector<std::string>& criteria) {
    v1::ConnectionInput input = Input(name);
    input.set_connection_type(type);
    for (const std::string& criterion : criteria) {
      input.mutable_match_criteria()->add_elements(criterion);
    }
    ASSERT_THAT(Create(input), IsOk());
  };
  Seal();  // The filter looks into sealed connections.
  add("a", v1::CONNECTION_TYPE_JDBC, {"x", "y"});
  add("b", v1::CONNECTION_TYPE_SFTP, {"x", "y"});
  add("c", v1::CONNECTION_TYPE_JDBC, {"y"});
  v1::GetConnectionsRequest request;
  request.mutable_filter()->set_connection_type(v1::CONNECTION_TYPE_JDBC);
  EXPECT_THAT(Names(List(request)), ElementsAre("a", "c"));
  request.mutable_filter()->mutable_match_criteria()->add_elements("y");
  request.mutable_filter()->mutable_match_criteria()->add_elements("x");
  EXPECT_THAT(Names(List(request)), ElementsAre("a"));
}

TEST_F(ConnectionTest, AProtectedPasswordIsStoredEncrypted_AndReturnedSo) {
  Protect();
  ASSERT_THAT(Create(Input("c")), IsOk());
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt"));
  EXPECT_EQ(keys_.last_caller().caller, kAlice);
  EXPECT_EQ(keys_.last_caller().via_service, "glue.us-east-1.amazonaws.com");
  EXPECT_THAT(Records(), testing::Not(HasSubstr(kPassword)));
  const auto shown = PropertiesOf(*Get("c"));
  EXPECT_EQ(shown.count("PASSWORD"), 0u);
  EXPECT_THAT(shown.at("ENCRYPTED_PASSWORD"), StartsWith("AQICAH"));
  EXPECT_THAT(PropertiesOf(*Get("c", /*hide=*/true)),
              ElementsAre(Pair("USERNAME", "bob")));
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
  // The settings change; what is stored stays encrypted, and is decrypted for
  // readers from now on.
  Open();
  EXPECT_EQ(PropertiesOf(*Get("c")).at("PASSWORD"), kPassword);
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Decrypt"));
  EXPECT_THAT(PropertiesOf(*Get("c", /*hide=*/true)),
              ElementsAre(Pair("USERNAME", "bob")));
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionTest, ASealedConnectionShowsNothingInStorage) {
  Seal();
  v1::ConnectionInput input = Input("c");
  input.set_description("a very private description");
  ASSERT_THAT(Create(input), IsOk());
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("GenerateDataKey"));
  const std::string records = Records();
  for (const char* text : {kPassword, "bob", "private", "USERNAME"}) {
    EXPECT_FALSE(absl::StrContains(records, text)) << text;
  }
  EXPECT_EQ(PropertiesOf(*Get("c")).at("PASSWORD"), kPassword);
  EXPECT_EQ(Get("c")->description(), "a very private description");
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Decrypt", "Decrypt"));
  // It stays readable when sealing is off.
  Open();
  EXPECT_EQ(PropertiesOf(*Get("c")).at("PASSWORD"), kPassword);
}

TEST_F(ConnectionTest, BothTogether_ThePasswordFirst) {
  ProtectAndSeal();
  ASSERT_THAT(Create(Input("c")), IsOk());
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt", "GenerateDataKey"));
  Open();
  EXPECT_EQ(PropertiesOf(*Get("c")).at("PASSWORD"), kPassword);
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Decrypt", "Decrypt"));
  ASSERT_THAT(List(), IsOk());
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Decrypt", "Decrypt"));
}

TEST_F(ConnectionTest, WithAServiceRole_TheRoleIsAsked) {
  EngineOptions options;
  options.behavior = Behavior::Current();
  Restart(options);
  const std::string role = "arn:aws:iam::123456789012:role/sealer";
  Set(false, v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE, role);
  ASSERT_THAT(Create(Input("c")), IsOk());
  EXPECT_EQ(keys_.last_caller().caller.principal_arn, role);
  ASSERT_THAT(Get("c"), IsOk());
  EXPECT_EQ(keys_.last_caller().caller.principal_arn, role);
}

TEST_F(ConnectionTest, ARefusedKeyFailsTheCall_AndChangesNothing) {
  ProtectAndSeal();
  ASSERT_THAT(Create(Input("c")), IsOk());
  const std::string before = Records();
  const std::string text =
      "KEYARN is disabled. (Service: AWSKMS; Status Code: 400; Error Code: "
      "DisabledException; Request ID: 11111111-2222-3333-4444-555555555555; "
      "Proxy: null)";
  keys_.TakeCalls();
  keys_.Refuse("Encrypt");
  for (const absl::Status& status : {Create(Input("d")), Update(Input("c"))}) {
    EXPECT_THAT(status, HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
    EXPECT_EQ(ErrorFromStatus(status)->message(), text);
  }
  // The password is first, and its refusal ends the call.
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt", "Encrypt"));
  keys_.AllowAll();
  keys_.Refuse("GenerateDataKey");
  EXPECT_THAT(Create(Input("d")), HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  keys_.AllowAll();
  keys_.Refuse("Decrypt");
  EXPECT_THAT(Get("c"), HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  EXPECT_THAT(List(), HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  EXPECT_EQ(Records(), before);
  // Updates and deletions need no right to decrypt.
  EXPECT_THAT(Update(Input("c")), IsOk());
  v1::DeleteConnectionRequest remove;
  remove.set_connection_name("c");
  EXPECT_THAT(engine_->DeleteConnection(kAlice, remove), IsOk());
}

TEST_F(ConnectionTest, AKeyServiceThatThrowsEndsTheCall) {
  Protect();
  const std::string before = Records();
  keys_.Before([] { throw 7; });
  const absl::Status status = Create(Input("c"));
  EXPECT_THAT(status, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(ErrorFromStatus(status)->detail(), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(Records(), before);
  EXPECT_THAT(Create(Input("c")), IsOk());
}

TEST_F(ConnectionTest, NoWriteSlipsInUnderOlderSettings) {
  // The settings change after the connection was read, and before its commit.
  keys_.Before([&] { Open(); });
  ProtectAndSeal();
  ASSERT_THAT(Create(Input("a")), IsOk());
  EXPECT_THAT(Records(), HasSubstr(kPassword));

  storage_.Add(
      {StorageCall::kCommit, 1, 0, StorageFault::RunBefore([&] {
         v1::DataCatalogEncryptionSettings settings;
         settings.mutable_connection_password_encryption()
             ->set_return_connection_password_encrypted(true);
         v1::PutDataCatalogEncryptionSettingsRequest request;
         *request.mutable_data_catalog_encryption_settings() = settings;
         Engine other(&memory_);
         ASSERT_THAT(other.PutDataCatalogEncryptionSettings(kAlice, request),
                     IsOk());
       })});
  keys_.TakeCalls();
  ASSERT_THAT(Update(Input("a")), IsOk());
  EXPECT_THAT(Records(), testing::Not(HasSubstr(kPassword)));
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt"));
}

TEST_F(ConnectionTest, NothingIsEncryptedTwiceAfterAConflict) {
  ProtectAndSeal();
  for (int i = 1; i <= 3; ++i) {
    storage_.Add({StorageCall::kCommit, static_cast<uint64_t>(i), 0,
                  StorageFault::Conflict()});
  }
  ASSERT_THAT(Create(Input("c")), IsOk());
  EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt", "GenerateDataKey"));
  EXPECT_EQ(PropertiesOf(*Get("c")).count("ENCRYPTED_PASSWORD"), 1u);
}

TEST_F(ConnectionTest, AfterAnUnknownCommit_TheAnswerIsWhatIsStored) {
  ProtectAndSeal();
  for (const bool applied : {true, false}) {
    const std::string name = applied ? "applied" : "lost";
    storage_.Add({StorageCall::kCommit, 1, 0,
                  applied
                      ? StorageFault::FailAfter(absl::UnknownError("lost"))
                      : StorageFault::FailBefore(absl::UnknownError("lost"))});
    keys_.TakeCalls();
    ASSERT_THAT(Create(Input(name)), IsOk());
    EXPECT_THAT(keys_.TakeCalls(), ElementsAre("Encrypt", "GenerateDataKey"));
    EXPECT_THAT(Get(name), IsOk());
    storage_.Add({StorageCall::kCommit, 1, 0,
                  applied
                      ? StorageFault::FailAfter(absl::UnknownError("lost"))
                      : StorageFault::FailBefore(absl::UnknownError("lost"))});
    ASSERT_THAT(Update(Input(name, {{"HOST", "h"}})), IsOk());
    EXPECT_EQ(PropertiesOf(*Get(name)).at("HOST"), "h");
  }
}

TEST_F(ConnectionTest, EqualCallsStoreEqualBytes) {
  // The order of a map in memory differs from one process to the next, and from
  // one map to another; the stored bytes do not depend on it.
  std::string first;
  for (const bool forwards : {true, false}) {
    MemoryStorage storage;
    EngineOptions options;
    options.clock = &clock_;
    options.next_commit_id = [] { return CommitId{1}; };
    Engine engine(&storage, options);
    v1::CreateConnectionRequest request;
    auto* input = request.mutable_connection_input();
    *input = Input("c", {});
    const std::vector<std::string> keys = {"HOST", "PORT", "INSTANCE_ID",
                                           "JDBC_ENGINE", "CONFIG_FILES"};
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string& key = keys[forwards ? i : keys.size() - 1 - i];
      (*input->mutable_connection_properties()->mutable_elements())[key] = key;
    }
    ASSERT_THAT(engine.CreateConnection(kAlice, request), IsOk());
    ReadSet read_set;
    read_set.catalog = {kAlice.account_id, kAlice.region};
    read_set.keys = {{RecordKind::kConnection, "c"}};
    const std::string bytes = storage.Read(read_set)->records[0]->value;
    if (forwards) {
      first = bytes;
    } else {
      EXPECT_EQ(bytes, first);
    }
  }
}

TEST_F(ConnectionTest, ADamagedRecordIsToldAsSuch) {
  Seal();
  ASSERT_THAT(Create(Input("c")), IsOk());
  ReadSet read_set;
  read_set.catalog = {kAlice.account_id, kAlice.region};
  read_set.keys = {{RecordKind::kConnection, "c"}};
  const Snapshot snapshot = memory_.Read(read_set).value();
  const std::string good = snapshot.records[0]->value;
  Revision revision = snapshot.records[0]->revision;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    WriteBatch batch;
    batch.catalog = read_set.catalog;
    batch.branch = snapshot.branch;
    batch.preconditions.push_back({read_set.keys[0], revision});
    batch.mutations.push_back({read_set.keys[0], bad});
    ASSERT_EQ(memory_.Commit(batch).value(), CommitResult::kCommitted);
    revision = memory_.Read(read_set)->records[0]->revision;
    const auto got = Get("c");
    // The commit id and the times are outside of what is sealed.
    if (got.ok()) {
      EXPECT_EQ(PropertiesOf(*got).at("PASSWORD"), kPassword) << bit;
    } else {
      const v1::ErrorCode code = ErrorCodeOf(got.status());
      EXPECT_TRUE(code == v1::ERROR_CODE_INTERNAL_SERVICE ||
                  code == v1::ERROR_CODE_GLUE_ENCRYPTION)
          << got.status();
    }
  }
}

TEST_F(ConnectionTest, AConnectionThatIsMovedDoesNotOpen) {
  Seal();
  ASSERT_THAT(Create(Input("a")), IsOk());
  ASSERT_THAT(Create(Input("b")), IsOk());
  ReadSet read_set;
  read_set.catalog = {kAlice.account_id, kAlice.region};
  read_set.keys = {{RecordKind::kConnection, "a"},
                   {RecordKind::kConnection, "b"}};
  const Snapshot snapshot = memory_.Read(read_set).value();
  WriteBatch batch;
  batch.catalog = read_set.catalog;
  batch.branch = snapshot.branch;
  for (size_t i = 0; i < 2; ++i) {
    batch.preconditions.push_back(
        {read_set.keys[i], snapshot.records[i]->revision});
    batch.mutations.push_back(
        {read_set.keys[i], snapshot.records[1 - i]->value});
  }
  ASSERT_EQ(memory_.Commit(batch).value(), CommitResult::kCommitted);
  const auto got = Get("a");
  EXPECT_THAT(got, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
  EXPECT_EQ(ErrorFromStatus(got.status())->detail(),
            v1::Error::DETAIL_DATA_LOSS);
}

TEST_F(ConnectionTest, TheObjectAndTheCatalogMustBothBeAllowed) {
  PolicyAuthorizer authorizer(DecisionKind::kImplicitDeny);
  EngineOptions options;
  options.authorizer = &authorizer;
  Engine open(&memory_);
  const auto put = [&](const std::string& resources) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(absl::StrCat(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)",
        R"("Principal":{"AWS":")", kAlice.principal_arn,
        R"("},"Action":"glue:*","Resource":[)", resources, "]}]}"));
    ASSERT_THAT(open.PutResourcePolicy(kAlice, request), IsOk());
  };
  const std::string start = R"("arn:aws:glue:us-east-1:123456789012:)";
  Restart(options);
  put(absl::StrCat(start, "catalog\""));
  EXPECT_THAT(Create(Input("a")), HasErrorCode(v1::ERROR_CODE_ACCESS_DENIED));
  put(absl::StrCat(start, "connection/a\""));
  EXPECT_THAT(Create(Input("a")), HasErrorCode(v1::ERROR_CODE_ACCESS_DENIED));
  put(absl::StrCat(start, "catalog\",", start, "connection/a\""));
  EXPECT_THAT(Create(Input("a")), IsOk());
  EXPECT_THAT(Get("a"), IsOk());
  const absl::Status other = Create(Input("b"));
  EXPECT_THAT(other, HasErrorCode(v1::ERROR_CODE_ACCESS_DENIED));
  EXPECT_THAT(ErrorFromStatus(other)->message(),
              HasSubstr("on resource: "
                        "arn:aws:glue:us-east-1:123456789012:connection/b"));
  // A list is about all connections.
  EXPECT_THAT(List(), HasErrorCode(v1::ERROR_CODE_ACCESS_DENIED));
  // All deletions must be allowed, or none is done.
  v1::BatchDeleteConnectionRequest remove;
  remove.mutable_connection_name_list()->add_elements("a");
  remove.mutable_connection_name_list()->add_elements("b");
  EXPECT_THAT(engine_->BatchDeleteConnection(kAlice, remove),
              HasErrorCode(v1::ERROR_CODE_ACCESS_DENIED));
  put(absl::StrCat(start, "catalog\",", start, "connection/*\""));
  EXPECT_THAT(Names(List()), ElementsAre("a"));
  EXPECT_THAT(engine_->BatchDeleteConnection(kAlice, remove), IsOk());
}

TEST_F(ConnectionTest, WithoutAKeyService_TheEngineHasItsOwn) {
  EngineOptions options;
  options.clock = &clock_;
  engine_.emplace(&storage_, options);
  ProtectAndSeal();
  ASSERT_THAT(Create(Input("c")), IsOk());
  EXPECT_THAT(PropertiesOf(*Get("c")).at("ENCRYPTED_PASSWORD"),
              StartsWith("AQICAH"));
}

}  // namespace
}  // namespace glue_security
