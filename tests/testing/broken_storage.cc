// Runs the suite on broken storages; some tests fail on purpose.
// broken_storage_test.py checks the output, and docs/testing_kit/storage.md
// shows parts of it.

#include <memory>
#include <string>

#include "glue_security/testing/defects/defective_storages.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

StorageUnderTest Named(const std::string& name) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (defect.name == name) return defect.target;
  }
  return {};
}

StorageUnderTest Declared() {
  StorageUnderTest target = Named("RemovalOfNoneConflicts");
  // [deviation]
  target.deviations = {{12, "a removal needs a record, as in our database"}};
  // [deviation end]
  return target;
}

INSTANTIATE_TEST_SUITE_P(Broken, StorageConformance,
                         ::testing::Values(Named("RemovalOfNoneConflicts"),
                                           Named("BranchIgnored")),
                         StorageConformance::Name);
INSTANTIATE_TEST_SUITE_P(Declared, StorageConformance,
                         ::testing::Values(Declared()),
                         StorageConformance::Name);

}  // namespace
}  // namespace glue_security
