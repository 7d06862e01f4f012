// Lists of strings, maps of strings and maps of structures on the wire, in both
// directions. The test gives the codec's two halves a structure of its own,
// which has all of them in every place.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/message_reader.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "gtest/gtest.h"
#include "tests/schema/map.pb.h"

namespace glue_security {
namespace {

using map_test::WithMaps;
using UnparsedValues = google::protobuf::RepeatedPtrField<v1::UnparsedValue>;

const StructureSchema& Schema() {
  static auto* const kCompiler = new SchemaCompiler;
  return *kCompiler->Compile(WithMaps::descriptor());
}

// Reads `body`; returns the codec's error, or "" on success.
std::string Read(absl::string_view body, WithMaps* message) {
  message->Clear();
  UnparsedValues unparsed;
  const auto unreadable = ReadMessage(body, &Schema(), UnknownMembers::kIgnored,
                                      message, &unparsed);
  if (!unreadable.has_value()) return "";
  return unreadable->message.value_or("(no message)");
}

std::string Write(const WithMaps& message) {
  std::string body;
  AppendMessage(message, Schema(), UnparsedValues(), &body);
  return body;
}

// The members that are never absent, when they are empty.
const std::string kRest = R"("Tags":{},"Aliases":[],"Parts":{}})";

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
            "\"Tags\":{},\"Inner\":{\"Name\":\"n\"},\"Aliases\":[],"
            "\"Parts\":{}}");
}

TEST(MapCodec, AnEmptyMapIsNotAnAbsentOne) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{}})", &message), "");
  EXPECT_TRUE(message.has_parameters());
  EXPECT_EQ(Write(message), R"({"Parameters":{},)" + kRest);
  EXPECT_EQ(Read(R"({"Parameters":null,"Tags":{"k":"v"}})", &message), "");
  EXPECT_FALSE(message.has_parameters());
  EXPECT_EQ(Write(message), R"({"Tags":{"k":"v"},"Aliases":[],"Parts":{}})");
}

TEST(MapCodec, TheLastOfARepeatedKeyOrMemberCounts) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{"a":"1","a":"2","b":null}})", &message), "");
  EXPECT_EQ(Write(message), R"({"Parameters":{"a":"2"},)" + kRest);
  EXPECT_EQ(Read(R"({"Tags":{"a":"1"},"Tags":{"b":"2"}})", &message), "");
  EXPECT_EQ(Write(message), R"({"Tags":{"b":"2"},"Aliases":[],"Parts":{}})");
}

TEST(MapCodec, ANullTakesAnEarlierEntryOfItsKeyAway) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parameters":{"a":"1","b":"2","a":null,"c":"3",)"
                 R"("c":null,"c":"4","b":"5"}})",
                 &message),
            "");
  EXPECT_EQ(Write(message), R"({"Parameters":{"b":"5","c":"4"},)" + kRest);
  // Each map has its own nulls.
  EXPECT_EQ(
      Read(R"({"Parameters":{"a":null},"Tags":{"a":"1","b":null}})", &message),
      "");
  EXPECT_EQ(Write(message), R"({"Parameters":{},"Tags":{"a":"1"},)"
                            R"("Aliases":[],"Parts":{}})");
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

TEST(MapCodec, ALongMapOfNullsTakesLinearTime) {
  constexpr int kEntries = 20'000;
  std::string body = "{\"Tags\":{\"kept\":\"v\"";
  for (int i = 0; i < kEntries; ++i) {
    absl::StrAppend(&body, ",\"k", i, "\":\"v\",\"k", i, "\":null");
  }
  body += "}}";
  WithMaps message;
  EXPECT_EQ(Read(body, &message), "");
  EXPECT_EQ(message.tags_size(), 1);
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

TEST(StringListCodec, TheSchemaKnowsIt) {
  const MemberSchema* names = Schema().Find("Names");
  ASSERT_NE(names, nullptr);
  EXPECT_EQ(names->kind, MemberKind::kStringList);
  EXPECT_NE(names->elements, names->field);
  EXPECT_EQ(names->structure, nullptr);
  const MemberSchema* aliases = Schema().Find("Aliases");
  EXPECT_EQ(aliases->kind, MemberKind::kStringList);
  EXPECT_EQ(aliases->elements, aliases->field);
}

TEST(StringListCodec, KeepsTheOrderAndRepeatedElements) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Names":["b","","a\u0000\"","b"],"Aliases":["\u00e9"]})",
                 &message),
            "");
  EXPECT_THAT(message.names().elements(),
              testing::ElementsAre("b", "", std::string("a\0\"", 3), "b"));
  EXPECT_THAT(message.aliases(), testing::ElementsAre("\xC3\xA9"));
  EXPECT_EQ(Write(message),
            "{\"Tags\":{},\"Names\":[\"b\",\"\",\"a\\u0000\\\"\",\"b\"],"
            "\"Aliases\":[\"\xC3\xA9\"],\"Parts\":{}}");
}

TEST(StringListCodec, AnEmptyListIsNotAnAbsentOne) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Names":[]})", &message), "");
  EXPECT_TRUE(message.has_names());
  EXPECT_EQ(Write(message),
            R"({"Tags":{},"Names":[],"Aliases":[],"Parts":{}})");
  EXPECT_EQ(Read(R"({"Names":["a"],"Names":null,"Aliases":null})", &message),
            "");
  EXPECT_FALSE(message.has_names());
  EXPECT_EQ(Write(message), "{" + kRest);
}

