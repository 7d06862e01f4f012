#include "glue_security/control/control_json.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/encryption/kms_json/kms_exceptions.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/utf8_text.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

// The sink of `WalkJsonObject` for an object of scalars.
class FlatObject {
 public:
  void Key(const char*, absl::string_view text) {
    if (!error.empty()) return;
    key_ = std::string(text);
    if (members.count(key_) > 0) {
      error = absl::StrCat(PlainText(key_), ": is given twice");
    } else if (members.size() == kMembersMax) {
      error = absl::StrCat("more than ", kMembersMax, " members");
    }
  }
  void String(const char*, absl::string_view text) {
    if (error.empty()) members[key_] = std::string(text);
  }
  void Scalar(JsonType, absl::string_view text) { String(nullptr, text); }
  size_t Open(JsonType, const char*) {
    if (depth_++ > 0 && error.empty()) {
      error = absl::StrCat(PlainText(key_), ": neither text nor number");
    }
    return 0;
  }
  void Close(size_t, size_t) {}

  std::map<std::string, std::string> members;
  std::string error;

 private:
  static constexpr size_t kMembersMax = 64;

  std::string key_;
  size_t depth_ = 0;
};

absl::Status Invalid(absl::string_view member, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(PlainText(member), ": ", what));
}

// Removes the digits at the start of `text`. Returns their number.
size_t ConsumeDigits(absl::string_view* text) {
  size_t digits = 0;
  while (digits < text->size() &&
         absl::ascii_isdigit(static_cast<unsigned char>((*text)[digits]))) {
    ++digits;
  }
  text->remove_prefix(digits);
  return digits;
}

// Removes the first character of `text` if it is one of `any`.
bool ConsumeAny(absl::string_view any, absl::string_view* text) {
  if (text->empty() || any.find(text->front()) == absl::string_view::npos) {
    return false;
  }
  text->remove_prefix(1);
  return true;
}

// Returns the shortest decimal number of seconds that is read back as
// `duration`.
std::string FormatSeconds(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  constexpr int kDigitsMax = 17;
  std::string text;
  for (int digits = 1; digits <= kDigitsMax; ++digits) {
    text = absl::StrFormat("%.*g", digits, seconds);
    const auto read = ReadNumber(text);
    if (read.has_value() && absl::Seconds(*read) == duration) break;
  }
  return text;
}

constexpr std::pair<const char*, FaultRule::Fault> kFaults[] = {
    {"error", FaultRule::Fault::kError},
    {"lose_request", FaultRule::Fault::kLoseRequest},
    {"lose_answer", FaultRule::Fault::kLoseAnswer},
    {"none", FaultRule::Fault::kNone},
};

const char* SetOperation(const std::string& value, FaultRule* rule) {
  const OperationSchema* const operation =
      ApiSchema::Get().FindOperation(value);
  if (operation == nullptr) return "not an operation";
  rule->operation = operation->operation;
  return nullptr;
}

const char* SetFault(const std::string& value, FaultRule* rule) {
  for (const auto& [name, fault] : kFaults) {
    if (value != name) continue;
    rule->fault = fault;
    return nullptr;
  }
  return "must be error, lose_request, lose_answer or none";
}

const char* SetError(const std::string& value, FaultRule* rule) {
  rule->error = ApiSchema::Get().FindErrorCode(value);
  return rule->error == v1::ERROR_CODE_UNSPECIFIED
             ? "not an exception of the API"
             : nullptr;
}

const char* SetKeyError(const std::string& value, FaultRule* rule) {
  if (std::find(std::begin(kKmsExceptions), std::end(kKmsExceptions),
                absl::string_view(value)) == std::end(kKmsExceptions)) {
    return "not an exception of KMS";
  }
  rule->key_error = value;
  return nullptr;
}

const char* SetKeyCall(const std::string& value, FaultRule* rule) {
  if (value != kAnyKeyCall && !FindKmsOperation(value).has_value()) {
    return "not an operation of KMS that is known here, nor any";
  }
  rule->key_call = value;
  return nullptr;
}

constexpr std::pair<const char*, FaultRule::Via> kVias[] = {
    {"any", FaultRule::Via::kAny},
    {"glue", FaultRule::Via::kGlue},
    {"direct", FaultRule::Via::kDirect},
};

const char* SetVia(const std::string& value, FaultRule* rule) {
  for (const auto& [name, via] : kVias) {
    if (value != name) continue;
    rule->via = via;
    return nullptr;
  }
  return "must be any, glue or direct";
}

