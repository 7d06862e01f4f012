#include "glue_security/testing/sequences/all_sequences.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/generators/policy_generator.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/oracle/naive_passwords.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/sequences/answer_translation.h"
#include "glue_security/testing/sequences/connection_translation.h"
#include "glue_security/testing/sequences/known_difference.h"
#include "glue_security/testing/sequences/sequence_report.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {
namespace {

const Caller& TheCaller() { return GeneratedCallers()[0]; }

// The time of a call by its place in the sequence: 3, 2, 1, then 4 s.
absl::Time TimeOf(size_t place) {
  static constexpr int kMillis[] = {3000, 2000, 1000, 4000};
  return absl::FromUnixMillis(kMillis[place % 4]);
}

bool IsGood(const Caller&, absl::string_view) { return true; }

// The latest page token of the model and of the backend, and the latest
// encrypted password of the model.
struct Latest {
  std::string model = kLatestToken;
  std::string backend = kLatestToken;
  // The call that gave it out; 0: none.
  size_t call = 0;
  std::string password = kLatestPassword;
};

// The values of the backend that its answers so far have shown.
struct Learned {
  Latest latest;
  AnswerTranslation translation;
};

// Returns the request with values in the place of kLatestToken and of
// kLatestPassword.
v1::Request WithLatest(v1::Request request, const std::string& token,
                       const std::string& password) {
  if (NextTokenOf(request) == kLatestToken) ExchangeNextToken(token, &request);
  if (v1::ConnectionInput* input = ConnectionInputIn(&request)) {
    for (auto& [key, value] :
         *input->mutable_connection_properties()->mutable_elements()) {
      if (value == kLatestPassword) value = password;
    }
  }
  return request;
}

// Returns the encrypted password of the first connection that `model` shows; ""
// when it shows none.
std::string PasswordIn(const v1::Response& model) {
  const auto& list = model.get_connections().connection_list();
  const v1::Connection& shown = model.has_get_connection() || list.empty()
                                    ? model.get_connection().connection()
                                    : list[0];
  const auto& properties = shown.connection_properties().elements();
  const auto found = properties.find("ENCRYPTED_PASSWORD");
  return found != properties.end() && IsModelCiphertext(found->second)
             ? found->second
             : "";
}

// Remembers the token and the password in the answers to a call.
void Remember(const v1::Response& model, const v1::Response& backend,
              size_t call, Latest* latest) {
  if (!NextTokenOf(model).empty() && !NextTokenOf(backend).empty()) {
    latest->model = NextTokenOf(model);
    latest->backend = NextTokenOf(backend);
    latest->call = call;
  }
  std::string password = PasswordIn(model);
  if (!password.empty()) latest->password = std::move(password);
}

// A sequence as indices into the alphabet.
using Letters = std::vector<size_t>;

class Walk {
 public:
  Walk(const BackendFactory& factory, const AllSequencesOptions& options)
      : factory_(factory),
        options_(options),
        alphabet_(options.alphabet.empty() ? DefaultAlphabet()
                                           : options.alphabet) {}

  SequenceReport Run() {
    SequenceReport report;
    Start();
    if (options_.length > 0) Continue(*model_, Nothing());
    report.sequences = sequences_;
    report.calls = calls_;
    if (saw_system_time_) {
      report.text = absl::StrCat(SystemTimeRefusal(), "\n");
    } else if (failed_.has_value()) {
      Tell(&report);
    }
    return report;
  }

 private:
  Learned Nothing() const { return {Latest(), AnswerTranslation(options_)}; }

  // Makes a new backend and a new model.
  void Start() {
    tested_.reset();
    tested_.emplace(factory_({options_.behavior, options_.limits, &clock_}));
    model_.emplace(options_.behavior, options_.limits, &clock_, IsGood);
  }

  v1::Response Ask(const v1::Request& request) {
    ++calls_;
    return tested_->backend->Execute(TheCaller(), request);
  }

