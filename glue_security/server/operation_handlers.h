// OperationHandlers: operations of an embedder's own, which a server answers
// beside those of the backend.
//
//   OperationHandlers handlers;
//   auto status = handlers.Add(
//       "AWSGlue.GetDatabase",
//       [](const Caller& caller, absl::string_view json) -> OperationAnswer {
//         if (json == "{}") {
//           return OperationAnswer::Error("InvalidInputException", "no name");
//         }
//         return OperationAnswer::Json(R"({"Database": {"Name": "db"}})");
//       });
//   ServerOptions options;
//   options.front_end.handlers = &handlers;
//   auto server = Server::Start(&engine, std::move(options));
//
// An operation that the backend answers cannot be taken from it:
//
//   handlers.Add("AWSGlue.GetResourcePolicy", function);
//   // INVALID_ARGUMENT: the backend answers AWSGlue.GetResourcePolicy
//
// A `Backend` of your own changes those. examples/own_operations.cc is a whole
// program.

#ifndef GLUE_SECURITY_SERVER_OPERATION_HANDLERS_H_
#define GLUE_SECURITY_SERVER_OPERATION_HANDLERS_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/caller.h"

namespace glue_security {

// The answer to a client: JSON, or an error.
struct OperationAnswer {
  int status = 200;
  // The name of the exception; empty for none.
  std::string error_type;
  // Sent as it is: the JSON of the answer or, with `error_type`, of the error.
  std::string body = "{}";

  // Returns an answer with the status 200. `json` should be a JSON object; it
  // is not checked.
  static OperationAnswer Json(std::string json);

  // Returns an error as SDKs read it: an exception with a text. The status is
  // that of the mistake of a client unless given.
  static OperationAnswer Error(absl::string_view type,
                               absl::string_view message, int status = 400);
};

// A call of one operation. `json` is the body of the request: a JSON object in
// well-formed UTF-8 whose values nest at most 128 deep. The caller has been
// authenticated, if signatures are verified.
//
// It is called on the thread of the connection, from several threads at once,
// and delays all connections of its thread. An exception ends its call with
// InternalServiceException, is counted in the metrics, and ends nothing else.
// It may call the backend, but neither `Control::Reset` nor `Server::Stop`:
// both wait for it.
using OperationFunction = std::function<OperationAnswer(
    const Caller& caller, absl::string_view json)>;

// `Add` is to be called before the server starts; the other methods are
// thread-safe.
class OperationHandlers {
 public:
  // Adds an operation. `target` is the value of X-Amz-Target, such as
  // "AWSGlue.GetDatabase" or "AWSEvents.PutEvents". A signature must be for
  // `service`, the name in the credential scope. Errors, nothing changed:
  // kInvalidArgument for a target that is not NAME.NAME of letters, digits, '_'
  // and '-', of at most 256 bytes; for one that the backend answers; for an
  // empty function or service; kAlreadyExists for a target that has been added.
  //
  // A target of KMS ("TrentService.") is taken from the server's key service,
  // if it has one.
  absl::Status Add(absl::string_view target, OperationFunction function,
                   absl::string_view service = "glue");

  struct Entry {
    OperationFunction function;
    std::string service;
  };

  // Returns null when there is no such operation. The entry lives as long as
  // this object.
  const Entry* Find(absl::string_view target) const;

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_OPERATION_HANDLERS_H_
