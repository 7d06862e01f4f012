// Tests the printers: the recorded answer of the real service, byte for byte;
// and on random documents, that their meaning is not changed.
//
// The seed is printed; GLUE_SECURITY_SEED=N repeats the run.

#include "glue_security/policy/policy_printer.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using Value = JsonDocument::Value;

JsonDocument MustParse(absl::string_view text) {
  auto parsed = JsonDocument::Parse(text);
  if (const auto* error = std::get_if<JsonError>(&parsed)) {
    ADD_FAILURE() << error->message << " in " << text;
    parsed = JsonDocument::Parse("{}");
  }
  return std::get<JsonDocument>(std::move(parsed));
}

std::string Compact(absl::string_view text) {
  return PrintCompact(MustParse(text));
}

std::string LikeService(absl::string_view text) {
  return PrintLikeService(MustParse(text));
}

// ---------------------------------------------------------------------------
// One rule at a time.

TEST(PrintLikeService, GivesTheRecordedAnswerByteForByte) {
  constexpr char kRecorded[] = R"({
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::210987654321:root"
    },
    "Action" : "glue:CreateTable",
    "Resource" : "arn:aws:glue:us-east-1:123456789012:catalog"
  } ]
})";
  EXPECT_EQ(LikeService(R"({"Version":"2012-10-17","Statement":[{
      "Effect":"Allow",
      "Principal":{"AWS":"arn:aws:iam::210987654321:root"},
      "Action":"glue:CreateTable",
      "Resource":"arn:aws:glue:us-east-1:123456789012:catalog"}]})"),
            kRecorded);
  EXPECT_EQ(LikeService(kRecorded), kRecorded);
}

struct Sample {
  const char* text;
  const char* compact;
  const char* like_service;
};

class PrintedSample : public testing::TestWithParam<Sample> {};

TEST_P(PrintedSample, IsAsExpected) {
  EXPECT_EQ(Compact(GetParam().text), GetParam().compact);
  EXPECT_EQ(LikeService(GetParam().text), GetParam().like_service);
  EXPECT_EQ(NaiveReprint(GetParam().text), GetParam().like_service);
}

INSTANTIATE_TEST_SUITE_P(
    Empty, PrintedSample,
    testing::Values(Sample{"{}", "{}", "{ }"}, Sample{" {\n}\t", "{}", "{ }"},
                    Sample{R"({"a":[]})", R"({"a":[]})", "{\n  \"a\" : [ ]\n}"},
                    Sample{R"({"a":{}})", R"({"a":{}})", "{\n  \"a\" : { }\n}"},
                    Sample{R"({"":""})", R"({"":""})", "{\n  \"\" : \"\"\n}"}));

INSTANTIATE_TEST_SUITE_P(
    Nested, PrintedSample,
    testing::Values(
        Sample{R"({"a":["x","y"],"b":["z"]})", R"({"a":["x","y"],"b":["z"]})",
               "{\n  \"a\" : [ \"x\", \"y\" ],\n  \"b\" : [ \"z\" ]\n}"},
        Sample{R"({"a":[[],[[1]],{}]})", R"({"a":[[],[[1]],{}]})",
               "{\n  \"a\" : [ [ ], [ [ 1 ] ], { } ]\n}"},
        Sample{R"({"a":{"b":{"c":1,"d":2}}})", R"({"a":{"b":{"c":1,"d":2}}})",
               "{\n  \"a\" : {\n    \"b\" : {\n      \"c\" : 1,\n"
               "      \"d\" : 2\n    }\n  }\n}"},
        // A list does not add to the indentation.
        Sample{R"({"a":[[{"b":[{"c":1}]},{"d":2}]]})",
               R"({"a":[[{"b":[{"c":1}]},{"d":2}]]})",
               "{\n  \"a\" : [ [ {\n    \"b\" : [ {\n      \"c\" : 1\n    } ]\n"
               "  }, {\n    \"d\" : 2\n  } ] ]\n}"}));

