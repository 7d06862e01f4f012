// Validator: checks the constraints of the contract on a request in one pass,
// and reports all that are broken. It reads the constraints from the options of
// the protos. It does not know the business rules of any operation.
//
//   const Validator validator(Behavior::Documented(), Limits());
//   v1::PutResourcePolicyRequest request;
//   request.set_policy_in_json("x");
//   request.set_policy_hash_condition("");
//   const std::optional<v1::Error> error = validator.Validate(request);
//   // error->message() is, in one line:
//   //   2 validation errors detected:
//   //   Value 'x' at 'policyInJson' failed to satisfy constraint:
//   //   Member must have length greater than or equal to 2;
//   //   Value '' at 'policyHashCondition' failed to satisfy constraint:
//   //   Member must have length greater than or equal to 1

#ifndef GLUE_SECURITY_VALIDATION_VALIDATOR_H_
#define GLUE_SECURITY_VALIDATION_VALIDATOR_H_

#include <cstddef>
#include <optional>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Immutable and thread-safe. Cheap to construct and to copy. It uses the date
// of the API, `observed_patterns`, `reprint_policies`, `cut_quoted_values` and
// `constraint_error_code` of `Behavior`, and `quoted_value_code_points_max` and
// `violations_max` of `Limits`.
class Validator {
 public:
  Validator(const Behavior& behavior, const Limits& limits);

  // Returns the API that is in force. Lives forever.
  const ApiSchema& api() const { return *api_; }

  // Returns nullopt when `request` keeps every constraint. Else returns an
  // error of code `Behavior::constraint_error_code` with one violation for each
  // broken constraint, in the order of the contract's members, and within one
  // member null, minimum, maximum, pattern, enum. Beyond
  // `Limits::violations_max`, violations are counted in the message but not
  // listed.
  //
  // Lengths are in bytes of UTF-8. Where policies are re-printed, the maximum
  // of PolicyInJson binds it without insignificant blanks. Members that are not
  // in force are not looked at. Invalid UTF-8 in a string is one pattern
  // violation. An enum number that is not in force, 0 included, is an enum
  // violation quoted in decimal. An entry of `unparsed_values` is an enum
  // violation of the member at its path, quoted as its text; such a member is
  // not absent. An entry of an integer is a number beyond 32 bits that was
  // clamped to the member's value, and a violation quotes it. An entry is
  // ignored when its path names no such member of the request, an enum that is
  // set, or a member that was named before. A request of an operation
  // that is not in force, or of none, has no constraints.
  std::optional<v1::Error> Validate(RequestRef request) const;

 private:
  const ApiSchema* api_;
  bool observed_patterns_;
  bool reprints_policies_;
  v1::ErrorCode error_code_;
  // nullopt when values are quoted whole.
  std::optional<size_t> quoted_code_points_max_;
  int violations_max_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_VALIDATOR_H_
