#include "glue_security/testing/sequences/sequence_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/testing/sequences/request_lengths.h"
#include "glue_security/testing/system_clock.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "simdjson.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The number of the latest hashes, of the latest tokens, and of the latest
// encrypted passwords, that are remembered.
constexpr size_t kRemembered = 6;

// Stands still, or goes forward or back by a few milliseconds with a fraction.
absl::Duration DrawMove(ChoiceSource& choices) {
  const uint64_t kind = choices.Below(8);
  if (kind <= 1) return absl::ZeroDuration();
  const auto micros = static_cast<int64_t>(choices.Below(2500));
  return absl::Microseconds(kind == 7 ? -2 * micros : micros);
}

bool IsUtf8(const std::string& text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

// Returns true when all texts in `message` are UTF-8.
bool IsUtf8(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    std::string unused;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        if (is_message &&
            !IsUtf8(reflection->GetRepeatedMessage(message, field, i))) {
          return false;
        }
        if (is_text && !IsUtf8(reflection->GetRepeatedStringReference(
                           message, field, i, &unused))) {
          return false;
        }
      }
    } else if (is_message) {
      if (!IsUtf8(reflection->GetMessage(message, field))) return false;
    } else if (is_text) {
      if (!IsUtf8(reflection->GetStringReference(message, field, &unused))) {
        return false;
      }
    }
  }
  return true;
}

// The most bytes of a property that is sent.
constexpr size_t kPropertyBytesMax = 1024;

// The rules by which an engine answers.
AnswerRules RulesOfEngine() {
  AnswerRules rules;
  rules.hashes = AnswerRules::Hashes::kExact;
  return rules;
}

// Gives `model` the messages of the errors in the engine's answer.
void CopyMessages(const v1::Response& engine, v1::Response* model) {
  if (model->has_error() && engine.error().code() == model->error().code()) {
    model->mutable_error()->set_message(engine.error().message());
  }
  if (!model->has_batch_delete_connection()) return;
  const auto& errors = engine.batch_delete_connection().errors();
  for (auto& [name, detail] :
       *model->mutable_batch_delete_connection()->mutable_errors()) {
    const auto found = errors.find(name);
    if (found == errors.end()) continue;
    detail.set_error_message(found->second.error_message());
  }
}

bool BreaksEnum(const v1::Error& error) {
  return std::any_of(error.violations().begin(), error.violations().end(),
                     [](const v1::Violation& violation) {
                       return violation.constraint() ==
                              v1::Violation::CONSTRAINT_ENUM;
                     });
}

}  // namespace

SequenceRunner::SequenceRunner(const BackendFactory& factory,
                               const SequenceOptions& options)
    : factory_(factory),
      options_(options),
      length_(static_cast<uint64_t>(std::max(options.length, 1))),
      generator_(options.behavior, options.operations),
      comparison_(options.shows_messages),
      translation_(options),
      engine_translation_(RulesOfEngine()) {
  counts_.known.resize(options.known_differences.size());
}

std::optional<AnswerDifference> SequenceRunner::Run(
    ChoiceSource& choices, const RecordingChoices* recording,
    Transcript* transcript) {
  const absl::Time start = choices.Below(2) == 0
                               ? absl::FromUnixMillis(1567296000000)
                               : absl::UnixEpoch();
  FakeClock clock(start);
  if (transcript != nullptr) transcript->start = start;
  const BackendSetup setup = {options_.behavior, options_.limits, &clock};
  const TestedBackend tested = factory_(setup);
  ReferenceModel model(
      options_.behavior, options_.limits, &clock,
      [this](const Caller&, absl::string_view) { return is_good_policy_; });
  std::optional<TestedBackend> engine;
  if (options_.shows_messages) engine.emplace(EngineInMemory(setup));
  const Parties parties = {*tested.backend, model,
                           engine.has_value() ? &*engine->backend : nullptr};
  context_ = GeneratorContext();
  translation_ = AnswerTranslation(options_);
  engine_translation_ = AnswerTranslation(RulesOfEngine());
  StartOwnClock();
  tokens_.clear();
  hashes_seen_ = 0;
  ciphertexts_seen_ = 0;
  size_t made = 0;
  for (uint64_t i = 0; i < 4 * length_; ++i) {
    const size_t drawn = recording == nullptr ? 0 : recording->choices().size();
    if (choices.Below(length_ + 1) == 0) break;
    if (transcript != nullptr) transcript->starts.push_back(drawn);
    const absl::Duration moved = DrawMove(choices);
    clock.Advance(moved);
    if (moved > absl::ZeroDuration()) PassTime(moved);
    const Caller& caller = GenerateCaller(choices);
    context_.caller = &caller;
    const Generated generated =
        generator_.Generate(choices, context_, &request_);
    is_good_policy_ = !generated.finding.has_value() ||
                      (!options_.takes_principals &&
                       generated.finding == FindingCode::kPolicyLocksOutCaller);
    if (!ReachesBackend(caller)) continue;
    ++counts_.calls;
    const Verdict verdict = Call(caller, ++made, moved, parties, transcript);
    if (verdict == Verdict::kFailed) return std::move(failure_);
    if (verdict == Verdict::kEnds) break;
  }
  return std::nullopt;
}

