#include "glue_security/flags/program_flags.h"

#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/program_options.hpp"
#include "glue_security/model/version.h"

namespace glue_security {
namespace {

namespace po = boost::program_options;

// The library needs a name for arguments that are not flags.
constexpr char kArgument[] = "argument";

po::options_description Describe(const std::vector<FlagDescription>& flags) {
  po::options_description all("Flags");
  all.add_options()("help", "show this text");
  all.add_options()("version", "show the version");
  for (const FlagDescription& flag : flags) {
    if (flag.takes == FlagTakes::kNothing) {
      all.add_options()(flag.name, flag.help);
      continue;
    }
    auto* const value = po::value<std::string>();
    if (flag.default_value != nullptr) value->default_value(flag.default_value);
    all.add_options()(flag.name, value, flag.help);
  }
  return all;
}

absl::string_view FileNameOf(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

absl::StatusOr<CommandLine> CommandLine::Split(
    const char* head, const std::vector<FlagDescription>& flags, int argc,
    const char* const* argv, bool takes_arguments) {
  constexpr auto kStyle = po::command_line_style::unix_style &
                          ~po::command_line_style::allow_guessing;
  const po::options_description shown = Describe(flags);
  po::options_description known;
  known.add(shown);
  po::positional_options_description arguments;
  if (takes_arguments) {
    known.add_options()(kArgument, po::value<std::string>());
    arguments.add(kArgument, -1);
  }
  CommandLine line;
  try {
    const auto parsed = po::command_line_parser(argc, argv)
                            .options(known)
                            .positional(arguments)
                            .style(kStyle)
                            .run();
    for (const po::option& option : parsed.options) {
      const std::string value =
          option.value.empty() ? "" : option.value.front();
      if (option.string_key == "help") {
        std::ostringstream text;
        text << head << '\n' << shown;
        line.information_ = text.str();
      } else if (option.string_key == "version") {
        line.information_ =
            absl::StrCat(FileNameOf(argv[0]), " ", kLibraryVersion, "\n");
      } else if (option.position_key != -1) {
        line.arguments_.push_back(value);
      } else if (takes_arguments && option.string_key == kArgument) {
        return absl::InvalidArgumentError(
            absl::StrCat("unrecognised option '--", kArgument, "'"));
      } else {
        line.given_.emplace_back(option.string_key, value);
      }
    }
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return line;
}

absl::StatusOr<std::vector<std::string>> CommandLine::ValuesOf(
    const FlagDescription& flag) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : given_) {
    if (name == flag.name) values.push_back(value);
  }
  if (values.size() > 1 && flag.takes != FlagTakes::kValues) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag.name, " is given twice"));
  }
  if (values.empty() && flag.default_value != nullptr) {
    values.emplace_back(flag.default_value);
  }
  return values;
}

absl::Status CommandLine::WrongValue(const FlagDescription& flag,
                                     absl::string_view wrong) {
  return absl::InvalidArgumentError(absl::StrCat(
      "--", flag.name, absl::StartsWith(wrong, ":") ? "" : " ", wrong));
}

}  // namespace glue_security
