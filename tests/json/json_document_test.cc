// Tests the parsing of documents: which texts are refused, the place of the
// error, and that a document loses nothing.

#include "glue_security/json/json_document.h"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Type = JsonDocument::Type;
using Value = JsonDocument::Value;

constexpr size_t kDepthMax = 8;

JsonDocument MustParse(absl::string_view text) {
  auto parsed = JsonDocument::Parse(text, kDepthMax);
  if (auto* error = std::get_if<JsonError>(&parsed)) {
    ADD_FAILURE() << error->message << " in " << text;
    parsed = JsonDocument::Parse("{}");
  }
  return std::get<JsonDocument>(std::move(parsed));
}

// Returns the error of both entry points, which must agree.
std::optional<JsonError> ErrorOf(absl::string_view text, size_t depth_max) {
  auto error = FindJsonObjectError(text, depth_max);
  auto parsed = JsonDocument::Parse(text, depth_max);
  const auto* other = std::get_if<JsonError>(&parsed);
  EXPECT_EQ(error.has_value(), other != nullptr) << text;
  if (error.has_value() && other != nullptr) {
    EXPECT_EQ(error->message, other->message) << text;
    EXPECT_EQ(error->offset, other->offset) << text;
    EXPECT_LE(error->offset, text.size()) << text;
  }
  return error;
}

class LegalJsonObject : public testing::TestWithParam<const char*> {};

TEST_P(LegalJsonObject, IsAccepted) {
  EXPECT_FALSE(ErrorOf(GetParam(), kDepthMax).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Json, LegalJsonObject,
    testing::Values("{}", " {\t\r\n} ", R"({"a":1})", R"({"a":1,"a":2})",
                    R"({"":null,"b":true,"c":false})",
                    R"({"a":[1,-0,1.5,1e5,1E-5,-0.0e+0]})",
                    R"({"a":123456789012345678901234567890})", R"({"a":1e999})",
                    R"({"a":"\u00e9\ud83d\ude00\n\/"})", "{\"a\":\"\xC3\xA9\"}",
                    R"({"a":[],"b":{},"c":[{}]})", R"({"a":1 , "b" : 2 })"));

class NotAJsonObject : public testing::TestWithParam<const char*> {};

TEST_P(NotAJsonObject, IsRefused) {
  EXPECT_TRUE(ErrorOf(GetParam(), kDepthMax).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Json, NotAJsonObject,
    testing::Values("", " ", "not json", "null", "true", "1", "\"a\"", "[]",
                    "[{}]", "{", "}", "{]", "{}}", "{}{}", "{} x", "{},",
                    R"({"a"})", R"({"a":})", R"({"a":1,})", R"({,"a":1})",
                    R"({a:1})", R"({'a':1})", R"({"a":01})", R"({"a":+1})",
                    R"({"a":1.})", R"({"a":.5})", R"({"a":1e})", R"({"a":-})",
                    R"({"a":0x1})", R"({"a":1x})", R"({"a":NaN})",
                    R"({"a":nul})", R"({"a":nulll})", R"({"a":tru})",
                    R"({"a":truee})", R"({"a":"\x"})", R"({"a":"\u12g4"})",
                    R"({"a":"\ud800"})", R"({"a":"\udc00"})",
                    R"({"a":"unclosed})", "{\"a\":\"\n\"}", "{\"a\":\"\x01\"}",
                    "{\"a\":\"\xFF\"}", "{\"a\":\"\xC0\x80\"}", R"({"a":[1,]})",
                    R"({"a":[1 2]})", R"({"a":1 "b":2})", R"({"a":[1})",
                    R"({"a":1]})", R"({"a" 1})", "{\"a\":1}\xEF", "// c\n{}",
                    "{/**/}", "\xEF\xBB\xBF{}"));

// Tests every byte that could be taken for white space, before and after every
// kind of value.
TEST(Json, OnlyTheFourBlanksOfJson_AreBlanks) {
  for (const char* value : {"1", "1.5e3", "1e999", "true", "false", "null",
                            "\"a\"", "[]", "{}", "[1]"}) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string blank(1, static_cast<char>(byte));
      for (const std::string& text :
           {absl::StrCat("{\"a\":", value, blank, "}"),
            absl::StrCat("{\"a\":", blank, value, "}"),
            absl::StrCat("{\"a\":[", value, blank, ",1]}"),
            absl::StrCat("{\"a\"", blank, ":", value, "}"),
            absl::StrCat("{", blank, "\"a\":", value, "}"),
            absl::StrCat("{\"a\":", value, "}", blank),
            absl::StrCat(blank, "{\"a\":", value, "}")}) {
        EXPECT_EQ(!ErrorOf(text, kDepthMax).has_value(),
                  NaiveIsJsonObject(text, kDepthMax))
            << byte << " in " << text;
      }
    }
  }
}

