// Writes a message of the API as a JSON object.

#ifndef GLUE_SECURITY_AWS_JSON_MESSAGE_WRITER_H_
#define GLUE_SECURITY_AWS_JSON_MESSAGE_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace glue_security {

// Appends `message` to `out`. Absent members are left out; an empty list that
// cannot be absent is `[]`. Times are epoch seconds, with no more fractional
// digits than needed. A value of `unparsed` is written at its path: an enum's
// text, or the number beyond 32 bits that an integer was clamped from. An
// undeclared enum number is written as a string in decimal.
void AppendMessage(
    const google::protobuf::Message& message, const StructureSchema& structure,
    const google::protobuf::RepeatedPtrField<v1::UnparsedValue>& unparsed,
    std::string* out);

// Appends `text` as a JSON string.
void AppendJsonString(absl::string_view text, std::string* out);

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_MESSAGE_WRITER_H_
