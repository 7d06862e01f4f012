// TLS, certificates of clients, and users with passwords: EtcdStorage over one
// node of etcd for each.

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/etcd/etcd_cluster.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"111111111111", "us-east-1"};
const RecordKey kPolicy{RecordKind::kResourcePolicy, ""};

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

absl::StatusOr<std::unique_ptr<EtcdStorage>> Open(
    const EtcdCluster& cluster, absl::Duration timeout,
    const std::function<void(EtcdStorageOptions*)>& change) {
  EtcdStorageOptions options;
  options.endpoints = cluster.endpoints();
  options.call_timeout = timeout;
  change(&options);
  return EtcdStorage::Open(options);
}

absl::Status WriteAndRead(EtcdStorage* storage) {
  const auto committed = storage->Commit({kCatalog, 0, {}, {{kPolicy, "x"}}});
  if (!committed.ok()) return committed.status();
  const auto snapshot = storage->Read({kCatalog, {kPolicy}, {}});
  if (!snapshot.ok()) return snapshot.status();
  return snapshot->records[0].has_value() && snapshot->records[0]->value == "x"
             ? absl::OkStatus()
             : absl::InternalError("another value");
}

// Makes an authority, and certificates of it for a server and a client, in a
// folder.
bool MakeCertificates(const std::string& folder) {
  const std::string script = absl::StrCat(
      "cd '", folder, "' && set -e && ",
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority ",
      "-keyout authority.key -out authority.pem && ",
      "printf 'subjectAltName=IP:127.0.0.1\\n' > names && ",
      "for who in server client; do ",
      "openssl req -newkey rsa:2048 -nodes -subj /CN=$who ",
      "-keyout $who.key -out $who.csr && ",
      "openssl x509 -req -in $who.csr -CA authority.pem -CAkey authority.key ",
      "-CAcreateserial -days 2 -extfile names -out $who.pem; done");
  return std::system(
             absl::StrCat("( ", script, " ) > /dev/null 2>&1").c_str()) == 0;
}

TEST(EtcdAccessTest, ConnectionsWithCertificates) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  std::string folder = absl::StrCat(
      getenv("TEST_TMPDIR") != nullptr ? getenv("TEST_TMPDIR") : "/tmp",
      "/certificates_XXXXXX");
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(MakeCertificates(folder)) << "openssl";
  EtcdClusterOptions cluster_options;
  cluster_options.is_secure = true;
  cluster_options.arguments = {
      absl::StrCat("--cert-file=", folder, "/server.pem"),
      absl::StrCat("--key-file=", folder, "/server.key"),
      absl::StrCat("--trusted-ca-file=", folder, "/authority.pem"),
      "--client-cert-auth"};
  const EtcdCluster cluster(cluster_options);

  EtcdTls tls;
  tls.authorities = FileText(folder + "/authority.pem");
  tls.certificate = FileText(folder + "/client.pem");
  tls.key = Secret(FileText(folder + "/client.key"));
  const auto storage =
      Open(cluster, absl::Seconds(60),
           [&](EtcdStorageOptions* options) { options->tls = tls; });
  ASSERT_EQ(storage.status(), absl::OkStatus()) << cluster.Log(0);
  EXPECT_EQ(WriteAndRead(storage->get()), absl::OkStatus());

  // In clear, and without a certificate of the client, nothing connects.
  EXPECT_EQ(Open(cluster, absl::Milliseconds(300), [](EtcdStorageOptions*) {})
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
  tls.certificate.clear();
  tls.key = Secret();
  EXPECT_EQ(Open(cluster, absl::Milliseconds(300),
                 [&](EtcdStorageOptions* options) { options->tls = tls; })
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
}

TEST(EtcdAccessTest, UsersWithPasswords) {
  if (!EtcdCluster::IsInstalled()) GTEST_SKIP() << "etcd is not installed";
  EtcdCluster cluster({});
  ASSERT_TRUE(cluster.admin(0).RequireUser("secret").ok());
  const auto open = [&](const std::string& password) {
    return Open(cluster, absl::Seconds(60), [&](EtcdStorageOptions* options) {
      if (!password.empty()) options->user = {"root", Secret(password)};
    });
  };
  const auto storage = open("secret");
  ASSERT_EQ(storage.status(), absl::OkStatus());
  EXPECT_EQ(WriteAndRead(storage->get()), absl::OkStatus());
  EXPECT_EQ(open("wrong").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(open("").status().code(), absl::StatusCode::kUnavailable);

  // A node that starts again has forgotten the session. The call that finds out
  // is refused, and the next one begins a new session.
  cluster.Kill(0);
  cluster.RestartWithoutWaiting(0);
  absl::Status status;
  for (int i = 0; i < 10; ++i) {
    status = WriteAndRead(storage->get());
    if (status.ok()) break;
    // The lost connection is another reason to fail.
    EXPECT_TRUE(status.code() == absl::StatusCode::kUnavailable ||
                status.code() == absl::StatusCode::kUnknown)
        << status;
  }
  EXPECT_EQ(status, absl::OkStatus());
}

}  // namespace
}  // namespace glue_security