INSTANTIATE_TEST_SUITE_P(
    Kept, PrintedSample,
    testing::Values(
        // Keys that are repeated, and their order.
        Sample{R"({"b":1,"a":2,"b":1})", R"({"b":1,"a":2,"b":1})",
               "{\n  \"b\" : 1,\n  \"a\" : 2,\n  \"b\" : 1\n}"},
        Sample{
            R"({"a":-0,"b":1.50,"c":1E+05,"d":123456789012345678901234567890,
                   "e":1e999})",
            R"({"a":-0,"b":1.50,"c":1E+05,"d":123456789012345678901234567890,)"
            R"("e":1e999})",
            "{\n  \"a\" : -0,\n  \"b\" : 1.50,\n  \"c\" : 1E+05,\n"
            "  \"d\" : 123456789012345678901234567890,\n  \"e\" : 1e999\n}"},
        Sample{R"({"a":true,"b":false,"c":null})",
               R"({"a":true,"b":false,"c":null})",
               "{\n  \"a\" : true,\n  \"b\" : false,\n  \"c\" : null\n}"},
        // A scalar is not a list of one.
        Sample{R"({"a":"x","b":["x"]})", R"({"a":"x","b":["x"]})",
               "{\n  \"a\" : \"x\",\n  \"b\" : [ \"x\" ]\n}"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, PrintedSample,
    testing::Values(
        Sample{R"({"\u0022\u005c\/":"\"\\/"})", R"({"\"\\/":"\"\\/"})",
               "{\n  \"\\\"\\\\/\" : \"\\\"\\\\/\"\n}"},
        Sample{R"({"a":"\u00e9\u65e5\ud83d\ude00\u2028\u0085\u007f<&'"})",
               "{\"a\":\"é日😀\u2028\u0085\x7F<&'\"}",
               "{\n  \"a\" : \"é日😀\u2028\u0085\x7F<&'\"\n}"},
        Sample{"{\"é\":\"日😀\"}", "{\"é\":\"日😀\"}",
               "{\n  \"é\" : \"日😀\"\n}"}));

TEST(Print, EscapesControlsQuoteAndBackslashAndNothingElse) {
  for (unsigned code = 0; code < 0x100; ++code) {
    std::string escaped;
    switch (code) {
      case '\b':
        escaped = "\\b";
        break;
      case '\t':
        escaped = "\\t";
        break;
      case '\n':
        escaped = "\\n";
        break;
      case '\f':
        escaped = "\\f";
        break;
      case '\r':
        escaped = "\\r";
        break;
      case '"':
        escaped = "\\\"";
        break;
      case '\\':
        escaped = "\\\\";
        break;
      default:
        if (code < 0x20) {
          escaped = absl::StrFormat("\\u00%02X", code);
        } else if (code < 0x80) {
          escaped = std::string(1, static_cast<char>(code));
        } else {
          escaped = {static_cast<char>(0xC0 | (code >> 6)),
                     static_cast<char>(0x80 | (code & 0x3F))};
        }
    }
    const std::string text =
        absl::StrFormat(R"({"k\u%04x":"\u%04X"})", code, code);
    EXPECT_EQ(Compact(text),
              absl::StrCat("{\"k", escaped, "\":\"", escaped, "\"}"));
    EXPECT_EQ(LikeService(text),
              absl::StrCat("{\n  \"k", escaped, "\" : \"", escaped, "\"\n}"));
  }
}

TEST(Print, GoesAsDeepAsADocument) {
  const std::string lists = std::string(1023, '[') + std::string(1023, ']');
  std::string objects;
  for (int i = 0; i < 1023; ++i) objects += "{\"a\":";
  objects += "{}" + std::string(1023, '}');
  for (const std::string& text : {"{\"a\":" + lists + "}", objects}) {
    const auto parsed = JsonDocument::Parse(text, 1024);
    const auto& document = std::get<JsonDocument>(parsed);
    EXPECT_EQ(PrintCompact(document), text);
    EXPECT_EQ(PrintLikeService(document), NaiveReprint(text));
  }
}

// ---------------------------------------------------------------------------
// Random documents.

// Writes JSON objects into one buffer, in every spelling that JSON has.
class RandomObject {
 public:
  explicit RandomObject(uint64_t seed) : random_(seed) {}

  // Valid until the next call.
  const std::string& Next() {
    text_.clear();
    values_left_ = 1 + Draw(12);
    Blank();
    Object(0);
    Blank();
    return text_;
  }

 private:
  // Returns a number from 0 to n - 1; n is at most 256. One number of the
  // generator gives eight of these.
  size_t Draw(size_t n) {
    if (bytes_left_ == 0) {
      bytes_ = random_();
      bytes_left_ = 8;
    }
    const size_t byte = bytes_ & 0xFF;
    bytes_ >>= 8;
    --bytes_left_;
    return byte * n / 256;
  }

  template <size_t n>
  void OneOf(const char* const (&texts)[n]) {
    text_ += texts[Draw(n)];
  }

  void Blank() {
    static constexpr const char* kBlanks[] = {"", "",  "",   "",      "",
                                              "", " ", "\n", "\r\n\t"};
    OneOf(kBlanks);
  }

