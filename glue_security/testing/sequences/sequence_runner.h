// SequenceRunner: makes the calls of one random sequence to a backend and to
// the model.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_RUNNER_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_RUNNER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/sequences/answer_translation.h"
#include "glue_security/testing/sequences/known_difference.h"
#include "glue_security/testing/sequences/own_clock.h"
#include "glue_security/testing/sequences/sequence_options.h"
#include "glue_security/testing/sequences/sequence_report.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The calls of one run of a sequence, for a report.
struct Transcript {
  absl::Time start;
  std::vector<SequenceCall> calls;
  // The number of choices drawn before each call.
  std::vector<size_t> starts;
};

struct SequenceCounts {
  int64_t calls = 0;
  // The calls with each of the known differences.
  std::vector<int64_t> known;
  // The calls with a cause that is passed over.
  std::map<std::string, int64_t> causes;
};

// Runs sequences of one setup. Not thread-safe.
class SequenceRunner {
 public:
  // REQUIRES: both outlive this.
  SequenceRunner(const BackendFactory& factory, const SequenceOptions& options);

  // Returns the first difference that is not passed over, with which the
  // sequence ended; nullopt: there is none.
  std::optional<AnswerDifference> Run(ChoiceSource& choices) {
    return Run(choices, nullptr, nullptr);
  }

  // Runs a sequence and fills in `transcript`. The choices come from
  // `recording`.
  std::optional<AnswerDifference> Run(RecordingChoices& recording,
                                      Transcript* transcript) {
    return Run(recording, &recording, transcript);
  }

  // Passes over `cause` (AnswerDifference::Cause) from now on.
  void PassOver(const std::string& cause) { ++counts_.causes[cause]; }

  // True when a run has shown the system's time, although the backend honours a
  // clock. No run can then be made again.
  bool saw_system_time() const { return saw_system_time_; }

  // The counts of all runs so far. They can be set back after runs that do not
  // count.
  const SequenceCounts& counts() const { return counts_; }
  void set_counts(SequenceCounts counts) { counts_ = std::move(counts); }

 private:
  // The page token of the model, and those in its place of the backend and of
  // the engine.
  struct TokenSet {
    std::string model;
    std::string backend;
    std::string engine;
    size_t call = 0;
  };
  // The backends that get the calls of a sequence.
  struct Parties {
    Backend& backend;
    ReferenceModel& model;
    // Knows the messages; null: they are not compared.
    Backend* engine;
  };
  enum class Verdict { kSame, kPassedOver, kEnds, kFailed };

  std::optional<AnswerDifference> Run(ChoiceSource& choices,
                                      const RecordingChoices* recording,
                                      Transcript* transcript);
  void StartOwnClock();
  void PassTime(absl::Duration moved);
  // Returns false when the backend cannot be asked `request_`.
  bool ReachesBackend(const Caller& caller) const;
  // Returns false when the size of the request may be over the bound for one of
  // the parties only, because their page tokens and encrypted passwords have
  // other lengths.
  bool HasSizeOfTheModel(const Caller& caller) const;
  Verdict Call(const Caller& caller, size_t number, absl::Duration moved,
               const Parties& parties, Transcript* transcript);
  // Gives the model's error the engine's message. Returns the engine's answer.
  v1::Response AskEngine(const Caller& caller, size_t number, Backend& engine,
                         v1::Response* model);
  Verdict Judge(const v1::Response& backend, const v1::Response& model,
                std::vector<AnswerDifference> differences, SequenceCall* call);

  // Fills in the first difference, and the reason if there is one.
  void Describe(const v1::Response& model, const AnswerDifference& difference,
                SequenceCall* call) const;

  const TokenSet* FindToken() const;
  void RememberHash(const v1::Response& model);
  void RememberCiphertexts(const v1::Response& model);
  void RememberToken(size_t number, const v1::Response& backend,
                     const v1::Response& model, const v1::Response& engine);

  const BackendFactory& factory_;
  const SequenceOptions& options_;
  const uint64_t length_;
  const RequestGenerator generator_;
  AnswerComparison comparison_;
  SequenceCounts counts_;
  // The backend's times are neither those of the kit's clock nor those of the
  // system's.
  bool has_other_clock_ = false;
  // The state of the current sequence.
  std::optional<OwnClock> own_clock_;
  GeneratorContext context_;
  AnswerTranslation translation_;
  // Translates for the engine that knows the messages.
  AnswerTranslation engine_translation_;
  std::vector<TokenSet> tokens_;
  size_t hashes_seen_ = 0;
  size_t ciphertexts_seen_ = 0;
  // The state of the current call.
  v1::Request request_;
  bool is_good_policy_ = true;
  std::optional<AnswerDifference> failure_;
  bool saw_system_time_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_RUNNER_H_
