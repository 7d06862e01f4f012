// JsonDocument: a JSON text as a tree that loses nothing: the order of keys,
// repeated keys, the text of numbers, a scalar as opposed to a list of one, and
// the place of each value in the text. It knows nothing of policies; policy.h
// does.
//
//   auto parsed = JsonDocument::Parse(R"({"Version": "2012-10-17"})");
//   const auto& document = std::get<JsonDocument>(parsed);
//   document.root().Find("Version")->text();  // 2012-10-17
//
// Text that is not a JSON object is refused:
//
//   auto failed = JsonDocument::Parse("{\"Version\": }");
//   std::get<JsonError>(failed).message;  // "the text is not JSON"
//   std::get<JsonError>(failed).offset;   // 12

#ifndef GLUE_SECURITY_JSON_JSON_DOCUMENT_H_
#define GLUE_SECURITY_JSON_JSON_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_type.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// Returns nullopt when `text` is exactly one JSON object (RFC 8259) in
// well-formed UTF-8 whose arrays and objects nest at most `depth_max` deep. The
// object itself is depth 1; less than 1 counts as 1, more than 1024 as 1024.
// Repeated keys and numbers of any size are legal JSON. Takes time and memory
// linear in the size of `text`, which must be less than 4 GiB.
std::optional<JsonError> FindJsonObjectError(absl::string_view text,
                                             size_t depth_max);

// Immutable. Cheap to move; a copy copies everything. Thread-safe.
class JsonDocument {
 public:
  using Type = JsonType;
  class Value;
  class Elements;
  class Members;

  // Returns the document that `text` holds, or the error with which
  // `FindJsonObjectError` refuses it. The document has a copy of the text.
  static std::variant<JsonDocument, JsonError> Parse(
      absl::string_view text, size_t depth_max = Limits().policy_depth_max);

  // The text that was parsed.
  const std::string& text() const { return text_; }

  // The root object. It and all values below it live as long as the document.
  Value root() const;

  // Shows `visitor` the whole document in the order of the text. The stack that
  // this takes does not depend on the depth of the document:
  //
  //   struct Visitor {
  //     void Key(Value key);       // The member's value follows.
  //     void Scalar(Value value);  // A string, number, true, false or null.
  //     void Open(Value value);    // An array or object. Its contents come
  //     void Close(Value value);   // between the two calls.
  //   };
  template <typename Visitor>
  void Visit(Visitor* visitor) const;

 private:
  friend class DocumentBuilder;

  // The nodes are in the order of the text. A value precedes what it contains,
  // and a key is a string that precedes its value.
  struct Node {
    Type type;
    // The string is in `unescaped_`, since it differs from the source.
    bool is_unescaped;
    // The offset of the value in the text.
    uint32_t offset;
    // The start of a scalar's text, in the source or in `unescaped_`.
    uint32_t begin;
    // The size of a scalar's text, or the number of elements of an array or of
    // members of an object.
    uint32_t size;
    // The index of the node after this one and all that it contains.
    uint32_t next;
  };

  JsonDocument() = default;

  std::string text_;
  std::string unescaped_;
  std::vector<Node> nodes_;
};

// A value of a document. A reference: cheap to copy, valid as long as the
// document.
class JsonDocument::Value {
 public:
  Type type() const { return node().type; }
  bool is_string() const { return type() == Type::kString; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  // The text of a string, unescaped, or of a number, as it was written; "true",
  // "false", "null". Empty for an array or object.
  absl::string_view text() const {
    const Node& n = node();
    if (n.type >= Type::kArray) return {};
    const std::string& from =
        n.is_unescaped ? document_->unescaped_ : document_->text_;
    return {from.data() + n.begin, n.size};
  }

  // The number of elements or members; 0 for a scalar.
  size_t size() const { return is_array() || is_object() ? node().size : 0; }

  // The offset of the value in the document's text, in bytes.
  size_t offset() const { return node().offset; }

  // The elements of an array, in order. REQUIRES: is_array().
  Elements elements() const;

  // The members of an object, in the order of the text. REQUIRES: is_object().
  Members members() const;

  // Returns the value of the first member `key`; nullopt when there is none, or
  // this is not an object. Linear in the number of members.
  std::optional<Value> Find(absl::string_view key) const;

 private:
  friend class JsonDocument;
  friend class Elements;
  friend class Members;

  Value(const JsonDocument* document, uint32_t index)
      : document_(document), index_(index) {}

  const Node& node() const { return document_->nodes_[index_]; }

  const JsonDocument* document_;
  uint32_t index_;
};

// The elements of an array, for a range-based loop.
class JsonDocument::Elements {
 public:
  class Iterator {
   public:
    Value operator*() const { return {document_, index_}; }
    Iterator& operator++() {
      index_ = document_->nodes_[index_].next;
      return *this;
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) {
      return a.index_ != b.index_;
    }

   private:
    friend class Elements;
    Iterator(const JsonDocument* document, uint32_t index)
        : document_(document), index_(index) {}
    const JsonDocument* document_;
    uint32_t index_;
  };

  Iterator begin() const { return {array_.document_, array_.index_ + 1}; }
  Iterator end() const { return {array_.document_, array_.node().next}; }

 private:
  friend class Value;
  explicit Elements(Value array) : array_(array) {}
  Value array_;
};

// The members of an object, for a range-based loop.
class JsonDocument::Members {
 public:
  struct Member {
    // A string.
    Value key;
    Value value;
  };
  class Iterator {
   public:
    Member operator*() const {
      return {Value(document_, index_), Value(document_, index_ + 1)};
    }
    Iterator& operator++() {
      index_ = document_->nodes_[index_ + 1].next;
      return *this;
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) {
      return a.index_ != b.index_;
    }

   private:
    friend class Members;
    Iterator(const JsonDocument* document, uint32_t index)
        : document_(document), index_(index) {}
    const JsonDocument* document_;
    uint32_t index_;
  };

  Iterator begin() const { return {object_.document_, object_.index_ + 1}; }
  Iterator end() const { return {object_.document_, object_.node().next}; }

 private:
  friend class Value;
  explicit Members(Value object) : object_(object) {}
  Value object_;
};

template <typename Visitor>
void JsonDocument::Visit(Visitor* visitor) const {
  // The arrays and objects around a node, the innermost last.
  std::vector<uint32_t> open;
  bool is_key = false;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const Value value(this, i);
    if (is_key) {
      visitor->Key(value);
      is_key = false;
      continue;
    }
    if (node.type >= Type::kArray) {
      visitor->Open(value);
      open.push_back(i);
    } else {
      visitor->Scalar(value);
    }
    while (!open.empty() && nodes_[open.back()].next == i + 1) {
      visitor->Close(Value(this, open.back()));
      open.pop_back();
    }
    is_key = !open.empty() && nodes_[open.back()].type == Type::kObject;
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_DOCUMENT_H_
