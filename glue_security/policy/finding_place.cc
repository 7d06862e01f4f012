#include "glue_security/policy/finding_place.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace glue_security {
namespace {

using Value = PolicyDocument::Value;
using Member = PolicyDocument::Members::Member;

// Goes through the document once, into those values only that have a finding
// inside.
class PointerWalk {
 public:
  explicit PointerWalk(std::vector<Finding>* findings) : findings_(*findings) {}

  // Takes all findings before `end`, which is not before that of `value`.
  // Nests as deep as the document, which its parse has bounded.
  void Visit(Value value, size_t end) {
    TakeBefore(value.offset() + 1);
    if (value.is_object()) {
      std::optional<Member> last;
      for (const Member member : value.members()) {
        if (last.has_value()) VisitMember(*last, member.key.offset());
        last = member;
      }
      if (last.has_value()) VisitMember(*last, end);
    } else if (value.is_array()) {
      size_t index = 0;
      std::optional<Value> last;
      for (const Value element : value.elements()) {
        if (last.has_value()) VisitElement(*last, index++, element.offset());
        last = element;
      }
      if (last.has_value()) VisitElement(*last, index, end);
    }
  }

 private:
  bool HasBefore(size_t end) const {
    return next_ < findings_.size() && findings_[next_].offset < end;
  }

  void TakeBefore(size_t end) {
    while (HasBefore(end)) findings_[next_++].pointer = pointer_;
  }

  void VisitMember(Member member, size_t end) {
    if (!HasBefore(end)) return;
    const size_t size = pointer_.size();
    absl::StrAppend(
        &pointer_, "/",
        absl::StrReplaceAll(member.key.text(), {{"~", "~0"}, {"/", "~1"}}));
    Visit(member.value, end);
    pointer_.resize(size);
  }

  void VisitElement(Value element, size_t index, size_t end) {
    if (!HasBefore(end)) return;
    const size_t size = pointer_.size();
    absl::StrAppend(&pointer_, "/", index);
    Visit(element, end);
    pointer_.resize(size);
  }

  std::vector<Finding>& findings_;
  // The first that is not taken.
  size_t next_ = 0;
  // Of the value that is visited.
  std::string pointer_;
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

void SetPointers(const PolicyDocument& document,
                 std::vector<Finding>* findings) {
  PointerWalk(findings).Visit(document.root(), document.text().size());
}

}  // namespace glue_security
