// ParseProgramFlags: the flags of a program from one table, which has the text
// of --help, the defaults, and the check of every value.
//
//   struct Options { int64_t port = 0; bool quiet = false; };
//   constexpr ProgramFlag<Options> kFlags[] = {
//       {"port", "port to listen on", FlagTakes::kOneValue, "4566",
//        [](const std::string& value, Options* options) {
//          return SetNumber(value, 0, 65535, &options->port);
//        }},
//       {"quiet", "print nothing", FlagTakes::kNothing, nullptr,
//        [](const std::string& value, Options* options) {
//          options->quiet = true;
//          return std::string();
//        }},
//   };
//   Options opts;
//   auto text = ParseProgramFlags("Usage: ...\n", kFlags, argc, argv, &opts);
//   if (!text.ok()) ...       // "--port must be a number from 0 to 65535"
//   if (!text->empty()) ...   // --help or --version is given: this is its text
//
// A flag is written --NAME=VALUE or --NAME VALUE, and never shortened, because
// a future flag could change the meaning of an abbreviation.

#ifndef GLUE_SECURITY_FLAGS_PROGRAM_FLAGS_H_
#define GLUE_SECURITY_FLAGS_PROGRAM_FLAGS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace glue_security {

enum class FlagTakes {
  // A switch, which is off unless it is given.
  kNothing,
  kOneValue,
  // The flag may be given several times; its values are set one after another.
  kValues,
};

// One flag of a table.
template <typename Options>
struct ProgramFlag {
  const char* name;
  const char* help;
  FlagTakes takes;
  // The value that is set when the flag is not given; null for none.
  const char* default_value;
  // Sets the value of the flag. Returns "", or what is wrong with the value, to
  // follow the flag's name: "must be a date", or ": no such file".
  std::string (*set)(const std::string& value, Options* options);
};

// The part of a flag that does not depend on the program's options.
struct FlagDescription {
  const char* name;
  const char* help;
  FlagTakes takes;
  const char* default_value;
};

// A command line that is split into flags. `ParseProgramFlags` uses it.
class CommandLine {
 public:
  // Splits a command line, which begins with the program's name. Errors:
  // kInvalidArgument for a flag that is not among `flags`, or that has no value
  // or one too many; for an argument that is not a flag, unless
  // `takes_arguments`.
  static absl::StatusOr<CommandLine> Split(
      const char* head, const std::vector<FlagDescription>& flags, int argc,
      const char* const* argv, bool takes_arguments);

  // The text of --help, which begins with `head`, or of --version, if one of
  // them is given; otherwise "".
  const std::string& information() const { return information_; }
  const std::vector<std::string>& arguments() const { return arguments_; }

  // Returns the values of a flag, its default when it is not given; for a
  // switch that is given an empty text. Errors: kInvalidArgument for a flag
  // that is given twice, unless it is one of kValues.
  absl::StatusOr<std::vector<std::string>> ValuesOf(
      const FlagDescription& flag) const;

  // Returns the error for a value that `ProgramFlag::set` refuses.
  static absl::Status WrongValue(const FlagDescription& flag,
                                 absl::string_view wrong);

 private:
  std::string information_;
  std::vector<std::string> arguments_;
  // The flags that are given, with their values.
  std::vector<std::pair<std::string, std::string>> given_;
};

// Sets all flags of a command line in the order of the table, whatever their
// order in the command line. Returns the text of --help or --version if one of
// them is given, and then sets nothing; otherwise "". `arguments` gets what is
// not a flag; without it such an argument is an error.
//
// Errors: kInvalidArgument, with a readable message, for the first flag that is
// wrong; `options` may then be set in part.
template <typename Options, size_t kSize>
absl::StatusOr<std::string> ParseProgramFlags(
    const char* head, const ProgramFlag<Options> (&flags)[kSize], int argc,
    const char* const* argv, Options* options,
    std::vector<std::string>* arguments = nullptr) {
  std::vector<FlagDescription> described;
  for (const ProgramFlag<Options>& flag : flags) {
    described.push_back({flag.name, flag.help, flag.takes, flag.default_value});
  }
  const auto line =
      CommandLine::Split(head, described, argc, argv,
                         /*takes_arguments=*/arguments != nullptr);
  if (!line.ok()) return line.status();
  if (!line->information().empty()) return line->information();
  for (size_t i = 0; i < kSize; ++i) {
    const auto values = line->ValuesOf(described[i]);
    if (!values.ok()) return values.status();
    for (const std::string& value : *values) {
      const std::string wrong = flags[i].set(value, options);
      if (!wrong.empty()) return CommandLine::WrongValue(described[i], wrong);
    }
  }
  if (arguments != nullptr) *arguments = line->arguments();
  return std::string();
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_FLAGS_PROGRAM_FLAGS_H_
