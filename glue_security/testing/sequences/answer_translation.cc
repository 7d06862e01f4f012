#include "glue_security/testing/sequences/answer_translation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;

using Hashes = AnswerRules::Hashes;

constexpr size_t kHashBytesMax = 255;

// The ends of the names of changed hashes.
constexpr char kEndOtherCase[] = " IN OTHER CASE";
constexpr char kEndShortened[] = " SHORTENED";

// The bounds of a PolicyHash, but for rare characters that the pattern refuses.
bool IsLegalHash(absl::string_view hash) {
  return !hash.empty() && hash.size() <= kHashBytesMax &&
         std::none_of(hash.begin(), hash.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c)) &&
                  c != '\t' && c != '\x7F';
         });
}

// Changes the case of the first letter. Returns "" when there is no letter.
std::string InOtherCase(std::string hash) {
  const auto letter = std::find_if(hash.begin(), hash.end(), [](char c) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c));
  });
  if (letter == hash.end()) return "";
  *letter = static_cast<char>(*letter ^ 0x20);
  return hash;
}

// Drops the last character, of one byte or more.
std::string Shortened(std::string hash) {
  while (hash.size() > 1 && (hash.back() & '\xC0') == '\x80') hash.pop_back();
  hash.pop_back();
  return hash;
}

enum class Change { kNone, kOtherCase, kShortened };

// Finds out how the generator has made `text` of the known hash `hash`. A hash
// that is a name in a replay has a name for its changes, too.
Change ChangeOf(const std::string& text, const std::string& hash) {
  absl::string_view end = text;
  if (absl::ConsumePrefix(&end, hash)) {
    if (end == kEndOtherCase) return Change::kOtherCase;
    if (end == kEndShortened) return Change::kShortened;
  }
  if (text.size() == hash.size() && (text[0] ^ hash[0]) == 0x20 &&
      text.compare(1, text.npos, hash, 1, hash.npos) == 0) {
    return Change::kOtherCase;
  }
  if (text.size() + 1 == hash.size() && absl::StartsWith(hash, text)) {
    return Change::kShortened;
  }
  return Change::kNone;
}

// The hash condition of a request; null: none.
const std::string* ConditionIn(const v1::Request& request) {
  if (request.put_resource_policy().has_policy_hash_condition()) {
    return &request.put_resource_policy().policy_hash_condition();
  }
  if (request.delete_resource_policy().has_policy_hash_condition()) {
    return &request.delete_resource_policy().policy_hash_condition();
  }
  return nullptr;
}

void SetCondition(std::string condition, v1::Request* request) {
  if (request->has_put_resource_policy()) {
    request->mutable_put_resource_policy()->set_policy_hash_condition(
        std::move(condition));
  } else {
    request->mutable_delete_resource_policy()->set_policy_hash_condition(
        std::move(condition));
  }
}

// Gives `message` the times of `other`, a message of the same type, in every
// structure that both have.
void CopyTimes(const Message& other, Message* message) {
  const auto* reflection = message->GetReflection();
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      const int size = std::min(reflection->FieldSize(*message, field),
                                reflection->FieldSize(other, field));
      for (int k = 0; k < size; ++k) {
        CopyTimes(reflection->GetRepeatedMessage(other, field, k),
                  reflection->MutableRepeatedMessage(message, field, k));
      }
    } else if (field->message_type() == Timestamp::descriptor()) {
      reflection->ClearField(message, field);
      if (reflection->HasField(other, field)) {
        reflection->MutableMessage(message, field)
            ->CopyFrom(reflection->GetMessage(other, field));
      }
    } else if (reflection->HasField(*message, field) &&
               reflection->HasField(other, field)) {
      CopyTimes(reflection->GetMessage(other, field),
                reflection->MutableMessage(message, field));
    }
  }
}

}  // namespace

std::string HashOfCall(size_t number) {
  return absl::StrCat("HASH OF CALL ", number);
}

AnswerTranslation::Catalog& AnswerTranslation::CatalogOf(const Caller& caller) {
  for (Catalog& catalog : catalogs_) {
    if (catalog.account_id == caller.account_id &&
        catalog.region == caller.region) {
      return catalog;
    }
  }
  Catalog& catalog = catalogs_.emplace_back();
  catalog.account_id = caller.account_id;
  catalog.region = caller.region;
  return catalog;
}

