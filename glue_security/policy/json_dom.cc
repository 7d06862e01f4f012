#include "glue_security/policy/json_dom.h"

#include <algorithm>

namespace glue_security {
namespace {

// simdjson gives each parser one bound of depth. It lets an empty array or
// object stand at the bound itself.
constexpr size_t kDepthMax = 64;

// The DOM needs fourteen times the bytes of the text.
constexpr size_t kBytesMax = size_t{64} * 1024;
constexpr size_t kCapacityMin = 4096;

bool Reserve(size_t bytes, JsonScratch* scratch) {
  if (scratch->dom_parser.capacity() >= bytes) return true;
  const size_t capacity = std::max(bytes, kCapacityMin);
  return !scratch->dom_parser.allocate(capacity, kDepthMax) &&
         !scratch->dom.allocate(capacity);
}

}  // namespace

JsonDom::JsonDom(absl::string_view text, size_t depth_max) {
  if (depth_max < kDepthMax || text.size() > kBytesMax ||
      !Reserve(text.size(), scratch_.get())) {
    return;
  }
  scratch_->SetText(text);
  ok_ = !scratch_->dom_parser
             .parse_into_document(scratch_->dom, scratch_->padded.data(),
                                  scratch_->padded.size(),
                                  /*realloc_if_needed=*/false)
             .error() &&
        root().is_object();
}

}  // namespace glue_security
