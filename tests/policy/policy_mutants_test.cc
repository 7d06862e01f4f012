// Policies that break exactly one rule, generated: every rule is broken at
// every place of several good policies where it can be broken, and there must
// be one finding, with the code of that rule, at that place.

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy_checker.h"
#include "glue_security/policy/policy_document.h"
#include "glue_security/testing/naive_json.h"
#include "gtest/gtest.h"
#include "tests/policy/all_operators.h"

namespace glue_security {
namespace {

using Code = FindingCode;

constexpr PolicyChecks kLevels[] = {PolicyChecks::kNone, PolicyChecks::kJson,
                                    PolicyChecks::kGrammar,
                                    PolicyChecks::kGlue};

std::vector<Code> AllCodes() {
  std::vector<Code> codes;
  for (int i = 0; !FindingCodeName(static_cast<Code>(i)).empty(); ++i) {
    codes.push_back(static_cast<Code>(i));
  }
  return codes;
}

// ---------------------------------------------------------------------------
// JSON that can be changed, and marked where a finding is expected.

struct Node {
  enum class Kind { kLiteral, kString, kList, kObject };
  struct Member;

  Kind kind = Kind::kLiteral;
  // A literal as it is written, or a string.
  std::string text;
  std::vector<Node> elements;
  std::vector<Member> members;
  std::optional<Code> mark;
};

struct Node::Member {
  std::string key;
  Node value;
  // A finding is expected at the key, not at the value.
  std::optional<Code> key_mark;
};

Node String(const std::string& text) {
  Node node;
  node.kind = Node::Kind::kString;
  node.text = text;
  return node;
}

Node FromValue(PolicyDocument::Value value) {
  Node node;
  node.text = std::string(value.text());
  if (value.is_string()) node.kind = Node::Kind::kString;
  if (value.is_array()) {
    node.kind = Node::Kind::kList;
    for (const auto element : value.elements()) {
      node.elements.push_back(FromValue(element));
    }
  }
  if (value.is_object()) {
    node.kind = Node::Kind::kObject;
    for (const auto member : value.members()) {
      node.members.push_back({std::string(member.key.text()),
                              FromValue(member.value), std::nullopt});
    }
  }
  return node;
}

Node FromObject(const std::string& text) {
  const auto parsed = PolicyDocument::Parse(text);
  const auto* document = std::get_if<PolicyDocument>(&parsed);
  if (document == nullptr) {
    ADD_FAILURE() << std::get<JsonError>(parsed).message << " in " << text;
    return Node();
  }
  return FromValue(document->root());
}

// Any JSON.
Node FromJson(const std::string& text) {
  Node list = FromObject(absl::StrCat("{\"\":", text, "}"));
  return list.members.front().value;
}

std::optional<size_t> IndexOf(const Node& object, const std::string& key) {
  for (size_t i = 0; i < object.members.size(); ++i) {
    if (object.members[i].key == key) return i;
  }
  return std::nullopt;
}

void Append(Node& object, const std::string& key, const Node& value) {
  object.members.push_back({key, value, std::nullopt});
}

// ---------------------------------------------------------------------------
// A text of it, with the places of the marks.

struct Layout {
  std::string newline;
  std::string indent;
  std::string around_colon;
  // Every ASCII character of a string is written as \u00XX.
  bool escapes_all = false;
};

std::vector<Layout> Layouts() {
  return {{"", "", "", false},
          {"\n", "  ", " ", false},
          {"\r\n", "\t", "", false},
          {"\r", " ", "\t", false},
          {"\n\n", "", "\n", true}};
}

struct Mark {
  Code code;
  std::string pointer;
  size_t offset;
};

class Writer {
 public:
  explicit Writer(const Layout& layout) : layout_(layout) {}

  void Write(const Node& node) { Write(node, 0, ""); }

  // After a blank line that belongs to the text.
  void WriteDocument(const Node& node) {
    text_ += layout_.newline;
    Write(node);
    text_ += layout_.newline;
  }

  const std::string& text() const { return text_; }
  // In the order of the text.
  const std::vector<Mark>& marks() const { return marks_; }

 private:
  void NewLine(size_t depth) {
    text_ += layout_.newline;
    for (size_t i = 0; i < depth; ++i) text_ += layout_.indent;
  }

