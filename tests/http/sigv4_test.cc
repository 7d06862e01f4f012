#include "glue_security/http/sigv4.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A request that owns its texts.
struct OwnedRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  HttpRequest request() const {
    return {method, target, {headers.begin(), headers.end()}, body};
  }
  std::string* Find(const std::string& name) {
    for (auto& [other, value] : headers) {
      if (other == name) return &value;
    }
    ADD_FAILURE() << name;
    return nullptr;
  }
};

// Parses the text of a request. A line that starts with a blank continues the
// header before it.
OwnedRequest ParseRequest(const std::string& text) {
  OwnedRequest owned;
  const size_t end = text.find("\n\n");
  const std::vector<std::string> lines =
      absl::StrSplit(text.substr(0, end), '\n');
  const size_t first = lines[0].find(' ');
  const size_t last = lines[0].rfind(' ');
  owned.method = lines[0].substr(0, first);
  owned.target = lines[0].substr(first + 1, last - first - 1);
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    if (lines[i][0] == ' ') {
      owned.headers.back().second += lines[i];
      continue;
    }
    const size_t colon = lines[i].find(':');
    owned.headers.emplace_back(lines[i].substr(0, colon),
                               lines[i].substr(colon + 1));
  }
  if (end != std::string::npos) owned.body = text.substr(end + 2);
  return owned;
}

TEST(SigV4Test, TheKnownAnswersOfTheSuite) {
  std::ifstream file("tests/http/sigv4_vectors.json");
  const auto vectors = nlohmann::json::parse(file);
  ASSERT_GE(vectors.size(), 38u);
  for (const auto& vector : vectors) {
    SCOPED_TRACE(vector["name"].get<std::string>());
    const OwnedRequest owned = ParseRequest(vector["signed_request"]);
    const HttpRequest request = owned.request();
    const auto parsed = ParseSignatureHeader(request);
    ASSERT_TRUE(std::holds_alternative<SignatureHeader>(parsed));
    const auto& header = std::get<SignatureHeader>(parsed);
    EXPECT_EQ(header.access_key_id, "AKIDEXAMPLE");
    EXPECT_EQ(header.region, "us-east-1");
    EXPECT_EQ(FormatSignatureHeader(header), *request.Find("Authorization"));
    const std::string canonical = CanonicalRequest(
        request, header.signed_headers, vector["normalize_path"]);
    EXPECT_EQ(canonical, vector["canonical_request"].get<std::string>());
    const std::string to_sign =
        StringToSign(header, *request.Find("X-Amz-Date"), canonical);
    EXPECT_EQ(to_sign, vector["string_to_sign"].get<std::string>());
    const std::string signature =
        Sign(vector["secret_access_key"].get<std::string>(), header, to_sign);
    EXPECT_EQ(signature, vector["signature"].get<std::string>());
    EXPECT_EQ(signature, header.signature);
  }
}

// --- Verification ------------------------------------------------------------

constexpr char kTime[] = "20261124T120000Z";
constexpr char kSecret[] = "a secret";
constexpr char kBody[] = R"({"PolicyInJson":"{}"})";

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 12, 0, 0),
                         absl::UTCTimeZone());
}

Credentials Known() {
  Credentials credentials;
  credentials["AKID"] = {"AKID", kSecret, "", "", "", absl::InfiniteFuture()};
  credentials["ASIA"] = {"ASIA", kSecret, "a token",
                         "",     "",      Now() + absl::Hours(1)};
  return credentials;
}

// The parameters of a signing client.
struct Client {
  std::string key = "AKID";
  std::string secret = kSecret;
  std::string token;
  std::string time = kTime;
  std::string date = "20261124";
  std::string service = "glue";
  std::vector<absl::string_view> signed_headers = {"host", "x-amz-date",
                                                   "x-amz-target"};
};

