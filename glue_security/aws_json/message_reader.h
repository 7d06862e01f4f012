// Reads a JSON object into a message of the API, as the service's front end
// does.

#ifndef GLUE_SECURITY_AWS_JSON_MESSAGE_READER_H_
#define GLUE_SECURITY_AWS_JSON_MESSAGE_READER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace glue_security {

// The reason why a body cannot be read. `message` is the text of the service's
// front end; absent where it sends none.
struct UnreadableBody {
  std::optional<std::string> message;
};

enum class UnknownMembers { kIgnored, kRefused };

// Fills `message`, which is empty, from `body`. Unknown members are ignored,
// but must be JSON, or are an error that names them. A null member is absent.
// When a member is repeated, the last one counts. An unknown enum text goes to
// `unparsed`, and the member stays absent. A number for an integer is truncated
// to a whole number and clamped to 32 bits; one that was clamped goes to
// `unparsed`, too.
//
// Returns nullopt on success, else the first error in the order of the text;
// `message` and `unparsed` are then unspecified. When `structure` is null, the
// body is only checked.
std::optional<UnreadableBody> ReadMessage(
    absl::string_view body, const StructureSchema* structure,
    UnknownMembers unknown, google::protobuf::Message* message,
    google::protobuf::RepeatedPtrField<v1::UnparsedValue>* unparsed);

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_MESSAGE_READER_H_
