#include "glue_security/testing/remote/conformance_flags.h"

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "boost/program_options.hpp"
#include "glue_security/client/http_backend.h"
#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/remote/endpoint_control.h"

namespace glue_security {
namespace {

namespace po = boost::program_options;

constexpr char kHead[] = R"(Usage: glue-conformance URL [FLAG]...

Checks the mock of AWS Glue's Security API at http://HOST:PORT against the
contract, and prints what is wrong. The mock is reset before each check: all of
its data is lost.

Exit status:
  0  all that was judged is right
  1  something is wrong
  2  the checks could not be run: a flag is wrong, there is no connection, or
     the endpoint refuses to be reset

Flags)";

enum class Takes { kNothing, kOneValue, kValues };

// One flag. `set` sets its value and returns a readable error, or "" for none.
struct Flag {
  const char* name;
  const char* help;
  Takes takes;
  std::string (*set)(const std::string& value, ConformanceFlags* flags);
};

std::string SetProfile(const std::string& value, ConformanceFlags* flags) {
  auto profile = FindRemoteProfile(value);
  if (!profile.has_value()) {
    return absl::StrCat("--profile must be ", RemoteProfileNames());
  }
  flags->profile = value;
  flags->remote = *std::move(profile);
  return "";
}

std::string SetBehavior(const std::string& value, ConformanceFlags* flags) {
  if (value == "documented") {
    flags->remote.behavior = BackendPreset::kDocumented;
  } else if (value == "observed") {
    flags->remote.behavior = BackendPreset::kObserved;
  } else if (value == "current") {
    flags->remote.behavior = BackendPreset::kCurrent;
  } else {
    return "--behavior must be documented, observed or current";
  }
  return "";
}

std::string SetPolicyChecks(const std::string& value, ConformanceFlags* flags) {
  if (value == "none") {
    flags->remote.policy_checks = PolicyChecks::kNone;
  } else if (value == "json") {
    flags->remote.policy_checks = PolicyChecks::kJson;
  } else if (value == "grammar") {
    flags->remote.policy_checks = PolicyChecks::kGrammar;
  } else if (value == "glue") {
    flags->remote.policy_checks = PolicyChecks::kGlue;
  } else {
    return "--policy-checks must be none, json, grammar or glue";
  }
  return "";
}

std::string SetReset(const std::string& value, ConformanceFlags* flags) {
  flags->remote.reset_path = value;
  return value.empty() || EndpointControl::IsPath(value)
             ? ""
             : "--reset must be a path that begins with a slash";
}

std::string SetClock(const std::string& value, ConformanceFlags* flags) {
  flags->remote.clock_path = value;
  return value.empty() || EndpointControl::IsPath(value)
             ? ""
             : "--clock must be a path that begins with a slash";
}

std::string SetAccount(const std::string& value, ConformanceFlags* flags) {
  absl::string_view header = value;
  if (value == "key") {
    flags->remote.account = AccountSentAs::kAccessKeyId;
  } else if (value == "none") {
    flags->remote.account = AccountSentAs::kNothing;
  } else if (absl::ConsumePrefix(&header, "header:") && !header.empty()) {
    flags->remote.account = AccountSentAs::kHeader;
    flags->remote.account_header = std::string(header);
  } else {
    return "--account must be key, header:NAME or none";
  }
  return "";
}

std::string AddHeader(const std::string& value, ConformanceFlags* flags) {
  const size_t colon = value.find(':');
  if (colon == std::string::npos || colon == 0) {
    return "--header must be NAME:VALUE";
  }
  const absl::string_view text =
      absl::StripAsciiWhitespace(absl::string_view(value).substr(colon + 1));
  flags->remote.headers.emplace_back(value.substr(0, colon), std::string(text));
  return "";
}

std::string SetTimeout(const std::string& value, ConformanceFlags* flags) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(value, &seconds) || seconds < 1 || seconds > 3600) {
    return "--timeout must be a number from 1 to 3600";
  }
  flags->remote.timeout = absl::Seconds(seconds);
  return "";
}

std::string SetContractOnly(const std::string& /*value*/,
                            ConformanceFlags* flags) {
  flags->contract_only = true;
  return "";
}

std::string SetMessages(const std::string& /*value*/, ConformanceFlags* flags) {
  flags->remote.shows_messages = true;
  return "";
}

