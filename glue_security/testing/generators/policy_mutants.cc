#include "glue_security/testing/generators/policy_mutants.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/testing/generators/policy_places.h"
#include "glue_security/testing/generators/policy_samples.h"

namespace glue_security {
namespace {

class Breaker {
 public:
  Breaker(const PolicyNode& base, PolicyChecks level)
      : base_(base), level_(level) {
    const std::vector<PolicyPlace> places = FindPolicyPlaces(base_);
    for (const PolicyPlace& place : places) {
      path_ = place.path;
      Break(place.role);
    }
    BreakSids(places);
    BreakLockOut(places);
  }

  std::vector<PolicyNode> TakeMutants() { return std::move(mutants_); }

 private:
  using Edit = std::function<void(PolicyNode&)>;

  static PolicyNode& At(PolicyNode& node, const std::vector<size_t>& path) {
    PolicyNode* at = &node;
    for (const size_t index : path) {
      at = at->kind == PolicyNode::Kind::kList ? &at->elements[index]
                                               : &at->members[index].value;
    }
    return *at;
  }

  const PolicyNode& Here() { return At(base_, path_); }

  // Adds a mutant that `edit` changes at the place.
  void Mutate(const Edit& edit) {
    mutants_.push_back(base_);
    edit(At(mutants_.back(), path_));
  }

  void Replace(FindingCode code, PolicyNode with) {
    with.mark = code;
    Mutate([&](PolicyNode& node) { node = with; });
  }
  void ReplaceText(FindingCode code, std::initializer_list<const char*> texts) {
    for (const char* text : texts) Replace(code, StringNode(text));
  }
  void ReplaceJson(FindingCode code, std::initializer_list<const char*> texts) {
    for (const char* text : texts) Replace(code, NodeFromJson(text));
  }
  void BreakType(std::initializer_list<const char*> texts) {
    ReplaceJson(FindingCode::kDataTypeMismatch, texts);
  }

  // Inserts a surplus member `key` at every position.
  void InsertKey(FindingCode code, const std::string& key,
                 const PolicyNode& value) {
    for (size_t i = 0; i <= Here().members.size(); ++i) {
      Mutate([&](PolicyNode& node) {
        node.members.insert(node.members.begin() + static_cast<ptrdiff_t>(i),
                            {key, value, code});
      });
    }
  }
  void RenameKey(FindingCode code, size_t index, const std::string& key) {
    Mutate([&](PolicyNode& node) {
      node.members[index].key = key;
      node.members[index].key_mark = code;
    });
  }
  // Repeats each key: behind the others, and before the first.
  void RepeatKeys() {
    for (size_t i = 0; i < Here().members.size(); ++i) {
      Mutate([&](PolicyNode& node) {
        node.members.push_back(node.members[i]);
        node.members.back().key_mark = FindingCode::kDuplicateKeys;
      });
      Mutate([&](PolicyNode& node) {
        const PolicyNode::Member copy = node.members[i];
        node.members[i].key_mark = FindingCode::kDuplicateKeys;
        node.members.insert(node.members.begin(), copy);
      });
    }
  }

