// RequestMembers: the members of all requests with their constraints from the
// options of the protos, as a model of the service has them, and functions to
// set one of them in a request.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_REQUEST_MEMBERS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_REQUEST_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security::conformance_internal {

// One member of one request, at any depth. The strings of a list and the keys
// and values of a map are members of their own, after it.
struct RequestMember {
  enum class Part {
    // The member itself.
    kWhole,
    // The first string of a list, or the value of `MapKey`.
    kElement,
    // A key of a map other than `MapKey`, or, where there is none, that.
    kKey,
  };

  // The model that the member is of.
  const ApiSchema* api = nullptr;
  Operation operation = kNoOperation;
  // The members from the request down to this one. In a list on the way, the
  // first element is meant.
  std::vector<const MemberSchema*> way;
  Part part = Part::kWhole;
  // The name in a violation: "encryptionConfiguration.s3Encryption.1.member".
  std::string path;
  // The name in the id of a check: the path, and ".key" after that of a key.
  std::string name;
  // The constraints of its value.
  v1::ShapeConstraints constraints;

  const MemberSchema& schema() const { return *way.back(); }
  const google::protobuf::FieldDescriptor* field() const {
    return schema().field;
  }
  // The constraints of a string.
  const TextConstraints& text() const {
    if (part == Part::kElement) return schema().element;
    if (part == Part::kKey) return schema().key;
    return schema();
  }
  bool is_whole() const { return part == Part::kWhole; }
  bool required() const { return is_whole() && schema().required; }
  bool is_string() const { return Is(MemberKind::kString) || !is_whole(); }
  bool is_int() const { return Is(MemberKind::kInteger); }
  bool is_enum() const { return Is(MemberKind::kEnum); }
  // True for a key of a map whose keys are of an enum.
  bool is_enum_key() const {
    return part == Part::kKey && !schema().enum_values.empty();
  }
  bool is_string_list() const { return Is(MemberKind::kStringList); }
  bool is_map() const { return Is(MemberKind::kMap); }
  // True for a structure or a collection.
  bool is_message() const {
    return is_whole() && field()->cpp_type() ==
                             google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
  }
  // The pattern that is in force.
  v1::Pattern pattern(bool observed) const { return text().pattern(observed); }

 private:
  bool Is(MemberKind kind) const { return is_whole() && schema().kind == kind; }
};

// Returns a key that a map may have: the first text of its enum, or "a".
std::string MapKey(const MemberSchema& map);

// Returns all members in force of all requests in force, in the order of the
// contract. A structure comes before its members. Lives forever.
const std::vector<RequestMember>& RequestMembers(const ApiSchema& api);

// Returns the same member as `api` has it; nullptr when it has none.
const RequestMember* FindRequestMember(const ApiSchema& api,
                                       const RequestMember& member);

// Returns the request message of the operation that `request` carries.
// REQUIRES: there is one.
google::protobuf::Message* MessageOf(v1::Request* request);

// Each of these makes the structures on the way present.
// REQUIRES: the member's type; `request` carries its operation, or none.
void SetString(const RequestMember& member, absl::string_view value,
               v1::Request* request);
void SetInt(const RequestMember& member, int32_t value, v1::Request* request);
void SetEnum(const RequestMember& member, int number, v1::Request* request);
void ClearMember(const RequestMember& member, v1::Request* request);

// Makes a list of strings, or a map of strings, have `size` elements of its
// own, as many of which as possible break no constraint.
void SetSize(const RequestMember& member, size_t size, v1::Request* request);

// Returns the beginning of each text that the member's pattern matches, after
// which any character may follow; "" where a text may begin with anything.
std::string StartOfTexts(const RequestMember& member);

// Sets a value that is legal in every preset; makes a structure present.
void SetLegalValue(const RequestMember& member, v1::Request* request);

// Returns true when the structure that holds the member is present.
bool HasParent(const RequestMember& member, const v1::Request& request);
// Return whether the member is present, and its value.
bool HasMember(const RequestMember& member, const v1::Request& request);
std::string GetString(const RequestMember& member, const v1::Request& request);
int32_t GetInt(const RequestMember& member, const v1::Request& request);
int GetEnum(const RequestMember& member, const v1::Request& request);
// Returns the number of elements of a list of strings or of a map of strings.
size_t GetSize(const RequestMember& member, const v1::Request& request);

// Returns a request of `operation` with every member of `api` that a plain call
// has, all of them legal. It succeeds on a new backend, or, where it names a
// configuration or deletes a policy, finds nothing. The policy is left out,
// because it depends on the catalog.
v1::Request BaseRequest(const ApiSchema& api, Operation operation);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_REQUEST_MEMBERS_H_
