#include "glue_security/encryption/keys/key_reference.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kId[] = "01234567-89ab-cdef-0123-456789abcdef";

Caller Virginia() { return {"123456789012", "us-east-1", ""}; }

struct Case {
  std::string text;
  KeyReference::Kind kind;
  std::string account;
  std::string name;
  std::string arn;
};

TEST(KeyReference, EveryForm_IsTakenApart) {
  const std::string arn =
      absl::StrCat("arn:aws:kms:us-east-1:210987654321:key/", kId);
  const std::string mrk = "mrk-0123456789abcdef0123456789ABCDEF";
  const std::vector<Case> cases = {
      {kId, KeyReference::Kind::kKey, "123456789012", kId,
       absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/", kId)},
      {mrk, KeyReference::Kind::kKey, "123456789012", mrk,
       absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/", mrk)},
      {arn, KeyReference::Kind::kKey, "210987654321", kId, arn},
      {"alias/a/b", KeyReference::Kind::kAlias, "123456789012", "alias/a/b",
       "arn:aws:kms:us-east-1:123456789012:alias/a/b"},
      {"arn:aws:kms:us-east-1:210987654321:alias/a", KeyReference::Kind::kAlias,
       "210987654321", "alias/a", "arn:aws:kms:us-east-1:210987654321:alias/a"},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseKeyReference(c.text, Virginia());
    const auto* const reference = std::get_if<KeyReference>(&parsed);
    ASSERT_NE(reference, nullptr) << c.text;
    EXPECT_EQ(reference->kind, c.kind) << c.text;
    EXPECT_EQ(reference->scope, (KeyScope{c.account, "us-east-1"})) << c.text;
    EXPECT_EQ(reference->name, c.name) << c.text;
    EXPECT_EQ(reference->arn, c.arn) << c.text;
  }
}

struct RefusedCase {
  std::string text;
  std::string code;
  std::string message;
};

TEST(KeyReference, OtherTexts_AreRefused) {
  const std::string not_an_arn = "not the ARN of a key or an alias: '";
  const std::vector<RefusedCase> cases = {
      {"orders", "NotFoundException", "Invalid keyId 'orders'"},
      {"", "NotFoundException", "Invalid keyId ''"},
      {"mrk-fake", "NotFoundException", "Invalid keyId 'mrk-fake'"},
      {"0123456789abcdef0123456789abcdef", "NotFoundException",
       "Invalid keyId '0123456789abcdef0123456789abcdef'"},
      {"01234567-89ab-cdef-0123-456789abcdeg", "NotFoundException",
       "Invalid keyId '01234567-89ab-cdef-0123-456789abcdeg'"},
      {"line\n\"\xFF", "NotFoundException",
       "Invalid keyId 'line\\n\\\"\xEF\xBF\xBD'"},
      {absl::StrCat("arn:aws:kms:eu-west-1:123456789012:key/", kId),
       "NotFoundException", "Invalid arn eu-west-1"},
      {"arn:aws:kms:eu-west-1:123456789012:alias/a", "NotFoundException",
       "Invalid arn eu-west-1"},
      {"arn:aws:kms:us-east-1:123456789012:key/k", "NotFoundException",
       "Invalid keyId 'arn:aws:kms:us-east-1:123456789012:key/k'"},
      {"arn:aws:s3:::bucket", "InvalidArnException",
       absl::StrCat(not_an_arn, "arn:aws:s3:::bucket'")},
      {"arn:aws:kms:us-east-1", "InvalidArnException",
       absl::StrCat(not_an_arn, "arn:aws:kms:us-east-1'")},
      {"arn:aws:kms:us-east-1:123456789012:grant/g", "InvalidArnException",
       absl::StrCat(not_an_arn, "arn:aws:kms:us-east-1:123456789012:grant/g'")},
      {absl::StrCat("arn:aws-cn:kms:us-east-1:123456789012:key/", kId),
       "InvalidArnException",
       absl::StrCat(not_an_arn, "arn:aws-cn:kms:us-east-1:123456789012:key/",
                    kId, "'")},
  };
  for (const RefusedCase& c : cases) {
    const auto parsed = ParseKeyReference(c.text, Virginia());
    const auto* const refusal = std::get_if<KeyRefusal>(&parsed);
    ASSERT_NE(refusal, nullptr) << c.text;
    EXPECT_EQ(refusal->code, c.code) << c.text;
    EXPECT_EQ(refusal->message, c.message) << c.text;
  }
}

TEST(KeyReference, ThePartition_IsThatOfTheRegionOrTheCaller) {
  const std::string arn =
      absl::StrCat("arn:aws-cn:kms:cn-north-1:123456789012:key/", kId);
  const Caller beijing{"123456789012", "cn-north-1", ""};
  EXPECT_EQ(std::get<KeyReference>(ParseKeyReference(kId, beijing)).arn, arn);
  EXPECT_EQ(std::get<KeyReference>(ParseKeyReference(arn, beijing)).name, kId);
  const Caller own{"123456789012", "us-east-1", "", "aws-own"};
  EXPECT_EQ(std::get<KeyReference>(ParseKeyReference(kId, own)).arn,
            absl::StrCat("arn:aws-own:kms:us-east-1:123456789012:key/", kId));
}

TEST(KeyReference, ParseKeyArn_TakesArnsOfKeysOnly) {
  const std::string arn =
      absl::StrCat("arn:aws:kms:eu-west-1:123456789012:key/", kId);
  EXPECT_EQ(ParseKeyArn(arn)->name, kId);
  EXPECT_EQ(ParseKeyArn(arn)->scope, (KeyScope{"123456789012", "eu-west-1"}));
  EXPECT_FALSE(ParseKeyArn(kId).has_value());
  EXPECT_FALSE(ParseKeyArn(absl::StrCat(arn, "0")).has_value());
  EXPECT_FALSE(
      ParseKeyArn("arn:aws:kms:eu-west-1:123456789012:alias/a").has_value());
}

}  // namespace
}  // namespace glue_security
