// ConstraintRules: all rules that the options of the protos set for a request,
// one by one. Nothing here repeats a limit; a new constraint in a proto is one
// more rule.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_
#define GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_

#include <string>
#include <vector>

#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// One constraint of one member of one request.
struct ConstraintRule {
  Operation operation = kNoOperation;
  // The members on the path from the request to the member of the rule, which
  // is the last.
  std::vector<const MemberSchema*> way;
  v1::Violation::Constraint constraint = v1::Violation::CONSTRAINT_UNSPECIFIED;

  const MemberSchema& member() const { return *way.back(); }

  // Returns "CreateSecurityConfiguration
  // encryptionConfiguration.s3Encryption.N.member.kmsKeyArn
  // CONSTRAINT_PATTERN", on one line.
  std::string ToString() const;
};

// Returns the rules of all operations in force. Operations and members have the
// order of the contract, and the rules of one member have the order in which
// they are reported. Every string has a pattern, at least that it is valid
// UTF-8. Every rule can be broken alone.
std::vector<ConstraintRule> ConstraintRules(const ApiSchema& schema);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_
