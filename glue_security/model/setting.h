// Setting: a field of `Behavior` or `Limits` by its name, with its value as
// text. `kSettings` lists all of them, so that flags, control and reports need
// no lists of their own.
//
//   BackendSettings settings;
//   FindSetting("policy_checks")->Set("json", &settings);        // ""
//   FindSetting("page_size_default")->Set("0", &settings);
//       // "must be a number from 1 to 1000"; nothing is changed
//
// A new field needs a row in `kSettings`; setting.cc does not compile without
// it.

#ifndef GLUE_SECURITY_MODEL_SETTING_H_
#define GLUE_SECURITY_MODEL_SETTING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/text_value.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// The settings that a backend runs with.
struct BackendSettings {
  Behavior behavior = Behavior::Documented();
  Limits limits;
};

inline constexpr Words<PolicyChecks, 4> kPolicyChecksNames = {{
    {"none", PolicyChecks::kNone},
    {"json", PolicyChecks::kJson},
    {"grammar", PolicyChecks::kGrammar},
    {"glue", PolicyChecks::kGlue},
}};

inline constexpr Words<PasswordProtection, 3> kPasswordProtectionNames = {{
    {"flag", PasswordProtection::kFlag},
    {"key", PasswordProtection::kKey},
    {"flag_or_key", PasswordProtection::kFlagOrKey},
}};

// Sets the behavior to the preset "documented", "observed" or "current".
// Returns "" or, nothing changed, what the text must be.
std::string SetPreset(absl::string_view text, Behavior* behavior);

struct Setting {
  using Field =
      std::variant<bool Behavior::*, absl::CivilDay Behavior::*,
                   v1::ErrorCode Behavior::*, PolicyChecks Behavior::*,
                   PasswordProtection Behavior::*, int32_t Limits::*,
                   int64_t Limits::*, size_t Limits::*>;

  // Sets the value from text, as `Text` returns it. Returns "" or, nothing
  // changed, what the text must be: "must be true or false".
  std::string Set(absl::string_view text, BackendSettings* settings) const;

  // Returns "true" or "false", a date, the wire name of an exception, the name
  // of a level of checks or a kind of protection, or a decimal number. None has
  // a character that JSON would escape.
  std::string Text(const BackendSettings& settings) const;

  // Returns true when both have the same value.
  bool IsSame(const BackendSettings& a, const BackendSettings& b) const {
    return Text(a) == Text(b);
  }

  // False: it is a field of `Behavior`.
  bool is_limit() const;

  // The name of the field.
  const char* name;
  Field field;
  // The bounds of a number, both included. The engine takes any; these keep a
  // server's memory and time bounded.
  int64_t min = 0;
  int64_t max = 0;
  // The values of an error code.
  v1::ErrorCode codes[2] = {};
};

// All fields, in the order of the structures.
#define GLUE_SECURITY_BEHAVIOR(field) #field, &Behavior::field
#define GLUE_SECURITY_LIMIT(field) #field, &Limits::field
inline constexpr Setting kSettings[] = {
    {GLUE_SECURITY_BEHAVIOR(api_date)},
    {GLUE_SECURITY_BEHAVIOR(refuse_unknown_members)},
    {GLUE_SECURITY_BEHAVIOR(refuse_resource_arns)},
    {GLUE_SECURITY_BEHAVIOR(console_grants_exist)},
    {GLUE_SECURITY_BEHAVIOR(require_role_for_service_role_mode)},
    {GLUE_SECURITY_BEHAVIOR(observed_patterns)},
    {GLUE_SECURITY_BEHAVIOR(cut_quoted_values)},
    {GLUE_SECURITY_BEHAVIOR(constraint_error_code),
     0,
     0,
     {v1::ERROR_CODE_INVALID_INPUT, v1::ERROR_CODE_VALIDATION}},
    {GLUE_SECURITY_BEHAVIOR(must_exist_error_code),
     0,
     0,
     {v1::ERROR_CODE_CONDITION_CHECK_FAILURE, v1::ERROR_CODE_ENTITY_NOT_FOUND}},
    {GLUE_SECURITY_BEHAVIOR(require_hash_to_overwrite)},
    {GLUE_SECURITY_BEHAVIOR(policy_checks)},
    {GLUE_SECURITY_BEHAVIOR(reprint_policies)},
    {GLUE_SECURITY_BEHAVIOR(explain_denials)},
    {GLUE_SECURITY_BEHAVIOR(denials_name_outermost)},
    {GLUE_SECURITY_BEHAVIOR(password_protection)},
    {GLUE_SECURITY_BEHAVIOR(show_default_keys)},
    {GLUE_SECURITY_BEHAVIOR(name_configurations_in_errors)},
    {GLUE_SECURITY_BEHAVIOR(limit_s3_encryption_to_one)},
    {GLUE_SECURITY_BEHAVIOR(require_key_for_kms_modes)},
    {GLUE_SECURITY_BEHAVIOR(policies_need_catalog_key)},
    {GLUE_SECURITY_BEHAVIOR(limit_page_size)},
    {GLUE_SECURITY_BEHAVIOR(empty_token_on_last_page)},
    {GLUE_SECURITY_LIMIT(security_configurations_max), 0, 1'000'000'000},
    {GLUE_SECURITY_LIMIT(connections_max), 0, 1'000'000'000},
    {GLUE_SECURITY_LIMIT(request_bytes_max), 1, int64_t{1} << 30},
    {GLUE_SECURITY_LIMIT(response_bytes_max), 1, int64_t{16} << 20},
    {GLUE_SECURITY_LIMIT(page_size_default), 1, 1000},
    {GLUE_SECURITY_LIMIT(page_size_observed_max), 1, 1000},
    {GLUE_SECURITY_LIMIT(quoted_value_code_points_max), 1, 1'000'000},
    {GLUE_SECURITY_LIMIT(policy_bytes_max), 1, int64_t{1} << 30},
    {GLUE_SECURITY_LIMIT(policy_depth_max), 1, 1024},
    {GLUE_SECURITY_LIMIT(violations_max), 1, 1'000'000},
    {GLUE_SECURITY_LIMIT(attempts_max), 1, 1'000'000},
};
#undef GLUE_SECURITY_BEHAVIOR
#undef GLUE_SECURITY_LIMIT

// Returns the setting with this name; nullptr when there is none.
const Setting* FindSetting(absl::string_view name);

// Returns `{"api_date":"2019-09-12",…}`: all settings, texts as JSON strings,
// numbers and booleans as such.
std::string SettingsAsJson(const BackendSettings& settings);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_SETTING_H_
