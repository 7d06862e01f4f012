#include "glue_security/encryption/kms_json/kms_request.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/encryption/kms_json/secret_base64.h"
#include "glue_security/encryption/kms_json/wiped_json_scratch.h"
#include "glue_security/json/json_number.h"
#include "glue_security/json/json_walk.h"

namespace glue_security {
namespace {

// The members that are known nest three deep; ignored ones may nest deeper.
constexpr size_t kRequestDepthMax = 1000;

using Op = KmsOperation;

constexpr uint32_t Bit(Op operation) {
  return uint32_t{1} << static_cast<uint32_t>(operation);
}

// The operations that have a member.
constexpr uint32_t kUses =
    Bit(Op::kEncrypt) | Bit(Op::kDecrypt) | Bit(Op::kGenerateDataKey);
constexpr uint32_t kHaveKeyId = ~(Bit(Op::kCreateKey) | Bit(Op::kCreateAlias));
constexpr uint32_t kHavePolicyName =
    Bit(Op::kPutKeyPolicy) | Bit(Op::kGetKeyPolicy);
constexpr uint32_t kLists = Bit(Op::kListAliases) | Bit(Op::kListGrants);

// The place of a member, which also gives its type.
template <typename T>
using PlaceOf = std::optional<T> KmsMembers::*;
using Texts = std::vector<std::string>;
using Place =
    std::variant<PlaceOf<std::string>, PlaceOf<Secret>, PlaceOf<int64_t>,
                 PlaceOf<bool>, PlaceOf<Texts>, PlaceOf<EncryptionContext>>;

struct Member {
  const char* name;
  uint32_t operations;
  Place place;
  // A structure; its place says only that it is there.
  bool is_structure = false;
};

const Member kMembers[] = {
    {"AliasName", Bit(Op::kCreateAlias), &KmsMembers::alias_name},
    {"BypassPolicyLockoutSafetyCheck",
     Bit(Op::kCreateKey) | Bit(Op::kPutKeyPolicy),
     &KmsMembers::bypass_policy_lockout_safety_check},
    {"CiphertextBlob", Bit(Op::kDecrypt), &KmsMembers::ciphertext_blob},
    {"Constraints", Bit(Op::kCreateGrant), &KmsMembers::constraints, true},
    {"CustomKeyStoreId", Bit(Op::kCreateKey), &KmsMembers::custom_key_store_id},
    {"CustomerMasterKeySpec", Bit(Op::kCreateKey),
     &KmsMembers::customer_master_key_spec},
    {"Description", Bit(Op::kCreateKey), &KmsMembers::description},
    {"DryRun", kUses | Bit(Op::kCreateGrant) | Bit(Op::kRevokeGrant),
     &KmsMembers::dry_run},
    {"EncryptionAlgorithm", Bit(Op::kEncrypt) | Bit(Op::kDecrypt),
     &KmsMembers::encryption_algorithm},
    {"EncryptionContext", kUses, &KmsMembers::encryption_context},
    {"GrantId", Bit(Op::kRevokeGrant) | Bit(Op::kListGrants),
     &KmsMembers::grant_id},
    {"GrantTokens", kUses | Bit(Op::kDescribeKey) | Bit(Op::kCreateGrant),
     &KmsMembers::grant_tokens},
    {"GranteePrincipal", Bit(Op::kCreateGrant) | Bit(Op::kListGrants),
     &KmsMembers::grantee_principal},
    {"KeyId", kHaveKeyId, &KmsMembers::key_id},
    {"KeySpec", Bit(Op::kCreateKey) | Bit(Op::kGenerateDataKey),
     &KmsMembers::key_spec},
    {"KeyUsage", Bit(Op::kCreateKey), &KmsMembers::key_usage},
    {"Limit", kLists, &KmsMembers::limit},
    {"Marker", kLists, &KmsMembers::marker},
    {"MultiRegion", Bit(Op::kCreateKey), &KmsMembers::multi_region},
    {"Name", Bit(Op::kCreateGrant), &KmsMembers::name},
    {"NumberOfBytes", Bit(Op::kGenerateDataKey), &KmsMembers::number_of_bytes},
    {"Operations", Bit(Op::kCreateGrant), &KmsMembers::operations},
    {"Origin", Bit(Op::kCreateKey), &KmsMembers::origin},
    {"PendingWindowInDays", Bit(Op::kScheduleKeyDeletion),
     &KmsMembers::pending_window_in_days},
    {"Plaintext", Bit(Op::kEncrypt), &KmsMembers::plaintext},
    {"Policy", Bit(Op::kCreateKey) | Bit(Op::kPutKeyPolicy),
     &KmsMembers::policy},
    {"PolicyName", kHavePolicyName, &KmsMembers::policy_name},
    {"Recipient", Bit(Op::kDecrypt) | Bit(Op::kGenerateDataKey),
     &KmsMembers::recipient, true},
    {"RetiringPrincipal", Bit(Op::kCreateGrant),
     &KmsMembers::retiring_principal},
    {"TargetKeyId", Bit(Op::kCreateAlias), &KmsMembers::target_key_id},
    {"XksKeyId", Bit(Op::kCreateKey), &KmsMembers::xks_key_id},
};

// The members of the structure Constraints.
const Member kConstraintMembers[] = {
    {"EncryptionContextEquals", ~uint32_t{0}, &KmsMembers::constraints_equals},
    {"EncryptionContextSubset", ~uint32_t{0}, &KmsMembers::constraints_subset},
};

template <size_t kSize>
const Member* FindIn(const Member (&members)[kSize], uint32_t operations,
                     absl::string_view name) {
  for (const Member& member : members) {
    if ((member.operations & operations) != 0 && name == member.name) {
      return &member;
    }
  }
  return nullptr;
}

// The sink of `WalkJsonObject` that fills the members of an operation.
class Filler {
 public:
  // `operations` is the bit of the request's operation, or 0 for none.
  Filler(uint32_t operations, KmsMembers* members)
      : operations_(operations), members_(*members) {}

