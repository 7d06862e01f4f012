#include "glue_security/storage/etcd/etcd_url.h"

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string FileWith(const std::string& name, const std::string& text) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(EtcdUrl, HasEndpointsAndAPrefix) {
  const auto one = ParseEtcdUrl("etcd://127.0.0.1:2379/p");
  ASSERT_THAT(one, IsOk());
  EXPECT_THAT(one->endpoints, ElementsAre("127.0.0.1:2379"));
  EXPECT_EQ(one->prefix, "p");
  EXPECT_FALSE(one->tls.has_value());
  EXPECT_FALSE(one->user.has_value());
  EXPECT_FALSE(one->accept_other_cluster);

  const auto many = ParseEtcdUrl("etcd://a.example:1,[::1]:65535/a/b");
  ASSERT_THAT(many, IsOk());
  EXPECT_THAT(many->endpoints, ElementsAre("a.example:1", "[::1]:65535"));
  EXPECT_EQ(many->prefix, "a/b");
}

TEST(EtcdUrl, TakesCertificatesAUserAndTheOtherCluster) {
  const auto options = ParseEtcdUrl(absl::StrCat(
      "etcd://a:1/p?ca=", FileWith("ca", "authorities"), "&cert=",
      FileWith("cert", "certificate"), "&key=", FileWith("key", "secret key"),
      "&user=alice&password=", FileWith("password", "open sesame\nrest"),
      "&other_cluster=accept"));
  ASSERT_THAT(options, IsOk());
  ASSERT_TRUE(options->tls.has_value());
  EXPECT_EQ(options->tls->authorities, "authorities");
  EXPECT_EQ(options->tls->certificate, "certificate");
  EXPECT_EQ(options->tls->key.view(), "secret key");
  ASSERT_TRUE(options->user.has_value());
  EXPECT_EQ(options->user->name, "alice");
  EXPECT_EQ(options->user->password.view(), "open sesame");
  EXPECT_TRUE(options->accept_other_cluster);

  const auto system = ParseEtcdUrl("etcd://a:1/p?tls=system");
  ASSERT_THAT(system, IsOk());
  ASSERT_TRUE(system->tls.has_value());
  EXPECT_EQ(system->tls->authorities, "");
}

TEST(EtcdUrl, WhatIsWrongIsSaid) {
  for (const auto& [url, why] : {
           std::pair{"etcd:a:1/p", "it does not begin with etcd://"},
           {"etcd://a:1", "it has no prefix"},
           {"etcd://a:1/", "it has no prefix"},
           {"etcd:///p", "an endpoint is HOST:PORT"},
           {"etcd://a/p", "an endpoint is HOST:PORT"},
           {"etcd://a:/p", "an endpoint is HOST:PORT"},
           {"etcd://:1/p", "an endpoint is HOST:PORT"},
           {"etcd://a:0/p", "an endpoint is HOST:PORT"},
           {"etcd://a:65536/p", "an endpoint is HOST:PORT"},
           {"etcd://a:1,/p", "an endpoint is HOST:PORT"},
           {"etcd://a:1/p?", "there is no option \"\""},
           {"etcd://a:1/p?x=1", "there is no option \"x\""},
           {"etcd://a:1/p?ca", "ca takes one value"},
           {"etcd://a:1/p?tls=system&tls=system", "tls takes one value"},
           {"etcd://a:1/p?tls=on", "tls can be system"},
           {"etcd://a:1/p?cert=f", "cert needs key"},
           {"etcd://a:1/p?key=f", "cert needs key"},
           {"etcd://a:1/p?user=u", "user needs password"},
           {"etcd://a:1/p?other_cluster=1", "other_cluster can be accept"},
       }) {
    EXPECT_EQ(ParseEtcdUrl(url).status(),
              absl::InvalidArgumentError(absl::StrCat(
                  "\"", url, "\": ", why,
                  "; the form is etcd://HOST:PORT[,HOST:PORT]/PREFIX")));
  }
}

TEST(EtcdUrl, AFileThatCannotBeReadIsNamed) {
  const std::string large =
      FileWith("large", std::string((size_t{1} << 20) + 1, 'x'));
  const std::string good = FileWith("good", "text");
  for (const std::string& options :
       {absl::StrCat("ca="), absl::StrCat("key=", good, "&cert="),
        absl::StrCat("cert=", good, "&key="),
        absl::StrCat("user=u&password=")}) {
    const auto missing =
        ParseEtcdUrl(absl::StrCat("etcd://a:1/p?", options, "/no/file"));
    EXPECT_EQ(missing.status(),
              absl::InvalidArgumentError(
                  "cannot read /no/file: No such file or directory"));
    const auto too_large =
        ParseEtcdUrl(absl::StrCat("etcd://a:1/p?", options, large));
    EXPECT_EQ(too_large.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(too_large.status().message()),
                HasSubstr("the file is larger than 1 MiB"));
  }
}

TEST(EtcdKind, PassesTheErrorsOfTheUrlOn) {
  const StorageKind kind = EtcdKind();
  EXPECT_EQ(kind.scheme, "etcd");
  EXPECT_EQ(kind.open("etcd://a/p", nullptr).status(),
            ParseEtcdUrl("etcd://a/p").status());
}

}  // namespace
}  // namespace glue_security
