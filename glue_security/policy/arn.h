// Parsers of Amazon Resource Names, in general and of principals.

#ifndef GLUE_SECURITY_POLICY_ARN_H_
#define GLUE_SECURITY_POLICY_ARN_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// The six fields of an ARN such as
// "arn:aws:glue:us-east-1:123456789012:table/default/orders", as views of the
// text that was split.
struct ArnFields {
  absl::string_view prefix;
  absl::string_view partition;
  absl::string_view service;
  absl::string_view region;
  absl::string_view account;
  // Everything after the fifth colon, further colons included.
  absl::string_view resource;
};

// Splits an ARN. Returns nullopt when `text` has fewer than five colons. Checks
// nothing else.
std::optional<ArnFields> SplitArn(absl::string_view text);

inline constexpr size_t kAccountIdBytes = 12;

// Returns true if `text` is 12 digits.
bool IsAccountId(absl::string_view text);

// A catalog as its ARNs name it.
struct CatalogName {
  absl::string_view region;
  absl::string_view account_id;
  // Empty: the partition of the region.
  absl::string_view partition = {};
};

// Returns the catalog's partition: the one that is given, or its region's.
absl::string_view PartitionOf(const CatalogName& catalog);

// Returns the ARN of the catalog, or of a resource in it, such as
// "database/default": "arn:aws:glue:us-east-1:123456789012:database/default".
std::string CatalogArn(const CatalogName& catalog,
                       absl::string_view resource = "catalog");

// Returns the ARN of the root user of the catalog's account:
// "arn:aws:iam::123456789012:root".
std::string RootArn(const CatalogName& catalog);

// Returns true if `text` is an id that IAM gives to a user ("AIDA…") or a role
// ("AROA…"): 16 to 128 upper-case letters and digits.
bool IsUniqueId(absl::string_view text);

// Returns true if `text` has a `*` or `?`.
bool HasWildcard(absl::string_view text);

// Returns true if `text` is the ARN of a group of users, as in
// "arn:aws:iam::123456789012:group/analysts". A group is not a principal.
bool IsGroupArn(absl::string_view text);

// The parts of a principal's ARN.
struct PrincipalArn {
  enum class Kind { kRoot, kUser, kRole, kAssumedRole, kFederatedUser };

  Kind kind = Kind::kRoot;
  absl::string_view partition;
  absl::string_view account;
  // The name of a user, a role (without its path), an assumed role or a
  // federated user; otherwise empty.
  absl::string_view name;
  // The name of an assumed-role session; otherwise empty.
  absl::string_view session;
};

// Parses the ARN of a principal. Returns nullopt unless `text` is, in full and
// without wildcards,
//   arn:PARTITION:iam::ACCOUNT:root
//   arn:PARTITION:iam::ACCOUNT:user/NAME or user/PATH/NAME, role/… likewise
//   arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION
//   arn:PARTITION:sts::ACCOUNT:federated-user/NAME
// with a partition "aws" or "aws-…". The characters of names are not checked.
std::optional<PrincipalArn> ParsePrincipalArn(absl::string_view text);

// Returns true if `text` is the ARN of the role that an assumed-role session
// has: partition, account and name are those of the session.
bool IsRoleOfSession(absl::string_view text, const PrincipalArn& session);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_ARN_H_