// Tests texts that differ from legal ones by one or two changes, and compares
// the answers with a second checker.
TEST(Json, ChangedTexts_AreJudgedAsByTheNaiveChecker) {
  const std::vector<std::string> bases = {
      R"({"a":1,"b":[true,null,{"c":"d\n\u00e9"}],"e":-1.5e+3})",
      R"({"Statement":[{"Effect":"Allow","Action":["a","b"]},{}]} )",
      R"({"a":{"a":{"a":[[[]]]}}})", "{\"\xC3\xA9\":\"\xF0\x9F\x98\x80\"}"};
  const std::string alphabet =
      std::string("{}[]\":,\\ntrufalse0123456789.-+eEu \t\n\r\v\f/x'") +
      std::string("\0\x01\x7F\x80\xC3\xA9\xED\xA0\xF0\xFF", 10);
  std::mt19937_64 random(20261124);
  int accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text = bases[random() % bases.size()];
    for (size_t changes = 1 + random() % 2; changes > 0; --changes) {
      const size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        case 2:
          text.erase(at, 1);
          break;
        default:
          text.resize(at + 1);
      }
    }
    const bool legal = NaiveIsJsonObject(text, kDepthMax);
    accepted += legal ? 1 : 0;
    ASSERT_EQ(!FindJsonObjectError(text, kDepthMax).has_value(), legal) << text;
  }
  EXPECT_GT(accepted, 10'000);
}

TEST(Json, Faults_AreSaidInWordsAndPlaces) {
  struct Case {
    const char* text;
    const char* message;
    size_t offset;
  };
  for (const Case& c : std::vector<Case>{
           {"", "the text is empty; write an object, as in {}", 0},
           {"not json",
            "the text does not start with an object; write one, as in {}", 0},
           {"[]", "the text does not start with an object; write one, as in {}",
            0},
           {"\xEF\xBB\xBF{}",
            "the text does not start with an object; write one, as in {}", 0},
           {"{} x", "text follows the object; remove it", 3},
           {R"({"a":01})",
            "a number is malformed; write it like -12, 0.5 or 1e6", 5},
           {R"({"a":nulx})",
            "a literal must be true, false or null, in lower case", 5},
           {R"({"a":"b\q"})",
            "a string has a malformed escape; write \\\\ for a backslash, \\u "
            "with four hexadecimal digits",
            5},
           {R"({"a":"b})", "a string is not closed; end it with a double quote",
            5},
           {"{\"a\":\"b\x01\"}",
            "a string has a control character that is not escaped; write it as "
            "in \\n or \\u0001",
            7},
           {"{\"a\":\"\xC3\xA9\xFF\"}",
            "the text is not well-formed UTF-8; write this character in UTF-8",
            8},
       }) {
    const auto error = ErrorOf(c.text, kDepthMax);
    ASSERT_TRUE(error.has_value()) << c.text;
    EXPECT_EQ(error->message, c.message) << c.text;
    EXPECT_EQ(error->offset, c.offset) << c.text;
  }
}

std::string Nested(size_t depth) {
  return absl::StrCat("{\"a\":", std::string(depth - 1, '['), "1",
                      std::string(depth - 1, ']'), "}");
}

TEST(Json, NestingUpToTheBound_IsAccepted_AndOneDeeperIsNot) {
  for (size_t depth_max = 1; depth_max <= 40; ++depth_max) {
    EXPECT_FALSE(ErrorOf(Nested(depth_max), depth_max).has_value());
    const auto error = ErrorOf(Nested(depth_max + 1), depth_max);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->message,
              absl::StrCat("arrays and objects nest deeper than ", depth_max));
  }
}

TEST(Json, BoundsOutsideOneTo1024_CountAsTheNearest) {
  for (const size_t depth_max : {size_t{1025}, size_t{100000}, SIZE_MAX}) {
    EXPECT_FALSE(ErrorOf(Nested(1024), depth_max).has_value());
    for (const size_t depth : {1025, 1026, 1027, 1030, 1040, 5000}) {
      EXPECT_TRUE(ErrorOf(Nested(depth), depth_max).has_value());
    }
  }
  EXPECT_FALSE(ErrorOf("{}", 0).has_value());
  EXPECT_TRUE(ErrorOf(Nested(2), 0).has_value());
}

