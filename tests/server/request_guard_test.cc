#include "glue_security/server/request_guard.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Area = RequestGuard::Area;
using Headers = std::vector<std::pair<std::string, std::string>>;
using testing::HasSubstr;

// Values of Host that name the loopback.
const char* const kLoopbackHosts[] = {
    "127.0.0.1",       "127.0.0.1:4566", "127.255.255.255:65535",
    "127.0.0.53:1",    "localhost",      "localhost:80",
    "LocalHost:4566",  "LOCALHOST",      "localhost.",
    "localhost.:4566", "[::1]",          "[::1]:4566",
};
// Values of Host that do not, most of which look similar.
const char* const kOtherHosts[] = {
    "",
    ":",
    ":4566",
    "example.com",
    "example.com:4566",
    // Names that begin or end like a loopback name.
    "localhost.example.com",
    "127.0.0.1.example.com",
    "notlocalhost",
    "localhost..",
    "example.localhost",
    "xn--localhost",
    // User names before a host.
    "localhost@example.com",
    "example.com@localhost",
    "127.0.0.1:80@example.com",
    "user:127.0.0.1@localhost",
    // Other notations of addresses.
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.1.",
    "127.0.0.256",
    "127.0.0.0x1",
    "127.0.0.-1",
    "127.0.0.",
    "127.0.0.1.1",
    "127..0.1",
    "127.0.0.99999999999999999999",
    "128.0.0.1",
    "0.0.0.0:4566",
    "[::]",
    "::1",
    "[::1",
    "::1]",
    "[[::1]]",
    "[::2]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "[::1]x",
    // Invalid ports.
    "localhost:",
    "localhost:x",
    "localhost:-1",
    "localhost:+80",
    "localhost:65536",
    "localhost:99999999999999999999",
    "localhost:0080",
    "localhost:80:80",
    "127.0.0.1:4566:",
    "[::1]:",
    // Invalid hosts.
    "localhost/",
    "localhost ",
    " localhost",
    "localhost\t",
    "localhost,example.com",
    "localhost example.com",
    "http://localhost",
    "localhost\r\nX: y",
    "loc\xC3\xA4lhost",
    "\xFF",
    "localhost\xE2\x80\xA8",
};

HttpRequest ToRequest(const Headers& headers) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/";
  for (const auto& [name, value] : headers) {
    request.headers.emplace_back(name, value);
  }
  return request;
}

RequestGuard GuardOf(absl::string_view address, RequestGuardOptions options,
                     bool has_control = true) {
  auto guard = RequestGuard::Create(address, has_control, std::move(options));
  EXPECT_TRUE(guard.ok()) << guard.status();
  return *std::move(guard);
}

// Returns "passes", or the text of the refusal.
std::string Verdict(const RequestGuard& guard, Area area,
                    const Headers& headers) {
  const std::optional<HttpResponse> refusal =
      guard.Refuse(ToRequest(headers), area);
  if (!refusal.has_value()) return "passes";
  EXPECT_EQ(refusal->status, 403);
  const auto body = nlohmann::json::parse(refusal->body);
  return body.at(area == Area::kApi ? "Message" : "error");
}

TEST(RequestGuardTest, OnLoopback_HostsOfTheLoopbackPassEverywhere) {
  const RequestGuard guard = GuardOf("127.0.0.1", {});
  for (const char* const host : kLoopbackHosts) {
    for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
      EXPECT_EQ(Verdict(guard, area, {{"hOST", host}}), "passes") << host;
    }
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
}

TEST(RequestGuardTest, OnLoopback_AnyOtherHostIsRefusedEverywhere) {
  for (const char* const address : {"127.0.0.1", "127.9.9.9", "::1"}) {
    const RequestGuard guard = GuardOf(address, {});
    for (const char* const host : kOtherHosts) {
      for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
        const std::string verdict = Verdict(guard, area, {{"Host", host}});
        EXPECT_THAT(verdict, HasSubstr("--allow-host adds it")) << host;
        for (const char c : verdict) {
          EXPECT_TRUE(c >= ' ' && c <= '~') << verdict;
        }
      }
      EXPECT_FALSE(IsLoopbackHost(host)) << host;
    }
  }
}

// A good host with one byte more is on the list as well, or is refused.
TEST(RequestGuardTest, OnLoopback_AHostWithAByteMoreIsOneOfTheListOrRefused) {
  const RequestGuard guard = GuardOf("127.0.0.1", {});
  int refused = 0;
  for (const std::string good : {"127.0.0.1:4566", "localhost:4566", "[::1]"}) {
    for (size_t at = 0; at <= good.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string host = good;
        host.insert(at, 1, static_cast<char>(byte));
        if (Verdict(guard, Area::kApi, {{"Host", host}}) != "passes") {
          ++refused;
          continue;
        }
        // The byte is a digit of the address or port, or a name's final dot.
        EXPECT_TRUE((byte >= '0' && byte <= '9') || host == "localhost.:4566" ||
                    host == "127.0.0.1:4566")
            << host;
      }
    }
  }
  EXPECT_GT(refused, 7000);
}

