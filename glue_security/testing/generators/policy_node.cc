#include "glue_security/testing/generators/policy_node.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/end_process.h"

namespace glue_security {
namespace {

// Recurses at most `kPolicyNodeDepthMax` deep, like all code that walks through
// a node.
PolicyNode NodeFromValue(JsonDocument::Value value) {
  PolicyNode node;
  node.text = std::string(value.text());
  if (value.is_string()) node.kind = PolicyNode::Kind::kString;
  if (value.is_array()) {
    node.kind = PolicyNode::Kind::kList;
    for (const auto element : value.elements()) {
      node.elements.push_back(NodeFromValue(element));
    }
  }
  if (value.is_object()) {
    node.kind = PolicyNode::Kind::kObject;
    for (const auto member : value.members()) {
      node.members.push_back({std::string(member.key.text()),
                              NodeFromValue(member.value), std::nullopt});
    }
  }
  return node;
}

}  // namespace

PolicyNode StringNode(const std::string& text) {
  PolicyNode node;
  node.kind = PolicyNode::Kind::kString;
  node.text = text;
  return node;
}

PolicyNode NodeFromObject(const std::string& text) {
  const auto parsed = JsonDocument::Parse(text, kPolicyNodeDepthMax);
  const auto* document = std::get_if<JsonDocument>(&parsed);
  if (document == nullptr) {
    EndProcess(absl::StrCat(std::get<JsonError>(parsed).message, " in ", text));
  }
  return NodeFromValue(document->root());
}

PolicyNode NodeFromJson(const std::string& text) {
  PolicyNode list = NodeFromObject(absl::StrCat("{\"\":", text, "}"));
  return list.members.front().value;
}

std::optional<size_t> IndexOfMember(const PolicyNode& object,
                                    const std::string& key) {
  for (size_t i = 0; i < object.members.size(); ++i) {
    if (object.members[i].key == key) return i;
  }
  return std::nullopt;
}

void AppendMember(PolicyNode& object, const std::string& key,
                  const PolicyNode& value) {
  object.members.push_back({key, value, std::nullopt});
}

std::vector<PolicyLayout> PolicyLayouts() {
  return {{"", "", "", false},
          {"\n", "  ", " ", false},
          {"\r\n", "\t", "", false},
          {"\r", " ", "\t", false},
          {"\n\n", "", "\n", true}};
}

PolicyWriter::PolicyWriter(const PolicyLayout& layout) : layout_(layout) {}

void PolicyWriter::Write(const PolicyNode& node) { Write(node, 0, ""); }

void PolicyWriter::WriteDocument(const PolicyNode& node) {
  text_ += layout_.newline;
  Write(node);
  text_ += layout_.newline;
}

void PolicyWriter::NewLine(size_t depth) {
  text_ += layout_.newline;
  for (size_t i = 0; i < depth; ++i) text_ += layout_.indent;
}

void PolicyWriter::WriteString(const std::string& text) {
  text_ += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || c == '"' || c == '\\' ||
        (layout_.escapes_all && byte < 0x80)) {
      absl::StrAppendFormat(&text_, "\\u%04x", byte);
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

void PolicyWriter::Note(const std::optional<FindingCode>& mark,
                        const std::string& pointer) {
  if (mark.has_value()) marks_.push_back({*mark, pointer, text_.size()});
}

void PolicyWriter::Write(const PolicyNode& node, size_t depth,
                         const std::string& pointer) {
  Note(node.mark, pointer);
  switch (node.kind) {
    case PolicyNode::Kind::kLiteral:
      text_ += node.text;
      return;
    case PolicyNode::Kind::kString:
      WriteString(node.text);
      return;
    case PolicyNode::Kind::kList:
      WriteElements(node, depth, pointer);
      return;
    case PolicyNode::Kind::kObject:
      WriteMembers(node, depth, pointer);
      return;
  }
}

void PolicyWriter::WriteElements(const PolicyNode& node, size_t depth,
                                 const std::string& pointer) {
  text_ += '[';
  for (size_t i = 0; i < node.elements.size(); ++i) {
    if (i > 0) text_ += ',';
    NewLine(depth + 1);
    Write(node.elements[i], depth + 1, absl::StrCat(pointer, "/", i));
  }
  if (!node.elements.empty()) NewLine(depth);
  text_ += ']';
}

void PolicyWriter::WriteMembers(const PolicyNode& node, size_t depth,
                                const std::string& pointer) {
  text_ += '{';
  for (size_t i = 0; i < node.members.size(); ++i) {
    const PolicyNode::Member& member = node.members[i];
    if (i > 0) text_ += ',';
    NewLine(depth + 1);
    std::string token;
    for (const char c : member.key) {
      token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    const std::string inner = absl::StrCat(pointer, "/", token);
    Note(member.key_mark, inner);
    WriteString(member.key);
    text_ += layout_.around_colon + ":" + layout_.around_colon;
    Write(member.value, depth + 1, inner);
  }
  if (!node.members.empty()) NewLine(depth);
  text_ += '}';
}

}  // namespace glue_security
