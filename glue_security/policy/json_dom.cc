#include "glue_security/policy/json_dom.h"

#include <algorithm>

namespace glue_security {
namespace {

// The DOM needs fourteen times the bytes of the text.
constexpr size_t kBytesMax = size_t{64} * 1024;
constexpr size_t kCapacityMin = 4096;

}  // namespace

JsonDom::JsonDom(absl::string_view text, size_t depth_max) {
  if (depth_max < JsonScratch::kDomDepthMax || text.size() > kBytesMax) return;
  scratch_->SetText(text);
  if (scratch_->dom.capacity() < text.size() &&
      scratch_->dom.allocate(std::max(text.size(), kCapacityMin))) {
    return;
  }
  ok_ = !scratch_->dom_parser
             .parse_into_document(scratch_->dom, scratch_->padded.data(),
                                  scratch_->padded.size(),
                                  /*realloc_if_needed=*/false)
             .error() &&
        root().is_object();
}

}  // namespace glue_security
