#include "glue_security/policy/check/policy_checker.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/json/json_dom.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/check/catalog_arn_start.h"
#include "glue_security/policy/check/condition_findings.h"
#include "glue_security/policy/check/finding_place.h"
#include "glue_security/policy/check/finding_sinks.h"
#include "glue_security/policy/check/lock_out.h"
#include "glue_security/policy/check/policy_element.h"
#include "glue_security/policy/check/policy_text.h"
#include "glue_security/policy/check/repeated_keys.h"
#include "glue_security/policy/literal.h"
#include "glue_security/policy/policy_work.h"

namespace glue_security {
namespace {

// Checks the rules. `Document` is a JsonDocument or has its interface.
template <typename Document, typename Findings>
class Checker {
 public:
  using Value = typename Document::Value;

  Checker(PolicyChecks level, const CatalogContext& catalog)
      : level_(level),
        catalog_(catalog),
        partition_(PartitionOf(catalog.name())),
        arn_start_(catalog.name(), partition_),
        iam_start_(absl::StrCat(
            "arn:", level >= PolicyChecks::kGlue ? partition_ : "aws",
            ":iam::")),
        looks_for_lock_out_(level >= PolicyChecks::kGlue &&
                            !catalog.caller.arn.empty()) {}

  void CheckDocument(Value root) {
    const Found found = CheckKeys(root, kPolicyElements,
                                  "a policy has no such element; its elements "
                                  "are Version, Id and Statement");
    if (found.has(kVersion)) CheckVersion(found.value(kVersion));
    if (found.has(kId) && !found.value(kId).is_string()) {
      AddMismatch(found.value(kId), "Id must be a string");
    }
    if (!found.has(kStatement)) {
      Add(FindingCode::kMissingStatement, root, "a policy needs a Statement");
      return;
    }
    CheckStatements(found.value(kStatement));
    CheckSids();
  }

  Findings& findings() { return findings_; }

  // The statements that may lock the caller out, if the check looks for them.
  const Suspects<Value>& suspects() const { return suspects_; }

 private:
  using Iterator = typename Document::Members::Iterator;
  using Member = typename Document::Members::Member;

  // The first member of each element's name in an object. One is made for each
  // statement. Twelve optionals would take longer to clear and to fill than
  // everything else.
  class Found {
   public:
    bool has(Element element) const { return (set_ >> element & 1U) != 0; }
    // REQUIRES: has(element).
    Member member(Element element) const { return *slots_[element].at; }
    Value value(Element element) const { return member(element).value; }

    // REQUIRES: !has(element).
    void Put(Element element, const Iterator& at) {
      set_ |= 1U << element;
      new (&slots_[element].at) Iterator(at);
    }

   private:
    static_assert(std::is_trivially_destructible_v<Iterator>);
    union Slot {
      // Cannot be defaulted, since a member has no trivial default constructor.
      Slot() {}  // NOLINT(modernize-use-equals-default)
      Iterator at;
    };

    unsigned set_ = 0;
    std::array<Slot, kElementCount> slots_;
  };

  // `value` is the wrong value or key, or the object that lacks something.
  template <typename ValueOrKey>
  void Add(FindingCode code, ValueOrKey value, absl::string_view message) {
    findings_.Add(code, value, message);
  }
  void AddMismatch(Value value, absl::string_view message) {
    Add(FindingCode::kDataTypeMismatch, value, message);
  }

  // Finds the elements, and reports the keys that are not allowed.
  Found CheckKeys(Value object, unsigned allowed,
                  absl::string_view no_such_element) {
    Found found;
    const auto members = object.members();
    const auto end = members.end();
    for (auto at = members.begin(); at != end; ++at) {
      const Element element = ElementOf((*at).key.text());
      if ((allowed >> element & 1U) == 0) {
        Add(FindingCode::kInvalidPolicyElement, (*at).key, no_such_element);
      } else if (found.has(element)) {
        Add(FindingCode::kDuplicateKeys, (*at).key,
            "the element occurs twice; write it once");
      } else {
        found.Put(element, at);
      }
    }
    return found;
  }

  void CheckVersion(Value version) {
    if (!version.is_string()) {
      AddMismatch(version, "Version must be a string");
    } else if (!Is(version.text(), "2012-10-17") &&
               !Is(version.text(), "2008-10-17")) {
      Add(FindingCode::kInvalidVersion, version,
          R"(Version must be "2012-10-17" or "2008-10-17")");
    }
  }

