#include "glue_security/encryption/http_kms/http_kms.h"

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/engine/engine.h"
#include "glue_security/http/credentials.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using Then = ScriptedAnswer::Then;

constexpr char kAccount[] = "123456789012";
constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/k";

// The caller whom an endpoint takes for the root user.
KeyCaller Root(const std::string& account = kAccount,
               const std::string& region = "us-east-1") {
  KeyCaller caller;
  caller.caller = {account, region, ""};
  return caller;
}

std::unique_ptr<HttpKms> KmsAt(const std::string& url,
                               HttpKmsOptions options = {}) {
  auto kms = HttpKms::Create(url, std::move(options));
  EXPECT_TRUE(kms.ok()) << kms.status().message();
  return kms.ok() ? *std::move(kms) : nullptr;
}

template <typename Result>
KeyRefusal RefusalOf(const KeyAnswerOf<Result>& answer) {
  const auto* const refusal = std::get_if<KeyRefusal>(&answer);
  return refusal == nullptr ? KeyRefusal() : *refusal;
}

// Returns what can be compared of an answer: everything but random bytes.
std::string Shown(const KeyRefusal& refusal) {
  EXPECT_EQ(refusal.request_id.size(), 36u);
  return absl::StrCat(refusal.code, " ", refusal.http_status, " ",
                      refusal.message.value_or("(no text)"));
}
std::string Shown(const EncryptResult& result) {
  return absl::StrCat(result.key_arn, " ", result.blob.size());
}
std::string Shown(const DecryptResult& result) {
  return absl::StrCat(result.key_arn, " ", result.plaintext.view());
}
std::string Shown(const GenerateDataKeyResult& result) {
  return absl::StrCat(result.key_arn, " ", result.blob.size(), " ",
                      result.plaintext.size());
}
std::string Shown(const DescribeKeyResult& result) {
  return absl::StrCat(result.key_arn, " ", static_cast<int>(result.kind), " ",
                      static_cast<int>(result.usage), " ",
                      static_cast<int>(result.state), " ",
                      static_cast<int>(result.manager));
}
template <typename Result>
std::string Shown(const KeyAnswerOf<Result>& answer) {
  return std::visit([](const auto& held) { return Shown(held); }, answer);
}

// A LocalKms behind our own server.
class HttpKmsServerTest : public ::testing::Test {
 protected:
  HttpKmsServerTest() : engine_(&storage_) {
    ServerOptions options;
    options.front_end.kms = &local_;
    options.front_end.credentials = credentials_;
    auto server = Server::Start(&engine_, std::move(options));
    EXPECT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
    http_ = KmsAt(server_->url());
  }

  std::string NewKey(CreateKeyCall call = {}, const KeyCaller& by = Root()) {
    const auto key = local_.CreateKey(by, call);
    EXPECT_EQ(RefusalOf(key).message.value_or(""), "");
    return std::get<KeyMetadata>(key).arn;
  }

  std::string NewKeyOf(const std::string& spec, const std::string& usage) {
    CreateKeyCall call;
    call.key_spec = spec;
    call.key_usage = usage;
    return NewKey(call);
  }

  // Every name of a key, good or bad, that the table uses.
  std::vector<std::string> Names() {
    const std::string enabled = NewKey();
    const std::string disabled = NewKey();
    local_.DisableKey(Root(), disabled);
    const std::string pending = NewKey();
    local_.ScheduleKeyDeletion(Root(), {pending, 7});
    local_.CreateAlias(Root(), "alias/orders", enabled);
    CreateKeyCall denied;
    denied.policy =
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
        R"( "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},)"
        R"( "Action": "kms:*", "Resource": "*"}]})";
    denied.bypass_policy_lockout_safety_check = true;
    std::string text_of_512_bytes(512, 'x');
    return {enabled,
            enabled.substr(enabled.rfind('/') + 1),
            disabled,
            pending,
            NewKeyOf("RSA_2048", "SIGN_VERIFY"),
            NewKeyOf("RSA_2048", "ENCRYPT_DECRYPT"),
            NewKeyOf("ECC_NIST_P256", "SIGN_VERIFY"),
            NewKeyOf("HMAC_256", "GENERATE_VERIFY_MAC"),
            NewKey(denied),
            NewKey({}, Root("210987654321")),
            "alias/orders",
            absl::StrCat("arn:aws:kms:us-east-1:", kAccount, ":alias/orders"),
            "alias/none",
            "alias/aws/glue",
            "01234567-89ab-cdef-0123-456789abcdef",
            "\u00fc \"quoted\" \\ \n",
            "arn:aws:kms:eu-west-1:123456789012:key/x",
            "arn:aws:s3:::bucket",
            "",
            text_of_512_bytes,
            std::string(2049, 'k')};
  }

  LocalKms local_;
  std::optional<Credentials> credentials_;
  MemoryStorage storage_;
  Engine engine_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpKms> http_;
};

