#include "glue_security/policy/glue_policy_output.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/json/json_escape.h"
#include "glue_security/policy/truth.h"
#include "simdjson.h"

namespace glue_security {
namespace {

// ---- Text

// Returns the lines of `text`, which end with LF, CR or CRLF.
std::vector<absl::string_view> SplitLines(absl::string_view text) {
  std::vector<absl::string_view> lines;
  size_t begin = 0;
  size_t end;
  while ((end = text.find_first_of("\r\n", begin)) != absl::string_view::npos) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + (absl::StartsWith(text.substr(end), "\r\n") ? 2 : 1);
  }
  lines.push_back(text.substr(begin));
  return lines;
}

std::vector<absl::string_view> SplitCodePoints(absl::string_view line) {
  std::vector<absl::string_view> points;
  for (size_t begin = 0; begin < line.size(); begin += points.back().size()) {
    size_t size = 1;
    while (begin + size < line.size() && (line[begin + size] & 0xC0) == 0x80) {
      ++size;
    }
    points.push_back(line.substr(begin, size));
  }
  return points;
}

// Replaces control characters, so that they do not reach the terminal.
std::string Shown(absl::string_view text) {
  std::string shown(text.data(), text.size());
  for (char& c : shown) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = '?';
  }
  return shown;
}

// Appends the line, cut around the column when it is long, and a caret below
// it.
void AppendLine(absl::string_view line, size_t column, std::string* out) {
  constexpr size_t kWidth = 80;
  const auto points = SplitCodePoints(line);
  const size_t place = std::min(column - 1, points.size());
  const size_t begin =
      points.size() > kWidth && place > kWidth / 2
          ? std::min(place - kWidth / 2, points.size() - kWidth)
          : 0;
  const size_t end = std::min(points.size(), begin + kWidth);
  std::string shown = begin > 0 ? "..." : "";
  std::string caret = begin > 0 ? "   " : "";
  for (size_t i = begin; i < end; ++i) {
    // A tab in the caret's line keeps it aligned with the line above.
    const bool is_tab = points[i] == "\t";
    absl::StrAppend(&shown, is_tab ? "\t" : Shown(points[i]));
    if (i < place) absl::StrAppend(&caret, is_tab ? "\t" : " ");
  }
  absl::StrAppend(out, shown, end < points.size() ? "..." : "", "\n", caret,
                  "^\n");
}

// Appends how an element matched the request.
void AppendElement(absl::string_view name, const ElementReason& reason,
                   std::string* out) {
  absl::StrAppend(out, "  ", reason.is_negated ? "Not" : "", name, ": ");
  if (reason.entry.empty()) {
    absl::StrAppend(out, "no entry matches\n");
  } else {
    absl::StrAppend(
        out, "\"", Shown(reason.entry), "\" ",
        reason.matched == Truth::kUndecided ? "may match\n" : "matches\n");
  }
}

absl::string_view SeverityName(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

absl::string_view NamedAsName(NamedAs named_as) {
  switch (named_as) {
    case NamedAs::kNobody:
      break;
    case NamedAs::kAccount:
      return "account";
    case NamedAs::kEverybody:
      return "everybody";
    case NamedAs::kRole:
      return "role";
    case NamedAs::kSelf:
      return "self";
  }
  return "nobody";
}

// ---- JSON

// Appends a JSON string. Only the name of a file may be invalid UTF-8, which
// JSON does not allow: its bytes beyond ASCII are shown as `?`.
void AppendQuoted(absl::string_view text, std::string* out) {
  const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
  out->push_back('"');
  for (const char c : text) {
    AppendJsonEscaped(is_utf8 || static_cast<unsigned char>(c) < 0x80 ? c : '?',
                      out);
  }
  out->push_back('"');
}

// Writes the members of an object, with a comma before each but the first.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* out) : out_(*out) { out_.push_back('{'); }
  ~ObjectWriter() { out_.push_back('}'); }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void String(absl::string_view key, absl::string_view value) {
    Key(key);
    AppendQuoted(value, &out_);
  }
  void Number(absl::string_view key, size_t value) {
    Key(key);
    absl::StrAppend(&out_, value);
  }
  void Boolean(absl::string_view key, Truth value) {
    Key(key);
    absl::StrAppend(&out_, value == Truth::kTrue    ? "true"
                           : value == Truth::kFalse ? "false"
                                                    : "null");
  }

  // Writes the key. The caller writes the value next.
  void Key(absl::string_view key) {
    if (!is_first_) out_.push_back(',');
    is_first_ = false;
    AppendQuoted(key, &out_);
    out_.push_back(':');
  }

 private:
  std::string& out_;
  bool is_first_ = true;
};

