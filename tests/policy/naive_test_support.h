// Short names for the tests of the naive evaluator, and policies that apply to
// everything except as a test says.

#ifndef TESTS_POLICY_NAIVE_TEST_SUPPORT_H_
#define TESTS_POLICY_NAIVE_TEST_SUPPORT_H_

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_evaluator.h"

namespace glue_security::naive {

inline constexpr Truth kYes = Truth::kTrue;
inline constexpr Truth kNo = Truth::kFalse;
inline constexpr Truth kOpen = Truth::kUndecided;

inline constexpr char kTable[] =
    "arn:aws:glue:us-east-1:123456789012:table/db/t";
inline constexpr char kReader[] = "arn:aws:iam::123456789012:role/reader";
inline constexpr char kSession[] =
    "arn:aws:sts::123456789012:assumed-role/reader/s1";
inline constexpr char kAlice[] = "arn:aws:iam::123456789012:user/alice";
inline constexpr char kRoot[] = "arn:aws:iam::123456789012:root";

inline AuthorizationRequest RequestBy(const std::string& arn) {
  AuthorizationRequest request;
  request.principal.arn = arn;
  request.action = "glue:GetTable";
  request.resource = kTable;
  return request;
}

// Returns a statement that applies to everything, except as `members` says.
inline std::string Statement(const std::string& effect,
                             const std::string& members) {
  std::string statement = R"({"Effect": ")" + effect + "\"";
  const auto add = [&](const std::string& name, const std::string& member) {
    if (members.find("\"" + name + "\"") == std::string::npos &&
        members.find("\"Not" + name + "\"") == std::string::npos) {
      statement += ", " + member;
    }
  };
  add("Principal", R"("Principal": "*")");
  add("Action", R"("Action": "*")");
  add("Resource", R"("Resource": "*")");
  return statement + (members.empty() ? "" : ", " + members) + "}";
}

inline std::string Policy(const std::vector<std::string>& statements,
                          const std::string& version = "2012-10-17") {
  std::string policy = R"({"Version": ")" + version + R"(", "Statement": [)";
  for (const std::string& statement : statements) {
    if (policy.back() != '[') policy += ", ";
    policy += statement;
  }
  return policy + "]}";
}

inline Truth Applies(const std::string& statement,
                     const AuthorizationRequest& request,
                     const std::string& version = "2012-10-17") {
  return NaiveEvaluate(Policy({statement}, version), request).applies.at(0);
}

inline Truth Holds(const std::string& condition,
                   const AuthorizationRequest& request) {
  return Applies(Statement("Allow", "\"Condition\": " + condition), request);
}

}  // namespace glue_security::naive

#endif  // TESTS_POLICY_NAIVE_TEST_SUPPORT_H_
