#include "glue_security/policy/policy_checker.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/condition_operator.h"
#include "glue_security/policy/finding_place.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {
namespace {

using Type = PolicyDocument::Type;
using Value = PolicyDocument::Value;

// The elements that a policy, and a statement, may have.
enum Element {
  kVersion,
  kId,
  kStatement,
  kSid,
  kEffect,
  kPrincipal,
  kNotPrincipal,
  kAction,
  kNotAction,
  kResource,
  kNotResource,
  kCondition,
  kElementCount,
};
constexpr std::array<absl::string_view, kElementCount> kElementNames = {
    "Version",   "Id",        "Statement",    "Sid",
    "Effect",    "Principal", "NotPrincipal", "Action",
    "NotAction", "Resource",  "NotResource",  "Condition"};

// What an object has of them: key and value of the first of each name.
struct Found {
  std::array<std::optional<PolicyDocument::Members::Member>, kElementCount> of;
  bool has(Element element) const { return of[element].has_value(); }
  Value value(Element element) const { return of[element]->value; }
};

bool IsScalar(Value value) {
  return value.is_string() || value.type() == Type::kNumber ||
         value.type() == Type::kBoolean;
}

// Whether `text` has ASCII letters, digits and characters of `more` only.
bool ConsistsOf(absl::string_view text, absl::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::find(more.begin(), more.end(), c) != more.end();
  });
}

// "*", or vendor:Name with wildcards.
bool IsAction(absl::string_view text) {
  if (text == "*") return true;
  const size_t colon = text.find(':');
  if (colon == 0 || colon == absl::string_view::npos ||
      colon + 1 == text.size()) {
    return false;
  }
  return ConsistsOf(text.substr(0, colon), "*?-") &&
         ConsistsOf(text.substr(colon + 1), "*?_.-");
}

