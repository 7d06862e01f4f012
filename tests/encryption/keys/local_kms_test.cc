// The operations that use keys, and the state of keys, with the texts of all
// refusals.

#include "glue_security/encryption/keys/local_kms.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

using ::testing::Not;

TEST_F(LocalKmsTest, EncryptAndDecrypt_GiveThePlaintextAndTheArn) {
  const std::string arn = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  const std::string id = arn.substr(arn.rfind('/') + 1);
  for (const std::string& name : std::vector<std::string>{
           id, arn, "alias/a", "arn:aws:kms:us-east-1:123456789012:alias/a"}) {
    const auto encrypted = Encrypt(User("admin"), name, {{"a", "b"}}, "text");
    ASSERT_THAT(encrypted, Succeeded()) << name;
    EXPECT_EQ(std::get<EncryptResult>(encrypted).key_arn, arn);
    const std::string& blob = std::get<EncryptResult>(encrypted).blob;
    EXPECT_TRUE(absl::StartsWith(absl::Base64Escape(blob), "AQICAH"));
    for (const std::string& key : {std::string(), name}) {
      const auto decrypted = Decrypt(User("admin"), blob, key, {{"a", "b"}});
      ASSERT_THAT(decrypted, Succeeded()) << name;
      EXPECT_EQ(std::get<DecryptResult>(decrypted).plaintext, Secret("text"));
      EXPECT_EQ(std::get<DecryptResult>(decrypted).key_arn, arn);
    }
  }
}

TEST_F(LocalKmsTest, GenerateDataKey_GivesNewKeysOfTheAskedSize) {
  const std::string arn = NewKey();
  std::set<std::string> seen;
  for (const size_t bytes : {1, 16, 32, 64, 1024}) {
    GenerateDataKeyCall call;
    call.key = arn;
    call.context = {{"a", "b"}};
    call.data_key_bytes = bytes;
    const auto answer = kms_.GenerateDataKey(User("admin"), call);
    ASSERT_THAT(answer, Succeeded());
    const auto& made = std::get<GenerateDataKeyResult>(answer);
    EXPECT_EQ(made.plaintext.size(), bytes);
    EXPECT_EQ(made.key_arn, arn);
    EXPECT_TRUE(absl::StartsWith(absl::Base64Escape(made.blob), "AQIDAH"));
    EXPECT_TRUE(seen.insert(std::string(made.plaintext.view())).second);
    const auto opened = Decrypt(User("admin"), made.blob, "", {{"a", "b"}});
    ASSERT_THAT(opened, Succeeded());
    EXPECT_EQ(std::get<DecryptResult>(opened).plaintext, made.plaintext);
  }
  GenerateDataKeyCall usual;
  usual.key = arn;
  EXPECT_EQ(std::get<GenerateDataKeyResult>(
                kms_.GenerateDataKey(User("admin"), usual))
                .plaintext.size(),
            32U);
}

TEST_F(LocalKmsTest, DescribeKey_TellsWhatTheKeyIs) {
  CreateKeyCall call;
  call.description = "orders";
  call.key_spec = "RSA_2048";
  call.key_usage = "SIGN_VERIFY";
  const std::string arn = NewKey(call);
  DescribeKeyCall describe;
  describe.key = arn;
  const auto metadata =
      std::get<KeyMetadata>(kms_.GetKeyMetadata(User("admin"), describe));
  EXPECT_EQ(metadata.account_id, kAccount);
  EXPECT_EQ(metadata.arn, arn);
  EXPECT_EQ(arn, absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/",
                              metadata.key_id));
  EXPECT_EQ(metadata.description, "orders");
  EXPECT_EQ(metadata.key_spec, "RSA_2048");
  EXPECT_EQ(metadata.kind, KeyKind::kRsa);
  EXPECT_EQ(metadata.usage, KeyUsage::kSignVerify);
  EXPECT_EQ(metadata.state, KeyState::kEnabled);
  EXPECT_EQ(metadata.manager, KeyManager::kCustomer);
  EXPECT_EQ(metadata.creation_date, clock_.Now());
  EXPECT_EQ(metadata.deletion_date, std::nullopt);
  EXPECT_EQ(metadata.algorithms.size(), 6U);
  const auto described =
      std::get<DescribeKeyResult>(Describe(User("admin"), arn));
  EXPECT_EQ(described.key_arn, arn);
  EXPECT_EQ(described.kind, KeyKind::kRsa);
  EXPECT_EQ(described.usage, KeyUsage::kSignVerify);
  EXPECT_EQ(described.state, KeyState::kEnabled);
  EXPECT_EQ(described.manager, KeyManager::kCustomer);
}

