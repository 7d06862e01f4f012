// KeyRecord: a key as LocalKms keeps it.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_RECORD_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_RECORD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/keys/key_policy.h"
#include "glue_security/encryption/keys/key_reference.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/model/secret.h"
#include "glue_security/policy/match/principal_matcher.h"

namespace glue_security {

struct KeyGrant {
  GrantEntry entry;
  // The grantee principal, compiled.
  PrincipalMatcher grantee;
};

struct KeyRecord {
  KeyRecord(KeyMetadata facts, KeyScope owner, KeyPolicy initial_policy)
      : metadata(std::move(facts)),
        scope(std::move(owner)),
        policy(std::move(initial_policy)) {}

  bool is_symmetric() const { return metadata.kind == KeyKind::kSymmetric; }

  // Returns the grant with the id; nullptr when there is none. Linear in the
  // number of grants.
  const KeyGrant* FindGrant(absl::string_view grant_id) const {
    for (const auto& [number, grant] : grants) {
      if (grant.entry.grant_id == grant_id) return &grant;
    }
    return nullptr;
  }

  KeyMetadata metadata;
  KeyScope scope;
  KeyPolicy policy;
  // The bytes that encrypt, the newest last. Each rotation adds one. Empty for
  // a key that is not symmetric. Shared with the calls that are under way, so
  // that a key that is gone is wiped when the last of them ends.
  std::vector<std::shared_ptr<const Secret>> material;
  // The names of its aliases.
  std::set<std::string> aliases;
  // By number, in the order in which they were made.
  std::map<uint64_t, KeyGrant> grants;
  uint64_t next_grant_number = 1;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_RECORD_H_
