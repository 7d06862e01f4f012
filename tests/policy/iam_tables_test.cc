// The tables of the IAM User Guide that say which requests a condition matches.
// Each row is a test; a comment names the page, by its file name, and the
// section. Policies there have an Allow or a Deny. Here all of them allow,
// since only the condition is in question.
//
// Four rows contradict the rules of the guide. They have the results that
// docs/decisions/iam-set-operators.md chooses.

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr bool kMatch = true;
constexpr bool kNoMatch = false;

// Returns the context that `text` describes: "key=value,value key=value". Keys
// that are not in it are absent.
ContextKeys Context(absl::string_view text) {
  ContextKeys context;
  for (absl::string_view key : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(key, absl::MaxSplits('=', 1));
    context[parts.first] = absl::StrSplit(parts.second, ',');
  }
  return context;
}

// Returns true if `condition`, in which single quotes stand for double quotes,
// matches a request with this context.
bool Matches(absl::string_view condition, absl::string_view context) {
  const std::string policy = absl::StrReplaceAll(
      absl::StrCat("{'Version':'2012-10-17','Statement':{'Effect':'Allow',"
                   "'Principal':'*','Action':'*','Resource':'*','Condition':",
                   condition, "}}"),
      {{"'", "\""}});
  const auto parsed = ParsePolicy(policy, PolicyChecks::kGrammar, {});
  if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
    ADD_FAILURE() << findings->front().message << " in " << policy;
    return false;
  }
  AuthorizationRequest request;
  request.action = "glue:GetTable";
  request.resource = "arn:aws:glue:us-east-1:123456789012:table/default/orders";
  request.context = Context(context);
  const DecisionKind kind =
      PolicyEvaluator(std::get<Policy>(parsed)).Decide(request);
  EXPECT_NE(kind, DecisionKind::kUndecided);
  return kind == DecisionKind::kAllow;
}

// A row of a table about one condition.
struct Row {
  const char* context;
  bool matches;
};

void ExpectRows(absl::string_view condition, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(Matches(condition, row.context), row.matches)
        << condition << " on [" << row.context << "]";
  }
}

// A row of a table that describes operators.
struct OperatorRow {
  std::vector<std::string> operators;
  // A letter for each request: T if the operators match it, or F.
  const char* matches;
};

// Compares `values`, of the policy, with each of `requests`.
void ExpectOperators(absl::string_view values,
                     const std::vector<std::string>& requests,
                     const std::vector<OperatorRow>& rows) {
  for (const OperatorRow& row : rows) {
    for (const std::string& op : row.operators) {
      const std::string condition =
          absl::StrCat("{'", op, "':{'k:key':", values, "}}");
      std::string matches;
      for (const std::string& request : requests) {
        matches +=
            Matches(condition, absl::StrCat("k:key=", request)) ? 'T' : 'F';
      }
      EXPECT_EQ(matches, row.matches)
          << condition << " on " << absl::StrJoin(requests, "; ");
    }
  }
}

// ---- reference_policies_elements_condition_operators

// "String condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfStringOperators) {
  ExpectOperators("'Ab*'", {"Ab*", "aB*", "Abc", "x"},
                  {
                      {{"StringEquals"}, "TFFF"},
                      {{"StringNotEquals"}, "FTTT"},
                      {{"StringEqualsIgnoreCase"}, "TTFF"},
                      {{"StringNotEqualsIgnoreCase"}, "FFTT"},
                      {{"StringLike"}, "TFTF"},
                      {{"StringNotLike"}, "FTFT"},
                  });
}

// "String condition operators", the example with a job category.
TEST(ConditionOperatorsPage, String) {
  ExpectRows(
      "{'StringEquals':{'aws:PrincipalTag/job-category':"
      "'iamuser-admin'}}",
      {
          {"aws:PrincipalTag/job-category=iamuser-admin", kMatch},
          {"aws:PrincipalTag/job-category=dev-ops", kNoMatch},
          {"", kNoMatch},
      });
}

