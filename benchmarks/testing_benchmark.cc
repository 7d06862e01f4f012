// Calls per minute that the testing kit generates, applies and compares, and
// the time that the engine alone takes for the same calls.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

constexpr int kLength = 200;

Behavior BehaviorOf(benchmark::State& state) {
  Behavior behavior = Behavior::Documented();
  behavior.policy_checks =
      state.range(0) == 0 ? PolicyChecks::kJson : PolicyChecks::kGlue;
  state.SetLabel(state.range(0) == 0 ? "kJson" : "kGlue");
  return behavior;
}

void CountCalls(benchmark::State& state, int64_t calls) {
  state.SetItemsProcessed(calls);
  state.counters["per_minute"] = benchmark::Counter(
      60.0 * static_cast<double>(calls), benchmark::Counter::kIsRate);
}

// The whole: CheckSequences as a test calls it.
void BM_Sequences(benchmark::State& state) {
  SequenceOptions options;
  options.behavior = BehaviorOf(state);
  options.calls = 20'000;
  options.length = kLength;
  options.seed = 1;
  int64_t calls = 0;
  for (auto _ : state) {
    const SequenceReport report = CheckSequences(EngineInMemory, options);
    if (!report.ok()) {
      state.SkipWithError("the engine differs from the model");
      return;
    }
    ++*options.seed;
    calls += report.calls;
  }
  CountCalls(state, calls);
}
BENCHMARK(BM_Sequences)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// A call of a sequence, made beforehand.
struct MadeCall {
  const Caller* caller;
  v1::Request request;
  bool good;
};

std::vector<MadeCall> MakeCalls(const Behavior& behavior) {
  const RequestGenerator generator(behavior);
  GeneratorContext context;
  SeededChoices choices(1);
  std::vector<MadeCall> calls(kLength * 20);
  for (MadeCall& call : calls) {
    call.caller = &GenerateCaller(choices);
    context.caller = call.caller;
    call.good = !generator.Generate(choices, context, &call.request)
                     .finding.has_value();
  }
  return calls;
}

// The floor: the engine alone, on prepared requests; a new engine starts as
// often as in a sequence.
void BM_EngineAlone(benchmark::State& state) {
  const Behavior behavior = BehaviorOf(state);
  const std::vector<MadeCall> calls = MakeCalls(behavior);
  FakeClock clock{absl::UnixEpoch()};
  int64_t count = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < calls.size();) {
      const TestedBackend tested = EngineInMemory({behavior, Limits(), &clock});
      for (int k = 0; k < kLength; ++k, ++i, ++count) {
        benchmark::DoNotOptimize(
            tested.backend->Execute(*calls[i].caller, calls[i].request));
      }
    }
  }
  CountCalls(state, count);
}
BENCHMARK(BM_EngineAlone)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_ModelAlone(benchmark::State& state) {
  const Behavior behavior = BehaviorOf(state);
  const std::vector<MadeCall> calls = MakeCalls(behavior);
  FakeClock clock{absl::UnixEpoch()};
  int64_t count = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < calls.size();) {
      bool good = true;
      ReferenceModel model(
          behavior, Limits(), &clock,
          [&](const Caller&, absl::string_view) { return good; });
      for (int k = 0; k < kLength; ++k, ++i, ++count) {
        good = calls[i].good;
        benchmark::DoNotOptimize(
            model.Execute(*calls[i].caller, calls[i].request));
      }
    }
  }
  CountCalls(state, count);
}
BENCHMARK(BM_ModelAlone)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_GeneratorAlone(benchmark::State& state) {
  const Behavior behavior = BehaviorOf(state);
  const RequestGenerator generator(behavior);
  GeneratorContext context;
  SeededChoices choices(1);
  v1::Request request;
  int64_t count = 0;
  for (auto _ : state) {
    for (int i = 0; i < kLength; ++i, ++count) {
      context.caller = &GenerateCaller(choices);
      benchmark::DoNotOptimize(generator.Generate(choices, context, &request));
    }
  }
  CountCalls(state, count);
}
BENCHMARK(BM_GeneratorAlone)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace glue_security
