// HttpBackendOptions::headers, and how the endpoint learns the account.

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/client/http_backend.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kUrl[] = "http://a:80";
const Caller kCaller{"111122223333", "us-east-1", ""};

v1::Request List() {
  v1::Request request;
  request.mutable_get_security_configurations();
  return request;
}

// Returns the request that arrives when `kCaller` calls.
std::string Arriving(HttpBackendOptions options) {
  ScriptedServer server;
  auto backend = HttpBackend::Create(server.url(), std::move(options));
  EXPECT_TRUE(backend.ok()) << backend.status();
  EXPECT_FALSE((*backend)->Execute(kCaller, List()).has_error());
  EXPECT_EQ(server.requests().size(), 1u);
  return server.requests().front();
}

HttpBackendOptions WithHeader(std::string name, std::string value = "v") {
  HttpBackendOptions options;
  options.headers = {{std::move(name), std::move(value)}};
  return options;
}

HttpBackendOptions AccountInHeader(std::string name) {
  HttpBackendOptions options;
  options.account = AccountSentAs::kHeader;
  options.account_header = std::move(name);
  return options;
}

TEST(HttpBackendHeadersTest, HeadersAreSentInEveryCall) {
  HttpBackendOptions options = WithHeader("x-one", "a b");
  options.headers.emplace_back("x-two", "");
  options.headers.emplace_back("x-one", "again");
  const std::string request = Arriving(options);
  EXPECT_THAT(request, HasSubstr("\r\nx-one: a b\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nx-two: \r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nx-one: again\r\n"));
}

TEST(HttpBackendHeadersTest, AccountIsTheAccessKeyIdByDefault) {
  const std::string request = Arriving({});
  EXPECT_THAT(request, HasSubstr("Credential=111122223333/"));
  EXPECT_EQ(request.find("111122223333"), request.rfind("111122223333"));
}

TEST(HttpBackendHeadersTest, AccountInAHeader_IsNotTheAccessKeyId) {
  const std::string request = Arriving(AccountInHeader("x-moto-account-id"));
  EXPECT_THAT(request, HasSubstr("\r\nx-moto-account-id: 111122223333\r\n"));
  EXPECT_THAT(request, HasSubstr("Credential=test/"));
}

TEST(HttpBackendHeadersTest, AccountInAHeader_IsThereBesideACredential) {
  HttpBackendOptions options = AccountInHeader("x-account");
  options.credential.emplace();
  options.credential->access_key_id = "AKID";
  const std::string request = Arriving(options);
  EXPECT_THAT(request, HasSubstr("\r\nx-account: 111122223333\r\n"));
  EXPECT_THAT(request, HasSubstr("Credential=AKID/"));
}

TEST(HttpBackendHeadersTest, NoAccount_NothingNamesIt) {
  HttpBackendOptions options;
  options.account = AccountSentAs::kNothing;
  options.account_header = "x-account";
  const std::string request = Arriving(options);
  EXPECT_THAT(request, Not(HasSubstr("111122223333")));
  EXPECT_THAT(request, Not(HasSubstr("x-account")));
  EXPECT_THAT(request, HasSubstr("Credential=test/"));
}

TEST(HttpBackendHeadersTest, AccountThatNoHeaderHolds_IsRefusedWhereItIsSent) {
  ScriptedServer server;
  Caller caller = kCaller;
  caller.account_id = "1\r\nX: 1";
  for (const AccountSentAs account :
       {AccountSentAs::kAccessKeyId, AccountSentAs::kHeader,
        AccountSentAs::kNothing}) {
    HttpBackendOptions options = AccountInHeader("x-account");
    options.account = account;
    auto backend = HttpBackend::Create(server.url(), options);
    ASSERT_TRUE(backend.ok()) << backend.status();
    const v1::Response response = (*backend)->Execute(caller, List());
    if (account == AccountSentAs::kNothing) {
      EXPECT_FALSE(response.has_error()) << response.ShortDebugString();
    } else {
      EXPECT_THAT(response, HasErrorCode(v1::ERROR_CODE_INVALID_INPUT));
      EXPECT_EQ(server.requests().size(), 0u);
    }
  }
}

TEST(HttpBackendHeadersTest, NameThatIsNoToken_IsRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_token =
        byte < 128 && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       (c != '\0' && absl::StrContains("!#$%&'*+-.^_`|~", c)));
    const std::string name = absl::StrCat("x", std::string(1, c));
    for (const HttpBackendOptions& options :
         {WithHeader(name), AccountInHeader(name)}) {
      const auto created = HttpBackend::Create(kUrl, options);
      EXPECT_EQ(created.ok(), is_token) << byte;
      if (!created.ok()) {
        EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument);
      }
    }
  }
  EXPECT_EQ(HttpBackend::Create(kUrl, WithHeader("")).status().message(),
            "the header \"\" has a name that is not legal");
  EXPECT_EQ(HttpBackend::Create(kUrl, WithHeader("a\r\nb")).status().message(),
            R"(the header "a\r\nb" has a name that is not legal)");
}

TEST(HttpBackendHeadersTest, HeaderOfTheClientItself_IsRefused) {
  for (const char* name :
       {"Host", "host", "CONNECTION", "Content-Length", "content-type",
        "Transfer-Encoding", "Authorization", "X-Amz-Date", "x-amz-target"}) {
    EXPECT_EQ(HttpBackend::Create(kUrl, WithHeader(name)).status().message(),
              absl::StrCat("the header \"", name,
                           "\" is one that the client sends itself"));
    EXPECT_FALSE(HttpBackend::Create(kUrl, AccountInHeader(name)).ok());
  }
}

TEST(HttpBackendHeadersTest, ValueThatIsNoHeaderText_IsRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string value =
        absl::StrCat("a", std::string(1, static_cast<char>(byte)), "b");
    const bool is_text = byte >= 0x20 && byte <= 0x7e;
    EXPECT_EQ(HttpBackend::Create(kUrl, WithHeader("x", value)).ok(), is_text)
        << byte;
  }
  for (const char* value : {" a", "a ", " "}) {
    EXPECT_EQ(
        HttpBackend::Create(kUrl, WithHeader("x", value)).status().message(),
        "the header \"x\" has a value that is not legal");
  }
}

TEST(HttpBackendHeadersTest, UrlAndCredential_AreCheckedFirst) {
  HttpBackendOptions options = WithHeader("");
  EXPECT_THAT(std::string(HttpBackend::Create("a", options).status().message()),
              HasSubstr("is not http://HOST:PORT"));
  options.credential.emplace();
  options.credential->access_key_id = "/";
  EXPECT_EQ(HttpBackend::Create(kUrl, options).status().message(),
            "the access key id is not legal in a header");
}

}  // namespace
}  // namespace glue_security