TEST_F(LocalKmsTest, Answer_MakesTheCallThatItHolds) {
  const std::string arn = NewKey();
  KeyService& service = kms_;
  KeyCall call;
  call.caller = User("admin");
  call.call = EncryptCall{arn, Secret("text"), {}, {}};
  const KeyAnswer encrypted = service.Answer(call);
  const std::string blob = std::get<EncryptResult>(encrypted).blob;
  call.call = DecryptCall{blob, "", {}, {}};
  EXPECT_EQ(std::get<DecryptResult>(service.Answer(call)).plaintext,
            Secret("text"));
  call.call = GenerateDataKeyCall{arn, {}, {}};
  EXPECT_EQ(std::get<GenerateDataKeyResult>(service.Answer(call)).key_arn, arn);
  call.call = DescribeKeyCall{arn, {}};
  EXPECT_EQ(std::get<DescribeKeyResult>(service.Answer(call)).key_arn, arn);
  call.call = DescribeKeyCall{"orders", {}};
  EXPECT_EQ(std::get<KeyRefusal>(service.Answer(call)).code,
            "NotFoundException");
}

// A run can be repeated to the byte.
TEST_F(LocalKmsTest, TheSameSeed_GivesTheSameCiphertexts) {
  const auto run = [](uint64_t seed) {
    FakeClock clock(absl::FromUnixSeconds(1));
    SeededRandom random(seed);
    LocalKmsOptions options;
    options.clock = &clock;
    options.random = &random;
    LocalKms kms(options);
    const auto key =
        std::get<KeyMetadata>(kms.CreateKey(User("admin"), CreateKeyCall()));
    EncryptCall call{key.arn, Secret("text"), {}, {}};
    std::string bytes = key.arn;
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(
          &bytes,
          std::get<EncryptResult>(kms.Encrypt(User("admin"), call)).blob);
    }
    return bytes;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST_F(LocalKmsTest, ByDefault_KeysAndNoncesAreTheSystems) {
  LocalKms first;
  LocalKms second;
  const auto one =
      std::get<KeyMetadata>(first.CreateKey(User("admin"), CreateKeyCall()));
  const auto other =
      std::get<KeyMetadata>(second.CreateKey(User("admin"), CreateKeyCall()));
  EXPECT_NE(one.key_id, other.key_id);
  EncryptCall call{one.arn, Secret("text"), {}, {}};
  EXPECT_NE(std::get<EncryptResult>(first.Encrypt(User("admin"), call)).blob,
            std::get<EncryptResult>(first.Encrypt(User("admin"), call)).blob);
}

// The order of the pairs does not matter; every other difference does.
TEST_F(LocalKmsTest, Decrypt_NeedsTheSameContext) {
  const std::string arn = NewKey();
  const std::vector<EncryptionContext> contexts = {
      {},           {{"a", "1"}}, {{"a", "1"}, {"b", "2"}},
      {{"a", "2"}}, {{"A", "1"}}, {{"a", "1"}, {"b", "2"}, {"c", "3"}}};
  for (const EncryptionContext& sealed : contexts) {
    const std::string blob = Blob(arn, sealed);
    for (const EncryptionContext& opened : contexts) {
      const auto answer = Decrypt(User("admin"), blob, "", opened);
      if (sealed == opened) {
        EXPECT_THAT(answer, Succeeded());
      } else {
        EXPECT_THAT(answer, RefusedInSilence("InvalidCiphertextException"));
      }
    }
  }
}

TEST_F(LocalKmsTest, Decrypt_RefusesEveryFlippedBit) {
  const std::string arn = NewKey();
  for (const std::string& blob :
       {Blob(arn, {{"table", "orders"}}),
        std::get<GenerateDataKeyResult>(
            kms_.GenerateDataKey(User("admin"),
                                 {arn, {{"table", "orders"}}, {}}))
            .blob}) {
    for (size_t bit = 0; bit < 8 * blob.size(); ++bit) {
      std::string other = blob;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      for (const std::string& key : {std::string(), arn}) {
        EXPECT_THAT(Decrypt(User("admin"), other, key, {{"table", "orders"}}),
                    Not(Succeeded()))
            << bit;
      }
    }
  }
}

TEST_F(LocalKmsTest, Decrypt_OfOtherBytes_IsInvalidCiphertext) {
  const std::string arn = NewKey();
  for (const std::string& blob :
       {std::string("x"), std::string(6144, 'x'), Blob(arn) + "x"}) {
    for (const std::string& key : {std::string(), arn}) {
      EXPECT_THAT(Decrypt(User("admin"), blob, key),
                  RefusedInSilence("InvalidCiphertextException"));
    }
  }
}

TEST_F(LocalKmsTest, Decrypt_NamingAnotherKey_IsIncorrect) {
  const std::string arn = NewKey();
  const std::string other = NewKey();
  const std::string text =
      "The key ID in the request does not identify a CMK that can perform this "
      "operation.";
  EXPECT_THAT(Decrypt(User("admin"), Blob(arn), other),
              RefusedWith("IncorrectKeyException", text));
  for (const auto& [spec, usage] :
       std::vector<std::pair<std::string, std::string>>{
           {"RSA_2048", "ENCRYPT_DECRYPT"},
           {"RSA_2048", "SIGN_VERIFY"},
           {"ECC_NIST_P256", "SIGN_VERIFY"},
           {"HMAC_256", "GENERATE_VERIFY_MAC"}}) {
    const std::string wrong = NewKeyOf(spec, usage);
    EXPECT_THAT(Decrypt(User("admin"), Blob(arn), wrong),
                RefusedWith("IncorrectKeyException", text));
    EXPECT_THAT(Decrypt(User("admin"), "no ciphertext", wrong),
                RefusedWith("IncorrectKeyException", text));
  }
}

TEST_F(LocalKmsTest, KeysThatAreNotSymmetric_AreRefused) {
  const std::string ecc = NewKeyOf("ECC_NIST_P256", "SIGN_VERIFY");
  const std::string hmac = NewKeyOf("HMAC_512", "GENERATE_VERIFY_MAC");
  const std::string rsa = NewKeyOf("RSA_2048", "ENCRYPT_DECRYPT");
  const auto refused = [](const std::string& text) {
    return RefusedWith("InvalidKeyUsageException", text);
  };
  EXPECT_THAT(
      Encrypt(User("admin"), ecc),
      refused(absl::StrCat(
          ecc, " key usage is SIGN_VERIFY which is not valid for Encrypt.")));
  EXPECT_THAT(
      kms_.GenerateDataKey(User("admin"), {ecc, {}, {}}),
      refused(absl::StrCat(ecc,
                           " key usage is SIGN_VERIFY which is not valid for "
                           "GenerateDataKey.")));
  EXPECT_THAT(Encrypt(User("admin"), hmac),
              refused(absl::StrCat(hmac,
                                   " key usage is GENERATE_VERIFY_MAC which is "
                                   "not valid for Encrypt.")));
  EXPECT_THAT(
      Encrypt(User("admin"), rsa),
      refused(absl::StrCat(
          rsa, " key spec is RSA_2048 which is not valid for Encrypt.")));
}

TEST_F(LocalKmsTest, Names_OfNothing_AreNotFound) {
  const std::string arn =
      absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/", kNoSuchKey);
  EXPECT_THAT(Encrypt(User("admin"), kNoSuchKey),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key '", arn, "' does not exist")));
  EXPECT_THAT(Encrypt(User("admin"), arn),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key '", arn, "' does not exist")));
  EXPECT_THAT(Encrypt(User("admin"), "orders"),
              RefusedWith("NotFoundException", "Invalid keyId 'orders'"));
  EXPECT_THAT(
      Encrypt(User("admin"), "alias/none"),
      RefusedWith(
          "NotFoundException",
          "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."));
  EXPECT_THAT(
      Encrypt(User("admin"), "arn:aws:kms:eu-west-1:123456789012:alias/none"),
      RefusedWith("NotFoundException", "Invalid arn eu-west-1"));
  EXPECT_THAT(Encrypt(User("admin"), "arn:aws:s3:::bucket"),
              RefusedAs("InvalidArnException"));
}

// An alias is not taken for a key where only an id or ARN is documented.
TEST_F(LocalKmsTest, Aliases_AreNotTakenEverywhere) {
  const std::string arn = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  const std::string alias_arn = "arn:aws:kms:us-east-1:123456789012:alias/a";
  for (const std::string& name : {std::string("alias/a"), alias_arn}) {
    const auto refused = RefusedWith(
        "NotFoundException", absl::StrCat("Invalid keyId '", name, "'"));
    EXPECT_THAT(kms_.EnableKey(User("admin"), name), refused);
    EXPECT_THAT(kms_.DisableKey(User("admin"), name), refused);
    EXPECT_THAT(Schedule(name), refused);
    EXPECT_THAT(kms_.CancelKeyDeletion(User("admin"), name), refused);
    EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"), name), refused);
    EXPECT_THAT(PutPolicy(User("admin"), name, "{}"), refused);
    EXPECT_THAT(kms_.GetKeyPolicy(User("admin"), {name}), refused);
    EXPECT_THAT(kms_.RevokeGrant(User("admin"), name, "g"), refused);
    EXPECT_THAT(kms_.ListGrants(User("admin"), {name}), refused);
    CreateGrantCall grant;
    grant.key = name;
    grant.grantee_principal = "arn:aws:iam::123456789012:user/a";
    grant.operations = {"Decrypt"};
    EXPECT_THAT(kms_.CreateGrant(User("admin"), grant), refused);
    ListAliasesCall list;
    list.key = name;
    EXPECT_THAT(kms_.ListAliases(User("admin"), list), refused);
  }
}

TEST_F(LocalKmsTest, ADisabledKey_IsNotUsed) {
  const std::string arn = NewKey();
  const std::string blob = Blob(arn);
  ASSERT_EQ(kms_.DisableKey(User("admin"), arn), std::nullopt);
  const auto disabled =
      RefusedWith("DisabledException", absl::StrCat(arn, " is disabled."));
  EXPECT_THAT(Encrypt(User("admin"), arn), disabled);
  EXPECT_THAT(Decrypt(User("admin"), blob), disabled);
  EXPECT_THAT(Decrypt(User("admin"), blob, arn), disabled);
  EXPECT_THAT(kms_.GenerateDataKey(User("admin"), {arn, {}, {}}), disabled);
  EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"), arn), disabled);
  EXPECT_EQ(std::get<DescribeKeyResult>(Describe(User("admin"), arn)).state,
            KeyState::kDisabled);
  ASSERT_EQ(kms_.EnableKey(User("admin"), arn), std::nullopt);
  EXPECT_THAT(Decrypt(User("admin"), blob), Succeeded());
}

TEST_F(LocalKmsTest, AKeyPendingDeletion_IsNeitherUsedNorChanged) {
  const std::string arn = NewKey();
  const std::string blob = Blob(arn);
  ASSERT_THAT(Schedule(arn, 8), Succeeded());
  const std::string before = State();
  const auto pending = RefusedWith("KMSInvalidStateException",
                                   absl::StrCat(arn, " is pending deletion."));
  EXPECT_THAT(Encrypt(User("admin"), arn), pending);
  EXPECT_THAT(Decrypt(User("admin"), blob), pending);
  EXPECT_THAT(kms_.GenerateDataKey(User("admin"), {arn, {}, {}}), pending);
  EXPECT_THAT(kms_.EnableKey(User("admin"), arn), pending);
  EXPECT_THAT(kms_.DisableKey(User("admin"), arn), pending);
  EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"), arn), pending);
  EXPECT_THAT(Schedule(arn), pending);
  EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/a", arn), pending);
  CreateGrantCall grant;
  grant.key = arn;
  grant.grantee_principal = "arn:aws:iam::123456789012:user/a";
  grant.operations = {"Decrypt"};
  EXPECT_THAT(kms_.CreateGrant(User("admin"), grant), pending);
  EXPECT_EQ(State(), before);
  // "Key states of AWS KMS keys" lets these pass.
  EXPECT_EQ(PutPolicy(User("admin"), arn, PolicyWith(R"({"Effect": "Deny",
      "Principal": "*", "Action": "kms:Sign", "Resource": "*"})")),
            std::nullopt);
  EXPECT_THAT(kms_.GetKeyPolicy(User("admin"), {arn}), Succeeded());
  EXPECT_THAT(kms_.ListGrants(User("admin"), {arn}), Succeeded());
}

TEST_F(LocalKmsTest, ScheduleKeyDeletion_TellsWhen) {
  const std::string arn = NewKey();
  ScheduleKeyDeletionCall call;
  call.key = arn;
  const auto usual = std::get<ScheduleKeyDeletionResult>(
      kms_.ScheduleKeyDeletion(User("admin"), call));
  EXPECT_EQ(usual.key_arn, arn);
  EXPECT_EQ(usual.pending_window_in_days, 30);
  EXPECT_EQ(usual.state, KeyState::kPendingDeletion);
  EXPECT_EQ(usual.deletion_date, clock_.Now() + absl::Hours(30 * 24));
  DescribeKeyCall describe;
  describe.key = arn;
  EXPECT_EQ(std::get<KeyMetadata>(kms_.GetKeyMetadata(User("admin"), describe))
                .deletion_date,
            usual.deletion_date);
  EXPECT_EQ(std::get<std::string>(kms_.CancelKeyDeletion(User("admin"), arn)),
            arn);
  const auto metadata =
      std::get<KeyMetadata>(kms_.GetKeyMetadata(User("admin"), describe));
  EXPECT_EQ(metadata.state, KeyState::kDisabled);
  EXPECT_EQ(metadata.deletion_date, std::nullopt);
  EXPECT_THAT(kms_.CancelKeyDeletion(User("admin"), arn),
              RefusedWith("KMSInvalidStateException",
                          absl::StrCat(arn, " is not pending deletion.")));
}

TEST_F(LocalKmsTest, ScheduleKeyDeletion_TakesSevenToThirtyDays) {
  const std::string arn = NewKey();
  const std::string before = State();
  EXPECT_THAT(
      Schedule(arn, 6),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value '6' at "
                  "'pendingWindowInDays' failed to satisfy constraint: Member "
                  "must have value greater than or equal to 7"));
  EXPECT_THAT(
      Schedule(arn, 31),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value '31' at "
                  "'pendingWindowInDays' failed to satisfy constraint: Member "
                  "must have value less than or equal to 30"));
  EXPECT_EQ(State(), before);
}

TEST_F(LocalKmsTest, AfterItsDate_AKeyIsGoneWithAllThatBelongsToIt) {
  const std::string arn = NewKey();
  const std::string kept = NewKey();
  const std::string blob = Blob(arn);
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/b", kept), std::nullopt);
  ASSERT_THAT(Schedule(arn, 7), Succeeded());
  ASSERT_TRUE(clock_.Advance(absl::Hours(7 * 24) - absl::Milliseconds(1)));
  EXPECT_THAT(Describe(User("admin"), arn), Succeeded());
  ASSERT_TRUE(clock_.Advance(absl::Milliseconds(1)));
  const auto gone = RefusedWith("NotFoundException",
                                absl::StrCat("Key '", arn, "' does not exist"));
  EXPECT_THAT(Describe(User("admin"), arn), gone);
  EXPECT_THAT(kms_.CancelKeyDeletion(User("admin"), arn), gone);
  EXPECT_THAT(Describe(User("admin"), "alias/a"),
              RefusedAs("NotFoundException"));
  EXPECT_THAT(Describe(User("admin"), "alias/b"), Succeeded());
  EXPECT_THAT(
      Decrypt(User("admin"), blob),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::123456789012:user/admin is not "
                  "authorized to perform: kms:Decrypt on the resource "
                  "associated with this ciphertext because the resource does "
                  "not exist in this Region, no resource-based policies allow "
                  "access, or a resource-based policy explicitly denies "
                  "access"));
  // It does not come back when the clock does.
  ASSERT_TRUE(clock_.Advance(-absl::Hours(24)));
  EXPECT_THAT(Describe(User("admin"), arn), gone);
  // The name of the alias is free.
  EXPECT_EQ(kms_.CreateAlias(User("admin"), "alias/a", kept), std::nullopt);
}

