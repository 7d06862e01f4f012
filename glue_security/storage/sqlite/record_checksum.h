// The checksums of stored records, of sets of records, and of the facts about a
// database. A checksum is 64 bits of SHA-256, so that no damage is likely to
// be missed; it is no protection against somebody who changes the file.
//
//   RecordChecksum({"1", "us"}, RecordKind::kConnection, "a", 7, "value")
//
// The checksum of a set is the sum of its records' checksums, modulo 2^64. It
// is kept up to date without reading the set, and the order does not matter.
//
// The checksums are part of the stored format and never change.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_RECORD_CHECKSUM_H_
#define GLUE_SECURITY_STORAGE_SQLITE_RECORD_CHECKSUM_H_

#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {
namespace sqlite_internal {

// Returns the first 8 bytes, little-endian, of the SHA-256 of: the sizes of
// the catalog id, the region, the id and the value, the revision and the kind,
// each as 8 bytes little-endian; then the four texts.
uint64_t RecordChecksum(const CatalogKey& catalog, RecordKind kind,
                        absl::string_view id, Revision revision,
                        absl::string_view value);

// Does so for the size of one text, the numbers, and the text.
uint64_t FactsChecksum(absl::string_view store_id,
                       std::initializer_list<uint64_t> numbers);

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_RECORD_CHECKSUM_H_
