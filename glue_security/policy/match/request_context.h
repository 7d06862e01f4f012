// RequestContext: the context of a request as conditions and variables see it.

#ifndef GLUE_SECURITY_POLICY_MATCH_REQUEST_CONTEXT_H_
#define GLUE_SECURITY_POLICY_MATCH_REQUEST_CONTEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/match/text_set.h"

namespace glue_security {

// The ARNs of which one is that of a role whose path is unknown.
struct RoleArns {
  std::string without_path;
  TextSet with_path;
};

// Refers to the request, which must outlive it. Thread-safe.
class RequestContext {
 public:
  explicit RequestContext(const AuthorizationRequest& request)
      : request_(request) {}

  // Returns the values of `key`, at least one; nullptr if it is not given.
  const std::vector<std::string>* Find(const std::string& key) const {
    const auto found = request_.context.find(key);
    return found == request_.context.end() || found->second.empty()
               ? nullptr
               : &found->second;
  }

  // Returns true if `key` is unknown. REQUIRES: Find(key) == nullptr.
  bool IsUnknown(const std::string& key) const {
    if (!request_.other_keys_unknown && request_.unknown_keys.empty()) {
      return false;
    }
    return request_.context.count(key) == 0 &&
           (request_.other_keys_unknown ||
            request_.unknown_keys.count(key) > 0);
  }

  // Returns what is certain about the value of `key`, which is unknown. Only
  // aws:PrincipalArn of a session, which is the ARN of a role, is known in
  // part; nullopt: nothing is certain, not even that the request has the key.
  std::optional<RoleArns> PossibleValues(absl::string_view key) const;

 private:
  const AuthorizationRequest& request_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_REQUEST_CONTEXT_H_
