#include "glue_security/encryption/kms_json/key_call_codec.h"

#include <string>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_names.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/k";

std::string BodyOf(const KmsWireRequest& request) {
  return {request.body.data(), request.body.size()};
}

template <typename Result>
KeyRefusal RefusalOf(const KeyAnswerOf<Result>& answer) {
  const auto* const refusal = std::get_if<KeyRefusal>(&answer);
  return refusal == nullptr ? KeyRefusal() : *refusal;
}

template <typename Result>
std::string TextOf(const KeyAnswerOf<Result>& answer) {
  const KeyRefusal refusal = RefusalOf(answer);
  return absl::StrCat(refusal.code, " ", refusal.http_status, " ",
                      refusal.message.value_or("(no text)"));
}

TEST(EncodeKeyCall, WritesWhatIsGiven) {
  EncryptCall encrypt;
  encrypt.key = "alias/\"x\"";
  encrypt.plaintext = Secret("hunter2");
  EXPECT_EQ(EncodeKeyCall(encrypt).target, "TrentService.Encrypt");
  EXPECT_EQ(BodyOf(EncodeKeyCall(encrypt)),
            R"({"KeyId":"alias/\"x\"","Plaintext":"aHVudGVyMg=="})");
  encrypt.context = {{"b", "\n"}, {"a", ""}};
  encrypt.grant_tokens = {"t", "u"};
  EXPECT_EQ(
      BodyOf(EncodeKeyCall(encrypt)),
      R"({"KeyId":"alias/\"x\"","Plaintext":"aHVudGVyMg==",)"
      R"("EncryptionContext":{"a":"","b":"\n"},"GrantTokens":["t","u"]})");
  DecryptCall decrypt;
  decrypt.blob = "\x01\x02";
  EXPECT_EQ(EncodeKeyCall(decrypt).target, "TrentService.Decrypt");
  EXPECT_EQ(BodyOf(EncodeKeyCall(decrypt)), R"({"CiphertextBlob":"AQI="})");
  decrypt.key = "k";
  EXPECT_EQ(BodyOf(EncodeKeyCall(decrypt)),
            R"({"CiphertextBlob":"AQI=","KeyId":"k"})");
  GenerateDataKeyCall generate;
  generate.key = "k";
  EXPECT_EQ(EncodeKeyCall(generate).target, "TrentService.GenerateDataKey");
  EXPECT_EQ(BodyOf(EncodeKeyCall(generate)),
            R"({"KeyId":"k","KeySpec":"AES_256"})");
  generate.data_key_bytes = 16;
  EXPECT_EQ(BodyOf(EncodeKeyCall(generate)),
            R"({"KeyId":"k","NumberOfBytes":16})");
  DescribeKeyCall describe;
  describe.key = "k";
  describe.grant_tokens = {"t"};
  EXPECT_EQ(EncodeKeyCall(describe).target, "TrentService.DescribeKey");
  EXPECT_EQ(BodyOf(EncodeKeyCall(describe)),
            R"({"KeyId":"k","GrantTokens":["t"]})");
}

TEST(DecodeAnswers, Results) {
  const std::string encrypted =
      absl::StrCat(R"({"CiphertextBlob":"AQI=","KeyId":")", kArn,
                   R"(","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"})");
  const auto encrypt = DecodeEncryptAnswer({200, "", encrypted});
  ASSERT_TRUE(std::holds_alternative<EncryptResult>(encrypt));
  EXPECT_EQ(std::get<EncryptResult>(encrypt).blob, "\x01\x02");
  EXPECT_EQ(std::get<EncryptResult>(encrypt).key_arn, kArn);
  const std::string decrypted =
      absl::StrCat(R"({"Plaintext":"aHVudGVyMg==","KeyId":")", kArn, R"("})");
  const auto decrypt = DecodeDecryptAnswer({200, "", decrypted});
  ASSERT_TRUE(std::holds_alternative<DecryptResult>(decrypt));
  EXPECT_EQ(std::get<DecryptResult>(decrypt).plaintext, Secret("hunter2"));
  const std::string made = absl::StrCat(
      R"({"Plaintext":"aHVudGVyMg==","CiphertextBlob":"AQI=","KeyId":")", kArn,
      R"("})");
  const auto generate = DecodeGenerateDataKeyAnswer({200, "", made}, 7);
  ASSERT_TRUE(std::holds_alternative<GenerateDataKeyResult>(generate));
  EXPECT_EQ(std::get<GenerateDataKeyResult>(generate).plaintext,
            Secret("hunter2"));
  EXPECT_EQ(TextOf(DecodeGenerateDataKeyAnswer({200, "", made}, 32)),
            "KMSInternalException 500 HTTP status 200: the answer has no legal "
            "Plaintext");
}

