#include "glue_security/testing/oracle/naive_keys.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/testing/oracle/naive_rules.h"

namespace glue_security {
namespace {

constexpr char kNotFound[] = "NotFoundException";
constexpr char kInvalidArn[] = "InvalidArnException";
constexpr char kAccessDenied[] = "AccessDeniedException";
constexpr char kGlueAlias[] = "alias/aws/glue";

// Returns true for the id of a key: 8-4-4-4-12 digits, or "mrk-" and 32 digits.
bool IsKeyId(absl::string_view id) {
  std::string shape(id);
  for (char& c : shape) {
    if (absl::ascii_isxdigit(static_cast<unsigned char>(c))) c = '0';
  }
  return shape == "00000000-0000-0000-0000-000000000000" ||
         (absl::StartsWith(id, "mrk-") &&
          shape.substr(4) == std::string(32, '0'));
}

std::string PartitionOf(const Caller& caller) {
  const std::vector<std::string> parts =
      absl::StrSplit(NaiveCatalogArn(caller), ':');
  return parts[1];
}

// Returns the refusal of a key that is named by an ARN.
std::string RefusalOfArn(const ModelKeyCall& call) {
  constexpr size_t kParts = 6;
  const std::vector<std::string> parts =
      absl::StrSplit(call.key, absl::MaxSplits(':', kParts - 1));
  if (parts.size() < kParts || parts[2] != "kms" ||
      parts[1] != PartitionOf(call.caller)) {
    return kInvalidArn;
  }
  absl::string_view resource = parts[5];
  const bool is_key = absl::ConsumePrefix(&resource, "key/");
  if (!is_key && !absl::StartsWith(resource, "alias/")) return kInvalidArn;
  if (parts[3] != call.caller.region) return kNotFound;
  if (is_key && !IsKeyId(resource)) return kNotFound;
  // Nobody is told whether another account has the key.
  if (parts[4] != call.caller.account_id) return kAccessDenied;
  return resource == kGlueAlias ? "" : kNotFound;
}

}  // namespace

std::string OnlyGluesOwnKey(const ModelKeyCall& call) {
  if (call.kind == ModelKeyCall::Kind::kDecrypt) {
    return call.caller.account_id == call.encrypted_by.account_id &&
                   call.caller.region == call.encrypted_by.region
               ? ""
               : kAccessDenied;
  }
  if (absl::StartsWith(call.key, "arn:")) return RefusalOfArn(call);
  return call.key == kGlueAlias ? "" : kNotFound;
}

}  // namespace glue_security
