// StorageConformance: a GoogleTest suite that checks a storage against the
// contract of storage.h, one test for each clause. Link
// //glue_security/testing/storage_suite:storage_conformance, and name your
// storage:
//
//   StorageUnderTest MyStorageUnderTest() {
//     StorageUnderTest target;
//     target.name = "MyStorage";
//     target.create = [] { return std::make_unique<MyStorage>(); };
//     return target;
//   }
//   INSTANTIATE_TEST_SUITE_P(MyStorage, StorageConformance,
//                            ::testing::Values(MyStorageUnderTest()),
//                            StorageConformance::Name);
//
// (storage_target.h has the optional hooks. examples/custom_storage.cc is a
// complete file.) The tests are called
//
//   MyStorage/StorageConformance.S12_RemovingWhatDoesNotExistChangesNothing/...
//
// A failure quotes the clause and shows the calls that broke it. Declare a
// clause that your storage does not keep on purpose; its test is skipped and
// shows the reason:
//
//   target.deviations = {{10, "this storage has no branches"}};
//
// storage_clauses.h has the same checks without GoogleTest.

#ifndef GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CONFORMANCE_H_
#define GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CONFORMANCE_H_

#include <string>

#include "glue_security/testing/storage_suite/storage_target.h"
#include "gtest/gtest.h"

namespace glue_security {

class StorageConformance : public ::testing::TestWithParam<StorageUnderTest> {
 public:
  // Names a test for INSTANTIATE_TEST_SUITE_P: it ends with the storage's name.
  static std::string Name(
      const ::testing::TestParamInfo<StorageUnderTest>& info) {
    return info.param.name;
  }

 protected:
  // Fails with the report, or skips with the reason.
  void Check(int clause);
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_CONFORMANCE_H_
