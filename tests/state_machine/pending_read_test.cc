// Reads that go on after key calls, with what they have read.

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/key_call.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/state_machine/step.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::UnorderedElementsAre;
using Need = OperationRun::Need;

const Caller kCaller{"123456789012", "us-east-1",
                     "arn:aws:iam::123456789012:user/alice"};
const absl::Time kNow = absl::FromUnixSeconds(1600000000);

// A connection with two passwords, whose settings may seal it.
class PendingReadTest : public ::testing::TestWithParam<bool> {
 protected:
  PendingReadTest() : engine_(&storage_, Options(&kms_)) {
    options_.behavior = Behavior::Current();
    KeyCaller root;
    root.caller = {"123456789012", "us-east-1",
                   "arn:aws:iam::123456789012:root"};
    key_ = std::get<KeyMetadata>(kms_.CreateKey(root, {})).arn;
    PutSettings(/*returns_encrypted=*/false);
    v1::CreateConnectionRequest create;
    auto* input = create.mutable_connection_input();
    input->set_name("c");
    input->set_connection_type(v1::CONNECTION_TYPE_KAFKA);
    auto& properties =
        *input->mutable_connection_properties()->mutable_elements();
    properties["KAFKA_BOOTSTRAP_SERVERS"] = "host:9092";
    properties["PASSWORD"] = "one";
    properties["KAFKA_CLIENT_KEY_PASSWORD"] = "two";
    EXPECT_THAT(engine_.CreateConnection(kCaller, create), IsOk());
    get_.set_name("c");
  }

  static EngineOptions Options(KeyService* keys) {
    EngineOptions options;
    options.behavior = Behavior::Current();
    options.key_service = keys;
    return options;
  }

