#include "glue_security/backend/hidden_values.h"

#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/random_bits.h"
#include "glue_security/model/secret.h"

namespace glue_security {
namespace {

template <typename Connection, typename Visit>
void ForEachValueIn(Connection* connection, const Visit& visit) {
  if (!connection->has_connection_properties()) return;
  for (auto& [key, value] :
       *connection->mutable_connection_properties()->mutable_elements()) {
    visit(&value);
  }
}

template <typename Visit>
void ForEachValue(v1::Request* request, const Visit& visit) {
  if (request->has_create_connection()) {
    auto* const create = request->mutable_create_connection();
    if (create->has_connection_input()) {
      ForEachValueIn(create->mutable_connection_input(), visit);
    }
  } else if (request->has_update_connection()) {
    auto* const update = request->mutable_update_connection();
    if (update->has_connection_input()) {
      ForEachValueIn(update->mutable_connection_input(), visit);
    }
  }
}

template <typename Visit>
void ForEachValue(v1::Response* response, const Visit& visit) {
  if (response->has_get_connection()) {
    auto* const get = response->mutable_get_connection();
    if (get->has_connection()) {
      ForEachValueIn(get->mutable_connection(), visit);
    }
  } else if (response->has_get_connections()) {
    for (v1::Connection& connection :
         *response->mutable_get_connections()->mutable_connection_list()) {
      ForEachValueIn(&connection, visit);
    }
  }
}

}  // namespace

HiddenValues::HiddenValues() : salt_{RandomBits(), RandomBits()} {}

bool HiddenValues::HidesIn(const v1::Request& request) {
  return request.has_create_connection() || request.has_update_connection();
}

bool HiddenValues::HidesIn(const v1::Response& response) {
  return response.has_get_connection() || response.has_get_connections();
}

void HiddenValues::Wipe(v1::Request* request) {
  ForEachValue(request, WipeText);
}

void HiddenValues::Wipe(v1::Response* response) {
  ForEachValue(response, WipeText);
}

bool HiddenValues::HideValue(std::string* value) const {
  if (value->empty()) return false;
  const uint64_t print =
      absl::HashOf(salt_[0], absl::string_view(*value), salt_[1]);
  WipeText(value);
  *value = absl::StrCat("(hidden ", absl::Hex(print, absl::kZeroPad16), ")");
  return true;
}

bool HiddenValues::Hide(v1::Request* request) const {
  bool hid = false;
  ForEachValue(request, [&](std::string* value) { hid |= HideValue(value); });
  return hid;
}

void HiddenValues::Hide(v1::Response* response) const {
  ForEachValue(response, [this](std::string* value) { HideValue(value); });
}

}  // namespace glue_security
