// What a parse of JSON text needs besides the text: memory that is used again,
// since to get it anew costs as much as to parse a short text.

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

// An array or object that a walk is inside of.
struct JsonLevel {
  bool is_object;
  // What the sink returned for it.
  size_t opened;
  // How many members or elements it has so far.
  size_t size;
};

struct JsonScratch {
  // The bound of simdjson's DOM, which lets an empty array or object stand at
  // the bound itself. Its parser has one for all documents.
  static constexpr size_t kDomDepthMax = 64;

  // Keeps a copy of `text` with the bytes behind it that simdjson may read, and
  // makes `dom_parser` and `strings` large enough for it. Throws
  // std::bad_alloc, after which it may be called again.
  void SetText(absl::string_view text);

  // simdjson's parser: its first stage finds the tokens of a text.
  simdjson::dom::parser dom_parser;
  simdjson::dom::document dom;
  std::string padded;
  // Room for the unescaped strings of the text.
  std::unique_ptr<uint8_t[]> strings;
  size_t strings_capacity = 0;
  // Grows with the depth of a text, so that the stack does not.
  std::vector<JsonLevel> levels;
};

// A scratch for one parse, from a pool of the process. Thread-compatible.
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
