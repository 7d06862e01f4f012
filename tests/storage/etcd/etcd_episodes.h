// EtcdEpisodes: histories of clients of the engine over a cluster of etcd, made
// while the cluster fails, and judged when it works again.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_EPISODES_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_EPISODES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "glue_security/storage/etcd/etcd_options.h"
#include "tests/storage/etcd/etcd_cluster.h"

namespace glue_security {

struct EtcdEpisodesOptions {
  // The number of histories, one after the other. Each has four clients, each
  // with a storage of its own that prefers another node.
  int episodes = 12;
  int calls_per_client = 8;
  uint64_t seed = 0;
  // Called when a fourth of the histories is made, and when half of them are;
  // while the next ones are being made.
  std::function<void()> fail;
  std::function<void()> heal;
};

// The counts of what was judged.
struct EtcdEpisodesResult {
  int legal = 0;
  int undecided = 0;
  int calls = 0;
  int succeeded = 0;
  // The calls whose outcome stayed open, and those that had no effect because
  // the storage failed.
  int open = 0;
  int failed = 0;
  // The first history that no order explains; empty: none.
  std::string violation;

  void Add(const EtcdEpisodesResult& other);
  std::string Text() const;
};

// Makes the histories, ends with reads of everything that they wrote, and
// judges them. `fail` and `heal` are called from this thread. REQUIRES: the
// cluster works before, and after `heal`.
EtcdEpisodesResult RunEtcdEpisodes(EtcdCluster* cluster,
                                   const EtcdEpisodesOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_EPISODES_H_
