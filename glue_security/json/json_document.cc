#include "glue_security/json/json_document.h"

#include <cstring>
#include <string>
#include <utility>

#include "glue_security/json/json_dom.h"
#include "glue_security/json/json_reads.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"

namespace glue_security {

// Makes the nodes of a document while its text is parsed.
class DocumentBuilder {
 public:
  // `source` is the text that is parsed, a copy of the document's text.
  DocumentBuilder(JsonDocument* document, const std::string* source)
      : document_(*document), source_(*source) {}

  void Key(const char* begin, absl::string_view text) { String(begin, text); }

  void String(const char* begin, absl::string_view text) {
    // A text without an escape is the source itself. If there is an escape, the
    // first one is within as many bytes of the source as the result has.
    const char* const raw = begin + 1;
    Add(JsonDocument::Type::kString, begin, raw, text.size());
    if (text.empty() || std::memchr(raw, '\\', text.size()) == nullptr) return;
    JsonDocument::Node& node = document_.nodes_.back();
    node.is_unescaped = true;
    node.begin = static_cast<uint32_t>(document_.unescaped_.size());
    document_.unescaped_.append(text.data(), text.size());
  }

  void Scalar(JsonDocument::Type type, absl::string_view token) {
    Add(type, token.data(), token.data(), token.size());
  }

  size_t Open(JsonDocument::Type type, const char* begin) {
    Add(type, begin, begin, 0);
    return document_.nodes_.size() - 1;
  }

  void Close(size_t opened, size_t size) {
    JsonDocument::Node& node = document_.nodes_[opened];
    node.size = static_cast<uint32_t>(size);
    node.next = static_cast<uint32_t>(document_.nodes_.size());
  }

 private:
  void Add(JsonDocument::Type type, const char* begin, const char* text,
           size_t size) {
    const char* const source = source_.data();
    // The members are set one by one. A node that is built and then copied is
    // read back in larger pieces than it was written in, which costs a tenth of
    // the parse.
    JsonDocument::Node& node = document_.nodes_.emplace_back();
    node.type = type;
    node.is_unescaped = false;
    node.offset = static_cast<uint32_t>(begin - source);
    node.begin = static_cast<uint32_t>(text - source);
    node.size = static_cast<uint32_t>(size);
    node.next = static_cast<uint32_t>(document_.nodes_.size());
  }

  JsonDocument& document_;
  const std::string& source_;
};

std::optional<JsonError> FindJsonObjectError(absl::string_view text,
                                             size_t depth_max) {
  if (JsonDom(text, depth_max).ok()) return std::nullopt;
  ++JsonReadsOfThisThread();
  const BorrowedJsonScratch scratch;
  IgnoreJson sink;
  return WalkJsonObject(text, depth_max, scratch.get(), &sink);
}

std::variant<JsonDocument, JsonError> JsonDocument::Parse(
    absl::string_view text, size_t depth_max) {
  ++JsonReadsOfThisThread();
  JsonDocument document;
  document.text_.assign(text.data(), text.size());
  // Enough for most policies.
  document.nodes_.reserve(text.size() / 16 + 8);
  const BorrowedJsonScratch scratch;
  DocumentBuilder builder(&document, &scratch->padded);
  auto error = WalkJsonObject(text, depth_max, scratch.get(), &builder);
  if (error.has_value()) return *std::move(error);
  return document;
}

JsonDocument::Value JsonDocument::root() const { return {this, 0}; }

JsonDocument::Elements JsonDocument::Value::elements() const {
  return Elements(*this);
}

JsonDocument::Members JsonDocument::Value::members() const {
  return Members(*this);
}

std::optional<JsonDocument::Value> JsonDocument::Value::Find(
    absl::string_view key) const {
  if (!is_object()) return std::nullopt;
  for (const auto [name, value] : members()) {
    if (name.text() == key) return value;
  }
  return std::nullopt;
}

}  // namespace glue_security
