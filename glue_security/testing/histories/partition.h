// Split, Spec: cut the calls of a history into parts that can be judged one by
// one, and specify each part: the answer of an operation in a state, and the
// next state. A compact second form of `ReferenceModel`; tests check that the
// two agree.
//
// A part is the policy of one catalog, its settings, its security
// configurations, or its connections with the writes of its settings. The
// configurations are split by name where nothing in the history couples names.
//
// A state does not know a time before an answer has shown it. Until then it
// holds the least possible value. The answer that shows the time makes it
// known, and so changes the state without changing the record. In this way a
// history is judged by whether some times explain it, whatever the backend's
// clock showed.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_PARTITION_H_
#define GLUE_SECURITY_TESTING_HISTORIES_PARTITION_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/backend/history.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/histories/linearizability_options.h"

namespace glue_security {
namespace history_internal {

enum class Resource { kPolicy, kSettings, kConfigurations, kConnections };

// A state, as words; partition.cc lays them out. Compared and hashed as a
// whole.
using State = std::vector<int64_t>;

// A time that no answer has shown.
inline constexpr int64_t kUnbound = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kAbsent = -1;

// A configuration on a page.
struct Shown {
  int64_t name = 0;
  int64_t body = 0;
  int64_t created_ms = 0;
};

// A connection in an answer. The passwords are numbers of texts.
struct ShownConnection {
  int64_t name = 0;
  int64_t body = 0;
  int64_t clear = kAbsent;
  int64_t encrypted = kAbsent;
  int64_t created_ms = kUnbound;
  int64_t updated_ms = kUnbound;
};

// The rules that settings set for the passwords of connections.
struct PasswordRules {
  bool protects = false;
  bool returns_encrypted = false;
};

// A call of one part: texts are numbers, and everything that needs no state is
// already judged.
struct Op {
  size_t call = 0;  // its place in the history
  // The call itself, for what is judged by a member and the state together.
  const HistoryEntry* entry = nullptr;
  uint64_t start = 0;
  uint64_t end = kNoEnd;
  // True when the outcome is open. Such calls are kept only if they write.
  bool unknown = false;
  bool read_only = false;
  Operation operation = kNoOperation;
  // The error in its answer; unspecified: no error.
  v1::ErrorCode code = v1::ERROR_CODE_UNSPECIFIED;
  // Why no state explains the answer; empty: some state may.
  std::string impossible;

  // The value that is written or shown: a policy text, settings, or a
  // configuration. kAbsent in an answer that shows that there is no policy.
  int64_t value = kAbsent;
  int64_t created_ms = kUnbound;
  int64_t updated_ms = kUnbound;

  // The hash that the policy must have.
  std::optional<std::string> hash_condition;

  int64_t name = 0;
  // A page: at most `size` names, from one of the numbers `firsts` on.
  std::vector<int64_t> firsts;
  int64_t size = 0;
  std::vector<Shown> shown;
  bool more = false;

  // For connections: all names in the request, the passwords that are written,
  // as numbers of texts, and what the answer shows.
  std::vector<int64_t> objects;
  int64_t clear = kAbsent;
  int64_t encrypted = kAbsent;
  bool is_empty_password = false;
  bool hides = false;
  std::vector<ShownConnection> connections;
  std::vector<int64_t> deleted;

  // Returns true when it has no effect in any state that explains its answer.
  bool effectless() const {
    return !unknown && (read_only || code != v1::ERROR_CODE_UNSPECIFIED);
  }
};

// One part. REQUIRES: the history outlives it.
struct Partition {
  std::string title;
  Resource resource = Resource::kPolicy;
  std::vector<Op> ops;  // in the order of their starts

  // The policy texts, settings, or bodies that the numbers stand for; and the
  // same in readable form.
  std::vector<std::string> values;
  std::vector<std::string> labels;
  std::vector<std::string> names;  // ascending; not for policies and settings

  // Connections: the texts of passwords, and what each settings value does.
  std::vector<std::string> texts;
  std::vector<PasswordRules> password_rules;

  // Policies: the hash of each text, where it is known. A text whose hash is
  // not known was written with open outcome and never shown. Its hash is one of
  // `open_hashes` (conditions that name the hash of no known text) or none of
  // them.
  std::vector<std::optional<std::string>> hashes;
  std::vector<std::string> open_hashes;
};

// Returns all parts of `history`, in the order of their titles.
std::vector<Partition> Split(const History& history,
                             const LinearizabilityOptions& options);

// The sequential specification of one part.
class Spec {
 public:
  // The types of a specification; see order_search.h.
  using Op = history_internal::Op;
  using State = history_internal::State;
  using Key = std::vector<uint64_t>;

  // REQUIRES: both outlive this.
  Spec(const Partition* partition, const LinearizabilityOptions* options)
      : partition_(*partition),
        options_(*options),
        hashes_(partition->hashes) {}

  const Partition& partition() const { return partition_; }

  // Assumes hashes for the texts that have none: the `n`-th of
  // `assumption_count()` possibilities. REQUIRES: n < assumption_count().
  void Assume(uint64_t n);
  // Returns at most `kAssumptionsMax` + 1.
  uint64_t assumption_count() const;
  static constexpr uint64_t kAssumptionsMax = 1024;

  static Key KeyOf(const std::vector<uint64_t>& placed, const State& state) {
    Key key = placed;
    key.insert(key.end(), state.begin(), state.end());
    return key;
  }

  State Initial() const;

  // Returns true when `op` gives its answer at `state`, and sets `next` to the
  // state after it. With `unknown` any answer will do, and it returns true.
  bool Apply(const Op& op, bool unknown, const State& state, State* next) const;

  // Returns the answer of `op` at `state` as text.
  std::string Expected(const Op& op, const State& state) const;

  // Returns `state` as text.
  std::string Describe(const State& state) const;

 private:
  v1::ErrorCode Decide(const Op& op, const State& state) const;
  v1::ErrorCode DecidePut(const Op& op, const State& state) const;
  bool HashHolds(const Op& op, const State& state) const;
  void Effect(const Op& op, bool unknown, State* state) const;
  void WritePolicy(const Op& op, State* state) const;
  bool Shows(const Op& op, State* state) const;
  bool ShowsPolicyTimes(const Op& op, State* state) const;
  bool ShowsPage(const Op& op, int64_t first, State* state) const;
  bool Bind(int64_t shown, int64_t least, int64_t* time) const;
  int64_t CountOf(const State& state) const;
  std::string DescribeConfiguration(int64_t name, const State& state) const;
  std::string ExpectedPage(const Op& op, const State& state) const;

  const Partition& partition_;
  const LinearizabilityOptions& options_;
  std::vector<std::optional<std::string>> hashes_;
};

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_PARTITION_H_
