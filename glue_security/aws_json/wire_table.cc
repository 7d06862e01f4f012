#include "glue_security/aws_json/wire_table.h"

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

std::vector<std::pair<std::string, int>> WireValues(
    const EnumDescriptor* descriptor) {
  std::vector<std::pair<std::string, int>> values;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    if (!value->options().HasExtension(v1::wire_value)) continue;
    values.emplace_back(value->options().GetExtension(v1::wire_value),
                        value->number());
  }
  return values;
}

bool IsList(const Descriptor* descriptor) {
  return descriptor->options().GetExtension(v1::is_list);
}

// A proto that uses what the table cannot hold is a mistake in the proto.
WireKind KindOf(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return WireKind::kString;
    case FieldDescriptor::CPPTYPE_INT32:
      return WireKind::kInteger;
    case FieldDescriptor::CPPTYPE_BOOL:
      return WireKind::kBoolean;
    case FieldDescriptor::CPPTYPE_ENUM:
      return WireKind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->is_repeated() || IsList(field->message_type())) {
        return WireKind::kList;
      }
      return field->message_type()->full_name() == "google.protobuf.Timestamp"
                 ? WireKind::kTimestamp
                 : WireKind::kStructure;
    default:
      ABSL_RAW_LOG(FATAL, "%s has a type that the wire does not know",
                   field->full_name().c_str());
      return WireKind::kString;
  }
}

}  // namespace

const WireMember* WireStructure::Find(absl::string_view name) const {
  for (const WireMember& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

const WireTable& WireTable::Get() {
  // Protobuf builds its descriptors meanwhile.
  static const auto* const kTable = OrEnd([] { return new WireTable(); });
  return *kTable;
}

WireTable::WireTable() {
  const auto* requests =
      v1::Request::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < requests->field_count(); ++i) {
    const FieldDescriptor* request = requests->field(i);
    const FieldDescriptor* response =
        v1::Response::descriptor()->FindFieldByNumber(request->number());
    const auto number = static_cast<size_t>(request->number());
    if (operations_.size() <= number) operations_.resize(number + 1);
    operations_[number] = {static_cast<Operation>(request->number()), request,
                           response, Add(request->message_type()),
                           Add(response->message_type())};
  }
  for (auto& [text, number] : WireValues(v1::ErrorCode_descriptor())) {
    error_codes_.emplace_back(text, static_cast<v1::ErrorCode>(number));
  }
}

const WireStructure* WireTable::Add(const Descriptor* descriptor) {
  auto& slot = structures_[descriptor];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<WireStructure>();
  WireStructure* const structure = slot.get();
  structure->descriptor = descriptor;
  structure->reflection = google::protobuf::MessageFactory::generated_factory()
                              ->GetPrototype(descriptor)
                              ->GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    structure->members.push_back(ReadMember(descriptor->field(i)));
  }
  return structure;
}

WireMember WireTable::ReadMember(const FieldDescriptor* field) {
  WireMember member;
  member.name = field->json_name();
  member.json_key = absl::StrCat("\"", member.name, "\":");
  member.path_name = member.name;
  member.path_name[0] = absl::ascii_tolower(member.path_name[0]);
  member.kind = KindOf(field);
  member.field = field;
  switch (member.kind) {
    case WireKind::kEnum:
      member.enum_values = WireValues(field->enum_type());
      break;
    case WireKind::kStructure:
      member.structure = Add(field->message_type());
      break;
    case WireKind::kList:
      member.elements =
          field->is_repeated() ? field : field->message_type()->field(0);
      if (member.elements->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        ABSL_RAW_LOG(FATAL, "%s is a list of what the wire does not know",
                     field->full_name().c_str());
      }
      member.structure = Add(member.elements->message_type());
      break;
    default:
      break;
  }
  return member;
}

const WireOperation* WireTable::FindOperation(absl::string_view name) const {
  for (const WireOperation& operation : operations_) {
    if (operation.operation != kNoOperation &&
        OperationName(operation.operation) == name) {
      return &operation;
    }
  }
  return nullptr;
}

const WireOperation& WireTable::operation(Operation operation) const {
  return operations_[static_cast<size_t>(operation)];
}

v1::ErrorCode WireTable::FindErrorCode(absl::string_view name) const {
  for (const auto& [text, code] : error_codes_) {
    if (text == name) return code;
  }
  return v1::ERROR_CODE_UNSPECIFIED;
}

}  // namespace glue_security
