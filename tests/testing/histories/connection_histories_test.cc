// Histories of connections, by hand: the answers of an engine, which are legal,
// and changed ones, which are not.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/caller.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Calls an engine, one call after another.
class Calls {
 public:
  Calls& Update(const std::string& name, const std::string& input_name) {
    v1::Request request;
    auto* update = request.mutable_update_connection();
    update->set_name(name);
    auto* input = update->mutable_connection_input();
    input->set_name(input_name);
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    input->mutable_connection_properties();
    return Call(request);
  }
  Calls& Create(const std::string& name, const std::string& key = "",
                const std::string& value = "") {
    v1::Request request;
    auto* input =
        request.mutable_create_connection()->mutable_connection_input();
    input->set_name(name);
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    input->mutable_connection_properties();
    if (!key.empty()) {
      (*input->mutable_connection_properties()->mutable_elements())[key] =
          value;
    }
    return Call(request);
  }
  Calls& Get(const std::string& name) {
    v1::Request request;
    request.mutable_get_connection()->set_name(name);
    return Call(request);
  }
  Calls& PutSettings(bool returns_encrypted) {
    v1::Request request;
    request.mutable_put_data_catalog_encryption_settings()
        ->mutable_data_catalog_encryption_settings()
        ->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(returns_encrypted);
    return Call(request);
  }

  // Replaces the last answer by an error, or a success without members.
  Calls& Fails(v1::ErrorCode code) {
    history_.back().response->mutable_error()->set_code(code);
    return *this;
  }
  Calls& Updates() {
    history_.back().response->mutable_update_connection();
    return *this;
  }
  // Replaces the last answer, to a Get, by one that shows these properties.
  Calls& Shows(const std::vector<std::pair<std::string, std::string>>& shown) {
    HistoryEntry& entry = history_.back();
    entry.response->Clear();
    auto* connection =
        entry.response->mutable_get_connection()->mutable_connection();
    connection->set_name(entry.request.get_connection().name());
    connection->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& properties =
        *connection->mutable_connection_properties()->mutable_elements();
    for (const auto& [key, value] : shown) properties[key] = value;
    connection->mutable_creation_time()->set_seconds(1);
    connection->mutable_last_updated_time()->set_seconds(1);
    return *this;
  }

  v1::ErrorCode last_code() const {
    return history_.back().response->error().code();
  }
  LinearizabilityResult Check() const {
    return CheckLinearizable(history_, {});
  }

 private:
  Calls& Call(const v1::Request& request) {
    HistoryEntry entry;
    entry.caller = {"111111111111", "us-east-1", ""};
    entry.request = request;
    entry.response = engine_.Execute(entry.caller, request);
    entry.start = 2 * history_.size();
    entry.end = entry.start + 1;
    history_.push_back(std::move(entry));
    return *this;
  }

  MemoryStorage storage_;
  Engine engine_{&storage_};
  History history_;
};

void ExpectLegal(const Calls& calls) {
  const LinearizabilityResult result = calls.Check();
  EXPECT_EQ(result.verdict, Verdict::kOk) << result.explanation;
}

void ExpectIllegal(const Calls& calls) {
  EXPECT_EQ(calls.Check().verdict, Verdict::kIllegal);
}

// docs/decisions/connections.md: "Another name is InvalidInputException, before
// the connection is looked for."
TEST(ConnectionHistories, ARenameIsRefusedWhetherThereIsAConnectionOrNot) {
  for (const bool exists : {false, true}) {
    SCOPED_TRACE(exists);
    Calls calls;
    if (exists) calls.Create("a");
    calls.Update("a", "b");
    EXPECT_EQ(calls.last_code(), v1::ERROR_CODE_INVALID_INPUT);
    ExpectLegal(calls);
    ExpectIllegal(calls.Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND));
    ExpectIllegal(calls.Updates());
  }
}

// docs/decisions/connection-passwords.md: "An empty `ENCRYPTED_PASSWORD` is no
// ciphertext: it is shown as stored."
TEST(ConnectionHistories, AnEmptyCiphertextIsShownAsItIs) {
  for (const bool before : {false, true}) {
    for (const bool after : {false, true}) {
      SCOPED_TRACE(absl::StrCat(before, after));
      Calls calls;
      calls.PutSettings(before).Create("a", "ENCRYPTED_PASSWORD", "");
      calls.PutSettings(after).Get("a");
      ExpectLegal(calls);
      ExpectIllegal(calls.Shows({}));
      ExpectIllegal(calls.Shows({{"PASSWORD", ""}}));
      ExpectIllegal(calls.Shows({{"ENCRYPTED_PASSWORD", "AA=="}}));
      ExpectIllegal(
          calls.Shows({{"ENCRYPTED_PASSWORD", ""}, {"PASSWORD", ""}}));
      ExpectLegal(calls.Shows({{"ENCRYPTED_PASSWORD", ""}}));
    }
  }
}

// Nothing but a key service can tell what another ciphertext stands for.
TEST(ConnectionHistories, AnotherGivenCiphertextIsDecryptedOrShown) {
  for (const bool returns_encrypted : {false, true}) {
    SCOPED_TRACE(returns_encrypted);
    Calls calls;
    calls.PutSettings(returns_encrypted);
    calls.Create("a", "ENCRYPTED_PASSWORD", "AA==").Get("a");
    const Calls& clear = calls.Shows({{"PASSWORD", "x"}});
    returns_encrypted ? ExpectIllegal(clear) : ExpectLegal(clear);
    const Calls& encrypted = calls.Shows({{"ENCRYPTED_PASSWORD", "AA=="}});
    returns_encrypted ? ExpectLegal(encrypted) : ExpectIllegal(encrypted);
    ExpectIllegal(calls.Shows({}));
  }
}

}  // namespace
}  // namespace glue_security
