#include "glue_security/encryption/keys/grant_rules.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_names.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns all contexts over two keys with two values each.
std::vector<EncryptionContext> SmallContexts() {
  std::vector<EncryptionContext> contexts;
  for (const char* const a : {"", "1", "2"}) {
    for (const char* const b : {"", "1", "2"}) {
      EncryptionContext context;
      if (*a != '\0') context["a"] = a;
      if (*b != '\0') context["b"] = b;
      contexts.push_back(context);
    }
  }
  return contexts;
}

// Returns all constraints over these contexts: none, one kind, or both.
std::vector<GrantConstraints> SmallConstraints() {
  std::vector<std::optional<EncryptionContext>> choices = {std::nullopt};
  for (const EncryptionContext& context : SmallContexts()) {
    choices.push_back(context);
  }
  std::vector<GrantConstraints> all;
  for (const auto& equals : choices) {
    for (const auto& subset : choices) all.push_back({equals, subset});
  }
  return all;
}

TEST(GrantConstraints, Fulfils_AsTheDocumentationSays) {
  for (const GrantConstraints& constraints : SmallConstraints()) {
    for (const EncryptionContext& context : SmallContexts()) {
      bool expected = true;
      if (constraints.encryption_context_equals.has_value()) {
        expected = *constraints.encryption_context_equals == context;
      }
      const EncryptionContext none;
      for (const auto& [key, value] :
           constraints.encryption_context_subset.value_or(none)) {
        const auto found = context.find(key);
        if (found == context.end() || found->second != value) expected = false;
      }
      EXPECT_EQ(Fulfils(context, constraints), expected);
    }
  }
}

TEST(GrantConstraints, KeysAndValues_HaveACase) {
  const GrantConstraints constraints = {EncryptionContext{{"Key", "Value"}},
                                        std::nullopt};
  EXPECT_TRUE(Fulfils({{"Key", "Value"}}, constraints));
  EXPECT_FALSE(Fulfils({{"key", "Value"}}, constraints));
  EXPECT_FALSE(Fulfils({{"Key", "value"}}, constraints));
}

// The child's contexts are a part of the parent's, over a space in which each
// constraint that is not fulfilled shows.
TEST(GrantConstraints, IsAtLeastAsStrict_MeansFewerContexts) {
  std::vector<EncryptionContext> contexts = SmallContexts();
  for (EncryptionContext context : SmallContexts()) {
    context["c"] = "another key";
    contexts.push_back(context);
  }
  for (const GrantConstraints& child : SmallConstraints()) {
    for (const GrantConstraints& parent : SmallConstraints()) {
      bool expected = true;
      for (const EncryptionContext& context : contexts) {
        if (Fulfils(context, child) && !Fulfils(context, parent)) {
          expected = false;
        }
      }
      EXPECT_EQ(IsAtLeastAsStrict(child, parent), expected);
    }
  }
}

// "Grant operations" in KMS's guide.
TEST(GrantOperations, EachKindOfKey_HasItsOwn) {
  const std::set<std::string> every = {"CreateGrant", "RetireGrant",
                                       "DescribeKey"};
  const std::set<std::string> encryption = {"Encrypt", "Decrypt",
                                            "ReEncryptFrom", "ReEncryptTo"};
  const std::set<std::string> symmetric = {
      "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
      "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"};
  const std::set<std::string> signing = {"Sign", "Verify"};
  const std::set<std::string> mac = {"GenerateMac", "VerifyMac"};
  const std::set<std::string> pair = {"GetPublicKey"};
  struct Kind {
    const char* spec;
    KeyUsage usage;
    std::vector<std::set<std::string>> operations;
  };
  const std::vector<Kind> kinds = {
      {"SYMMETRIC_DEFAULT",
       KeyUsage::kEncryptDecrypt,
       {every, encryption, symmetric}},
      {"RSA_2048", KeyUsage::kEncryptDecrypt, {every, encryption, pair}},
      {"RSA_2048", KeyUsage::kSignVerify, {every, signing, pair}},
      {"ECC_NIST_P256", KeyUsage::kSignVerify, {every, signing, pair}},
      {"HMAC_256", KeyUsage::kGenerateVerifyMac, {every, mac}},
  };
  EXPECT_EQ(GrantOperationNames().size(), 16U);
  for (const Kind& kind : kinds) {
    std::set<std::string> expected;
    for (const auto& operations : kind.operations) {
      expected.insert(operations.begin(), operations.end());
    }
    std::set<std::string> actual;
    for (const absl::string_view name : GrantOperationNames()) {
      CreateGrantCall call;
      call.operations = {std::string(name)};
      const auto refusal =
          RefuseGrant(call, *FindKeySpec(kind.spec), kind.usage);
      if (!refusal.has_value()) {
        actual.insert(std::string(name));
        continue;
      }
      EXPECT_EQ(refusal->code, "ValidationException");
      EXPECT_EQ(refusal->message,
                absl::StrCat("a key of the spec ", kind.spec,
                             " does not support the operation ", name));
    }
    EXPECT_EQ(actual, expected) << kind.spec << KeyUsageName(kind.usage);
  }
}

TEST(GrantConstraints, Sizes_AreBounded) {
  const KeySpec& spec = *FindKeySpec(kSymmetricKeySpec);
  CreateGrantCall call;
  call.operations = {"Decrypt"};
  EncryptionContext pairs;
  for (int i = 0; i < 8; ++i) pairs[absl::StrCat(i)] = std::string(384, 'v');
  call.constraints = {pairs, pairs};
  EXPECT_FALSE(RefuseGrant(call, spec, KeyUsage::kEncryptDecrypt).has_value());
  EncryptionContext many = pairs;
  many["8"] = "";
  EncryptionContext long_value = {{"a", std::string(385, 'v')}};
  for (const GrantConstraints& constraints : std::vector<GrantConstraints>{
           {many, std::nullopt}, {std::nullopt, many}}) {
    call.constraints = constraints;
    EXPECT_EQ(RefuseGrant(call, spec, KeyUsage::kEncryptDecrypt)->message,
              "a grant constraint may have at most 8 pairs");
  }
  for (const GrantConstraints& constraints : std::vector<GrantConstraints>{
           {long_value, std::nullopt}, {std::nullopt, long_value}}) {
    call.constraints = constraints;
    EXPECT_EQ(RefuseGrant(call, spec, KeyUsage::kEncryptDecrypt)->message,
              "a value of a grant constraint may have at most 384 bytes");
  }
}

TEST(GrantConstraints, KeysWithoutAContext_HaveNone) {
  CreateGrantCall call;
  call.operations = {"Sign"};
  call.constraints.encryption_context_subset = EncryptionContext();
  EXPECT_EQ(RefuseGrant(call, *FindKeySpec("RSA_2048"), KeyUsage::kSignVerify)
                ->message,
            "a key of the spec RSA_2048 has no encryption context to "
            "constrain");
}

}  // namespace
}  // namespace glue_security
