// EtcdStorageOptions: where the cluster of an EtcdStorage is, and how to call
// it. etcd_storage.h has an example.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_OPTIONS_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/model/secret.h"
#include "glue_security/storage/storage_metrics.h"

namespace glue_security {

// The certificates of a connection, each as the text of a PEM file.
struct EtcdTls {
  // The authorities that the certificates of the members come from. Empty:
  // those of the system.
  std::string authorities;
  // The certificate of this client and its key, for a cluster that asks for
  // one. Both or neither are empty.
  std::string certificate;
  Secret key;
};

struct EtcdUser {
  std::string name;
  Secret password;
};

struct EtcdStorageOptions {
  // The members' addresses for clients, each "HOST:PORT", an IPv6 address in
  // brackets. Members of one cluster. The first that answers is used until it
  // fails; then the next one is, and after the last the first again.
  std::vector<std::string> endpoints;
  // All keys begin with it and a '/'. Two storages of one cluster must have
  // prefixes of which neither, with its '/', begins the other.
  std::string prefix = "glue_security";
  // Bounds one request to etcd, waiting for a connection included. A call of
  // the storage makes one request, and more of them for long ranges.
  absl::Duration call_timeout = absl::Seconds(5);
  // Absent: connections in clear.
  std::optional<EtcdTls> tls;
  // Absent: requests without a user. With one, a session is begun when it is
  // needed, and again when it is a minute old: at etcd it ends after five.
  std::optional<EtcdUser> user;
  // Lets `Open` take over records whose cluster is another one now: restored
  // from a backup, or copied. All of them get greater revisions.
  bool accept_other_cluster = false;
  // Not owned. May be null. Its groups are not counted: etcd makes them.
  StorageMetrics* metrics = nullptr;
  // For tests. Called before each request, on the thread of the call, without
  // a lock. May be empty.
  std::function<void()> before_request;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_OPTIONS_H_
