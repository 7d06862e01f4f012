// The engine and the reference model, step by step on the same calls: random
// ones, and all short sequences over small alphabets.
//
// The seed is printed; GLUE_SECURITY_SEED=N runs the same calls again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/simulation/settable_clock.h"
#include "glue_security/storage/memory_storage.h"
#include "glue_security/testing/reference_model.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"
#include "tests/testing/random_request.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

// A page token as each of the two wrote it.
struct TokenPair {
  std::string engine;
  std::string model;
};

struct AnswerPair {
  v1::Response engine;
  v1::Response model;
};

std::string NextTokenOf(const v1::Response& response) {
  return response.get_security_configurations().next_token();
}

// `request` with `token` where it holds the placeholder.
v1::Request WithToken(v1::Request request, const std::string& token) {
  if (request.get_security_configurations().next_token() == kTokenPlaceholder) {
    request.mutable_get_security_configurations()->set_next_token(token);
  }
  return request;
}

AnswerPair ExecuteBoth(Backend& engine, Backend& model, const Caller& caller,
                       const v1::Request& request, const TokenPair& token) {
  return {engine.Execute(caller, WithToken(request, token.engine)),
          model.Execute(caller, WithToken(request, token.model))};
}

bool SameErrors(const v1::Error& a, const v1::Error& b) {
  if (a.code() != b.code() || a.detail() != b.detail() ||
      a.violations_size() != b.violations_size()) {
    return false;
  }
  for (int i = 0; i < a.violations_size(); ++i) {
    if (a.violations(i).path() != b.violations(i).path() ||
        a.violations(i).constraint() != b.violations(i).constraint()) {
      return false;
    }
  }
  return true;
}

// Whether the two say the same: the same response, whatever the text of a page
// token; or the same error, whatever its message and the values that it quotes.
bool Same(const AnswerPair& answers) {
  if (answers.engine.has_error() || answers.model.has_error()) {
    return answers.engine.has_error() && answers.model.has_error() &&
           SameErrors(answers.engine.error(), answers.model.error());
  }
  if (NextTokenOf(answers.engine).empty() ||
      NextTokenOf(answers.model).empty()) {
    return MessageDifferencer::Equals(answers.engine, answers.model);
  }
  v1::Response engine = answers.engine;
  v1::Response model = answers.model;
  engine.mutable_get_security_configurations()->clear_next_token();
  model.mutable_get_security_configurations()->clear_next_token();
  return MessageDifferencer::Equals(engine, model);
}

std::string Describe(const AnswerPair& answers) {
  return absl::StrCat("engine: ", answers.engine.ShortDebugString(),
                      "\n model: ", answers.model.ShortDebugString());
}

// A few kilobytes at most of a request.
std::string Describe(const v1::Request& request) {
  return request.ShortDebugString().substr(0, 2000);
}

Caller TheCaller() { return Caller{"111111111111", "us-east-1", ""}; }

// ---------------------------------------------------------------------------
// Random calls.

uint64_t Seed() {
  if (const char* text = std::getenv("GLUE_SECURITY_SEED")) {
    return std::strtoull(text, nullptr, 10);
  }
  return (uint64_t{std::random_device()()} << 32) | std::random_device()();
}

// Under a sanitizer, which makes everything slower: less of the same. The full
// counts run without.
bool IsShort() { return std::getenv("GLUE_SECURITY_SHORT_TESTS") != nullptr; }

struct Setting {
  std::string name;
  Behavior behavior;
  Limits limits;
};