  void WriteString(const std::string& text) {
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

  void Note(const std::optional<Code>& mark, const std::string& pointer) {
    if (mark.has_value()) marks_.push_back({*mark, pointer, text_.size()});
  }

  void Write(const Node& node, size_t depth, const std::string& pointer) {
    Note(node.mark, pointer);
    switch (node.kind) {
      case Node::Kind::kLiteral:
        text_ += node.text;
        return;
      case Node::Kind::kString:
        WriteString(node.text);
        return;
      case Node::Kind::kList:
        WriteElements(node, depth, pointer);
        return;
      case Node::Kind::kObject:
        WriteMembers(node, depth, pointer);
        return;
    }
  }

  void WriteElements(const Node& node, size_t depth,
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

  void WriteMembers(const Node& node, size_t depth,
                    const std::string& pointer) {
    text_ += '{';
    for (size_t i = 0; i < node.members.size(); ++i) {
      const Node::Member& member = node.members[i];
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

  const Layout layout_;
  std::string text_;
  std::vector<Mark> marks_;
};

// Line and column of `offset`, both from 1, counted in code points.
std::pair<size_t, size_t> LineAndColumn(const std::string& text,
                                        size_t offset) {
  const auto points = NaiveCodePoints(text.substr(0, offset));
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; points.has_value() && i < points->size(); ++i) {
    const char32_t point = (*points)[i];
    const bool crlf =
        point == U'\r' && i + 1 < points->size() && (*points)[i + 1] == U'\n';
    if (point == U'\n' || (point == U'\r' && !crlf)) {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return {line, column};
}

// Whether the JSON pointer leads to a value that starts at `offset`, or whose
// key does.
bool LeadsTo(const PolicyDocument& document, const std::string& pointer,
             size_t offset) {
  std::vector<PolicyDocument::Value> values = {document.root()};
  std::vector<size_t> offsets = {document.root().offset()};
  std::vector<std::string> tokens = absl::StrSplit(pointer, '/');
  tokens.erase(tokens.begin());
  for (const std::string& escaped : tokens) {
    const std::string token =
        absl::StrReplaceAll(escaped, {{"~1", "/"}, {"~0", "~"}});
    std::vector<PolicyDocument::Value> inner;
    offsets.clear();
    for (const auto value : values) {
      if (value.is_object()) {
        for (const auto member : value.members()) {
          if (member.key.text() != token) continue;
          inner.push_back(member.value);
          offsets.push_back(member.key.offset());
          offsets.push_back(member.value.offset());
        }
      } else if (value.is_array()) {
        size_t i = 0;
        for (const auto element : value.elements()) {
          if (absl::StrCat(i++) != token) continue;
          inner.push_back(element);
          offsets.push_back(element.offset());
        }
      }
    }
    values = inner;
  }
  for (const size_t other : offsets) {
    if (other == offset) return true;
  }
  return false;
}

// ---------------------------------------------------------------------------
// The good policies.

constexpr char kCaller[] = "arn:aws:iam::123456789012:user/admin";

CatalogContext Catalog() {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  catalog.caller_arn = kCaller;
  catalog.principal_exists = [](absl::string_view principal) {
    return !absl::StrContains(principal, "999999999999") &&
           !absl::StrContains(principal, "GHOST");
  };
  return catalog;
}

struct Base {
  std::string name;
  // The highest level that takes it.
  PolicyChecks level;
  std::string text;
};

// A Condition with every operator, and values of every type.
std::string EveryOperator() {
  std::vector<std::string> operators(std::begin(kAllOperators),
                                     std::end(kAllOperators));
  for (const char* more : {"BoolIfExists", "ForAllValues:Null",
                           "ForAnyValue:StringLikeIfExists"}) {
    operators.emplace_back(more);
  }
  const std::vector<std::string> values = {"\"a\"", "1.50", "true",
                                           "[\"a\", 1, false]", "[]"};
  std::string condition;
  for (size_t i = 0; i < operators.size(); ++i) {
    absl::StrAppend(&condition, i == 0 ? "" : ", ", "\"", operators[i],
                    "\": {\"aws:PrincipalTag/team~", i,
                    "\": ", values[i % values.size()], "}");
  }
  return absl::StrCat("{", condition, "}");
}

// "GLUE:" is the beginning of an ARN of the catalog, "CALLER" its caller.
std::vector<Base> Bases() {
  std::vector<Base> bases = {
      {"one statement, no list", PolicyChecks::kGlue, R"json({
         "Version": "2012-10-17",
         "Id": "Zürich 🙂",
         "Statement": {
           "Sid": "日本",
           "Effect": "Allow",
           "Principal": "*",
           "Action": "glue:GetTable",
           "Resource": "GLUE:catalog",
           "Condition": {"StringEquals": {"aws:PrincipalTag/a~b": "x"}}
         }
       })json"},
      {"no optional element", PolicyChecks::kGlue, R"json({
         "Statement": {
           "Effect": "Deny",
           "NotPrincipal": {"AWS": ["CALLER", "123456789012"]},
           "NotAction": "*",
           "NotResource": "GLUE:*"
         }
       })json"},
      {"every form of principal", PolicyChecks::kGlue, R"json({
         "Version": "2008-10-17",
         "Statement": [{
           "Sid": "all",
           "Effect": "Allow",
           "Principal": {
             "AWS": ["*", "210987654321",
               "arn:aws:iam::210987654321:root",
               "arn:aws:iam::210987654321:user/alice",
               "arn:aws:iam::210987654321:user/a/b/alice",
               "arn:aws:iam::210987654321:role/reader",
               "arn:aws:iam::210987654321:role/aws-service-role/x/reader",
               "arn:aws:sts::210987654321:assumed-role/reader/session@host",
               "arn:aws:sts::210987654321:federated-user/bob",
               "AIDAABCDEFGHIJKLMNOP", "AROAABCDEFGHIJKLMNOP"],
             "Service": ["glue.amazonaws.com"]
           },
           "Action": ["*", "glue:*", "g?ue:Get*", "*:*"],
           "Resource": ["GLUE:database/default", "GLUE:table/*"]
         }]
       })json"},
      {"several statements", PolicyChecks::kGlue, R"json({
         "Id": "",
         "Version": "2012-10-17",
         "Statement": [
           {"Sid": "α", "Effect": "Deny",
            "Principal": {"AWS": "arn:aws:iam::210987654321:user/mallory"},
            "NotAction": ["glue:Get*", "s3:*"],
            "NotResource": ["GLUE:table/a/b"]},
           {"Action": "glue:DeleteTable", "Resource": "GLUE:*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:root"],
                             "Service": "glue.amazonaws.com"},
            "Effect": "Deny", "Sid": "β"},
           {"Sid": "", "Effect": "Allow",
            "Principal": {"AWS": [], "Service": []},
            "Action": [], "Resource": [], "Condition": {}},
           {"Sid": "", "Effect": "Allow", "Principal": {},
            "Action": "glue:GetTables", "Resource": "GLUE:*/x",
            "Condition": {
              "Bool": {},
              "ForAnyValue:StringLike":
                {"aws:x": ["a", "b*"], "aws:y": [], "aws:z": "c"}}},
           {"Effect": "Allow", "Principal": {"AWS": "*"},
            "NotAction": "glue:*", "Resource": "GLUE:*"}
         ]
       })json"},
      {"every operator", PolicyChecks::kGlue, R"json({
         "Version": "2012-10-17",
         "Statement": [
           {"Effect": "Allow", "Principal": "*", "Action": "*",
            "Resource": "GLUE:*", "Condition": CONDITION}
         ]
       })json"},
      {"what the grammar alone takes", PolicyChecks::kGrammar, R"json({
         "Version": "2012-10-17",
         "Statement": [
           {"Effect": "Allow",
            "Principal": {
              "Federated": ["cognito-identity.amazonaws.com",
                "arn:aws:iam::123456789012:saml-provider/x"],
              "CanonicalUser": "79a59df900b949e55d96a1e698fbaced",
              "Service": "glue.amazonaws.com",
              "AWS": ["arn:aws-cn:iam::123456789012:user/(odd name)",
                "arn:aws-us-gov:iam::999999999999:root"]},
            "Action": "s3:*", "Resource": "*"},
           {"Effect": "Deny", "NotPrincipal": {"Federated": "x"},
            "Action": ["a:b"], "NotResource": ["", "anything at all"]}
         ]
       })json"}};
  for (Base& base : bases) {
    absl::StrReplaceAll({{"GLUE:", "arn:aws:glue:us-east-1:123456789012:"},
                         {"CALLER", kCaller},
                         {"CONDITION", EveryOperator()}},
                        &base.text);
  }
  return bases;
}

