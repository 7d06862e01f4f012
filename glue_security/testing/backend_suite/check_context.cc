#include "glue_security/testing/backend_suite/check_context.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "glue_security/model/operation.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security::conformance_internal {
namespace {

// The number of failures and calls in a report.
constexpr size_t kFailuresShown = 3;
constexpr size_t kCallsShown = 12;
// A bound above the pages of any check.
constexpr int kPagesMax = 300;

const google::protobuf::Message& InnerOf(
    const google::protobuf::Message& envelope, int field_number) {
  return envelope.GetReflection()->GetMessage(
      envelope, envelope.GetDescriptor()->FindFieldByNumber(field_number));
}

// Returns the part of a long text that shows its difference from the other.
std::string CutToDifference(absl::string_view text, absl::string_view other) {
  constexpr size_t kBefore = 80;
  constexpr size_t kMax = 600;
  if (text.size() <= kMax && other.size() <= kMax) return std::string(text);
  size_t common = 0;
  while (common < text.size() && common < other.size() &&
         text[common] == other[common]) {
    ++common;
  }
  const size_t begin = common > kBefore ? common - kBefore : 0;
  return absl::StrCat(begin > 0 ? "... " : "", text.substr(begin, kMax),
                      begin + kMax < text.size() ? " ..." : "");
}

std::string CodeText(v1::ErrorCode code) {
  const absl::string_view name = ErrorCodeName(code);
  return name.empty() ? absl::StrCat("error code ", code) : std::string(name);
}

}  // namespace

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetTruncateStringFieldLongerThan(70);
  std::string text;
  printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return absl::StrCat("{", text, "}");
}

std::vector<std::string> ViolationsOf(const v1::Response& response) {
  std::vector<std::string> violations;
  for (const v1::Violation& violation : response.error().violations()) {
    const std::string name =
        v1::Violation::Constraint_Name(violation.constraint());
    violations.push_back(absl::StrCat(violation.path(), " ",
                                      absl::StripPrefix(name, "CONSTRAINT_")));
  }
  return violations;
}

std::string Summary(const v1::Response& response) {
  if (response.outcome_case() == v1::Response::OUTCOME_NOT_SET) {
    return "no answer";
  }
  if (!response.has_error()) {
    return absl::StrCat("OK ",
                        OneLine(InnerOf(response, response.outcome_case())));
  }
  std::string text = CodeText(response.error().code());
  if (response.error().violations_size() > 0) {
    absl::StrAppend(&text, " of ", absl::StrJoin(ViolationsOf(response), ", "));
  } else if (!response.error().message().empty()) {
    absl::StrAppend(&text, ": ", response.error().message().substr(0, 200));
  }
  return text;
}

CheckContext::CheckContext(const BackendUnderTest& target,
                           const Behavior& behavior)
    : target_(target),
      observed_(behavior.observed_patterns),
      clock_(absl::FromUnixMillis(1'600'000'000'123)) {
  setup_.behavior = behavior;
  setup_.clock = &clock_;
}

void CheckContext::Restart() {
  backend_.reset();
  calls_.clear();
  catalogs_.clear();
}

v1::Response CheckContext::Execute(const v1::Request& request,
                                   const Caller& caller) {
  if (backend_ == nullptr) backend_ = target_.create(setup_).backend;
  return backend_->Execute(caller, request);
}

v1::Response CheckContext::Call(const v1::Request& request,
                                const Caller& caller) {
  Remember(request, caller);
  calls_.push_back({caller, request, Execute(request, caller)});
  const v1::Response response = calls_.back().response;
  CheckAnswer(request, response);
  return response;
}

v1::Response CheckContext::Ok(const v1::Request& request,
                              const Caller& caller) {
  v1::Response response = Call(request, caller);
  if (response.has_error()) {
    Fail(
        absl::StrCat("the answer to ", OperationName(request.operation_case())),
        "OK", Summary(response));
  }
  return response;
}