// "String condition operators", the example with a policy variable. The first
// two rows give the condition that results; here it is asked for the folders of
// both users. The third row, without a user name, says "No match", and not what
// is asked for. Only the value without a variable still counts here:
// docs/decisions/iam-variables.md, the point "A variable without a value".
TEST(ConditionOperatorsPage, StringWithVariable) {
  ExpectRows(
      "{'StringLike':{'s3:prefix':['home/','home/${aws:username}/']}}",
      {
          {"aws:username=martha_rivera s3:prefix=home/", kMatch},
          {"aws:username=martha_rivera s3:prefix=home/martha_rivera/", kMatch},
          {"aws:username=martha_rivera s3:prefix=home/nikki_wolf/", kNoMatch},
          {"aws:username=nikki_wolf s3:prefix=home/", kMatch},
          {"aws:username=nikki_wolf s3:prefix=home/nikki_wolf/", kMatch},
          {"aws:username=nikki_wolf s3:prefix=home/martha_rivera/", kNoMatch},
          {"", kNoMatch},
          {"s3:prefix=home/martha_rivera/", kNoMatch},
          {"s3:prefix=home//", kNoMatch},
          {"s3:prefix=home/${aws:username}/", kNoMatch},
          {"s3:prefix=home/", kMatch},
      });
}

// "Multivalued string condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfMultivaluedStringOperators) {
  ExpectOperators(
      "['a','b']", {"a,b", "a,x", "x,y"},
      {
          {{"ForAllValues:StringEquals", "ForAllValues:StringEqualsIgnoreCase"},
           "TFF"},
          {{"ForAnyValue:StringEquals", "ForAnyValue:StringEqualsIgnoreCase"},
           "TTF"},
          {{"ForAllValues:StringNotEquals",
            "ForAllValues:StringNotEqualsIgnoreCase"},
           "FFT"},
          {{"ForAnyValue:StringNotEquals",
            "ForAnyValue:StringNotEqualsIgnoreCase"},
           "FTT"},
          {{"ForAllValues:StringLike"}, "TFF"},
          {{"ForAnyValue:StringLike"}, "TTF"},
          {{"ForAllValues:StringNotLike"}, "FFT"},
          {{"ForAnyValue:StringNotLike"}, "FTT"},
      });
}

// "Multivalued string condition operators", the example with ForAnyValue.
TEST(ConditionOperatorsPage, MultivaluedString) {
  ExpectRows(
      "{'StringEqualsIgnoreCase':{'aws:RequestTag/environment':"
      "['preprod','storage']},"
      "'ForAnyValue:StringEquals':{'aws:TagKeys':'environment'}}",
      {
          {"aws:TagKeys=environment aws:RequestTag/environment=preprod",
           kMatch},
          {"aws:TagKeys=environment,costcenter "
           "aws:RequestTag/environment=PreProd",
           kMatch},
          {"aws:TagKeys=Environment aws:RequestTag/Environment=preprod",
           kNoMatch},
          {"aws:TagKeys=costcenter aws:RequestTag/environment=preprod",
           kNoMatch},
          {"aws:RequestTag/environment=storage", kNoMatch},
          {"aws:TagKeys=environment", kNoMatch},
          {"", kNoMatch},
      });
}

// "Wildcard matching", the example with ForAllValues:StringNotLike. The page
// has the opposite results: docs/decisions/iam-set-operators.md, the point
// "Three rows for ForAllValues:StringNotLike".
TEST(ConditionOperatorsPage, WildcardMatching) {
  ExpectRows(
      "{'ForAllValues:StringNotLike':{'aws:ResourceOrgPaths':["
      "'o-acorg/r-acroot/ou-acroot-mediaou/',"
      "'o-acorg/r-acroot/ou-acroot-sportsou/*']}}",
      {
          {"aws:ResourceOrgPaths="
           "o-acorg/r-acroot/ou-acroot-sportsou/costcenter/",
           kNoMatch},
          {"aws:ResourceOrgPaths="
           "o-acorg/r-acroot/ou-acroot-mediaou/costcenter/",
           kMatch},
          {"", kMatch},
      });
}

