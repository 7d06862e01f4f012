// password: the passwords of connections under each setting.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kEncryption = v1::ERROR_CODE_GLUE_ENCRYPTION;
constexpr char kSecret[] = "correct horse battery staple";
constexpr char kOther[] = "another secret";
constexpr char kAbsent[] = "(absent)";
constexpr char kPassword[] = "PASSWORD";
constexpr char kEncrypted[] = "ENCRYPTED_PASSWORD";
// A key that no backend has.
constexpr char kNoKey[] = "11111111-2222-3333-4444-555555555555";

// The settings of the passwords: the flag, and the key if there is one.
v1::Request Protect(bool flag, std::optional<std::string> key = std::nullopt) {
  v1::DataCatalogEncryptionSettings settings;
  auto* passwords = settings.mutable_connection_password_encryption();
  passwords->set_return_connection_password_encrypted(flag);
  if (key.has_value()) passwords->set_aws_kms_key_id(*std::move(key));
  return PutSettings(settings);
}

v1::ConnectionInput WithPassword(absl::string_view password) {
  return ConnectionWith(
      "a", {{"USERNAME", "bob"}, {kPassword, std::string(password)}});
}

std::string ValueOf(const v1::Connection& connection, const char* key) {
  const PropertyMap properties = PropertiesOf(connection);
  const auto found = properties.find(key);
  return found == properties.end() ? kAbsent : found->second;
}

v1::Connection Shown(CheckContext& check, std::optional<bool> hide,
                     const Caller& caller = Home()) {
  return check.Ok(GetConnection("a", hide), caller)
      .get_connection()
      .connection();
}

// Expects both properties, in an answer of GetConnection and of GetConnections.
void ExpectProperties(CheckContext& check, const std::string& password,
                      const std::string& encrypted,
                      std::optional<bool> hide = std::nullopt) {
  const auto expect = [&](const v1::Connection& shown) {
    check.Same(kPassword, password, ValueOf(shown, kPassword));
    check.Same(kEncrypted, encrypted, ValueOf(shown, kEncrypted));
  };
  expect(Shown(check, hide));
  v1::Request list = ListConnections();
  if (hide.has_value()) {
    list.mutable_get_connections()->set_hide_password(*hide);
  }
  const v1::Response response = check.Ok(list);
  for (const auto& entry : response.get_connections().connection_list()) {
    expect(entry);
  }
}

// Expects that a ciphertext is shown, and nothing in clear. The ciphertext is
// another one each time, so that it is not in the difference.
std::string ExpectCiphertext(CheckContext& check, const v1::Connection& shown,
                             const char* clear = kPassword,
                             const char* encrypted = kEncrypted) {
  check.Same(clear, kAbsent, ValueOf(shown, clear));
  const std::string text = ValueOf(shown, encrypted);
  std::string blob;
  std::string found = "a ciphertext in base64";
  if (text == kAbsent) {
    found = "none";
  } else if (!absl::Base64Unescape(text, &blob)) {
    found = "a text that is not base64";
  } else if (absl::StrContains(blob, kSecret) ||
             absl::StrContains(text, kSecret) || blob.empty()) {
    found = "no ciphertext";
  }
  check.Same(encrypted, "a ciphertext in base64", found);
  return text;
}

std::string ExpectCiphertext(CheckContext& check) {
  return ExpectCiphertext(check, Shown(check, std::nullopt));
}

void CreateUnder(CheckContext& check, const v1::Request& settings,
                 absl::string_view password = kSecret) {
  check.Ok(settings);
  check.Ok(CreateConnection(WithPassword(password)));
}

void AddUnprotectedChecks(CheckGroup& group) {
  group.Add("off.kept", "without protection PASSWORD is kept as it was given",
            [](CheckContext& check) {
              check.Ok(CreateConnection(WithPassword(kSecret)));
              ExpectProperties(check, kSecret, kAbsent);
              ExpectProperties(check, kSecret, kAbsent, false);
            });
  group.Add("off.hidden", "with HidePassword no PASSWORD is shown",
            [](CheckContext& check) {
              check.Ok(CreateConnection(WithPassword(kSecret)));
              ExpectProperties(check, kAbsent, kAbsent, true);
              check.Same("USERNAME", "bob",
                         ValueOf(Shown(check, true), "USERNAME"));
            });
  group.Add(
      "off.hidden_encrypted",
      "with HidePassword no ENCRYPTED_PASSWORD is shown",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a", {{kEncrypted, "AAAA"}})));
        ExpectProperties(check, kAbsent, kAbsent, true);
      });
  group.Add(
      "off.both_given", "with both, PASSWORD counts", [](CheckContext& check) {
        check.Ok(CreateConnection(
            ConnectionWith("a", {{kPassword, kSecret}, {kEncrypted, "AAAA"}})));
        ExpectProperties(check, kSecret, kAbsent);
      });
  group.Add("off.updated", "an update replaces the password",
            [](CheckContext& check) {
              check.Ok(CreateConnection(WithPassword(kSecret)));
              check.Ok(UpdateConnection(WithPassword(kOther)));
              ExpectProperties(check, kOther, kAbsent);
              check.Ok(UpdateConnection(ConnectionWith("a")));
              ExpectProperties(check, kAbsent, kAbsent);
            });
}