OwnedRequest Signed(const Client& client) {
  OwnedRequest request;
  request.method = "POST";
  request.target = "/";
  request.headers = {{"Host", "localhost:4566"},
                     {"X-Amz-Date", client.time},
                     {"X-Amz-Target", "AWSGlue.PutResourcePolicy"}};
  if (!client.token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", client.token);
  }
  request.body = kBody;
  SignatureHeader header{client.key,     client.date,           "us-east-1",
                         client.service, client.signed_headers, ""};
  const std::string canonical =
      CanonicalRequest(request.request(), client.signed_headers, true);
  const std::string signature =
      Sign(client.secret, header, StringToSign(header, client.time, canonical));
  request.headers.emplace_back(
      "Authorization",
      absl::StrCat("AWS4-HMAC-SHA256 Credential=", client.key, "/", client.date,
                   "/us-east-1/", client.service,
                   "/aws4_request, SignedHeaders=",
                   absl::StrJoin(client.signed_headers, ";"),
                   ", Signature=", signature));
  return request;
}

// Returns "" for a good signature, else the error's type and message.
std::string ErrorOf(const OwnedRequest& request, absl::Time now = Now()) {
  const Credentials credentials = Known();
  const auto text = [](const SignatureError& error) {
    return absl::StrCat(error.type, ": ", error.message);
  };
  const HttpRequest http = request.request();
  const auto parsed = ParseSignatureHeader(http);
  if (const auto* error = std::get_if<SignatureError>(&parsed)) {
    return text(*error);
  }
  const auto result = VerifySignature(http, std::get<SignatureHeader>(parsed),
                                      credentials, now);
  const auto* error = std::get_if<SignatureError>(&result);
  return error == nullptr ? "" : text(*error);
}

constexpr char kMismatch[] =
    "InvalidSignatureException: The request signature we calculated does not "
    "match";
constexpr char kUnrecognized[] =
    "UnrecognizedClientException: The security token included in the request "
    "is invalid.";

TEST(VerifySignatureTest, AGoodSignaturePasses) {
  EXPECT_EQ(ErrorOf(Signed({})), "");
  Client client;
  client.key = "ASIA";
  client.token = "a token";
  EXPECT_EQ(ErrorOf(Signed(client)), "");
}

TEST(VerifySignatureTest, TheHeaderAndItsPartsMustBeThere) {
  OwnedRequest request = Signed({});
  request.headers.pop_back();
  EXPECT_EQ(ErrorOf(request),
            "MissingAuthenticationTokenException: Missing Authentication "
            "Token");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Bearer x", "Unsupported AWS 'algorithm': 'Bearer'."},
      // A blank must follow the algorithm.
      {"AWS4-HMAC-SHA256Credential=a/b/c/glue/aws4_request, "
       "SignedHeaders=host, Signature=0",
       "Unsupported AWS 'algorithm': "
       "'AWS4-HMAC-SHA256Credential=a/b/c/glue/aws4_request,'."},
      {"AWS4-HMAC-SHA256,Credential=a/b/c/glue/aws4_request, "
       "SignedHeaders=host, Signature=0",
       "Unsupported AWS 'algorithm': "
       "'AWS4-HMAC-SHA256,Credential=a/b/c/glue/aws4_request,'."},
      {"AWS4-HMAC-SHA2561 Credential=a/b/c/glue/aws4_request, "
       "SignedHeaders=host, Signature=0",
       "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA2561'."},
      // The quoted text is printable and short.
      {"B\xFF\x01\xC3 x",
       "Unsupported AWS 'algorithm': 'B?"
       "?"
       "?'."},
      {"AWS4-HMAC-SHA256 Credential=a\xFF\x7F/b, SignedHeaders=host, "
       "Signature=0",
       "got 'a?"
       "?/b'"},
      {"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0",
       "requires 'Credential' parameter. Authorization="},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/glue/aws4_request, Signature=0",
       "requires 'SignedHeaders' parameter. Authorization="},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/glue/aws4_request, "
       "SignedHeaders=host",
       "requires 'Signature' parameter. Authorization="},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/glue, SignedHeaders=host, "
       "Signature=0",
       "exactly 5 slash-delimited elements"},
      {"AWS4-HMAC-SHA256 Credential=a/b/c/glue/aws3, SignedHeaders=host, "
       "Signature=0",
       "valid terminator"},
  };
  for (const auto& [value, message] : cases) {
    OwnedRequest other = Signed({});
    *other.Find("Authorization") = value;
    EXPECT_THAT(ErrorOf(other),
                testing::AllOf(HasSubstr("IncompleteSignatureException"),
                               HasSubstr(message)))
        << value;
  }
}

