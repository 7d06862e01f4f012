#include "glue_security/http/hop_by_hop.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace glue_security {

void HopByHop::AddConnection(absl::string_view value) {
  for (const absl::string_view part : absl::StrSplit(value, ',')) {
    const absl::string_view name = absl::StripAsciiWhitespace(part);
    if (!name.empty()) named_.push_back(absl::AsciiStrToLower(name));
  }
}

void HopByHop::Sort() { std::sort(named_.begin(), named_.end()); }

bool HopByHop::Contains(absl::string_view name) const {
  for (const absl::string_view kept : {"Host", "Content-Length"}) {
    if (absl::EqualsIgnoreCase(name, kept)) return false;
  }
  for (const absl::string_view dropped :
       {"Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade"}) {
    if (absl::EqualsIgnoreCase(name, dropped)) return true;
  }
  if (absl::StartsWithIgnoreCase(name, "Proxy-")) return true;
  return !named_.empty() && std::binary_search(named_.begin(), named_.end(),
                                               absl::AsciiStrToLower(name));
}

}  // namespace glue_security