  bool has_failed() const { return failed_; }
  const std::optional<std::string>& message() const { return message_; }

  void Key(const char*, absl::string_view text) {
    if (Ignoring()) return;
    if (open_.back() == Frame::kMap) {
      key_.assign(text.data(), text.size());
      return;
    }
    member_ = open_.back() == Frame::kConstraints
                  ? FindIn(kConstraintMembers, operations_, text)
                  : FindIn(kMembers, operations_, text);
    if (member_ != nullptr) Forget();
  }

  void String(const char*, absl::string_view text) {
    if (IgnoresValue()) return;
    if (open_.back() == Frame::kMap) {
      (**At<EncryptionContext>())[key_] = std::string(text);
    } else if (open_.back() == Frame::kList) {
      (*At<Texts>())->emplace_back(text);
    } else if (member_->is_structure || At<EncryptionContext>() != nullptr) {
      Fail("Expected null");
    } else if (At<Texts>() != nullptr) {
      Fail("Expected list or null");
    } else if (auto* const value = At<std::string>()) {
      *value = std::string(text);
    } else if (auto* const bytes = At<Secret>()) {
      *bytes = SecretFromBase64(text);
      if (!bytes->has_value()) Fail(std::nullopt);
    } else {
      FailToConvert("STRING_VALUE");
    }
  }

  void Scalar(JsonType type, absl::string_view token) {
    if (IgnoresValue()) return;
    const bool is_inside =
        open_.back() == Frame::kMap || open_.back() == Frame::kList;
    if (type == JsonType::kNull) {
      // A list and a map have no absent values.
      if (is_inside) Fail(std::nullopt);
    } else if (!is_inside &&
               (member_->is_structure || At<EncryptionContext>() != nullptr)) {
      Fail("Expected null");
    } else if (!is_inside && At<Texts>() != nullptr) {
      Fail("Expected list or null");
    } else if (auto* const flag = At<bool>();
               flag != nullptr && type == JsonType::kBoolean) {
      *flag = token == "true";
    } else if (auto* const number = At<int64_t>();
               number != nullptr && type == JsonType::kNumber) {
      *number = ClampedInt32(token);
    } else {
      FailToConvert(type == JsonType::kNumber ? "NUMBER_VALUE"
                    : token == "true"         ? "TRUE_VALUE"
                                              : "FALSE_VALUE");
    }
  }

  size_t Open(JsonType type, const char*) {
    if (open_.empty()) {
      open_.push_back(Frame::kRequest);
    } else if (IgnoresValue()) {
      ++ignored_;
    } else if (type == JsonType::kArray) {
      OpenList();
    } else {
      OpenObject();
    }
    return 0;
  }

