#include "glue_security/testing/defects/connections/defective_connections.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/sealed_object.h"
#include "glue_security/testing/defects/connections/changing_parts.h"
#include "glue_security/v1/connection.pb.h"

namespace glue_security {
namespace {

using connection_internal::ChangingBackend;
using connection_internal::ChangingKeys;
using connection_internal::ChangingStorage;
using connection_internal::KeySteps;
using connection_internal::StorageSteps;
using Defects = std::vector<DefectiveConnection>;
using Rules = std::vector<std::string>;

constexpr char kPassword[] = "PASSWORD";
constexpr char kEncrypted[] = "ENCRYPTED_PASSWORD";

// The number of an unknown field in which a defect keeps what it should not.
constexpr int kHidden = 1000;

// Memory of a defect of both the storage and the keys.
struct Memory {
  // The plaintexts of ciphertexts.
  std::map<std::string, std::string> plaintexts;
  std::optional<GenerateDataKeyResult> data_key;
  std::optional<std::string> settings;
};

struct Steps {
  StorageSteps storage;
  KeySteps keys;
};

// Adds a defect; `make` makes its steps for a new engine.
void Add(const char* name, const char* sentence, Rules rules,
         const std::function<void(std::shared_ptr<Memory>, Steps*)>& make,
         Defects* defects) {
  defects->push_back(
      {name, sentence, std::move(rules), [make] {
         const auto memory = std::make_shared<Memory>();
         Steps steps;
         // Every defect may know what was encrypted.
         steps.keys.encrypted = [memory](const EncryptCall& call,
                                         EncryptResult* result) {
           memory->plaintexts[result->blob] =
               std::string(call.plaintext.view());
         };
         steps.keys.made = [memory](GenerateDataKeyResult* result) {
           memory->plaintexts[result->blob] =
               std::string(result->plaintext.view());
         };
         make(memory, &steps);
         ConnectionParts parts;
         parts.storage = [storage = steps.storage](Storage* base) {
           return std::make_unique<ChangingStorage>(base, storage);
         };
         parts.keys = [keys = steps.keys](KeyService* base) {
           return std::make_unique<ChangingKeys>(base, keys);
         };
         return parts;
       }});
}

// Keeps `text` in a record, beside what the engine reads.
void Hide(const std::string& text, v1::StoredRecord* record) {
  record->GetReflection()->MutableUnknownFields(record)->AddLengthDelimited(
      kHidden, text);
}

void ForgetHidden(const CatalogKey&, const std::string&,
                  v1::StoredRecord* record) {
  record->DiscardUnknownFields();
}

google::protobuf::Map<std::string, std::string>* PlainIn(
    v1::StoredRecord* record) {
  return record->mutable_connection()
      ->mutable_plain()
      ->mutable_connection_properties()
      ->mutable_elements();
}

// --- What is stored

void AddClearDefects(Defects* defects) {
  Add(
      "stored_password_in_clear",
      "The password is stored in clear, and hidden from readers.",
      {"no_clear_password", "ciphertext_as_given"},
      [](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->storage.store = [memory](const CatalogKey&, const std::string&,
                                        const v1::StoredRecord*,
                                        v1::StoredRecord* record) {
          if (!record->connection().has_plain()) return;
          auto* elements = PlainIn(record);
          const auto found = elements->find(kEncrypted);
          std::string blob;
          if (found == elements->end() ||
              !absl::Base64Unescape(found->second, &blob)) {
            return;
          }
          Hide(found->second, record);
          (*elements)[kPassword] = memory->plaintexts[blob];
          elements->erase(kEncrypted);
        };
        steps->storage.show = [](const CatalogKey&, const std::string&,
                                 v1::StoredRecord* record) {
          auto* unknown = record->GetReflection()->MutableUnknownFields(record);
          if (unknown->empty()) return;
          (*PlainIn(record))[kEncrypted] = unknown->field(0).length_delimited();
          PlainIn(record)->erase(kPassword);
          unknown->Clear();
        };
      },
      defects);
  Add(
      "stored_data_key_in_clear",
      "The data key is stored in clear beside its ciphertext.",
      {"no_clear_data_key"},
      [](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->storage.store = [memory](const CatalogKey&, const std::string&,
                                        const v1::StoredRecord*,
                                        v1::StoredRecord* record) {
          const auto& sealed = record->connection().sealed();
          if (record->connection().has_sealed()) {
            Hide(memory->plaintexts[sealed.encrypted_data_key()], record);
          }
        };
        steps->storage.show = ForgetHidden;
      },
      defects);
}

void AddOtherStoredDefects(Defects* defects) {
  Add(
      "stored_old_record_kept",
      "An update keeps the old record within the new one.", {"no_old_password"},
      [](const std::shared_ptr<Memory>&, Steps* steps) {
        steps->storage.store = [](const CatalogKey&, const std::string&,
                                  const v1::StoredRecord* before,
                                  v1::StoredRecord* record) {
          if (before != nullptr) Hide(before->SerializeAsString(), record);
        };
        steps->storage.show = ForgetHidden;
      },
      defects);
  Add(
      "stored_in_hex", "ENCRYPTED_PASSWORD is stored as hexadecimal digits.",
      {"ciphertext_as_given"},
      [](const std::shared_ptr<Memory>&, Steps* steps) {
        steps->storage.store = [](const CatalogKey&, const std::string&,
                                  const v1::StoredRecord*,
                                  v1::StoredRecord* record) {
          if (!record->connection().has_plain()) return;
          for (auto& [key, value] : *PlainIn(record)) {
            if (key == kEncrypted) value = absl::BytesToHexString(value);
          }
        };
        steps->storage.show = [](const CatalogKey&, const std::string&,
                                 v1::StoredRecord* record) {
          if (!record->connection().has_plain()) return;
          for (auto& [key, value] : *PlainIn(record)) {
            if (key == kEncrypted) value = absl::HexStringToBytes(value);
          }
        };
      },
      defects);
}

// --- Sealed objects

void AppendPart(absl::string_view part, bool with_length, std::string* data) {
  if (with_length) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      data->push_back(static_cast<char>(uint64_t{part.size()} >> shift));
    }
  }
  absl::StrAppend(data, part);
}

