#include "glue_security/backend/hidden_values.h"

#include <random>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/secret.h"

namespace glue_security {
namespace {

uint64_t RandomBits() {
  std::random_device random;
  return (uint64_t{random()} << 32) | random();
}

}  // namespace

HiddenValues::HiddenValues() : salt_{RandomBits(), RandomBits()} {}

template <typename Connection>
void HiddenValues::HideIn(Connection* connection) const {
  if (!connection->has_connection_properties()) return;
  for (auto& [key, value] :
       *connection->mutable_connection_properties()->mutable_elements()) {
    if (value.empty()) continue;
    const uint64_t print =
        absl::HashOf(salt_[0], absl::string_view(value), salt_[1]);
    WipeBytes(&value[0], value.size());
    value = absl::StrCat("(hidden ", absl::Hex(print, absl::kZeroPad16), ")");
  }
}

bool HiddenValues::HidesIn(const v1::Request& request) {
  return request.has_create_connection() || request.has_update_connection();
}

bool HiddenValues::HidesIn(const v1::Response& response) {
  return response.has_get_connection() || response.has_get_connections();
}

void HiddenValues::Hide(v1::Request* request) const {
  if (request->has_create_connection()) {
    HideIn(request->mutable_create_connection()->mutable_connection_input());
  } else if (request->has_update_connection()) {
    HideIn(request->mutable_update_connection()->mutable_connection_input());
  }
}

void HiddenValues::Hide(v1::Response* response) const {
  if (response->has_get_connection()) {
    HideIn(response->mutable_get_connection()->mutable_connection());
  } else if (response->has_get_connections()) {
    for (v1::Connection& connection :
         *response->mutable_get_connections()->mutable_connection_list()) {
      HideIn(&connection);
    }
  }
}

}  // namespace glue_security
