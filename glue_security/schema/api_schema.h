// ApiSchema: the API as the protos describe it, compiled once from their
// descriptors. All code that needs the members of a request or a response reads
// them here: validation, the wire codec, the generators of the testing kit, the
// pages of docs/reference/. A member that is added to a proto appears here.
//
//   const OperationSchema* put =
//       ApiSchema::Get().FindOperation("PutResourcePolicy");
//   const MemberSchema* hash = put->request->Find("PolicyHashCondition");
//   hash->length_bytes_max;  // 255
//
//   ApiSchema::Get().FindOperation("GetTable");  // nullptr
//
// `Get` is all that this library knows. `For` is what is in force for a
// behavior: without the members, enum values and operations that came after its
// `Behavior::api_date`.
//
//   ApiSchema::For(Behavior::Documented()).FindOperation("GetResourcePolicies");
//       // nullptr: since 2020-07-07

#ifndef GLUE_SECURITY_SCHEMA_API_SCHEMA_H_
#define GLUE_SECURITY_SCHEMA_API_SCHEMA_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {

struct OperationSchema {
  Operation operation = kNoOperation;
  // Its name, the errors that the contract lists, and whether it only reads.
  const v1::OperationInfo* info = &v1::OperationInfo::default_instance();
  // The fields of `v1::Request` and `v1::Response` that carry the operation.
  const google::protobuf::FieldDescriptor* request_field = nullptr;
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  const StructureSchema* request = nullptr;
  const StructureSchema* response = nullptr;
  // The member of the request that names the catalog; nullptr when the
  // operation always uses the caller's own.
  const MemberSchema* catalog_id = nullptr;
  // The member of the request that names one security configuration; nullptr
  // when there is none.
  const MemberSchema* name = nullptr;
  // The way from the request to the member that names the operation's objects
  // (`OperationInfo::object_member`): structures, then a string or a list of
  // strings. Empty when there is none.
  std::vector<const MemberSchema*> object_path;
};

// Immutable. Thread-safe.
class ApiSchema {
 public:
  // Both live forever. `For` compiles a model when it is first asked for; after
  // that it is as cheap as a search in a short list.
  static const ApiSchema& Get();
  static const ApiSchema& For(const Behavior& behavior);

  // Returns the days on which the API changed, ascending; the first is that of
  // the contract.
  static const std::vector<absl::CivilDay>& Dates();

  ApiSchema(const ApiSchema&) = delete;
  ApiSchema& operator=(const ApiSchema&) = delete;

  // Returns the schema of `operation`. For kNoOperation, and for an operation
  // that is not in force, all its pointers are null but `info`, which is empty.
  const OperationSchema& operation(Operation operation) const {
    return operations_[static_cast<size_t>(operation)];
  }

  // Returns the operation in force with this wire name, such as
  // "PutResourcePolicy"; nullptr when there is none.
  const OperationSchema* FindOperation(absl::string_view name) const;

  // Returns the code of the exception `name`; UNSPECIFIED when there is none.
  v1::ErrorCode FindErrorCode(absl::string_view name) const;

 private:
  // The models of every date.
  class Model;
  struct Models;
  static const Models& AllModels();

  explicit ApiSchema(ModelVersion version);

  SchemaCompiler structures_;
  // Indexed by the number of the operation.
  std::vector<OperationSchema> operations_;
  std::vector<std::pair<std::string, v1::ErrorCode>> error_codes_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_API_SCHEMA_H_