// Calls `append` for each value of the list.
template <typename Value, typename Append>
void AppendList(const std::vector<Value>& values, Append&& append,
                std::string* out) {
  out->push_back('[');
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out->push_back(',');
    append(values[i], out);
  }
  out->push_back(']');
}

void AppendFinding(const Finding& finding, std::string* out) {
  ObjectWriter object(out);
  object.String("code", FindingCodeName(finding.code));
  object.String("severity", SeverityName(finding.severity));
  object.String("pointer", finding.pointer);
  object.Number("line", finding.line);
  object.Number("column", finding.column);
  object.String("message", finding.message);
}

void AppendCondition(const ConditionReason& reason, std::string* out) {
  ObjectWriter object(out);
  object.String("operator", reason.op);
  object.String("key", reason.key);
  object.Boolean("matched", reason.matched);
}

void AppendElement(const ElementReason& reason, std::string* out) {
  ObjectWriter object(out);
  object.Boolean("matched", reason.matched);
  object.String("entry", reason.entry);
}

void AppendStatement(const StatementReason& reason, std::string* out) {
  ObjectWriter object(out);
  object.Number("index", reason.index);
  object.String("sid", reason.sid);
  object.String("effect", reason.is_deny ? "Deny" : "Allow");
  object.Boolean("applies", reason.applies);
  object.Key("principal");
  AppendElement(reason.principal, out);
  object.String("named_as", NamedAsName(reason.named_as));
  object.Key("action");
  AppendElement(reason.action, out);
  object.Key("resource");
  AppendElement(reason.resource, out);
  object.Key("conditions");
  AppendList(reason.conditions, AppendCondition, out);
}

}  // namespace

std::string FindingsAsText(absl::string_view file, absl::string_view text,
                           const std::vector<Finding>& findings) {
  std::string out;
  const auto lines = SplitLines(text);
  for (const Finding& finding : findings) {
    absl::StrAppend(&out, file, ":", finding.line, ":", finding.column, ": ",
                    SeverityName(finding.severity), ": ", finding.message, " [",
                    FindingCodeName(finding.code), "]\n");
    AppendLine(lines[finding.line - 1], finding.column, &out);
  }
  return out;
}

std::string FindingsAsJson(absl::string_view file,
                           const std::vector<Finding>& findings) {
  std::string out;
  {
    ObjectWriter object(&out);
    object.String("file", file);
    object.Key("findings");
    AppendList(findings, AppendFinding, &out);
  }
  return out + "\n";
}

absl::string_view DecisionName(DecisionKind kind) {
  switch (kind) {
    case DecisionKind::kAllow:
      return "allow";
    case DecisionKind::kExplicitDeny:
      return "explicit_deny";
    case DecisionKind::kUndecided:
      return "undecided";
    case DecisionKind::kImplicitDeny:
      break;
  }
  return "implicit_deny";
}

std::string StatementsAsText(const std::vector<StatementReason>& statements) {
  std::string out;
  for (const StatementReason& reason : statements) {
    absl::StrAppend(&out, "statement ", reason.index);
    if (!reason.sid.empty()) {
      absl::StrAppend(&out, ", Sid \"", Shown(reason.sid), "\"");
    }
    absl::StrAppend(&out, ", ", reason.is_deny ? "Deny" : "Allow",
                    reason.applies == Truth::kTrue    ? ", applies\n"
                    : reason.applies == Truth::kFalse ? ", does not apply\n"
                                                      : ", may apply\n");
    AppendElement("Principal", reason.principal, &out);
    AppendElement("Action", reason.action, &out);
    AppendElement("Resource", reason.resource, &out);
    for (const ConditionReason& condition : reason.conditions) {
      absl::StrAppend(&out, "  Condition: ", condition.op, " of \"",
                      Shown(condition.key), "\" ",
                      condition.matched == Truth::kTrue    ? "holds\n"
                      : condition.matched == Truth::kFalse ? "does not hold\n"
                                                           : "may hold\n");
    }
  }
  return out;
}

std::string DecisionAsJson(DecisionKind decision,
                           const std::vector<StatementReason>& statements) {
  std::string out;
  {
    ObjectWriter object(&out);
    object.String("decision", DecisionName(decision));
    object.Key("statements");
    AppendList(statements, AppendStatement, &out);
  }
  return out + "\n";
}

std::string PrintedAsJson(absl::string_view file, absl::string_view printed) {
  std::string out;
  {
    ObjectWriter object(&out);
    object.String("file", file);
    object.String("text", printed);
  }
  return out + "\n";
}

}  // namespace glue_security
