// Defects of the passwords of connections.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/defects/connections/connection_patches.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kEncryption = v1::ERROR_CODE_GLUE_ENCRYPTION;
constexpr char kPassword[] = "PASSWORD";
constexpr char kEncrypted[] = "ENCRYPTED_PASSWORD";

// Remembers what each connection was given, and gives it to `show` with each
// connection that an answer shows.
template <typename Show>
std::function<Patch()> Remembering(Show show) {
  return [show] {
    const auto given =
        std::make_shared<std::map<std::string, v1::ConnectionInput>>();
    return [show, given](PatchedCall call) {
      v1::Response answer = call.Run();
      const v1::ConnectionInput* input = InputIn(&call.request);
      if (input != nullptr && !answer.has_error()) {
        (*given)[PlaceOf(call, input->name())] = *input;
      }
      ForEachShown(&answer, [&](v1::Connection* shown) {
        show(call, (*given)[PlaceOf(call, shown->name())], shown);
      });
      return answer;
    };
  };
}

// --- What a reader sees

void AddShownDefects(DefectList* defects) {
  defects->Stateful(
      {"password_shown_in_clear",
       "A protected password is shown in clear, as by a mock that stores it "
       "so.",
       {"password.flag.shown", "password.flag_and_key.shown"}},
      Remembering([](const PatchedCall& call, v1::ConnectionInput given,
                     v1::Connection* shown) {
        Elements& elements = ElementsOf(shown);
        const Elements& before = ElementsOf(&given);
        if (IsHidden(call) || before.count(kPassword) == 0) return;
        elements[kPassword] = before.at(kPassword);
        elements.erase(kEncrypted);
      }));
  defects->Stateful(
      {"password_shown_in_clear_beside_the_other",
       "PASSWORD is shown beside ENCRYPTED_PASSWORD.",
       {"password.flag.shown"}},
      Remembering([](const PatchedCall&, v1::ConnectionInput given,
                     v1::Connection* shown) {
        Elements& elements = ElementsOf(shown);
        if (elements.count(kEncrypted) > 0 &&
            ElementsOf(&given).count(kPassword) > 0) {
          elements[kPassword] = ElementsOf(&given).at(kPassword);
        }
      }));
  defects->Patched({"password_never_decrypted",
                    "Passwords are shown encrypted without the flag, too.",
                    {"password.key.shown", "password.changed.off_later"}},
                   [](const PatchedCall& call) {
                     if (!IsRead(call)) return call.Run();
                     Settings settings = SettingsOf(call);
                     settings.mutable_connection_password_encryption()
                         ->set_return_connection_password_encrypted(true);
                     return RunUnder(call, settings);
                   });
}

void AddHiddenDefects(DefectList* defects) {
  defects->Patched(
      {"password_hidden_is_ignored",
       "HidePassword is ignored.",
       {"password.off.hidden", "password.flag.hidden", "password.key.hidden"}},
      [](PatchedCall call) {
        SetHidden(false, &call.request);
        return call.Run();
      });
  defects->Patched({"password_hidden_leaks_the_encrypted",
                    "HidePassword shows ENCRYPTED_PASSWORD.",
                    {"password.off.hidden_encrypted", "password.flag.hidden",
                     "password.flag_and_key.hidden"}},
                   [](PatchedCall call) {
                     if (!IsHidden(call)) return call.Run();
                     SetHidden(false, &call.request);
                     v1::Response answer = call.Run();
                     ForEachShown(&answer, [](v1::Connection* shown) {
                       ElementsOf(shown).erase(kPassword);
                     });
                     return answer;
                   });
  defects->Patched({"password_hidden_in_get_only",
                    "GetConnections ignores HidePassword.",
                    {"password.off.hidden", "password.key.hidden"}},
                   [](PatchedCall call) {
                     if (call.request.has_get_connections()) {
                       SetHidden(false, &call.request);
                     }
                     return call.Run();
                   });
  defects->Patched(
      {"password_hidden_with_all_properties",
       "HidePassword hides all properties.",
       {"password.off.hidden"}},
      ChangesConnections([](const PatchedCall& call, v1::Connection* shown) {
        if (IsHidden(call)) ElementsOf(shown).clear();
      }));
  defects->Patched(
      {"password_hidden_is_decrypted",
       "HidePassword decrypts the password and drops it.",
       {"password.refused.damaged", "password.refused.other_reader"}},
      [](PatchedCall call) {
        if (!IsHidden(call)) return call.Run();
        PatchedCall open = call;
        SetHidden(false, &open.request);
        const v1::Response answer = open.Run();
        return answer.has_error() ? answer : call.Run();
      });
}

