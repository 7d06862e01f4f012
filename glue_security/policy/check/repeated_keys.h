// ForEachRepeatedKey: the search for keys that occur twice in a JSON object.

#ifndef GLUE_SECURITY_POLICY_CHECK_REPEATED_KEYS_H_
#define GLUE_SECURITY_POLICY_CHECK_REPEATED_KEYS_H_

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// The message of the finding.
inline constexpr char kRepeatedKey[] =
    "the key occurs twice; write it once, with all values";

// Calls `report(key, same)` for each key of `object` that occurs before it;
// with `any_case`, also for those that differ only in the case of ASCII
// letters, with `same` false. Takes n log n time.
template <typename Value, typename Report>
void ForEachRepeatedKey(Value object, bool any_case, Report&& report) {
  if (object.size() < 2) return;
  using Key = decltype((*object.members().begin()).key);
  struct FoldedKey {
    std::string folded;
    Key key;
  };
  std::vector<FoldedKey> keys;
  keys.reserve(object.size());
  for (const auto member : object.members()) {
    std::string folded(member.key.text().data(), member.key.text().size());
    if (any_case) absl::AsciiStrToLower(&folded);
    keys.push_back({std::move(folded), member.key});
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [](const FoldedKey& a, const FoldedKey& b) {
                     return a.folded < b.folded;
                   });
  // The earlier keys that equal this one except in case.
  std::set<absl::string_view> before;
  for (size_t i = 1; i < keys.size(); ++i) {
    if (keys[i].folded != keys[i - 1].folded) {
      before.clear();
      continue;
    }
    before.insert(keys[i - 1].key.text());
    report(keys[i].key, before.count(keys[i].key.text()) != 0);
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_REPEATED_KEYS_H_
