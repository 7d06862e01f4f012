#include "glue_security/capi/options.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/setting.h"
#include "glue_security/model/text_value.h"

namespace glue_security {
namespace {

constexpr size_t kTextBytesMax = size_t{1} << 30;
constexpr size_t kOptionsMax = 1000;

absl::Status Wrong(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(PlainText(name), ": ", what));
}

// Sets an option that is not a field of `Behavior` or `Limits`. Returns "", or
// what the value must be.
std::string SetOwnOption(absl::string_view name, absl::string_view value,
                         EmbeddedOptions* options) {
  if (name == "storage") {
    options->storage_url = std::string(value);
    return "";
  }
  if (name == "account") {
    options->account_id = std::string(value);
    return "";
  }
  if (name == "region") {
    options->region = std::string(value);
    return "";
  }
  if (name == "authorize") {
    return SetWord<bool, 2>(value, {{{"true", true}, {"false", false}}},
                            &options->authorizes);
  }
  if (name == "identity") {
    return SetWord<DecisionKind, 3>(
        value,
        {{{"allow", DecisionKind::kAllow},
          {"implicit_deny", DecisionKind::kImplicitDeny},
          {"explicit_deny", DecisionKind::kExplicitDeny}}},
        &options->identity);
  }
  if (name == "history") {
    return SetWord<bool, 2>(value, {{{"true", true}, {"false", false}}},
                            &options->records_history);
  }
  const Setting* const setting = FindSetting(name);
  if (setting == nullptr) return "no such option";
  return setting->Set(value, &options->settings);
}

}  // namespace

absl::Status ReadText(const glue_security_text& text, absl::string_view* view) {
  if (text.size > kTextBytesMax) {
    return absl::InvalidArgumentError("a text has more than 1 GiB");
  }
  if (text.data == nullptr && text.size > 0) {
    return absl::InvalidArgumentError("a text has a size but no bytes");
  }
  *view = text.size == 0 ? absl::string_view("", 0)
                         : absl::string_view(text.data, text.size);
  return absl::OkStatus();
}

absl::StatusOr<OptionList> ReadOptions(const glue_security_option* options,
                                       size_t count) {
  if (count > kOptionsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are more than ", kOptionsMax, " options"));
  }
  if (options == nullptr && count > 0) {
    return absl::InvalidArgumentError("options have a count but no bytes");
  }
  OptionList list(count);
  for (size_t i = 0; i < count; ++i) {
    absl::Status status = ReadText(options[i].name, &list[i].first);
    if (status.ok()) status = ReadText(options[i].value, &list[i].second);
    if (!status.ok()) return status;
  }
  return list;
}

absl::StatusOr<EmbeddedOptions> ParseOpenOptions(const OptionList& options) {
  constexpr char kPreset[] = "behavior";
  EmbeddedOptions result;
  std::set<absl::string_view> given;
  for (const auto& [name, value] : options) {
    if (!given.insert(name).second) return Wrong(name, "is given twice");
    if (name != kPreset) continue;
    const std::string wrong = SetPreset(value, &result.settings.behavior);
    if (!wrong.empty()) return Wrong(name, wrong);
  }
  // The others change the preset, wherever it stands.
  for (const auto& [name, value] : options) {
    if (name == kPreset) continue;
    const std::string wrong = SetOwnOption(name, value, &result);
    if (!wrong.empty()) return Wrong(name, wrong);
  }
  return result;
}

absl::StatusOr<GluePolicyFlags> ParsePolicyOptions(const std::string& command,
                                                   const OptionList& options) {
  // Flags that say how a program reads and prints.
  constexpr absl::string_view kOthers[] = {"format", "policy", "werror"};
  std::vector<std::string> arguments = {command};
  for (const auto& [name, value] : options) {
    if (name.empty() || absl::StrContains(name, "=") ||
        std::find(std::begin(kOthers), std::end(kOthers), name) !=
            std::end(kOthers)) {
      return Wrong(name, "no such option");
    }
    arguments.push_back(absl::StrCat("--", name, "=", value));
  }
  if (command == "decide") {
    arguments.emplace_back("--policy=policy");
  } else {
    arguments.emplace_back("policy");
  }
  auto flags = ParseGluePolicyFlags(arguments);
  if (const auto* const wrong = std::get_if<std::string>(&flags)) {
    return absl::InvalidArgumentError(*wrong);
  }
  return std::get<GluePolicyFlags>(std::move(flags));
}

}  // namespace glue_security
