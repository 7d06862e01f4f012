// A key management service for tests of a program's own. docs/local_kms.md
// shows its parts and its output.

#include "glue_security/encryption/keys/local_kms.h"

#include <iostream>
#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/random_source.h"

using namespace glue_security;

namespace {

constexpr char kAccount[] = "123456789012";

KeyCaller User(const std::string& name) {
  KeyCaller caller;
  caller.caller = {kAccount, "us-east-1",
                   "arn:aws:iam::123456789012:user/" + name};
  return caller;
}

// Shows an answer, and returns the plaintext in it.
std::string Show(const KeyAnswerOf<DecryptResult>& answer) {
  if (const auto* const refusal = std::get_if<KeyRefusal>(&answer)) {
    std::cout << refusal->code << ": " << refusal->message.value_or("") << "\n";
    return "";
  }
  const auto& result = std::get<DecryptResult>(answer);
  std::cout << "decrypted " << result.plaintext.size() << " bytes\n";
  return std::string(result.plaintext.view());
}

}  // namespace

// An answer that is not expected ends the example.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main() {
  // [repeatable]
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  SeededRandom random(1);
  LocalKmsOptions options;
  options.clock = &clock;
  options.random = &random;
  LocalKms kms(options);
  // [repeatable end]

  // [key]
  const KeyCaller alice = User("alice");
  const auto created = kms.CreateKey(alice, {"the orders"});
  const std::string key = std::get<KeyMetadata>(created).arn;
  kms.CreateAlias(alice, "alias/orders", key);

  EncryptCall encrypt;
  encrypt.key = "alias/orders";
  encrypt.plaintext = Secret("hunter2");
  encrypt.context = {{"table", "orders"}};
  const auto encrypted = kms.Encrypt(alice, encrypt);

  DecryptCall decrypt;
  decrypt.blob = std::get<EncryptResult>(encrypted).blob;
  decrypt.context = {{"table", "orders"}};
  const std::string plaintext = Show(kms.Decrypt(alice, decrypt));
  decrypt.context = {{"table", "customers"}};
  Show(kms.Decrypt(alice, decrypt));
  decrypt.context = {{"table", "orders"}};
  // [key end]
  if (plaintext != "hunter2") return 1;

  // [policy]
  PutKeyPolicyCall put;
  put.key = key;
  put.policy = R"({
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
      "Action": "kms:*",
      "Resource": "*"
    }, {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"},
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {
        "StringEquals": {"kms:ViaService": "glue.us-east-1.amazonaws.com"}
      }
    }]
  })";
  kms.PutKeyPolicy(alice, put);

  KeyCaller bob = User("bob");
  decrypt.key = key;
  Show(kms.Decrypt(bob, decrypt));
  bob.via_service = "glue.us-east-1.amazonaws.com";
  Show(kms.Decrypt(bob, decrypt));
  // [policy end]

  // [grant]
  CreateGrantCall grant;
  grant.key = key;
  grant.grantee_principal = "arn:aws:iam::123456789012:user/carol";
  grant.operations = {"Decrypt"};
  const auto granted = kms.CreateGrant(alice, grant);
  Show(kms.Decrypt(User("carol"), decrypt));
  kms.RevokeGrant(alice, key, std::get<CreateGrantResult>(granted).grant_id);
  Show(kms.Decrypt(User("carol"), decrypt));
  // [grant end]

  // [states]
  kms.DisableKey(alice, key);
  Show(kms.Decrypt(alice, decrypt));
  kms.ScheduleKeyDeletion(alice, {key, 7});
  Show(kms.Decrypt(alice, decrypt));
  clock.Advance(absl::Hours(7 * 24));
  Show(kms.Decrypt(alice, decrypt));
  // [states end]
  return 0;
}
