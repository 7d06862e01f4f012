// Histories of connections, by hand: the answers of an engine, which are legal,
// and changed ones, which are not.

#include <string>
#include <utility>

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
  Calls& Create(const std::string& name) {
    v1::Request request;
    auto* input =
        request.mutable_create_connection()->mutable_connection_input();
    input->set_name(name);
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    input->mutable_connection_properties();
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

}  // namespace
}  // namespace glue_security
