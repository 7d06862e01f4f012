// PolicyNode: a policy document that can be changed, and marked where a finding
// is expected; and its texts, in several layouts.
//
//   PolicyNode policy = NodeFromObject(R"({"Statement": []})");
//   policy.members[0].value.mark = FindingCode::kMissingStatement;
//   PolicyWriter writer(PolicyLayouts()[1]);
//   writer.WriteDocument(policy);
//   writer.text();              // over several lines
//   writer.marks()[0].pointer;  // "/Statement"

#ifndef GLUE_SECURITY_TESTING_POLICY_NODE_H_
#define GLUE_SECURITY_TESTING_POLICY_NODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/policy/finding.h"

namespace glue_security {

// Any JSON. A value; copy and change it freely.
struct PolicyNode {
  enum class Kind { kLiteral, kString, kList, kObject };
  struct Member;

  Kind kind = Kind::kLiteral;
  // A literal as it is written, or a string.
  std::string text;
  std::vector<PolicyNode> elements;
  std::vector<Member> members;
  std::optional<FindingCode> mark;
};

struct PolicyNode::Member {
  std::string key;
  PolicyNode value;
  // A finding is expected at the key, not at the value.
  std::optional<FindingCode> key_mark;
};

inline constexpr size_t kPolicyNodeDepthMax = 16;

// A string.
PolicyNode StringNode(const std::string& text);

// The JSON object, or any JSON value, in `text`. REQUIRES: it is one, and nests
// at most `kPolicyNodeDepthMax` deep, since nodes are copied and destroyed by
// recursion; the process ends otherwise. A policy nests seven deep.
PolicyNode NodeFromObject(const std::string& text);
PolicyNode NodeFromJson(const std::string& text);

// Where the first member `key` of an object stands; nullopt: there is none.
std::optional<size_t> IndexOfMember(const PolicyNode& object,
                                    const std::string& key);

void AppendMember(PolicyNode& object, const std::string& key,
                  const PolicyNode& value);

// How a text is laid out.
struct PolicyLayout {
  std::string newline;
  std::string indent;
  std::string around_colon;
  // Every ASCII character of a string is written as \u00XX.
  bool escapes_all = false;
};

// Five: none, LF, CRLF and CR at line ends, and one in which every ASCII
// character of a string is escaped.
std::vector<PolicyLayout> PolicyLayouts();

// A mark, and where it came to stand in the text.
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

  // After a blank line that belongs to the text, and before one.
  void WriteDocument(const PolicyNode& node);

  const std::string& text() const { return text_; }
  // In the order of the text.
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

#endif  // GLUE_SECURITY_TESTING_POLICY_NODE_H_
