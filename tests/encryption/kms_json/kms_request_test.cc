#include "glue_security/encryption/kms_json/kms_request.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::variant<KmsRequest, KeyRefusal> Decode(const std::string& operation,
                                            const std::string& body) {
  return DecodeKmsRequest(absl::StrCat("TrentService.", operation), body);
}

KmsMembers MembersOf(const std::string& operation, const std::string& body) {
  const auto decoded = Decode(operation, body);
  EXPECT_TRUE(std::holds_alternative<KmsRequest>(decoded)) << body;
  const auto* const request = std::get_if<KmsRequest>(&decoded);
  return request == nullptr ? KmsMembers() : request->members;
}

// Returns "CODE: TEXT", or "CODE" when there is no text.
std::string RefusalOf(const std::string& operation, const std::string& body) {
  const auto decoded = Decode(operation, body);
  const auto* const refusal = std::get_if<KeyRefusal>(&decoded);
  if (refusal == nullptr) return "none";
  return refusal->message.has_value()
             ? absl::StrCat(refusal->code, ": ", *refusal->message)
             : refusal->code;
}

TEST(DecodeKmsRequest, EveryOperationIsFoundByItsName) {
  for (size_t i = 0; i < kKmsOperations; ++i) {
    const auto operation = static_cast<KmsOperation>(i);
    const std::string name(KmsOperationName(operation));
    const auto decoded = Decode(name, "{}");
    ASSERT_TRUE(std::holds_alternative<KmsRequest>(decoded)) << name;
    EXPECT_EQ(std::get<KmsRequest>(decoded).operation, operation) << name;
    EXPECT_EQ(FindKmsOperation(name), operation);
  }
}

TEST(DecodeKmsRequest, UnknownTargets) {
  for (const char* const target :
       {"TrentService.ReEncrypt", "TrentService.", "TrentService.encrypt",
        "AWSGlue.Encrypt", "Encrypt", ""}) {
    const auto decoded = DecodeKmsRequest(target, "{}");
    ASSERT_TRUE(std::holds_alternative<KeyRefusal>(decoded)) << target;
    const auto& refusal = std::get<KeyRefusal>(decoded);
    EXPECT_EQ(refusal.code, "UnknownOperationException") << target;
    EXPECT_EQ(refusal.message, std::nullopt);
  }
  // The body comes first.
  EXPECT_EQ(RefusalOf("ReEncrypt", "nothing"), "SerializationException");
}

TEST(DecodeKmsRequest, EveryKindOfMember) {
  const KmsMembers encrypt = MembersOf("Encrypt", R"({
      "KeyId": "alias/\u00fc", "Plaintext": "aHVudGVyMg==",
      "EncryptionContext": {"a": "b", "c": ""}, "GrantTokens": ["t", "u"],
      "DryRun": true})");
  EXPECT_EQ(encrypt.key_id, "alias/\u00fc");
  EXPECT_EQ(encrypt.plaintext, Secret("hunter2"));
  EXPECT_EQ(encrypt.encryption_context,
            (EncryptionContext{{"a", "b"}, {"c", ""}}));
  EXPECT_EQ(encrypt.grant_tokens, (std::vector<std::string>{"t", "u"}));
  EXPECT_EQ(encrypt.dry_run, true);
  const KmsMembers list = MembersOf("ListAliases", R"({"Limit": 7.9})");
  EXPECT_EQ(list.limit, 7);
  const KmsMembers grant = MembersOf("CreateGrant", R"({"Constraints": {
      "EncryptionContextSubset": {"a": "b"}, "Other": {"c": [1]},
      "EncryptionContextEquals": {}}, "Name": "n"})");
  EXPECT_EQ(grant.constraints, true);
  EXPECT_EQ(grant.constraints_subset, (EncryptionContext{{"a", "b"}}));
  EXPECT_EQ(grant.constraints_equals, EncryptionContext());
  EXPECT_EQ(grant.name, "n");
}

TEST(DecodeKmsRequest, UnknownMembers_AreIgnoredWhateverTheyHold) {
  const KmsMembers members = MembersOf("DescribeKey", R"({
      "Other": {"KeyId": "x", "y": [[{"KeyId": 1}], null]},
      "Plaintext": 1, "KeyId": "k", "More": [1, "2", {"KeyId": "z"}]})");
  EXPECT_EQ(members.key_id, "k");
  EXPECT_EQ(members.plaintext, std::nullopt);
  const KmsMembers recipient = MembersOf("Decrypt", R"({
      "Recipient": {"AttestationDocument": [1], "KeyId": "x"}, "KeyId": "k"})");
  EXPECT_EQ(recipient.recipient, true);
  EXPECT_EQ(recipient.key_id, "k");
}

TEST(DecodeKmsRequest, RepeatedMembers_TheLastOneCounts) {
  EXPECT_EQ(MembersOf("EnableKey", R"({"KeyId": "a", "KeyId": "b"})").key_id,
            "b");
  EXPECT_EQ(MembersOf("EnableKey", R"({"KeyId": "a", "KeyId": null})").key_id,
            std::nullopt);
  const KmsMembers members = MembersOf("CreateGrant", R"({
      "Operations": ["a", "b"], "Operations": ["c"],
      "Constraints": {"EncryptionContextEquals": {"a": "b"}},
      "Constraints": {"EncryptionContextSubset": {"a": "b", "a": "c"}}})");
  EXPECT_EQ(members.operations, std::vector<std::string>{"c"});
  EXPECT_EQ(members.constraints_equals, std::nullopt);
  EXPECT_EQ(members.constraints_subset, (EncryptionContext{{"a", "c"}}));
}

