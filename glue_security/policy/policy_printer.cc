#include "glue_security/policy/policy_printer.h"

#include <cstddef>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_escape.h"

namespace glue_security {
namespace {

using Value = JsonDocument::Value;

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

// A visitor that prints a document without white space.
class CompactPrinter {
 public:
  explicit CompactPrinter(std::string* out) : out_(*out) {}

  void Key(Value key) {
    Separate();
    AppendString(key.text(), &out_);
    out_.push_back(':');
    is_first_ = true;
  }
  void Scalar(Value value) {
    Separate();
    AppendScalar(value, &out_);
  }
  void Open(Value value) {
    Separate();
    out_.push_back(value.is_object() ? '{' : '[');
    is_first_ = true;
  }
  void Close(Value value) {
    out_.push_back(value.is_object() ? '}' : ']');
    is_first_ = false;
  }

 private:
  void Separate() {
    if (!is_first_) out_.push_back(',');
    is_first_ = false;
  }

  std::string& out_;
  // True after a bracket or a colon.
  bool is_first_ = true;
};

// A visitor that prints a document as the service does.
class ServicePrinter {
 public:
  explicit ServicePrinter(std::string* out) : out_(*out) {}

  void Key(Value key) {
    out_.append(after_ == After::kOpen ? "\n" : ",\n");
    Indent();
    AppendString(key.text(), &out_);
    out_.append(" : ");
    after_ = After::kKey;
  }
  void Scalar(Value value) {
    Separate();
    AppendScalar(value, &out_);
    after_ = After::kValue;
  }
  void Open(Value value) {
    Separate();
    out_.push_back(value.is_object() ? '{' : '[');
    if (value.is_object()) ++objects_;
    after_ = After::kOpen;
  }
  void Close(Value value) {
    if (value.is_object()) --objects_;
    if (value.is_object() && value.size() > 0) {
      out_.push_back('\n');
      Indent();
    } else {
      out_.push_back(' ');
    }
    out_.push_back(value.is_object() ? '}' : ']');
    after_ = After::kValue;
  }

 private:
  enum class After { kOpen, kKey, kValue };

  // Separates an element from the one before. A member is separated before its
  // key.
  void Separate() {
    if (after_ == After::kOpen) out_.push_back(' ');
    if (after_ == After::kValue) out_.append(", ");
  }

  void Indent() {
    constexpr size_t kIndent = 2;
    out_.append(kIndent * objects_, ' ');
  }

  std::string& out_;
  // The number of open objects.
  size_t objects_ = 0;
  // The document itself is printed like a member's value.
  After after_ = After::kKey;
};

}  // namespace

std::string PrintCompact(const JsonDocument& document) {
  std::string out;
  out.reserve(document.text().size());
  CompactPrinter printer(&out);
  document.Visit(&printer);
  return out;
}

std::string PrintLikeService(const JsonDocument& document) {
  std::string out;
  out.reserve(document.text().size() * 2);
  ServicePrinter printer(&out);
  document.Visit(&printer);
  return out;
}

}  // namespace glue_security