  // Makes a call of the alphabet or an observation, and learns from the answer.
  // `model` is the model's answer.
  v1::Response Ask(const v1::Request& request, const v1::Response& model,
                   Learned* learned) {
    const Latest& latest = learned->latest;
    v1::Request sent = WithLatest(request, latest.backend, latest.password);
    learned->translation.ToBackend(TheCaller(), &sent);
    v1::Response answer = Ask(sent);
    learned->translation.Learn(letters_.size(), TheCaller(), sent, model,
                               &answer);
    return answer;
  }

  // Runs all sequences that begin with `letters_`.
  void Continue(ReferenceModel& model, Learned learned) {
    std::vector<v1::Response> before;
    for (const v1::Request& request : options_.observations) {
      before.push_back(model.Execute(TheCaller(), request));
    }
    std::function<void()> go_back;
    if (tested_->mark) go_back = tested_->mark();
    bool changed = false;
    for (size_t letter = 0; letter < alphabet_.size(); ++letter) {
      if (changed && go_back) go_back();
      if (!go_back && letter > 0) learned = Repeat();
      letters_.push_back(letter);
      ++sequences_;
      ReferenceModel next = model;
      Learned next_learned = learned;
      changed = Step(next, before, &next_learned);
      const bool goes_on = !failed_.has_value() && !is_apart_;
      if (goes_on && letters_.size() < options_.length) {
        Continue(next, next_learned);
        // A sequence below may end in any state.
        changed = true;
      }
      if (is_apart_) changed = true;
      is_apart_ = false;
      if (failed_.has_value()) return;
      letters_.pop_back();
    }
    if (changed && go_back) go_back();
  }

  // Makes the last call and compares the state. Returns true when the call can
  // have changed it.
  bool Step(ReferenceModel& model, std::vector<v1::Response>& before,
            Learned* learned) {
    const v1::Request& request = alphabet_[letters_.back()];
    clock_.Set(TimeOf(letters_.size() - 1));
    v1::Response expected = model.Execute(
        TheCaller(),
        WithLatest(request, learned->latest.model, learned->latest.password));
    v1::Response answer = Ask(request, expected, learned);
    expected_.resize(letters_.size());
    expected_.back() = expected;
    Compare(request, answer, expected);
    for (size_t i = 0; i < options_.observations.size() && !is_apart_; ++i) {
      const v1::Request& observation = options_.observations[i];
      // An error changes nothing, so the model need not be asked again.
      v1::Response shown = expected.has_error()
                               ? before[i]
                               : model.Execute(TheCaller(), observation);
      v1::Response seen = Ask(observation, shown, learned);
      Compare(observation, seen, shown);
    }
    Remember(expected, answer, letters_.size(), &learned->latest);
    return !expected.has_error() &&
           !GetOperationInfo(request.operation_case()).read_only();
  }

  void Compare(const v1::Request& request, v1::Response& answer,
               v1::Response& expected) {
    if (comparison_.Same(answer, expected)) return;
    const Operation operation = request.operation_case();
    for (const auto& difference : DifferencesOf(operation, answer, expected)) {
      if (!IsKnown(difference)) failed_ = letters_;
    }
    if (failed_.has_value() && options_.honours_clock &&
        ShowsSystemTime(answer)) {
      saw_system_time_ = true;
    }
    if (!StatesCanAgree(operation, answer, expected, /*surely=*/false)) {
      is_apart_ = true;
    }
  }

  bool IsKnown(const AnswerDifference& difference) const {
    return std::any_of(options_.known_differences.begin(),
                       options_.known_differences.end(),
                       [&difference](const KnownDifference& known) {
                         return glue_security::IsKnown(difference, known);
                       });
  }

