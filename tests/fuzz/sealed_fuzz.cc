// Reads any bytes as a stored object, as a change of a sealed one, and as a
// ciphertext. The first byte of the input picks one of the three.
//
// Besides crashes it looks for bytes that open although the library did not
// make them.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/connection_passwords.h"
#include "glue_security/encryption/embedder/catalog_sealer.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/model/utf8_text.h"
#include "tests/fuzz/require.h"

namespace glue_security {
namespace {

using Settings = v1::DataCatalogEncryptionSettings;

constexpr char kText[] = "columns: order_id bigint";
constexpr char kKind[] = "table";
constexpr char kId[] = "default/orders";

// A key service with one key, and what was made with it.
class World {
 public:
  World() {
    const auto made = kms_.CreateKey(key_caller_, {});
    key_ = std::get<KeyMetadata>(made).arn;
    Settings on;
    auto* at_rest = on.mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    at_rest->set_sse_aws_kms_key_id(key_);
    sealed_ = Seal(on, kText);
    EncryptCall call;
    call.key = key_;
    call.plaintext = Secret(kText);
    blob_ = std::get<EncryptResult>(kms_.Encrypt(key_caller_, call)).blob;
  }

  std::string Seal(const Settings& settings, absl::string_view bytes) {
    return CatalogSealer(settings, &kms_)
        .Seal(key_caller_.caller, catalog_, kKind, kId, bytes)
        .value();
  }
  absl::StatusOr<Secret> Open(absl::string_view stored) {
    return CatalogSealer({}, &kms_).Open(key_caller_.caller, catalog_, kKind,
                                         kId, stored);
  }
  KeyAnswerOf<DecryptResult> Decrypt(absl::string_view blob) {
    DecryptCall call;
    call.blob = std::string(blob);
    return kms_.Decrypt(key_caller_, call);
  }

  const std::string& sealed() const { return sealed_; }
  const std::string& blob() const { return blob_; }

 private:
  SeededRandom random_{1};
  LocalKms kms_{[this] {
    LocalKmsOptions options;
    options.random = &random_;
    return options;
  }()};
  const KeyCaller key_caller_ = {
      {"123456789012", "us-east-1", "arn:aws:iam::123456789012:user/alice"}};
  const CatalogKey catalog_ = {"123456789012", "us-east-1"};
  std::string key_;
  std::string sealed_;
  std::string blob_;
};

void CheckStored(World* world, absl::string_view stored) {
  const auto opened = world->Open(stored);
  if (!opened.ok()) {
    Require(stored != world->sealed(), "a sealed object does not open");
    return;
  }
  if (stored == world->sealed()) {
    Require(opened->view() == kText, "a sealed object opens as another");
    return;
  }
  // Only what was stored in clear opens otherwise, in exactly one form.
  Require(world->Seal({}, opened->view()) == stored,
          "bytes open that the library does not make");
}

// Changes the sealed object: three bytes of `changes` are a place and what is
// flipped there.
void CheckChanged(World* world, absl::string_view changes) {
  std::string stored = world->sealed();
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    const size_t place = static_cast<uint8_t>(changes[0]) << 8 |
                         static_cast<uint8_t>(changes[1]);
    stored[place % stored.size()] ^= changes[2];
  }
  CheckStored(world, stored);
}

void CheckCiphertext(World* world, absl::string_view bytes) {
  const auto answer = world->Decrypt(bytes);
  const bool decrypts = std::holds_alternative<DecryptResult>(answer);
  Require(decrypts == (bytes == world->blob()),
          "a ciphertext decrypts that the key service did not make");

  // Takes the bytes as a stored ENCRYPTED_PASSWORD, and as what is in one.
  const std::map<std::string, std::string> stored = {
      {"ENCRYPTED_PASSWORD", std::string(bytes)}};
  const auto calls = PasswordsToDecrypt({}, false, PropertiesOf(stored));
  Require(calls.size() == (bytes.empty() ? 0 : 1), "a call too many or few");
  const DecryptResult result = {Secret(bytes), "arn:aws:kms:us-east-1:1:key/1"};
  const std::vector<const DecryptResult*> results(calls.size(), &result);
  const auto edits = EditsOfRead({}, false, PropertiesOf(stored), results);
  for (const PropertyEdit& edit : edits) {
    if (!edit.value.has_value()) continue;
    const absl::string_view shown = edit.value->view();
    Require(IsUtf8(shown), "a password is shown that is not UTF-8");
    Require(IsUtf8(bytes) == (shown == bytes), "a password is shown changed");
  }
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;
  static auto* const kWorld = new World();
  if (size == 0) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  switch (data[0] % 3) {
    case 0:
      CheckStored(kWorld, rest);
      break;
    case 1:
      CheckChanged(kWorld, rest);
      break;
    case 2:
      CheckCiphertext(kWorld, rest);
      break;
  }
  return 0;
}
