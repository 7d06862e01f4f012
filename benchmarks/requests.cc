#include "benchmarks/requests.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace glue_security {

std::string PolicyOf(size_t bytes) {
  constexpr char kStart[] = R"({"Version":"2012-10-17","Statement":[)";
  constexpr char kStatement[] =
      R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/A)"
      R"(lice"},"Action":["glue:GetTable","glue:GetDatabase"],"Resource":"arn:a)"
      R"(ws:glue:us-east-1:123456789012:*"},)";
  std::string text = kStart;
  // The Sid of the last statement pads the document.
  constexpr char kLast[] =
      R"({"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:gl)"
      R"(ue:us-east-1:123456789012:*","Sid":")";
  constexpr char kEnd[] = R"("}]})";
  const size_t end_bytes = sizeof(kLast) - 1 + sizeof(kEnd) - 1;
  while (text.size() + sizeof(kStatement) - 1 + end_bytes <= bytes) {
    text += kStatement;
  }
  const size_t padding = bytes - text.size() - end_bytes;
  absl::StrAppend(&text, kLast, std::string(padding, 'x'), kEnd);
  return text;
}

v1::PutResourcePolicyRequest PutPolicyOf(size_t bytes) {
  v1::PutResourcePolicyRequest request;
  request.set_policy_in_json(PolicyOf(bytes));
  return request;
}

v1::CreateSecurityConfigurationRequest CreateFull(size_t number) {
  // 75 bytes.
  constexpr char kKey[] =
      "arn:aws:kms:us-east-1:123456789012:key/"
      "1234abcd-12ab-34cd-56ef-1234567890ab";
  v1::CreateSecurityConfigurationRequest request;
  request.set_name(absl::StrFormat("configuration%07d", number));
  auto* body = request.mutable_encryption_configuration();
  auto* s3 = body->mutable_s3_encryption()->add_elements();
  s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
  s3->set_kms_key_arn(kKey);
  auto* logs = body->mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn(kKey);
  auto* bookmarks = body->mutable_job_bookmarks_encryption();
  bookmarks->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
  bookmarks->set_kms_key_arn(kKey);
  return request;
}

}  // namespace glue_security
