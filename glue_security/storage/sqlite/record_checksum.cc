// SHA256_Init and the like are deprecated since OpenSSL 3.0 in favour of EVP,
// which allocates a context for each text.
#define OPENSSL_API_COMPAT 0x10100000L

#include "glue_security/storage/sqlite/record_checksum.h"

#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>

namespace glue_security {
namespace sqlite_internal {
namespace {

// Returns the checksum of the size, the numbers and then the texts.
uint64_t Checksum(uint64_t size, std::initializer_list<uint64_t> numbers,
                  std::initializer_list<absl::string_view> texts) {
  SHA256_CTX context;
  std::array<uint8_t, 32> digest;
  bool good = SHA256_Init(&context) == 1;
  const auto add = [&](uint64_t number) {
    std::array<uint8_t, 8> bytes;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<uint8_t>(number >> (8 * i));
    }
    good = good && SHA256_Update(&context, bytes.data(), bytes.size()) == 1;
  };
  add(size);
  for (const uint64_t number : numbers) add(number);
  for (const absl::string_view text : texts) {
    good = good && SHA256_Update(&context, text.data(), text.size()) == 1;
  }
  good = good && SHA256_Final(digest.data(), &context) == 1;
  // These calls fail only when libcrypto is broken, and then there is no right
  // answer.
  if (!good) std::abort();
  uint64_t sum = 0;
  for (size_t i = 0; i < 8; ++i) sum |= uint64_t{digest[i]} << (8 * i);
  return sum;
}

}  // namespace

uint64_t RecordChecksum(const CatalogKey& catalog, RecordKind kind,
                        absl::string_view id, Revision revision,
                        absl::string_view value) {
  return Checksum(catalog.catalog_id.size(),
                  {catalog.region.size(), id.size(), value.size(), revision,
                   static_cast<uint64_t>(kind)},
                  {catalog.catalog_id, catalog.region, id, value});
}

uint64_t FactsChecksum(absl::string_view store_id,
                       std::initializer_list<uint64_t> numbers) {
  return Checksum(store_id.size(), numbers, {store_id});
}

}  // namespace sqlite_internal
}  // namespace glue_security
