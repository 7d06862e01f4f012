// A call through the C door, beside the engine's own call and the codec.

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <variant>

#include "benchmark/benchmark.h"
#include "benchmarks/requests.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/capi/glue_security.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

glue_security_text TextOf(const std::string& text) {
  return {text.data(), text.size()};
}

WireRequest PutRequest() {
  v1::Request request;
  *request.mutable_put_resource_policy() = PutPolicyOf(1024);
  return EncodeRequest(request);
}

// Returns the request of a benchmark and names it.
WireRequest RequestOf(benchmark::State& state) {
  if (state.range(0) == 1) {
    state.SetLabel("PutResourcePolicy, 1 KB");
    return PutRequest();
  }
  state.SetLabel("GetResourcePolicy, 1 KB");
  v1::Request request;
  request.mutable_get_resource_policy();
  return EncodeRequest(request);
}

// Makes a call and returns its status.
int Call(glue_security_handle handle, const WireRequest& request) {
  const Caller caller = BenchmarkCaller();
  glue_security_answer* answer = nullptr;
  glue_security_call(handle, TextOf(caller.account_id), TextOf(caller.region),
                     {nullptr, 0}, TextOf(request.target), TextOf(request.body),
                     &answer);
  const int status = answer->http_status;
  benchmark::DoNotOptimize(answer->body);
  glue_security_free(answer);
  return status;
}

void BM_CapiCall(benchmark::State& state) {
  const bool has_history = state.range(1) == 1;
  const std::string name = "history";
  const std::string value = has_history ? "true" : "false";
  const glue_security_option option = {TextOf(name), TextOf(value)};
  glue_security_handle handle = 0;
  glue_security_open(&option, 1, &handle, nullptr);
  Call(handle, PutRequest());
  const WireRequest request = RequestOf(state);
  for (auto _ : state) {
    if (Call(handle, request) != 200) return state.SkipWithError("refused");
  }
  glue_security_close(handle);
}
BENCHMARK(BM_CapiCall)->ArgsProduct({{0, 1}, {0, 1}});

struct Messages {
  v1::Request request;
  v1::Response response;
};

// Makes a call by the engine, and returns what was asked and answered.
Messages Serve(Engine* engine, const WireRequest& request) {
  auto decoded = DecodeRequest(request.target, request.body);
  Messages messages;
  messages.request = std::get<v1::Request>(std::move(decoded));
  messages.response = engine->Execute(BenchmarkCaller(), messages.request);
  return messages;
}

// With `state.range(1)` 1, the requests and the answers are kept, as many as a
// history keeps.
void BM_CapiFloor_EngineAndCodec(benchmark::State& state) {
  MemoryStorage storage;
  Engine engine(&storage);
  Serve(&engine, PutRequest());
  const WireRequest request = RequestOf(state);
  const HistoryRecorderOptions bounds;
  size_t kept_max = 0;
  if (state.range(1) == 1) {
    const Messages one = Serve(&engine, request);
    kept_max = std::min(bounds.calls_max,
                        bounds.bytes_max / (one.request.SpaceUsedLong() +
                                            one.response.SpaceUsedLong()));
  }
  std::deque<Messages> kept;
  for (auto _ : state) {
    Messages messages = Serve(&engine, request);
    if (EncodeResponse(messages.response).http_status != 200) {
      return state.SkipWithError("refused");
    }
    if (kept_max == 0) continue;
    if (kept.size() == kept_max) kept.pop_front();
    kept.push_back(std::move(messages));
  }
}
BENCHMARK(BM_CapiFloor_EngineAndCodec)->ArgsProduct({{0, 1}, {0, 1}});

}  // namespace
}  // namespace glue_security