// The pattern of Glue ends in ".*", where a dot is no line terminator.
bool HasLineTerminator(absl::string_view text) {
  // Nearly all texts are printable ASCII.
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (is_plain) return false;
  for (const absl::string_view terminator :
       {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    if (absl::StrContains(text, terminator)) return true;
  }
  return false;
}

// Names of users, roles and sessions.
bool IsName(absl::string_view text) {
  constexpr size_t kNameBytesMax = 64;
  return !text.empty() && text.size() <= kNameBytesMax &&
         ConsistsOf(text, "_+=,.@-");
}

class Checker {
 public:
  Checker(PolicyChecks level, const CatalogContext& catalog)
      : level_(level), catalog_(catalog) {}

  void CheckDocument(Value root) {
    const Found found =
        CheckKeys(root, {kVersion, kId, kStatement}, "a policy");
    if (found.has(kVersion)) CheckVersion(found.value(kVersion));
    if (found.has(kId) && !found.value(kId).is_string()) {
      AddMismatch(found.value(kId), "Id is a string");
    }
    if (!found.has(kStatement)) {
      Add(FindingCode::kMissingStatement, root, "a policy has a Statement");
      return;
    }
    CheckStatements(found.value(kStatement));
    CheckSids();
  }

  // In no order; without pointers, lines and columns.
  std::vector<Finding>& findings() { return findings_; }

 private:
  // `value`: the one that is wrong, a key, or the object that lacks something.
  void Add(FindingCode code, Value value, absl::string_view message) {
    Finding finding;
    finding.code = code;
    finding.offset = value.offset();
    finding.message = std::string(message.data(), message.size());
    findings_.push_back(std::move(finding));
  }
  void AddMismatch(Value value, absl::string_view message) {
    Add(FindingCode::kDataTypeMismatch, value, message);
  }

  // Finds the elements, and those keys that should not be there.
  Found CheckKeys(Value object, std::initializer_list<Element> allowed,
                  absl::string_view what) {
    Found found;
    for (const auto member : object.members()) {
      const auto element = std::find_if(
          allowed.begin(), allowed.end(),
          [&](Element e) { return kElementNames[e] == member.key.text(); });
      if (element == allowed.end()) {
        Add(FindingCode::kInvalidPolicyElement, member.key,
            absl::StrCat(what, " has no such element"));
      } else if (found.has(*element)) {
        Add(FindingCode::kDuplicateKeys, member.key,
            "the element is given twice");
      } else {
        found.of[*element] = member;
      }
    }
    return found;
  }

  void CheckVersion(Value version) {
    if (!version.is_string()) {
      AddMismatch(version, "Version is a string");
    } else if (version.text() != "2012-10-17" &&
               version.text() != "2008-10-17") {
      Add(FindingCode::kInvalidVersion, version,
          R"(Version is "2012-10-17" or "2008-10-17")");
    }
  }

  void CheckStatements(Value statements) {
    if (statements.is_object()) {
      CheckStatement(statements);
      return;
    }
    if (!statements.is_array()) {
      AddMismatch(statements, "Statement is an object or a list of objects");
      return;
    }
    if (statements.size() == 0) {
      Add(FindingCode::kMissingStatement, statements,
          "Statement has at least one statement");
    }
    for (const Value statement : statements.elements()) {
      if (statement.is_object()) {
        CheckStatement(statement);
      } else {
        AddMismatch(statement, "a statement is an object");
      }
    }
  }

  void CheckStatement(Value statement) {
    const Found found =
        CheckKeys(statement,
                  {kEffect, kAction, kPrincipal, kResource, kSid, kCondition,
                   kNotPrincipal, kNotAction, kNotResource},
                  "a statement");
    if (found.has(kSid)) {
      const Value sid = found.value(kSid);
      if (sid.is_string()) {
        if (!sid.text().empty()) sids_.push_back(sid);
      } else {
        AddMismatch(sid, "Sid is a string");
      }
    }
    CheckEffect(statement, found);
    if (CheckPair(statement, found, kPrincipal, kNotPrincipal,
                  FindingCode::kMissingPrincipal)) {
      CheckPrincipals(found, kPrincipal);
      CheckPrincipals(found, kNotPrincipal);
    }
    if (CheckPair(statement, found, kAction, kNotAction,
                  FindingCode::kMissingAction)) {
      CheckActions(found, kAction);
      CheckActions(found, kNotAction);
    }
    if (CheckPair(statement, found, kResource, kNotResource,
                  FindingCode::kMissingResource)) {
      CheckResources(found, kResource);
      CheckResources(found, kNotResource);
    }
    if (found.has(kCondition)) {
      CheckCondition(found.value(kCondition));
    }
  }

  void CheckEffect(Value statement, const Found& found) {
    if (!found.has(kEffect)) {
      Add(FindingCode::kMissingEffect, statement, "a statement has an Effect");
      return;
    }
    const Value effect = found.value(kEffect);
    if (!effect.is_string()) {
      AddMismatch(effect, "Effect is a string");
    } else if (effect.text() != "Allow" && effect.text() != "Deny") {
      Add(FindingCode::kInvalidEffect, effect,
          R"(Effect is "Allow" or "Deny", in exactly this case)");
    }
    if (found.has(kNotPrincipal) && effect.is_string() &&
        effect.text() == "Allow") {
      Add(FindingCode::kAllowWithNotPrincipal, found.of[kNotPrincipal]->key,
          "NotPrincipal stands with the Effect \"Deny\" only; name those who "
          "are allowed in Principal");
    }
  }

  // Exactly one of an element and its Not… twin. False when there is none.
  bool CheckPair(Value statement, const Found& found, Element element,
                 Element twin, FindingCode missing) {
    if (!found.has(element) && !found.has(twin)) {
      Add(missing, statement,
          absl::StrCat("a statement has ", kElementNames[element], " or ",
                       kElementNames[twin]));
      return false;
    }
    if (found.has(element) && found.has(twin)) {
      Add(FindingCode::kUnsupportedElementCombination, found.of[twin]->key,
          absl::StrCat("a statement has either ", kElementNames[element],
                       " or ", kElementNames[twin]));
    }
    return true;
  }

  // Calls `check(text value)` for the string, or each of the list.
  template <typename Check>
  void ForEachString(Value value, absl::string_view what, Check&& check) {
    if (value.is_string()) {
      check(value);
      return;
    }
    if (!value.is_array()) {
      AddMismatch(value,
                  absl::StrCat(what, " is a string or a list of strings"));
      return;
    }
    for (const Value element : value.elements()) {
      if (element.is_string()) {
        check(element);
      } else {
        AddMismatch(element, absl::StrCat(what, " has strings only"));
      }
    }
  }

  void CheckPrincipals(const Found& found, Element element) {
    if (!found.has(element)) return;
    const Value principal = found.value(element);
    if (principal.is_string()) {
      if (principal.text() != "*") {
        Add(FindingCode::kInvalidPrincipalFormat, principal,
            "a principal other than \"*\" stands in an object, as in "
            "{\"AWS\": \"arn:aws:iam::123456789012:root\"}");
      }
      return;
    }
    if (!principal.is_object()) {
      AddMismatch(principal,
                  absl::StrCat(kElementNames[element],
                               " is \"*\" or an object of principals"));
      return;
    }
    CheckRepeatedKeys(principal, /*any_case=*/false);
    for (const auto member : principal.members()) {
      CheckPrincipalKind(member);
    }
  }

  void CheckPrincipalKind(PolicyDocument::Members::Member member) {
    const absl::string_view kind = member.key.text();
    if (kind == "AWS") {
      ForEachString(member.value, kind,
                    [this](Value entry) { CheckAwsPrincipal(entry); });
      return;
    }
    if (kind != "Service" && kind != "Federated" && kind != "CanonicalUser") {
      Add(FindingCode::kInvalidPrincipalKey, member.key,
          "a principal's kind is AWS, Service, Federated or CanonicalUser");
      return;
    }
    if (level_ >= PolicyChecks::kGlue && kind != "Service") {
      Add(FindingCode::kUnsupportedPrincipal, member.key,
          "a catalog's policy has principals of the kinds AWS and Service "
          "only");
    }
    ForEachString(member.value, kind, [this](Value entry) {
      if (!entry.text().empty()) return;
      Add(FindingCode::kInvalidPrincipalFormat, entry,
          "a principal is not empty");
    });
  }

  void CheckAwsPrincipal(Value entry) {
    const absl::string_view text = entry.text();
    if (text == "*") return;
    if (HasWildcard(text)) {
      Add(FindingCode::kUnsupportedWildcardInPrincipal, entry,
          "a principal has no wildcard inside; name it, or everybody with "
          "\"*\"");
      return;
    }
    if (!IsAccountId(text) && !IsUniqueId(text)) {
      const std::optional<PrincipalArn> arn = ParsePrincipalArn(text);
      if (!arn.has_value()) {
        Add(FindingCode::kInvalidPrincipalFormat, entry,
            "an AWS principal is \"*\", 12 digits, a unique id, or the ARN of "
            "a root user, user, role, assumed-role session or federated user");
        return;
      }
      if (level_ >= PolicyChecks::kGlue &&
          arn->kind != PrincipalArn::Kind::kRoot &&
          (!IsName(arn->name) ||
           (arn->kind == PrincipalArn::Kind::kAssumedRole &&
            !IsName(arn->session)))) {
        Add(FindingCode::kInvalidPrincipalName, entry,
            "a name has 1 to 64 letters, digits and _+=,.@-");
        return;
      }
    }
    if (level_ >= PolicyChecks::kGlue && catalog_.principal_exists &&
        !catalog_.principal_exists(text)) {
      Add(FindingCode::kNonexistentPrincipal, entry,
          "there is no such principal");
    }
  }

  void CheckActions(const Found& found, Element element) {
    if (!found.has(element)) return;
    ForEachString(found.value(element), kElementNames[element],
                  [this](Value entry) {
                    if (IsAction(entry.text())) return;
                    Add(FindingCode::kInvalidAction, entry,
                        "an action is \"*\" or a service and a name, as in "
                        "\"glue:GetTable\" or \"glue:Get*\"");
                  });
  }

  void CheckResources(const Found& found, Element element) {
    if (!found.has(element)) return;
    ForEachString(found.value(element), kElementNames[element],
                  [this](Value entry) {
                    if (level_ >= PolicyChecks::kGlue) CheckArn(entry);
                  });
  }

  // arn:aws:glue:REGION:ACCOUNT:(\*|[a-zA-Z\*]+\/?.*), REGION and ACCOUNT those
  // of the catalog.
  void CheckArn(Value entry) {
    const std::optional<ArnFields> arn = SplitArn(entry.text());
    if (!arn.has_value() || arn->prefix != "arn") {
      Add(FindingCode::kInvalidArnPrefix, entry,
          absl::StrCat("a resource is an ARN of this catalog, as in \"arn:aws:"
                       "glue:",
                       catalog_.region, ":", catalog_.account_id, ":*\""));
      return;
    }
    if (arn->partition != "aws") {
      Add(FindingCode::kInvalidPartition, entry,
          "the partition of a resource is \"aws\"");
    }
    if (arn->service != "glue") {
      Add(FindingCode::kInvalidService, entry,
          "the service of a resource is \"glue\"");
    }
    if (arn->region != catalog_.region) {
      Add(FindingCode::kInvalidArnRegion, entry,
          absl::StrCat("the region of a resource is the catalog's, \"",
                       catalog_.region, "\", without wildcards"));
    }
    if (arn->account != catalog_.account_id) {
      Add(FindingCode::kInvalidArnAccount, entry,
          absl::StrCat("the account of a resource is the catalog's, \"",
                       catalog_.account_id, "\", without wildcards"));
    }
    const char first = arn->resource.empty() ? '\0' : arn->resource.front();
    if ((first != '*' &&
         !absl::ascii_isalpha(static_cast<unsigned char>(first))) ||
        HasLineTerminator(arn->resource)) {
      Add(FindingCode::kInvalidArnResource, entry,
          "a resource's name is \"*\" or a type and a path, as in "
          "\"database/default\"");
    }
  }

  void CheckCondition(Value condition) {
    if (!condition.is_object()) {
      AddMismatch(condition, "Condition is an object of operators");
      return;
    }
    CheckRepeatedKeys(condition, /*any_case=*/false);
    for (const auto member : condition.members()) {
      const auto op = ParseConditionOperator(member.key.text());
      if (!op.has_value()) {
        Add(FindingCode::kInvalidConditionOperator, member.key,
            "there is no such operator; their names are case-sensitive");
      } else if (op->comparison == ConditionOperator::Comparison::kNull &&
                 op->if_exists) {
        Add(FindingCode::kNullWithIfExists, member.key,
            "Null asks for existence itself and takes no IfExists");
      }
      if (!member.value.is_object()) {
        AddMismatch(member.value, "an operator has an object of keys");
        continue;
      }
      CheckRepeatedKeys(member.value, /*any_case=*/true);
      for (const auto key : member.value.members()) {
        CheckConditionValues(key.value);
      }
    }
  }

  void CheckConditionValues(Value value) {
    constexpr absl::string_view kMessage =
        "a condition's value is a string, number or Boolean, or a list of them";
    if (IsScalar(value)) return;
    if (!value.is_array()) {
      AddMismatch(value, kMessage);
      return;
    }
    for (const Value element : value.elements()) {
      if (!IsScalar(element)) AddMismatch(element, kMessage);
    }
  }

  // Keys that stand twice in `object`; with `any_case`, also those that differ
  // in the case of letters only.
  void CheckRepeatedKeys(Value object, bool any_case) {
    if (object.size() < 2) return;
    struct Key {
      std::string folded;
      Value value;
    };
    std::vector<Key> keys;
    keys.reserve(object.size());
    for (const auto member : object.members()) {
      std::string folded(member.key.text().data(), member.key.text().size());
      if (any_case) absl::AsciiStrToLower(&folded);
      keys.push_back({std::move(folded), member.key});
    }
    std::stable_sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
      return a.folded < b.folded;
    });
    for (size_t i = 1; i < keys.size(); ++i) {
      if (keys[i].folded != keys[i - 1].folded) continue;
      const bool same = keys[i].value.text() == keys[i - 1].value.text();
      Add(same ? FindingCode::kDuplicateKeys
               : FindingCode::kDuplicateKeysWithDifferentCase,
          keys[i].value,
          same ? "the key is given twice"
               : "condition keys differ in more than the case of letters");
    }
  }

  void CheckSids() {
    if (sids_.size() < 2) return;
    std::stable_sort(sids_.begin(), sids_.end(),
                     [](Value a, Value b) { return a.text() < b.text(); });
    for (size_t i = 1; i < sids_.size(); ++i) {
      if (sids_[i].text() != sids_[i - 1].text()) continue;
      Add(FindingCode::kUniqueSidsRequired, sids_[i],
          "another statement has this Sid");
    }
  }

  const PolicyChecks level_;
  const CatalogContext& catalog_;
  // Those that are not empty.
  std::vector<Value> sids_;
  std::vector<Finding> findings_;
};

