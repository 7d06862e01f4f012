// The export of a storage: all of its records as lines of text, for backups and
// for copies from one storage to another.
//
//   {"glue_security_export":1}
//   {"catalog_id":"123456789012","id":"","kind":1,"region":"us-east-1","value":"CgQ..."}
//   {"records":1,"sha256":"8d969eef..."}
//
// Each line is a JSON object. Values are in base64. A name that is not UTF-8 is
// in base64, too, under "catalog_id_base64", "region_base64" or "id_base64".
// Kinds are the numbers of `RecordKind`. Revisions belong to one storage and
// are not exported. The last line has the SHA-256 of all bytes before it, so
// that an export that was cut off or changed is refused:
//
//   ExportReader reader(&file);
//   while (const NamedRecord* record = reader.Next()) { ... }
//   reader.status();  // DataLoss: line 2: the export ends early

#ifndef GLUE_SECURITY_STORAGE_TOOL_STORAGE_EXPORT_H_
#define GLUE_SECURITY_STORAGE_TOOL_STORAGE_EXPORT_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

// SHA-256 of a text that comes in pieces.
class RunningSha256 {
 public:
  RunningSha256();
  ~RunningSha256();
  void Add(absl::string_view text);
  // Returns the digest of all that was added, in hexadecimal. Called once.
  std::string Hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes an export. The caller looks for errors of the stream.
class ExportWriter {
 public:
  // Writes the first line. REQUIRES: `out` outlives this object.
  explicit ExportWriter(std::ostream* out);
  void Add(const NamedRecord& record);
  // Writes the last line.
  void End();
  uint64_t records() const { return records_; }

 private:
  void WriteLine(std::string line);

  std::ostream* const out_;
  RunningSha256 digest_;
  uint64_t records_ = 0;
};

// Reads an export.
class ExportReader {
 public:
  // The longest line, in bytes: the largest record of any storage, in base64.
  static constexpr size_t kLineBytesMax = size_t{1} << 31;

  // REQUIRES: `in` outlives this object.
  explicit ExportReader(std::istream* in);

  // Returns the next record, which stays valid until the next call; null at the
  // end, and at an error, which `status` then has.
  const NamedRecord* Next();

  // OK, or why the export cannot be used, with the number of the line:
  // kInvalidArgument, it is not an export or of a newer format; kDataLoss, it
  // is cut off or was changed.
  const absl::Status& status() const { return status_; }

 private:
  const NamedRecord* Fail(absl::StatusCode code, absl::string_view why);
  // Reads a line without its end. Returns false when there is none.
  bool ReadLine(std::string* line);

  std::istream* const in_;
  RunningSha256 digest_;
  uint64_t lines_ = 0;
  uint64_t records_ = 0;
  bool ended_ = false;
  NamedRecord record_;
  absl::Status status_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_TOOL_STORAGE_EXPORT_H_
