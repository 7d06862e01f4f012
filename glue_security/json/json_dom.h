// JsonDom: a JSON object that is read once, without offsets. It is faster to
// make than a JsonDocument and is walked the same way.
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

  // Returns true only if `FindJsonObjectError` finds nothing in the text. False
  // means nothing: this class does not take numbers beyond the range of a
  // double, long texts and small bounds of depth.
  bool ok() const { return ok_; }

  // The root object. It and all values below it live as long as the JsonDom.
  // REQUIRES: ok().
  Value root() const;

  // Returns the text of a string, unescaped, or of a number, as it was written;
  // "true", "false", "null". REQUIRES: neither an array nor an object.
  std::string ScalarText(Value value) const;

 private:
  // A number on the tape, and its offset in the text.
  struct Number {
    const uint64_t* at;
    uint32_t offset;
  };

  absl::string_view NumberText(const uint64_t* at) const;
  std::vector<Number> FindNumbers() const;

  BorrowedJsonScratch scratch_;
  bool ok_ = false;
  // All numbers, in order. Empty until one is needed.
  mutable std::vector<Number> numbers_;
};

// A value with the interface of JsonDocument::Value, except for the offset.
//
// It reads simdjson's tape itself. simdjson's own elements check the type at
// each step, in functions that are not inlined, and walking a policy through
// them takes longer than parsing it. The tape has one word for each value. The
// upper 8 bits are its type, the lower 56 bits are
//   for a string:           its offset in the string buffer, which has 4 bytes
//                           of size and the text
//   for an array or object: the index of the next value in the lower 32 bits,
//                           the number of elements or members above them
// A number has a second word. The elements follow the word of an array; keys
// and values in turn follow the word of an object.
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

  // Returns the value of the first member `key`; nullopt when there is none, or
  // this is not an object. Linear in the number of members.
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

  // Returns the place of the value after this one.
  const uint64_t* next() const {
    // The common type comes first: most values are strings.
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
  // Points at the word that ends the array.
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
  // Points at the word that ends the object.
  Iterator end() const {
    return Iterator(Value(object_.document_, object_.next() - 1));
  }

 private:
  friend class Value;
  explicit Members(Value object) : object_(object) {}
  Value object_;
};

// The first word of the tape is the document's own.
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
