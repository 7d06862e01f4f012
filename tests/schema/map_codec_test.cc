// Maps of strings on the wire, in both directions. No operation has one yet, so
// the test gives the codec's two halves a structure of its own.

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/message_reader.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "gtest/gtest.h"
#include "tests/schema/map.pb.h"

namespace glue_security {
namespace {

using map_test::WithMaps;
using UnparsedEnums = google::protobuf::RepeatedPtrField<v1::UnparsedEnum>;

const StructureSchema& Schema() {
  static auto* const kCompiler = new SchemaCompiler;
  return *kCompiler->Compile(WithMaps::descriptor());
}

// Reads `body`; returns the codec's error, or "" on success.
std::string Read(absl::string_view body, WithMaps* message) {
  message->Clear();
  UnparsedEnums unparsed;
  const auto unreadable = ReadMessage(body, &Schema(), UnknownMembers::kIgnored,
                                      message, &unparsed);
  if (!unreadable.has_value()) return "";
  return unreadable->message.value_or("(no message)");
}

std::string Write(const WithMaps& message) {
  std::string body;
  AppendMessage(message, Schema(), UnparsedEnums(), &body);
  return body;
}

TEST(MapCodec, TheSchemaKnowsAMap) {
  const MemberSchema* parameters = Schema().Find("Parameters");
  ASSERT_NE(parameters, nullptr);
  EXPECT_EQ(parameters->kind, MemberKind::kMap);
  EXPECT_NE(parameters->elements, parameters->field);
  EXPECT_EQ(parameters->structure, nullptr);
  const MemberSchema* tags = Schema().Find("Tags");
  EXPECT_EQ(tags->kind, MemberKind::kMap);
  EXPECT_EQ(tags->elements, tags->field);
}

TEST(MapCodec, EntriesAreReadAndWrittenInTheOrderOfTheirKeys) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{"b":"2","a":"1","":"\u00e9"},)"
                 R"("Inner":{"Name":"n"}})",
                 &message),
            "");
  ASSERT_TRUE(message.has_parameters());
  EXPECT_EQ(message.parameters().entries_size(), 3);
  EXPECT_EQ(message.parameters().entries().at("a"), "1");
  EXPECT_EQ(message.parameters().entries().at(""), "\xC3\xA9");
  EXPECT_EQ(message.inner().name(), "n");
  EXPECT_EQ(Write(message),
            "{\"Parameters\":{\"\":\"\xC3\xA9\",\"a\":\"1\",\"b\":\"2\"},"
            "\"Tags\":{},\"Inner\":{\"Name\":\"n\"}}");
}

TEST(MapCodec, AnEmptyMapIsNotAnAbsentOne) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{}})", &message), "");
  EXPECT_TRUE(message.has_parameters());
  EXPECT_EQ(Write(message), R"({"Parameters":{},"Tags":{}})");
  EXPECT_EQ(Read(R"({"Parameters":null,"Tags":{"k":"v"}})", &message), "");
  EXPECT_FALSE(message.has_parameters());
  EXPECT_EQ(Write(message), R"({"Tags":{"k":"v"}})");
}

TEST(MapCodec, TheLastOfARepeatedKeyOrMemberCounts) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{"a":"1","a":"2","b":null}})", &message), "");
  EXPECT_EQ(Write(message), R"({"Parameters":{"a":"2"},"Tags":{}})");
  EXPECT_EQ(Read(R"({"Tags":{"a":"1"},"Tags":{"b":"2"}})", &message), "");
  EXPECT_EQ(Write(message), R"({"Tags":{"b":"2"}})");
}

TEST(MapCodec, ValuesOfOtherTypesAreRefused) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":"x"})", &message), "Expected null");
  EXPECT_EQ(Read(R"({"Parameters":1})", &message), "Expected null");
  EXPECT_EQ(Read(R"({"Parameters":[]})", &message),
            "Start of list found where not expected");
  EXPECT_EQ(Read(R"({"Parameters":{"a":1}})", &message),
            "NUMBER_VALUE can not be converted to a String");
  EXPECT_EQ(Read(R"({"Parameters":{"a":true}})", &message),
            "TRUE_VALUE can not be converted to a String");
  EXPECT_EQ(Read(R"({"Parameters":{"a":{}}})", &message),
            "Start of structure or map found where not expected.");
  EXPECT_EQ(Read(R"({"Parameters":{"a":["x"]}})", &message),
            "Start of list found where not expected");
}

TEST(MapCodec, TheLastOfManyRepeatedKeysCounts) {
  constexpr int kEntries = 20'000;
  std::string body = "{\"Tags\":{";
  for (int i = 0; i < kEntries; ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", "\"k", i % (kEntries / 2),
                    "\":\"v", i, "\"");
  }
  body += "}}";
  WithMaps message;
  EXPECT_EQ(Read(body, &message), "");
  EXPECT_EQ(message.tags_size(), kEntries / 2);
  EXPECT_EQ(message.tags().at("k7"), absl::StrCat("v", kEntries / 2 + 7));
}

}  // namespace
}  // namespace glue_security