// The settings under which passwords are encrypted.
struct Protection {
  const char* id;
  bool flag;
  std::optional<std::string> key;
};

std::vector<Protection> Protections() {
  return {{"flag", true, std::nullopt},
          {"key", false, "alias/aws/glue"},
          {"flag_and_key", true, "alias/aws/glue"}};
}

void AddShownChecks(CheckGroup& group, const Protection& is) {
  const v1::Request settings = Protect(is.flag, is.key);
  group.Add(
      absl::StrCat(is.id, ".shown"),
      is.flag ? "passwords remain encrypted in the responses"
              : "without the flag a password is shown decrypted",
      [settings, flag = is.flag](CheckContext& check) {
        CreateUnder(check, settings);
        if (!flag) {
          ExpectProperties(check, kSecret, kAbsent);
          return;
        }
        const std::string text = ExpectCiphertext(check);
        check.Same("USERNAME", "bob",
                   ValueOf(Shown(check, std::nullopt), "USERNAME"));
        // It is not encrypted again for each reader.
        const auto list = check.Ok(ListConnections()).get_connections();
        for (const auto& entry : list.connection_list()) {
          check.Same("whether the list shows the same ENCRYPTED_PASSWORD",
                     "yes", ValueOf(entry, kEncrypted) == text ? "yes" : "no");
        }
      },
      NeedsKeys());
  group.Add(
      absl::StrCat(is.id, ".hidden"),
      "with HidePassword neither property is shown",
      [settings](CheckContext& check) {
        CreateUnder(check, settings);
        ExpectProperties(check, kAbsent, kAbsent, true);
      },
      NeedsKeys());
  group.Add(
      absl::StrCat(is.id, ".updated"),
      "UpdateConnection encrypts the password, and keeps no older one",
      [settings](CheckContext& check) {
        CreateUnder(check, settings);
        check.Ok(UpdateConnection(WithPassword(kOther)));
        check.Ok(Protect(true));
        ExpectCiphertext(check);
        check.Ok(Protect(false));
        ExpectProperties(check, kOther, kAbsent);
      },
      NeedsKeys());
  group.Add(
      absl::StrCat(is.id, ".update_without"),
      "after an update without PASSWORD the password is gone",
      [settings](CheckContext& check) {
        CreateUnder(check, settings);
        check.Ok(UpdateConnection(ConnectionWith("a")));
        ExpectProperties(check, kAbsent, kAbsent);
      },
      NeedsKeys());
  group.Add(
      absl::StrCat(is.id, ".empty"), "an empty PASSWORD is stored as it is",
      [settings](CheckContext& check) {
        CreateUnder(check, settings, "");
        ExpectProperties(check, "", kAbsent);
      },
      NeedsKeys());
  group.Add(
      absl::StrCat(is.id, ".both_given"), "with both, PASSWORD counts",
      [settings](CheckContext& check) {
        check.Ok(settings);
        check.Ok(CreateConnection(
            ConnectionWith("a", {{kPassword, kSecret}, {kEncrypted, "AAAA"}})));
        check.Ok(Protect(false));
        ExpectProperties(check, kSecret, kAbsent);
      },
      NeedsKeys());
}

