#include "glue_security/encryption/keys/catalog_sealer.h"

#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/key_refusal.h"
#include "glue_security/encryption/sealed_object.h"
#include "glue_security/model/error.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace {

// Returns the object in `stored`, or nullopt unless the bytes are those that
// Encode makes of it: protobuf would read others, too.
std::optional<v1::CatalogObject> Decode(absl::string_view stored) {
  std::optional<v1::CatalogObject> object(std::in_place);
  const bool is_exact = OrEnd([&] {
    return stored.size() <= std::numeric_limits<int>::max() &&
           object->ParseFromArray(stored.data(),
                                  static_cast<int>(stored.size())) &&
           object->object_case() != v1::CatalogObject::OBJECT_NOT_SET &&
           object->GetReflection()->GetUnknownFields(*object).empty() &&
           object->SerializeAsString() == stored;
  });
  if (!is_exact) object.reset();
  return object;
}

std::string Encode(const v1::CatalogObject& object) {
  return OrEnd([&] { return object.SerializeAsString(); });
}

absl::Status Damaged() { return ToStatus(DamagedRecordError()); }

}  // namespace

CatalogSealer::CatalogSealer(v1::DataCatalogEncryptionSettings settings,
                             KeyService* keys)
    : settings_(std::move(settings)), keys_(keys) {}

absl::StatusOr<std::string> CatalogSealer::Seal(const Caller& caller,
                                                const CatalogKey& catalog,
                                                absl::string_view kind,
                                                absl::string_view id,
                                                absl::string_view bytes) const {
  if (bytes.size() > kObjectBytesMax) {
    return ToStatus(MakeError(
        v1::ERROR_CODE_INVALID_INPUT,
        absl::StrCat("an object has ", bytes.size(),
                     " bytes, more than the limit of ", kObjectBytesMax)));
  }
  v1::CatalogObject object;
  if (!SealsObjects(settings_)) {
    OrEnd([&] { object.set_plain(bytes.data(), bytes.size()); });
    return Encode(object);
  }
  const auto answer =
      keys_->GenerateDataKey(ObjectKeyCaller(caller, settings_),
                             DataKeyToSeal(settings_, catalog.catalog_id));
  if (const auto* refusal = std::get_if<KeyRefusal>(&answer)) {
    return ToStatus(GlueEncryptionError(*refusal));
  }
  std::optional<v1::SealedObject> sealed =
      SealObject({catalog.catalog_id, catalog.region, kind, id},
                 std::get<GenerateDataKeyResult>(answer), bytes);
  if (!sealed.has_value()) {
    return ToStatus(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                              "the key service gave no data key",
                              v1::Error::DETAIL_NOT_APPLIED));
  }
  OrEnd([&] { *object.mutable_sealed() = *std::move(sealed); });
  return Encode(object);
}

absl::StatusOr<Secret> CatalogSealer::Open(const Caller& caller,
                                           const CatalogKey& catalog,
                                           absl::string_view kind,
                                           absl::string_view id,
                                           absl::string_view stored) const {
  const std::optional<v1::CatalogObject> object = Decode(stored);
  if (!object.has_value()) return Damaged();
  if (object->has_plain()) return Secret(object->plain());
  const std::optional<DecryptCall> call =
      DataKeyToOpen(object->sealed(), catalog.catalog_id);
  if (!call.has_value()) return Damaged();
  const auto answer = keys_->Decrypt(ObjectKeyCaller(caller, settings_), *call);
  if (const auto* refusal = std::get_if<KeyRefusal>(&answer)) {
    return ToStatus(GlueEncryptionError(*refusal));
  }
  std::optional<Secret> bytes =
      OpenObject({catalog.catalog_id, catalog.region, kind, id},
                 object->sealed(), std::get<DecryptResult>(answer));
  if (!bytes.has_value()) return Damaged();
  return *std::move(bytes);
}

}  // namespace glue_security
