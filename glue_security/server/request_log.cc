#include "glue_security/server/request_log.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

constexpr size_t kWordBytesMax = 256;

// Returns a text that may come from a client as one word of a line.
std::string Word(absl::string_view text) {
  std::string word(text.substr(0, kWordBytesMax));
  for (char& c : word) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) c = '?';
  }
  return word;
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime(time, absl::UTCTimeZone());
}

}  // namespace

std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now) {
  std::string line = Rfc3339(now);
  for (const absl::string_view text :
       {absl::string_view(record.request_id),
        absl::string_view(record.caller.account_id),
        absl::string_view(record.caller.region),
        absl::string_view(OperationName(record.operation)),
        absl::string_view(record.outcome)}) {
    absl::StrAppend(&line, " ", text.empty() ? "-" : Word(text));
  }
  absl::StrAppend(&line, " ", absl::FormatDuration(latency));
  if (!record.exception.empty()) {
    absl::StrAppend(&line, " ", Word(record.exception));
  }
  line.push_back('\n');
  return line;
}

std::string JsonLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now) {
  std::string line = "{\"time\":";
  AppendJsonString(Rfc3339(now), &line);
  const std::pair<const char*, absl::string_view> members[] = {
      {"request_id", record.request_id},
      {"account", record.caller.account_id},
      {"region", record.caller.region},
      {"operation", OperationName(record.operation)},
      {"outcome", record.outcome},
  };
  for (const auto& [name, value] : members) {
    absl::StrAppend(&line, ",\"", name, "\":");
    AppendJsonString(Word(value), &line);
  }
  absl::StrAppend(&line,
                  ",\"microseconds\":", absl::ToInt64Microseconds(latency));
  if (!record.exception.empty()) {
    line += ",\"exception\":";
    AppendJsonString(Word(record.exception), &line);
  }
  line += "}\n";
  return line;
}

std::string TextDroppedLine(uint64_t lines, absl::Time now) {
  return absl::StrCat(Rfc3339(now), " ", lines, " lines were dropped\n");
}

std::string JsonDroppedLine(uint64_t lines, absl::Time now) {
  std::string line = "{\"time\":";
  AppendJsonString(Rfc3339(now), &line);
  absl::StrAppend(&line, ",\"dropped_lines\":", lines, "}\n");
  return line;
}

}  // namespace glue_security
