#include "tests/engine/encryption_scene.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/sealed_object.h"
#include "glue_security/model/operation_list.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kHome[] = "123456789012";
constexpr char kAway[] = "210987654321";
constexpr char kRegion[] = "us-east-1";
constexpr char kName[] = "orders";
constexpr char kRole[] = "arn:aws:iam::123456789012:role/glue";
constexpr char kContextKey[] = "glue_catalog_id";
const EncryptionContext kOtherContext = {{"purpose", "other"}};

const Caller kAlice = {kHome, kRegion, "arn:aws:iam::123456789012:user/alice"};
const Caller kBob = {kAway, kRegion, "arn:aws:iam::210987654321:user/bob"};

// The account's root user, who manages the keys.
KeyCaller Root() {
  KeyCaller root;
  root.caller = {kHome, kRegion, "arn:aws:iam::123456789012:root"};
  return root;
}

EncryptionContext CatalogKeyContext(const std::string& catalog_id) {
  return {{kContextKey, catalog_id}};
}

bool Has(const std::string& word, absl::string_view part) {
  return absl::StrContains(word, part);
}

// Returns the keys that a word of `struck` names.
std::set<std::string> NamesOf(const std::string& struck) {
  if (struck == "P") return {"P1", "P2"};
  if (struck == "C") return {"C1", "C2"};
  if (struck == "1") return {"P1", "C1"};
  if (struck == "2") return {"P2", "C2"};
  EXPECT_EQ(struck, "all");
  return {"P1", "P2", "C1", "C2", "G"};
}

}  // namespace

std::optional<KeyRefusal> NotedKeys::Note(const char* name,
                                          const KeyCaller& caller,
                                          const KeyCall& call) {
  const std::string key = namer_(call);
  calls_.push_back(absl::StrCat(
      name, "@", key, caller.caller.principal_arn == role_ ? "/role" : ""));
  EXPECT_EQ(caller.via_service, "glue.us-east-1.amazonaws.com");
  if (late_.count(key) == 0) return std::nullopt;
  KeyRefusal refusal;
  refusal.code = "DependencyTimeoutException";
  refusal.message = "late";
  refusal.http_status = 500;
  return refusal;
}

KeyAnswerOf<EncryptResult> NotedKeys::Encrypt(const KeyCaller& caller,
                                              const EncryptCall& call) {
  EXPECT_TRUE(call.context.empty());
  if (auto refusal = Note("Encrypt", caller, {caller, call})) return *refusal;
  return keys_.Encrypt(caller, call);
}

KeyAnswerOf<DecryptResult> NotedKeys::Decrypt(const KeyCaller& caller,
                                              const DecryptCall& call) {
  if (auto refusal = Note("Decrypt", caller, {caller, call})) return *refusal;
  const std::string& key = calls_.back();
  if (Has(key, "@C")) {
    EXPECT_EQ(call.context, CatalogKeyContext(kHome));
  }
  if (Has(key, "@P") || Has(key, "@G")) {
    EXPECT_TRUE(call.context.empty());
  }
  return keys_.Decrypt(caller, call);
}

KeyAnswerOf<GenerateDataKeyResult> NotedKeys::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  EXPECT_EQ(call.context, CatalogKeyContext(kHome));
  if (auto refusal = Note("GenerateDataKey", caller, {caller, call})) {
    return *refusal;
  }
  return keys_.GenerateDataKey(caller, call);
}

KeyAnswerOf<DescribeKeyResult> NotedKeys::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  if (auto refusal = Note("DescribeKey", caller, {caller, call})) {
    return *refusal;
  }
  return keys_.DescribeKey(caller, call);
}