std::string Metadata(const std::string& spec, const std::string& usage,
                     const std::string& state, const std::string& manager) {
  return absl::StrCat(R"({"KeyMetadata":{"KeyId":"k","Arn":")", kArn,
                      R"(","KeySpec":")", spec, R"(","KeyUsage":")", usage,
                      R"(","KeyState":")", state, R"(","KeyManager":")",
                      manager,
                      R"(","EncryptionAlgorithms":["Arn"],"X":{"Arn":"no"}}})");
}

TEST(DecodeAnswers, DescribeKey_KnowsKindsUsagesAndStates) {
  const struct {
    const char* spec;
    const char* usage;
    const char* state;
    const char* manager;
    DescribeKeyResult result;
  } cases[] = {
      {"SYMMETRIC_DEFAULT",
       "ENCRYPT_DECRYPT",
       "Enabled",
       "CUSTOMER",
       {kArn, KeyKind::kSymmetric, KeyUsage::kEncryptDecrypt,
        KeyState::kEnabled, KeyManager::kCustomer}},
      {"RSA_2048",
       "SIGN_VERIFY",
       "Disabled",
       "AWS",
       {kArn, KeyKind::kRsa, KeyUsage::kSignVerify, KeyState::kDisabled,
        KeyManager::kAws}},
      {"HMAC_256",
       "GENERATE_VERIFY_MAC",
       "PendingDeletion",
       "CUSTOMER",
       {kArn, KeyKind::kHmac, KeyUsage::kGenerateVerifyMac,
        KeyState::kPendingDeletion, KeyManager::kCustomer}},
      {"ECC_NIST_P256",
       "KEY_AGREEMENT",
       "PendingImport",
       "CUSTOMER",
       {kArn, KeyKind::kEcc, KeyUsage::kSignVerify, KeyState::kPendingImport,
        KeyManager::kCustomer}},
      {"SM2",
       "SIGN_VERIFY",
       "PendingReplicaDeletion",
       "CUSTOMER",
       {kArn, KeyKind::kEcc, KeyUsage::kSignVerify, KeyState::kPendingDeletion,
        KeyManager::kCustomer}},
      {"SYMMETRIC_DEFAULT",
       "ENCRYPT_DECRYPT",
       "Updating",
       "CUSTOMER",
       {kArn, KeyKind::kSymmetric, KeyUsage::kEncryptDecrypt,
        KeyState::kEnabled, KeyManager::kCustomer}},
      {"SYMMETRIC_DEFAULT",
       "ENCRYPT_DECRYPT",
       "Unavailable",
       "CUSTOMER",
       {kArn, KeyKind::kSymmetric, KeyUsage::kEncryptDecrypt,
        KeyState::kDisabled, KeyManager::kCustomer}},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(absl::StrCat(test.spec, " ", test.state));
    const std::string body =
        Metadata(test.spec, test.usage, test.state, test.manager);
    const auto answer = DecodeDescribeKeyAnswer({200, "", body});
    ASSERT_TRUE(std::holds_alternative<DescribeKeyResult>(answer));
    const auto& result = std::get<DescribeKeyResult>(answer);
    EXPECT_EQ(result.key_arn, test.result.key_arn);
    EXPECT_EQ(result.kind, test.result.kind);
    EXPECT_EQ(result.usage, test.result.usage);
    EXPECT_EQ(result.state, test.result.state);
    EXPECT_EQ(result.manager, test.result.manager);
  }
}

