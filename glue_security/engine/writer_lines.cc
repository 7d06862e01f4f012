#include "glue_security/engine/writer_lines.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace glue_security {

std::mutex& WriterLines::Of(const CatalogKey& catalog) {
  const size_t hash =
      absl::HashOf(std::make_pair(absl::string_view(catalog.catalog_id),
                                  absl::string_view(catalog.region)));
  return lines_[hash % kLineCount];
}

}  // namespace glue_security
