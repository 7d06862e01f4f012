// Every field of every request is read by its own accessor. Compares accessors
// with reflection, over messages in which each field has a different value.

#include "glue_security/schema/accessors.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/map.h"
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
    if (field->is_repeated() &&
        field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.AddString(message, field, absl::StrCat(*next));
      continue;
    }
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

// Returns the map in the message that stands for it; nullptr when `field` is
// not such a message.
const FieldDescriptor* MapIn(const FieldDescriptor* field) {
  const Descriptor* const type = field->message_type();
  return type->field_count() > 0 && type->field(0)->is_map() ? type->field(0)
                                                             : nullptr;
}

std::map<std::string, std::string> TextOf(
    const google::protobuf::Map<std::string, std::string>& map) {
  return {map.begin(), map.end()};
}

// Returns the entries of `map`, a field of `holder`.
std::map<std::string, std::string> TextOf(const Message& holder,
                                          const FieldDescriptor* map) {
  const Reflection& reflection = *holder.GetReflection();
  std::map<std::string, std::string> entries;
  for (int i = 0; i < reflection.FieldSize(holder, map); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(holder, map, i);
    const Reflection& of_entry = *entry.GetReflection();
    entries[of_entry.GetString(entry, map->message_type()->map_key())] =
        of_entry.GetString(entry, map->message_type()->map_value());
  }
  return entries;
}

// Compares the accessors with reflection on `message`; `filled` says whether
// its fields are set. Counts the fields.
void Compare(const Message& message, bool filled, int* fields) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    SCOPED_TRACE(field->full_name());
    if (field->is_repeated()) {
      // A list of strings has no accessor, nor have its elements.
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
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
        if (const auto* map = MapIn(field)) {
          EXPECT_EQ(TextOf(access->get_map(message)),
                    TextOf(reflection.GetMessage(message, field), map));
          break;
        }
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
  EXPECT_GT(fields, 120);
}

TEST(Accessors, FieldsOfNoRequest_HaveNone) {
  EXPECT_EQ(
      FindAccessors(v1::GetResourcePolicyResponse::descriptor()->field(0)),
      nullptr);
}

}  // namespace
}  // namespace glue_security
