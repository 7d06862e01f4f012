// Three nodes of etcd that fail under load: whatever the clients of the engine
// were answered, some order of their calls explains it, and nothing that was
// acknowledged is lost.
//
// GLUE_SECURITY_ETCD_SECONDS=N in the environment repeats each test for N
// seconds; tools/etcd_faults.sh sets it.

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/etcd/etcd_cluster.h"
#include "tests/storage/etcd/etcd_episodes.h"
#include "tests/storage/etcd/opened_etcd.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr int kRounds = 3;

class EtcdFaultsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!EtcdCluster::IsInstalled()) return;
    EtcdClusterOptions options;
    options.nodes = 3;
    options.heartbeat_ms = 100;
    options.has_proxies = true;
    cluster_ = new EtcdCluster(options);
  }
  static void TearDownTestSuite() {
    delete cluster_;
    cluster_ = nullptr;
  }
  void SetUp() override {
    if (cluster_ == nullptr) GTEST_SKIP() << "etcd is not installed";
  }

  // Runs episodes, in rounds. `fail` is given a node: the leader, then another
  // one, in turn.
  void Run(const std::function<void(int node)>& fail,
           const std::function<void(int node)>& heal) {
    const char* seconds = getenv("GLUE_SECURITY_ETCD_SECONDS");
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::seconds(seconds ? atoi(seconds) : 0);
    EtcdEpisodesResult all;
    for (int round = 0;
         round < kRounds || std::chrono::steady_clock::now() < end; ++round) {
      const int leader = cluster_->Leader();
      const int node =
          round % 2 == 0 ? leader : (leader + 1) % cluster_->size();
      EtcdEpisodesOptions options;
      options.seed = RunSeed() + static_cast<uint64_t>(round) * 1000;
      options.fail = [&] { fail(node); };
      options.heal = [&] { heal(node); };
      all.Add(RunEtcdEpisodes(cluster_, options));
      ASSERT_EQ(all.violation, "") << "seed " << options.seed;
    }
    std::cout << all.Text() << "\n";
    EXPECT_GT(all.legal, 0);
    EXPECT_GT(all.succeeded, all.calls / 10);
  }

  static EtcdCluster* cluster_;
};

EtcdCluster* EtcdFaultsTest::cluster_ = nullptr;

TEST_F(EtcdFaultsTest, NoFault) {
  Run([](int) {}, [](int) {});
}

TEST_F(EtcdFaultsTest, ANodeIsKilledAndStartsAgain) {
  Run([](int node) { cluster_->Kill(node); },
      [](int node) { cluster_->Restart(node); });
}

TEST_F(EtcdFaultsTest, ANodeIsStoppedAndContinues) {
  Run([](int node) { cluster_->Stop(node); },
      [](int node) { cluster_->Continue(node); });
}

TEST_F(EtcdFaultsTest, ANodeIsCutOffFromTheOthers) {
  Run([](int node) { cluster_->CutOff(node); },
      [](int node) { cluster_->Reconnect(node); });
}

TEST_F(EtcdFaultsTest, TheMajorityIsKilledAndStartsAgain) {
  Run(
      [](int node) {
        cluster_->Kill(node);
        cluster_->Kill((node + 1) % cluster_->size());
      },
      [](int node) {
        cluster_->Restart(node);
        cluster_->Restart((node + 1) % cluster_->size());
      });
}

TEST_F(EtcdFaultsTest, HistoryIsCompactedEvery100Revisions) {
  std::atomic<bool> done{false};
  std::thread compacting;
  Run(
      [&](int) {
        done = false;
        compacting = std::thread([&] {
          int64_t compacted = cluster_->admin(0).Revision();
          while (!done) {
            const int64_t revision = cluster_->admin(0).Revision();
            if (revision < compacted + 100) continue;
            EXPECT_TRUE(cluster_->admin(0).Compact(revision).ok());
            compacted = revision;
          }
        });
      },
      [&](int) {
        done = true;
        compacting.join();
      });
}

// The last one, since the cluster has four nodes afterwards.
TEST_F(EtcdFaultsTest, ZANodeIsAdded) {
  bool is_added = false;
  Run(
      [&](int) {
        if (!is_added) cluster_->AddNode();
        is_added = true;
      },
      [](int) {});
}

// Writes until the quota for space is used up.
absl::Status Fill(EtcdStorage* storage) {
  const CatalogKey catalog{"111111111111", "us-east-1"};
  const RecordKey key{RecordKind::kSecurityConfiguration, "large"};
  for (int i = 0; i < 1000; ++i) {
    const absl::Status status =
        storage->Commit({catalog, 0, {}, {{key, std::string(1 << 20, 'x')}}})
            .status();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

TEST(EtcdQuotaTest, TheQuotaIsUsedUpAndSpaceIsFreed) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  EtcdClusterOptions options;
  options.nodes = 3;
  options.arguments = {absl::StrCat("--quota-backend-bytes=", 24 << 20)};
  EtcdCluster cluster(options);
  EtcdStorageOptions storage_options;
  storage_options.endpoints = cluster.endpoints();
  storage_options.prefix = OpenedEtcd::NewPrefix();
  storage_options.call_timeout = absl::Seconds(60);
  const auto storage = EtcdStorage::Open(storage_options);
  ASSERT_EQ(storage.status(), absl::OkStatus());

  EtcdEpisodesOptions episodes;
  episodes.seed = RunSeed();
  absl::Status full;
  episodes.fail = [&] { full = Fill(storage->get()); };
  episodes.heal = [&] {
    // Frees what was overwritten; the quota counts the file.
    EXPECT_TRUE(cluster.admin(0).Compact(cluster.admin(0).Revision()).ok());
    for (int i = 0; i < cluster.size(); ++i) {
      EXPECT_TRUE(cluster.admin(i).Defragment().ok());
    }
    for (int i = 0; i < cluster.size(); ++i) {
      EXPECT_TRUE(cluster.admin(0).ClearNoSpace(cluster.id(i)).ok());
    }
  };
  const EtcdEpisodesResult result = RunEtcdEpisodes(&cluster, episodes);
  std::cout << result.Text() << "\n";
  EXPECT_EQ(result.violation, "");
  EXPECT_GT(result.legal, 0);
  // A member may say so of what it has applied, so that it is left open.
  EXPECT_EQ(full.code(), absl::StatusCode::kUnknown) << full;
  const CatalogKey catalog{"111111111111", "us-east-1"};
  const RecordKey key{RecordKind::kResourcePolicy, ""};
  EXPECT_EQ((*storage)->Commit({catalog, 0, {}, {{key, "after"}}}).status(),
            absl::OkStatus());
}

}  // namespace
}  // namespace glue_security