TEST_F(LocalKmsTest, RotatedKeys_ReadOldCiphertexts) {
  const std::string arn = NewKey();
  std::vector<std::string> blobs;
  for (int i = 0; i <= 25; ++i) {
    blobs.push_back(Blob(arn));
    for (const std::string& blob : blobs) {
      EXPECT_THAT(Decrypt(User("admin"), blob), Succeeded());
    }
    if (i == 25) break;
    EXPECT_EQ(std::get<std::string>(kms_.RotateKeyOnDemand(User("admin"), arn)),
              arn);
  }
  EXPECT_THAT(
      kms_.RotateKeyOnDemand(User("admin"), arn),
      RefusedWith("LimitExceededException",
                  absl::StrCat("The on-demand rotations limit has been reached "
                               "for the given keyId. No more on-demand "
                               "rotations can be performed for this key: ",
                               arn)));
  EXPECT_THAT(Decrypt(User("admin"), blobs.front()), Succeeded());
}

TEST_F(LocalKmsTest, RotateKeyOnDemand_NeedsASymmetricKey) {
  EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"),
                                     NewKeyOf("RSA_2048", "SIGN_VERIFY")),
              RefusedInSilence("UnsupportedOperationException"));
}

TEST_F(LocalKmsTest, Plaintexts_AreBounded) {
  const std::string arn = NewKey();
  EXPECT_THAT(Encrypt(User("admin"), arn, {}, "x"), Succeeded());
  EXPECT_THAT(Encrypt(User("admin"), arn, {}, std::string(4096, 'x')),
              Succeeded());
  EXPECT_THAT(
      Encrypt(User("admin"), arn, {}, std::string(4097, 'x')),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value at 'plaintext' failed to "
                  "satisfy constraint: Member must have length less than or "
                  "equal to 4096"));
  EXPECT_THAT(
      Encrypt(User("admin"), arn, {}, ""),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value at 'plaintext' failed to "
                  "satisfy constraint: Member must have length greater than or "
                  "equal to 1"));
  for (const size_t bytes : {0, 1025}) {
    GenerateDataKeyCall call;
    call.key = arn;
    call.data_key_bytes = bytes;
    EXPECT_THAT(kms_.GenerateDataKey(User("admin"), call),
                RefusedAs("ValidationException"));
  }
  for (const size_t bytes : {0, 6145}) {
    EXPECT_THAT(Decrypt(User("admin"), std::string(bytes, 'x')),
                RefusedAs("ValidationException"));
  }
  // The largest ciphertext can be decrypted.
  EXPECT_THAT(Decrypt(User("admin"),
                      std::get<EncryptResult>(Encrypt(User("admin"), arn, {},
                                                      std::string(4096, 'x')))
                          .blob),
              Succeeded());
}

