#include "glue_security/flags/program_flags.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/model/text_value.h"
#include "glue_security/model/version.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

struct Options {
  int64_t port = 0;
  std::string file;
  std::vector<std::string> hosts;
  bool quiet = false;
  // The flags in the order in which they were set.
  std::vector<std::string> set;
};

constexpr ProgramFlag<Options> kFlags[] = {
    {"port", "port to listen on", FlagTakes::kOneValue, "4566",
     [](const std::string& value, Options* options) {
       options->set.emplace_back("port");
       return SetNumber(value, 0, 65535, &options->port);
     }},
    {"file", "a file", FlagTakes::kOneValue, nullptr,
     [](const std::string& value, Options* options) {
       options->set.emplace_back("file");
       options->file = value;
       return std::string(value == "gone" ? ": no such file" : "");
     }},
    {"host", "a host; may be repeated", FlagTakes::kValues, nullptr,
     [](const std::string& value, Options* options) {
       options->hosts.push_back(value);
       return std::string();
     }},
    {"quiet", "print nothing", FlagTakes::kNothing, nullptr,
     [](const std::string& value, Options* options) {
       options->quiet = value.empty();
       return std::string();
     }},
};

class ProgramFlagsTest : public testing::Test {
 protected:
  // Returns "", "text" for that of --help or --version, or the error.
  std::string Parse(std::vector<const char*> arguments,
                    std::vector<std::string>* others = nullptr) {
    arguments.insert(arguments.begin(), "folder/program");
    options_ = Options();
    const absl::StatusOr<std::string> text = ParseProgramFlags(
        "Usage: program\n", kFlags, static_cast<int>(arguments.size()),
        arguments.data(), &options_, others);
    if (!text.ok()) {
      EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
      return std::string(text.status().message());
    }
    text_ = *text;
    return text->empty() ? "" : "text";
  }

  Options options_;
  std::string text_;
};

TEST_F(ProgramFlagsTest, WithoutFlagsTheDefaultsAreSet) {
  EXPECT_EQ(Parse({}), "");
  EXPECT_EQ(options_.port, 4566);
  EXPECT_FALSE(options_.quiet);
  EXPECT_EQ(absl::StrJoin(options_.set, " "), "port");
}

TEST_F(ProgramFlagsTest, FlagsAreSetInTheOrderOfTheTable) {
  EXPECT_EQ(
      Parse({"--quiet", "--host=a", "--file", "f", "--port=1", "--host=b"}),
      "");
  EXPECT_EQ(options_.port, 1);
  EXPECT_EQ(options_.file, "f");
  EXPECT_EQ(options_.hosts, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(options_.quiet);
  EXPECT_EQ(absl::StrJoin(options_.set, " "), "port file");
}

TEST_F(ProgramFlagsTest, HelpHasEveryFlagAndSetsNothing) {
  EXPECT_EQ(Parse({"--port=99999", "--help"}), "text");
  EXPECT_TRUE(options_.set.empty());
  EXPECT_TRUE(absl::StartsWith(text_, "Usage: program\n\nFlags:\n"));
  EXPECT_TRUE(absl::StrContains(text_, "--port arg (=4566)"));
  for (const ProgramFlag<Options>& flag : kFlags) {
    EXPECT_TRUE(absl::StrContains(text_, absl::StrCat("--", flag.name)));
    EXPECT_TRUE(absl::StrContains(text_, flag.help));
  }
  EXPECT_FALSE(absl::StrContains(text_, "--argument"));
}

TEST_F(ProgramFlagsTest, VersionHasTheNameOfTheProgramAndSetsNothing) {
  EXPECT_EQ(Parse({"--port=99999", "--version"}), "text");
  EXPECT_TRUE(options_.set.empty());
  EXPECT_EQ(text_, absl::StrCat("program ", kLibraryVersion, "\n"));
}

TEST_F(ProgramFlagsTest, TheFirstWrongFlagOfTheTableIsTold) {
  EXPECT_EQ(Parse({"--file=gone", "--port=x"}),
            "--port must be a number from 0 to 65535");
  EXPECT_EQ(Parse({"--file=gone"}), "--file: no such file");
  EXPECT_EQ(Parse({"--port", ""}), "--port must be a number from 0 to 65535");
  EXPECT_EQ(Parse({"--file=a", "--file=a"}), "--file is given twice");
}

TEST_F(ProgramFlagsTest, AFlagThatThereIsNotIsRefused) {
  EXPECT_EQ(Parse({"--nothing"}), "unrecognised option '--nothing'");
  EXPECT_EQ(Parse({"--por=1"}), "unrecognised option '--por=1'");
  EXPECT_NE(Parse({"--port"}), "");
  EXPECT_NE(Parse({"--quiet=yes"}), "");
  EXPECT_NE(Parse({"--argument=x"}), "");
  std::vector<std::string> others;
  EXPECT_EQ(Parse({"--argument=x"}, &others),
            "unrecognised option '--argument'");
}

TEST_F(ProgramFlagsTest, OnlyAFlagWithValuesMayBeRepeated) {
  EXPECT_EQ(Parse({"--quiet", "--quiet"}), "--quiet is given twice");
  EXPECT_EQ(Parse({"--file=a", "--file=b"}), "--file is given twice");
  EXPECT_EQ(Parse({"--host=a", "--host=a"}), "");
}

TEST_F(ProgramFlagsTest, OtherArgumentsAreReturnedOrRefused) {
  std::vector<std::string> others;
  EXPECT_EQ(Parse({"a", "--quiet", "b"}, &others), "");
  EXPECT_EQ(others, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(options_.quiet);
  EXPECT_EQ(Parse({}, &others), "");
  EXPECT_TRUE(others.empty());
  EXPECT_EQ(Parse({"a"}),
            "too many positional options have been specified on the command "
            "line");
}

}  // namespace
}  // namespace glue_security
