// Truth: the result of a match when facts may be unknown. Combined as in
// Kleene's three-valued logic (docs/decisions/unknown-facts.md).

#ifndef GLUE_SECURITY_POLICY_TRUTH_H_
#define GLUE_SECURITY_POLICY_TRUTH_H_

#include <algorithm>

namespace glue_security {

enum class Truth : unsigned char { kFalse, kUndecided, kTrue };

inline Truth TruthOf(bool value) {
  return value ? Truth::kTrue : Truth::kFalse;
}

inline Truth Not(Truth a) {
  return static_cast<Truth>(static_cast<unsigned char>(Truth::kTrue) -
                            static_cast<unsigned char>(a));
}

inline Truth And(Truth a, Truth b) { return std::min(a, b); }

inline Truth Or(Truth a, Truth b) { return std::max(a, b); }

// Returns the "or" of `match` over the items, up to the first that is kTrue.
template <typename Items, typename Match>
Truth AnyOf(const Items& items, Match&& match) {
  Truth any = Truth::kFalse;
  for (const auto& item : items) {
    any = Or(any, match(item));
    if (any == Truth::kTrue) break;
  }
  return any;
}

// Returns the "and" of `match` over the items, up to the first that is kFalse.
template <typename Items, typename Match>
Truth AllOf(const Items& items, Match&& match) {
  Truth all = Truth::kTrue;
  for (const auto& item : items) {
    all = And(all, match(item));
    if (all == Truth::kFalse) break;
  }
  return all;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_TRUTH_H_
