#include "glue_security/testing/schedules/schedule_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Need = ScheduledOperation::Need;

template <typename Named>
int IndexOf(const std::vector<Named>& all, absl::string_view name) {
  const auto it = std::find_if(all.begin(), all.end(), [&](const Named& named) {
    return named.name == name;
  });
  return it == all.end() ? -1 : static_cast<int>(it - all.begin());
}

std::string NameOf(const RecordKey& key) {
  switch (key.kind) {
    case RecordKind::kResourcePolicy:
      return "policy";
    case RecordKind::kEncryptionSettings:
      return "settings";
    case RecordKind::kSecurityConfiguration:
      return absl::StrCat("configuration ", key.id);
    case RecordKind::kConfigurationCount:
      return "count";
    case RecordKind::kConnection:
      return absl::StrCat("connection ", key.id);
    case RecordKind::kConnectionCount:
      return "count of connections";
  }
  return "";
}

// Returns "policy@3" or "no policy".
std::string WithRevision(const RecordKey& key,
                         const std::optional<Revision>& revision) {
  return revision.has_value() ? absl::StrCat(NameOf(key), "@", *revision)
                              : absl::StrCat("no ", NameOf(key));
}

std::string TellSnapshot(const ReadSet& read_set, const Snapshot& snapshot) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < read_set.keys.size(); ++i) {
    const std::optional<Record>& record = snapshot.records[i];
    parts.push_back(WithRevision(read_set.keys[i],
                                 record.has_value()
                                     ? std::optional<Revision>(record->revision)
                                     : std::nullopt));
  }
  if (snapshot.range.has_value()) {
    for (const RangeRecord& record : snapshot.range->records) {
      parts.push_back(
          WithRevision({read_set.range->kind, record.id}, record.revision));
    }
    parts.emplace_back(snapshot.range->more ? "and more" : "and no more");
  }
  return absl::StrJoin(parts, ", ");
}

std::string TellBatch(const WriteBatch& batch) {
  std::vector<std::string> writes;
  for (const Mutation& mutation : batch.mutations) {
    writes.push_back(absl::StrCat(
        mutation.value.has_value() ? "" : "removal of ", NameOf(mutation.key)));
  }
  std::vector<std::string> conditions;
  for (const Precondition& precondition : batch.preconditions) {
    conditions.push_back(WithRevision(precondition.key, precondition.revision));
  }
  return absl::StrCat(
      absl::StrJoin(writes, ", "), " if ",
      conditions.empty() ? "nothing" : absl::StrJoin(conditions, ", "));
}

std::string TellChoice(const ScheduleChoice& choice) {
  if (choice.arrival) return absl::StrCat(">", choice.index);
  if (choice.fault == ScheduleFault::kNone) {
    return absl::StrCat(choice.index);
  }
  return absl::StrCat(choice.index, "!", ScheduleFaultName(choice.fault));
}

std::string TellScenario(const ParsedSchedule& schedule,
                         const ScheduleAlphabet& alphabet) {
  std::string text =
      alphabet.initial_states[static_cast<size_t>(schedule.initial_state)].name;
  for (const std::vector<int>& program : schedule.programs) {
    absl::StrAppend(
        &text, "/",
        absl::StrJoin(program, ",", [&](std::string* out, int operation) {
          *out += alphabet.operations[static_cast<size_t>(operation)].name;
        }));
  }
  return text;
}

// Returns the result of a commit.
std::string TellEffect(const ScheduleChoice& choice,
                       const ScheduleSearch::Step& step,
                       const ScheduleGraph& graph) {
  switch (choice.fault) {
    case ScheduleFault::kDelayed:
    case ScheduleFault::kGiveUpDelayed:
    case ScheduleFault::kCrashDelayed:
      return "under way";
    default:
      break;
  }
  if (step.storage_after == step.storage_before) return "not applied";
  return absl::StrCat("applied as revision ",
                      graph.state(step.storage_after).last_revision);
}

