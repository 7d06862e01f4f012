#include "glue_security/server/credentials.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace glue_security {
namespace {

absl::Status LineError(int line, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("credentials, line ", line, ": ", what));
}

absl::Status Set(absl::string_view name, absl::string_view value, int line,
                 Credential* credential) {
  const std::pair<absl::string_view, std::string*> members[] = {
      {"aws_access_key_id", &credential->access_key_id},
      {"aws_secret_access_key", &credential->secret_access_key},
      {"aws_session_token", &credential->session_token},
      {"aws_account_id", &credential->account_id},
      {"principal_arn", &credential->principal_arn},
  };
  for (const auto& [member, text] : members) {
    if (member == name) *text = std::string(value);
  }
  if (name != "expiration") return absl::OkStatus();
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, value, &credential->expiration,
                       &error)) {
    return LineError(line, "the expiration is no time of RFC 3339");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Credentials> ParseCredentials(absl::string_view text) {
  Credentials credentials;
  std::optional<Credential> section;
  int section_line = 0;
  const auto finish = [&]() -> absl::Status {
    if (!section.has_value()) return absl::OkStatus();
    if (section->access_key_id.empty() || section->secret_access_key.empty()) {
      return LineError(section_line,
                       "a section needs aws_access_key_id and "
                       "aws_secret_access_key");
    }
    std::string id = section->access_key_id;
    if (!credentials.emplace(std::move(id), *std::move(section)).second) {
      return LineError(section_line, "its access key has a section already");
    }
    return absl::OkStatus();
  };
  int line = 0;
  for (absl::string_view row : absl::StrSplit(text, '\n')) {
    ++line;
    row = absl::StripAsciiWhitespace(row);
    if (row.empty() || row[0] == '#' || row[0] == ';') continue;
    if (row[0] == '[') {
      if (row.back() != ']') {
        return LineError(line, "the section is not closed");
      }
      if (auto status = finish(); !status.ok()) return status;
      section.emplace();
      section_line = line;
      continue;
    }
    const size_t equals = row.find('=');
    if (equals == absl::string_view::npos) {
      return LineError(line, "neither a section nor a setting");
    }
    if (!section.has_value()) return LineError(line, "not within a section");
    if (auto status = Set(absl::StripAsciiWhitespace(row.substr(0, equals)),
                          absl::StripAsciiWhitespace(row.substr(equals + 1)),
                          line, &*section);
        !status.ok()) {
      return status;
    }
  }
  if (auto status = finish(); !status.ok()) return status;
  return credentials;
}

}  // namespace glue_security
