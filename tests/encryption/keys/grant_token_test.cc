#include "glue_security/encryption/keys/grant_token.h"

#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

GrantTokens Tokens(char key) {
  return GrantTokens(Secret(std::string(32, key)));
}

TEST(GrantToken, HoldsTheGrant) {
  const GrantTokens tokens = Tokens('k');
  const std::string token = tokens.Make({"the key", "the id"}, "twelve bytes");
  EXPECT_EQ(tokens.Parse(token)->key_arn, "the key");
  EXPECT_EQ(tokens.Parse(token)->grant_id, "the id");
  EXPECT_NE(token, tokens.Make({"the key", "the id"}, "twelve Bytes"));
  EXPECT_FALSE(Tokens('l').Parse(token).has_value());
}

TEST(GrantToken, OtherTexts_AreNone) {
  const GrantTokens tokens = Tokens('k');
  const std::string token = tokens.Make({"the key", "the id"}, "twelve bytes");
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(tokens.Parse(token.substr(0, size)).has_value());
  }
  for (size_t at = 0; at < token.size(); ++at) {
    std::string other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.Parse(other).has_value()) << at;
  }
  EXPECT_FALSE(tokens.Parse("not base64!").has_value());
  EXPECT_FALSE(tokens.Parse(token + "A").has_value());
  EXPECT_FALSE(tokens.Parse(" " + token).has_value());
}

}  // namespace
}  // namespace glue_security