// ---------------------------------------------------------------------------
// Where a rule can be broken.

enum class Role {
  kDocument,
  kVersion,
  kId,
  kStatements,       // the value of Statement
  kStatement,        // one of them
  kListedStatement,  // one of a list
  kSid,
  kEffect,
  kPrincipal,        // the value of Principal or NotPrincipal
  kPrincipalObject,  // where it is an object
  kStrings,          // a string or a list of them: actions, of a kind, ...
  kListedString,
  kAwsEntry,
  kOtherEntry,
  kAction,
  kResource,
  kCondition,
  kOperator,
  kValues,
  kListedValue,
};

struct Place {
  Role role;
  // Which member or element to take, from the document on.
  std::vector<size_t> path;
};

class PlaceFinder {
 public:
  explicit PlaceFinder(const Node& document) {
    Add(Role::kDocument, {});
    for (size_t i = 0; i < document.members.size(); ++i) {
      const auto& [key, value, mark] = document.members[i];
      if (key == "Version") Add(Role::kVersion, {i});
      if (key == "Id") Add(Role::kId, {i});
      if (key == "Statement") AddStatements(value, {i});
    }
  }

  const std::vector<Place>& places() const { return places_; }

 private:
  using Path = std::vector<size_t>;

  static Path Inner(Path path, size_t index) {
    path.push_back(index);
    return path;
  }

  void Add(Role role, const Path& path) { places_.push_back({role, path}); }

  void AddStatements(const Node& statements, const Path& path) {
    Add(Role::kStatements, path);
    if (statements.kind == Node::Kind::kObject) {
      AddStatement(statements, path);
      return;
    }
    for (size_t i = 0; i < statements.elements.size(); ++i) {
      Add(Role::kListedStatement, Inner(path, i));
      AddStatement(statements.elements[i], Inner(path, i));
    }
  }

  void AddStatement(const Node& statement, const Path& path) {
    Add(Role::kStatement, path);
    for (size_t i = 0; i < statement.members.size(); ++i) {
      const auto& [key, value, mark] = statement.members[i];
      const Path inner = Inner(path, i);
      if (key == "Sid") Add(Role::kSid, inner);
      if (key == "Effect") Add(Role::kEffect, inner);
      if (absl::EndsWith(key, "Principal")) AddPrincipals(value, inner);
      if (absl::EndsWith(key, "Action")) {
        AddStrings(value, inner, Role::kAction);
      }
      if (absl::EndsWith(key, "Resource")) {
        AddStrings(value, inner, Role::kResource);
      }
      if (key == "Condition") AddCondition(value, inner);
    }
  }

  void AddPrincipals(const Node& principal, const Path& path) {
    Add(Role::kPrincipal, path);
    if (principal.kind != Node::Kind::kObject) return;
    Add(Role::kPrincipalObject, path);
    for (size_t i = 0; i < principal.members.size(); ++i) {
      const auto& [kind, value, mark] = principal.members[i];
      AddStrings(value, Inner(path, i),
                 kind == "AWS" ? Role::kAwsEntry : Role::kOtherEntry);
    }
  }

  void AddStrings(const Node& value, const Path& path, Role entry) {
    Add(Role::kStrings, path);
    if (value.kind == Node::Kind::kString) Add(entry, path);
    for (size_t i = 0; i < value.elements.size(); ++i) {
      Add(Role::kListedString, Inner(path, i));
      Add(entry, Inner(path, i));
    }
  }

  void AddCondition(const Node& condition, const Path& path) {
    Add(Role::kCondition, path);
    for (size_t i = 0; i < condition.members.size(); ++i) {
      const Path inner = Inner(path, i);
      Add(Role::kOperator, inner);
      const Node& keys = condition.members[i].value;
      for (size_t j = 0; j < keys.members.size(); ++j) {
        Add(Role::kValues, Inner(inner, j));
        const Node& values = keys.members[j].value;
        for (size_t k = 0; k < values.elements.size(); ++k) {
          Add(Role::kListedValue, Inner(Inner(inner, j), k));
        }
      }
    }
  }

  std::vector<Place> places_;
};

// ---------------------------------------------------------------------------
// The breaking.