std::string TellStep(const ScheduleChoice& choice,
                     const ScheduleSearch::Step& step,
                     const ScheduleGraph& graph) {
  if (choice.arrival) {
    return absl::StrCat("a delayed commit arrives: ",
                        TellEffect(choice, step, graph));
  }
  const RunNode& before = graph.run(step.run_before);
  std::string text = absl::StrCat(
      "client ", choice.index, " ",
      graph.alphabet().operations[static_cast<size_t>(before.operation)].name,
      ":");
  if (choice.fault == ScheduleFault::kGiveUp ||
      choice.fault == ScheduleFault::kCrash) {
    // The storage takes no step here.
  } else if (before.need == Need::kRead) {
    absl::StrAppend(&text, " reads");
    if (choice.fault == ScheduleFault::kNone) {
      // The node right after the read; later nodes only waited.
      Id read = step.run_after;
      while (graph.run(read).parent != step.run_before) {
        read = graph.run(read).parent;
      }
      absl::StrAppend(&text, " ",
                      TellSnapshot(graph.read_set(before.read_set),
                                   graph.snapshot(graph.run(read).snapshot)));
    }
  } else if (before.need == Need::kKeyCall) {
    absl::StrAppend(&text, " asks for ", graph.text(before.key_call));
  } else if (before.need == Need::kCommit) {
    absl::StrAppend(&text, " commits ", TellBatch(graph.batch(before.batch)),
                    ": ", TellEffect(choice, step, graph));
  } else if (before.need == Need::kDone) {
    absl::StrAppend(&text, " is done at once");
  }
  if (choice.fault != ScheduleFault::kNone) {
    absl::StrAppend(&text, " [", ScheduleFaultName(choice.fault), "]");
  }
  const RunNode& after = graph.run(step.run_after);
  if (!step.crashed && after.need == Need::kDone && after.response != 0) {
    absl::StrAppend(&text, "\n     answers ", graph.text(after.response));
  }
  return text;
}

// Returns the lines of a state for the objects of the scenario.
std::string TellState(const std::string& state, const ParsedSchedule& schedule,
                      const ScheduleGraph& graph) {
  const auto is_about = [&](ScheduleObject object) {
    for (const std::vector<int>& program : schedule.programs) {
      for (const int operation : program) {
        if (graph.object(operation) == object) return true;
      }
    }
    return false;
  };
  std::string told;
  for (const absl::string_view line : absl::StrSplit(state, '\n')) {
    if (line.empty()) continue;
    const ScheduleObject object =
        absl::StartsWith(line, "  policy:") ? ScheduleObject::kPolicy
        : absl::StartsWith(line, "  settings:") ||
                absl::StartsWith(line, "  connections:")
            ? ScheduleObject::kSettings
            : ScheduleObject::kConfigurations;
    if (is_about(object)) absl::StrAppend(&told, line, "\n");
  }
  return told;
}

absl::StatusOr<ScheduleChoice> ParseChoice(absl::string_view text) {
  const auto bad = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a step"));
  };
  ScheduleChoice choice;
  absl::string_view rest = text;
  choice.arrival = absl::ConsumePrefix(&rest, ">");
  const std::vector<absl::string_view> parts = absl::StrSplit(rest, '!');
  int index = 0;
  if (parts.size() > 2 || !absl::SimpleAtoi(parts[0], &index) || index < 0 ||
      index >= kClientsMax) {
    return bad();
  }
  choice.index = static_cast<uint8_t>(index);
  if (parts.size() == 2) {
    int fault = 1;
    while (fault < kScheduleFaults &&
           parts[1] != ScheduleFaultName(static_cast<ScheduleFault>(fault))) {
      ++fault;
    }
    if (fault == kScheduleFaults || choice.arrival) return bad();
    choice.fault = static_cast<ScheduleFault>(fault);
  }
  return choice;
}

bool Contains(const std::vector<ScheduleChoice>& choices,
              const ScheduleChoice& choice) {
  return std::any_of(
      choices.begin(), choices.end(), [&](const ScheduleChoice& c) {
        return c.arrival == choice.arrival && c.index == choice.index &&
               c.fault == choice.fault;
      });
}

}  // namespace

