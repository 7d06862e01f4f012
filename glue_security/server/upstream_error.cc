#include "glue_security/server/upstream_error.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/http/sigv4.h"

namespace glue_security {
namespace {

std::string XmlText(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace

ErrorForm ErrorFormOf(const HttpRequest& head) {
  if (head.Find("X-Amz-Target") != nullptr) return ErrorForm::kJson;
  const auto parsed = ParseSignatureHeader(head);
  if (const auto* const signature = std::get_if<SignatureHeader>(&parsed)) {
    if (signature->service == "ec2") return ErrorForm::kEc2;
    if (signature->service == "s3") return ErrorForm::kS3;
    for (const absl::string_view xml : {"route53", "cloudfront"}) {
      if (signature->service == xml) return ErrorForm::kQuery;
    }
  }
  const absl::string_view* const type = head.Find("Content-Type");
  const bool is_form =
      type != nullptr &&
      absl::StartsWithIgnoreCase(*type, "application/x-www-form-urlencoded");
  return is_form ? ErrorForm::kQuery : ErrorForm::kJson;
}

std::string UpstreamErrorCode(int status) {
  switch (status) {
    case 504:
      return "UpstreamTimeoutException";
    case 508:
      return "UpstreamLoopException";
    default:
      return "UpstreamUnavailableException";
  }
}

HttpResponse UpstreamError(ErrorForm form, int status,
                           absl::string_view message) {
  constexpr size_t kTextMax = 400;
  const std::string code = UpstreamErrorCode(status);
  const std::string text = PlainText(message, kTextMax);
  HttpResponse response;
  response.status = status;
  response.headers = {{"x-amzn-ErrorType", code}};
  if (form == ErrorForm::kJson) {
    response.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
    response.body = absl::StrCat(R"({"__type":")", code, R"(","message":)");
    AppendJsonString(text, &response.body);
    response.body.push_back('}');
    return response;
  }
  response.headers.emplace_back("Content-Type", "text/xml");
  const std::string inner = absl::StrCat("<Code>", code, "</Code><Message>",
                                         XmlText(text), "</Message>");
  switch (form) {
    case ErrorForm::kEc2:
      response.body =
          absl::StrCat("<Response><Errors><Error>", inner,
                       "</Error></Errors><RequestID></RequestID></Response>");
      break;
    case ErrorForm::kS3:
      response.body =
          absl::StrCat("<Error>", inner, "<RequestId></RequestId></Error>");
      break;
    case ErrorForm::kQuery:
    case ErrorForm::kJson:
      response.body =
          absl::StrCat("<ErrorResponse><Error><Type>Receiver</Type>", inner,
                       "</Error><RequestId></RequestId></ErrorResponse>");
      break;
  }
  return response;
}

}  // namespace glue_security
