// The HTTP text of a request, with the headers that boto3 sends.

#ifndef GLUE_SECURITY_BENCHMARKS_HTTP_REQUEST_H_
#define GLUE_SECURITY_BENCHMARKS_HTTP_REQUEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

std::string HttpOf(const v1::Request& request,
                   absl::string_view account_id = "123456789012");

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_HTTP_REQUEST_H_
