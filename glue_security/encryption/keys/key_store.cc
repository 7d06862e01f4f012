#include "glue_security/encryption/keys/key_store.h"

#include <utility>

namespace glue_security {

KeyRecord* KeyStore::Find(const KeyScope& scope, const std::string& key_id) {
  const auto holdings = holdings_.find(scope);
  if (holdings == holdings_.end()) return nullptr;
  const auto found = holdings->second.keys.find(key_id);
  return found == holdings->second.keys.end() ? nullptr : &found->second;
}

const KeyStore::Alias* KeyStore::FindAlias(const KeyScope& scope,
                                           const std::string& name) const {
  const Aliases& aliases = AliasesOf(scope);
  const auto found = aliases.find(name);
  return found == aliases.end() ? nullptr : &found->second;
}

const KeyStore::Aliases& KeyStore::AliasesOf(const KeyScope& scope) const {
  static const auto* const kNone = new Aliases();
  const auto holdings = holdings_.find(scope);
  return holdings == holdings_.end() ? *kNone : holdings->second.aliases;
}

size_t KeyStore::CustomerKeys(const KeyScope& scope) const {
  const auto holdings = holdings_.find(scope);
  return holdings == holdings_.end() ? 0 : holdings->second.customer_keys;
}

KeyRecord* KeyStore::AddTo(Holdings* holdings, KeyRecord key) {
  const bool is_customers = key.metadata.manager == KeyManager::kCustomer;
  const std::string id = key.metadata.key_id;
  KeyRecord& added =
      holdings->keys.try_emplace(id, std::move(key)).first->second;
  if (is_customers) ++holdings->customer_keys;
  ++keys_;
  return &added;
}

KeyRecord* KeyStore::Add(KeyRecord key) {
  Holdings& holdings = holdings_[key.scope];
  return AddTo(&holdings, std::move(key));
}

KeyRecord* KeyStore::AddWithAlias(KeyRecord key, const std::string& name,
                                  absl::Time now) {
  Holdings& holdings = holdings_[key.scope];
  // Whatever may fail comes first. Moving a node into its place cannot.
  Aliases entry;
  entry.try_emplace(name, Alias{key.metadata.key_id, now, now});
  key.aliases.insert(name);
  KeyRecord* const added = AddTo(&holdings, std::move(key));
  holdings.aliases.merge(entry);
  return added;
}

void KeyStore::PutAlias(const std::string& name, KeyRecord* target,
                        absl::Time now) {
  Holdings& holdings = holdings_[target->scope];
  // As in AddWithAlias.
  Aliases entry;
  entry.try_emplace(name, Alias{target->metadata.key_id, now, now});
  std::set<std::string> mention = {name};
  const auto old = holdings.aliases.find(name);
  if (old != holdings.aliases.end()) {
    entry.begin()->second.creation_date = old->second.creation_date;
    holdings.keys.find(old->second.target_key_id)->second.aliases.erase(name);
    holdings.aliases.erase(old);
  }
  holdings.aliases.merge(entry);
  target->aliases.merge(mention);
}

void KeyStore::RemoveAlias(const KeyScope& scope, const std::string& name) {
  const auto holdings = holdings_.find(scope);
  if (holdings == holdings_.end()) return;
  const auto found = holdings->second.aliases.find(name);
  if (found == holdings->second.aliases.end()) return;
  holdings->second.keys.find(found->second.target_key_id)
      ->second.aliases.erase(name);
  holdings->second.aliases.erase(found);
}

KeyStore::Deletion KeyStore::DeletionOf(const KeyRecord& key) {
  return {*key.metadata.deletion_date, key.scope, key.metadata.key_id};
}

void KeyStore::ScheduleDeletion(KeyRecord* key, absl::Time date) {
  deletions_.emplace(date, key->scope, key->metadata.key_id);
  key->metadata.state = KeyState::kPendingDeletion;
  key->metadata.deletion_date = date;
}

void KeyStore::CancelDeletion(KeyRecord* key) {
  deletions_.erase(DeletionOf(*key));
  key->metadata.state = KeyState::kDisabled;
  key->metadata.deletion_date.reset();
}

void KeyStore::RemoveGone(absl::Time now) {
  while (!deletions_.empty() &&
         std::get<absl::Time>(*deletions_.begin()) <= now) {
    const auto& [date, scope, key_id] = *deletions_.begin();
    Holdings& holdings = holdings_.find(scope)->second;
    const auto key = holdings.keys.find(key_id);
    for (const std::string& name : key->second.aliases) {
      holdings.aliases.erase(name);
    }
    if (key->second.metadata.manager == KeyManager::kCustomer) {
      --holdings.customer_keys;
    }
    holdings.keys.erase(key);
    --keys_;
    deletions_.erase(deletions_.begin());
  }
}

}  // namespace glue_security