template <auto member>
const char* SetText(const std::string& value, FaultRule* rule) {
  rule->*member = value;
  return nullptr;
}

const char* SetDelay(const std::string& value, FaultRule* rule) {
  const auto seconds = ReadNumber(value);
  if (!seconds.has_value()) return "not a number";
  rule->delay = absl::Seconds(*seconds);
  return nullptr;
}

template <auto member>
const char* SetNumber(const std::string& value, FaultRule* rule) {
  const auto number = ReadWholeNumber(value);
  if (!number.has_value()) return "not a whole number";
  rule->*member = *number;
  return nullptr;
}

const char* SetCount(const std::string& value, FaultRule* rule) {
  if (value != "forever") return SetNumber<&FaultRule::count>(value, rule);
  rule->count = FaultRule::kForever;
  return nullptr;
}

// A member of a fault rule in JSON. `set` returns what is wrong with the value,
// or nullptr. It is null for the members of the state of a rule, which are
// ignored.
struct RuleMember {
  const char* name;
  const char* (*set)(const std::string& value, FaultRule* rule);
};

constexpr RuleMember kRuleMembers[] = {
    {"operation", SetOperation},
    {"key_call", SetKeyCall},
    {"via", SetVia},
    {"fault", SetFault},
    {"error", SetError},
    {"message", SetText<&FaultRule::message>},
    {"delay_seconds", SetDelay},
    {"account", SetText<&FaultRule::account_id>},
    {"region", SetText<&FaultRule::region>},
    {"principal", SetText<&FaultRule::principal_arn>},
    {"skip", SetNumber<&FaultRule::skip>},
    {"every", SetNumber<&FaultRule::every>},
    {"count", SetCount},
    {"id", nullptr},
    {"matched", nullptr},
    {"acted", nullptr},
    {"remaining", nullptr},
};

}  // namespace

void AppendText(absl::string_view name, absl::string_view text,
                std::string* out) {
  absl::StrAppend(out, ",\"", name, "\":");
  AppendJsonString(IsUtf8(text) ? text : absl::string_view(ToUtf8(text)), out);
}

absl::StatusOr<std::map<std::string, std::string>> ParseFlatObject(
    absl::string_view body, const std::vector<absl::string_view>& known) {
  const BorrowedJsonScratch scratch;
  FlatObject object;
  constexpr size_t kDepthMax = 8;
  if (auto error = WalkJsonObject(body, kDepthMax, scratch.get(), &object)) {
    return absl::InvalidArgumentError(
        absl::StrCat("byte ", error->offset, ": ", error->message));
  }
  if (!object.error.empty()) return absl::InvalidArgumentError(object.error);
  for (const auto& [name, value] : object.members) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Invalid(name, "no such member");
    }
  }
  return std::move(object.members);
}

absl::StatusOr<std::optional<BackendSettings>> ParseSettings(
    absl::string_view body, const BackendSettings& start) {
  if (absl::StripAsciiWhitespace(body).empty()) return std::nullopt;
  constexpr char kPreset[] = "behavior";
  std::vector<absl::string_view> known = {kPreset};
  for (const Setting& setting : kSettings) known.emplace_back(setting.name);
  auto members = ParseFlatObject(body, known);
  if (!members.ok()) return members.status();
  if (members->empty()) return std::nullopt;
  BackendSettings settings = start;
  if (const auto preset = members->find(kPreset); preset != members->end()) {
    const std::string wrong = SetPreset(preset->second, &settings.behavior);
    if (!wrong.empty()) return Invalid(kPreset, wrong);
    members->erase(preset);
  }
  for (const auto& [name, value] : *members) {
    const std::string wrong = FindSetting(name)->Set(value, &settings);
    if (!wrong.empty()) return Invalid(name, wrong);
  }
  return settings;
}

absl::StatusOr<FaultRule> ParseFaultRule(absl::string_view body) {
  std::vector<absl::string_view> known;
  for (const RuleMember& member : kRuleMembers) known.emplace_back(member.name);
  const auto members = ParseFlatObject(body, known);
  if (!members.ok()) return members.status();
  FaultRule rule;
  const bool is_for_keys = members->count("key_call") > 0;
  for (const auto& [name, value] : *members) {
    for (const RuleMember& member : kRuleMembers) {
      if (member.set == nullptr || name != member.name) continue;
      const bool is_key_error = is_for_keys && member.set == SetError;
      const char* const error =
          is_key_error ? SetKeyError(value, &rule) : member.set(value, &rule);
      if (error != nullptr) return Invalid(name, error);
    }
  }
  if (!is_for_keys && rule.via != FaultRule::Via::kAny) {
    return Invalid("via", "only with key_call");
  }
  return rule;
}

