// ConstraintRules: all rules that the options of the protos set for a request,
// one by one. Nothing here repeats a limit; a new constraint in a proto is one
// more rule.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_
#define GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// One constraint of one member of one request.
struct ConstraintRule {
  // Says what the constraint binds: the member itself, the size of a list or a
  // map included, or each string in it.
  enum class Part { kMember, kElement, kKey, kValue };

  Operation operation = kNoOperation;
  // The members on the path from the request to the member of the rule, which
  // is the last.
  std::vector<const MemberSchema*> way;
  v1::Violation::Constraint constraint = v1::Violation::CONSTRAINT_UNSPECIFIED;
  Part part = Part::kMember;

  const MemberSchema& member() const { return *way.back(); }

  // Returns true when it binds the number of elements or entries.
  bool is_size() const;

  // Returns the constraints of the string that the rule is about. REQUIRES: it
  // is about one.
  const TextConstraints& text() const;

  // Return the least and the greatest length or size.
  size_t length_min() const;
  size_t length_max() const;

  // Returns "CreateSecurityConfiguration
  // encryptionConfiguration.s3Encryption.N.member.kmsKeyArn
  // CONSTRAINT_PATTERN", on one line.
  std::string ToString() const;
};

// Returns the rules of all operations in force. Operations and members have the
// order of the contract, and the rules of one member have the order in which
// they are reported; those of the strings in a list or a map follow those of
// the member. Every string has a pattern, at least that it is valid UTF-8.
// Every rule can be broken alone: the size of a map whose keys are few cannot,
// and of such keys only the enum is a rule.
std::vector<ConstraintRule> ConstraintRules(const ApiSchema& schema);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_CONSTRAINT_RULES_H_