TEST_F(HttpKmsServerTest, AnswersAsTheLocalKmsBehindIt) {
  const std::vector<EncryptionContext> contexts = {
      {}, {{"table", "orders"}, {"\u00fc", "\n\"\\"}, {"empty", ""}}};
  const std::vector<std::string> names = Names();
  EncryptCall good;
  good.key = names[0];
  good.plaintext = Secret("hunter2");
  good.context = contexts[1];
  const std::string blob =
      std::get<EncryptResult>(local_.Encrypt(Root(), good)).blob;
  std::string changed = blob;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  const std::vector<std::string> blobs = {blob,
                                          changed,
                                          "",
                                          "no blob",
                                          std::string(6144, 'b'),
                                          std::string(6145, 'b')};
  const std::vector<std::vector<std::string>> tokens = {
      {}, {"invented"}, std::vector<std::string>(11, "t"), {""}};
  size_t compared = 0;
  size_t refused = 0;
  const auto compare = [&](const std::string& what, const std::string& mine,
                           const std::string& theirs) {
    EXPECT_EQ(theirs, mine) << what;
    ++compared;
    refused += absl::StrContains(mine, "Exception") ? 1 : 0;
  };
  for (const std::string& name : names) {
    for (const auto& grant_tokens : tokens) {
      const std::string what = absl::StrCat("key \"", name.substr(0, 80),
                                            "\", tokens ", grant_tokens.size());
      const DescribeKeyCall describe{name, grant_tokens};
      compare(what, Shown(local_.DescribeKey(Root(), describe)),
              Shown(http_->DescribeKey(Root(), describe)));
      for (const size_t bytes :
           {size_t{0}, size_t{1}, size_t{4096}, size_t{4097}}) {
        EncryptCall encrypt;
        encrypt.key = name;
        encrypt.plaintext = Secret(std::string(bytes, 'p'));
        encrypt.context = contexts[bytes % 2];
        encrypt.grant_tokens = grant_tokens;
        compare(absl::StrCat(what, ", encrypt ", bytes),
                Shown(local_.Encrypt(Root(), encrypt)),
                Shown(http_->Encrypt(Root(), encrypt)));
      }
      for (const size_t bytes : {size_t{0}, size_t{1}, size_t{16}, size_t{32},
                                 size_t{1024}, size_t{1025}}) {
        const GenerateDataKeyCall generate{name, contexts[bytes % 2],
                                           grant_tokens, bytes};
        compare(absl::StrCat(what, ", data key ", bytes),
                Shown(local_.GenerateDataKey(Root(), generate)),
                Shown(http_->GenerateDataKey(Root(), generate)));
      }
      for (size_t i = 0; i < blobs.size(); ++i) {
        for (const EncryptionContext& context : contexts) {
          const DecryptCall decrypt{blobs[i], name, context, grant_tokens};
          compare(absl::StrCat(what, ", decrypt ", i),
                  Shown(local_.Decrypt(Root(), decrypt)),
                  Shown(http_->Decrypt(Root(), decrypt)));
        }
      }
    }
  }
  // Both kinds of answers were compared.
  EXPECT_GT(compared, 1500u);
  EXPECT_GT(refused, 500u);
  EXPECT_LT(refused, compared - 20);
}

