#include "glue_security/testing/sequences/sequence_report.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/changed_settings.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/testing/sequences/sequence_options.h"
#include "google/protobuf/text_format.h"

namespace glue_security {
namespace {

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  (void)printer.PrintToString(message, &text);
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

// Returns a message as a C++ literal. Text format escapes quotes, so it never
// contains the end of the literal.
std::string Literal(const google::protobuf::Message& message) {
  return absl::StrCat("R\"pb(", OneLine(message), ")pb\"");
}

// Returns the part of an answer that a test can expect: no text of an error,
// unless `messages`, and no token.
v1::Response Expectation(v1::Response answer, bool messages) {
  if (answer.has_error()) {
    if (!messages) answer.mutable_error()->clear_message();
    for (v1::Violation& violation :
         *answer.mutable_error()->mutable_violations()) {
      violation.clear_value();
      violation.clear_requirement();
    }
  }
  if (!NextTokenOf(answer).empty()) ExchangeNextToken("TOKEN", &answer);
  return answer;
}

// A preset and its name.
struct NamedPreset {
  const char* name;
  Behavior behavior;
};

// Returns the preset that is nearest to `behavior`.
NamedPreset NearestPreset(const Behavior& behavior) {
  if (behavior.constraint_error_code ==
      Behavior::Documented().constraint_error_code) {
    return {"Documented", Behavior::Documented()};
  }
  return behavior.api_date == kNewestApiDate
             ? NamedPreset{"Current", Behavior::Current()}
             : NamedPreset{"Observed", Behavior::Observed()};
}

// Returns the nearest preset, and the fields that differ from it.
std::string SettingsAsCode(const Behavior& behavior, const Limits& limits) {
  const auto [name, preset] = NearestPreset(behavior);
  const auto assignments = ChangedSettings(preset, behavior, limits);
  std::string code =
      absl::StrCat("  Behavior behavior = Behavior::", name, "();\n");
  for (const std::string& assignment : assignments) {
    if (!absl::StartsWith(assignment, "behavior.")) continue;
    absl::StrAppend(&code, "  ", assignment, ";\n");
  }
  code += "  Limits limits;\n";
  for (const std::string& assignment : assignments) {
    if (!absl::StartsWith(assignment, "limits.")) continue;
    absl::StrAppend(&code, "  ", assignment, ";\n");
  }
  return code;
}

// Returns "" for the default rules.
std::string RulesAsCode(const AnswerRules& rules) {
  const AnswerRules defaults;
  std::string code;
  if (rules.hashes == AnswerRules::Hashes::kExact) {
    code += "  rules.hashes = AnswerRules::Hashes::kExact;\n";
  } else if (rules.hashes == AnswerRules::Hashes::kOpaqueForEachPut) {
    code += "  rules.hashes = AnswerRules::Hashes::kOpaqueForEachPut;\n";
  }
  const auto add = [&code](const char* name, bool value, bool preset) {
    if (value == preset) return;
    absl::StrAppend(&code, "  rules.", name, " = ", value ? "true" : "false",
                    ";\n");
  };
  add("shows_violations", rules.shows_violations, defaults.shows_violations);
  add("shows_times", rules.shows_times, defaults.shows_times);
  add("honours_clock", rules.honours_clock, defaults.honours_clock);
  return code.empty() ? "" : "  AnswerRules rules;\n" + code;
}

std::string CallerAsCode(const Caller& caller) {
  return absl::StrCat("{", Quoted(caller.account_id), ", ",
                      Quoted(caller.region), ", ", Quoted(caller.principal_arn),
                      "}");
}

}  // namespace

std::string TokenOfCall(size_t number) {
  return absl::StrCat("TOKEN OF CALL ", number);
}

std::string SequenceAsText(const std::vector<SequenceCall>& calls,
                           bool messages) {
  std::string text;
  size_t number = 0;
  for (const SequenceCall& call : calls) {
    absl::StrAppend(&text, ++number, ". ");
    if (call.moved != absl::ZeroDuration()) {
      absl::StrAppend(&text, "clock ",
                      call.moved > absl::ZeroDuration() ? "+" : "",
                      absl::FormatDuration(call.moved), "; ");
    }
    absl::StrAppend(&text, call.caller.account_id, " ", call.caller.region,
                    ": ", OneLine(call.request), "\n");
    if (call.difference.empty()) {
      absl::StrAppend(&text, "   both: ",
                      OneLine(Expectation(call.model_answer, messages)), "\n");
      continue;
    }
    absl::StrAppend(
        &text, "   backend: ", OneLine(call.backend_answer),
        "\n   model:   ", OneLine(call.model_answer), "\n   ",
        call.is_passed_over ? "passed over: " : "first difference: ",
        call.difference);
    if (!call.reason.empty()) absl::StrAppend(&text, " (", call.reason, ")");
    text += "\n";
  }
  return text;
}

std::string SequenceAsCode(const std::vector<SequenceCall>& calls,
                           const SequenceCodeOptions& options) {
  const std::string rules = RulesAsCode(options.rules);
  const bool is_default =
      options.factory_code == SequenceOptions().factory_code;
  std::string code = absl::StrCat(
      "// ", options.comment, "\n",
      is_default ? "// MakeBackend stands for your factory.\n" : "",
      "TEST(SequenceRegression, AnswersLikeTheModel", options.suffix, ") {\n",
      SettingsAsCode(options.behavior, options.limits), rules,
      "  SequenceReplay replay(\n      ", options.factory_code,
      ", behavior, limits,\n      absl::FromUnixMillis(",
      absl::ToUnixMillis(options.start), ")", rules.empty() ? "" : ", rules",
      ");\n");
  for (const SequenceCall& call : calls) {
    const std::string made = absl::StrCat(
        "replay.Call(absl::Microseconds(",
        absl::ToInt64Microseconds(call.moved), "),\n          ",
        CallerAsCode(call.caller), ",\n          ", Literal(call.request),
        ",\n          ",
        Literal(Expectation(call.model_answer, options.messages)), ")");
    if (call.is_passed_over) {
      absl::StrAppend(&code, "  // Passed over: ", call.difference,
                      "\n  (void)", made, ";\n");
    } else {
      absl::StrAppend(&code, "  EXPECT_EQ(\n      ", made, ",\n      \"\");\n");
    }
  }
  return code + "}\n";
}

}  // namespace glue_security
