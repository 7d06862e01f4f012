#include "glue_security/testing/backend_suite/check_context.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "glue_security/testing/backend_suite/policy_texts.h"
#include "glue_security/testing/changed_settings.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security::conformance_internal {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr auto kContract = BackendCheckBasis::kContract;

// A bound above the pages of any check.
constexpr int kPagesMax = 300;
// The time of a new backend.
constexpr absl::Time Start() { return absl::FromUnixMillis(1'600'000'000'123); }

std::string NameOf(const v1::Request& request) {
  const absl::string_view name = OperationName(request.operation_case());
  return name.empty() ? "a request without an operation" : std::string(name);
}

// Fills every field with a value that no backend gives.
void FillWithNothingKnown(Message* message, int depth = 0) {
  const auto* reflection = message->GetReflection();
  const auto* descriptor = message->GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const bool repeated = field->is_repeated();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (depth < 5) {
        FillWithNothingKnown(repeated
                                 ? reflection->AddMessage(message, field)
                                 : reflection->MutableMessage(message, field),
                             depth + 1);
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
               !repeated) {
      reflection->SetString(message, field, "(not called)");
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 &&
               !repeated) {
      reflection->SetInt64(message, field, 1);
    }
  }
}

// Returns an answer in the place of a call that is not made: a success without
// members, or with ones that no comparison expects.
v1::Response NoCall(Operation operation, bool filled) {
  v1::Response response;
  const auto* field = v1::Response::descriptor()->FindFieldByNumber(
      static_cast<int>(operation));
  if (operation == kNoOperation || field == nullptr) return response;
  Message* inner = response.GetReflection()->MutableMessage(&response, field);
  if (filled) FillWithNothingKnown(inner);
  return response;
}

// Numbers do not tell one cause from another.
std::string WithoutNumbers(absl::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) {
      result += c;
    } else if (result.empty() || result.back() != '#') {
      result += '#';
    }
  }
  return result;
}

bool IsConstraintCode(v1::ErrorCode code) {
  return code == v1::ERROR_CODE_INVALID_INPUT ||
         code == v1::ERROR_CODE_VALIDATION;
}

}  // namespace

std::string TimeText(bool is_there, const google::protobuf::Timestamp& time) {
  return is_there ? google::protobuf::util::TimeUtil::ToString(time)
                  : "an absent time";
}

std::string TimeText(absl::Time time) {
  return TimeText(true,
                  google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
                      absl::ToUnixMillis(time)));
}

CheckContext::CheckContext(const BackendUnderTest& target,
                           BackendCheckBasis basis, const Behavior& preset,
                           const Behavior& behavior, const LeftOut& left_out)
    : target_(target),
      basis_(basis),
      preset_(preset),
      left_out_(left_out),
      observed_(behavior.observed_patterns),
      clock_(Start()) {
  setup_.behavior = behavior;
  setup_.clock = &clock_;
}

void CheckContext::Restart() {
  backend_.reset();
  calls_.clear();
  first_call_ = answers_.size();
  catalogs_.clear();
  knows_connections_ = false;
  clock_.Set(Start());
  move_ = absl::ZeroDuration();
}

void CheckContext::SetClock(absl::Time time) {
  if (left_out_.moves.count(moves_++) > 0) return;
  move_ += time - clock_.Now();
  clock_.Set(time);
}

void CheckContext::LetPass(absl::Duration duration) {
  if (left_out_.moves.count(moves_++) > 0) return;
  move_ += duration;
  clock_.Advance(duration);
  if (!target_.honours_clock) WaitForTheClock();
}

