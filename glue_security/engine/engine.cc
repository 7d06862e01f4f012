#include "glue_security/engine/engine.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "glue_security/access/judge_access.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/guarded_storage.h"
#include "glue_security/engine/operation_run_io.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/record.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/arn.h"
#include "glue_security/state_machine/resource_policy.h"

namespace glue_security {
namespace {

CoreOptions ToCoreOptions(const EngineOptions& options) {
  CoreOptions core_options;
  core_options.behavior = options.behavior;
  core_options.limits = options.limits;
  core_options.hasher = options.hasher;
  core_options.authorizer = options.authorizer;
  core_options.principal_exists = options.principal_exists;
  return core_options;
}

void DefaultWait(int attempts) {
  constexpr int kYields = 4;
  constexpr int kSleepShiftMax = 10;
  if (attempts <= kYields) {
    std::this_thread::yield();
    return;
  }
  const int shift = std::min(attempts - kYields, kSleepShiftMax);
  absl::SleepFor(absl::Microseconds(1 << shift));
}

// Returns the error of an operation whose read failed with `status`.
v1::Error ReadError(const absl::Status& status) {
  if (FailureOf(status) == StorageFailure::kDataLoss) {
    return DamagedRecordError();
  }
  return MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                   "the storage could not be read",
                   v1::Error::DETAIL_NOT_APPLIED);
}

bool IsReadOnly(RequestRef request) {
  return GetOperationInfo(request.operation()).read_only();
}

constexpr char kThrown[] = "an exception ended the call";

// Returns the account of the catalog that is asked.
const std::string& AccountOf(const AccessFacts& facts, const Caller& caller) {
  return facts.catalog_id.has_value() ? *facts.catalog_id : caller.account_id;
}

// Returns the account of the principal that is asked about.
absl::string_view AccountOfPrincipal(const AccessFacts& facts,
                                     const Caller& caller) {
  if (facts.principal.has_value()) {
    const auto arn = SplitArn(facts.principal->arn);
    if (arn.has_value() && !arn->account.empty()) return arn->account;
  }
  return caller.account_id;
}

// Returns the error of a call that threw before anything was sent to the
// storage.
v1::Error ThrownError() {
  return OrEnd([] {
    return MakeError(v1::ERROR_CODE_INTERNAL_SERVICE, kThrown,
                     v1::Error::DETAIL_NOT_APPLIED);
  });
}

v1::ErrorCode CodeOf(const Outcome& outcome) {
  const auto* error = std::get_if<v1::Error>(&outcome);
  return error == nullptr ? v1::ERROR_CODE_UNSPECIFIED : error->code();
}

}  // namespace

Engine::Engine(Storage* storage, EngineOptions options)
    : storage_(storage),
      options_(std::move(options)),
      core_options_(ToCoreOptions(options_)) {}

template <typename Response, typename Request>
absl::StatusOr<Response> Engine::Call(const Caller& caller,
                                      const Request& request) {
  try {
    OperationRun run(caller, request, &core_options_, CommitIdFor(request));
    Outcome&& outcome = Finish(caller, request, &run);
    if (const auto* error = std::get_if<v1::Error>(&outcome)) {
      return ToStatus(*error);
    }
    return std::get<Response>(std::move(outcome));
  } catch (...) {
    return ToStatus(NotBegun(caller, request));
  }
}

#define GLUE_SECURITY_METHOD(Name, field)                                 \
  absl::StatusOr<v1::Name##Response> EngineOperations::Name(              \
      const Caller& caller, const v1::Name##Request& request) {           \
    return static_cast<Engine*>(this)->Call<v1::Name##Response>(caller,   \
                                                                request); \
  }
GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_METHOD)
#undef GLUE_SECURITY_METHOD

absl::Status Engine::Authorize(const Caller& caller,
                               const OperationQuery& query,
                               AccessReport* report) {
  try {
    const std::string& account = AccountOf(query, caller);
    auto needed = NeededAccessOf(
        query, {caller.region, account, caller.partition}, options_.behavior);
    if (auto* const wrong = std::get_if<std::string>(&needed)) {
      return ToStatus(
          MakeError(v1::ERROR_CODE_INVALID_INPUT, std::move(*wrong)));
    }
    return AskPolicy(caller, query, std::get<NeededAccess>(needed), report);
  } catch (...) {
    return ToStatus(ThrownError());
  }
}

