#include "glue_security/testing/generators/text_samples.h"

#include <algorithm>

#include "glue_security/testing/legal_text.h"
#include "glue_security/validation/text_pattern.h"
#include "re2/re2.h"

namespace glue_security {
namespace {

// Characters of one, two, three and four bytes.
constexpr const char* kFillers[] = {"x", "\xC3\xA9", "\xE6\x97\xA5",
                                    "\xF0\x9F\x99\x82"};
constexpr size_t kFillerCount = 4;

// Texts that some pattern refuses. Every pattern refuses the last ones, which
// are malformed UTF-8: a stray byte, an overlong form, a surrogate, a cut
// character, and a code point beyond the last.
const std::vector<std::string>& Intruders() {
  static const auto* const kIntruders =
      new std::vector<std::string>{"\n",
                                   std::string(1, '\0'),
                                   "\r",
                                   "\x1F",
                                   "\xEF\xBF\xBE",
                                   "\xEF\xBF\xBF",
                                   "\xC2\x85",
                                   "\xE2\x80\xA8",
                                   "\xE2\x80\xA9",
                                   "X",
                                   "",
                                   "\xFF",
                                   "\x80",
                                   "\xC0\xAF",
                                   "\xED\xA0\x80",
                                   "\xE2\x82",
                                   "\xF4\x90\x80\x80"};
  return *kIntruders;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Returns the start of the character at or before `at`.
size_t CharacterStart(absl::string_view text, size_t at) {
  while (at > 0 && at < text.size() && IsContinuation(text[at])) --at;
  return at;
}

size_t CharacterEnd(absl::string_view text, size_t start) {
  if (start == text.size()) return start;
  ++start;
  while (start < text.size() && IsContinuation(text[start])) ++start;
  return start;
}

// Fills `start` up to `bytes`.
std::string FillUp(absl::string_view start, size_t bytes,
                   absl::string_view filler) {
  std::string text(start);
  text.reserve(bytes);
  while (text.size() + filler.size() <= bytes) {
    text.append(filler.data(), filler.size());
  }
  text.append(bytes - text.size(), 'x');
  return text;
}

}  // namespace

std::optional<std::string> MatchingText(v1::Pattern pattern, size_t bytes,
                                        const std::vector<std::string>& starts,
                                        ChoiceSource& choices) {
  const size_t first = choices.Below(kFillerCount);
  std::vector<std::string> all = {""};
  std::string least;
  std::string greatest;
  if (Re2Definition(pattern).PossibleMatchRange(&least, &greatest, 64)) {
    all.push_back(least);
  }
  all.insert(all.end(), starts.begin(), starts.end());
  for (const std::string& start : all) {
    if (start.size() > bytes) continue;
    for (size_t i = 0; i < kFillerCount; ++i) {
      const absl::string_view filler = kFillers[(first + i) % kFillerCount];
      std::string text = FillUp(start, bytes, filler);
      if (MatchesDefinition(pattern, text)) return text;
    }
  }
  return std::nullopt;
}

std::optional<std::string> MismatchingText(v1::Pattern pattern,
                                           absl::string_view text,
                                           size_t bytes_min, size_t bytes_max,
                                           ChoiceSource& choices) {
  const std::vector<std::string>& intruders = Intruders();
  const size_t first = choices.Below(intruders.size());
  const size_t place = CharacterStart(text, choices.Below(text.size() + 1));
  for (size_t i = 0; i < intruders.size(); ++i) {
    const std::string& intruder = intruders[(first + i) % intruders.size()];
    // Tries the drawn place, then the start, where more patterns are strict;
    // and tries to insert before a character, then to replace it.
    for (const size_t at : {place, size_t{0}}) {
      for (const bool instead : {intruder.empty(), true}) {
        const size_t rest = instead ? CharacterEnd(text, at) : at;
        std::string changed(text.substr(0, at));
        changed += intruder;
        changed.append(text.data() + rest, text.size() - rest);
        if (changed.size() >= bytes_min && changed.size() <= bytes_max &&
            !MatchesDefinition(pattern, changed)) {
          return changed;
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace glue_security