  void PutSettings(bool returns_encrypted) {
    v1::PutDataCatalogEncryptionSettingsRequest put;
    auto* settings = put.mutable_data_catalog_encryption_settings();
    auto* at_rest = settings->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(
        GetParam() ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
                   : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
    if (GetParam()) at_rest->set_sse_aws_kms_key_id(key_);
    auto* passwords = settings->mutable_connection_password_encryption();
    passwords->set_return_connection_password_encrypted(returns_encrypted);
    passwords->set_aws_kms_key_id(key_);
    EXPECT_THAT(engine_.PutDataCatalogEncryptionSettings(kCaller, put), IsOk());
  }

  // The calls that a read makes before it sees the passwords.
  static size_t CallsToOpen() { return GetParam() ? 1 : 0; }

  static std::vector<std::string> PasswordsIn(const Outcome& outcome) {
    std::vector<std::string> found;
    const auto* response = std::get_if<v1::GetConnectionResponse>(&outcome);
    if (response == nullptr) return {"not a connection"};
    for (const auto& [key, value] :
         response->connection().connection_properties().elements()) {
      if (key.find("PASSWORD") != std::string::npos) {
        found.push_back(key + "=" + value);
      }
    }
    return found;
  }

  LocalKms kms_;
  MemoryStorage storage_;
  Engine engine_;
  CoreOptions options_;
  std::string key_;
  v1::GetConnectionRequest get_;
};

INSTANTIATE_TEST_SUITE_P(PlainAndSealed, PendingReadTest, ::testing::Bool());

TEST_P(PendingReadTest, ARunReadsOnceAndShowsThatInstant) {
  OperationRun run(kCaller, RequestRef(get_), &options_, CommitId());
  ASSERT_EQ(run.need(), Need::kRead);
  const auto snapshot = storage_.Read(run.read_set());
  ASSERT_THAT(snapshot, IsOk());
  run.SnapshotRead(*snapshot, kNow);
  size_t calls = 0;
  for (; run.need() == Need::kKeyCall; ++calls) {
    // Later settings, and a later state of the connection, are not seen.
    PutSettings(/*returns_encrypted=*/true);
    v1::DeleteConnectionRequest remove;
    remove.set_connection_name("c");
    (void)engine_.DeleteConnection(kCaller, remove);
    run.KeyAnswered(kms_.Answer(run.key_call()));
  }
  EXPECT_EQ(calls, CallsToOpen() + 2);
  ASSERT_EQ(run.need(), Need::kDone);
  EXPECT_THAT(
      PasswordsIn(run.TakeOutcome()),
      UnorderedElementsAre("PASSWORD=one", "KAFKA_CLIENT_KEY_PASSWORD=two"));
}

TEST_P(PendingReadTest, EachCallThatIsRefusedEndsTheReadAtOnce) {
  for (size_t refused = 0; refused < CallsToOpen() + 2; ++refused) {
    OperationRun run(kCaller, RequestRef(get_), &options_, CommitId());
    run.SnapshotRead(*storage_.Read(run.read_set()), kNow);
    for (size_t i = 0; i < refused; ++i) {
      ASSERT_EQ(run.need(), Need::kKeyCall);
      run.KeyAnswered(kms_.Answer(run.key_call()));
    }
    ASSERT_EQ(run.need(), Need::kKeyCall);
    KeyRefusal refusal;
    refusal.code = "DisabledException";
    run.KeyAnswered(refusal);
    ASSERT_EQ(run.need(), Need::kDone) << refused;
    const Outcome outcome = run.TakeOutcome();
    ASSERT_TRUE(std::holds_alternative<v1::Error>(outcome));
    EXPECT_EQ(std::get<v1::Error>(outcome).code(),
              v1::ERROR_CODE_GLUE_ENCRYPTION);
  }
}

TEST_P(PendingReadTest, AnAnswerOfAnotherCallIsAFailureOfTheKeyService) {
  for (size_t wrong = 0; wrong < CallsToOpen() + 2; ++wrong) {
    OperationRun run(kCaller, RequestRef(get_), &options_, CommitId());
    run.SnapshotRead(*storage_.Read(run.read_set()), kNow);
    for (size_t i = 0; run.need() == Need::kKeyCall; ++i) {
      run.KeyAnswered(i == wrong ? KeyAnswer(EncryptResult{"blob", key_})
                                 : kms_.Answer(run.key_call()));
    }
    ASSERT_EQ(run.need(), Need::kDone);
    const Outcome outcome = run.TakeOutcome();
    ASSERT_TRUE(std::holds_alternative<v1::Error>(outcome)) << wrong;
    EXPECT_EQ(std::get<v1::Error>(outcome).code(),
              v1::ERROR_CODE_INTERNAL_SERVICE);
  }
}

// Both ways that step.h describes, from every set of answers that a caller of
// `Apply` may have had before, give the same outcome.
TEST_P(PendingReadTest, ResumingAndApplyingAgainAgree) {
  const auto prepared = Prepare(kCaller, RequestRef(get_), &options_);
  const auto& operation = std::get<PreparedOperation>(prepared);
  const auto snapshot = storage_.Read(operation.read_set);
  ASSERT_THAT(snapshot, IsOk());
  const auto answer_all = [&](Transition* transition, KeyAnswers* answers) {
    for (KeyCall& call : transition->key_calls) {
      KeyAnswer answer = kms_.Answer(call);
      answers->Add({std::move(call), std::move(answer)});
    }
  };

  // The calls of a read, found by applying again and again.
  std::vector<KeyCall> calls;
  KeyAnswers all;
  Transition applied = Apply(operation, *snapshot, kNow, CommitId(), all);
  while (!applied.key_calls.empty()) {
    calls.insert(calls.end(), applied.key_calls.begin(),
                 applied.key_calls.end());
    answer_all(&applied, &all);
    applied = Apply(operation, *snapshot, kNow, CommitId(), all);
  }
  ASSERT_EQ(calls.size(), CallsToOpen() + 2);

  for (size_t known = 0; known < (size_t{1} << calls.size()); ++known) {
    KeyAnswers answers;
    for (size_t i = calls.size(); i-- > 0;) {
      if ((known >> i & 1) != 0) answers.Add({calls[i], kms_.Answer(calls[i])});
    }
    Transition transition =
        Apply(operation, *snapshot, kNow, CommitId(), answers);
    while (!transition.key_calls.empty()) {
      std::unique_ptr<PendingRead> pending = std::move(transition.pending);
      ASSERT_NE(pending, nullptr);
      answer_all(&transition, &answers);
      transition = pending->Resume(answers);
      transition.pending = std::move(pending);
    }
    EXPECT_EQ(answers.size(), calls.size());
    EXPECT_THAT(
        PasswordsIn(transition.outcome),
        UnorderedElementsAre("PASSWORD=one", "KAFKA_CLIENT_KEY_PASSWORD=two"))
        << known;
  }
}

// The answers belong to their calls, whatever their order, and however many of
// them are there.
TEST_P(PendingReadTest, AnswersMayComeInAnyOrderAndOneByOne) {
  const auto prepared = Prepare(kCaller, RequestRef(get_), &options_);
  const auto& operation = std::get<PreparedOperation>(prepared);
  const auto snapshot = storage_.Read(operation.read_set);
  ASSERT_THAT(snapshot, IsOk());
  for (const bool one_by_one : {false, true}) {
    KeyAnswers answers;
    Transition transition =
        Apply(operation, *snapshot, kNow, CommitId(), answers);
    const std::unique_ptr<PendingRead> pending = std::move(transition.pending);
    ASSERT_NE(pending, nullptr);
    size_t turns = 0;
    for (; !transition.key_calls.empty(); ++turns) {
      std::vector<KeyCall> calls = std::move(transition.key_calls);
      while (!calls.empty()) {
        KeyAnswer answer = kms_.Answer(calls.back());
        answers.Add({std::move(calls.back()), std::move(answer)});
        calls.pop_back();
        if (one_by_one) break;
      }
      transition = pending->Resume(answers);
    }
    EXPECT_EQ(turns, CallsToOpen() + (one_by_one ? 2 : 1));
    EXPECT_EQ(answers.size(), CallsToOpen() + 2);
    EXPECT_THAT(
        PasswordsIn(transition.outcome),
        UnorderedElementsAre("PASSWORD=one", "KAFKA_CLIENT_KEY_PASSWORD=two"));
  }
}

// A transition of `Step` may outlive all that `Step` has made.
TEST_P(PendingReadTest, StepGivesNoReadThatWouldReferToIt) {
  const Transition transition =
      Step(kCaller, RequestRef(get_), options_, kNow, CommitId(),
           [this](const ReadSet& set) { return *storage_.Read(set); });
  EXPECT_FALSE(transition.key_calls.empty());
  EXPECT_EQ(transition.pending, nullptr);
}

static_assert(!std::is_move_constructible_v<OperationRun> &&
              !std::is_move_assignable_v<OperationRun>);
static_assert(!std::is_constructible_v<OperationRun, Caller, RequestRef,
                                       const CoreOptions*, const CommitId&>);
static_assert(std::is_constructible_v<OperationRun, const Caller&, RequestRef,
                                      const CoreOptions*, const CommitId&>);

}  // namespace
}  // namespace glue_security
