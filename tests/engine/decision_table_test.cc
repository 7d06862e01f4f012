// Tests every cell of the two decision tables of the resource policy
// (docs/reference/PutResourcePolicy.md and DeleteResourcePolicy.md), in every
// state of a catalog, in every preset.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

// The texts are printed as the service prints them, so that they come back
// unchanged in every preset.
constexpr char kOldText[] = "{\n  \"Id\" : \"old\"\n}";
constexpr char kNewText[] = "{\n  \"Id\" : \"new\"\n}";
constexpr char kOtherText[] = R"({"Id": "other"})";

const Caller kCaller{"123456789012", "us-east-1", ""};

enum class State { kNeverPut, kDeleted, kPresent };
enum class Exists { kAbsent, kNone, kMustExist, kNotExist };
// kMatches is the hash of the policy in force or, if there is none, of the one
// that was or might have been.
enum class Hash { kAbsent, kMatches, kDiffers, kDiffersInCase, kPrefix };

// The outcome in one cell of a table.
enum class Cell {
  kCreate,
  kReplace,
  kConditionCheckFailure,
  kMustExistFailure
};

struct Case {
  State state;
  Exists exists;
  Hash hash;
  // The tables are the same in every preset.
  BackendPreset preset;
};

std::vector<Case> AllCases() {
  std::vector<Case> cases;
  for (const State state :
       {State::kNeverPut, State::kDeleted, State::kPresent}) {
    for (const Exists exists : {Exists::kAbsent, Exists::kNone,
                                Exists::kMustExist, Exists::kNotExist}) {
      for (const Hash hash : {Hash::kAbsent, Hash::kMatches, Hash::kDiffers,
                              Hash::kDiffersInCase, Hash::kPrefix}) {
        for (const BackendPreset preset : kBackendPresets) {
          cases.push_back({state, exists, hash, preset});
        }
      }
    }
  }
  return cases;
}

std::string NameOf(const Case& c) {
  static constexpr const char* kStates[] = {"NeverPut", "Deleted", "Present"};
  static constexpr const char* kExists[] = {"NoCondition", "None", "MustExist",
                                            "NotExist"};
  static constexpr const char* kHashes[] = {
      "NoHash", "HashMatches", "HashDiffers", "HashInOtherCase", "HashCut"};
  return absl::StrCat(kStates[static_cast<int>(c.state)], "_",
                      kExists[static_cast<int>(c.exists)], "_",
                      kHashes[static_cast<int>(c.hash)], "_",
                      BackendPresetName(c.preset));
}

std::string NameOfParameter(const testing::TestParamInfo<Case>& parameter) {
  return NameOf(parameter.param);
}

// Returns the cell of PutResourcePolicy's table.
Cell PutCell(const Case& c) {
  struct Row {
    bool must_exist;
    bool not_exist;
    bool hash;
    Cell absent;
    Cell matches_or_not_given;
    Cell differs;
  };
  constexpr Cell kFails = Cell::kConditionCheckFailure;
  // `differs` is not used if no hash is given.
  static constexpr Row kRows[] = {
      {false, false, false, Cell::kCreate, Cell::kReplace, kFails},
      {true, false, false, Cell::kMustExistFailure, Cell::kReplace, kFails},
      {false, true, false, Cell::kCreate, kFails, kFails},
      {false, false, true, kFails, Cell::kReplace, kFails},
      {true, false, true, Cell::kMustExistFailure, Cell::kReplace, kFails},
      {false, true, true, kFails, kFails, kFails},
  };
  for (const Row& row : kRows) {
    if (row.must_exist != (c.exists == Exists::kMustExist) ||
        row.not_exist != (c.exists == Exists::kNotExist) ||
        row.hash != (c.hash != Hash::kAbsent)) {
      continue;
    }
    if (c.state != State::kPresent) return row.absent;
    return c.hash == Hash::kAbsent || c.hash == Hash::kMatches
               ? row.matches_or_not_given
               : row.differs;
  }
  ADD_FAILURE() << "no row for " << NameOf(c);
  return kFails;
}

