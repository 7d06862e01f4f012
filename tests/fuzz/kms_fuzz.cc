// Gives KMS's JSON protocol any bytes: the body of a request to a LocalKms, or
// an answer to a client. The first byte of the input picks the operation or the
// kind of answer, the rest are the bytes. In a request, "$KEY" stands for the
// ARN of a key and "$BLOB" for a ciphertext.
//
// Besides crashes it looks for contradictions: a body that is not JSON is
// taken, an answer is not JSON or not what a client reads, a refused call has
// changed something, or an answer that is accepted is not legal.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/encryption/kms_json/key_call_codec.h"
#include "glue_security/encryption/kms_json/kms_answer.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/encryption/kms_json/kms_request.h"
#include "glue_security/json/json_document.h"
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

bool IsJson(absl::string_view text, size_t depth_max) {
  return !FindJsonObjectError(text, depth_max).has_value();
}

// A service that always starts in the same state: a key with an alias, a grant
// and a ciphertext.
class Target {
 public:
  Target() : kms_(Options()) {
    key_ = std::get<KeyMetadata>(kms_.CreateKey(Admin(), {})).arn;
    kms_.CreateAlias(Admin(), "alias/a", key_);
    CreateGrantCall grant;
    grant.key = key_;
    grant.grantee_principal = "arn:aws:iam::123456789012:root";
    grant.operations = {"Decrypt"};
    kms_.CreateGrant(Admin(), grant);
    EncryptCall call;
    call.key = key_;
    call.plaintext = Secret("plaintext");
    blob_ = std::get<EncryptResult>(kms_.Encrypt(Admin(), call)).blob;
  }

  std::string Fill(absl::string_view body) const {
    return absl::StrReplaceAll(
        body, {{"$KEY", key_}, {"$BLOB", absl::Base64Escape(blob_)}});
  }

  void Send(absl::string_view name, const std::string& body) {
    const std::string before = State();
    const auto decoded =
        DecodeKmsRequest(absl::StrCat(kKmsTargetPrefix, name), body);
    const auto* const refusal = std::get_if<KeyRefusal>(&decoded);
    Require(refusal != nullptr || IsJson(body, 1000), "a body that is no JSON");
    Require(refusal != nullptr || FindKmsOperation(name).has_value(),
            "an unknown operation");
    const WireResponse answer =
        refusal != nullptr
            ? EncodeKmsRefusal(*refusal)
            : AnswerKmsRequest(&kms_, Admin(), std::get<KmsRequest>(decoded));
    Require(answer.body.empty() || IsJson(answer.body, 10), "the answer");
    if (answer.http_status == 200) {
      Require(answer.error_type.empty(), "an exception with status 200");
      ReadBack(std::get<KmsRequest>(decoded), answer.body);
      return;
    }
    Require(answer.http_status == 400, "the status of a refusal");
    Require(!answer.error_type.empty() && !answer.body.empty(), "a refusal");
    Require(State() == before, "a refused call has changed something");
    const auto read =
        DecodeEncryptAnswer({answer.http_status, "", answer.body});
    Require(std::get<KeyRefusal>(read).code == answer.error_type,
            "a client reads the refusal");
  }

 private:
  LocalKmsOptions Options() {
    LocalKmsOptions options;
    options.clock = &clock_;
    options.random = &random_;
    return options;
  }

  // A client reads the answer to a call that it can make.
  static void ReadBack(const KmsRequest& request, const std::string& body) {
    constexpr char kReads[] = "a client reads the answer";
    switch (request.operation) {
      case KmsOperation::kEncrypt:
        return Require(std::holds_alternative<EncryptResult>(
                           DecodeEncryptAnswer({200, "", body})),
                       kReads);
      case KmsOperation::kDecrypt:
        return Require(
            std::get<DecryptResult>(DecodeDecryptAnswer({200, "", body}))
                    .plaintext == Secret("plaintext"),
            kReads);
      case KmsOperation::kGenerateDataKey: {
        const size_t bytes =
            request.members.number_of_bytes.has_value()
                ? static_cast<size_t>(*request.members.number_of_bytes)
            : request.members.key_spec == "AES_128" ? 16
                                                    : 32;
        return Require(std::holds_alternative<GenerateDataKeyResult>(
                           DecodeGenerateDataKeyAnswer({200, "", body}, bytes)),
                       kReads);
      }
      case KmsOperation::kDescribeKey:
        return Require(std::holds_alternative<DescribeKeyResult>(
                           DecodeDescribeKeyAnswer({200, "", body})),
                       kReads);
      default:
        return;
    }
  }