// The associated data without one of its parts, by number; -1: without the
// lengths.
std::string DataWithout(int left_out, const CatalogKey& catalog,
                        const std::string& id) {
  const std::string parts[] = {catalog.catalog_id, catalog.region, "connection",
                               id, std::string("\0\0\0\1", 4)};
  std::string data;
  for (int i = 0; i < 5; ++i) {
    if (i != left_out) AppendPart(parts[i], left_out >= 0, &data);
  }
  return data;
}

// Opens what an engine sealed; nullopt: it is not sealed.
std::optional<Secret> Opened(Memory& memory, const CatalogKey& catalog,
                             const std::string& id,
                             const v1::StoredConnection& stored) {
  if (!stored.has_sealed()) return std::nullopt;
  const v1::SealedObject& sealed = stored.sealed();
  return OpenObject({catalog.catalog_id, catalog.region, "connection", id},
                    sealed,
                    {Secret(memory.plaintexts[sealed.encrypted_data_key()]),
                     sealed.key_arn()});
}

void AddUnbound(const char* name, const char* sentence, int left_out,
                Rules rules, Defects* defects) {
  Add(
      name, sentence, std::move(rules),
      [left_out](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->storage.store =
            [=](const CatalogKey& catalog, const std::string& id,
                const v1::StoredRecord*, v1::StoredRecord* record) {
              auto* stored = record->mutable_connection();
              const auto opened = Opened(*memory, catalog, id, *stored);
              if (!opened.has_value()) return;
              auto* sealed = stored->mutable_sealed();
              const std::string text = SealAesGcm(
                  Secret(memory->plaintexts[sealed->encrypted_data_key()]),
                  sealed->nonce(), DataWithout(left_out, catalog, id),
                  opened->view());
              sealed->set_ciphertext(text.substr(0, opened->size()));
              sealed->set_tag(text.substr(opened->size()));
            };
        steps->storage.show = [=](const CatalogKey& catalog,
                                  const std::string& id,
                                  v1::StoredRecord* record) {
          auto* stored = record->mutable_connection();
          if (!stored->has_sealed()) return;
          const auto& sealed = stored->sealed();
          const Secret key(memory->plaintexts[sealed.encrypted_data_key()]);
          const auto opened = OpenAesGcm(
              key, sealed.nonce(), DataWithout(left_out, catalog, id),
              absl::StrCat(sealed.ciphertext(), sealed.tag()));
          if (!opened.has_value()) return;
          auto right =
              SealObject({catalog.catalog_id, catalog.region, "connection", id},
                         {key, sealed.encrypted_data_key(), sealed.key_arn()},
                         opened->view());
          if (right.has_value()) *stored->mutable_sealed() = *std::move(right);
        };
      },
      defects);
}