const AnswerTranslation::Catalog* AnswerTranslation::FindCatalog(
    const Caller& caller) const {
  for (const Catalog& catalog : catalogs_) {
    if (catalog.account_id == caller.account_id &&
        catalog.region == caller.region) {
      return &catalog;
    }
  }
  return nullptr;
}

const AnswerTranslation::Hash* AnswerTranslation::FindHash(
    const Catalog* catalog, const std::string& model) const {
  const auto find = [&model](const Catalog& in) -> const Hash* {
    for (const Hash& hash : in.hashes) {
      if (hash.model == model) return &hash;
    }
    return nullptr;
  };
  if (catalog != nullptr) {
    if (const Hash* hash = find(*catalog)) return hash;
  }
  for (const Catalog& other : catalogs_) {
    if (const Hash* hash = find(other)) return hash;
  }
  return nullptr;
}

// --- Requests ----------------------------------------------------------------

// Returns what becomes of a changed hash, or of its name; `model` when it is
// none.
std::string AnswerTranslation::Changed(const std::string& model,
                                       bool named) const {
  for (const Catalog& catalog : catalogs_) {
    for (const Hash& hash : catalog.hashes) {
      const Change change = ChangeOf(model, hash.model);
      if (change == Change::kNone) continue;
      const bool cased = change == Change::kOtherCase;
      if (named) {
        return absl::StrCat(HashOfCall(hash.call),
                            cased ? kEndOtherCase : kEndShortened);
      }
      if (hash.backend == hash.model) return model;
      std::string changed =
          cased ? InOtherCase(hash.backend) : Shortened(hash.backend);
      return changed.empty() ? model : changed;
    }
  }
  return model;
}

std::string AnswerTranslation::Condition(const Catalog* catalog,
                                         const std::string& model) const {
  const Hash* hash = FindHash(catalog, model);
  std::string sent =
      hash != nullptr ? hash->backend : Changed(model, /*named=*/false);
  if (catalog == nullptr || !catalog->exists) return sent;
  if (model == catalog->model_hash) return catalog->backend_hash;
  if (sent != catalog->backend_hash) return sent;
  // It must not hold.
  sent = model;
  if (sent != catalog->backend_hash) return sent;
  if (sent.size() == kHashBytesMax) sent.pop_back();
  return sent + "x";
}

void AnswerTranslation::ToBackend(const Caller& caller,
                                  v1::Request* request) const {
  connections_.ToBackend(request);
  if (rules_.hashes == Hashes::kExact) return;
  const std::string* condition = ConditionIn(*request);
  if (condition == nullptr || condition->empty()) return;
  std::string sent = Condition(FindCatalog(caller), *condition);
  if (sent != *condition) SetCondition(std::move(sent), request);
}

void AnswerTranslation::ToNames(const Caller& caller,
                                v1::Request* request) const {
  if (rules_.hashes == Hashes::kExact) return;
  const std::string* condition = ConditionIn(*request);
  if (condition == nullptr || condition->empty()) return;
  const Hash* hash = FindHash(FindCatalog(caller), *condition);
  std::string name = hash != nullptr ? HashOfCall(hash->call)
                                     : Changed(*condition, /*named=*/true);
  SetCondition(std::move(name), request);
}

void AnswerTranslation::ToNames(const Caller& caller,
                                v1::Response* answer) const {
  if (rules_.hashes == Hashes::kExact) return;
  const Catalog* catalog = FindCatalog(caller);
  const auto name = [&](auto* shown) {
    const Hash* hash = FindHash(catalog, shown->policy_hash());
    if (hash != nullptr) shown->set_policy_hash(HashOfCall(hash->call));
  };
  if (answer->has_put_resource_policy()) {
    name(answer->mutable_put_resource_policy());
  } else if (answer->has_get_resource_policy()) {
    name(answer->mutable_get_resource_policy());
  } else if (answer->has_get_resource_policies()) {
    for (v1::GluePolicy& policy :
         *answer->mutable_get_resource_policies()->mutable_policies()) {
      name(&policy);
    }
  }
}

// --- Answers -----------------------------------------------------------------

