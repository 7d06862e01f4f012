// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open.

#include "tests/policy/naive_values.h"

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "tests/policy/naive_document.h"

namespace glue_security::naive {
namespace {

// The fraction of a whole second.
constexpr char kNoFraction[] = "000000000";

// Reads a text from left to right. Its functions return false if the next
// characters are not as asked.
class Reader {
 public:
  explicit Reader(const std::string& text)
      : next_(text.data()), end_(text.data() + text.size()) {}

  bool AtEnd() const { return next_ == end_; }

  bool Take(char c) {
    if (AtEnd() || *next_ != c) return false;
    ++next_;
    return true;
  }

  bool TakeDigit(int* digit) {
    if (AtEnd() || !IsDigit(*next_)) return false;
    *digit = *next_++ - '0';
    return true;
  }

  // Takes `digits` digits, a number from `min` to `max`.
  bool TakeNumber(int digits, int min, int max, int* number) {
    *number = 0;
    for (int digit = 0; digits > 0; --digits) {
      if (!TakeDigit(&digit)) return false;
      *number = *number * 10 + digit;
    }
    return *number >= min && *number <= max;
  }

 private:
  const char* next_;
  const char* end_;
};

// A date and time. The defaults are the first instant of a year.
struct CalendarTime {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::string fraction = kNoFraction;
  // The zone: how far its clocks are ahead of UTC.
  int ahead_hours = 0;
  int ahead_minutes = 0;
};

int DaysOfYear(int year) {
  if (year % 400 == 0) return 366;
  if (year % 100 == 0) return 365;
  return year % 4 == 0 ? 366 : 365;
}

int DaysOfMonth(int year, int month) {
  switch (month) {
    case 2:
      return DaysOfYear(year) - 337;
    case 4:
    case 6:
    case 9:
    case 11:
      return 30;
    default:
      return 31;
  }
}

// Counts the days year by year and month by month.
std::int64_t DaysSince1970(int year, int month, int day) {
  std::int64_t days = day - 1;
  for (int m = 1; m < month; ++m) days += DaysOfMonth(year, m);
  for (int y = 1970; y < year; ++y) days += DaysOfYear(y);
  for (int y = year; y < 1970; ++y) days -= DaysOfYear(y);
  return days;
}

// Reads YYYY[-MM[-DD]]. Only a whole date can have a time after it.
bool ReadDate(Reader* reader, CalendarTime* time) {
  if (!reader->TakeNumber(4, 0, 9999, &time->year)) return false;
  if (reader->AtEnd()) return true;
  if (!reader->Take('-') || !reader->TakeNumber(2, 1, 12, &time->month)) {
    return false;
  }
  if (reader->AtEnd()) return true;
  return reader->Take('-') &&
         reader->TakeNumber(2, 1, DaysOfMonth(time->year, time->month),
                            &time->day);
}

// Reads one to nine digits and fills up with zeros.
bool ReadFraction(Reader* reader, std::string* fraction) {
  int digit = 0;
  if (!reader->TakeDigit(&digit)) return false;
  std::size_t count = 0;
  do {
    if (count == fraction->size()) return false;
    (*fraction)[count++] = static_cast<char>('0' + digit);
  } while (reader->TakeDigit(&digit));
  return true;
}

// Reads hh:mm[:ss[.s…]].
bool ReadTime(Reader* reader, CalendarTime* time) {
  if (!reader->TakeNumber(2, 0, 23, &time->hour) || !reader->Take(':') ||
      !reader->TakeNumber(2, 0, 59, &time->minute)) {
    return false;
  }
  if (!reader->Take(':')) return true;
  if (!reader->TakeNumber(2, 0, 59, &time->second)) return false;
  return !reader->Take('.') || ReadFraction(reader, &time->fraction);
}

// Reads Z, +hh:mm, -hh:mm or nothing.
bool ReadZone(Reader* reader, CalendarTime* time) {
  if (reader->AtEnd() || reader->Take('Z')) return true;
  const bool behind = reader->Take('-');
  if (!behind && !reader->Take('+')) return false;
  if (!reader->TakeNumber(2, 0, 23, &time->ahead_hours) || !reader->Take(':') ||
      !reader->TakeNumber(2, 0, 59, &time->ahead_minutes)) {
    return false;
  }
  if (behind) {
    time->ahead_hours = -time->ahead_hours;
    time->ahead_minutes = -time->ahead_minutes;
  }
  return true;
}

// Parses the W3C profile of ISO 8601 (Date condition operators). Open: a time
// without a zone is in UTC.
std::optional<Moment> ParseIsoDate(const std::string& text) {
  Reader reader(text);
  CalendarTime time;
  if (!ReadDate(&reader, &time)) return std::nullopt;
  if (reader.Take('T') &&
      (!ReadTime(&reader, &time) || !ReadZone(&reader, &time))) {
    return std::nullopt;
  }
  if (!reader.AtEnd()) return std::nullopt;
  const std::int64_t hours =
      DaysSince1970(time.year, time.month, time.day) * 24 + time.hour -
      time.ahead_hours;
  const std::int64_t minutes = hours * 60 + time.minute - time.ahead_minutes;
  return Moment(minutes * 60 + time.second, time.fraction);
}

// Parses digits, after "-" or not, that fit 64 bits with a sign.
std::optional<Moment> ParseEpochSeconds(const std::string& text) {
  using Limits = std::numeric_limits<std::int64_t>;
  Reader reader(text);
  const bool negative = reader.Take('-');
  if (reader.AtEnd()) return std::nullopt;
  std::int64_t seconds = 0;
  while (!reader.AtEnd()) {
    int digit = 0;
    if (!reader.TakeDigit(&digit)) return std::nullopt;
    if (negative ? seconds < (Limits::min() + digit) / 10
                 : seconds > (Limits::max() - digit) / 10) {
      return std::nullopt;
    }
    seconds = seconds * 10 + (negative ? -digit : digit);
  }
  return Moment(seconds, kNoFraction);
}

// Returns the 4 or 16 bytes of an address.
std::optional<std::string> ParseAddress(const std::string& text) {
  // A C string would end at the NUL.
  if (text.find('\0') != std::string::npos) return std::nullopt;
  char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    return std::string(bytes, 4);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) {
    return std::string(bytes, 16);
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> ParseNumber(const std::string& text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[first] == '0')) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i != text.size()) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

std::optional<Moment> ParseDate(const std::string& text) {
  const std::optional<Moment> date = ParseIsoDate(text);
  return date ? date : ParseEpochSeconds(text);
}

bool InRange(const std::string& range, const std::string& address) {
  const std::size_t slash = range.find('/');
  const std::optional<std::string> base = ParseAddress(range.substr(0, slash));
  const std::optional<std::string> other = ParseAddress(address);
  if (!base || !other || base->size() != other->size()) return false;
  std::size_t bits = base->size() * 8;
  if (slash != std::string::npos) {
    const std::string length = range.substr(slash + 1);
    if (!AllDigits(length) || length.size() > 3) return false;
    if (static_cast<std::size_t>(std::atoi(length.c_str())) > bits) {
      return false;
    }
    bits = static_cast<std::size_t>(std::atoi(length.c_str()));
  }
  for (std::size_t i = 0; i < bits; ++i) {
    const int mask = 0x80 >> (i % 8);
    if (((*base)[i / 8] & mask) != ((*other)[i / 8] & mask)) return false;
  }
  return true;
}

std::optional<std::string> DecodeBase64(const std::string& text) {
  static const std::string kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t end = text.find('=');
  const std::string data = text.substr(0, end);
  const std::string padding = text.substr(data.size());
  if (!padding.empty() && padding != "=" && padding != "==") {
    return std::nullopt;
  }
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : data) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string::npos) return std::nullopt;
    buffer = (buffer << 6 | static_cast<unsigned>(value)) & 0xFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xFF);
    }
  }
  return bytes;
}

}  // namespace glue_security::naive