class Breaker {
 public:
  Breaker(const Node& base, PolicyChecks level) : base_(base), level_(level) {
    const PlaceFinder finder(base_);
    for (const Place& place : finder.places()) {
      path_ = place.path;
      Break(place.role);
    }
    BreakSids(finder.places());
    BreakLockOut(finder.places());
  }

  std::vector<Node>& mutants() { return mutants_; }

 private:
  using Edit = std::function<void(Node&)>;

  static Node& At(Node& node, const std::vector<size_t>& path) {
    Node* at = &node;
    for (const size_t index : path) {
      at = at->kind == Node::Kind::kList ? &at->elements[index]
                                         : &at->members[index].value;
    }
    return *at;
  }

  const Node& Here() { return At(base_, path_); }

  // A mutant that differs in what `edit` does at the place.
  void Mutate(const Edit& edit) {
    mutants_.push_back(base_);
    edit(At(mutants_.back(), path_));
  }

  void Replace(Code code, Node with) {
    with.mark = code;
    Mutate([&](Node& node) { node = with; });
  }
  void ReplaceText(Code code, std::initializer_list<const char*> texts) {
    for (const char* text : texts) Replace(code, String(text));
  }
  void ReplaceJson(Code code, std::initializer_list<const char*> texts) {
    for (const char* text : texts) Replace(code, FromJson(text));
  }
  void BreakType(std::initializer_list<const char*> texts) {
    ReplaceJson(Code::kDataTypeMismatch, texts);
  }

  // A member `key` too many, at every position.
  void InsertKey(Code code, const std::string& key, const Node& value) {
    for (size_t i = 0; i <= Here().members.size(); ++i) {
      Mutate([&](Node& node) {
        node.members.insert(node.members.begin() + static_cast<ptrdiff_t>(i),
                            {key, value, code});
      });
    }
  }
  void RenameKey(Code code, size_t index, const std::string& key) {
    Mutate([&](Node& node) {
      node.members[index].key = key;
      node.members[index].key_mark = code;
    });
  }
  // Each key twice: behind the others, and before the first.
  void RepeatKeys() {
    for (size_t i = 0; i < Here().members.size(); ++i) {
      Mutate([&](Node& node) {
        node.members.push_back(node.members[i]);
        node.members.back().key_mark = Code::kDuplicateKeys;
      });
      Mutate([&](Node& node) {
        const Node::Member copy = node.members[i];
        node.members[i].key_mark = Code::kDuplicateKeys;
        node.members.insert(node.members.begin(), copy);
      });
    }
  }

  void Break(Role role) {
    switch (role) {
      case Role::kDocument:
        return BreakDocument();
      case Role::kVersion:
        BreakType({"null", "true", "20121017", "[]", "{}", "[\"2012-10-17\"]"});
        return ReplaceText(Code::kInvalidVersion,
                           {"", "2012-10-18", "2012-10-17 ", "2008-10-7", "1",
                            "2012-10-17\n", "2012-10-1७"});
      case Role::kId:
      case Role::kSid:
        return BreakType({"null", "false", "0", "[]", "{}", "[\"a\"]"});
      case Role::kStatements:
        BreakType({"null", "true", "1", "\"\"", "\"{}\""});
        return ReplaceJson(Code::kMissingStatement, {"[]"});
      case Role::kListedStatement:
        return BreakType({"null", "true", "1", "\"\"", "[]", "[{}]"});
      case Role::kStatement:
        return BreakStatement();
      case Role::kEffect:
        BreakType({"null", "true", "1", "[]", "{}", "[\"Allow\"]"});
        return ReplaceText(Code::kInvalidEffect, {"", "allow", "DENY", "Allow ",
                                                  " Deny", "Permit", "*"});
      case Role::kPrincipal:
        BreakType({"null", "true", "1", "[]", "[\"*\"]"});
        return ReplaceText(
            Code::kInvalidPrincipalFormat,
            {"", "**", "?", "AWS", "123456789012",
             "arn:aws:iam::123456789012:root", "glue.amazonaws.com"});
      case Role::kPrincipalObject:
        return BreakPrincipalObject();
      case Role::kStrings:
        return BreakType({"null", "true", "1", "{}", "{\"AWS\": \"*\"}"});
      case Role::kListedString:
        return BreakType({"null", "true", "1", "[]", "{}", "[\"*\"]"});
      case Role::kAwsEntry:
        return BreakAwsEntry();
      case Role::kOtherEntry:
        return ReplaceText(Code::kInvalidPrincipalFormat, {""});
      case Role::kAction:
        return ReplaceText(
            Code::kInvalidAction,
            {"", "glue", "GetTable", ":", ":GetTable", "glue:", "**", "?", " *",
             "glue:Get Table", "glue:GetTable ", " glue:GetTable",
             "gl_ue:GetTable", "glue:Get:Table", "glue:Gét", "glue/GetTable",
             "glue:Get\n", "arn:aws:glue"});
      case Role::kResource:
        return BreakResource();
      case Role::kCondition:
        BreakType({"null", "true", "1", "\"\"", "[]", "[{}]"});
        return BreakCondition();
      case Role::kOperator:
        BreakType({"null", "true", "1", "\"a\"", "[]", "[{}]"});
        return BreakOperator();
      case Role::kValues:
        return BreakType({"null", "{}", "{\"a\": \"b\"}"});
      case Role::kListedValue:
        return BreakType({"null", "[]", "{}", "[\"a\"]"});
    }
  }

  void BreakDocument() {
    RepeatKeys();
    for (const char* key : {"", "Foo", "version", "Statements", "statement",
                            "Sid", "Effect", "Action", "Id "}) {
      InsertKey(Code::kInvalidPolicyElement, key, FromJson("null"));
    }
    for (const char* key : {"Version", "Id"}) {
      if (const auto index = IndexOf(Here(), key)) {
        RenameKey(Code::kInvalidPolicyElement, *index,
                  absl::AsciiStrToLower(key));
      }
    }
    Mutate([&](Node& node) {
      const size_t index = *IndexOf(node, "Statement");
      node.members.erase(node.members.begin() + static_cast<ptrdiff_t>(index));
      node.mark = Code::kMissingStatement;
    });
    Replace(Code::kMissingStatement, FromJson("{}"));
  }

