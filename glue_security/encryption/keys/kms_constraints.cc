#include "glue_security/encryption/keys/kms_constraints.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/encryption/keys/grant_rules.h"
#include "glue_security/encryption/keys/key_spec.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/validation/quote.h"

namespace glue_security {
namespace {

constexpr size_t kQuotedCodePointsMax = 64;
constexpr size_t kKeyLengthMax = 2048;
constexpr size_t kGrantTokensMax = 10;
constexpr size_t kGrantTokenLengthMax = 8192;
constexpr size_t kMarkerLengthMax = 1024;
constexpr size_t kPolicyLengthMax = 131072;
constexpr size_t kPolicyNameLengthMax = 128;
constexpr size_t kNameLengthMax = 256;
constexpr size_t kPrincipalLengthMax = 256;
constexpr int64_t kPageSizeMax = 100;
constexpr size_t kBlobBytesMax = 6144;
constexpr size_t kDescriptionLengthMax = 8192;
constexpr size_t kGrantIdLengthMax = 128;
constexpr int64_t kPendingDaysMin = 7;
constexpr int64_t kPendingDaysMax = 30;
// How many broken constraints a refusal lists.
constexpr size_t kListedMax = 100;

size_t CodePoints(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool IsWordByte(unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; }

bool IsNameByte(unsigned char c) {
  return IsWordByte(c) || c == ':' || c == '/' || c == '-';
}

bool IsPrincipalByte(unsigned char c) {
  return IsNameByte(c) || c == '+' || c == '=' || c == ',' || c == '.' ||
         c == '@';
}

// Returns true for text in Latin-1, as UTF-8, without controls other than tab,
// line feed and carriage return.
bool IsPolicyText(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x80)) {
      continue;
    }
    const bool is_pair =
        (c == 0xC2 || c == 0xC3) && i + 1 < text.size() &&
        (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80;
    if (!is_pair) return false;
    ++i;
  }
  return !text.empty();
}

std::string Quoted(absl::string_view member, absl::string_view value) {
  return absl::StrCat("Value '", QuoteValue(value, kQuotedCodePointsMax),
                      "' at '", member, "'");
}

std::string Unquoted(absl::string_view member) {
  return absl::StrCat("Value at '", member, "'");
}

}  // namespace

bool KmsConstraints::IsAbsent(absl::string_view member) {
  const auto has = [member](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), member) != names.end();
  };
  if (!has(absent_)) return false;
  if (has(reported_)) return true;
  reported_.emplace_back(member);
  Add(absl::StrCat("Value null at '", member, "'"), "not be null");
  return true;
}

void KmsConstraints::Add(std::string subject, absl::string_view constraint) {
  if (++count_ > kListedMax) return;
  absl::StrAppend(&subject, " failed to satisfy constraint: Member must ",
                  constraint);
  violations_.push_back(std::move(subject));
}

void KmsConstraints::AddLength(std::string subject, size_t length, size_t min,
                               size_t max) {
  if (length < min) {
    Add(std::move(subject),
        absl::StrCat("have length greater than or equal to ", min));
  } else if (length > max) {
    Add(std::move(subject),
        absl::StrCat("have length less than or equal to ", max));
  }
}

void KmsConstraints::Length(absl::string_view member, absl::string_view value,
                            size_t min, size_t max) {
  if (IsAbsent(member)) return;
  const size_t length = CodePoints(value);
  if (length >= min && length <= max) return;
  AddLength(Quoted(member, value), length, min, max);
}

void KmsConstraints::SecretLength(absl::string_view member, size_t bytes,
                                  size_t min, size_t max) {
  if (IsAbsent(member)) return;
  AddLength(Unquoted(member), bytes, min, max);
}

void KmsConstraints::ListSize(absl::string_view member, size_t size, size_t min,
                              size_t max) {
  if (IsAbsent(member)) return;
  AddLength(Unquoted(member), size, min, max);
}

void KmsConstraints::Range(absl::string_view member, int64_t value, int64_t min,
                           int64_t max) {
  if (IsAbsent(member)) return;
  if (value < min) {
    Add(Quoted(member, absl::StrCat(value)),
        absl::StrCat("have value greater than or equal to ", min));
  } else if (value > max) {
    Add(Quoted(member, absl::StrCat(value)),
        absl::StrCat("have value less than or equal to ", max));
  }
}

void KmsConstraints::Pattern(absl::string_view member, absl::string_view value,
                             bool (*is_legal)(unsigned char),
                             absl::string_view pattern) {
  if (IsAbsent(member)) return;
  if (!value.empty() && std::all_of(value.begin(), value.end(), [&](char c) {
        return is_legal(static_cast<unsigned char>(c));
      })) {
    return;
  }
  Add(Quoted(member, value),
      absl::StrCat("satisfy regular expression pattern: ", pattern));
}

void KmsConstraints::OneOf(absl::string_view member, absl::string_view value,
                           absl::Span<const absl::string_view> values) {
  if (IsAbsent(member)) return;
  if (std::find(values.begin(), values.end(), value) != values.end()) return;
  Add(Quoted(member, value), absl::StrCat("satisfy enum value set: [",
                                          absl::StrJoin(values, ", "), "]"));
}

void KmsConstraints::Key(absl::string_view key, absl::string_view member) {
  Length(member, key, 1, kKeyLengthMax);
}

void KmsConstraints::GrantTokens(const std::vector<std::string>& tokens) {
  ListSize("grantTokens", tokens.size(), 0, kGrantTokensMax);
  for (size_t i = 0; i < tokens.size() && i < kGrantTokensMax; ++i) {
    Length(absl::StrCat("grantTokens.", i + 1, ".member"), tokens[i], 1,
           kGrantTokenLengthMax);
  }
}

