// The constraints of lists of strings and maps of strings: their sizes, their
// elements, keys and values, generated from the descriptors for every member of
// every request. Also the texts, paths and order of what CreateConnection and
// the other operations on connections break.

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/validation/validator.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/validation/every_member.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A preset, and how many lists and maps of strings its requests have.
struct Preset {
  const char* name;
  Behavior behavior;
  int lists;
  int maps;
};

void PrintTo(const Preset& preset, std::ostream* os) { *os << preset.name; }

// A list or a map of strings in a request, which the test fills as it likes. At
// the end it is as it was.
class Collection {
 public:
  explicit Collection(const Member& member)
      : member_(member),
        holder_(*member.parent->GetReflection()->MutableMessage(member.parent,
                                                                member.field)),
        elements_(holder_.GetDescriptor()->field(0)),
        before_(holder_.New()) {
    before_->CopyFrom(holder_);
  }
  ~Collection() { holder_.CopyFrom(*before_); }
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  bool is_map() const { return elements_->is_map(); }

  void Clear() { holder_.GetReflection()->ClearField(&holder_, elements_); }

  void AddElement(const std::string& text) {
    holder_.GetReflection()->AddString(&holder_, elements_, text);
  }

  void AddEntry(const std::string& key, const std::string& value) {
    Message* const entry =
        holder_.GetReflection()->AddMessage(&holder_, elements_);
    const auto* type = elements_->message_type();
    entry->GetReflection()->SetString(entry, type->map_key(), key);
    entry->GetReflection()->SetString(entry, type->map_value(), value);
  }

  // Returns "PATH<end> CONSTRAINT_<name>".
  std::string Violation(const std::string& end, const char* name) const {
    return absl::StrCat(member_.path, end, " CONSTRAINT_", name);
  }

 private:
  const Member& member_;
  Message& holder_;
  const FieldDescriptor* const elements_;
  const std::unique_ptr<Message> before_;
};

class CollectionsTest : public testing::TestWithParam<Preset> {
 protected:
  CollectionsTest() : validator_(GetParam().behavior, Limits()) {}

  const v1::ShapeConstraints& Constraints(v1::Shape shape) const {
    return ConstraintsOf(shape, GetParam().behavior.api_date);
  }

  std::vector<std::string> ViolationsOf(const Member& member) const {
    return Violations(validator_.Validate(*member.envelope));
  }

  // A text that breaks one rule of a shape, or none.
  struct Text {
    std::string text;
    // The names of the constraints that it breaks.
    std::vector<const char*> broken;
  };

  // Returns texts at the bounds of a shape and beyond them.
  static std::vector<Text> TextsFor(const v1::ShapeConstraints& shape) {
    std::vector<Text> texts = {{"legal", {}}, {"legal\xFF", {"PATTERN"}}};
    const auto min = static_cast<size_t>(shape.length_bytes_min());
    const auto max = static_cast<size_t>(shape.length_bytes_max());
    if (min == 1) {
      texts.push_back({"", {"LENGTH_MIN"}});
      texts.push_back({"x", {}});
    } else {
      texts.push_back({"", {}});
    }
    if (shape.has_length_bytes_max()) {
      texts.push_back({std::string(max, 'x'), {}});
      texts.push_back({std::string(max + 1, 'x'), {"LENGTH_MAX"}});
      // The length is in bytes, not characters.
      texts.push_back({std::string(max - 1, 'x') + "\xC3\xA9", {"LENGTH_MAX"}});
      texts.push_back(
          {std::string(max, 'x') + "\xFF", {"LENGTH_MAX", "PATTERN"}});
    }
    const bool is_single_line = shape.pattern() == v1::PATTERN_SINGLE_LINE;
    texts.push_back({"a\nb", {}});
    if (is_single_line) texts.back().broken.push_back("PATTERN");
    return texts;
  }

  // Expects the violations of `text`, whose path ends with `end` after the
  // member's.
  void ExpectBroken(const Member& member, const std::string& end,
                    const Text& text) {
    std::vector<std::string> expected;
    for (const char* name : text.broken) {
      expected.push_back(Collection(member).Violation(end, name));
    }
    EXPECT_EQ(ViolationsOf(member), expected)
        << member.path << " with " << text.text.size() << " bytes";
  }

  const Validator validator_;
};