TEST(RequestGuardTest, TwoHosts_AreRefusedWhenOneIsAnother) {
  const RequestGuard guard = GuardOf("127.0.0.1", {});
  EXPECT_NE(Verdict(guard, Area::kApi,
                    {{"Host", "localhost"}, {"Host", "example.com"}}),
            "passes");
  // A missing Host passes, since every browser sends one.
  EXPECT_EQ(Verdict(guard, Area::kControl, {}), "passes");
}

TEST(RequestGuardTest, AllowedHosts_PassAtAnyPortOrAtTheirs) {
  const RequestGuard guard =
      GuardOf("127.0.0.1", {{"mock", "Glue.Local:4566", "[fe80::1]"}, ""});
  const std::pair<const char*, bool> cases[] = {
      {"mock", true},        {"MOCK:1", true},        {"mock:4566", true},
      {"mock.", false},      {"mocks", false},        {"amock", false},
      {"mock:x", false},     {"mock@x", false},       {"glue.local:4566", true},
      {"glue.local", false}, {"glue.local:1", false}, {"[fe80::1]:9", true},
      {"localhost", true},   {"example.com", false},
  };
  for (const auto& [host, passes] : cases) {
    EXPECT_EQ(Verdict(guard, Area::kApi, {{"Host", host}}) == "passes", passes)
        << host;
  }
  EXPECT_EQ(Verdict(GuardOf("127.0.0.1", {{"*"}, ""}), Area::kApi,
                    {{"Host", "example.com"}}),
            "passes");
}

TEST(RequestGuardTest, OnAnotherAddress_HostsAreCheckedWhenSomeAreAllowed) {
  for (const char* const address :
       {"0.0.0.0", "::", "192.0.2.1", "127.1", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(
        Verdict(GuardOf(address, {}), Area::kApi, {{"Host", "mock:4566"}}),
        "passes");
    const RequestGuard strict = GuardOf(address, {{"mock"}, ""});
    EXPECT_EQ(Verdict(strict, Area::kApi, {{"Host", "mock:4566"}}), "passes");
    EXPECT_EQ(Verdict(strict, Area::kApi, {{"Host", "localhost"}}), "passes");
    EXPECT_NE(Verdict(strict, Area::kApi, {{"Host", "example.com"}}), "passes");
  }
}

TEST(RequestGuardTest, APageOfAnotherOrigin_IsRefusedEverywhere) {
  const RequestGuard guard = GuardOf("127.0.0.1", {{"mock"}, ""});
  const std::string host = "localhost:4566";
  for (const char* const origin :
       {"http://example.com", "https://example.com", "null", "", "file://",
        "http://localhost", "http://localhost:3000", "http://127.0.0.1:4566",
        "https://localhost:4566", "http://localhost:45660",
        "http://localhost:4566/", "http://localhost:4566.example.com",
        "http://mock:4566", "localhost:4566", "http://x@localhost:4566",
        "http://localhost:4566, http://example.com", "\xFF\r\n"}) {
    for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
      EXPECT_THAT(Verdict(guard, area, {{"Host", host}, {"oRIGIN", origin}}),
                  HasSubstr("may not use this server"))
          << origin;
    }
  }
  for (const char* const site : {"cross-site", "same-site", "", "Same-Origin",
                                 "same-origin, none", "other"}) {
    for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
      EXPECT_THAT(
          Verdict(guard, area, {{"Host", host}, {"Sec-Fetch-Site", site}}),
          HasSubstr("may not use this server"))
          << site;
    }
  }
  // A good first header does not hide a bad second one.
  EXPECT_NE(Verdict(guard, Area::kControl,
                    {{"Host", host},
                     {"Origin", "http://localhost:4566"},
                     {"Origin", "http://example.com"}}),
            "passes");
  EXPECT_NE(Verdict(guard, Area::kControl,
                    {{"Host", host},
                     {"Sec-Fetch-Site", "none"},
                     {"Sec-Fetch-Site", "cross-site"}}),
            "passes");
  // Without a Host no origin counts as the server's own.
  EXPECT_NE(Verdict(guard, Area::kControl, {{"Origin", "http://"}}), "passes");
}

TEST(RequestGuardTest, TheServersOwnPage_Passes) {
  const RequestGuard guard = GuardOf("127.0.0.1", {});
  for (const char* const site : {"same-origin", "none"}) {
    for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
      EXPECT_EQ(Verdict(guard, area,
                        {{"Host", "Localhost:4566"},
                         {"Origin", "http://localhost:4566"},
                         {"Sec-Fetch-Site", site}}),
                "passes");
    }
  }
}

