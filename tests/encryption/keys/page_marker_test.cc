#include "glue_security/encryption/keys/page_marker.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(PageMarker, HoldsTheEntryOfItsList) {
  for (const std::string last : {"", "alias/a", "12", "\xFF\x00"}) {
    const std::string marker = MakePageMarker("list", last);
    EXPECT_EQ(ParsePageMarker("list", marker), last);
    EXPECT_EQ(ParsePageMarker("another list", marker), std::nullopt);
    EXPECT_EQ(ParsePageMarker("lis", marker), std::nullopt);
  }
  // The name of the list and the entry are kept apart.
  EXPECT_EQ(ParsePageMarker("li", MakePageMarker("l", "ia")), std::nullopt);
}

TEST(PageMarker, OtherTexts_AreNone) {
  const std::string marker = MakePageMarker("list", "alias/a");
  for (size_t size = 0; size < marker.size(); ++size) {
    EXPECT_EQ(ParsePageMarker("list", marker.substr(0, size)), std::nullopt);
  }
  for (size_t at = 0; at < marker.size(); ++at) {
    std::string other = marker;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(ParsePageMarker("list", other), std::nullopt) << at;
  }
  for (const std::string& other : std::vector<std::string>{
           "", "!", "MQ", marker + "=", marker + "A", " " + marker}) {
    EXPECT_EQ(ParsePageMarker("list", other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace glue_security
