// RouteOf: says who answers a request of a server that has an upstream.

#ifndef GLUE_SECURITY_SERVER_REQUEST_ROUTE_H_
#define GLUE_SECURITY_SERVER_REQUEST_ROUTE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/operation_handlers.h"

namespace glue_security {

enum class RequestRoute { kHere, kUpstream };

struct OwnOperations {
  // All operations of KMS are answered here.
  bool has_kms = false;
  // Not owned. The operations of an embedder; null: there are none.
  const OperationHandlers* handlers = nullptr;
};

// Returns kHere for
//
//   - a path below that of control;
//   - POST of "/" whose X-Amz-Target names an operation of Glue that any model
//     of the service has and this project knows, whatever its body and content
//     type; an operation of `handlers`; or, with `has_kms`, anything of KMS.
//
// Everything else is kUpstream: other operations of Glue, other services,
// requests without a target. The date of the API does not matter, since the
// settings of a running server can change.
RequestRoute RouteOf(const HttpRequest& head, const OwnOperations& own);

// Returns the name of a passed-on request for a log: its target
// ("AWSGlue.CreateDatabase"), or else the service of its
// signature and its method ("s3:PUT", "-:GET" when it is not signed). Neither
// path nor query is in it.
std::string PassedName(const HttpRequest& head);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_ROUTE_H_
