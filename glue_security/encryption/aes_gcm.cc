#include "glue_security/encryption/aes_gcm.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace glue_security {
namespace {

constexpr size_t kAes128KeyBytes = 16;
constexpr size_t kAes256KeyBytes = 32;

// libcrypto takes the size of a piece as an int.
constexpr size_t kPieceBytesMax = size_t{1} << 20;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// The arguments are right, so that libcrypto fails only without memory.
void RequireMemory(bool has_succeeded) {
  if (!has_succeeded) throw std::bad_alloc();
}

// Returns the cipher for a key, looked up once: it takes longer than a small
// encryption.
const EVP_CIPHER* CipherFor(const Secret& key) {
  static EVP_CIPHER* const kAes128 =
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static EVP_CIPHER* const kAes256 =
      EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  const EVP_CIPHER* const cipher =
      key.size() == kAes128KeyBytes ? kAes128 : kAes256;
  RequireMemory(cipher != nullptr);
  return cipher;
}

// One encryption or decryption.
class GcmRun {
 public:
  GcmRun(const Secret& key, absl::string_view nonce, bool encrypts)
      : context_(EVP_CIPHER_CTX_new()) {
    RequireMemory(context_ != nullptr);
    RequireMemory(EVP_CipherInit_ex2(context_.get(), CipherFor(key),
                                     Bytes(key.view()), Bytes(nonce),
                                     encrypts ? 1 : 0, nullptr) == 1);
  }

  // Puts the result for `input` at `out`; null: `input` is associated data.
  void Update(absl::string_view input, uint8_t* out) {
    while (!input.empty()) {
      const absl::string_view piece = input.substr(0, kPieceBytesMax);
      int written = 0;
      RequireMemory(EVP_CipherUpdate(context_.get(), out, &written,
                                     Bytes(piece),
                                     static_cast<int>(piece.size())) == 1);
      if (out != nullptr) out += piece.size();
      input.remove_prefix(piece.size());
    }
  }

  // Returns false when the tag of a decryption is another than the given one.
  bool Finish() {
    // GCM is a stream: nothing is left to be written.
    uint8_t nothing[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), nothing, &written) == 1;
  }

  void GetTag(uint8_t* tag) {
    RequireMemory(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG,
                                      kAesGcmTagBytes, tag) == 1);
  }

  void SetTag(absl::string_view tag) {
    uint8_t copy[kAesGcmTagBytes];
    std::copy_n(Bytes(tag), kAesGcmTagBytes, copy);
    RequireMemory(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG,
                                      kAesGcmTagBytes, copy) == 1);
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_;
};

}  // namespace

bool IsAesKeySize(size_t bytes) {
  return bytes == kAes128KeyBytes || bytes == kAes256KeyBytes;
}

std::string SealAesGcm(const Secret& key, absl::string_view nonce,
                       absl::string_view associated_data,
                       absl::string_view plaintext) {
  if (!IsAesKeySize(key.size()) || nonce.size() != kAesGcmNonceBytes) {
    std::abort();
  }
  std::string sealed(plaintext.size() + kAesGcmTagBytes, '\0');
  auto* const out = reinterpret_cast<uint8_t*>(sealed.data());
  GcmRun run(key, nonce, /*encrypts=*/true);
  run.Update(associated_data, nullptr);
  run.Update(plaintext, out);
  RequireMemory(run.Finish());
  run.GetTag(out + plaintext.size());
  return sealed;
}

std::optional<Secret> OpenAesGcm(const Secret& key, absl::string_view nonce,
                                 absl::string_view associated_data,
                                 absl::string_view sealed) {
  if (!IsAesKeySize(key.size()) || nonce.size() != kAesGcmNonceBytes ||
      sealed.size() < kAesGcmTagBytes) {
    return std::nullopt;
  }
  const size_t text_bytes = sealed.size() - kAesGcmTagBytes;
  GcmRun run(key, nonce, /*encrypts=*/false);
  run.SetTag(sealed.substr(text_bytes));
  run.Update(associated_data, nullptr);
  bool is_genuine = false;
  Secret plaintext = Secret::Filled(text_bytes, [&](char* out) {
    run.Update(sealed.substr(0, text_bytes), reinterpret_cast<uint8_t*>(out));
    is_genuine = run.Finish();
  });
  if (!is_genuine) return std::nullopt;
  return plaintext;
}

}  // namespace glue_security