// "Numeric condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfNumericOperators) {
  ExpectOperators("'10'", {"9", "10", "10.5"},
                  {
                      {{"NumericEquals"}, "FTF"},
                      {{"NumericNotEquals"}, "TFT"},
                      {{"NumericLessThan"}, "TFF"},
                      {{"NumericLessThanEquals"}, "TTF"},
                      {{"NumericGreaterThan"}, "FFT"},
                      {{"NumericGreaterThanEquals"}, "FTT"},
                  });
}

// "Date condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfDateOperators) {
  ExpectOperators("'2020-01-01T00:00:01Z'",
                  {"2020-01-01T00:00:00Z", "1577836801", "2020-01-02"},
                  {
                      {{"DateEquals"}, "FTF"},
                      {{"DateNotEquals"}, "TFT"},
                      {{"DateLessThan"}, "TFF"},
                      {{"DateLessThanEquals"}, "TTF"},
                      {{"DateGreaterThan"}, "FFT"},
                      {{"DateGreaterThanEquals"}, "FTT"},
                  });
}

// "Boolean condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfBooleanOperators) {
  ExpectOperators("'true'", {"true", "false"}, {{{"Bool"}, "TF"}});
  ExpectOperators("'true'", {"true,true", "true,false", "false,false"},
                  {
                      {{"ForAllValues:Bool"}, "TFF"},
                      {{"ForAnyValue:Bool"}, "TTF"},
                  });
}

// "Boolean condition operators", the example with secure transport.
TEST(ConditionOperatorsPage, Boolean) {
  ExpectRows("{'Bool':{'aws:SecureTransport':'false'}}",
             {
                 {"aws:SecureTransport=false", kMatch},
                 {"aws:SecureTransport=true", kNoMatch},
                 {"", kNoMatch},
             });
}

// "Binary condition operators".
TEST(ConditionOperatorsPage, Binary) {
  ExpectRows("{'BinaryEquals':{'key':'QmluYXJ5VmFsdWVJbkJhc2U2NA=='}}",
             {
                 {"key=QmluYXJ5VmFsdWVJbkJhc2U2NA==", kMatch},
                 {"key=ASIAIOSFODNN7EXAMPLE", kNoMatch},
                 {"", kNoMatch},
             });
}

// "IP address condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfIpAddressOperators) {
  ExpectOperators("['203.0.113.0/24','2001:DB8:1234:5678::/64']",
                  {"203.0.113.255", "2001:db8:1234:5678::1", "198.51.100.1"},
                  {{{"IpAddress"}, "TTF"}, {{"NotIpAddress"}, "FFT"}});
}

// "IP address condition operators", the example with one range.
TEST(ConditionOperatorsPage, IpAddress) {
  ExpectRows("{'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}}",
             {
                 {"aws:SourceIp=203.0.113.1", kMatch},
                 {"aws:SourceIp=198.51.100.1", kNoMatch},
             });
}

// "Amazon Resource Name (ARN) condition operators", the list of operators. The
// last request matches only if a wildcard extends over several components.
TEST(ConditionOperatorsPage, ListOfArnOperators) {
  ExpectOperators("'arn:aws:i*:*:222222222222:user/A?a'",
                  {"arn:aws:iam::222222222222:user/Ana",
                   "arn:aws:iam::222222222222:user/ana",
                   "arn:aws:i:a:m:222222222222:user/Ana"},
                  {
                      {{"ArnEquals", "ArnLike"}, "TFF"},
                      {{"ArnNotEquals", "ArnNotLike"}, "FTT"},
                  });
}

