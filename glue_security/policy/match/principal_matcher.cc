#include "glue_security/policy/match/principal_matcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

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
  if (!arn.has_value() || arn->service != "sts" ||
      !absl::StartsWith(arn->resource, "assumed-role/")) {
    return;
  }
  is_session = true;
  role_arn = who.role_arn;
  if (!role_arn.empty()) return;
  absl::string_view name = arn->resource.substr(sizeof("assumed-role/") - 1);
  name = name.substr(0, name.find('/'));
  role_arn = absl::StrCat("arn:", arn->partition, ":iam::", arn->account,
                          ":role/", name);
}

void PrincipalMatcher::Add(absl::string_view kind, absl::string_view text) {
  if (kind == "Service") {
    services_.push_back(std::string(text));
  } else if (kind == "Federated") {
    federated_.push_back(std::string(text));
  } else if (kind == "CanonicalUser") {
    canonical_users_.push_back(std::string(text));
  } else if (text == "*") {
    AddEverybody();
  } else {
    AwsEntry entry;
    entry.text = std::string(text);
    const auto arn = ParsePrincipalArn(text);
    if (IsAccountId(text)) {
      entry.account = entry.text;
    } else if (arn.has_value() && arn->kind == PrincipalArn::Kind::kRoot) {
      entry.account = std::string(arn->account);
      entry.partition = std::string(arn->partition);
    }
    aws_.push_back(std::move(entry));
  }
}

const std::string* PrincipalMatcher::FindText(absl::string_view text) const {
  if (text.empty()) return nullptr;
  for (const AwsEntry& entry : aws_) {
    if (entry.text == text) return &entry.text;
  }
  return nullptr;
}

const std::string* PrincipalMatcher::FindAccount(
    const PrincipalFacts& facts) const {
  if (!facts.arn.has_value()) return nullptr;
  for (const AwsEntry& entry : aws_) {
    if (!entry.account.empty() && entry.account == facts.arn->account &&
        (entry.partition.empty() || entry.partition == facts.arn->partition)) {
      return &entry.text;
    }
  }
  return nullptr;
}

const std::string* PrincipalMatcher::FindRole(
    const PrincipalFacts& facts) const {
  if (const auto* entry = FindText(facts.role_arn)) return entry;
  return FindText(facts.principal.unique_id);
}

const std::string* PrincipalMatcher::FindSelf(
    const PrincipalFacts& facts) const {
  if (const auto* entry = FindText(facts.principal.arn)) return entry;
  // The unique id of a session is that of its role.
  return facts.is_session ? nullptr : FindText(facts.principal.unique_id);
}

const std::string* PrincipalMatcher::FindOther(
    const Principal& principal) const {
  if (const auto* entry = Find(services_, principal.service)) return entry;
  if (const auto* entry = Find(federated_, principal.federated)) return entry;
  return Find(canonical_users_, principal.canonical_user);
}

const std::string* PrincipalMatcher::FindEntry(
    const PrincipalFacts& facts) const {
  if (everybody_.has_value()) return &*everybody_;
  if (const auto* entry = FindSelf(facts)) return entry;
  if (facts.is_session) {
    if (const auto* entry = FindRole(facts)) return entry;
  }
  if (const auto* entry = FindAccount(facts)) return entry;
  return FindOther(facts.principal);
}

const std::string* PrincipalMatcher::FindSparing(
    const PrincipalFacts& facts) const {
  if (everybody_.has_value()) return &*everybody_;
  if (const auto* entry = FindOther(facts.principal)) return entry;
  // Without an ARN there are no account and role that must be listed.
  if (facts.principal.arn.empty()) return FindText(facts.principal.unique_id);
  const std::string* const account = FindAccount(facts);
  if (account == nullptr) return nullptr;
  // The root user and its account are the same.
  if (facts.arn->service == "iam" && facts.arn->resource == "root") {
    return account;
  }
  if (facts.is_session && FindRole(facts) == nullptr) return nullptr;
  return FindSelf(facts);
}

}  // namespace glue_security
