#include "glue_security/server/request_log.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// What a client said, as one word of a line.
std::string Word(std::string text) {
  for (char& c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) c = '?';
  }
  return text;
}

}  // namespace

std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now) {
  return absl::StrCat(absl::FormatTime(now, absl::UTCTimeZone()), " ",
                      record.request_id, " ", record.caller.account_id, " ",
                      Word(record.caller.region), " ",
                      OperationName(record.operation), " ", record.outcome, " ",
                      absl::FormatDuration(latency), "\n");
}

std::string JsonLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now) {
  std::string line = "{\"time\":";
  AppendJsonString(absl::FormatTime(now, absl::UTCTimeZone()), &line);
  const std::pair<const char*, absl::string_view> members[] = {
      {"request_id", record.request_id},
      {"account", record.caller.account_id},
      {"region", record.caller.region},
      {"operation", OperationName(record.operation)},
      {"outcome", record.outcome},
  };
  for (const auto& [name, value] : members) {
    absl::StrAppend(&line, ",\"", name, "\":");
    AppendJsonString(value, &line);
  }
  absl::StrAppend(
      &line, ",\"microseconds\":", absl::ToInt64Microseconds(latency), "}\n");
  return line;
}

}  // namespace glue_security