EncryptionScene::EncryptionScene(const Behavior& behavior)
    : clock_(absl::FromUnixSeconds(1'750'000'000)),
      kms_([this] {
        LocalKmsOptions options;
        options.clock = &clock_;
        options.random = &random_;
        options.identity = [this](const AuthorizationRequest& request) {
          return denied_ && denied_(request) ? DecisionKind::kImplicitDeny
                                             : DecisionKind::kAllow;
        };
        return options;
      }()),
      keys_(&kms_,
            [this](const KeyCall& call) {
              if (const auto* decrypt = std::get_if<DecryptCall>(&call.call)) {
                return NameOfBlob(decrypt->blob, nullptr);
              }
              const std::string& key =
                  std::holds_alternative<EncryptCall>(call.call)
                      ? std::get<EncryptCall>(call.call).key
                  : std::holds_alternative<GenerateDataKeyCall>(call.call)
                      ? std::get<GenerateDataKeyCall>(call.call).key
                      : std::get<DescribeKeyCall>(call.call).key;
              if (key != "alias/aws/glue") return NameOfArn(key);
              return std::string(call.caller.caller.account_id == kHome ? "D"
                                                                        : "DB");
            }),
      engine_(&storage_, [&] {
        EngineOptions options;
        options.clock = &clock_;
        options.behavior = behavior;
        options.key_service = &keys_;
        return options;
      }()) {
  keys_.set_role(kRole);
}

void EncryptionScene::MakeKeys(const OutcomeRow& row) {
  for (const char* name : {"P1", "P2", "C1", "C2", "G"}) {
    CreateKeyCall call;
    // Keys that have encrypted something are symmetric.
    if (row.at("key") == "wrong" && name[1] == '2' &&
        NamesOf(row.at("struck")).count(name) > 0) {
      call.key_spec = "RSA_2048";
      call.key_usage = "SIGN_VERIFY";
    }
    const auto made = kms_.CreateKey(Root(), call);
    ASSERT_TRUE(std::holds_alternative<KeyMetadata>(made));
    names_[name].arn = std::get<KeyMetadata>(made).arn;
    names_[name].is_signing = call.key_usage.has_value();
  }
  for (const Caller& caller : {kAlice, kBob}) {
    const auto made =
        kms_.DescribeKey(ThroughGlue(caller), {"alias/aws/glue", {}});
    ASSERT_TRUE(std::holds_alternative<DescribeKeyResult>(made));
    names_[caller.account_id == kHome ? "D" : "DB"].arn =
        std::get<DescribeKeyResult>(made).key_arn;
  }
}

void EncryptionScene::PutSettings(const std::string& word,
                                  const std::string& number) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto& settings = *put.mutable_data_catalog_encryption_settings();
  const bool has_role = Has(word, "role");
  const bool seals = has_role || Has(word, "catalog") || Has(word, "both");
  const bool flag = Has(word, "flag") || Has(word, "both");
  const bool names_keys = !Has(word, "default");
  auto& at_rest = *settings.mutable_encryption_at_rest();
  at_rest.set_catalog_encryption_mode(
      has_role ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE
      : seals  ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
               : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  if (seals && names_keys) {
    at_rest.set_sse_aws_kms_key_id(names_["C" + number].arn);
  }
  if (has_role) at_rest.set_catalog_encryption_service_role(kRole);
  auto& passwords = *settings.mutable_connection_password_encryption();
  passwords.set_return_connection_password_encrypted(flag);
  if ((flag || word == "key") && names_keys) {
    passwords.set_aws_kms_key_id(names_["P" + number].arn);
  }
  const auto done = engine_.PutDataCatalogEncryptionSettings(kAlice, put);
  ASSERT_TRUE(done.ok()) << done.status();
}

std::string EncryptionScene::Ciphertext(const std::string& key,
                                        const std::string& text,
                                        const EncryptionContext& context) {
  const auto made =
      kms_.Encrypt(ThroughGlue(kAlice), {key, Secret(text), context, {}});
  EXPECT_TRUE(std::holds_alternative<EncryptResult>(made));
  return absl::Base64Escape(std::get<EncryptResult>(made).blob);
}

v1::ConnectionInput EncryptionScene::Input(const OutcomeRow& row,
                                           const std::string& column) {
  const std::string& word = row.at(column);
  v1::ConnectionInput input;
  input.set_name(kName);
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties = *input.mutable_connection_properties()->mutable_elements();
  properties["USERNAME"] = "scott";
  const std::string clear = "the password of " + column;
  const bool is_other_context =
      row.at("key") == "context" && column == "existing";
  if (absl::StartsWith(word, "password")) properties["PASSWORD"] = clear;
  if (absl::StartsWith(word, "empty")) properties["PASSWORD"] = "";
  if (word == "encrypted" || absl::EndsWith(word, "+encrypted")) {
    const bool strikes = is_other_context && row.at("struck") == "all";
    properties["ENCRYPTED_PASSWORD"] = Ciphertext(
        names_["G"].arn, clear, strikes ? kOtherContext : EncryptionContext());
  }
  if (word == "damaged") {
    properties["ENCRYPTED_PASSWORD"] =
        absl::Base64Escape(std::string(100, 'x'));
  }
  if (word == "not-base64") {
    properties["ENCRYPTED_PASSWORD"] = "not base64!";
  }
  const auto given = properties.find("ENCRYPTED_PASSWORD");
  if (given != properties.end()) given_.insert(given->second);
  // A ciphertext of another context comes in as it is to be stored.
  const std::string& before = row.at("before");
  const bool protects =
      Has(before, "flag") || before == "key" || Has(before, "both");
  const std::string& struck = row.at("struck");
  if (is_other_context && protects && !properties["PASSWORD"].empty() &&
      (struck == "all" || struck == "P" || struck == "1")) {
    properties.erase("PASSWORD");
    properties["ENCRYPTED_PASSWORD"] = Ciphertext(
        names_[Has(before, "default") ? "D" : "P1"].arn, clear, kOtherContext);
  }
  if (absl::StartsWith(word, "empty")) {
    properties["PASSWORD"] = "";
  } else if (properties["PASSWORD"].empty()) {
    properties.erase("PASSWORD");
  }
  expected_clear_ = clear;
  return input;
}

void EncryptionScene::Strike(const OutcomeRow& row) {
  const std::string& state = row.at("key");
  const std::set<std::string> names = NamesOf(row.at("struck"));
  std::set<std::string> arns;
  for (const std::string& name : names) arns.insert(names_[name].arn);
  if (state == "denied") {
    denied_ = [arns](const AuthorizationRequest& request) {
      return arns.count(request.resource) > 0;
    };
  } else if (absl::StartsWith(state, "no-")) {
    const std::string action = "kms:" + state.substr(3);
    denied_ = [action](const AuthorizationRequest& request) {
      return request.action == action && request.principal.arn != kRole;
    };
  } else if (state == "caller-denied" || state == "role-denied") {
    const bool is_role = state == "role-denied";
    denied_ = [is_role](const AuthorizationRequest& request) {
      return (request.principal.arn == kRole) == is_role;
    };
  } else if (state == "disabled" || state == "pending") {
    for (const std::string& arn : arns) {
      if (state == "disabled") {
        EXPECT_EQ(kms_.DisableKey(Root(), arn), std::nullopt);
      } else {
        EXPECT_TRUE(std::holds_alternative<ScheduleKeyDeletionResult>(
            kms_.ScheduleKeyDeletion(Root(), {arn, {}})));
      }
    }
  } else if (state == "timeout") {
    std::set<std::string> late = names;
    if (row.at("struck") == "all") late.insert({"D", "DB", "-"});
    keys_.set_late(late);
  } else if (state == "context" && Stored() != "" && (names.count("C1") > 0)) {
    PutForeignDataKey();
  }
}

void EncryptionScene::Heal() {
  denied_ = nullptr;
  keys_.set_late({});
  for (const auto& [name, key] : names_) {
    kms_.CancelKeyDeletion(Root(), key.arn);
    kms_.EnableKey(Root(), key.arn);
  }
}

void EncryptionScene::PutForeignDataKey() {
  ReadSet read;
  read.catalog = {kHome, kRegion};
  read.keys.push_back({RecordKind::kConnection, kName});
  const auto snapshot = storage_.Read(read);
  ASSERT_TRUE(snapshot.ok());
  v1::StoredRecord record;
  ASSERT_TRUE(record.ParseFromString(snapshot->records[0]->value));
  if (!record.connection().has_sealed()) return;
  auto& sealed = *record.mutable_connection()->mutable_sealed();
  const auto made = kms_.GenerateDataKey(
      ThroughGlue(kAlice), {sealed.key_arn(), CatalogKeyContext(kAway), {}});
  ASSERT_TRUE(std::holds_alternative<GenerateDataKeyResult>(made));
  sealed.set_encrypted_data_key(std::get<GenerateDataKeyResult>(made).blob);
  WriteBatch batch;
  batch.catalog = read.catalog;
  batch.branch = snapshot->branch;
  batch.mutations.push_back({read.keys[0], record.SerializeAsString()});
  ASSERT_TRUE(storage_.Commit(batch).ok());
}

std::string EncryptionScene::Stored() {
  ReadSet read;
  read.catalog = {kHome, kRegion};
  read.keys.push_back({RecordKind::kConnection, kName});
  const auto snapshot = storage_.Read(read);
  EXPECT_TRUE(snapshot.ok());
  const auto& record = snapshot->records[0];
  return record.has_value() ? record->value : "";
}

v1::Response EncryptionScene::Call(const OutcomeRow& row,
                                   const Caller& caller) {
  const std::string& operation = row.at("operation");
  v1::Request request;
  if (operation == "create") {
    auto& create = *request.mutable_create_connection();
    create.set_catalog_id(kHome);
    *create.mutable_connection_input() = input_;
  } else if (operation == "update") {
    auto& update = *request.mutable_update_connection();
    update.set_catalog_id(kHome);
    update.set_name(kName);
    *update.mutable_connection_input() = input_;
  } else if (operation == "get" || operation == "get-hidden") {
    auto& get = *request.mutable_get_connection();
    get.set_catalog_id(kHome);
    get.set_name(kName);
    if (operation == "get-hidden") get.set_hide_password(true);
  } else if (operation == "list" || operation == "list-hidden") {
    auto& list = *request.mutable_get_connections();
    list.set_catalog_id(kHome);
    if (operation == "list-hidden") list.set_hide_password(true);
  } else if (operation == "delete") {
    auto& remove = *request.mutable_delete_connection();
    remove.set_catalog_id(kHome);
    remove.set_connection_name(kName);
  } else {
    EXPECT_EQ(operation, "batch-delete");
    auto& remove = *request.mutable_batch_delete_connection();
    remove.set_catalog_id(kHome);
    remove.mutable_connection_name_list()->add_elements(kName);
  }
  return engine_.Execute(caller, request);
}

std::string EncryptionScene::Shown(const v1::Connection& connection) {
  const auto& properties = connection.connection_properties().elements();
  EXPECT_EQ(properties.at("USERNAME"), "scott");
  const auto clear = properties.find("PASSWORD");
  const auto encrypted = properties.find("ENCRYPTED_PASSWORD");
  const bool has_clear = clear != properties.end();
  if (encrypted == properties.end()) {
    if (!has_clear) return "neither";
    if (clear->second.empty()) return "empty";
    EXPECT_EQ(clear->second, "the password of existing");
    return "clear";
  }
  return has_clear ? "both" : "encrypted";
}

void EncryptionScene::Judge(const v1::Response& response,
                            EncryptionOutcome* outcome) {
  outcome->kms_error = outcome->status = outcome->shown = "-";
  outcome->result = "success";
  if (response.has_error()) {
    outcome->result = std::string(ErrorCodeName(response.error().code()));
    const std::string& message = response.error().message();
    const auto after = [&](absl::string_view label) -> std::string {
      const std::vector<std::string> parts = absl::StrSplit(message, label);
      return parts.size() < 2 ? "-" : parts[1].substr(0, parts[1].find(';'));
    };
    outcome->kms_error = after("Error Code: ");
    outcome->status = after("Status Code: ");
    if (outcome->kms_error == "InvalidCiphertextException") {
      EXPECT_TRUE(absl::StartsWith(message, "null (Service: AWSKMS; "))
          << message;
    }
    return;
  }
  if (response.has_get_connection()) {
    outcome->shown = Shown(response.get_connection().connection());
  }
  if (response.has_get_connections()) {
    const auto& list = response.get_connections().connection_list();
    outcome->shown = list.empty() ? "nothing" : Shown(list[0]);
  }
}

std::string EncryptionScene::NameOfArn(const std::string& arn) const {
  for (const auto& [name, key] : names_) {
    if (key.arn == arn) return name;
  }
  return "no key";
}

std::string EncryptionScene::NameOfBlob(const std::string& blob,
                                        std::string* text) {
  // A blob of LocalKms has the ARN of its key in it.
  const auto found =
      std::find_if(names_.begin(), names_.end(), [&](const auto& entry) {
        return absl::StrContains(blob, entry.second.arn);
      });
  if (found == names_.end()) return "-";
  if (text == nullptr) return found->first;
  const KeyCaller caller = ThroughGlue(found->first == "DB" ? kBob : kAlice);
  for (const EncryptionContext& context :
       {EncryptionContext(), kOtherContext}) {
    const auto answer =
        kms_.Decrypt(caller, {blob, found->second.arn, context, {}});
    if (const auto* result = std::get_if<DecryptResult>(&answer)) {
      *text = std::string(result->plaintext.view());
    }
  }
  return found->first;
}

std::string EncryptionScene::NameOfText(const std::string& encrypted_password) {
  if (given_.count(encrypted_password) > 0) return "given";
  std::string blob;
  EXPECT_TRUE(absl::Base64Unescape(encrypted_password, &blob));
  std::string text;
  std::string name = NameOfBlob(blob, &text);
  EXPECT_EQ(text, expected_clear_);
  return name;
}

void EncryptionScene::Look(const std::string& record,
                           EncryptionOutcome* outcome) {
  outcome->stored_password = outcome->stored_object = "-";
  if (record.empty()) return;
  v1::StoredRecord stored;
  ASSERT_TRUE(stored.ParseFromString(record));
  v1::ConnectionInput object = stored.connection().plain();
  outcome->stored_object = "plain";
  if (stored.connection().has_sealed()) {
    const auto& sealed = stored.connection().sealed();
    outcome->stored_object = NameOfArn(sealed.key_arn());
    const auto call = DataKeyToOpen(sealed, kHome);
    ASSERT_TRUE(call.has_value());
    const Caller& opener = outcome->stored_object == "DB" ? kBob : kAlice;
    const auto key = kms_.Decrypt(ThroughGlue(opener), *call);
    ASSERT_TRUE(std::holds_alternative<DecryptResult>(key));
    const auto opened = OpenObject({kHome, kRegion, "connection", kName},
                                   sealed, std::get<DecryptResult>(key));
    ASSERT_TRUE(opened.has_value());
    ASSERT_TRUE(object.ParseFromString(std::string(opened->view())));
  }
  const auto& properties = object.connection_properties().elements();
  const auto clear = properties.find("PASSWORD");
  const auto encrypted = properties.find("ENCRYPTED_PASSWORD");
  outcome->stored_password = "none";
  if (encrypted != properties.end()) {
    outcome->stored_password = NameOfText(encrypted->second);
  }
  if (clear == properties.end()) return;
  EXPECT_EQ(encrypted, properties.end());
  outcome->stored_password = clear->second.empty() ? "empty" : "clear";
  if (!clear->second.empty()) {
    EXPECT_EQ(clear->second, expected_clear_);
  }
}

EncryptionOutcome EncryptionScene::Play(const OutcomeRow& row) {
  EncryptionOutcome outcome;
  MakeKeys(row);
  PutSettings(row.at("before"), "1");
  if (row.at("existing") != "-") {
    v1::CreateConnectionRequest create;
    *create.mutable_connection_input() = Input(row, "existing");
    const auto done = engine_.CreateConnection(kAlice, create);
    EXPECT_TRUE(done.ok()) << done.status();
  }
  if (row.at("key") == "missing") {
    constexpr char kNone[] =
        "arn:aws:kms:us-east-1:123456789012:key/"
        "01234567-89ab-cdef-0123-456789abcde";
    names_["P2"].arn = absl::StrCat(kNone, "0");
    names_["C2"].arn = absl::StrCat(kNone, "1");
  }
  PutSettings(row.at("after"), "2");
  const std::string intact = Stored();
  const std::string clear = expected_clear_;
  if (row.at("input") != "-") input_ = Input(row, "input");
  Strike(row);
  const std::string before = Stored();
  keys_.Take();
  const v1::Response response =
      Call(row, row.at("key") == "foreign" ? kBob : kAlice);
  outcome.calls = keys_.Take();
  Judge(response, &outcome);
  const std::string after = Stored();
  Heal();
  outcome.changed = after == before ? "no" : "yes";
  if (after == before) expected_clear_ = clear;
  Look(after == before ? intact : after, &outcome);
  return outcome;
}

}  // namespace glue_security