TEST_F(LocalKmsTest, AllBrokenConstraints_AreReportedTogether) {
  EncryptCall call;
  call.grant_tokens = {""};
  EXPECT_THAT(
      kms_.Encrypt(User("admin"), call),
      RefusedWith(
          "ValidationException",
          "3 validation errors detected: Value '' at 'keyId' failed to satisfy "
          "constraint: Member must have length greater than or equal to 1; "
          "Value at 'plaintext' failed to satisfy constraint: Member must have "
          "length greater than or equal to 1; Value '' at "
          "'grantTokens.1.member' failed to satisfy constraint: Member must "
          "have length greater than or equal to 1"));
}

TEST_F(LocalKmsTest, CreateKey_RefusesSpecsAndUsagesThatDoNotExist) {
  CreateKeyCall call;
  call.key_spec = "HMAC_random";
  EXPECT_THAT(
      kms_.CreateKey(User("admin"), call),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value 'HMAC_random' at "
                  "'keySpec' failed to satisfy constraint: Member must satisfy "
                  "enum value set: [RSA_2048, ECC_NIST_P384, ECC_NIST_P256, "
                  "ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, "
                  "RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, "
                  "HMAC_512]"));
  call.key_spec = "HMAC_256";
  call.key_usage = "RANDOM";
  EXPECT_THAT(
      kms_.CreateKey(User("admin"), call),
      RefusedWith(
          "ValidationException",
          "1 validation error detected: Value 'RANDOM' at 'keyUsage' "
          "failed to satisfy constraint: Member must satisfy enum value "
          "set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC]"));
  call.key_usage = std::nullopt;
  EXPECT_THAT(
      kms_.CreateKey(User("admin"), call),
      RefusedWith("ValidationException",
                  "You must specify a KeyUsage value for all KMS keys except "
                  "for symmetric encryption keys."));
  call.key_spec = "ECC_NIST_P256";
  call.key_usage = "ENCRYPT_DECRYPT";
  EXPECT_THAT(
      kms_.CreateKey(User("admin"), call),
      RefusedWith("ValidationException",
                  "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec "
                  "ECC_NIST_P256"));
  call = CreateKeyCall();
  call.description = std::string(8193, 'd');
  EXPECT_THAT(kms_.CreateKey(User("admin"), call),
              RefusedAs("ValidationException"));
  call.description.pop_back();
  EXPECT_THAT(kms_.CreateKey(User("admin"), call), Succeeded());
}

