// Compares the checker with the definition of linearizability: for small random
// histories, legal and illegal, it tries every order that respects real time on
// the reference model. Also checks long sequential histories of the model in
// which one answer is changed.
//
// The seed is printed; GLUE_SECURITY_SEED=N sets it again.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int64_t kFirstMs = 1'700'000'000'000;
const char kGarbageToken[] = "never given out";

// The parameters of a random history.
struct Setting {
  Behavior behavior;
  Limits limits;
  // True when the clock stands still; else it jumps within `kTimes`
  // milliseconds.
  bool fixed_time = true;
};
constexpr uint64_t kTimes = 3;

Setting RandomSetting(ChoiceSource& choices) {
  Setting setting;
  setting.behavior =
      Loose(choices.Pick({Behavior::Documented(), Behavior::Observed(),
                          Behavior::Current(), Behavior::Documented()}));
  if (choices.OneIn(4)) setting.behavior.api_date = kNewestApiDate;
  setting.behavior.require_hash_to_overwrite = choices.OneIn(8);
  setting.limits.security_configurations_max =
      choices.Pick<int64_t>({250, 1, 2, 2});
  setting.limits.page_size_default = choices.Pick<int32_t>({100, 1, 2});
  setting.fixed_time = choices.OneIn(2);
  return setting;
}

LinearizabilityOptions OptionsFor(const Setting& setting) {
  LinearizabilityOptions options;
  options.behavior = setting.behavior;
  options.limits = setting.limits;
  if (setting.fixed_time) options.fixed_time = absl::FromUnixMillis(kFirstMs);
  options.policy_hash = [](const std::string& text) {
    return PolicyHasher::Default()->Hash(text);
  };
  return options;
}

// Makes requests for one resource, or for all, sometimes illegal ones.
class Requests {
 public:
  Requests(ChoiceSource* choices, const Setting& setting)
      : choices_(*choices), setting_(setting), kind_(choices->Below(4)) {}

  v1::Request Next(const History& before) {
    switch (kind_ < 3 ? kind_ : choices_.Below(3)) {
      case 0:
        return OfPolicy();
      case 1:
        return OfConfigurations(before);
      default:
        return OfSettings();
    }
  }

 private:
  std::string Text() {
    return choices_.Pick<std::string>({"{}", "{ }", R"({"a":1})"});
  }
  std::string Hash() {
    if (choices_.OneIn(6)) return "stale";
    FakeClock clock(absl::UnixEpoch());
    ReferenceModel model(setting_.behavior, setting_.limits, &clock);
    v1::Request put;
    put.mutable_put_resource_policy()->set_policy_in_json(Text());
    return model.Execute({}, put).put_resource_policy().policy_hash();
  }
  std::string Name() {
    return choices_.Pick<std::string>({"a", "b", "\xC3\xA9"});
  }

  // Returns true when to use what the newest model has; seldom when it is not
  // in force.
  bool UsesNewest() {
    return setting_.behavior.api_date == kNewestApiDate || choices_.OneIn(8);
  }
  // Sometimes names a resource: the own catalog, or another.
  template <typename Request>
  void MaybeNameResource(Request* request) {
    if (!choices_.OneIn(16)) return;
    request->set_resource_arn(choices_.Pick<std::string>(
        {"arn:aws:glue:us-east-1:111111111111:catalog",
         "arn:aws:glue:us-east-1:111111111111:table/d/t", "no ARN"}));
  }

  v1::Request OfPolicy() {
    v1::Request request;
    switch (choices_.Below(6)) {
      case 0:
      case 1: {
        auto* put = request.mutable_put_resource_policy();
        put->set_policy_in_json(choices_.OneIn(20) ? "[]" : Text());
        if (choices_.OneIn(3)) put->set_policy_hash_condition(Hash());
        put->set_policy_exists_condition(
            choices_.Pick({v1::POLICY_EXISTS_CONDITION_NONE,
                           v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
                           v1::POLICY_EXISTS_CONDITION_NOT_EXIST}));
        MaybeNameResource(put);
        break;
      }
      case 2: {
        auto* drop = request.mutable_delete_resource_policy();
        if (choices_.OneIn(3)) drop->set_policy_hash_condition(Hash());
        MaybeNameResource(drop);
        break;
      }
      case 3:
        if (UsesNewest()) {
          auto* list = request.mutable_get_resource_policies();
          if (choices_.OneIn(8)) list->set_max_results(choices_.Pick({1, 0}));
          if (choices_.OneIn(16)) list->set_next_token(kGarbageToken);
          break;
        }
        [[fallthrough]];
      default:
        MaybeNameResource(request.mutable_get_resource_policy());
    }
    return request;
  }

