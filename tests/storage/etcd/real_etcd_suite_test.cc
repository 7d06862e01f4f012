// EtcdStorage keeps the contract of storage.h over etcd itself, one node and
// three, and is safe for interleaved clients.

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"
#include "tests/storage/engine_over_storage.h"
#include "tests/storage/etcd/etcd_cluster.h"
#include "tests/storage/etcd/opened_etcd.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

// One cluster for all tests of a process.
template <int kNodes>
EtcdCluster& Cluster() {
  static std::unique_ptr<EtcdCluster> cluster = [] {
    EtcdClusterOptions options;
    options.nodes = kNodes;
    return std::make_unique<EtcdCluster>(options);
  }();
  return *cluster;
}

template <int kNodes>
StorageUnderTest Target(const char* name) {
  StorageUnderTest target = OpenedEtcd::Target(name, [] {
    // Each storage prefers another node.
    static int first = 0;
    return Cluster<kNodes>().endpoints(++first % kNodes);
  });
  target.rounds = 100;
  target.rounds_time_max = absl::Seconds(4);
  return target;
}

StorageUnderTest OneNode() { return Target<1>("OneNode"); }
StorageUnderTest ThreeNodes() { return Target<3>("ThreeNodes"); }

// Without etcd there is nothing to test; the suite would fail.
std::vector<StorageUnderTest> Targets() {
  if (!EtcdCluster::IsInstalled()) return {};
  return {OneNode(), ThreeNodes()};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageConformance);
INSTANTIATE_TEST_SUITE_P(Etcd, StorageConformance,
                         ::testing::ValuesIn(Targets()),
                         StorageConformance::Name);

void CheckInterleaved(const StorageUnderTest& target) {
  StorageInterleavedOptions options;
  options.runs = 100;
  options.time_max = absl::Seconds(30);
  const StorageInterleavedReport report =
      CheckStorageInterleaved(target, options);
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST(RealEtcdStorage, IsSafeForConcurrentClientsOnOneNode) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  CheckInterleaved(OneNode());
}

TEST(RealEtcdStorage, IsSafeForConcurrentClientsOnThreeNodes) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  CheckInterleaved(ThreeNodes());
}

TEST(RealEtcdStorage, AnEngineOverItGivesTheAnswersOfTheModel) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  ExpectAnswersOfTheModel(OneNode().create, 1'000);
  ExpectAnswersOfTheModel(ThreeNodes().create, 300);
}

TEST(RealEtcdStorage, HistoriesOfThreadsAreLegal) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  ExpectLegalHistoriesOfThreads(OneNode().create, 50);
  ExpectLegalHistoriesOfThreads(ThreeNodes().create, 20);
}

}  // namespace
}  // namespace glue_security