TEST(VerifySignatureTest, TheTimeMustBeThereAndReadable) {
  for (const char* time : {"", "yesterday", "2026-11-24T12:00:00Z"}) {
    OwnedRequest request = Signed({});
    *request.Find("X-Amz-Date") = time;
    EXPECT_THAT(ErrorOf(request),
                HasSubstr("existence of either a 'X-Amz-Date' or a 'Date'"))
        << time;
  }
}

TEST(VerifySignatureTest, WhatNamesTheOperationMustBeSigned) {
  for (const char* left_out : {"host", "x-amz-date", "x-amz-target"}) {
    Client client;
    client.signed_headers.erase(std::find(
        client.signed_headers.begin(), client.signed_headers.end(), left_out));
    EXPECT_THAT(absl::AsciiStrToLower(ErrorOf(Signed(client))),
                HasSubstr(absl::StrCat("incompletesignatureexception: '",
                                       left_out, "' must be")));
  }
}

TEST(VerifySignatureTest, AHeaderIsNamedOnce) {
  Client client;
  client.signed_headers.push_back("host");
  EXPECT_EQ(ErrorOf(Signed(client)),
            "IncompleteSignatureException: 'host' is a 'SignedHeader' more "
            "than once.");
}

// These headers would take minutes if each name were compared with each header.
TEST(VerifySignatureTest, ManyHeadersTakeLittleTime) {
  Client client;
  std::vector<std::string> names;
  for (int i = 0; i < 100'000; ++i) names.push_back(absl::StrCat("x", i));
  for (const std::string& name : names) client.signed_headers.push_back(name);
  OwnedRequest request = Signed(client);
  for (const std::string& name : names) request.headers.emplace_back(name, "v");
  EXPECT_THAT(ErrorOf(request), StartsWith(kMismatch));
}

TEST(VerifySignatureTest, AnUnknownKeyOrTokenIsUnrecognized) {
  Client client;
  client.key = "AKIDX";
  EXPECT_EQ(ErrorOf(Signed(client)), kUnrecognized);
  client.key = "AKID";
  client.token = "a token";  // The key has none.
  EXPECT_EQ(ErrorOf(Signed(client)), kUnrecognized);
  client.key = "ASIA";
  client.token = "another";
  EXPECT_EQ(ErrorOf(Signed(client)), kUnrecognized);
  client.token = "";
  EXPECT_EQ(ErrorOf(Signed(client)), kUnrecognized);
}

TEST(VerifySignatureTest, AnythingThatWasSignedAndChangedIsFound) {
  Client client;
  client.secret = "another secret";
  EXPECT_THAT(ErrorOf(Signed(client)), HasSubstr(kMismatch));

  OwnedRequest request = Signed({});
  request.body = R"({"PolicyInJson":"{ }"})";
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
  request = Signed({});
  request.target = "/?a";
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
  request = Signed({});
  request.method = "PUT";
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
  for (const char* name : {"Host", "X-Amz-Target"}) {
    request = Signed({});
    request.Find(name)->back() ^= 1;
    EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch)) << name;
  }
  request = Signed({});
  request.headers.emplace_back("x-amz-target", "AWSGlue.GetResourcePolicy");
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
  request = Signed({});
  *request.Find("X-Amz-Date") = "20261124T120001Z";
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
  // Each byte of the signature matters.
  for (size_t i = 0; i < 64; ++i) {
    request = Signed({});
    std::string& header = *request.Find("Authorization");
    header[header.size() - 1 - i] ^= 1;
    EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch)) << i;
  }
  request = Signed({});
  request.Find("Authorization")->pop_back();
  EXPECT_THAT(ErrorOf(request), HasSubstr(kMismatch));
}

TEST(VerifySignatureTest, ARequestIsGoodForFiveMinutesEitherWay) {
  for (const absl::Duration skew :
       {absl::ZeroDuration(), absl::Minutes(5), -absl::Minutes(5)}) {
    EXPECT_EQ(ErrorOf(Signed({}), Now() + skew), "") << skew;
  }
  EXPECT_EQ(ErrorOf(Signed({}), Now() + absl::Seconds(301)),
            "InvalidSignatureException: Signature expired: 20261124T120000Z is "
            "now earlier than 20261124T120001Z (20261124T120501Z - 5 min.)");
  EXPECT_EQ(ErrorOf(Signed({}), Now() - absl::Seconds(301)),
            "InvalidSignatureException: Signature not yet current: "
            "20261124T120000Z is still later than 20261124T115959Z "
            "(20261124T115459Z + 5 min.)");
}

