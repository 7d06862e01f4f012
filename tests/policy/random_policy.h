// RandomPolicy: a generator of random policies, and of requests that nearly
// match them.

#ifndef TESTS_POLICY_RANDOM_POLICY_H_
#define TESTS_POLICY_RANDOM_POLICY_H_

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"

namespace glue_security {

// All values come from small pools and are sometimes changed a little, so that
// a policy and a request often match and often miss by one character.
class RandomPolicy {
 public:
  explicit RandomPolicy(std::mt19937_64* random) : random_(*random) {}

  // Returns a policy that keeps the grammar, as JSON text.
  std::string Document();

  // Returns a request. Some of its facts are unknown.
  AuthorizationRequest Request();

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  const std::string& Pick(const std::vector<std::string>& pool) {
    return pool[Below(pool.size())];
  }

  std::string Statement(size_t index);
  // Returns an entry of "AWS".
  std::string AwsEntry();
  // Returns a list of entries that name one principal and its account, mostly
  // complete.
  std::string Chain();
  // `is_not`: for NotPrincipal, which spares those of whom all is listed.
  std::string PrincipalElement(bool is_not);
  // Returns a string or a list of strings, as JSON.
  template <typename Make>
  std::string OneOrList(Make&& make);
  std::string Pattern(std::string text);
  // Returns `action` with wildcards in its name.
  std::string ActionPattern(const std::string& action);
  std::string ResourceEntry();
  const std::string& Key();
  std::string ConditionBlock();
  // Returns one or two variables.
  std::string VariableText();
  // Returns a value for aws:PrincipalArn.
  std::string RoleArnValue(const std::string& op);
  std::string ConditionValue(const std::string& op, const std::string& key);
  std::string ContextValue();
  Principal Caller();
  void SetResource(AuthorizationRequest* request);

  std::mt19937_64& random_;
};

}  // namespace glue_security

#endif  // TESTS_POLICY_RANDOM_POLICY_H_