void SequenceRunner::StartOwnClock() {
  has_other_clock_ =
      has_other_clock_ || (own_clock_.has_value() && own_clock_->is_other());
  own_clock_.reset();
  if (!options_.honours_clock && options_.shows_times && !options_.pass_time &&
      !has_other_clock_) {
    own_clock_.emplace();
  }
}

void SequenceRunner::PassTime(absl::Duration moved) {
  if (options_.pass_time) {
    options_.pass_time(moved);
  } else if (own_clock_.has_value()) {
    own_clock_->Pass(moved);
  }
}

bool SequenceRunner::ReachesBackend(const Caller& caller) const {
  if (!options_.takes_unknown_operations &&
      request_.operation_case() == kNoOperation) {
    return false;
  }
  if (!options_.takes_unparsed_values && !request_.unparsed_values().empty()) {
    return false;
  }
  if (!options_.takes_invalid_utf8 && !IsUtf8(request_)) return false;
  return HasSizeOfTheModel(caller);
}

bool SequenceRunner::HasSizeOfTheModel(const Caller& caller) const {
  const TokenSet* token = FindToken();
  if (token == nullptr && !request_.has_create_connection() &&
      !request_.has_update_connection()) {
    return true;
  }
  const size_t bytes = request_.ByteSizeLong();
  const auto is_like_the_model = [&](const AnswerTranslation& translation,
                                     const std::string& own_token) {
    v1::Request sent = request_;
    if (!own_token.empty()) ExchangeNextToken(own_token, &sent);
    translation.ToBackend(caller, &sent);
    const size_t sent_bytes = sent.ByteSizeLong();
    return sent_bytes == bytes ||
           std::max(sent_bytes, bytes) <= options_.limits.request_bytes_max;
  };
  return is_like_the_model(translation_, token ? token->backend : "") &&
         is_like_the_model(engine_translation_, token ? token->engine : "");
}

SequenceRunner::Verdict SequenceRunner::Call(const Caller& caller,
                                             size_t number,
                                             absl::Duration moved,
                                             const Parties& parties,
                                             Transcript* transcript) {
  // The model sees the principals that reach the backend.
  Caller seen = caller;
  if (!options_.takes_principals) seen.principal_arn.clear();
  v1::Response model = parties.model.Execute(seen, request_);
  v1::Response engine;
  if (parties.engine != nullptr) {
    engine = AskEngine(seen, number, *parties.engine, &model);
  }
  const TokenSet* token = FindToken();
  SequenceCall* call = nullptr;
  if (transcript != nullptr) {
    call = &transcript->calls.emplace_back();
    call->moved = moved;
    call->caller = caller;
    call->request = request_;
    if (token != nullptr) {
      ExchangeNextToken(TokenOfCall(token->call), &call->request);
    }
    translation_.ToNames(caller, &call->request);
  }
  if (token != nullptr) ExchangeNextToken(token->backend, &request_);
  translation_.ToBackend(caller, &request_);
  v1::Response backend = parties.backend.Execute(caller, request_);
  if (call != nullptr) call->backend_answer = backend;
  if (own_clock_.has_value()) own_clock_->Coarsen(&backend);
  translation_.Learn(number, caller, request_, model, &backend);
  if (parties.engine != nullptr && BreaksEnum(model.error())) {
    model.mutable_error()->set_message(backend.error().message());
  }
  const bool same = comparison_.Same(backend, model);
  RememberHash(model);
  RememberCiphertexts(model);
  RememberToken(number, backend, model, engine);
  if (call == nullptr && same) return Verdict::kSame;
  translation_.ToNames(caller, &model);
  if (call != nullptr) call->model_answer = model;
  if (same) return Verdict::kSame;
  v1::Response named = backend;
  translation_.ToNames(caller, &named);
  return Judge(backend, model,
               DifferencesOf(request_.operation_case(), named, model,
                             options_.shows_messages),
               call);
}