void AnswerTranslation::Learn(size_t number, const Caller& caller,
                              const v1::Request& request,
                              const v1::Response& model,
                              v1::Response* backend) {
  reason_.clear();
  if (model.has_error()) {
    if (!rules_.shows_violations && backend->has_error() &&
        backend->error().code() == model.error().code()) {
      *backend->mutable_error()->mutable_violations() =
          model.error().violations();
      backend->mutable_error()->set_detail(model.error().detail());
    }
    return;
  }
  if (!rules_.shows_times) CopyTimes(model, backend);
  const bool same = model.outcome_case() == backend->outcome_case();
  switch (model.outcome_case()) {
    case v1::Response::kPutResourcePolicy:
      LearnPut(number, model.put_resource_policy(), &CatalogOf(caller),
               same ? backend->mutable_put_resource_policy() : nullptr);
      break;
    case v1::Response::kDeleteResourcePolicy:
      CatalogOf(caller).exists = false;
      break;
    case v1::Response::kGetResourcePolicy:
      if (!same) break;
      LearnPolicy(model.get_resource_policy(), &CatalogOf(caller),
                  backend->mutable_get_resource_policy());
      break;
    case v1::Response::kGetResourcePolicies: {
      if (!same) break;
      const auto& policies = model.get_resource_policies().policies();
      auto* shown =
          backend->mutable_get_resource_policies()->mutable_policies();
      for (int i = 0; i < std::min(policies.size(), shown->size()); ++i) {
        LearnPolicy(policies[i], &CatalogOf(caller), &(*shown)[i]);
      }
      break;
    }
    case v1::Response::kDeleteSecurityConfiguration:
      CatalogOf(caller).configurations.erase(
          request.delete_security_configuration().name());
      break;
    case v1::Response::kCreateSecurityConfiguration:
    case v1::Response::kGetSecurityConfiguration:
    case v1::Response::kGetSecurityConfigurations:
      if (same && rules_.shows_times && !rules_.honours_clock) {
        LearnConfigurations(model, &CatalogOf(caller), backend);
      }
      break;
    case v1::Response::kCreateConnection:
    case v1::Response::kGetConnection:
    case v1::Response::kGetConnections:
    case v1::Response::kUpdateConnection:
      connections_.Learn(caller, request, model, same ? backend : nullptr);
      reason_ = connections_.reason();
      break;
    case v1::Response::kGetDataCatalogEncryptionSettings:
    case v1::Response::kDeleteConnection:
    case v1::Response::kBatchDeleteConnection:
    case v1::Response::kPutDataCatalogEncryptionSettings:
    case v1::Response::kError:
    case v1::Response::OUTCOME_NOT_SET:
      break;
  }
}

// Returns true when the backend may give this hash to a text whose hash in the
// model is `model`.
bool AnswerTranslation::AcceptsHash(const Catalog& catalog,
                                    const std::string& model,
                                    const std::string& backend) {
  if (!IsLegalHash(backend)) {
    reason_ = "a PolicyHash has 1 to 255 bytes and no control characters";
    return false;
  }
  for (const Hash& hash : catalog.hashes) {
    if (hash.model == model) {
      if (rules_.hashes == Hashes::kOpaque && hash.backend != backend) {
        reason_ = absl::StrCat("call ", hash.call, " gave the same text \"",
                               absl::CHexEscape(hash.backend), "\"");
        return false;
      }
    } else if (hash.backend == backend) {
      reason_ =
          absl::StrCat("call ", hash.call, " gave it to a different text");
      return false;
    }
  }
  return true;
}

void AnswerTranslation::LearnPut(size_t number,
                                 const v1::PutResourcePolicyResponse& model,
                                 Catalog* catalog,
                                 v1::PutResourcePolicyResponse* backend) {
  catalog->fresh = !catalog->exists;
  if (!catalog->exists) {
    catalog->created.reset();
    catalog->created_least = catalog->updated_least;
  }
  catalog->updated.reset();
  catalog->exists = true;
  if (rules_.hashes == Hashes::kExact) return;
  const std::string& hash = model.policy_hash();
  const std::string shown = backend == nullptr ? "" : backend->policy_hash();
  const bool accepted =
      backend != nullptr && AcceptsHash(*catalog, hash, shown);
  catalog->model_hash = hash;
  catalog->backend_hash = shown;
  auto known =
      std::find_if(catalog->hashes.begin(), catalog->hashes.end(),
                   [&hash](const Hash& pair) { return pair.model == hash; });
  if (known == catalog->hashes.end()) {
    known = catalog->hashes.insert(known, {hash, shown, number});
  } else {
    known->backend = shown;
  }
  if (accepted) {
    backend->set_policy_hash(hash);
  } else if (shown == hash) {
    // The difference must be visible.
    backend->set_policy_hash(absl::StrCat("(", shown, ")"));
  }
}

