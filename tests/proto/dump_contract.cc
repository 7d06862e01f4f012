// Prints the description of the API on one day as JSON, for a test that
// compares it with an SDK's description, and for the pages of docs/reference/.
//
// Usage: dump_contract [DATE]
//
// Without a date it prints the newest API.

#include <iostream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

std::string Quote(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string TypeOf(const MemberSchema& member) {
  switch (member.kind) {
    case MemberKind::kString:
    case MemberKind::kEnum:
      return "string";
    case MemberKind::kInteger:
      return "integer";
    case MemberKind::kBoolean:
      return "boolean";
    case MemberKind::kTimestamp:
      return "timestamp";
    case MemberKind::kStructure:
      return "structure";
    case MemberKind::kList:
      return "list";
    case MemberKind::kMap:
      return "map";
  }
  return "";
}

std::string PublishedPattern(v1::Pattern pattern) {
  return v1::Pattern_descriptor()
      ->FindValueByNumber(pattern)
      ->options()
      .GetExtension(v1::pattern)
      .published();
}

std::string DumpMember(const MemberSchema& member) {
  const v1::ShapeConstraints& shape = *member.constraints;
  std::string out = absl::StrCat("{\"type\":", Quote(TypeOf(member)));
  if (member.required) absl::StrAppend(&out, ",\"required\":true");
  if (member.since > kContractDate) {
    absl::StrAppend(&out, ",\"since\":", Quote(Text(member.since)));
  }
  const auto bound = [&](const char* name, bool has, int64_t value) {
    if (has) absl::StrAppend(&out, ",\"", name, "\":", value);
  };
  bound("min", shape.has_length_bytes_min(), shape.length_bytes_min());
  bound("max", shape.has_length_bytes_max(), shape.length_bytes_max());
  bound("min", shape.has_value_min(), shape.value_min());
  bound("max", shape.has_value_max(), shape.value_max());
  if (member.documented_pattern != v1::PATTERN_UNSPECIFIED) {
    absl::StrAppend(&out, ",\"pattern\":",
                    Quote(PublishedPattern(member.documented_pattern)));
  }
  if (member.kind == MemberKind::kEnum) {
    absl::StrAppend(&out, ",\"enum\":[");
    const char* separator = "";
    for (const EnumValueSchema& value : member.enum_values) {
      absl::StrAppend(&out, separator, Quote(value.text));
      separator = ",";
    }
    absl::StrAppend(&out, "]");
  }
  if (member.structure != nullptr) {
    absl::StrAppend(
        &out, ",\"structure\":", Quote(member.structure->descriptor->name()));
  }
  return out + "}";
}

void DumpStructure(const StructureSchema& structure,
                   std::map<std::string, std::string>* structures) {
  const std::string& name = structure.descriptor->name();
  if (!structures->try_emplace(name).second) return;
  std::string out = "{";
  for (const MemberSchema& member : structure.members) {
    absl::StrAppend(&out, out.size() == 1 ? "" : ",", Quote(member.name), ":",
                    DumpMember(member));
    if (member.structure != nullptr) {
      DumpStructure(*member.structure, structures);
    }
  }
  (*structures)[name] = out + "}";
}

void Dump(const ApiSchema& api) {
  std::map<std::string, std::string> structures;
  std::string operations;
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = api.operation(operation);
    if (schema.request == nullptr) continue;
    DumpStructure(*schema.request, &structures);
    DumpStructure(*schema.response, &structures);
    absl::StrAppend(
        &operations, operations.empty() ? "" : ",", Quote(schema.info->name()),
        ":{\"request\":", Quote(schema.request->descriptor->name()),
        ",\"response\":", Quote(schema.response->descriptor->name()),
        ",\"since\":", Quote(schema.info->since()), ",\"errors\":[");
    for (int i = 0; i < schema.info->errors_size(); ++i) {
      absl::StrAppend(
          &operations, i == 0 ? "" : ",",
          Quote(std::string(ErrorCodeName(schema.info->errors(i)))));
    }
    absl::StrAppend(&operations, "]}");
  }
  std::cout << "{\"dates\":[";
  const char* separator = "";
  for (const absl::CivilDay date : ApiSchema::Dates()) {
    std::cout << separator << Quote(Text(date));
    separator = ",";
  }
  std::cout << "],\"operations\":{" << operations << "},\"structures\":{";
  separator = "";
  for (const auto& [name, text] : structures) {
    std::cout << separator << Quote(name) << ":" << text;
    separator = ",";
  }
  std::cout << "}}\n";
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  glue_security::Behavior behavior;
  behavior.api_date = glue_security::kNewestApiDate;
  if (argc > 2 ||
      (argc == 2 && !absl::ParseCivilTime(argv[1], &behavior.api_date))) {
    std::cerr << "usage: dump_contract [DATE]\n";
    return 2;
  }
  glue_security::Dump(glue_security::ApiSchema::For(behavior));
  return 0;
}