TEST_F(HttpKmsServerTest, WhatOneEncryptsTheOtherDecrypts) {
  EncryptCall encrypt;
  encrypt.key = NewKey();
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  encrypt.plaintext = Secret(every_byte);
  encrypt.context = {{"a", "b"}};
  const auto here = std::get<EncryptResult>(local_.Encrypt(Root(), encrypt));
  const auto there = std::get<EncryptResult>(http_->Encrypt(Root(), encrypt));
  EXPECT_EQ(std::get<DecryptResult>(
                http_->Decrypt(Root(), {here.blob, "", {{"a", "b"}}, {}}))
                .plaintext,
            encrypt.plaintext);
  EXPECT_EQ(std::get<DecryptResult>(
                local_.Decrypt(Root(), {there.blob, "", {{"a", "b"}}, {}}))
                .plaintext,
            encrypt.plaintext);
  GenerateDataKeyCall generate;
  generate.key = encrypt.key;
  const auto made =
      std::get<GenerateDataKeyResult>(http_->GenerateDataKey(Root(), generate));
  EXPECT_EQ(
      std::get<DecryptResult>(local_.Decrypt(Root(), {made.blob, "", {}, {}}))
          .plaintext,
      made.plaintext);
}

TEST_F(HttpKmsServerTest, AccountsAndRegionsAreToldApart) {
  const std::string key = NewKey();
  const std::string id = key.substr(key.rfind('/') + 1);
  EXPECT_THAT(Shown(http_->DescribeKey(Root(), {id, {}})), HasSubstr(key));
  EXPECT_EQ(Shown(http_->DescribeKey(Root("210987654321"), {id, {}})),
            absl::StrCat("NotFoundException 400 Key 'arn:aws:kms:us-east-1:"
                         "210987654321:key/",
                         id, "' does not exist"));
  EXPECT_EQ(Shown(http_->DescribeKey(Root(kAccount, "eu-west-1"), {id, {}})),
            absl::StrCat("NotFoundException 400 Key 'arn:aws:kms:eu-west-1:",
                         kAccount, ":key/", id, "' does not exist"));
}

TEST_F(HttpKmsServerTest, ManyThreadsCall) {
  const std::string key = NewKey();
  std::vector<std::thread> threads;
  std::vector<int> failures(8);
  for (size_t i = 0; i < failures.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < 20; ++turn) {
        const std::string text = absl::StrCat("secret of ", i, " ", turn);
        const auto encrypted =
            http_->Encrypt(Root(), {key, Secret(text), {}, {}});
        const auto* const result = std::get_if<EncryptResult>(&encrypted);
        if (result == nullptr) {
          ++failures[i];
          continue;
        }
        const auto decrypted =
            http_->Decrypt(Root(), {result->blob, "", {}, {}});
        const auto* const plain = std::get_if<DecryptResult>(&decrypted);
        if (plain == nullptr || plain->plaintext.view() != text) ++failures[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(8));
}

class SignedHttpKmsTest : public ::testing::Test {
 protected:
  static Credential Alice() {
    Credential credential;
    credential.access_key_id = "AKIDALICE";
    credential.secret_access_key = "a secret";
    credential.session_token = "a-token";
    credential.account_id = kAccount;
    credential.principal_arn = "arn:aws:iam::123456789012:user/alice";
    return credential;
  }
};

TEST_F(SignedHttpKmsTest, CallsAreSignedForKms) {
  LocalKms local;
  MemoryStorage storage;
  Engine engine(&storage);
  ServerOptions options;
  options.front_end.kms = &local;
  options.front_end.credentials = Credentials{{"AKIDALICE", Alice()}};
  auto server = Server::Start(&engine, std::move(options));
  ASSERT_THAT(server, IsOk());
  const auto key = std::get<KeyMetadata>(local.CreateKey(Root(), {})).arn;
  HttpKmsOptions good;
  good.credential = Alice();
  const auto kms = KmsAt((*server)->url(), good);
  EXPECT_THAT(Shown(kms->DescribeKey(Root(), {key, {}})), HasSubstr(key));
  HttpKmsOptions bad = good;
  bad.credential->secret_access_key = "another";
  EXPECT_EQ(
      RefusalOf(KmsAt((*server)->url(), bad)->DescribeKey(Root(), {key, {}}))
          .code,
      "InvalidSignatureException");
  EXPECT_EQ(
      RefusalOf(KmsAt((*server)->url())->DescribeKey(Root(), {key, {}})).code,
      "UnrecognizedClientException");
}

// Endpoints that misbehave.

std::string Http(absl::string_view status, absl::string_view body,
                 absl::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(),
                      "\r\n", headers, "\r\n", body);
}