// A permission would let the page send the request that it asks for.
TEST(RequestGuardTest, APreflight_IsRefusedEverywhere) {
  const RequestGuard guard = GuardOf("127.0.0.1", {});
  const Headers headers = {{"Host", "localhost:4566"},
                           {"access-control-request-method", "POST"}};
  HttpRequest request = ToRequest(headers);
  for (const Area area : {Area::kApi, Area::kOpen, Area::kControl}) {
    request.method = "OPTIONS";
    const std::optional<HttpResponse> refusal = guard.Refuse(request, area);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->status, 403);
    EXPECT_THAT(refusal->body, HasSubstr("may not use this server"));
    for (const auto& [name, value] : refusal->headers) {
      EXPECT_FALSE(absl::StartsWithIgnoreCase(name, "Access-Control-")) << name;
    }
    // Other requests do not ask for permission.
    request.method = "POST";
    EXPECT_FALSE(guard.Refuse(request, area).has_value());
  }
  request.method = "OPTIONS";
  request.headers.pop_back();
  EXPECT_FALSE(guard.Refuse(request, Area::kApi).has_value());
}

TEST(RequestGuardTest, AToken_IsAskedForInControlOnly) {
  RequestGuardOptions options;
  options.control_token = "abc";
  const RequestGuard guard = GuardOf("127.0.0.1", options);
  EXPECT_EQ(guard.control_token(), "abc");
  EXPECT_EQ(Verdict(guard, Area::kControl, {{"X-Glue-Security-Token", "abc"}}),
            "passes");
  EXPECT_EQ(Verdict(guard, Area::kControl, {}),
            "control requires one header x-glue-security-token");
  EXPECT_EQ(Verdict(guard, Area::kControl,
                    {{kControlTokenHeader, "abc"}, {kControlTokenHeader, "x"}}),
            "control requires one header x-glue-security-token");
  for (const char* const token :
       {"", "ab", "abd", "abcd", "ABC", "abc,", "\xFF\r\n"}) {
    EXPECT_EQ(Verdict(guard, Area::kControl, {{kControlTokenHeader, token}}),
              "the x-glue-security-token is wrong")
        << token;
  }
  EXPECT_EQ(Verdict(guard, Area::kApi, {}), "passes");
  EXPECT_EQ(Verdict(guard, Area::kOpen, {}), "passes");
  // A page that knows the token still has another origin.
  EXPECT_NE(Verdict(guard, Area::kControl,
                    {{kControlTokenHeader, "abc"},
                     {"Host", "localhost"},
                     {"Origin", "http://example.com"}}),
            "passes");
}

TEST(RequestGuardTest, OnAnotherAddress_ATokenIsMadeOfRandomBits) {
  for (const char* const address : {"0.0.0.0", "::", "192.0.2.1", "127.1"}) {
    const std::string first = GuardOf(address, {}).control_token();
    const std::string second = GuardOf(address, {}).control_token();
    EXPECT_THAT(first, testing::MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(first, second);
    // Without control no token is needed.
    EXPECT_EQ(GuardOf(address, {}, /*has_control=*/false).control_token(), "");
  }
  EXPECT_EQ(GuardOf("127.0.0.1", {}).control_token(), "");
  EXPECT_EQ(GuardOf("0.0.0.0", {{}, "given"}).control_token(), "given");
}

TEST(RequestGuardTest, WhatCanStandInNoHeader_IsRefusedAtTheStart) {
  for (const std::string& token :
       {std::string("a b"), std::string("a\n"), std::string("\xC3\xA4"),
        std::string(257, 'a')}) {
    const auto guard = RequestGuard::Create("127.0.0.1", true, {{}, token});
    EXPECT_EQ(guard.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(guard.status().message(),
              "a control token must have 1 to 256 visible ASCII characters");
  }
  EXPECT_TRUE(
      RequestGuard::Create("127.0.0.1", true, {{}, std::string(256, 'a')})
          .ok());
  for (const std::string& host :
       {std::string(), std::string("a b"), std::string("http://a"),
        std::string("a/"), std::string("a:x"), std::string("a@b"),
        std::string("a\n"), std::string("[x]"), std::string("[]"),
        std::string("*.example.com"), std::string(256, 'a')}) {
    const auto guard = RequestGuard::Create("127.0.0.1", true, {{host}, ""});
    EXPECT_EQ(guard.status().code(), absl::StatusCode::kInvalidArgument)
        << host;
    EXPECT_THAT(std::string(guard.status().message()),
                HasSubstr("is not a host: write NAME or NAME:PORT"));
  }
}

// SDKs show the message of an API error.
TEST(RequestGuardTest, TheRefusalOfACall_HasTheFormOfAnErrorOfTheApi) {
  const auto refusal =
      GuardOf("127.0.0.1", {}).Refuse(ToRequest({{"Host", "a"}}), Area::kApi);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->body,
            R"({"__type":"AccessDeniedException","Message":"the host 'a' is )"
            R"(not this machine's own; --allow-host adds it"})");
  EXPECT_EQ(refusal->headers[0].second, "application/x-amz-json-1.1");
  EXPECT_EQ(refusal->headers[1].second, "AccessDeniedException");
}

}  // namespace
}  // namespace glue_security