TEST(DecodeAnswers, Refusals) {
  const struct {
    int status;
    const char* type;
    const char* body;
    const char* text;
  } cases[] = {
      {400, "", R"({"__type":"DisabledException","message":"k is disabled."})",
       "DisabledException 400 k is disabled."},
      {400, "",
       R"({"__type":"com.amazonaws.kms#NotFoundException","Message":"no"})",
       "NotFoundException 400 no"},
      {400, "InvalidCiphertextException:http://x", "{}",
       "InvalidCiphertextException 400 (no text)"},
      {500, "", R"({"__type":"KeyUnavailableException"})",
       "KeyUnavailableException 500 (no text)"},
      {503, "ThrottlingException", R"({"message":"slow down"})",
       "ThrottlingException 503 slow down"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(TextOf(DecodeEncryptAnswer({test.status, test.type, test.body})),
              test.text)
        << test.body;
  }
}

TEST(DecodeAnswers, WhatIsNotKmss_IsAnInternalError) {
  const std::string internal = "KMSInternalException 500 HTTP status ";
  const struct {
    int status;
    const char* type;
    const char* body;
    const char* text;
  } cases[] = {
      {302, "", "{}", "302: the answer is not one of KMS"},
      {204, "", "", "204: the answer is not one of KMS"},
      {502, "", "<html>", "502: the answer is not one of KMS"},
      {400, "", "{}", "400: the answer is not one of KMS"},
      {400, "", R"({"__type":"no name"})", "400: the answer is not one of KMS"},
      {400, "", "[]", "400: the answer is not one of KMS"},
      {200, "", "", "200: the answer is not one of KMS"},
      {200, "", R"({"__type":"DisabledException"})",
       "200: the answer is an exception"},
      {200, "DisabledException", "{}", "200: the answer is an exception"},
      {200, "", "{}", "200: the answer has no legal CiphertextBlob"},
      {200, "", R"({"CiphertextBlob":"","KeyId":"k"})",
       "200: the answer has no legal CiphertextBlob"},
      {200, "", R"({"CiphertextBlob":"$","KeyId":"k"})",
       "200: the answer has no legal CiphertextBlob"},
      {200, "", R"({"CiphertextBlob":["AQI="],"KeyId":"k"})",
       "200: the answer has no legal CiphertextBlob"},
      {200, "", R"({"x":{"CiphertextBlob":"AQI="},"KeyId":"k"})",
       "200: the answer has no legal CiphertextBlob"},
      {200, "", R"({"CiphertextBlob":"AQI="})",
       "200: the answer has no legal KeyId"},
      {200, "", R"({"CiphertextBlob":"AQI=","KeyId":7})",
       "200: the answer has no legal KeyId"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(TextOf(DecodeEncryptAnswer({test.status, test.type, test.body})),
              absl::StrCat(internal, test.text))
        << test.status << " " << test.body;
  }
  for (const char* const member : {"Arn", "KeySpec", "KeyUsage", "KeyState"}) {
    std::string body =
        Metadata("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Enabled", "AWS");
    body.replace(body.find(absl::StrCat("\"", member, "\"")), 2, "\"_");
    EXPECT_EQ(TextOf(DecodeDescribeKeyAnswer({200, "", body})),
              absl::StrCat(internal, "200: the answer has no legal ", member));
  }
}

TEST(DecodeAnswers, TooLargeParts) {
  const std::string plaintext =
      absl::StrCat(R"({"KeyId":"k","Plaintext":")",
                   absl::Base64Escape(std::string(4097, 'x')), R"("})");
  EXPECT_EQ(RefusalOf(DecodeDecryptAnswer({200, "", plaintext})).code,
            "KMSInternalException");
  const std::string blob =
      absl::StrCat(R"({"KeyId":"k","CiphertextBlob":")",
                   absl::Base64Escape(std::string(6145, 'x')), R"("})");
  EXPECT_EQ(RefusalOf(DecodeEncryptAnswer({200, "", blob})).code,
            "KMSInternalException");
  std::string text = "a";
  for (int i = 0; i < 20'000; ++i) text += "\u00fc";
  const std::string refused =
      absl::StrCat(R"({"__type":"X","message":")", text, R"("})");
  const KeyRefusal refusal = RefusalOf(DecodeEncryptAnswer({400, "", refused}));
  // The cut is between two characters.
  EXPECT_EQ(refusal.message, text.substr(0, 16 * 1024 - 1));
  const std::string deep = absl::StrCat(R"({"x":)", std::string(100, '['),
                                        std::string(100, ']'), "}");
  EXPECT_EQ(RefusalOf(DecodeEncryptAnswer({200, "", deep})).message,
            "HTTP status 200: the answer is not one of KMS");
}

}  // namespace
}  // namespace glue_security
