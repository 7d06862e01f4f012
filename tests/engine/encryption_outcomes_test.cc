// The table of what the encryption settings do, cell by cell. It was written
// from the specification alone.

#include "tests/engine/encryption_outcomes.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "glue_security/model/behavior.h"
#include "gtest/gtest.h"
#include "tests/engine/encryption_scene.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

// Returns true when the calls are those of the row. A call that was late may
// have been made again.
bool AreCalls(const std::string& expected, std::vector<std::string> calls,
              bool is_late) {
  if (expected == "?") return true;
  while (is_late && calls.size() > 1 &&
         calls.back() == calls[calls.size() - 2]) {
    calls.pop_back();
  }
  std::vector<std::string> words;
  if (expected != "none") words = absl::StrSplit(expected, ' ');
  const bool is_open = !words.empty() && words.back() == "?";
  if (is_open) words.pop_back();
  if (is_open ? calls.size() < words.size() : calls.size() != words.size()) {
    return false;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (absl::EndsWith(word, "/?")) {
      word.resize(word.size() - 2);
      if (calls[i] == word || calls[i] == word + "/role") continue;
      return false;
    }
    if (calls[i] != word) return false;
  }
  return true;
}

void Expect(const OutcomeRow& row, const std::string& column,
            const std::string& actual) {
  if (row.at(column) == "?") return;
  EXPECT_EQ(actual, row.at(column)) << column;
}

void ExpectRow(const OutcomeRow& row, const Behavior& behavior) {
  std::vector<std::string> name;
  for (const char* column : {"group", "before", "after", "existing", "input",
                             "operation", "key", "struck"}) {
    name.push_back(row.at(column));
  }
  SCOPED_TRACE(absl::StrJoin(name, "|"));
  EncryptionScene scene(behavior);
  const EncryptionOutcome outcome = scene.Play(row);
  Expect(row, "result", outcome.result);
  Expect(row, "kms_error", outcome.kms_error);
  Expect(row, "status", outcome.status);
  Expect(row, "shown", outcome.shown);
  Expect(row, "stored_password", outcome.stored_password);
  Expect(row, "stored_object", outcome.stored_object);
  Expect(row, "changed", outcome.changed);
  EXPECT_TRUE(
      AreCalls(row.at("calls"), outcome.calls, row.at("key") == "timeout"))
      << "expected " << row.at("calls") << ", made "
      << absl::StrJoin(outcome.calls, " ");
}

TEST(EncryptionOutcomes, TheTableIsWhole) {
  std::map<std::string, int> counts;
  for (const OutcomeRow& row : ReadOutcomeRows()) ++counts[row.at("group")];
  EXPECT_EQ(counts["cell"], 5 * 5 * 2 * 5 * 7);
  EXPECT_EQ(counts.size(), 15u);
}

// GLUE_SECURITY_SHORT_TESTS takes every 11th row. With every 7th all cells had
// the first of the seven states.
TEST(EncryptionOutcomes, AreThoseOfTheTable) {
  const std::vector<OutcomeRow> rows = ReadOutcomeRows();
  for (size_t i = 0; i < rows.size(); i += IsShortRun() ? 11 : 1) {
    ExpectRow(rows[i], Behavior::Current());
  }
}

// The other presets do not differ, so that every 11th row is enough. A service
// role came later than they.
TEST(EncryptionOutcomes, AreTheSameInTheOtherPresets) {
  const std::vector<OutcomeRow> rows = ReadOutcomeRows();
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed()}) {
    for (size_t i = 0; i < rows.size(); i += 11) {
      if (rows[i].at("group") != "role") ExpectRow(rows[i], behavior);
    }
  }
}

}  // namespace
}  // namespace glue_security
