// Searches for the mistakes of OwnMock (examples/own_mock) with the tools of
// the kit.

#ifndef TESTS_EXAMPLES_OWN_MOCK_SEARCH_H_
#define TESTS_EXAMPLES_OWN_MOCK_SEARCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "examples/own_mock/own_mock.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/sequences/sequence.h"

namespace own_mock {

struct NamedMistake {
  Mistake mistake;
  // A short sentence, which the table shows.
  const char* name;
};

// Returns the mistakes in the order of the enum, without kNone. Lives forever.
const std::vector<NamedMistake>& AllMistakes();

// The first check that fails, and the number of checks that were judged with
// it.
struct SuiteFinding {
  int checks = 0;
  glue_security::BackendCheckResult result;
};
std::optional<SuiteFinding> FindBySuite(Mistake mistake);

// The first failure, and the number of calls with it. The seed is fixed, so the
// finding is always the same; it is remembered.
struct SequencesFinding {
  int64_t calls = 0;
  glue_security::SequenceFailure failure;
  // The number of calls in the shrunk sequence.
  int shrunk_to = 0;
};
std::optional<SequencesFinding> FindBySequences(Mistake mistake,
                                                int64_t calls_max);

// The first history of four clients that is illegal, and the number of calls
// with it.
struct HistoriesFinding {
  int64_t calls = 0;
  std::string explanation;
};
std::optional<HistoriesFinding> FindByHistories(Mistake mistake,
                                                int histories_max);

// Returns the rows of the table in docs/testing_kit/own_mock.md, without its
// head. With `with_threads`, what threads have found is in the row of
// kDropsLock: other numbers each time.
std::vector<std::string> TableRows(bool with_threads);

}  // namespace own_mock

#endif  // TESTS_EXAMPLES_OWN_MOCK_SEARCH_H_
