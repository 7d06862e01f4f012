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
    case MemberKind::kStringList:
      return "list";
    case MemberKind::kMap:
    case MemberKind::kStructureMap:
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

// Returns the bounds and the pattern of a shape, each with a comma before it.
std::string DumpConstraints(const v1::ShapeConstraints& shape) {
  std::string out;
  const auto bound = [&](const char* name, bool has, int64_t value) {
    if (has) absl::StrAppend(&out, ",\"", name, "\":", value);
  };
  bound("min", shape.has_length_bytes_min(), shape.length_bytes_min());
  bound("max", shape.has_length_bytes_max(), shape.length_bytes_max());
  bound("min", shape.has_value_min(), shape.value_min());
  bound("max", shape.has_value_max(), shape.value_max());
  bound("min", shape.has_size_min(), shape.size_min());
  bound("max", shape.has_size_max(), shape.size_max());
  if (shape.pattern() != v1::PATTERN_UNSPECIFIED) {
    absl::StrAppend(&out,
                    ",\"pattern\":", Quote(PublishedPattern(shape.pattern())));
  }
  if (shape.confidential()) absl::StrAppend(&out, ",\"confidential\":true");
  return out;
}

// Returns the enum texts of a member, with a comma before them.
std::string DumpEnum(const MemberSchema& member) {
  if (member.enum_values.empty()) return "";
  std::string out = ",\"enum\":[";
  const char* separator = "";
  for (const EnumValueSchema& value : member.enum_values) {
    absl::StrAppend(&out, separator, Quote(value.text));
    separator = ",";
  }
  return out + "]";
}

// Returns the keys or values of a map, or the elements of a list: strings of
// `shape`. `more` follows their constraints.
std::string DumpStrings(const char* name, v1::Shape shape, absl::CivilDay day,
                        const std::string& more = "") {
  return absl::StrCat(",\"", name, "\":{\"type\":\"string\"",
                      DumpConstraints(ConstraintsOf(shape, day)), more, "}");
}

std::string DumpMember(const MemberSchema& member, absl::CivilDay day) {
  const v1::ShapeConstraints& shape = *member.constraints;
  std::string out = absl::StrCat("{\"type\":", Quote(TypeOf(member)));
  if (member.required) absl::StrAppend(&out, ",\"required\":true");
  if (member.since > kContractDate) {
    absl::StrAppend(&out, ",\"since\":", Quote(Text(member.since)));
  }
  absl::StrAppend(&out, DumpConstraints(shape));
  const std::string structure =
      member.structure == nullptr
          ? ""
          : absl::StrCat(",\"structure\":",
                         Quote(member.structure->descriptor->name()));
  switch (member.kind) {
    case MemberKind::kStringList:
      absl::StrAppend(&out, DumpStrings("element", shape.element(), day));
      break;
    case MemberKind::kMap:
      absl::StrAppend(&out,
                      DumpStrings("key", shape.key(), day, DumpEnum(member)),
                      DumpStrings("value", shape.element(), day));
      break;
    case MemberKind::kStructureMap:
      absl::StrAppend(&out, DumpStrings("key", shape.key(), day),
                      ",\"value\":{\"type\":\"structure\"", structure, "}");
      break;
    case MemberKind::kEnum:
      absl::StrAppend(&out, DumpEnum(member));
      break;
    case MemberKind::kStructure:
    case MemberKind::kList:
      absl::StrAppend(&out, structure);
      break;
    case MemberKind::kString:
    case MemberKind::kInteger:
    case MemberKind::kBoolean:
    case MemberKind::kTimestamp:
      break;
  }
  return out + "}";
}

void DumpStructure(const StructureSchema& structure, absl::CivilDay day,
                   std::map<std::string, std::string>* structures) {
  const std::string name(structure.descriptor->name());
  if (!structures->try_emplace(name).second) return;
  std::string out = "{";
  for (const MemberSchema& member : structure.members) {
    absl::StrAppend(&out, out.size() == 1 ? "" : ",", Quote(member.name), ":",
                    DumpMember(member, day));
    if (member.structure != nullptr) {
      DumpStructure(*member.structure, day, structures);
    }
  }
  (*structures)[name] = out + "}";
}

void Dump(const ApiSchema& api, absl::CivilDay day) {
  std::map<std::string, std::string> structures;
  std::string operations;
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = api.operation(operation);
    if (schema.request == nullptr) continue;
    DumpStructure(*schema.request, day, &structures);
    DumpStructure(*schema.response, day, &structures);
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
  glue_security::Dump(glue_security::ApiSchema::For(behavior),
                      behavior.api_date);
  return 0;
}
