#include "glue_security/testing/backend_suite/policy_texts.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/json/json_document.h"

namespace glue_security::conformance_internal {
namespace {

// Collects a line for each scalar and for each array and object, with the keys
// and places that lead to it. The lines are those of no other document, but for
// the order of its keys.
class LineVisitor {
 public:
  void Key(JsonDocument::Value key) {
    // A length before the key keeps it apart from what follows.
    key_ = absl::StrCat("{", key.text().size(), ":", key.text());
  }
  void Scalar(JsonDocument::Value value) {
    lines_.push_back(absl::StrCat(Step(), "=", static_cast<int>(value.type()),
                                  ":", value.text()));
  }
  void Open(JsonDocument::Value value) {
    const std::string step = Step();
    lines_.push_back(
        absl::StrCat(step, "=", static_cast<int>(value.type()), ":"));
    path_ = step;
    open_.push_back({path_.size(), 0, value.is_array()});
  }
  void Close(JsonDocument::Value) {
    open_.pop_back();
    path_.resize(open_.empty() ? 0 : open_.back().path_size);
  }

  std::vector<std::string> Sorted() && {
    std::sort(lines_.begin(), lines_.end());
    return std::move(lines_);
  }

 private:
  struct Container {
    size_t path_size;
    size_t elements;
    bool is_array;
  };

  // Returns the path of the next value.
  std::string Step() {
    if (open_.empty()) return "";
    Container& inside = open_.back();
    return inside.is_array ? absl::StrCat(path_, "[", inside.elements++)
                           : absl::StrCat(path_, key_);
  }

  std::string path_;
  std::string key_;
  std::vector<Container> open_;
  std::vector<std::string> lines_;
};

std::vector<std::string> LinesOf(const JsonDocument& document) {
  LineVisitor visitor;
  document.Visit(&visitor);
  return std::move(visitor).Sorted();
}

}  // namespace

bool IsSameDocument(absl::string_view a, absl::string_view b) {
  if (a == b) return true;
  const auto parsed_a = JsonDocument::Parse(a);
  const auto parsed_b = JsonDocument::Parse(b);
  const auto* document_a = std::get_if<JsonDocument>(&parsed_a);
  const auto* document_b = std::get_if<JsonDocument>(&parsed_b);
  return document_a != nullptr && document_b != nullptr &&
         LinesOf(*document_a) == LinesOf(*document_b);
}

}  // namespace glue_security::conformance_internal
