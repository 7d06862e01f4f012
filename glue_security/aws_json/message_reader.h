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

// Why a body cannot be read. The message is the front end's own, and absent
// where it sends none.
struct UnreadableBody {
  std::optional<std::string> message;
};

// Fills `message`, which is empty, from `body`. Unknown members are ignored,
// but must be JSON; a null member is absent; of a repeated member the last
// counts. An enum text that no value has goes to `unparsed`, and the member
// stays absent. An integer is cut to a whole number and held within 32 bits.
//
// nullopt: done. Else the first error in the order of the text; `message` and
// `unparsed` hold anything. Without a structure the body is only read.
std::optional<UnreadableBody> ReadMessage(
    absl::string_view body, const StructureSchema* structure,
    google::protobuf::Message* message,
    google::protobuf::RepeatedPtrField<v1::UnparsedEnum>* unparsed);

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_MESSAGE_READER_H_