void AddSealedDefects(Defects* defects) {
  AddUnbound("unbound_from_the_catalog",
             "The additional data does not have the catalog.", 0,
             {"bound_to_its_name"}, defects);
  AddUnbound("unbound_from_the_region",
             "The additional data does not have the region.", 1,
             {"bound_to_its_name"}, defects);
  AddUnbound("unbound_from_the_kind",
             "The additional data does not have the kind.", 2,
             {"bound_to_its_name"}, defects);
  AddUnbound("unbound_from_the_id", "The additional data does not have the id.",
             3, {"bound_to_its_name", "not_moved"}, defects);
  AddUnbound("unbound_from_the_version",
             "The additional data does not have the version of the format.", 4,
             {"bound_to_its_name"}, defects);
  AddUnbound("bound_without_lengths",
             "The parts of the additional data run into each other.", -1,
             {"bound_to_its_name"}, defects);
  Add(
      "stored_unsealed",
      "A connection is stored in clear while the catalog is encrypted.",
      {"sealed_while_on", "no_clear_password", "own_data_key"},
      [](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->storage.store =
            [memory](const CatalogKey& catalog, const std::string& id,
                     const v1::StoredRecord*, v1::StoredRecord* record) {
              auto* stored = record->mutable_connection();
              const auto opened = Opened(*memory, catalog, id, *stored);
              if (!opened.has_value()) return;
              stored->mutable_plain()->ParseFromArray(
                  opened->view().data(), static_cast<int>(opened->size()));
            };
      },
      defects);
  Add(
      "data_key_reused", "All objects are sealed with one data key.",
      {"own_data_key"},
      [](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->keys.made = [memory](GenerateDataKeyResult* result) {
          if (!memory->data_key.has_value()) memory->data_key = *result;
          *result = *memory->data_key;
        };
      },
      defects);
}

// --- Settings

bool IsSettings(const RecordKey& key) {
  return key.kind == RecordKind::kEncryptionSettings;
}

bool IsAboutConnections(const ReadSet& read_set) {
  if (read_set.range.has_value() &&
      read_set.range->kind == RecordKind::kConnection) {
    return true;
  }
  for (const RecordKey& key : read_set.keys) {
    if (key.kind == RecordKind::kConnection) return true;
  }
  return false;
}

void AddSettingsDefects(Defects* defects) {
  Add(
      "settings_not_guarded",
      "The settings are not among the preconditions of a write.",
      {"settings_are_guarded", "settings_in_force"},
      [](const std::shared_ptr<Memory>&, Steps* steps) {
        steps->storage.batch = [](WriteBatch* batch) {
          decltype(batch->preconditions) kept;
          for (const Precondition& precondition : batch->preconditions) {
            if (!IsSettings(precondition.key)) kept.push_back(precondition);
          }
          batch->preconditions = kept;
        };
      },
      defects);
  Add(
      "settings_of_the_first_read",
      "The settings that were read first are taken for those in force.",
      {"settings_in_force"},
      [](const std::shared_ptr<Memory>& memory, Steps* steps) {
        steps->storage.read = [memory](Storage* base, const ReadSet& read_set) {
          auto snapshot = base->Read(read_set);
          if (!snapshot.ok() || !IsAboutConnections(read_set)) return snapshot;
          for (size_t i = 0; i < read_set.keys.size(); ++i) {
            auto& record = snapshot->records[i];
            if (!IsSettings(read_set.keys[i]) || !record.has_value()) continue;
            if (!memory->settings.has_value()) memory->settings = record->value;
            record->value = *memory->settings;
          }
          return snapshot;
        };
      },
      defects);
  Add(
      "settings_read_apart",
      "The settings are not read in the snapshot of the connection.",
      {"one_snapshot"},
      [](const std::shared_ptr<Memory>&, Steps* steps) {
        steps->storage.read = [](Storage* base, const ReadSet& read_set) {
          if (!IsAboutConnections(read_set)) return base->Read(read_set);
          ReadSet settings;
          settings.catalog = read_set.catalog;
          ReadSet others = read_set;
          others.keys.clear();
          for (const RecordKey& key : read_set.keys) {
            (IsSettings(key) ? settings : others).keys.push_back(key);
          }
          const auto first = base->Read(settings);
          auto snapshot = base->Read(others);
          if (!first.ok() || !snapshot.ok()) return snapshot;
          auto rest = std::move(snapshot->records);
          snapshot->records.clear();
          size_t settings_place = 0;
          size_t place = 0;
          for (const RecordKey& key : read_set.keys) {
            snapshot->records.push_back(IsSettings(key)
                                            ? first->records[settings_place++]
                                            : rest[place++]);
          }
          return snapshot;
        };
      },
      defects);
}

