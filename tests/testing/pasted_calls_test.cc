// The C++ of a report compiles where it is pasted, with the includes that it
// names, and prints the answers.

// [includes]
#include <iostream>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "google/protobuf/text_format.h"
// [includes end]

#include <algorithm>
#include <fstream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/call_as_code.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::StartsWith;

BackendUnderTest EngineUnderTest() {
  BackendUnderTest target;
  target.create = EngineInMemory;
  return target;
}

// Returns the calls that are pasted below.
BackendCalls Calls() {
  BackendCalls calls;
  calls.preset = "Observed";
  calls.settings = {"behavior.policy_checks = PolicyChecks::kNone",
                    "limits.page_size_default = 2"};
  const Caller caller = {"123456789012", "us-east-1", ""};
  calls.calls.emplace_back().caller = caller;
  calls.calls.back().request.mutable_put_resource_policy()->set_policy_in_json(
      R"({"Id": "it's\n"})");
  calls.calls.emplace_back().caller = {"210987654321", "eu-west-1",
                                       "arn:aws:iam::210987654321:user/a"};
  calls.calls.back().request.mutable_get_resource_policy();
  calls.calls.emplace_back().caller = caller;
  calls.calls.back().clock_move = absl::Seconds(2);
  auto* create =
      calls.calls.back().request.mutable_create_security_configuration();
  create->set_name("c");
  create->mutable_encryption_configuration();
  return calls;
}

// Returns a part of this file, without its indentation.
std::string PartOfThisFile(const std::string& name) {
  std::ifstream file("tests/testing/pasted_calls_test.cc");
  std::string part;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    line.erase(0, std::min(line.size(), line.find_first_not_of(' ')));
    if (line == "// [" + name + " end]") return part;
    if (inside && line.find("clang-format") == std::string::npos) {
      part += line + "\n";
    }
    inside = inside || line == "// [" + name + "]";
  }
  return "the part has no end";
}

TEST(PastedCalls, PrintTheAnswers) {
  const BackendUnderTest target = EngineUnderTest();
  const std::ostringstream printed;
  std::streambuf* const before = std::cout.rdbuf(printed.rdbuf());
  {
    // [pasted]
    // clang-format off
    // `target` is that of the suite. Includes: <iostream>, "absl/time/time.h", "glue_security/backend/fake_clock.h", "google/protobuf/text_format.h"
    BackendSetup setup;
    setup.behavior = Behavior::Observed();
    setup.behavior.policy_checks = PolicyChecks::kNone;
    setup.limits.page_size_default = 2;
    FakeClock clock(absl::FromUnixMillis(1'600'000'000'123));
    setup.clock = &clock;
    TestedBackend tested = target.create(setup);
    const auto call = [&](const Caller& caller, const char* text) {
      v1::Request request;
      google::protobuf::TextFormat::ParseFromString(text, &request);
      std::cout << tested.backend->Execute(caller, request).ShortDebugString() << "\n";
    };
    call({"123456789012", "us-east-1", ""}, R"pb(put_resource_policy { policy_in_json: "{\"Id\": \"it\'s\\n\"}" })pb");
    call({"210987654321", "eu-west-1", "arn:aws:iam::210987654321:user/a"}, R"pb(get_resource_policy { })pb");
    clock.Advance(absl::Microseconds(2000000));
    call({"123456789012", "us-east-1", ""}, R"pb(create_security_configuration { name: "c" encryption_configuration { } })pb");
    // clang-format on
    // [pasted end]
  }
  std::cout.rdbuf(before);
  const std::vector<std::string> answers =
      absl::StrSplit(printed.str(), '\n', absl::SkipEmpty());
  ASSERT_EQ(answers.size(), 3u) << printed.str();
  EXPECT_THAT(answers[0], StartsWith("put_resource_policy { policy_hash: "));
  EXPECT_THAT(answers[1],
              StartsWith("error { code: ERROR_CODE_ENTITY_NOT_FOUND "));
  EXPECT_EQ(answers[2],
            "create_security_configuration { name: \"c\" created_timestamp { "
            "seconds: 1600000002 nanos: 123000000 } }");
}

TEST(PastedCalls, AreThoseOfAReport) {
  const std::string code = CallsAsCpp(Calls());
  EXPECT_EQ(absl::StrReplaceAll(code, {{"\n  ", "\n"}}),
            PartOfThisFile("pasted"));
  // The headers that the first line names are those that this file has for it.
  const std::string first = code.substr(0, code.find('\n'));
  std::string includes;
  for (const absl::string_view header :
       absl::StrSplit(first.substr(first.find(": ") + 2), ", ")) {
    absl::StrAppend(&includes, "#include ", header, "\n");
  }
  EXPECT_EQ(absl::StrReplaceAll(PartOfThisFile("includes"), {{"\n\n", "\n"}}),
            includes);
}

}  // namespace
}  // namespace glue_security
