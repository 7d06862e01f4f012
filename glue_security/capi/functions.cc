#include "glue_security/capi/functions.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/capi/answer.h"
#include "glue_security/capi/embedded_engine.h"
#include "glue_security/capi/handles.h"
#include "glue_security/capi/options.h"
#include "glue_security/control/clock_json.h"
#include "glue_security/control/control_json.h"
#include "glue_security/control/history_json.h"
#include "glue_security/policy/glue_policy_commands.h"
#include "glue_security/policy/glue_policy_output.h"

namespace glue_security {
namespace {

// The longest answer with a history, in bytes. `after` gets the other calls.
constexpr size_t kHistoryBytesMax = size_t{8} << 20;

// Returns the code of an error.
int CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return GLUE_SECURITY_INVALID_ARGUMENT;
    case absl::StatusCode::kNotFound:
      return GLUE_SECURITY_NOT_FOUND;
    case absl::StatusCode::kResourceExhausted:
      return GLUE_SECURITY_NO_ROOM;
    default:
      return GLUE_SECURITY_STORAGE;
  }
}

// Gives the result the code and the message of `status`. Returns true when it
// is OK.
bool Note(const absl::Status& status, CapiResult* result) {
  // A new result says this already.
  if (status.ok()) return true;
  result->code = CodeOf(status);
  result->message = std::string(status.message());
  return false;
}

bool Fail(int code, absl::string_view message, CapiResult* result) {
  result->code = code;
  result->message = std::string(message);
  return false;
}

// Finds the engine of a handle, or notes that there is none.
bool Find(const HandleUse& use, glue_security_handle handle,
          EmbeddedEngine** engine, CapiResult* result) {
  switch (use.Find(handle, engine)) {
    case GLUE_SECURITY_OK:
      return true;
    case GLUE_SECURITY_FORKED:
      return Fail(GLUE_SECURITY_FORKED,
                  "the engine was opened before a fork, and its storage is not "
                  "in memory",
                  result);
    default:
      return Fail(GLUE_SECURITY_NO_SUCH_HANDLE, "no such handle", result);
  }
}

// Reads `text`, finds the engine, and calls `function` with both.
template <typename Function>
int WithText(glue_security_handle handle, const glue_security_text& text,
             glue_security_answer** answer, Function function) noexcept {
  return GiveAnswer(answer, [&](CapiResult* result) {
    absl::string_view view;
    if (!Note(ReadText(text, &view), result)) return;
    const HandleUse use;
    EmbeddedEngine* engine = nullptr;
    if (Find(use, handle, &engine, result)) function(engine, view, result);
  });
}

template <typename Function>
int WithEngine(glue_security_handle handle, glue_security_answer** answer,
               Function function) noexcept {
  return WithText(handle, {}, answer,
                  [&](EmbeddedEngine* engine, absl::string_view,
                      CapiResult* result) { function(engine, result); });
}

int Open(const glue_security_option* options, size_t count,
         glue_security_handle* handle, glue_security_answer** answer) {
  return GiveAnswer(answer, [&](CapiResult* result) {
    if (handle == nullptr) {
      Fail(GLUE_SECURITY_INVALID_ARGUMENT, "handle is NULL", result);
      return;
    }
    *handle = 0;
    std::unique_ptr<EmbeddedEngine> engine;
    {
      const HandleUse use;
      const auto list = ReadOptions(options, count);
      if (!Note(list.status(), result)) return;
      const auto parsed = ParseOpenOptions(*list);
      if (!Note(parsed.status(), result)) return;
      auto opened = EmbeddedEngine::Open(*parsed);
      if (!Note(opened.status(), result)) return;
      engine = *std::move(opened);
    }
    *handle = AddHandle(std::move(engine));
  });
}

int Close(glue_security_handle handle) {
  return GiveAnswer(nullptr, [&](CapiResult* result) {
    if (RemoveHandle(handle)) return;
    Fail(GLUE_SECURITY_NO_SUCH_HANDLE, "no such handle", result);
  });
}

int Call(glue_security_handle handle, glue_security_text account,
         glue_security_text region, glue_security_text principal,
         glue_security_text target, glue_security_text body,
         glue_security_answer** answer) {
  return GiveAnswer(answer, [&](CapiResult* result) {
    absl::string_view views[5];
    const glue_security_text* const texts[] = {&account, &region, &principal,
                                               &target, &body};
    for (size_t i = 0; i < 5; ++i) {
      if (!Note(ReadText(*texts[i], &views[i]), result)) return;
    }
    const HandleUse use;
    EmbeddedEngine* engine = nullptr;
    if (!Find(use, handle, &engine, result)) return;
    Caller caller{std::string(views[0]), std::string(views[1]),
                  std::string(views[2])};
    auto called = engine->Call(std::move(caller), views[3], views[4]);
    if (!Note(called.status(), result)) return;
    result->http_status = called->response.http_status;
    result->error_type = std::move(called->response.error_type);
    result->body = std::move(called->response.body);
    result->delay_seconds = absl::ToDoubleSeconds(called->delivery.delay);
    result->lost = called->delivery.lost;
  });
}

int Reset(glue_security_handle handle, glue_security_answer** answer) {
  return WithEngine(handle, answer,
                    [](EmbeddedEngine* engine, CapiResult* result) {
                      Note(engine->Reset(), result);
                    });
}

int Save(glue_security_handle handle, glue_security_text name,
         glue_security_answer** answer) {
  return WithText(
      handle, name, answer,
      [](EmbeddedEngine* engine, absl::string_view text, CapiResult* result) {
        if (!Note(CheckSnapshotName(text), result)) return;
        Note(engine->Save(std::string(text)), result);
      });
}

