// The codec leaves no plaintext in memory but in its results: not in blocks
// that it frees, and not in the memory that parses of JSON use again.

#include <cstddef>
#include <memory>
#include <string>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/encryption/kms_json/json_object.h"
#include "glue_security/encryption/kms_json/key_call_codec.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "glue_security/json/json_scratch.h"
#include "gtest/gtest.h"
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

// A middle piece, since the allocator overwrites the start of a freed block.
std::string Needle(bool in_base64) {
  return in_base64 ? absl::Base64Escape(Marker()).substr(40, 16)
                   : Marker().substr(33, 16);
}

// Returns the base64 of the marker with its first letter escaped, so that the
// text is copied when it is read.
std::string Escaped() {
  const std::string text = absl::Base64Escape(Marker());
  return absl::StrCat("\\u00", absl::Hex(text[0], absl::kZeroPad2),
                      text.substr(1));
}

// Returns true if the scratch that the next parse gets has the needle.
bool IsInTheScratch(absl::string_view needle) {
  const BorrowedJsonScratch scratch;
  const absl::string_view strings(
      reinterpret_cast<const char*>(scratch->strings.get()),
      scratch->strings_capacity);
  return absl::StrContains(scratch->padded, needle) ||
         absl::StrContains(strings, needle);
}

class KmsWipingTest : public ::testing::TestWithParam<bool> {};

TEST_P(KmsWipingTest, AStringIsFound) {
  const std::string needle = Needle(GetParam());
  FreedMemory freed(needle);
  std::make_unique<std::string>(GetParam() ? absl::Base64Escape(Marker())
                                           : Marker());
  EXPECT_GT(freed.found(), 0);
}

TEST_P(KmsWipingTest, Requests_AreReadWithoutATrace) {
  const std::string needle = Needle(GetParam());
  const std::string body =
      absl::StrCat(R"({"KeyId":"k","Plaintext":")", Escaped(), R"("})");
  // The value is of the wrong type for the second member.
  const std::string wrong = absl::StrCat(R"({"Plaintext":")", Escaped(),
                                         R"(","Plaintext":1,"KeyId":"k"})");
  FreedMemory freed(needle);
  {
    const auto decoded = DecodeKmsRequest("TrentService.Encrypt", body);
    ASSERT_TRUE(std::holds_alternative<KmsRequest>(decoded));
    EXPECT_FALSE(IsInTheScratch(needle));
    EXPECT_TRUE(std::holds_alternative<KeyRefusal>(
        DecodeKmsRequest("TrentService.Encrypt", wrong)));
    EXPECT_FALSE(IsInTheScratch(needle));
  }
  EXPECT_EQ(freed.found(), 0);
  EXPECT_GT(freed.freed(), 0);
}

TEST_P(KmsWipingTest, Calls_AreWrittenWithoutATrace) {
  const std::string needle = Needle(GetParam());
  EncryptCall call;
  call.key = "k";
  call.plaintext = Secret(Marker());
  call.context = {{"a", "b"}};
  FreedMemory freed(needle);
  { const KmsWireRequest request = EncodeKeyCall(call); }
  {
    JsonObject inner;
    inner.Bytes("Plaintext", call.plaintext.view());
    const WipedText text = inner.Finish();
    JsonObject outer;
    outer.Json("a", {text.data(), text.size()});
    // It grows, and leaves its smaller self behind.
    for (int i = 0; i < 100; ++i) outer.Text("b", "a longer text");
  }
  EXPECT_EQ(freed.found(), 0);
  EXPECT_GT(freed.freed(), 0);
}

TEST_P(KmsWipingTest, Answers_AreReadWithoutATrace) {
  const std::string needle = Needle(GetParam());
  const std::string body =
      absl::StrCat(R"({"KeyId":"k","CiphertextBlob":"AQI=","Plaintext":")",
                   Escaped(), R"("})");
  FreedMemory freed(needle);
  {
    const auto decrypted = DecodeDecryptAnswer({200, "", body});
    ASSERT_TRUE(std::holds_alternative<DecryptResult>(decrypted));
    const auto made = DecodeGenerateDataKeyAnswer({200, "", body}, 96);
    ASSERT_TRUE(std::holds_alternative<GenerateDataKeyResult>(made));
    const auto refused = DecodeGenerateDataKeyAnswer({200, "", body}, 32);
    ASSERT_TRUE(std::holds_alternative<KeyRefusal>(refused));
    EXPECT_FALSE(IsInTheScratch(needle));
  }
  EXPECT_EQ(freed.found(), 0);
  EXPECT_GT(freed.freed(), 0);
}

INSTANTIATE_TEST_SUITE_P(Forms, KmsWipingTest, ::testing::Bool(),
                         [](const auto& form) {
                           return form.param ? "Base64" : "Clear";
                         });

}  // namespace
}  // namespace glue_security