void KmsConstraints::Policy(absl::string_view text) {
  if (IsAbsent("policy")) return;
  AddLength(Unquoted("policy"), CodePoints(text), 1, kPolicyLengthMax);
  if (IsPolicyText(text)) return;
  Add(Unquoted("policy"),
      "satisfy regular expression pattern: "
      R"([\u0009\u000A\u000D\u0020-\u00FF]+)");
}

void KmsConstraints::PolicyName(absl::string_view name) {
  Length("policyName", name, 1, kPolicyNameLengthMax);
  Pattern("policyName", name, IsWordByte, R"([\w]+)");
}

void KmsConstraints::Name(absl::string_view member, absl::string_view name) {
  Length(member, name, 1, kNameLengthMax);
  Pattern(member, name, IsNameByte, "^[a-zA-Z0-9:/_-]+$");
}

void KmsConstraints::Principal(absl::string_view member,
                               absl::string_view arn) {
  Length(member, arn, 1, kPrincipalLengthMax);
  Pattern(member, arn, IsPrincipalByte, R"(^[\w+=,.@:/-]+$)");
}

void KmsConstraints::Page(const std::optional<int64_t>& limit,
                          const std::optional<std::string>& marker) {
  if (limit.has_value()) Range("limit", *limit, 1, kPageSizeMax);
  if (marker.has_value()) Length("marker", *marker, 1, kMarkerLengthMax);
}

std::optional<KeyRefusal> KmsConstraints::Refusal() const {
  if (violations_.empty()) return std::nullopt;
  return Refuse("ValidationException",
                absl::StrCat(count_,
                             count_ == 1 ? " validation error detected: "
                                         : " validation errors detected: ",
                             absl::StrJoin(violations_, "; ")));
}

void AddConstraints(const EncryptCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->SecretLength("plaintext", call.plaintext.size(), 1,
                            EncryptCall::kPlaintextBytesMax);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const DecryptCall& call, KmsConstraints* constraints) {
  constraints->SecretLength("ciphertextBlob", call.blob.size(), 1,
                            kBlobBytesMax);
  constraints->GrantTokens(call.grant_tokens);
  if (!call.key.empty()) constraints->Key(call.key);
}

void AddConstraints(const GenerateDataKeyCall& call,
                    KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->Range("numberOfBytes", static_cast<int64_t>(call.data_key_bytes),
                     1, GenerateDataKeyCall::kDataKeyBytesMax);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const DescribeKeyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->GrantTokens(call.grant_tokens);
}

void AddConstraints(const CreateKeyCall& call, KmsConstraints* constraints) {
  if (call.policy.has_value()) constraints->Policy(*call.policy);
  constraints->Length("description", call.description, 0,
                      kDescriptionLengthMax);
  if (call.key_usage.has_value()) {
    constraints->OneOf("keyUsage", *call.key_usage, KeyUsageNames());
  }
  constraints->OneOf("keySpec", call.key_spec, KeySpecNames());
}

void AddConstraints(const ScheduleKeyDeletionCall& call,
                    KmsConstraints* constraints) {
  constraints->Key(call.key);
  if (call.pending_window_in_days.has_value()) {
    constraints->Range("pendingWindowInDays", *call.pending_window_in_days,
                       kPendingDaysMin, kPendingDaysMax);
  }
}

void AddConstraints(const ListAliasesCall& call, KmsConstraints* constraints) {
  if (call.key.has_value()) constraints->Key(*call.key);
  constraints->Page(call.limit, call.marker);
}

void AddConstraints(const PutKeyPolicyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->PolicyName(call.policy_name);
  constraints->Policy(call.policy);
}

void AddConstraints(const GetKeyPolicyCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->PolicyName(call.policy_name);
}

void AddConstraints(const CreateGrantCall& call, KmsConstraints* constraints) {
  constraints->Key(call.key);
  constraints->Principal("granteePrincipal", call.grantee_principal);
  if (call.retiring_principal.has_value()) {
    constraints->Principal("retiringPrincipal", *call.retiring_principal);
  }
  constraints->ListSize("operations", call.operations.size(), 1, SIZE_MAX);
  for (size_t i = 0; i < call.operations.size(); ++i) {
    constraints->OneOf(absl::StrCat("operations.", i + 1, ".member"),
                       call.operations[i], GrantOperationNames());
  }
  constraints->GrantTokens(call.grant_tokens);
  if (call.name.has_value()) constraints->Name("name", *call.name);
}

void AddConstraints(const ListGrantsCall& call, KmsConstraints* constraints) {
  constraints->Page(call.limit, call.marker);
  constraints->Key(call.key);
  if (call.grant_id.has_value()) {
    constraints->Length("grantId", *call.grant_id, 1, kGrantIdLengthMax);
  }
  if (call.grantee_principal.has_value()) {
    constraints->Principal("granteePrincipal", *call.grantee_principal);
  }
}

void AddAliasConstraints(absl::string_view name, absl::string_view target_key,
                         KmsConstraints* constraints) {
  constraints->Name("aliasName", name);
  constraints->Key(target_key, "targetKeyId");
}

void AddRevokeGrantConstraints(absl::string_view key,
                               absl::string_view grant_id,
                               KmsConstraints* constraints) {
  constraints->Key(key);
  constraints->Length("grantId", grant_id, 1, kGrantIdLengthMax);
}

}  // namespace glue_security