  v1::Request OfConfigurations(const History& before) {
    v1::Request request;
    switch (choices_.Below(6)) {
      case 0:
      case 1: {
        auto* create = request.mutable_create_security_configuration();
        create->set_name(choices_.OneIn(20) ? "" : Name());
        auto* body = create->mutable_encryption_configuration();
        if (choices_.OneIn(2)) body->mutable_s3_encryption();
        if (choices_.OneIn(4)) body->mutable_data_quality_encryption();
        break;
      }
      case 2:
        request.mutable_delete_security_configuration()->set_name(Name());
        break;
      case 3:
        request.mutable_get_security_configuration()->set_name(Name());
        break;
      default: {
        auto* list = request.mutable_get_security_configurations();
        if (choices_.OneIn(3)) list->set_max_results(choices_.Pick({1, 2, 0}));
        std::vector<std::string> tokens = {"", kGarbageToken};
        for (const HistoryEntry& entry : before) {
          const auto& page = entry.response->get_security_configurations();
          if (!page.next_token().empty()) tokens.push_back(page.next_token());
        }
        if (choices_.OneIn(2)) list->set_next_token(choices_.Pick(tokens));
      }
    }
    return request;
  }

  v1::Request OfSettings() {
    v1::Request request;
    if (choices_.OneIn(2)) {
      auto* get = request.mutable_get_data_catalog_encryption_settings();
      if (choices_.OneIn(4)) get->set_catalog_id("other");
      return request;
    }
    auto* put = request.mutable_put_data_catalog_encryption_settings();
    if (choices_.OneIn(4)) put->set_catalog_id("other");
    auto* settings = put->mutable_data_catalog_encryption_settings();
    if (choices_.OneIn(2)) {
      settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
          choices_.Pick({v1::CATALOG_ENCRYPTION_MODE_DISABLED,
                         v1::CATALOG_ENCRYPTION_MODE_SSE_KMS}));
    } else if (choices_.OneIn(3) && UsesNewest()) {
      auto* rest = settings->mutable_encryption_at_rest();
      rest->set_catalog_encryption_mode(
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
      if (!choices_.OneIn(8)) {
        rest->set_catalog_encryption_service_role(
            "arn:aws:iam::111111111111:role/r");
      }
    }
    return request;
  }

  ChoiceSource& choices_;
  const Setting& setting_;
  const uint64_t kind_;
};

// Executes calls on the model, in the order in which they take effect.
History RunOnModel(ChoiceSource& choices, const Setting& setting,
                   size_t calls) {
  FakeClock clock(absl::FromUnixMillis(kFirstMs));
  ReferenceModel model(setting.behavior, setting.limits, &clock);
  Requests requests(&choices, setting);
  History history;
  while (history.size() < calls) {
    if (!setting.fixed_time) {
      clock.Set(absl::FromUnixMillis(
          kFirstMs + static_cast<int64_t>(choices.Below(kTimes))));
    }
    HistoryEntry entry;
    entry.client = static_cast<int>(history.size());
    entry.caller = {"111111111111", "us-east-1", ""};
    entry.request = requests.Next(history);
    entry.response = model.Execute(entry.caller, entry.request);
    history.push_back(std::move(entry));
  }
  return history;
}

