// The rules of docs/encryption.md about passwords: one test for each, and a
// table that covers all combinations of settings, properties and flags.

#include "glue_security/encryption/connection_passwords.h"

#include <cstdlib>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/encryption_settings.h"
#include "gmock/gmock.h"
#include "google/protobuf/map.h"
#include "gtest/gtest.h"
#include "tests/encryption/fake_key_service.h"

namespace glue_security {
namespace {

using Settings = v1::DataCatalogEncryptionSettings;
using PropertyMap = std::map<std::string, std::string>;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kAccount[] = "123456789012";
constexpr char kRegion[] = "us-east-1";
constexpr char kText[] = "the password in clear";

Settings MakeSettings(bool flag, const std::string& key) {
  Settings settings;
  auto* password = settings.mutable_connection_password_encryption();
  password->set_return_connection_password_encrypted(flag);
  if (!key.empty()) password->set_aws_kms_key_id(key);
  return settings;
}

class ConnectionPasswordsTest : public testing::Test {
 protected:
  ConnectionPasswordsTest()
      : caller_(ThroughGlue(
            {kAccount, kRegion, "arn:aws:iam::123456789012:user/alice"})),
        key_(keys_.AddKey(kAccount, kRegion, "passwords")),
        glue_key_(keys_.AddKey(kAccount, kRegion, "glue")) {
    keys_.AddAlias("alias/aws/glue", glue_key_);
  }

  // Does what CreateConnection does. Returns what is stored, or the refusal.
  std::variant<PropertyMap, KeyRefusal> Write(const Settings& settings,
                                              PropertyMap properties) {
    std::vector<EncryptResult> results;
    for (const EncryptCall& call :
         PasswordsToEncrypt(behavior_, settings, PropertiesOf(properties))) {
      auto answer = keys_.Encrypt(caller_, call);
      if (auto* refusal = std::get_if<KeyRefusal>(&answer)) return *refusal;
      results.push_back(std::get<EncryptResult>(std::move(answer)));
    }
    const auto edits =
        EditsOfWrite(behavior_, settings, PropertiesOf(properties), results);
    ApplyEdits(edits, &properties);
    return properties;
  }

  PropertyMap WriteFine(const Settings& settings,
                        const PropertyMap& properties) {
    auto stored = Write(settings, properties);
    EXPECT_TRUE(std::holds_alternative<PropertyMap>(stored));
    return std::get<PropertyMap>(stored);
  }

  // Does what GetConnection does. Returns what is shown, or the refusal.
  std::variant<PropertyMap, KeyRefusal> Read(const Settings& settings,
                                             bool hide, PropertyMap stored) {
    std::list<DecryptResult> answers;
    std::vector<const DecryptResult*> results;
    for (const DecryptCall& call :
         PasswordsToDecrypt(settings, hide, PropertiesOf(stored))) {
      auto answer = keys_.Decrypt(caller_, call);
      if (auto* refusal = std::get_if<KeyRefusal>(&answer)) return *refusal;
      answers.push_back(std::get<DecryptResult>(std::move(answer)));
      results.push_back(&answers.back());
    }
    const auto edits =
        EditsOfRead(settings, hide, PropertiesOf(stored), results);
    ApplyEdits(edits, &stored);
    return stored;
  }

  PropertyMap ReadFine(const Settings& settings, bool hide,
                       const PropertyMap& stored) {
    auto shown = Read(settings, hide, stored);
    EXPECT_TRUE(std::holds_alternative<PropertyMap>(shown));
    return std::get<PropertyMap>(shown);
  }

  // Returns a ciphertext of `text`, as ENCRYPTED_PASSWORD holds it.
  std::string Ciphertext(absl::string_view text, const std::string& key) {
    auto answer = keys_.Encrypt(caller_, {key, Secret(text), {}, {}});
    return absl::Base64Escape(std::get<EncryptResult>(answer).blob);
  }

  // Returns the text in an ENCRYPTED_PASSWORD, decrypted without a context.
  std::string TextIn(const std::string& encrypted, const std::string& key) {
    std::string blob;
    EXPECT_TRUE(absl::Base64Unescape(encrypted, &blob));
    auto answer = keys_.Decrypt(caller_, {blob, key, {}, {}});
    if (auto* refusal = std::get_if<KeyRefusal>(&answer)) return refusal->code;
    return std::string(std::get<DecryptResult>(answer).plaintext.view());
  }

