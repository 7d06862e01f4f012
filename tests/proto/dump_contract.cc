// Prints what the protos say of the nine operations, as JSON: for a test that
// compares it with somebody else's description of the service.

#include <iostream>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/model/operation.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string Quote(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

bool IsList(const Descriptor* type) {
  return type->options().GetExtension(v1::is_list);
}

// The structure that a member holds: that of the elements, for a list.
const Descriptor* StructureOf(const FieldDescriptor* field) {
  const Descriptor* type = field->message_type();
  return IsList(type) ? type->field(0)->message_type() : type;
}

std::string TypeOf(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return "string";
    case FieldDescriptor::CPPTYPE_INT32:
      return "integer";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "boolean";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "string";
    default:
      if (field->is_repeated() || IsList(field->message_type())) return "list";
      return field->message_type()->full_name() == "google.protobuf.Timestamp"
                 ? "timestamp"
                 : "structure";
  }
}

std::string PublishedPattern(v1::Pattern pattern) {
  return v1::Pattern_descriptor()
      ->FindValueByNumber(pattern)
      ->options()
      .GetExtension(v1::pattern)
      .published();
}

std::string DumpMember(const FieldDescriptor* field) {
  const auto& rule = field->options().GetExtension(v1::constraints);
  std::string out = absl::StrCat("{\"type\":", Quote(TypeOf(field)));
  if (rule.required()) absl::StrAppend(&out, ",\"required\":true");
  const auto bound = [&](const char* name, bool has, int64_t value) {
    if (has) absl::StrAppend(&out, ",\"", name, "\":", value);
  };
  bound("min", rule.has_length_bytes_min(), rule.length_bytes_min());
  bound("max", rule.has_length_bytes_max(), rule.length_bytes_max());
  bound("min", rule.has_value_min(), rule.value_min());
  bound("max", rule.has_value_max(), rule.value_max());
  if (rule.pattern() != v1::PATTERN_UNSPECIFIED) {
    absl::StrAppend(&out,
                    ",\"pattern\":", Quote(PublishedPattern(rule.pattern())));
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    absl::StrAppend(&out, ",\"enum\":[");
    const char* separator = "";
    for (int i = 0; i < field->enum_type()->value_count(); ++i) {
      const auto& options = field->enum_type()->value(i)->options();
      if (!options.HasExtension(v1::wire_value)) continue;
      absl::StrAppend(&out, separator,
                      Quote(options.GetExtension(v1::wire_value)));
      separator = ",";
    }
    absl::StrAppend(&out, "]");
  }
  if (TypeOf(field) == "structure" || TypeOf(field) == "list") {
    absl::StrAppend(&out, ",\"structure\":", Quote(StructureOf(field)->name()));
  }
  return out + "}";
}

void DumpStructure(const Descriptor* type,
                   std::map<std::string, std::string>* structures) {
  if (structures->count(type->name()) != 0) return;
  std::string out = "{";
  (*structures)[type->name()] = out;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    absl::StrAppend(&out, i == 0 ? "" : ",", Quote(field->json_name()), ":",
                    DumpMember(field));
    if (TypeOf(field) == "structure" || TypeOf(field) == "list") {
      DumpStructure(StructureOf(field), structures);
    }
  }
  (*structures)[type->name()] = out + "}";
}

void Dump() {
  std::map<std::string, std::string> structures;
  std::string operations;
  for (const Operation operation : kAllOperations) {
    const v1::OperationInfo& info = GetOperationInfo(operation);
    const Descriptor* request =
        v1::Request::descriptor()->FindFieldByNumber(operation)->message_type();
    const Descriptor* response = v1::Response::descriptor()
                                     ->FindFieldByNumber(operation)
                                     ->message_type();
    DumpStructure(request, &structures);
    DumpStructure(response, &structures);
    absl::StrAppend(&operations, operations.empty() ? "" : ",",
                    Quote(info.name()),
                    ":{\"request\":", Quote(request->name()),
                    ",\"response\":", Quote(response->name()), ",\"errors\":[");
    for (int i = 0; i < info.errors_size(); ++i) {
      absl::StrAppend(&operations, i == 0 ? "" : ",",
                      Quote(std::string(ErrorCodeName(info.errors(i)))));
    }
    absl::StrAppend(&operations, "]}");
  }
  std::cout << "{\"operations\":{" << operations << "},\"structures\":{";
  const char* separator = "";
  for (const auto& [name, text] : structures) {
    std::cout << separator << Quote(name) << ":" << text;
    separator = ",";
  }
  std::cout << "}}\n";
}

}  // namespace
}  // namespace glue_security

int main() {
  glue_security::Dump();
  return 0;
}