  // Brings a new backend to the state after `letters_`.
  Learned Repeat() {
    tested_.reset();
    tested_.emplace(factory_({options_.behavior, options_.limits, &clock_}));
    const Letters letters = std::move(letters_);
    letters_.clear();
    Learned learned = Nothing();
    for (size_t i = 0; i < letters.size(); ++i) {
      letters_.push_back(letters[i]);
      clock_.Set(TimeOf(i));
      const v1::Response answer =
          Ask(alphabet_[letters[i]], expected_[i], &learned);
      Remember(expected_[i], answer, i + 1, &learned.latest);
    }
    return learned;
  }

  // Makes the calls of `letters`, and the observations after each, on a new
  // backend, up to the first difference that is not known.
  std::vector<SequenceCall> Transcribe(const Letters& letters) {
    Start();
    std::vector<SequenceCall> calls;
    Learned learned = Nothing();
    absl::Time now = TimeOf(0);
    for (size_t i = 0; i < letters.size(); ++i) {
      const absl::Duration moved = TimeOf(i) - now;
      now = TimeOf(i);
      clock_.Set(now);
      if (!Transcribe(alphabet_[letters[i]], moved, &learned, &calls)) break;
      bool same = true;
      for (const v1::Request& observation : options_.observations) {
        same = same &&
               Transcribe(observation, absl::ZeroDuration(), &learned, &calls);
      }
      if (!same) break;
    }
    return calls;
  }

  // Returns true when the sequence goes on.
  bool Transcribe(const v1::Request& request, absl::Duration moved,
                  Learned* learned, std::vector<SequenceCall>* calls) {
    Latest& latest = learned->latest;
    AnswerTranslation& translation = learned->translation;
    SequenceCall& call = calls->emplace_back();
    call.moved = moved;
    call.caller = TheCaller();
    call.request = WithLatest(
        request, latest.call == 0 ? kLatestToken : TokenOfCall(latest.call),
        latest.password);
    translation.ToNames(TheCaller(), &call.request);
    call.model_answer = model_->Execute(
        TheCaller(), WithLatest(request, latest.model, latest.password));
    v1::Request sent = WithLatest(request, latest.backend, latest.password);
    translation.ToBackend(TheCaller(), &sent);
    v1::Response answer = Ask(sent);
    call.backend_answer = answer;
    translation.Learn(calls->size(), TheCaller(), sent, call.model_answer,
                      &answer);
    Remember(call.model_answer, answer, calls->size(), &latest);
    translation.ToNames(TheCaller(), &answer);
    translation.ToNames(TheCaller(), &call.model_answer);
    const Operation operation = request.operation_case();
    for (const AnswerDifference& difference :
         DifferencesOf(operation, answer, call.model_answer)) {
      call.is_passed_over = IsKnown(difference);
      call.difference = difference.text;
      call.reason = call.is_passed_over ? "known" : translation.reason();
      if (!call.is_passed_over) return false;
    }
    return call.difference.empty() ||
           StatesCanAgree(operation, answer, call.model_answer,
                          /*surely=*/false);
  }

  static bool Fails(const std::vector<SequenceCall>& calls) {
    return !calls.back().difference.empty() && !calls.back().is_passed_over;
  }

  // Removes letters as long as there is a difference without them.
  Letters Shortened(Letters letters) {
    for (size_t at = 0; at < letters.size();) {
      Letters fewer = letters;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(at));
      if (!fewer.empty() && Fails(Transcribe(fewer))) {
        letters = std::move(fewer);
        at = 0;
      } else {
        ++at;
      }
    }
    return letters;
  }

  void Tell(SequenceReport* report) {
    const Letters letters = Shortened(*failed_);
    for (const size_t letter : letters) report->choices.push_back(letter + 1);
    const std::vector<SequenceCall> calls = Transcribe(letters);
    const std::string name =
        absl::StrCat("letters ", FormatChoices(report->choices));
    if (!Fails(calls)) {
      report->text = absl::StrCat(
          name, ": the backend differed from the model, but not when the same ",
          "calls were made on a new backend\n", SequenceAsText(calls));
      return;
    }
    report->text = absl::StrCat(name, ": the backend differs from the model\n",
                                SequenceAsText(calls));
    SequenceCodeOptions code;
    code.behavior = options_.behavior;
    code.limits = options_.limits;
    code.start = TimeOf(0);
    code.factory_code = options_.factory_code;
    code.comment = name;
    code.rules = options_;
    report->code = SequenceAsCode(calls, code);
  }