TEST_P(CollectionsTest, EveryListAndMap_HasABoundForItsSize) {
  int lists = 0;
  int maps = 0;
  ForEveryMember(GetParam().behavior, [&](const Member& member) {
    if (!member.holds_strings()) return;
    Collection collection(member);
    ++(collection.is_map() ? maps : lists);
    const auto keys = LegalKeys(*member.constraints, GetParam().behavior);
    const auto add = [&](int i) {
      if (!collection.is_map()) return collection.AddElement("element");
      const auto place = static_cast<size_t>(i);
      collection.AddEntry(
          place < keys.size() ? keys[place] : absl::StrCat("key", i), "value");
    };
    // No minimum is above 0, so an empty one is always legal.
    EXPECT_EQ(member.constraints->size_min(), 0);
    collection.Clear();
    EXPECT_THAT(ViolationsOf(member), IsEmpty());
    const auto max = static_cast<int>(member.constraints->size_max());
    ASSERT_GT(max, 0) << member.path;
    for (int i = 0; i < max; ++i) add(i);
    // An enum has fewer keys than may be given.
    const size_t wrong_keys =
        keys.empty() ? 0 : static_cast<size_t>(max) - keys.size();
    EXPECT_THAT(ViolationsOf(member), testing::SizeIs(wrong_keys));
    add(max);
    const auto error = validator_.Validate(*member.envelope);
    ASSERT_TRUE(error.has_value()) << member.path;
    const auto violations = Violations(error);
    EXPECT_EQ(violations[0], collection.Violation("", "LENGTH_MAX"));
    EXPECT_EQ(violations.size(), 1 + (keys.empty() ? 0 : wrong_keys + 1));
    // Its contents are not quoted.
    EXPECT_FALSE(error->violations(0).has_value());
    EXPECT_THAT(
        error->message(),
        HasSubstr(absl::StrCat("detected: Value at '", member.path,
                               "' failed to satisfy constraint: Member must "
                               "have length less than or equal to ",
                               max)));
  });
  EXPECT_EQ(lists, GetParam().lists);
  EXPECT_EQ(maps, GetParam().maps);
}

TEST_P(CollectionsTest, EveryElementOfAList_KeepsTheRulesOfItsShape) {
  ForEveryMember(GetParam().behavior, [&](const Member& member) {
    if (!member.holds_strings()) return;
    Collection list(member);
    if (list.is_map()) return;
    const auto texts = TextsFor(Constraints(member.constraints->element()));
    for (const Text& text : texts) {
      for (const bool first : {true, false}) {
        list.Clear();
        if (!first) list.AddElement("legal");
        list.AddElement(text.text);
        list.AddElement("legal");
        ExpectBroken(member, first ? ".1.member" : ".2.member", text);
      }
    }
  });
}

TEST_P(CollectionsTest, EveryValueOfAMap_KeepsTheRulesOfItsShape) {
  ForEveryMember(GetParam().behavior, [&](const Member& member) {
    if (!member.holds_strings()) return;
    Collection map(member);
    if (!map.is_map()) return;
    auto keys = LegalKeys(*member.constraints, GetParam().behavior);
    if (keys.empty()) keys = {"b", "a.c"};
    const auto& shape = Constraints(member.constraints->element());
    for (const Text& text : TextsFor(shape)) {
      map.Clear();
      map.AddEntry(keys[0], text.text);
      map.AddEntry(keys[1], "legal");
      ExpectBroken(member, absl::StrCat(".", keys[0], ".member"), text);
      // The requirement says that it is about a value, and the message quotes
      // only what is not confidential.
      const auto error = validator_.Validate(*member.envelope);
      for (int i = 0; error.has_value() && i < error->violations_size(); ++i) {
        const v1::Violation& violation = error->violations(i);
        EXPECT_THAT(violation.requirement(),
                    testing::AllOf(
                        testing::StartsWith(
                            "Map value must satisfy constraint: [Member must"),
                        testing::EndsWith("]")));
        EXPECT_EQ(violation.has_value(), !shape.confidential());
      }
    }
  });
}

