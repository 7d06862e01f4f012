// Plaintexts, data keys and key material are overwritten before their memory is
// freed. Every block that is freed is searched.

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "gtest/gtest.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

// The secret bytes are computed, so that no copy of them is in the program.
constexpr size_t kSecretBytes = 96;
char SecretByte(size_t at) { return static_cast<char>(at * 37 + 11); }

// The bytes that are searched for: malloc overwrites the first 16 of a block
// that it frees.
constexpr size_t kNeedleAt = 16;
constexpr size_t kNeedleBytes = 16;

thread_local bool is_searching = false;
thread_local int blocks_with_secret = 0;

void Search(void* memory) {
  if (!is_searching || memory == nullptr) return;
  const size_t size = malloc_usable_size(memory);
  const char* const bytes = static_cast<const char*>(memory);
  for (size_t at = 0; at + kNeedleBytes <= size; ++at) {
    size_t same = 0;
    while (same < kNeedleBytes &&
           bytes[at + same] == SecretByte(kNeedleAt + same)) {
      ++same;
    }
    if (same == kNeedleBytes) {
      ++blocks_with_secret;
      return;
    }
  }
}

// Gives the secret bytes whenever random ones are asked for.
class SecretSource : public RandomSource {
 public:
  void Fill(char* bytes, size_t size) override {
    for (size_t i = 0; i < size; ++i) bytes[i] = SecretByte(i);
  }
};

// Returns how many blocks with the secret `work` frees.
template <typename Work>
int BlocksFreedBy(Work work) {
  blocks_with_secret = 0;
  is_searching = true;
  work();
  is_searching = false;
  return blocks_with_secret;
}

Secret TheSecret() {
  return Secret::Filled(kSecretBytes, [](char* bytes) {
    for (size_t i = 0; i < kSecretBytes; ++i) bytes[i] = SecretByte(i);
  });
}

TEST(WipedMemory, ABlockThatIsNotWiped_IsFound) {
  EXPECT_EQ(BlocksFreedBy([] {
              std::string text;
              for (size_t i = 0; i < kSecretBytes; ++i) {
                text.push_back(SecretByte(i));
              }
            }),
            2);  // The text outgrew one that already had the needle.
}

TEST(WipedMemory, ASecret_IsWiped) {
  EXPECT_EQ(BlocksFreedBy([] {
              const Secret secret = TheSecret();
              Secret copy = secret;
              copy = Secret(secret.view());
              const Secret moved = std::move(copy);
            }),
            0);
}

TEST(WipedMemory, CallsLeaveNoPlaintextAndNoKey) {
  SecretSource random;
  FakeClock clock(absl::FromUnixSeconds(1));
  LocalKmsOptions options;
  options.random = &random;
  options.clock = &clock;
  EXPECT_EQ(
      BlocksFreedBy([&] {
        auto kms = std::make_unique<LocalKms>(options);
        const auto key =
            std::get<KeyMetadata>(kms->CreateKey(User("admin"), {}));
        EncryptCall call;
        call.key = key.arn;
        call.plaintext = TheSecret();
        const auto encrypted = kms->Encrypt(User("admin"), call);
        const auto& blob = std::get<EncryptResult>(encrypted).blob;
        const auto decrypted = kms->Decrypt(User("admin"), {blob, "", {}, {}});
        EXPECT_EQ(std::get<DecryptResult>(decrypted).plaintext, TheSecret());
        // Others are refused.
        kms->Decrypt(User("admin"), {blob, "", {{"another", "context"}}, {}});
        call.key = "orders";
        kms->Encrypt(User("admin"), call);
        GenerateDataKeyCall generate;
        generate.key = key.arn;
        generate.data_key_bytes = kSecretBytes;
        const auto generated = kms->GenerateDataKey(User("admin"), generate);
        EXPECT_EQ(std::get<GenerateDataKeyResult>(generated).plaintext,
                  TheSecret());
        EXPECT_EQ(
            RefusalOf(kms->RotateKeyOnDemand(User("admin"), key.arn)).code, "");
        // The key is gone first, and then the rest.
        kms->ScheduleKeyDeletion(User("admin"), {key.arn, 7});
        clock.Advance(absl::Hours(7 * 24));
        kms->DescribeKey(User("admin"), {key.arn, {}});
        kms.reset();
      }),
      0);
}

}  // namespace

void SearchFreedMemory(void* memory) { Search(memory); }

}  // namespace glue_security

// The other operators of the standard library call these.
void* operator new(size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void* memory) noexcept {
  glue_security::SearchFreedMemory(memory);
  std::free(memory);
}
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
void operator delete[](void* memory, size_t) noexcept {
  operator delete(memory);
}