TEST_F(LocalKmsTest, CreateKey_NeedsAnAccountAndARegion) {
  const auto refused =
      RefusedWith("ValidationException",
                  "a key belongs to an account of 12 digits and a region");
  for (const Caller& caller :
       std::vector<Caller>{{"", "us-east-1", ""},
                           {"1", "us-east-1", ""},
                           {kAccount, "us:east", ""},
                           {kAccount, std::string(65, 'r'), ""},
                           {kAccount, "us-east-1", "", "aws-\""},
                           {kAccount, "us-east-1", "", "other"}}) {
    EXPECT_THAT(kms_.CreateKey({caller}, {}), refused);
    EXPECT_THAT(Describe({caller}, "alias/aws/glue"),
                RefusedAs("NotFoundException"));
  }
  EXPECT_THAT(kms_.CreateKey({{kAccount, "", ""}}, {}), Succeeded());
}

class SmallLocalKmsTest : public LocalKmsTest {
 protected:
  static LocalKmsLimits SmallLimits() {
    LocalKmsLimits limits;
    limits.keys_max = 2;
    limits.aliases_per_key_max = 2;
    limits.grants_per_key_max = 2;
    limits.rotations_per_key_max = 1;
    return limits;
  }
  SmallLocalKmsTest() : LocalKmsTest(SmallLimits()) {}
};

