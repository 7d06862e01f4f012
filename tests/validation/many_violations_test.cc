// Requests that break more constraints than an error lists.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/validation/validator.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns a request that breaks `count` constraints: each element has an
// invalid ARN.
v1::CreateSecurityConfigurationRequest Broken(int count) {
  v1::CreateSecurityConfigurationRequest request;
  request.set_name("name");
  auto* list =
      request.mutable_encryption_configuration()->mutable_s3_encryption();
  for (int i = 0; i < count; ++i) list->add_elements()->set_kms_key_arn("x");
  return request;
}

class ManyViolationsTest : public testing::TestWithParam<Behavior> {};

TEST_P(ManyViolationsTest, UpToTheBound_AllAreListed) {
  Limits limits;
  limits.violations_max = 3;
  const Validator validator(GetParam(), limits);
  for (const int count : {1, 2, 3}) {
    const auto error = validator.Validate(Broken(count));
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->violations_size(), count);
    EXPECT_TRUE(absl::StartsWith(
        error->message(), absl::StrCat(count, " validation error",
                                       count == 1 ? "" : "s", " detected: ")))
        << error->message();
  }
}

TEST_P(ManyViolationsTest, BeyondTheBound_AllAreCountedAndTheFirstListed) {
  Limits limits;
  limits.violations_max = 3;
  const auto error = Validator(GetParam(), limits).Validate(Broken(4));
  ASSERT_TRUE(error.has_value());
  ASSERT_EQ(error->violations_size(), 3);
  EXPECT_EQ(error->violations(2).path(),
            "encryptionConfiguration.s3Encryption.3.member.kmsKeyArn");
  EXPECT_TRUE(
      absl::StartsWith(error->message(), "4 validation errors detected: "));
  EXPECT_TRUE(absl::StrContains(error->message(), "s3Encryption.3.member"));
  EXPECT_FALSE(absl::StrContains(error->message(), "s3Encryption.4.member"));
}

TEST_P(ManyViolationsTest, AHostileRequest_GivesAnErrorOfBoundedSize) {
  const auto error = Validator(GetParam(), Limits()).Validate(Broken(50'000));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->violations_size(), Limits().violations_max);
  EXPECT_TRUE(absl::StartsWith(error->message(), "50000 validation errors"));
  EXPECT_LT(error->ByteSizeLong(), size_t{1} << 20);
}

// Each message about a key lists all keys that are legal.
TEST_P(ManyViolationsTest, AHostileMap_GivesAnErrorOfBoundedSize) {
  v1::UpdateConnectionRequest request;
  request.set_name("n");
  auto* const input = request.mutable_connection_input();
  input->set_name("n");
  input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties =
      *input->mutable_connection_properties()->mutable_elements();
  constexpr int kKeys = 20'000;
  for (int i = 0; i < kKeys; ++i) properties[absl::StrCat(i)] = "\xFF";
  const auto error = Validator(GetParam(), Limits()).Validate(request);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->violations_size(), Limits().violations_max);
  // The size of the map, and each key and each value.
  EXPECT_TRUE(absl::StartsWith(
      error->message(), absl::StrCat(1 + 2 * kKeys, " validation errors")));
  EXPECT_LT(error->ByteSizeLong(), size_t{2} << 20);
}

TEST_P(ManyViolationsTest, ABoundBelowOne_CountsAsOne) {
  Limits limits;
  limits.violations_max = -1;
  const auto error = Validator(GetParam(), limits).Validate(Broken(2));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->violations_size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Presets, ManyViolationsTest,
                         testing::Values(Behavior::Documented(),
                                         Behavior::Observed()));

}  // namespace
}  // namespace glue_security
