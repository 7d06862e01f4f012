// The operations: their names, the errors they list, and `RequestRef`, a
// reference to a request of any of them.

#ifndef GLUE_SECURITY_MODEL_OPERATION_H_
#define GLUE_SECURITY_MODEL_OPERATION_H_

#include <array>
#include <cstddef>
#include <variant>

#include "absl/strings/string_view.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
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

// The value for no operation: that of an envelope in which the oneof is not
// set.
inline constexpr Operation kNoOperation = v1::Request::OPERATION_NOT_SET;

// All operations, in the order of the contract.
inline constexpr auto kAllOperations = std::array{
#define GLUE_SECURITY_OPERATION(Name, field) Operation{v1::Request::k##Name},
    GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_OPERATION)
#undef GLUE_SECURITY_OPERATION
};

// One more than the largest number of an operation: the size of an array that
// is indexed by operation.
inline constexpr size_t kOperationNumberEnd = [] {
  size_t end = 0;
  for (const Operation operation : kAllOperations) {
    const auto number = static_cast<size_t>(operation);
    if (number >= end) end = number + 1;
  }
  return end;
}();

// Returns the facts of `operation` that the proto states: its wire name, the
// errors it lists, and whether it only reads. The default value for
// kNoOperation.
const v1::OperationInfo& GetOperationInfo(Operation operation);

// Returns the wire name of `operation` ("PutResourcePolicy"), or "" for
// kNoOperation.
absl::string_view OperationName(Operation operation);

// Returns the wire name of `code` ("EntityNotFoundException"), or "" for a code
// that has none.
absl::string_view ErrorCodeName(v1::ErrorCode code);

// A borrowed request of any operation: the message must outlive the reference
// and must not change meanwhile. Converts implicitly from each request message
// and from the envelope. Cheap to copy.
class RequestRef {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a view of its argument.
#define GLUE_SECURITY_REQUEST(Name, field)     \
  RequestRef(const v1::Name##Request& request) \
      : RequestRef(v1::Request::k##Name, &request) {}
  GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_REQUEST)
#undef GLUE_SECURITY_REQUEST
  // Refers to the operation that the envelope carries, with its unparsed
  // values.
  RequestRef(const v1::Request& envelope);
  // NOLINTEND(google-explicit-constructor)

  Operation operation() const { return operation_; }

  // The request message of `operation()`. REQUIRES: an operation.
  const google::protobuf::Message& message() const { return *message_; }

  // The message as its own type. REQUIRES: `Message` is the request of
  // `operation()`.
  template <typename Message>
  const Message& as() const {
    return static_cast<const Message&>(*message_);
  }

  // Returns this reference with another message, of the same operation.
  RequestRef With(const google::protobuf::Message* message) const {
    RequestRef other = *this;
    other.message_ = message;
    return other;
  }

  // The values that a wire codec could not put into the message.
  const google::protobuf::RepeatedPtrField<v1::UnparsedValue>& unparsed_values()
      const {
    return *unparsed_values_;
  }

 private:
  RequestRef(Operation operation, const google::protobuf::Message* message);

  Operation operation_;
  const google::protobuf::Message* message_;
  const google::protobuf::RepeatedPtrField<v1::UnparsedValue>* unparsed_values_;
};

// The outcome of one operation: its response or an error.
using Outcome =
    std::variant<v1::Error
#define GLUE_SECURITY_RESPONSE(Name, field) , v1::Name##Response
                     GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_RESPONSE)
#undef GLUE_SECURITY_RESPONSE
                 >;

// Moves `outcome` into an envelope.
v1::Response ToResponse(Outcome outcome);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_OPERATION_H_
