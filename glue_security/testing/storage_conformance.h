// StorageConformance: a GoogleTest suite that holds a storage to the contract
// of storage.h, one test for each of its clauses. Link
// //glue_security/testing:storage_conformance, and name your storage:
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
// (storage_under_test.h tells of the optional hooks, examples/custom_storage.cc
// is all of it in one file.) The tests are called
//
//   MyStorage/StorageConformance.S12_RemovingWhatDoesNotExistChangesNothing/...
//
// A failure quotes the clause and shows the calls that broke it. A clause that
// your storage does not keep on purpose is declared, and its test is skipped
// with the reason:
//
//   target.deviations = {{10, "this storage has no branches"}};
//
// The same checks without GoogleTest are in storage_clauses.h.

#ifndef GLUE_SECURITY_TESTING_STORAGE_CONFORMANCE_H_
#define GLUE_SECURITY_TESTING_STORAGE_CONFORMANCE_H_

#include <string>

#include "glue_security/testing/storage_under_test.h"
#include "gtest/gtest.h"

namespace glue_security {

class StorageConformance : public ::testing::TestWithParam<StorageUnderTest> {
 public:
  // For INSTANTIATE_TEST_SUITE_P: the tests' names end with the storage's.
  static std::string Name(
      const ::testing::TestParamInfo<StorageUnderTest>& info) {
    return info.param.name;
  }

 protected:
  // Fails with the report, or skips with the reason.
  void Check(int clause);
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_CONFORMANCE_H_
