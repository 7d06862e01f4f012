#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/testing/histories/connection_part.h"
#include "glue_security/testing/histories/partition.h"

namespace glue_security {
namespace history_internal {
namespace {

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;

// The words of a policy's state.
enum PolicyWord : size_t {
  kText,     // a number, or kAbsent
  kCreated,  // a time, or kUnbound
  kCreatedLeast,
  kUpdated,       // a time, or kUnbound
  kUpdatedLeast,  // without a policy: the time of the last delete
  kFresh,         // 1: created and never replaced, so both times are one
  kPolicyWords,
};

// The words that the state of the configurations holds for each name.
constexpr size_t kBody = 0;  // a number, or kAbsent
constexpr size_t kTime = 1;  // a time, or kUnbound
constexpr size_t kWordsOfName = 2;

size_t WordOf(int64_t name, size_t word) {
  return static_cast<size_t>(name) * kWordsOfName + word;
}

// Returns nothing for a time that no answer has shown.
std::string DescribeTime(absl::string_view what, int64_t time) {
  return time == kUnbound ? "" : absl::StrCat(", ", what, " at ", time, " ms");
}

}  // namespace

uint64_t Spec::assumption_count() const {
  uint64_t count = 1;
  for (const auto& hash : partition_.hashes) {
    if (hash.has_value()) continue;
    count *= partition_.open_hashes.size() + 1;
    if (count > kAssumptionsMax) return kAssumptionsMax + 1;
  }
  return count;
}

void Spec::Assume(uint64_t n) {
  const uint64_t choices = partition_.open_hashes.size() + 1;
  for (size_t text = 0; text < hashes_.size(); ++text) {
    if (partition_.hashes[text].has_value()) continue;
    const uint64_t choice = n % choices;
    n /= choices;
    hashes_[text].reset();
    if (choice > 0) hashes_[text] = partition_.open_hashes[choice - 1];
  }
}

State Spec::Initial() const {
  switch (partition_.resource) {
    case Resource::kPolicy: {
      State state(kPolicyWords, 0);
      state[kText] = kAbsent;
      state[kCreated] = state[kUpdated] = kUnbound;
      state[kCreatedLeast] = state[kUpdatedLeast] = kUnbound;
      return state;
    }
    case Resource::kSettings:
      return State{0};  // `Split` numbers the defaults first.
    case Resource::kConnections:
      return ConnectionSpec(&partition_, &options_).Initial();
    default: {
      State state(partition_.names.size() * kWordsOfName, kUnbound);
      for (size_t i = 0; i < state.size(); i += kWordsOfName) {
        state[i + kBody] = kAbsent;
      }
      return state;
    }
  }
}

bool Spec::Apply(const Op& op, bool unknown, const State& state,
                 State* next) const {
  *next = state;
  if (!op.impossible.empty() && !unknown) return false;
  if (op.operation == kNoOperation) return true;  // Not answered yet.
  const v1::ErrorCode code = Decide(op, state);
  if (!unknown && code != op.code) return false;
  if (code != kOk) return true;
  if (partition_.resource == Resource::kConnections) {
    const ConnectionSpec connections(&partition_, &options_);
    if (!unknown && !connections.Shows(op, next)) return false;
    connections.Effect(op, next);
    return true;
  }
  if (op.read_only) return unknown || Shows(op, next);
  Effect(op, unknown, next);
  return true;
}

v1::ErrorCode Spec::Decide(const Op& op, const State& state) const {
  if (partition_.resource == Resource::kConnections) {
    return ConnectionSpec(&partition_, &options_).Decide(op, state);
  }
  switch (op.operation) {
    case v1::Request::kPutResourcePolicy:
      return DecidePut(op, state);
    case v1::Request::kGetResourcePolicy:
      return state[kText] == kAbsent ? v1::ERROR_CODE_ENTITY_NOT_FOUND : kOk;
    case v1::Request::kDeleteResourcePolicy:
      if (state[kText] == kAbsent) return v1::ERROR_CODE_ENTITY_NOT_FOUND;
      return HashHolds(op, state) ? kOk
                                  : v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
    case v1::Request::kCreateSecurityConfiguration:
      if (state[WordOf(op.name, kBody)] != kAbsent) {
        return v1::ERROR_CODE_ALREADY_EXISTS;
      }
      return CountOf(state) >= options_.limits.security_configurations_max
                 ? v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED
                 : kOk;
    case v1::Request::kGetSecurityConfiguration:
    case v1::Request::kDeleteSecurityConfiguration:
      return state[WordOf(op.name, kBody)] == kAbsent
                 ? v1::ERROR_CODE_ENTITY_NOT_FOUND
                 : kOk;
    case v1::Request::kGetDataCatalogEncryptionSettings:
    case v1::Request::kPutDataCatalogEncryptionSettings:
    case v1::Request::kGetSecurityConfigurations:
    case v1::Request::kGetResourcePolicies:
    case v1::Request::kCreateConnection:
    case v1::Request::kGetConnection:
    case v1::Request::kGetConnections:
    case v1::Request::kUpdateConnection:
    case v1::Request::kDeleteConnection:
    case v1::Request::kBatchDeleteConnection:
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return kOk;
}

v1::ErrorCode Spec::DecidePut(const Op& op, const State& state) const {
  const bool exists = state[kText] != kAbsent;
  const auto condition =
      op.entry->request.put_resource_policy().policy_exists_condition();
  if (condition == v1::POLICY_EXISTS_CONDITION_MUST_EXIST && !exists) {
    return options_.behavior.must_exist_error_code;
  }
  if (condition == v1::POLICY_EXISTS_CONDITION_NOT_EXIST && exists) {
    return v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
  }
  const bool holds =
      op.hash_condition.has_value()
          ? exists && HashHolds(op, state)
          : !exists || !options_.behavior.require_hash_to_overwrite;
  return holds ? kOk : v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
}

// REQUIRES: there is a policy.
bool Spec::HashHolds(const Op& op, const State& state) const {
  return !op.hash_condition.has_value() ||
         hashes_[static_cast<size_t>(state[kText])] == op.hash_condition;
}

int64_t Spec::CountOf(const State& state) const {
  int64_t count = 0;
  for (size_t i = kBody; i < state.size(); i += kWordsOfName) {
    if (state[i] != kAbsent) ++count;
  }
  return count;
}

void Spec::Effect(const Op& op, bool unknown, State* state) const {
  switch (op.operation) {
    case v1::Request::kPutDataCatalogEncryptionSettings:
      (*state)[0] = op.value;
      return;
    case v1::Request::kPutResourcePolicy:
      WritePolicy(op, state);
      return;
    case v1::Request::kDeleteResourcePolicy: {
      const int64_t least = (*state)[kUpdatedLeast];
      *state = Initial();
      (*state)[kUpdatedLeast] = least;
      return;
    }
    case v1::Request::kCreateSecurityConfiguration: {
      int64_t time = kUnbound;
      if (options_.times == LinearizabilityOptions::Times::kConsistent) {
        if (options_.fixed_time.has_value()) {
          time = absl::ToUnixMillis(*options_.fixed_time);
        } else if (!unknown) {
          time = op.created_ms;
        }
      }
      (*state)[WordOf(op.name, kBody)] = op.value;
      (*state)[WordOf(op.name, kTime)] = time;
      return;
    }
    case v1::Request::kDeleteSecurityConfiguration:
      (*state)[WordOf(op.name, kBody)] = kAbsent;
      (*state)[WordOf(op.name, kTime)] = kUnbound;
      return;
    case v1::Request::kGetDataCatalogEncryptionSettings:
    case v1::Request::kGetResourcePolicy:
    case v1::Request::kGetSecurityConfiguration:
    case v1::Request::kGetSecurityConfigurations:
    case v1::Request::kGetResourcePolicies:
    case v1::Request::kCreateConnection:
    case v1::Request::kGetConnection:
    case v1::Request::kGetConnections:
    case v1::Request::kUpdateConnection:
    case v1::Request::kDeleteConnection:
    case v1::Request::kBatchDeleteConnection:
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
}

void Spec::WritePolicy(const Op& op, State* state) const {
  const bool creates = (*state)[kText] == kAbsent;
  (*state)[kText] = op.value;
  if (options_.times == LinearizabilityOptions::Times::kIgnored) return;
  (*state)[kUpdated] = kUnbound;
  if (options_.fixed_time.has_value()) {
    (*state)[kUpdated] = (*state)[kUpdatedLeast] = std::max(
        absl::ToUnixMillis(*options_.fixed_time), (*state)[kUpdatedLeast]);
  }
  (*state)[kFresh] = creates ? 1 : 0;
  if (creates) {
    (*state)[kCreated] = (*state)[kUpdated];
    (*state)[kCreatedLeast] = (*state)[kUpdatedLeast];
  }
}

// Returns true when `*time`, which is at least `least`, can be `shown`, and
// makes it so.
bool Spec::Bind(int64_t shown, int64_t least, int64_t* time) const {
  if (options_.times == LinearizabilityOptions::Times::kIgnored) return true;
  if (*time != kUnbound) return *time == shown;
  if (shown < least) return false;
  *time = shown;
  return true;
}

bool Spec::Shows(const Op& op, State* state) const {
  switch (op.operation) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
      return (*state)[0] == op.value;
    case v1::Request::kGetResourcePolicy:
      return (*state)[kText] == op.value && ShowsPolicyTimes(op, state);
    case v1::Request::kGetResourcePolicies:
      return (*state)[kText] == op.value &&
             (op.value == kAbsent || ShowsPolicyTimes(op, state));
    case v1::Request::kGetSecurityConfiguration:
      return (*state)[WordOf(op.name, kBody)] == op.value &&
             Bind(op.created_ms, kUnbound, &(*state)[WordOf(op.name, kTime)]);
    case v1::Request::kGetSecurityConfigurations:
      for (const int64_t first : op.firsts) {
        State tried = *state;
        if (!ShowsPage(op, first, &tried)) continue;
        *state = std::move(tried);
        return true;
      }
      return false;
    case v1::Request::kPutDataCatalogEncryptionSettings:
    case v1::Request::kPutResourcePolicy:
    case v1::Request::kDeleteResourcePolicy:
    case v1::Request::kCreateSecurityConfiguration:
    case v1::Request::kDeleteSecurityConfiguration:
    case v1::Request::kCreateConnection:
    case v1::Request::kGetConnection:
    case v1::Request::kGetConnections:
    case v1::Request::kUpdateConnection:
    case v1::Request::kDeleteConnection:
    case v1::Request::kBatchDeleteConnection:
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return true;
}

bool Spec::ShowsPolicyTimes(const Op& op, State* state) const {
  if (options_.times == LinearizabilityOptions::Times::kIgnored) return true;
  if ((*state)[kFresh] == 1 && op.created_ms != op.updated_ms) return false;
  if (!Bind(op.created_ms, (*state)[kCreatedLeast], &(*state)[kCreated])) {
    return false;
  }
  (*state)[kCreatedLeast] = op.created_ms;
  (*state)[kUpdatedLeast] = std::max((*state)[kUpdatedLeast], op.created_ms);
  if (!Bind(op.updated_ms, (*state)[kUpdatedLeast], &(*state)[kUpdated])) {
    return false;
  }
  (*state)[kUpdatedLeast] = op.updated_ms;
  return true;
}

bool Spec::ShowsPage(const Op& op, int64_t first, State* state) const {
  size_t next = 0;
  const auto end = static_cast<int64_t>(partition_.names.size());
  int64_t name = first;
  for (; name < end && static_cast<int64_t>(next) < op.size; ++name) {
    if ((*state)[WordOf(name, kBody)] == kAbsent) continue;
    if (next == op.shown.size()) return false;
    const Shown& shown = op.shown[next++];
    if (shown.name != name || shown.body != (*state)[WordOf(name, kBody)] ||
        !Bind(shown.created_ms, kUnbound, &(*state)[WordOf(name, kTime)])) {
      return false;
    }
  }
  if (next != op.shown.size()) return false;
  bool more = false;
  for (; name < end; ++name) {
    more = more || (*state)[WordOf(name, kBody)] != kAbsent;
  }
  return more == op.more;
}

std::string Spec::DescribeConfiguration(int64_t name,
                                        const State& state) const {
  return absl::StrCat(
      QuoteShort(partition_.names[static_cast<size_t>(name)]), " ",
      partition_.labels[static_cast<size_t>(state[WordOf(name, kBody)])],
      DescribeTime("created", state[WordOf(name, kTime)]));
}

std::string Spec::ExpectedPage(const Op& op, const State& state) const {
  std::vector<std::string> shown;
  bool more = false;
  for (size_t i = static_cast<size_t>(op.firsts.front());
       i < partition_.names.size(); ++i) {
    const auto name = static_cast<int64_t>(i);
    if (state[WordOf(name, kBody)] == kAbsent) continue;
    if (static_cast<int64_t>(shown.size()) == op.size) {
      more = true;
      break;
    }
    shown.push_back(DescribeConfiguration(name, state));
  }
  return absl::StrCat("[", absl::StrJoin(shown, ", "), "]",
                      more ? " and more" : "");
}

std::string Spec::Expected(const Op& op, const State& state) const {
  if (!op.impossible.empty()) return op.impossible;
  const v1::ErrorCode code = Decide(op, state);
  if (code != kOk) return std::string(ErrorCodeName(code));
  if (partition_.resource == Resource::kConnections) {
    return ConnectionSpec(&partition_, &options_).Expected(op, state);
  }
  switch (op.operation) {
    case v1::Request::kGetResourcePolicy:
    case v1::Request::kGetResourcePolicies:
    case v1::Request::kGetDataCatalogEncryptionSettings:
      return absl::StrCat("ok, showing ", Describe(state));
    case v1::Request::kGetSecurityConfiguration:
      return absl::StrCat("ok ", DescribeConfiguration(op.name, state));
    case v1::Request::kGetSecurityConfigurations:
      return absl::StrCat("ok ", ExpectedPage(op, state));
    case v1::Request::kPutDataCatalogEncryptionSettings:
    case v1::Request::kPutResourcePolicy:
    case v1::Request::kDeleteResourcePolicy:
    case v1::Request::kCreateSecurityConfiguration:
    case v1::Request::kDeleteSecurityConfiguration:
    case v1::Request::kCreateConnection:
    case v1::Request::kGetConnection:
    case v1::Request::kGetConnections:
    case v1::Request::kUpdateConnection:
    case v1::Request::kDeleteConnection:
    case v1::Request::kBatchDeleteConnection:
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return "ok";
}

std::string Spec::Describe(const State& state) const {
  switch (partition_.resource) {
    case Resource::kPolicy: {
      if (state[kText] == kAbsent) return "no policy";
      const auto text = static_cast<size_t>(state[kText]);
      return absl::StrCat("policy ", partition_.labels[text], " hash ",
                          QuoteShort(hashes_[text].value_or("?"), 6),
                          DescribeTime("created", state[kCreated]),
                          DescribeTime("updated", state[kUpdated]));
    }
    case Resource::kSettings:
      return absl::StrCat("settings ",
                          partition_.labels[static_cast<size_t>(state[0])]);
    case Resource::kConnections:
      return ConnectionSpec(&partition_, &options_).Describe(state);
    default: {
      std::vector<std::string> present;
      for (size_t i = 0; i < partition_.names.size(); ++i) {
        const auto name = static_cast<int64_t>(i);
        if (state[WordOf(name, kBody)] == kAbsent) continue;
        present.push_back(DescribeConfiguration(name, state));
      }
      return present.empty() ? "no configuration"
                             : absl::StrJoin(present, ", ");
    }
  }
}

}  // namespace history_internal
}  // namespace glue_security
