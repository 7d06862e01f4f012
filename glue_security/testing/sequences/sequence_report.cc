#include "glue_security/testing/sequences/sequence_report.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "google/protobuf/text_format.h"

namespace glue_security {
namespace {

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
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

struct BehaviorFlag {
  const char* name;
  bool Behavior::*field;
};

constexpr BehaviorFlag kFlags[] = {
    {"refuse_unknown_members", &Behavior::refuse_unknown_members},
    {"refuse_resource_arns", &Behavior::refuse_resource_arns},
    {"console_grants_exist", &Behavior::console_grants_exist},
    {"require_role_for_service_role_mode",
     &Behavior::require_role_for_service_role_mode},
    {"observed_patterns", &Behavior::observed_patterns},
    {"cut_quoted_values", &Behavior::cut_quoted_values},
    {"require_hash_to_overwrite", &Behavior::require_hash_to_overwrite},
    {"reprint_policies", &Behavior::reprint_policies},
    {"explain_denials", &Behavior::explain_denials},
    {"denials_name_outermost", &Behavior::denials_name_outermost},
    {"show_default_keys", &Behavior::show_default_keys},
    {"name_configurations_in_errors", &Behavior::name_configurations_in_errors},
    {"limit_s3_encryption_to_one", &Behavior::limit_s3_encryption_to_one},
    {"require_key_for_kms_modes", &Behavior::require_key_for_kms_modes},
    {"limit_page_size", &Behavior::limit_page_size},
    {"empty_token_on_last_page", &Behavior::empty_token_on_last_page}};

const char* NameOf(PolicyChecks checks) {
  switch (checks) {
    case PolicyChecks::kNone:
      return "kNone";
    case PolicyChecks::kJson:
      return "kJson";
    case PolicyChecks::kGrammar:
      return "kGrammar";
    case PolicyChecks::kGlue:
      return "kGlue";
  }
  return "kGlue";
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
std::string BehaviorAsCode(const Behavior& behavior) {
  const auto [name_of_preset, preset] = NearestPreset(behavior);
  std::string code =
      absl::StrCat("  Behavior behavior = Behavior::", name_of_preset, "();\n");
  if (behavior.api_date != preset.api_date) {
    absl::StrAppend(&code, "  behavior.api_date = absl::CivilDay(",
                    behavior.api_date.year(), ", ", behavior.api_date.month(),
                    ", ", behavior.api_date.day(), ");\n");
  }
  for (const auto& [name, field] : kFlags) {
    if (behavior.*field == preset.*field) continue;
    absl::StrAppend(&code, "  behavior.", name, " = ",
                    behavior.*field ? "true" : "false", ";\n");
  }
  if (behavior.constraint_error_code != preset.constraint_error_code) {
    absl::StrAppend(&code, "  behavior.constraint_error_code = v1::",
                    v1::ErrorCode_Name(behavior.constraint_error_code), ";\n");
  }
  if (behavior.must_exist_error_code != preset.must_exist_error_code) {
    absl::StrAppend(&code, "  behavior.must_exist_error_code =\n      v1::",
                    v1::ErrorCode_Name(behavior.must_exist_error_code), ";\n");
  }
  if (behavior.policy_checks != preset.policy_checks) {
    absl::StrAppend(&code, "  behavior.policy_checks = PolicyChecks::",
                    NameOf(behavior.policy_checks), ";\n");
  }
  return code;
}

std::string LimitsAsCode(const Limits& limits) {
  const Limits defaults;
  std::string code = "  Limits limits;\n";
  const auto add = [&](const char* name, auto value, auto preset) {
    if (value == preset) return;
    absl::StrAppend(&code, "  limits.", name, " = ", value, ";\n");
  };
  add("security_configurations_max", limits.security_configurations_max,
      defaults.security_configurations_max);
  add("request_bytes_max", limits.request_bytes_max,
      defaults.request_bytes_max);
  add("response_bytes_max", limits.response_bytes_max,
      defaults.response_bytes_max);
  add("page_size_default", limits.page_size_default,
      defaults.page_size_default);
  add("page_size_observed_max", limits.page_size_observed_max,
      defaults.page_size_observed_max);
  add("quoted_value_code_points_max", limits.quoted_value_code_points_max,
      defaults.quoted_value_code_points_max);
  add("policy_bytes_max", limits.policy_bytes_max, defaults.policy_bytes_max);
  add("policy_depth_max", limits.policy_depth_max, defaults.policy_depth_max);
  add("violations_max", limits.violations_max, defaults.violations_max);
  add("attempts_max", limits.attempts_max, defaults.attempts_max);
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
  std::string code = absl::StrCat(
      "// ", options.comment, "\nTEST(SequenceRegression, AnswersLikeTheModel",
      options.suffix, ") {\n", BehaviorAsCode(options.behavior),
      LimitsAsCode(options.limits), rules, "  SequenceReplay replay(\n      ",
      options.factory_code, ", behavior, limits,\n      absl::FromUnixMillis(",
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
