#include "glue_security/encryption/keys/kms_constraints.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns the text of the refusal; empty if there is none.
std::string TextOf(const KmsConstraints& constraints) {
  const std::optional<KeyRefusal> refusal = constraints.Refusal();
  if (!refusal.has_value()) return "";
  EXPECT_EQ(refusal->code, "ValidationException");
  EXPECT_EQ(refusal->http_status, 400);
  return refusal->message.value_or("(no text)");
}

constexpr char kOne[] = "1 validation error detected: ";

TEST(KmsConstraints, NoneBroken_IsNoRefusal) {
  KmsConstraints constraints;
  constraints.Key("k");
  constraints.Key(std::string(2048, 'k'));
  constraints.SecretLength("plaintext", 1, 1, 4096);
  constraints.SecretLength("plaintext", 4096, 1, 4096);
  constraints.Range("limit", 1, 1, 100);
  constraints.Range("limit", 100, 1, 100);
  constraints.GrantTokens(std::vector<std::string>(10, "t"));
  constraints.Page(1, std::string(1024, 'm'));
  constraints.Page(std::nullopt, std::nullopt);
  constraints.Policy("{\t\r\n \xC2\xA0\xC3\xBF}");
  constraints.PolicyName("default_1");
  constraints.Name("aliasName", "alias/a:B_9-");
  constraints.Principal("granteePrincipal", "arn:aws:iam::1:user/a+=,.@:/-_");
  // A length counts characters, not bytes.
  constraints.Length("description", "\xC3\xA9\xE2\x82\xAC", 0, 2);
  EXPECT_EQ(TextOf(constraints), "");
}

TEST(KmsConstraints, Lengths_AreThoseOfTheService) {
  KmsConstraints empty;
  empty.Key("");
  EXPECT_EQ(TextOf(empty),
            absl::StrCat(kOne,
                         "Value '' at 'keyId' failed to satisfy "
                         "constraint: Member must have length greater "
                         "than or equal to 1"));
  KmsConstraints long_one;
  long_one.Key(std::string(2049, 'k'), "targetKeyId");
  EXPECT_EQ(TextOf(long_one),
            absl::StrCat(kOne, "Value '", std::string(64, 'k'),
                         "' at 'targetKeyId' failed to satisfy constraint: "
                         "Member must have length less than or equal to 2048"));
}

// The recorded text does not have the value.
TEST(KmsConstraints, ALongPlaintext_IsNotQuoted) {
  KmsConstraints constraints;
  constraints.SecretLength("plaintext", 4097, 1, 4096);
  EXPECT_EQ(TextOf(constraints),
            "1 validation error detected: Value at 'plaintext' failed to "
            "satisfy constraint: Member must have length less than or equal to "
            "4096");
}

TEST(KmsConstraints, Ranges_AreThoseOfTheService) {
  KmsConstraints low;
  low.Range("numberOfBytes", 0, 1, 1024);
  EXPECT_EQ(TextOf(low),
            "1 validation error detected: Value '0' at 'numberOfBytes' failed "
            "to satisfy constraint: Member must have value greater than or "
            "equal to 1");
  KmsConstraints high;
  high.Range("numberOfBytes", 1025, 1, 1024);
  EXPECT_EQ(TextOf(high),
            "1 validation error detected: Value '1025' at 'numberOfBytes' "
            "failed to satisfy constraint: Member must have value less than or "
            "equal to 1024");
}

TEST(KmsConstraints, EnumsAndPatterns_AreThoseOfTheService) {
  KmsConstraints usage;
  usage.OneOf("keyUsage", "RANDOM",
              {"ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"});
  EXPECT_EQ(TextOf(usage),
            "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed "
            "to satisfy constraint: Member must satisfy enum value set: "
            "[ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC]");
  KmsConstraints name;
  name.Name("aliasName", "alias/a b");
  EXPECT_EQ(TextOf(name),
            "1 validation error detected: Value 'alias/a b' at 'aliasName' "
            "failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: ^[a-zA-Z0-9:/_-]+$");
}

