#include "glue_security/policy/policy_printer.h"

#include <cstdint>

#include "absl/strings/string_view.h"

namespace glue_security {
namespace {

using Value = PolicyDocument::Value;

void AppendString(absl::string_view text, std::string* out) {
  static constexpr char kHexDigits[] = "0123456789ABCDEF";
  out->push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out->append("\\\"");
        break;
      case '\\':
        out->append("\\\\");
        break;
      case '\b':
        out->append("\\b");
        break;
      case '\f':
        out->append("\\f");
        break;
      case '\n':
        out->append("\\n");
        break;
      case '\r':
        out->append("\\r");
        break;
      case '\t':
        out->append("\\t");
        break;
      default: {
        const auto byte = static_cast<uint8_t>(c);
        if (byte >= 0x20) {
          out->push_back(c);
        } else {
          out->append("\\u00");
          out->push_back(kHexDigits[byte >> 4]);
          out->push_back(kHexDigits[byte & 0x0F]);
        }
      }
    }
  }
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