absl::Status Engine::AuthorizeResource(const Caller& caller,
                                       const ResourceQuery& query,
                                       AccessReport* report) {
  try {
    NeededAccess needed;
    needed.action = query.action;
    needed.resources = {{query.resource}};
    return AskPolicy(caller, query, needed, report);
  } catch (...) {
    return ToStatus(ThrownError());
  }
}

absl::Status Engine::AskPolicy(const Caller& caller, const AccessFacts& facts,
                               const NeededAccess& needed,
                               AccessReport* report) {
  const std::string& account = AccountOf(facts, caller);
  std::shared_ptr<const CachedPolicy> policy;
  if (needed.is_catalog_call) {
    auto in_force = PolicyInForce({account, caller.region});
    if (!in_force.ok()) return ToStatus(ReadError(in_force.status()));
    policy = *std::move(in_force);
  }
  AccessInputs inputs;
  inputs.same_account = AccountOfPrincipal(facts, caller) == account;
  inputs.identity = facts.identity;
  inputs.limit = facts.limit;
  if (policy != nullptr) inputs.resource_policy = policy->policy();
  AccessReport found;
  const auto denial =
      JudgeAll(caller, facts, needed, inputs, options_.behavior.explain_denials,
               report == nullptr ? nullptr : &found);
  absl::Status status;
  if (denial.has_value()) {
    status = ToStatus(MakeError(v1::ERROR_CODE_ACCESS_DENIED, *denial));
  }
  if (report != nullptr) *report = std::move(found);
  return status;
}

absl::StatusOr<std::shared_ptr<const CachedPolicy>> Engine::PolicyInForce(
    const CatalogKey& catalog) {
  std::shared_ptr<const CachedPolicy> known;
  // A record is copied if the cache does not have its policy, so that it is
  // compiled after the storage has taken the record back.
  std::optional<std::string> record;
  const ReadSet read_set = {catalog, {ResourcePolicyKey()}, std::nullopt};
  const absl::Status status =
      VisitGuarded(storage_, read_set, [&](const SnapshotView& snapshot) {
        if (!snapshot.has(0)) return;
        const absl::string_view value = snapshot.value(0);
        const auto stored = DecodeResourcePolicy(value, TextCheck::kNone);
        if (stored.has_value() && stored->deleted) return;
        if (stored.has_value()) known = policies_.Find(*stored);
        if (known == nullptr) record.emplace(value.data(), value.size());
      });
  if (!status.ok()) return status;
  if (!record.has_value()) return known;
  const auto stored = DecodeResourcePolicy(*record);
  if (!stored.has_value()) {
    // `ReadError` has the text.
    return absl::DataLossError("");
  }
  return policies_.Get(*stored);
}

v1::Response Engine::Execute(const Caller& caller, const v1::Request& request) {
  try {
    OperationRun run(caller, request, &core_options_, CommitIdFor(request));
    return ToResponse(Finish(caller, request, &run));
  } catch (...) {
    return ToResponse(NotBegun(caller, request));
  }
}

v1::Error Engine::NotBegun(const Caller& caller, RequestRef request) {
  v1::Error error = ThrownError();
  OperationEvent event;
  event.operation = request.operation();
  event.caller = &caller;
  event.error_code = error.code();
  Observe(event);
  return error;
}

Outcome&& Engine::Finish(const Caller& caller, RequestRef request,
                         OperationRun* run) noexcept {
  try {
    if (run->need() == OperationRun::Need::kDone) {
      // `Prepare` has refused the request.
    } else if (IsReadOnly(request)) {
      Drive(run, nullptr);
    } else {
      std::unique_lock<std::mutex> line = lines_.Enter(run->read_set().catalog);
      Drive(run, &line);
    }
  } catch (...) {
    OrEnd([run] { run->GiveUp(kThrown); });
  }
  Outcome&& outcome = run->TakeOutcome();
  if (options_.observer != nullptr) {
    OperationEvent event;
    event.operation = request.operation();
    event.caller = &caller;
    event.error_code = CodeOf(outcome);
    event.attempts = run->attempts();
    event.had_unknown_commit = run->had_unknown_commit();
    Observe(event);
  }
  return std::move(outcome);
}

