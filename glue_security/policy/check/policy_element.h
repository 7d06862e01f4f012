// The elements of a policy and of a statement.

#ifndef GLUE_SECURITY_POLICY_CHECK_POLICY_ELEMENT_H_
#define GLUE_SECURITY_POLICY_CHECK_POLICY_ELEMENT_H_

#include <array>
#include <initializer_list>

#include "absl/strings/string_view.h"
#include "glue_security/policy/literal.h"

namespace glue_security {

// The elements that a policy, and a statement, may have.
enum Element {
  kVersion,
  kId,
  kStatement,
  kSid,
  kEffect,
  kPrincipal,
  kNotPrincipal,
  kAction,
  kNotAction,
  kResource,
  kNotResource,
  kCondition,
  kElementCount,
};
inline constexpr std::array<absl::string_view, kElementCount> kElementNames = {
    "Version",   "Id",        "Statement",    "Sid",
    "Effect",    "Principal", "NotPrincipal", "Action",
    "NotAction", "Resource",  "NotResource",  "Condition"};

// Returns a set of elements as bits.
constexpr unsigned SetOf(std::initializer_list<Element> elements) {
  unsigned set = 0;
  for (const Element element : elements) set |= 1U << element;
  return set;
}
inline constexpr unsigned kPolicyElements = SetOf({kVersion, kId, kStatement});
inline constexpr unsigned kStatementElements =
    SetOf({kSid, kEffect, kPrincipal, kNotPrincipal, kAction, kNotAction,
           kResource, kNotResource, kCondition});

// Returns the element, or kElementCount when none has this name.
inline Element ElementOf(absl::string_view name) {
  switch (name.size()) {
    case 2:
      return Is(name, "Id") ? kId : kElementCount;
    case 3:
      return Is(name, "Sid") ? kSid : kElementCount;
    case 6:
      return Is(name, "Effect")   ? kEffect
             : Is(name, "Action") ? kAction
                                  : kElementCount;
    case 7:
      return Is(name, "Version") ? kVersion : kElementCount;
    case 8:
      return Is(name, "Resource") ? kResource : kElementCount;
    case 9:
      return Is(name, "Principal")   ? kPrincipal
             : Is(name, "Statement") ? kStatement
             : Is(name, "Condition") ? kCondition
             : Is(name, "NotAction") ? kNotAction
                                     : kElementCount;
    case 11:
      return Is(name, "NotResource") ? kNotResource : kElementCount;
    case 12:
      return Is(name, "NotPrincipal") ? kNotPrincipal : kElementCount;
    default:
      return kElementCount;
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_POLICY_ELEMENT_H_