class DecisionTable : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    engine_.emplace(&storage_, Options());
    if (GetParam().state == State::kNeverPut) return;
    hash_ = Put(kOldText);
    clock_.Advance(absl::Seconds(1));
    if (GetParam().state == State::kPresent) return;
    ASSERT_EQ(engine_->DeleteResourcePolicy(kCaller, {}).status(),
              absl::OkStatus());
    clock_.Advance(absl::Seconds(1));
  }

  EngineOptions Options() {
    EngineOptions options = LooseOptions();
    options.clock = &clock_;
    options.behavior = Loose(BehaviorOf(GetParam().preset));
    return options;
  }

  std::string Put(const std::string& text) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(text);
    const auto response = engine_->PutResourcePolicy(kCaller, request);
    EXPECT_EQ(response.status(), absl::OkStatus());
    return response->policy_hash();
  }

  // Returns the hash that the case asks for, or nullopt if it asks for none.
  std::optional<std::string> HashCondition() {
    if (GetParam().hash == Hash::kAbsent) return std::nullopt;
    const std::string matching = PolicyHasher::Default()->Hash(kOldText);
    if (!hash_.empty()) {
      EXPECT_EQ(hash_, matching);
    }
    switch (GetParam().hash) {
      case Hash::kDiffers:
        return PolicyHasher::Default()->Hash(kOtherText);
      case Hash::kDiffersInCase: {
        std::string other = matching;
        for (char& c : other) {
          c = absl::ascii_islower(c) ? absl::ascii_toupper(c)
                                     : absl::ascii_tolower(c);
        }
        return other;
      }
      case Hash::kPrefix:
        return matching.substr(0, matching.size() - 1);
      default:
        return matching;
    }
  }

  // Returns everything that a caller can see of the catalog's policy.
  std::string Visible() {
    const auto response = engine_->GetResourcePolicy(kCaller, {});
    return response.ok() ? response->SerializeAsString()
                         : response.status().ToString();
  }

  void CheckPut(v1::ErrorCode must_exist_code, bool require_hash) {
    EngineOptions options = Options();
    options.behavior.must_exist_error_code = must_exist_code;
    options.behavior.require_hash_to_overwrite = require_hash;
    const auto fork = storage_.Fork();
    Engine engine(fork.get(), options);
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(kNewText);
    if (const auto hash = HashCondition()) {
      request.set_policy_hash_condition(*hash);
    }
    switch (GetParam().exists) {
      case Exists::kAbsent:
        break;
      case Exists::kNone:
        request.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NONE);
        break;
      case Exists::kMustExist:
        request.set_policy_exists_condition(
            v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
        break;
      case Exists::kNotExist:
        request.set_policy_exists_condition(
            v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
        break;
    }
    const auto before = engine.GetResourcePolicy(kCaller, {});
    const auto put = engine.PutResourcePolicy(kCaller, request);
    const auto after = engine.GetResourcePolicy(kCaller, {});

    Cell cell = PutCell(GetParam());
    if (require_hash && cell == Cell::kReplace &&
        GetParam().hash == Hash::kAbsent) {
      cell = Cell::kConditionCheckFailure;
    }
    switch (cell) {
      case Cell::kCreate:
      case Cell::kReplace:
        ASSERT_EQ(put.status(), absl::OkStatus());
        ASSERT_EQ(after.status(), absl::OkStatus());
        EXPECT_EQ(after->policy_in_json(), kNewText);
        EXPECT_EQ(after->policy_hash(), put->policy_hash());
        EXPECT_EQ(before.ok(), cell == Cell::kReplace);
        if (cell == Cell::kReplace) {
          EXPECT_EQ(after->create_time().seconds(),
                    before->create_time().seconds());
          EXPECT_GT(after->update_time().seconds(),
                    before->update_time().seconds());
        } else {
          EXPECT_EQ(after->create_time().SerializeAsString(),
                    after->update_time().SerializeAsString());
        }
        break;
      case Cell::kConditionCheckFailure:
      case Cell::kMustExistFailure:
        EXPECT_EQ(ErrorCodeOf(put.status()),
                  cell == Cell::kMustExistFailure
                      ? must_exist_code
                      : v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        EXPECT_EQ(after.status(), before.status());
        if (before.ok()) {
          EXPECT_EQ(after->SerializeAsString(), before->SerializeAsString());
        }
        break;
    }
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  MemoryStorage storage_;
  std::optional<Engine> engine_;
  std::string hash_;
};

TEST_P(DecisionTable, PutResourcePolicy_AsThePresetSays) {
  const Behavior behavior = Options().behavior;
  EXPECT_EQ(behavior.must_exist_error_code,
            v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  EXPECT_FALSE(behavior.require_hash_to_overwrite);
  CheckPut(behavior.must_exist_error_code, behavior.require_hash_to_overwrite);
}

TEST_P(DecisionTable, PutResourcePolicy_MustExistIsEntityNotFound) {
  CheckPut(v1::ERROR_CODE_ENTITY_NOT_FOUND, /*require_hash=*/false);
}

TEST_P(DecisionTable, PutResourcePolicy_HashRequiredToOverwrite) {
  CheckPut(v1::ERROR_CODE_CONDITION_CHECK_FAILURE, /*require_hash=*/true);
}

TEST_P(DecisionTable, DeleteResourcePolicy) {
  const Case& c = GetParam();
  v1::DeleteResourcePolicyRequest request;
  if (const auto hash = HashCondition()) {
    request.set_policy_hash_condition(*hash);
  }
  const std::string before = Visible();
  const auto answer = engine_->DeleteResourcePolicy(kCaller, request);
  if (c.state != State::kPresent) {
    EXPECT_EQ(
        ErrorFromStatus(answer.status())->ShortDebugString(),
        "code: ERROR_CODE_ENTITY_NOT_FOUND message: \"Policy not found\"");
    EXPECT_EQ(Visible(), before);
  } else if (c.hash == Hash::kAbsent || c.hash == Hash::kMatches) {
    EXPECT_EQ(answer.status(), absl::OkStatus());
    EXPECT_EQ(ErrorCodeOf(engine_->GetResourcePolicy(kCaller, {}).status()),
              v1::ERROR_CODE_ENTITY_NOT_FOUND);
  } else {
    EXPECT_EQ(ErrorCodeOf(answer.status()),
              v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
    EXPECT_EQ(Visible(), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, DecisionTable, testing::ValuesIn(AllCases()),
                         NameOfParameter);

}  // namespace
}  // namespace glue_security