  void BreakStatement() {
    RepeatKeys();
    for (const char* key :
         {"", "Foo", "Version", "Id", "Statement", "effect", "NotEffect",
          "principal", "Actions", "NotCondition", "Resource\n"}) {
      InsertKey(Code::kInvalidPolicyElement, key, FromJson("[{}]"));
    }
    for (const char* key : {"Sid", "Condition"}) {
      if (const auto index = IndexOf(Here(), key)) {
        RenameKey(Code::kInvalidPolicyElement, *index,
                  absl::AsciiStrToUpper(key));
      }
    }
    BreakMissing("Effect", Code::kMissingEffect);
    for (const char* prefix : {"", "Not"}) {
      BreakMissing(absl::StrCat(prefix, "Principal"), Code::kMissingPrincipal);
      BreakMissing(absl::StrCat(prefix, "Action"), Code::kMissingAction);
      BreakMissing(absl::StrCat(prefix, "Resource"), Code::kMissingResource);
    }
    const size_t effect = *IndexOf(Here(), "Effect");
    const bool is_deny = Here().members[effect].value.text == "Deny";
    for (const char* name : {"Principal", "Action", "Resource"}) {
      if (is_deny || name != absl::string_view("Principal")) BreakPair(name);
    }
    Mutate([&](Node& node) {
      const auto principal = IndexOf(node, "Principal");
      const size_t index =
          principal.has_value() ? *principal : *IndexOf(node, "NotPrincipal");
      node.members[effect].value.text = "Allow";
      node.members[index].key = "NotPrincipal";
      node.members[index].key_mark = Code::kAllowWithNotPrincipal;
    });
  }

  void BreakMissing(const std::string& key, Code code) {
    const auto index = IndexOf(Here(), key);
    if (!index.has_value()) return;
    Mutate([&](Node& node) {
      node.members.erase(node.members.begin() + static_cast<ptrdiff_t>(*index));
      node.mark = code;
    });
  }

  // `name` and its twin: the one that is not there is added.
  void BreakPair(const std::string& name) {
    const std::string twin = "Not" + name;
    const bool has_twin = IndexOf(Here(), twin).has_value();
    for (const bool first : {false, true}) {
      Mutate([&](Node& node) {
        const size_t index = *IndexOf(node, has_twin ? twin : name);
        const Node::Member added = {has_twin ? name : twin,
                                    node.members[index].value, std::nullopt};
        node.members.insert(first ? node.members.begin() : node.members.end(),
                            added);
        node.members[*IndexOf(node, twin)].key_mark =
            Code::kUnsupportedElementCombination;
      });
    }
  }