TEST(DecodeKmsRequest, WrongTypes) {
  constexpr char kTo[] = " can not be converted to ";
  const std::string serialization = "SerializationException";
  const struct {
    const char* operation;
    const char* body;
    std::string text;
  } cases[] = {
      {"Encrypt", R"({"KeyId": 1})",
       absl::StrCat("NUMBER_VALUE", kTo, "a String")},
      {"Encrypt", R"({"KeyId": true})",
       absl::StrCat("TRUE_VALUE", kTo, "a String")},
      {"Encrypt", R"({"KeyId": []})", "Start of list found where not expected"},
      {"Encrypt", R"({"KeyId": {}})",
       "Start of structure or map found where not expected."},
      {"Encrypt", R"({"Plaintext": false})",
       absl::StrCat("FALSE_VALUE", kTo, "a Blob")},
      {"Encrypt", R"({"Plaintext": "a$b"})", ""},
      {"Encrypt", R"({"DryRun": "true"})",
       absl::StrCat("STRING_VALUE", kTo, "a Boolean")},
      {"Encrypt", R"({"DryRun": 1})",
       absl::StrCat("NUMBER_VALUE", kTo, "a Boolean")},
      {"ListAliases", R"({"Limit": "1"})",
       absl::StrCat("STRING_VALUE", kTo, "an Integer")},
      {"ListAliases", R"({"Limit": true})",
       absl::StrCat("TRUE_VALUE", kTo, "an Integer")},
      {"Encrypt", R"({"EncryptionContext": "a"})", "Expected null"},
      {"Encrypt", R"({"EncryptionContext": 1})", "Expected null"},
      {"Encrypt", R"({"EncryptionContext": []})",
       "Start of list found where not expected"},
      {"Encrypt", R"({"EncryptionContext": {"a": 1}})",
       absl::StrCat("NUMBER_VALUE", kTo, "a String")},
      {"Encrypt", R"({"EncryptionContext": {"a": null}})", ""},
      {"Encrypt", R"({"EncryptionContext": {"a": {}}})",
       "Start of structure or map found where not expected."},
      {"Encrypt", R"({"EncryptionContext": {"a": []}})",
       "Start of list found where not expected"},
      {"Encrypt", R"({"GrantTokens": "t"})", "Expected list or null"},
      {"Encrypt", R"({"GrantTokens": 1})", "Expected list or null"},
      {"Encrypt", R"({"GrantTokens": {}})",
       "Start of structure or map found where not expected."},
      {"Encrypt", R"({"GrantTokens": [1]})",
       absl::StrCat("NUMBER_VALUE", kTo, "a String")},
      {"Encrypt", R"({"GrantTokens": [null]})", ""},
      {"Encrypt", R"({"GrantTokens": [[]]})",
       "Start of list found where not expected"},
      {"CreateGrant", R"({"Constraints": "c"})", "Expected null"},
      {"CreateGrant", R"({"Constraints": false})", "Expected null"},
      {"CreateGrant", R"({"Constraints": {"EncryptionContextEquals": "e"}})",
       "Expected null"},
      {"Decrypt", R"({"Recipient": "r"})", "Expected null"},
      // The first mistake counts, also before broken JSON.
      {"Encrypt", R"({"KeyId": 1, nonsense})",
       absl::StrCat("NUMBER_VALUE", kTo, "a String")},
      {"Encrypt", "[]", "Start of list found where not expected"},
      {"Encrypt", " [", "Start of list found where not expected"},
      {"Encrypt", "", ""},
      {"Encrypt", "1", ""},
      {"Encrypt", "{} {}", ""},
      {"Encrypt", "{\"KeyId\": \"\xff\"}", ""},
      {"Encrypt", R"({"KeyId": "\ud800"})", ""},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(RefusalOf(test.operation, test.body),
              test.text.empty() ? serialization
                                : absl::StrCat(serialization, ": ", test.text))
        << test.operation << " " << test.body;
  }
}

TEST(DecodeKmsRequest, NumbersBeyond32Bits_AreReduced) {
  EXPECT_EQ(MembersOf("ListAliases", R"({"Limit": 1e400})").limit, 2147483647);
  EXPECT_EQ(MembersOf("ListAliases", R"({"Limit": -9999999999})").limit,
            -2147483648);
}

TEST(DecodeKmsRequest, SizeAndDepth_AreBounded) {
  const std::string start = R"({"KeyId": ")";
  const std::string end = R"("})";
  const std::string largest(kKmsRequestBytesMax - start.size() - end.size(),
                            'k');
  EXPECT_EQ(RefusalOf("EnableKey", start + largest + end), "none");
  EXPECT_EQ(RefusalOf("EnableKey", start + largest + "k" + end),
            "ValidationException: the request has more than 1048576 bytes");
  const auto nested = [](size_t depth) {
    return absl::StrCat("{\"x\": ", std::string(depth - 1, '['),
                        std::string(depth - 1, ']'), "}");
  };
  EXPECT_EQ(RefusalOf("EnableKey", nested(1000)), "none");
  EXPECT_EQ(RefusalOf("EnableKey", nested(1001)), "SerializationException");
}

}  // namespace
}  // namespace glue_security
