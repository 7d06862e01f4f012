// Prints a timeline, for those who look at it in a browser and for tests:
//   timeline_page example   a history that no order explains; its picture is in
//                           docs/testing_kit/histories.md
//   timeline_page hostile   a history whose texts try to become markup
//   timeline_page large     10,000 calls, which the page cannot all show

#include <cstdint>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history_timeline.h"
#include "glue_security/model/behavior.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"

namespace glue_security {
namespace {

// A storage that checks no preconditions, so that updates get lost.
class CarelessStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    WriteBatch careless = batch;
    careless.preconditions.clear();
    return ForwardingStorage::Commit(careless);
  }
};

// Returns a page on which two orders of a few calls end.
std::string Example() {
  CoreOptions core;
  core.behavior.policy_checks = PolicyChecks::kJson;
  LinearizabilityOptions checks;
  checks.behavior = core.behavior;
  ConcurrentClientsOptions clients;
  clients.calls_per_client = 6;
  for (uint64_t seed = 1; seed < 10'000; ++seed) {
    MemoryStorage memory;
    CarelessStorage storage(&memory);
    FakeClock clock(absl::FromUnixMillis(1'700'000'000'000));
    SeededChoices choices(seed);
    const History history =
        RunInterleaved(&storage, core, &clock, choices, clients);
    const LinearizabilityResult result = CheckLinearizable(history, checks);
    if (!result.violation.has_value()) continue;
    const Violation& violation = *result.violation;
    if (!absl::StrContains(violation.title, "resource policy") ||
        violation.calls.size() < 5 || violation.orders.size() != 2) {
      continue;
    }
    return HistoryTimelineHtml(history, MarksOf(violation));
  }
  return "";
}

constexpr absl::string_view kHostile =
    "</script></style></li><script>document.title='1'</script>"
    "<img src=x onerror=\"document.title='2'\">' onclick='document.title=3' "
    "--> ]]> &lt;b&gt; {{7*7}} \xE2\x80\xA8 \xE2\x80\xAE \xC3\x28 \xFF\xFE";

// Returns a page of calls with hostile texts wherever a call has a text.
std::string Hostile() {
  const std::string hostile(kHostile);
  const std::string long_one = absl::StrCat(hostile, std::string(3000, '<'));
  History history(4);
  for (size_t i = 0; i < history.size(); ++i) {
    history[i].client = static_cast<int>(i);
    history[i].caller = {hostile, hostile, hostile};
    history[i].start = i;
    history[i].end = 10 + i;
    history[i].response.emplace();
  }
  auto* put = history[0].request.mutable_put_resource_policy();
  put->set_policy_in_json(long_one);
  put->set_policy_hash_condition(hostile);
  put->set_resource_arn(hostile);
  history[0].response->mutable_put_resource_policy()->set_policy_hash(hostile);
  history[1].request.mutable_create_security_configuration()->set_name(hostile);
  history[1].response->mutable_error()->set_code(v1::ERROR_CODE_ALREADY_EXISTS);
  history[1].response->mutable_error()->set_message(hostile);
  history[2].request.mutable_get_security_configurations()->set_next_token(
      hostile);
  auto* page = history[2].response->mutable_get_security_configurations();
  page->add_security_configurations()->set_name(hostile);
  page->set_next_token(hostile);
  history[3].request.mutable_get_resource_policy();
  history[3].response->mutable_get_resource_policy()->set_policy_in_json(
      long_one);
  TimelineMarks marks;
  marks.headline = hostile;
  marks.calls = {0, 1, 3};
  marks.illegal = 3;
  marks.orders = {{{0, 1}, hostile}, {{1, 0}, absl::StrCat("a\n", hostile)}};
  return HistoryTimelineHtml(history, marks);
}

// Returns a page of 10,000 calls of 16 clients, of which few matter.
std::string Large() {
  History history(10'000);
  for (size_t i = 0; i < history.size(); ++i) {
    history[i].client = static_cast<int>(i % 16);
    history[i].caller = {"111111111111", "us-east-1", ""};
    history[i].start = 10 * i;
    history[i].end = 10 * i + 5 + 10 * (i % 13);
    auto* put = history[i].request.mutable_put_resource_policy();
    put->set_policy_in_json(absl::StrCat("{\"Id\":\"", i, "\"}"));
    history[i].response.emplace();
    history[i].response->mutable_put_resource_policy()->set_policy_hash(
        absl::StrCat("hash of ", i));
  }
  TimelineMarks marks;
  marks.headline = "Of 10,000 calls";
  marks.calls = {4990, 5000, 5005, 5010};
  marks.illegal = 5010;
  marks.orders = {{{4990, 5000, 5005}, "then nothing"},
                  {{5000, 4990}, "then something"}};
  return HistoryTimelineHtml(history, marks);
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  const absl::string_view name = argc > 1 ? argv[1] : "example";
  const std::string html = name == "hostile" ? glue_security::Hostile()
                           : name == "large" ? glue_security::Large()
                                             : glue_security::Example();
  std::cout << html;
  return html.empty() ? 1 : 0;
}