TEST_F(SmallLocalKmsTest, CreateKey_StopsAtTheQuota) {
  const std::string arn = NewKey();
  NewKey();
  const std::string before = State();
  EXPECT_THAT(kms_.CreateKey(User("admin"), {}),
              RefusedWith("LimitExceededException",
                          "the account has as many keys in the region as it "
                          "may have"));
  EXPECT_EQ(State(), before);
  // It counts neither other accounts nor the keys that AWS manages.
  EXPECT_THAT(kms_.CreateKey(User("a", kOtherAccount), {}), Succeeded());
  EXPECT_THAT(Describe(User("admin"), "alias/aws/glue"), Succeeded());
  // A key that is pending deletion counts until it is gone.
  ASSERT_THAT(Schedule(arn), Succeeded());
  EXPECT_THAT(kms_.CreateKey(User("admin"), {}),
              RefusedAs("LimitExceededException"));
  ASSERT_TRUE(clock_.Advance(absl::Hours(7 * 24)));
  EXPECT_THAT(kms_.CreateKey(User("admin"), {}), Succeeded());
  EXPECT_THAT(kms_.CreateKey(User("admin"), {}),
              RefusedAs("LimitExceededException"));
}

TEST_F(SmallLocalKmsTest, RotateKeyOnDemand_StopsAtTheQuota) {
  const std::string arn = NewKey();
  EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"), arn), Succeeded());
  EXPECT_THAT(kms_.RotateKeyOnDemand(User("admin"), arn),
              RefusedAs("LimitExceededException"));
}

