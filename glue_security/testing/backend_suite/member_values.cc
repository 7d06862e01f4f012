#include "glue_security/testing/backend_suite/member_values.h"

#include <limits>

#include "glue_security/backend/clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/legal_text.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/connection.pb.h"

namespace glue_security::conformance_internal {
namespace {

bool IsPolicy(const RequestMember& member) {
  return member.path == "policyInJson";
}

// Texts that are ARNs, or nearly.
constexpr const char* kArns[] = {
    "",
    "x",
    "alias/aws/glue",
    "arn:aws:kms:",
    "arn:aws:kms",
    " arn:aws:kms:x",
    "arn:aws:s3:::x",
    "ARN:AWS:KMS:x",
    "arn:aws-cn:kms:x",
    "arn:aws-us-gov:kms:x",
    "arn:awsX:kms:x",
    "arn:aws:kms:us-east-1:123456789012:key/k",
    "arn:aws:kms:us-east-1:123456789012:alias/k",
    "xarn:aws:kms:x",
    "arn:aws:glue:",
    "arn:aws:glue",
    " arn:aws:glue:x",
    "xarn:aws:glue:x",
    "arn:aws-cn:glue:x",
    "arn:aws-us-gov:glue:x",
    "arn:aws-iso:glue:x",
    "arn:aws-iso-f:glue:x",
    "arn:aws-iso-x:glue:x",
    "arn:aws-eusc:glue:x",
    "arn:aws:glue:us-east-1:123456789012:database/d",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:iam::123456789012:role/path/r",
    "arn:aws:iam::123456789012:user/u",
    "arn:aws:iam::12345678901:role/r",
    "arn:aws:iam::1234567890123:role/r",
    "arn:aws:iam:us-east-1:123456789012:role/r",
    "arn:aws-cn:iam::123456789012:role/r",
    "arn:aws-iso-b:iam::123456789012:role/r",
    "arn:awsX:iam::123456789012:role/r",
};

// Characters at and around the edges of the patterns, alone and between others.
std::vector<std::string> Candidates(const RequestMember& member) {
  const std::string characters[] = {
      "a",
      " ",
      "\t",
      "~",
      "\x7F",
      "\n",
      "\r",
      std::string(1, '\0'),
      "\x01",
      "\x1F",
      "\"",
      "\\",
      "/",
      "'",
      "\xC2\x80",          // U+0080
      "\xC2\x85",          // U+0085, a line terminator
      "\xC3\xA9",          // U+00E9
      "\xE2\x80\xA7",      // U+2027
      "\xE2\x80\xA8",      // U+2028, a line terminator
      "\xE2\x80\xA9",      // U+2029, a line terminator
      "\xE2\x80\xAA",      // U+202A
      "\xED\x9F\xBF",      // U+D7FF
      "\xEE\x80\x80",      // U+E000
      "\xEF\xBF\xBD",      // U+FFFD
      "\xEF\xBF\xBE",      // U+FFFE
      "\xEF\xBF\xBF",      // U+FFFF
      "\xF0\x90\x80\x80",  // U+10000
      "\xF4\x8F\xBF\xBF",  // U+10FFFF
  };
  const std::string start = StartOfTexts(member);
  std::vector<std::string> candidates;
  for (const std::string& character : characters) {
    candidates.push_back(start + character);
    candidates.push_back(start + "a" + character + "b");
  }
  if (!start.empty()) {
    for (const char* arn : kArns) candidates.emplace_back(arn);
    candidates.push_back(start + std::string(300, 'k'));
  }
  return candidates;
}

std::vector<std::string> TextsThat(const RequestMember& member, bool observed,
                                   bool match) {
  std::vector<std::string> texts;
  for (const std::string& text : Candidates(member)) {
    if (HasLegalLength(member.text(), text) &&
        MatchesDefinition(member.pattern(observed), text) == match) {
      texts.push_back(text);
    }
  }
  return texts;
}

}  // namespace

v1::Request PlainRequest(const RequestMember& member) {
  v1::Request request = BaseRequest(*member.api, member.operation);
  if (request.has_put_resource_policy()) {
    request.mutable_put_resource_policy()->set_policy_in_json(PolicyText("a"));
  }
  return request;
}

std::string TextOfBytes(const RequestMember& member, size_t bytes, bool wide) {
  if (IsPolicy(member)) {
    if (bytes >= CompactPolicyText("").size())
      return PolicyOfBytes(bytes, wide);
    if (bytes == 2 && !wide) return "{}";
  }
  std::string text = StartOfTexts(member).substr(0, bytes);
  while (wide && text.size() + 2 <= bytes) text += "\xC3\xA9";
  if (text.size() < bytes) text.append(bytes - text.size(), 'n');
  return text;
}

std::vector<std::string> BrokenBy(const RequestMember& member, bool observed,
                                  absl::string_view text) {
  const TextConstraints& is = member.text();
  std::vector<std::string> broken;
  if (text.size() < is.length_bytes_min) broken.emplace_back("LENGTH_MIN");
  if (text.size() > is.length_bytes_max) broken.emplace_back("LENGTH_MAX");
  if (!MatchesDefinition(member.pattern(observed), text)) {
    broken.emplace_back("PATTERN");
  }
  if (member.is_enum_key() && member.schema().FindEnumValue(text) == nullptr) {
    broken.emplace_back("ENUM");
  }
  return broken;
}

std::vector<std::string> MatchingTexts(const RequestMember& member,
                                       bool observed) {
  return TextsThat(member, observed, true);
}

std::vector<std::string> OtherTexts(const RequestMember& member,
                                    bool observed) {
  return TextsThat(member, observed, false);
}

std::vector<std::string> MalformedTexts(const RequestMember& member) {
  const size_t size = StartOfTexts(member).size() + 1;
  std::vector<std::string> texts;
  for (const char* bytes : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF0\x90\x80"}) {
    texts.push_back(TextOfBytes(member, size, false) + bytes);
    texts.push_back(texts.back() + "n");
  }
  return texts;
}

void SetBothNames(const RequestMember& member, absl::string_view name,
                  v1::Request* request) {
  if (!request->has_update_connection()) return;
  v1::UpdateConnectionRequest* update = request->mutable_update_connection();
  if (member.name == "name") {
    update->mutable_connection_input()->set_name(std::string(name));
  } else if (member.name == "connectionInput.name") {
    update->set_name(std::string(name));
  }
}

v1::ErrorCode CodeWithoutState(const v1::Request& request,
                               const Behavior& behavior) {
  const auto& update = request.update_connection();
  if (request.has_create_connection() ||
      request.has_batch_delete_connection()) {
    return v1::ERROR_CODE_UNSPECIFIED;
  }
  if (request.has_get_connections()) {
    return request.get_connections().next_token().empty()
               ? v1::ERROR_CODE_UNSPECIFIED
               : v1::ERROR_CODE_INVALID_INPUT;
  }
  if (request.has_update_connection() &&
      update.name() != update.connection_input().name()) {
    return v1::ERROR_CODE_INVALID_INPUT;
  }
  if (GetOperationInfo(request.operation_case()).resource() ==
      v1::RESOURCE_CONNECTION) {
    return v1::ERROR_CODE_ENTITY_NOT_FOUND;
  }
  // The only JSON object that the checks put and that is not a policy is "{}".
  const auto judge = [](const Caller&, absl::string_view text) {
    return text != "{}";
  };
  ReferenceModel model(behavior, Limits(), Clock::System(), judge);
  return model.Execute(Caller{"123456789012", "us-east-1", ""}, request)
      .error()
      .code();
}

std::string BreakMember(const RequestMember& member, bool invalid_utf8,
                        v1::Request* request) {
  const v1::ShapeConstraints& constraints = member.constraints;
  if (member.is_string()) {
    const bool is_arn = !StartOfTexts(member).empty();
    if (member.is_enum_key()) {
      // Before all other keys.
      SetString(member, "!", request);
      return "ENUM";
    }
    if (constraints.length_bytes_min() > 0 && !is_arn) {
      SetString(
          member,
          std::string(static_cast<size_t>(constraints.length_bytes_min()) - 1,
                      'n'),
          request);
      return "LENGTH_MIN";
    }
    if (!is_arn && !invalid_utf8) return "";
    SetString(member, is_arn ? "x" : "\xFF", request);
    return "PATTERN";
  }
  if (member.is_int()) {
    if (!constraints.has_value_min()) return "";
    SetInt(member, static_cast<int32_t>(constraints.value_min()) - 1, request);
    return "VALUE_MIN";
  }
  if (member.is_enum()) {
    SetEnum(member, 0, request);
    return "ENUM";
  }
  if (!member.is_message() && member.required()) {
    ClearMember(member, request);
    return "REQUIRED";
  }
  return "";
}

}  // namespace glue_security::conformance_internal