// "Amazon Resource Name (ARN) condition operators", the example with a topic.
TEST(ConditionOperatorsPage, Arn) {
  ExpectRows(
      "{'ArnEquals':{'aws:SourceArn':"
      "'arn:aws:sns:us-west-2:123456789012:TOPIC-ID'}}",
      {
          {"aws:SourceArn=arn:aws:sns:us-west-2:123456789012:TOPIC-ID", kMatch},
          {"aws:SourceArn=arn:aws:sns:us-west-2:777788889999:TOPIC-ID",
           kNoMatch},
          {"", kNoMatch},
      });
}

// "Multivalued ARN condition operators", the list of operators.
TEST(ConditionOperatorsPage, ListOfMultivaluedArnOperators) {
  ExpectOperators(
      "['arn:aws:iam::222222222222:user/A*','arn:aws:iam::*:user/Mary']",
      {"arn:aws:iam::222222222222:user/Ana,arn:aws:iam::1:user/Mary",
       "arn:aws:iam::222222222222:user/Ana,arn:aws:iam::1:user/Nikki",
       "arn:aws:iam::1:user/Ana,arn:aws:iam::1:user/Nikki"},
      {
          {{"ForAllValues:ArnEquals", "ForAllValues:ArnLike"}, "TFF"},
          {{"ForAnyValue:ArnEquals", "ForAnyValue:ArnLike"}, "TTF"},
          {{"ForAllValues:ArnNotEquals", "ForAllValues:ArnNotLike"}, "FFT"},
          {{"ForAnyValue:ArnNotEquals", "ForAnyValue:ArnNotLike"}, "FTT"},
      });
}

// "Multivalued ARN condition operators", the example with ForAllValues:ArnLike.
// The fields of the ARNs are in the order of the table, which is not that of
// its policy. For the third row the page says "No match":
// docs/decisions/iam-set-operators.md, the point "One row for
// ForAllValues:ArnLike".
TEST(ConditionOperatorsPage, MultivaluedArn) {
  ExpectRows(
      "{'ForAllValues:ArnLike':{'logs:LogGeneratingResourceArns':["
      "'arn:aws::cloudfront:123456789012:distribution/*',"
      "'arn:aws::cloudfront:123456789012:distribution/support*']}}",
      {
          {"logs:LogGeneratingResourceArns="
           "arn:aws::cloudfront:123456789012:distribution/costcenter",
           kMatch},
          {"logs:LogGeneratingResourceArns="
           "arn:aws::cloudfront:123456789012:distribution/costcenter,"
           "arn:aws::cloudfront:123456789012:distribution/support2025",
           kMatch},
          {"logs:LogGeneratingResourceArns="
           "arn:aws::cloudfront:123456789012:distribution/costcenter,"
           "arn:aws::cloudfront:123456789012:distribution/admin",
           kMatch},
          {"logs:LogGeneratingResourceArns="
           "arn:aws::cloudfront:777788889999:distribution/costcenter",
           kNoMatch},
          {"", kMatch},
      });
}

// "...IfExists condition operators", the example with types of instances.
TEST(ConditionOperatorsPage, IfExists) {
  ExpectRows(
      "{'StringLikeIfExists':{'ec2:InstanceType':['t1.*','t2.*','m3.*']}}",
      {
          {"ec2:InstanceType=t1.micro", kMatch},
          {"ec2:InstanceType=m2.micro", kNoMatch},
          {"", kMatch},
      });
}

// ---- reference_policies_condition-single-vs-multi-valued-context-keys

// "ForAllValues".
TEST(MultivaluedKeysPage, ForAllValues) {
  ExpectRows(
      "{'ForAllValues:StringEquals':{'aws:TagKeys':"
      "['environment','cost-center']},'Null':{'aws:TagKeys':'false'}}",
      {
          {"aws:TagKeys=environment", kMatch},
          {"aws:TagKeys=cost-center", kMatch},
          {"aws:TagKeys=environment,cost-center", kMatch},
          {"aws:TagKeys=environment,dept", kNoMatch},
          {"", kNoMatch},
      });
}

