#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/kms_core.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/page_marker.h"

// The operations on aliases.

namespace glue_security {
namespace {

constexpr size_t kPageSize = 50;

KeyRefusal Invalid(std::string message) {
  return Refuse("ValidationException", std::move(message));
}

// Returns the refusal of a name that an alias cannot have.
std::optional<KeyRefusal> RefuseName(absl::string_view name) {
  absl::string_view rest = name;
  if (!absl::ConsumePrefix(&rest, "alias/") || rest.empty()) {
    return Invalid(
        "Alias must start with the prefix \"alias/\". Please see "
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (absl::StartsWith(rest, "aws/")) {
    return RefuseWithoutText("NotAuthorizedException");
  }
  if (absl::StrContains(rest, ":")) {
    return Invalid(
        absl::StrCat(name, " contains invalid characters for an alias"));
  }
  return std::nullopt;
}

// Returns the refusal of a target that is not a key.
std::optional<KeyRefusal> RefuseTarget(absl::string_view key,
                                       const Caller& caller) {
  const auto parsed = ParseKeyReference(key, caller);
  const auto* const reference = std::get_if<KeyReference>(&parsed);
  if (reference == nullptr || reference->kind == KeyReference::Kind::kKey) {
    return std::nullopt;
  }
  return Invalid("Aliases must refer to keys. Not aliases");
}

std::optional<KeyRefusal> RefuseArguments(absl::string_view name,
                                          absl::string_view target_key,
                                          const Caller& caller) {
  KmsConstraints constraints;
  AddAliasConstraints(name, target_key, &constraints);
  if (auto refusal = constraints.Refusal()) return refusal;
  if (auto refusal = RefuseName(name)) return refusal;
  return RefuseTarget(target_key, caller);
}

std::string AliasArn(const Caller& caller, absl::string_view name) {
  return KmsArn(caller, caller.account_id, name);
}

// Opens the key to which an alias is to point, after the decision about the
// alias.
std::optional<KeyRefusal> OpenTarget(KmsCall* run, absl::string_view operation,
                                     absl::string_view name,
                                     absl::string_view target_key,
                                     KeyRecord** key) {
  KeyRequest request;
  request.operation = operation;
  request.key = target_key;
  request.changed_alias = AliasArn(run->caller().caller, name);
  return run->Open(request, key);
}

// Finds the alias, and the key to which it points.
std::optional<KeyRefusal> FindAlias(KmsCall* run, const std::string& name,
                                    KeyRecord** key) {
  const KeyStore::Alias* const alias =
      run->store().FindAlias(run->scope(), name);
  if (alias == nullptr) {
    return Refuse("NotFoundException",
                  absl::StrCat("Alias ", AliasArn(run->caller().caller, name),
                               " is not found."));
  }
  *key = run->store().Find(run->scope(), alias->target_key_id);
  return std::nullopt;
}

std::optional<KeyRefusal> RefuseOneMore(const KeyRecord& key, size_t max) {
  if (key.aliases.size() < max) return std::nullopt;
  return Refuse("LimitExceededException",
                "the key has as many aliases as it may have");
}

// Returns the refusal of two keys that cannot take each other's place.
std::optional<KeyRefusal> RefuseUnlike(absl::string_view alias_arn,
                                       const KeyMetadata& from,
                                       const KeyMetadata& to) {
  if (from.usage != to.usage) {
    return Invalid(absl::StrCat(
        "Alias ", alias_arn, " cannot be changed from a CMK with key usage ",
        KeyUsageName(from.usage), " to a CMK with key usage ",
        KeyUsageName(to.usage), "."));
  }
  const auto family = [](const KeyMetadata& key) {
    return key.kind == KeyKind::kSymmetric || key.kind == KeyKind::kHmac
               ? "symmetric"
               : "asymmetric";
  };
  if (absl::string_view(family(from)) == family(to)) return std::nullopt;
  return Invalid(absl::StrCat(
      "Alias ", alias_arn, " cannot be changed from a CMK with key type ",
      family(from), " to a CMK with key type ", family(to), "."));
}

AliasEntry EntryOf(const Caller& caller, const std::string& name,
                   const KeyStore::Alias* alias) {
  AliasEntry entry;
  entry.name = name;
  entry.arn = AliasArn(caller, name);
  if (alias != nullptr) {
    entry.target_key_id = alias->target_key_id;
    entry.creation_date = alias->creation_date;
    entry.last_updated_date = alias->last_updated_date;
  }
  return entry;
}

// Returns the aliases after `last`, in the order of their names: those of
// `key`, or all if it is null. At most `count`.
std::vector<AliasEntry> AliasesAfter(KmsCall* run, const KeyRecord* key,
                                     const std::string& last, size_t count) {
  const Caller& caller = run->caller().caller;
  const KeyStore::Aliases& aliases = run->store().AliasesOf(run->scope());
  std::vector<AliasEntry> entries;
  if (key != nullptr) {
    for (auto name = key->aliases.upper_bound(last);
         name != key->aliases.end() && entries.size() < count; ++name) {
      entries.push_back(EntryOf(caller, *name, &aliases.find(*name)->second));
    }
    return entries;
  }
  const std::string glue(kGlueAlias);
  bool needs_glue = last < glue && aliases.count(glue) == 0;
  for (auto alias = aliases.upper_bound(last);
       alias != aliases.end() && entries.size() < count; ++alias) {
    if (needs_glue && glue < alias->first) {
      entries.push_back(EntryOf(caller, glue, nullptr));
      needs_glue = false;
    }
    if (entries.size() < count) {
      entries.push_back(EntryOf(caller, alias->first, &alias->second));
    }
  }
  if (needs_glue && entries.size() < count) {
    entries.push_back(EntryOf(caller, glue, nullptr));
  }
  return entries;
}

}  // namespace

std::optional<KeyRefusal> LocalKms::CreateAlias(const KeyCaller& caller,
                                                absl::string_view name,
                                                absl::string_view target_key) {
  return core_->Answer([&]() -> std::optional<KeyRefusal> {
    if (auto refusal = RefuseArguments(name, target_key, caller.caller)) {
      return refusal;
    }
    const std::string alias(name);
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (auto refusal =
            OpenTarget(&run, "CreateAlias", name, target_key, &key)) {
      return refusal;
    }
    if (auto refusal =
            RefuseIfPendingDeletion(key->metadata.state, key->metadata.arn)) {
      return refusal;
    }
    if (run.store().FindAlias(run.scope(), alias) != nullptr) {
      return Refuse(
          "AlreadyExistsException",
          absl::StrCat("An alias with the name ", AliasArn(caller.caller, name),
                       " already exists"));
    }
    if (auto refusal =
            RefuseOneMore(*key, core_->options.limits.aliases_per_key_max)) {
      return refusal;
    }
    run.store().PutAlias(alias, key, run.now());
    return std::nullopt;
  });
}

std::optional<KeyRefusal> LocalKms::UpdateAlias(const KeyCaller& caller,
                                                absl::string_view name,
                                                absl::string_view target_key) {
  return core_->Answer([&]() -> std::optional<KeyRefusal> {
    if (auto refusal = RefuseArguments(name, target_key, caller.caller)) {
      return refusal;
    }
    const std::string alias(name);
    KmsCall run(core_.get(), caller);
    KeyRecord* old = nullptr;
    if (auto refusal = FindAlias(&run, alias, &old)) return refusal;
    KeyRecord* key = nullptr;
    if (auto refusal =
            OpenTarget(&run, "UpdateAlias", name, target_key, &key)) {
      return refusal;
    }
    if (auto refusal = run.RefuseAccess("UpdateAlias", *old)) return refusal;
    if (auto refusal =
            RefuseIfPendingDeletion(key->metadata.state, key->metadata.arn)) {
      return refusal;
    }
    if (auto refusal = RefuseUnlike(AliasArn(caller.caller, name),
                                    old->metadata, key->metadata)) {
      return refusal;
    }
    if (key != old) {
      if (auto refusal =
              RefuseOneMore(*key, core_->options.limits.aliases_per_key_max)) {
        return refusal;
      }
    }
    run.store().PutAlias(alias, key, run.now());
    return std::nullopt;
  });
}

std::optional<KeyRefusal> LocalKms::DeleteAlias(const KeyCaller& caller,
                                                absl::string_view name) {
  return core_->Answer([&]() -> std::optional<KeyRefusal> {
    KmsConstraints constraints;
    constraints.Name("aliasName", name);
    if (auto refusal = constraints.Refusal()) return refusal;
    if (auto refusal = RefuseName(name)) return refusal;
    const std::string alias(name);
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (auto refusal = FindAlias(&run, alias, &key)) return refusal;
    if (auto refusal =
            run.RefuseAccessTo("DeleteAlias", AliasArn(caller.caller, name))) {
      return refusal;
    }
    if (auto refusal = run.RefuseAccess("DeleteAlias", *key)) return refusal;
    run.store().RemoveAlias(run.scope(), alias);
    return std::nullopt;
  });
}

KeyAnswerOf<ListAliasesResult> LocalKms::ListAliases(
    const KeyCaller& caller, const ListAliasesCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<ListAliasesResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (call.key.has_value()) {
      if (auto refusal = run.FindOwnKey(*call.key, &key)) {
        return *std::move(refusal);
      }
    }
    if (auto refusal = run.RefuseAccessTo("ListAliases", "*")) {
      return *std::move(refusal);
    }
    const std::string list = absl::StrCat(
        "ListAliases ", caller.caller.account_id, " ", caller.caller.region,
        " ", key == nullptr ? "" : key->metadata.arn);
    std::string last;
    if (call.marker.has_value()) {
      auto parsed = ParsePageMarker(list, *call.marker);
      if (!parsed.has_value()) {
        return RefuseWithoutText("InvalidMarkerException");
      }
      last = *std::move(parsed);
    }
    const auto count = static_cast<size_t>(call.limit.value_or(kPageSize));
    ListAliasesResult result;
    result.aliases = AliasesAfter(&run, key, last, count + 1);
    if (result.aliases.size() > count) {
      result.aliases.pop_back();
      result.next_marker = MakePageMarker(list, result.aliases.back().name);
    }
    return result;
  });
}

}  // namespace glue_security
