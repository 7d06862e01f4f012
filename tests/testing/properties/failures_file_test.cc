// Tests of the file of failures, by itself and as an option of a property.

#include "glue_security/testing/properties/failures_file.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/properties/stateful_property.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using property_internal::FailuresFile;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kHeading[] =
    "# Failures of properties: choices, a blank, and the property's name. They "
    "run first.\n";

class FailuresFileTest : public testing::Test {
 protected:
  FailuresFileTest() { std::remove(path_.c_str()); }
  ~FailuresFileTest() override { std::remove(path_.c_str()); }

  std::string Text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetText(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
  }
  std::vector<std::string> Read(const FailuresFile& file) {
    std::vector<std::string> read;
    for (const auto& failure : file.Read(&notes_)) {
      read.push_back(
          absl::StrCat(failure.line, ": ", FormatChoices(failure.choices)));
    }
    return read;
  }

  // A property that fails at the first number of at least `bound`.
  PropertyReport Check(uint64_t bound, const std::string& name = "small") {
    StatefulProperty<int> property(name);
    property.Rule("draw", [bound](int&, PropertyStep& step) {
      if (step.choices().Below(1000) >= bound) step.Fail("too large");
    });
    PropertyOptions options;
    options.seed = 1;
    options.failures_file = path_;
    options.shrink.time_max = absl::InfiniteDuration();
    return property.Check(EngineInMemory, options);
  }

  const std::string path_ = absl::StrCat(
      testing::TempDir(), "failures_",
      testing::UnitTest::GetInstance()->current_test_info()->name());
  std::vector<std::string> notes_;
};

TEST_F(FailuresFileTest, AddsReadsAndRemoves) {
  const FailuresFile file(path_, "a");
  const FailuresFile other(path_, "b");
  EXPECT_THAT(Read(file), ElementsAre());
  file.Add({1, 2}, &notes_);
  other.Add({1, 2}, &notes_);
  file.Add({3}, &notes_);
  file.Add({1, 2}, &notes_);
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "1.2 a\n1.2 b\n3 a\n"));
  EXPECT_THAT(Read(file), ElementsAre("2: 1.2", "4: 3"));
  EXPECT_THAT(Read(other), ElementsAre("3: 1.2"));
  file.Remove({1, 2}, &notes_);
  file.Remove({7}, &notes_);
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "1.2 b\n3 a\n"));
  EXPECT_THAT(notes_, ElementsAre());
}

TEST_F(FailuresFileTest, NoChoicesAreWrittenAsZero) {
  const FailuresFile file(path_, "a");
  file.Add({}, &notes_);
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "0 a\n"));
  EXPECT_THAT(Read(file), ElementsAre("2: "));
  file.Remove({}, &notes_);
  EXPECT_EQ(Text(), kHeading);
}

TEST_F(FailuresFileTest, ANameMayHaveAnyBytes) {
  const FailuresFile file(path_, "two\nlines, \xff and a \\");
  file.Add({1}, &notes_);
  EXPECT_EQ(Text(),
            absl::StrCat(kHeading, "1 two\\nlines, \\xff and a \\\\\n"));
  EXPECT_THAT(Read(file), ElementsAre("2: 1"));
  EXPECT_THAT(notes_, ElementsAre());
}

TEST_F(FailuresFileTest, CorruptedLinesAreKeptIgnoredAndNoted) {
  const FailuresFile file(path_, "a");
  const std::string text =
      "1.x a\n\n# 5 a\n2 a\r\nnothing\n99999999999999999999 a\n3\n4 a\\\n 5 a";
  SetText(text);
  EXPECT_THAT(Read(file), ElementsAre("4: 2"));
  std::vector<std::string> expected;
  for (const int line : {1, 5, 6, 7, 8, 9}) {
    expected.push_back(absl::StrCat(
        path_, ":", line,
        ": ignored, because it is not choices and the name of a property"));
  }
  EXPECT_EQ(notes_, expected);
  file.Add({6}, &notes_);
  EXPECT_EQ(Text(), text + "\n6 a\n");
}

TEST_F(FailuresFileTest, AFileThatCannotBeUsedIsNoted) {
  const FailuresFile folder(testing::TempDir(), "a");
  EXPECT_THAT(Read(folder), ElementsAre());
  folder.Add({1}, &notes_);
  ASSERT_EQ(notes_.size(), 2u);
  EXPECT_THAT(notes_[0], HasSubstr("cannot read "));

  notes_.clear();
  const FailuresFile missing(testing::TempDir() + "no/such/folder", "a");
  EXPECT_THAT(Read(missing), ElementsAre());
  EXPECT_THAT(notes_, ElementsAre());
  missing.Add({1}, &notes_);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], HasSubstr("cannot write "));

  notes_.clear();
  const std::string large(FailuresFile::kBytesMax + 1, '#');
  SetText(large);
  const FailuresFile file(path_, "a");
  file.Add({1}, &notes_);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr(": over 16777216 bytes")));
  EXPECT_EQ(Text(), large);
}

TEST_F(FailuresFileTest, AFailureIsAddedRunsFirstAndIsRemovedWhenItPasses) {
  EXPECT_FALSE(Check(500).ok());
  // "another one", and the least number that fails.
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "1.500 small\n"));
  const PropertyReport again = Check(500);
  EXPECT_EQ(again.statistics.runs, 0);
  EXPECT_THAT(again.text, HasSubstr(absl::StrCat(
                              "property \"small\" failed again as in ", path_,
                              ":2, shrunk from 1 step to 1 step\n"
                              "1. draw\n   failed: too large\n"
                              "GLUE_SECURITY_REPLAY=1.500\n")));
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "1.500 small\n"));
  const PropertyReport passed = Check(1000);
  EXPECT_TRUE(passed.ok()) << passed.text;
  EXPECT_EQ(passed.statistics.runs, 100);
  EXPECT_EQ(Text(), kHeading);
}

TEST_F(FailuresFileTest, ASavedFailureIsReplacedBySmallerChoices) {
  SetText("1.900 other\n1.1.1.900 small\n1.2 small\n");
  const PropertyReport report = Check(500);
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(report.text, HasSubstr(":2, shrunk from 2 steps to 1 step\n"));
  // The ones after it did not run.
  EXPECT_EQ(Text(), "1.900 other\n1.2 small\n1.500 small\n");
  // One passes, and the next one fails.
  EXPECT_THAT(Check(500).text, HasSubstr(":3, shrunk from 1 step"));
  EXPECT_EQ(Text(), "1.900 other\n1.500 small\n");
}

TEST_F(FailuresFileTest, TheEnvironmentNamesTheFile) {
  StatefulProperty<int> property("environment");
  property.Rule("fail", [](int&, PropertyStep& step) { step.Fail("no"); });
  setenv("GLUE_SECURITY_FAILURES", path_.c_str(), 1);
  EXPECT_FALSE(property.Check(EngineInMemory).ok());
  unsetenv("GLUE_SECURITY_FAILURES");
  EXPECT_EQ(Text(), absl::StrCat(kHeading, "1 environment\n"));
}

TEST_F(FailuresFileTest, NotesDoNotFailAProperty) {
  SetText("garbage\n");
  const PropertyReport report = Check(1000);
  EXPECT_TRUE(report.ok());
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr(":1: ignored, because")));
  EXPECT_EQ(Text(), "garbage\n");
}

}  // namespace
}  // namespace glue_security
