// WriterLines: locks by which the writers of one catalog in this process line
// up instead of conflicting.

#ifndef GLUE_SECURITY_ENGINE_WRITER_LINES_H_
#define GLUE_SECURITY_ENGINE_WRITER_LINES_H_

#include <array>
#include <cstddef>
#include <mutex>

#include "glue_security/model/record.h"

namespace glue_security {

// Thread-safe.
class WriterLines {
 public:
  // Returns the lock of `catalog`. It guards a share of all catalogs.
  std::mutex& Of(const CatalogKey& catalog);

 private:
  static constexpr size_t kLineCount = 64;

  std::array<std::mutex, kLineCount> lines_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_WRITER_LINES_H_