  void Break(PolicyRole role) {
    switch (role) {
      case PolicyRole::kDocument:
        return BreakDocument();
      case PolicyRole::kVersion:
        BreakType({"null", "true", "20121017", "[]", "{}", "[\"2012-10-17\"]"});
        return ReplaceText(FindingCode::kInvalidVersion,
                           {"", "2012-10-18", "2012-10-17 ", "2008-10-7", "1",
                            "2012-10-17\n", "2012-10-1७"});
      case PolicyRole::kId:
      case PolicyRole::kSid:
        return BreakType({"null", "false", "0", "[]", "{}", "[\"a\"]"});
      case PolicyRole::kStatements:
        BreakType({"null", "true", "1", "\"\"", "\"{}\""});
        return ReplaceJson(FindingCode::kMissingStatement, {"[]"});
      case PolicyRole::kListedStatement:
        return BreakType({"null", "true", "1", "\"\"", "[]", "[{}]"});
      case PolicyRole::kStatement:
        return BreakStatement();
      case PolicyRole::kEffect:
        BreakType({"null", "true", "1", "[]", "{}", "[\"Allow\"]"});
        return ReplaceText(
            FindingCode::kInvalidEffect,
            {"", "allow", "DENY", "Allow ", " Deny", "Permit", "*"});
      case PolicyRole::kPrincipal:
        BreakType({"null", "true", "1", "[]", "[\"*\"]"});
        return ReplaceText(
            FindingCode::kInvalidPrincipalFormat,
            {"", "**", "?", "AWS", "123456789012",
             "arn:aws:iam::123456789012:root", "glue.amazonaws.com"});
      case PolicyRole::kPrincipalObject:
        return BreakPrincipalObject();
      case PolicyRole::kStrings:
        return BreakType({"null", "true", "1", "{}", "{\"AWS\": \"*\"}"});
      case PolicyRole::kListedString:
        return BreakType({"null", "true", "1", "[]", "{}", "[\"*\"]"});
      case PolicyRole::kAwsEntry:
        return BreakAwsEntry();
      case PolicyRole::kOtherEntry:
        return ReplaceText(FindingCode::kInvalidPrincipalFormat, {""});
      case PolicyRole::kAction:
        // A service must not have wildcards.
        ReplaceText(FindingCode::kInvalidAction,
                    {"*:*", "gl?e:*", "*:GetTable", "glue*:Get"});
        return ReplaceText(
            FindingCode::kInvalidAction,
            {"", "glue", "GetTable", ":", ":GetTable", "glue:", "**", "?", " *",
             "glue:Get Table", "glue:GetTable ", " glue:GetTable",
             "gl_ue:GetTable", "glue:Get:Table", "glue:Gét", "glue/GetTable",
             "glue:Get\n", "arn:aws:glue"});
      case PolicyRole::kResource:
        return BreakResource();
      case PolicyRole::kCondition:
        BreakType({"null", "true", "1", "\"\"", "[]", "[{}]"});
        return BreakCondition();
      case PolicyRole::kOperator:
        BreakType({"null", "true", "1", "\"a\"", "[]", "[{}]"});
        return BreakOperator();
      case PolicyRole::kValues:
        return BreakType({"null", "{}", "{\"a\": \"b\"}"});
      case PolicyRole::kListedValue:
        return BreakType({"null", "[]", "{}", "[\"a\"]"});
    }
  }

  void BreakDocument() {
    RepeatKeys();
    for (const char* key : {"", "Foo", "version", "Statements", "statement",
                            "Sid", "Effect", "Action", "Id "}) {
      InsertKey(FindingCode::kInvalidPolicyElement, key, NodeFromJson("null"));
    }
    for (const char* key : {"Version", "Id"}) {
      if (const auto index = IndexOfMember(Here(), key)) {
        RenameKey(FindingCode::kInvalidPolicyElement, *index,
                  absl::AsciiStrToLower(key));
      }
    }
    Mutate([&](PolicyNode& node) {
      const size_t index = *IndexOfMember(node, "Statement");
      node.members.erase(node.members.begin() + static_cast<ptrdiff_t>(index));
      node.mark = FindingCode::kMissingStatement;
    });
    Replace(FindingCode::kMissingStatement, NodeFromJson("{}"));
  }

