// Plaintexts and data keys that go to an endpoint or come from it are in no
// block of memory as the client frees it, in clear or in base64.

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/http_kms/http_kms.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"
#include "tests/support/freed_memory.h"

namespace glue_security {
namespace {

// 96 bytes of which every part differs from the others.
std::string Marker() {
  std::string marker;
  for (int i = 0; marker.size() < 96; ++i) {
    absl::StrAppend(&marker, i * i * i + 7, "#");
  }
  marker.resize(96);
  return marker;
}

std::string Answer() {
  const std::string body = absl::StrCat(
      R"({"Plaintext":")", absl::Base64Escape(Marker()),
      R"(","CiphertextBlob":"AQI=","KeyId":"arn:aws:kms:us-east-1:1:key/k"})");
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

// Makes each kind of call on new connections and on used ones. Returns how many
// succeeded.
int MakeCalls(const std::string& url, const Secret& secret) {
  KeyCaller caller;
  caller.caller = {"123456789012", "us-east-1", ""};
  auto kms = HttpKms::Create(url, {});
  int good = 0;
  for (int turn = 0; turn < 2; ++turn) {
    EncryptCall encrypt;
    encrypt.key = "k";
    encrypt.plaintext = secret;
    const auto encrypted = (*kms)->Encrypt(caller, encrypt);
    good += std::holds_alternative<EncryptResult>(encrypted) ? 1 : 0;
    const auto decrypted = (*kms)->Decrypt(caller, {"blob", "", {}, {}});
    good += std::holds_alternative<DecryptResult>(decrypted) ? 1 : 0;
    const auto made = (*kms)->GenerateDataKey(caller, {"k", {}, {}, 96});
    good += std::holds_alternative<GenerateDataKeyResult>(made) ? 1 : 0;
    // The data key of another size than is asked for is refused.
    const auto refused = (*kms)->GenerateDataKey(caller, {"k", {}, {}, 32});
    good += std::holds_alternative<KeyRefusal>(refused) ? 1 : 0;
  }
  return good;
}

class HttpKmsWipingTest : public ::testing::TestWithParam<bool> {};

TEST_P(HttpKmsWipingTest, NothingIsLeft) {
  ScriptedServer server;
  for (int i = 0; i < 16; ++i) server.Add({Answer()});
  // A middle piece, since the allocator overwrites the start of a freed block.
  // Base64 has the same letters for each third byte.
  const std::string needle = GetParam()
                                 ? absl::Base64Escape(Marker()).substr(40, 16)
                                 : Marker().substr(33, 16);
  {
    FreedMemory freed(needle);
    std::make_unique<std::string>(GetParam() ? absl::Base64Escape(Marker())
                                             : Marker());
    ASSERT_GT(freed.found(), 0);
  }
  const std::string url = server.url();
  const Secret secret(Marker());
  FreedMemory freed(needle);
  EXPECT_EQ(MakeCalls(url, secret), 8);
  EXPECT_EQ(freed.found(), 0);
  EXPECT_GT(freed.freed(), 100);
}

INSTANTIATE_TEST_SUITE_P(Forms, HttpKmsWipingTest, ::testing::Bool(),
                         [](const auto& form) {
                           return form.param ? "Base64" : "Clear";
                         });

}  // namespace
}  // namespace glue_security
