#include "glue_security/testing/backend_suite/member_values.h"

#include <limits>

#include "glue_security/backend/clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/legal_text.h"
#include "glue_security/testing/oracle/reference_model.h"

namespace glue_security::conformance_internal {
namespace {

bool IsPolicy(const RequestMember& member) {
  return member.path == "policyInJson";
}

bool IsArn(const RequestMember& member) {
  return member.constraints.pattern() == v1::PATTERN_KMS_KEY_ARN;
}

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
  const std::string start = IsArn(member) ? "arn:aws:kms:" : "";
  std::vector<std::string> candidates;
  for (const std::string& character : characters) {
    candidates.push_back(start + character);
    candidates.push_back(start + "a" + character + "b");
  }
  if (IsArn(member)) {
    for (const char* whole :
         {"", "x", "alias/aws/glue", "arn:aws:kms:", "arn:aws:kms",
          " arn:aws:kms:x", "arn:aws:s3:::x", "ARN:AWS:KMS:x",
          "arn:aws-cn:kms:x", "arn:aws-us-gov:kms:x", "arn:awsX:kms:x",
          "arn:aws:kms:us-east-1:123456789012:key/k",
          "arn:aws:kms:us-east-1:123456789012:alias/k", "xarn:aws:kms:x"}) {
      candidates.emplace_back(whole);
    }
    candidates.push_back(start + std::string(300, 'k'));
  }
  return candidates;
}

std::vector<std::string> TextsThat(const RequestMember& member, bool observed,
                                   bool match) {
  std::vector<std::string> texts;
  for (const std::string& text : Candidates(member)) {
    if (HasLegalLength(member.schema(), text) &&
        MatchesDefinition(member.pattern(observed), text) == match) {
      texts.push_back(text);
    }
  }
  return texts;
}

}  // namespace

v1::Request PlainRequest(const RequestMember& member) {
  v1::Request request = BaseRequest(member.operation);
  if (request.has_put_resource_policy()) request = PutPolicy(PolicyText("a"));
  return request;
}

std::string TextOfBytes(const RequestMember& member, size_t bytes, bool wide) {
  if (IsPolicy(member)) {
    if (bytes >= PolicyText("").size()) return PolicyOfBytes(bytes, wide);
    if (bytes == 2 && !wide) return "{}";
  }
  std::string text = IsArn(member) ? "arn:aws:kms:" : "";
  while (wide && text.size() + 2 <= bytes) text += "\xC3\xA9";
  if (text.size() < bytes) text.append(bytes - text.size(), 'n');
  return text;
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
  std::vector<std::string> texts;
  for (const char* bytes : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80",
                            "\xF4\x90\x80\x80", "\xF0\x90\x80"}) {
    texts.push_back(TextOfBytes(member, IsArn(member) ? 13 : 1, false) + bytes);
    texts.push_back(texts.back() + "n");
  }
  return texts;
}

v1::ErrorCode CodeWithoutState(const v1::Request& request,
                               const Behavior& behavior) {
  // The only JSON object that the checks put and that is not a policy is "{}".
  const auto judge = [](const Caller&, absl::string_view text) {
    return text != "{}";
  };
  ReferenceModel model(behavior, Limits(), Clock::System(), judge);
  return model.Execute(Caller{"123456789012", "us-east-1", ""}, request)
      .error()
      .code();
}

std::string BreakMember(const RequestMember& member, v1::Request* request) {
  const v1::ShapeConstraints& constraints = member.constraints;
  if (member.is_string()) {
    if (constraints.has_length_bytes_min()) {
      SetString(
          member,
          std::string(static_cast<size_t>(constraints.length_bytes_min()) - 1,
                      'n'),
          request);
      return "LENGTH_MIN";
    }
    SetString(member, IsArn(member) ? "x" : "\xFF", request);
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
