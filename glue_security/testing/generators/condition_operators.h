// The condition operators of IAM, without set operators and the suffix
// IfExists.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_CONDITION_OPERATORS_H_
#define GLUE_SECURITY_TESTING_GENERATORS_CONDITION_OPERATORS_H_

namespace glue_security {

inline constexpr const char* kAllOperators[] = {"StringEquals",
                                                "StringNotEquals",
                                                "StringEqualsIgnoreCase",
                                                "StringNotEqualsIgnoreCase",
                                                "StringLike",
                                                "StringNotLike",
                                                "NumericEquals",
                                                "NumericNotEquals",
                                                "NumericLessThan",
                                                "NumericLessThanEquals",
                                                "NumericGreaterThan",
                                                "NumericGreaterThanEquals",
                                                "DateEquals",
                                                "DateNotEquals",
                                                "DateLessThan",
                                                "DateLessThanEquals",
                                                "DateGreaterThan",
                                                "DateGreaterThanEquals",
                                                "Bool",
                                                "BinaryEquals",
                                                "IpAddress",
                                                "NotIpAddress",
                                                "ArnEquals",
                                                "ArnNotEquals",
                                                "ArnLike",
                                                "ArnNotLike",
                                                "Null"};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_CONDITION_OPERATORS_H_
