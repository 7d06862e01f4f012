// EtcdStorage keeps the contract of storage.h, over a FakeEtcd, and is safe for
// interleaved clients. real_etcd_suite_test.cc does so over etcd itself.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"
#include "tests/storage/engine_over_storage.h"
#include "tests/storage/etcd/fake_etcd.h"
#include "tests/storage/etcd/opened_etcd.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

// One server for all tests; each storage has a prefix of its own.
FakeEtcd& Server() {
  static FakeEtcd server;
  return server;
}

StorageUnderTest Fake() {
  StorageUnderTest target = OpenedEtcd::Target(
      "FakeEtcd", [] { return std::vector<std::string>{Server().endpoint()}; },
      kFakeFates,
      [](int way) { Server().FailNextWrite(static_cast<FakeFate>(way)); });
  target.settle = [](Storage&) { Server().Settle(); };
  if (IsShortRun()) target.rounds = 50;
  return target;
}

INSTANTIATE_TEST_SUITE_P(Etcd, StorageConformance, ::testing::Values(Fake()),
                         StorageConformance::Name);

TEST(FakeEtcdStorage, IsSafeForConcurrentClients) {
  StorageInterleavedOptions options;
  options.runs = IsShortRun() ? 20 : 300;
  options.time_max = absl::Seconds(60);
  const StorageInterleavedReport report =
      CheckStorageInterleaved(Fake(), options);
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST(FakeEtcdStorage, AnEngineOverItGivesTheAnswersOfTheModel) {
  ExpectAnswersOfTheModel(Fake().create, IsShortRun() ? 300 : 3'000);
}

TEST(FakeEtcdStorage, HistoriesOfThreadsAreLegal) {
  ExpectLegalHistoriesOfThreads(Fake().create, IsShortRun() ? 20 : 200);
}

}  // namespace
}  // namespace glue_security