int Restore(glue_security_handle handle, glue_security_text name,
            glue_security_answer** answer) {
  return WithText(
      handle, name, answer,
      [](EmbeddedEngine* engine, absl::string_view text, CapiResult* result) {
        if (!Note(CheckSnapshotName(text), result)) return;
        Note(engine->Restore(std::string(text)), result);
      });
}

// Notes the outcome of a change of the clock, and shows the clock.
void NoteClock(const absl::Status& status, EmbeddedEngine* engine,
               CapiResult* result) {
  if (Note(status, result)) result->body = ClockAsJson(&engine->clock());
}

int SetTheClock(glue_security_handle handle, glue_security_text change,
                glue_security_answer** answer) {
  return WithText(
      handle, change, answer,
      [](EmbeddedEngine* engine, absl::string_view text, CapiResult* result) {
        NoteClock(SetClock(text, &engine->clock()), engine, result);
      });
}

int AdvanceTheClock(glue_security_handle handle, double seconds,
                    glue_security_answer** answer) {
  return WithEngine(
      handle, answer, [seconds](EmbeddedEngine* engine, CapiResult* result) {
        NoteClock(AdvanceClock(seconds, &engine->clock()), engine, result);
      });
}

int RestoreClock(glue_security_handle handle, glue_security_answer** answer) {
  return WithEngine(handle, answer,
                    [](EmbeddedEngine* engine, CapiResult* result) {
                      engine->clock().Reset();
                      NoteClock(absl::OkStatus(), engine, result);
                    });
}

int AddFault(glue_security_handle handle, glue_security_text rule,
             glue_security_answer** answer) {
  return WithText(
      handle, rule, answer,
      [](EmbeddedEngine* engine, absl::string_view text, CapiResult* result) {
        auto parsed = ParseFaultRule(text);
        if (!Note(parsed.status(), result)) return;
        const auto id = engine->faults().Add(*std::move(parsed));
        if (!Note(id.status(), result)) return;
        result->body = absl::StrCat("{\"id\":", *id, "}");
      });
}

int ClearFaults(glue_security_handle handle, glue_security_answer** answer) {
  return WithEngine(handle, answer, [](EmbeddedEngine* engine, CapiResult*) {
    engine->faults().Clear();
  });
}

int Faults(glue_security_handle handle, glue_security_answer** answer) {
  return WithEngine(handle, answer,
                    [](EmbeddedEngine* engine, CapiResult* result) {
                      result->body = FormatFaultRules(engine->faults().List());
                    });
}

int ListHistory(glue_security_handle handle, glue_security_text query,
                glue_security_answer** answer) {
  return WithText(
      handle, query, answer,
      [](EmbeddedEngine* engine, absl::string_view text, CapiResult* result) {
        const auto asked = ParseHistoryQuery(text);
        if (!Note(asked.status(), result)) return;
        result->body =
            HistoryAsJson(engine->history(), *asked, kHistoryBytesMax);
      });
}

// Reads the arguments of a question about a policy, and calls `function` with
// the flags and the text.
template <typename Function>
int AskPolicy(const char* command, const glue_security_option* options,
              size_t count, const glue_security_text& policy,
              glue_security_answer** answer, Function function) noexcept {
  return GiveAnswer(answer, [&](CapiResult* result) {
    const HandleUse use;
    const auto list = ReadOptions(options, count);
    if (!Note(list.status(), result)) return;
    absl::string_view text;
    if (!Note(ReadText(policy, &text), result)) return;
    const auto flags = ParsePolicyOptions(command, *list);
    if (!Note(flags.status(), result)) return;
    function(*flags, std::string(text), result);
  });
}

int Check(const glue_security_option* options, size_t count,
          glue_security_text policy, glue_security_answer** answer) {
  return AskPolicy("check", options, count, policy, answer,
                   [](const GluePolicyFlags& flags, const std::string& text,
                      CapiResult* result) {
                     result->body =
                         FindingsAsJson(flags.files.front(),
                                        FindingsOf(CheckText(flags, text)));
                   });
}

int Decide(const glue_security_option* options, size_t count,
           glue_security_text policy, glue_security_answer** answer) {
  return AskPolicy(
      "decide", options, count, policy, answer,
      [](const GluePolicyFlags& flags, const std::string& text,
         CapiResult* result) {
        const CheckedFile checked = CheckTextToDecide(flags, text);
        if (!checked.policy.has_value()) {
          Fail(GLUE_SECURITY_INVALID_ARGUMENT, "the policy has errors", result);
          result->body = FindingsAsJson(flags.files.front(), checked.errors);
          return;
        }
        const PolicyDecision decided = DecideByPolicy(flags, *checked.policy);
        result->body = DecisionAsJson(decided.kind, decided.reasons.statements);
      });
}

}  // namespace
}  // namespace glue_security

const glue_security::CapiFunctions* glue_security_functions() {
  using namespace glue_security;  // NOLINT: the names of the table.
  static constexpr CapiFunctions kFunctions = {
      GLUE_SECURITY_VERSION,
      &Open,
      &Close,
      &Call,
      &Reset,
      &Save,
      &Restore,
      &SetTheClock,
      &AdvanceTheClock,
      &RestoreClock,
      &AddFault,
      &ClearFaults,
      &Faults,
      &ListHistory,
      &Check,
      &Decide,
      &BeforeFork,
      &AfterForkInParent,
      &AfterForkInChild,
  };
  return &kFunctions;
}
