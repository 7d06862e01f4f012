// The values in data/sealed_object.txt.

#ifndef GLUE_SECURITY_TESTS_ENCRYPTION_GOLDEN_FILE_H_
#define GLUE_SECURITY_TESTS_ENCRYPTION_GOLDEN_FILE_H_

#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace glue_security {

class GoldenFile {
 public:
  GoldenFile() {
    std::ifstream file("tests/encryption/data/sealed_object.txt");
    std::string line;
    while (std::getline(file, line)) {
      if (absl::StartsWith(line, "#")) continue;
      values_.insert(std::pair<std::string, std::string>(
          absl::StrSplit(line, absl::MaxSplits(" = ", 1))));
    }
    EXPECT_EQ(values_.size(), 11u);
  }

  // The value of `name` as a text, and as the bytes that it has in hexadecimal.
  std::string Text(const std::string& name) const { return values_.at(name); }
  std::string Bytes(const std::string& name) const {
    return absl::HexStringToBytes(values_.at(name));
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENCRYPTION_GOLDEN_FILE_H_