  void String() {
    static constexpr const char* kPieces[] = {"a",
                                              "Effect",
                                              "*",
                                              " ",
                                              ":",
                                              ",",
                                              "{",
                                              "]",
                                              "é",
                                              "日",
                                              "😀",
                                              "\x7F",
                                              "\u2028",
                                              "\\n",
                                              "\\t",
                                              "\\r",
                                              "\\b",
                                              "\\f",
                                              "\\\"",
                                              "\\\\",
                                              "\\/",
                                              "\\u0000",
                                              "\\u001f",
                                              "\\u001F",
                                              "\\u0022",
                                              "\\u005C",
                                              "\\u0041",
                                              "\\u00e9",
                                              "\\uD83D\\uDE00",
                                              "\\u007f",
                                              "\\uffff",
                                              "/"};
    text_ += '"';
    for (size_t pieces = Draw(5); pieces > 0; --pieces) OneOf(kPieces);
    text_ += '"';
  }

  void Scalar() {
    static constexpr const char* kScalars[] = {"0",
                                               "-0",
                                               "1",
                                               "1.50",
                                               "-12e5",
                                               "1E+05",
                                               "0.0e-0",
                                               "true",
                                               "null",
                                               "false",
                                               "1234567890123456789012",
                                               "1e999"};
    if (Draw(2) == 0) {
      String();
    } else {
      OneOf(kScalars);
    }
  }

  void AnyValue(size_t depth) {
    constexpr size_t kDepthMax = 6;
    const size_t kind = depth < kDepthMax ? Draw(4) : 3;
    if (kind == 0) {
      Object(depth);
    } else if (kind == 1) {
      List(depth);
    } else {
      Scalar();
    }
  }

  bool TakeValue(bool is_first) {
    if (values_left_ == 0 || Draw(8) == 0) return false;
    --values_left_;
    if (!is_first) text_ += ',';
    Blank();
    return true;
  }

  void Object(size_t depth) {
    text_ += '{';
    for (bool is_first = true; TakeValue(is_first); is_first = false) {
      String();
      Blank();
      text_ += ':';
      Blank();
      AnyValue(depth + 1);
      Blank();
    }
    text_ += '}';
  }

  void List(size_t depth) {
    text_ += '[';
    for (bool is_first = true; TakeValue(is_first); is_first = false) {
      AnyValue(depth + 1);
      Blank();
    }
    text_ += ']';
  }

  std::mt19937_64 random_;
  uint64_t bytes_ = 0;
  int bytes_left_ = 0;
  size_t values_left_ = 0;
  std::string text_;
};

// Returns true if the types, texts, keys and order of keys are equal.
bool MeanTheSame(Value a, Value b) {
  if (a.type() != b.type() || a.size() != b.size() || a.text() != b.text()) {
    return false;
  }
  if (a.is_array()) {
    auto other = b.elements().begin();
    for (const Value element : a.elements()) {
      if (!MeanTheSame(element, *other)) return false;
      ++other;
    }
  } else if (a.is_object()) {
    auto other = b.members().begin();
    for (const auto [key, value] : a.members()) {
      if (key.text() != (*other).key.text()) return false;
      if (!MeanTheSame(value, (*other).value)) return false;
      ++other;
    }
  }
  return true;
}

// Returns the JSON text `text` without the white space between its tokens.
std::string WithoutBlanks(const std::string& text) {
  std::string out;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside || (c != ' ' && c != '\n')) out += c;
    if (inside && c == '\\') {
      out += text[++i];
    } else if (c == '"') {
      inside = !inside;
    }
  }
  return out;
}

TEST(Print, OfAMillionRandomDocuments_LosesNothingOfTheirMeaning) {
  const int count = IsShortRun() ? 50'000 : 1'000'000;
  const uint64_t seed = RunSeed();
  RandomObject object(seed);
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) {
    const std::string& text = object.Next();
    bytes += text.size();
    const JsonDocument document = MustParse(text);
    const std::string service = PrintLikeService(document);
    ASSERT_EQ(service, NaiveReprint(text)) << text;
    const std::string compact = PrintCompact(document);
    ASSERT_EQ(compact, WithoutBlanks(service)) << text;

    const JsonDocument from_service = MustParse(service);
    ASSERT_TRUE(MeanTheSame(document.root(), from_service.root())) << text;
    ASSERT_EQ(PrintLikeService(from_service), service) << text;

    const JsonDocument from_compact = MustParse(compact);
    ASSERT_TRUE(MeanTheSame(document.root(), from_compact.root())) << text;
    ASSERT_EQ(PrintCompact(from_compact), compact) << text;
  }
  // The documents are not all empty.
  EXPECT_GT(bytes / static_cast<size_t>(count), 40u);
}

}  // namespace
}  // namespace glue_security