  Behavior behavior_ = Behavior::Current();
  FakeKeyService keys_;
  const KeyCaller caller_;
  const std::string key_;
  const std::string glue_key_;
};

// ---- One test for each rule.

TEST_F(ConnectionPasswordsTest, FlagWithoutAKey_UsesTheKeyOfGlue) {
  const PropertyMap stored =
      WriteFine(MakeSettings(true, ""), {{"PASSWORD", kText}});
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_PASSWORD"), glue_key_), kText);
}

TEST_F(ConnectionPasswordsTest, KeyAlone_ProtectsAndIsDecrypted) {
  const Settings settings = MakeSettings(false, key_);
  const PropertyMap stored = WriteFine(settings, {{"PASSWORD", kText}});
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_PASSWORD"), key_), kText);
  EXPECT_THAT(stored, SizeIs(1));
  EXPECT_EQ(ReadFine(settings, false, stored),
            (PropertyMap{{"PASSWORD", kText}}));
}

TEST_F(ConnectionPasswordsTest, Stored_IsBase64UnderTheCallerWithoutContext) {
  keys_.TakeCalls();
  const PropertyMap stored = WriteFine(
      MakeSettings(true, key_), {{"PASSWORD", kText}, {"USERNAME", "alice"}});
  const std::vector<KeyCall> calls = keys_.TakeCalls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].caller, caller_);
  EXPECT_EQ(std::get<EncryptCall>(calls[0].call),
            (EncryptCall{key_, Secret(kText), {}, {}}));
  EXPECT_EQ(stored.count("PASSWORD"), 0u);
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_PASSWORD"), key_), kText);
  EXPECT_EQ(stored.at("USERNAME"), "alice");
}

TEST_F(ConnectionPasswordsTest, ReadWithTheFlag_ShowsTheCiphertextAsStored) {
  const Settings settings = MakeSettings(true, key_);
  const PropertyMap stored =
      WriteFine(settings, {{"PASSWORD", kText}, {"HOST", "h"}});
  keys_.TakeCalls();
  EXPECT_EQ(ReadFine(settings, false, stored), stored);
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, ReadWithoutTheFlag_DecryptsAsTheCaller) {
  const PropertyMap stored =
      WriteFine(MakeSettings(true, key_), {{"PASSWORD", kText}});
  keys_.TakeCalls();
  EXPECT_EQ(ReadFine(MakeSettings(false, key_), false, stored),
            (PropertyMap{{"PASSWORD", kText}}));
  const std::vector<KeyCall> calls = keys_.TakeCalls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].caller, caller_);
  const auto& call = std::get<DecryptCall>(calls[0].call);
  EXPECT_EQ(absl::Base64Escape(call.blob), stored.at("ENCRYPTED_PASSWORD"));
  EXPECT_EQ(call.key, "");
  EXPECT_THAT(call.context, IsEmpty());
}

