#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/keys/grant_rules.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/kms_core.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/page_marker.h"
#include "glue_security/policy/arn.h"
#include "glue_security/validation/quote.h"

// The operations on grants.

namespace glue_security {
namespace {

constexpr size_t kGrantsPerPage = 50;
constexpr size_t kGrantIdBytes = 32;

// Returns the refusal of text that is not the ARN of a principal.
std::optional<KeyRefusal> RefusePrincipal(absl::string_view arn) {
  if (ParsePrincipalArn(arn).has_value()) return std::nullopt;
  return Refuse("InvalidArnException",
                absl::StrCat("ARN does not refer to a valid principal: ", arn));
}

// Returns the operations without repetitions.
std::vector<std::string> Distinct(const std::vector<std::string>& operations) {
  std::vector<std::string> distinct;
  for (const std::string& operation : operations) {
    if (std::find(distinct.begin(), distinct.end(), operation) ==
        distinct.end()) {
      distinct.push_back(operation);
    }
  }
  return distinct;
}

bool IsSameGrant(const GrantEntry& a, const GrantEntry& b) {
  return a.name == b.name && a.grantee_principal == b.grantee_principal &&
         a.retiring_principal == b.retiring_principal &&
         a.issuing_account == b.issuing_account &&
         a.constraints == b.constraints &&
         std::is_permutation(a.operations.begin(), a.operations.end(),
                             b.operations.begin(), b.operations.end());
}

// Returns the grant that an earlier call with the same name and members made.
const KeyGrant* FindEarlier(const KeyRecord& key, const GrantEntry& entry) {
  if (!entry.name.has_value()) return nullptr;
  const auto found = std::find_if(
      key.grants.begin(), key.grants.end(), [&](const auto& numbered) {
        return IsSameGrant(numbered.second.entry, entry);
      });
  return found == key.grants.end() ? nullptr : &found->second;
}

GrantEntry EntryOf(const CreateGrantCall& call, const KeyCaller& caller,
                   const KeyRecord& key, absl::Time now) {
  const Caller& who = caller.caller;
  GrantEntry entry;
  entry.key_arn = key.metadata.arn;
  entry.name = call.name;
  entry.creation_date = now;
  entry.grantee_principal = call.grantee_principal;
  entry.retiring_principal = call.retiring_principal;
  entry.issuing_account = RootArn({who.region, who.account_id, who.partition});
  entry.operations = Distinct(call.operations);
  entry.constraints = call.constraints;
  return entry;
}

std::optional<KeyRefusal> RefuseGrantId(absl::string_view grant_id) {
  if (grant_id.size() == 2 * kGrantIdBytes &&
      std::all_of(grant_id.begin(), grant_id.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      })) {
    return std::nullopt;
  }
  return Refuse("InvalidGrantIdException",
                "a grant id consists of 64 hexadecimal digits");
}

// Condition keys of operations on grants that a service may make for somebody.
ContextKeys ServiceKey(const KeyCaller& caller) {
  ContextKeys keys;
  keys["kms:GrantIsForAWSResource"] = {caller.via_service.empty() ? "false"
                                                                  : "true"};
  return keys;
}

bool Matches(const GrantEntry& entry, const ListGrantsCall& call) {
  return (!call.grant_id.has_value() || *call.grant_id == entry.grant_id) &&
         (!call.grantee_principal.has_value() ||
          *call.grantee_principal == entry.grantee_principal);
}

// Returns the page of the key's grants after the one with the number `last`.
ListGrantsResult PageAfter(const KeyRecord& key, uint64_t last,
                           const ListGrantsCall& call, absl::string_view list) {
  const auto count = static_cast<size_t>(call.limit.value_or(kGrantsPerPage));
  ListGrantsResult result;
  for (auto grant = key.grants.upper_bound(last); grant != key.grants.end();
       ++grant) {
    if (!Matches(grant->second.entry, call)) continue;
    if (result.grants.size() == count) {
      result.next_marker = MakePageMarker(list, absl::StrCat(last));
      break;
    }
    result.grants.push_back(grant->second.entry);
    last = grant->first;
  }
  return result;
}

}  // namespace

