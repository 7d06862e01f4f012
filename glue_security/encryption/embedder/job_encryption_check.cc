#include "glue_security/encryption/embedder/job_encryption_check.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/encryption/decrypt_probe.h"
#include "glue_security/encryption/key_refusal.h"
#include "glue_security/json/json_escape.h"

namespace glue_security {
namespace {

constexpr char kEncrypt[] = "kms:Encrypt";
constexpr char kDecrypt[] = "kms:Decrypt";
constexpr char kGenerateDataKey[] = "kms:GenerateDataKey";

// The text that is encrypted.
constexpr char kProbe[] = "?";

// Uses one key as a job would.
class KeyProbe {
 public:
  KeyProbe(KeyService* keys, KeyCaller caller, std::string key,
           EncryptionContext context)
      : keys_(keys),
        caller_(std::move(caller)),
        key_(std::move(key)),
        context_(std::move(context)) {}

  // Returns why `action` is refused; nullopt: it works. Decrypting is tried on
  // what the other actions made, so they come first.
  std::optional<KeyRefusal> Try(const std::string& action) {
    if (action == kEncrypt) return TryEncrypt();
    if (action == kGenerateDataKey) return TryGenerateDataKey();
    return TryDecrypt();
  }

 private:
  std::optional<KeyRefusal> TryEncrypt() {
    return Keep(keys_->Encrypt(caller_, {key_, Secret(kProbe), context_, {}}));
  }

  std::optional<KeyRefusal> TryGenerateDataKey() {
    return Keep(keys_->GenerateDataKey(caller_, {key_, context_, {}}));
  }

  std::optional<KeyRefusal> TryDecrypt() {
    const bool is_genuine = !blob_.empty();
    const auto answer = keys_->Decrypt(
        caller_, is_genuine ? DecryptCall{blob_, key_, context_, {}}
                            : DecryptProbe(key_, context_));
    const auto* refusal = std::get_if<KeyRefusal>(&answer);
    if (refusal == nullptr) return std::nullopt;
    if (!is_genuine && IsRefusalOfProbe(*refusal)) return std::nullopt;
    return *refusal;
  }

  // Keeps the ciphertext of an answer, or returns the refusal.
  template <typename Result>
  std::optional<KeyRefusal> Keep(const KeyAnswerOf<Result>& answer) {
    if (const auto* refusal = std::get_if<KeyRefusal>(&answer)) {
      return *refusal;
    }
    blob_ = std::get<Result>(answer).blob;
    return std::nullopt;
  }

  KeyService* const keys_;
  const KeyCaller caller_;
  const std::string key_;
  const EncryptionContext context_;
  std::string blob_;
};

void CheckRole(const JobEncryptionStep& step, const Caller& role,
               KeyService* keys, std::vector<JobEncryptionFailure>* failures) {
  KeyProbe probe(keys, {role, step.via_service}, step.key, {});
  std::vector<std::optional<KeyRefusal>> refusals(step.role_permissions.size());
  for (const bool decrypts : {false, true}) {
    for (size_t i = 0; i < refusals.size(); ++i) {
      const std::string& action = step.role_permissions[i].action;
      if ((action == kDecrypt) == decrypts) refusals[i] = probe.Try(action);
    }
  }
  for (size_t i = 0; i < refusals.size(); ++i) {
    if (!refusals[i].has_value()) continue;
    failures->push_back({step.output, step.role_permissions[i].action,
                         KeyRefusalText(*refusals[i]), refusals[i]});
  }
}

// Asks as the service that the statement names, which uses the key itself.
void CheckService(const JobEncryptionStep& step, const Caller& role,
                  KeyService* keys,
                  std::vector<JobEncryptionFailure>* failures) {
  const KeyPolicyStatement& statement = *step.key_policy;
  KeyCaller service;
  service.caller.account_id = role.account_id;
  service.caller.region = role.region;
  service.caller.partition = role.partition;
  service.service = statement.service;
  KeyProbe probe(keys, std::move(service), step.key, {statement.context});
  for (const char* action : {kGenerateDataKey, kEncrypt, kDecrypt}) {
    std::optional<KeyRefusal> refusal = probe.Try(action);
    if (!refusal.has_value()) continue;
    failures->push_back(
        {step.output, "logs:AssociateKmsKey",
         absl::StrCat("The specified KMS key does not exist or is not allowed "
                      "to be used with Arn '",
                      statement.context.second, "'"),
         std::move(refusal)});
    return;
  }
}

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) AppendJsonEscaped(c, &quoted);
  quoted.push_back('"');
  return quoted;
}

}  // namespace

std::vector<JobEncryptionFailure> CheckJobEncryption(
    const JobEncryptionPlan& plan, const Caller& role, KeyService* keys) {
  std::vector<JobEncryptionFailure> failures;
  for (const JobEncryptionStep& step : plan.steps) {
    if (!step.problem.empty()) {
      failures.push_back({step.output, "", step.problem, std::nullopt});
    } else if (step.key_policy.has_value()) {
      CheckService(step, role, keys, &failures);
    } else if (!step.key.empty()) {
      CheckRole(step, role, keys, &failures);
    }
  }
  return failures;
}

std::string KeyPolicyStatementJson(const KeyPolicyStatement& statement) {
  std::string actions;
  for (const std::string& action : statement.actions) {
    absl::StrAppend(&actions, actions.empty() ? "" : ", ", Quoted(action));
  }
  return absl::StrCat(
      R"({"Effect": "Allow", "Principal": {"Service": )",
      Quoted(statement.service), R"(}, "Action": [)", actions,
      R"(], "Resource": "*", "Condition": {"ArnEquals": {)",
      Quoted(absl::StrCat("kms:EncryptionContext:", statement.context.first)),
      ": ", Quoted(statement.context.second), "}}}");
}

}  // namespace glue_security