// Gives each call an interval around its effect; intervals overlap.
void SpreadOut(ChoiceSource& choices, History* history) {
  std::set<std::pair<uint64_t, size_t>> instants;  // (time, 2 * call + isEnd)
  const uint64_t reach = choices.Pick<uint64_t>({15, 5, 40});
  for (size_t i = 0; i < history->size(); ++i) {
    const uint64_t effect = 100 + 20 * i;
    instants.insert({effect - 1 - choices.Below(reach), 2 * i});
    instants.insert({effect + 1 + choices.Below(reach), 2 * i + 1});
  }
  uint64_t position = 0;
  for (const auto& [time, instant] : instants) {
    HistoryEntry& entry = (*history)[instant / 2];
    (instant % 2 == 0 ? entry.start : entry.end) = position++;
  }
}

// Leaves the outcome of some calls open.
void LoseAnswers(ChoiceSource& choices, History* history) {
  for (HistoryEntry& entry : *history) {
    if (!choices.OneIn(6)) continue;
    if (choices.OneIn(2)) {
      entry.response.reset();
      entry.end = kNoEnd;
    } else {
      entry.response->mutable_error()->set_code(
          v1::ERROR_CODE_OPERATION_TIMEOUT);
    }
  }
}

// Changes something, so that the history may become illegal.
void Disturb(ChoiceSource& choices, const Setting& setting, History* history) {
  HistoryEntry& entry = (*history)[choices.Below(history->size())];
  HistoryEntry& other = (*history)[choices.Below(history->size())];
  switch (choices.Below(5)) {
    case 0:  // The answer of another state.
    case 1: {
      FakeClock clock(absl::FromUnixMillis(kFirstMs));
      ReferenceModel model(setting.behavior, setting.limits, &clock);
      for (const HistoryEntry& earlier : *history) {
        if (choices.OneIn(2)) model.Execute(earlier.caller, earlier.request);
      }
      if (entry.response.has_value()) {
        entry.response = model.Execute(entry.caller, entry.request);
      }
      return;
    }
    case 2:  // Two calls at each other's time.
      std::swap(entry.start, other.start);
      std::swap(entry.end, other.end);
      return;
    case 3:  // A call that nobody made.
      entry = other;
      return;
    default:
      if (entry.response.has_value() && other.response.has_value() &&
          entry.request.operation_case() == other.request.operation_case()) {
        std::swap(entry.response, other.response);
      }
  }
}

// Numbers the positions again after a disturbance, each once. Returns false
// when a call has become meaningless.
bool Renumber(History* history) {
  std::set<std::pair<uint64_t, size_t>> instants;
  for (size_t i = 0; i < history->size(); ++i) {
    HistoryEntry& entry = (*history)[i];
    if (!entry.response.has_value()) entry.end = kNoEnd;
    if (entry.response.has_value() && entry.end == kNoEnd) return false;
    instants.insert({entry.start, 2 * i});
    if (entry.end != kNoEnd) instants.insert({entry.end, 2 * i + 1});
  }
  uint64_t position = 0;
  for (const auto& [time, instant] : instants) {
    HistoryEntry& entry = (*history)[instant / 2];
    (instant % 2 == 0 ? entry.start : entry.end) = position++;
  }
  std::stable_sort(history->begin(), history->end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) {
                     return a.start < b.start;
                   });
  return true;
}

// Returns true when every token was given out in the history. The model accepts
// its own tokens, the checker only those that the history gives out.
bool TokensAreGivenOut(const History& history) {
  for (const HistoryEntry& entry : history) {
    const auto& list = entry.request.get_security_configurations();
    if (list.next_token().empty() || list.next_token() == kGarbageToken) {
      continue;
    }
    if (std::none_of(history.begin(), history.end(),
                     [&](const HistoryEntry& other) {
                       return other.response.has_value() &&
                              other.response->get_security_configurations()
                                      .next_token() == list.next_token();
                     })) {
      return false;
    }
  }
  return true;
}

// The definition, tested by trying every order.
class BruteForce {
 public:
  BruteForce(const History& history, const Setting& setting)
      : history_(history), placed_(history.size()) {
    times_.insert(kFirstMs);
    for (const HistoryEntry& entry : history) {
      if (!setting.fixed_time && entry.response.has_value()) {
        Collect(*entry.response);
      }
    }
    model_setting_ = setting;
  }

