#include "glue_security/validation/quote.h"

#include <algorithm>
#include <limits>

#include "glue_security/json/json_escape.h"
#include "glue_security/validation/utf8.h"

namespace glue_security {
namespace {

constexpr absl::string_view kReplacementCharacter = "\xEF\xBF\xBD";

}  // namespace

std::string QuoteValue(absl::string_view text,
                       std::optional<size_t> code_points_max) {
  std::string out;
  size_t left = code_points_max.value_or(std::numeric_limits<size_t>::max());
  for (; left > 0 && !text.empty(); --left) {
    const size_t length = DecodeUtf8(text).length;
    if (length == 0) {
      out.append(kReplacementCharacter.data(), kReplacementCharacter.size());
      text.remove_prefix(1);
      continue;
    }
    if (length == 1) {
      AppendJsonEscaped(text.front(), &out);
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::optional<size_t> QuotedCodePointsMax(const Behavior& behavior,
                                          const Limits& limits) {
  if (!behavior.cut_quoted_values) return std::nullopt;
  // The engine treats a bound below 1 as 1.
  return std::max<size_t>(limits.quoted_value_code_points_max, 1);
}

}  // namespace glue_security
