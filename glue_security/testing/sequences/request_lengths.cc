#include "glue_security/testing/sequences/request_lengths.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Returns the field of `message` with this name in a path: that on the wire,
// with a small letter at the start.
const FieldDescriptor* FieldOf(const Message& message, absl::string_view name) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    std::string wire(type->field(i)->json_name());
    if (!wire.empty()) wire[0] = absl::ascii_tolower(wire[0]);
    if (wire == name) return type->field(i);
  }
  return nullptr;
}

// Returns the text at `path`, which leads through structures; nullopt: there is
// none.
std::optional<std::string> TextAt(const v1::Request& request,
                                  absl::string_view path) {
  const auto* operation = v1::Request::descriptor()->FindFieldByNumber(
      static_cast<int>(request.operation_case()));
  if (operation == nullptr) return std::nullopt;
  const Message* message =
      &request.GetReflection()->GetMessage(request, operation);
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field = FieldOf(*message, name);
    if (field == nullptr || field->is_repeated()) return std::nullopt;
    const auto* reflection = message->GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      return reflection->GetString(*message, field);
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) break;
    message = &reflection->GetMessage(*message, field);
  }
  return std::nullopt;
}

}  // namespace

std::string LengthsInWords(const v1::Request& request,
                           const v1::Response& answer) {
  for (const v1::Violation& violation : answer.error().violations()) {
    if (violation.constraint() != v1::Violation::CONSTRAINT_LENGTH_MIN &&
        violation.constraint() != v1::Violation::CONSTRAINT_LENGTH_MAX) {
      continue;
    }
    const auto text = TextAt(request, violation.path());
    if (!text.has_value()) continue;
    const auto characters =
        std::count_if(text->begin(), text->end(),
                      [](char c) { return (c & '\xC0') != '\x80'; });
    if (static_cast<size_t>(characters) == text->size()) continue;
    return absl::StrCat(violation.path(), " has ", text->size(),
                        " bytes of UTF-8 in ", characters, " characters");
  }
  return "";
}

}  // namespace glue_security
