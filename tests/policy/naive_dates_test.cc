// Tests which texts the naive evaluator takes for dates, and how they compare
// (docs/decisions/iam-value-types.md, "Syntax of dates" and "Four digits").

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_test_support.h"

namespace glue_security::naive {
namespace {

// Compares a value of the request with one of the policy.
Truth DateHolds(const std::string& relation, const std::string& actual,
                const std::string& expected) {
  AuthorizationRequest request = RequestBy(kAlice);
  request.context = {{"k", {actual}}};
  return Holds("{\"Date" + relation + R"(": {"k": ")" + expected + "\"}}",
               request);
}

struct EpochCase {
  std::string date;
  std::string seconds;
};

TEST(NaiveDatesTest, AreInstants) {
  const std::vector<EpochCase> cases = {
      // Shorter forms are the first instant in UTC.
      {"2020", "1577836800"},
      {"2020-02", "1580515200"},
      {"2020-02-29", "1582934400"},
      // Without a zone a time is in UTC.
      {"2020-01-01T00:01", "1577836860"},
      {"2020-01-01T00:01Z", "1577836860"},
      {"2020-01-01T00:00:01", "1577836801"},
      {"2020-01-01T00:00:01Z", "1577836801"},
      {"2020-01-01T00:00:01.000", "1577836801"},
      {"2020-01-01T00:00:01.000000000Z", "1577836801"},
      {"2020-01-01T23:59:59Z", "1577923199"},
      // Zones.
      {"2020-01-01T01:30+01:30", "1577836800"},
      {"2019-12-31T22:30-01:30", "1577836800"},
      {"2020-01-01T23:59:00+23:59", "1577836800"},
      {"2020-01-01T00:00:00-00:00", "1577836800"},
      // Leap years, and the first and the last year.
      {"2000-03-01", "951868800"},
      {"1900-03-01", "-2203891200"},
      {"0000", "-62167219200"},
      {"0000-02-29", "-62162121600"},
      {"0001", "-62135596800"},
      {"0000-01-01T00:00+00:01", "-62167219260"},
      {"9999-12-31T23:59:59Z", "253402300799"},
      {"9999-12-31T23:59:59-00:01", "253402300859"},
      // Four digits are a year, and other digits are epoch seconds.
      {"1970", "0"},
      {"1971", "31536000"},
      {"01970", "001970"},
      {"-1970", "-01970"},
      {"-0", "00"},
      {"000000000000000000000000000001", "1"},
      {"09223372036854775807", "9223372036854775807"},
      {"-09223372036854775808", "-9223372036854775808"}};
  for (const EpochCase& c : cases) {
    EXPECT_EQ(DateHolds("Equals", c.date, c.seconds), kYes) << c.date;
    EXPECT_EQ(DateHolds("Equals", c.seconds, c.date), kYes) << c.date;
    EXPECT_EQ(DateHolds("NotEquals", c.date, c.seconds), kNo) << c.date;
  }
}

TEST(NaiveDatesTest, AreInOrder) {
  const std::vector<std::string> dates = {"-9223372036854775808",
                                          "-62167219201",
                                          "0000",
                                          "-1970",
                                          "-1",
                                          "1970",
                                          "1",
                                          "999",
                                          "01970",
                                          "10000",
                                          "2019-12-31T23:59:59.999999999Z",
                                          "2020-01-01",
                                          "2020-01-01T00:00:00.000000001",
                                          "2020-01-01T00:00:00.09",
                                          "2020-01-01T00:00:00.1",
                                          "2020-01-01T00:00:00.10000001",
                                          "2020-01-01T01:00:00.5+01:00",
                                          "1577836801",
                                          "9999-12-31T23:59:59.9",
                                          "1577836801000",
                                          "9223372036854775807"};
  for (std::size_t i = 0; i < dates.size(); ++i) {
    for (std::size_t j = 0; j < dates.size(); ++j) {
      const std::string& a = dates[i];
      const std::string& b = dates[j];
      const auto truth = [](bool holds) { return holds ? kYes : kNo; };
      const std::string pair = a + " " + b;
      EXPECT_EQ(DateHolds("Equals", a, b), truth(i == j)) << pair;
      EXPECT_EQ(DateHolds("LessThan", a, b), truth(i < j)) << pair;
      EXPECT_EQ(DateHolds("LessThanEquals", a, b), truth(i <= j)) << pair;
      EXPECT_EQ(DateHolds("GreaterThan", a, b), truth(i > j)) << pair;
      EXPECT_EQ(DateHolds("GreaterThanEquals", a, b), truth(i >= j)) << pair;
    }
  }
}

// Other texts match nothing, not even themselves, and on neither side.
TEST(NaiveDatesTest, TextsOfOtherFormsMatchNothing) {
  const std::vector<std::string> texts = {
      "", "-", "--1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "tomorrow",
      "234-13", "9223372036854775808", "-9223372036854775809",
      "18446744073709551615",
      // Days that do not exist.
      "2020-00", "2020-13", "2020-01-00", "2020-01-32", "2020-04-31",
      "2021-02-29", "1900-02-29", "2000-02-30",
      // Odd years and forms.
      "+2020-01-01", "-2020-01-01", "12020-01-01", "202-01-01", "2020-1-1",
      "2020-", "2020-01-", "2020/01/01", "2020-W01", "2020-001", " 2020",
      "2020-01-01 ", "2020Z", "2020-01Z", "2020-01-01Z", "2020-01-01+01:00",
      "2020T00:00Z", "2020-01T00:00Z",
      // Times.
      "2020-01-01T", "2020-01-01TZ", "2020-01-01T00", "2020-01-01T00Z",
      "2020-01-01T24:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:60Z",
      "2020-01-01T00:00:60Z", "2016-12-31T23:59:60Z", "2020-01-01T0:00Z",
      "2020-01-01T00:0Z", "2020-01-01T00:00:0Z", "2020-01-01T0000Z",
      "2020-01-01T00:00:Z", "2020-01-01 00:00Z", "2020-01-01t00:00Z",
      // Fractions.
      "2020-01-01T00:00:00.", "2020-01-01T00:00:00.Z",
      "2020-01-01T00:00:00.0000000000Z", "2020-01-01T00:00:00,5Z",
      "2020-01-01T00:00.5Z", "2020-01-01T00:00:00.5.5Z",
      // Zones.
      "2020-01-01T00:00z", "2020-01-01T00:00 Z", "2020-01-01T00:00ZZ",
      "2020-01-01T00:00UTC", "2020-01-01T00:00+01", "2020-01-01T00:00+0100",
      "2020-01-01T00:00+1:00", "2020-01-01T00:00+24:00",
      "2020-01-01T00:00-24:00", "2020-01-01T00:00+00:60",
      "2020-01-01T00:00+01:00Z", "2020-01-01T00:00Z+01:00",
      "2020-01-01T00:00+01:00:00"};
  for (const std::string& text : texts) {
    for (const std::string relation : {"Equals", "LessThan", "LessThanEquals",
                                       "GreaterThan", "GreaterThanEquals"}) {
      EXPECT_EQ(DateHolds(relation, text, text), kNo) << relation << text;
      EXPECT_EQ(DateHolds(relation, text, "2020"), kNo) << relation << text;
      EXPECT_EQ(DateHolds(relation, "2020", text), kNo) << relation << text;
    }
    EXPECT_EQ(DateHolds("NotEquals", text, text), kYes) << text;
    EXPECT_EQ(DateHolds("NotEquals", "2020", text), kYes) << text;
  }
}

}  // namespace
}  // namespace glue_security::naive
