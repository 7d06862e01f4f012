#include "glue_security/state_machine/connection_record.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "glue_security/encryption/connection_passwords.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/sealed_object.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/secret.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {
namespace {

// The kind of object that a connection is sealed as.
constexpr char kKind[] = "connection";

ObjectName NameOf(const ConnectionScene& scene, const std::string& name) {
  return {scene.catalog.catalog_id, scene.catalog.region, kKind, name};
}

// Returns what is stored of `input`: no name, and the properties with `edits`.
// A property that an edit replaces is never copied. REQUIRES: called within
// OrEnd.
v1::ConnectionInput Edited(const v1::ConnectionInput& input,
                           const std::vector<PropertyEdit>& edits) {
  v1::ConnectionInput kept;
  if (input.has_description()) kept.set_description(input.description());
  if (input.has_connection_type()) {
    kept.set_connection_type(input.connection_type());
  }
  if (input.has_match_criteria()) {
    *kept.mutable_match_criteria() = input.match_criteria();
  }
  if (input.has_physical_connection_requirements()) {
    *kept.mutable_physical_connection_requirements() =
        input.physical_connection_requirements();
  }
  auto* const properties =
      kept.mutable_connection_properties()->mutable_elements();
  for (const auto& [key, value] : input.connection_properties().elements()) {
    const bool is_edited =
        std::any_of(edits.begin(), edits.end(),
                    [&key = key](const auto& edit) { return edit.key == key; });
    if (!is_edited) (*properties)[key] = value;
  }
  ApplyEdits(edits, properties);
  return kept;
}

}  // namespace

ConnectionProblem StoreConnection(const ConnectionScene& scene,
                                  const v1::ConnectionInput& input,
                                  KeyNeeds* needs,
                                  v1::StoredConnection* stored) {
  const Behavior& behavior = scene.options.behavior;
  const auto properties =
      PropertiesOf(input.connection_properties().elements());
  std::vector<EncryptResult> encrypted;
  for (EncryptCall& call :
       PasswordsToEncrypt(behavior, scene.settings, properties)) {
    const auto* result =
        needs->Ask<EncryptResult>({ThroughGlue(scene.caller), std::move(call)});
    if (result != nullptr) encrypted.push_back(*result);
  }
  const bool seals = SealsObjects(scene.settings);
  const GenerateDataKeyResult* data_key = nullptr;
  if (seals) {
    data_key = needs->Ask<GenerateDataKeyResult>(
        {ObjectKeyCaller(scene.caller, scene.settings),
         DataKeyToSeal(scene.settings, scene.catalog.catalog_id)});
  }
  if (!needs->met()) return ConnectionProblem::kKeyNeeds;
  const auto edits =
      EditsOfWrite(behavior, scene.settings, properties, encrypted);
  return OrEnd([&] {
    v1::ConnectionInput kept = Edited(input, edits);
    if (!seals) {
      *stored->mutable_plain() = std::move(kept);
      return ConnectionProblem::kNone;
    }
    std::string bytes = SerializeInOrder(kept);
    auto sealed = SealObject(NameOf(scene, input.name()), *data_key, bytes);
    WipeText(&bytes);
    // Without protection of passwords these may be in clear.
    WipeProperties(&kept);
    if (!sealed.has_value()) return ConnectionProblem::kKeyService;
    *stored->mutable_sealed() = *std::move(sealed);
    return ConnectionProblem::kNone;
  });
}

ConnectionProblem OpenConnection(const ConnectionScene& scene,
                                 const std::string& name,
                                 v1::StoredConnection* stored, KeyNeeds* needs,
                                 v1::ConnectionInput* object) {
  switch (stored->object_case()) {
    case v1::StoredConnection::OBJECT_NOT_SET:
      return ConnectionProblem::kDamaged;
    case v1::StoredConnection::kPlain:
      OrEnd([&] { *object = std::move(*stored->mutable_plain()); });
      return ConnectionProblem::kNone;
    case v1::StoredConnection::kSealed:
      break;
  }
  auto call = DataKeyToOpen(stored->sealed(), scene.catalog.catalog_id);
  if (!call.has_value()) return ConnectionProblem::kDamaged;
  const auto* data_key = needs->Ask<DecryptResult>(
      {ObjectKeyCaller(scene.caller, scene.settings), *std::move(call)});
  if (data_key == nullptr) return ConnectionProblem::kKeyNeeds;
  const auto opened =
      OpenObject(NameOf(scene, name), stored->sealed(), *data_key);
  if (!opened.has_value()) return ConnectionProblem::kDamaged;
  const bool parsed = OrEnd([&] {
    return object->ParseFromArray(opened->view().data(),
                                  static_cast<int>(opened->size()));
  });
  return parsed ? ConnectionProblem::kNone : ConnectionProblem::kDamaged;
}

ConnectionProblem ShowPasswords(const ConnectionScene& scene, bool hide,
                                KeyNeeds* needs, v1::ConnectionInput* object) {
  const auto properties =
      PropertiesOf(object->connection_properties().elements());
  std::vector<const DecryptResult*> decrypted;
  bool is_met = true;
  for (DecryptCall& call :
       PasswordsToDecrypt(scene.settings, hide, properties)) {
    const auto* result =
        needs->Ask<DecryptResult>({ThroughGlue(scene.caller), std::move(call)});
    is_met = is_met && result != nullptr;
    decrypted.push_back(result);
  }
  if (!is_met) return ConnectionProblem::kKeyNeeds;
  auto* const elements = OrEnd([&] {
                           return object->mutable_connection_properties();
                         })->mutable_elements();
  const auto edits =
      EditsOfRead(scene.settings, hide, PropertiesOf(*elements), decrypted);
  for (const PropertyEdit& edit : edits) {
    const auto found = elements->find(edit.key);
    if (found != elements->end()) WipeText(&found->second);
  }
  OrEnd([&] { ApplyEdits(edits, elements); });
  return ConnectionProblem::kNone;
}

void WipeProperties(v1::ConnectionInput* object) {
  if (!object->has_connection_properties()) return;
  for (auto& [key, value] :
       *object->mutable_connection_properties()->mutable_elements()) {
    WipeText(&value);
  }
}

}  // namespace glue_security
