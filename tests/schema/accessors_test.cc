// Every field of every request is read by its own accessor. Compares accessors
// with reflection, over messages in which each field has a different value.

#include "glue_security/schema/accessors.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Fills `message` and all messages below it; no two fields get the same value.
void FillDistinct(Message* message, int* next) {
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    ++*next;
    if (field->is_repeated()) {
      FillDistinct(reflection.AddMessage(message, field), next);
      FillDistinct(reflection.AddMessage(message, field), next);
      continue;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(message, field, absl::StrCat(*next));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(message, field, *next);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(message, field, false);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        // An open enum holds any number.
        reflection.SetEnumValue(message, field, *next);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        FillDistinct(reflection.MutableMessage(message, field), next);
        break;
      default:
        FAIL() << field->full_name();
    }
  }
}

// Compares the accessors with reflection on `message`; `filled` says whether
// its fields are set. Counts the fields.
void Compare(const Message& message, bool filled, int* fields) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    SCOPED_TRACE(field->full_name());
    if (field->is_repeated()) {
      for (int k = 0; k < reflection.FieldSize(message, field); ++k) {
        Compare(reflection.GetRepeatedMessage(message, field, k), filled,
                fields);
      }
      continue;
    }
    ++*fields;
    const Accessors* const access = FindAccessors(field);
    ASSERT_NE(access, nullptr);
    EXPECT_EQ(access->has(message), filled);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        EXPECT_EQ(access->get_string(message),
                  reflection.GetString(message, field));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        EXPECT_EQ(access->get_int32(message),
                  reflection.GetInt32(message, field));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        EXPECT_EQ(access->get_enum(message),
                  reflection.GetEnumValue(message, field));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        EXPECT_EQ(&access->get_message(message),
                  &reflection.GetMessage(message, field));
        Compare(access->get_message(message), filled, fields);
        break;
      default:
        break;
    }
  }
}

TEST(Accessors, EveryFieldOfEveryRequest_IsReadByItsOwnAccessor) {
  const auto* operations =
      v1::Request::descriptor()->FindOneofByName("operation");
  int fields = 0;
  for (int i = 0; i < operations->field_count(); ++i) {
    const FieldDescriptor* operation = operations->field(i);
    v1::Request request;
    Message* const message =
        request.GetReflection()->MutableMessage(&request, operation);
    Compare(*message, /*filled=*/false, &fields);
    int next = 0;
    FillDistinct(message, &next);
    Compare(*message, /*filled=*/true, &fields);
  }
  EXPECT_GT(fields, 50);
}

TEST(Accessors, FieldsOfNoRequest_HaveNone) {
  EXPECT_EQ(
      FindAccessors(v1::GetResourcePolicyResponse::descriptor()->field(0)),
      nullptr);
}

}  // namespace
}  // namespace glue_security
