#include "glue_security/model/setting.h"

#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// --- Counting the fields of a structure

struct Anything {
  template <typename T>
  // NOLINTNEXTLINE(google-explicit-constructor): it is declared only.
  operator T() const;
};

template <typename T, size_t... kIndexes>
constexpr auto TakesValues(std::index_sequence<kIndexes...>)
    -> decltype(T{(void(kIndexes), Anything())...}, true) {
  return true;
}
template <typename T>
constexpr bool TakesValues(...) {
  return false;
}

template <typename T, size_t kCount = 1>
constexpr size_t FieldsOf() {
  if constexpr (TakesValues<T>(std::make_index_sequence<kCount>())) {
    return FieldsOf<T, kCount + 1>();
  } else {
    return kCount - 1;
  }
}

static_assert(FieldsOf<Behavior>() + FieldsOf<Limits>() == std::size(kSettings),
              "every field of Behavior and Limits has a row in kSettings");

// --- Values

template <typename T>
T& At(BackendSettings& settings, T Behavior::*field) {
  return settings.behavior.*field;
}
template <typename T>
T& At(BackendSettings& settings, T Limits::*field) {
  return settings.limits.*field;
}
template <typename T>
const T& At(const BackendSettings& settings, T Behavior::*field) {
  return settings.behavior.*field;
}
template <typename T>
const T& At(const BackendSettings& settings, T Limits::*field) {
  return settings.limits.*field;
}

std::string SetValue(const Setting& /*setting*/, absl::string_view text,
                     bool* value) {
  constexpr Words<bool, 2> kWords = {{{"true", true}, {"false", false}}};
  return SetWord(text, kWords, value);
}

// A date that is not known is refused, since its model is not known either.
std::string SetValue(const Setting& /*setting*/, absl::string_view text,
                     absl::CivilDay* value) {
  absl::CivilDay date;
  // The parser also takes other spellings of a date.
  if (!absl::ParseCivilTime(text, &date) ||
      absl::FormatCivilTime(date) != text || date < kContractDate ||
      date > kNewestApiDate) {
    return absl::StrCat("must be a date from ",
                        absl::FormatCivilTime(kContractDate), " to ",
                        absl::FormatCivilTime(kNewestApiDate));
  }
  *value = date;
  return "";
}

std::string SetValue(const Setting& setting, absl::string_view text,
                     v1::ErrorCode* value) {
  std::vector<absl::string_view> names;
  for (const v1::ErrorCode code : setting.codes) {
    names.push_back(ErrorCodeName(code));
    if (text != names.back()) continue;
    *value = code;
    return "";
  }
  return MustBeOneOf(names);
}

std::string SetValue(const Setting& /*setting*/, absl::string_view text,
                     PolicyChecks* value) {
  return SetWord(text, kPolicyChecksNames, value);
}

std::string SetValue(const Setting& /*setting*/, absl::string_view text,
                     PasswordProtection* value) {
  return SetWord(text, kPasswordProtectionNames, value);
}

template <typename Number>
std::string SetValue(const Setting& setting, absl::string_view text,
                     Number* value) {
  return SetNumber(text, setting.min, setting.max, value);
}

std::string TextOf(bool value) { return value ? "true" : "false"; }
std::string TextOf(absl::CivilDay value) {
  return absl::FormatCivilTime(value);
}
std::string TextOf(v1::ErrorCode value) {
  return std::string(ErrorCodeName(value));
}
std::string TextOf(PolicyChecks value) {
  return std::string(WordOf(value, kPolicyChecksNames));
}
std::string TextOf(PasswordProtection value) {
  return std::string(WordOf(value, kPasswordProtectionNames));
}
template <typename Number>
std::string TextOf(Number value) {
  return absl::StrCat(value);
}

template <typename T>
constexpr bool kIsText = !std::is_arithmetic_v<T>;

}  // namespace

std::string SetPreset(absl::string_view text, Behavior* behavior) {
  using Preset = Behavior (*)();
  constexpr Words<Preset, 3> kPresets = {{
      {"documented", &Behavior::Documented},
      {"observed", &Behavior::Observed},
      {"current", &Behavior::Current},
  }};
  Preset preset = nullptr;
  std::string wrong = SetWord(text, kPresets, &preset);
  if (preset != nullptr) *behavior = preset();
  return wrong;
}

std::string Setting::Set(absl::string_view text,
                         BackendSettings* settings) const {
  return std::visit(
      [&](auto member) {
        return SetValue(*this, text, &At(*settings, member));
      },
      field);
}

std::string Setting::Text(const BackendSettings& settings) const {
  return std::visit([&](auto member) { return TextOf(At(settings, member)); },
                    field);
}

bool Setting::is_limit() const {
  return std::holds_alternative<int32_t Limits::*>(field) ||
         std::holds_alternative<int64_t Limits::*>(field) ||
         std::holds_alternative<size_t Limits::*>(field);
}

const Setting* FindSetting(absl::string_view name) {
  for (const Setting& setting : kSettings) {
    if (name == setting.name) return &setting;
  }
  return nullptr;
}

std::string SettingsAsJson(const BackendSettings& settings) {
  std::string json = "{";
  for (const Setting& setting : kSettings) {
    const char* const quote = std::visit(
        [&](auto member) {
          using Value = std::decay_t<decltype(At(settings, member))>;
          return kIsText<Value> ? "\"" : "";
        },
        setting.field);
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", setting.name,
                    "\":", quote, setting.Text(settings), quote);
  }
  return json + "}";
}

}  // namespace glue_security
