// The answers to requests that an upstream does not answer, in the form that
// the SDK of the request's service can read.

#ifndef GLUE_SECURITY_SERVER_UPSTREAM_ERROR_H_
#define GLUE_SECURITY_SERVER_UPSTREAM_ERROR_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/http/http_message.h"

namespace glue_security {

// The forms of errors in AWS's protocols.
enum class ErrorForm {
  // {"__type": CODE, "message": TEXT}
  kJson,
  // <ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/>
  kQuery,
  // <Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/>
  kEc2,
  // <Error><Code/><Message/><RequestId/>
  kS3,
};

// Returns the form of the errors of the service to which `head`, the header of
// a request, belongs: kJson with an X-Amz-Target; kEc2 and kS3 when it is
// signed for that service; kQuery for a form or for the other services that
// answer with XML; else kJson, whose code is in a header, too.
ErrorForm ErrorFormOf(const HttpRequest& head);

// Returns the exception for a status of `HttpPassedRequest::Fail`: for 502
// UpstreamUnavailableException, for 504 UpstreamTimeoutException, for 508
// UpstreamLoopException.
std::string UpstreamErrorCode(int status);

HttpResponse UpstreamError(ErrorForm form, int status,
                           absl::string_view message);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_UPSTREAM_ERROR_H_