KeyAnswerOf<CreateGrantResult> LocalKms::CreateGrant(
    const KeyCaller& caller, const CreateGrantCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<CreateGrantResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KeyRequest request;
    request.operation = "CreateGrant";
    request.key = call.key;
    request.reaches_other_accounts = true;
    request.grant_tokens = &call.grant_tokens;
    request.new_grant = &call;
    request.more = ServiceKey(caller);
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return *std::move(refusal);
    const KeyMetadata& metadata = key->metadata;
    if (auto refusal = RefuseUnlessEnabled(metadata.state, metadata.arn)) {
      return *std::move(refusal);
    }
    if (auto refusal = RefusePrincipal(call.grantee_principal)) {
      return *std::move(refusal);
    }
    if (call.retiring_principal.has_value()) {
      if (auto refusal = RefusePrincipal(*call.retiring_principal)) {
        return *std::move(refusal);
      }
    }
    if (auto refusal = RefuseGrant(call, *FindKeySpec(metadata.key_spec),
                                   metadata.usage)) {
      return *std::move(refusal);
    }
    KeyGrant grant;
    grant.entry = EntryOf(call, caller, *key, run.now());
    const std::string nonce = core_->RandomBytes(kAesGcmNonceBytes);
    if (const KeyGrant* const earlier = FindEarlier(*key, grant.entry)) {
      const std::string& id = earlier->entry.grant_id;
      return CreateGrantResult{
          id, core_->grant_tokens.Make({metadata.arn, id}, nonce)};
    }
    if (metadata.manager == KeyManager::kCustomer &&
        key->grants.size() >= core_->options.limits.grants_per_key_max) {
      return Refuse("LimitExceededException",
                    "the key has as many grants as it may have");
    }
    grant.entry.grant_id =
        absl::BytesToHexString(core_->RandomBytes(kGrantIdBytes));
    grant.grantee.Add("AWS", call.grantee_principal);
    CreateGrantResult result{
        grant.entry.grant_id,
        core_->grant_tokens.Make({metadata.arn, grant.entry.grant_id}, nonce)};
    key->grants.emplace(key->next_grant_number, std::move(grant));
    ++key->next_grant_number;
    return result;
  });
}

std::optional<KeyRefusal> LocalKms::RevokeGrant(const KeyCaller& caller,
                                                absl::string_view key,
                                                absl::string_view grant_id) {
  return core_->Answer([&]() -> std::optional<KeyRefusal> {
    KmsConstraints constraints;
    AddRevokeGrantConstraints(key, grant_id, &constraints);
    if (auto refusal = constraints.Refusal()) return refusal;
    KeyRequest request;
    request.operation = "RevokeGrant";
    request.key = key;
    request.reaches_other_accounts = true;
    request.more = ServiceKey(caller);
    KmsCall run(core_.get(), caller);
    KeyRecord* record = nullptr;
    if (auto refusal = run.Open(request, &record)) return refusal;
    if (auto refusal = RefuseGrantId(grant_id)) return refusal;
    const auto found =
        std::find_if(record->grants.begin(), record->grants.end(),
                     [&](const auto& numbered) {
                       return numbered.second.entry.grant_id == grant_id;
                     });
    if (found == record->grants.end()) {
      return Refuse("NotFoundException",
                    absl::StrCat("Grant ID ", grant_id, " not found"));
    }
    record->grants.erase(found);
    return std::nullopt;
  });
}

KeyAnswerOf<ListGrantsResult> LocalKms::ListGrants(const KeyCaller& caller,
                                                   const ListGrantsCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<ListGrantsResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KeyRequest request;
    request.operation = "ListGrants";
    request.key = call.key;
    request.reaches_other_accounts = true;
    request.more = ServiceKey(caller);
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return *std::move(refusal);
    if (call.grant_id.has_value()) {
      if (auto refusal = RefuseGrantId(*call.grant_id)) {
        return *std::move(refusal);
      }
    }
    const std::string list = absl::StrCat("ListGrants ", key->metadata.arn);
    uint64_t last = 0;
    if (call.marker.has_value()) {
      const auto parsed = ParsePageMarker(list, *call.marker);
      if (!parsed.has_value() || !absl::SimpleAtoi(*parsed, &last)) {
        return RefuseWithoutText("InvalidMarkerException");
      }
    }
    return PageAfter(*key, last, call, list);
  });
}

}  // namespace glue_security