  const BackendFactory& factory_;
  const AllSequencesOptions& options_;
  const std::vector<v1::Request> alphabet_;
  FakeClock clock_{absl::UnixEpoch()};
  std::optional<TestedBackend> tested_;
  std::optional<ReferenceModel> model_;
  AnswerComparison comparison_;
  Letters letters_;
  // The model's answers to them.
  std::vector<v1::Response> expected_;
  // True after a known difference that leaves the states apart.
  bool is_apart_ = false;
  std::optional<Letters> failed_;
  // True when the difference is a time of the system's.
  bool saw_system_time_ = false;
  int64_t sequences_ = 0;
  int64_t calls_ = 0;
};

// Fills in the connection "a" with one property.
void FillConnection(const std::string& key, const std::string& value,
                    v1::ConnectionInput* input) {
  input->set_name("a");
  input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
  (*input->mutable_connection_properties()->mutable_elements())[key] = value;
}

void AddConnectionLetters(std::vector<v1::Request>* alphabet) {
  FillConnection("PASSWORD", "secret",
                 alphabet->emplace_back()
                     .mutable_create_connection()
                     ->mutable_connection_input());
  auto* update = alphabet->emplace_back().mutable_update_connection();
  update->set_name("a");
  FillConnection("ENCRYPTED_PASSWORD", kLatestPassword,
                 update->mutable_connection_input());
  alphabet->emplace_back().mutable_get_connection()->set_name("a");
  alphabet->emplace_back().mutable_get_connections();
  alphabet->emplace_back().mutable_delete_connection()->set_connection_name(
      "a");
  auto* names = alphabet->emplace_back()
                    .mutable_batch_delete_connection()
                    ->mutable_connection_name_list();
  names->add_elements("a");
  names->add_elements("a");
  alphabet->emplace_back()
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings()
      ->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
}

}  // namespace

std::vector<v1::Request> DefaultAlphabet() {
  const PolicyGenerator policies(PolicyChecks::kGlue);
  RecordedChoices simplest({});
  const std::string text = policies.GenerateGood(simplest, TheCaller());
  std::vector<v1::Request> alphabet;
  for (const auto condition : {v1::POLICY_EXISTS_CONDITION_NONE,
                               v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
                               v1::POLICY_EXISTS_CONDITION_NOT_EXIST}) {
    auto* put = alphabet.emplace_back().mutable_put_resource_policy();
    put->set_policy_in_json(text);
    put->set_policy_exists_condition(condition);
  }
  alphabet.emplace_back().mutable_get_resource_policy();
  alphabet.emplace_back().mutable_delete_resource_policy();
  alphabet.emplace_back()
      .mutable_delete_resource_policy()
      ->set_policy_hash_condition("stale");
  alphabet.emplace_back().mutable_get_data_catalog_encryption_settings();
  alphabet.emplace_back()
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings()
      ->mutable_encryption_at_rest()
      ->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  auto* create =
      alphabet.emplace_back().mutable_create_security_configuration();
  create->set_name("a");
  create->mutable_encryption_configuration();
  alphabet.emplace_back().mutable_delete_security_configuration()->set_name(
      "a");
  alphabet.emplace_back().mutable_get_security_configuration()->set_name("a");
  alphabet.emplace_back().mutable_get_security_configurations();
  AddConnectionLetters(&alphabet);
  return alphabet;
}

SequenceReport CheckAllSequences(const BackendFactory& factory,
                                 const AllSequencesOptions& options) {
  return Walk(factory, options).Run();
}

}  // namespace glue_security
