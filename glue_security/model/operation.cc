#include "glue_security/model/operation.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "glue_security/model/out_of_memory.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::RepeatedPtrField;

// By the number of the field.
std::vector<const v1::OperationInfo*> ReadOperationInfos() {
  std::vector<const v1::OperationInfo*> infos;
  const auto* oneof = v1::Request::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < oneof->field_count(); ++i) {
    const FieldDescriptor* field = oneof->field(i);
    const auto number = static_cast<size_t>(field->number());
    if (infos.size() <= number) {
      infos.resize(number + 1, &v1::OperationInfo::default_instance());
    }
    infos[number] = &field->options().GetExtension(v1::operation_info);
  }
  return infos;
}

const RepeatedPtrField<v1::UnparsedEnum>* NoUnparsedEnums() {
  static const auto* const kNone = new RepeatedPtrField<v1::UnparsedEnum>();
  return kNone;
}

const google::protobuf::Message* MessageOf(const v1::Request& envelope) {
  switch (envelope.operation_case()) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
      return &envelope.get_data_catalog_encryption_settings();
    case v1::Request::kPutDataCatalogEncryptionSettings:
      return &envelope.put_data_catalog_encryption_settings();
    case v1::Request::kPutResourcePolicy:
      return &envelope.put_resource_policy();
    case v1::Request::kGetResourcePolicy:
      return &envelope.get_resource_policy();
    case v1::Request::kDeleteResourcePolicy:
      return &envelope.delete_resource_policy();
    case v1::Request::kCreateSecurityConfiguration:
      return &envelope.create_security_configuration();
    case v1::Request::kDeleteSecurityConfiguration:
      return &envelope.delete_security_configuration();
    case v1::Request::kGetSecurityConfiguration:
      return &envelope.get_security_configuration();
    case v1::Request::kGetSecurityConfigurations:
      return &envelope.get_security_configurations();
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return nullptr;
}

// Moves each alternative of an Outcome to its place in the envelope.
struct MoveInto {
  v1::Response* response;

  void operator()(v1::Error&& x) const {
    *response->mutable_error() = std::move(x);
  }
  void operator()(v1::GetDataCatalogEncryptionSettingsResponse&& x) const {
    *response->mutable_get_data_catalog_encryption_settings() = std::move(x);
  }
  void operator()(v1::PutDataCatalogEncryptionSettingsResponse&& x) const {
    *response->mutable_put_data_catalog_encryption_settings() = std::move(x);
  }
  void operator()(v1::PutResourcePolicyResponse&& x) const {
    *response->mutable_put_resource_policy() = std::move(x);
  }
  void operator()(v1::GetResourcePolicyResponse&& x) const {
    *response->mutable_get_resource_policy() = std::move(x);
  }
  void operator()(v1::DeleteResourcePolicyResponse&& x) const {
    *response->mutable_delete_resource_policy() = std::move(x);
  }
  void operator()(v1::CreateSecurityConfigurationResponse&& x) const {
    *response->mutable_create_security_configuration() = std::move(x);
  }
  void operator()(v1::DeleteSecurityConfigurationResponse&& x) const {
    *response->mutable_delete_security_configuration() = std::move(x);
  }
  void operator()(v1::GetSecurityConfigurationResponse&& x) const {
    *response->mutable_get_security_configuration() = std::move(x);
  }
  void operator()(v1::GetSecurityConfigurationsResponse&& x) const {
    *response->mutable_get_security_configurations() = std::move(x);
  }
};

}  // namespace

const v1::OperationInfo& GetOperationInfo(Operation operation) {
  static const auto* const kInfos = OrEnd([] {
    return new std::vector<const v1::OperationInfo*>(ReadOperationInfos());
  });
  const auto number = static_cast<size_t>(operation);
  return number < kInfos->size() ? *(*kInfos)[number]
                                 : v1::OperationInfo::default_instance();
}

absl::string_view OperationName(Operation operation) {
  return GetOperationInfo(operation).name();
}

absl::string_view ErrorCodeName(v1::ErrorCode code) {
  return OrEnd([&]() -> absl::string_view {
    const auto* value = v1::ErrorCode_descriptor()->FindValueByNumber(code);
    if (value == nullptr) return "";
    return value->options().GetExtension(v1::wire_value);
  });
}

RequestRef::RequestRef(Operation operation,
                       const google::protobuf::Message* message)
    : operation_(operation),
      message_(message),
      unparsed_enums_(NoUnparsedEnums()) {}

RequestRef::RequestRef(
    const v1::GetDataCatalogEncryptionSettingsRequest& request)
    : RequestRef(v1::Request::kGetDataCatalogEncryptionSettings, &request) {}

RequestRef::RequestRef(
    const v1::PutDataCatalogEncryptionSettingsRequest& request)
    : RequestRef(v1::Request::kPutDataCatalogEncryptionSettings, &request) {}

RequestRef::RequestRef(const v1::PutResourcePolicyRequest& request)
    : RequestRef(v1::Request::kPutResourcePolicy, &request) {}

RequestRef::RequestRef(const v1::GetResourcePolicyRequest& request)
    : RequestRef(v1::Request::kGetResourcePolicy, &request) {}

RequestRef::RequestRef(const v1::DeleteResourcePolicyRequest& request)
    : RequestRef(v1::Request::kDeleteResourcePolicy, &request) {}

RequestRef::RequestRef(const v1::CreateSecurityConfigurationRequest& request)
    : RequestRef(v1::Request::kCreateSecurityConfiguration, &request) {}

RequestRef::RequestRef(const v1::DeleteSecurityConfigurationRequest& request)
    : RequestRef(v1::Request::kDeleteSecurityConfiguration, &request) {}

RequestRef::RequestRef(const v1::GetSecurityConfigurationRequest& request)
    : RequestRef(v1::Request::kGetSecurityConfiguration, &request) {}

RequestRef::RequestRef(const v1::GetSecurityConfigurationsRequest& request)
    : RequestRef(v1::Request::kGetSecurityConfigurations, &request) {}

RequestRef::RequestRef(const v1::Request& envelope)
    : operation_(envelope.operation_case()),
      message_(MessageOf(envelope)),
      unparsed_enums_(&envelope.unparsed_enums()) {}

v1::Response ToResponse(Outcome outcome) {
  v1::Response response;
  OrEnd([&] { std::visit(MoveInto{&response}, std::move(outcome)); });
  return response;
}

}  // namespace glue_security