// Both presets under each of a few limits and switches.
std::vector<Setting> Settings() {
  std::vector<Setting> settings;
  for (const bool observed : {false, true}) {
    const std::string preset = observed ? "observed" : "documented";
    const Setting base{
        preset,
        observed ? Loose(Behavior::Observed()) : Loose(Behavior::Documented()),
        Limits()};
    settings.push_back(base);

    Setting small = base;
    small.name = preset + ", two configurations, pages of one";
    small.limits.security_configurations_max = 2;
    small.limits.page_size_default = 1;
    settings.push_back(small);

    Setting tight = base;
    tight.name = preset + ", small requests, shallow policies, short pages";
    tight.limits.request_bytes_max = 260;
    tight.limits.policy_depth_max = 3;
    tight.limits.page_size_default = 2;
    tight.limits.page_size_observed_max = 1;
    settings.push_back(tight);

    Setting zero = base;
    zero.name = preset + ", bounds of zero";
    zero.limits.security_configurations_max = 0;
    zero.limits.policy_depth_max = 0;
    zero.limits.page_size_default = 0;
    zero.limits.page_size_observed_max = 0;
    settings.push_back(zero);

    Setting strict = base;
    strict.name = preset +
                  ", hash required, MUST_EXIST gives EntityNotFound, "
                  "policies as deep as may be";
    strict.limits.policy_depth_max = 1 << 20;  // 1024 is the most.
    strict.behavior.require_hash_to_overwrite = true;
    strict.behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
    settings.push_back(strict);

    Setting lax = base;
    lax.name = preset + ", policies not checked";
    lax.behavior.policy_checks = PolicyChecks::kNone;
    settings.push_back(lax);
  }
  return settings;
}

void MoveClock(std::mt19937_64& rng, SettableClock& clock) {
  const auto micros = static_cast<int64_t>(rng() % 2500);
  switch (rng() % 8) {
    case 0:
      clock.Advance(-absl::Microseconds(2 * micros));
      break;
    case 1:
    case 2:
      break;
    default:
      clock.Advance(absl::Microseconds(micros));
  }
}

// `steps` calls on a new engine and a new model.
void RunRandomCalls(const Setting& setting, std::mt19937_64 rng, int steps) {
  SettableClock clock(absl::FromUnixMillis(rng() % 2 == 0 ? 1567296000000 : 0));
  MemoryStorage storage;
  EngineOptions options = LooseOptions();
  options.behavior = setting.behavior;
  options.limits = setting.limits;
  options.clock = &clock;
  Engine engine(&storage, options);
  ReferenceModel model(setting.behavior, setting.limits, &clock);
  std::vector<std::string> hashes;
  std::deque<TokenPair> tokens;  // The latest few.

  for (int step = 0; step < steps; ++step) {
    MoveClock(rng, clock);
    const Caller caller = RandomCaller(rng);
    const v1::Request request = RandomRequest(rng, hashes);
    const TokenPair token =
        tokens.empty() ? TokenPair{kTokenPlaceholder, kTokenPlaceholder}
                       : tokens[rng() % tokens.size()];
    const std::string before = model.StateFingerprint();
    const AnswerPair answers =
        ExecuteBoth(engine, model, caller, request, token);
    ASSERT_TRUE(Same(answers))
        << "step " << step << ", account " << caller.account_id << "\n"
        << Describe(request) << "\n"
        << Describe(answers) << "\nbefore:\n"
        << before;
    if (answers.model.has_error()) {
      ASSERT_EQ(model.StateFingerprint(), before);
    }
    if (answers.model.has_put_resource_policy()) {
      const std::string& hash =
          answers.model.put_resource_policy().policy_hash();
      if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) {
        hashes.push_back(hash);
      }
    }
    if (!NextTokenOf(answers.model).empty()) {
      tokens.push_back(
          {NextTokenOf(answers.engine), NextTokenOf(answers.model)});
      if (tokens.size() > 6) tokens.pop_front();
    }
  }
}

