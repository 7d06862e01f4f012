// JsonScratch: the memory that a parse of JSON text needs. It is reused,
// because allocating it costs as much as parsing a short text.

#ifndef GLUE_SECURITY_JSON_JSON_SCRATCH_H_
#define GLUE_SECURITY_JSON_JSON_SCRATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace glue_security {

// An array or object that is open during a walk.
struct JsonLevel {
  bool is_object;
  // The value that the sink's `Open` returned for it.
  size_t opened;
  // The number of members or elements so far.
  size_t size;
};

struct JsonScratch {
  // The depth limit of simdjson's DOM, which allows an empty array or object at
  // the limit itself. The parser has one limit for all documents.
  static constexpr size_t kDomDepthMax = 64;

  // Copies `text`, followed by the padding that simdjson may read, and makes
  // `dom_parser` and `strings` large enough for it. Throws std::bad_alloc,
  // after which it may be called again.
  void SetText(absl::string_view text);

  // Overwrites the text of the last `SetText` and the strings that were read
  // from it.
  void Wipe();

  // The parser of simdjson. Its first stage finds the tokens of a text.
  simdjson::dom::parser dom_parser;
  simdjson::dom::document dom;
  std::string padded;
  // Room for the unescaped strings of the text.
  std::unique_ptr<uint8_t[]> strings;
  size_t strings_capacity = 0;
  // The open arrays and objects. It grows with the depth of a text, so that the
  // stack does not.
  std::vector<JsonLevel> levels;
};

// A scratch for one parse, borrowed from a pool of the process.
// Thread-compatible.
class BorrowedJsonScratch {
 public:
  BorrowedJsonScratch();
  ~BorrowedJsonScratch();
  BorrowedJsonScratch(const BorrowedJsonScratch&) = delete;
  BorrowedJsonScratch& operator=(const BorrowedJsonScratch&) = delete;

  JsonScratch* get() const { return scratch_.get(); }
  JsonScratch* operator->() const { return scratch_.get(); }

 private:
  std::unique_ptr<JsonScratch> scratch_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_SCRATCH_H_