TEST(KmsConstraints, AllBroken_AreReportedTogether) {
  KmsConstraints constraints;
  constraints.Key("");
  constraints.Name("aliasName", "");
  EXPECT_EQ(TextOf(constraints),
            "3 validation errors detected: Value '' at 'keyId' failed to "
            "satisfy constraint: Member must have length greater than or equal "
            "to 1; Value '' at 'aliasName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1; Value '' at "
            "'aliasName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: ^[a-zA-Z0-9:/_-]+$");
}

TEST(KmsConstraints, GrantTokens_AreBounded) {
  KmsConstraints many;
  many.GrantTokens(std::vector<std::string>(11, "t"));
  EXPECT_EQ(TextOf(many),
            absl::StrCat(kOne,
                         "Value at 'grantTokens' failed to satisfy "
                         "constraint: Member must have length less than "
                         "or equal to 10"));
  KmsConstraints empty;
  empty.GrantTokens({"t", ""});
  EXPECT_EQ(TextOf(empty),
            absl::StrCat(kOne,
                         "Value '' at 'grantTokens.2.member' failed to "
                         "satisfy constraint: Member must have length "
                         "greater than or equal to 1"));
  KmsConstraints long_one;
  long_one.GrantTokens({std::string(8193, 't')});
  EXPECT_NE(TextOf(long_one), "");
}

// The pattern of a policy is [\u0009\u000A\u000D\u0020-\u00FF]+.
TEST(KmsConstraints, PolicyText_IsLatin1) {
  for (int code_point = 0; code_point < 0x250; ++code_point) {
    std::string text = "{";
    if (code_point < 0x80) {
      text.push_back(static_cast<char>(code_point));
    } else {
      text.push_back(static_cast<char>(0xC0 | code_point >> 6));
      text.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
    }
    const bool is_legal = code_point == 0x09 || code_point == 0x0A ||
                          code_point == 0x0D ||
                          (code_point >= 0x20 && code_point <= 0xFF);
    KmsConstraints constraints;
    constraints.Policy(text);
    EXPECT_EQ(TextOf(constraints).empty(), is_legal) << code_point;
  }
  for (const absl::string_view text : {"\xFF", "\xC3", "\xC3(", "\x80", ""}) {
    KmsConstraints constraints;
    constraints.Policy(text);
    EXPECT_NE(TextOf(constraints), "");
  }
}

TEST(KmsConstraints, APolicy_IsNotQuoted) {
  KmsConstraints constraints;
  constraints.Policy(absl::StrCat("secret", std::string(131072, ' '), "\x01"));
  EXPECT_EQ(TextOf(constraints),
            "2 validation errors detected: Value at 'policy' failed to satisfy "
            "constraint: Member must have length less than or equal to 131072; "
            "Value at 'policy' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: "
            R"([\u0009\u000A\u000D\u0020-\u00FF]+)");
}

TEST(KmsConstraints, AbsentMembers_AreReportedOnceInTheirPlace) {
  KmsConstraints constraints({"keyId", "policyName", "plaintext"});
  constraints.Range("limit", 0, 1, 100);
  constraints.PolicyName("");
  constraints.Key("");
  EXPECT_EQ(TextOf(constraints),
            "3 validation errors detected: Value '0' at 'limit' failed to "
            "satisfy constraint: Member must have value greater than or equal "
            "to 1; Value null at 'policyName' failed to satisfy constraint: "
            "Member must not be null; Value null at 'keyId' failed to satisfy "
            "constraint: Member must not be null");
}

TEST(KmsConstraints, OneHundredAreListed_AllAreCounted) {
  KmsConstraints constraints;
  for (int i = 0; i < 101; ++i) constraints.Key("");
  const std::string text = TextOf(constraints);
  EXPECT_EQ(text.find("101 validation errors detected: "), 0u);
  size_t listed = 0;
  for (size_t at = text.find("keyId"); at != std::string::npos;
       at = text.find("keyId", at + 1)) {
    ++listed;
  }
  EXPECT_EQ(listed, 100u);
}

}  // namespace
}  // namespace glue_security
