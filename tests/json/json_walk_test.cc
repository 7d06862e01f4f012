// The events that a sink gets, and the states that a scratch survives.

#include "glue_security/json/json_walk.h"

#include <cstddef>
#include <new>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_scratch.h"
#include "gtest/gtest.h"

namespace {

// When true, allocations that do not throw fail.
bool fail_allocations = false;

}  // namespace

// The only function by which simdjson allocates.
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return fail_allocations ? nullptr : ::operator new[](size);
}

namespace glue_security {
namespace {

constexpr size_t kDepthMax = 128;

// Records the events of a walk.
class Log {
 public:
  void Key(const char*, absl::string_view text) {
    absl::StrAppend(&text_, " key:", text);
  }
  void String(const char*, absl::string_view text) {
    absl::StrAppend(&text_, " string:", text);
  }
  void Scalar(JsonType type, absl::string_view text) {
    absl::StrAppend(&text_, " ", static_cast<int>(type), ":", text);
  }
  size_t Open(JsonType type, const char*) {
    absl::StrAppend(&text_, type == JsonType::kObject ? " {" : " [");
    return ++opened_;
  }
  void Close(size_t opened, size_t size) {
    absl::StrAppend(&text_, " end of ", opened, " with ", size);
  }

  const std::string& text() const { return text_; }

 private:
  size_t opened_ = 0;
  std::string text_;
};

TEST(WalkJsonObjectTest, Object_IsToldInTheOrderOfTheText) {
  JsonScratch scratch;
  Log log;
  EXPECT_EQ(
      WalkJsonObject(R"( {"a\n" : [1.50, {}, [ ], "\u00e9"], "b": {"a": null},)"
                     R"("b":true , "":""} )",
                     kDepthMax, &scratch, &log),
      std::nullopt);
  EXPECT_EQ(log.text(),
            " { key:a\n [ 2:1.50 { end of 3 with 0 [ end of 4 with 0"
            " string:\xC3\xA9 end of 2 with 4 key:b { key:a 0:null"
            " end of 5 with 1 key:b 1:true key: string: end of 1 with 4");
}

TEST(WalkJsonObjectTest, TextWithAnError_IsToldUpToIt) {
  JsonScratch scratch;
  Log log;
  const auto error =
      WalkJsonObject(R"({"a":[1,{"b":2],"c":3})", kDepthMax, &scratch, &log);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->offset, 14u);
  EXPECT_EQ(log.text(), " { key:a [ 2:1 { key:b 2:2");
}

TEST(WalkJsonObjectTest, FreshScratch_TakesTheEmptyText) {
  JsonScratch scratch;
  IgnoreJson sink;
  const auto error = WalkJsonObject("", kDepthMax, &scratch, &sink);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "the text is empty; write an object, as in {}");
}

// A lack of memory is not reported as an error in the text.
TEST(WalkJsonObjectTest, OutOfMemory_ThrowsAndLeavesTheScratchUsable) {
  const std::string text =
      absl::StrCat("{\"a\":\"", std::string(100'000, 'x'), "\"}");
  for (const bool is_fresh : {true, false}) {
    JsonScratch scratch;
    IgnoreJson sink;
    if (!is_fresh) WalkJsonObject("{}", kDepthMax, &scratch, &sink);
    fail_allocations = true;
    EXPECT_THROW(WalkJsonObject(text, kDepthMax, &scratch, &sink),
                 std::bad_alloc);
    fail_allocations = false;
    EXPECT_EQ(WalkJsonObject(text, kDepthMax, &scratch, &sink), std::nullopt);
  }
}

}  // namespace
}  // namespace glue_security