TEST(VerifySignatureTest, TheScopeIsTheRequests) {
  Client client;
  client.service = "s3";
  EXPECT_EQ(ErrorOf(Signed(client)),
            "InvalidSignatureException: Credential should be scoped to correct "
            "service: 'glue'.");
  client = Client();
  client.date = "20261123";
  EXPECT_THAT(ErrorOf(Signed(client)),
              HasSubstr("'20261123' != '20261124', from '20261124T120000Z'."));
}

TEST(VerifySignatureTest, AnExpiredTokenIsToldOnlyToWhoCanSign) {
  Client client;
  client.key = "ASIA";
  client.token = "a token";
  client.time = "20261124T130000Z";
  const absl::Time later = Now() + absl::Hours(1);
  EXPECT_EQ(ErrorOf(Signed(client), later),
            "ExpiredTokenException: The security token included in the request "
            "is expired");
  client.secret = "another secret";
  EXPECT_THAT(ErrorOf(Signed(client), later), HasSubstr(kMismatch));
}

// --- The credentials file

TEST(CredentialsTest, AFileOfTheSdksIsRead) {
  const auto credentials = ParseCredentials(
      "# a comment\n"
      "[default]\n"
      "aws_access_key_id = AKID\r\n"
      "aws_secret_access_key=a=secret/+\n"
      "region = us-east-1\n"
      "\n"
      " ; another\n"
      "[other]\n"
      "aws_access_key_id = ASIA\n"
      "aws_secret_access_key = s\n"
      "aws_session_token = t\n"
      "aws_account_id = 123456789012\n"
      "principal_arn = arn:aws:iam::123456789012:user/a\n"
      "expiration = 2026-11-24T12:00:00Z");
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  ASSERT_EQ(credentials->size(), 2u);
  EXPECT_EQ(credentials->at("AKID").secret_access_key, "a=secret/+");
  EXPECT_EQ(credentials->at("AKID").expiration, absl::InfiniteFuture());
  const Credential& other = credentials->at("ASIA");
  EXPECT_EQ(other.session_token, "t");
  EXPECT_EQ(other.account_id, "123456789012");
  EXPECT_EQ(other.principal_arn, "arn:aws:iam::123456789012:user/a");
  EXPECT_EQ(other.expiration, Now());
}

Credential KeyOf(const std::string& text) {
  const auto credentials = ParseCredentials(text);
  EXPECT_TRUE(credentials.ok()) << credentials.status() << "\n" << text;
  if (!credentials.ok() || credentials->count("AKID") == 0) return {};
  return credentials->at("AKID");
}

// Each text has the one key AKID and its secret among parts that SDKs ignore.
TEST(CredentialsTest, WhatSdksReadIsRead) {
  const std::string key =
      "aws_access_key_id = AKID\naws_secret_access_key = s\n";
  const std::vector<std::string> texts = {
      "[default]\n" + key,
      // Sections without keys, before and after.
      "[a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n[b]\n" + key,
      "[b]\n" + key +
          "[a]\nsso_start_url = https://a/start#/\n"
          "sso_region = us-east-1\nsso_account_id = 123456789012\n"
          "sso_role_name = a\n",
      "[profile a]\nsso_session = s\n[sso-session s]\n"
      "sso_registration_scopes = sso:account:access\n[profile b]\n" +
          key,
      "[a]\ncredential_process = /bin/a --b=\"c d\"\n[b]\n" + key,
      "[services s]\nglue =\n  endpoint_url = http://127.0.0.1\n[b]\n" + key,
      "[empty]\n[b]\n" + key + "[also empty]",
      // A half of a key is ignored.
      "[a]\naws_access_key_id = OTHER\n[b]\n" + key +
          "[c]\naws_secret_access_key = t\n",
      // Names are case insensitive.
      "[b]\nAWS_ACCESS_KEY_ID = AKID\nAws_Secret_Access_Key = s\n",
      // Comments.
      "# c\n;c\n[b] # c ]\n" + key,
      "[b]\naws_access_key_id = AKID # c\naws_secret_access_key = s\t;c\n",
      "[b]\n" + key + "aws_session_token = # none\n",
      // A byte order mark and other ends of lines.
      "\xEF\xBB\xBF[b]\n" + key,
      "[b]\r\naws_access_key_id = AKID\r\naws_secret_access_key = s\r\n\r\n",
      "[b]\naws_access_key_id: AKID\naws_secret_access_key:s",
      // Indented lines; nested settings do not belong to the section.
      "  [b]\n  aws_access_key_id = AKID\n  aws_secret_access_key = s\n",
      "[b]\n" + key + "s3 =\n  aws_access_key_id = OTHER\n  no setting\n",
      // A section in two parts, and a key that two profiles share.
      "[b]\naws_access_key_id = AKID\n[c]\n[b]\naws_secret_access_key = s\n",
      "[a]\n" + key + "[b]\n" + key + "region = us-east-1\n",
      "[b]\naws_access_key_id = OTHER\n" + key,
      "[b]\n" + key + "region =\n",
  };
  for (const std::string& text : texts) {
    const Credential credential = KeyOf(text);
    EXPECT_EQ(credential.secret_access_key, "s") << text;
    EXPECT_EQ(credential.session_token, "") << text;
    EXPECT_EQ(ParseCredentials(text)->size(), 1u) << text;
  }
}

