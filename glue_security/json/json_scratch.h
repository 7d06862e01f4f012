// What a parse of JSON text needs besides the text: memory that is used again,
// since to get it anew costs as much as to parse a short text.

#ifndef GLUE_SECURITY_JSON_JSON_SCRATCH_H_
#define GLUE_SECURITY_JSON_JSON_SCRATCH_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace glue_security {

struct JsonScratch {
  // Keeps a copy of `text` with the bytes behind it that simdjson may read.
  void SetText(absl::string_view text);

  simdjson::ondemand::parser parser;
  simdjson::dom::parser dom_parser;
  simdjson::dom::document dom;
  std::string padded;
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