// "ForAnyValue".
TEST(MultivaluedKeysPage, ForAnyValue) {
  ExpectRows(
      "{'ForAnyValue:StringEquals':{'aws:TagKeys':"
      "['environment','cost-center']}}",
      {
          {"aws:TagKeys=environment", kMatch},
          {"aws:TagKeys=cost-center", kMatch},
          {"aws:TagKeys=environment,cost-center", kMatch},
          {"aws:TagKeys=environment,dept", kMatch},
          {"aws:TagKeys=dept", kNoMatch},
          {"", kNoMatch},
      });
}

// ---- reference_policies_condition_examples-multi-valued-context-keys

// The example of a Deny with ForAllValues, one value in the policy.
TEST(MultivaluedExamplesPage, ForAllValues_OneValue) {
  ExpectRows("{'ForAllValues:StringNotLike':{'aws:TagKeys':'key1*'}}",
             {
                 {"aws:TagKeys=key1:legal", kNoMatch},
                 {"aws:TagKeys=key1:hr,key1:personnel", kNoMatch},
                 {"aws:TagKeys=key2:audit", kMatch},
                 {"", kMatch},
             });
}

// The example of a Deny with ForAllValues, several values in the policy.
TEST(MultivaluedExamplesPage, ForAllValues_SeveralValues) {
  ExpectRows("{'ForAllValues:StringNotLike':{'aws:TagKeys':['key1*','key2*']}}",
             {
                 {"aws:TagKeys=key1:legal", kNoMatch},
                 {"aws:TagKeys=key1:hr,key1:personnel", kNoMatch},
                 {"aws:TagKeys=key1:hr,key2:audit", kNoMatch},
                 {"aws:TagKeys=key3:legal", kMatch},
                 {"", kMatch},
             });
}

// The example of a Deny with ForAnyValue.
TEST(MultivaluedExamplesPage, ForAnyValue) {
  ExpectRows("{'ForAnyValue:StringEquals':{'aws:TagKeys':'webserver'}}",
             {
                 {"aws:TagKeys=webserver", kMatch},
                 {"aws:TagKeys=environment,webserver,test", kMatch},
                 {"aws:TagKeys=environment,test", kNoMatch},
                 {"", kNoMatch},
             });
}

// ---- reference_policies_condition_examples-single-valued-context-keys

// The example of one condition block with several keys and values.
TEST(SingleValuedExamplesPage, OneBlock) {
  ExpectRows(
      "{'StringEquals':{'aws:RequestTag/environment':"
      "['production','prod-backup']},'ArnEquals':{'ecs:cluster':["
      "'arn:aws:ecs:us-east-1:111122223333:cluster/default1',"
      "'arn:aws:ecs:us-east-1:111122223333:cluster/default2']}}",
      {
          {"aws:RequestTag/environment=production "
           "ecs:cluster=arn:aws:ecs:us-east-1:111122223333:cluster/default1",
           kMatch},
          {"aws:RequestTag/environment=prod-backup "
           "ecs:cluster=arn:aws:ecs:us-east-1:111122223333:cluster/default2",
           kMatch},
          {"aws:RequestTag/webserver=production "
           "ecs:cluster=arn:aws:ecs:us-east-1:111122223333:cluster/default2",
           kNoMatch},
          {"ecs:cluster=arn:aws:ecs:us-east-1:111122223333:cluster/default2",
           kNoMatch},
      });
}

// ---- reference_policies_condition-logic-multiple-context-keys-or-values

// "Evaluation logic for multiple context keys or values".
TEST(SeveralKeysPage, PositiveOperators) {
  ExpectRows(
      "{'StringEquals':{'aws:PrincipalTag/department':['finance','hr','legal'],"
      "'aws:PrincipalTag/role':['audit','security']},"
      "'ArnLike':{'aws:PrincipalArn':["
      "'arn:aws:iam::222222222222:user/Ana',"
      "'arn:aws:iam::222222222222:user/Mary']}}",
      {
          {"aws:PrincipalTag/department=legal aws:PrincipalTag/role=audit "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Mary",
           kMatch},
          {"aws:PrincipalTag/department=hr aws:PrincipalTag/role=audit "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Nikki",
           kNoMatch},
          {"aws:PrincipalTag/department=hr aws:PrincipalTag/role=payroll "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Mary",
           kNoMatch},
          {"aws:PrincipalTag/department=hr "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Mary",
           kNoMatch},
          {"aws:PrincipalArn=arn:aws:iam::222222222222:user/Mary", kNoMatch},
      });
}

