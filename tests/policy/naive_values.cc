// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open.

#include "tests/policy/naive_values.h"

#include <arpa/inet.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/policy/naive_document.h"

namespace glue_security::naive {
namespace {

bool IsLeapYear(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int DaysInMonth(int year, int month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Returns the number of days from 1970-01-01 to the given day.
std::int64_t DayNumber(int year, int month, int day) {
  std::int64_t days = day - 1;
  for (int m = 1; m < month; ++m) days += DaysInMonth(year, m);
  for (int y = 1970; y < year; ++y) days += IsLeapYear(y) ? 366 : 365;
  for (int y = year; y < 1970; ++y) days -= IsLeapYear(y) ? 366 : 365;
  return days;
}

// Returns true if `text` has the form of `shape`, where "0" stands for any
// digit.
bool HasShape(const std::string& text, const std::string& shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shape[i] == '0' ? !IsDigit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

int Number(const std::string& text, std::size_t start, std::size_t length) {
  return std::atoi(text.substr(start, length).c_str());
}

// Parses the W3C profile of ISO 8601: a year, a month, a day, or a day and a
// time with a zone, or without one in UTC.
std::optional<Moment> ParseIsoDate(const std::string& text) {
  const std::string date = text.substr(0, text.find('T'));
  if (!HasShape(date, "0000") && !HasShape(date, "0000-00") &&
      !HasShape(date, "0000-00-00")) {
    return std::nullopt;
  }
  const int year = Number(date, 0, 4);
  const int month = date.size() >= 7 ? Number(date, 5, 2) : 1;
  const int day = date.size() >= 10 ? Number(date, 8, 2) : 1;
  if (month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  std::int64_t seconds = DayNumber(year, month, day) * 86400;
  if (date.size() == text.size()) return Moment(seconds, "");
  if (date.size() != 10) return std::nullopt;

  std::string time = text.substr(11);
  std::int64_t offset = 0;
  if (!time.empty() && time.back() == 'Z') {
    time.pop_back();
  } else if (time.find('+') != std::string::npos ||
             time.find('-') != std::string::npos) {
    if (time.size() < 6) return std::nullopt;
    const std::string zone = time.substr(time.size() - 6);
    time.resize(time.size() - 6);
    if (!HasShape(zone, "+00:00") && !HasShape(zone, "-00:00")) {
      return std::nullopt;
    }
    if (Number(zone, 1, 2) > 23 || Number(zone, 4, 2) > 59) return std::nullopt;
    offset = Number(zone, 1, 2) * 3600 + Number(zone, 4, 2) * 60;
    if (zone[0] == '-') offset = -offset;
  }
  const std::size_t dot = time.find('.');
  std::string fraction;
  if (dot != std::string::npos) {
    fraction = time.substr(dot + 1);
    time.resize(dot);
    if (!AllDigits(fraction) || fraction.size() > 9 || time.size() != 8) {
      return std::nullopt;
    }
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  }
  if (!HasShape(time, "00:00") && !HasShape(time, "00:00:00")) {
    return std::nullopt;
  }
  const int second = time.size() == 8 ? Number(time, 6, 2) : 0;
  if (Number(time, 0, 2) > 23 || Number(time, 3, 2) > 59 || second > 59) {
    return std::nullopt;
  }
  seconds += Number(time, 0, 2) * 3600 + Number(time, 3, 2) * 60 + second;
  return Moment(seconds - offset, fraction);
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
  if (std::optional<Moment> date = ParseIsoDate(text)) return date;
  const std::string digits = StartsWith(text, "-") ? text.substr(1) : text;
  if (!AllDigits(digits)) return std::nullopt;
  errno = 0;
  const std::int64_t seconds = std::strtoll(text.c_str(), nullptr, 10);
  if (errno != 0) return std::nullopt;
  return Moment(seconds, "");
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
