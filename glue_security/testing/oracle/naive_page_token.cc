#include "glue_security/testing/oracle/naive_page_token.h"

#include <openssl/sha.h>

#include "absl/strings/str_cat.h"

namespace glue_security {

std::string NaiveSha256(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return std::string(reinterpret_cast<char*>(digest), sizeof(digest));
}

std::string NaivePageToken(const NaiveCatalogKey& catalog,
                           const std::string& last_name) {
  const std::string token =
      absl::StrCat(absl::BytesToHexString(catalog.first), ".",
                   absl::BytesToHexString(catalog.second), ".",
                   absl::BytesToHexString(last_name), ".");
  return token + absl::BytesToHexString(NaiveSha256(token).substr(0, 8));
}

}  // namespace glue_security
