#include "glue_security/policy/match/wildcard_segment.h"

#include <cstring>

#include "glue_security/policy/match/utf8_characters.h"

namespace glue_security {

void WildcardSegment::AppendLiteral(absl::string_view text) {
  if (text.empty()) return;
  // In invalid UTF-8 the text may continue the character before it.
  const size_t run = open_.empty() ? 0 : open_.back();
  const bool goes_on = literal_.size() > run && ContinuesCharacter(text[0]);
  literal_.append(text.data(), text.size());
  characters_ += CountCharacters(text) - (goes_on ? 1 : 0);
}

void WildcardSegment::AppendOpen() {
  open_.push_back(literal_.size());
  ++characters_;
}

size_t WildcardSegment::MatchAt(absl::string_view text, size_t begin) const {
  size_t done = 0;
  size_t at = begin;
  // Matches a run of characters that are not open.
  const auto match_run = [&](size_t end) {
    const size_t size = end - done;
    if (size == 0) return true;
    if (text.size() - at < size ||
        std::memcmp(text.data() + at, literal_.data() + done, size) != 0) {
      return false;
    }
    at += size;
    done = end;
    return open_.empty() || at == text.size() || !ContinuesCharacter(text[at]);
  };
  for (const size_t open : open_) {
    if (!match_run(open) || at == text.size()) return absl::string_view::npos;
    at = EndOfCharacter(text, at);
  }
  return match_run(literal_.size()) ? at : absl::string_view::npos;
}

}  // namespace glue_security