  void CheckStatements(Value statements) {
    if (statements.is_object()) {
      CheckStatement(statements);
      return;
    }
    if (!statements.is_array()) {
      AddMismatch(statements,
                  "Statement must be an object or a list of objects");
      return;
    }
    if (statements.size() == 0) {
      Add(FindingCode::kMissingStatement, statements,
          "Statement needs at least one statement");
    }
    for (const Value statement : statements.elements()) {
      if (statement.is_object()) {
        CheckStatement(statement);
      } else {
        AddMismatch(statement, "a statement must be an object");
      }
    }
  }

  void CheckStatement(Value statement) {
    const Found found =
        CheckKeys(statement, kStatementElements,
                  "a statement has no such element; its elements are Sid, "
                  "Effect, Principal or NotPrincipal, Action or NotAction, "
                  "Resource or NotResource, and Condition");
    if (found.has(kSid)) {
      const Value sid = found.value(kSid);
      if (sid.is_string()) {
        if (!sid.text().empty()) sids_.push_back(sid);
      } else {
        AddMismatch(sid, "Sid must be a string");
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
    if (looks_for_lock_out_ && found.has(kEffect)) {
      TakeSuspect(statement, found);
    }
  }

  // Records a statement that denies, to any principal, a call that undoes a
  // policy.
  void TakeSuspect(Value statement, const Found& found) {
    const Value effect = found.value(kEffect);
    if (!effect.is_string() || !Is(effect.text(), "Deny")) return;
    unsigned denied = 0;
    if (found.has(kAction)) denied |= UndoingCalls(found.value(kAction));
    if (found.has(kNotAction)) {
      denied |= kAllUndoingCalls & ~UndoingCalls(found.value(kNotAction));
    }
    if (denied != 0) suspects_.push_back({statement, denied});
  }

  void CheckEffect(Value statement, const Found& found) {
    if (!found.has(kEffect)) {
      Add(FindingCode::kMissingEffect, statement,
          "a statement needs an Effect");
      return;
    }
    const Value effect = found.value(kEffect);
    if (!effect.is_string()) {
      AddMismatch(effect, "Effect must be a string");
      return;
    }
    const bool allows = Is(effect.text(), "Allow");
    const bool denies = Is(effect.text(), "Deny");
    if (!allows && !denies) {
      Add(FindingCode::kInvalidEffect, effect,
          R"(Effect must be "Allow" or "Deny", in exactly this case)");
    }
    if (found.has(kNotPrincipal) && allows) {
      Add(FindingCode::kAllowWithNotPrincipal, found.member(kNotPrincipal).key,
          "NotPrincipal is legal only with the Effect \"Deny\"; name the "
          "allowed principals in Principal");
    }
  }

  // Checks that the statement has exactly one of an element and its Not… twin.
  // Returns false when it has neither.
  bool CheckPair(Value statement, const Found& found, Element element,
                 Element twin, FindingCode missing) {
    if (!found.has(element) && !found.has(twin)) {
      Add(missing, statement,
          absl::StrCat("a statement needs ", kElementNames[element], " or ",
                       kElementNames[twin]));
      return false;
    }
    if (found.has(element) && found.has(twin)) {
      Add(FindingCode::kUnsupportedElementCombination, found.member(twin).key,
          absl::StrCat("a statement may have ", kElementNames[element], " or ",
                       kElementNames[twin], ", not both"));
    }
    return true;
  }

  // Calls `check` with the string, or with each string of the list.
  template <typename Check>
  void ForEachString(Value value, absl::string_view what, Check&& check) {
    if (value.is_string()) {
      check(value);
      return;
    }
    if (!value.is_array()) {
      AddMismatch(value,
                  absl::StrCat(what, " must be a string or a list of strings"));
      return;
    }
    for (const Value element : value.elements()) {
      if (element.is_string()) {
        check(element);
      } else {
        AddMismatch(element, absl::StrCat(what, " may contain only strings"));
      }
    }
  }

  void CheckPrincipals(const Found& found, Element element) {
    if (!found.has(element)) return;
    const Value principal = found.value(element);
    if (principal.is_string()) {
      if (!Is(principal.text(), "*")) {
        Add(FindingCode::kInvalidPrincipalFormat, principal,
            "a principal other than \"*\" must be in an object, as in "
            "{\"AWS\": \"arn:aws:iam::123456789012:root\"}");
      }
      return;
    }
    if (!principal.is_object()) {
      AddMismatch(principal,
                  absl::StrCat(kElementNames[element],
                               " must be \"*\" or an object of principals"));
      return;
    }
    CheckRepeatedKeys(principal);
    for (const auto member : principal.members()) {
      CheckPrincipalKind(member);
    }
  }

  void CheckPrincipalKind(Member member) {
    const absl::string_view kind = member.key.text();
    if (Is(kind, "AWS")) {
      ForEachString(member.value, kind,
                    [this](Value entry) { CheckAwsPrincipal(entry); });
      return;
    }
    if (kind != "Service" && kind != "Federated" && kind != "CanonicalUser") {
      Add(FindingCode::kInvalidPrincipalKey, member.key,
          "a principal's kind must be AWS, Service, Federated or "
          "CanonicalUser");
      return;
    }
    if (level_ >= PolicyChecks::kGlue && kind != "Service") {
      Add(FindingCode::kUnsupportedPrincipal, member.key,
          "a catalog's policy may name only principals of the kinds AWS and "
          "Service");
    }
    ForEachString(member.value, kind, [this](Value entry) {
      if (!entry.text().empty()) return;
      Add(FindingCode::kInvalidPrincipalFormat, entry,
          "a principal must not be empty; name one, or remove it");
    });
  }

  void CheckAwsPrincipal(Value entry) {
    const absl::string_view text = entry.text();
    if (Is(text, "*")) return;
    if (!catalog_.principal_exists && IsPlainPrincipal(text)) return;
    const std::optional<PrincipalArn> arn = ParsePrincipalArn(text);
    if (!arn.has_value() && !IsAccountId(text) && !IsUniqueId(text)) {
      if (HasWildcard(text)) {
        Add(FindingCode::kUnsupportedWildcardInPrincipal, entry,
            "a principal must not contain a wildcard; write the whole name, or "
            "\"*\" for everybody");
      } else if (IsGroupArn(text)) {
        Add(FindingCode::kInvalidPrincipalFormat, entry,
            "a group is not a principal; name its users, or a role");
      } else {
        Add(FindingCode::kInvalidPrincipalFormat, entry,
            "an AWS principal must be \"*\", 12 digits, a unique id, or the "
            "ARN of a root user, user, role, assumed-role session or federated "
            "user");
      }
      return;
    }
    if (level_ >= PolicyChecks::kGlue && arn.has_value() &&
        arn->kind != PrincipalArn::Kind::kRoot &&
        (!IsPrincipalName(arn->name) ||
         (arn->kind == PrincipalArn::Kind::kAssumedRole &&
          !IsPrincipalName(arn->session)))) {
      Add(FindingCode::kInvalidPrincipalName, entry,
          "a name must consist of 1 to 64 letters, digits and characters of "
          "_+=,.@-");
      return;
    }
    if (level_ >= PolicyChecks::kGlue && arn.has_value() &&
        !CheckPartition(entry, "principal", arn->partition)) {
      return;
    }
    if (level_ >= PolicyChecks::kGlue && catalog_.principal_exists &&
        !catalog_.principal_exists(text)) {
      Add(FindingCode::kNonexistentPrincipal, entry,
          "there is no such principal; name one that exists");
    }
  }

  // Returns true for most principals, those that are valid at every level: a
  // root user, and users and roles without a path. False means nothing. Faster
  // than parsing the ARN.
  bool IsPlainPrincipal(absl::string_view text) const {
    if (!absl::ConsumePrefix(&text, iam_start_) ||
        !IsAccountId(text.substr(0, kAccountIdBytes))) {
      return false;
    }
    text.remove_prefix(kAccountIdBytes);
    if (Consume(&text, ":user/") || Consume(&text, ":role/")) {
      return IsPrincipalName(text);
    }
    return Is(text, ":root");
  }

  bool CheckPartition(Value entry, const char* what,
                      absl::string_view partition) {
    if (partition == partition_) return true;
    Add(FindingCode::kInvalidPartition, entry,
        absl::StrCat("the partition of a ", what, " must be \"", partition_,
                     "\""));
    return false;
  }

  void CheckActions(const Found& found, Element element) {
    if (!found.has(element)) return;
    ForEachString(found.value(element), kElementNames[element],
                  [this](Value entry) {
                    if (IsAction(entry.text())) return;
                    Add(FindingCode::kInvalidAction, entry,
                        "an action must be \"*\" or a service and a name, as "
                        "in \"glue:GetTable\" or \"glue:Get*\"");
                  });
  }

  void CheckResources(const Found& found, Element element) {
    if (!found.has(element)) return;
    ForEachString(found.value(element), kElementNames[element],
                  [this](Value entry) {
                    if (level_ < PolicyChecks::kGlue) return;
                    absl::string_view name = entry.text();
                    if (!arn_start_.Consume(&name) || !IsResourceName(name)) {
                      CheckArn(entry);
                    }
                  });
  }

  static bool IsResourceName(absl::string_view name) {
    return !name.empty() &&
           (name.front() == '*' ||
            absl::ascii_isalpha(static_cast<unsigned char>(name.front()))) &&
           !HasLineTerminator(name);
  }

  // Checks for arn:aws:glue:REGION:ACCOUNT:(\*|[a-zA-Z\*]+\/?.*) with the
  // catalog's REGION and ACCOUNT.
  void CheckArn(Value entry) {
    const std::optional<ArnFields> arn = SplitArn(entry.text());
    if (!arn.has_value() || arn->prefix != "arn") {
      Add(FindingCode::kInvalidArnPrefix, entry,
          absl::StrCat("a resource must be an ARN of this catalog, as in "
                       "\"",
                       CatalogArn(catalog_.name(), "*"), "\""));
      return;
    }
    CheckPartition(entry, "resource", arn->partition);
    if (arn->service != "glue") {
      Add(FindingCode::kInvalidService, entry,
          "the service of a resource must be \"glue\"");
    }
    if (arn->region != catalog_.region) {
      Add(FindingCode::kInvalidArnRegion, entry,
          absl::StrCat("the region of a resource must be the catalog's, \"",
                       catalog_.region, "\", without wildcards"));
    }
    if (arn->account != catalog_.account_id) {
      Add(FindingCode::kInvalidArnAccount, entry,
          absl::StrCat("the account of a resource must be the catalog's, \"",
                       catalog_.account_id, "\", without wildcards"));
    }
    if (!IsResourceName(arn->resource)) {
      Add(FindingCode::kInvalidArnResource, entry,
          "a resource's name must be \"*\" or a type and a path, as in "
          "\"database/default\"");
    }
  }

  void CheckCondition(Value condition) {
    ForEachConditionFinding(condition, [this](FindingCode code, auto value,
                                              absl::string_view message) {
      this->Add(code, value, message);
    });
  }

  void CheckRepeatedKeys(Value object) {
    ForEachRepeatedKey(object, /*any_case=*/false, [this](auto key, bool) {
      this->Add(FindingCode::kDuplicateKeys, key, kRepeatedKey);
    });
  }

  void CheckSids() {
    if (sids_.size() < 2) return;
    std::stable_sort(sids_.begin(), sids_.end(),
                     [](Value a, Value b) { return a.text() < b.text(); });
    for (size_t i = 1; i < sids_.size(); ++i) {
      if (sids_[i].text() != sids_[i - 1].text()) continue;
      Add(FindingCode::kUniqueSidsRequired, sids_[i],
          "an earlier statement has this Sid; give this one a different Sid, "
          "or none");
    }
  }

  const PolicyChecks level_;
  const CatalogContext& catalog_;
  // The catalog's.
  const absl::string_view partition_;
  const CatalogArnStart arn_start_;
  // The beginning of the ARNs of plain principals.
  const std::string iam_start_;
  const bool looks_for_lock_out_;
  // The Sids that are not empty.
  absl::InlinedVector<Value, 8> sids_;
  Suspects<Value> suspects_;
  Findings findings_;
};

}  // namespace

std::vector<Finding> FindBrokenRules(const JsonDocument& document,
                                     PolicyChecks level,
                                     const CatalogContext& catalog) {
  ++CountOfThisThread().checks;
  Checker<JsonDocument, FindingList> checker(level, catalog);
  checker.CheckDocument(document.root());
  std::vector<Finding>& findings = checker.findings().findings();
  if (findings.empty()) {
    if (auto finding = FindLockOut(document, checker.suspects(), catalog)) {
      findings.push_back(*std::move(finding));
    }
  }
  PlaceFindings(document, &findings);
  return std::move(findings);
}

bool KeepsRules(const JsonDom& dom, PolicyChecks level,
                const CatalogContext& catalog) {
  ++CountOfThisThread().checks;
  Checker<JsonDom, AnyFinding> checker(level, catalog);
  checker.CheckDocument(dom.root());
  return !checker.findings().found() &&
         !LocksOut(dom, checker.suspects(), catalog);
}

}  // namespace glue_security