  void BreakPrincipalObject() {
    RepeatKeys();
    for (const char* key : {"", "aws", "Aws", "AWS ", "User", "*", "service"}) {
      InsertKey(Code::kInvalidPrincipalKey, key, String("*"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(Code::kInvalidPrincipalKey, i, key);
      }
    }
    if (level_ < PolicyChecks::kGlue) return;
    for (const char* key : {"Federated", "CanonicalUser"}) {
      InsertKey(Code::kUnsupportedPrincipal, key, String("x"));
      InsertKey(Code::kUnsupportedPrincipal, key, FromJson("[]"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(Code::kUnsupportedPrincipal, i, key);
      }
    }
  }

  void BreakAwsEntry() {
    ReplaceText(Code::kInvalidPrincipalFormat,
                {"",
                 "alice",
                 "12345678901",
                 "1234567890123",
                 "12345678901a",
                 "root",
                 "arn:aws:iam:123456789012:root",
                 "arn:aws:iam::12345678901:root",
                 "arn:aws:iam:::root",
                 "arn:aws:iam::123456789012:Root",
                 "arn:aws:iam::123456789012:root/",
                 "arn:aws:iam::123456789012:",
                 "arn:aws:iam::123456789012:user",
                 "arn:aws:iam::123456789012:user/",
                 "arn:aws:iam::123456789012:user/a/",
                 "arn:aws:iam::123456789012:role/",
                 "arn:aws:iam::123456789012:group/a",
                 "arn:aws:iam::123456789012:assumed-role/a/b",
                 "arn:aws:iam::123456789012:saml-provider/a",
                 "arn:aws:iam:us-east-1:123456789012:root",
                 "arn:aws:s3::123456789012:root",
                 "arn:aws:sts::123456789012:root",
                 "arn:aws:sts::123456789012:user/a",
                 "arn:aws:sts::123456789012:assumed-role/a",
                 "arn:aws:sts::123456789012:assumed-role/a/",
                 "arn:aws:sts::123456789012:assumed-role//b",
                 "arn:aws:sts::123456789012:assumed-role/a/b/c",
                 "arn:aws:sts::123456789012:federated-user/",
                 "arn:aws:sts::123456789012:federated-user/a/b",
                 "ARN:aws:iam::123456789012:root",
                 "arn:AWS:iam::123456789012:root",
                 "arn:aws-:iam::123456789012:root",
                 "arn::iam::123456789012:root",
                 " arn:aws:iam::123456789012:root",
                 "AIDAABCDEFGHIJK",
                 "AIDaABCDEFGHIJKLMNOP",
                 "ANPAABCDEFGHIJKLMNOP",
                 "AIDAABCDEFGHIJKLMNO-"});
    ReplaceText(
        Code::kUnsupportedWildcardInPrincipal,
        {"**", "?", "*a", "12345678901?", "arn:aws:iam::*:root",
         "arn:aws:iam::123456789012:*", "arn:aws:iam::123456789012:user/*",
         "arn:aws:iam::123456789012:role/a?c",
         "arn:aws:sts::123456789012:assumed-role/a/*", "AIDA*"});
    if (level_ < PolicyChecks::kGlue) return;
    const std::string too_long =
        "arn:aws:iam::123456789012:user/" + std::string(65, 'a');
    ReplaceText(Code::kInvalidPrincipalName,
                {"arn:aws:iam::123456789012:user/(non-existent-user)",
                 "arn:aws:iam::123456789012:user/a b",
                 "arn:aws:iam::123456789012:user/path/a:b", too_long.c_str(),
                 "arn:aws:iam::123456789012:role/Zürich",
                 "arn:aws:iam::123456789012:role/a\n",
                 "arn:aws:sts::123456789012:assumed-role/a#/b",
                 "arn:aws:sts::123456789012:assumed-role/a/#b",
                 "arn:aws:sts::123456789012:federated-user/a$"});
    ReplaceText(
        Code::kNonexistentPrincipal,
        {"999999999999", "arn:aws:iam::999999999999:root",
         "arn:aws:iam::123456789012:user/GHOST",
         "arn:aws:iam::123456789012:role/a/GHOST",
         "arn:aws:sts::123456789012:assumed-role/a/GHOST",
         "arn:aws:sts::999999999999:federated-user/a", "AIDAGHOSTGHIJKLMNOP"});
  }

  void BreakResource() {
    if (level_ < PolicyChecks::kGlue) return;
    ReplaceText(Code::kInvalidArnPrefix,
                {"", "*", "catalog", "arn", "arn:aws:glue:us-east-1",
                 "arn:aws:glue:us-east-1:123456789012", "arn:*",
                 "Arn:aws:glue:us-east-1:123456789012:*",
                 " arn:aws:glue:us-east-1:123456789012:*",
                 "*arn:aws:glue:us-east-1:123456789012:*",
                 "aws:glue:us-east-1:123456789012:*:",
                 ":aws:glue:us-east-1:123456789012:*"});
    struct Field {
      Code code;
      // What takes the place of the dollar.
      const char* pattern;
      std::vector<std::string> wrong;
    };
    const std::vector<Field> fields = {
        {Code::kInvalidPartition,
         "arn:$:glue:us-east-1:123456789012:catalog",
         {"", "*", "aws-cn", "aws-us-gov", "AWS", "a?s"}},
        {Code::kInvalidService,
         "arn:aws:$:us-east-1:123456789012:table/a/b",
         {"", "*", "s3", "Glue", "glu?", "glue "}},
        {Code::kInvalidArnRegion,
         "arn:aws:glue:$:123456789012:*",
         {"", "*", "us-west-2", "us-east-?", "US-EAST-1", "us-east-11"}},
        {Code::kInvalidArnAccount,
         "arn:aws:glue:us-east-1:$:database/a",
         {"", "*", "210987654321", "12345678901?", "123456789012 "}},
        {Code::kInvalidArnResource,
         "arn:aws:glue:us-east-1:123456789012:$",
         {"", "/", "/catalog", "1table", "?", " catalog", "-", "_", ":a", "é",
          "$", "catalog\n", "*\n", "table/a\r", "a\u0085", "a/\u2028b",
          "a\u2029"}}};
    for (const auto& [code, pattern, wrong] : fields) {
      for (const std::string& text : wrong) {
        Replace(code, String(absl::StrReplaceAll(pattern, {{"$", text}})));
      }
    }
  }

  void BreakCondition() {
    RepeatKeys();
    for (const char* name : {"",
                             "stringEquals",
                             "STRINGEQUALS",
                             "StringEquals ",
                             "IfExists",
                             "StringEqualsIfExist",
                             "StringEqualsIfExistsIfExists",
                             "IfExistsStringEquals",
                             "ForAllValues",
                             "ForAllValues:",
                             "ForAllValue:StringEquals",
                             "forAllValues:StringEquals",
                             "ForAllValues:ForAnyValue:StringEquals",
                             "StringEquals:IfExists",
                             "BinaryNotEquals",
                             "NumericLike",
                             "NotBool",
                             "NotNull",
                             "IpAddresses",
                             "aws:username"}) {
      InsertKey(Code::kInvalidConditionOperator, name, FromJson("{}"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(Code::kInvalidConditionOperator, i, name);
      }
    }
    for (const char* name : {"NullIfExists", "ForAllValues:NullIfExists",
                             "ForAnyValue:NullIfExists"}) {
      InsertKey(Code::kNullWithIfExists, name, FromJson("{}"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(Code::kNullWithIfExists, i, name);
      }
    }
  }

  void BreakOperator() {
    RepeatKeys();
    for (size_t i = 0; i < Here().members.size(); ++i) {
      const std::string& key = Here().members[i].key;
      const Node& value = Here().members[i].value;
      Mutate([&](Node& node) {
        node.members.push_back({absl::AsciiStrToUpper(key), value,
                                Code::kDuplicateKeysWithDifferentCase});
      });
      Mutate([&](Node& node) {
        node.members[i].key_mark = Code::kDuplicateKeysWithDifferentCase;
        node.members.insert(node.members.begin(),
                            {absl::AsciiStrToUpper(key), value, std::nullopt});
      });
    }
  }

  // Every two statements of a list.
  void BreakSids(const std::vector<Place>& places) {
    std::vector<std::vector<size_t>> statements;
    for (const Place& place : places) {
      if (place.role == Role::kStatement) statements.push_back(place.path);
    }
    const auto set_sid = [](Node& statement, const std::string& sid) -> Node& {
      if (!IndexOf(statement, "Sid")) Append(statement, "Sid", String(""));
      Node& value = statement.members[*IndexOf(statement, "Sid")].value;
      value.text = sid;
      return value;
    };
    for (size_t i = 0; i < statements.size(); ++i) {
      for (size_t j = i + 1; j < statements.size(); ++j) {
        for (const char* sid : {"same", "日", " ", "\n"}) {
          Node& mutant = mutants_.emplace_back(base_);
          set_sid(At(mutant, statements[i]), sid);
          set_sid(At(mutant, statements[j]), sid).mark =
              Code::kUniqueSidsRequired;
        }
      }
    }
  }

  // Each statement in turn is one that denies the caller.
  void BreakLockOut(const std::vector<Place>& places) {
    if (level_ < PolicyChecks::kGlue) return;
    const std::string rest =
        R"("Effect": "Deny", "Resource":
           "arn:aws:glue:us-east-1:123456789012:*")";
    const std::vector<std::string> denials = {
        R"("Principal": "*", "Action": "*")",
        R"("Principal": {"AWS": "123456789012"}, "Action": "glue:*")",
        absl::StrCat(R"("Principal": {"AWS": [")", kCaller,
                     R"("]}, "Action": ["glue:PutResourcePolicy"])"),
        R"("Principal": {"AWS": "*"}, "Action": "glue:Delete*Policy")",
        R"("NotPrincipal": {"Service": "x"}, "NotAction": "glue:Get*")"};
    for (const Place& place : places) {
      if (place.role != Role::kStatement) continue;
      path_ = place.path;
      for (const std::string& denial : denials) {
        Replace(Code::kPolicyLocksOutCaller,
                FromJson(absl::StrCat("{", denial, ",", rest, "}")));
      }
    }
  }

