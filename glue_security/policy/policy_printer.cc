#include "glue_security/policy/policy_printer.h"

#include "absl/strings/string_view.h"
#include "glue_security/model/json_escape.h"

namespace glue_security {
namespace {

using Value = PolicyDocument::Value;

void AppendString(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) AppendJsonEscaped(c, out);
  out->push_back('"');
}

void AppendScalar(Value value, std::string* out) {
  if (value.is_string()) {
    AppendString(value.text(), out);
  } else {
    out->append(value.text().data(), value.text().size());
  }
}

// Nests as deep as the document, which its parse has bounded.
void AppendCompact(Value value, std::string* out) {
  const char* separator = "";
  if (value.is_object()) {
    out->push_back('{');
    for (const auto member : value.members()) {
      out->append(separator);
      AppendString(member.key.text(), out);
      out->push_back(':');
      AppendCompact(member.value, out);
      separator = ",";
    }
    out->push_back('}');
  } else if (value.is_array()) {
    out->push_back('[');
    for (const Value element : value.elements()) {
      out->append(separator);
      AppendCompact(element, out);
      separator = ",";
    }
    out->push_back(']');
  } else {
    AppendScalar(value, out);
  }
}

// `depth`: how many objects stand around.
void AppendLikeService(Value value, size_t depth, std::string* out) {
  constexpr size_t kIndent = 2;
  if (value.is_object()) {
    const char* separator = "{\n";
    for (const auto member : value.members()) {
      out->append(separator);
      out->append(kIndent * (depth + 1), ' ');
      AppendString(member.key.text(), out);
      out->append(" : ");
      AppendLikeService(member.value, depth + 1, out);
      separator = ",\n";
    }
    if (value.size() == 0) {
      out->append("{ }");
      return;
    }
    out->push_back('\n');
    out->append(kIndent * depth, ' ');
    out->push_back('}');
  } else if (value.is_array()) {
    const char* separator = "[ ";
    for (const Value element : value.elements()) {
      out->append(separator);
      AppendLikeService(element, depth, out);
      separator = ", ";
    }
    out->append(value.size() == 0 ? "[ ]" : " ]");
  } else {
    AppendScalar(value, out);
  }
}

}  // namespace

std::string PrintCompact(const PolicyDocument& document) {
  std::string out;
  out.reserve(document.text().size());
  AppendCompact(document.root(), &out);
  return out;
}

std::string PrintLikeService(const PolicyDocument& document) {
  std::string out;
  out.reserve(document.text().size() * 2);
  AppendLikeService(document.root(), 0, &out);
  return out;
}

}  // namespace glue_security