std::optional<double> ReadNumber(absl::string_view text) {
  absl::string_view rest = text;
  ConsumeAny("-", &rest);
  bool is_number = ConsumeDigits(&rest) > 0;
  if (ConsumeAny(".", &rest)) is_number &= ConsumeDigits(&rest) > 0;
  if (ConsumeAny("eE", &rest)) {
    ConsumeAny("+-", &rest);
    is_number &= ConsumeDigits(&rest) > 0;
  }
  double number = 0;
  if (!is_number || !rest.empty() || !absl::SimpleAtod(text, &number) ||
      !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<uint64_t> ReadWholeNumber(absl::string_view text) {
  constexpr size_t kDigitsMax = 20;
  absl::string_view rest = text;
  uint64_t number = 0;
  if (ConsumeDigits(&rest) == 0 || !rest.empty() || text.size() > kDigitsMax ||
      !absl::SimpleAtoi(text, &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<absl::Time> ReadTime(absl::string_view text) {
  // Without these checks absl::ParseTime also accepts years of other lengths,
  // blanks and "infinite-future".
  constexpr size_t kYearDigits = 4;
  absl::string_view rest = text;
  absl::Time time;
  std::string error;
  if (ConsumeDigits(&rest) != kYearDigits || rest.empty() ||
      !absl::ascii_isalnum(static_cast<unsigned char>(text.back())) ||
      !absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) {
    return std::nullopt;
  }
  return time;
}

namespace {

void AppendFaultRule(const FaultRuleState& state, std::string* out) {
  const FaultRule& rule = state.rule;
  const auto append_count = [out](absl::string_view name, uint64_t number) {
    if (number == FaultRule::kForever) {
      AppendText(name, "forever", out);
    } else {
      absl::StrAppend(out, ",\"", name, "\":", number);
    }
  };
  const auto append_optional = [out](absl::string_view name,
                                     const std::optional<std::string>& text) {
    if (text.has_value()) AppendText(name, *text, out);
  };
  absl::StrAppend(out, "{\"id\":", state.id, ",\"matched\":", state.matched,
                  ",\"acted\":", state.acted);
  append_count("remaining", state.remaining);
  if (rule.operation != kNoOperation) {
    AppendText("operation", OperationName(rule.operation), out);
  }
  append_optional("key_call", rule.key_call);
  for (const auto& [name, via] : kVias) {
    if (rule.key_call.has_value() && via == rule.via) {
      AppendText("via", name, out);
    }
  }
  append_optional("account", rule.account_id);
  append_optional("region", rule.region);
  append_optional("principal", rule.principal_arn);
  absl::StrAppend(out, ",\"skip\":", rule.skip, ",\"every\":", rule.every);
  append_count("count", rule.count);
  for (const auto& [name, fault] : kFaults) {
    if (fault == rule.fault) AppendText("fault", name, out);
  }
  // Has no effect with other faults, but is part of the rule.
  if (rule.key_call.has_value()) {
    AppendText("error", rule.key_error, out);
  } else if (const absl::string_view error = ErrorCodeName(rule.error);
             !error.empty() && (rule.fault == FaultRule::Fault::kError ||
                                rule.error != FaultRule().error)) {
    AppendText("error", error, out);
  }
  AppendText("message", rule.message, out);
  absl::StrAppend(out, ",\"delay_seconds\":", FormatSeconds(rule.delay), "}");
}

}  // namespace

std::string FormatFaultRules(const std::vector<FaultRuleState>& rules) {
  std::string text = "[";
  for (const FaultRuleState& state : rules) {
    if (text.size() > 1) text.push_back(',');
    AppendFaultRule(state, &text);
  }
  text.push_back(']');
  return text;
}

absl::Status CheckSnapshotName(absl::string_view name) {
  constexpr size_t kSnapshotNameBytesMax = 128;
  const bool is_plain =
      !name.empty() && name.size() <= kSnapshotNameBytesMax &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (is_plain) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a snapshot's name must have 1 to ", kSnapshotNameBytesMax,
                   " characters of A-Z, a-z, 0-9, '.', '_' and '-', not '",
                   PlainText(name), "'"));
}

}  // namespace glue_security