// Backends with a clock of their own show times of any precision.
void CheckContext::WaitForTheClock() {
  constexpr absl::Duration kStep = absl::Milliseconds(2);
  constexpr absl::Duration kMax = absl::Milliseconds(1100);
  const char* const kName = "a name to see the clock";
  const auto shown = [this, kName] {
    const v1::Response created = Execute(Create(kName), Home());
    Execute(Delete(kName), Home());
    const auto& configuration = created.create_security_configuration();
    return TimeText(configuration.has_created_timestamp(),
                    configuration.created_timestamp());
  };
  const absl::Time end = absl::Now() + kMax;
  if (!HasOperation(target_, v1::Request::kCreateSecurityConfiguration) ||
      !HasOperation(target_, v1::Request::kDeleteSecurityConfiguration)) {
    absl::SleepFor(kMax);
    return;
  }
  const std::string first = shown();
  do {
    absl::SleepFor(kStep);
  } while (!failed() && absl::Now() < end && shown() == first);
  // Other times may be coarser than those of configurations.
  if (!failed() && HasShownSeconds()) absl::SleepFor(end - absl::Now());
}

bool CheckContext::HasShownSeconds() const {
  return std::any_of(calls_.begin(), calls_.end(), [](const BackendCall& call) {
    const auto& policy = call.response.get_resource_policy();
    const auto& connection = call.response.get_connection().connection();
    return (policy.has_update_time() && policy.update_time().nanos() == 0) ||
           (connection.has_last_updated_time() &&
            connection.last_updated_time().nanos() == 0);
  });
}

bool CheckContext::MakeBackend() {
  if (failed()) return false;
  if (backend_ != nullptr) return true;
  std::string problem = "none";
  try {
    backend_ = target_.create(setup_).backend;
  } catch (const std::exception& exception) {
    problem = absl::StrCat("the exception \"", exception.what(), "\"");
  } catch (...) {
    problem = "an exception";
  }
  if (backend_ != nullptr) return true;
  Fail("what `create` makes", "a backend", problem, "no backend is created",
       kContract);
  return false;
}

v1::Response CheckContext::Execute(const v1::Request& request,
                                   const Caller& caller) {
  if (!MakeBackend()) return NoCall(request.operation_case(), false);
  ++calls_made_;
  std::string problem;
  try {
    return backend_->Execute(caller, request);
  } catch (const std::exception& exception) {
    problem = absl::StrCat("the exception \"", exception.what(), "\"");
  } catch (...) {
    problem = "an exception that is not a std::exception";
  }
  calls_.push_back({caller, request, v1::Response(), move_});
  answers_.emplace_back();
  Fail(absl::StrCat("the answer to ", NameOf(request)), "an answer", problem,
       absl::StrCat(NameOf(request), " throws ", problem), kContract);
  return NoCall(request.operation_case(), false);
}

bool CheckContext::IsLeftOut() const {
  const size_t number = answers_.size();
  return failed() ||
         (number < left_out_.answers.size() &&
          (number < left_out_.first_call || left_out_.calls.count(number) > 0));
}

v1::Response CheckContext::Call(const v1::Request& request,
                                const Caller& caller) {
  const size_t number = answers_.size();
  if (failed()) return NoCall(request.operation_case(), false);
  if (IsLeftOut()) {
    const v1::Response& answer = left_out_.answers[number];
    answers_.push_back(answer.has_error() || left_out_.keeps_answers ||
                               number < left_out_.first_call
                           ? answer
                           : NoCall(request.operation_case(), true));
    return answers_.back();
  }
  Remember(request, caller);
  v1::Response response = Execute(request, caller);
  if (failed()) return response;
  answers_.push_back(response);
  calls_.push_back({caller, request, response, move_});
  move_ = absl::ZeroDuration();
  CheckAnswer(request, response);
  return response;
}

v1::Response CheckContext::Ok(const v1::Request& request,
                              const Caller& caller) {
  v1::Response response = Call(request, caller);
  if (response.has_error()) FailAnswer(request, "OK", response, basis_);
  return response;
}

v1::Response CheckContext::Fails(const v1::Request& request, v1::ErrorCode code,
                                 const Caller& caller) {
  return Refused(request, code, basis_, caller);
}

v1::Response CheckContext::Refused(const v1::Request& request,
                                   v1::ErrorCode code,
                                   BackendCheckBasis of_code,
                                   const Caller& caller) {
  if (IsLeftOut()) return Call(request, caller);
  Remember(request, caller);
  const auto before = VisibleState();
  v1::Response response = Call(request, caller);
  if (!response.has_error()) {
    FailAnswer(request, CodeText(code), response, basis_);
  } else if (response.error().code() != code ||
             response.error().violations_size() > 0) {
    FailAnswer(request, CodeText(code), response, std::max(of_code, basis_));
  }
  ExpectUnchanged(before, response);
  return response;
}

