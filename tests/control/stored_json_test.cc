#include "glue_security/control/stored_json.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr char kCatalog[] = "catalog=123456789012&region=us-east-1";
constexpr char kKey[] = "alias/aws/glue";

class StoredJsonTest : public testing::Test {
 protected:
  StoredJsonTest() {
    clock_.Freeze();
    auto memory = std::make_unique<MemoryStorage>();
    memory_ = memory.get();
    opened_.maintenance = memory_;
    opened_.storage = std::move(memory);
    EngineOptions options;
    options.behavior = Behavior::Current();
    options.behavior.policy_checks = PolicyChecks::kNone;
    options.behavior.reprint_policies = false;
    options.limits.policy_bytes_max = size_t{8} << 20;
    options.limits.request_bytes_max = size_t{16} << 20;
    options.clock = &clock_;
    engine_ = std::make_unique<Engine>(memory_, std::move(options));
  }

  absl::StatusOr<std::string> Try(const std::string& what,
                                  const std::string& query = kCatalog) {
    return StoredAsJson(what, query, opened_);
  }
  json Show(const std::string& what, const std::string& query = kCatalog) {
    const auto text = Try(what, query);
    EXPECT_TRUE(text.ok()) << what << "?" << query << ": " << text.status();
    return text.ok() ? json::parse(*text) : json();
  }

