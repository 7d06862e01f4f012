// Amazon Resource Names, and those of them that name a principal.

#ifndef GLUE_SECURITY_POLICY_ARN_H_
#define GLUE_SECURITY_POLICY_ARN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// The six fields of "arn:aws:glue:us-east-1:123456789012:table/default/orders".
// Views of the text that was split.
struct ArnFields {
  absl::string_view prefix;
  absl::string_view partition;
  absl::string_view service;
  absl::string_view region;
  absl::string_view account;
  // All that follows the fifth colon, further colons included.
  absl::string_view resource;
};

// nullopt when `text` has fewer than five colons. Nothing else is checked.
std::optional<ArnFields> SplitArn(absl::string_view text);

// 12 digits.
bool IsAccountId(absl::string_view text);

// Returns the ARN of a catalog: "arn:aws:glue:us-east-1:123456789012:catalog".
std::string CatalogArn(absl::string_view region, absl::string_view catalog_id);

// An id that IAM gives to a user ("AIDA…") or a role ("AROA…"): 16 to 128
// upper-case letters and digits.
bool IsUniqueId(absl::string_view text);

// Whether `text` has a `*` or `?`.
bool HasWildcard(absl::string_view text);

// The ARN of somebody who can be a principal.
struct PrincipalArn {
  enum class Kind { kRoot, kUser, kRole, kAssumedRole, kFederatedUser };

  Kind kind = Kind::kRoot;
  absl::string_view partition;
  absl::string_view account;
  // Of a user, role (without its path), assumed role or federated user.
  absl::string_view name;
  // Of an assumed-role session.
  absl::string_view session;
};

// nullopt when `text` is not, in full and without wildcards,
//   arn:PARTITION:iam::ACCOUNT:root
//   arn:PARTITION:iam::ACCOUNT:user/NAME or user/PATH/NAME, role/… likewise
//   arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION
//   arn:PARTITION:sts::ACCOUNT:federated-user/NAME
// with a partition "aws" or "aws-…". The characters of names are not checked.
std::optional<PrincipalArn> ParsePrincipalArn(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ARN_H_
