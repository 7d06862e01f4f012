#include "glue_security/encryption/key_refusal.h"

#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kRequestId[] = "d2f0c7a4-8b0e-4d53-9d0c-1f6a2b3c4d5e";

TEST(KeyRefusal, Text_IsTheOneThatTheServiceReports) {
  const KeyRefusal refusal = {
      "DisabledException",
      "arn:aws:kms:us-east-1:123456789012:key/1234abcd is disabled.", 400,
      kRequestId};
  EXPECT_EQ(KeyRefusalText(refusal),
            "arn:aws:kms:us-east-1:123456789012:key/1234abcd is disabled. "
            "(Service: AWSKMS; Status Code: 400; Error Code: "
            "DisabledException; Request ID: "
            "d2f0c7a4-8b0e-4d53-9d0c-1f6a2b3c4d5e; Proxy: null)");
}

TEST(KeyRefusal, WithoutAMessage_StartsWithNull) {
  EXPECT_EQ(KeyRefusalText(
                {"InvalidCiphertextException", std::nullopt, 400, kRequestId}),
            "null (Service: AWSKMS; Status Code: 400; Error Code: "
            "InvalidCiphertextException; Request ID: "
            "d2f0c7a4-8b0e-4d53-9d0c-1f6a2b3c4d5e; Proxy: null)");
  // An empty message is one.
  EXPECT_EQ(KeyRefusalText({"X", "", 400, "ID"}),
            " (Service: AWSKMS; Status Code: 400; Error Code: X; Request ID: "
            "ID; Proxy: null)");
}

TEST(KeyRefusal, Status500_IsInTheText) {
  EXPECT_EQ(KeyRefusalText({"DependencyTimeoutException", "late", 500, "ID"}),
            "late (Service: AWSKMS; Status Code: 500; Error Code: "
            "DependencyTimeoutException; Request ID: ID; Proxy: null)");
}

TEST(KeyRefusal, Error_IsGlueEncryptionExceptionWithTheText) {
  const KeyRefusal refusal = {"DisabledException", "off", 400, kRequestId};
  const v1::Error error = GlueEncryptionError(refusal);
  EXPECT_EQ(error.code(), v1::ERROR_CODE_GLUE_ENCRYPTION);
  EXPECT_EQ(error.message(), KeyRefusalText(refusal));
  EXPECT_EQ(error.detail(), v1::Error::DETAIL_UNSPECIFIED);
}

}  // namespace
}  // namespace glue_security