SequenceRunner::Verdict SequenceRunner::Judge(
    const v1::Response& backend, const v1::Response& model,
    std::vector<AnswerDifference> differences, SequenceCall* call) {
  const Operation operation = request_.operation_case();
  if (differences.empty()) {
    AnswerDifference& unknown = differences.emplace_back();
    unknown.kind = AnswerDifference::Kind::kUnexpected;
    unknown.operation = operation;
    unknown.field = "an unknown field";
    unknown.text = "the answers differ in an unknown field";
  }
  bool all_known = true;
  // The counts that the call adds to, each once.
  std::vector<int64_t*> counts;
  std::string reason;
  for (AnswerDifference& difference : differences) {
    const auto known = std::find_if(
        options_.known_differences.begin(), options_.known_differences.end(),
        [&](const KnownDifference& one) { return IsKnown(difference, one); });
    if (known != options_.known_differences.end()) {
      counts.push_back(&counts_.known[static_cast<size_t>(
          known - options_.known_differences.begin())]);
      if (reason.empty()) reason = known->reason;
      continue;
    }
    all_known = false;
    const std::string cause = difference.Cause();
    const auto found = counts_.causes.find(cause);
    if (found != counts_.causes.end()) {
      counts.push_back(&found->second);
      continue;
    }
    if (call != nullptr) Describe(model, difference, call);
    if (options_.honours_clock && absl::StrContains(difference.field, "time") &&
        ShowsSystemTime(backend)) {
      saw_system_time_ = true;
    }
    failure_ = std::move(difference);
    return Verdict::kFailed;
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  for (int64_t* count : counts) ++*count;
  if (call != nullptr) {
    call->difference = differences.front().text;
    call->is_passed_over = true;
    call->reason = all_known ? reason : "found before";
  }
  return StatesCanAgree(operation, backend, model, /*surely=*/!all_known)
             ? Verdict::kPassedOver
             : Verdict::kEnds;
}

void SequenceRunner::Describe(const v1::Response& model,
                              const AnswerDifference& difference,
                              SequenceCall* call) const {
  const bool is_time = absl::StrContains(difference.field, "time");
  call->difference = difference.text;
  call->reason = translation_.reason();
  if (is_time && !options_.honours_clock && !call->reason.empty()) {
    // The times of two clocks cannot be compared.
    call->difference = absl::StrCat(difference.field, ": ", call->reason);
    call->reason.clear();
  } else if (call->reason.empty() && difference.field.empty()) {
    call->reason = LengthsInWords(request_, model);
  }
}

v1::Response SequenceRunner::AskEngine(const Caller& caller, size_t number,
                                       Backend& engine, v1::Response* model) {
  v1::Request request = request_;
  if (const TokenSet* token = FindToken()) {
    ExchangeNextToken(token->engine, &request);
  }
  engine_translation_.ToBackend(caller, &request);
  v1::Response answer = engine.Execute(caller, request);
  v1::Response learned = answer;
  engine_translation_.Learn(number, caller, request, *model, &learned);
  CopyMessages(answer, model);
  return answer;
}

// Returns the set of the request's token; nullptr: no call gave it out.
const SequenceRunner::TokenSet* SequenceRunner::FindToken() const {
  const std::string& token = NextTokenOf(request_);
  if (token.empty()) return nullptr;
  for (const TokenSet& set : tokens_) {
    if (set.model == token) return &set;
  }
  return nullptr;
}

void SequenceRunner::RememberHash(const v1::Response& model) {
  if (!model.has_put_resource_policy()) return;
  const std::string& hash = model.put_resource_policy().policy_hash();
  std::vector<std::string>& hashes = context_.hashes;
  if (std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) return;
  if (hashes.size() < kRemembered) {
    hashes.push_back(hash);
  } else {
    hashes[hashes_seen_ % kRemembered] = hash;
  }
  ++hashes_seen_;
}

void SequenceRunner::RememberCiphertexts(const v1::Response& model) {
  std::vector<std::string>& known = context_.ciphertexts;
  const auto remember = [&](const v1::Connection& connection) {
    const std::map<std::string, std::string> sorted(
        connection.connection_properties().elements().begin(),
        connection.connection_properties().elements().end());
    for (const auto& [key, text] : sorted) {
      const auto sent = translation_.CiphertextFor(text);
      // The backend's own may be too long to be given back.
      if (!sent.has_value() || sent->size() > kPropertyBytesMax ||
          std::find(known.begin(), known.end(), text) != known.end()) {
        continue;
      }
      if (known.size() < kRemembered) {
        known.push_back(text);
      } else {
        known[ciphertexts_seen_ % kRemembered] = text;
      }
      ++ciphertexts_seen_;
    }
  };
  if (model.has_get_connection()) remember(model.get_connection().connection());
  for (const auto& connection : model.get_connections().connection_list()) {
    remember(connection);
  }
}

void SequenceRunner::RememberToken(size_t number, const v1::Response& backend,
                                   const v1::Response& model,
                                   const v1::Response& engine) {
  // Without a token of the backend, the next page cannot be asked for.
  if (NextTokenOf(model).empty() || NextTokenOf(backend).empty()) return;
  // The model may give out the same token again, and the backend a different
  // one.
  TokenSet set = {NextTokenOf(model), NextTokenOf(backend), NextTokenOf(engine),
                  number};
  for (TokenSet& known : tokens_) {
    if (known.model == set.model) {
      known = std::move(set);
      return;
    }
  }
  if (tokens_.size() == kRemembered) {
    tokens_.erase(tokens_.begin());
    context_.tokens.erase(context_.tokens.begin());
  }
  context_.tokens.push_back(set.model);
  tokens_.push_back(std::move(set));
}

}  // namespace glue_security
