#include "glue_security/server/control_json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/aws_json/wire_table.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

// The sink of `WalkJsonObject` for an object of scalars.
class FlatObject {
 public:
  void Key(const char*, absl::string_view text) {
    key_ = std::string(text);
    if (members.count(key_) > 0) error = absl::StrCat(key_, ": comes twice");
  }
  void String(const char*, absl::string_view text) {
    members[key_] = std::string(text);
  }
  void Scalar(JsonType, absl::string_view text) { String(nullptr, text); }
  size_t Open(JsonType, const char*) {
    if (depth_++ > 0) error = absl::StrCat(key_, ": neither text nor number");
    return 0;
  }
  void Close(size_t, size_t) {}

  std::map<std::string, std::string> members;
  std::string error;

 private:
  std::string key_;
  size_t depth_ = 0;
};

absl::Status Invalid(absl::string_view member, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(member, ": ", what));
}

constexpr std::pair<const char*, FaultRule::Fault> kFaults[] = {
    {"error", FaultRule::Fault::kError},
    {"lose_request", FaultRule::Fault::kLoseRequest},
    {"lose_answer", FaultRule::Fault::kLoseAnswer},
    {"none", FaultRule::Fault::kNone},
};

absl::Status SetMember(const std::string& name, const std::string& value,
                       FaultRule* rule) {
  if (name == "operation") {
    const WireOperation* const operation =
        WireTable::Get().FindOperation(value);
    if (operation == nullptr) {
      return Invalid(name, "none of the nine operations");
    }
    rule->operation = operation->operation;
  } else if (name == "fault") {
    const auto* const found =
        std::find_if(std::begin(kFaults), std::end(kFaults),
                     [&](const auto& fault) { return value == fault.first; });
    if (found == std::end(kFaults)) {
      return Invalid(name, "error, lose_request, lose_answer or none");
    }
    rule->fault = found->second;
  } else if (name == "error") {
    rule->error = WireTable::Get().FindErrorCode(value);
    if (rule->error == v1::ERROR_CODE_UNSPECIFIED) {
      return Invalid(name, "no exception of the API");
    }
  } else if (name == "message") {
    rule->message = value;
  } else if (name == "account") {
    rule->account_id = value;
  } else if (name == "region") {
    rule->region = value;
  } else if (name == "delay_seconds") {
    double seconds = 0;
    if (!absl::SimpleAtod(value, &seconds)) return Invalid(name, "no number");
    rule->delay = absl::Seconds(seconds);
  } else {
    uint64_t* const number = name == "skip"    ? &rule->skip
                             : name == "every" ? &rule->every
                                               : &rule->count;
    if (name == "count" && value == "forever") {
      rule->count = FaultRule::kForever;
    } else if (!absl::SimpleAtoi(value, number)) {
      return Invalid(name, "no whole number");
    }
  }
  return absl::OkStatus();
}

void AppendText(absl::string_view name, absl::string_view text,
                std::string* out) {
  absl::StrAppend(out, ",\"", name, "\":");
  AppendJsonString(text, out);
}

}  // namespace

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

absl::StatusOr<FaultRule> ParseFaultRule(absl::string_view body) {
  const auto members = ParseFlatObject(
      body, {"operation", "fault", "error", "message", "delay_seconds",
             "account", "region", "skip", "every", "count"});
  if (!members.ok()) return members.status();
  FaultRule rule;
  for (const auto& [name, value] : *members) {
    if (auto status = SetMember(name, value, &rule); !status.ok()) {
      return status;
    }
  }
  return rule;
}

std::string FormatFaultRules(const std::vector<FaultRuleState>& rules) {
  std::string text = "[";
  for (const FaultRuleState& state : rules) {
    const FaultRule& rule = state.rule;
    absl::StrAppend(&text, text.size() > 1 ? "," : "", "{\"id\":", state.id,
                    ",\"matched\":", state.matched, ",\"acted\":", state.acted);
    if (state.remaining == FaultRule::kForever) {
      AppendText("remaining", "forever", &text);
    } else {
      absl::StrAppend(&text, ",\"remaining\":", state.remaining);
    }
    if (rule.operation != kNoOperation) {
      AppendText("operation", OperationName(rule.operation), &text);
    }
    for (const auto& [name, fault] : kFaults) {
      if (fault == rule.fault) AppendText("fault", name, &text);
    }
    if (rule.fault == FaultRule::Fault::kError) {
      AppendText("error", ErrorCodeName(rule.error), &text);
    }
    text.push_back('}');
  }
  text.push_back(']');
  return text;
}

std::string FormatHistoryJson(const History& history) {
  std::string text = "[";
  for (const HistoryEntry& entry : history) {
    absl::StrAppend(&text, text.size() > 1 ? "," : "",
                    "{\"client\":", entry.client, ",\"start\":", entry.start);
    if (entry.end != kNoEnd) absl::StrAppend(&text, ",\"end\":", entry.end);
    AppendText("account", entry.caller.account_id, &text);
    AppendText("region", entry.caller.region, &text);
    AppendText("operation", OperationName(entry.request.operation_case()),
               &text);
    absl::StrAppend(&text, ",\"request\":", EncodeRequest(entry.request).body);
    if (IsUnknown(entry)) absl::StrAppend(&text, ",\"unknown\":true");
    if (entry.response.has_value()) {
      absl::StrAppend(&text,
                      ",\"response\":", EncodeResponse(*entry.response).body);
    }
    text.push_back('}');
  }
  text.push_back(']');
  return text;
}

}  // namespace glue_security
