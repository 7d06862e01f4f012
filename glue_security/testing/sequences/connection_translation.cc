#include "glue_security/testing/sequences/connection_translation.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/oracle/naive_passwords.h"

namespace glue_security {
namespace {

// The CatalogId of a request about connections, or the caller's.
std::string CatalogIdIn(const Caller& caller, const v1::Request& request) {
  const auto id = [&caller](const auto& of) {
    return of.has_catalog_id() ? of.catalog_id() : caller.account_id;
  };
  if (request.has_create_connection()) return id(request.create_connection());
  if (request.has_get_connection()) return id(request.get_connection());
  if (request.has_get_connections()) return id(request.get_connections());
  return id(request.update_connection());
}

}  // namespace

v1::ConnectionInput* ConnectionInputIn(v1::Request* request) {
  v1::ConnectionInput* input = nullptr;
  if (request->create_connection().has_connection_input()) {
    input = request->mutable_create_connection()->mutable_connection_input();
  } else if (request->update_connection().has_connection_input()) {
    input = request->mutable_update_connection()->mutable_connection_input();
  }
  return input != nullptr && input->has_connection_properties() ? input
                                                                : nullptr;
}

void ConnectionTranslation::ToBackend(v1::Request* request) const {
  v1::ConnectionInput* input = ConnectionInputIn(request);
  if (input == nullptr) return;
  for (auto& [key, value] :
       *input->mutable_connection_properties()->mutable_elements()) {
    if (const auto sent = CiphertextFor(value)) value = *sent;
  }
}

std::optional<std::string> ConnectionTranslation::CiphertextFor(
    const std::string& model) const {
  const auto found = ciphertexts_.find(model);
  if (found == ciphertexts_.end()) return std::nullopt;
  return found->second;
}

void ConnectionTranslation::Learn(const Caller& caller,
                                  const v1::Request& request,
                                  const v1::Response& model,
                                  v1::Response* backend) {
  reason_.clear();
  const std::string catalog = CatalogIdIn(caller, request);
  const auto name_of = [&](const std::string& name) {
    return Name(catalog, caller.region, name);
  };
  const Name written =
      name_of(model.has_create_connection()
                  ? request.create_connection().connection_input().name()
                  : request.update_connection().name());
  if (model.has_create_connection()) {
    connections_[written] = Connection();
    connections_[written].fresh = true;
  } else if (model.has_update_connection()) {
    connections_[written].fresh = false;
    connections_[written].updated.reset();
  } else if (backend == nullptr) {
    return;
  } else if (model.has_get_connection()) {
    const v1::Connection& stored = model.get_connection().connection();
    LearnConnection(name_of(stored.name()), stored,
                    backend->mutable_get_connection()->mutable_connection());
  } else {
    const auto& stored = model.get_connections().connection_list();
    auto* shown = backend->mutable_get_connections()->mutable_connection_list();
    for (int i = 0; i < std::min(stored.size(), shown->size()); ++i) {
      LearnConnection(name_of(stored[i].name()), stored[i], &(*shown)[i]);
    }
  }
}

void ConnectionTranslation::LearnConnection(const Name& name,
                                            const v1::Connection& model,
                                            v1::Connection* backend) {
  if (backend->name() != model.name()) return;
  if (rules_.shows_times && !rules_.honours_clock) {
    LearnTimes(model, &connections_[name], backend);
  }
  if (!backend->has_connection_properties()) return;
  auto& shown = *backend->mutable_connection_properties()->mutable_elements();
  // In the order of the keys, so that the reason is the same each time.
  const std::map<std::string, std::string> expected(
      model.connection_properties().elements().begin(),
      model.connection_properties().elements().end());
  for (const auto& [key, text] : expected) {
    const auto found = shown.find(key);
    if (found == shown.end() || !IsModelCiphertext(text)) continue;
    if (Accepts(text, found->second)) {
      ciphertexts_[text] = found->second;
      found->second = text;
    } else if (found->second == text) {
      // The difference must be visible.
      found->second = absl::StrCat("(", text, ")");
    }
  }
}

// Returns true when the backend may show this text for an encrypted password of
// the model.
bool ConnectionTranslation::Accepts(const std::string& model,
                                    const std::string& backend) {
  const auto known = ciphertexts_.find(model);
  if (known != ciphertexts_.end()) {
    if (known->second == backend) return true;
    reason_ = absl::StrCat("it was not written again since it was \"",
                           absl::CHexEscape(known->second), "\"");
    return false;
  }
  std::string bytes;
  if (backend.size() % 4 != 0 || !absl::Base64Unescape(backend, &bytes) ||
      bytes.empty() || absl::Base64Escape(bytes) != backend) {
    reason_ = "an encrypted password is base64, and not empty";
    return false;
  }
  for (const auto& [other, text] : ciphertexts_) {
    if (text == backend &&
        WriteOfModelCiphertext(other) != WriteOfModelCiphertext(model)) {
      reason_ = "an earlier write gave it, too";
      return false;
    }
  }
  return true;
}

void ConnectionTranslation::LearnTimes(const v1::Connection& model,
                                       Connection* known,
                                       v1::Connection* backend) {
  if (!backend->has_creation_time() || !backend->has_last_updated_time()) {
    if (backend->has_creation_time()) {
      *backend->mutable_creation_time() = model.creation_time();
    }
    if (backend->has_last_updated_time()) {
      *backend->mutable_last_updated_time() = model.last_updated_time();
    }
    return;
  }
  const absl::Time created = TimeOf(backend->creation_time());
  const absl::Time updated = TimeOf(backend->last_updated_time());
  if (BindTime(created, absl::InfinitePast(), &known->created, &reason_)) {
    *backend->mutable_creation_time() = model.creation_time();
  }
  if (known->fresh && created != updated) {
    reason_ = "CreationTime and LastUpdatedTime of a new connection differ";
    return;
  }
  if (BindTime(updated, std::max(known->updated_least, created),
               &known->updated, &reason_)) {
    known->updated_least = updated;
    *backend->mutable_last_updated_time() = model.last_updated_time();
  }
}

}  // namespace glue_security
