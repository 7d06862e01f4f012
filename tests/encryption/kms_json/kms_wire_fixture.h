// A LocalKms behind KMS's JSON protocol, without a socket.

#ifndef GLUE_SECURITY_TESTS_ENCRYPTION_KMS_JSON_KMS_WIRE_FIXTURE_H_
#define GLUE_SECURITY_TESTS_ENCRYPTION_KMS_JSON_KMS_WIRE_FIXTURE_H_

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "nlohmann/json.hpp"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {

class KmsWireTest : public LocalKmsTest {
 protected:
  using Json = nlohmann::json;

  WireResponse Send(const std::string& operation, const std::string& body,
                    const KeyCaller& caller = User("admin")) {
    const auto decoded =
        DecodeKmsRequest(absl::StrCat("TrentService.", operation), body);
    if (const auto* const refusal = std::get_if<KeyRefusal>(&decoded)) {
      return EncodeKmsRefusal(*refusal);
    }
    return AnswerKmsRequest(&kms_, caller, std::get<KmsRequest>(decoded));
  }

  // Makes a call that succeeds and has a result.
  Json Get(const std::string& operation, const Json& members,
           const KeyCaller& caller = User("admin")) {
    const WireResponse response = Send(operation, members.dump(), caller);
    EXPECT_EQ(response.http_status, 200) << response.body;
    EXPECT_EQ(response.error_type, "");
    return Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  }

  // Makes a call that succeeds and has none.
  void Do(const std::string& operation, const Json& members,
          const KeyCaller& caller = User("admin")) {
    const WireResponse response = Send(operation, members.dump(), caller);
    EXPECT_EQ(response.http_status, 200) << response.body;
    EXPECT_EQ(response.body, "");
  }

  // Makes a call that is refused, and shows that it changed nothing. Returns
  // "CODE: TEXT", or "CODE" when there is no text.
  std::string Refused(const std::string& operation, const Json& members,
                      const KeyCaller& caller = User("admin")) {
    return RefusedText(operation, members.dump(), caller);
  }
  std::string RefusedText(const std::string& operation, const std::string& body,
                          const KeyCaller& caller = User("admin")) {
    const std::string before = State();
    const WireResponse response = Send(operation, body, caller);
    EXPECT_EQ(State(), before);
    EXPECT_NE(response.http_status, 200) << response.body;
    const Json error =
        Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    const std::string type = error.value("__type", "");
    EXPECT_EQ(response.error_type, type);
    return error.contains("message")
               ? absl::StrCat(type, ": ", error.value("message", ""))
               : type;
  }
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENCRYPTION_KMS_JSON_KMS_WIRE_FIXTURE_H_
