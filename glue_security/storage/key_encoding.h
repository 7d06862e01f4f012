// Names of records as single strings of bytes, for storages whose keys are
// such. The encoding is injective (S5 of storage.h) and keeps the order: names
// compare as their encodings do, bytewise (S3).
//
//   EncodeRecordKey({"1", "us"}, {RecordKind::kConnection, "a"})
//       // "1" 00 01 "us" 00 01 05 "a" 00 01
//
// A text is followed by 00 01, and a NUL in it becomes 00 FF. So a text that
// continues another one sorts after it, and nothing can be mistaken for the
// end. The encoding is part of stored formats and never changes.

#ifndef GLUE_SECURITY_STORAGE_KEY_ENCODING_H_
#define GLUE_SECURITY_STORAGE_KEY_ENCODING_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {

// A name that was decoded.
struct DecodedRecordKey {
  CatalogKey catalog;
  RecordKey key;
};

// Returns the encoding: the size of the texts, 7 bytes, and one for each NUL.
std::string EncodeRecordKey(const CatalogKey& catalog, const RecordKey& key);

// Returns what the encodings of all records of a kind in a catalog begin with,
// and no other encodings do.
std::string EncodeKindPrefix(const CatalogKey& catalog, RecordKind kind);

// Returns the first string of bytes that is greater than all strings that begin
// with `prefix`; nullopt when there is none, since it has only bytes FF.
std::optional<std::string> EndOfPrefix(absl::string_view prefix);

// Returns the name, or nullopt when `bytes` is not what `EncodeRecordKey`
// returns for any name. A kind that this version does not know is a name, too.
std::optional<DecodedRecordKey> DecodeRecordKey(absl::string_view bytes);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_KEY_ENCODING_H_