// "Evaluation logic for negated matching condition operators".
TEST(SeveralKeysPage, NegatedOperators) {
  ExpectRows(
      "{'StringEquals':{'aws:PrincipalTag/department':['finance','hr','legal'],"
      "'aws:PrincipalTag/role':['audit','security']},"
      "'ArnNotLike':{'aws:PrincipalArn':["
      "'arn:aws:iam::222222222222:user/Ana',"
      "'arn:aws:iam::222222222222:user/Mary']}}",
      {
          {"aws:PrincipalTag/department=legal aws:PrincipalTag/role=audit "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Nikki",
           kMatch},
          {"aws:PrincipalTag/department=hr aws:PrincipalTag/role=audit "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Mary",
           kNoMatch},
          {"aws:PrincipalTag/department=hr aws:PrincipalTag/role=payroll "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Nikki",
           kNoMatch},
          {"aws:PrincipalTag/department=hr "
           "aws:PrincipalArn=arn:aws:iam::222222222222:user/Nikki",
           kNoMatch},
          {"aws:PrincipalArn=arn:aws:iam::222222222222:user/Nikki", kNoMatch},
      });
}

// ---- reference_policies_multi-value-conditions, an older page

// A row that compares one value of the request with one of the policy.
struct Pair {
  const char* request;
  const char* policy;
  bool matches;
};

void ExpectPairs(const std::vector<Pair>& pairs) {
  for (const Pair& pair : pairs) {
    const std::string context =
        absl::StrCat("dynamodb:Attributes=", pair.request);
    for (const char* op : {"StringEquals", "ForAllValues:StringEquals",
                           "ForAnyValue:StringEquals"}) {
      const std::string condition = absl::StrCat(
          "{'", op, "':{'dynamodb:Attributes':'", pair.policy, "'}}");
      EXPECT_EQ(Matches(condition, context), pair.matches)
          << condition << " on " << context;
    }
  }
}

// "Evaluation logic for multiple values with condition set operators", the
// first example, and its result.
TEST(MultiValueConditionsPage, ForAllValues) {
  ExpectPairs({
      {"PostDateTime", "PostDateTime", kMatch},
      {"PostDateTime", "Message", kNoMatch},
      {"PostDateTime", "Tags", kNoMatch},
      {"UserName", "PostDateTime", kNoMatch},
      {"UserName", "Message", kNoMatch},
      {"UserName", "Tags", kNoMatch},
  });
  ExpectRows(
      "{'ForAllValues:StringEquals':{'dynamodb:Attributes':"
      "['PostDateTime','Message','Tags']}}",
      {{"dynamodb:Attributes=PostDateTime,UserName", kNoMatch}});
}

// "Evaluation logic for multiple values with condition set operators", the
// second example, and its result. The page writes "Messages" in one row.
TEST(MultiValueConditionsPage, ForAnyValue) {
  ExpectPairs({
      {"UserName", "ID", kNoMatch},
      {"UserName", "PostDateTime", kNoMatch},
      {"Messages", "ID", kNoMatch},
      {"Message", "PostDateTime", kNoMatch},
      {"PostDateTime", "ID", kNoMatch},
      {"PostDateTime", "PostDateTime", kMatch},
  });
  ExpectRows(
      "{'ForAnyValue:StringEquals':{'dynamodb:Attributes':"
      "['ID','PostDateTime']}}",
      {{"dynamodb:Attributes=UserName,Message,PostDateTime", kMatch}});
}

}  // namespace
}  // namespace glue_security