  void Close(size_t, size_t) {
    if (ignored_ > 0) {
      --ignored_;
    } else {
      open_.pop_back();
    }
  }

 private:
  enum class Frame { kRequest, kConstraints, kList, kMap };

  bool Ignoring() const { return ignored_ > 0 || failed_; }
  bool IgnoresValue() const { return Ignoring() || member_ == nullptr; }

  void Fail(std::optional<std::string> message) {
    failed_ = true;
    message_ = std::move(message);
  }
  void FailToConvert(absl::string_view what) {
    const char* const wanted = At<bool>() != nullptr      ? "a Boolean"
                               : At<int64_t>() != nullptr ? "an Integer"
                               : At<Secret>() != nullptr  ? "a Blob"
                                                          : "a String";
    Fail(absl::StrCat(what, " can not be converted to ", wanted));
  }

  // Returns the place of `member_` if it is of the type, else nullptr.
  template <typename T>
  std::optional<T>* At() {
    const auto* const place = std::get_if<PlaceOf<T>>(&member_->place);
    return place == nullptr ? nullptr : &(members_.**place);
  }

  // Forgets an earlier value of `member_`.
  void Forget() {
    std::visit([this](auto place) { (members_.*place).reset(); },
               member_->place);
    if (member_->is_structure && open_.back() == Frame::kRequest) {
      members_.constraints_equals.reset();
      members_.constraints_subset.reset();
    }
  }

  void OpenList() {
    const bool is_inside =
        open_.back() == Frame::kMap || open_.back() == Frame::kList;
    if (is_inside || At<Texts>() == nullptr) {
      ++ignored_;
      return Fail("Start of list found where not expected");
    }
    At<Texts>()->emplace();
    open_.push_back(Frame::kList);
  }

  void OpenObject() {
    const bool is_inside =
        open_.back() == Frame::kMap || open_.back() == Frame::kList;
    if (!is_inside && member_->is_structure) {
      *At<bool>() = true;
      if (At<bool>() != &members_.constraints) {
        ++ignored_;
      } else {
        open_.push_back(Frame::kConstraints);
      }
    } else if (!is_inside && At<EncryptionContext>() != nullptr) {
      At<EncryptionContext>()->emplace();
      open_.push_back(Frame::kMap);
    } else {
      ++ignored_;
      Fail("Start of structure or map found where not expected.");
    }
  }

  const uint32_t operations_;
  KmsMembers& members_;
  // The objects and lists that are open and not ignored.
  std::vector<Frame> open_;
  // The member whose value comes next or is open; nullptr: it is unknown.
  const Member* member_ = nullptr;
  // The key whose value comes next in a map.
  std::string key_;
  // The number of open lists and objects that are ignored.
  size_t ignored_ = 0;
  bool failed_ = false;
  std::optional<std::string> message_;
};

KeyRefusal RefusedAs(absl::string_view code,
                     std::optional<std::string> message) {
  KeyRefusal refusal;
  refusal.code = std::string(code);
  refusal.message = std::move(message);
  return refusal;
}

}  // namespace

std::variant<KmsRequest, KeyRefusal> DecodeKmsRequest(absl::string_view target,
                                                      absl::string_view body) {
  if (body.size() > kKmsRequestBytesMax) {
    return RefusedAs("ValidationException",
                     absl::StrCat("the request has more than ",
                                  kKmsRequestBytesMax, " bytes"));
  }
  constexpr char kSerialization[] = "SerializationException";
  const size_t start = body.find_first_not_of(" \t\r\n");
  if (start != absl::string_view::npos && body[start] == '[') {
    return RefusedAs(kSerialization, "Start of list found where not expected");
  }
  std::optional<KmsOperation> operation;
  if (absl::ConsumePrefix(&target, kKmsTargetPrefix)) {
    operation = FindKmsOperation(target);
  }
  KmsRequest request;
  Filler filler(operation.has_value() ? Bit(*operation) : 0, &request.members);
  const WipedJsonScratch scratch;
  const auto malformed =
      WalkJsonObject(body, kRequestDepthMax, scratch.get(), &filler);
  if (filler.has_failed()) return RefusedAs(kSerialization, filler.message());
  if (malformed.has_value()) return RefusedAs(kSerialization, std::nullopt);
  if (!operation.has_value()) {
    return RefusedAs("UnknownOperationException", std::nullopt);
  }
  request.operation = *operation;
  return request;
}

}  // namespace glue_security
