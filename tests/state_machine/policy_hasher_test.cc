#include "glue_security/state_machine/policy_hasher.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// The test vectors of FIPS 180-2 and the empty text, cut to 16 bytes.
TEST(PolicyHasher, TheDefault_IsTheStartOfTheSha256) {
  const PolicyHasher& hasher = *PolicyHasher::Default();
  EXPECT_EQ(hasher.Hash(""), "47DEQpj8HBSa+/TImW+5JA==");
  EXPECT_EQ(hasher.Hash("abc"), "ungWv48Bz+pBQUDeXa4iIw==");
  EXPECT_EQ(
      hasher.Hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
      "JI1qYdIGOLjlwCaTDD5gOQ==");
  EXPECT_EQ(PolicyHasher::Default(), &hasher);
}

class LengthHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view text) const override {
    return absl::StrCat("length ", text.size());
  }
};

TEST(PolicyHasher, OneOfOnesOwn_IsOwnedThroughTheInterface) {
  const std::unique_ptr<const PolicyHasher> hasher =
      std::make_unique<LengthHasher>();
  EXPECT_EQ(hasher->Hash("abc"), "length 3");
}

}  // namespace
}  // namespace glue_security