void AddOtherProtectedChecks(CheckGroup& group) {
  group.Add(
      "encrypted_alone", "ENCRYPTED_PASSWORD alone is kept as it was given",
      [](CheckContext& check) {
        check.Ok(Protect(true));
        check.Ok(CreateConnection(
            ConnectionWith("a", {{kEncrypted, "not base64"}})));
        ExpectProperties(check, kAbsent, "not base64");
      },
      NeedsKeys());
  group.Add(
      "sent_back",
      "ENCRYPTED_PASSWORD alone is kept as it was given, so that what a "
      "reader got can be sent back",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true));
        v1::ConnectionInput input = InputOf(Shown(check, std::nullopt));
        input.set_description("changed");
        check.Ok(UpdateConnection(input));
        check.Ok(Protect(false));
        ExpectProperties(check, kSecret, kAbsent);
      },
      NeedsKeys());
  group.Add(
      "long", "a shown value may be longer than a given one",
      [](CheckContext& check) {
        const std::string longest(1024, 'p');
        CreateUnder(check, Protect(true), longest);
        const auto text = ValueOf(Shown(check, std::nullopt), kEncrypted);
        check.Expect(text.size() > 1024, "ENCRYPTED_PASSWORD",
                     "more than 1024 bytes",
                     absl::StrCat(text.size(), " bytes"));
        check.Ok(Protect(false));
        ExpectProperties(check, longest, kAbsent);
      },
      NeedsKeys());
  group.Add(
      "protection.flag", "Behavior::password_protection",
      [](CheckContext& check) {
        check.behavior().password_protection = PasswordProtection::kFlag;
        CreateUnder(check, Protect(false, "alias/aws/glue"));
        check.Ok(Protect(true));
        ExpectProperties(check, kSecret, kAbsent);
        check.Ok(UpdateConnection(WithPassword(kSecret)));
        ExpectCiphertext(check);
      },
      NeedsKeys(NeedsFields()));
  group.Add(
      "protection.key", "Behavior::password_protection",
      [](CheckContext& check) {
        check.behavior().password_protection = PasswordProtection::kKey;
        CreateUnder(check, Protect(true));
        ExpectProperties(check, kSecret, kAbsent);
        check.Ok(Protect(true, "alias/aws/glue"));
        check.Ok(UpdateConnection(WithPassword(kSecret)));
        ExpectCiphertext(check);
      },
      NeedsKeys(NeedsFields()));
}

void AddChangedSettingsChecks(CheckGroup& group) {
  group.Add(
      "changed.on_later",
      "what is stored stays as it is when protection is turned on",
      [](CheckContext& check) {
        check.Ok(CreateConnection(WithPassword(kSecret)));
        check.Ok(Protect(true));
        ExpectProperties(check, kSecret, kAbsent);
      },
      NeedsKeys());
  group.Add(
      "changed.off_later",
      "what is stored stays as it is when protection is turned off, and "
      "is decrypted for a reader",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true));
        check.Ok(Protect(false));
        ExpectProperties(check, kSecret, kAbsent);
        ExpectProperties(check, kAbsent, kAbsent, true);
      },
      NeedsKeys());
  group.Add(
      "changed.off_and_on", "what is stored stays as it is",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true));
        const std::string text = ExpectCiphertext(check);
        check.Ok(Protect(false));
        ExpectProperties(check, kSecret, kAbsent);
        check.Ok(Protect(true));
        check.Same("whether ENCRYPTED_PASSWORD is the same", "yes",
                   ExpectCiphertext(check) == text ? "yes" : "no");
      },
      NeedsKeys());
  group.Add(
      "changed.written_after",
      "an update is encrypted as the settings in force say",
      [](CheckContext& check) {
        check.Ok(CreateConnection(WithPassword(kSecret)));
        check.Ok(Protect(true));
        check.Ok(UpdateConnection(WithPassword(kSecret)));
        ExpectCiphertext(check);
        check.Ok(Protect(false));
        check.Ok(UpdateConnection(WithPassword(kOther)));
        check.Ok(Protect(true));
        ExpectProperties(check, kOther, kAbsent);
      },
      NeedsKeys());
  group.Add(
      "changed.old_key",
      "what is stored stays under its old key, by which it is decrypted",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true));
        check.Ok(Protect(false, kNoKey));
        ExpectProperties(check, kSecret, kAbsent);
      },
      NeedsKeys());
}

void AddRefusedChecks(CheckGroup& group) {
  group.Add(
      "refused.create",
      "a key service that refuses is a GlueEncryptionException",
      [](CheckContext& check) {
        check.Ok(Protect(true, kNoKey));
        check.Fails(CreateConnection(WithPassword(kSecret)), kEncryption);
        check.Fails(GetConnection("a"), v1::ERROR_CODE_ENTITY_NOT_FOUND);
        check.Ok(CreateConnection(ConnectionWith("b")));
      },
      NeedsKeys());
  group.Add(
      "refused.update",
      "a key service that refuses is a GlueEncryptionException; nothing "
      "was changed",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true));
        check.Ok(Protect(true, kNoKey));
        check.Fails(UpdateConnection(WithPassword(kOther)), kEncryption);
        check.Ok(Protect(false));
        ExpectProperties(check, kSecret, kAbsent);
      },
      NeedsKeys());
  group.Add(
      "refused.empty", "an empty PASSWORD needs no key",
      [](CheckContext& check) {
        CreateUnder(check, Protect(true, kNoKey), "");
        ExpectProperties(check, "", kAbsent);
      },
      NeedsKeys());
}

