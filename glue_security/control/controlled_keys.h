// ControlledKeys: a key service, such as a LocalKms, under the control of a
// test harness: the fault rules of a `Control` reach the calls that an engine
// makes to it, and it counts them.
//
//   LocalKms kms;
//   ControlledKeys keys(&kms);
//   EngineOptions options;
//   options.key_service = &keys;
//   ...  // an engine with these options
//   ControlOptions control;
//   control.keys = &keys;

#ifndef GLUE_SECURITY_CONTROL_CONTROLLED_KEYS_H_
#define GLUE_SECURITY_CONTROL_CONTROLLED_KEYS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/control/delivery.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Returns the refusal that `plan` injects, with a new request id. REQUIRES:
// `plan.error` is set.
KeyRefusal RefusalOf(const KeyFaultPlan& plan, RandomSource* random);

// Thread-safe.
class ControlledKeys : public KeyService {
 public:
  // REQUIRES: both outlive this object.
  explicit ControlledKeys(KeyService* base,
                          RandomSource* random = RandomSource::System());

  // The rules that reach the calls from now on; null: none do. REQUIRES: no
  // call is under way when rules are replaced that are destroyed afterwards.
  void SetFaults(FaultRules* faults) { faults_ = faults; }

  // While it lives, the delays of key calls on its thread delay the answer of
  // the operation that makes them. Outside of such a scope they have no effect.
  // Not to be nested.
  class Scope {
   public:
    explicit Scope(Delivery* delivery);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
  };

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

  // Returns a counter of the calls by call and outcome, in the text format of
  // Prometheus. Combinations that never occurred are left out.
  std::string MetricsText() const;

 private:
  // The calls, in the order of the metrics.
  enum Kind : size_t { kEncrypt, kDecrypt, kGenerateDataKey, kDescribeKey };
  static constexpr size_t kKinds = 4;

  template <typename Result, typename Make>
  KeyAnswerOf<Result> Call(const KeyCaller& caller, Kind kind, Make make);
  void Record(Kind kind, const KeyRefusal* refusal);

  KeyService& base_;
  RandomSource& random_;
  std::atomic<FaultRules*> faults_{nullptr};
  // By kind, then by outcome: "ok", the exceptions of KMS, "other".
  const std::unique_ptr<std::atomic<uint64_t>[]> counts_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_CONTROLLED_KEYS_H_
