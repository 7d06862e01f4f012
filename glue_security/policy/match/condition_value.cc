#include "glue_security/policy/match/condition_value.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "glue_security/json/json_number.h"
#include "re2/re2.h"

namespace glue_security {
namespace {

constexpr size_t kFractionDigitsMax = 9;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Removes exactly `digits` digits from the front.
std::optional<int> TakeNumber(absl::string_view* text, size_t digits) {
  if (text->size() < digits) return std::nullopt;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit((*text)[i])) return std::nullopt;
    value = value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(digits);
  return value;
}

bool TakeChar(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

absl::string_view TakeDigits(absl::string_view* text) {
  size_t size = 0;
  while (size < text->size() && IsDigit((*text)[size])) ++size;
  const absl::string_view digits = text->substr(0, size);
  text->remove_prefix(size);
  return digits;
}

// Returns the seconds by which a zone is east of UTC. No zone is UTC.
std::optional<int> ParseZone(absl::string_view text) {
  if (text == "Z" || text.empty()) return 0;
  const bool west = absl::StartsWith(text, "-");
  if (!TakeChar(&text, '+') && !TakeChar(&text, '-')) return std::nullopt;
  const auto hours = TakeNumber(&text, 2);
  if (!hours.has_value() || *hours > 23 || !TakeChar(&text, ':')) {
    return std::nullopt;
  }
  const auto minutes = TakeNumber(&text, 2);
  if (!minutes.has_value() || *minutes > 59 || !text.empty()) {
    return std::nullopt;
  }
  const int seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

// Parses the part after the T: the seconds since midnight UTC, and the
// fraction.
std::optional<DateValue> ParseTimeOfDay(absl::string_view text) {
  DateValue time;
  const auto hours = TakeNumber(&text, 2);
  if (!hours.has_value() || *hours > 23 || !TakeChar(&text, ':')) {
    return std::nullopt;
  }
  const auto minutes = TakeNumber(&text, 2);
  if (!minutes.has_value() || *minutes > 59) return std::nullopt;
  time.seconds = *hours * 3600 + *minutes * 60;
  if (TakeChar(&text, ':')) {
    const auto seconds = TakeNumber(&text, 2);
    if (!seconds.has_value() || *seconds > 59) return std::nullopt;
    time.seconds += *seconds;
    if (TakeChar(&text, '.')) {
      absl::string_view digits = TakeDigits(&text);
      if (digits.empty() || digits.size() > kFractionDigitsMax) {
        return std::nullopt;
      }
      while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
      time.fraction = std::string(digits.data(), digits.size());
    }
  }
  const auto zone = ParseZone(text);
  if (!zone.has_value()) return std::nullopt;
  time.seconds -= *zone;
  return time;
}

std::optional<DateValue> ParseIsoDate(absl::string_view text) {
  const auto year = TakeNumber(&text, 4);
  if (!year.has_value()) return std::nullopt;
  int month = 1;
  int day = 1;
  DateValue time;
  if (!text.empty()) {
    if (!TakeChar(&text, '-')) return std::nullopt;
    const auto given = TakeNumber(&text, 2);
    if (!given.has_value()) return std::nullopt;
    month = *given;
  }
  if (!text.empty()) {
    if (!TakeChar(&text, '-')) return std::nullopt;
    const auto given = TakeNumber(&text, 2);
    if (!given.has_value()) return std::nullopt;
    day = *given;
  }
  if (!text.empty()) {
    if (!TakeChar(&text, 'T')) return std::nullopt;
    auto given = ParseTimeOfDay(text);
    if (!given.has_value()) return std::nullopt;
    time = *std::move(given);
  }
  const absl::CivilDay civil(*year, month, day);
  // A day that does not exist was normalized to another one.
  if (civil.month() != month || civil.day() != day) return std::nullopt;
  time.seconds += (civil - absl::CivilDay(1970, 1, 1)) * 86'400;
  return time;
}

std::optional<DateValue> ParseEpochSeconds(absl::string_view text) {
  absl::string_view digits = text;
  TakeChar(&digits, '-');
  DateValue date;
  // SimpleAtoi also takes blanks and a plus sign.
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit) ||
      !absl::SimpleAtoi(text, &date.seconds)) {
    return std::nullopt;
  }
  return date;
}

int BitsOf(const IpRange& range) { return range.is_v6 ? 128 : 32; }

}  // namespace

