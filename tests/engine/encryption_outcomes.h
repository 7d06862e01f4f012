// Rows of tests/data/encryption_outcomes.txt, which says what their words mean.

#ifndef GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_OUTCOMES_H_
#define GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_OUTCOMES_H_

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace glue_security {

// The words of one row by the names of their columns.
using OutcomeRow = std::map<std::string, std::string>;

inline std::vector<OutcomeRow> ReadOutcomeRows() {
  std::ifstream file("tests/data/encryption_outcomes.txt");
  std::vector<OutcomeRow> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(line, '|');
    if (names.empty()) {
      names = words;
      continue;
    }
    EXPECT_EQ(words.size(), names.size()) << line;
    OutcomeRow row;
    for (size_t i = 0; i < words.size(); ++i) row[names[i]] = words[i];
    rows.push_back(row);
  }
  return rows;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_OUTCOMES_H_