// The texts go into answers that are UTF-8.
TEST_F(LocalKmsTest, EveryRefusal_HasATextInUtf8) {
  const std::string arn = NewKey();
  EXPECT_THAT(
      Encrypt(CallerOf(kOtherAccount, "\xFF\"bob\""), arn),
      RefusedWith("AccessDeniedException",
                  "User: \xEF\xBF\xBD\\\"bob\\\" is not authorized to perform: "
                  "kms:Encrypt on this resource because the resource does not "
                  "exist in this Region, no resource-based policies allow "
                  "access, or a resource-based policy explicitly denies "
                  "access"));
  EXPECT_THAT(Encrypt(User("admin"), "\xFF"),
              RefusedWith("NotFoundException", "Invalid keyId '\xEF\xBF\xBD'"));
}

TEST_F(LocalKmsTest, EveryRefusal_HasAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const KeyRefusal refusal = RefusalOf(Encrypt(User("admin"), "orders"));
    EXPECT_EQ(refusal.http_status, 400);
    EXPECT_EQ(refusal.request_id[14], '4');
    EXPECT_NE(std::string("89ab").find(refusal.request_id[19]),
              std::string::npos);
    EXPECT_TRUE(ids.insert(refusal.request_id).second);
  }
}

TEST_F(LocalKmsTest, Reset_ForgetsEverything) {
  const std::string key = NewKey();
  ASSERT_THAT(kms_.CreateAlias(User("admin"), "alias/a", key), Succeeded());
  const std::string blob = Blob(key);
  ASSERT_THAT(Describe(User("admin"), "alias/aws/glue"), Succeeded());
  ASSERT_THAT(Schedule(NewKey()), Succeeded());
  kms_.Reset();
  EXPECT_THAT(Describe(User("admin"), key),
              RefusedWith("NotFoundException",
                          absl::StrCat("Key '", key, "' does not exist")));
  EXPECT_THAT(Decrypt(User("admin"), blob), RefusedAs("AccessDeniedException"));
  const auto aliases = kms_.ListAliases(User("admin"), {});
  ASSERT_EQ(std::get<ListAliasesResult>(aliases).aliases.size(), 1u);
  EXPECT_EQ(std::get<ListAliasesResult>(aliases).aliases[0].target_key_id,
            std::nullopt);
  // It is as new, also when the date of the old deletion comes.
  const std::string next = NewKey();
  clock_.Advance(absl::Hours(24 * 31));
  EXPECT_THAT(Encrypt(User("admin"), next), Succeeded());
}