// --- Key calls

void AddKeyDefects(Defects* defects) {
  const auto keyed = [defects](const char* name, const char* sentence,
                               Rules rules,
                               const std::function<void(KeySteps*)>& change) {
    Add(
        name, sentence, std::move(rules),
        [change](const std::shared_ptr<Memory>&, Steps* steps) {
          change(&steps->keys);
        },
        defects);
  };
  keyed("keys_as_the_account",
        "Keys are used on behalf of the account, not of the caller.",
        {"key_calls"}, [](KeySteps* keys) {
          keys->caller = [](KeyCaller* caller) {
            caller->caller.principal_arn = "arn:aws:iam::123456789012:root";
          };
        });
  keyed("keys_not_through_glue", "Keys are used directly, not through Glue.",
        {"key_calls"}, [](KeySteps* keys) {
          keys->caller = [](KeyCaller* caller) { caller->via_service.clear(); };
        });
  keyed("data_key_without_context", "Data keys have no encryption context.",
        {"key_calls"}, [](KeySteps* keys) {
          keys->data_key = [](GenerateDataKeyCall* call) {
            call->context.clear();
          };
          keys->decrypt = [](DecryptCall* call) { call->context.clear(); };
        });
  keyed("password_with_context", "Passwords have an encryption context.",
        {"key_calls"}, [](KeySteps* keys) {
          keys->encrypt = [](EncryptCall* call) {
            call->context["glue_catalog_id"] = "123456789012";
          };
        });
  keyed("password_encrypted_twice", "Each password is encrypted twice.",
        {"key_calls"}, [](KeySteps* keys) { keys->twice = true; });
  keyed("sealed_with_another_key",
        "Objects are sealed with a key that the settings do not name.",
        {"key_calls"}, [](KeySteps* keys) {
          keys->data_key = [](GenerateDataKeyCall* call) {
            call->key = "alias/glue";
          };
        });
}

// Defects of the calls as a whole.
void AddCallDefects(Defects* defects) {
  defects->push_back(
      {"hidden_password_decrypted",
       "HidePassword decrypts the password before it is left out.",
       {"key_calls"},
       [] {
         ConnectionParts parts;
         parts.backend = [](Backend* base) {
           return std::make_unique<ChangingBackend>(
               base, [](Backend* engine, const Caller& caller,
                        const v1::Request& request) {
                 v1::Request open = request;
                 if (open.get_connection().hide_password()) {
                   open.mutable_get_connection()->clear_hide_password();
                   engine->Execute(caller, open);
                 }
                 return engine->Execute(caller, request);
               });
         };
         return parts;
       }});
  defects->push_back(
      {"begun_again_after_a_conflict",
       "A write that meets a conflict begins again, with new key calls.",
       {"asked_once"},
       [] {
         ConnectionParts parts;
         parts.storage = [](Storage* base) {
           StorageSteps steps;
           steps.conflicts_fail = true;
           return std::make_unique<ChangingStorage>(base, std::move(steps));
         };
         parts.backend = [](Backend* base) {
           return std::make_unique<ChangingBackend>(
               base, [](Backend* engine, const Caller& caller,
                        const v1::Request& request) {
                 v1::Response answer = engine->Execute(caller, request);
                 return answer.error().code() == v1::ERROR_CODE_INTERNAL_SERVICE
                            ? engine->Execute(caller, request)
                            : answer;
               });
         };
         return parts;
       }});
}

}  // namespace

std::vector<DefectiveConnection> DefectiveConnections() {
  Defects defects;
  AddClearDefects(&defects);
  AddOtherStoredDefects(&defects);
  AddSealedDefects(&defects);
  AddSettingsDefects(&defects);
  AddKeyDefects(&defects);
  AddCallDefects(&defects);
  return defects;
}

}  // namespace glue_security