absl::StatusOr<ParsedSchedule> ParseScenario(
    const ScheduleAlphabet& alphabet, absl::string_view initial_state,
    const std::vector<std::vector<std::string>>& clients) {
  ParsedSchedule parsed;
  parsed.initial_state = IndexOf(alphabet.initial_states, initial_state);
  if (parsed.initial_state < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", initial_state, "\" is not an initial state"));
  }
  if (clients.empty() || clients.size() > kClientsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        clients.size(), " clients, 1 to ", kClientsMax, " can be"));
  }
  for (const auto& client : clients) {
    if (client.empty() || client.size() > kOperationsMax) {
      return absl::InvalidArgumentError(
          absl::StrCat(client.size(), " operations of one client, 1 to ",
                       kOperationsMax, " can be"));
    }
    std::vector<int>& program = parsed.programs.emplace_back();
    for (const std::string& name : client) {
      program.push_back(IndexOf(alphabet.operations, name));
      if (program.back() < 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", name, "\" is not an operation"));
      }
    }
  }
  return parsed;
}

absl::StatusOr<ParsedSchedule> ParseSchedule(const ScheduleAlphabet& alphabet,
                                             absl::string_view schedule) {
  const std::vector<std::string> parts = absl::StrSplit(schedule, '/');
  if (parts.size() < 3) {
    return absl::InvalidArgumentError(
        "a schedule must be INITIAL/OPERATIONS/.../STEPS");
  }
  std::vector<std::vector<std::string>> clients;
  for (size_t i = 1; i + 1 < parts.size(); ++i) {
    clients.emplace_back(absl::StrSplit(parts[i], ','));
  }
  auto parsed = ParseScenario(alphabet, parts[0], clients);
  if (!parsed.ok()) return parsed;
  for (const auto step : absl::StrSplit(parts.back(), ' ', absl::SkipEmpty())) {
    const auto choice = ParseChoice(step);
    if (!choice.ok()) return choice.status();
    parsed->choices.push_back(*choice);
  }
  return parsed;
}

ToldSchedule TellSchedule(const ParsedSchedule& schedule, ScheduleGraph* graph,
                          ScheduleSearch* search) {
  const ScheduleAlphabet& alphabet = graph->alphabet();
  ToldSchedule told;
  told.schedule = absl::StrCat(
      TellScenario(schedule, alphabet), "/",
      absl::StrJoin(schedule.choices, " ",
                    [](std::string* out, const ScheduleChoice& choice) {
                      *out += TellChoice(choice);
                    }));
  told.text = absl::StrCat("schedule ", told.schedule, "\n");
  ScheduleSearch::State state = search->Start();
  const auto tell_state = [&](const std::string& text) {
    return TellState(text, schedule, *graph);
  };
  absl::StrAppend(
      &told.text, "initial state\n",
      tell_state(graph->text(graph->VisibleInStorage(state.storage))));
  ScheduleSearch::Step step;
  for (const ScheduleChoice& choice : schedule.choices) {
    if (!told.reason.empty() || !Contains(search->Choices(state), choice)) {
      told.possible = false;
      return told;
    }
    step = ScheduleSearch::Step();
    state = search->Take(state, choice, &step);
    ++told.steps;
    absl::StrAppend(&told.text, told.steps < 10 ? " " : "", told.steps, ". ",
                    TellStep(choice, step, *graph), "\n");
    told.reason = step.violation;
  }
  const bool complete = told.reason.empty() && search->Choices(state).empty();
  if (complete && !search->EndsWell(state, &step)) told.reason = step.violation;
  absl::StrAppend(
      &told.text, complete ? "final state\n" : "state\n",
      tell_state(graph->text(graph->VisibleInStorage(state.storage))));
  if (told.reason.empty()) {
    absl::StrAppend(&told.text, complete ? "nothing is wrong\n"
                                         : "nothing is wrong so far\n");
    return told;
  }
  absl::StrAppend(&told.text, "fails: ", told.reason, "\n");
  if (step.explanation.empty()) return told;
  if (complete) {
    std::vector<std::string> ends;
    for (const std::string& end : step.explanation) {
      ends.push_back(tell_state(end));
    }
    absl::StrAppend(&told.text, "it could have ended in\n",
                    absl::StrJoin(ends, "or in\n"));
  } else {
    absl::StrAppend(&told.text, "the model answers\n  ",
                    absl::StrJoin(step.explanation, "\n  "), "\n");
  }
  return told;
}

}  // namespace testing_internal
}  // namespace glue_security
