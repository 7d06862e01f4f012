// The typed values of conditions
// (reference_policies_elements_condition_operators, …_datatypes). Text that is
// not of the type gives nullopt.

#ifndef TESTS_POLICY_NAIVE_VALUES_H_
#define TESTS_POLICY_NAIVE_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace glue_security::naive {

// Parses a JSON number.
std::optional<double> ParseNumber(const std::string& text);

// The seconds since 1970 and the nine digits of the fraction, which compare in
// that order.
using Moment = std::pair<std::int64_t, std::string>;

// Parses a date. Four digits are a year, other digits are epoch seconds (open).
// Zones have hours up to 23 and minutes up to 59; 0000 is a year (both open).
std::optional<Moment> ParseDate(const std::string& text);

// Returns true if the range has the address (IP address condition operators). A
// range without a prefix length is one address (open for IPv6).
bool InRange(const std::string& range, const std::string& address);

std::optional<std::string> DecodeBase64(const std::string& text);

}  // namespace glue_security::naive

#endif  // TESTS_POLICY_NAIVE_VALUES_H_
