#include "glue_security/testing/schedules/answer_text.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/oracle/page_tokens.h"

namespace glue_security {
namespace testing_internal {
namespace {

// Writes times as "+10ms" after the start, where they are whole milliseconds.
std::string WithShortTimes(const std::string& text) {
  static constexpr char kNumber[] = "0123456789";
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t begin = text.find("{ seconds: ", at);
    const size_t end = text.find(" }", begin);
    if (begin == std::string::npos || end == std::string::npos) break;
    const std::string inner = text.substr(begin, end - begin);
    int64_t seconds = 0;
    int64_t nanos = 0;
    size_t digits = inner.find_first_of(kNumber);
    const bool whole =
        absl::SimpleAtoi(inner.substr(digits, inner.find(' ', digits) - digits),
                         &seconds) &&
        (inner.find("nanos: ") == std::string::npos ||
         absl::SimpleAtoi(inner.substr(inner.find("nanos: ") + 7), &nanos)) &&
        nanos % 1'000'000 == 0;
    absl::StrAppend(&out, text.substr(at, begin - at));
    if (whole) {
      const int64_t ms = seconds * 1000 + nanos / 1'000'000 - kScheduleStartMs;
      absl::StrAppend(&out, ms < 0 ? "" : "+", ms, "ms");
      at = end + 2;
    } else {
      absl::StrAppend(&out, inner);
      at = end;
    }
  }
  return out + text.substr(at);
}

// Replaces the text of an encrypted password, and sorts the properties.
void SimplifyPasswords(v1::Connection* connection) {
  if (!connection->has_connection_properties()) return;
  auto* elements = connection->mutable_connection_properties();
  std::string text;
  for (const auto& [key, value] : std::map<std::string, std::string>(
           elements->elements().begin(), elements->elements().end())) {
    absl::StrAppend(&text, key, "=",
                    key == "ENCRYPTED_PASSWORD" ? "(encrypted)" : value, ";");
  }
  elements->clear_elements();
  (*elements->mutable_elements())["all"] = text;
}

}  // namespace

std::string AnswerText(v1::Response response) {
  if (response.has_error()) {
    return std::string(ErrorCodeName(response.error().code()));
  }
  if (response.has_get_connection()) {
    SimplifyPasswords(response.mutable_get_connection()->mutable_connection());
  }
  if (response.has_get_connections()) {
    for (v1::Connection& connection :
         *response.mutable_get_connections()->mutable_connection_list()) {
      SimplifyPasswords(&connection);
    }
  }
  if (!NextTokenOf(response).empty()) ExchangeNextToken("(more)", &response);
  return WithShortTimes(response.ShortDebugString());
}

}  // namespace testing_internal
}  // namespace glue_security