  Node base_;
  const PolicyChecks level_;
  std::vector<size_t> path_;
  std::vector<Node> mutants_;
};

// ---------------------------------------------------------------------------
// The tests.

// Where nobody asks who exists, a good policy takes a way of its own through
// the rules; it must come to the answer that the document gets.
void ExpectSameWithoutHook(const std::string& text, PolicyChecks level) {
  CatalogContext catalog = Catalog();
  catalog.principal_exists = nullptr;
  for (const char* caller : {kCaller, ""}) {
    catalog.caller_arn = caller;
    const auto parsed = PolicyDocument::Parse(text);
    EXPECT_EQ(
        CheckPolicy(text, level, catalog).size(),
        CheckPolicy(std::get<PolicyDocument>(parsed), level, catalog).size())
        << "at level " << static_cast<int>(level) << "\n"
        << text;
  }
}

void ExpectNoFindings(const Node& document, PolicyChecks highest) {
  for (const Layout& layout : Layouts()) {
    Writer writer(layout);
    writer.WriteDocument(document);
    for (const PolicyChecks level : kLevels) {
      if (level > highest) continue;
      const auto findings = CheckPolicy(writer.text(), level, Catalog());
      EXPECT_TRUE(findings.empty())
          << FindingCodeName(findings[0].code) << " at " << findings[0].pointer
          << " in " << writer.text();
      ExpectSameWithoutHook(writer.text(), level);
    }
  }
}

void ExpectFinding(const Finding& finding, const Mark& mark,
                   const PolicyDocument& document) {
  EXPECT_EQ(FindingCodeName(finding.code), FindingCodeName(mark.code));
  EXPECT_EQ(finding.pointer, mark.pointer);
  EXPECT_EQ(finding.offset, mark.offset);
  EXPECT_EQ(std::make_pair(finding.line, finding.column),
            LineAndColumn(document.text(), mark.offset));
  EXPECT_TRUE(LeadsTo(document, finding.pointer, finding.offset));
  EXPECT_NE(finding.message, "");
  EXPECT_FALSE(absl::EndsWith(finding.message, ".")) << finding.message;
}

// At each level up to `highest`: exactly the findings that are marked and are
// of that level or a lower one.
void ExpectMarkedFindings(const Node& document, const Layout& layout,
                          PolicyChecks highest) {
  Writer writer(layout);
  writer.WriteDocument(document);
  const auto parsed = PolicyDocument::Parse(writer.text());
  for (const PolicyChecks level : kLevels) {
    if (level > highest) continue;
    std::vector<Mark> marks;
    for (const Mark& mark : writer.marks()) {
      if (FindingCodeLevel(mark.code) <= level) marks.push_back(mark);
    }
    const auto findings = CheckPolicy(writer.text(), level, Catalog());
    ASSERT_EQ(findings.size(), marks.size())
        << "at level " << static_cast<int>(level) << "\n"
        << writer.text() << "\nfirst: "
        << (findings.empty() ? "nothing" : FindingCodeName(findings[0].code));
    ExpectSameWithoutHook(writer.text(), level);
    for (size_t i = 0; i < marks.size(); ++i) {
      ExpectFinding(findings[i], marks[i], std::get<PolicyDocument>(parsed));
    }
    if (testing::Test::HasFailure()) {
      FAIL() << "at level " << static_cast<int>(level) << "\n" << writer.text();
    }
  }
}

TEST(PolicyMutants, TheirOriginalsHaveNoFindings) {
  for (const Base& base : Bases()) {
    SCOPED_TRACE(base.name);
    ExpectNoFindings(FromObject(base.text), base.level);
  }
}