  bool IsLegal() {
    return Search(ReferenceModel(model_setting_.behavior, model_setting_.limits,
                                 &clock_));
  }

 private:
  void Collect(const v1::Response& response) {
    const auto add = [this](const google::protobuf::Timestamp& time) {
      if (time.seconds() != 0) {
        times_.insert(time.seconds() * 1000 + time.nanos() / 1'000'000);
      }
    };
    add(response.get_resource_policy().create_time());
    add(response.get_resource_policy().update_time());
    for (const auto& shown : response.get_resource_policies().policies()) {
      add(shown.create_time());
      add(shown.update_time());
    }
    add(response.create_security_configuration().created_timestamp());
    add(response.get_security_configuration()
            .security_configuration()
            .created_time_stamp());
    for (const auto& shown :
         response.get_security_configurations().security_configurations()) {
      add(shown.created_time_stamp());
    }
  }

  bool MayBeNext(size_t call) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      if (!placed_[i] && !IsUnknown(history_[i]) &&
          history_[i].end < history_[call].start) {
        return false;
      }
    }
    return !placed_[call];
  }

  static bool Same(const v1::Response& a, const v1::Response& b) {
    if (a.has_error() || b.has_error()) {
      return a.error().code() == b.error().code();
    }
    return MessageDifferencer::Equals(a, b);
  }

  bool Search(const ReferenceModel& model) {
    bool done = true;
    for (size_t i = 0; i < history_.size(); ++i) {
      done = done && (placed_[i] || IsUnknown(history_[i]));
    }
    if (done) return true;
    for (size_t i = 0; i < history_.size(); ++i) {
      if (!MayBeNext(i)) continue;
      const HistoryEntry& entry = history_[i];
      for (const int64_t time : times_) {
        clock_.Set(absl::FromUnixMillis(time));
        ReferenceModel next = model;
        const v1::Response answer = next.Execute(entry.caller, entry.request);
        if (!IsUnknown(entry) && !Same(answer, *entry.response)) continue;
        placed_[i] = true;
        const bool found = Search(next);
        placed_[i] = false;
        if (found) return true;
      }
    }
    return false;
  }

  const History& history_;
  std::vector<bool> placed_;
  std::set<int64_t> times_;
  Setting model_setting_;
  FakeClock clock_{absl::UnixEpoch()};
};

struct Counts {
  int legal = 0;
  int illegal = 0;
  int illegal_to_learned_hashes = 0;
  int with_open_outcomes = 0;
};

// Compares the two on a random history, unless it has become meaningless.
void Compare(uint64_t seed, Counts* counts) {
  SeededChoices choices(seed);
  const Setting setting = RandomSetting(choices);
  const size_t calls_max = setting.fixed_time ? 6 : 4;
  History history =
      RunOnModel(choices, setting, 2 + choices.Below(calls_max - 1));
  SpreadOut(choices, &history);
  for (uint64_t n = choices.Pick<uint64_t>({0, 1, 1, 2, 3}); n > 0; --n) {
    Disturb(choices, setting, &history);
  }
  if (choices.OneIn(2)) LoseAnswers(choices, &history);
  if (!Renumber(&history) || !TokensAreGivenOut(history)) return;

  const bool legal = BruteForce(history, setting).IsLegal();
  ++(legal ? counts->legal : counts->illegal);
  if (std::any_of(history.begin(), history.end(), IsUnknown)) {
    ++counts->with_open_outcomes;
  }
  LinearizabilityOptions options = OptionsFor(setting);
  const LinearizabilityResult result = CheckLinearizable(history, options);
  ASSERT_EQ(result.verdict, legal ? Verdict::kOk : Verdict::kIllegal)
      << "seed " << seed << "\n"
      << FormatHistory(history) << result.explanation;
  if (!legal) {
    // The calls that it names as the reason are illegal by themselves.
    History smaller;
    uint64_t last = 0;
    for (const size_t call : result.violation->calls) {
      if (call == result.violation->last_answer) last = history[call].end;
    }
    for (const size_t call : result.violation->calls) {
      smaller.push_back(history[call]);
      if (smaller.back().end <= last) continue;
      smaller.back().end = kNoEnd;
      smaller.back().response.reset();
    }
    if (TokensAreGivenOut(smaller)) {
      EXPECT_FALSE(BruteForce(smaller, setting).IsLegal())
          << "seed " << seed << "\n"
          << FormatHistory(history) << result.explanation;
    }
    EXPECT_FALSE(result.violation->orders.empty());
  }

  // With learned hashes the checker refuses no more than with known ones.
  options.policy_hash = nullptr;
  const Verdict learned = CheckLinearizable(history, options).verdict;
  if (learned == Verdict::kIllegal) ++counts->illegal_to_learned_hashes;
  ASSERT_NE(learned, Verdict::kUnknown) << "seed " << seed;
  if (legal) {
    ASSERT_EQ(learned, Verdict::kOk) << "seed " << seed << "\n"
                                     << FormatHistory(history);
  }
}