TEST(StringListCodec, TheLastOfARepeatedMemberCounts) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Names":["a","b"],"Aliases":["x"],"Names":["c"],)"
                 R"("Aliases":[]})",
                 &message),
            "");
  EXPECT_THAT(message.names().elements(), testing::ElementsAre("c"));
  EXPECT_EQ(message.aliases_size(), 0);
}

TEST(StringListCodec, ElementsOfOtherTypesAreRefused) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"("x")", "Expected list or null"},
      {"1", "Expected list or null"},
      {"true", "Expected list or null"},
      {"{}", "Start of structure or map found where not expected."},
      {R"(["a",1])", "NUMBER_VALUE can not be converted to a String"},
      {"[-1.5e3]", "NUMBER_VALUE can not be converted to a String"},
      {"[true]", "TRUE_VALUE can not be converted to a String"},
      {"[false]", "FALSE_VALUE can not be converted to a String"},
      {"[[]]", "Start of list found where not expected"},
      {R"([["a"]])", "Start of list found where not expected"},
      {"[{}]", "Start of structure or map found where not expected."},
      {R"([{"Name":1}])",
       "Start of structure or map found where not expected."},
      // A list has no absent elements.
      {R"(["a",null])", "(no message)"},
  };
  WithMaps message;
  for (const char* member : {"Names", "Aliases"}) {
    for (const auto& [value, error] : cases) {
      EXPECT_EQ(Read(absl::StrCat("{\"", member, "\":", value, "}"), &message),
                error)
          << member << " " << value;
    }
  }
}

TEST(StructureMapCodec, EntriesAreReadAndWrittenInTheOrderOfTheirKeys) {
  EXPECT_EQ(Schema().Find("Parts")->kind, MemberKind::kStructureMap);
  EXPECT_EQ(Schema().Find("Groups")->kind, MemberKind::kStructureMap);
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parts":{"b":{"Name":"2"},"a":{},"\u00e9":{"x":[{}]}},)"
                 R"("Groups":{"g":{"Parts":{"p":{"Name":"3"}},)"
                 R"("Inner":{"Name":"4"}},"f":{}},"Names":["5"]})",
                 &message),
            "");
  EXPECT_EQ(message.parts_size(), 3);
  EXPECT_EQ(message.parts().at("b").name(), "2");
  EXPECT_FALSE(message.parts().at("a").has_name());
  const auto& group = message.groups().elements().at("g");
  EXPECT_EQ(group.parts().at("p").name(), "3");
  EXPECT_EQ(group.inner().name(), "4");
  EXPECT_EQ(Write(message),
            "{\"Tags\":{},\"Names\":[\"5\"],\"Aliases\":[],"
            "\"Parts\":{\"a\":{},\"b\":{\"Name\":\"2\"},\"\xC3\xA9\":{}},"
            "\"Groups\":{\"f\":{\"Parts\":{}},"
            "\"g\":{\"Inner\":{\"Name\":\"4\"},\"Parts\":{\"p\":{\"Name\":"
            "\"3\"}}}}}");
}

TEST(StructureMapCodec, EmptyAbsentAndNull) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Groups":{},"Parts":{"a":null}})", &message), "");
  EXPECT_TRUE(message.has_groups());
  EXPECT_EQ(message.parts_size(), 0);
  EXPECT_EQ(Read(R"({"Groups":null,"Parts":null})", &message), "");
  EXPECT_FALSE(message.has_groups());
}

TEST(StructureMapCodec, TheLastOfARepeatedKeyOrMemberCounts) {
  WithMaps message;
  EXPECT_EQ(Read(R"({"Parts":{"a":{"Name":"1"},"a":{"Name":"2"}},)"
                 R"("Groups":{"a":{}},"Groups":{"b":{}}})",
                 &message),
            "");
  EXPECT_EQ(message.parts_size(), 1);
  EXPECT_EQ(message.parts().at("a").name(), "2");
  EXPECT_EQ(message.groups().elements().count("a"), 0u);
  // Nothing of the earlier structure is left.
  EXPECT_EQ(Read(R"({"Parts":{"a":{"Name":"1"},"a":{}}})", &message), "");
  EXPECT_FALSE(message.parts().at("a").has_name());
  EXPECT_EQ(Write(message), R"({"Tags":{},"Aliases":[],"Parts":{"a":{}}})");
}

TEST(StructureMapCodec, ValuesOfOtherTypesAreRefused) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"("x")", "Expected null"},
      {"1", "Expected null"},
      {"[]", "Start of list found where not expected"},
      {R"({"a":"x"})", "Expected null"},
      {R"({"a":1})", "Expected null"},
      {R"({"a":false})", "Expected null"},
      {R"({"a":[]})", "Start of list found where not expected"},
      {R"({"a":{"Name":[]}})", "Start of list found where not expected"},
  };
  WithMaps message;
  for (const auto& [value, error] : cases) {
    EXPECT_EQ(Read(absl::StrCat("{\"Parts\":", value, "}"), &message), error)
        << value;
  }
}

}  // namespace
}  // namespace glue_security
