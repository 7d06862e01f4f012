#include "glue_security/testing/properties/failures_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace property_internal {
namespace {

constexpr char kHeading[] =
    "# Failures of properties: choices, a blank, and the property's name. They "
    "run first.";

std::string LastError() { return std::generic_category().message(errno); }

// A line of the form that is written.
struct ParsedLine {
  Choices choices;
  std::string property;
};

std::optional<ParsedLine> Parse(absl::string_view line) {
  line = absl::StripSuffix(line, "\r");
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits(' ', 1));
  std::optional<Choices> choices = ParseChoices(parts.first);
  ParsedLine parsed;
  if (parts.first.empty() || parts.second.empty() || !choices.has_value() ||
      !absl::CUnescape(parts.second, &parsed.property)) {
    return std::nullopt;
  }
  parsed.choices = *std::move(choices);
  // They are drawn after the end anyway.
  while (!parsed.choices.empty() && parsed.choices.back() == 0) {
    parsed.choices.pop_back();
  }
  return parsed;
}

}  // namespace

FailuresFile::FailuresFile(std::string path, absl::string_view property)
    : path_(std::move(path)), property_(property) {}

std::vector<FailuresFile::Failure> FailuresFile::Read(
    std::vector<std::string>* notes) const {
  std::vector<Failure> failures;
  const auto lines = Lines(notes);
  if (!lines.has_value()) return failures;
  for (size_t i = 0; i < lines->size(); ++i) {
    const std::string& line = (*lines)[i];
    if (line.empty() || line == "\r" || line[0] == '#') continue;
    std::optional<ParsedLine> parsed = Parse(line);
    if (!parsed.has_value()) {
      notes->push_back(absl::StrCat(
          path_, ":", i + 1,
          ": ignored, because it is not choices and the name of a property"));
    } else if (parsed->property == property_) {
      failures.push_back({std::move(parsed->choices), i + 1});
    }
  }
  return failures;
}

void FailuresFile::Add(const Choices& choices,
                       std::vector<std::string>* notes) const {
  auto lines = Lines(notes);
  if (!lines.has_value()) return;
  const std::string added = LineOf(choices);
  if (std::find(lines->begin(), lines->end(), added) != lines->end()) return;
  if (lines->empty()) lines->push_back(kHeading);
  lines->push_back(added);
  Write(*lines, notes);
}

void FailuresFile::Remove(const Choices& choices,
                          std::vector<std::string>* notes) const {
  auto lines = Lines(notes);
  if (!lines.has_value()) return;
  const auto is_it = [&](const std::string& line) {
    const auto parsed = Parse(line);
    return parsed.has_value() && parsed->property == property_ &&
           parsed->choices == choices;
  };
  const auto end = std::remove_if(lines->begin(), lines->end(), is_it);
  if (end == lines->end()) return;
  lines->erase(end, lines->end());
  Write(*lines, notes);
}

std::string FailuresFile::LineOf(const Choices& choices) const {
  return absl::StrCat(choices.empty() ? "0" : FormatChoices(choices), " ",
                      absl::CHexEscape(property_));
}

std::optional<std::vector<std::string>> FailuresFile::Lines(
    std::vector<std::string>* notes) const {
  errno = 0;
  std::ifstream file(path_, std::ios::binary);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::vector<std::string>();
    notes->push_back(absl::StrCat("cannot read ", path_, ": ", LastError()));
    return std::nullopt;
  }
  std::string text;
  for (char c; text.size() <= kBytesMax && file.get(c);) text.push_back(c);
  if (file.bad() || text.size() > kBytesMax) {
    notes->push_back(absl::StrCat(
        "cannot read ", path_, ": ",
        file.bad() ? LastError() : absl::StrCat("over ", kBytesMax, " bytes")));
    return std::nullopt;
  }
  if (text.empty()) return std::vector<std::string>();
  return std::vector<std::string>(
      absl::StrSplit(absl::StripSuffix(text, "\n"), '\n'));
}

void FailuresFile::Write(const std::vector<std::string>& lines,
                         std::vector<std::string>* notes) const {
  const std::string temporary = path_ + ".new";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << absl::StrJoin(lines, "\n") << "\n";
  file.close();
  if (!file.good() || std::rename(temporary.c_str(), path_.c_str()) != 0) {
    notes->push_back(absl::StrCat("cannot write ", path_, ": ", LastError()));
    std::remove(temporary.c_str());
  }
}

}  // namespace property_internal
}  // namespace glue_security
