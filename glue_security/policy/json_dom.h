// JsonDom: a JSON object that is looked at once and told apart from no other
// text: no offsets, no text of numbers. It takes a third of the time of a
// PolicyDocument, and is walked the same way.
//
//   const JsonDom dom(text, depth_max);
//   if (dom.ok()) {
//     for (const auto member : dom.root().members()) member.key.text();
//   }

#ifndef GLUE_SECURITY_POLICY_JSON_DOM_H_
#define GLUE_SECURITY_POLICY_JSON_DOM_H_

#include <cstddef>
#include <string_view>

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

 private:
  BorrowedJsonScratch scratch_;
  simdjson::dom::element root_;
  bool ok_ = false;
};

// As those of PolicyDocument, without offsets.
class JsonDom::Value {
 public:
  explicit Value(simdjson::dom::element element) : element_(element) {}

  bool is_string() const { return element_.is_string(); }
  bool is_array() const { return element_.is_array(); }
  bool is_object() const { return element_.is_object(); }
  bool is_null() const { return element_.is_null(); }

  // REQUIRES: is_string().
  absl::string_view text() const {
    const std::string_view text = element_.get_string().value_unsafe();
    return {text.data(), text.size()};
  }

  // REQUIRES: an array or object.
  size_t size() const {
    return is_array() ? element_.get_array().value_unsafe().size()
                      : element_.get_object().value_unsafe().size();
  }

  // REQUIRES: is_array().
  Elements elements() const;

  // REQUIRES: is_object().
  Members members() const;

 private:
  simdjson::dom::element element_;
};

class JsonDom::Elements {
 public:
  class Iterator {
   public:
    explicit Iterator(simdjson::dom::array::iterator at) : at_(at) {}
    Value operator*() const { return Value(*at_); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) {
      return a.at_ != b.at_;
    }

   private:
    simdjson::dom::array::iterator at_;
  };

  explicit Elements(simdjson::dom::array array) : array_(array) {}
  Iterator begin() const { return Iterator(array_.begin()); }
  Iterator end() const { return Iterator(array_.end()); }

 private:
  simdjson::dom::array array_;
};

class JsonDom::Members {
 public:
  class Key {
   public:
    explicit Key(std::string_view text) : text_(text.data(), text.size()) {}
    absl::string_view text() const { return text_; }

   private:
    absl::string_view text_;
  };
  struct Member {
    Key key;
    Value value;
  };
  class Iterator {
   public:
    explicit Iterator(simdjson::dom::object::iterator at) : at_(at) {}
    Member operator*() const { return {Key(at_.key()), Value(at_.value())}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator!=(const Iterator& a, const Iterator& b) {
      return a.at_ != b.at_;
    }

   private:
    simdjson::dom::object::iterator at_;
  };

  explicit Members(simdjson::dom::object object) : object_(object) {}
  Iterator begin() const { return Iterator(object_.begin()); }
  Iterator end() const { return Iterator(object_.end()); }

 private:
  simdjson::dom::object object_;
};

inline JsonDom::Value JsonDom::root() const { return Value(root_); }

inline JsonDom::Elements JsonDom::Value::elements() const {
  return Elements(element_.get_array().value_unsafe());
}

inline JsonDom::Members JsonDom::Value::members() const {
  return Members(element_.get_object().value_unsafe());
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_JSON_DOM_H_