void AddCiphertextDefects(DefectList* defects) {
  const auto changes_text = [](const auto& change) {
    return ChangesConnections(
        [change](const PatchedCall&, v1::Connection* shown) {
          const auto found = ElementsOf(shown).find(kEncrypted);
          if (found != ElementsOf(shown).end()) change(&found->second);
        });
  };
  defects->Patched({"password_in_hex",
                    "ENCRYPTED_PASSWORD is hexadecimal in groups.",
                    {"password.flag.shown", "password.sent_back"}},
                   changes_text([](std::string* text) {
                     std::string bytes;
                     if (absl::Base64Unescape(*text, &bytes)) {
                       *text =
                           absl::StrCat("0x:", absl::BytesToHexString(bytes));
                     }
                   }));
  defects->Patched({"password_ciphertext_cut",
                    "ENCRYPTED_PASSWORD is cut to the 1024 bytes of a value.",
                    {"password.long"}},
                   changes_text([](std::string* text) {
                     if (text->size() > 1024) text->resize(1024);
                   }));
  defects->Patched({"password_of_a_list_is_another",
                    "GetConnections encrypts a password again.",
                    {"password.flag.shown"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (!call.request.has_get_connections()) return answer;
                     ForEachShown(&answer, [](v1::Connection* shown) {
                       const auto found = ElementsOf(shown).find(kEncrypted);
                       if (found != ElementsOf(shown).end()) {
                         found->second =
                             absl::Base64Escape(std::string(80, 'x'));
                       }
                     });
                     return answer;
                   });
}

// --- What is stored

void AddProtectionDefects(DefectList* defects) {
  const auto fixed = [](PasswordProtection protection) {
    return [protection](BackendSetup* setup) {
      setup->behavior.password_protection = protection;
    };
  };
  defects->SetUp({"password_key_alone_ignored",
                  "Only the flag turns protection on.",
                  {"password.key.updated", "password.protection.key",
                   "password.refused.other_reader"}},
                 fixed(PasswordProtection::kFlag));
  defects->SetUp({"password_flag_alone_ignored",
                  "Only a key turns protection on.",
                  {"password.flag.shown", "password.protection.flag"}},
                 fixed(PasswordProtection::kKey));
  defects->SetUp({"password_protection_fixed",
                  "password_protection is ignored.",
                  {"password.protection.flag", "password.protection.key"}},
                 fixed(PasswordProtection::kFlagOrKey));
  defects->Patched(
      {"password_update_in_clear",
       "UpdateConnection stores the password in clear.",
       {"password.flag.updated", "password.changed.written_after"}},
      [](const PatchedCall& call) {
        if (!call.request.has_update_connection()) return call.Run();
        Settings settings = SettingsOf(call);
        settings.clear_connection_password_encryption();
        return RunUnder(call, settings);
      });
  defects->Stateful(
      {"password_protected_for_ever",
       "Passwords are still encrypted after protection is turned off.",
       {"password.changed.written_after"}},
      [] {
        const auto was_on = std::make_shared<std::map<std::string, Settings>>();
        return [was_on](const PatchedCall& call) {
          if (!IsWrite(call)) return call.Run();
          const Settings settings = SettingsOf(call);
          Settings& last = (*was_on)[PlaceOf(call, "")];
          if (Protects(settings)) last = settings;
          return last.has_connection_password_encryption()
                     ? RunUnder(call, last)
                     : call.Run();
        };
      });
}

void AddKeptPasswordDefects(DefectList* defects) {
  defects->Patched(
      {"password_kept_by_update",
       "An update without PASSWORD keeps the password.",
       {"password.off.updated", "password.flag.update_without",
        "password.key.update_without", "password.flag_and_key.update_without"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (!call.request.has_update_connection()) return;
        Elements& given = ElementsOf(input);
        if (given.count(kPassword) > 0 || given.count(kEncrypted) > 0) return;
        const auto now = ConnectionNow(call, input->name());
        if (!now.has_value()) return;
        for (const char* key : {kPassword, kEncrypted}) {
          const auto& elements = now->connection_properties().elements();
          const auto found = elements.find(key);
          if (found != elements.end()) given[key] = found->second;
        }
      }));
  defects->Patched(
      {"password_old_kept_by_update",
       "An update with another PASSWORD keeps the old one.",
       {"password.off.updated", "password.flag.updated", "password.key.updated",
        "password.flag_and_key.updated"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (!call.request.has_update_connection()) return;
        Elements& given = ElementsOf(input);
        const auto now = ConnectionNow(call, input->name());
        if (!now.has_value() || given.count(kPassword) == 0) return;
        for (const char* key : {kPassword, kEncrypted}) {
          const auto& elements = now->connection_properties().elements();
          const auto found = elements.find(key);
          if (found == elements.end()) continue;
          given.erase(kPassword);
          given[key] = found->second;
        }
      }));
}

void AddGivenDefects(DefectList* defects) {
  defects->Patched(
      {"password_encrypted_counts",
       "With both, ENCRYPTED_PASSWORD counts.",
       {"password.off.both_given", "password.flag.both_given",
        "password.key.both_given", "password.flag_and_key.both_given"}},
      ChangesGiven([](const PatchedCall&, v1::ConnectionInput* input) {
        if (ElementsOf(input).count(kEncrypted) > 0) {
          ElementsOf(input).erase(kPassword);
        }
      }));
  defects->Patched(
      {"password_encrypted_alone_dropped",
       "ENCRYPTED_PASSWORD of a request is dropped.",
       {"password.encrypted_alone", "password.sent_back"}},
      ChangesGiven([](const PatchedCall&, v1::ConnectionInput* input) {
        ElementsOf(input).erase(kEncrypted);
      }));
  defects->Patched(
      {"password_empty_dropped",
       "An empty PASSWORD is dropped.",
       {"password.flag.empty", "password.key.empty",
        "password.flag_and_key.empty", "password.refused.empty"}},
      ChangesGiven([](const PatchedCall&, v1::ConnectionInput* input) {
        const auto found = ElementsOf(input).find(kPassword);
        if (found != ElementsOf(input).end() && found->second.empty()) {
          ElementsOf(input).erase(found);
        }
      }));
  defects->Patched(
      {"password_empty_needs_a_key",
       "The key service is asked to encrypt an empty PASSWORD, and refuses.",
       {"password.flag.empty", "password.refused.empty"}},
      [](PatchedCall call) {
        v1::ConnectionInput* input = InputIn(&call.request);
        if (input == nullptr) return call.Run();
        const auto found = ElementsOf(input).find(kPassword);
        return found != ElementsOf(input).end() && found->second.empty() &&
                       Protects(SettingsOf(call))
                   ? ErrorAnswer(kEncryption)
                   : call.Run();
      });
  for (const char* name :
       {"KAFKA_CLIENT_KEYSTORE_PASSWORD", "KAFKA_CLIENT_KEY_PASSWORD"}) {
    const bool first = absl::StrContains(name, "KEYSTORE");
    defects->Stateful(
        {first ? "password_of_the_keystore_in_clear"
               : "password_of_the_key_in_clear",
         first ? "KAFKA_CLIENT_KEYSTORE_PASSWORD is shown in clear."
               : "KAFKA_CLIENT_KEY_PASSWORD is shown in clear.",
         {absl::StrCat("password.later.", name)}},
        Remembering([name](const PatchedCall&, v1::ConnectionInput given,
                           v1::Connection* shown) {
          const auto found = ElementsOf(&given).find(name);
          if (found == ElementsOf(&given).end()) return;
          ElementsOf(shown)[name] = found->second;
          ElementsOf(shown).erase(absl::StrCat("ENCRYPTED_", name));
        }));
  }
}

// --- Settings that change

void AddChangedDefects(DefectList* defects) {
  defects->Patched(
      {"password_in_clear_dropped_under_the_flag",
       "A password that was stored in clear is not shown under the flag.",
       {"password.changed.on_later", "password.flag.empty"}},
      ChangesConnections([](const PatchedCall& call, v1::Connection* shown) {
        if (HasFlag(SettingsOf(call))) ElementsOf(shown).erase(kPassword);
      }));
  defects->Patched(
      {"password_of_an_old_key_is_lost",
       "A password is decrypted with the key of the present settings.",
       {"password.changed.old_key"}},
      [](const PatchedCall& call) {
        const auto passwords =
            SettingsOf(call).connection_password_encryption();
        return IsRead(call) && !IsHidden(call) &&
                       passwords.has_aws_kms_key_id() &&
                       !absl::StrContains(passwords.aws_kms_key_id(), "alias")
                   ? ErrorAnswer(kEncryption)
                   : call.Run();
      });
  defects->Stateful(
      {"password_encrypted_when_the_settings_change",
       "A Put of settings encrypts the stored passwords again.",
       {"password.changed.off_and_on"}},
      [] {
        const auto count = std::make_shared<int>(0);
        return [count](const PatchedCall& call) {
          if (call.request.has_put_data_catalog_encryption_settings()) ++*count;
          v1::Response answer = call.Run();
          ForEachShown(&answer, [&](v1::Connection* shown) {
            const auto found = ElementsOf(shown).find(kEncrypted);
            if (found != ElementsOf(shown).end() && *count > 1) {
              found->second = absl::Base64Escape(std::string(80, 'y'));
            }
          });
          return answer;
        };
      });
}

}  // namespace

void AddPasswordDefects(DefectList* defects) {
  AddShownDefects(defects);
  AddHiddenDefects(defects);
  AddCiphertextDefects(defects);
  AddProtectionDefects(defects);
  AddKeptPasswordDefects(defects);
  AddGivenDefects(defects);
  AddChangedDefects(defects);
}

}  // namespace glue_security::conformance_internal