// The loop ends because the run counts every turn against its bound.
void Engine::Drive(OperationRun* run, std::unique_lock<std::mutex>* line) {
  while (true) {
    switch (run->need()) {
      case OperationRun::Need::kRead:
        ReadForRun(storage_, options_.clock, run);
        break;
      case OperationRun::Need::kCommit:
        CommitForRun(storage_, run);
        break;
      case OperationRun::Need::kKeyCall:
        // Other writers may pass, since a key service may be far away.
        if (line != nullptr) line->unlock();
        CallKeyForRun(Keys(), run);
        if (line != nullptr) line->lock();
        break;
      case OperationRun::Need::kWait:
        // Other writers may pass while this one waits.
        if (line != nullptr) line->unlock();
        if (options_.wait) {
          options_.wait(run->attempts());
        } else {
          DefaultWait(run->attempts());
        }
        run->Waited();
        if (line != nullptr) line->lock();
        break;
      case OperationRun::Need::kDone:
        return;
    }
  }
}

KeyService* Engine::Keys() {
  if (options_.key_service != nullptr) return options_.key_service;
  std::call_once(own_keys_made_, [this] {
    LocalKmsOptions options;
    options.clock = options_.clock;
    own_keys_ = std::make_unique<LocalKms>(options);
  });
  return own_keys_.get();
}

CommitId Engine::CommitIdFor(RequestRef request) {
  // A read writes no id and need not fetch one from the counter that all
  // threads share.
  if (IsReadOnly(request)) return CommitId();
  if (options_.next_commit_id) return options_.next_commit_id();
  return commit_ids_.Next();
}

void Engine::Observe(const OperationEvent& event) {
  if (options_.observer == nullptr) return;
  try {
    options_.observer->OnOperation(event);
  } catch (...) {
    // The operation has ended, so its answer stands.
  }
}

std::optional<v1::Error> Engine::Refuse(
    const Caller& caller, Operation operation, const CatalogKey& catalog,
    const ResourcePolicyView* policy) const {
  if (options_.authorizer == nullptr) return std::nullopt;
  const auto refusal =
      options_.authorizer->Refuse({caller, operation, catalog, policy});
  if (!refusal.has_value()) return std::nullopt;
  return MakeError(v1::ERROR_CODE_ACCESS_DENIED, *refusal);
}

Engine::Catalog Engine::OpenCatalog(const Caller& caller) {
  return Catalog(this, caller);
}

Engine::Catalog::Catalog(Engine* engine, Caller caller)
    : engine_(engine),
      read_set_{{caller.account_id, caller.region}, {ResourcePolicyKey()}, {}},
      caller_(std::move(caller)),
      checked_(std::make_shared<std::atomic<Revision>>(0)) {}

absl::Status Engine::Catalog::VisitResourcePolicy(
    absl::FunctionRef<void(const ResourcePolicyView&)> visitor) const {
  std::optional<v1::Error> error;
  const auto show = [&](const SnapshotView& snapshot) {
    // A revision has one value (S11), so its texts are checked only once.
    const Revision revision = snapshot.revision(0).value_or(0);
    const bool is_checked =
        checked_->load(std::memory_order_relaxed) == revision;
    const StoredPolicy policy = ReadStoredPolicy(
        snapshot, 0, is_checked ? TextCheck::kNone : TextCheck::kUtf8);
    if (policy.damaged) {
      error = DamagedRecordError();
      return;
    }
    if (!is_checked) checked_->store(revision, std::memory_order_relaxed);
    if (engine_->options_.authorizer != nullptr) {
      error = engine_->Refuse(caller_, v1::Request::kGetResourcePolicy,
                              read_set_.catalog, policy.get());
      if (error.has_value()) return;
    }
    if (policy.exists()) {
      visitor(*policy.view);
    } else {
      error = NoPolicyError(policy);
    }
  };
  try {
    const absl::Status status =
        VisitGuarded(engine_->storage_, read_set_, show);
    if (!status.ok()) error = ReadError(status);
  } catch (...) {
    error = ThrownError();
  }
  if (engine_->options_.observer != nullptr) {
    OperationEvent event;
    event.operation = v1::Request::kGetResourcePolicy;
    event.caller = &caller_;
    event.error_code =
        error.has_value() ? error->code() : v1::ERROR_CODE_UNSPECIFIED;
    engine_->Observe(event);
  }
  return error.has_value() ? ToStatus(*error) : absl::OkStatus();
}

}  // namespace glue_security