  void BreakStatement() {
    RepeatKeys();
    for (const char* key :
         {"", "Foo", "Version", "Id", "Statement", "effect", "NotEffect",
          "principal", "Actions", "NotCondition", "Resource\n"}) {
      InsertKey(FindingCode::kInvalidPolicyElement, key, NodeFromJson("[{}]"));
    }
    for (const char* key : {"Sid", "Condition"}) {
      if (const auto index = IndexOfMember(Here(), key)) {
        RenameKey(FindingCode::kInvalidPolicyElement, *index,
                  absl::AsciiStrToUpper(key));
      }
    }
    BreakMissing("Effect", FindingCode::kMissingEffect);
    for (const char* prefix : {"", "Not"}) {
      BreakMissing(absl::StrCat(prefix, "Principal"),
                   FindingCode::kMissingPrincipal);
      BreakMissing(absl::StrCat(prefix, "Action"), FindingCode::kMissingAction);
      BreakMissing(absl::StrCat(prefix, "Resource"),
                   FindingCode::kMissingResource);
    }
    const size_t effect = *IndexOfMember(Here(), "Effect");
    const bool is_deny = Here().members[effect].value.text == "Deny";
    for (const char* name : {"Principal", "Action", "Resource"}) {
      if (is_deny || name != absl::string_view("Principal")) BreakPair(name);
    }
    Mutate([&](PolicyNode& node) {
      const auto principal = IndexOfMember(node, "Principal");
      const size_t index = principal.has_value()
                               ? *principal
                               : *IndexOfMember(node, "NotPrincipal");
      node.members[effect].value.text = "Allow";
      node.members[index].key = "NotPrincipal";
      node.members[index].key_mark = FindingCode::kAllowWithNotPrincipal;
    });
  }

  void BreakMissing(const std::string& key, FindingCode code) {
    const auto index = IndexOfMember(Here(), key);
    if (!index.has_value()) return;
    Mutate([&](PolicyNode& node) {
      node.members.erase(node.members.begin() + static_cast<ptrdiff_t>(*index));
      node.mark = code;
    });
  }

  // Adds the one of `name` and its twin that is absent.
  void BreakPair(const std::string& name) {
    const std::string twin = "Not" + name;
    const bool has_twin = IndexOfMember(Here(), twin).has_value();
    for (const bool first : {false, true}) {
      Mutate([&](PolicyNode& node) {
        const size_t index = *IndexOfMember(node, has_twin ? twin : name);
        const PolicyNode::Member added = {
            has_twin ? name : twin, node.members[index].value, std::nullopt};
        node.members.insert(first ? node.members.begin() : node.members.end(),
                            added);
        node.members[*IndexOfMember(node, twin)].key_mark =
            FindingCode::kUnsupportedElementCombination;
      });
    }
  }

