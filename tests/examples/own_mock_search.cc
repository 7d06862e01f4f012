#include "tests/examples/own_mock_search.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "examples/own_mock/own_mock_target.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"

namespace own_mock {

using namespace glue_security;

namespace {

constexpr int64_t kCallsMax = 100'000;
constexpr int kHistoriesMax = 1000;

// Returns `text` as a part of a line of Markdown.
std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", " "}, {"|", "\\|"}});
}

std::string SuiteCell(Mistake mistake) {
  const std::optional<SuiteFinding> found = FindBySuite(mistake);
  if (!found.has_value()) return "**not found**";
  const BackendCheckResult& result = found->result;
  return absl::StrCat("`", result.check->id, "`", " (", found->checks,
                      "): ", Cell(result.check->says));
}

std::string SequencesCell(Mistake mistake) {
  const std::optional<SequencesFinding> found =
      FindBySequences(mistake, kCallsMax);
  if (!found.has_value()) return "**not found**";
  return absl::StrCat(Cell(found->failure.cause), " (", found->calls,
                      ", shrunk to ", found->shrunk_to, ")");
}

std::string HistoriesCell(Mistake mistake) {
  const std::optional<HistoriesFinding> found =
      FindByHistories(mistake, kHistoriesMax);
  if (!found.has_value()) return "**not found**";
  return absl::StrCat(
      Cell(found->explanation.substr(0, found->explanation.find('\n'))), " (",
      found->calls, ")");
}

}  // namespace

const std::vector<NamedMistake>& AllMistakes() {
  static const auto* const kMistakes = new std::vector<NamedMistake>{
      {Mistake::kMergesSettings, "a Put merges with the old settings"},
      {Mistake::kIgnoresHashOnDelete, "the hash is ignored on Delete"},
      {Mistake::kResetsCreateTime, "CreateTime is reset on replacement"},
      {Mistake::kDeletedPolicyExists, "NOT_EXIST is refused after a Delete"},
      {Mistake::kIgnoresRegion, "the region is ignored"},
      {Mistake::kDropsLock, "the lock is dropped between check and write"},
      {Mistake::kOffsetIsToken, "the page token is an offset"},
      {Mistake::kCountsCharacters, "characters are counted instead of bytes"},
  };
  return *kMistakes;
}

std::optional<SuiteFinding> FindBySuite(Mistake mistake) {
  const BackendUnderTest target = OwnMockUnderTest(mistake);
  SuiteFinding finding;
  for (const BackendCheck& check : AllBackendChecks()) {
    for (const BackendPreset preset : target.presets) {
      if (!AppliesTo(check, preset)) continue;
      finding.result = RunBackendCheck(check, preset, target);
      if (finding.result.verdict == BackendCheckResult::kSkipped) continue;
      ++finding.checks;
      if (finding.result.verdict == BackendCheckResult::kFailed) {
        return finding;
      }
    }
  }
  return std::nullopt;
}

namespace {

std::optional<SequencesFinding> SearchBySequences(Mistake mistake,
                                                  int64_t calls_max) {
  // The number of runs ends the shrinking, not the time.
  FakeClock still(absl::UnixEpoch());
  SequenceOptions options = OwnMockSequences();
  options.seed = 1;
  options.calls = calls_max;
  options.shrink.clock = &still;
  options.shrink.runs_max = 5000;
  SequenceReport report = CheckSequences(Factory(mistake), options);
  if (report.ok()) return std::nullopt;
  SequencesFinding finding;
  finding.calls = report.calls;
  finding.failure = std::move(report.failures.front());
  const std::string& text = finding.failure.text;
  while (text.find(absl::StrCat("\n", finding.shrunk_to + 1, ". ")) !=
         std::string::npos) {
    ++finding.shrunk_to;
  }
  return finding;
}

}  // namespace

std::optional<SequencesFinding> FindBySequences(Mistake mistake,
                                                int64_t calls_max) {
  static auto* const findings = new std::map<std::pair<Mistake, int64_t>,
                                             std::optional<SequencesFinding>>;
  const auto [found, is_new] = findings->try_emplace({mistake, calls_max});
  if (is_new) found->second = SearchBySequences(mistake, calls_max);
  return found->second;
}

std::optional<HistoriesFinding> FindByHistories(Mistake mistake,
                                                int histories_max) {
  ConcurrentClientsOptions clients = OwnMockClients(0);
  HistoriesFinding finding;
  for (; clients.seed < static_cast<uint64_t>(histories_max); ++clients.seed) {
    const std::unique_ptr<Backend> mock = MakeOwnMock(mistake);
    LinearizabilityResult result = CheckLinearizable(
        RunConcurrently(mock.get(), clients), OwnMockHistories());
    finding.calls += clients.clients * clients.calls_per_client;
    if (result.verdict == Verdict::kIllegal) {
      finding.explanation = std::move(result.explanation);
      return finding;
    }
  }
  return std::nullopt;
}

std::vector<std::string> TableRows(bool with_threads) {
  std::vector<std::string> rows;
  for (const auto& [mistake, name] : AllMistakes()) {
    const bool has_threads = mistake == Mistake::kDropsLock;
    if (has_threads && !with_threads) {
      rows.push_back(absl::StrCat("| ", name, " | "));
      continue;
    }
    rows.push_back(absl::StrCat(
        "| ", name, " | ", SuiteCell(mistake), " | ",
        has_threads ? absl::StrCat("one thread cannot; histories of four "
                                   "clients: ",
                                   HistoriesCell(mistake))
                    : SequencesCell(mistake),
        " |"));
  }
  return rows;
}

}  // namespace own_mock
