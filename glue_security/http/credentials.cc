#include "glue_security/http/credentials.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace {

constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";
constexpr char kBlanks[] = " \t\r\f\v";

struct Section {
  std::string name;
  // The line on which the section begins.
  int line = 0;
  Credential credential;
};

absl::Status LineError(int line, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("credentials, line ", line, ": ", what));
}

bool BeginsComment(char c) { return c == '#' || c == ';'; }

// Returns the part before a comment.
absl::string_view WithoutComment(absl::string_view value) {
  for (size_t i = 0; i < value.size(); ++i) {
    const bool may_begin = i == 0 || absl::ascii_isblank(value[i - 1]);
    if (may_begin && BeginsComment(value[i])) return value.substr(0, i);
  }
  return value;
}

bool ParseExpiration(const std::string& value, absl::Time* time) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, value, time, &error) ||
         absl::ParseTime("%E4Y-%m-%d %H:%M:%S", value, time, &error);
}

absl::Status Set(const std::string& name, absl::string_view value, int line,
                 Credential* credential) {
  const std::pair<absl::string_view, std::string*> members[] = {
      {"aws_access_key_id", &credential->access_key_id},
      {"aws_secret_access_key", &credential->secret_access_key},
      {"aws_session_token", &credential->session_token},
      {"aws_security_token", &credential->session_token},
      {"aws_account_id", &credential->account_id},
      {"principal_arn", &credential->principal_arn},
      {"principal_role_arn", &credential->principal_role_arn},
      {"principal_id", &credential->principal_id},
      {"identity_policies", &credential->identity_policies},
  };
  for (const auto& [member, text] : members) {
    if (member == name) *text = std::string(value);
  }
  if (name == "expiration" &&
      !ParseExpiration(std::string(value), &credential->expiration)) {
    return LineError(line, "the expiration is not a time of RFC 3339");
  }
  return absl::OkStatus();
}

// Returns the section that the header `row` begins or continues.
absl::StatusOr<Section*> Open(absl::string_view row, int line,
                              std::vector<Section>* sections) {
  const size_t end = row.find(']');
  if (end == absl::string_view::npos) {
    return LineError(line, "the section is not closed");
  }
  const absl::string_view name =
      absl::StripAsciiWhitespace(row.substr(1, end - 1));
  for (Section& section : *sections) {
    if (section.name == name) return &section;
  }
  sections->push_back({std::string(name), line, {}});
  return &sections->back();
}

absl::StatusOr<std::vector<Section>> ReadSections(absl::string_view text) {
  std::vector<Section> sections;
  Section* section = nullptr;
  // The indentation of the last setting; npos when this section has none yet.
  size_t indentation = absl::string_view::npos;
  int line = 0;
  absl::ConsumePrefix(&text, kByteOrderMark);
  for (const absl::string_view full : absl::StrSplit(text, '\n')) {
    ++line;
    const absl::string_view row = absl::StripAsciiWhitespace(full);
    if (row.empty() || BeginsComment(row[0])) continue;
    const size_t indented = full.find_first_not_of(kBlanks);
    if (indentation != absl::string_view::npos && indented > indentation) {
      continue;
    }
    if (row[0] == '[') {
      const auto opened = Open(row, line, &sections);
      if (!opened.ok()) return opened.status();
      section = *opened;
      indentation = absl::string_view::npos;
      continue;
    }
    const size_t sign = row.find_first_of("=:");
    const std::string name =
        absl::AsciiStrToLower(absl::StripAsciiWhitespace(row.substr(0, sign)));
    if (sign == absl::string_view::npos || name.empty()) {
      return LineError(line, "neither a section nor a setting");
    }
    if (section == nullptr) return LineError(line, "not within a section");
    indentation = indented;
    const absl::string_view value = absl::StripAsciiWhitespace(
        WithoutComment(absl::StripAsciiWhitespace(row.substr(sign + 1))));
    if (auto status = Set(name, value, line, &section->credential);
        !status.ok()) {
      return status;
    }
  }
  return sections;
}

// Sets an empty `text` to `other`. Returns false when the two differ.
bool Merge(const std::string& other, std::string* text) {
  if (text->empty()) *text = other;
  return other.empty() || *text == other;
}

}  // namespace

absl::StatusOr<Credentials> ParseCredentials(absl::string_view text) {
  auto sections = ReadSections(text);
  if (!sections.ok()) return sections.status();
  Credentials credentials;
  for (Section& section : *sections) {
    Credential& credential = section.credential;
    if (credential.access_key_id.empty() ||
        credential.secret_access_key.empty()) {
      continue;
    }
    const auto [found, is_first] =
        credentials.try_emplace(credential.access_key_id, credential);
    Credential& known = found->second;
    if (is_first) continue;
    if (known.secret_access_key != credential.secret_access_key ||
        known.session_token != credential.session_token ||
        known.expiration != credential.expiration ||
        !Merge(credential.account_id, &known.account_id) ||
        !Merge(credential.principal_arn, &known.principal_arn) ||
        !Merge(credential.principal_role_arn, &known.principal_role_arn) ||
        !Merge(credential.principal_id, &known.principal_id) ||
        !Merge(credential.identity_policies, &known.identity_policies)) {
      return LineError(section.line,
                       "another section gives its access key another secret, "
                       "token, expiration, account or principal");
    }
  }
  if (credentials.empty()) {
    return absl::InvalidArgumentError(
        "credentials: no section has aws_access_key_id and "
        "aws_secret_access_key");
  }
  return credentials;
}

}  // namespace glue_security