v1::Response CheckContext::Breaks(const v1::Request& request,
                                  const std::vector<std::string>& violations,
                                  const Caller& caller) {
  if (IsLeftOut()) return Call(request, caller);
  Remember(request, caller);
  const auto before = VisibleState();
  v1::Response response = Call(request, caller);
  const v1::ErrorCode code = setup_.behavior.constraint_error_code;
  const std::string what = absl::StrCat("the answer to ", NameOf(request));
  const std::string expected =
      absl::StrCat(CodeText(code), " of ", absl::StrJoin(violations, ", "));
  const v1::ErrorCode other = response.error().code();
  if (!response.has_error() || !IsConstraintCode(other)) {
    Fail(what, expected, Summary(response),
         "a request that breaks a constraint is not refused for it",
         response.has_error() ? basis_ : kContract);
  } else if (other != code) {
    Fail(what, expected, Summary(response),
         absl::StrCat("a request that breaks a constraint: expected ",
                      CodeText(code), ", found ", CodeText(other)),
         observed_ ? BackendCheckBasis::kRecorded : BackendCheckBasis::kChoice);
  } else if (target_.shows_violations
                 ? ViolationsOf(response) != violations
                 : target_.shows_messages && !TellsOf(response, violations)) {
    Fail(what, expected, Summary(response), "the violations of an error differ",
         std::max(basis_, BackendCheckBasis::kRecorded));
  }
  ExpectUnchanged(before, response);
  return response;
}

void CheckContext::ExpectUnchanged(const std::vector<BackendCall>& before,
                                   const v1::Response& response) {
  // An unexpected success is reported already.
  if (failed() || !response.has_error()) return;
  const std::vector<BackendCall> after = VisibleState();
  if (failed()) return;
  const auto text = [](const BackendCall& call) {
    return call.response.has_error() ? CodeText(call.response.error().code())
                                     : call.response.ShortDebugString();
  };
  size_t i = 0;
  const size_t both = std::min(before.size(), after.size());
  while (i < both && text(before[i]) == text(after[i])) ++i;
  if (i == both && before.size() == after.size()) return;
  i = std::min(i, both - 1);
  // The Gets that show it are calls, too.
  BackendCall get = before[i];
  get.clock_move = calls_.back().clock_move;
  calls_.back().clock_move = absl::ZeroDuration();
  calls_.insert(calls_.end() - 1, get);
  const std::string name = NameOf(calls_.back().request);
  calls_.push_back(after[i]);
  Fail(absl::StrCat("what ", NameOf(after[i].request), " shows after the ",
                    name, " that failed"),
       Summary(before[i].response), Summary(after[i].response),
       absl::StrCat(name, " fails and changes something"), basis_);
}

std::vector<v1::Response> CheckContext::Together(
    const std::vector<v1::Request>& requests) {
  std::vector<v1::Response> responses(requests.size());
  if (!MakeBackend()) return responses;
  const Caller caller = Home();
  std::atomic<size_t> ready{0};
  std::mutex mutex;
  std::string problem;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < requests.size(); ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready.load() < requests.size()) std::this_thread::yield();
      std::string what = "an exception that is not a std::exception";
      try {
        responses[i] = backend_->Execute(caller, requests[i]);
        return;
      } catch (const std::exception& exception) {
        what = absl::StrCat("the exception \"", exception.what(), "\"");
      } catch (...) {
      }
      const std::lock_guard<std::mutex> lock(mutex);
      problem = what;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < requests.size(); ++i) {
    Remember(requests[i], caller);
    calls_.push_back({caller, requests[i], responses[i], move_});
    answers_.push_back(responses[i]);
    move_ = absl::ZeroDuration();
  }
  calls_made_ += requests.size();
  if (!problem.empty()) {
    Fail("the answers to calls of several threads", "answers", problem,
         absl::StrCat("a call of several throws ", problem), kContract);
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    CheckAnswer(requests[i], responses[i]);
  }
  return responses;
}

