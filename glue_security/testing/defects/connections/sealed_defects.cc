// Defects of what a key service refuses, and of connections that are sealed.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/connections/connection_patches.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kEncryption = v1::ERROR_CODE_GLUE_ENCRYPTION;

// --- A key service that refuses

void AddRefusedDefects(DefectList* defects) {
  defects->Patched(
      {"refused_password_stored_in_clear",
       "Where the key service refuses, the password is stored in clear.",
       {"password.refused.create", "password.refused.update"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (!IsWrite(call) || answer.error().code() != kEncryption) {
          return answer;
        }
        return RunUnder(call, Settings());
      });
  defects->Patched(
      {"refused_update_deletes",
       "An update that the key service refuses deletes the connection.",
       {"password.refused.update", "sealed.refused.update"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_update_connection() &&
            answer.error().code() == kEncryption) {
          call.Run(DeleteConnection(call.request.update_connection().name(),
                                    CatalogIdOf(call.request)));
        }
        return answer;
      });
  defects->Patched({"refusal_is_invalid_input",
                    "A refusal of the key service is an InvalidInputException.",
                    {"password.refused.create", "password.refused.other_reader",
                     "sealed.refused.create", "sealed.rights.read"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     return answer.error().code() == kEncryption
                                ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                                : answer;
                   });
}

void AddRefusedReadDefects(DefectList* defects) {
  defects->Patched(
      {"refused_password_shown_encrypted",
       "A password that cannot be decrypted is shown encrypted.",
       {"password.refused.damaged", "password.refused.other_reader"}},
      [](const PatchedCall& call) {
        const v1::Response answer = call.Run();
        if (!IsRead(call) || answer.error().code() != kEncryption) {
          return answer;
        }
        Settings settings = SettingsOf(call);
        settings.mutable_connection_password_encryption()
            ->set_return_connection_password_encrypted(true);
        return RunUnder(call, settings);
      });
  defects->Patched({"refused_connection_not_listed",
                    "GetConnections leaves out what cannot be decrypted.",
                    {"password.refused.damaged", "sealed.rights.list"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (call.request.has_get_connections() &&
                         answer.error().code() == kEncryption) {
                       answer.mutable_get_connections();
                     }
                     return answer;
                   });
}

void AddKeyOrderDefects(DefectList* defects) {
  defects->Patched(
      {"key_before_existence",
       "The key service is asked before the connection is looked for.",
       {"password.order.existence_before_key",
        "sealed.refused.existence_first"}},
      [](PatchedCall call) {
        v1::ConnectionInput* input = InputIn(&call.request);
        if (input == nullptr) return call.Run();
        v1::ConnectionInput probe = *input;
        probe.set_name("a probe of the key");
        const auto id = CatalogIdOf(call.request);
        const v1::Response answer = call.Run(CreateConnection(probe, id));
        if (answer.error().code() == kEncryption) return answer;
        call.Run(DeleteConnection(probe.name(), id));
        return call.Run();
      });
  defects->Patched(
      {"key_before_number_limit",
       "The key service is asked before the number limit is checked.",
       {"password.order.number_limit_before_key"}},
      [](const PatchedCall& call) {
        const v1::Response answer = call.Run();
        return answer.error().code() ==
                           v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED &&
                       Protects(SettingsOf(call))
                   ? ErrorAnswer(kEncryption)
                   : answer;
      });
  defects->Patched(
      {"key_before_token",
       "The key service is asked before the token is checked.",
       {"password.order.token_before_key"}},
      [](const PatchedCall& call) {
        const v1::Response answer = call.Run();
        if (!call.request.has_get_connections() || !answer.has_error()) {
          return answer;
        }
        const v1::Response first = call.Run(ListConnections(
            std::nullopt, std::nullopt, CatalogIdOf(call.request)));
        return first.error().code() == kEncryption ? first : answer;
      });
}

// --- Sealed connections

// Returns the settings without a mode.
Settings Unsealed(Settings settings) {
  settings.clear_encryption_at_rest();
  return settings;
}

// True where the settings name a key by its id.
bool NamesAnId(const Settings& settings) {
  const std::string& key = settings.encryption_at_rest().sse_aws_kms_key_id();
  return Seals(settings) && !key.empty() && !absl::StrContains(key, "alias");
}

void AddSealedShownDefects(DefectList* defects) {
  defects->Patched({"catalog_encryption_ignored",
                    "CatalogEncryptionMode has no effect.",
                    {"sealed.refused.create", "sealed.refused.update",
                     "sealed.rights.read", "sealed.rights.list"}},
                   [](const PatchedCall& call) {
                     return IsWrite(call)
                                ? RunUnder(call, Unsealed(SettingsOf(call)))
                                : call.Run();
                   });
  defects->Patched(
      {"sealed_criteria_lost",
       "A sealed connection loses its MatchCriteria.",
       {"sealed.shown", "sealed.named_key", "sealed.filtered"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (Seals(SettingsOf(call))) input->clear_match_criteria();
      }));
  defects->Patched(
      {"sealed_needs_a_key_by_default",
       "CatalogEncryptionMode without a key is a GlueEncryptionException.",
       {"sealed.shown", "sealed.with_password"}},
      [](const PatchedCall& call) {
        const Settings settings = SettingsOf(call);
        return IsWrite(call) && Seals(settings) &&
                       settings.encryption_at_rest()
                           .sse_aws_kms_key_id()
                           .empty()
                   ? ErrorAnswer(kEncryption)
                   : call.Run();
      });
  defects->Patched(
      {"sealed_password_in_clear",
       "A password within a sealed connection is not encrypted itself.",
       {"sealed.with_password"}},
      [](const PatchedCall& call) {
        Settings settings = SettingsOf(call);
        if (!IsWrite(call) || !Seals(settings)) return call.Run();
        settings.clear_connection_password_encryption();
        return RunUnder(call, settings);
      });
  defects->Patched(
      {"sealed_not_by_a_role",
       "The mode with a service role seals nothing that can be read.",
       {"sealed.service_role"}},
      [](const PatchedCall& call) {
        return IsRead(call) &&
                       SettingsOf(call)
                               .encryption_at_rest()
                               .catalog_encryption_mode() ==
                           v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE
                   ? ErrorAnswer(kEncryption)
                   : call.Run();
      });
}

void AddSealedChangedDefects(DefectList* defects) {
  defects->Patched(
      {"sealed_reads_by_the_present_key",
       "A connection is opened with the key of the present settings.",
       {"sealed.old_key", "sealed.written_before"}},
      [](const PatchedCall& call) {
        return IsRead(call) && NamesAnId(SettingsOf(call))
                   ? ErrorAnswer(kEncryption)
                   : call.Run();
      });
  defects->Stateful(
      {"sealed_unreadable_when_off",
       "What is sealed cannot be read after encryption is turned off.",
       {"sealed.off_later", "sealed.with_password"}},
      [] {
        const auto sealed = std::make_shared<std::map<std::string, bool>>();
        return [sealed](PatchedCall call) {
          const bool seals = Seals(SettingsOf(call));
          if (const v1::ConnectionInput* input = InputIn(&call.request)) {
            (*sealed)[PlaceOf(call, input->name())] = seals;
          }
          const auto& get = call.request.get_connection();
          return call.request.has_get_connection() && !seals &&
                         (*sealed)[PlaceOf(call, get.name())]
                     ? ErrorAnswer(kEncryption)
                     : call.Run();
        };
      });
  defects->Stateful(
      {"sealed_for_ever",
       "Connections are still sealed after encryption is turned off.",
       {"sealed.written_after"}},
      [] {
        const auto last = std::make_shared<std::map<std::string, Settings>>();
        return [last](const PatchedCall& call) {
          if (!IsWrite(call)) return call.Run();
          const Settings settings = SettingsOf(call);
          Settings& sealing = (*last)[PlaceOf(call, "")];
          if (Seals(settings)) sealing = settings;
          return sealing.has_encryption_at_rest() ? RunUnder(call, sealing)
                                                  : call.Run();
        };
      });
}

void AddSealedRightsDefects(DefectList* defects) {
  // Opens the connection before the call, as if that were needed.
  const auto opens_first = [](auto name_in) {
    return [name_in](const PatchedCall& call) {
      const std::string* name = name_in(call.request);
      if (name != nullptr) {
        const v1::Response opened =
            call.Run(GetConnection(*name, true, CatalogIdOf(call.request)));
        if (opened.error().code() == kEncryption) return opened;
      }
      return call.Run();
    };
  };
  defects->Patched({"sealed_update_opens_first",
                    "An update opens what it replaces.",
                    {"sealed.rights.update"}},
                   opens_first([](const v1::Request& request) {
                     return request.has_update_connection()
                                ? &request.update_connection().name()
                                : nullptr;
                   }));
  defects->Patched({"sealed_delete_opens_first",
                    "A delete opens what it deletes.",
                    {"sealed.rights.delete"}},
                   opens_first([](const v1::Request& request) {
                     return request.has_delete_connection()
                                ? &request.delete_connection().connection_name()
                                : nullptr;
                   }));
  defects->Patched(
      {"sealed_hidden_needs_no_key",
       "HidePassword shows a sealed connection without its key.",
       {"sealed.rights.read"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_get_connection() && IsHidden(call) &&
            answer.error().code() == kEncryption) {
          answer.mutable_get_connection()->mutable_connection()->set_name(
              call.request.get_connection().name());
        }
        return answer;
      });
  defects->Patched({"sealed_filtered_before_opened",
                    "What the filter holds back need not be opened.",
                    {"sealed.rights.list"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (call.request.get_connections().has_filter() &&
                         answer.error().code() == kEncryption) {
                       answer.mutable_get_connections();
                     }
                     return answer;
                   });
}

// --- Key services with a defect

// Calls another one, on behalf of `account` where `by_owner` says so.
class OwnersKeys : public KeyService {
 public:
  OwnersKeys(KeyService* keys, bool encrypts, bool decrypts)
      : keys_(*keys), encrypts_(encrypts), decrypts_(decrypts) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override {
    return keys_.Encrypt(encrypts_ ? Owner(caller) : caller, call);
  }
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override {
    const auto answer = keys_.Decrypt(caller, call);
    return decrypts_ && std::holds_alternative<KeyRefusal>(answer)
               ? keys_.Decrypt(Owner(caller), call)
               : answer;
  }
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override {
    return keys_.GenerateDataKey(encrypts_ ? Owner(caller) : caller, call);
  }
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override {
    return keys_.DescribeKey(caller, call);
  }

 private:
  static KeyCaller Owner(KeyCaller caller) {
    caller.caller.account_id = Home().account_id;
    return caller;
  }

  KeyService& keys_;
  const bool encrypts_;
  const bool decrypts_;
};

// Encrypts nothing.
class ClearKeys : public KeyService {
 public:
  explicit ClearKeys(KeyService* keys) : keys_(*keys) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller&,
                                     const EncryptCall& call) override {
    return EncryptResult{std::string(call.plaintext.view()), call.key};
  }
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override {
    const auto answer = keys_.Decrypt(caller, call);
    if (std::holds_alternative<DecryptResult>(answer)) return answer;
    return DecryptResult{Secret(call.blob), "arn"};
  }
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override {
    return keys_.GenerateDataKey(caller, call);
  }
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override {
    return keys_.DescribeKey(caller, call);
  }

 private:
  KeyService& keys_;
};

void AddKeyDefects(DefectList* defects) {
  defects->Keyed({"decrypts_without_right",
                  "What a caller has no right to decrypt is decrypted.",
                  {"password.refused.other_reader", "sealed.rights.read",
                   "sealed.rights.list"}},
                 [](KeyService* keys) {
                   return std::make_unique<OwnersKeys>(keys, false, true);
                 });
  defects->Keyed({"encrypts_as_the_owner",
                  "Writes are encrypted with the rights of one account.",
                  {"password.refused.other_writer", "sealed.rights.update"}},
                 [](KeyService* keys) {
                   return std::make_unique<OwnersKeys>(keys, true, false);
                 });
  defects->Keyed(
      {"encrypts_nothing",
       "ENCRYPTED_PASSWORD is the password in base64.",
       {"password.flag.shown", "password.refused.damaged"}},
      [](KeyService* keys) { return std::make_unique<ClearKeys>(keys); });
}

}  // namespace

void AddSealedDefects(DefectList* defects) {
  AddRefusedDefects(defects);
  AddRefusedReadDefects(defects);
  AddKeyOrderDefects(defects);
  AddSealedShownDefects(defects);
  AddSealedChangedDefects(defects);
  AddSealedRightsDefects(defects);
  AddKeyDefects(defects);
}

}  // namespace glue_security::conformance_internal
