#include "glue_security/model/operation.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "glue_security/model/out_of_memory.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::RepeatedPtrField;

// Indexed by the number of the field.
std::vector<const v1::OperationInfo*> ReadOperationInfos() {
  std::vector<const v1::OperationInfo*> infos;
  const auto* oneof = v1::Request::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < oneof->field_count(); ++i) {
    const FieldDescriptor* field = oneof->field(i);
    const auto number = static_cast<size_t>(field->number());
    if (infos.size() <= number) {
      infos.resize(number + 1, &v1::OperationInfo::default_instance());
    }
    infos[number] = &field->options().GetExtension(v1::operation_info);
  }
  return infos;
}

const RepeatedPtrField<v1::UnparsedValue>* NoUnparsedValues() {
  static const auto* const kNone = new RepeatedPtrField<v1::UnparsedValue>();
  return kNone;
}

const google::protobuf::Message* MessageOf(const v1::Request& envelope) {
  switch (envelope.operation_case()) {
#define GLUE_SECURITY_MESSAGE(Name, field) \
  case v1::Request::k##Name:               \
    return &envelope.field();
    GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_MESSAGE)
#undef GLUE_SECURITY_MESSAGE
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return nullptr;
}

// Moves each alternative of an Outcome into the envelope.
struct MoveInto {
  v1::Response* response;

  void operator()(v1::Error&& x) const {
    *response->mutable_error() = std::move(x);
  }
#define GLUE_SECURITY_MOVE(Name, field)           \
  void operator()(v1::Name##Response&& x) const { \
    *response->mutable_##field() = std::move(x);  \
  }
  GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_MOVE)
#undef GLUE_SECURITY_MOVE
};

}  // namespace

const v1::OperationInfo& GetOperationInfo(Operation operation) {
  static const auto* const kInfos = OrEnd([] {
    return new std::vector<const v1::OperationInfo*>(ReadOperationInfos());
  });
  const auto number = static_cast<size_t>(operation);
  return number < kInfos->size() ? *(*kInfos)[number]
                                 : v1::OperationInfo::default_instance();
}

absl::string_view OperationName(Operation operation) {
  return GetOperationInfo(operation).name();
}

absl::string_view ErrorCodeName(v1::ErrorCode code) {
  return OrEnd([&]() -> absl::string_view {
    const auto* value = v1::ErrorCode_descriptor()->FindValueByNumber(code);
    if (value == nullptr) return "";
    return value->options().GetExtension(v1::wire_value);
  });
}

RequestRef::RequestRef(Operation operation,
                       const google::protobuf::Message* message)
    : operation_(operation),
      message_(message),
      unparsed_values_(NoUnparsedValues()) {}

RequestRef::RequestRef(const v1::Request& envelope)
    : operation_(envelope.operation_case()),
      message_(MessageOf(envelope)),
      unparsed_values_(&envelope.unparsed_values()) {}

v1::Response ToResponse(Outcome outcome) {
  v1::Response response;
  OrEnd([&] { std::visit(MoveInto{&response}, std::move(outcome)); });
  return response;
}

}  // namespace glue_security