bool HasDeny(Value root) {
  const auto is_deny = [](Value statement) {
    return statement.Find("Effect")->text() == "Deny";
  };
  const Value statements = *root.Find("Statement");
  if (statements.is_object()) return is_deny(statements);
  for (const Value statement : statements.elements()) {
    if (is_deny(statement)) return true;
  }
  return false;
}

// Whether the policy denies its author the calls that would undo it.
// REQUIRES: a policy without findings.
std::optional<Finding> FindLockOut(const PolicyDocument& document,
                                   const CatalogContext& catalog) {
  if (catalog.caller_arn.empty() || !HasDeny(document.root())) {
    return std::nullopt;
  }
  const PolicyEvaluator evaluator(document);
  AuthorizationRequest request;
  request.principal = PrincipalFromArn(catalog.caller_arn);
  request.context = PrincipalContext(request.principal);
  request.resource = absl::StrCat("arn:aws:glue:", catalog.region, ":",
                                  catalog.account_id, ":catalog");
  for (const char* action :
       {"glue:PutResourcePolicy", "glue:DeleteResourcePolicy"}) {
    request.action = action;
    const Decision decision = evaluator.Evaluate(request);
    if (decision.kind != DecisionKind::kExplicitDeny) continue;
    Finding finding;
    finding.code = FindingCode::kPolicyLocksOutCaller;
    const size_t index = decision.statements.front().index;
    Value statement = *document.root().Find("Statement");
    if (statement.is_array()) {
      size_t i = 0;
      for (const Value element : statement.elements()) {
        if (i++ == index) {
          statement = element;
          break;
        }
      }
    }
    finding.offset = statement.offset();
    finding.message = absl::StrCat(
        "the statement denies ", action,
        " to the caller itself, who could not change the policy again");
    return finding;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Finding> CheckPolicy(absl::string_view text, PolicyChecks level,
                                 const CatalogContext& catalog,
                                 size_t depth_max) {
  if (level == PolicyChecks::kNone) return {};
  std::optional<JsonError> error;
  std::vector<Finding> findings;
  if (level == PolicyChecks::kJson) {
    error = FindJsonObjectError(text, depth_max);
  } else {
    auto parsed = PolicyDocument::Parse(text, depth_max);
    if (const auto* document = std::get_if<PolicyDocument>(&parsed)) {
      return CheckPolicy(*document, level, catalog);
    }
    error = std::get<JsonError>(std::move(parsed));
  }
  if (error.has_value()) {
    Finding finding;
    finding.offset = error->offset;
    finding.message = std::move(error->message);
    findings.push_back(std::move(finding));
    SetLines(text, &findings);
  }
  return findings;
}

std::vector<Finding> CheckPolicy(const PolicyDocument& document,
                                 PolicyChecks level,
                                 const CatalogContext& catalog) {
  if (level < PolicyChecks::kGrammar) return {};
  Checker checker(level, catalog);
  checker.CheckDocument(document.root());
  std::vector<Finding>& findings = checker.findings();
  if (findings.empty() && level >= PolicyChecks::kGlue) {
    if (auto finding = FindLockOut(document, catalog)) {
      findings.push_back(*std::move(finding));
    }
  }
  std::stable_sort(
      findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        return std::tie(a.offset, a.code) < std::tie(b.offset, b.code);
      });
  if (findings.size() > kFindingsMax) findings.resize(kFindingsMax);
  SetPointers(document, &findings);
  SetLines(document.text(), &findings);
  return std::move(findings);
}

}  // namespace glue_security
