// PolicyCache: the stored policies of an engine's catalogs, compiled.

#ifndef GLUE_SECURITY_ENGINE_POLICY_CACHE_H_
#define GLUE_SECURITY_ENGINE_POLICY_CACHE_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Thread-safe. It holds no truth: each call asks the storage which revision is
// in force, and compiles what it has not seen.
class PolicyCache {
 public:
  // `storage` must outlive it.
  explicit PolicyCache(Storage* storage) : storage_(storage) {}

  // The policy that is in force in `catalog`; nullptr when there is none, or
  // its text breaks the grammar. Errors: the storage's; Unavailable where it
  // throws; DataLoss for a damaged record. Throws std::bad_alloc, and knows
  // then what it knew before.
  absl::StatusOr<std::shared_ptr<const PolicyEvaluator>> Get(
      const CatalogKey& catalog);

 private:
  static constexpr size_t kCatalogsMax = 1024;

  struct Entry {
    Revision revision = 0;
    std::shared_ptr<const PolicyEvaluator> evaluator;
  };

  Storage* const storage_;
  std::mutex mutex_;
  absl::flat_hash_map<std::pair<std::string, std::string>, Entry> entries_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_POLICY_CACHE_H_
