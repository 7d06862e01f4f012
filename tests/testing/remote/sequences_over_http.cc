// Compares a server behind a URL with the reference model, call by call, on
// random sequences of calls in every preset.
//
//   sequences_over_http URL [CALLS]   CALLS in each preset, 1,000,000 by
//                                     default
//
// The server is one of ours, started with --control; its records are lost.
// GLUE_SECURITY_SEED repeats a run. Exits with 0 when there is no difference,
// with 1 when there is one, and with 2 when the server cannot be asked.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/remote/remote_backend.h"
#include "glue_security/testing/sequences/sequence.h"
#include "tests/testing/remote/wire_sequences.h"

namespace glue_security {
namespace {

// Returns true when there is no difference in the preset.
bool Compare(const BackendUnderTest& target, BackendPreset preset,
             int64_t calls) {
  const absl::Time begin = absl::Now();
  int64_t made = 0;
  int64_t sequences = 0;
  std::string differences;
  const auto all = WireSequenceOptions(preset);
  for (SequenceOptions options : all) {
    const auto share = static_cast<int64_t>(all.size());
    options.calls = (calls + share - 1) / share;
    options.failures_max = 20;
    const SequenceReport report = CheckSequences(target.create, options);
    made += report.calls;
    sequences += report.sequences;
    differences += report.text;
  }
  std::cout << absl::AsciiStrToLower(BackendPresetName(preset)) << ": " << made
            << " calls in " << sequences << " sequences, "
            << (differences.empty() ? "no difference" : "DIFFERENT") << ", "
            << absl::FormatDuration(
                   absl::Trunc(absl::Now() - begin, absl::Milliseconds(100)))
            << "\n"
            << differences << std::flush;
  return differences.empty() && made >= calls;
}

int Run(const std::string& url, int64_t calls) {
  const auto target =
      RemoteBackendUnderTest(url, *FindRemoteProfile("glue-security"));
  if (!target.ok()) {
    std::cerr << target.status().message() << "\n";
    return 2;
  }
  v1::Request request;
  request.mutable_get_security_configurations();
  const v1::Response answer =
      target->create(BackendSetup())
          .backend->Execute({"123456789012", "us-east-1", ""}, request);
  if (answer.has_error()) {
    std::cerr << answer.error().message() << "\n";
    return 2;
  }
  bool same = true;
  for (const BackendPreset preset : kBackendPresets) {
    same = Compare(*target, preset, calls) && same;
  }
  return same ? 0 : 1;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  int64_t calls = 1'000'000;
  if (argc < 2 || argc > 3 ||
      (argc == 3 && (!absl::SimpleAtoi(argv[2], &calls) || calls < 1))) {
    std::cerr << "usage: sequences_over_http URL [CALLS]\n";
    return 2;
  }
  return glue_security::Run(argv[1], calls);
}
