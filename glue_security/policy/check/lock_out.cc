#include "glue_security/policy/check/lock_out.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/match/principal_matcher.h"
#include "glue_security/policy/truth.h"

namespace glue_security {
namespace {

char ToLower(char c) {
  return absl::ascii_tolower(static_cast<unsigned char>(c));
}

// Returns true when all of `action` matches. A `?` stands for one byte, since
// the action is ASCII. Takes time linear in the size of the pattern, and at
// most quadratic in that of the action.
bool Matches(absl::string_view pattern, absl::string_view action) {
  constexpr size_t kNone = absl::string_view::npos;
  // The place after the last `*`, and the place in the action where matching
  // continued from it.
  size_t star = kNone;
  size_t star_at = 0;
  size_t next = 0;
  for (size_t at = 0; at < action.size();) {
    const bool is_left = next < pattern.size();
    if (is_left && pattern[next] == '*') {
      star = ++next;
      star_at = at;
    } else if (is_left && (pattern[next] == '?' ||
                           ToLower(pattern[next]) == ToLower(action[at]))) {
      ++next;
      ++at;
    } else if (star != kNone) {
      next = star;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (next < pattern.size() && pattern[next] == '*') ++next;
  return next == pattern.size();
}

// Searches the suspects. The request is made when the first suspect that names
// the caller is found.
template <typename Tree>
class LockOutSearch {
 public:
  using Value = typename Tree::Value;

  LockOutSearch(const Tree& tree, const CatalogContext& catalog)
      : tree_(tree),
        catalog_(catalog),
        caller_(catalog.caller),
        principal_(caller_) {}

  // Returns the calls that `suspect` denies the caller.
  unsigned Denied(const Suspect<Value>& suspect) {
    if (!Names(suspect.statement)) return 0;
    if (!request_.has_value()) MakeRequest();
    RequestFacts facts(*request_);
    const CompiledStatement statement(tree_, suspect.statement,
                                      HasVariables(tree_.root()));
    unsigned denied = 0;
    for (size_t i = 0; i < kUndoingCalls.size(); ++i) {
      if ((suspect.denied >> i & 1U) == 0) continue;
      facts.action = absl::AsciiStrToLower(kUndoingCalls[i]);
      if (statement.Match(facts).applies == Truth::kTrue) denied |= 1U << i;
    }
    return denied;
  }

 private:
  bool Names(Value statement) const {
    const auto principal = statement.Find("Principal");
    const PrincipalMatch match =
        principal.has_value()
            ? CompilePrincipal(*principal).Match(principal_)
            : CompilePrincipal(*statement.Find("NotPrincipal"))
                  .MatchNot(principal_);
    return match.fulfilled == Truth::kTrue;
  }

  void MakeRequest() {
    request_.emplace();
    request_->principal = caller_;
    AddPrincipalContext(&*request_);
    request_->other_keys_unknown = true;
    request_->resource = CatalogArn(catalog_.name());
  }

  const Tree& tree_;
  const CatalogContext& catalog_;
  const Principal& caller_;
  const PrincipalFacts principal_;
  std::optional<AuthorizationRequest> request_;
};

}  // namespace

unsigned UndoingCallsOf(absl::string_view pattern) {
  unsigned calls = 0;
  for (size_t i = 0; i < kUndoingCalls.size(); ++i) {
    if (Matches(pattern, kUndoingCalls[i])) calls |= 1U << i;
  }
  return calls;
}

std::optional<Finding> FindLockOut(
    const JsonDocument& document, const Suspects<JsonDocument::Value>& suspects,
    const CatalogContext& catalog) {
  if (suspects.empty()) return std::nullopt;
  LockOutSearch<JsonDocument> search(document, catalog);
  // The first statement that denies each call.
  std::array<const Suspect<JsonDocument::Value>*, kUndoingCalls.size()>
      denying{};
  for (const auto& suspect : suspects) {
    const unsigned denied = search.Denied(suspect);
    for (size_t i = 0; i < denying.size(); ++i) {
      if ((denied >> i & 1U) != 0 && denying[i] == nullptr) {
        denying[i] = &suspect;
      }
    }
  }
  for (size_t i = 0; i < denying.size(); ++i) {
    if (denying[i] == nullptr) continue;
    Finding finding;
    finding.code = FindingCode::kPolicyLocksOutCaller;
    finding.offset = denying[i]->statement.offset();
    finding.message = absl::StrCat(
        "the statement denies ", kUndoingCalls[i],
        " to the caller, who could then not change the policy again; exempt "
        "the caller, for example with a Condition on \"aws:PrincipalArn\"");
    return finding;
  }
  return std::nullopt;
}

bool LocksOut(const JsonDom& dom, const Suspects<JsonDom::Value>& suspects,
              const CatalogContext& catalog) {
  if (suspects.empty()) return false;
  LockOutSearch<JsonDom> search(dom, catalog);
  for (const auto& suspect : suspects) {
    if (search.Denied(suspect) != 0) return true;
  }
  return false;
}

}  // namespace glue_security
