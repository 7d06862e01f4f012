// The check for a policy that locks its author out: it denies the author the
// calls that would undo it. See docs/decisions/lock-out.md.

#ifndef GLUE_SECURITY_POLICY_CHECK_LOCK_OUT_H_
#define GLUE_SECURITY_POLICY_CHECK_LOCK_OUT_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/json/json_dom.h"
#include "glue_security/policy/catalog_context.h"
#include "glue_security/policy/compiled_statement.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// The calls that undo a policy. A set of calls has one bit for each.
inline constexpr std::array<absl::string_view, 2> kUndoingCalls = {
    "glue:PutResourcePolicy", "glue:DeleteResourcePolicy"};
inline constexpr unsigned kAllUndoingCalls = (1U << kUndoingCalls.size()) - 1;

// A statement that denies some of these calls, to any principal and on any
// resource.
template <typename Value>
struct Suspect {
  Value statement;
  unsigned denied;
};
template <typename Value>
using Suspects = absl::InlinedVector<Suspect<Value>, 4>;

// Returns the calls that `pattern`, an entry of Action or NotAction, matches.
unsigned UndoingCallsOf(absl::string_view pattern);

// Returns the calls that any entry of an Action or NotAction element matches. A
// value that is not a string matches nothing.
template <typename Value>
unsigned UndoingCalls(Value element) {
  unsigned calls = 0;
  ForEachElement(element, [&](Value entry) {
    if (entry.is_string()) calls |= UndoingCallsOf(entry.text());
  });
  return calls;
}

// Returns the finding about the statement that locks the caller out, or nullopt
// when there is none. Of its place only the offset is set. `suspects` are those
// of a policy without other findings.
std::optional<Finding> FindLockOut(
    const JsonDocument& document, const Suspects<JsonDocument::Value>& suspects,
    const CatalogContext& catalog);

// Returns true when such a statement exists.
bool LocksOut(const JsonDom& dom, const Suspects<JsonDom::Value>& suspects,
              const CatalogContext& catalog);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_LOCK_OUT_H_
