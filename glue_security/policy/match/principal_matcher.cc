#include "glue_security/policy/match/principal_matcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace glue_security {
namespace {

const std::string* Find(const std::vector<std::string>& entries,
                        const std::string& text) {
  if (text.empty()) return nullptr;
  const auto found = std::find(entries.begin(), entries.end(), text);
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

PrincipalFacts::PrincipalFacts(const Principal& who)
    : principal(who), arn(SplitArn(who.arn)) {
  if (!arn.has_value()) {
    is_role = who.arn.empty() && absl::StartsWith(who.unique_id, "AROA");
    return;
  }
  // Most callers are users, whose ARN is parsed only if that matters.
  if (arn->service == "iam" && absl::StartsWith(arn->resource, "user/")) {
    if (who.unique_id.empty()) unknown_id_start = "AIDA";
    return;
  }
  is_root = arn->service == "iam" && arn->resource == "root";
  const auto parsed = ParsePrincipalArn(who.arn);
  if (!parsed.has_value()) return;
  is_session = parsed->kind == PrincipalArn::Kind::kAssumedRole;
  is_role = parsed->kind == PrincipalArn::Kind::kRole;
  if (!is_session && !is_role) return;
  role_account = parsed->account;
  role_partition = parsed->partition;
  role_name = parsed->name;
  if (who.unique_id.empty()) unknown_id_start = "AROA";
}

bool PrincipalFacts::MayHaveId(absl::string_view text) const {
  return !unknown_id_start.empty() &&
         absl::StartsWith(text, unknown_id_start) && IsUniqueId(text) &&
         ParsePrincipalArn(principal.arn).has_value();
}

void PrincipalMatcher::Add(absl::string_view kind, absl::string_view text) {
  if (text == "*" && kind == "AWS") {
    AddEverybody();
    return;
  }
  names_nobody_else_ = false;
  if (kind == "Service") {
    services_.push_back(std::string(text));
  } else if (kind == "Federated") {
    federated_.push_back(std::string(text));
  } else if (kind == "CanonicalUser") {
    canonical_users_.push_back(std::string(text));
  } else {
    AwsEntry entry;
    entry.text = std::string(text);
    const auto arn = ParsePrincipalArn(text);
    if (IsAccountId(text)) {
      entry.account = entry.text;
    } else if (arn.has_value() && (arn->kind == PrincipalArn::Kind::kRoot ||
                                   arn->kind == PrincipalArn::Kind::kRole)) {
      entry.account = std::string(arn->account);
      entry.partition = std::string(arn->partition);
      entry.role = std::string(arn->name);
    }
    aws_.push_back(std::move(entry));
  }
}

PrincipalMatcher::Found PrincipalMatcher::FindText(
    absl::string_view text) const {
  if (text.empty()) return {};
  for (const AwsEntry& entry : aws_) {
    if (entry.text == text) return {Truth::kTrue, &entry.text};
  }
  return {};
}

PrincipalMatcher::Found PrincipalMatcher::FindAccount(
    const PrincipalFacts& facts) const {
  if (!facts.arn.has_value()) return {};
  for (const AwsEntry& entry : aws_) {
    if (!entry.account.empty() && entry.role.empty() &&
        entry.account == facts.arn->account &&
        (entry.partition.empty() || entry.partition == facts.arn->partition)) {
      return {Truth::kTrue, &entry.text};
    }
  }
  return {};
}

PrincipalMatcher::Found PrincipalMatcher::FindId(
    const PrincipalFacts& facts) const {
  if (facts.unknown_id_start.empty()) {
    return FindText(facts.principal.unique_id);
  }
  for (const AwsEntry& entry : aws_) {
    if (facts.MayHaveId(entry.text)) return {Truth::kUndecided, &entry.text};
  }
  return {};
}

PrincipalMatcher::Found PrincipalMatcher::FindRole(
    const PrincipalFacts& facts) const {
  for (const AwsEntry& entry : aws_) {
    // The path does not matter, since the name is unique in the account.
    if (!entry.role.empty() && entry.role == facts.role_name &&
        entry.account == facts.role_account &&
        entry.partition == facts.role_partition) {
      return {Truth::kTrue, &entry.text};
    }
  }
  return FindId(facts);
}

PrincipalMatcher::Found PrincipalMatcher::FindSelf(
    const PrincipalFacts& facts) const {
  if (facts.is_role) return {};
  const Found found = FindText(facts.principal.arn);
  // The unique id of a session is that of its role.
  return found.named == Truth::kTrue || facts.is_session ? found
                                                         : FindId(facts);
}

PrincipalMatcher::Found PrincipalMatcher::FindOther(
    const Principal& principal) const {
  const std::string* entry = Find(services_, principal.service);
  if (entry == nullptr) entry = Find(federated_, principal.federated);
  if (entry == nullptr) {
    entry = Find(canonical_users_, principal.canonical_user);
  }
  return {TruthOf(entry != nullptr), entry};
}

PrincipalMatch PrincipalMatcher::Match(const PrincipalFacts& facts) const {
  PrincipalMatch match;
  if (everybody_.has_value() && names_nobody_else_) {
    match.fulfilled = Truth::kTrue;
    match.more_than_account = Truth::kTrue;
    match.entry = &*everybody_;
    match.named_as = NamedAs::kEverybody;
    return match;
  }
  Truth shown = Truth::kFalse;
  const auto add = [&](const Found& found, NamedAs as) {
    match.fulfilled = Or(match.fulfilled, found.named);
    if (as > NamedAs::kAccount) {
      match.more_than_account = Or(match.more_than_account, found.named);
    }
    if (as == NamedAs::kSelf) match.as_self = found.named;
    // Starts with the strongest.
    if (found.named > shown) {
      shown = found.named;
      match.entry = found.entry;
      match.named_as = as;
    }
  };
  Found self = FindOther(facts.principal);
  if (!aws_.empty() && self.named != Truth::kTrue) self = FindSelf(facts);
  add(self, NamedAs::kSelf);
  // Nothing is stronger.
  if (self.named == Truth::kTrue) return match;
  if ((facts.is_session || facts.is_role) && !aws_.empty()) {
    add(FindRole(facts), NamedAs::kRole);
  }
  if (everybody_.has_value()) {
    add({Truth::kTrue, &*everybody_}, NamedAs::kEverybody);
  }
  if (!aws_.empty()) add(FindAccount(facts), NamedAs::kAccount);
  return match;
}

PrincipalMatcher::Found PrincipalMatcher::FindSparing(
    const PrincipalFacts& facts) const {
  if (everybody_.has_value()) return {Truth::kTrue, &*everybody_};
  if (const Found other = FindOther(facts.principal);
      other.named == Truth::kTrue) {
    return other;
  }
  // Without an ARN there are no account and role that must be listed.
  if (facts.principal.arn.empty()) return FindText(facts.principal.unique_id);
  const Found account = FindAccount(facts);
  if (account.named == Truth::kFalse) return {};
  // The root user and its account are the same.
  if (facts.is_root) return account;
  Found self = facts.is_role ? FindRole(facts) : FindSelf(facts);
  if (facts.is_session) {
    const Truth role = FindRole(facts).named;
    self.named = And(self.named, role);
    if (self.named == Truth::kFalse) self.entry = nullptr;
  }
  return self;
}

PrincipalMatch PrincipalMatcher::MatchNot(const PrincipalFacts& facts) const {
  const Found sparing = FindSparing(facts);
  PrincipalMatch match;
  match.fulfilled = Not(sparing.named);
  match.entry = sparing.entry;
  return match;
}

}  // namespace glue_security
