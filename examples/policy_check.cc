// Checks a policy file as a Data Catalog does, and says what is wrong with it
// the way a compiler does:
//
//   ./bazelw run //examples:policy_check -- my_policy.json
//
//   my_policy.json:5:17: error: Effect is "Allow" or "Deny", in exactly this
//   case [INVALID_EFFECT]
//       "Effect": "allow",
//                 ^
//   my_policy.json: 1 error in a policy of account 123456789012, us-east-1

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_document.h"
#include "re2/re2.h"

namespace {

using glue_security::CatalogContext;
using glue_security::CheckPolicy;
using glue_security::Finding;
using glue_security::PolicyChecks;
using glue_security::PolicyDocument;

constexpr char kUsage[] = R"(Usage: policy_check FILE [OPTION VALUE]...

Checks the resource policy in FILE as a Data Catalog does.

  --account ID    whose catalog it is for, and in which region; by default
  --region NAME   those of the first Resource that is an ARN of Glue, else
                  123456789012 and us-east-1
  --level LEVEL   what to check: json, grammar, or glue (the default), each with
                  what stands before it
  --caller ARN    who is to put the policy: it must not lock them out

Exit status: 0 when nothing is wrong, 1 when something is, 2 when the arguments
are wrong or FILE cannot be read.
)";

struct Options {
  std::string file;
  PolicyChecks level = PolicyChecks::kGlue;
  CatalogContext catalog;
};

// nullopt: they are wrong.
std::optional<Options> ParseArguments(const std::vector<std::string>& args) {
  Options options;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!absl::StartsWith(args[i], "--")) {
      if (!options.file.empty()) return std::nullopt;
      options.file = args[i];
      continue;
    }
    if (i + 1 == args.size()) return std::nullopt;
    const std::string& option = args[i];
    const std::string& value = args[++i];
    if (option == "--account") {
      options.catalog.account_id = value;
    } else if (option == "--region") {
      options.catalog.region = value;
    } else if (option == "--caller") {
      options.catalog.caller_arn = value;
    } else if (option == "--level" && value == "json") {
      options.level = PolicyChecks::kJson;
    } else if (option == "--level" && value == "grammar") {
      options.level = PolicyChecks::kGrammar;
    } else if (option != "--level" || value != "glue") {
      return std::nullopt;
    }
  }
  if (options.file.empty()) return std::nullopt;
  return options;
}

// The file, as the person who typed its name meant it: Bazel runs a program in
// a folder of its own.
std::string FullPath(const std::string& name) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || name[0] == '/') return name;
  return std::string(folder) + "/" + name;
}

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char buffer[4096];
  while (file.read(buffer, sizeof(buffer)), file.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) return std::nullopt;
  return text;
}

// Region and account of the first Resource that is an ARN of Glue, as in
// "arn:aws:glue:us-east-1:123456789012:catalog", without wildcards there.
bool FindCatalog(PolicyDocument::Value value, std::string* region,
                 std::string* account) {
  if (value.is_string()) {
    return RE2::FullMatch(std::string(value.text()),
                          "arn:[^:]+:glue:([^:*?]+):([^:*?]+):.*", region,
                          account);
  }
  if (value.is_array()) {
    for (const auto element : value.elements()) {
      if (FindCatalog(element, region, account)) return true;
    }
  }
  for (const char* key : {"Statement", "Resource", "NotResource"}) {
    const auto inner = value.Find(key);
    if (inner && FindCatalog(*inner, region, account)) return true;
  }
  return false;
}

// Takes from the policy itself what the arguments do not tell.
void CompleteCatalog(absl::string_view text, CatalogContext* catalog) {
  std::string region = "us-east-1";
  std::string account = "123456789012";
  const auto parsed = PolicyDocument::Parse(text);
  if (const auto* document = std::get_if<PolicyDocument>(&parsed)) {
    FindCatalog(document->root(), &region, &account);
  }
  if (catalog->region.empty()) catalog->region = region;
  if (catalog->account_id.empty()) catalog->account_id = account;
}

// Lines end with LF, CR or CRLF.
std::vector<absl::string_view> SplitLines(absl::string_view text) {
  std::vector<absl::string_view> lines;
  size_t begin = 0;
  size_t end;
  while ((end = text.find_first_of("\r\n", begin)) != text.npos) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + (absl::StartsWith(text.substr(end), "\r\n") ? 2 : 1);
  }
  lines.push_back(text.substr(begin));
  return lines;
}

std::vector<absl::string_view> SplitCodePoints(absl::string_view line) {
  std::vector<absl::string_view> points;
  for (size_t begin = 0; begin < line.size(); begin += points.back().size()) {
    size_t size = 1;
    while (begin + size < line.size() && (line[begin + size] & 0xC0) == 0x80) {
      ++size;
    }
    points.push_back(line.substr(begin, size));
  }
  return points;
}

// The line, cut around the column when it is long, and a caret below.
void PrintLine(absl::string_view line, size_t column) {
  constexpr size_t kWidth = 80;
  const auto points = SplitCodePoints(line);
  const size_t place = std::min(column - 1, points.size());
  const size_t begin =
      points.size() > kWidth && place > kWidth / 2
          ? std::min(place - kWidth / 2, points.size() - kWidth)
          : 0;
  const size_t end = std::min(points.size(), begin + kWidth);
  std::string shown = begin > 0 ? "..." : "";
  std::string caret = begin > 0 ? "   " : "";
  for (size_t i = begin; i < end; ++i) {
    // A tab is as wide below as above; other control characters stay out of
    // the terminal.
    const bool is_tab = points[i] == "\t";
    const bool is_hidden = !is_tab && absl::ascii_iscntrl(points[i][0]);
    absl::StrAppend(&shown, is_hidden ? "?" : points[i]);
    if (i < place) absl::StrAppend(&caret, is_tab ? "\t" : " ");
  }
  std::cout << shown << (end < points.size() ? "..." : "") << "\n"
            << caret << "^\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() == 1 && args[0] == "--help") {
    std::cout << kUsage;
    return 0;
  }
  std::optional<Options> options = ParseArguments(args);
  if (!options.has_value()) {
    std::cerr << kUsage;
    return 2;
  }
  const auto text = ReadFile(FullPath(options->file));
  if (!text.has_value()) {
    std::cerr << options->file << ": cannot be read\n";
    return 2;
  }
  CompleteCatalog(*text, &options->catalog);

  const std::vector<Finding> findings =
      CheckPolicy(*text, options->level, options->catalog);
  const auto lines = SplitLines(*text);
  for (const Finding& f : findings) {
    std::cout << options->file << ":" << f.line << ":" << f.column
              << ": error: " << f.message << " [" << FindingCodeName(f.code)
              << "]\n";
    PrintLine(lines[f.line - 1], f.column);
  }
  if (findings.empty()) {
    std::cout << options->file << ": no findings\n";
    return 0;
  }
  std::cout << options->file << ": " << findings.size()
            << (findings.size() == 1 ? " error" : " errors")
            << " in a policy of account " << options->catalog.account_id << ", "
            << options->catalog.region << "\n";
  return 1;
}