TEST_P(CollectionsTest, EveryKeyOfAMap_KeepsTheRulesOfItsShape) {
  ForEveryMember(GetParam().behavior, [&](const Member& member) {
    if (!member.holds_strings()) return;
    Collection map(member);
    if (!map.is_map()) return;
    const auto keys = LegalKeys(*member.constraints, GetParam().behavior);
    for (const std::string& key : keys) {
      map.Clear();
      map.AddEntry(key, "value");
      EXPECT_THAT(ViolationsOf(member), IsEmpty()) << key;
    }
    for (Text text : TextsFor(Constraints(member.constraints->key()))) {
      // No such text is one of the enum.
      if (!keys.empty()) text.broken.push_back("ENUM");
      map.Clear();
      map.AddEntry(text.text, "value");
      ExpectBroken(member, "", text);
      const auto error = validator_.Validate(*member.envelope);
      for (int i = 0; error.has_value() && i < error->violations_size(); ++i) {
        EXPECT_THAT(error->violations(i).requirement(),
                    testing::AllOf(
                        testing::StartsWith(
                            "Map keys must satisfy constraint: [Member must"),
                        testing::EndsWith("]")));
        EXPECT_TRUE(error->violations(i).has_value());
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(
    Presets, CollectionsTest,
    testing::Values(Preset{"Documented", Behavior::Documented(), 6, 2},
                    Preset{"Observed", Behavior::Observed(), 6, 2},
                    Preset{"Current", Behavior::Current(), 6, 3}));

// --- The texts ---------------------------------------------------------------

constexpr char kSingleLine[] =
    R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*)";
constexpr char kMultiLine[] =
    R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*)";
constexpr char kAnyText[] =
    R"([\u0000-\uD7FF\uE000-\uFFFF\uD800\uDC00-\uDBFF\uDFFF]*)";
constexpr char kTypesOf2019[] = "[JDBC, SFTP]";
constexpr char kKeysOf2019[] =
    "[HOST, PORT, USERNAME, PASSWORD, ENCRYPTED_PASSWORD, "
    "JDBC_DRIVER_JAR_URI, JDBC_DRIVER_CLASS_NAME, JDBC_ENGINE, "
    "JDBC_ENGINE_VERSION, CONFIG_FILES, INSTANCE_ID, JDBC_CONNECTION_URL, "
    "JDBC_ENFORCE_SSL]";

Behavior On(int year, int month, int day) {
  Behavior behavior;
  behavior.api_date = absl::CivilDay(year, month, day);
  return behavior;
}

std::optional<v1::Error> ErrorOf(const v1::Request& request,
                                 const Behavior& behavior = Behavior()) {
  return Validator(behavior, Limits()).Validate(request);
}

std::string MessageOf(const v1::Request& request,
                      const Behavior& behavior = Behavior()) {
  const auto error = ErrorOf(request, behavior);
  return error.has_value() ? error->message() : "";
}

// Returns a legal CreateConnection and its input.
v1::ConnectionInput* Legal(v1::Request* request) {
  auto* const input =
      request->mutable_create_connection()->mutable_connection_input();
  input->set_name("n");
  input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
  input->mutable_connection_properties();
  return input;
}

void Set(v1::ConnectionInput* input, const std::string& key,
         const std::string& value) {
  (*input->mutable_connection_properties()->mutable_elements())[key] = value;
}

TEST(ConnectionConstraints, WhatIsRequired) {
  v1::Request request;
  const std::string rest =
      "' failed to satisfy constraint: Member must not be null";
  request.mutable_create_connection();
  EXPECT_EQ(
      MessageOf(request),
      "1 validation error detected: Value null at 'connectionInput" + rest);
  request.mutable_create_connection()->mutable_connection_input();
  EXPECT_EQ(MessageOf(request),
            "3 validation errors detected: "
            "Value null at 'connectionInput.name" +
                rest +
                "; "
                "Value null at 'connectionInput.connectionType" +
                rest +
                "; "
                "Value null at 'connectionInput.connectionProperties" +
                rest);
  request.mutable_update_connection();
  EXPECT_EQ(MessageOf(request),
            "2 validation errors detected: "
            "Value null at 'name" +
                rest +
                "; "
                "Value null at 'connectionInput" +
                rest);
  request.mutable_get_connection();
  EXPECT_EQ(MessageOf(request),
            "1 validation error detected: Value null at 'name" + rest);
  request.mutable_delete_connection();
  EXPECT_EQ(
      MessageOf(request),
      "1 validation error detected: Value null at 'connectionName" + rest);
  request.mutable_batch_delete_connection();
  EXPECT_EQ(
      MessageOf(request),
      "1 validation error detected: Value null at 'connectionNameList" + rest);
  // Nothing is required.
  request.mutable_get_connections();
  EXPECT_EQ(MessageOf(request), "");
  // Neither an empty list nor an empty map is absent.
  request.mutable_batch_delete_connection()->mutable_connection_name_list();
  EXPECT_EQ(MessageOf(request), "");
  Legal(&request);
  EXPECT_EQ(MessageOf(request), "");
}

// One request that breaks every rule of CreateConnection: all of them are told,
// in the order of the members, and within a map in the order of the keys.
TEST(ConnectionConstraints, EveryRuleOfCreateConnectionBrokenTogether) {
  v1::Request request;
  auto* const create = request.mutable_create_connection();
  create->set_catalog_id("");
  v1::ConnectionInput* const input = create->mutable_connection_input();
  input->set_name("a\nb");
  input->set_description(
      "a\x01"
      "b");
  input->set_connection_type(v1::CONNECTION_TYPE_KAFKA);
  auto* const criteria = input->mutable_match_criteria();
  for (int i = 0; i < 11; ++i) criteria->add_elements("c");
  criteria->set_elements(2, "");
  criteria->set_elements(10, "d\xFF");
  Set(input, "b\xFF", std::string(1025, 's'));
  Set(input, "HOST", std::string(1025, 's'));
  Set(input, "PORT", "\xFF");
  Set(input, "USERNAME", std::string(1024, 'u'));
  auto* const physical = input->mutable_physical_connection_requirements();
  physical->set_subnet_id("");
  for (int i = 0; i < 51; ++i) {
    physical->mutable_security_group_id_list()->add_elements("g");
  }
  physical->mutable_security_group_id_list()->set_elements(49, "\r");
  physical->set_availability_zone("\t");  // Legal.
  // Before its date a member is as if absent.
  (*create->mutable_tags()->mutable_elements())[""] = "\xFF";

  const std::string properties = "at 'connectionInput.connectionProperties";
  const std::string fails = "' failed to satisfy constraint: ";
  const std::vector<std::string> expected = {
      absl::StrCat("Value '' at 'catalogId", fails,
                   "Member must have length greater than or equal to 1"),
      absl::StrCat(
          "Value 'a\\nb' at 'connectionInput.name", fails,
          "Member must satisfy regular expression pattern: ", kSingleLine),
      absl::StrCat(
          "Value 'a\\u0001b' at 'connectionInput.description", fails,
          "Member must satisfy regular expression pattern: ", kMultiLine),
      absl::StrCat("Value '4' at 'connectionInput.connectionType", fails,
                   "Member must satisfy enum value set: ", kTypesOf2019),
      absl::StrCat("Value at 'connectionInput.matchCriteria", fails,
                   "Member must have length less than or equal to 10"),
      absl::StrCat("Value '' at 'connectionInput.matchCriteria.3.member", fails,
                   "Member must have length greater than or equal to 1"),
      absl::StrCat("Value 'd\xEF\xBF\xBD' at "
                   "'connectionInput.matchCriteria.11.member",
                   fails, "Member must satisfy regular expression pattern: ",
                   kSingleLine),
      absl::StrCat("Value ", properties, ".HOST.member", fails,
                   "Map value must satisfy constraint: [Member must have "
                   "length less than or equal to 1024]"),
      absl::StrCat("Value ", properties, ".PORT.member", fails,
                   "Map value must satisfy constraint: [Member must satisfy "
                   "regular expression pattern: ",
                   kAnyText, "]"),
      absl::StrCat("Value 'b\xEF\xBF\xBD' ", properties, fails,
                   "Map keys must satisfy constraint: [Member must satisfy "
                   "regular expression pattern: ",
                   kAnyText, "]"),
      absl::StrCat("Value 'b\xEF\xBF\xBD' ", properties, fails,
                   "Map keys must satisfy constraint: [Member must satisfy "
                   "enum value set: ",
                   kKeysOf2019, "]"),
      absl::StrCat("Value ", properties, ".b\xEF\xBF\xBD.member", fails,
                   "Map value must satisfy constraint: [Member must have "
                   "length less than or equal to 1024]"),
      absl::StrCat("Value '' at "
                   "'connectionInput.physicalConnectionRequirements.subnetId",
                   fails, "Member must have length greater than or equal to 1"),
      absl::StrCat("Value at 'connectionInput.physicalConnectionRequirements."
                   "securityGroupIdList",
                   fails, "Member must have length less than or equal to 50"),
      absl::StrCat("Value '\\r' at 'connectionInput."
                   "physicalConnectionRequirements.securityGroupIdList.50."
                   "member",
                   fails, "Member must satisfy regular expression pattern: ",
                   kSingleLine)};
  EXPECT_EQ(MessageOf(request), absl::StrCat("15 validation errors detected: ",
                                             absl::StrJoin(expected, "; ")));
}

// The message that docs/reference/constraints.md shows.
TEST(ConnectionConstraints, TheMessageOfTheReference) {
  v1::Request request;
  v1::ConnectionInput* const input = Legal(&request);
  Set(input, "PASSWORD", std::string(1025, 's'));
  Set(input, "host", "h");
  EXPECT_EQ(
      MessageOf(request),
      absl::StrCat(
          "2 validation errors detected: Value at 'connectionInput."
          "connectionProperties.PASSWORD.member' failed to satisfy constraint: "
          "Map value must satisfy constraint: [Member must have length less "
          "than or equal to 1024]; Value 'host' at 'connectionInput."
          "connectionProperties' failed to satisfy constraint: Map keys must "
          "satisfy constraint: [Member must satisfy enum value set: ",
          kKeysOf2019, "]"));
}

TEST(ConnectionConstraints, AHundredPropertiesAndOneMore) {
  v1::Request request;
  v1::ConnectionInput* const input = Legal(&request);
  for (int i = 0; i < 101; ++i) {
    Set(input, absl::StrCat("KEY_", 100 + i), "secret");
  }
  const auto error = ErrorOf(request);
  ASSERT_TRUE(error.has_value());
  ASSERT_EQ(error->violations_size(), 102);
  EXPECT_EQ(error->violations(0).path(),
            "connectionInput.connectionProperties");
  EXPECT_EQ(error->violations(0).requirement(),
            "Member must have length less than or equal to 100");
  EXPECT_EQ(error->violations(1).value(), "KEY_100");
  EXPECT_EQ(error->violations(101).value(), "KEY_200");
  EXPECT_THAT(error->message(),
              testing::StartsWith("102 validation errors detected: Value at "));
  EXPECT_THAT(error->message(), Not(HasSubstr("secret")));
}

// No value of a property is in an error, in any preset, whichever rule it
// breaks; and neither is one that breaks none.
TEST(ConnectionConstraints, ValuesOfPropertiesAreInNoError) {
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    v1::Request request;
    auto* const update = request.mutable_update_connection();
    v1::ConnectionInput* const input = update->mutable_connection_input();
    Set(input, "PASSWORD", "secret1" + std::string(1024, 'x'));
    Set(input, "USERNAME", "secret2\xFF");
    Set(input, "HOST", "secret3");
    Set(input, "host", "secret4");
    const auto error = ErrorOf(request, behavior);
    ASSERT_TRUE(error.has_value());
    EXPECT_THAT(Violations(error),
                ElementsAre("name CONSTRAINT_REQUIRED",
                            "connectionInput.name CONSTRAINT_REQUIRED",
                            "connectionInput.connectionType "
                            "CONSTRAINT_REQUIRED",
                            "connectionInput.connectionProperties.PASSWORD."
                            "member CONSTRAINT_LENGTH_MAX",
                            "connectionInput.connectionProperties.USERNAME."
                            "member CONSTRAINT_PATTERN",
                            "connectionInput.connectionProperties "
                            "CONSTRAINT_ENUM"));
    EXPECT_THAT(error->DebugString(), Not(HasSubstr("secret")));
    // A password may stand where it does not belong: in a key. The message says
    // which key is wrong.
    EXPECT_THAT(error->message(), HasSubstr("Value 'host' at "));
  }
}

TEST(ConnectionConstraints, TextsOfTheWire_WithTheTypesAndKeysOfTheDay) {
  v1::Request request;
  v1::ConnectionInput* const input = Legal(&request);
  input->clear_connection_type();
  auto* const unparsed = request.add_unparsed_values();
  unparsed->set_path("connectionInput.connectionType");
  unparsed->set_text("jdbc");
  EXPECT_EQ(MessageOf(request),
            absl::StrCat("1 validation error detected: Value 'jdbc' at "
                         "'connectionInput.connectionType' failed to satisfy "
                         "constraint: Member must satisfy enum value set: ",
                         kTypesOf2019));
  EXPECT_THAT(MessageOf(request, On(2021, 7, 1)),
              testing::EndsWith("enum value set: [JDBC, SFTP, MONGODB, KAFKA, "
                                "NETWORK, MARKETPLACE, CUSTOM]"));

  request.clear_unparsed_values();
  input->set_connection_type(v1::CONNECTION_TYPE_MONGODB);
  Set(input, "CONNECTION_URL", "mongodb://h");
  const auto before = ErrorOf(request, On(2021, 6, 30));
  EXPECT_THAT(Violations(before),
              ElementsAre("connectionInput.connectionType CONSTRAINT_ENUM",
                          "connectionInput.connectionProperties "
                          "CONSTRAINT_ENUM"));
  EXPECT_EQ(before->violations(1).value(), "CONNECTION_URL");
  EXPECT_EQ(MessageOf(request, On(2021, 7, 1)), "");
}

TEST(ConnectionConstraints, TagsHaveRulesSinceTheirDate) {
  v1::Request request;
  Legal(&request);
  auto& tags =
      *request.mutable_create_connection()->mutable_tags()->mutable_elements();
  for (int i = 0; i < 51; ++i) tags[absl::StrCat("t", 10 + i)] = "";
  tags[""] = std::string(257, 'v');
  EXPECT_EQ(MessageOf(request, On(2021, 6, 30)), "");
  EXPECT_EQ(MessageOf(request, On(2021, 7, 1)),
            absl::StrCat(
                "3 validation errors detected: "
                "Value at 'tags' failed to satisfy constraint: Member must "
                "have length less than or equal to 50; "
                "Value '' at 'tags' failed to satisfy constraint: Map keys "
                "must satisfy constraint: [Member must have length greater "
                "than or equal to 1]; "
                "Value '",
                std::string(64, 'v'),
                "' at 'tags..member' failed to satisfy constraint: Map value "
                "must satisfy constraint: [Member must have length less than "
                "or equal to 256]"));
}

TEST(ConnectionConstraints, TheFilterAndTheListOfNames) {
  v1::Request request;
  auto* const list = request.mutable_get_connections();
  list->set_max_results(1001);
  list->mutable_filter()->set_connection_type(v1::CONNECTION_TYPE_UNSPECIFIED);
  for (int i = 0; i < 11; ++i) {
    list->mutable_filter()->mutable_match_criteria()->add_elements("m");
  }
  EXPECT_THAT(Violations(ErrorOf(request)),
              ElementsAre("filter.matchCriteria CONSTRAINT_LENGTH_MAX",
                          "filter.connectionType CONSTRAINT_ENUM",
                          "maxResults CONSTRAINT_VALUE_MAX"));
  auto* const names =
      request.mutable_batch_delete_connection()->mutable_connection_name_list();
  for (int i = 0; i < 26; ++i) names->add_elements("n");
  names->set_elements(25, std::string(256, 'n'));
  EXPECT_THAT(Violations(ErrorOf(request)),
              ElementsAre("connectionNameList CONSTRAINT_LENGTH_MAX",
                          "connectionNameList.26.member "
                          "CONSTRAINT_LENGTH_MAX"));
}

// A path shows so much of a key that it stays short.
TEST(ConnectionConstraints, APathShowsTheStartOfALongKey) {
  v1::Request request;
  Legal(&request);
  const std::string key = std::string(255, 'k') + std::string(100'000, 'l');
  auto& tags =
      *request.mutable_create_connection()->mutable_tags()->mutable_elements();
  tags[key] = std::string(257, 'v');
  const auto error = ErrorOf(request, On(2021, 7, 1));
  ASSERT_TRUE(error.has_value());
  ASSERT_EQ(error->violations_size(), 2);
  EXPECT_EQ(error->violations(0).path(), "tags");
  EXPECT_EQ(error->violations(1).path(),
            absl::StrCat("tags.", std::string(255, 'k'), ".member"));
}

// Protobuf keeps entries in an order of its own; the error does not show it.
TEST(ConnectionConstraints, TheOrderOfViolationsIsThatOfTheKeys) {
  std::vector<std::string> keys;
  for (int i = 0; i < 60; ++i) keys.push_back(absl::StrCat("k", i * 37 % 60));
  std::string first;
  for (int round = 0; round < 3; ++round) {
    v1::Request request;
    v1::ConnectionInput* const input = Legal(&request);
    std::rotate(keys.begin(), keys.begin() + 17, keys.end());
    for (const std::string& key : keys) Set(input, key, "v");
    const auto error = ErrorOf(request);
    std::vector<std::string> named;
    for (const auto& violation : error->violations()) {
      named.push_back(violation.value());
    }
    EXPECT_TRUE(std::is_sorted(named.begin(), named.end()));
    if (round == 0) first = error->message();
    EXPECT_EQ(error->message(), first);
  }
}

}  // namespace
}  // namespace glue_security
