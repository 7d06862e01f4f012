#include "glue_security/policy/check/finding_place.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/policy/catalog_context.h"

namespace glue_security {
namespace {

using Value = JsonDocument::Value;

// A visitor of a document. Gives each finding the pointer of the value that
// starts at its offset, or of the next value.
class PointerVisitor {
 public:
  explicit PointerVisitor(std::vector<Finding>* findings)
      : findings_(*findings) {}

  void Key(Value key) { steps_.back().key = key; }
  void Scalar(Value value) { Enter(value); }
  void Open(Value value) {
    Enter(value);
    steps_.push_back({std::nullopt, 0});
  }
  void Close(Value) { steps_.pop_back(); }

 private:
  // The step from an array or object to the value in it that is visited.
  struct Step {
    // The key of a member.
    std::optional<Value> key;
    // The number of an element, counted from 1.
    size_t number;
  };

  void Enter(Value value) {
    if (!steps_.empty()) ++steps_.back().number;
    if (!HasAt(value)) return;
    const std::string pointer = Pointer();
    while (HasAt(value)) findings_[next_++].pointer = pointer;
  }

  bool HasAt(Value value) const {
    return next_ < findings_.size() &&
           findings_[next_].offset <= value.offset();
  }

  std::string Pointer() const {
    std::string pointer;
    for (const Step& step : steps_) {
      if (step.key.has_value()) {
        absl::StrAppend(
            &pointer, "/",
            absl::StrReplaceAll(step.key->text(), {{"~", "~0"}, {"/", "~1"}}));
      } else {
        absl::StrAppend(&pointer, "/", step.number - 1);
      }
    }
    return pointer;
  }

  std::vector<Finding>& findings_;
  // The first finding that has no pointer yet.
  size_t next_ = 0;
  std::vector<Step> steps_;
};

}  // namespace

void SetLines(absl::string_view text, std::vector<Finding>* findings) {
  size_t at = 0;
  size_t line = 1;
  size_t column = 1;
  for (Finding& finding : *findings) {
    for (; at < finding.offset && at < text.size(); ++at) {
      const char c = text[at];
      const bool crlf =
          c == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
      if (c == '\n' || (c == '\r' && !crlf)) {
        ++line;
        column = 1;
      } else if ((static_cast<uint8_t>(c) & 0xC0) != 0x80) {
        ++column;
      }
    }
    finding.line = line;
    finding.column = column;
  }
}

void SetPointers(const JsonDocument& document, std::vector<Finding>* findings) {
  PointerVisitor visitor(findings);
  document.Visit(&visitor);
}

void PlaceFindings(const JsonDocument& document,
                   std::vector<Finding>* findings) {
  std::stable_sort(findings->begin(), findings->end(),
                   [](const Finding& a, const Finding& b) {
                     return std::tie(a.offset, a.code) <
                            std::tie(b.offset, b.code);
                   });
  if (findings->size() > kFindingsMax) findings->resize(kFindingsMax);
  SetPointers(document, findings);
  SetLines(document.text(), findings);
}

}  // namespace glue_security
