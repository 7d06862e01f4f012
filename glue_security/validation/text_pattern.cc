#include "glue_security/validation/text_pattern.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/model/end_process.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/validation/utf8.h"
#include "google/protobuf/descriptor.h"
#include "simdjson.h"

namespace glue_security {
namespace {

constexpr size_t kWordBytes = sizeof(uint64_t);

// Returns a word whose eight bytes are all `byte`.
constexpr uint64_t Repeat(uint8_t byte) { return 0x0101010101010101u * byte; }

constexpr uint64_t kHighBits = Repeat(0x80);

constexpr bool IsAscii(uint64_t word) { return (word & kHighBits) == 0; }

// Returns true when a byte of the ASCII `word` is below `bound` (at most 0x80).
constexpr bool HasByteBelow(uint64_t word, uint8_t bound) {
  return ((word - Repeat(bound)) & ~word & kHighBits) != 0;
}

// Returns true when a byte of the ASCII `word` equals `byte` (below 0x80).
constexpr bool HasByte(uint64_t word, uint8_t byte) {
  return HasByteBelow(word ^ Repeat(byte), 1);
}

// Each class of code points has two tests. `AcceptsWord` tests eight ASCII
// bytes at once and may refuse some that the class accepts. `Accepts` is exact.

struct SingleLine {
  static bool AcceptsWord(uint64_t word) { return !HasByteBelow(word, 0x20); }
  static bool Accepts(char32_t c) {
    return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t';
  }
};

struct NoLineTerminator {
  static bool AcceptsWord(uint64_t word) {
    return !HasByte(word, '\n') && !HasByte(word, '\r');
  }
  static bool Accepts(char32_t c) {
    return c != '\n' && c != '\r' && c != 0x85 && c != 0x2028 && c != 0x2029;
  }
};

// Returns true when `text` is valid UTF-8 and `Class` accepts all its code
// points.
template <typename Class>
bool ConsistsOf(absl::string_view text) {
  while (!text.empty()) {
    while (text.size() >= kWordBytes) {
      uint64_t word;
      std::memcpy(&word, text.data(), kWordBytes);
      if (!IsAscii(word) || !Class::AcceptsWord(word)) break;
      text.remove_prefix(kWordBytes);
    }
    // Checks the eight bytes of a refused word, or the last bytes of the text,
    // one code point at a time.
    for (size_t done = 0; done < kWordBytes && !text.empty();) {
      const DecodedCodePoint decoded = DecodeUtf8(text);
      if (decoded.length == 0 || !Class::Accepts(decoded.code_point)) {
        return false;
      }
      text.remove_prefix(decoded.length);
      done += decoded.length;
    }
  }
  return true;
}

bool IsPartitionSuffix(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool IsKmsKeyArn(absl::string_view text) {
  return absl::ConsumePrefix(&text, "arn:aws:kms:") &&
         ConsistsOf<NoLineTerminator>(text);
}

bool IsObservedKmsKeyArn(absl::string_view text) {
  if (text.empty()) return true;
  if (!absl::ConsumePrefix(&text, "arn:aws")) return false;
  while (!text.empty() && IsPartitionSuffix(text.front())) {
    text.remove_prefix(1);
  }
  return absl::ConsumePrefix(&text, ":kms:") &&
         ConsistsOf<NoLineTerminator>(text);
}

// Returns the compiled definitions, indexed by the index of the enum value.
std::vector<std::unique_ptr<re2::RE2>> CompileDefinitions() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  std::vector<std::unique_ptr<re2::RE2>> definitions;
  const auto* descriptor = v1::Pattern_descriptor();
  definitions.reserve(static_cast<size_t>(descriptor->value_count()));
  for (int i = 0; i < descriptor->value_count(); ++i) {
    definitions.push_back(std::make_unique<re2::RE2>(
        descriptor->value(i)->options().GetExtension(v1::pattern).re2(),
        options));
  }
  return definitions;
}

}  // namespace

bool MatchesPattern(v1::Pattern pattern, absl::string_view text) {
  switch (pattern) {
    case v1::PATTERN_UNSPECIFIED:
      return simdjson::validate_utf8(text.data(), text.size());
    case v1::PATTERN_SINGLE_LINE:
      return ConsistsOf<SingleLine>(text);
    case v1::PATTERN_KMS_KEY_ARN:
      return IsKmsKeyArn(text);
    case v1::PATTERN_KMS_KEY_ARN_OBSERVED:
      return IsObservedKmsKeyArn(text);
    // Few requests have members with the other patterns.
    default:
      return re2::RE2::FullMatch(std::string_view(text.data(), text.size()),
                                 Re2Definition(pattern));
  }
}

const re2::RE2& Re2Definition(v1::Pattern pattern) {
  static const auto* const kDefinitions =
      new std::vector<std::unique_ptr<re2::RE2>>(CompileDefinitions());
  const auto* value = v1::Pattern_descriptor()->FindValueByNumber(pattern);
  // UNCOVERED-BEGIN: callers must name a pattern. A death test shows it.
  if (value == nullptr) EndProcess(absl::StrCat("pattern ", pattern));
  // UNCOVERED-END
  return *(*kDefinitions)[value->index()];
}

absl::string_view PublishedText(v1::Pattern pattern) {
  return PatternTextsOf(pattern).published();
}

}  // namespace glue_security