TEST(LinearizabilityBruteForceTest, TheCheckerAgreesWithEveryOrderTried) {
  const int histories = IsShortRun() ? 2'000 : 24'000;
  Counts counts;
  for (int n = 0; n < histories && !HasFatalFailure(); ++n) {
    Compare(RunSeed() + static_cast<uint64_t>(n), &counts);
  }
  std::cout << counts.legal << " legal and " << counts.illegal
            << " illegal histories (" << counts.illegal_to_learned_hashes
            << " with learned hashes), " << counts.with_open_outcomes
            << " with open outcomes\n";
  EXPECT_GE(counts.legal, histories / 2);
  EXPECT_GE(counts.illegal, histories / 12);
  EXPECT_GE(counts.illegal_to_learned_hashes, counts.illegal * 8 / 10);
  EXPECT_GE(counts.with_open_outcomes, histories / 10);
}

// In a sequential history every answer follows from the earlier ones, so that a
// different answer is illegal.
TEST(LinearizabilityBruteForceTest, InALongSequenceEveryChangedAnswerIsFound) {
  const int sequences = IsShortRun() ? 40 : 400;
  int changed_answers = 0;
  for (int n = 0; n < sequences; ++n) {
    const uint64_t seed = RunSeed() + static_cast<uint64_t>(n);
    SeededChoices choices(seed);
    Setting setting = RandomSetting(choices);
    setting.fixed_time = true;
    History history = RunOnModel(choices, setting, 100);
    for (size_t i = 0; i < history.size(); ++i) {
      history[i].start = 2 * i;
      history[i].end = 2 * i + 1;
    }
    const LinearizabilityOptions options = OptionsFor(setting);
    const LinearizabilityResult result = CheckLinearizable(history, options);
    ASSERT_EQ(result.verdict, Verdict::kOk) << "seed " << seed << "\n"
                                            << result.explanation;
    EXPECT_LE(result.states, history.size() + result.partitions);

    // Each changed call gets the answer of another state.
    for (int change = 0; change < 10; ++change) {
      History changed = history;
      const size_t at = choices.Below(history.size());
      HistoryEntry& entry = changed[at];
      FakeClock clock(*options.fixed_time);
      ReferenceModel model(setting.behavior, setting.limits, &clock);
      for (size_t i = choices.Below(history.size() + 1); i > 0; --i) {
        model.Execute(history[i - 1].caller, history[i - 1].request);
      }
      entry.response = model.Execute(entry.caller, entry.request);
      if (MessageDifferencer::Equals(*entry.response, *history[at].response) ||
          !TokensAreGivenOut(changed)) {
        continue;
      }
      ++changed_answers;
      const LinearizabilityResult found = CheckLinearizable(changed, options);
      ASSERT_EQ(found.verdict, Verdict::kIllegal)
          << "seed " << seed << ", call " << at << "\n"
          << FormatHistory(changed);
      // A token with another meaning may contradict an earlier call.
      if (!entry.request.has_get_security_configurations()) {
        EXPECT_EQ(found.violation->last_answer, at) << "seed " << seed;
      }
    }
  }
  std::cout << changed_answers << " changed answers\n";
  EXPECT_GE(changed_answers, sequences);
}

}  // namespace
}  // namespace glue_security
