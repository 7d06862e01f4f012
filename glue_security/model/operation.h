// The nine operations: their names, their listed errors, and a request borrowed
// from whoever made it.

#ifndef GLUE_SECURITY_MODEL_OPERATION_H_
#define GLUE_SECURITY_MODEL_OPERATION_H_

#include <array>
#include <variant>

#include "absl/strings/string_view.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace glue_security {

// An operation is named by the field that carries its request in `v1::Request`.
using Operation = v1::Request::OperationCase;

// No operation: an envelope whose oneof is not set.
inline constexpr Operation kNoOperation = v1::Request::OPERATION_NOT_SET;

// All nine, in the order of the contract.
inline constexpr std::array<Operation, 9> kAllOperations = {
    v1::Request::kGetDataCatalogEncryptionSettings,
    v1::Request::kPutDataCatalogEncryptionSettings,
    v1::Request::kPutResourcePolicy,
    v1::Request::kGetResourcePolicy,
    v1::Request::kDeleteResourcePolicy,
    v1::Request::kCreateSecurityConfiguration,
    v1::Request::kDeleteSecurityConfiguration,
    v1::Request::kGetSecurityConfiguration,
    v1::Request::kGetSecurityConfigurations,
};

// What the contract says of `operation`: its wire name, the errors it lists,
// and whether it only reads. Read from the proto. The default value for
// kNoOperation.
const v1::OperationInfo& GetOperationInfo(Operation operation);

// The wire name of `operation` ("PutResourcePolicy"), or "" for kNoOperation.
absl::string_view OperationName(Operation operation);

// The wire name of `code` ("EntityNotFoundException"), or "" for a code that
// has none.
absl::string_view ErrorCodeName(v1::ErrorCode code);

// A request of any operation, borrowed: the message must outlive the reference
// and must not change under it. Converts from each of the nine request messages
// and from the envelope. Copying it is cheap.
class RequestRef {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a view of its argument.
  RequestRef(const v1::GetDataCatalogEncryptionSettingsRequest& request);
  RequestRef(const v1::PutDataCatalogEncryptionSettingsRequest& request);
  RequestRef(const v1::PutResourcePolicyRequest& request);
  RequestRef(const v1::GetResourcePolicyRequest& request);
  RequestRef(const v1::DeleteResourcePolicyRequest& request);
  RequestRef(const v1::CreateSecurityConfigurationRequest& request);
  RequestRef(const v1::DeleteSecurityConfigurationRequest& request);
  RequestRef(const v1::GetSecurityConfigurationRequest& request);
  RequestRef(const v1::GetSecurityConfigurationsRequest& request);
  // The operation that the envelope carries, with its unparsed enums.
  RequestRef(const v1::Request& envelope);
  // NOLINTEND(google-explicit-constructor)

  Operation operation() const { return operation_; }

  // The request message of `operation()`. REQUIRES: an operation.
  const google::protobuf::Message& message() const { return *message_; }

  // The same, typed. REQUIRES: `Message` is the request of `operation()`.
  template <typename Message>
  const Message& as() const {
    return static_cast<const Message&>(*message_);
  }

  // Enum texts that a wire codec could not parse.
  const google::protobuf::RepeatedPtrField<v1::UnparsedEnum>& unparsed_enums()
      const {
    return *unparsed_enums_;
  }

 private:
  RequestRef(Operation operation, const google::protobuf::Message* message);

  Operation operation_;
  const google::protobuf::Message* message_;
  const google::protobuf::RepeatedPtrField<v1::UnparsedEnum>* unparsed_enums_;
};

// The answer to one operation: an error, or the response of that operation.
using Outcome = std::variant<v1::Error,                                     //
                             v1::GetDataCatalogEncryptionSettingsResponse,  //
                             v1::PutDataCatalogEncryptionSettingsResponse,  //
                             v1::PutResourcePolicyResponse,                 //
                             v1::GetResourcePolicyResponse,                 //
                             v1::DeleteResourcePolicyResponse,              //
                             v1::CreateSecurityConfigurationResponse,       //
                             v1::DeleteSecurityConfigurationResponse,       //
                             v1::GetSecurityConfigurationResponse,          //
                             v1::GetSecurityConfigurationsResponse>;

// Moves `outcome` into an envelope.
v1::Response ToResponse(Outcome outcome);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_OPERATION_H_
