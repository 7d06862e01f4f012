// ReferenceModelFixture: a reference model that a test asks in text format.

#ifndef TESTS_TESTING_ORACLE_REFERENCE_MODEL_FIXTURE_H_
#define TESTS_TESTING_ORACLE_REFERENCE_MODEL_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {

// The codes of most answers.
inline constexpr v1::ErrorCode kOk = v1::ERROR_CODE_UNSPECIFIED;
inline constexpr v1::ErrorCode kInvalid = v1::ERROR_CODE_INVALID_INPUT;
inline constexpr v1::ErrorCode kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// Begins with the documented behavior, at PolicyChecks::kJson, and with a clock
// that stands at one second after the epoch.
class ReferenceModelFixture : public testing::Test {
 protected:
  static v1::Request Parse(const std::string& text) {
    v1::Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request))
        << text;
    return request;
  }

  v1::Response Run(const std::string& text) {
    return model_.Execute(caller_, Parse(text));
  }
  v1::ErrorCode CodeOf(const v1::Request& request) {
    return model_.Execute(caller_, request).error().code();
  }
  v1::ErrorCode CodeOf(const std::string& text) { return CodeOf(Parse(text)); }

  // Returns the broken constraints of a request, as "PATH CONSTRAINT".
  std::vector<std::string> Broken(const v1::Request& request) {
    const v1::Response response = model_.Execute(caller_, request);
    std::vector<std::string> broken;
    for (const auto& violation : response.error().violations()) {
      std::string name = v1::Violation::Constraint_Name(violation.constraint());
      broken.push_back(
          absl::StrCat(violation.path(), " ",
                       name.substr(std::string("CONSTRAINT_").size())));
    }
    return broken;
  }
  std::vector<std::string> Broken(const std::string& text) {
    return Broken(Parse(text));
  }

  // Starts again with an empty model.
  void Become(const Behavior& behavior, const Limits& limits = Limits()) {
    model_ = ReferenceModel(behavior, limits, &clock_);
  }

  FakeClock clock_{absl::FromUnixMillis(1000)};
  Caller caller_{"123456789012", "us-east-1", ""};
  ReferenceModel model_{Loose(Behavior::Documented()), Limits(), &clock_};
};

}  // namespace glue_security

#endif  // TESTS_TESTING_ORACLE_REFERENCE_MODEL_FIXTURE_H_
