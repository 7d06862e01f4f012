// Histories in which a recorder has hidden values: what the values alone decide
// is believed, and all else is judged.

#include <string>
#include <vector>

#include "glue_security/backend/history.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const Caller kCaller{"111111111111", "us-east-1", ""};

// The value of HOST in a request; all of ten more properties have `others`.
struct Values {
  std::string host;
  std::string others;
};

v1::ConnectionInput Input(const Values& values) {
  v1::ConnectionInput input;
  input.set_name("a");
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties = *input.mutable_connection_properties()->mutable_elements();
  properties["HOST"] = values.host;
  if (values.others.empty()) return input;
  for (const char* key :
       {"PORT", "USERNAME", "JDBC_DRIVER_JAR_URI", "JDBC_DRIVER_CLASS_NAME",
        "JDBC_ENGINE", "JDBC_ENGINE_VERSION", "CONFIG_FILES", "INSTANCE_ID",
        "JDBC_CONNECTION_URL", "JDBC_ENFORCE_SSL"}) {
    properties[key] = values.others;
  }
  return input;
}

v1::Request Create(const Values& values) {
  v1::Request request;
  *request.mutable_create_connection()->mutable_connection_input() =
      Input(values);
  return request;
}

v1::Request Update(const Values& values) {
  v1::Request request;
  request.mutable_update_connection()->set_name("a");
  *request.mutable_update_connection()->mutable_connection_input() =
      Input(values);
  return request;
}

// Judges the answers of an engine as they were recorded.
class RecordedHistories : public testing::TestWithParam<Behavior> {
 protected:
  RecordedHistories() {
    options_.behavior = GetParam();
    options_.limits.request_bytes_max = 3000;
  }

  History Record(const std::vector<v1::Request>& requests) const {
    MemoryStorage storage;
    EngineOptions options;
    options.behavior = options_.behavior;
    options.limits = options_.limits;
    Engine engine(&storage, options);
    HistoryRecorder recorder(&engine);
    for (const v1::Request& request : requests) {
      recorder.Execute(kCaller, request);
    }
    return recorder.Snapshot();
  }
  void ExpectLegal(const History& history) const {
    const LinearizabilityResult result = CheckLinearizable(history, options_);
    EXPECT_EQ(result.verdict, Verdict::kOk) << result.explanation;
  }
  // Expects that no such answer to the last call is legal.
  void ExpectIllegal(History history, v1::ErrorCode code) const {
    v1::Response& answer = *history.back().response;
    if (code == v1::ERROR_CODE_UNSPECIFIED) {
      answer.mutable_create_connection();
    } else {
      answer.mutable_error()->set_code(code);
    }
    EXPECT_EQ(CheckLinearizable(history, options_).verdict, Verdict::kIllegal)
        << ErrorCodeName(code);
  }

  LinearizabilityOptions options_;
};

TEST_P(RecordedHistories, ARefusalOfTheValuesIsBelieved) {
  struct Case {
    const char* name;
    Values values;
    v1::ErrorCode code;
  };
  const v1::ErrorCode broken = GetParam().constraint_error_code;
  const std::vector<Case> cases = {
      {"not UTF-8", {"\xFF", ""}, broken},
      {"too long", {std::string(1025, 'x'), ""}, broken},
      {"too large together",
       {"x", std::string(600, 'x')},
       v1::ERROR_CODE_INVALID_INPUT},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    for (const bool exists : {false, true}) {
      std::vector<v1::Request> calls;
      if (exists) calls.push_back(Create({"x", ""}));
      for (const auto& last : {Create(c.values), Update(c.values)}) {
        calls.push_back(last);
        const History history = Record(calls);
        EXPECT_EQ(history.back().response->error().code(), c.code);
        ExpectLegal(history);
        calls.pop_back();
      }
    }
  }
}

// The texts of hidden values are longer than short values.
TEST_P(RecordedHistories, ARequestThatIsLargeOnlyInTheHistoryIsNotRefused) {
  options_.limits.request_bytes_max = 320;
  const History history = Record({Create({"x", "x"}), Update({"y", "x"})});
  for (const HistoryEntry& entry : history) {
    EXPECT_TRUE(entry.has_hidden_values);
    EXPECT_GT(entry.request.ByteSizeLong(), 320u);
    EXPECT_FALSE(entry.response->has_error())
        << entry.response->ShortDebugString();
  }
  ExpectLegal(history);
}

TEST_P(RecordedHistories, WhatTheValuesDoNotDecideIsJudged) {
  const History created = Record({Create({"x", ""})});
  ExpectLegal(created);
  for (const auto code : {v1::ERROR_CODE_ALREADY_EXISTS,
                          v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
                          v1::ERROR_CODE_ENTITY_NOT_FOUND}) {
    ExpectIllegal(created, code);
  }
  // Another member breaks a constraint.
  v1::Request nameless = Create({"x", ""});
  nameless.mutable_create_connection()->mutable_connection_input()->set_name(
      "");
  const History refused = Record({nameless});
  ExpectLegal(refused);
  ExpectIllegal(refused, v1::ERROR_CODE_UNSPECIFIED);
  // An empty value is not hidden.
  const History empty = Record({Create({"", ""})});
  EXPECT_FALSE(empty.back().has_hidden_values);
  ExpectLegal(empty);
  ExpectIllegal(empty, GetParam().constraint_error_code);
  ExpectIllegal(empty, v1::ERROR_CODE_INVALID_INPUT);
}

INSTANTIATE_TEST_SUITE_P(Presets, RecordedHistories,
                         testing::Values(Behavior::Documented(),
                                         Behavior::Current()));

}  // namespace
}  // namespace glue_security
