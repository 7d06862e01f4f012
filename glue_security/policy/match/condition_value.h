// The typed values that condition operators compare. Each parser returns
// nullopt for text that is not of its type; such a value matches nothing.

#ifndef GLUE_SECURITY_POLICY_MATCH_CONDITION_VALUE_H_
#define GLUE_SECURITY_POLICY_MATCH_CONDITION_VALUE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "absl/strings/string_view.h"

namespace glue_security {

// Parses a JSON number as a double. Beyond its range the result is infinity.
std::optional<double> ParseNumber(absl::string_view text);

// An instant: seconds since the Unix epoch, and the decimal digits of the
// fraction without trailing zeros, so that no digit is lost.
struct DateValue {
  int64_t seconds = 0;
  std::string fraction;

  friend bool operator==(const DateValue& a, const DateValue& b) {
    return a.seconds == b.seconds && a.fraction == b.fraction;
  }
  friend bool operator<(const DateValue& a, const DateValue& b) {
    return std::tie(a.seconds, a.fraction) < std::tie(b.seconds, b.fraction);
  }
};

// Parses the forms of the W3C's profile of ISO 8601: YYYY, YYYY-MM, YYYY-MM-DD,
// and the last followed by Thh:mm, Thh:mm:ss or Thh:mm:ss.s… with up to nine
// digits of a fraction, and a zone, Z or ±hh:mm, or none for UTC. A form
// without a time is the first instant in UTC. Also parses whole seconds since
// the epoch, of 64 bits with a sign; four digits are a year.
std::optional<DateValue> ParseDate(absl::string_view text);

// Returns true for text that ParseDate does not read, but IAM may: dates with
// unusual years, zones, fractions and separators, or days that do not exist.
bool MayBeDate(absl::string_view text);

// Decodes base64. Padding is required.
std::optional<std::string> ParseBinary(absl::string_view text);

// A range of addresses of one family.
struct IpRange {
  bool is_v6 = false;
  // Network byte order; an IPv4 address has the first four.
  std::array<uint8_t, 16> address{};
  int prefix_bits = 0;

  bool Contains(const IpRange& single) const;
};

// Parses a range ("203.0.113.0/24", "2001:db8::/32"). Without a prefix length
// it is one address.
std::optional<IpRange> ParseIpRange(absl::string_view text);

// Parses a single address, which has no prefix length.
std::optional<IpRange> ParseIpAddress(absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_CONDITION_VALUE_H_
