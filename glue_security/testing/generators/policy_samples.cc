#include "glue_security/testing/generators/policy_samples.h"

#include <cstddef>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/testing/generators/condition_operators.h"

namespace glue_security {
namespace {

// The samples. "GLUE:" stands for the beginning of an ARN of the catalog,
// "CALLER" for its caller, "CONDITION" for a Condition with every operator.

constexpr char kOneStatementNoList[] = R"json({
         "Version": "2012-10-17",
         "Id": "Zürich 🙂",
         "Statement": {
           "Sid": "日本",
           "Effect": "Allow",
           "Principal": "*",
           "Action": "glue:GetTable",
           "Resource": "GLUE:catalog",
           "Condition": {"StringEquals": {"aws:PrincipalTag/a~b": "x"}}
         }
       })json";

constexpr char kNoOptionalElement[] = R"json({
         "Statement": {
           "Effect": "Deny",
           "NotPrincipal": {"AWS": ["CALLER", "123456789012"]},
           "NotAction": "*",
           "NotResource": "GLUE:*"
         }
       })json";

constexpr char kEveryFormOfPrincipal[] = R"json({
         "Version": "2008-10-17",
         "Statement": [{
           "Sid": "all",
           "Effect": "Allow",
           "Principal": {
             "AWS": ["*", "210987654321",
               "arn:aws:iam::210987654321:root",
               "arn:aws:iam::210987654321:user/alice",
               "arn:aws:iam::210987654321:user/a/b/alice",
               "arn:aws:iam::210987654321:role/reader",
               "arn:aws:iam::210987654321:role/aws-service-role/x/reader",
               "arn:aws:sts::210987654321:assumed-role/reader/session@host",
               "arn:aws:sts::210987654321:federated-user/bob",
               "AIDAABCDEFGHIJKLMNOP", "AROAABCDEFGHIJKLMNOP"],
             "Service": ["glue.amazonaws.com"]
           },
           "Action": ["*", "glue:*", "Glue:Get*", "s3:?etObject"],
           "Resource": ["GLUE:database/default", "GLUE:table/*"]
         }]
       })json";

constexpr char kSeveralStatements[] = R"json({
         "Id": "",
         "Version": "2012-10-17",
         "Statement": [
           {"Sid": "α", "Effect": "Deny",
            "Principal": {"AWS": "arn:aws:iam::210987654321:user/mallory"},
            "NotAction": ["glue:Get*", "s3:*"],
            "NotResource": ["GLUE:table/a/b"]},
           {"Action": "glue:DeleteTable", "Resource": "GLUE:*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:root"],
                             "Service": "glue.amazonaws.com"},
            "Effect": "Deny", "Sid": "β"},
           {"Sid": "", "Effect": "Allow",
            "Principal": {"AWS": [], "Service": []},
            "Action": [], "Resource": [], "Condition": {}},
           {"Sid": "", "Effect": "Allow", "Principal": {},
            "Action": "glue:GetTables", "Resource": "GLUE:*/x",
            "Condition": {
              "Bool": {},
              "ForAnyValue:StringLike":
                {"aws:x": ["a", "b*"], "aws:y": [], "aws:z": "c"}}},
           {"Effect": "Allow", "Principal": {"AWS": "*"},
            "NotAction": "glue:*", "Resource": "GLUE:*"}
         ]
       })json";

constexpr char kEveryOperator[] = R"json({
         "Version": "2012-10-17",
         "Statement": [
           {"Effect": "Allow", "Principal": "*", "Action": "*",
            "Resource": "GLUE:*", "Condition": CONDITION}
         ]
       })json";

constexpr char kWhatTheGrammarAloneTakes[] = R"json({
         "Version": "2012-10-17",
         "Statement": [
           {"Effect": "Allow",
            "Principal": {
              "Federated": ["cognito-identity.amazonaws.com",
                "arn:aws:iam::123456789012:saml-provider/x"],
              "CanonicalUser": "79a59df900b949e55d96a1e698fbaced",
              "Service": "glue.amazonaws.com",
              "AWS": ["arn:aws-cn:iam::123456789012:user/(odd name)",
                "arn:aws-us-gov:iam::999999999999:root"]},
            "Action": "s3:*", "Resource": "*"},
           {"Effect": "Deny", "NotPrincipal": {"Federated": "x"},
            "Action": ["a:b"], "NotResource": ["", "anything at all"]}
         ]
       })json";

// Returns a Condition with every operator, and values of every type.
std::string EveryOperator() {
  std::vector<std::string> operators(std::begin(kAllOperators),
                                     std::end(kAllOperators));
  for (const char* more : {"BoolIfExists", "ForAllValues:Null",
                           "ForAnyValue:StringLikeIfExists"}) {
    operators.emplace_back(more);
  }
  const std::vector<std::string> values = {"\"a\"", "1.50", "true",
                                           "[\"a\", 1, false]", "[]"};
  std::string condition;
  for (size_t i = 0; i < operators.size(); ++i) {
    const bool is_date = absl::StrContains(operators[i], "Date");
    absl::StrAppend(&condition, i == 0 ? "" : ", ", "\"", operators[i],
                    "\": {\"aws:PrincipalTag/team~", i, "\": ",
                    is_date ? "[\"2026-01-31\", 1]" : values[i % values.size()],
                    "}");
  }
  return absl::StrCat("{", condition, "}");
}

}  // namespace

CatalogContext SampleCatalog() {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  catalog.caller.arn = kSampleCaller;
  catalog.principal_exists = [](absl::string_view principal) {
    return !absl::StrContains(principal, "999999999999") &&
           !absl::StrContains(principal, "GHOST");
  };
  return catalog;
}

std::vector<PolicySample> PolicySamples() {
  std::vector<PolicySample> bases = {
      {"one statement, no list", PolicyChecks::kGlue, kOneStatementNoList},
      {"no optional element", PolicyChecks::kGlue, kNoOptionalElement},
      {"every form of principal", PolicyChecks::kGlue, kEveryFormOfPrincipal},
      {"several statements", PolicyChecks::kGlue, kSeveralStatements},
      {"every operator", PolicyChecks::kGlue, kEveryOperator},
      {"what only the grammar accepts", PolicyChecks::kGrammar,
       kWhatTheGrammarAloneTakes}};
  for (PolicySample& base : bases) {
    absl::StrReplaceAll({{"GLUE:", "arn:aws:glue:us-east-1:123456789012:"},
                         {"CALLER", kSampleCaller},
                         {"CONDITION", EveryOperator()}},
                        &base.text);
  }
  return bases;
}

}  // namespace glue_security