v1::Response CheckContext::Fails(const v1::Request& request, v1::ErrorCode code,
                                 const Caller& caller) {
  Remember(request, caller);
  const std::string before = VisibleState();
  v1::Response response = Call(request, caller);
  if (!response.has_error() || response.error().code() != code ||
      response.error().violations_size() > 0) {
    Fail(
        absl::StrCat("the answer to ", OperationName(request.operation_case())),
        CodeText(code), Summary(response));
  }
  ExpectUnchanged(before, response);
  return response;
}

v1::Response CheckContext::Breaks(const v1::Request& request,
                                  const std::vector<std::string>& violations,
                                  const Caller& caller) {
  Remember(request, caller);
  const std::string before = VisibleState();
  v1::Response response = Call(request, caller);
  if (response.error().code() != setup_.behavior.constraint_error_code ||
      ViolationsOf(response) != violations) {
    Fail(
        absl::StrCat("the answer to ", OperationName(request.operation_case())),
        absl::StrCat(CodeText(setup_.behavior.constraint_error_code), " of ",
                     absl::StrJoin(violations, ", ")),
        Summary(response));
  }
  ExpectUnchanged(before, response);
  return response;
}

void CheckContext::ExpectUnchanged(const std::string& before,
                                   const v1::Response& response) {
  // An unexpected success is reported already.
  if (!response.has_error()) return;
  Same("what the Get operations show after the failure", before,
       VisibleState());
}

