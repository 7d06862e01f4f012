#include "glue_security/engine/writer_lines.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace glue_security {

WriterLines::Choice WriterLines::ChoiceOf(const CatalogKey& catalog) {
  const size_t hash =
      absl::HashOf(std::make_pair(absl::string_view(catalog.catalog_id),
                                  absl::string_view(catalog.region)));
  return {hash, hash % kLineCount, hash / kLineCount % kLineCount};
}

std::unique_lock<std::mutex> WriterLines::Enter(const CatalogKey& catalog) {
  const Choice choice = ChoiceOf(catalog);
  for (const size_t number : {choice.first, choice.second}) {
    Line& line = lines_[number];
    std::unique_lock<std::mutex> lock(line.mutex, std::try_to_lock);
    if (!lock.owns_lock()) {
      if (line.holder.load(std::memory_order_relaxed) != choice.hash) continue;
      lock.lock();
    }
    line.holder.store(choice.hash, std::memory_order_relaxed);
    return lock;
  }
  // Both are held for other catalogs.
  Line& line = lines_[choice.first];
  std::unique_lock<std::mutex> lock(line.mutex);
  line.holder.store(choice.hash, std::memory_order_relaxed);
  return lock;
}

}  // namespace glue_security
