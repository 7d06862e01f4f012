#include "glue_security/schema/accessors.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Map;
using google::protobuf::Message;

struct NamedAccess {
  const FieldDescriptor* field;
  Accessors access;
};

const FieldDescriptor* FieldOf(const Descriptor* descriptor, const char* name) {
  return descriptor->FindFieldByName(name);
}

// The names of fields and nothing else: their constraints are in the protos. A
// test compares the list with the descriptors.
#define GLUE_SECURITY_HAS(Type, name)                          \
  [](const Message& message) {                                 \
    return static_cast<const v1::Type&>(message).has_##name(); \
  }
#define GLUE_SECURITY_FIELD(Type, name, getter, Result)          \
  [] {                                                           \
    NamedAccess named;                                           \
    named.field = FieldOf(v1::Type::descriptor(), #name);        \
    named.access.has = GLUE_SECURITY_HAS(Type, name);            \
    named.access.getter = [](const Message& message) -> Result { \
      return static_cast<const v1::Type&>(message).name();       \
    };                                                           \
    return named;                                                \
  }()
#define STRING_FIELD(Type, name) \
  GLUE_SECURITY_FIELD(Type, name, get_string, const std::string&)
#define INT32_FIELD(Type, name) \
  GLUE_SECURITY_FIELD(Type, name, get_int32, int32_t)
#define ENUM_FIELD(Type, name) GLUE_SECURITY_FIELD(Type, name, get_enum, int)
#define MESSAGE_FIELD(Type, name) \
  GLUE_SECURITY_FIELD(Type, name, get_message, const Message&)
// The map within the message that stands for it.
#define MAP_FIELD(Type, name)                                                \
  [] {                                                                       \
    NamedAccess named;                                                       \
    named.field = FieldOf(v1::Type::descriptor(), #name);                    \
    named.access.has = GLUE_SECURITY_HAS(Type, name);                        \
    named.access.get_map =                                                   \
        [](const Message& message) -> const Map<std::string, std::string>& { \
      return static_cast<const v1::Type&>(message).name().elements();        \
    };                                                                       \
    return named;                                                            \
  }()
// Only its presence matters.
#define BOOL_FIELD(Type, name)                                                \
  NamedAccess {                                                               \
    FieldOf(v1::Type::descriptor(), #name), { GLUE_SECURITY_HAS(Type, name) } \
  }

using AccessMap = absl::flat_hash_map<const FieldDescriptor*, Accessors>;

std::vector<NamedAccess> FieldsOfSettings() {
  return {
      ENUM_FIELD(EncryptionAtRest, catalog_encryption_mode),
      STRING_FIELD(EncryptionAtRest, sse_aws_kms_key_id),
      STRING_FIELD(EncryptionAtRest, catalog_encryption_service_role),
      BOOL_FIELD(ConnectionPasswordEncryption,
                 return_connection_password_encrypted),
      STRING_FIELD(ConnectionPasswordEncryption, aws_kms_key_id),
      MESSAGE_FIELD(DataCatalogEncryptionSettings, encryption_at_rest),
      MESSAGE_FIELD(DataCatalogEncryptionSettings,
                    connection_password_encryption),
      STRING_FIELD(GetDataCatalogEncryptionSettingsRequest, catalog_id),
      STRING_FIELD(PutDataCatalogEncryptionSettingsRequest, catalog_id),
      MESSAGE_FIELD(PutDataCatalogEncryptionSettingsRequest,
                    data_catalog_encryption_settings),
  };
}

std::vector<NamedAccess> FieldsOfPolicies() {
  return {
      STRING_FIELD(PutResourcePolicyRequest, policy_in_json),
      STRING_FIELD(PutResourcePolicyRequest, resource_arn),
      STRING_FIELD(PutResourcePolicyRequest, policy_hash_condition),
      ENUM_FIELD(PutResourcePolicyRequest, policy_exists_condition),
      ENUM_FIELD(PutResourcePolicyRequest, enable_hybrid),
      STRING_FIELD(GetResourcePolicyRequest, resource_arn),
      STRING_FIELD(DeleteResourcePolicyRequest, policy_hash_condition),
      STRING_FIELD(DeleteResourcePolicyRequest, resource_arn),
      STRING_FIELD(GetResourcePoliciesRequest, next_token),
      INT32_FIELD(GetResourcePoliciesRequest, max_results),
  };
}

std::vector<NamedAccess> FieldsOfConfigurations() {
  return {
      ENUM_FIELD(S3Encryption, s3_encryption_mode),
      STRING_FIELD(S3Encryption, kms_key_arn),
      ENUM_FIELD(CloudWatchEncryption, cloud_watch_encryption_mode),
      STRING_FIELD(CloudWatchEncryption, kms_key_arn),
      ENUM_FIELD(JobBookmarksEncryption, job_bookmarks_encryption_mode),
      STRING_FIELD(JobBookmarksEncryption, kms_key_arn),
      ENUM_FIELD(DataQualityEncryption, data_quality_encryption_mode),
      STRING_FIELD(DataQualityEncryption, kms_key_arn),
      MESSAGE_FIELD(EncryptionConfiguration, s3_encryption),
      MESSAGE_FIELD(EncryptionConfiguration, cloud_watch_encryption),
      MESSAGE_FIELD(EncryptionConfiguration, job_bookmarks_encryption),
      MESSAGE_FIELD(EncryptionConfiguration, data_quality_encryption),
      STRING_FIELD(CreateSecurityConfigurationRequest, name),
      MESSAGE_FIELD(CreateSecurityConfigurationRequest,
                    encryption_configuration),
      STRING_FIELD(DeleteSecurityConfigurationRequest, name),
      STRING_FIELD(GetSecurityConfigurationRequest, name),
      INT32_FIELD(GetSecurityConfigurationsRequest, max_results),
      STRING_FIELD(GetSecurityConfigurationsRequest, next_token),
  };
}

std::vector<NamedAccess> FieldsOfConnections() {
  return {
      STRING_FIELD(PhysicalConnectionRequirements, subnet_id),
      MESSAGE_FIELD(PhysicalConnectionRequirements, security_group_id_list),
      STRING_FIELD(PhysicalConnectionRequirements, availability_zone),
      STRING_FIELD(ConnectionInput, name),
      STRING_FIELD(ConnectionInput, description),
      ENUM_FIELD(ConnectionInput, connection_type),
      MESSAGE_FIELD(ConnectionInput, match_criteria),
      MAP_FIELD(ConnectionInput, connection_properties),
      MESSAGE_FIELD(ConnectionInput, physical_connection_requirements),
      MESSAGE_FIELD(GetConnectionsFilter, match_criteria),
      ENUM_FIELD(GetConnectionsFilter, connection_type),
      STRING_FIELD(CreateConnectionRequest, catalog_id),
      MESSAGE_FIELD(CreateConnectionRequest, connection_input),
      MAP_FIELD(CreateConnectionRequest, tags),
      STRING_FIELD(GetConnectionRequest, catalog_id),
      STRING_FIELD(GetConnectionRequest, name),
      BOOL_FIELD(GetConnectionRequest, hide_password),
      STRING_FIELD(GetConnectionsRequest, catalog_id),
      MESSAGE_FIELD(GetConnectionsRequest, filter),
      BOOL_FIELD(GetConnectionsRequest, hide_password),
      STRING_FIELD(GetConnectionsRequest, next_token),
      INT32_FIELD(GetConnectionsRequest, max_results),
      STRING_FIELD(UpdateConnectionRequest, catalog_id),
      STRING_FIELD(UpdateConnectionRequest, name),
      MESSAGE_FIELD(UpdateConnectionRequest, connection_input),
      STRING_FIELD(DeleteConnectionRequest, catalog_id),
      STRING_FIELD(DeleteConnectionRequest, connection_name),
      STRING_FIELD(BatchDeleteConnectionRequest, catalog_id),
      MESSAGE_FIELD(BatchDeleteConnectionRequest, connection_name_list),
  };
}

#undef BOOL_FIELD
#undef MAP_FIELD
#undef MESSAGE_FIELD
#undef ENUM_FIELD
#undef INT32_FIELD
#undef STRING_FIELD
#undef GLUE_SECURITY_FIELD
#undef GLUE_SECURITY_HAS

const AccessMap& Accesses() {
  static const auto* const kAccesses = [] {
    auto* accesses = new AccessMap();
    for (const auto& fields :
         {FieldsOfSettings(), FieldsOfPolicies(), FieldsOfConfigurations(),
          FieldsOfConnections()}) {
      for (const NamedAccess& named : fields) {
        accesses->emplace(named.field, named.access);
      }
    }
    return accesses;
  }();
  return *kAccesses;
}

}  // namespace

const Accessors* FindAccessors(const FieldDescriptor* field) {
  const auto found = Accesses().find(field);
  return found == Accesses().end() ? nullptr : &found->second;
}

}  // namespace glue_security
