#include "glue_security/server/request_route.h"

#include <algorithm>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/http/sigv4.h"
#include "glue_security/model/operation.h"
#include "glue_security/server/control_path.h"

namespace glue_security {

RequestRoute RouteOf(const HttpRequest& head, const OwnOperations& own) {
  if (absl::StartsWith(head.target, kControlPath)) return RequestRoute::kHere;
  if (head.method != "POST" || head.target != "/") {
    return RequestRoute::kUpstream;
  }
  const absl::string_view* const found = head.Find("X-Amz-Target");
  if (found == nullptr) return RequestRoute::kUpstream;
  absl::string_view target = *found;
  if (own.handlers != nullptr && own.handlers->Find(target) != nullptr) {
    return RequestRoute::kHere;
  }
  if (absl::StartsWith(target, kKmsTargetPrefix)) {
    return own.has_kms ? RequestRoute::kHere : RequestRoute::kUpstream;
  }
  const bool is_ours = absl::ConsumePrefix(&target, kGlueTargetPrefix) &&
                       std::any_of(kAllOperations.begin(), kAllOperations.end(),
                                   [target](Operation operation) {
                                     return OperationName(operation) == target;
                                   });
  return is_ours ? RequestRoute::kHere : RequestRoute::kUpstream;
}

std::string PassedName(const HttpRequest& head) {
  if (const auto* const target = head.Find("X-Amz-Target")) {
    return std::string(*target);
  }
  const auto parsed = ParseSignatureHeader(head);
  const auto* const signature = std::get_if<SignatureHeader>(&parsed);
  return absl::StrCat(signature == nullptr ? "-" : signature->service, ":",
                      head.method);
}

}  // namespace glue_security