std::string SetFormat(const std::string& value, ConformanceFlags* flags) {
  if (value == "text") {
    flags->format = ConformanceFlags::Format::kText;
  } else if (value == "json") {
    flags->format = ConformanceFlags::Format::kJson;
  } else if (value == "html") {
    flags->format = ConformanceFlags::Format::kHtml;
  } else {
    return "--format must be text, json or html";
  }
  return "";
}

// The flags, in the order of --help. Their values are set in this order, too,
// so that the others change what the profile says.
constexpr Flag kFlags[] = {
    {"profile",
     "what is known of a mock: glue-security, localstack or moto; other flags "
     "change it",
     Takes::kOneValue, &SetProfile},
    {"behavior",
     "documented (the default): the contract of 2019 to the letter; observed: "
     "what the service was recorded doing; current (the default of the profile "
     "glue-security): that with the newest model",
     Takes::kOneValue, &SetBehavior},
    {"contract-only", "judge by sentences of the contract only",
     Takes::kNothing, &SetContractOnly},
    {"policy-checks",
     "how the mock checks policies: none, json, grammar or glue; by default, "
     "that is not judged",
     Takes::kOneValue, &SetPolicyChecks},
    {"messages", "judge the texts of errors, too", Takes::kNothing,
     &SetMessages},
    {"reset", "path to POST that deletes everything, as /reset",
     Takes::kOneValue, &SetReset},
    {"clock", "path to PUT that sets the clock, as glue-security-server has it",
     Takes::kOneValue, &SetClock},
    {"account",
     "where the mock finds the caller's account: key, the access key id (the "
     "default); header:NAME; none, it always has the account 123456789012",
     Takes::kOneValue, &SetAccount},
    {"header", "NAME:VALUE, a header of every request; may be repeated",
     Takes::kValues, &AddHeader},
    {"timeout", "seconds that a call may take, by default 30", Takes::kOneValue,
     &SetTimeout},
    {"format", "text (the default), json or html", Takes::kOneValue,
     &SetFormat},
};

po::options_description Describe() {
  po::options_description all(kHead);
  all.add_options()("help", "show this text");
  for (const Flag& flag : kFlags) {
    if (flag.takes == Takes::kNothing) {
      all.add_options()(flag.name, flag.help);
    } else {
      all.add_options()(flag.name, po::value<std::string>(), flag.help);
    }
  }
  return all;
}

// Splits a command line into options, those without a name being URLs. Checks
// only that the flags exist and have a value if they take one.
absl::StatusOr<std::vector<po::option>> Split(
    int argc, const char* const* argv, const po::options_description& shown) {
  // No abbreviations, because a future flag could change the meaning of one.
  constexpr auto kStyle = po::command_line_style::unix_style &
                          ~po::command_line_style::allow_guessing;
  po::options_description all;
  all.add(shown).add_options()("url", po::value<std::string>());
  po::positional_options_description urls;
  urls.add("url", -1);
  try {
    return po::command_line_parser(argc, argv)
        .options(all)
        .positional(urls)
        .style(kStyle)
        .run()
        .options;
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

absl::Status SetFlag(const Flag& flag, const std::vector<po::option>& given,
                     ConformanceFlags* flags) {
  int times = 0;
  for (const po::option& option : given) {
    if (option.string_key != flag.name) continue;
    if (++times > 1 && flag.takes != Takes::kValues) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag.name, " is given twice"));
    }
    const std::string error =
        flag.set(option.value.empty() ? "" : option.value.front(), flags);
    if (!error.empty()) return absl::InvalidArgumentError(error);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ConformanceFlags> ParseConformanceFlags(
    int argc, const char* const* argv) {
  const po::options_description description = Describe();
  const auto given = Split(argc, argv, description);
  if (!given.ok()) return given.status();
  ConformanceFlags flags;
  int urls = 0;
  for (const po::option& option : *given) {
    if (option.string_key == "help") {
      std::ostringstream text;
      text << description;
      flags.help = text.str();
      return flags;
    }
    if (option.string_key == "url") {
      flags.url = option.value.front();
      ++urls;
    }
  }
  for (const Flag& flag : kFlags) {
    if (auto status = SetFlag(flag, *given, &flags); !status.ok()) {
      return status;
    }
  }
  if (urls != 1) {
    return absl::InvalidArgumentError("give one URL; --help lists the flags");
  }
  return flags;
}

}  // namespace glue_security
