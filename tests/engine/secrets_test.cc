// No clear password stays in the memory of the process after a call: not in the
// storage, the engine, the key service or a history, and not in what they have
// freed.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "glue_security/backend/history_recorder.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/support/memory_scan.h"

namespace glue_security {
namespace {

const Caller kAlice{"123456789012", "us-east-1",
                    "arn:aws:iam::123456789012:user/alice"};

TEST(MarkedSecret, IsFoundWhereItIsAndWhereItWas) {
  const MarkedSecret secret;
  EXPECT_EQ(secret.CountInMemory(), 0u);
  auto text = std::make_unique<std::string>();
  secret.CopyTo(text.get());
  EXPECT_EQ(secret.CountInMemory(), 1u);
  text.reset();
  EXPECT_EQ(secret.CountInMemory(), 1u) << "freed memory is searched";
}

TEST(MarkedSecret, IsGoneWhenItIsOverwritten) {
  const MarkedSecret secret;
  std::string text;
  secret.CopyTo(&text);
  Overwrite(&text);
  EXPECT_EQ(secret.CountInMemory(), 0u);
}

class SecretsTest : public testing::Test {
 protected:
  SecretsTest()
      : engine_(&storage_,
                [this] {
                  EngineOptions options;
                  options.behavior = Behavior::Current();
                  options.key_service = &kms_;
                  return options;
                }()),
        recorder_(&engine_) {}

  void PutSettings(bool protects, bool stay, bool seals) {
    v1::Request put;
    auto& settings = *put.mutable_put_data_catalog_encryption_settings()
                          ->mutable_data_catalog_encryption_settings();
    settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(
        seals ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
              : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
    auto& passwords = *settings.mutable_connection_password_encryption();
    passwords.set_return_connection_password_encrypted(stay);
    if (protects) passwords.set_aws_kms_key_id(key_);
    ASSERT_FALSE(recorder_.Execute(kAlice, put).has_error());
  }

  void FillInput(v1::ConnectionInput* input) {
    input->set_name("c");
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    secret_.CopyTo(&(*input->mutable_connection_properties()
                          ->mutable_elements())["PASSWORD"]);
  }

  // Overwrites the passwords in a message, which is the caller's.
  template <typename Connection>
  static void Forget(Connection* connection) {
    for (auto& [key, value] :
         *connection->mutable_connection_properties()->mutable_elements()) {
      if (!value.empty()) Overwrite(&value);
    }
  }

  void Create() {
    v1::Request request;
    FillInput(request.mutable_create_connection()->mutable_connection_input());
    response_ = recorder_.Execute(kAlice, request);
    Forget(request.mutable_create_connection()->mutable_connection_input());
  }

  void Update() {
    v1::Request request;
    request.mutable_update_connection()->set_name("c");
    FillInput(request.mutable_update_connection()->mutable_connection_input());
    response_ = recorder_.Execute(kAlice, request);
    Forget(request.mutable_update_connection()->mutable_connection_input());
  }

  // Returns the number of passwords that a reader was shown.
  size_t Get() {
    v1::Request request;
    request.mutable_get_connection()->set_name("c");
    response_ = recorder_.Execute(kAlice, request);
    if (!response_.has_get_connection()) return 0;
    auto* connection = response_.mutable_get_connection()->mutable_connection();
    const auto& elements = connection->connection_properties().elements();
    const size_t shown = elements.count("PASSWORD");
    Forget(connection);
    return shown;
  }

  void List() {
    v1::Request request;
    request.mutable_get_connections();
    response_ = recorder_.Execute(kAlice, request);
    for (auto& connection :
         *response_.mutable_get_connections()->mutable_connection_list()) {
      Forget(&connection);
    }
  }

  const MarkedSecret secret_;
  LocalKms kms_;
  const KeyCaller root_ = {
      {"123456789012", "us-east-1", "arn:aws:iam::123456789012:root"}};
  const std::string key_ = std::get<KeyMetadata>(kms_.CreateKey(root_, {})).arn;
  MemoryStorage storage_;
  Engine engine_;
  HistoryRecorder recorder_;
  v1::Response response_;
};

TEST_F(SecretsTest, NoPasswordStays_OfWritesAndReads) {
  PutSettings(/*protects=*/true, /*stay=*/false, /*seals=*/false);
  Create();
  ASSERT_FALSE(response_.has_error()) << response_.ShortDebugString();
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a create";
  Update();
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after an update";
  EXPECT_EQ(Get(), 1u);
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a read";
  List();
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a list";
  PutSettings(/*protects=*/true, /*stay=*/true, /*seals=*/false);
  EXPECT_EQ(Get(), 0u);
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after an encrypted read";
}

TEST_F(SecretsTest, NoPasswordStays_OfSealedConnections) {
  for (const bool protects : {true, false}) {
    PutSettings(protects, /*stay=*/false, /*seals=*/true);
    protects ? Create() : Update();
    ASSERT_FALSE(response_.has_error()) << response_.ShortDebugString();
    EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a write";
    EXPECT_EQ(Get(), 1u);
    EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a read";
    List();
    EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a list";
  }
}

TEST_F(SecretsTest, NoPasswordStays_WhenTheKeyRefuses) {
  PutSettings(/*protects=*/true, /*stay=*/false, /*seals=*/true);
  ASSERT_EQ(kms_.DisableKey(root_, key_), std::nullopt);
  Create();
  EXPECT_EQ(response_.error().code(), v1::ERROR_CODE_GLUE_ENCRYPTION);
  EXPECT_EQ(secret_.CountInMemory(), 0u);
}

TEST_F(SecretsTest, NoPasswordStays_OfCallsWhoseMessagesAreShared) {
  PutSettings(/*protects=*/true, /*stay=*/false, /*seals=*/false);
  const auto record = [&](v1::Request request) {
    return recorder_.Record(0, kAlice, std::move(request),
                            [&](const v1::Request& asked) {
                              return engine_.Execute(kAlice, asked);
                            });
  };
  v1::Request request;
  FillInput(request.mutable_create_connection()->mutable_connection_input());
  EXPECT_TRUE(record(std::move(request))->has_create_connection());
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a create";
  request.Clear();
  request.mutable_get_connection()->set_name("c");
  auto answer = record(std::move(request));
  EXPECT_EQ(answer->get_connection()
                .connection()
                .connection_properties()
                .elements()
                .count("PASSWORD"),
            1u);
  EXPECT_EQ(secret_.CountInMemory(), 1u) << "as long as the answer lives";
  answer.reset();
  EXPECT_EQ(secret_.CountInMemory(), 0u) << "after a read";
}

// A request that breaks a constraint is refused with a text that quotes others.
TEST_F(SecretsTest, NoPasswordStays_OfARefusedRequest) {
  v1::Request request;
  auto* input = request.mutable_create_connection()->mutable_connection_input();
  FillInput(input);
  input->set_name("");
  input->set_description("\x01");
  response_ = recorder_.Execute(kAlice, request);
  EXPECT_TRUE(response_.has_error());
  Forget(input);
  EXPECT_EQ(secret_.CountInMemory(), 0u);
}

}  // namespace
}  // namespace glue_security