  void PutPolicy(const std::string& text, const Caller& caller = kCaller) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(text);
    const auto put = engine_->PutResourcePolicy(caller, request);
    ASSERT_TRUE(put.ok()) << put.status();
  }
  void CreateConfiguration(const std::string& name,
                           const Caller& caller = kCaller) {
    v1::CreateSecurityConfigurationRequest request;
    request.set_name(name);
    auto& s3 = *request.mutable_encryption_configuration()
                    ->mutable_s3_encryption()
                    ->add_elements();
    s3.set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
    const auto created = engine_->CreateSecurityConfiguration(caller, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }
  void PutSettings(bool at_rest, bool passwords) {
    v1::PutDataCatalogEncryptionSettingsRequest request;
    auto& settings = *request.mutable_data_catalog_encryption_settings();
    settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(
        at_rest ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
                : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
    if (at_rest) {
      settings.mutable_encryption_at_rest()->set_sse_aws_kms_key_id(kKey);
    }
    auto& protection = *settings.mutable_connection_password_encryption();
    protection.set_return_connection_password_encrypted(passwords);
    if (passwords) protection.set_aws_kms_key_id(kKey);
    const auto put =
        engine_->PutDataCatalogEncryptionSettings(kCaller, request);
    ASSERT_TRUE(put.ok()) << put.status();
  }
  void CreateConnection(const std::string& name) {
    v1::CreateConnectionRequest request;
    auto& input = *request.mutable_connection_input();
    input.set_name(name);
    input.set_description("a description");
    input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& properties =
        *input.mutable_connection_properties()->mutable_elements();
    const auto* const keys = v1::ConnectionPropertyKey_descriptor();
    for (int i = 0; i < keys->value_count(); ++i) {
      const std::string key(
          keys->value(i)->options().GetExtension(v1::wire_value));
      if (key.empty() || absl::StartsWith(key, "ENCRYPTED_")) continue;
      properties[key] = absl::StrCat("the value of ", key, ";");
    }
    const auto created = engine_->CreateConnection(kCaller, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }
  // Replaces a record by bytes that are none.
  void Damage(RecordKind kind, const std::string& id) {
    WriteBatch batch;
    batch.catalog = {kCaller.account_id, kCaller.region};
    batch.branch = memory_->Read({batch.catalog, {}, {}})->branch;
    batch.mutations = {{{kind, id}, "\xff"}};
    ASSERT_TRUE(memory_->Commit(batch).ok());
  }

  FakeClock base_{absl::FromUnixSeconds(1'700'000'000)};
  FakeClock clock_{&base_};
  OpenedStorage opened_;
  MemoryStorage* memory_ = nullptr;
  std::unique_ptr<Engine> engine_;
};

TEST_F(StoredJsonTest, AnEmptyStorageHasNoCatalog_AndNothingInAnyCatalog) {
  EXPECT_EQ(Show("", ""), json::parse(R"({"catalogs":[]})"));
  EXPECT_EQ(Show("policy"), json::parse(R"({"policy":null})"));
  EXPECT_EQ(Show("settings"), json::parse(R"({"settings":null})"));
  EXPECT_EQ(Show("security_configurations"),
            json::parse(R"({"security_configurations":[]})"));
  EXPECT_EQ(Show("connections"), json::parse(R"({"connections":[]})"));
}

TEST_F(StoredJsonTest, CatalogsAreListedWithWhatTheyHave) {
  CreateConfiguration("a");
  CreateConfiguration("b");
  CreateConnection("c");
  PutSettings(false, false);
  PutPolicy("{}");
  CreateConfiguration("d", {"123456789012", "eu-west-1", ""});
  PutPolicy("{}", {"210987654321", "us-east-1", ""});
  ASSERT_TRUE(
      engine_->DeleteResourcePolicy({"210987654321", "us-east-1", ""}, {})
          .ok());
  EXPECT_EQ(Show("", ""), json::parse(R"({"catalogs":[
      {"catalog":"123456789012","region":"eu-west-1","policy":false,
       "settings":false,"security_configurations":1,"connections":0},
      {"catalog":"123456789012","region":"us-east-1","policy":true,
       "settings":true,"security_configurations":2,"connections":1},
      {"catalog":"210987654321","region":"us-east-1","policy":false,
       "settings":false,"security_configurations":0,"connections":0}]})"));
}

// Names in a storage may come from an import, which takes any bytes.
TEST_F(StoredJsonTest, NamesThatAreNotUtf8_AreShownWithReplacements) {
  const std::string name = "a\xFF\xC3";
  Damage(RecordKind::kSecurityConfiguration, name);
  Damage(RecordKind::kSecurityConfiguration, "b");
  Damage(RecordKind::kConnection, name);
  Damage(RecordKind::kConnection, "b");
  CreateConfiguration("x", {"123456789012", "\xFE", ""});
  CreateConfiguration("x", {"123456789012", "\xFF", ""});
  EXPECT_EQ(Show("", "").at("catalogs").at(1).at("region"), "\uFFFD");
  EXPECT_EQ(Show("", "limit=2").at("next").at("region"), "\uFFFD");
  for (const char* const list : {"security_configurations", "connections"}) {
    const json page = Show(list, absl::StrCat(kCatalog, "&limit=1"));
    EXPECT_EQ(page.at(list).at(0).at("name"), "a\uFFFD\uFFFD") << list;
    EXPECT_EQ(page.at("next"), "a\uFFFD\uFFFD") << list;
  }
}

TEST_F(StoredJsonTest, CatalogsComeInPages_EachOnce) {
  const std::string names[] = {"%&=+ ?#", "\"<\\>", "a", "b/c", "\xC3\xA4"};
  for (const std::string& region : names) {
    // The storage takes any text for a region.
    CreateConfiguration("x", {"123456789012", region, ""});
  }
  const json whole = Show("", "").at("catalogs");
  ASSERT_EQ(whole.size(), 5u);
  for (const int limit : {1, 2, 4, 5, 1000}) {
    json found = json::array();
    std::string query = absl::StrCat("limit=", limit);
    for (int pages = 0; pages < 6; ++pages) {
      const json page = Show("", query);
      EXPECT_LE(page.at("catalogs").size(), static_cast<size_t>(limit));
      for (const json& catalog : page.at("catalogs")) found.push_back(catalog);
      if (!page.contains("next")) break;
      query = absl::StrCat("limit=", limit);
      for (const char* const part : {"catalog", "region"}) {
        absl::StrAppend(&query, "&after_", part, "=");
        for (const char c : page.at("next").at(part).get<std::string>()) {
          absl::StrAppend(
              &query, "%",
              absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
        }
      }
    }
    EXPECT_EQ(found, whole) << limit;
  }
}

TEST_F(StoredJsonTest, APolicyIsShownAsItIsStored_WithItsWarnings) {
  const std::string text =
      "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\","
      "\"Principal\":{\"AWS\":\"arn:aws:iam::210987654321:root\"},\n"
      "\"Action\":\"glue:GetTable\","
      "\"Resource\":\"arn:aws:glue:us-east-1:123456789012:*\",\n"
      " \"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"no\"}}}}";
  PutPolicy(text);
  const json shown = Show("policy");
  const json& policy = shown.at("policy");
  EXPECT_EQ(policy.at("PolicyInJson"), text);
  EXPECT_EQ(policy.at("bytes"), text.size());
  EXPECT_EQ(policy.at("PolicyHash"),
            engine_->GetResourcePolicy(kCaller, {})->policy_hash());
  EXPECT_EQ(policy.at("created"), "2023-11-14T22:13:20+00:00");
  EXPECT_EQ(policy.at("updated"), "2023-11-14T22:13:20+00:00");
  ASSERT_EQ(shown.at("findings").size(), 1u);
  const json& finding = shown.at("findings").at(0);
  EXPECT_EQ(finding.at("severity"), "warning");
  EXPECT_EQ(finding.at("code"), "TYPE_MISMATCH_BOOLEAN");
  EXPECT_EQ(finding.at("pointer"),
            "/Statement/Condition/Bool/aws:SecureTransport");
  EXPECT_EQ(finding.at("line"), 3);
  EXPECT_EQ(finding.at("column"), 45);
}

TEST_F(StoredJsonTest, APolicyThatFewerChecksAccepted_HasItsErrors) {
  PutPolicy(
      R"({"Statement":{"Effect":"allow","Principal":"*",)"
      R"("Action":"glue:*","Resource":"arn:aws:glue:eu-west-1:123456789012:*"}})");
  const json findings = Show("policy").at("findings");
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].at("code"), "INVALID_EFFECT");
  EXPECT_EQ(findings[0].at("severity"), "error");
  EXPECT_EQ(findings[0].at("level"), "grammar");
  EXPECT_EQ(findings[1].at("code"), "INVALID_ARN_REGION");
  EXPECT_EQ(findings[1].at("level"), "glue");
  PutPolicy("[1");
  EXPECT_EQ(Show("policy").at("findings").at(0).at("code"),
            "JSON_SYNTAX_ERROR");
}

TEST_F(StoredJsonTest, ADeletedPolicyTellsWhen) {
  PutPolicy("{}");
  ASSERT_TRUE(engine_->DeleteResourcePolicy(kCaller, {}).ok());
  EXPECT_EQ(
      Show("policy"),
      json::parse(R"({"policy":null,"deleted":"2023-11-14T22:13:20+00:00"})"));
}

TEST_F(StoredJsonTest, ALongPolicyIsShownWithoutItsText) {
  PutPolicy(
      absl::StrCat("{\"a\":\"", std::string(size_t{1} << 20, 'x'), "\"}"));
  const auto text = Try("policy");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_LT(text->size(), 1000u);
  EXPECT_EQ(json::parse(*text).at("policy").at("bytes"), (1 << 20) + 8);
}

// Each finding may have a pointer as long as the text.
TEST_F(StoredJsonTest, ManyFindingsAreBounded) {
  std::string text = "{\"Statement\":{\"" + std::string(100'000, 'k') + "\":1";
  for (int i = 0; i < 900; ++i) {
    absl::StrAppend(&text, ",\"", std::string(900, 'k'), i, "\":1");
  }
  PutPolicy(text + "}}");
  const auto shown = Try("policy");
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_LT(shown->size(), size_t{3} << 20);
  EXPECT_GT(json::parse(*shown).at("findings").size(), 100u);
}

TEST_F(StoredJsonTest, SettingsAreShownAsTheyWerePut) {
  PutSettings(true, true);
  EXPECT_EQ(Show("settings"), json::parse(R"({"settings":{
      "DataCatalogEncryptionSettings":{
        "EncryptionAtRest":{"CatalogEncryptionMode":"SSE-KMS",
          "SseAwsKmsKeyId":"alias/aws/glue"},
        "ConnectionPasswordEncryption":{
          "ReturnConnectionPasswordEncrypted":true,
          "AwsKmsKeyId":"alias/aws/glue"}}}})"));
}

TEST_F(StoredJsonTest, ListsComeInPages) {
  for (const char* const name : {"a", "b", "c%&"}) CreateConfiguration(name);
  const json whole = Show("security_configurations");
  EXPECT_EQ(whole.at("security_configurations").at(0), json::parse(R"({
      "name":"a","created":"2023-11-14T22:13:20+00:00","SecurityConfiguration":{
        "EncryptionConfiguration":{
          "S3Encryption":[{"S3EncryptionMode":"SSE-S3"}]}}})"));
  EXPECT_FALSE(whole.contains("next"));
  const json first =
      Show("security_configurations", absl::StrCat(kCatalog, "&limit=2"));
  EXPECT_EQ(first.at("security_configurations").size(), 2u);
  EXPECT_EQ(first.at("next"), "b");
  const json second =
      Show("security_configurations", absl::StrCat(kCatalog, "&after=b"));
  ASSERT_EQ(second.at("security_configurations").size(), 1u);
  EXPECT_EQ(second.at("security_configurations").at(0).at("name"), "c%&");
  EXPECT_EQ(
      Show("security_configurations", absl::StrCat(kCatalog, "&after=c%25%26")),
      json::parse(R"({"security_configurations":[]})"));
}

TEST_F(StoredJsonTest, NoSecretOfAConnectionIsShown) {
  CreateConnection("c");
  const auto text = Try("connections");
  ASSERT_TRUE(text.ok()) << text.status();
  const json connection = json::parse(*text).at("connections").at(0);
  EXPECT_EQ(connection.at("name"), "c");
  EXPECT_EQ(connection.at("stored"), "plain");
  EXPECT_EQ(connection.at("Connection").at("Description"), "a description");
  EXPECT_EQ(connection.at("Connection").at("ConnectionType"), "JDBC");
  const json& properties =
      connection.at("Connection").at("ConnectionProperties");
  const json& hidden = connection.at("hidden");
  // Each property is either shown or hidden, and the listed ones are hidden.
  EXPECT_EQ(properties.size() + hidden.size(), 27u);
  EXPECT_EQ(hidden, json::parse(R"(["CONNECTION_URL","CONNECTOR_URL",
      "CUSTOM_JDBC_CERT_STRING","JDBC_CONNECTION_URL",
      "KAFKA_CLIENT_KEYSTORE_PASSWORD","KAFKA_CLIENT_KEY_PASSWORD",
      "PASSWORD"])"));
  for (const auto& key : hidden) {
    EXPECT_THAT(*text, Not(HasSubstr(absl::StrCat(
                           "the value of ", key.get<std::string>(), ";"))));
  }
  EXPECT_EQ(properties.at("HOST"), "the value of HOST;");
}

TEST_F(StoredJsonTest,
       AnEncryptedPasswordIsHidden_AndASealedConnectionIsNotOpened) {
  PutSettings(false, true);
  CreateConnection("encrypted");
  PutSettings(true, false);
  CreateConnection("sealed");
  const json connections = Show("connections").at("connections");
  const json& encrypted = connections.at(0);
  EXPECT_THAT(encrypted.at("hidden").dump(),
              HasSubstr("\"ENCRYPTED_PASSWORD\""));
  EXPECT_FALSE(encrypted.at("Connection")
                   .at("ConnectionProperties")
                   .contains("ENCRYPTED_PASSWORD"));
  const json& sealed = connections.at(1);
  EXPECT_EQ(sealed.at("stored"), "sealed");
  EXPECT_THAT(sealed.at("key").get<std::string>(),
              testing::StartsWith("arn:aws:kms:us-east-1:123456789012:key/"));
  EXPECT_FALSE(sealed.contains("Connection"));
  EXPECT_FALSE(sealed.contains("hidden"));
}

TEST_F(StoredJsonTest, DamageIsAnError_AndInAListMarked) {
  CreateConfiguration("a");
  CreateConnection("c");
  PutPolicy("{}");
  PutSettings(false, false);
  Damage(RecordKind::kSecurityConfiguration, "b");
  Damage(RecordKind::kConnection, "c");
  Damage(RecordKind::kResourcePolicy, "");
  Damage(RecordKind::kEncryptionSettings, "");
  EXPECT_EQ(Show("security_configurations").at("security_configurations").at(1),
            json::parse(R"({"name":"b","stored":"damaged"})"));
  EXPECT_EQ(Show("connections").at("connections").at(0),
            json::parse(R"({"name":"c","stored":"damaged"})"));
  EXPECT_EQ(Try("policy").status(),
            absl::DataLossError("the record of the policy is damaged"));
  EXPECT_EQ(Try("settings").status(),
            absl::DataLossError("the record of the settings is damaged"));
  // The list shows that there is one.
  EXPECT_EQ(Show("", "").at("catalogs").at(0).at("policy"), true);
}

TEST_F(StoredJsonTest, AWrongQueryIsSaid) {
  const struct {
    const char* what;
    const char* query;
    const char* message;
  } cases[] = {
      {"", "limit=0", "limit: must be 1 to 1000"},
      {"", "limit=1001", "limit: must be 1 to 1000"},
      {"", "limit=x", "limit: must be 1 to 1000"},
      {"", "limit=1&limit=1", "limit: given twice"},
      {"", "limit=1&", "unknown parameter ''"},
      {"", "catalog=1", "unknown parameter 'catalog'"},
      {"", "after_catalog=1",
       "after_catalog and after_region: give both or neither"},
      {"policy", "", "catalog: missing"},
      {"policy", "catalog=1", "region: missing"},
      {"policy", "catalog=1&region=%", "region: not percent-encoded"},
      {"policy", "catalog=1&region=%4", "region: not percent-encoded"},
      {"policy", "catalog=%zz&region=a", "catalog: not percent-encoded"},
      {"policy", "catalog=1&region=a&after=b", "unknown parameter 'after'"},
      {"connections", "catalog=1&region=a&limit=101",
       "limit: must be 1 to 100"},
      {"connections", "catalog=1", "region: missing"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Try(c.what, c.query).status(),
              absl::InvalidArgumentError(c.message))
        << c.what << "?" << c.query;
  }
  EXPECT_EQ(Try("keys").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Try("policy/").status().code(), absl::StatusCode::kNotFound);
}

class FailingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<Snapshot> Read(const ReadSet& /*read_set*/) override {
    return absl::UnavailableError("no disk");
  }
};

TEST_F(StoredJsonTest, ErrorsOfTheStoragePassThrough) {
  OpenedStorage failing;
  failing.storage = std::make_unique<FailingStorage>(memory_);
  for (const char* const what :
       {"policy", "settings", "security_configurations", "connections"}) {
    EXPECT_EQ(StoredAsJson(what, kCatalog, failing).status(),
              absl::UnavailableError("no disk"))
        << what;
  }
  EXPECT_EQ(StoredAsJson("", "", failing).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace glue_security
