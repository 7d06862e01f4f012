// Every short sequence of operations on a key, compared with a naive model of
// "Key states of AWS KMS keys" in KMS's guide.

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "gtest/gtest.h"
#include "tests/encryption/keys/local_kms_fixture.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

enum class Step {
  kEnable,
  kDisable,
  kSchedule,
  kCancel,
  kRotate,
  kEncrypt,
  kFourDays,
};
constexpr int kSteps = 7;

constexpr const char* kNames[kSteps] = {"enable",   "disable", "schedule",
                                        "cancel",   "rotate",  "encrypt",
                                        "four days"};

std::string TextOf(const std::vector<Step>& steps) {
  std::string text;
  for (const Step step : steps) {
    absl::StrAppend(&text, kNames[static_cast<int>(step)], ", ");
  }
  return text;
}

// A key as the guide describes it.
class Model {
 public:
  // Makes a step, and returns the code of its refusal; empty: it succeeds.
  std::string Do(Step step) {
    if (step == Step::kFourDays) {
      hours_ += 4 * 24;
      return "";
    }
    if (is_gone()) return "NotFoundException";
    switch (step) {
      case Step::kEnable:
      case Step::kDisable:
        if (is_pending_) return "KMSInvalidStateException";
        is_enabled_ = step == Step::kEnable;
        return "";
      case Step::kSchedule:
        if (is_pending_) return "KMSInvalidStateException";
        is_pending_ = true;
        gone_at_hours_ = hours_ + 7 * 24;
        return "";
      case Step::kCancel:
        if (!is_pending_) return "KMSInvalidStateException";
        is_pending_ = false;
        is_enabled_ = false;
        return "";
      case Step::kRotate:
      case Step::kEncrypt:
      case Step::kFourDays:
        break;
    }
    return UseRefusal();
  }

  // Returns the code with which the use of the key is refused.
  std::string UseRefusal() const {
    if (is_pending_) return "KMSInvalidStateException";
    return is_enabled_ ? "" : "DisabledException";
  }

  bool is_gone() const { return is_pending_ && hours_ >= gone_at_hours_; }

  std::optional<KeyState> state() const {
    if (is_gone()) return std::nullopt;
    if (is_pending_) return KeyState::kPendingDeletion;
    return is_enabled_ ? KeyState::kEnabled : KeyState::kDisabled;
  }

 private:
  int hours_ = 0;
  bool is_enabled_ = true;
  bool is_pending_ = false;
  int gone_at_hours_ = 0;
};

// The real key.
class Key {
 public:
  Key() : kms_(Options()) {
    arn_ = std::get<KeyMetadata>(kms_.CreateKey(User("admin"), {})).arn;
  }

  // Makes a step, and returns the code of its refusal.
  std::string Do(Step step) {
    switch (step) {
      case Step::kEnable:
        return RefusalOf(kms_.EnableKey(User("admin"), arn_)).code;
      case Step::kDisable:
        return RefusalOf(kms_.DisableKey(User("admin"), arn_)).code;
      case Step::kSchedule:
        return RefusalOf(kms_.ScheduleKeyDeletion(User("admin"), {arn_, 7}))
            .code;
      case Step::kCancel:
        return RefusalOf(kms_.CancelKeyDeletion(User("admin"), arn_)).code;
      case Step::kRotate:
        return RefusalOf(kms_.RotateKeyOnDemand(User("admin"), arn_)).code;
      case Step::kEncrypt:
        return Encrypt();
      case Step::kFourDays:
        break;
    }
    clock_.Advance(absl::Hours(4 * 24));
    return "";
  }

  std::optional<KeyState> state() {
    const auto answer = kms_.DescribeKey(User("admin"), {arn_, {}});
    const auto* const result = std::get_if<DescribeKeyResult>(&answer);
    if (result == nullptr) return std::nullopt;
    return result->state;
  }

  // Decrypts all that was encrypted, and returns the code of each refusal.
  std::vector<std::string> DecryptAll() {
    std::vector<std::string> codes;
    for (size_t i = 0; i < blobs_.size(); ++i) {
      const auto answer = kms_.Decrypt(User("admin"), {blobs_[i], "", {}, {}});
      codes.push_back(RefusalOf(answer).code);
      if (const auto* const result = std::get_if<DecryptResult>(&answer)) {
        EXPECT_EQ(result->plaintext, Secret(absl::StrCat("text ", i)));
      }
    }
    return codes;
  }

 private:
  LocalKmsOptions Options() {
    LocalKmsOptions options;
    options.clock = &clock_;
    options.random = &random_;
    return options;
  }

  std::string Encrypt() {
    const auto answer = kms_.Encrypt(
        User("admin"),
        {arn_, Secret(absl::StrCat("text ", blobs_.size())), {}, {}});
    if (const auto* const result = std::get_if<EncryptResult>(&answer)) {
      blobs_.push_back(result->blob);
    }
    return RefusalOf(answer).code;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  SeededRandom random_{7};
  LocalKms kms_;
  std::string arn_;
  std::vector<std::string> blobs_;
};

void Compare(const std::vector<Step>& steps) {
  Model model;
  Key key;
  size_t encrypted = 0;
  for (const Step step : steps) {
    const std::string expected = model.Do(step);
    if (step == Step::kEncrypt && expected.empty()) ++encrypted;
    ASSERT_EQ(key.Do(step), expected) << TextOf(steps);
    ASSERT_EQ(key.state(), model.state()) << TextOf(steps);
  }
  // A ciphertext does not tell whether its key exists.
  const std::vector<std::string> decrypted(
      encrypted,
      model.is_gone() ? "AccessDeniedException" : model.UseRefusal());
  ASSERT_EQ(key.DecryptAll(), decrypted) << TextOf(steps);
}

TEST(KeyStates, EverySequence_IsAsTheGuideSays) {
  const int length = IsShortRun() ? 3 : 5;
  int sequences = 1;
  for (int i = 0; i < length; ++i) sequences *= kSteps;
  for (int number = 0; number < sequences; ++number) {
    std::vector<Step> steps;
    for (int rest = number; static_cast<int>(steps.size()) < length;
         rest /= kSteps) {
      steps.push_back(static_cast<Step>(rest % kSteps));
    }
    Compare(steps);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace glue_security