  std::string State() {
    std::string state;
    DescribeKeyCall describe;
    describe.key = key_;
    const auto metadata = kms_.GetKeyMetadata(Admin(), describe);
    if (const auto* const key = std::get_if<KeyMetadata>(&metadata)) {
      absl::StrAppend(&state, static_cast<int>(key->state), " ",
                      key->algorithms.size());
    }
    const auto policy = kms_.GetKeyPolicy(Admin(), {key_});
    if (const auto* const text = std::get_if<std::string>(&policy)) {
      absl::StrAppend(&state, *text);
    }
    const auto aliases = kms_.ListAliases(Admin(), {});
    for (const auto& alias : std::get<ListAliasesResult>(aliases).aliases) {
      // The first call that names it makes its key, whatever becomes of it.
      if (alias.name == "alias/aws/glue") continue;
      absl::StrAppend(&state, alias.arn, alias.target_key_id.value_or(""));
    }
    ListGrantsCall list;
    list.key = key_;
    const auto grants = kms_.ListGrants(Admin(), list);
    if (const auto* const page = std::get_if<ListGrantsResult>(&grants)) {
      for (const auto& grant : page->grants) {
        absl::StrAppend(&state, grant.grant_id);
      }
    }
    return state;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  SeededRandom random_{7};
  LocalKms kms_;
  std::string key_;
  std::string blob_;
};

void RequireRefusal(const KeyRefusal& refusal) {
  Require(
      !refusal.code.empty() &&
          std::all_of(refusal.code.begin(), refusal.code.end(),
                      [](unsigned char c) { return absl::ascii_isalnum(c); }),
      "the code of a refusal");
  const std::string message = refusal.message.value_or("");
  Require(message.size() <= size_t{16} << 10 &&
              simdjson::validate_utf8(message.data(), message.size()),
          "the text of a refusal");
}

// Reads the bytes as an answer to each call.
void Answer(int status, const std::string& body) {
  const KmsWireAnswer answer{status, "", body};
  const auto encrypted = DecodeEncryptAnswer(answer);
  if (const auto* const result = std::get_if<EncryptResult>(&encrypted)) {
    Require(!result->blob.empty() && !result->key_arn.empty(), "a ciphertext");
  } else {
    RequireRefusal(std::get<KeyRefusal>(encrypted));
  }
  const auto decrypted = DecodeDecryptAnswer(answer);
  if (const auto* const result = std::get_if<DecryptResult>(&decrypted)) {
    Require(!result->plaintext.empty() &&
                result->plaintext.size() <= EncryptCall::kPlaintextBytesMax,
            "a plaintext");
  } else {
    RequireRefusal(std::get<KeyRefusal>(decrypted));
  }
  const auto made = DecodeGenerateDataKeyAnswer(answer, 32);
  if (const auto* const result = std::get_if<GenerateDataKeyResult>(&made)) {
    Require(result->plaintext.size() == 32, "a data key");
  } else {
    RequireRefusal(std::get<KeyRefusal>(made));
  }
  const auto described = DecodeDescribeKeyAnswer(answer);
  if (const auto* const result = std::get_if<DescribeKeyResult>(&described)) {
    Require(!result->key_arn.empty(), "a description");
  } else {
    RequireRefusal(std::get<KeyRefusal>(described));
  }
}

void Run(uint8_t place, const std::string& bytes) {
  constexpr size_t kPlaces = kKmsOperations + 3;
  const size_t chosen = place % kPlaces;
  if (chosen == kKmsOperations) return Answer(200, bytes);
  if (chosen == kKmsOperations + 1) return Answer(400, bytes);
  Target target;
  const std::string name =
      chosen < kKmsOperations
          ? std::string(KmsOperationName(static_cast<KmsOperation>(chosen)))
          : "ReEncrypt";
  target.Send(name, target.Fill(bytes));
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  glue_security::Run(
      data[0], std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
