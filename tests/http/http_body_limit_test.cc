// The limit of a body admits every request that the engine accepts.

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class HttpBodyLimitTest : public testing::Test {
 protected:
  HttpBodyLimitTest() : engine_(&storage_) {
    auto server = Server::Start(&engine_, {});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Call(absl::string_view operation, absl::string_view body) {
    RawClient client(server_->port());
    client.Send(absl::StrCat(
        "POST / HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSGlue.",
        operation, "\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
    return client.ReadResponse();
  }

  // Returns a body as boto3 writes it.
  static std::string Encryptions(int count) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&list, i == 0 ? "" : ", ",
                      "{\"S3EncryptionMode\": \"DISABLED\"}");
    }
    return absl::StrCat(
        "{\"Name\": \"a\", \"EncryptionConfiguration\": {\"S3Encryption\": [",
        list, "]}}");
  }

  static std::string Repeated(absl::string_view text, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&all, text);
    return all;
  }

  MemoryStorage storage_;
  Engine engine_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpBodyLimitTest, WhatGrowsMostOnTheWire_ReachesTheEngine) {
  // Each element takes four bytes of the message, and 65,536 times four bytes
  // are 256 KiB; the other members need a little room as well.
  EXPECT_THAT(Call("CreateSecurityConfiguration", Encryptions(65'500)),
              StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(Call("CreateSecurityConfiguration", Encryptions(65'600)),
              HasSubstr("InvalidInputException"));
  // Characters of one, two and four bytes, each making 260,000 bytes in all.
  const std::pair<const char*, size_t> kCharacters[] = {
      {"\\u0001", 260'000}, {"\\u00e9", 130'000}, {"\\ud83d\\ude00", 65'000}};
  for (const auto& [text, count] : kCharacters) {
    EXPECT_THAT(
        Call("GetSecurityConfigurations",
             absl::StrCat("{\"NextToken\": \"", Repeated(text, count), "\"}")),
        HasSubstr("InvalidInputException"))
        << text;
  }
}

TEST_F(HttpBodyLimitTest, ALargerBody_IsRefusedWithAReason) {
  EXPECT_THAT(
      Call("PutResourcePolicy", std::string(kHttpBodyBytesMax + 1, ' ')),
      HasSubstr(absl::StrCat("{\"message\":\"the body has more than ",
                             kHttpBodyBytesMax, " bytes\"}")));
}

}  // namespace
}  // namespace glue_security