TEST_F(ConnectionPasswordsTest, HidePassword_ShowsNeitherAndAsksNoKey) {
  const PropertyMap encrypted =
      WriteFine(MakeSettings(true, key_), {{"PASSWORD", kText}, {"HOST", "h"}});
  const PropertyMap clear = {{"PASSWORD", kText}, {"HOST", "h"}};
  keys_.TakeCalls();
  for (const bool flag : {false, true}) {
    for (const PropertyMap& stored : {encrypted, clear}) {
      EXPECT_EQ(ReadFine(MakeSettings(flag, key_), true, stored),
                (PropertyMap{{"HOST", "h"}}));
    }
  }
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, UpdateWithoutAPassword_LeavesNone) {
  // An update replaces all properties, so that nothing of the old ones is
  // asked.
  const PropertyMap stored =
      WriteFine(MakeSettings(true, key_), {{"HOST", "h"}});
  EXPECT_EQ(stored, (PropertyMap{{"HOST", "h"}}));
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, AnEmptyPassword_IsStoredAsItIs) {
  for (const bool flag : {false, true}) {
    const Settings settings = MakeSettings(flag, key_);
    const PropertyMap stored = WriteFine(settings, {{"PASSWORD", ""}});
    EXPECT_EQ(stored, (PropertyMap{{"PASSWORD", ""}}));
    EXPECT_EQ(ReadFine(settings, false, stored), stored);
  }
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, KafkaPairs_AreEncryptedSinceTheirDate) {
  const PropertyMap given = {{"KAFKA_CLIENT_KEY_PASSWORD", "one"},
                             {"KAFKA_CLIENT_KEYSTORE_PASSWORD", "two"},
                             {"PASSWORD", "three"}};
  const Settings settings = MakeSettings(true, key_);
  behavior_.api_date = absl::CivilDay(2021, 7, 1);
  const PropertyMap stored = WriteFine(settings, given);
  EXPECT_THAT(stored, SizeIs(3));
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD"), key_),
            "one");
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD"), key_),
            "two");
  EXPECT_EQ(TextIn(stored.at("ENCRYPTED_PASSWORD"), key_), "three");
  EXPECT_EQ(ReadFine(MakeSettings(false, key_), false, stored), given);

  behavior_.api_date = absl::CivilDay(2021, 6, 30);
  PropertyMap before = WriteFine(settings, given);
  EXPECT_EQ(TextIn(before.at("ENCRYPTED_PASSWORD"), key_), "three");
  before.erase("ENCRYPTED_PASSWORD");
  EXPECT_EQ(before, (PropertyMap{{"KAFKA_CLIENT_KEY_PASSWORD", "one"},
                                 {"KAFKA_CLIENT_KEYSTORE_PASSWORD", "two"}}));
  // They are hidden at every date.
  EXPECT_THAT(ReadFine(settings, true, before), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, BothGiven_ThePasswordWins) {
  const PropertyMap given = {
      {"PASSWORD", kText}, {"ENCRYPTED_PASSWORD", Ciphertext("another", key_)}};
  const PropertyMap protected_ = WriteFine(MakeSettings(true, key_), given);
  EXPECT_THAT(protected_, SizeIs(1));
  EXPECT_EQ(TextIn(protected_.at("ENCRYPTED_PASSWORD"), key_), kText);
  EXPECT_EQ(WriteFine(MakeSettings(false, ""), given),
            (PropertyMap{{"PASSWORD", kText}}));
  EXPECT_EQ(WriteFine(MakeSettings(true, key_),
                      {{"PASSWORD", ""}, {"ENCRYPTED_PASSWORD", "x"}}),
            (PropertyMap{{"PASSWORD", ""}}));
}

TEST_F(ConnectionPasswordsTest, EncryptedAlone_IsKeptAsGiven) {
  const PropertyMap given = {{"ENCRYPTED_PASSWORD", Ciphertext("own", key_)}};
  keys_.TakeCalls();
  EXPECT_EQ(WriteFine(MakeSettings(true, key_), given), given);
  EXPECT_EQ(WriteFine(MakeSettings(false, ""), given), given);
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
  EXPECT_EQ(ReadFine(MakeSettings(false, ""), false, given),
            (PropertyMap{{"PASSWORD", "own"}}));
}

TEST_F(ConnectionPasswordsTest, EncryptedThatIsNoCiphertext_IsRefusedOnRead) {
  // In base64, but of no key; not in base64.
  for (const char* text : {"AQICAHh4", "no base64!"}) {
    const PropertyMap stored =
        WriteFine(MakeSettings(true, key_), {{"ENCRYPTED_PASSWORD", text}});
    EXPECT_EQ(ReadFine(MakeSettings(true, key_), false, stored), stored);
    const auto shown = Read(MakeSettings(false, ""), false, stored);
    ASSERT_TRUE(std::holds_alternative<KeyRefusal>(shown)) << text;
    EXPECT_EQ(std::get<KeyRefusal>(shown).code, "InvalidCiphertextException");
    EXPECT_EQ(std::get<KeyRefusal>(shown).message, std::nullopt);
  }
}

TEST_F(ConnectionPasswordsTest, ChangedSettings_LeaveWhatIsStored) {
  const PropertyMap under_old =
      WriteFine(MakeSettings(true, key_), {{"PASSWORD", kText}});
  const PropertyMap in_clear =
      WriteFine(MakeSettings(false, ""), {{"PASSWORD", kText}});
  // A new key, and protection off: the old key still decrypts.
  for (const Settings& settings :
       {MakeSettings(false, glue_key_), MakeSettings(false, "")}) {
    keys_.TakeCalls();
    EXPECT_EQ(ReadFine(settings, false, under_old).at("PASSWORD"), kText);
    EXPECT_THAT(keys_.TakeCalls(), SizeIs(1));
  }
  // With the flag on, a password that was stored in clear is shown so.
  EXPECT_EQ(ReadFine(MakeSettings(true, key_), false, in_clear), in_clear);
}

