#include "glue_security/capi/embedded_engine.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/control/controlled_calls.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/region_name.h"
#include "glue_security/policy/arn.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/storage/url/storage_from_url.h"

namespace glue_security {
namespace {

// How long a reset or a restore waits for calls in progress.
constexpr absl::Duration kResetWait = absl::Seconds(1);

// Returns the number of the calling thread, for histories: threads are numbered
// from 0 in the order of their first calls to any engine of the process.
int ClientOfThisThread() {
  static std::atomic<int> clients{0};
  thread_local const int kClient = clients.fetch_add(1);
  return kClient;
}

// Checks that the texts of a caller can be used in messages and histories.
absl::Status CheckCaller(const Caller& caller) {
  constexpr size_t kArnBytesMax = 2048;
  if (!IsAccountId(caller.account_id)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an account has 12 digits, not '", PlainText(caller.account_id), "'"));
  }
  if (!IsRegionName(caller.region)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a region has 1 to 64 characters of a-z, 0-9 and '-', not '",
        PlainText(caller.region), "'"));
  }
  const std::string& arn = caller.principal_arn;
  if (arn.size() > kArnBytesMax ||
      !std::all_of(arn.begin(), arn.end(),
                   [](unsigned char c) { return absl::ascii_isprint(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("a principal has at most ", kArnBytesMax,
                     " characters of printable ASCII"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedEngine>> EmbeddedEngine::Open(
    const EmbeddedOptions& options) {
  // Builds protobuf's descriptors here and not in the first call, because
  // protobuf does not survive running out of memory meanwhile.
  ApiSchema::Get();
  Caller caller{options.account_id, options.region, ""};
  if (auto status = CheckCaller(caller); !status.ok()) return status;
  auto storage = StorageFromUrl(options.storage_url);
  if (!storage.ok()) {
    const absl::Status& status = storage.status();
    if (status.code() == absl::StatusCode::kInvalidArgument) return status;
    return absl::UnavailableError(status.message());
  }
  return std::unique_ptr<EmbeddedEngine>(
      new EmbeddedEngine(options, *std::move(storage)));
}

EmbeddedEngine::EmbeddedEngine(const EmbeddedOptions& options,
                               OpenedStorage storage)
    : options_(options),
      storage_(std::move(storage)),
      survives_fork_(dynamic_cast<MemoryStorage*>(storage_.storage.get()) !=
                     nullptr),
      kms_(OptionsOfKeys(options_, &clock_)),
      keys_(&kms_),
      authorizer_(options.identity, options.settings.behavior),
      engine_(storage_.storage.get(), OptionsOfEngine()),
      faults_(&engine_),
      history_(&engine_),
      state_(MakeStorageState(storage_, {}, &kms_)) {
  keys_.SetFaults(&faults_);
}

EmbeddedEngine::~EmbeddedEngine() { keys_.SetFaults(nullptr); }

EngineOptions EmbeddedEngine::OptionsOfEngine() {
  EngineOptions engine;
  engine.behavior = options_.settings.behavior;
  engine.limits = options_.settings.limits;
  engine.clock = &clock_;
  engine.key_service = &keys_;
  if (options_.authorizes) engine.authorizer = &authorizer_;
  return engine;
}

LocalKmsOptions EmbeddedEngine::OptionsOfKeys(const EmbeddedOptions& options,
                                              FakeClock* clock) {
  LocalKmsOptions keys;
  keys.clock = clock;
  if (options.authorizes) {
    keys.identity = [identity = options.identity](const AuthorizationRequest&) {
      return identity;
    };
  }
  return keys;
}

absl::StatusOr<EmbeddedEngine::CallAnswer> EmbeddedEngine::Call(
    Caller caller, absl::string_view target, absl::string_view body) {
  if (caller.account_id.empty()) caller.account_id = options_.account_id;
  if (caller.region.empty()) caller.region = options_.region;
  if (auto status = CheckCaller(caller); !status.ok()) return status;
  if (options_.authorizes && caller.principal_arn.empty()) {
    caller.principal_arn = RootArn({caller.region, caller.account_id});
  }
  const CallGate::Call inside(&gate_);
  if (absl::StartsWith(target, kKmsTargetPrefix)) {
    return CallKms(caller, target, body);
  }
  CallAnswer answer;
  auto decoded = DecodeRequest(target, body, options_.settings.behavior);
  if (const auto* error = std::get_if<FrontEndError>(&decoded)) {
    answer.response = EncodeFrontEndError(*error);
    return answer;
  }
  answer.response = EncodeResponse(*ExecuteControlled(
      {&faults_, options_.records_history ? &history_ : nullptr}, &engine_,
      ClientOfThisThread(), caller, std::get<v1::Request>(std::move(decoded)),
      &answer.delivery));
  return answer;
}

EmbeddedEngine::CallAnswer EmbeddedEngine::CallKms(const Caller& caller,
                                                   absl::string_view target,
                                                   absl::string_view body) {
  CallAnswer answer;
  const auto decoded = DecodeKmsRequest(target, body);
  if (const auto* refusal = std::get_if<KeyRefusal>(&decoded)) {
    answer.response = EncodeKmsRefusal(*refusal);
    return answer;
  }
  const auto& request = std::get<KmsRequest>(decoded);
  KeyCaller key_caller;
  key_caller.caller = caller;
  answer.response = ExecuteKmsControlled(
      &faults_, key_caller, KmsOperationName(request.operation),
      [&] { return AnswerKmsRequest(&kms_, key_caller, request); },
      &answer.delivery);
  return answer;
}

absl::Status EmbeddedEngine::Reset() {
  absl::Status status;
  gate_.RunAlone(kResetWait, [this, &status] {
    status = state_->Reset();
    if (!status.ok()) return;
    faults_.Clear();
    clock_.Reset();
    history_.ClearFinished();
  });
  return status;
}

absl::Status EmbeddedEngine::Save(const std::string& name) {
  return state_->Save(name);
}

absl::Status EmbeddedEngine::Restore(const std::string& name) {
  absl::Status status;
  gate_.RunAlone(kResetWait,
                 [this, &name, &status] { status = state_->Restore(name); });
  return status;
}

}  // namespace glue_security