TEST(PolicyMutants, EachHasTheOneFindingOfTheRuleThatItBreaksAtItsPlace) {
  const std::vector<Layout> layouts = Layouts();
  size_t count = 0;
  for (const Base& base : Bases()) {
    SCOPED_TRACE(base.name);
    Breaker breaker(FromObject(base.text), base.level);
    for (const Node& mutant : breaker.mutants()) {
      ExpectMarkedFindings(mutant, layouts[count++ % layouts.size()],
                           base.level);
      if (HasFailure()) return;
    }
  }
  std::cout << count << " mutants\n";
  EXPECT_GT(count, 6'000u);
}

// A prefix of an object is never one, nor is an object with something behind.
TEST(PolicyMutants, OfTheTextItself_HaveOneJsonSyntaxError) {
  size_t count = 0;
  for (const Base& base : Bases()) {
    Writer writer(Layouts()[count++ % Layouts().size()]);
    writer.WriteDocument(FromObject(base.text));
    const std::string text(absl::StripTrailingAsciiWhitespace(writer.text()));
    std::vector<std::string> mutants = {"{\n", "{\r", "{\r\n", "{\r\n\r\n"};
    for (size_t size = 0; size < text.size(); size += 1 + size / 100) {
      mutants.push_back(text.substr(0, size));
    }
    for (const char* more : {"x", "{}", "}", ",", "\xFF", "\"", "/**/"}) {
      mutants.push_back(text + more);
      mutants.push_back(more + text);
    }
    for (const std::string& mutant : mutants) {
      EXPECT_TRUE(CheckPolicy(mutant, PolicyChecks::kNone, Catalog()).empty());
      for (const PolicyChecks level :
           {PolicyChecks::kJson, PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
        const auto findings = CheckPolicy(mutant, level, Catalog());
        ASSERT_EQ(findings.size(), 1u) << mutant;
        EXPECT_EQ(findings[0].code, Code::kJsonSyntaxError);
        EXPECT_EQ(findings[0].pointer, "");
        EXPECT_LE(findings[0].offset, mutant.size());
        EXPECT_EQ(std::make_pair(findings[0].line, findings[0].column),
                  LineAndColumn(mutant, findings[0].offset));
      }
    }
  }
}

TEST(PolicyMutants, EveryCodeIsMadeByOne) {
  // The test above.
  std::map<Code, int> made = {{Code::kJsonSyntaxError, 1}};
  for (const Base& base : Bases()) {
    Breaker breaker(FromObject(base.text), base.level);
    for (const Node& mutant : breaker.mutants()) {
      Writer writer(Layouts()[0]);
      writer.Write(mutant);
      ASSERT_EQ(writer.marks().size(), 1u) << writer.text();
      ++made[writer.marks()[0].code];
    }
  }
  for (const Code code : AllCodes()) {
    EXPECT_GT(made[code], 0) << FindingCodeName(code);
  }
  EXPECT_GT(AllCodes().size(), 30u);
}

// Statements of different mutants in one list: none hides another's finding.
TEST(PolicyMutants, Together_HaveAllFindingsInTheOrderOfTheText) {
  const Base base = Bases()[1];
  std::vector<Node> statements;
  Breaker breaker(FromObject(base.text), base.level);
  for (const Node& mutant : breaker.mutants()) {
    Writer writer(Layouts()[0]);
    writer.Write(mutant);
    const Mark& mark = writer.marks().front();
    if (mutant.members.size() == 1 && mutant.members[0].key == "Statement" &&
        mutant.members[0].value.kind == Node::Kind::kObject &&
        !mutant.members[0].key_mark.has_value() &&
        mark.code != Code::kPolicyLocksOutCaller) {
      statements.push_back(mutant.members[0].value);
    }
  }
  ASSERT_GT(statements.size(), 100u);
  std::mt19937_64 random(20261124);
  const std::vector<Layout> layouts = Layouts();
  for (int round = 0; round < 2'000; ++round) {
    Node list = FromJson("[]");
    for (size_t size = 2 + random() % 6; size > 0; --size) {
      list.elements.push_back(statements[random() % statements.size()]);
    }
    Node document = FromJson("{}");
    Append(document, "Statement", list);
    ExpectMarkedFindings(document, layouts[random() % layouts.size()],
                         PolicyChecks::kGlue);
    if (HasFailure()) return;
  }
}

// ---------------------------------------------------------------------------
// What messages say.

// Calls `visit` for every key and every string, which it may change.
void ForEachText(Node& node, const std::function<void(std::string&)>& visit) {
  if (node.kind == Node::Kind::kString) visit(node.text);
  for (Node& element : node.elements) ForEachText(element, visit);
  for (Node::Member& member : node.members) {
    visit(member.key);
    ForEachText(member.value, visit);
  }
}

TEST(PolicyMutants, NoMessageQuotesTheDocument) {
  const std::string marker = "MARKER";
  size_t findings_seen = 0;
  const auto expect_unquoted = [&](const std::string& text) {
    for (const PolicyChecks level : kLevels) {
      for (const Finding& finding : CheckPolicy(text, level, Catalog())) {
        ++findings_seen;
        ASSERT_FALSE(absl::StrContains(finding.message, marker))
            << finding.message;
      }
    }
  };
  for (const Base& base : Bases()) {
    Node document = FromObject(base.text);
    size_t texts = 0;
    ForEachText(document, [&](std::string&) { ++texts; });
    for (size_t i = 0; i < texts; ++i) {
      for (const char* pattern : {"M", "$M", "M$", "$:M", "$/M"}) {
        Node mutant = document;
        size_t at = 0;
        ForEachText(mutant, [&](std::string& text) {
          if (at++ != i) return;
          text = absl::StrReplaceAll(pattern, {{"M", marker}, {"$", text}});
        });
        Writer writer(Layouts()[0]);
        writer.Write(mutant);
        expect_unquoted(writer.text());
        const size_t place = writer.text().find(marker);
        expect_unquoted(writer.text().substr(0, place + marker.size()));
        expect_unquoted(writer.text() + marker);
      }
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(findings_seen, 1000u);
}

}  // namespace
}  // namespace glue_security