  void BreakPrincipalObject() {
    RepeatKeys();
    for (const char* key : {"", "aws", "Aws", "AWS ", "User", "*", "service"}) {
      InsertKey(FindingCode::kInvalidPrincipalKey, key, StringNode("*"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(FindingCode::kInvalidPrincipalKey, i, key);
      }
    }
    if (level_ < PolicyChecks::kGlue) return;
    for (const char* key : {"Federated", "CanonicalUser"}) {
      InsertKey(FindingCode::kUnsupportedPrincipal, key, StringNode("x"));
      InsertKey(FindingCode::kUnsupportedPrincipal, key, NodeFromJson("[]"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(FindingCode::kUnsupportedPrincipal, i, key);
      }
    }
  }

  void BreakAwsEntry() {
    ReplaceText(FindingCode::kInvalidPrincipalFormat,
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
        FindingCode::kUnsupportedWildcardInPrincipal,
        {"**", "?", "*a", "12345678901?", "arn:aws:iam::*:root",
         "arn:aws:iam::123456789012:*", "arn:aws:iam::123456789012:user/*",
         "arn:aws:iam::123456789012:role/a?c",
         "arn:aws:sts::123456789012:assumed-role/a/*", "AIDA*"});
    if (level_ < PolicyChecks::kGlue) return;
    const std::string too_long =
        "arn:aws:iam::123456789012:user/" + std::string(65, 'a');
    ReplaceText(FindingCode::kInvalidPrincipalName,
                {"arn:aws:iam::123456789012:user/(non-existent-user)",
                 "arn:aws:iam::123456789012:user/a b",
                 "arn:aws:iam::123456789012:user/path/a:b", too_long.c_str(),
                 "arn:aws:iam::123456789012:role/Zürich",
                 "arn:aws:iam::123456789012:role/a\n",
                 "arn:aws:sts::123456789012:assumed-role/a#/b",
                 "arn:aws:sts::123456789012:assumed-role/a/#b",
                 "arn:aws:sts::123456789012:federated-user/a$"});
    ReplaceText(
        FindingCode::kNonexistentPrincipal,
        {"999999999999", "arn:aws:iam::999999999999:root",
         "arn:aws:iam::123456789012:user/GHOST",
         "arn:aws:iam::123456789012:role/a/GHOST",
         "arn:aws:sts::123456789012:assumed-role/a/GHOST",
         "arn:aws:sts::999999999999:federated-user/a", "AIDAGHOSTGHIJKLMNOP"});
  }

  void BreakResource() {
    if (level_ < PolicyChecks::kGlue) return;
    ReplaceText(FindingCode::kInvalidArnPrefix,
                {"", "*", "catalog", "arn", "arn:aws:glue:us-east-1",
                 "arn:aws:glue:us-east-1:123456789012", "arn:*",
                 "Arn:aws:glue:us-east-1:123456789012:*",
                 " arn:aws:glue:us-east-1:123456789012:*",
                 "*arn:aws:glue:us-east-1:123456789012:*",
                 "aws:glue:us-east-1:123456789012:*:",
                 ":aws:glue:us-east-1:123456789012:*"});
    struct Field {
      FindingCode code;
      // The text with a dollar where each of `wrong` goes.
      const char* pattern;
      std::vector<std::string> wrong;
    };
    const std::vector<Field> fields = {
        {FindingCode::kInvalidPartition,
         "arn:$:glue:us-east-1:123456789012:catalog",
         {"", "*", "aws-cn", "aws-us-gov", "AWS", "a?s"}},
        {FindingCode::kInvalidService,
         "arn:aws:$:us-east-1:123456789012:table/a/b",
         {"", "*", "s3", "Glue", "glu?", "glue "}},
        {FindingCode::kInvalidArnRegion,
         "arn:aws:glue:$:123456789012:*",
         {"", "*", "us-west-2", "us-east-?", "US-EAST-1", "us-east-11"}},
        {FindingCode::kInvalidArnAccount,
         "arn:aws:glue:us-east-1:$:database/a",
         {"", "*", "210987654321", "12345678901?", "123456789012 "}},
        {FindingCode::kInvalidArnResource,
         "arn:aws:glue:us-east-1:123456789012:$",
         {"", "/", "/catalog", "1table", "?", " catalog", "-", "_", ":a", "é",
          "$", "catalog\n", "*\n", "table/a\r", "a\u0085", "a/\u2028b",
          "a\u2029"}}};
    for (const auto& [code, pattern, wrong] : fields) {
      for (const std::string& text : wrong) {
        Replace(code, StringNode(absl::StrReplaceAll(pattern, {{"$", text}})));
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
      InsertKey(FindingCode::kInvalidConditionOperator, name,
                NodeFromJson("{}"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(FindingCode::kInvalidConditionOperator, i, name);
      }
    }
    for (const char* value : {"\"tomorrow\"", "\"234-13\"", "true",
                              "\"2026-01-31T12:00:00.1234567890Z\"",
                              "9223372036854775808", "[0, \"\"]"}) {
      PolicyNode keys =
          NodeFromJson(absl::StrCat("{\"aws:CurrentTime\": ", value, "}"));
      PolicyNode& written = keys.members[0].value;
      (written.elements.empty() ? written : written.elements.back()).mark =
          FindingCode::kTypeMismatchDate;
      Mutate([&](PolicyNode& node) {
        node.members.push_back(
            {"ForAnyValue:DateNotEqualsIfExists", keys, std::nullopt});
      });
    }
    for (const char* name : {"NullIfExists", "ForAllValues:NullIfExists",
                             "ForAnyValue:NullIfExists"}) {
      InsertKey(FindingCode::kNullWithIfExists, name, NodeFromJson("{}"));
      for (size_t i = 0; i < Here().members.size(); ++i) {
        RenameKey(FindingCode::kNullWithIfExists, i, name);
      }
    }
  }

  void BreakOperator() {
    RepeatKeys();
    for (size_t i = 0; i < Here().members.size(); ++i) {
      const std::string& key = Here().members[i].key;
      const PolicyNode& value = Here().members[i].value;
      Mutate([&](PolicyNode& node) {
        node.members.push_back({absl::AsciiStrToUpper(key), value,
                                FindingCode::kDuplicateKeysWithDifferentCase});
      });
      Mutate([&](PolicyNode& node) {
        node.members[i].key_mark = FindingCode::kDuplicateKeysWithDifferentCase;
        node.members.insert(node.members.begin(),
                            {absl::AsciiStrToUpper(key), value, std::nullopt});
      });
    }
  }

  // Gives the same Sid to every two statements.
  void BreakSids(const std::vector<PolicyPlace>& places) {
    std::vector<std::vector<size_t>> statements;
    for (const PolicyPlace& place : places) {
      if (place.role == PolicyRole::kStatement)
        statements.push_back(place.path);
    }
    const auto set_sid = [](PolicyNode& statement,
                            const std::string& sid) -> PolicyNode& {
      if (!IndexOfMember(statement, "Sid"))
        AppendMember(statement, "Sid", StringNode(""));
      PolicyNode& value =
          statement.members[*IndexOfMember(statement, "Sid")].value;
      value.text = sid;
      return value;
    };
    for (size_t i = 0; i < statements.size(); ++i) {
      for (size_t j = i + 1; j < statements.size(); ++j) {
        for (const char* sid : {"same", "日", " ", "\n"}) {
          PolicyNode& mutant = mutants_.emplace_back(base_);
          set_sid(At(mutant, statements[i]), sid);
          set_sid(At(mutant, statements[j]), sid).mark =
              FindingCode::kUniqueSidsRequired;
        }
      }
    }
  }

  // Replaces each statement in turn by one that denies the caller.
  void BreakLockOut(const std::vector<PolicyPlace>& places) {
    if (level_ < PolicyChecks::kGlue) return;
    const std::string rest =
        R"("Effect": "Deny", "Resource":
           "arn:aws:glue:us-east-1:123456789012:*")";
    const std::vector<std::string> denials = {
        R"("Principal": "*", "Action": "*")",
        R"("Principal": {"AWS": "123456789012"}, "Action": "glue:*")",
        absl::StrCat(R"("Principal": {"AWS": [")", kSampleCaller,
                     R"("]}, "Action": ["glue:PutResourcePolicy"])"),
        R"("Principal": {"AWS": "*"}, "Action": "glue:Delete*Policy")",
        R"("NotPrincipal": {"Service": "x"}, "NotAction": "glue:Get*")"};
    for (const PolicyPlace& place : places) {
      if (place.role != PolicyRole::kStatement) continue;
      path_ = place.path;
      for (const std::string& denial : denials) {
        Replace(FindingCode::kPolicyLocksOutCaller,
                NodeFromJson(absl::StrCat("{", denial, ",", rest, "}")));
      }
    }
  }

  PolicyNode base_;
  const PolicyChecks level_;
  std::vector<size_t> path_;
  std::vector<PolicyNode> mutants_;
};

}  // namespace

std::vector<PolicyNode> PolicyMutants(const PolicyNode& policy,
                                      PolicyChecks level) {
  return Breaker(policy, level).TakeMutants();
}

}  // namespace glue_security