TEST(DifferentialTest, AMillionRandomCallsGiveTheAnswersOfTheModel) {
  const int runs = IsShort() ? 60 : 1000;
  constexpr int kSteps = 1000;
  const uint64_t seed = Seed();
  std::cout << "GLUE_SECURITY_SEED=" << seed << std::endl;
  const std::vector<Setting> settings = Settings();
  for (int run = 0; run < runs; ++run) {
    const Setting& setting =
        settings[static_cast<size_t>(run) % settings.size()];
    SCOPED_TRACE(absl::StrCat("GLUE_SECURITY_SEED=", seed, " run ", run, ", ",
                              setting.name));
    std::seed_seq words{static_cast<uint32_t>(seed),
                        static_cast<uint32_t>(seed >> 32),
                        static_cast<uint32_t>(run)};
    RunRandomCalls(setting, std::mt19937_64(words), kSteps);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// ---------------------------------------------------------------------------
// All sequences.

// Walks all sequences over an alphabet, depth first. After each call it looks
// at the state through `observations`: after an error they must show what they
// showed before, else what the model shows.
//
// There is one engine. It goes back to where a sequence forks by
// MemoryStorage::Restore, after successful writes only; so a call that follows
// a refused one in the walk would also notice that the refused one left
// something behind.
class SequenceWalk {
 public:
  SequenceWalk(Behavior behavior, Limits limits,
               std::vector<v1::Request> alphabet,
               std::vector<v1::Request> observations)
      : alphabet_(std::move(alphabet)),
        observations_(std::move(observations)),
        engine_(&storage_, MakeOptions(behavior, limits)),
        start_(behavior, limits, &clock_) {}

  // Walks all sequences of 1 to `length` calls; returns how many.
  int64_t Walk(size_t length) {
    length_ = length;
    Continue(start_, TokenPair{kTokenPlaceholder, kTokenPlaceholder});
    return sequences_;
  }

 private:
  EngineOptions MakeOptions(const Behavior& behavior, const Limits& limits) {
    EngineOptions options = LooseOptions();
    options.behavior = behavior;
    options.limits = limits;
    options.clock = &clock_;
    return options;
  }

  std::vector<AnswerPair> Observe(ReferenceModel& model) {
    std::vector<AnswerPair> seen;
    for (const v1::Request& request : observations_) {
      seen.push_back(ExecuteBoth(engine_, model, TheCaller(), request, {}));
    }
    return seen;
  }

  std::string DescribePath() const {
    std::string text;
    for (const v1::Request* request : path_) {
      absl::StrAppend(&text, Describe(*request), "\n");
    }
    return text;
  }

  void Continue(ReferenceModel& model, const TokenPair& token) {
    // By call of a sequence: back twice, then on.
    static constexpr int kMillis[] = {3000, 2000, 1000, 4000};
    const std::vector<AnswerPair> before = Observe(model);
    const std::unique_ptr<MemoryStorage> scene = storage_.Fork();
    for (const v1::Request& request : alphabet_) {
      clock_.Set(absl::FromUnixMillis(kMillis[path_.size() % 4]));
      path_.push_back(&request);
      ++sequences_;
      ReferenceModel next = model;
      const AnswerPair answers =
          ExecuteBoth(engine_, next, TheCaller(), request, token);
      ASSERT_TRUE(Same(answers)) << DescribePath() << Describe(answers);
      const bool failed = answers.model.has_error();
      for (size_t i = 0; i < observations_.size(); ++i) {
        const AnswerPair seen{
            engine_.Execute(TheCaller(), observations_[i]),
            failed ? before[i].engine
                   : next.Execute(TheCaller(), observations_[i])};
        ASSERT_TRUE(failed ? MessageDifferencer::Equals(seen.engine, seen.model)
                           : Same(seen))
            << DescribePath() << "then " << Describe(observations_[i]) << "\n"
            << Describe(seen);
      }
      if (path_.size() < length_) {
        TokenPair next_token = token;
        if (!NextTokenOf(answers.model).empty()) {
          next_token = {NextTokenOf(answers.engine),
                        NextTokenOf(answers.model)};
        }
        Continue(next, next_token);
        if (testing::Test::HasFatalFailure()) return;
      }
      if (!failed && !GetOperationInfo(request.operation_case()).read_only()) {
        ASSERT_TRUE(storage_.Restore(*scene).ok());
      }
      path_.pop_back();
    }
  }

  const std::vector<v1::Request> alphabet_;
  const std::vector<v1::Request> observations_;
  SettableClock clock_{absl::UnixEpoch()};
  MemoryStorage storage_;
  Engine engine_;
  ReferenceModel start_;
  size_t length_ = 0;
  int64_t sequences_ = 0;
  std::vector<const v1::Request*> path_;
};

v1::Request GetPolicy() {
  v1::Request request;
  request.mutable_get_resource_policy();
  return request;
}

// 28 calls: a Put of 2 texts, under 4 conditions and 3 hashes; a Get; a Delete
// with 3 hashes.
std::vector<v1::Request> PolicyAlphabet() {
  const std::vector<std::string> texts = {"{}", R"({"Statement":[]})"};
  SettableClock clock{absl::UnixEpoch()};
  ReferenceModel model(Loose(Behavior::Documented()), Limits(), &clock);
  std::vector<std::string> hashes = {""};  // The first: no condition.
  for (const std::string& text : texts) {
    v1::Request put;
    put.mutable_put_resource_policy()->set_policy_in_json(text);
    hashes.push_back(
        model.Execute(TheCaller(), put).put_resource_policy().policy_hash());
  }
  std::vector<v1::Request> alphabet = {GetPolicy()};
  for (const std::string& hash : hashes) {
    for (const std::string& text : texts) {
      for (const v1::PolicyExistsCondition condition :
           {v1::POLICY_EXISTS_CONDITION_UNSPECIFIED,  // No condition.
            v1::POLICY_EXISTS_CONDITION_NONE,
            v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
            v1::POLICY_EXISTS_CONDITION_NOT_EXIST}) {
        v1::PutResourcePolicyRequest& put =
            *alphabet.emplace_back().mutable_put_resource_policy();
        put.set_policy_in_json(text);
        if (!hash.empty()) put.set_policy_hash_condition(hash);
        if (condition != v1::POLICY_EXISTS_CONDITION_UNSPECIFIED) {
          put.set_policy_exists_condition(condition);
        }
      }
    }
    v1::DeleteResourcePolicyRequest& drop =
        *alphabet.emplace_back().mutable_delete_resource_policy();
    if (!hash.empty()) drop.set_policy_hash_condition(hash);
  }
  return alphabet;
}

// 8 calls: create, delete and get each of two names; list from the start, and
// after the page before.
std::vector<v1::Request> ConfigurationAlphabet() {
  std::vector<v1::Request> alphabet;
  for (const std::string name : {"a", "b"}) {
    auto* create =
        alphabet.emplace_back().mutable_create_security_configuration();
    create->set_name(name);
    create->mutable_encryption_configuration();
    alphabet.emplace_back().mutable_delete_security_configuration()->set_name(
        name);
    alphabet.emplace_back().mutable_get_security_configuration()->set_name(
        name);
  }
  alphabet.emplace_back()
      .mutable_get_security_configurations()
      ->set_max_results(1);
  alphabet.emplace_back().mutable_get_security_configurations()->set_next_token(
      kTokenPlaceholder);
  return alphabet;
}

v1::Request ListAll() {
  v1::Request request;
  request.mutable_get_security_configurations()->set_max_results(100);
  return request;
}

// How many sequences of 1 to `length` letters there are.
int64_t CountSequences(int64_t letters, int length) {
  int64_t count = 0;
  int64_t power = 1;
  for (int i = 0; i < length; ++i) count += power *= letters;
  return count;
}

TEST(DifferentialTest, AllSequencesOfFourPolicyCallsGiveTheAnswersOfTheModel) {
  const std::vector<v1::Request> alphabet = PolicyAlphabet();
  ASSERT_EQ(alphabet.size(), 28u);
  SequenceWalk walk(Loose(Behavior::Documented()), Limits(), alphabet,
                    {GetPolicy()});
  const size_t length = IsShort() ? 3 : 4;
  const int64_t sequences = walk.Walk(length);
  if (HasFatalFailure()) return;
  EXPECT_EQ(sequences, CountSequences(28, static_cast<int>(length)));
}

TEST(DifferentialTest, AllSequencesOfThreePolicyCallsAgreeWithTheSwitchesSet) {
  Behavior behavior = Loose(Behavior::Observed());
  behavior.require_hash_to_overwrite = true;
  behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
  SequenceWalk walk(behavior, Limits(), PolicyAlphabet(), {GetPolicy()});
  const int64_t sequences = walk.Walk(3);
  if (HasFatalFailure()) return;
  EXPECT_EQ(sequences, CountSequences(28, 3));
}

TEST(DifferentialTest, AllSequencesOfFourConfigurationCallsAgree) {
  for (const Behavior& behavior :
       {Loose(Behavior::Documented()), Loose(Behavior::Observed())}) {
    for (const int64_t number_limit : {1, 250}) {
      Limits limits;
      limits.security_configurations_max = number_limit;
      limits.page_size_default = 1;
      SequenceWalk walk(behavior, limits, ConfigurationAlphabet(), {ListAll()});
      const size_t length = IsShort() ? 3 : 4;
      const int64_t sequences = walk.Walk(length);
      if (HasFatalFailure()) return;
      EXPECT_EQ(sequences, CountSequences(8, static_cast<int>(length)));
    }
  }
}

}  // namespace
}  // namespace glue_security
