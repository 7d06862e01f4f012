#include "tests/policy/random_policy_pools.h"

#include <iterator>

#include "glue_security/testing/generators/condition_operators.h"

namespace glue_security {

const Pool& Arns() {
  static const auto* const kPool =
      new Pool{"arn:aws:iam::123456789012:root",
               "arn:aws:iam::210987654321:root",
               "arn:aws-cn:iam::123456789012:root",
               "arn:aws:iam::123456789012:user/alice",
               "arn:aws:iam::123456789012:user/team/alice",
               "arn:aws:iam::123456789012:role/reader",
               "arn:aws:iam::123456789012:role/team/reader",
               "arn:aws:iam::123456789012:role/writer",
               "arn:aws-cn:iam::123456789012:role/reader",
               "arn:aws:sts::123456789012:assumed-role/reader/s1",
               "arn:aws:sts::123456789012:assumed-role/reader/s2",
               "arn:aws:sts::123456789012:assumed-role/writer/s1",
               "arn:aws:sts::210987654321:assumed-role/reader/s1",
               "arn:aws-cn:sts::123456789012:assumed-role/reader/s1",
               "arn:aws:sts::123456789012:federated-user/bob"};
  return *kPool;
}

const Pool& UserIds() {
  static const auto* const kPool =
      new Pool{"AIDAAAAAAAAAAAAAAAAA", "AIDABBBBBBBBBBBBBBBB"};
  return *kPool;
}

const Pool& RoleIds() {
  static const auto* const kPool =
      new Pool{"AROAAAAAAAAAAAAAAAAA", "AROABBBBBBBBBBBBBBBB"};
  return *kPool;
}

const Pool& RolePaths() {
  static const auto* const kPool =
      new Pool{"", "", "team/", "team/a/", "a/reader/"};
  return *kPool;
}

const Pool& RoleArnValues() {
  static const auto* const kPool =
      new Pool{"arn:aws:iam::123456789012:role/reader",
               "arn:aws:iam::123456789012:role/team/reader",
               "arn:aws:iam::123456789012:role/team/a/reader",
               "arn:aws:iam::123456789012:role//reader",
               "arn:aws:iam::123456789012:role/writer",
               "arn:aws:iam::123456789012:role/*",
               "arn:aws:iam::123456789012:role/?eader",
               "arn:aws:iam::123456789012:role/team/*",
               "arn:aws:iam::123456789012:role/*reader",
               "arn:aws:iam::123456789012:role/*/reader",
               "arn:aws:iam::123456789012:role/?*/reader",
               "arn:aws:iam::123456789012:role/?*m/reader",
               "arn:aws:iam::123456789012:role/??????*",
               "arn:aws:iam::123456789012:role/*/?eader",
               "arn:aws:iam::123456789012:role/*r?ader",
               "arn:aws:iam::123456789012:*",
               "arn:aws:iam::210987654321:role/*",
               "arn:aws:iam::*:role/reader",
               "arn:aws:iam::*:role/*reader",
               "arn:aws*:iam::123456789012:role/*",
               "arn:aws-cn:iam::123456789012:role/*reader",
               "ARN:AWS:IAM::123456789012:ROLE/READER",
               "ARN:AWS:IAM::123456789012:ROLE/TEAM/READER",
               "*reader",
               "*/reader",
               "*/*/reader",
               "*:role/*",
               "*"};
  return *kPool;
}

const Pool& Actions() {
  static const auto* const kPool =
      new Pool{"glue:GetTable", "glue:GetTables", "GLUE:gettable",
               "glue:CreateTable", "s3:GetObject"};
  return *kPool;
}

const Pool& Resources() {
  static const auto* const kPool =
      new Pool{"arn:aws:glue:us-east-1:123456789012:catalog",
               "arn:aws:glue:us-east-1:123456789012:table/db/t",
               "arn:aws:glue:us-east-1:123456789012:table/db/alice",
               "arn:aws:glue:us-west-2:123456789012:table/db/t",
               "arn:aws:s3:::bucket/a:b",
               "arn:aws:glue:us-east-1:123456789012:table/\xC3\xA9/t"};
  return *kPool;
}

const Pool& ResourceSets() {
  static const auto* const kPool =
      new Pool{"arn:aws:glue:us-east-1:123456789012:table/db/*",
               "arn:aws:glue:us-east-1:123456789012:table/*",
               "arn:aws:glue:us-east-1:123456789012:*",
               "arn:aws:glue:us-east-1:123456789012:table/*/t",
               "arn:aws:glue:us-east-1:123456789012:table/d*/t",
               "arn:aws:glue:us-east-1:123456789012:table/db/*t*",
               "arn:aws:glue:us-east-1:123456789012:table/d?/*",
               "arn:aws:s3:::bucket/*",
               "arn:aws:s3:::*/a:*"};
  return *kPool;
}

const Pool& Keys() {
  static const auto* const kPool = new Pool{
      "aws:username", "AWS:UserName", "aws:SourceIp", "k:number",   "k:date",
      "k:flag",       "k:bytes",      "k:arn",        "aws:TagKeys"};
  return *kPool;
}

const Pool& PrincipalKeys() {
  static const auto* const kPool = new Pool{"aws:PrincipalArn",
                                            "AWS:PRINCIPALARN",
                                            "aws:PrincipalAccount",
                                            "aws:PrincipalType",
                                            "aws:userid",
                                            "aws:PrincipalIsAWSService",
                                            "aws:PrincipalServiceName"};
  return *kPool;
}

const Pool& PrincipalValues() {
  static const auto* const kPool = new Pool{"123456789012",
                                            "210987654321",
                                            "Account",
                                            "User",
                                            "AssumedRole",
                                            "Anonymous",
                                            "AIDAAAAAAAAAAAAAAAAA",
                                            "AROAAAAAAAAAAAAAAAAA:s1",
                                            "123456789012:bob",
                                            "true",
                                            "false",
                                            "glue.amazonaws.com"};
  return *kPool;
}

const Pool& Dates() {
  static const auto* const kPool = new Pool{"2026",
                                            "2026-01",
                                            "2026-01-31",
                                            "2026-02-30",
                                            "2026-01-31T12:00:00Z",
                                            "2026-01-31T12:00:00",
                                            "2026-01-31T12:00:00.50Z",
                                            "2026-01-31T12:00:00.5",
                                            "2026-01-31T13:00+01:00",
                                            "2026-01-31T13:00+0100",
                                            "1769860800",
                                            "-1",
                                            "9223372036854775807",
                                            "2026-01-31t12:00:00Z",
                                            "2026-01-31T24:00:00Z",
                                            "2026-02-01T00:00:00Z",
                                            "${aws:CurrentTime}"};
  return *kPool;
}

const Pool& Values() {
  static const auto* const kPool = new Pool{"alice",
                                            "Alice",
                                            "bob",
                                            "",
                                            "ali",
                                            "a*",
                                            "t",
                                            "\xC3\xA9",
                                            "1",
                                            "1.0",
                                            "10",
                                            "-1",
                                            "1e1",
                                            "01",
                                            "1.",
                                            "9007199254740993",
                                            "1e999",
                                            "2026",
                                            "2026-01",
                                            "2026-01-31",
                                            "2026-02-30",
                                            "2026-01-31T12:00:00Z",
                                            "2026-01-31T12:00:00",
                                            "2026-01-31T12:00:00.50Z",
                                            "2026-01-31T12:00:00.5Z",
                                            "2026-01-31T13:00+01:00",
                                            "1769860800",
                                            "2026-01-31t12:00:00Z",
                                            "2026-01-31T24:00:00Z",
                                            "2026-02-01T00:00:00Z",
                                            "true",
                                            "false",
                                            "True",
                                            "YWJj",
                                            "YWJjZA==",
                                            "YWJjZB==",
                                            "YWJjZA",
                                            "YW Jj",
                                            "203.0.113.7",
                                            "203.0.113.0/24",
                                            "203.0.113.128/25",
                                            "0.0.0.0/0",
                                            "203.0.113.07",
                                            "2001:db8::1",
                                            "2001:db8::/32",
                                            "::ffff:203.0.113.7",
                                            "2001:DB8:0::1/128",
                                            "203.0.113.7/33"};
  return *kPool;
}

const Pool& Operators() {
  static const auto* const kPool =
      new Pool(std::begin(kAllOperators), std::end(kAllOperators));
  return *kPool;
}

const Pool& TextOperators() {
  static const auto* const kPool = new Pool{"StringEquals",
                                            "StringNotEquals",
                                            "StringEqualsIgnoreCase",
                                            "StringNotEqualsIgnoreCase",
                                            "StringLike",
                                            "StringLike",
                                            "StringNotLike",
                                            "ArnEquals",
                                            "ArnNotEquals",
                                            "ArnLike",
                                            "ArnLike",
                                            "ArnNotLike"};
  return *kPool;
}

const Pool& Variables() {
  static const auto* const kPool = new Pool{"${aws:username}",
                                            "${k:arn}",
                                            "${AWS:USERNAME}",
                                            "${k:none, 't'}",
                                            "${aws:username, 'x}y'}",
                                            "${*}",
                                            "${?}",
                                            "${$}",
                                            "${",
                                            "${}",
                                            "${aws:username,'t'}",
                                            "${aws:TagKeys, 'd'}",
                                            "${aws:PrincipalArn}",
                                            "${aws:userid, 't'}",
                                            "${k:none}"};
  return *kPool;
}

}  // namespace glue_security