std::string Good() {
  return Http("200 OK", absl::StrCat(R"({"Plaintext":"aHVudGVyMg==","KeyId":")",
                                     kArn, R"("})"));
}

TEST(HttpKmsTest, Create_RefusesWhatIsNoEndpoint) {
  for (const char* const url : {"", "local", "https://kms:443", "http://kms"}) {
    EXPECT_THAT(HttpKms::Create(url, {}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << url;
  }
  HttpKmsOptions options;
  options.credential = Credential();
  options.credential->access_key_id = "a\nb";
  EXPECT_THAT(HttpKms::Create("http://127.0.0.1:1", options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(HttpKmsTest, AnswersAreKmssOrInternalErrors) {
  const struct {
    std::string bytes;
    std::string refusal;
  } cases[] = {
      {Http("200 OK", "{}"),
       "KMSInternalException 500 HTTP status 200: the answer has no legal "
       "Plaintext"},
      {Http("302 Found", "", "Location: http://x\r\n"),
       "KMSInternalException 500 HTTP status 302: the answer is not one of "
       "KMS"},
      {Http("502 Bad Gateway", "<html>"),
       "KMSInternalException 500 HTTP status 502: the answer is not one of "
       "KMS"},
      {Http("400 Bad", R"({"__type":"DisabledException","message":"off"})"),
       "DisabledException 400 off"},
      {Http("500 Bad", "{}", "x-amzn-ErrorType: KMSInternalException\r\n"),
       "KMSInternalException 500 (no text)"},
      {"garbage\r\n\r\n", "DependencyTimeoutException 500 no answer: bad "},
      {Http("200 OK", std::string(5000, ' ')),
       "DependencyTimeoutException 500 no answer: body limit exceeded"},
  };
  HttpKmsOptions options;
  options.answer_bytes_max = 4096;
  options.timeout = absl::Seconds(30);
  for (const auto& test : cases) {
    ScriptedServer server;
    server.Add({test.bytes});
    server.Add({Good()});
    const auto kms = KmsAt(server.url(), options);
    EXPECT_THAT(Shown(kms->Decrypt(Root(), {"blob", "", {}, {}})),
                ::testing::StartsWith(test.refusal));
    // The next call gets its own answer.
    EXPECT_EQ(Shown(kms->Decrypt(Root(), {"blob", "", {}, {}})),
              absl::StrCat(kArn, " hunter2"));
    EXPECT_EQ(server.requests().size(), 2u);
  }
}

TEST(HttpKmsTest, ConnectionsThatAreClosed_AreTriedOnceMore) {
  for (const Then then : {Then::kEnd, Then::kReset}) {
    ScriptedServer server;
    server.Add({"", then});
    server.Add({Good()});
    const auto kms = KmsAt(server.url());
    EXPECT_EQ(Shown(kms->Decrypt(Root(), {"blob", "", {}, {}})),
              absl::StrCat(kArn, " hunter2"));
    const std::vector<std::string> requests = server.requests();
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_EQ(requests[0], requests[1]);
  }
}

TEST(HttpKmsTest, ConnectionsThatAreClosedTwice_AreARefusal) {
  for (const Then then : {Then::kEnd, Then::kReset}) {
    ScriptedServer server;
    for (int i = 0; i < 3; ++i) server.Add({"", then});
    const auto kms = KmsAt(server.url());
    EXPECT_THAT(
        Shown(kms->Decrypt(Root(), {"blob", "", {}, {}})),
        ::testing::StartsWith("DependencyTimeoutException 500 no answer: "));
    EXPECT_EQ(server.requests().size(), 2u);
  }
}

TEST(HttpKmsTest, AnAnswerThatHasBegun_IsNotAskedForAgain) {
  for (const Then then : {Then::kEnd, Then::kReset}) {
    ScriptedServer server;
    server.Add({Good().substr(0, 30), then});
    const auto kms = KmsAt(server.url());
    EXPECT_EQ(RefusalOf(kms->Decrypt(Root(), {"blob", "", {}, {}})).code,
              "DependencyTimeoutException");
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

TEST(HttpKmsTest, NoAnswerInTime_IsARefusal) {
  ScriptedServer server;
  server.Add({"HTTP/1.1 200 OK\r\nX: ", Then::kTrickle});
  HttpKmsOptions options;
  options.timeout = absl::Milliseconds(200);
  const auto kms = KmsAt(server.url(), options);
  EXPECT_EQ(RefusalOf(kms->Decrypt(Root(), {"blob", "", {}, {}})).code,
            "DependencyTimeoutException");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpKmsTest, WhereNobodyListens_IsARefusalWithARequestId) {
  std::string url;
  {
    ScriptedServer gone;
    url = gone.url();
  }
  SeededRandom random(1);
  HttpKmsOptions options;
  options.random = &random;
  const KeyRefusal refusal =
      RefusalOf(KmsAt(url, options)->DescribeKey(Root(), {"k", {}}));
  EXPECT_EQ(refusal.code, "DependencyTimeoutException");
  EXPECT_EQ(refusal.http_status, 500);
  EXPECT_THAT(refusal.message.value_or(""),
              ::testing::StartsWith("cannot connect to 127.0.0.1:"));
  EXPECT_THAT(refusal.request_id,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]"
                           "{3}-[0-9a-f]{12}"));
}

TEST(HttpKmsTest, TheRequestIdIsThatOfTheAnswer) {
  const char kError[] = R"({"__type":"DisabledException"})";
  ScriptedServer server;
  server.Add({Http("400 Bad", kError, "x-amzn-RequestId: abc-1\r\n")});
  server.Add({Http("400 Bad", kError, "x-amzn-RequestId: a b\r\n")});
  const auto kms = KmsAt(server.url());
  EXPECT_EQ(RefusalOf(kms->DescribeKey(Root(), {"k", {}})).request_id, "abc-1");
  EXPECT_EQ(RefusalOf(kms->DescribeKey(Root(), {"k", {}})).request_id.size(),
            36u);
}

TEST(HttpKmsTest, CallersThatNoHeaderHolds_AreRefusedAndNothingIsSent) {
  ScriptedServer server;
  const auto kms = KmsAt(server.url());
  const KeyRefusal region =
      RefusalOf(kms->DescribeKey(Root(kAccount, "a/b"), {"k", {}}));
  EXPECT_EQ(region.code, "ValidationException");
  EXPECT_EQ(region.message, "the caller's region is not legal in a header");
  const KeyRefusal account =
      RefusalOf(kms->DescribeKey(Root("a\r\nb: c"), {"k", {}}));
  EXPECT_EQ(account.code, "ValidationException");
  EXPECT_EQ(account.message,
            "the caller's account id is not legal in a header");
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpKmsTest, RequestsAreAsKmsWantsThem) {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  clock.Freeze();
  HttpKmsOptions options;
  options.clock = &clock;
  ScriptedServer server;
  server.Add({Good()});
  const auto kms = KmsAt(server.url(), options);
  ASSERT_EQ(Shown(kms->Decrypt(Root(), {"\x01\x02", "k", {{"a", "b"}}, {"t"}})),
            absl::StrCat(kArn, " hunter2"));
  const std::string request = server.requests()[0];
  EXPECT_THAT(request, ::testing::StartsWith("POST / HTTP/1.1\r\n"));
  for (const char* const part :
       {"Content-Type: application/x-amz-json-1.1\r\n",
        "X-Amz-Target: TrentService.Decrypt\r\n",
        "X-Amz-Date: 20231114T221320Z\r\n",
        "Credential=123456789012/20231114/us-east-1/kms/aws4_request",
        R"({"CiphertextBlob":"AQI=","EncryptionContext":{"a":"b"},)"
        R"("GrantTokens":["t"],"KeyId":"k"})"}) {
    EXPECT_THAT(request, HasSubstr(part));
  }
}

}  // namespace
}  // namespace glue_security