TEST_F(ConnectionPasswordsTest, ProtectionOff_StoresAndShowsAsGiven) {
  const PropertyMap given = {{"PASSWORD", kText}, {"HOST", "h"}};
  EXPECT_EQ(WriteFine(MakeSettings(false, ""), given), given);
  EXPECT_EQ(WriteFine(Settings(), given), given);
  EXPECT_EQ(ReadFine(Settings(), false, given), given);
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(ConnectionPasswordsTest, ARefusal_IsPassedOn) {
  const PropertyMap given = {{"PASSWORD", kText}};
  const PropertyMap stored = WriteFine(MakeSettings(true, key_), given);
  keys_.Disable(key_);
  const auto written = Write(MakeSettings(true, key_), given);
  ASSERT_TRUE(std::holds_alternative<KeyRefusal>(written));
  EXPECT_EQ(std::get<KeyRefusal>(written).code, "DisabledException");
  const auto shown = Read(MakeSettings(false, ""), false, stored);
  ASSERT_TRUE(std::holds_alternative<KeyRefusal>(shown));
  EXPECT_EQ(std::get<KeyRefusal>(shown).code, "DisabledException");
}

TEST_F(ConnectionPasswordsTest, ADecryptedTextThatIsNotUtf8_IsMadeSo) {
  const PropertyMap stored = {
      {"ENCRYPTED_PASSWORD", Ciphertext("p\xFFw", key_)}};
  EXPECT_EQ(ReadFine(MakeSettings(false, ""), false, stored).at("PASSWORD"),
            "p\xEF\xBF\xBDw");
}

TEST_F(ConnectionPasswordsTest, MapFieldsOfMessages_WorkLikeMaps) {
  google::protobuf::Map<std::string, std::string> properties;
  properties["PASSWORD"] = kText;
  properties["HOST"] = "h";
  const Settings settings = MakeSettings(true, key_);
  const auto calls =
      PasswordsToEncrypt(behavior_, settings, PropertiesOf(properties));
  ASSERT_THAT(calls, SizeIs(1));
  auto answer = keys_.Encrypt(caller_, calls[0]);
  const std::vector<EncryptResult> results = {std::get<EncryptResult>(answer)};
  ApplyEdits(
      EditsOfWrite(behavior_, settings, PropertiesOf(properties), results),
      &properties);
  EXPECT_EQ(properties.size(), 2u);
  EXPECT_EQ(properties.at("HOST"), "h");
  EXPECT_EQ(TextIn(properties.at("ENCRYPTED_PASSWORD"), key_), kText);
}

// ---- All combinations.

// The value of a property.
enum Value {
  kAbsent,
  kEmpty,
  // A password in clear.
  kClear,
  // A ciphertext that the request brought.
  kGiven,
  // The password, encrypted by the write.
  kEncrypted,
  // The text in kGiven.
  kDecrypted,
};

struct Held {
  Value clear;
  Value encrypted;
};

// The table of docs/encryption.md for a write, for each pair.
struct WriteRow {
  Held given;
  Held stored_when_on;
  Held stored_when_off;
};
constexpr WriteRow kWriteRows[] = {
    {{kAbsent, kAbsent}, {kAbsent, kAbsent}, {kAbsent, kAbsent}},
    {{kAbsent, kEmpty}, {kAbsent, kEmpty}, {kAbsent, kEmpty}},
    {{kAbsent, kGiven}, {kAbsent, kGiven}, {kAbsent, kGiven}},
    {{kEmpty, kAbsent}, {kEmpty, kAbsent}, {kEmpty, kAbsent}},
    {{kEmpty, kEmpty}, {kEmpty, kAbsent}, {kEmpty, kAbsent}},
    {{kEmpty, kGiven}, {kEmpty, kAbsent}, {kEmpty, kAbsent}},
    {{kClear, kAbsent}, {kAbsent, kEncrypted}, {kClear, kAbsent}},
    {{kClear, kEmpty}, {kAbsent, kEncrypted}, {kClear, kAbsent}},
    {{kClear, kGiven}, {kAbsent, kEncrypted}, {kClear, kAbsent}},
};

// The table for a read without HidePassword, for each pair.
struct ReadRow {
  Held stored;
  Held shown_encrypted;
  Held shown_decrypted;
};
constexpr ReadRow kReadRows[] = {
    {{kAbsent, kAbsent}, {kAbsent, kAbsent}, {kAbsent, kAbsent}},
    {{kAbsent, kEmpty}, {kAbsent, kEmpty}, {kAbsent, kEmpty}},
    {{kAbsent, kGiven}, {kAbsent, kGiven}, {kDecrypted, kAbsent}},
    {{kAbsent, kEncrypted}, {kAbsent, kEncrypted}, {kClear, kAbsent}},
    {{kEmpty, kAbsent}, {kEmpty, kAbsent}, {kEmpty, kAbsent}},
    {{kClear, kAbsent}, {kClear, kAbsent}, {kClear, kAbsent}},
    // Both of a pair are stored only before its date.
    {{kEmpty, kEmpty}, {kAbsent, kEmpty}, {kEmpty, kAbsent}},
    {{kEmpty, kGiven}, {kAbsent, kGiven}, {kEmpty, kAbsent}},
    {{kClear, kEmpty}, {kAbsent, kEmpty}, {kClear, kAbsent}},
    {{kClear, kGiven}, {kAbsent, kGiven}, {kClear, kAbsent}},
};

bool Same(const Held& a, const Held& b) {
  return a.clear == b.clear && a.encrypted == b.encrypted;
}

const ReadRow& ReadRowOf(const Held& stored) {
  for (const ReadRow& row : kReadRows) {
    if (Same(row.stored, stored)) return row;
  }
  ADD_FAILURE() << "no row";
  return kReadRows[0];
}

struct PairNames {
  const char* clear;
  const char* encrypted;
  bool since_2021;
};
constexpr PairNames kPairNames[] = {
    {"PASSWORD", "ENCRYPTED_PASSWORD", false},
    {"KAFKA_CLIENT_KEYSTORE_PASSWORD",
     "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD", true},
    {"KAFKA_CLIENT_KEY_PASSWORD", "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD", true},
};

TEST(PasswordPairs, AreThoseOfTheTable) {
  ASSERT_THAT(PasswordPairs(), SizeIs(std::size(kPairNames)));
  for (size_t i = 0; i < std::size(kPairNames); ++i) {
    const PasswordPair& pair = PasswordPairs()[i];
    EXPECT_STREQ(pair.clear, kPairNames[i].clear);
    EXPECT_STREQ(pair.encrypted, kPairNames[i].encrypted);
    EXPECT_EQ(pair.since, kPairNames[i].since_2021 ? absl::CivilDay(2021, 7, 1)
                                                   : kContractDate);
  }
}

// One choice of what a request gives, for the three pairs.
struct Given {
  const WriteRow* rows[std::size(kPairNames)];
};

class AllPasswordsTest : public ConnectionPasswordsTest {
 protected:
  // Calls `check` with each combination of the rows of a write.
  template <typename Check>
  static void ForEachGiven(Check check) {
    for (const WriteRow& first : kWriteRows) {
      for (const WriteRow& second : kWriteRows) {
        for (const WriteRow& third : kWriteRows) {
          check(Given{{&first, &second, &third}});
        }
      }
    }
  }

  // Each pair has its own passwords, so that none can be taken for another's.
  static std::string ClearOf(size_t pair) {
    return absl::StrCat("in clear ", pair);
  }
  static std::string GivenTextOf(size_t pair) {
    return absl::StrCat("encrypted before ", pair);
  }

  AllPasswordsTest() {
    for (size_t i = 0; i < std::size(kPairNames); ++i) {
      given_.push_back(Ciphertext(GivenTextOf(i), key_));
    }
  }

  void Put(const char* key, Value value, size_t pair,
           PropertyMap* properties) const {
    switch (value) {
      case kAbsent:
        return;
      case kEmpty:
        (*properties)[key] = "";
        return;
      case kClear:
        (*properties)[key] = ClearOf(pair);
        return;
      case kGiven:
        (*properties)[key] = given_[pair];
        return;
      case kDecrypted:
        (*properties)[key] = GivenTextOf(pair);
        return;
      case kEncrypted:
        ADD_FAILURE() << "not known beforehand";
    }
  }

  void PutPair(const Held& held, size_t pair, PropertyMap* properties) const {
    Put(kPairNames[pair].clear, held.clear, pair, properties);
    Put(kPairNames[pair].encrypted, held.encrypted, pair, properties);
  }

  PropertyMap PropertiesGiven(const Given& given) const {
    PropertyMap properties = {{"USERNAME", "alice"}};
    for (size_t i = 0; i < std::size(kPairNames); ++i) {
      PutPair(given.rows[i]->given, i, &properties);
    }
    return properties;
  }

  // Checks a write, and returns what is held of each pair.
  std::vector<Held> CheckWrite(const Settings& settings, bool is_on,
                               const Given& given, const PropertyMap& stored) {
    std::vector<Held> held;
    PropertyMap rest = stored;
    PropertyMap expected = {{"USERNAME", "alice"}};
    for (size_t i = 0; i < std::size(kPairNames); ++i) {
      const WriteRow& row = *given.rows[i];
      const bool in_force =
          !kPairNames[i].since_2021 || behavior_.api_date.year() >= 2022;
      held.push_back(!in_force ? row.given
                     : is_on   ? row.stored_when_on
                               : row.stored_when_off);
      Held known = held.back();
      if (known.encrypted == kEncrypted) {
        const auto found = rest.find(kPairNames[i].encrypted);
        EXPECT_NE(found, rest.end());
        if (found != rest.end()) {
          EXPECT_EQ(TextIn(found->second, PasswordArn(settings)), ClearOf(i));
          rest.erase(found);
        }
        known.encrypted = kAbsent;
      }
      PutPair(known, i, &expected);
      for (const auto& [key, value] : stored) {
        EXPECT_FALSE(is_on && in_force && absl::StrContains(value, ClearOf(i)))
            << key << " holds a password in clear";
      }
    }
    EXPECT_EQ(rest, expected);
    return held;
  }

  std::string PasswordArn(const Settings& settings) const {
    return settings.connection_password_encryption().has_aws_kms_key_id()
               ? key_
               : glue_key_;
  }

  void CheckRead(bool flag, const std::vector<Held>& held,
                 const PropertyMap& stored) {
    size_t calls = 0;
    PropertyMap expected = {{"USERNAME", "alice"}};
    for (size_t i = 0; i < std::size(kPairNames); ++i) {
      const ReadRow& row = ReadRowOf(held[i]);
      Held shown = flag ? row.shown_encrypted : row.shown_decrypted;
      if (shown.encrypted == kEncrypted) {
        const char* key = kPairNames[i].encrypted;
        expected[key] = stored.at(key);
        shown.encrypted = kAbsent;
      } else if (shown.clear != held[i].clear && !flag) {
        ++calls;
      }
      PutPair(shown, i, &expected);
    }
    keys_.TakeCalls();
    EXPECT_EQ(ReadFine(MakeSettings(flag, ""), false, stored), expected);
    EXPECT_THAT(keys_.TakeCalls(), SizeIs(calls));
    EXPECT_EQ(ReadFine(MakeSettings(flag, ""), true, stored),
              (PropertyMap{{"USERNAME", "alice"}}));
    EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
  }

  // The ciphertexts that requests bring.
  std::vector<std::string> given_;
};

TEST_F(AllPasswordsTest, EveryCombinationFollowsTheTable) {
  struct Protection {
    PasswordProtection by;
    bool flag;
    bool has_key;
    bool is_on;
  };
  std::vector<Protection> protections = {
      {PasswordProtection::kFlagOrKey, false, false, false},
      {PasswordProtection::kFlagOrKey, false, true, true},
      {PasswordProtection::kFlagOrKey, true, false, true},
      {PasswordProtection::kFlagOrKey, true, true, true},
      {PasswordProtection::kFlag, false, true, false},
      {PasswordProtection::kFlag, true, false, true},
      {PasswordProtection::kKey, true, false, false},
      {PasswordProtection::kKey, false, true, true},
  };
  if (std::getenv("GLUE_SECURITY_SHORT_TESTS") != nullptr) {
    protections = {protections[1], protections[4]};
  }
  int combinations = 0;
  for (const Protection& protection : protections) {
    behavior_.password_protection = protection.by;
    const Settings settings =
        MakeSettings(protection.flag, protection.has_key ? key_ : "");
    // A day before the contract counts as that of the contract.
    for (const absl::CivilDay& date :
         {kContractDate - 1, kContractDate, kNewestApiDate}) {
      behavior_.api_date = date;
      ForEachGiven([&](const Given& given) {
        ++combinations;
        SCOPED_TRACE(testing::Message() << "combination " << combinations);
        const PropertyMap stored = WriteFine(settings, PropertiesGiven(given));
        const std::vector<Held> held =
            CheckWrite(settings, protection.is_on, given, stored);
        CheckRead(false, held, stored);
        CheckRead(true, held, stored);
      });
    }
  }
  EXPECT_EQ(combinations, static_cast<int>(protections.size()) * 3 * 729);
}

}  // namespace
}  // namespace glue_security
