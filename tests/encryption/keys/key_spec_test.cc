#include "glue_security/encryption/keys/key_spec.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "glue_security/encryption/keys/key_names.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// "KeySpec" and "KeyUsage" in KMS's page on CreateKey.
TEST(KeySpec, Usages_AreThoseOfTheDocumentation) {
  const std::map<std::string, std::set<std::string>> expected = {
      {"SYMMETRIC_DEFAULT", {"ENCRYPT_DECRYPT"}},
      {"RSA_2048", {"ENCRYPT_DECRYPT", "SIGN_VERIFY"}},
      {"RSA_3072", {"ENCRYPT_DECRYPT", "SIGN_VERIFY"}},
      {"RSA_4096", {"ENCRYPT_DECRYPT", "SIGN_VERIFY"}},
      {"ECC_NIST_P256", {"SIGN_VERIFY"}},
      {"ECC_NIST_P384", {"SIGN_VERIFY"}},
      {"ECC_NIST_P521", {"SIGN_VERIFY"}},
      {"ECC_SECG_P256K1", {"SIGN_VERIFY"}},
      {"HMAC_224", {"GENERATE_VERIFY_MAC"}},
      {"HMAC_256", {"GENERATE_VERIFY_MAC"}},
      {"HMAC_384", {"GENERATE_VERIFY_MAC"}},
      {"HMAC_512", {"GENERATE_VERIFY_MAC"}},
  };
  std::map<std::string, std::set<std::string>> actual;
  for (const absl::string_view name : KeySpecNames()) {
    const KeySpec* const spec = FindKeySpec(name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_EQ(spec->name, name);
    for (const absl::string_view usage : KeyUsageNames()) {
      if (spec->algorithms(*ParseKeyUsage(usage)).empty()) continue;
      actual[std::string(name)].insert(std::string(usage));
    }
  }
  EXPECT_EQ(actual, expected);
}

TEST(KeySpec, Algorithms_AreThoseOfTheDocumentation) {
  const auto algorithms = [](const char* spec, KeyUsage usage) {
    return absl::StrJoin(FindKeySpec(spec)->algorithms(usage), " ");
  };
  EXPECT_EQ(algorithms("SYMMETRIC_DEFAULT", KeyUsage::kEncryptDecrypt),
            "SYMMETRIC_DEFAULT");
  EXPECT_EQ(algorithms("RSA_2048", KeyUsage::kEncryptDecrypt),
            "RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256");
  EXPECT_EQ(algorithms("RSA_4096", KeyUsage::kSignVerify),
            "RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 "
            "RSASSA_PKCS1_V1_5_SHA_512 RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 "
            "RSASSA_PSS_SHA_512");
  EXPECT_EQ(algorithms("ECC_NIST_P521", KeyUsage::kSignVerify),
            "ECDSA_SHA_512");
  EXPECT_EQ(algorithms("ECC_SECG_P256K1", KeyUsage::kSignVerify),
            "ECDSA_SHA_256");
  EXPECT_EQ(algorithms("HMAC_224", KeyUsage::kGenerateVerifyMac),
            "HMAC_SHA_224");
}

TEST(KeySpec, UnknownNames_AreNotFound) {
  EXPECT_EQ(FindKeySpec("RSA_1024"), nullptr);
  EXPECT_EQ(FindKeySpec(""), nullptr);
  EXPECT_EQ(ParseKeyUsage("encrypt_decrypt"), std::nullopt);
}

TEST(KeyNames, AreThoseOfTheService) {
  EXPECT_EQ(KeyUsageName(KeyUsage::kEncryptDecrypt), "ENCRYPT_DECRYPT");
  EXPECT_EQ(KeyUsageName(KeyUsage::kSignVerify), "SIGN_VERIFY");
  EXPECT_EQ(KeyUsageName(KeyUsage::kGenerateVerifyMac), "GENERATE_VERIFY_MAC");
  EXPECT_EQ(KeyStateName(KeyState::kEnabled), "Enabled");
  EXPECT_EQ(KeyStateName(KeyState::kDisabled), "Disabled");
  EXPECT_EQ(KeyStateName(KeyState::kPendingDeletion), "PendingDeletion");
  EXPECT_EQ(KeyStateName(KeyState::kPendingImport), "PendingImport");
  EXPECT_EQ(KeyManagerName(KeyManager::kCustomer), "CUSTOMER");
  EXPECT_EQ(KeyManagerName(KeyManager::kAws), "AWS");
}

}  // namespace
}  // namespace glue_security
