// glue-policy: checks resource policies, decides requests by them, prints them.
//
//   ./bazelw run //glue_security/policy:glue-policy -- check my_policy.json
//
//   my_policy.json:5:17: error: Effect must be "Allow" or "Deny", in exactly
//   this case [INVALID_EFFECT]
//       "Effect": "allow",
//                 ^
//   my_policy.json: 1 error in a policy of account 123456789012, us-east-1
//
// `--help` lists the flags.

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/version.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/glue_policy_commands.h"
#include "glue_security/policy/glue_policy_flags.h"
#include "glue_security/policy/glue_policy_output.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/policy_printer.h"

namespace glue_security {
namespace {

constexpr int kGood = 0;
// The exit status for findings or a denial.
constexpr int kBad = 1;
// The exit status for wrong flags and for a file that cannot be read or used.
constexpr int kUnusable = 2;
constexpr int kUndecided = 3;

void Complain(absl::string_view what) {
  std::cerr << "glue-policy: " << what << "\n";
}

// Returns the path of a file relative to the user's folder. Bazel runs a
// program in a folder of its own.
std::string FullPath(const std::string& name) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || name[0] == '/') return name;
  return std::string(folder) + "/" + name;
}

// Returns the contents of a file, or prints an error and returns nullopt.
std::optional<std::string> ReadFile(const std::string& name) {
  constexpr size_t kBytesMax = size_t{16} << 20;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string text;
  const std::unique_ptr<std::FILE, Close> file(
      std::fopen(FullPath(name).c_str(), "rb"));
  if (file == nullptr) {
    Complain(absl::StrCat(name, ": ", std::strerror(errno)));
    return std::nullopt;
  }
  char buffer[4096];
  size_t size;
  while ((size = std::fread(buffer, 1, sizeof(buffer), file.get())) > 0) {
    text.append(buffer, size);
    if (text.size() > kBytesMax) {
      Complain(absl::StrCat(name, ": the file is larger than 16 MiB"));
      return std::nullopt;
    }
  }
  if (std::ferror(file.get()) != 0) {
    Complain(absl::StrCat(name, ": ", std::strerror(errno)));
    return std::nullopt;
  }
  return text;
}

int Check(const GluePolicyFlags& flags) {
  int status = kGood;
  for (const std::string& file : flags.files) {
    const auto text = ReadFile(file);
    if (!text.has_value()) {
      status = kUnusable;
      continue;
    }
    const CheckedFile checked = CheckText(flags, *text);
    const std::vector<Finding> findings = FindingsOf(checked);
    const bool is_bad =
        !checked.errors.empty() || (flags.werror && !findings.empty());
    if (is_bad && status == kGood) status = kBad;
    if (flags.json) {
      std::cout << FindingsAsJson(file, findings);
      continue;
    }
    std::cout << FindingsAsText(file, *text, findings) << file << ": ";
    if (findings.empty()) {
      std::cout << "no findings\n";
    } else {
      const char* const kind = checked.errors.empty() ? "warning" : "error";
      std::cout << findings.size() << " " << kind
                << (findings.size() == 1 ? "" : "s")
                << " in a policy of account " << checked.catalog.account_id
                << ", " << checked.catalog.region << "\n";
    }
  }
  return status;
}

int Decide(const GluePolicyFlags& flags) {
  const std::string& file = flags.files.front();
  const auto text = ReadFile(file);
  if (!text.has_value()) return kUnusable;
  const CheckedFile checked = CheckTextToDecide(flags, *text);
  if (!checked.policy.has_value()) {
    std::cerr << (flags.json ? FindingsAsJson(file, checked.errors)
                             : FindingsAsText(file, *text, checked.errors));
    return kUnusable;
  }
  const PolicyDecision decided = DecideByPolicy(flags, *checked.policy);
  const DecisionKind decision = decided.kind;
  const Decision& reasons = decided.reasons;
  if (flags.json) {
    std::cout << DecisionAsJson(decision, reasons.statements);
  } else {
    std::cout << DecisionName(decision) << ": the policy says "
              << DecisionName(reasons.kind) << ", the identity policies "
              << DecisionName(flags.identity) << "\n";
    if (decision == DecisionKind::kUndecided) {
      std::cout << "facts that are unknown would change the decision\n";
    } else if (decided.result != AccessResult::kAllowed) {
      std::cout << DenialMessage(decided.result, decided.request,
                                 /*explain=*/true)
                << "\n";
    }
    std::cout << StatementsAsText(reasons.statements);
  }
  if (decision == DecisionKind::kUndecided) return kUndecided;
  return decision == DecisionKind::kAllow ? kGood : kBad;
}

std::string Print(const JsonDocument& document, GluePolicyFlags::Style style) {
  switch (style) {
    case GluePolicyFlags::Style::kVerbatim:
      return document.text();
    case GluePolicyFlags::Style::kCompact:
      return PrintCompact(document);
    case GluePolicyFlags::Style::kService:
      break;
  }
  return PrintLikeService(document);
}

int PrintFile(const GluePolicyFlags& flags) {
  const std::string& file = flags.files.front();
  const auto text = ReadFile(file);
  if (!text.has_value()) return kUnusable;
  const auto parsed = JsonDocument::Parse(*text);
  const auto* document = std::get_if<JsonDocument>(&parsed);
  if (document == nullptr) {
    const auto findings =
        CheckPolicy(*text, PolicyChecks::kJson, CatalogContext());
    std::cerr << (flags.json ? FindingsAsJson(file, findings)
                             : FindingsAsText(file, *text, findings));
    return kUnusable;
  }
  const std::string printed = Print(*document, flags.style);
  if (flags.json) {
    std::cout << PrintedAsJson(file, printed);
  } else {
    std::cout << printed;
    // The output ends with a newline for a terminal, except in the verbatim
    // style, which keeps the bytes of the file.
    if (flags.style != GluePolicyFlags::Style::kVerbatim) std::cout << "\n";
  }
  return kGood;
}

int Run(const std::vector<std::string>& arguments) {
  const auto parsed = ParseGluePolicyFlags(arguments);
  if (const auto* error = std::get_if<std::string>(&parsed)) {
    Complain(*error);
    return kUnusable;
  }
  const auto& flags = std::get<GluePolicyFlags>(parsed);
  switch (flags.command) {
    case GluePolicyFlags::Command::kHelp:
      std::cout << kGluePolicyUsage;
      return kGood;
    case GluePolicyFlags::Command::kVersion:
      std::cout << "glue-policy " << kLibraryVersion << "\n";
      return kGood;
    case GluePolicyFlags::Command::kCheck:
      return Check(flags);
    case GluePolicyFlags::Command::kDecide:
      return Decide(flags);
    case GluePolicyFlags::Command::kPrint:
      return PrintFile(flags);
  }
  return kUnusable;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  try {
    const int status =
        glue_security::Run(std::vector<std::string>(argv + 1, argv + argc));
    if (std::cout.flush()) return status;
    std::fputs("glue-policy: the output cannot be written\n", stderr);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "glue-policy: %s\n", thrown.what());
  }
  return glue_security::kUnusable;
}
