#include "glue_security/testing/storage_suite/storage_conformance.h"

#include "glue_security/testing/storage_suite/storage_clauses.h"

namespace glue_security {

void StorageConformance::Check(int clause) {
  for (const StorageDeviation& deviation : GetParam().deviations) {
    if (deviation.clause != clause) continue;
    GTEST_SKIP() << GetParam().name << " does not keep S" << clause << " (\""
                 << StorageClauseText(clause) << "\"): " << deviation.reason;
  }
  const ClauseReport report = CheckStorageClause(clause, GetParam());
  if (!report.holds) ADD_FAILURE() << report.text;
}

// Each test's name begins with the number of its clause.
// NOLINTBEGIN(google-readability-avoid-underscore-in-googletest-name)
TEST_P(StorageConformance, S1_ReadAnswersWhatTheLastMutationLeft) { Check(1); }
TEST_P(StorageConformance, S2_ASnapshotIsOfOneInstant) { Check(2); }
TEST_P(StorageConformance, S3_ARangeIsCompleteAndInOrder) { Check(3); }
TEST_P(StorageConformance, S4_ARangeEndsAtItsBounds) { Check(4); }
TEST_P(StorageConformance, S5_DifferentKeysNameDifferentRecords) { Check(5); }
TEST_P(StorageConformance, S6_ValuesComeBackUnchanged) { Check(6); }
TEST_P(StorageConformance, S7_ReadingCreatesNothing) { Check(7); }
TEST_P(StorageConformance, S8_ABatchAppliesAsAWhole) { Check(8); }
TEST_P(StorageConformance, S9_AFailedPreconditionIsAConflict) { Check(9); }
TEST_P(StorageConformance, S10_AnotherBranchIsRefused) { Check(10); }
TEST_P(StorageConformance, S11_RevisionsGrowAndAreNeverReused) { Check(11); }
TEST_P(StorageConformance, S12_RemovingWhatDoesNotExistChangesNothing) {
  Check(12);
}
TEST_P(StorageConformance, S13_CatalogsAreIndependent) { Check(13); }
TEST_P(StorageConformance, S14_AStatusTellsWhatBecameOfTheCall) { Check(14); }
TEST_P(StorageConformance, S15_AnOpenCommitAppliesAtMostOnce) { Check(15); }
TEST_P(StorageConformance, S16_NothingIsRetriedBelow) { Check(16); }
TEST_P(StorageConformance, S17_AnyNumberOfThreadsMayCall) { Check(17); }
TEST_P(StorageConformance, S18_AVisitShowsWhatReadReturns) { Check(18); }
TEST_P(StorageConformance, S19_NoArgumentIsReferredToAfterTheReturn) {
  Check(19);
}
// NOLINTEND(google-readability-avoid-underscore-in-googletest-name)

}  // namespace glue_security
