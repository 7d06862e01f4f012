#include "glue_security/testing/oracle/answer_comparison.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

// Returns where the value after `name` is in a text of the form
// "(Service: AWSKMS; Error Code: DisabledException; Request ID: ...)"; empty
// when it is not there.
absl::string_view Labelled(absl::string_view text, absl::string_view name) {
  const size_t at = text.find(name);
  if (at == text.npos) return "";
  text.remove_prefix(at + name.size());
  const size_t end = text.find(';');
  return end == text.npos ? "" : text.substr(0, end);
}

// Returns the message of an error that counts, without the id of a request to
// the key service. Without `messages` it is the key service's code alone, and
// only where the messages of both errors have one.
std::string ComparableMessage(const v1::Error& error, const v1::Error& other,
                              bool messages) {
  std::string message = error.message();
  if (error.code() != v1::ERROR_CODE_GLUE_ENCRYPTION) {
    return messages ? message : "";
  }
  if (!messages) {
    constexpr char kCode[] = "Error Code: ";
    return Labelled(other.message(), kCode).empty()
               ? ""
               : std::string(Labelled(message, kCode));
  }
  const absl::string_view id = Labelled(message, "Request ID: ");
  if (!id.empty()) {
    message.replace(static_cast<size_t>(id.data() - message.data()), id.size(),
                    "ID");
  }
  return message;
}

bool SameErrors(const v1::Error& a, const v1::Error& b, bool messages) {
  if (a.code() != b.code() || a.detail() != b.detail() ||
      a.violations_size() != b.violations_size()) {
    return false;
  }
  if ((messages || a.code() == v1::ERROR_CODE_GLUE_ENCRYPTION) &&
      ComparableMessage(a, b, messages) != ComparableMessage(b, a, messages)) {
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

// Removes the texts of the errors in an answer of BatchDeleteConnection.
void DropErrorMessages(v1::Response* answer) {
  for (auto& [name, detail] :
       *answer->mutable_batch_delete_connection()->mutable_errors()) {
    detail.clear_error_message();
  }
}

// Returns true when equal answers may have different bytes.
bool HoldsMaps(const v1::Response& answer) {
  return answer.has_get_connection() || answer.has_get_connections() ||
         answer.has_batch_delete_connection();
}

// Returns the bytes of a message that has maps: equal for equal messages.
void SerializeInOrder(const Message& message, std::string* bytes) {
  bytes->clear();
  google::protobuf::io::StringOutputStream stream(bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
}

// Removes everything that is not compared with `other`.
v1::Response Normalized(v1::Response answer, const v1::Response& other,
                        bool messages) {
  if (!messages && answer.has_batch_delete_connection()) {
    DropErrorMessages(&answer);
  }
  if (answer.has_error()) {
    v1::Error& error = *answer.mutable_error();
    error.set_message(ComparableMessage(error, other.error(), messages));
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

  // The entries of a map have no order of their own, and get that of their
  // keys.
  std::vector<FieldDifference> Release() {
    auto begin = found_.begin();
    while (begin != found_.end()) {
      const auto end = std::find_if(begin, found_.end(), [&](const Found& one) {
        return one.map.empty() || one.map != begin->map;
      });
      if (begin == end) {
        ++begin;
        continue;
      }
      std::stable_sort(begin, end, [](const Found& a, const Found& b) {
        return a.difference.path < b.difference.path;
      });
      begin = end;
    }
    std::vector<FieldDifference> differences;
    for (Found& one : found_) differences.push_back(std::move(one.difference));
    return differences;
  }

 private:
  struct Found {
    FieldDifference difference;
    // The path of the map that it is in; "": none.
    std::string map;
  };

  // Returns the key of an entry of a map.
  static std::string KeyOf(const MessageDifferencer::SpecificField& step) {
    const Message* entry =
        step.map_entry1 != nullptr ? step.map_entry1 : step.map_entry2;
    if (entry == nullptr) return "";
    return entry->GetReflection()->GetString(
        *entry, step.field->message_type()->map_key());
  }

  void Add(const std::vector<MessageDifferencer::SpecificField>& path,
           FieldDifference::Kind kind, const std::string& values) {
    Found& found = found_.emplace_back();
    FieldDifference& difference = found.difference;
    difference.kind = kind;
    std::string& text = difference.path;
    bool is_value = false;
    for (const auto& step : path) {
      if (step.field == nullptr) continue;
      const bool is_properties =
          step.field->is_map() &&
          step.field->containing_type() == v1::StringMap::descriptor();
      if (step.field->is_map()) found.map = text;
      // "connection_properties.HOST", not "connection_properties.elements...".
      const std::string name =
          is_properties ? KeyOf(step) : std::string(step.field->name());
      if (!is_value) absl::StrAppend(&text, text.empty() ? "" : ".", name);
      if (step.field->is_repeated() && !step.field->is_map()) {
        absl::StrAppend(&text, "[",
                        step.index >= 0 ? step.index : step.new_index, "]");
      }
      is_value = is_properties;
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
    const Message* entry = is_new ? step.map_entry2 : step.map_entry1;
    if (step.field->is_map() && entry != nullptr) {
      (void)printer.PrintToString(*entry, &value);
      return absl::StrCat("{ ", value, "}");
    }
    printer.PrintFieldValueToString(message, step.field, index, &value);
    if (step.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return value;
    }
    return absl::StrCat("{ ", value, "}");
  }

  std::vector<Found> found_;
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
  if (!messages_ && a.has_batch_delete_connection()) {
    v1::Response copy_a = a;
    v1::Response copy_b = b;
    DropErrorMessages(&copy_a);
    DropErrorMessages(&copy_b);
    SerializeInOrder(copy_a, &bytes_a_);
    SerializeInOrder(copy_b, &bytes_b_);
  } else if (HoldsMaps(a)) {
    SerializeInOrder(a, &bytes_a_);
    SerializeInOrder(b, &bytes_b_);
  } else {
    a.SerializePartialToString(&bytes_a_);
    b.SerializePartialToString(&bytes_b_);
  }
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
  differencer.Compare(Normalized(expected, actual, messages),
                      Normalized(actual, expected, messages));
  return collector.Release();
}

std::string FirstDifference(const v1::Response& actual,
                            const v1::Response& expected, bool messages) {
  const std::vector<FieldDifference> differences =
      AllDifferences(actual, expected, messages);
  return differences.empty() ? "" : differences.front().text;
}

}  // namespace glue_security
