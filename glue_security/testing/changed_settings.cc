#include "glue_security/testing/changed_settings.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/setting.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

std::string Literal(bool value) { return value ? "true" : "false"; }
std::string Literal(absl::CivilDay day) {
  return absl::StrCat("absl::CivilDay(", day.year(), ", ", day.month(), ", ",
                      day.day(), ")");
}
std::string Literal(v1::ErrorCode code) {
  return absl::StrCat("v1::", v1::ErrorCode_Name(code));
}
std::string Literal(PolicyChecks checks) {
  switch (checks) {
    case PolicyChecks::kNone:
      return "PolicyChecks::kNone";
    case PolicyChecks::kJson:
      return "PolicyChecks::kJson";
    case PolicyChecks::kGrammar:
      return "PolicyChecks::kGrammar";
    default:
      return "PolicyChecks::kGlue";
  }
}
std::string Literal(PasswordProtection protection) {
  switch (protection) {
    case PasswordProtection::kFlag:
      return "PasswordProtection::kFlag";
    case PasswordProtection::kKey:
      return "PasswordProtection::kKey";
    case PasswordProtection::kFlagOrKey:
      break;
  }
  return "PasswordProtection::kFlagOrKey";
}
template <typename Number>
std::string Literal(Number value) {
  return absl::StrCat(value);
}

// Returns the assignment to a field that differs from the usual one, or "".
struct Assignment {
  template <typename T>
  std::string operator()(T Behavior::*field) const {
    return Assign("behavior", usual.behavior.*field, settings.behavior.*field);
  }
  template <typename T>
  std::string operator()(T Limits::*field) const {
    return Assign("limits", usual.limits.*field, settings.limits.*field);
  }
  template <typename T>
  std::string Assign(const char* variable, const T& before,
                     const T& now) const {
    if (before == now) return "";
    return absl::StrCat(variable, ".", name, " = ", Literal(now));
  }

  const char* name;
  const BackendSettings& usual;
  const BackendSettings& settings;
};

}  // namespace

std::vector<std::string> ChangedSettings(const Behavior& preset,
                                         const Behavior& behavior,
                                         const Limits& limits) {
  const BackendSettings usual = {preset, Limits()};
  const BackendSettings settings = {behavior, limits};
  std::vector<std::string> changed;
  for (const Setting& setting : kSettings) {
    std::string assignment =
        std::visit(Assignment{setting.name, usual, settings}, setting.field);
    if (!assignment.empty()) changed.push_back(std::move(assignment));
  }
  return changed;
}

}  // namespace glue_security
