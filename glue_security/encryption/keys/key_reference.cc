#include "glue_security/encryption/keys/key_reference.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/policy/arn.h"
#include "glue_security/validation/quote.h"

namespace glue_security {
namespace {

constexpr absl::string_view kAliasPrefix = "alias/";
constexpr absl::string_view kKeyPrefix = "key/";

std::string Quote(absl::string_view text) {
  return QuoteValue(text, std::nullopt);
}

bool AreHexDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
}

// Returns the parts of an ARN of KMS; nullopt for other text.
std::optional<ArnFields> SplitKmsArn(absl::string_view text) {
  const std::optional<ArnFields> fields = SplitArn(text);
  if (!fields.has_value() || fields->prefix != "arn" ||
      fields->service != "kms" ||
      (!absl::StartsWith(fields->resource, kKeyPrefix) &&
       !absl::StartsWith(fields->resource, kAliasPrefix))) {
    return std::nullopt;
  }
  return fields;
}

// REQUIRES: the resource is a key or an alias.
KeyReference FromArn(absl::string_view text, const ArnFields& fields) {
  KeyReference reference;
  reference.scope = {std::string(fields.account), std::string(fields.region)};
  reference.arn = std::string(text);
  absl::string_view name = fields.resource;
  if (!absl::ConsumePrefix(&name, kKeyPrefix)) {
    reference.kind = KeyReference::Kind::kAlias;
  }
  reference.name = std::string(name);
  return reference;
}

std::variant<KeyReference, KeyRefusal> ParseArn(absl::string_view text,
                                                const Caller& caller) {
  const std::optional<ArnFields> fields = SplitKmsArn(text);
  if (!fields.has_value() ||
      fields->partition !=
          PartitionOf({caller.region, caller.account_id, caller.partition})) {
    return Refuse(
        "InvalidArnException",
        absl::StrCat("not the ARN of a key or an alias: '", Quote(text), "'"));
  }
  if (fields->region != caller.region) {
    return Refuse("NotFoundException",
                  absl::StrCat("Invalid arn ", Quote(fields->region)));
  }
  KeyReference reference = FromArn(text, *fields);
  if (reference.kind == KeyReference::Kind::kKey && !IsKeyId(reference.name)) {
    return RefuseKeyId(text);
  }
  return reference;
}

}  // namespace

KeyScope ScopeOf(const Caller& caller) {
  return {caller.account_id, caller.region};
}

std::variant<KeyReference, KeyRefusal> ParseKeyReference(absl::string_view text,
                                                         const Caller& caller) {
  if (absl::StartsWith(text, "arn:")) return ParseArn(text, caller);
  KeyReference reference;
  reference.scope = ScopeOf(caller);
  reference.name = std::string(text);
  if (absl::StartsWith(text, kAliasPrefix)) {
    reference.kind = KeyReference::Kind::kAlias;
    reference.arn = KmsArn(caller, caller.account_id, text);
    return reference;
  }
  if (!IsKeyId(text)) return RefuseKeyId(text);
  reference.arn =
      KmsArn(caller, caller.account_id, absl::StrCat(kKeyPrefix, text));
  return reference;
}

KeyRefusal RefuseKeyId(absl::string_view text) {
  return Refuse("NotFoundException",
                absl::StrCat("Invalid keyId '", Quote(text), "'"));
}

std::optional<KeyReference> ParseKeyArn(absl::string_view arn) {
  const std::optional<ArnFields> fields = SplitKmsArn(arn);
  if (!fields.has_value()) return std::nullopt;
  KeyReference reference = FromArn(arn, *fields);
  if (reference.kind != KeyReference::Kind::kKey || !IsKeyId(reference.name)) {
    return std::nullopt;
  }
  return reference;
}

std::string KmsArn(const Caller& caller, absl::string_view account_id,
                   absl::string_view resource) {
  return absl::StrCat(
      "arn:", PartitionOf({caller.region, caller.account_id, caller.partition}),
      ":kms:", caller.region, ":", account_id, ":", resource);
}

bool IsKeyId(absl::string_view text) {
  constexpr size_t kHexDigits = 32;
  if (absl::ConsumePrefix(&text, "mrk-")) {
    return text.size() == kHexDigits && AreHexDigits(text);
  }
  // 8-4-4-4-12.
  if (text.size() != kHexDigits + 4) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-'
                : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

}  // namespace glue_security
