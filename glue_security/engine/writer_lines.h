// WriterLines: locks by which the writers of one catalog in this process line
// up instead of conflicting.

#ifndef GLUE_SECURITY_ENGINE_WRITER_LINES_H_
#define GLUE_SECURITY_ENGINE_WRITER_LINES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>

#include "glue_security/model/record.h"

namespace glue_security {

// The lines are fewer than catalogs. A writer whose line is held for another
// catalog takes its second one, so that it seldom waits for the disk of
// somebody else. Two writers of one catalog may so be in two lines: they may
// conflict, and one of them tries again.
//
// Thread-safe.
class WriterLines {
 public:
  static constexpr size_t kLineCount = 256;

  // The lines of a catalog, by their numbers.
  struct Choice {
    size_t hash;
    size_t first;
    size_t second;
  };
  static Choice ChoiceOf(const CatalogKey& catalog);

  // Waits for the turn of a writer of `catalog`.
  std::unique_lock<std::mutex> Enter(const CatalogKey& catalog);

 private:
  struct Line {
    std::mutex mutex;
    // The hash of the catalog for which the lock is, or was last, held.
    std::atomic<size_t> holder{0};
  };

  std::array<Line, kLineCount> lines_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_WRITER_LINES_H_