TEST(CredentialsTest, OtherSpellingsOfATokenAndItsExpirationAreRead) {
  const Credential credential = KeyOf(
      "[a]\naws_access_key_id = AKID\naws_secret_access_key = s\n"
      "aws_security_token = t\nexpiration = 2026-11-24 12:00:00\n");
  EXPECT_EQ(credential.session_token, "t");
  EXPECT_EQ(credential.expiration, Now());
}

TEST(CredentialsTest, TwoSectionsOfAKeySayMoreTogether) {
  const std::string key =
      "aws_access_key_id = AKID\naws_secret_access_key = s\n";
  const Credential credential =
      KeyOf("[a]\n" + key + "[b]\n" + key +
            "aws_account_id = 111122223333\nprincipal_arn = p\n");
  EXPECT_EQ(credential.account_id, "111122223333");
  EXPECT_EQ(credential.principal_arn, "p");
  for (const char* other :
       {"aws_secret_access_key = hidden\n", "aws_session_token = hidden\n",
        "aws_account_id = 2\n", "principal_arn = q\n",
        "expiration = 2026-11-24T12:00:00Z\n"}) {
    const auto credentials = ParseCredentials(
        "[a]\n" + key + "aws_account_id = 1\nprincipal_arn = p\n[b]\n" + key +
        other);
    EXPECT_THAT(credentials.status().message(),
                HasSubstr("line 6: another section gives its access key"))
        << other;
  }
}

TEST(CredentialsTest, AFileWithoutAKeyIsAnError) {
  for (const char* text :
       {"", "\n\n", "# a comment", "[a]", "[a]\nrole_arn = a\n",
        "[a]\naws_access_key_id = hidden\n",
        "[a]\naws_secret_access_key = hidden\n[b]",
        "[a]\naws_access_key_id = hidden\n[b]\naws_secret_access_key = hidden",
        "[a]\naws_access_key_id = hidden\naws_secret_access_key =\n"}) {
    const auto credentials = ParseCredentials(text);
    EXPECT_EQ(credentials.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(credentials.status().message(),
              "credentials: no section has aws_access_key_id and "
              "aws_secret_access_key")
        << text;
  }
}

TEST(CredentialsTest, AMistakeIsToldWithItsLineAndWithoutSecrets) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[a]\nhidden", "line 2: neither"},
      {"hidden = 1", "line 1: not within"},
      {"[a\n", "line 1: the section is not closed"},
      {"[a]\n= hidden", "line 2: neither"},
      {"[a]\nexpiration = hidden\n", "line 2: the expiration"},
  };
  for (const auto& [text, message] : cases) {
    const auto credentials = ParseCredentials(text);
    EXPECT_THAT(credentials.status().message(), HasSubstr(message)) << text;
    EXPECT_THAT(credentials.status().message(),
                testing::Not(HasSubstr("hidden")));
  }
}

}  // namespace
}  // namespace glue_security
