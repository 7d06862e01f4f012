// KeyStore: the keys and aliases of all accounts and regions. It enforces no
// rules beyond its own consistency; LocalKms does.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_KEY_STORE_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_KEY_STORE_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/time/time.h"
#include "glue_security/encryption/keys/key_record.h"
#include "glue_security/encryption/keys/key_reference.h"

namespace glue_security {

// Not thread-safe. A method that throws std::bad_alloc has changed nothing.
//
// INVARIANT: every alias has a target of its own scope, which lists it.
class KeyStore {
 public:
  struct Alias {
    std::string target_key_id;
    absl::Time creation_date;
    absl::Time last_updated_date;
  };
  using Aliases = std::map<std::string, Alias>;

  // Returns the key, which is valid until it is gone; nullptr: there is none.
  KeyRecord* Find(const KeyScope& scope, const std::string& key_id);

  // Returns nullptr when there is none.
  const Alias* FindAlias(const KeyScope& scope, const std::string& name) const;

  // Returns all aliases of a scope.
  const Aliases& AliasesOf(const KeyScope& scope) const;

  // Returns the number of keys that customers made, also of those that are
  // pending deletion.
  size_t CustomerKeys(const KeyScope& scope) const;

  // Returns the number of all keys.
  size_t Keys() const { return keys_; }

  // Adds a key with a new id.
  KeyRecord* Add(KeyRecord key);

  // Adds a key with a new id, and a new alias of it.
  KeyRecord* AddWithAlias(KeyRecord key, const std::string& name,
                          absl::Time now);

  // Lets an alias, a new one or not, point to the key.
  void PutAlias(const std::string& name, KeyRecord* target, absl::Time now);

  // Removes the alias, if there is one.
  void RemoveAlias(const KeyScope& scope, const std::string& name);

  // Makes the key pending deletion until `date`.
  void ScheduleDeletion(KeyRecord* key, absl::Time date);

  // Makes a key that is pending deletion disabled.
  void CancelDeletion(KeyRecord* key);

  // Removes the keys whose date has come, with all that belongs to them.
  void RemoveGone(absl::Time now);

 private:
  struct Holdings {
    std::map<std::string, KeyRecord> keys;
    Aliases aliases;
    size_t customer_keys = 0;
  };
  // The date of a deletion, and the key.
  using Deletion = std::tuple<absl::Time, KeyScope, std::string>;

  static Deletion DeletionOf(const KeyRecord& key);
  KeyRecord* AddTo(Holdings* holdings, KeyRecord key);

  std::map<KeyScope, Holdings> holdings_;
  // The number of keys in all holdings.
  size_t keys_ = 0;
  std::set<Deletion> deletions_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_KEY_STORE_H_
