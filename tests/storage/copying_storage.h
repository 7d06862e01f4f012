// CopyingStorage: wraps any storage as one that lends nothing, so that every
// reader gets a copy.

#ifndef GLUE_SECURITY_TESTS_STORAGE_COPYING_STORAGE_H_
#define GLUE_SECURITY_TESTS_STORAGE_COPYING_STORAGE_H_

#include "absl/status/status.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

class CopyingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;

  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): it must not lend.
    return Storage::VisitRecord(catalog, key, visitor);
  }
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_COPYING_STORAGE_H_