void AddRefusedReadChecks(CheckGroup& group) {
  group.Add(
      "refused.damaged",
      "a text that is no ciphertext cannot be shown decrypted",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a", {{kEncrypted, "AAAA"}})));
        check.Ok(CreateConnection(ConnectionWith("b")));
        check.Fails(GetConnection("a"), kEncryption);
        // A list with one such connection fails as a whole.
        check.Fails(ListConnections(), kEncryption);
        check.Ok(GetConnection("b"));
        check.Ok(DeleteConnection("b"));
        // Neither the flag nor HidePassword needs the key.
        ExpectProperties(check, kAbsent, kAbsent, true);
        check.Ok(Protect(true));
        ExpectProperties(check, kAbsent, "AAAA");
        check.Ok(DeleteConnection("a"));
      },
      NeedsKeys());
  group.Add(
      "refused.other_reader",
      "a password is decrypted with the rights of the caller",
      [](CheckContext& check) {
        CreateUnder(check, Protect(false, "alias/aws/glue"));
        const std::string id = Home().account_id;
        check.Fails(GetConnection("a", std::nullopt, id), kEncryption,
                    OtherAccount());
        check.Fails(ListConnections(std::nullopt, std::nullopt, id),
                    kEncryption, OtherAccount());
        check.Ok(GetConnection("a", true, id), OtherAccount());
      },
      NeedsKeys());
  group.Add(
      "refused.other_writer",
      "a password is encrypted with the rights of the caller",
      [](CheckContext& check) {
        // The key is that of the caller's account.
        check.Ok(Protect(false, "alias/aws/glue"));
        check.Ok(CreateConnection(WithPassword(kSecret), Home().account_id),
                 OtherAccount());
        check.Fails(GetConnection("a"), kEncryption);
        check.Ok(GetConnection("a", std::nullopt, Home().account_id),
                 OtherAccount());
      },
      NeedsKeys());
}

void AddOrderChecks(CheckGroup& group) {
  group.Add(
      "order.existence_before_key", "existence before the key service",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")));
        check.Ok(Protect(true, kNoKey));
        check.Fails(CreateConnection(WithPassword(kSecret)),
                    v1::ERROR_CODE_ALREADY_EXISTS);
        v1::ConnectionInput input = WithPassword(kSecret);
        input.set_name("b");
        check.Fails(UpdateConnection(input), v1::ERROR_CODE_ENTITY_NOT_FOUND);
      },
      NeedsKeys());
  BackendNeeds limits = NeedsKeys(NeedsLimits());
  group.Add(
      "order.number_limit_before_key",
      "the number limit before the key service",
      [](CheckContext& check) {
        check.limits().connections_max = 0;
        check.Ok(Protect(true, kNoKey));
        check.Fails(CreateConnection(WithPassword(kSecret)),
                    v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
      },
      limits);
  group.Add(
      "order.token_before_key", "the token before the key service",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a", {{kEncrypted, "AAAA"}})));
        check.Fails(ListConnections(1, "no token"),
                    v1::ERROR_CODE_INVALID_INPUT);
      },
      NeedsKeys());
}

// The pairs that came later are passwords like the first one.
void AddLaterPairs(CheckGroup& group) {
  for (const char* name :
       {"KAFKA_CLIENT_KEYSTORE_PASSWORD", "KAFKA_CLIENT_KEY_PASSWORD"}) {
    group.Add(
        absl::StrCat("later.", name), "each pair holds a password",
        [name](CheckContext& check) {
          const std::string encrypted = absl::StrCat("ENCRYPTED_", name);
          check.Ok(Protect(true));
          check.Ok(CreateConnection(
              ConnectionWith("a", {{name, kSecret}, {kPassword, kOther}})));
          ExpectCiphertext(check, Shown(check, std::nullopt), name,
                           encrypted.c_str());
          check.Same("the property with HidePassword", kAbsent,
                     ValueOf(Shown(check, true), encrypted.c_str()));
          check.Ok(Protect(false));
          const auto shown = Shown(check, std::nullopt);
          check.Same("the property decrypted", kSecret, ValueOf(shown, name));
          check.Same("the encrypted property beside it", kAbsent,
                     ValueOf(shown, encrypted.c_str()));
          ExpectProperties(check, kOther, kAbsent);
          check.Same("the property with HidePassword", kAbsent,
                     ValueOf(Shown(check, true), name));
        },
        NeedsKeys(OnlyCurrent()));
  }
}

}  // namespace

void AddPasswordChecks(Checks* checks) {
  CheckGroup group(checks, "password",
                   "docs/decisions/connection-passwords.md");
  AddUnprotectedChecks(group);
  for (const Protection& is : Protections()) AddShownChecks(group, is);
  AddOtherProtectedChecks(group);
  AddChangedSettingsChecks(group);
  AddRefusedChecks(group);
  AddRefusedReadChecks(group);
  AddOrderChecks(group);
  AddLaterPairs(group);
}

}  // namespace glue_security::conformance_internal
