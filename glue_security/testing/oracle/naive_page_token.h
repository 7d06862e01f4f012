// The page tokens of the reference model, and its hash function.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_PAGE_TOKEN_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_PAGE_TOKEN_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace glue_security {

// The id and the region of a catalog.
using NaiveCatalogKey = std::pair<std::string, std::string>;

// Returns the 32 bytes of the SHA-256.
std::string NaiveSha256(const std::string& text);

// Returns the token of a page that ends with `last_name`.
std::string NaivePageToken(const NaiveCatalogKey& catalog,
                           const std::string& last_name);

// Returns the first entry of the page that `token` asks for; nullopt when it is
// no token of the catalog. `entries` is a map by name.
template <typename Entries>
std::optional<typename Entries::const_iterator> NaiveStartOfPage(
    const Entries& entries, const NaiveCatalogKey& catalog,
    const std::string& token) {
  if (token.empty()) return entries.begin();
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  if (parts.size() != 4) return std::nullopt;
  const std::string last = absl::HexStringToBytes(parts[2]);
  if (token != NaivePageToken(catalog, last)) return std::nullopt;
  return entries.upper_bound(last);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_PAGE_TOKEN_H_