void CheckContext::Same(absl::string_view what, absl::string_view expected,
                        absl::string_view actual,
                        std::optional<BackendCheckBasis> basis) {
  Expect(expected == actual, what, expected, actual, basis);
}

void CheckContext::Same(absl::string_view what, const Message& expected,
                        const Message& actual) {
  if (!google::protobuf::util::MessageDifferencer::Equals(expected, actual)) {
    Expect(false, what, OneLine(expected), OneLine(actual));
  }
}

void CheckContext::Expect(bool holds, absl::string_view what,
                          absl::string_view expected, absl::string_view actual,
                          std::optional<BackendCheckBasis> basis) {
  if (holds) return;
  constexpr absl::string_view kAbsent = "an absent time";
  const std::string cause =
      actual == kAbsent
          ? absl::StrCat(what, " is absent")
          : absl::StrCat("not as expected: ", WithoutNumbers(what));
  Fail(what, expected, actual, cause,
       actual == kAbsent ? kContract : basis.value_or(basis_),
       /*is_of_last_call=*/false);
}

void CheckContext::SamePolicy(absl::string_view what,
                              absl::string_view expected,
                              absl::string_view actual) {
  if (expected == actual) return;
  if (!IsSameDocument(expected, actual)) {
    Expect(false, what, expected, actual);
  } else if (target_.keeps_policy_texts) {
    Fail(what, expected, actual, "a policy is printed in another way",
         ReprintsPolicies(setup_.behavior) ? BackendCheckBasis::kRecorded
                                           : BackendCheckBasis::kChoice,
         /*is_of_last_call=*/false);
  }
}

std::vector<v1::SecurityConfiguration> CheckContext::Entries(
    const Caller& caller, std::optional<int32_t> max_results) {
  std::vector<v1::SecurityConfiguration> entries;
  std::optional<std::string> token;
  for (int page = 0; page < kPagesMax; ++page) {
    const v1::Response response = Ok(List(max_results, token), caller);
    const auto& list = response.get_security_configurations();
    for (const auto& entry : list.security_configurations()) {
      entries.push_back(entry);
    }
    if (failed() || list.next_token().empty()) return entries;
    token = list.next_token();
  }
  Fail("the pages of the configurations", "a last one", "pages without end",
       "the pages of the configurations do not end", kContract,
       /*is_of_last_call=*/false);
  return entries;
}

std::vector<std::string> CheckContext::Names(
    const Caller& caller, std::optional<int32_t> max_results) {
  std::vector<std::string> names;
  for (const auto& entry : Entries(caller, max_results)) {
    names.push_back(entry.name());
  }
  return names;
}

void CheckContext::Remember(const v1::Request& request, const Caller& caller) {
  operations_.insert(request.operation_case());
  if (GetOperationInfo(request.operation_case()).resource() ==
      v1::RESOURCE_CONNECTION) {
    knows_connections_ = true;
  }
  // An illegal CatalogId cannot be read back.
  const std::optional<std::string> catalog_id = CatalogIdOf(request);
  for (const auto& [known, id] : catalogs_) {
    if (known.account_id == caller.account_id &&
        known.region == caller.region && id == catalog_id) {
      return;
    }
  }
  catalogs_.emplace_back(caller, catalog_id);
}

