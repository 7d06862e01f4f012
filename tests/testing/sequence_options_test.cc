// Sequences for backends that are not this library: each option lets a correct
// one pass, and still finds what is wrong with it.

#include "glue_security/testing/sequences/sequence_options.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/testing/sequences/all_sequences.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/testing/sequences/sequence_replay.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/map.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"
#include "tests/testing/foreign_backend.h"

namespace glue_security {
namespace {

using absl::StrContains;
using Hashes = AnswerRules::Hashes;

class SequenceOptionsTest : public testing::Test {
 protected:
  SequenceOptionsTest() {
    options_.behavior.policy_checks = PolicyChecks::kJson;
    options_.seed = 20261201;
    options_.calls = 20'000;
    options_.shrink.clock = &still_;
    options_.shrink.runs_max = 2'000;
  }

  // Expects that `backend` answers like the model in every preset.
  void ExpectPasses(const BackendFactory& backend) {
    for (const Behavior& preset :
         {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
      SequenceOptions options = options_;
      options.behavior = preset;
      const SequenceReport report = CheckSequences(backend, options);
      EXPECT_TRUE(report.ok()) << report.text;
    }
  }

  FakeClock still_{absl::UnixEpoch()};
  SequenceOptions options_;
};

// Returns the factory of a planted defect.
BackendFactory Defect(const std::string& name) {
  const auto& defects = DefectiveBackends();
  const auto found =
      std::find_if(defects.begin(), defects.end(),
                   [&name](const auto& one) { return one.name == name; });
  if (found == defects.end()) {
    ADD_FAILURE() << "no defect " << name;
    return EngineInMemory;
  }
  return found->create;
}

// Alters each answer of a backend.
BackendFactory Altered(const BackendFactory& inner,
                       std::function<void(v1::Response*)> alter) {
  class Altering : public Backend {
   public:
    Altering(TestedBackend inner, std::function<void(v1::Response*)> alter)
        : inner_(std::move(inner)), alter_(std::move(alter)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      v1::Response answer = inner_.backend->Execute(caller, request);
      alter_(&answer);
      return answer;
    }

   private:
    TestedBackend inner_;
    const std::function<void(v1::Response*)> alter_;
  };
  return [inner, alter](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<Altering>(inner(setup), alter));
  };
}

void DropCreatedTime(v1::Response* answer) {
  if (answer->has_create_security_configuration()) {
    answer->mutable_create_security_configuration()->clear_created_timestamp();
  }
}

// --- Hashes ------------------------------------------------------------------

TEST_F(SequenceOptionsTest, HashesOfItsOwnArePassed) {
  ForeignStyle style;
  style.codes_only = false;
  ExpectPasses(Foreign(style));
}

TEST_F(SequenceOptionsTest, OneHashForEachTextIsTheDefault) {
  ForeignStyle style;
  style.codes_only = false;
  style.hashes = ForeignStyle::Hashes::kOfPut;
  const SequenceReport report = CheckSequences(Foreign(style), options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(StrContains(report.text, "\n2. ")) << report.text;
  EXPECT_FALSE(StrContains(report.text, "\n3. ")) << report.text;
  EXPECT_TRUE(StrContains(report.text,
                          "policy_hash: \"2\" instead of \"HASH OF CALL 1\" "
                          "(call 1 gave the same text \"1\")"))
      << report.text;
  options_.hashes = Hashes::kOpaqueForEachPut;
  ExpectPasses(Foreign(style));
}

TEST_F(SequenceOptionsTest, ExactHashesAreThoseOfTheEngine) {
  options_.hashes = Hashes::kExact;
  ExpectPasses(EngineInMemory);
  ForeignStyle style;
  style.codes_only = false;
  const SequenceReport report = CheckSequences(Foreign(style), options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(
      StrContains(report.text, "policy_hash: \"Etag-1\" instead of \"R"))
      << report.text;
}

TEST_F(SequenceOptionsTest, DefectsOfHashesAreFoundWhateverTheHashesAre) {
  for (const char* name :
       {"hash_ignored", "hash_ignored_with_none", "hash_ignored_without_policy",
        "hash_compared_by_prefix", "hash_compared_without_case",
        "hash_constant", "hash_too_long", "get_shows_another_hash",
        "hash_checked_before_existence"}) {
    for (const Hashes hashes :
         {Hashes::kOpaque, Hashes::kOpaqueForEachPut, Hashes::kExact}) {
      options_.hashes = hashes;
      EXPECT_FALSE(CheckSequences(Defect(name), options_).ok())
          << name << " " << static_cast<int>(hashes);
    }
  }
  options_.hashes = Hashes::kOpaque;
  EXPECT_FALSE(CheckSequences(Defect("hash_of_the_write"), options_).ok());
}

TEST_F(SequenceOptionsTest, AChangedHashIsAChangeOfTheBackendsOwn) {
  // Takes a hash in any case; its own hashes have letters.
  class AnyCase : public Backend {
   public:
    explicit AnyCase(const BackendSetup& setup)
        : inner_(Foreign(ForeignStyle())(setup)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      v1::Request exact = request;
      auto* drop = exact.mutable_delete_resource_policy();
      if (!request.has_delete_resource_policy()) exact = request;
      if (request.has_delete_resource_policy() &&
          absl::StartsWith(drop->policy_hash_condition(), "etag-")) {
        drop->mutable_policy_hash_condition()->replace(0, 1, "E");
      }
      return inner_.backend->Execute(caller, exact);
    }

   private:
    TestedBackend inner_;
  };
  options_.shows_violations = false;
  const SequenceReport report = CheckSequences(
      [](const BackendSetup& setup) {
        return TestedBackend(std::make_unique<AnyCase>(setup));
      },
      options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(StrContains(report.text, " IN OTHER CASE\"")) << report.text;
}

TEST(SequenceReplay, NamesOfHashesStandForThoseOfTheBackend) {
  for (const auto hashes :
       {ForeignStyle::Hashes::kSame, ForeignStyle::Hashes::kOfText}) {
    ForeignStyle style;
    style.hashes = hashes;
    Behavior behavior = Behavior::Documented();
    behavior.policy_checks = PolicyChecks::kJson;
    SequenceReplay replay(Foreign(style), behavior, Limits(),
                          absl::UnixEpoch());
    const Caller caller = {"111111111111", "us-east-1", ""};
    const auto call = [&](const std::string& request,
                          const std::string& expected) {
      return replay.Call(absl::ZeroDuration(), caller, request, expected);
    };
    EXPECT_EQ(
        call(R"pb(put_resource_policy { policy_in_json: "{}" })pb",
             R"pb(put_resource_policy { policy_hash: "HASH OF CALL 1" })pb"),
        "");
    EXPECT_EQ(
        call(R"pb(put_resource_policy { policy_in_json: "{ }" })pb",
             R"pb(put_resource_policy { policy_hash: "HASH OF CALL 2" })pb"),
        "");
    for (const char* stale :
         {"HASH OF CALL 1", "HASH OF CALL 2 SHORTENED",
          "HASH OF CALL 2 IN OTHER CASE", "HASH OF CALL 3"}) {
      EXPECT_EQ(
          call(absl::StrCat(R"pb(delete_resource_policy {
                                   policy_hash_condition: ")pb",
                            stale, R"pb(" })pb"),
               R"pb(error { code: ERROR_CODE_CONDITION_CHECK_FAILURE })pb"),
          "")
          << stale;
    }
    EXPECT_EQ(
        call(R"pb(put_resource_policy { policy_in_json: "{}" })pb",
             R"pb(put_resource_policy { policy_hash: "HASH OF CALL 1" })pb"),
        "");
    // An equal text has an equal hash.
    EXPECT_EQ(
        call(R"pb(put_resource_policy { policy_in_json: "{}" })pb",
             R"pb(put_resource_policy { policy_hash: "HASH OF CALL 2" })pb"),
        absl::StrCat("put_resource_policy.policy_hash: \"",
                     hashes == ForeignStyle::Hashes::kSame
                         ? "RBNvo1WzZ4oRRq0W9+hkng=="
                         : "Etag-1",
                     "\" instead of \"HASH OF CALL 2\""));
  }
}

// --- Times -------------------------------------------------------------------

ForeignStyle WithOwnClock() {
  ForeignStyle style;
  style.hashes = ForeignStyle::Hashes::kSame;
  style.codes_only = false;
  style.own_clock = true;
  return style;
}

TEST_F(SequenceOptionsTest, AClockOfItsOwnIsPassed) {
  EXPECT_FALSE(CheckSequences(Foreign(WithOwnClock()), options_).ok());
  options_.honours_clock = false;
  ExpectPasses(Foreign(WithOwnClock()));
}

TEST_F(SequenceOptionsTest, TimesOfItsOwnMustAgreeWithEachOther) {
  options_.honours_clock = false;
  for (const char* name :
       {"create_time_reset_on_replace", "create_time_survives_delete",
        "get_is_an_update", "configuration_shows_the_time_of_the_read"}) {
    const SequenceReport report =
        CheckSequences(Foreign(WithOwnClock(), Defect(name)), options_);
    EXPECT_FALSE(report.ok()) << name;
    EXPECT_TRUE(StrContains(report.text, "time")) << report.text;
  }
  options_.shows_times = false;
  EXPECT_TRUE(CheckSequences(Foreign(WithOwnClock(),
                                     Defect("create_time_reset_on_replace")),
                             options_)
                  .ok());
}

TEST_F(SequenceOptionsTest, TimesMayBeMissingOnlyWhereNoneAreShown) {
  ForeignStyle style = WithOwnClock();
  style.no_times = true;
  options_.honours_clock = false;
  EXPECT_FALSE(CheckSequences(Foreign(style), options_).ok());
  options_.shows_times = false;
  ExpectPasses(Foreign(style));
  EXPECT_FALSE(CheckSequences(Foreign(style, SkipsAtPages), options_).ok());
}

TEST_F(SequenceOptionsTest, TheClockOfTheSystemIsRefusedAtOnce) {
  int made = 0;
  const BackendFactory of_system = [&made](const BackendSetup& setup) {
    ++made;
    BackendSetup other = setup;
    other.clock = Clock::System();
    return EngineInMemory(other);
  };
  const std::string refusal =
      "the backend's clock is the system's: the same run would have other "
      "times when it is made again, and a failure could be neither replayed "
      "nor shrunk. Give it BackendSetup::clock, which is a FakeClock, or, if "
      "it has a clock of its own, set honours_clock = false.\n";
  const SequenceReport report = CheckSequences(of_system, options_);
  EXPECT_EQ(report.text, refusal);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(report.code, "");
  EXPECT_EQ(made, report.sequences);

  // A single sequence, and its replay. Some sequences show no time.
  std::string text;
  SequenceOptions replayed = options_;
  for (uint64_t seed = 1; text.empty(); ++seed) {
    SeededChoices seeded(seed);
    RecordingChoices recording(&seeded);
    text = CheckSequence(of_system, options_, recording).text;
    replayed.replay = FormatChoices(recording.choices());
  }
  EXPECT_EQ(text, refusal);
  EXPECT_EQ(CheckSequences(of_system, replayed).text, refusal);

  AllSequencesOptions all;
  all.length = 2;
  EXPECT_EQ(CheckAllSequences(of_system, all).text, refusal);
  all.honours_clock = false;
  EXPECT_TRUE(CheckAllSequences(of_system, all).ok());
  options_.honours_clock = false;
  ExpectPasses(of_system);
}

TEST_F(SequenceOptionsTest, TimePassesForAClockOfItsOwn) {
  // Both are within one millisecond for a clock that stands still.
  FakeClock own{absl::FromUnixSeconds(1'000'000'000)};
  const BackendFactory resets = [&own](const BackendSetup& setup) {
    BackendSetup other = setup;
    other.clock = &own;
    return Defect("create_time_reset_on_replace")(other);
  };
  options_.honours_clock = false;
  EXPECT_TRUE(CheckSequences(resets, options_).ok());
  options_.pass_time = [&own](absl::Duration time) { own.Advance(time); };
  EXPECT_FALSE(CheckSequences(resets, options_).ok());
}

// An engine with a planted defect, and with the clock of the system.
BackendFactory OnTheSystemsClock(const std::string& defect) {
  return [defect](const BackendSetup& setup) {
    BackendSetup other = setup;
    other.clock = Clock::System();
    return Defect(defect)(other);
  };
}

// Most calls are within one millisecond, so that all times would be equal if
// the check did not wait.
TEST_F(SequenceOptionsTest, TimePassesForTheClockOfTheSystem) {
  options_.honours_clock = false;
  options_.shrink.runs_max = 300;
  for (const char* name : {"create_time_reset_on_replace",
                           "configuration_shows_the_time_of_the_read"}) {
    SCOPED_TRACE(name);
    const SequenceReport report =
        CheckSequences(OnTheSystemsClock(name), options_);
    ASSERT_FALSE(report.ok());
    // It is shown again by its calls, and by its choices.
    EXPECT_TRUE(StrContains(report.text, ": the record had the time "))
        << report.text;
    EXPECT_FALSE(report.code.empty());
    SequenceOptions again = options_;
    again.replay = FormatChoices(report.choices);
    const SequenceReport replayed =
        CheckSequences(OnTheSystemsClock(name), again);
    ASSERT_FALSE(replayed.ok());
    EXPECT_EQ(replayed.failures[0].cause, report.failures[0].cause);
  }
}

TEST(SequenceReplay, TimePassesForTheClockOfTheSystem) {
  Behavior behavior = Behavior::Documented();
  behavior.policy_checks = PolicyChecks::kJson;
  AnswerRules rules;
  rules.honours_clock = false;
  SequenceReplay replay(OnTheSystemsClock("create_time_reset_on_replace"),
                        behavior, Limits(), absl::UnixEpoch(), rules);
  const Caller caller = {"111111111111", "us-east-1", ""};
  const char* const kPut =
      R"pb(put_resource_policy { policy_in_json: "{}" })pb";
  const char* const kHash =
      R"pb(put_resource_policy { policy_hash: "HASH OF CALL 1" })pb";
  const char* const kGet = R"pb(get_resource_policy {})pb";
  const char* const kPolicy = R"pb(
    get_resource_policy {
      policy_in_json: "{}"
      policy_hash: "HASH OF CALL 1"
      create_time { seconds: 1 }
      update_time { seconds: 1 }
    })pb";
  const auto at_once = absl::ZeroDuration();
  EXPECT_EQ(replay.Call(at_once, caller, kPut, kHash), "");
  EXPECT_EQ(replay.Call(at_once, caller, kGet, kPolicy), "");
  EXPECT_EQ(replay.Call(absl::Microseconds(2499), caller, kPut, kHash), "");
  EXPECT_TRUE(
      StrContains(replay.Call(at_once, caller, kGet, kPolicy), "create_time"));
}

// --- Errors ------------------------------------------------------------------

TEST_F(SequenceOptionsTest, WithoutViolationsTheCodeIsCompared) {
  EXPECT_FALSE(CheckSequences(Foreign(ForeignStyle()), options_).ok());
  EXPECT_FALSE(CheckSequences(Defect("only_first_violation"), options_).ok());
  options_.shows_violations = false;
  ExpectPasses(Foreign(ForeignStyle()));
  EXPECT_TRUE(CheckSequences(Defect("only_first_violation"), options_).ok());
  // Bounds are still tested.
  EXPECT_FALSE(
      CheckSequences(Foreign(ForeignStyle(), TakesShorterNames), options_)
          .ok());
  EXPECT_FALSE(
      CheckSequences(
          Foreign(ForeignStyle(), Defect("entity_not_found_for_conditions")),
          options_)
          .ok());
}

TEST_F(SequenceOptionsTest, AnotherOutcomeIsNamed) {
  const SequenceReport ignored =
      CheckSequences(Defect("hash_ignored"), options_);
  ASSERT_FALSE(ignored.ok());
  EXPECT_TRUE(StrContains(ignored.text,
                          "first difference: success instead of "
                          "ConditionCheckFailureException\n"))
      << ignored.text;
  const SequenceReport none = CheckSequences(
      Altered(EngineInMemory, [](auto* a) { a->Clear(); }), options_);
  ASSERT_FALSE(none.ok());
  EXPECT_TRUE(StrContains(none.text, "first difference: no answer instead of "))
      << none.text;
}

// A reader cannot count them.
TEST_F(SequenceOptionsTest, ALengthIsNamedInBytesAndInCharacters) {
  class CountsCharacters : public Backend {
   public:
    explicit CountsCharacters(TestedBackend engine)
        : engine_(std::move(engine)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      const std::string& name = request.get_security_configuration().name();
      const auto characters =
          std::count_if(name.begin(), name.end(),
                        [](char c) { return (c & '\xC0') != '\x80'; });
      if (characters > 255 || name.size() <= 255) {
        return engine_.backend->Execute(caller, request);
      }
      v1::Request shorter = request;
      shorter.mutable_get_security_configuration()->set_name("none");
      return engine_.backend->Execute(caller, shorter);
    }

   private:
    TestedBackend engine_;
  };
  const SequenceReport report = CheckSequences(
      [](const BackendSetup& setup) {
        return TestedBackend(
            std::make_unique<CountsCharacters>(EngineInMemory(setup)));
      },
      options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(StrContains(report.text, "(name has ")) << report.text;
  EXPECT_TRUE(StrContains(report.text, " bytes of UTF-8 in ")) << report.text;
}

TEST_F(SequenceOptionsTest, MessagesAreComparedOnlyIfAsked) {
  for (const char* name :
       {"policy_not_found_reworded", "requirements_reworded"}) {
    options_.shows_messages = false;
    EXPECT_TRUE(CheckSequences(Defect(name), options_).ok()) << name;
    options_.shows_messages = true;
    const SequenceReport report = CheckSequences(Defect(name), options_);
    ASSERT_FALSE(report.ok()) << name;
    EXPECT_TRUE(StrContains(report.text, "first difference: error.message: \""))
        << report.text;
    EXPECT_TRUE(StrContains(report.code, "message: ")) << report.code;
  }
  ExpectPasses(EngineInMemory);
}

// Makes an engine in front of which `unparsed_values` is lost.
TestedBackend WithoutUnparsedValues(const BackendSetup& setup) {
  class Dropping : public Backend {
   public:
    explicit Dropping(TestedBackend engine) : engine_(std::move(engine)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      v1::Request fewer = request;
      fewer.clear_unparsed_values();
      return engine_.backend->Execute(caller, fewer);
    }

   private:
    TestedBackend engine_;
  };
  return TestedBackend(std::make_unique<Dropping>(EngineInMemory(setup)));
}

TEST_F(SequenceOptionsTest, CallsThatDoNotReachItAreLeftOut) {
  EXPECT_FALSE(CheckSequences(Defect("no_operation_is_ok"), options_).ok());
  options_.takes_unknown_operations = false;
  EXPECT_TRUE(CheckSequences(Defect("no_operation_is_ok"), options_).ok());

  EXPECT_FALSE(CheckSequences(WithoutUnparsedValues, options_).ok());
  options_.takes_unparsed_values = false;
  EXPECT_TRUE(CheckSequences(WithoutUnparsedValues, options_).ok());
  options_.takes_unparsed_values = true;

  // Refuses what it cannot read.
  class Json : public Backend {
   public:
    explicit Json(const BackendSetup& setup) : engine_(EngineInMemory(setup)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      v1::Response answer = engine_.backend->Execute(caller, request);
      // A text may hold U+FFFD itself.
      if (StrContains(request.ShortDebugString(), "\\357\\277\\275")) {
        return answer;
      }
      for (const v1::Violation& one : answer.error().violations()) {
        if (!StrContains(one.value(), "\xEF\xBF\xBD")) continue;
        answer.mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
      }
      return answer;
    }

   private:
    TestedBackend engine_;
  };
  const BackendFactory json = [](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<Json>(setup));
  };
  options_.calls = 100'000;
  EXPECT_FALSE(CheckSequences(json, options_).ok());
  options_.takes_invalid_utf8 = false;
  const SequenceReport report = CheckSequences(json, options_);
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST_F(SequenceOptionsTest, APolicyThatLocksItsCallerOutNeedsThePrincipal) {
  // A server, for example, that does not know who calls.
  class Anonymous : public Backend {
   public:
    explicit Anonymous(const BackendSetup& setup)
        : engine_(EngineInMemory(setup)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      return engine_.backend->Execute({caller.account_id, caller.region, ""},
                                      request);
    }

   private:
    TestedBackend engine_;
  };
  const BackendFactory anonymous = [](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<Anonymous>(setup));
  };
  options_.behavior.policy_checks = PolicyChecks::kGlue;
  options_.failures_max = 3;
  std::set<std::string> causes;
  for (const SequenceFailure& failure :
       CheckSequences(anonymous, options_).failures) {
    causes.insert(failure.cause);
  }
  EXPECT_EQ(causes,
            (std::set<std::string>{
                "PutResourcePolicy: success instead of InvalidInputException",
                "GetConnection: connection.last_updated_by is missing",
                "GetConnections: connection_list.last_updated_by is missing"}));
  options_.takes_principals = false;
  EXPECT_TRUE(CheckSequences(anonymous, options_).ok());
  options_.shows_messages = true;
  EXPECT_TRUE(CheckSequences(anonymous, options_).ok());
}

// --- Encrypted passwords -----------------------------------------------------

// Calls `visit` with the properties of every connection in `answer`.
void VisitProperties(
    v1::Response* answer,
    const std::function<void(google::protobuf::Map<std::string, std::string>*)>&
        visit) {
  if (answer->has_get_connection()) {
    visit(answer->mutable_get_connection()
              ->mutable_connection()
              ->mutable_connection_properties()
              ->mutable_elements());
  }
  if (!answer->has_get_connections()) return;
  for (v1::Connection& connection :
       *answer->mutable_get_connections()->mutable_connection_list()) {
    visit(connection.mutable_connection_properties()->mutable_elements());
  }
}

// Alters each ciphertext that the engine shows: a text with the start of its
// blobs.
BackendFactory WithCiphertexts(
    std::function<std::string(const std::string&)> alter) {
  return Altered(EngineInMemory, [alter](v1::Response* answer) {
    VisitProperties(answer, [&](auto* properties) {
      for (auto& [key, value] : *properties) {
        if (absl::StartsWith(value, "AQICAH")) value = alter(value);
      }
    });
  });
}

// Shows ciphertexts of its own, and knows them again.
class OwnCiphertexts : public Backend {
 public:
  explicit OwnCiphertexts(const BackendSetup& setup)
      : engine_(EngineInMemory(setup)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Request inner = request;
    if (inner.create_connection().has_connection_input()) {
      ToInner(inner.mutable_create_connection()->mutable_connection_input());
    } else if (inner.update_connection().has_connection_input()) {
      ToInner(inner.mutable_update_connection()->mutable_connection_input());
    }
    v1::Response answer = engine_.backend->Execute(caller, inner);
    VisitProperties(&answer, [this](auto* properties) {
      for (auto& [key, value] : *properties) {
        if (!absl::StartsWith(value, "AQICAH")) continue;
        // The end of a ciphertext is its own.
        const std::string own = absl::Base64Escape(
            absl::StrCat("own ", value.substr(value.size() - 40)));
        inner_[own] = value;
        value = own;
      }
    });
    return answer;
  }

 private:
  void ToInner(v1::ConnectionInput* input) {
    if (!input->has_connection_properties()) return;
    for (auto& [key, value] :
         *input->mutable_connection_properties()->mutable_elements()) {
      const auto found = inner_.find(value);
      if (found != inner_.end()) value = found->second;
    }
  }

  TestedBackend engine_;
  std::map<std::string, std::string> inner_;
};

TEST_F(SequenceOptionsTest, CiphertextsOfItsOwnArePassed) {
  ExpectPasses([](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<OwnCiphertexts>(setup));
  });
}

// Returns four calls: settings that encrypt passwords; a create and an update
// with a password; a read.
std::vector<v1::Request> PasswordAlphabet() {
  std::vector<v1::Request> alphabet;
  for (v1::Request& letter : DefaultAlphabet()) {
    if (letter.has_update_connection()) {
      auto& properties = *letter.mutable_update_connection()
                              ->mutable_connection_input()
                              ->mutable_connection_properties()
                              ->mutable_elements();
      properties.clear();
      properties["PASSWORD"] = "other";
    }
    if (letter.has_create_connection() || letter.has_update_connection() ||
        letter.has_get_connection() ||
        letter.put_data_catalog_encryption_settings()
            .data_catalog_encryption_settings()
            .has_connection_password_encryption()) {
      alphabet.push_back(std::move(letter));
    }
  }
  return alphabet;
}

TEST_F(SequenceOptionsTest, CiphertextsMustBeThoseOfTheirWrites) {
  struct Case {
    const char* reason;
    std::function<std::string(const std::string&)> alter;
  };
  AllSequencesOptions options;
  options.alphabet = PasswordAlphabet();
  // Settings, a create, a read, an update, and a read.
  options.length = 5;
  int reads = 0;
  for (const Case& c : std::vector<Case>{
           {"an encrypted password is base64, and not empty",
            [](const std::string& text) { return "*" + text; }},
           {"an encrypted password is base64, and not empty",
            [](const std::string&) { return ""; }},
           {"an earlier write gave it, too",
            [](const std::string&) { return "QUJD"; }},
           {"it was not written again since it was \"",
            [&reads](const std::string& text) {
              return absl::Base64Escape(absl::StrCat(text, ++reads));
            }}}) {
    SCOPED_TRACE(c.reason);
    reads = 0;
    const SequenceReport report =
        CheckAllSequences(WithCiphertexts(c.alter), options);
    ASSERT_FALSE(report.ok());
    EXPECT_TRUE(StrContains(report.text, c.reason)) << report.text;
    EXPECT_TRUE(
        StrContains(report.text, "connection_properties.ENCRYPTED_PASSWORD: "))
        << report.text;
  }
}

TEST_F(SequenceOptionsTest, WhatWasShownMustStandForThePassword) {
  // Keeps a ciphertext that is given back as the text of another.
  const auto forgets = [](const BackendSetup& setup) {
    class Forgets : public Backend {
     public:
      explicit Forgets(const BackendSetup& setup)
          : engine_(EngineInMemory(setup)) {}
      v1::Response Execute(const Caller& caller,
                           const v1::Request& request) override {
        v1::Request inner = request;
        auto* properties = inner.update_connection().has_connection_input()
                               ? inner.mutable_update_connection()
                                     ->mutable_connection_input()
                                     ->mutable_connection_properties()
                                     ->mutable_elements()
                               : nullptr;
        if (properties != nullptr && properties->count("ENCRYPTED_PASSWORD")) {
          (*properties)["ENCRYPTED_PASSWORD"] = "QUJD";
        }
        return engine_.backend->Execute(caller, inner);
      }

     private:
      TestedBackend engine_;
    };
    return TestedBackend(std::make_unique<Forgets>(setup));
  };
  AllSequencesOptions options;
  for (v1::Request& letter : DefaultAlphabet()) {
    if (letter.has_create_connection() || letter.has_update_connection() ||
        letter.has_get_connection() ||
        letter.put_data_catalog_encryption_settings()
            .data_catalog_encryption_settings()
            .has_connection_password_encryption()) {
      options.alphabet.push_back(std::move(letter));
    }
  }
  ASSERT_EQ(options.alphabet.size(), 4u);
  // Settings, a create, a read, and an update with what the read has shown.
  options.length = 5;
  EXPECT_TRUE(CheckAllSequences(EngineInMemory, options).ok());
  const SequenceReport report = CheckAllSequences(forgets, options);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(
      StrContains(report.text, "connection_properties.ENCRYPTED_PASSWORD: "))
      << report.text;
}

TEST_F(SequenceOptionsTest, TheCodeOfTheKeyServiceIsCompared) {
  const auto other = Altered(EngineInMemory, [](v1::Response* answer) {
    if (answer->error().code() != v1::ERROR_CODE_GLUE_ENCRYPTION) return;
    answer->mutable_error()->set_message(
        "(Service: AWSKMS; Status Code: 400; Error Code: DisabledException; "
        "Request ID: x; Proxy: null)");
  });
  const SequenceReport report = CheckSequences(other, options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(StrContains(report.text,
                          "error.message: \"DisabledException\" instead of"))
      << report.text;
  // A mock has other texts.
  ExpectPasses(Altered(EngineInMemory, [](v1::Response* answer) {
    if (answer->has_error()) answer->mutable_error()->set_message("no");
  }));
}

TEST_F(SequenceOptionsTest, TimesOfConnectionsMustAgreeWithEachOther) {
  options_.honours_clock = false;
  options_.shows_violations = false;
  ForeignStyle style;
  style.own_clock = true;
  const auto late = Altered(Foreign(style), [](v1::Response* answer) {
    if (!answer->has_get_connection()) return;
    auto* shown = answer->mutable_get_connection()->mutable_connection();
    *shown->mutable_creation_time() = shown->last_updated_time();
  });
  const SequenceReport report = CheckSequences(late, options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(StrContains(report.text, "connection.creation_time"))
      << report.text;
}

TEST_F(SequenceOptionsTest, OnlyTheOperationsOfTheBackendAreCalled) {
  class Narrow : public Backend {
   public:
    explicit Narrow(const BackendSetup& setup)
        : engine_(EngineInMemory(setup)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      if (request.operation_case() >= v1::Request::kCreateConnection) {
        ADD_FAILURE() << request.ShortDebugString();
      }
      return engine_.backend->Execute(caller, request);
    }

   private:
    TestedBackend engine_;
  };
  for (const Operation operation : kAllOperations) {
    if (operation < v1::Request::kCreateConnection) {
      options_.operations.push_back(operation);
    }
  }
  const SequenceReport report = CheckSequences(
      [](const BackendSetup& setup) {
        return TestedBackend(std::make_unique<Narrow>(setup));
      },
      options_);
  EXPECT_TRUE(report.ok()) << report.text;
}

// --- Catalogs -------------------------------------------------------------

// The callers differ in one of account and region, so that a backend that looks
// at the other alone is found.
TEST_F(SequenceOptionsTest, NeitherAccountNorRegionIsIgnored) {
  class Narrow : public Backend {
   public:
    using Narrower = std::function<void(const v1::Request&, Caller*)>;
    Narrow(TestedBackend engine, Narrower narrower)
        : engine_(std::move(engine)), narrower_(std::move(narrower)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      Caller narrow = caller;
      narrower_(request, &narrow);
      return engine_.backend->Execute(narrow, request);
    }

   private:
    TestedBackend engine_;
    const Narrower narrower_;
  };
  const auto is_of_policies = [](const v1::Request& request) {
    return request.has_put_resource_policy() ||
           request.has_get_resource_policy() ||
           request.has_delete_resource_policy();
  };
  const auto is_of_names = [](const v1::Request& request) {
    return request.has_create_security_configuration() ||
           request.has_delete_security_configuration() ||
           request.has_get_security_configuration() ||
           request.has_get_security_configurations();
  };
  for (const bool policies : {false, true}) {
    for (const bool region : {false, true}) {
      const Narrow::Narrower narrower = [&](const v1::Request& request,
                                            Caller* caller) {
        if (policies ? is_of_policies(request) : is_of_names(request)) {
          (region ? caller->region : caller->account_id) = "any";
        }
      };
      const SequenceReport report = CheckSequences(
          [&](const BackendSetup& setup) {
            return TestedBackend(
                std::make_unique<Narrow>(EngineInMemory(setup), narrower));
          },
          options_);
      EXPECT_FALSE(report.ok()) << policies << region;
    }
  }
}

// --- Known differences and several failures ----------------------------------

KnownDifference NoCreatedTime() {
  KnownDifference known;
  known.reason = "no time of creation";
  known.operation = v1::Request::kCreateSecurityConfiguration;
  known.field = "created_timestamp";
  return known;
}

TEST_F(SequenceOptionsTest, AKnownDifferenceDoesNotHideTheRest) {
  const BackendFactory two = Altered(SkipsAtPages, DropCreatedTime);
  const SequenceReport first = CheckSequences(two, options_);
  ASSERT_EQ(first.failures.size(), 1u);
  EXPECT_EQ(first.failures[0].cause,
            "CreateSecurityConfiguration: created_timestamp is missing");
  EXPECT_EQ(first.failures[0].count, 1);

  options_.known_differences = {NoCreatedTime()};
  const SequenceReport report = CheckSequences(two, options_);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures[0].cause,
            "GetSecurityConfigurations: security_configurations differs");
  EXPECT_GT(report.known[0], 0);
  EXPECT_TRUE(StrContains(report.text,
                          "passed over: create_security_configuration.created_"
                          "timestamp: nothing instead of"))
      << report.text;
  EXPECT_TRUE(StrContains(report.text, "(no time of creation)"));
  EXPECT_TRUE(StrContains(report.code, "  // Passed over: ")) << report.code;
  EXPECT_TRUE(StrContains(report.code, "  (void)replay.Call("));

  // One that is not there is counted, too.
  EXPECT_EQ(CheckSequences(EngineInMemory, options_).known,
            std::vector<int64_t>{0});
}

TEST_F(SequenceOptionsTest, AKnownDifferenceHidesNoOtherInTheSameAnswer) {
  const BackendFactory two = Altered(EngineInMemory, [](v1::Response* answer) {
    DropCreatedTime(answer);
    auto* created = answer->mutable_create_security_configuration();
    created->set_name(created->name() + "!");
  });
  options_.known_differences = {NoCreatedTime()};
  const SequenceReport report = CheckSequences(two, options_);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_FALSE(StrContains(report.failures[0].cause, "created_timestamp"));
}

TEST_F(SequenceOptionsTest, AWriteThatOnlyTheBackendMakesEndsTheSequence) {
  for (const v1::ErrorCode expected :
       {v1::ERROR_CODE_CONDITION_CHECK_FAILURE, v1::ERROR_CODE_INVALID_INPUT}) {
    KnownDifference known;
    known.expected = expected;
    options_.known_differences.push_back(known);
  }
  // Nothing follows from it, or the rest of the sequence would differ.
  const SequenceReport report =
      CheckSequences(Defect("hash_ignored"), options_);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_GT(report.known[0], 10);
  EXPECT_GT(report.known[1], 10);
}

TEST_F(SequenceOptionsTest, APredicateKnowsDifferences) {
  KnownDifference known;
  known.matches = [](const AnswerDifference& difference) {
    return difference.field == "created_timestamp";
  };
  options_.known_differences = {known};
  EXPECT_TRUE(
      CheckSequences(Altered(EngineInMemory, DropCreatedTime), options_).ok());
  // One with nothing set knows none.
  options_.known_differences = {KnownDifference()};
  EXPECT_FALSE(
      CheckSequences(Altered(EngineInMemory, DropCreatedTime), options_).ok());
}

TEST_F(SequenceOptionsTest, FailuresAreGroupedByTheirCauses) {
  options_.failures_max = 10;
  const BackendFactory three =
      Altered(Defect("must_exist_ignored"), [](v1::Response* answer) {
        DropCreatedTime(answer);
        if (answer->has_get_data_catalog_encryption_settings()) {
          answer->mutable_get_data_catalog_encryption_settings()
              ->mutable_data_catalog_encryption_settings()
              ->clear_connection_password_encryption();
        }
      });
  const SequenceReport report = CheckSequences(three, options_);
  std::vector<std::string> causes;
  for (const SequenceFailure& failure : report.failures) {
    causes.push_back(failure.cause);
    EXPECT_GT(failure.count, 10) << failure.cause;
    EXPECT_TRUE(StrContains(
        report.text, absl::StrCat(" ", failure.count, " x ", failure.cause)));
    EXPECT_TRUE(StrContains(report.text, failure.text));
    EXPECT_TRUE(StrContains(report.code, failure.code));
    // It is shrunk, and to its own cause.
    EXPECT_FALSE(StrContains(failure.text, "\n3. ")) << failure.text;
    EXPECT_FALSE(StrContains(failure.text, "passed over")) << failure.text;
    options_.replay = FormatChoices(failure.choices);
    const SequenceReport replayed = CheckSequences(three, options_);
    ASSERT_EQ(replayed.failures.size(), 1u) << replayed.text;
    EXPECT_EQ(replayed.failures[0].cause, failure.cause);
    options_.replay.clear();
  }
  std::sort(causes.begin(), causes.end());
  EXPECT_EQ(
      causes,
      (std::vector<std::string>{
          "CreateSecurityConfiguration: created_timestamp is missing",
          "GetDataCatalogEncryptionSettings: data_catalog_encryption_settings."
          "connection_password_encryption is missing",
          "PutResourcePolicy: success instead of "
          "ConditionCheckFailureException"}));
  EXPECT_GE(report.calls, options_.calls);
  EXPECT_TRUE(StrContains(report.code, "AnswersLikeTheModel3)"));

  options_.failures_max = 2;
  EXPECT_EQ(CheckSequences(three, options_).failures.size(), 2u);
}

// --- All sequences -----------------------------------------------------------

TEST_F(SequenceOptionsTest, AllSequencesLearnTheSame) {
  for (const bool by_put : {false, true}) {
    AllSequencesOptions options;
    options.length = 3;
    options.observations.emplace_back().mutable_get_resource_policy();
    options.shows_violations = false;
    options.honours_clock = false;
    ForeignStyle style;
    style.own_clock = true;
    if (by_put) {
      options.hashes = Hashes::kOpaqueForEachPut;
      style.hashes = ForeignStyle::Hashes::kOfPut;
    }
    SequenceReport report = CheckAllSequences(Foreign(style), options);
    EXPECT_TRUE(report.ok()) << report.text;
    EXPECT_EQ(report.sequences, 19 + 19 * 19 + 19 * 19 * 19);
    report = CheckAllSequences(Foreign(style, Defect("hash_ignored")), options);
    EXPECT_FALSE(report.ok());
  }
}

TEST_F(SequenceOptionsTest, AllSequencesPassOverKnownDifferences) {
  AllSequencesOptions options;
  options.length = 2;
  KnownDifference known;
  known.operation = v1::Request::kDeleteResourcePolicy;
  known.answered = v1::ERROR_CODE_UNSPECIFIED;
  const BackendFactory ignores = Defect("hash_ignored");
  EXPECT_FALSE(CheckAllSequences(ignores, options).ok());
  options.known_differences = {known};
  const SequenceReport report = CheckAllSequences(ignores, options);
  EXPECT_TRUE(report.ok()) << report.text;
  // No sequence goes on after the delete that only the backend makes.
  EXPECT_LE(report.sequences, 19 + 19 * 19);
}

}  // namespace
}  // namespace glue_security
