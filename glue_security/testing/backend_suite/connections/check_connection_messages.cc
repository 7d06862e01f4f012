// message.connection: the texts of errors about connections.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "re2/re2.h"

namespace glue_security::conformance_internal {
namespace {

BackendNeeds Texts(BackendNeeds needs = BackendNeeds()) {
  needs.messages = true;
  return needs;
}

void Says(CheckContext& check, absl::string_view message,
          const v1::Request& request) {
  check.Same("the message", message, check.Call(request).error().message());
}

void AddNameMessages(CheckGroup& group) {
  group.Add(
      "create_duplicate", "the message names the connection",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")));
        Says(check, "connection \"a\" already exists",
             CreateConnection(ConnectionWith("a")));
      },
      Texts());
  for (const auto& [id, request] :
       {std::pair<const char*, v1::Request>{"get_unknown", GetConnection("a")},
        {"update_unknown", UpdateConnection(ConnectionWith("a"))},
        {"delete_unknown", DeleteConnection("a")}}) {
    group.Add(
        id, "the message names the connection",
        [request = request](CheckContext& check) {
          Says(check, "connection \"a\" does not exist", request);
        },
        Texts());
  }
  group.Add(
      "batch_unknown", "ErrorMessage is the text of DeleteConnection",
      [](CheckContext& check) {
        const auto response = check.Ok(BatchDeleteConnections({"a"}));
        const auto& errors = response.batch_delete_connection().errors();
        const auto found = errors.find("a");
        check.Same(
            "the ErrorMessage", "connection \"a\" does not exist",
            found == errors.end() ? "(none)" : found->second.error_message());
      },
      Texts());
  group.Add(
      "other_name", "the text of an update with another name",
      [](CheckContext& check) {
        auto request = UpdateConnection(ConnectionWith("b"));
        request.mutable_update_connection()->set_name("a");
        Says(check, "connectionInput.name must be the name", request);
      },
      Texts());
  group.Add(
      "number_limit", "the message has the limit",
      [](CheckContext& check) {
        check.limits().connections_max = 2;
        for (const char* name : {"a", "b"}) {
          check.Ok(CreateConnection(ConnectionWith(name)));
        }
        Says(check, "the catalog is at its limit of 2 connections",
             CreateConnection(ConnectionWith("c")));
      },
      Texts(NeedsLimits()));
}

void AddSecretMessages(CheckGroup& group) {
  group.Add(
      "no_property_value", "a property may hold a secret: no message quotes it",
      [](CheckContext& check) {
        const std::string secret(1025, 's');
        for (const char* key : {"PASSWORD", "JDBC_CONNECTION_URL"}) {
          for (const v1::Request& request :
               {CreateConnection(ConnectionWith("a", {{key, secret}})),
                UpdateConnection(ConnectionWith("a", {{key, secret}}))}) {
            const std::string text = check.Call(request).error().message();
            check.Expect(!absl::StrContains(text, "ssss") && !text.empty(),
                         "the message",
                         "a text without the value of the property", text);
          }
        }
      },
      Texts());
  group.Add(
      "key_refusal", "the recorded form, with the text of the key service",
      [](CheckContext& check) {
        const std::string key = "11111111-2222-3333-4444-555555555555";
        v1::DataCatalogEncryptionSettings settings;
        settings.mutable_connection_password_encryption()->set_aws_kms_key_id(
            key);
        settings.mutable_connection_password_encryption()
            ->set_return_connection_password_encrypted(true);
        check.Ok(PutSettings(settings));
        std::string text = check
                               .Call(CreateConnection(ConnectionWith(
                                   "a", {{"PASSWORD", "secret"}})))
                               .error()
                               .message();
        // The id of the request is another one each time.
        re2::RE2::Replace(
            &text, "Request ID: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "Request ID: UUID");
        check.Same(
            "the message",
            absl::StrCat("Key 'arn:aws:kms:us-east-1:123456789012:key/", key,
                         "' does not exist (Service: AWSKMS; Status Code: "
                         "400; Error Code: NotFoundException; Request ID: "
                         "UUID; Proxy: null)"),
            text);
      },
      NeedsKeys(Texts()));
  group.Add(
      "no_text_of_the_key_service",
      "null stands where the key service has no text",
      [](CheckContext& check) {
        check.Ok(CreateConnection(
            ConnectionWith("a", {{"ENCRYPTED_PASSWORD", "AAAA"}})));
        const std::string text =
            check.Call(GetConnection("a")).error().message();
        check.Expect(
            absl::StartsWith(text,
                             "null (Service: AWSKMS; Status Code: 400; "
                             "Error Code: InvalidCiphertextException; "),
            "the message", "a text that begins with null", text);
      },
      NeedsKeys(Texts()));
}

}  // namespace

void AddConnectionMessageChecks(Checks* checks) {
  CheckGroup group(checks, "message.connection", "docs/decisions/messages.md");
  AddNameMessages(group);
  AddSecretMessages(group);
}

}  // namespace glue_security::conformance_internal
