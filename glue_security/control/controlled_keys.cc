#include "glue_security/control/controlled_keys.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/kms_json/kms_exceptions.h"

namespace glue_security {
namespace {

// "ok", the exceptions, "other".
constexpr size_t kOutcomes = std::size(kKmsExceptions) + 2;

constexpr const char* kKindNames[] = {"Encrypt", "Decrypt", "GenerateDataKey",
                                      "DescribeKey"};

// The delivery of the operation that this thread executes; null outside of one.
thread_local Delivery* current_delivery = nullptr;

const char* OutcomeName(size_t index) {
  if (index == 0) return "ok";
  return index <= std::size(kKmsExceptions) ? kKmsExceptions[index - 1]
                                            : "other";
}

}  // namespace

KeyRefusal RefusalOf(const KeyFaultPlan& plan, RandomSource* random) {
  KeyRefusal refusal;
  refusal.code = *plan.error;
  if (!plan.message.empty()) refusal.message = plan.message;
  refusal.http_status = KmsStatusOf(refusal.code);
  refusal.request_id = RandomUuid(random);
  return refusal;
}

ControlledKeys::ControlledKeys(KeyService* base, RandomSource* random)
    : base_(*base),
      random_(*random),
      counts_(std::make_unique<std::atomic<uint64_t>[]>(kKinds * kOutcomes)) {}

ControlledKeys::Scope::Scope(Delivery* delivery) {
  current_delivery = delivery;
}

ControlledKeys::Scope::~Scope() { current_delivery = nullptr; }

void ControlledKeys::Record(Kind kind, const KeyRefusal* refusal) {
  size_t outcome = 0;
  if (refusal != nullptr) {
    const auto* const found =
        std::find(std::begin(kKmsExceptions), std::end(kKmsExceptions),
                  absl::string_view(refusal->code));
    outcome = static_cast<size_t>(found - std::begin(kKmsExceptions)) + 1;
  }
  counts_[kind * kOutcomes + outcome].fetch_add(1, std::memory_order_relaxed);
}

template <typename Result, typename Make>
KeyAnswerOf<Result> ControlledKeys::Call(const KeyCaller& caller, Kind kind,
                                         Make make) {
  KeyFaultPlan plan;
  if (FaultRules* const faults = faults_) {
    plan = faults->DecideKeyCall(caller, kKindNames[kind]);
  }
  if (current_delivery != nullptr) current_delivery->delay += plan.delay;
  KeyAnswerOf<Result> answer;
  if (plan.execute) answer = make();
  if (plan.error.has_value()) answer = RefusalOf(plan, &random_);
  Record(kind, std::get_if<KeyRefusal>(&answer));
  return answer;
}

KeyAnswerOf<EncryptResult> ControlledKeys::Encrypt(const KeyCaller& caller,
                                                   const EncryptCall& call) {
  return Call<EncryptResult>(caller, kEncrypt,
                             [&] { return base_.Encrypt(caller, call); });
}

KeyAnswerOf<DecryptResult> ControlledKeys::Decrypt(const KeyCaller& caller,
                                                   const DecryptCall& call) {
  return Call<DecryptResult>(caller, kDecrypt,
                             [&] { return base_.Decrypt(caller, call); });
}

KeyAnswerOf<GenerateDataKeyResult> ControlledKeys::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  return Call<GenerateDataKeyResult>(caller, kGenerateDataKey, [&] {
    return base_.GenerateDataKey(caller, call);
  });
}

KeyAnswerOf<DescribeKeyResult> ControlledKeys::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  return Call<DescribeKeyResult>(
      caller, kDescribeKey, [&] { return base_.DescribeKey(caller, call); });
}

std::string ControlledKeys::MetricsText() const {
  constexpr char kName[] = "glue_security_key_calls_total";
  std::string text = absl::StrCat(
      "# HELP ", kName, " Calls of the engine to its key service.\n# TYPE ",
      kName, " counter\n");
  for (size_t kind = 0; kind < kKinds; ++kind) {
    for (size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      const uint64_t count =
          counts_[kind * kOutcomes + outcome].load(std::memory_order_relaxed);
      if (count == 0) continue;
      absl::StrAppend(&text, kName, "{call=\"", kKindNames[kind],
                      "\",outcome=\"", OutcomeName(outcome), "\"} ", count,
                      "\n");
    }
  }
  return text;
}

}  // namespace glue_security
