// Gives LocalKms any bytes where a call has text or a ciphertext. The first
// byte of the input picks the place, the rest are the bytes.
//
// Besides crashes it looks for contradictions: a ciphertext that was changed
// opens, a refusal is not one that KMS could give, or a refused call has
// changed something.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "simdjson.h"
#include "tests/fuzz/require.h"

namespace glue_security {
namespace {

KeyCaller Admin() {
  KeyCaller caller;
  caller.caller = {"123456789012", "us-east-1",
                   "arn:aws:iam::123456789012:user/admin"};
  return caller;
}

void RequireRefusal(const KeyRefusal& refusal) {
  Require(!refusal.code.empty(), "a refusal has a code");
  Require(refusal.request_id.size() == 36, "a refusal has a request id");
  const std::string message = refusal.message.value_or("");
  Require(simdjson::validate_utf8(message.data(), message.size()),
          "a refusal's text is UTF-8");
}

// Returns true if the call succeeded.
bool Check(const std::optional<KeyRefusal>& answer) {
  if (answer.has_value()) RequireRefusal(*answer);
  return !answer.has_value();
}
template <typename Result>
bool Check(const KeyAnswerOf<Result>& answer) {
  const auto* const refusal = std::get_if<KeyRefusal>(&answer);
  if (refusal != nullptr) RequireRefusal(*refusal);
  return refusal == nullptr;
}

// A service that always starts in the same state: a key with an alias, a grant
// and a ciphertext.
class Target {
 public:
  Target() : kms_(Options()) {
    key_ = std::get<KeyMetadata>(kms_.CreateKey(Admin(), {})).arn;
    Require(Check(kms_.CreateAlias(Admin(), "alias/a", key_)), "an alias");
    EncryptCall call;
    call.key = key_;
    call.plaintext = Secret("plaintext");
    call.context = {{"a", "b"}};
    blob_ = std::get<EncryptResult>(kms_.Encrypt(Admin(), call)).blob;
    policy_ = std::get<std::string>(kms_.GetKeyPolicy(Admin(), {key_}));
  }

  void Decrypt(const std::string& bytes, const std::string& key) {
    DecryptCall call;
    call.blob = bytes;
    call.key = key;
    call.context = {{"a", "b"}};
    const bool is_open = Check(kms_.Decrypt(Admin(), call));
    Require(is_open == (bytes == blob_), "a changed ciphertext opens");
  }

  // Exchanges bytes of the ciphertext: pairs of a place and a new byte.
  void DecryptChanged(absl::string_view changes) {
    std::string bytes = blob_;
    for (size_t i = 0; i + 1 < changes.size(); i += 2) {
      bytes[static_cast<uint8_t>(changes[i]) % bytes.size()] = changes[i + 1];
    }
    Decrypt(bytes, "");
    Decrypt(bytes, key_);
  }

  void NameKey(const std::string& name) {
    EncryptCall call;
    call.key = name;
    call.plaintext = Secret("plaintext");
    Check(kms_.Encrypt(Admin(), call));
    Check(kms_.DisableKey(Admin(), name));
    Check(kms_.CreateAlias(Admin(), "alias/b", name));
  }

  void PutPolicy(const std::string& policy) {
    PutKeyPolicyCall call;
    call.key = key_;
    call.policy = policy;
    if (Check(kms_.PutKeyPolicy(Admin(), call))) policy_ = policy;
    const auto now = kms_.GetKeyPolicy(Admin(), {key_});
    // The new policy may deny that it is read.
    if (Check(now)) {
      Require(std::get<std::string>(now) == policy_, "the policy that was put");
    }
    EncryptCall use;
    use.key = key_;
    use.plaintext = Secret("plaintext");
    Check(kms_.Encrypt(Admin(), use));
  }

  void NameAlias(const std::string& name) {
    const bool is_made = Check(kms_.CreateAlias(Admin(), name, key_));
    ListAliasesCall list;
    list.key = key_;
    const auto page =
        std::get<ListAliasesResult>(kms_.ListAliases(Admin(), list));
    Require(page.aliases.size() == (is_made ? 2 : 1), "the aliases of the key");
    if (is_made) {
      Require(Check(kms_.DeleteAlias(Admin(), name)), "an alias is deleted");
    }
  }

  void GiveToken(const std::string& token) {
    EncryptCall call;
    call.key = key_;
    call.plaintext = Secret("plaintext");
    call.grant_tokens = {token};
    Require(!Check(kms_.Encrypt(Admin(), call)), "an invented token");
  }

  void GiveMarker(const std::string& marker) {
    ListAliasesCall aliases;
    aliases.marker = marker;
    Check(kms_.ListAliases(Admin(), aliases));
    ListGrantsCall grants;
    grants.key = key_;
    grants.marker = marker;
    Check(kms_.ListGrants(Admin(), grants));
  }

  // Uses the same text in all places of a grant.
  void MakeGrant(const std::string& text) {
    CreateGrantCall call;
    call.key = key_;
    call.grantee_principal = text;
    call.operations = {"Decrypt"};
    call.constraints.encryption_context_subset =
        EncryptionContext{{text, text}};
    if (Check(kms_.CreateGrant(Admin(), call))) {
      KeyCaller grantee = Admin();
      grantee.caller.principal_arn = text;
      Check(kms_.Decrypt(grantee, {blob_, key_, {{"a", "b"}}, {}}));
    }
    call.name = text;
    Check(kms_.CreateGrant(Admin(), call));
    Check(kms_.RevokeGrant(Admin(), key_, text));
  }

  // Uses the text as what the engine takes from a caller.
  void Call(const std::string& text) {
    KeyCaller caller = Admin();
    caller.caller.principal_arn = text;
    caller.via_service = text;
    Check(
        kms_.Encrypt(caller, {key_, Secret("plaintext"), {{text, text}}, {}}));
    caller.caller.region = text;
    Check(kms_.Encrypt(caller, {"alias/aws/glue", Secret("p"), {}, {}}));
    caller.caller.account_id = text;
    Check(kms_.Encrypt(caller, {key_, Secret("plaintext"), {}, {}}));
    CreateKeyCall create;
    create.description = text;
    create.key_spec = text;
    Check(kms_.CreateKey(caller, create));
  }

  const std::string& key() const { return key_; }

 private:
  LocalKmsOptions Options() {
    LocalKmsOptions options;
    options.clock = &clock_;
    options.random = &random_;
    return options;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  SeededRandom random_{7};
  LocalKms kms_;
  std::string key_;
  std::string blob_;
  std::string policy_;
};

void Run(uint8_t place, const std::string& text) {
  Target target;
  switch (place % 9) {
    case 0:
      target.Decrypt(text, "");
      return;
    case 1:
      target.Decrypt(text, target.key());
      return;
    case 2:
      target.DecryptChanged(text);
      return;
    case 3:
      target.NameKey(text);
      return;
    case 4:
      target.PutPolicy(text);
      return;
    case 5:
      target.NameAlias(text);
      return;
    case 6:
      target.GiveToken(text);
      return;
    case 7:
      target.GiveMarker(text);
      target.MakeGrant(text);
      return;
    default:
      target.Call(text);
  }
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  glue_security::Run(
      data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
