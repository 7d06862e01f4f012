#include "glue_security/testing/oracle/answer_comparison.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

bool SameErrors(const v1::Error& a, const v1::Error& b, bool messages) {
  if (a.code() != b.code() || a.detail() != b.detail() ||
      a.violations_size() != b.violations_size() ||
      (messages && a.message() != b.message())) {
    return false;
  }
  for (int i = 0; i < a.violations_size(); ++i) {
    if (a.violations(i).path() != b.violations(i).path() ||
        a.violations(i).constraint() != b.violations(i).constraint()) {
      return false;
    }
  }
  return true;
}

// Removes everything that is not compared.
v1::Response Normalized(v1::Response answer, bool messages) {
  if (answer.has_error()) {
    v1::Error& error = *answer.mutable_error();
    if (!messages) error.clear_message();
    for (v1::Violation& violation : *error.mutable_violations()) {
      violation.clear_value();
      violation.clear_requirement();
    }
  }
  if (!NextTokenOf(answer).empty()) ExchangeNextToken("TOKEN", &answer);
  return answer;
}

// Keeps the differences, as "actual instead of expected".
class Collector : public MessageDifferencer::Reporter {
 public:
  void ReportAdded(
      const Message&, const Message& actual,
      const std::vector<MessageDifferencer::SpecificField>& path) override {
    Add(path, FieldDifference::Kind::kUnexpected,
        absl::StrCat(ValueAt(actual, path, /*is_new=*/true),
                     " instead of nothing"));
  }
  void ReportDeleted(
      const Message& expected, const Message&,
      const std::vector<MessageDifferencer::SpecificField>& path) override {
    Add(path, FieldDifference::Kind::kMissing,
        absl::StrCat("nothing instead of ",
                     ValueAt(expected, path, /*is_new=*/false)));
  }
  void ReportModified(
      const Message& expected, const Message& actual,
      const std::vector<MessageDifferencer::SpecificField>& path) override {
    // The fields of a message that differs have been reported.
    const FieldDescriptor* field = path.back().field;
    if (field != nullptr &&
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return;
    }
    Add(path, FieldDifference::Kind::kDifferent,
        absl::StrCat(ValueAt(actual, path, true), " instead of ",
                     ValueAt(expected, path, false)));
  }

  std::vector<FieldDifference> Release() { return std::move(differences_); }

 private:
  void Add(const std::vector<MessageDifferencer::SpecificField>& path,
           FieldDifference::Kind kind, const std::string& values) {
    FieldDifference& difference = differences_.emplace_back();
    difference.kind = kind;
    std::string& text = difference.path;
    for (const auto& step : path) {
      if (step.field == nullptr) continue;
      absl::StrAppend(&text, text.empty() ? "" : ".", step.field->name());
      if (step.field->is_repeated()) {
        absl::StrAppend(&text, "[",
                        step.index >= 0 ? step.index : step.new_index, "]");
      }
    }
    difference.text = absl::StrCat(text, ": ", values);
  }

  // Returns the value of the last field of the path, which `message` has.
  static std::string ValueAt(
      const Message& message,
      const std::vector<MessageDifferencer::SpecificField>& path, bool is_new) {
    const auto& step = path.back();
    if (step.field == nullptr) return "an unknown field";
    int index = -1;
    if (step.field->is_repeated()) {
      index = is_new ? step.new_index : step.index;
    }
    std::string value;
    google::protobuf::TextFormat::Printer printer;
    printer.SetSingleLineMode(true);
    printer.PrintFieldValueToString(message, step.field, index, &value);
    if (step.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return value;
    }
    return absl::StrCat("{ ", value, "}");
  }

  std::vector<FieldDifference> differences_;
};

// Returns the error, or "success", or "no answer".
std::string OutcomeOf(const v1::Response& answer) {
  if (answer.outcome_case() == v1::Response::OUTCOME_NOT_SET) {
    return "no answer";
  }
  if (!answer.has_error()) return "success";
  const absl::string_view name = ErrorCodeName(answer.error().code());
  return name.empty() ? absl::StrCat("error ", answer.error().code())
                      : std::string(name);
}

// Returns the outcome with the operation of a success.
std::string FullOutcomeOf(const v1::Response& answer) {
  const auto* field = v1::Response::descriptor()->FindFieldByNumber(
      static_cast<int>(answer.outcome_case()));
  return answer.has_error() || field == nullptr
             ? OutcomeOf(answer)
             : absl::StrCat("a success of ", field->name());
}

}  // namespace

bool AnswerComparison::Same(v1::Response& a, v1::Response& b) {
  if (a.outcome_case() != b.outcome_case()) return false;
  if (a.has_error()) return SameErrors(a.error(), b.error(), messages_);
  const bool has_token = !NextTokenOf(a).empty();
  if (has_token == NextTokenOf(b).empty()) return false;
  std::string kept_a;
  std::string kept_b;
  if (has_token) {
    kept_a = ExchangeNextToken("", &a);
    kept_b = ExchangeNextToken("", &b);
  }
  // No message has a map, so equal messages have equal bytes.
  a.SerializePartialToString(&bytes_a_);
  b.SerializePartialToString(&bytes_b_);
  if (has_token) {
    ExchangeNextToken(std::move(kept_a), &a);
    ExchangeNextToken(std::move(kept_b), &b);
  }
  return bytes_a_ == bytes_b_;
}

std::vector<FieldDifference> AllDifferences(const v1::Response& actual,
                                            const v1::Response& expected,
                                            bool messages) {
  std::string actually = OutcomeOf(actual);
  std::string wanted = OutcomeOf(expected);
  if (actually == wanted && actual.outcome_case() != expected.outcome_case()) {
    actually = FullOutcomeOf(actual);
    wanted = FullOutcomeOf(expected);
  }
  if (actually != wanted) {
    return {{"", FieldDifference::Kind::kDifferent,
             absl::StrCat(actually, " instead of ", wanted)}};
  }
  Collector collector;
  MessageDifferencer differencer;
  differencer.ReportDifferencesTo(&collector);
  differencer.Compare(Normalized(expected, messages),
                      Normalized(actual, messages));
  return collector.Release();
}

std::string FirstDifference(const v1::Response& actual,
                            const v1::Response& expected, bool messages) {
  const std::vector<FieldDifference> differences =
      AllDifferences(actual, expected, messages);
  return differences.empty() ? "" : differences.front().text;
}

}  // namespace glue_security