class AllKeysLimitTest : public LocalKmsTest {
 protected:
  static LocalKmsLimits Three() {
    LocalKmsLimits limits;
    limits.keys_in_all_max = 3;
    return limits;
  }
  AllKeysLimitTest() : LocalKmsTest(Three()) {}
};

TEST_F(AllKeysLimitTest, KeysOfAllAccountsAreCounted) {
  const std::string first = NewKey();
  NewKey({}, User("admin", kOtherAccount));
  // The key behind alias/aws/glue is one of them.
  ASSERT_THAT(Describe(User("admin"), "alias/aws/glue"), Succeeded());
  const std::string before = State();
  EXPECT_THAT(kms_.CreateKey(User("admin"), {}),
              RefusedWith("LimitExceededException",
                          "there are as many keys in all as there may be"));
  EXPECT_EQ(State(), before);
  EXPECT_THAT(
      Describe(User("admin", kOtherAccount), "alias/aws/glue"),
      RefusedWith("NotFoundException",
                  "Alias arn:aws:kms:us-east-1:210987654321:alias/aws/glue is "
                  "not found."));
  ASSERT_THAT(Schedule(first), Succeeded());
  clock_.Advance(absl::Hours(24 * 7));
  EXPECT_THAT(Describe(User("admin", kOtherAccount), "alias/aws/glue"),
              Succeeded());
}

}  // namespace
}  // namespace glue_security