std::vector<v1::Response> CheckContext::Together(
    const std::vector<v1::Request>& requests) {
  if (backend_ == nullptr) backend_ = target_.create(setup_).backend;
  const Caller caller = Home();
  std::vector<v1::Response> responses(requests.size());
  std::atomic<size_t> ready{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < requests.size(); ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready.load() < requests.size()) std::this_thread::yield();
      responses[i] = backend_->Execute(caller, requests[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < requests.size(); ++i) {
    Remember(requests[i], caller);
    calls_.push_back({caller, requests[i], responses[i]});
    CheckAnswer(requests[i], responses[i]);
  }
  return responses;
}

void CheckContext::Same(absl::string_view what, absl::string_view expected,
                        absl::string_view actual) {
  if (expected != actual) Fail(what, expected, actual);
}

void CheckContext::Same(absl::string_view what,
                        const google::protobuf::Message& expected,
                        const google::protobuf::Message& actual) {
  if (!google::protobuf::util::MessageDifferencer::Equals(expected, actual)) {
    Fail(what, OneLine(expected), OneLine(actual));
  }
}

void CheckContext::True(absl::string_view what, bool holds) {
  if (!holds) Fail(what, "true", "false");
}

std::vector<std::string> CheckContext::Names(
    const Caller& caller, std::optional<int32_t> max_results) {
  std::vector<std::string> names;
  std::optional<std::string> token;
  for (int page = 0; page < kPagesMax; ++page) {
    const v1::Response response = Ok(List(max_results, token), caller);
    const auto& list = response.get_security_configurations();
    for (const auto& entry : list.security_configurations()) {
      names.push_back(entry.name());
    }
    if (list.next_token().empty()) return names;
    token = list.next_token();
  }
  Fail("the pages of the configurations", "a last one", "they do not end");
  return names;
}

void CheckContext::Remember(const v1::Request& request, const Caller& caller) {
  std::optional<std::string> catalog_id;
  const auto& put = request.put_data_catalog_encryption_settings();
  const auto& get = request.get_data_catalog_encryption_settings();
  // An illegal CatalogId cannot be read back.
  if (put.has_catalog_id()) catalog_id = put.catalog_id();
  if (get.has_catalog_id()) catalog_id = get.catalog_id();
  for (const auto& [known, id] : catalogs_) {
    if (known.account_id == caller.account_id &&
        known.region == caller.region && id == catalog_id) {
      return;
    }
  }
  catalogs_.emplace_back(caller, catalog_id);
}

std::string CheckContext::VisibleState() {
  std::vector<std::string> state;
  const auto add = [&](const v1::Response& response) {
    state.push_back(response.has_error() ? CodeText(response.error().code())
                                         : response.ShortDebugString());
  };
  for (const auto& [caller, catalog_id] : catalogs_) {
    add(Execute(GetSettings(catalog_id), caller));
    if (catalog_id.has_value()) continue;
    add(Execute(GetPolicy(), caller));
    std::optional<std::string> token;
    for (int page = 0; page < kPagesMax; ++page) {
      v1::Response response = Execute(List(std::nullopt, token), caller);
      token = response.get_security_configurations().next_token();
      // Two lists may have different tokens.
      if (!response.has_error()) {
        response.mutable_get_security_configurations()->clear_next_token();
      }
      add(response);
      if (token->empty()) break;
    }
  }
  return absl::StrJoin(state, "\n");
}

void CheckContext::CheckAnswer(const v1::Request& request,
                               const v1::Response& response) {
  const Operation operation = request.operation_case();
  const absl::string_view name = OperationName(operation);
  if (!response.has_error()) {
    if (static_cast<int>(response.outcome_case()) !=
        static_cast<int>(operation)) {
      Fail(absl::StrCat("the kind of the answer to ", name),
           "the response of the operation, or an error", Summary(response));
    }
    return;
  }
  const v1::ErrorCode code = response.error().code();
  const auto& listed = GetOperationInfo(operation).errors();
  if (operation != kNoOperation &&
      code != setup_.behavior.constraint_error_code &&
      std::find(listed.begin(), listed.end(), code) == listed.end()) {
    Fail(absl::StrCat("the error of ", name), "one that the contract lists",
         CodeText(code));
  }
}

void CheckContext::Fail(absl::string_view what, absl::string_view expected,
                        absl::string_view actual) {
  if (failures_.size() == kFailuresShown) failures_.emplace_back("and more\n");
  if (failures_.size() > kFailuresShown) return;
  const auto indent = [](absl::string_view text, absl::string_view other) {
    return absl::StrReplaceAll(CutToDifference(text, other),
                               {{"\n", "\n            "}});
  };
  failures_.push_back(
      absl::StrCat(what, "\n  expected: ", indent(expected, actual),
                   "\n  actual:   ", indent(actual, expected), "\n",
                   // The first failure has the shortest list of calls.
                   failures_.empty() ? CallsText() : ""));
}

std::string CheckContext::CallsText() const {
  std::string text = "the calls that show it, on a new backend:\n";
  const size_t begin =
      calls_.size() > kCallsShown ? calls_.size() - kCallsShown : 0;
  if (begin > 0) absl::StrAppend(&text, "  ... ", begin, " before these\n");
  for (size_t i = begin; i < calls_.size(); ++i) {
    const MadeCall& call = calls_[i];
    const Operation operation = call.request.operation_case();
    absl::StrAppend(&text, "  ");
    if (call.caller.account_id != Home().account_id ||
        call.caller.region != Home().region) {
      absl::StrAppend(&text, call.caller.account_id, " in ", call.caller.region,
                      ": ");
    }
    absl::StrAppend(
        &text,
        operation == kNoOperation ? "no operation" : OperationName(operation),
        " ",
        operation == kNoOperation ? "{}"
                                  : OneLine(InnerOf(call.request, operation)));
    for (const v1::UnparsedEnum& unparsed : call.request.unparsed_enums()) {
      absl::StrAppend(&text, " with ", unparsed.path(), " \"", unparsed.text(),
                      "\"");
    }
    absl::StrAppend(&text, "\n    -> ", Summary(call.response), "\n");
  }
  return text;
}

std::string CheckContext::FailureText() const {
  return absl::StrJoin(failures_, "");
}

}  // namespace glue_security::conformance_internal