std::vector<BackendCall> CheckContext::VisibleState() {
  std::vector<BackendCall> state;
  const auto add = [&](const v1::Request& request, const Caller& caller) {
    if (!HasOperation(target_, request.operation_case())) return;
    state.push_back(
        {caller, request, Execute(request, caller), absl::ZeroDuration()});
  };
  for (const auto& [caller, catalog_id] : catalogs_) {
    add(GetSettings(catalog_id), caller);
    if (knows_connections_ &&
        HasOperation(target_, v1::Request::kGetConnections)) {
      AddPages(
          [id = catalog_id](std::optional<std::string> token) {
            return ListConnections(std::nullopt, std::move(token), id);
          },
          [](v1::Response* answer) {
            return answer->mutable_get_connections()->mutable_next_token();
          },
          caller, &state);
    }
    if (catalog_id.has_value()) continue;
    add(GetPolicy(), caller);
    if (!HasOperation(target_, v1::Request::kGetSecurityConfigurations)) {
      continue;
    }
    AddPages(
        [](std::optional<std::string> token) {
          return List(std::nullopt, std::move(token));
        },
        [](v1::Response* answer) {
          return answer->mutable_get_security_configurations()
              ->mutable_next_token();
        },
        caller, &state);
  }
  return state;
}

void CheckContext::AddPages(
    const std::function<v1::Request(std::optional<std::string>)>& list,
    const std::function<std::string*(v1::Response*)>& token_in,
    const Caller& caller, std::vector<BackendCall>* state) {
  std::optional<std::string> token;
  for (int page = 0; page < kPagesMax; ++page) {
    const v1::Request request = list(token);
    state->push_back(
        {caller, request, Execute(request, caller), absl::ZeroDuration()});
    v1::Response* const response = &state->back().response;
    if (static_cast<int>(response->outcome_case()) !=
        static_cast<int>(request.operation_case())) {
      return;
    }
    // Two lists may have different tokens.
    token.emplace();
    token->swap(*token_in(response));
    if (token->empty()) return;
  }
}

void CheckContext::CheckAnswer(const v1::Request& request,
                               const v1::Response& response) {
  if (failed()) return;
  const Operation operation = request.operation_case();
  const std::string name = NameOf(request);
  if (IsFailureOfTheWire(response)) {
    Fail(absl::StrCat("the answer to ", name), "an answer of the API",
         Summary(response),
         absl::StrCat(name, ": ", WithoutNumbers(Summary(response))),
         kContract);
    return;
  }
  if (!response.has_error()) {
    if (static_cast<int>(response.outcome_case()) !=
        static_cast<int>(operation)) {
      Fail(absl::StrCat("the kind of the answer to ", name),
           "the response of the operation, or an error", Summary(response),
           absl::StrCat(
               name, " answers with ",
               response.outcome_case() == 0 ? "nothing" : "another response"),
           kContract);
    }
    return;
  }
  const v1::ErrorCode code = response.error().code();
  const auto& listed = GetOperationInfo(operation).errors();
  if (operation != kNoOperation && !IsConstraintCode(code) &&
      std::find(listed.begin(), listed.end(), code) == listed.end()) {
    Fail(absl::StrCat("the error of ", name), "one that the contract lists",
         Summary(response),
         absl::StrCat(name, " answers with ", CodeText(code),
                      ", which the contract does not list for it"),
         kContract);
  }
}

void CheckContext::FailAnswer(const v1::Request& request,
                              absl::string_view expected,
                              const v1::Response& response,
                              BackendCheckBasis basis) {
  const std::string name = NameOf(request);
  Fail(absl::StrCat("the answer to ", name), expected, Summary(response),
       absl::StrCat(
           name, ": expected ", expected, ", found ",
           response.has_error() ? CodeText(response.error().code()) : "OK"),
       basis);
}

void CheckContext::Fail(absl::string_view what, absl::string_view expected,
                        absl::string_view actual, absl::string_view cause,
                        BackendCheckBasis basis, bool is_of_last_call) {
  if (failed() || (target_.contract_only && basis != kContract)) return;
  Difference difference;
  difference.what = std::string(what);
  difference.expected = std::string(expected);
  difference.actual = std::string(actual);
  difference.cause = std::string(cause);
  difference.basis = basis;
  difference.is_of_last_call = is_of_last_call;
  difference.calls = calls_;
  difference.first_call = first_call_;
  difference.moves = moves_;
  difference.settings =
      ChangedSettings(preset_, setup_.behavior, setup_.limits);
  difference.ran_with = {setup_.behavior, setup_.limits};
  difference_ = std::move(difference);
}

}  // namespace glue_security::conformance_internal