template <typename Policy>
void AnswerTranslation::LearnPolicy(const Policy& model, Catalog* catalog,
                                    Policy* backend) {
  if (!rules_.honours_clock && rules_.shows_times) {
    LearnPolicyTimes(model, catalog, backend);
  }
  if (rules_.hashes == Hashes::kExact || !backend->has_policy_hash()) return;
  const std::string shown = backend->policy_hash();
  if (shown == catalog->backend_hash) {
    backend->set_policy_hash(model.policy_hash());
    return;
  }
  for (const Hash& hash : catalog->hashes) {
    if (hash.backend != shown) continue;
    backend->set_policy_hash(hash.model);
    break;
  }
  if (backend->policy_hash() == model.policy_hash()) {
    // It is an earlier hash of the text, or the model's own.
    backend->set_policy_hash(absl::StrCat("(", shown, ")"));
    reason_ = absl::StrCat("the last Put gave \"",
                           absl::CHexEscape(catalog->backend_hash), "\"");
  }
}

template <typename Policy>
void AnswerTranslation::LearnPolicyTimes(const Policy& model, Catalog* catalog,
                                         Policy* backend) {
  if (!backend->has_create_time() || !backend->has_update_time()) {
    if (backend->has_create_time()) {
      *backend->mutable_create_time() = model.create_time();
    }
    if (backend->has_update_time()) {
      *backend->mutable_update_time() = model.update_time();
    }
    return;
  }
  const absl::Time created = TimeOf(backend->create_time());
  const absl::Time updated = TimeOf(backend->update_time());
  if (BindTime(created, catalog->created_least, &catalog->created, &reason_)) {
    *backend->mutable_create_time() = model.create_time();
  }
  if (catalog->fresh && created != updated) {
    reason_ = "CreateTime and UpdateTime of a new policy are not equal";
    return;
  }
  if (BindTime(updated, std::max(catalog->updated_least, created),
               &catalog->updated, &reason_)) {
    catalog->updated_least = updated;
    *backend->mutable_update_time() = model.update_time();
  }
}

void AnswerTranslation::LearnCreated(const std::string& name,
                                     const Timestamp& model, Catalog* catalog,
                                     Timestamp* backend) {
  if (BindTime(TimeOf(*backend), absl::InfinitePast(),
               &catalog->configurations[name], &reason_)) {
    *backend = model;
  }
}

void AnswerTranslation::LearnConfigurations(const v1::Response& model,
                                            Catalog* catalog,
                                            v1::Response* backend) {
  if (model.has_create_security_configuration()) {
    const auto& created = model.create_security_configuration();
    auto* shown = backend->mutable_create_security_configuration();
    catalog->configurations[created.name()].reset();
    if (!shown->has_created_timestamp()) return;
    LearnCreated(created.name(), created.created_timestamp(), catalog,
                 shown->mutable_created_timestamp());
  } else if (model.has_get_security_configuration()) {
    LearnConfiguration(
        model.get_security_configuration().security_configuration(), catalog,
        backend->mutable_get_security_configuration()
            ->mutable_security_configuration());
  } else {
    const auto& stored =
        model.get_security_configurations().security_configurations();
    auto* shown = backend->mutable_get_security_configurations()
                      ->mutable_security_configurations();
    for (int i = 0; i < std::min(stored.size(), shown->size()); ++i) {
      LearnConfiguration(stored[i], catalog, &(*shown)[i]);
    }
  }
}

void AnswerTranslation::LearnConfiguration(
    const v1::SecurityConfiguration& model, Catalog* catalog,
    v1::SecurityConfiguration* backend) {
  if (backend->name() != model.name() || !backend->has_created_time_stamp()) {
    return;
  }
  LearnCreated(model.name(), model.created_time_stamp(), catalog,
               backend->mutable_created_time_stamp());
}

}  // namespace glue_security