TEST(Json, TenKilobytesOfBrackets_AreRefused) {
  for (const char* unit : {"[", "{\"a\":", "{", "\"", "\\"}) {
    std::string text = "{\"a\":";
    while (text.size() < 10240) text += unit;
    EXPECT_TRUE(ErrorOf(text, 1024).has_value());
  }
}

TEST(JsonDocument, KeepsOrderRepeatedKeysAndScalarBesideList) {
  const JsonDocument document =
      MustParse(R"( {"b": "x", "a": ["x"], "b": {}, "": [] })");
  const Value root = document.root();
  ASSERT_EQ(root.size(), 4u);
  std::vector<std::string> keys;
  std::vector<Type> types;
  for (const auto member : root.members()) {
    keys.emplace_back(member.key.text());
    types.push_back(member.value.type());
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "a", "b", ""}));
  EXPECT_EQ(types, (std::vector<Type>{Type::kString, Type::kArray,
                                      Type::kObject, Type::kArray}));
  EXPECT_EQ(root.Find("b")->text(), "x");
  EXPECT_EQ(root.Find("a")->size(), 1u);
  EXPECT_FALSE(root.Find("c").has_value());
  EXPECT_EQ(root.Find("b")->size(), 0u);
}

TEST(JsonDocument, KeepsTheTextOfScalars) {
  const JsonDocument document = MustParse(
      R"({"a":[1.50, 1e999 ,-0,123456789012345678901234567890,true,false,null]})");
  std::vector<std::string> texts;
  for (const Value element : document.root().Find("a")->elements()) {
    texts.emplace_back(element.text());
    EXPECT_EQ(element.size(), 0u);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"1.50", "1e999", "-0",
                                             "123456789012345678901234567890",
                                             "true", "false", "null"}));
}

TEST(JsonDocument, UnescapesStringsAndKeys) {
  struct Case {
    const char* source;
    const char* text;
  };
  for (const Case& c : std::vector<Case>{
           {R"(plain)", "plain"},
           {R"()", ""},
           {R"(\\)", "\\"},
           {R"(\\\\)", "\\\\"},
           {R"(\")", "\""},
           {R"(\\\")", "\\\""},
           {R"(a\nb)", "a\nb"},
           {R"(\u0041\u00e9\ud83d\ude00)", "A\xC3\xA9\xF0\x9F\x98\x80"},
           {R"(\/\b\f\r\t)", "/\b\f\r\t"},
           {"\xC3\xA9", "\xC3\xA9"},
       }) {
    const JsonDocument document =
        MustParse(absl::StrCat("{\"", c.source, "\":\"", c.source, "\"}"));
    for (const auto member : document.root().members()) {
      EXPECT_EQ(member.key.text(), c.text) << c.source;
      EXPECT_EQ(member.value.text(), c.text) << c.source;
    }
  }
}

TEST(JsonDocument, KnowsWhereEachValueStands) {
  const std::string text = R"( {"a" : [ 1, "b\n" ,{ "c":null}], "d":true} )";
  const JsonDocument document = MustParse(text);
  const auto at = [&](const char* what) { return text.find(what); };
  const Value root = document.root();
  EXPECT_EQ(root.offset(), at("{"));
  const Value a = *root.Find("a");
  EXPECT_EQ(a.offset(), at("["));
  std::vector<size_t> offsets;
  for (const Value element : a.elements()) offsets.push_back(element.offset());
  EXPECT_EQ(offsets, (std::vector<size_t>{at("1"), at("\"b"), at("{ \"c\"")}));
  for (const auto member : root.members()) {
    EXPECT_EQ(
        member.key.offset(),
        at(absl::StrCat("\"", std::string(member.key.text()), "\"").c_str()));
  }
}

TEST(JsonDocument, OutlivesWhatItWasMadeOf_AndCopiesAndMoves) {
  std::optional<JsonDocument> original;
  {
    std::string text = R"({"key":"v\u0061lue","other":"x"})";
    original = MustParse(text);
    text.assign(text.size(), '#');
  }
  const JsonDocument copy = *original;
  const JsonDocument moved = *std::move(original);
  original.reset();
  for (const JsonDocument* document : {&copy, &moved}) {
    EXPECT_EQ(document->root().Find("key")->text(), "value");
    EXPECT_EQ(document->root().Find("other")->text(), "x");
    EXPECT_EQ(document->text(), R"({"key":"v\u0061lue","other":"x"})");
  }
}

}  // namespace
}  // namespace glue_security
