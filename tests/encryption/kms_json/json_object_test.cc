#include "glue_security/encryption/kms_json/json_object.h"

#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::string TextOf(JsonObject object) {
  const WipedText text = object.Finish();
  return {text.data(), text.size()};
}

TEST(JsonObject, WritesEveryKindOfMember) {
  EXPECT_EQ(TextOf(JsonObject()), "{}");
  JsonObject object;
  object.Text("a", "\"\\\n\x01\u00fc");
  object.Number("b", -7);
  object.Boolean("c", true);
  object.Bytes("d", "hunter2");
  object.Texts("e", {});
  object.Texts("f", {"g", "h"});
  object.Map("i", {{"k", "v"}, {"l", ""}});
  object.Map("j", {});
  object.Json("m", "[{}]");
  EXPECT_EQ(TextOf(std::move(object)),
            R"({"a":"\"\\\n\u0001ü","b":-7,"c":true,"d":"aHVudGVyMg==","e":[],)"
            R"("f":["g","h"],"i":{"k":"v","l":""},"j":{},"m":[{}]})");
}

TEST(JsonObject, TimesAreSecondsWithMilliseconds) {
  const struct {
    int64_t millis;
    const char* text;
  } cases[] = {{0, "0"},
               {1'000, "1"},
               {1'500, "1.5"},
               {1'007, "1.007"},
               {-1'500, "-1.5"},
               {-10, "-0.01"},
               {1'700'000'000'120, "1700000000.12"}};
  for (const auto& test : cases) {
    JsonObject object;
    object.Time("t", absl::FromUnixMillis(test.millis));
    EXPECT_EQ(TextOf(std::move(object)),
              std::string("{\"t\":") + test.text + "}");
  }
}

TEST(JsonList, JoinsObjects) {
  EXPECT_EQ(JsonList({}), "[]");
  std::vector<JsonObject> objects(2);
  objects[0].Number("a", 1);
  EXPECT_EQ(JsonList(std::move(objects)), R"([{"a":1},{}])");
}

}  // namespace
}  // namespace glue_security
