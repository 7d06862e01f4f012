#include "glue_security/server/request_log.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
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

// Returns the name of the operation; empty for none.
std::string NameOf(const RequestRecord& record) {
  if (!record.passed_name.empty()) {
    return absl::StrCat("upstream:", record.passed_name);
  }
  if (!record.own_operation.empty()) return record.own_operation;
  if (!record.kms_operation.has_value()) {
    return std::string(OperationName(record.operation));
  }
  return absl::StrCat("kms:", KmsOperationName(*record.kms_operation));
}

}  // namespace

std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now) {
  std::string line = Rfc3339(now);
  const std::string name = NameOf(record);
  for (const absl::string_view text :
       {absl::string_view(record.request_id),
        absl::string_view(record.caller.account_id),
        absl::string_view(record.caller.region), absl::string_view(name),
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
  const std::string name = NameOf(record);
  const std::pair<const char*, absl::string_view> members[] = {
      {"request_id", record.request_id}, {"account", record.caller.account_id},
      {"region", record.caller.region},  {"operation", name},
      {"outcome", record.outcome},
  };
  for (const auto& [member, value] : members) {
    absl::StrAppend(&line, ",\"", member, "\":");
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
