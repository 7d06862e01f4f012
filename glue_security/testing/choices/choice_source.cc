#include "glue_security/testing/choices/choice_source.h"

#include <algorithm>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace glue_security {

std::string FormatChoices(const Choices& choices) {
  return absl::StrJoin(choices, ".");
}

std::optional<Choices> ParseChoices(absl::string_view text) {
  Choices choices;
  if (text.empty()) return choices;
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    uint64_t value = 0;
    // SimpleAtoi accepts blanks and signs, which FormatChoices never writes.
    if (part.find_first_not_of("0123456789") != absl::string_view::npos ||
        !absl::SimpleAtoi(part, &value)) {
      return std::nullopt;
    }
    choices.push_back(value);
  }
  return choices;
}

uint64_t SeededChoices::Draw(uint64_t bound) {
  // The upper half of the product needs no division, and its bias is below
  // bound / 2^64.
  return absl::Uint128High64(absl::uint128(engine_()) * bound);
}

uint64_t RecordedChoices::Draw(uint64_t bound) {
  if (position_ == choices_.size()) {
    ++missing_;
    return 0;
  }
  return std::min(choices_[position_++], bound - 1);
}

uint64_t RecordingChoices::Draw(uint64_t bound) {
  choices_.push_back(source_->Below(bound));
  return choices_.back();
}

}  // namespace glue_security
