// JsonDom: a JSON object for one look: its values have no offsets. It is
// quicker to make than a JsonDocument, and is walked the same way.
//
//   const JsonDom dom(text, depth_max);
//   if (dom.ok()) {
//     for (const auto member : dom.root().members()) member.key.text();
//   }

#ifndef GLUE_SECURITY_JSON_JSON_DOM_H_
#define GLUE_SECURITY_JSON_JSON_DOM_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_scratch.h"
#include "simdjson.h"

namespace glue_security {

class JsonDom {
 public:
  class Value;
  class Elements;
  class Members;

  JsonDom(absl::string_view text, size_t depth_max);

  // True: `FindJsonObjectError` finds nothing in the text. False says nothing
  // about it: numbers beyond the range of a double, long texts and small bounds
  // of depth are not for this class.
  bool ok() const { return ok_; }

  // The object. It and all values below live as long as this.
  // REQUIRES: ok().
  Value root() const;

  // The text of a string, unescaped, or of a number, as it was written; "true",
  // "false", "null". REQUIRES: neither an array nor an object.
  std::string ScalarText(Value value) const;

 private:
  // A number, and where it stands in the text.
  struct Number {
    const uint64_t* at;
    uint32_t offset;
  };

  absl::string_view NumberText(const uint64_t* at) const;
  std::vector<Number> FindNumbers() const;

  BorrowedJsonScratch scratch_;
  bool ok_ = false;
  // All numbers, in order; empty until the first is asked for.
  mutable std::vector<Number> numbers_;
};

// A value, as JsonDocument has them, without an offset.
//
// It reads simdjson's tape itself, since simdjson's own elements ask at each
// step whether the type is the right one, in functions that are not inlined: to
// walk a policy through them takes longer than to parse it. The tape has one
// word for each value, its type in the upper 8 bits, in the lower 56
//   of a string:           where it stands among the strings: 4 bytes of size,
//                          then the text
//   of an array or object: in the lower 32 where the next value stands, above
//                          them how many elements or members it has
// with a second word for a number, the elements behind the word of an array,
// and keys and values in turn behind that of an object.
class JsonDom::Value {
 public:
  bool is_string() const { return type() == Type::STRING; }
  bool is_array() const { return type() == Type::START_ARRAY; }
  bool is_object() const { return type() == Type::START_OBJECT; }
  bool is_null() const { return type() == Type::NULL_VALUE; }

  // REQUIRES: is_string().
  absl::string_view text() const {
    const uint8_t* const string =
        document_->string_buf.get() +
        (word() & simdjson::internal::JSON_VALUE_MASK);
    uint32_t size;
    std::memcpy(&size, string, sizeof(size));
    return {reinterpret_cast<const char*>(string) + sizeof(size), size};
  }

  // REQUIRES: an array or object.
  size_t size() const {
    return word() >> 32 & simdjson::internal::JSON_COUNT_MASK;
  }

  // REQUIRES: is_array().
  Elements elements() const;

  // REQUIRES: is_object().
  Members members() const;

  // The value of the first member `key`; nullopt when there is none, or this is
  // not an object. Linear in the number of members.
  std::optional<Value> Find(absl::string_view key) const;

 private:
  friend class JsonDom;
  using Type = simdjson::internal::tape_type;

  Value(const simdjson::dom::document* document, const uint64_t* at)
      : document_(document), at_(at) {}

  uint64_t word() const { return *at_; }
  Type type() const { return static_cast<Type>(word() >> 56); }
  static bool IsNumber(Type t) {
    return t == Type::INT64 || t == Type::UINT64 || t == Type::DOUBLE;
  }

  // Where the value behind this one stands.
  const uint64_t* next() const {
    // No switch: most values are strings.
    const Type t = type();
    if (t == Type::STRING) return at_ + 1;
    if (t == Type::START_ARRAY || t == Type::START_OBJECT) {
      return document_->tape.get() + static_cast<uint32_t>(word());
    }
    return at_ + (IsNumber(t) ? 2 : 1);
  }

  const simdjson::dom::document* document_;
  const uint64_t* at_;
};

class JsonDom::Elements {
 public:
  class Iterator {
   public:
    Value operator*() const { return value_; }
    Iterator& operator++() {
      value_.at_ = value_.next();
      return *this;
    }
    bool operator!=(const Iterator& other) const {
      return value_.at_ != other.value_.at_;
    }

   private:
    friend class Elements;
    explicit Iterator(Value value) : value_(value) {}
    Value value_;
  };

  Iterator begin() const {
    return Iterator(Value(array_.document_, array_.at_ + 1));
  }
  // The word that ends the array.
  Iterator end() const {
    return Iterator(Value(array_.document_, array_.next() - 1));
  }

 private:
  friend class Value;
  explicit Elements(Value array) : array_(array) {}
  Value array_;
};

class JsonDom::Members {
 public:
  struct Member {
    // A string.
    Value key;
    Value value;
  };
  class Iterator {
   public:
    Member operator*() const {
      return {key_, Value(key_.document_, key_.at_ + 1)};
    }
    Iterator& operator++() {
      key_.at_ = Value(key_.document_, key_.at_ + 1).next();
      return *this;
    }
    bool operator!=(const Iterator& other) const {
      return key_.at_ != other.key_.at_;
    }

   private:
    friend class Members;
    explicit Iterator(Value key) : key_(key) {}
    Value key_;
  };

  Iterator begin() const {
    return Iterator(Value(object_.document_, object_.at_ + 1));
  }
  // The word that ends the object.
  Iterator end() const {
    return Iterator(Value(object_.document_, object_.next() - 1));
  }

 private:
  friend class Value;
  explicit Members(Value object) : object_(object) {}
  Value object_;
};

// The first word is the document's own.
inline JsonDom::Value JsonDom::root() const {
  return {&scratch_->dom, scratch_->dom.tape.get() + 1};
}

inline JsonDom::Elements JsonDom::Value::elements() const {
  return Elements(*this);
}

inline JsonDom::Members JsonDom::Value::members() const {
  return Members(*this);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_DOM_H_
