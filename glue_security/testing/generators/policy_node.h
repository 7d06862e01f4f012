// PolicyNode: a policy document that can be changed. A mark shows where a
// finding is expected. PolicyWriter writes the document in several layouts.
//
//   PolicyNode policy = NodeFromObject(R"({"Statement": []})");
//   policy.members[0].value.mark = FindingCode::kMissingStatement;
//   PolicyWriter writer(PolicyLayouts()[1]);
//   writer.WriteDocument(policy);
//   writer.text();              // over several lines
//   writer.marks()[0].pointer;  // "/Statement"

#ifndef GLUE_SECURITY_TESTING_GENERATORS_POLICY_NODE_H_
#define GLUE_SECURITY_TESTING_GENERATORS_POLICY_NODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/policy/finding.h"

namespace glue_security {

// Any JSON value. It can be copied and changed freely.
struct PolicyNode {
  enum class Kind { kLiteral, kString, kList, kObject };
  struct Member;

  Kind kind = Kind::kLiteral;
  // The text of a literal, or the contents of a string.
  std::string text;
  std::vector<PolicyNode> elements;
  std::vector<Member> members;
  std::optional<FindingCode> mark;
};

struct PolicyNode::Member {
  std::string key;
  PolicyNode value;
  // The code of a finding that is expected at the key, not at the value.
  std::optional<FindingCode> key_mark;
};

inline constexpr size_t kPolicyNodeDepthMax = 16;

// Makes a string.
PolicyNode StringNode(const std::string& text);

// Parses the JSON object, or any JSON value, in `text`. REQUIRES: `text` is one
// and nests at most `kPolicyNodeDepthMax` deep, because nodes are copied and
// destroyed by recursion; otherwise the process ends. A policy nests seven
// deep.
PolicyNode NodeFromObject(const std::string& text);
PolicyNode NodeFromJson(const std::string& text);

// Returns the index of the first member `key` of an object; nullopt: there is
// none.
std::optional<size_t> IndexOfMember(const PolicyNode& object,
                                    const std::string& key);

void AppendMember(PolicyNode& object, const std::string& key,
                  const PolicyNode& value);

// The layout of a text.
struct PolicyLayout {
  std::string newline;
  std::string indent;
  std::string around_colon;
  // True when every ASCII character of a string is written as \u00XX.
  bool escapes_all = false;
};

// Returns five layouts: no line ends; LF, CRLF and CR at line ends; and one in
// which every ASCII character of a string is escaped.
std::vector<PolicyLayout> PolicyLayouts();

// A mark, and its place in the text.
struct PolicyMark {
  FindingCode code;
  std::string pointer;
  size_t offset;
};

// Writes one document.
class PolicyWriter {
 public:
  explicit PolicyWriter(const PolicyLayout& layout);

  void Write(const PolicyNode& node);

  // Writes the document with one blank line before it and one after it.
  void WriteDocument(const PolicyNode& node);

  const std::string& text() const { return text_; }
  // The marks in the order of the text.
  const std::vector<PolicyMark>& marks() const { return marks_; }

 private:
  void NewLine(size_t depth);
  void WriteString(const std::string& text);
  void Note(const std::optional<FindingCode>& mark, const std::string& pointer);
  void Write(const PolicyNode& node, size_t depth, const std::string& pointer);
  void WriteElements(const PolicyNode& node, size_t depth,
                     const std::string& pointer);
  void WriteMembers(const PolicyNode& node, size_t depth,
                    const std::string& pointer);

  const PolicyLayout layout_;
  std::string text_;
  std::vector<PolicyMark> marks_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_POLICY_NODE_H_
