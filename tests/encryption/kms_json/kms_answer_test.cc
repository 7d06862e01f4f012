#include "glue_security/encryption/kms_json/kms_answer.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "gtest/gtest.h"
#include "tests/encryption/kms_json/kms_wire_fixture.h"

namespace glue_security {
namespace {

using Json = nlohmann::json;

constexpr char kOne[] = "ValidationException: 1 validation error detected: ";
// "plaintext" in base64.
constexpr char kPlaintext[] = "cGxhaW50ZXh0";

class KmsAnswerTest : public KmsWireTest {};

TEST_F(KmsAnswerTest, CreateKey_ShowsAllMetadata) {
  const Json made = Get("CreateKey", {{"Description", "the \"orders\""}});
  const Json key = made["KeyMetadata"];
  const std::string id = key["KeyId"];
  EXPECT_EQ(key, (Json{
                     {"AWSAccountId", kAccount},
                     {"KeyId", id},
                     {"Arn", absl::StrCat("arn:aws:kms:us-east-1:", kAccount,
                                          ":key/", id)},
                     {"CreationDate", 1'700'000'000},
                     {"Enabled", true},
                     {"Description", "the \"orders\""},
                     {"KeyUsage", "ENCRYPT_DECRYPT"},
                     {"KeyState", "Enabled"},
                     {"Origin", "AWS_KMS"},
                     {"KeyManager", "CUSTOMER"},
                     {"CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"},
                     {"KeySpec", "SYMMETRIC_DEFAULT"},
                     {"EncryptionAlgorithms", {"SYMMETRIC_DEFAULT"}},
                     {"MultiRegion", false},
                 }));
  EXPECT_EQ(Get("DescribeKey", {{"KeyId", id}}), made);
}

TEST_F(KmsAnswerTest, CreateKey_OtherKinds_HaveTheAlgorithmsOfTheirUsage) {
  const Json signs = Get(
      "CreateKey", {{"KeySpec", "ECC_NIST_P256"}, {"KeyUsage", "SIGN_VERIFY"}});
  EXPECT_EQ(signs["KeyMetadata"]["SigningAlgorithms"], (Json{"ECDSA_SHA_256"}));
  EXPECT_FALSE(signs["KeyMetadata"].contains("EncryptionAlgorithms"));
  const Json macs = Get("CreateKey", {{"CustomerMasterKeySpec", "HMAC_256"},
                                      {"KeyUsage", "GENERATE_VERIFY_MAC"}});
  EXPECT_EQ(macs["KeyMetadata"]["MacAlgorithms"], (Json{"HMAC_SHA_256"}));
}

TEST_F(KmsAnswerTest, CreateKey_TakesThePolicy) {
  const std::string policy = PolicyWith(
      R"({"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt",)"
      R"( "Resource": "*"})");
  const Json made = Get("CreateKey", {{"Policy", policy}});
  const std::string key = made["KeyMetadata"]["KeyId"];
  EXPECT_EQ(Get("GetKeyPolicy", {{"KeyId", key}, {"PolicyName", "default"}}),
            (Json{{"Policy", policy}, {"PolicyName", "default"}}));
  EXPECT_TRUE(absl::StartsWith(
      Refused("Encrypt", {{"KeyId", key}, {"Plaintext", kPlaintext}}),
      "AccessDeniedException: User: "));
}

TEST_F(KmsAnswerTest, CreateKey_WhatIsNotSupported_IsRefused) {
  const struct {
    const char* description;
    Json members;
    const char* refusal;
  } cases[] = {
      {"both names of the spec",
       {{"KeySpec", "SYMMETRIC_DEFAULT"},
        {"CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"}},
       "ValidationException: You cannot specify KeySpec and "
       "CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "
       "deprecated."},
      {"a key store",
       {{"CustomKeyStoreId", "cks-1"}},
       "CustomKeyStoreNotFoundException: there are no custom key stores here"},
      {"another origin",
       {{"Origin", "EXTERNAL"}},
       "UnsupportedOperationException: the origin EXTERNAL is not supported "
       "here"},
      {"an external key",
       {{"XksKeyId", "key"}},
       "UnsupportedOperationException: XksKeyId is not supported here"},
      {"several regions",
       {{"MultiRegion", true}},
       "UnsupportedOperationException: MultiRegion is not supported here"},
      {"no such spec",
       {{"KeySpec", "AES_512"}},
       "ValidationException: 1 validation error detected: Value 'AES_512' at "
       "'keySpec' failed to satisfy constraint: Member must satisfy enum value "
       "set: [RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, "
       "RSA_3072, ECC_SECG_P256K1, RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, "
       "HMAC_224, HMAC_512]"},
      {"no such origin",
       {{"Origin", "SPACE"}},
       "ValidationException: 1 validation error detected: Value 'SPACE' at "
       "'origin' failed to satisfy constraint: Member must satisfy enum value "
       "set: [AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE]"},
      {"an empty key store",
       {{"CustomKeyStoreId", ""}},
       "ValidationException: 1 validation error detected: Value '' at "
       "'customKeyStoreId' failed to satisfy constraint: Member must have "
       "length greater than or equal to 1"},
      {"a long external key",
       {{"XksKeyId", std::string(129, 'x')}},
       "ValidationException: 1 validation error detected: Value "
       "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at "
       "'xksKeyId' failed to satisfy constraint: Member must have length less "
       "than or equal to 128"},
      {"a policy that is none",
       {{"Policy", "{}"}},
       "MalformedPolicyDocumentException: "},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.description);
    const std::string refusal = Refused("CreateKey", test.members);
    EXPECT_TRUE(absl::StartsWith(refusal, test.refusal)) << refusal;
  }
  // Members that ask for nothing special are no reason to refuse.
  Get("CreateKey", {{"Origin", "AWS_KMS"}, {"MultiRegion", false}});
}

TEST_F(KmsAnswerTest, Aliases_AreListedInPages) {
  const std::string key = NewKey();
  Do("CreateAlias", {{"AliasName", "alias/a"}, {"TargetKeyId", key}});
  clock_.Advance(absl::Milliseconds(250));
  Do("CreateAlias", {{"AliasName", "alias/b"}, {"TargetKeyId", key}});
  const std::string arn = absl::StrCat("arn:aws:kms:us-east-1:", kAccount, ":");
  const std::string id = key.substr(key.rfind('/') + 1);
  const Json first = Get("ListAliases", {{"Limit", 1}});
  EXPECT_EQ(first["Truncated"], true);
  EXPECT_EQ(first["Aliases"], (Json{{{"AliasName", "alias/a"},
                                     {"AliasArn", arn + "alias/a"},
                                     {"TargetKeyId", id},
                                     {"CreationDate", 1'700'000'000},
                                     {"LastUpdatedDate", 1'700'000'000}}}));
  const Json rest = Get("ListAliases", {{"Marker", first["NextMarker"]}});
  EXPECT_EQ(rest["Truncated"], false);
  EXPECT_FALSE(rest.contains("NextMarker"));
  EXPECT_EQ(rest["Aliases"], (Json{{{"AliasName", "alias/aws/glue"},
                                    {"AliasArn", arn + "alias/aws/glue"}},
                                   {{"AliasName", "alias/b"},
                                    {"AliasArn", arn + "alias/b"},
                                    {"TargetKeyId", id},
                                    {"CreationDate", 1'700'000'000.25},
                                    {"LastUpdatedDate", 1'700'000'000.25}}}));
  EXPECT_EQ(Get("ListAliases", {{"KeyId", key}})["Aliases"].size(), 2u);
}

TEST_F(KmsAnswerTest, Encrypt_WhatItGivesIsDecrypted) {
  const std::string key = NewKey();
  const Json context = {{"table", "orders"}, {"\u00fc", ""}};
  const Json encrypted = Get("Encrypt", {{"KeyId", key},
                                         {"Plaintext", kPlaintext},
                                         {"EncryptionContext", context}});
  EXPECT_EQ(encrypted["KeyId"], key);
  EXPECT_EQ(encrypted["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT");
  const std::string blob = encrypted["CiphertextBlob"];
  EXPECT_EQ(blob.substr(0, 6), "AQICAH");
  const Json decrypted =
      Get("Decrypt", {{"CiphertextBlob", blob},
                      {"EncryptionContext", context},
                      {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}});
  EXPECT_EQ(decrypted, (Json{{"KeyId", key},
                             {"Plaintext", kPlaintext},
                             {"EncryptionAlgorithm", "SYMMETRIC_DEFAULT"}}));
  EXPECT_EQ(Refused("Decrypt", {{"CiphertextBlob", blob}}),
            "InvalidCiphertextException");
  EXPECT_EQ(
      Refused("Decrypt", {{"CiphertextBlob", blob},
                          {"KeyId", NewKey()},
                          {"EncryptionContext", context}}),
      "IncorrectKeyException: The key ID in the request does not identify a "
      "CMK that can perform this operation.");
}

TEST_F(KmsAnswerTest, GenerateDataKey_HasTheSizeThatIsAskedFor) {
  const std::string key = NewKey();
  const struct {
    Json members;
    size_t bytes;
  } cases[] = {{{{"KeySpec", "AES_256"}}, 32},
               {{{"KeySpec", "AES_128"}}, 16},
               {{{"NumberOfBytes", 1}}, 1},
               {{{"NumberOfBytes", 1024}}, 1024}};
  for (const auto& test : cases) {
    Json members = test.members;
    members["KeyId"] = key;
    const Json made = Get("GenerateDataKey", members);
    std::string bytes;
    ASSERT_TRUE(
        absl::Base64Unescape(made["Plaintext"].get<std::string>(), &bytes));
    EXPECT_EQ(bytes.size(), test.bytes) << members;
    EXPECT_EQ(made["KeyId"], key);
    EXPECT_EQ(made["CiphertextBlob"].get<std::string>().substr(0, 6), "AQIDAH");
    EXPECT_EQ(Get("Decrypt",
                  {{"CiphertextBlob", made["CiphertextBlob"]}})["Plaintext"],
              made["Plaintext"]);
  }
}

TEST_F(KmsAnswerTest, GenerateDataKey_TakesExactlyOneOfSpecAndNumber) {
  constexpr char kText[] =
      "ValidationException: Please specify either number of bytes or key spec.";
  const std::string key = NewKey();
  EXPECT_EQ(Refused("GenerateDataKey", {{"KeyId", key}}), kText);
  EXPECT_EQ(
      Refused("GenerateDataKey",
              {{"KeyId", key}, {"KeySpec", "AES_256"}, {"NumberOfBytes", 32}}),
      kText);
  for (const int64_t bytes :
       {int64_t{-1}, int64_t{0}, int64_t{1025}, int64_t{1} << 40}) {
    EXPECT_TRUE(absl::StrContains(
        Refused("GenerateDataKey", {{"KeyId", key}, {"NumberOfBytes", bytes}}),
        "at 'numberOfBytes' failed to satisfy constraint: Member must have "
        "value "))
        << bytes;
  }
  EXPECT_EQ(Refused("GenerateDataKey", {{"KeyId", key}, {"KeySpec", "AES"}}),
            absl::StrCat(kOne,
                         "Value 'AES' at 'keySpec' failed to satisfy "
                         "constraint: Member must satisfy enum value set: "
                         "[AES_256, AES_128]"));
}

TEST_F(KmsAnswerTest, States_ArePassedThrough) {
  const std::string key = NewKey();
  Do("DisableKey", {{"KeyId", key}});
  EXPECT_EQ(Refused("Encrypt", {{"KeyId", key}, {"Plaintext", kPlaintext}}),
            absl::StrCat("DisabledException: ", key, " is disabled."));
  const Json disabled = Get("DescribeKey", {{"KeyId", key}})["KeyMetadata"];
  EXPECT_EQ(disabled["KeyState"], "Disabled");
  EXPECT_EQ(disabled["Enabled"], false);
  Do("EnableKey", {{"KeyId", key}});
  const Json scheduled =
      Get("ScheduleKeyDeletion", {{"KeyId", key}, {"PendingWindowInDays", 7}});
  constexpr int64_t kWeek = int64_t{7} * 24 * 60 * 60;
  EXPECT_EQ(scheduled, (Json{{"KeyId", key},
                             {"DeletionDate", 1'700'000'000 + kWeek},
                             {"KeyState", "PendingDeletion"},
                             {"PendingWindowInDays", 7}}));
  EXPECT_EQ(Get("DescribeKey", {{"KeyId", key}})["KeyMetadata"]["DeletionDate"],
            1'700'000'000 + kWeek);
  EXPECT_EQ(
      Refused("Encrypt", {{"KeyId", key}, {"Plaintext", kPlaintext}}),
      absl::StrCat("KMSInvalidStateException: ", key, " is pending deletion."));
  EXPECT_EQ(Get("CancelKeyDeletion", {{"KeyId", key}}), (Json{{"KeyId", key}}));
  EXPECT_EQ(Get("DescribeKey", {{"KeyId", key}})["KeyMetadata"]["KeyState"],
            "Disabled");
  EXPECT_EQ(Get("ScheduleKeyDeletion", {{"KeyId", key}})["PendingWindowInDays"],
            30);
}

TEST_F(KmsAnswerTest, Policies_AreReplaced) {
  const std::string key = NewKey();
  const std::string policy = PolicyWith(
      R"({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt",)"
      R"( "Resource": "*"})");
  Do("PutKeyPolicy",
     {{"KeyId", key}, {"PolicyName", "default"}, {"Policy", policy}});
  EXPECT_EQ(Get("GetKeyPolicy", {{"KeyId", key}})["Policy"], policy);
  const std::string locked =
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
      R"( "Principal": {"AWS": "arn:aws:iam::210987654321:root"},)"
      R"( "Action": "kms:*", "Resource": "*"}]})";
  EXPECT_EQ(Refused("PutKeyPolicy", {{"KeyId", key}, {"Policy", locked}}),
            "MalformedPolicyDocumentException: The new key policy will not "
            "allow you to update the key policy in the future.");
  EXPECT_EQ(
      Refused("PutKeyPolicy",
              {{"KeyId", key}, {"PolicyName", "other"}, {"Policy", policy}}),
      "NotFoundException: No such policy exists");
  Do("PutKeyPolicy", {{"KeyId", key},
                      {"Policy", locked},
                      {"BypassPolicyLockoutSafetyCheck", true}});
}

TEST_F(KmsAnswerTest, Grants_ComeAndGo) {
  const std::string key = NewKey();
  const std::string carol = "arn:aws:iam::123456789012:user/carol";
  const Json members = {{"KeyId", key},
                        {"GranteePrincipal", carol},
                        {"RetiringPrincipal", "arn:aws:iam::123456789012:root"},
                        {"Operations", {"Decrypt", "Encrypt"}},
                        {"Name", "for-carol"},
                        {"Constraints",
                         {{"EncryptionContextEquals", {{"a", "b"}}},
                          {"EncryptionContextSubset", {{"a", "b"}}}}}};
  const Json made = Get("CreateGrant", members);
  EXPECT_EQ(Get("CreateGrant", members)["GrantId"], made["GrantId"]);
  const Json grants =
      Get("ListGrants", {{"KeyId", key}, {"GranteePrincipal", carol}});
  EXPECT_EQ(grants["Truncated"], false);
  EXPECT_EQ(grants["Grants"],
            (Json{{{"KeyId", key},
                   {"GrantId", made["GrantId"]},
                   {"Name", "for-carol"},
                   {"CreationDate", 1'700'000'000},
                   {"GranteePrincipal", carol},
                   {"RetiringPrincipal", "arn:aws:iam::123456789012:root"},
                   {"IssuingAccount", "arn:aws:iam::123456789012:root"},
                   {"Operations", {"Decrypt", "Encrypt"}},
                   {"Constraints",
                    {{"EncryptionContextEquals", {{"a", "b"}}},
                     {"EncryptionContextSubset", {{"a", "b"}}}}}}}));
  EXPECT_EQ(Get("ListGrants",
                {{"KeyId", key}, {"GrantId", std::string(64, 'a')}})["Grants"],
            Json::array());
  // The token of a grant is taken; an invented one is not.
  Get("Encrypt", {{"KeyId", key},
                  {"Plaintext", kPlaintext},
                  {"GrantTokens", {made["GrantToken"]}}});
  EXPECT_TRUE(absl::StartsWith(
      Refused("DescribeKey", {{"KeyId", key}, {"GrantTokens", {"invented"}}}),
      "InvalidGrantTokenException"));
  Do("RevokeGrant", {{"KeyId", key}, {"GrantId", made["GrantId"]}});
  EXPECT_EQ(Get("ListGrants", {{"KeyId", key}})["Grants"], Json::array());
}

TEST_F(KmsAnswerTest, Grants_WithoutConstraints_ShowNone) {
  const std::string key = NewKey();
  Get("CreateGrant", {{"KeyId", key},
                      {"GranteePrincipal", "arn:aws:iam::123456789012:root"},
                      {"Operations", {"Decrypt"}},
                      {"Constraints", Json::object()}});
  const Json grant = Get("ListGrants", {{"KeyId", key}})["Grants"][0];
  for (const char* const absent :
       {"Constraints", "Name", "RetiringPrincipal"}) {
    EXPECT_FALSE(grant.contains(absent)) << absent;
  }
}

// Every required member of every operation, one by one, and all at once.
TEST_F(KmsAnswerTest, RequiredMembers_AreReportedTogether) {
  const struct {
    const char* operation;
    std::vector<std::string> required;
  } cases[] = {
      {"DescribeKey", {"KeyId"}},
      {"CreateAlias", {"AliasName", "TargetKeyId"}},
      {"Encrypt", {"KeyId", "Plaintext"}},
      {"Decrypt", {"CiphertextBlob"}},
      {"GenerateDataKey", {"KeyId"}},
      {"EnableKey", {"KeyId"}},
      {"DisableKey", {"KeyId"}},
      {"ScheduleKeyDeletion", {"KeyId"}},
      {"CancelKeyDeletion", {"KeyId"}},
      {"PutKeyPolicy", {"KeyId", "Policy"}},
      {"GetKeyPolicy", {"KeyId"}},
      {"CreateGrant", {"KeyId", "GranteePrincipal", "Operations"}},
      {"RevokeGrant", {"KeyId", "GrantId"}},
      {"ListGrants", {"KeyId"}},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.operation);
    const size_t count = test.required.size();
    std::string text =
        absl::StrCat("ValidationException: ", count,
                     count == 1 ? " validation error detected: "
                                : " validation errors detected: ");
    const char* separator = "";
    for (std::string name : test.required) {
      name[0] = static_cast<char>(name[0] - 'A' + 'a');
      absl::StrAppend(&text, separator, "Value null at '", name,
                      "' failed to satisfy constraint: Member must not be "
                      "null");
      separator = "; ";
    }
    EXPECT_EQ(RefusedText(test.operation, "{}"), text);
    // null is the same as absent.
    Json nulls;
    for (const std::string& name : test.required) nulls[name] = nullptr;
    EXPECT_EQ(Refused(test.operation, nulls), text);
  }
}

TEST_F(KmsAnswerTest, AbsentAndBrokenMembers_AreReportedTogether) {
  EXPECT_EQ(
      Refused("Encrypt", {{"Plaintext", ""}, {"EncryptionAlgorithm", "ROT13"}}),
      "ValidationException: 3 validation errors detected: Value null at "
      "'keyId' failed to satisfy constraint: Member must not be null; Value at "
      "'plaintext' failed to satisfy constraint: Member must have length "
      "greater than or equal to 1; Value 'ROT13' at 'encryptionAlgorithm' "
      "failed to satisfy constraint: Member must satisfy enum value set: "
      "[RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SYMMETRIC_DEFAULT]");
}

// Both sides of every bound of every member.
TEST_F(KmsAnswerTest, BoundsOfMembers) {
  const std::string key = NewKey();
  const auto text = [](size_t size) { return std::string(size, 'x'); };
  const auto bytes = [](size_t size) {
    return absl::Base64Escape(std::string(size, 'x'));
  };
  const auto tokens = [](size_t count, size_t size) {
    return Json(std::vector<std::string>(count, std::string(size, 't')));
  };
  const Json encrypt = {{"KeyId", key}, {"Plaintext", kPlaintext}};
  const Json grant = {{"KeyId", key},
                      {"GranteePrincipal", "arn:aws:iam::123456789012:root"},
                      {"Operations", {"Decrypt"}}};
  const Json alias = {{"AliasName", "alias/x"}, {"TargetKeyId", key}};
  const Json policy = {{"KeyId", key}, {"Policy", "{}"}};
  const struct {
    const char* operation;
    Json others;
    const char* member;
    std::vector<Json> legal;
    std::vector<Json> illegal;
  } cases[] = {
      {"CreateKey", {}, "Description", {"", text(8192)}, {text(8193)}},
      {"CreateKey", {}, "Policy", {text(131072)}, {"", text(131073), "\u0100"}},
      {"CreateKey", {}, "CustomKeyStoreId", {"x", text(64)}, {"", text(65)}},
      {"CreateKey", {}, "XksKeyId", {"x", text(128)}, {"", text(129)}},
      {"DescribeKey", {}, "KeyId", {"x", text(2048)}, {"", text(2049)}},
      {"DescribeKey",
       {{"KeyId", key}},
       "GrantTokens",
       {Json::array(), tokens(10, 8192)},
       {tokens(11, 1), tokens(1, 8193), tokens(1, 0)}},
      {"CreateAlias",
       alias,
       "AliasName",
       {text(256), "alias/:"},
       {"", text(257), "alias/ ", "alias/\u00fc"}},
      {"CreateAlias", alias, "TargetKeyId", {text(2048)}, {"", text(2049)}},
      {"ListAliases", {}, "KeyId", {text(2048)}, {"", text(2049)}},
      {"ListAliases", {}, "Limit", {1, 100}, {0, 101, -1}},
      {"ListAliases", {}, "Marker", {text(1024)}, {"", text(1025)}},
      {"Encrypt", encrypt, "KeyId", {text(2048)}, {"", text(2049)}},
      {"Encrypt",
       encrypt,
       "Plaintext",
       {bytes(1), bytes(4096)},
       {"", bytes(4097)}},
      {"Encrypt", encrypt, "GrantTokens", {tokens(10, 1)}, {tokens(11, 1)}},
      {"Encrypt", encrypt, "EncryptionAlgorithm", {"SYMMETRIC_DEFAULT"}, {""}},
      {"Decrypt",
       {},
       "CiphertextBlob",
       {bytes(1), bytes(6144)},
       {"", bytes(6145)}},
      {"Decrypt",
       {{"CiphertextBlob", bytes(1)}},
       "KeyId",
       {text(2048)},
       {"", text(2049)}},
      {"Decrypt",
       {{"CiphertextBlob", bytes(1)}},
       "EncryptionAlgorithm",
       {"RSAES_OAEP_SHA_1"},
       {"RSA"}},
      {"GenerateDataKey",
       {{"KeyId", key}},
       "NumberOfBytes",
       {1, 1024},
       {0, 1025}},
      {"EnableKey", {}, "KeyId", {text(2048)}, {"", text(2049)}},
      {"DisableKey", {}, "KeyId", {text(2048)}, {"", text(2049)}},
      {"CancelKeyDeletion", {}, "KeyId", {text(2048)}, {"", text(2049)}},
      {"ScheduleKeyDeletion",
       {{"KeyId", "none"}},
       "PendingWindowInDays",
       {7, 30},
       {6, 31}},
      {"PutKeyPolicy",
       policy,
       "PolicyName",
       {text(128), "a_1"},
       {"", text(129), "a-b"}},
      {"PutKeyPolicy", policy, "Policy", {text(131072)}, {"", text(131073)}},
      {"GetKeyPolicy",
       {{"KeyId", key}},
       "PolicyName",
       {text(128)},
       {"", text(129)}},
      {"CreateGrant",
       grant,
       "GranteePrincipal",
       {text(256)},
       {"", text(257), "a b"}},
      {"CreateGrant",
       grant,
       "RetiringPrincipal",
       {text(256)},
       {"", text(257), "a b"}},
      {"CreateGrant", grant, "Name", {text(256)}, {"", text(257), "a b"}},
      {"CreateGrant",
       grant,
       "Operations",
       {{"Decrypt"}},
       {Json::array(), {"Fly"}}},
      {"CreateGrant", grant, "GrantTokens", {Json::array()}, {tokens(11, 1)}},
      {"RevokeGrant",
       {{"KeyId", key}},
       "GrantId",
       {text(128)},
       {"", text(129)}},
      {"ListGrants", {{"KeyId", key}}, "GrantId", {text(128)}, {"", text(129)}},
      {"ListGrants",
       {{"KeyId", key}},
       "GranteePrincipal",
       {text(256)},
       {"", text(257)}},
      {"ListGrants", {{"KeyId", key}}, "Limit", {1, 100}, {0, 101}},
      {"ListGrants",
       {{"KeyId", key}},
       "Marker",
       {text(1024)},
       {"", text(1025)}},
  };
  for (const auto& test : cases) {
    const auto is_broken = [&](const Json& value) {
      Json members = test.others.is_null() ? Json::object() : test.others;
      members[test.member] = value;
      const WireResponse response = Send(test.operation, members.dump());
      return absl::StrContains(response.body, "validation error");
    };
    for (const Json& value : test.legal) {
      EXPECT_FALSE(is_broken(value)) << test.operation << " " << test.member
                                     << " " << value.dump().substr(0, 80);
    }
    for (const Json& value : test.illegal) {
      EXPECT_TRUE(is_broken(value)) << test.operation << " " << test.member
                                    << " " << value.dump().substr(0, 80);
    }
  }
}

TEST_F(KmsAnswerTest, ManyBrokenConstraints_AreCountedAndNotAllListed) {
  const std::string refusal = Refused(
      "CreateGrant", {{"KeyId", NewKey()},
                      {"GranteePrincipal", "arn:aws:iam::123456789012:root"},
                      {"Operations", std::vector<std::string>(100'000, "")}});
  EXPECT_TRUE(absl::StartsWith(
      refusal, "ValidationException: 100000 validation errors detected: "));
  EXPECT_LT(refusal.size(), 100'000u);
}

TEST_F(KmsAnswerTest, OtherAlgorithms_AreRefusedAfterEverythingElse) {
  const std::string key = NewKey();
  const Json members = {{"KeyId", key},
                        {"Plaintext", kPlaintext},
                        {"EncryptionAlgorithm", "RSAES_OAEP_SHA_256"}};
  EXPECT_EQ(Refused("Encrypt", members),
            absl::StrCat("InvalidKeyUsageException: ", key,
                         " key spec is SYMMETRIC_DEFAULT, which does not have "
                         "the encryption algorithm RSAES_OAEP_SHA_256."));
  Do("DisableKey", {{"KeyId", key}});
  EXPECT_EQ(Refused("Encrypt", members),
            absl::StrCat("DisabledException: ", key, " is disabled."));
}

TEST_F(KmsAnswerTest, DryRun_SaysWhetherTheCallWouldSucceed) {
  constexpr char kWould[] =
      "DryRunOperationException: The request would have succeeded, but the "
      "DryRun option is set.";
  const std::string key = NewKey();
  const Json encrypt = {
      {"KeyId", key}, {"Plaintext", kPlaintext}, {"DryRun", true}};
  EXPECT_EQ(Refused("Encrypt", encrypt), kWould);
  EXPECT_EQ(Refused("GenerateDataKey",
                    {{"KeyId", key}, {"KeySpec", "AES_256"}, {"DryRun", true}}),
            kWould);
  EXPECT_EQ(
      Refused("Decrypt", {{"CiphertextBlob", absl::Base64Escape(Blob(key))},
                          {"DryRun", true}}),
      kWould);
  Do("DisableKey", {{"KeyId", key}});
  EXPECT_EQ(Refused("Encrypt", encrypt),
            absl::StrCat("DisabledException: ", key, " is disabled."));
  Do("EnableKey", {{"KeyId", key}});
  constexpr char kUnsupported[] =
      "UnsupportedOperationException: DryRun is not supported here";
  EXPECT_EQ(Refused("CreateGrant",
                    {{"KeyId", key},
                     {"GranteePrincipal", "arn:aws:iam::123456789012:root"},
                     {"Operations", {"Decrypt"}},
                     {"DryRun", true}}),
            kUnsupported);
  EXPECT_EQ(Refused("RevokeGrant", {{"KeyId", key},
                                    {"GrantId", std::string(64, 'a')},
                                    {"DryRun", true}}),
            kUnsupported);
}

TEST_F(KmsAnswerTest, Recipient_IsRefusedSinceThePlaintextWouldBeInClear) {
  const std::string key = NewKey();
  const Json recipient = {{"KeyEncryptionAlgorithm", "RSAES_OAEP_SHA_256"},
                          {"AttestationDocument", "AAAA"}};
  constexpr char kText[] =
      "UnsupportedOperationException: Recipient is not supported here";
  EXPECT_EQ(
      Refused("Decrypt", {{"CiphertextBlob", absl::Base64Escape(Blob(key))},
                          {"Recipient", recipient}}),
      kText);
  EXPECT_EQ(Refused("GenerateDataKey", {{"KeyId", key},
                                        {"KeySpec", "AES_256"},
                                        {"Recipient", recipient}}),
            kText);
}

TEST_F(KmsAnswerTest, Encrypt_TooLong_ShowsNothingOfThePlaintext) {
  const std::string refusal = Refused(
      "Encrypt", {{"KeyId", NewKey()},
                  {"Plaintext", absl::Base64Escape(std::string(4097, 's'))}});
  EXPECT_EQ(refusal,
            absl::StrCat(kOne,
                         "Value at 'plaintext' failed to satisfy constraint: "
                         "Member must have length less than or equal to 4096"));
}

TEST(EncodeKmsRefusal, Status500IsOfThree) {
  const struct {
    const char* code;
    int status;
  } cases[] = {{"DependencyTimeoutException", 500},
               {"KMSInternalException", 500},
               {"KeyUnavailableException", 500},
               {"DisabledException", 400},
               {"LimitExceededException", 400}};
  for (const auto& test : cases) {
    KeyRefusal refusal;
    refusal.code = test.code;
    refusal.message = "a \"text\"";
    const WireResponse response = EncodeKmsRefusal(refusal);
    EXPECT_EQ(response.http_status, test.status) << test.code;
    EXPECT_EQ(response.error_type, test.code);
    EXPECT_EQ(response.content_type, "application/x-amz-json-1.1");
    EXPECT_EQ(response.body,
              absl::StrCat("{\"__type\":\"", test.code,
                           "\",\"message\":\"a \\\"text\\\"\"}"));
  }
  KeyRefusal silent;
  silent.code = "InvalidCiphertextException";
  EXPECT_EQ(EncodeKmsRefusal(silent).body,
            R"({"__type":"InvalidCiphertextException"})");
}

}  // namespace
}  // namespace glue_security
