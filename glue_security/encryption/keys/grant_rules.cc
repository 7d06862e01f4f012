#include "glue_security/encryption/keys/grant_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/kms_refusal.h"

namespace glue_security {
namespace {

constexpr size_t kPairsMax = 8;
constexpr size_t kValueBytesMax = 384;

// The keys that support an operation.
enum class Support { kEvery, kEncryption, kSymmetric, kPair, kSigning, kMac };

struct GrantOperation {
  absl::string_view name;
  Support support;
};

constexpr GrantOperation kOperations[] = {
    {"Decrypt", Support::kEncryption},
    {"Encrypt", Support::kEncryption},
    {"GenerateDataKey", Support::kSymmetric},
    {"GenerateDataKeyWithoutPlaintext", Support::kSymmetric},
    {"ReEncryptFrom", Support::kEncryption},
    {"ReEncryptTo", Support::kEncryption},
    {"Sign", Support::kSigning},
    {"Verify", Support::kSigning},
    {"GetPublicKey", Support::kPair},
    {"CreateGrant", Support::kEvery},
    {"RetireGrant", Support::kEvery},
    {"DescribeKey", Support::kEvery},
    {"GenerateDataKeyPair", Support::kSymmetric},
    {"GenerateDataKeyPairWithoutPlaintext", Support::kSymmetric},
    {"GenerateMac", Support::kMac},
    {"VerifyMac", Support::kMac},
};

bool IsSupported(absl::string_view operation, KeyKind kind, KeyUsage usage) {
  const auto* const found = std::find_if(
      std::begin(kOperations), std::end(kOperations),
      [&](const GrantOperation& known) { return known.name == operation; });
  if (found == std::end(kOperations)) return false;
  switch (found->support) {
    case Support::kEvery:
      return true;
    case Support::kEncryption:
      return usage == KeyUsage::kEncryptDecrypt;
    case Support::kSymmetric:
      return kind == KeyKind::kSymmetric;
    case Support::kPair:
      return kind == KeyKind::kRsa || kind == KeyKind::kEcc;
    case Support::kSigning:
      return usage == KeyUsage::kSignVerify;
    case Support::kMac:
      break;
  }
  return usage == KeyUsage::kGenerateVerifyMac;
}

KeyRefusal Invalid(std::string message) {
  return Refuse("ValidationException", std::move(message));
}

std::optional<KeyRefusal> RefuseConstraint(
    const std::optional<EncryptionContext>& pairs) {
  if (!pairs.has_value()) return std::nullopt;
  if (pairs->size() > kPairsMax) {
    return Invalid(absl::StrCat("a grant constraint may have at most ",
                                kPairsMax, " pairs"));
  }
  for (const auto& [key, value] : *pairs) {
    if (value.size() > kValueBytesMax) {
      return Invalid(
          absl::StrCat("a value of a grant constraint may have at "
                       "most ",
                       kValueBytesMax, " bytes"));
    }
  }
  return std::nullopt;
}

bool IsSubset(const EncryptionContext& part, const EncryptionContext& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

absl::Span<const absl::string_view> GrantOperationNames() {
  static const auto* const kNames = [] {
    auto* const names = new std::vector<absl::string_view>();
    for (const GrantOperation& known : kOperations) {
      names->push_back(known.name);
    }
    return names;
  }();
  return *kNames;
}

std::optional<KeyRefusal> RefuseGrant(const CreateGrantCall& call,
                                      const KeySpec& spec, KeyUsage usage) {
  for (const std::string& operation : call.operations) {
    if (!IsSupported(operation, spec.kind, usage)) {
      return Invalid(absl::StrCat("a key of the spec ", spec.name,
                                  " does not support the operation ",
                                  operation));
    }
  }
  const auto& equals = call.constraints.encryption_context_equals;
  const auto& subset = call.constraints.encryption_context_subset;
  if (spec.kind != KeyKind::kSymmetric &&
      (equals.has_value() || subset.has_value())) {
    return Invalid(absl::StrCat("a key of the spec ", spec.name,
                                " has no encryption context to constrain"));
  }
  if (auto refusal = RefuseConstraint(equals)) return refusal;
  return RefuseConstraint(subset);
}

bool Fulfils(const EncryptionContext& context,
             const GrantConstraints& constraints) {
  const auto& equals = constraints.encryption_context_equals;
  const auto& subset = constraints.encryption_context_subset;
  return (!equals.has_value() || *equals == context) &&
         (!subset.has_value() || IsSubset(*subset, context));
}

bool IsAtLeastAsStrict(const GrantConstraints& child,
                       const GrantConstraints& parent) {
  // Only one context fulfils such a child, if any.
  if (child.encryption_context_equals.has_value()) {
    return !Fulfils(*child.encryption_context_equals, child) ||
           Fulfils(*child.encryption_context_equals, parent);
  }
  if (parent.encryption_context_equals.has_value()) return false;
  const EncryptionContext none;
  return IsSubset(parent.encryption_context_subset.value_or(none),
                  child.encryption_context_subset.value_or(none));
}

}  // namespace glue_security
