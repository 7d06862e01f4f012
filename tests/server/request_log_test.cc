#include "glue_security/server/request_log.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Json = nlohmann::json;

const absl::Time kNow = absl::FromUnixSeconds(1'567'296'000);

RequestRecord Record() {
  RequestRecord record;
  record.request_id = "id";
  record.operation = v1::Request::kGetResourcePolicy;
  record.caller = {"123456789012", "us-east-1", "arn:aws:iam::1:user/a"};
  record.outcome = "ok";
  return record;
}

TEST(RequestLogTest, ALineSaysWhatBecameOfARequest) {
  RequestRecord record = Record();
  EXPECT_EQ(TextLogLine(record, absl::Microseconds(12), kNow),
            "2019-09-01T00:00:00+00:00 id 123456789012 us-east-1 "
            "GetResourcePolicy ok 12us\n");
  EXPECT_EQ(JsonLogLine(record, absl::Microseconds(12), kNow),
            R"({"time":"2019-09-01T00:00:00+00:00","request_id":"id",)"
            R"("account":"123456789012","region":"us-east-1",)"
            R"("operation":"GetResourcePolicy","outcome":"ok",)"
            R"("microseconds":12})"
            "\n");
  record.exception = "std::bad_alloc";
  EXPECT_EQ(TextLogLine(record, absl::Microseconds(12), kNow),
            "2019-09-01T00:00:00+00:00 id 123456789012 us-east-1 "
            "GetResourcePolicy ok 12us std::bad_alloc\n");
  EXPECT_EQ(
      Json::parse(JsonLogLine(record, absl::ZeroDuration(), kNow))["exception"],
      "std::bad_alloc");
}

TEST(RequestLogTest, ARequestThatSaysNothingHasAllItsWords) {
  EXPECT_EQ(TextLogLine(RequestRecord(), absl::ZeroDuration(), kNow),
            "2019-09-01T00:00:00+00:00 - - - - - 0\n");
}

TEST(RequestLogTest, MissingLinesAreOneLine) {
  EXPECT_EQ(TextDroppedLine(12, kNow),
            "2019-09-01T00:00:00+00:00 12 lines were dropped\n");
  EXPECT_EQ(JsonDroppedLine(12, kNow),
            "{\"time\":\"2019-09-01T00:00:00+00:00\",\"dropped_lines\":12}\n");
}

// Each text of a record is hostile in turn; a line must remain one line.
TEST(RequestLogTest, HostileBytesAddNoLineNoWordAndNoMember) {
  std::vector<std::string> texts = {
      "\r\n2019-09-01T00:00:00+00:00 forged",
      "\",\"outcome\":\"ok\"}\n{\"a\":\"",
      "\xC3",              // Half a character.
      "\xED\xA0\x80",      // A surrogate.
      "\xF4\x90\x80\x80",  // Beyond Unicode.
      "\xC0\x80",          // NUL, too long.
      "\xE2\x80\xA8x",     // LINE SEPARATOR.
      "\xC2\x85x",         // NEXT LINE.
      "\xEF\xBB\xBFx",     // A byte order mark.
      "\x1B[2J",           // What a terminal obeys.
      "a b\tc\vd\fe",
      "\\u000a\\",
      std::string(100'000, 'x'),
      std::string(100'000, '\n'),
  };
  for (int byte = 0; byte < 256; ++byte) {
    texts.emplace_back(3, static_cast<char>(byte));
    texts.push_back(
        absl::StrCat("a", std::string(1, static_cast<char>(byte)), "b"));
  }
  using Field = std::string& (*)(RequestRecord&);
  const std::pair<const char*, Field> fields[] = {
      {"request_id", [](RequestRecord & r) -> auto& {return r.request_id;
}
}  // namespace
, {"account", [](RequestRecord& r) -> auto& {return r.caller.account_id;
}  // namespace glue_security
}
, {"region", [](RequestRecord& r) -> auto& {return r.caller.region;
}
}
, {"outcome", [](RequestRecord& r) -> auto& {return r.outcome;
}
}
, {"exception", [](RequestRecord& r) -> auto& {return r.exception;
}
}
,
}
;
for (const auto& [name, field] : fields) {
  for (const std::string& text : texts) {
    RequestRecord record = Record();
    record.exception = "int";
    field(record) = text;
    const std::string line = TextLogLine(record, absl::Microseconds(12), kNow);
    EXPECT_LT(line.size(), 500u);
    EXPECT_EQ(line.back(), '\n');
    EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](char c) {
      return c >= ' ' && c <= '~';
    })) << line;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    EXPECT_EQ(words.size(), 8u) << line;

    const std::string json = JsonLogLine(record, absl::Microseconds(12), kNow);
    EXPECT_LT(json.size(), 1000u);
    EXPECT_EQ(json.find('\n'), json.size() - 1);
    EXPECT_TRUE(std::all_of(json.begin(), json.end() - 1, [](char c) {
      return c >= ' ' && c <= '~';
    })) << json;
    const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(parsed.is_object()) << json;
    EXPECT_EQ(parsed.size(), 8u) << json;
    EXPECT_EQ(parsed["operation"], "GetResourcePolicy");
    EXPECT_EQ(parsed[name].get<std::string>().size(),
              std::min<size_t>(text.size(), 256));
  }
}
}

TEST(RequestLogTest, AnOperationOfKmsIsNamedSo) {
  RequestRecord record = Record();
  record.operation = kNoOperation;
  record.kms_operation = KmsOperation::kGenerateDataKey;
  EXPECT_NE(TextLogLine(record, absl::ZeroDuration(), kNow)
                .find(" kms:GenerateDataKey "),
            std::string::npos);
  EXPECT_NE(JsonLogLine(record, absl::ZeroDuration(), kNow)
                .find("\"operation\":\"kms:GenerateDataKey\""),
            std::string::npos);
}

}  // namespace
}  // namespace glue_security