std::optional<double> ParseNumber(absl::string_view text) {
  if (!IsJsonNumber(text)) return std::nullopt;
  // Unlike strtod, this reads the same in every locale. Beyond the largest
  // number it sets infinity.
  double number = 0;
  static_cast<void>(absl::SimpleAtod(text, &number));
  return number;
}

std::optional<DateValue> ParseDate(absl::string_view text) {
  auto date = ParseIsoDate(text);
  return date.has_value() ? date : ParseEpochSeconds(text);
}

bool MayBeDate(absl::string_view text) {
  static const RE2* const kDate = new RE2(
      "[+-]?[0-9]{1,9}"                                // year
      "(-(0?[1-9]|1[0-2])(-(0?[1-9]|[12][0-9]|3[01])"  // month, day
      "([Tt ][0-9]{1,2}(:?[0-9]{2}(:?[0-9]{2}([.,][0-9]{0,9})?)?)?"  // time
      " ?([Zz]|[+-][0-9]{1,2}(:?[0-9]{2})?|[A-Za-z]{2,5})?)?)?)?");  // zone
  static const RE2* const kEpoch =
      new RE2("-?[0-9]{1,19}([.][0-9]{1,9})?([eE][+]?[0-9]{1,2})?");
  // Every version of RE2 takes this type.
  const std::string_view piece(text.data(), text.size());
  if (RE2::FullMatch(piece, *kDate)) return true;
  const bool is_whole = text.find_first_of(".eE") == absl::string_view::npos;
  // Whole numbers that are not read do not fit into 64 bits.
  return !is_whole && RE2::FullMatch(piece, *kEpoch);
}

std::optional<std::string> ParseBinary(absl::string_view text) {
  absl::string_view body = text;
  for (int i = 0; i < 2 && absl::EndsWith(body, "="); ++i) {
    body.remove_suffix(1);
  }
  for (const char c : body) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '+' &&
        c != '/') {
      return std::nullopt;
    }
  }
  std::string bytes;
  if (text.size() % 4 != 0 || !absl::Base64Unescape(text, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

bool IpRange::Contains(const IpRange& single) const {
  if (is_v6 != single.is_v6) return false;
  const int bytes = prefix_bits / 8;
  if (std::memcmp(address.data(), single.address.data(),
                  static_cast<size_t>(bytes)) != 0) {
    return false;
  }
  const int bits = prefix_bits % 8;
  if (bits == 0) return true;
  const auto mask = static_cast<uint8_t>(0xFF << (8 - bits));
  const auto i = static_cast<size_t>(bytes);
  return ((address[i] ^ single.address[i]) & mask) == 0;
}

std::optional<IpRange> ParseIpAddress(absl::string_view text) {
  const std::string terminated(text.data(), text.size());
  // The parser would not see the text after a NUL.
  if (absl::StrContains(text, '\0')) return std::nullopt;
  IpRange range;
  range.is_v6 = absl::StrContains(text, ':');
  if (inet_pton(range.is_v6 ? AF_INET6 : AF_INET, terminated.c_str(),
                range.address.data()) != 1) {
    return std::nullopt;
  }
  range.prefix_bits = BitsOf(range);
  return range;
}

std::optional<IpRange> ParseIpRange(absl::string_view text) {
  const size_t slash = text.find('/');
  auto range = ParseIpAddress(text.substr(0, slash));
  if (!range.has_value() || slash == absl::string_view::npos) return range;
  text.remove_prefix(slash + 1);
  constexpr size_t kDigitsMax = 3;
  const absl::string_view digits = TakeDigits(&text);
  if (digits.empty() || digits.size() > kDigitsMax || !text.empty()) {
    return std::nullopt;
  }
  int bits = 0;
  for (const char c : digits) bits = bits * 10 + (c - '0');
  if (bits > BitsOf(*range)) return std::nullopt;
  range->prefix_bits = bits;
  return range;
}

}  // namespace glue_security
