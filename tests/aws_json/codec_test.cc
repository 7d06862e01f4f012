#include "glue_security/aws_json/codec.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/matchers.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "glue_security/v1/options.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string Target(absl::string_view operation) {
  return absl::StrCat("AWSGlue.", operation);
}

v1::Request Decode(absl::string_view operation, absl::string_view body) {
  auto decoded = DecodeRequest(Target(operation), body);
  if (auto* error = std::get_if<FrontEndError>(&decoded)) {
    ADD_FAILURE() << error->type << " " << error->message.value_or("")
                  << "\nfor " << body;
    return v1::Request();
  }
  return std::get<v1::Request>(std::move(decoded));
}

// "Type" or "Type: message".
std::string ErrorOf(const std::variant<v1::Request, FrontEndError>& decoded) {
  const auto* error = std::get_if<FrontEndError>(&decoded);
  if (error == nullptr) {
    return "none: " + std::get<v1::Request>(decoded).ShortDebugString();
  }
  EXPECT_EQ(error->kind, FrontEndError::Kind::kRequest);
  return error->message.has_value()
             ? absl::StrCat(error->type, ": ", *error->message)
             : error->type;
}

// --- Requests ----------------------------------------------------------------

TEST(DecodeRequestTest, EveryMemberOfEveryRequestIsRead) {
  v1::Request expected;
  auto* put = expected.mutable_put_resource_policy();
  put->set_policy_in_json("{\"a\":\"\xC3\xA9\"}");
  put->set_policy_hash_condition("hash");
  put->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  EXPECT_THAT(Decode("PutResourcePolicy",
                     R"({"PolicyInJson":"{\"a\":\"\u00e9\"}",
                         "PolicyHashCondition":"hash",
                         "PolicyExistsCondition":"NOT_EXIST"})"),
              EqualsProto(expected));

  expected.Clear();
  auto* create = expected.mutable_create_security_configuration();
  create->set_name("n");
  auto* parts = create->mutable_encryption_configuration();
  auto* s3 = parts->mutable_s3_encryption()->add_elements();
  s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
  s3->set_kms_key_arn("arn:aws:kms:k");
  parts->mutable_s3_encryption()->add_elements();
  parts->mutable_cloud_watch_encryption();
  parts->mutable_job_bookmarks_encryption()->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
  EXPECT_THAT(Decode("CreateSecurityConfiguration",
                     R"({"Name":"n","EncryptionConfiguration":{"S3Encryption":[
                {"S3EncryptionMode":"SSE-KMS","KmsKeyArn":"arn:aws:kms:k"},{}],
                "CloudWatchEncryption":{},"JobBookmarksEncryption":
                {"JobBookmarksEncryptionMode":"CSE-KMS"}}})"),
              EqualsProto(expected));

  expected.Clear();
  auto* settings = expected.mutable_put_data_catalog_encryption_settings();
  settings->set_catalog_id("c");
  auto* passwords = settings->mutable_data_catalog_encryption_settings()
                        ->mutable_connection_password_encryption();
  passwords->set_return_connection_password_encrypted(true);
  passwords->set_aws_kms_key_id("");
  EXPECT_THAT(Decode("PutDataCatalogEncryptionSettings",
                     R"({"CatalogId":"c","DataCatalogEncryptionSettings":{
                        "ConnectionPasswordEncryption":{
                        "ReturnConnectionPasswordEncrypted":true,
                        "AwsKmsKeyId":""}}})"),
              EqualsProto(expected));
}

TEST(DecodeRequestTest, AbsentNullAndEmptyAreToldApart) {
  EXPECT_FALSE(Decode("CreateSecurityConfiguration", "{}")
                   .create_security_configuration()
                   .has_encryption_configuration());
  EXPECT_FALSE(Decode("CreateSecurityConfiguration",
                      R"({"EncryptionConfiguration":null,"Name":null})")
                   .create_security_configuration()
                   .has_encryption_configuration());
  const auto with_list =
      Decode("CreateSecurityConfiguration",
             R"({"EncryptionConfiguration":{"S3Encryption":[]}})");
  const auto& parts =
      with_list.create_security_configuration().encryption_configuration();
  EXPECT_TRUE(parts.has_s3_encryption());
  EXPECT_EQ(parts.s3_encryption().elements_size(), 0);
  EXPECT_FALSE(Decode("CreateSecurityConfiguration",
                      R"({"EncryptionConfiguration":{"S3Encryption":null}})")
                   .create_security_configuration()
                   .encryption_configuration()
                   .has_s3_encryption());
}

TEST(DecodeRequestTest, UnknownMembersAreIgnoredWhateverTheyHold) {
  for (const char* value :
       {"1", "1e999", "-0.5E-3", "true", "null", "\"text\"", "[]", "{}",
        R"([1,{"Name":["x"],"a":null},[[]]])", R"({"Name":"inner"})"}) {
    const v1::Request request =
        Decode("GetSecurityConfiguration",
               absl::StrCat(R"({"Other":)", value, R"(,"Name":"n","name":)",
                            value, R"(,"":)", value, "}"));
    EXPECT_EQ(request.get_security_configuration().name(), "n") << value;
  }
  // The service's member is "Name"; the other spelling is unknown.
  EXPECT_FALSE(Decode("GetSecurityConfiguration", R"({"name":"n"})")
                   .get_security_configuration()
                   .has_name());
}

TEST(DecodeRequestTest, TheLastOfARepeatedMemberCounts) {
  EXPECT_EQ(Decode("GetSecurityConfiguration", R"({"Name":"a","Name":"b"})")
                .get_security_configuration()
                .name(),
            "b");
  EXPECT_FALSE(Decode("GetSecurityConfiguration", R"({"Name":"a","Name":null})")
                   .get_security_configuration()
                   .has_name());
  const v1::Request request = Decode(
      "CreateSecurityConfiguration",
      R"({"EncryptionConfiguration":{"S3Encryption":[{"S3EncryptionMode":"x"}],
          "CloudWatchEncryption":{}},
          "EncryptionConfiguration":{"S3Encryption":[{}],"S3Encryption":[]}})");
  const auto& parts =
      request.create_security_configuration().encryption_configuration();
  EXPECT_FALSE(parts.has_cloud_watch_encryption());
  EXPECT_EQ(parts.s3_encryption().elements_size(), 0);
  EXPECT_EQ(request.unparsed_values_size(), 0);
}

TEST(DecodeRequestTest, OnlyTheTextsOfTheLastOfARepeatedMemberAreKept) {
  const v1::Request request = Decode(
      "CreateSecurityConfiguration",
      R"({"EncryptionConfiguration":{"S3Encryption":[{"S3EncryptionMode":"a"}]},
          "EncryptionConfiguration":{
              "S3Encryption":[{"S3EncryptionMode":"b"},{}],
              "CloudWatchEncryption":{"CloudWatchEncryptionMode":"c",
                                      "Other":{"CloudWatchEncryptionMode":"d"},
                                      "CloudWatchEncryptionMode":"e"},
              "S3Encryption":[{"S3EncryptionMode":"f",
                               "S3EncryptionMode":"SSE-S3"},
                              {"S3EncryptionMode":"DISABLED",
                               "S3EncryptionMode":"g"}],
              "JobBookmarksEncryption":{"JobBookmarksEncryptionMode":"h"},
              "JobBookmarksEncryption":null}})");
  std::vector<std::string> texts;
  for (const auto& entry : request.unparsed_values()) {
    texts.push_back(absl::StrCat(entry.path(), "=", entry.text()));
  }
  EXPECT_THAT(
      texts,
      testing::UnorderedElementsAre(
          "encryptionConfiguration.cloudWatchEncryption."
          "cloudWatchEncryptionMode=e",
          "encryptionConfiguration.s3Encryption.2.member.s3EncryptionMode=g"));
  const auto& list = request.create_security_configuration()
                         .encryption_configuration()
                         .s3_encryption();
  ASSERT_EQ(list.elements_size(), 2);
  EXPECT_EQ(list.elements(0).s3_encryption_mode(),
            v1::S3_ENCRYPTION_MODE_SSE_S3);
  EXPECT_FALSE(list.elements(1).has_s3_encryption_mode());
}

// These bodies would take minutes if the time were quadratic in their size.
TEST(DecodeRequestTest, ManyUnknownTextsTakeLinearTime) {
  const int texts = IsShortRun() ? 20'000 : 80'000;
  std::string list = R"({"EncryptionConfiguration":{"S3Encryption":[)";
  for (int i = 0; i < texts; ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ",", R"({"S3EncryptionMode":"x"})");
  }
  const v1::Request request =
      Decode("CreateSecurityConfiguration", absl::StrCat(list, "]}}"));
  EXPECT_EQ(request.unparsed_values_size(), texts);
  // The other direction takes linear time, too.
  EXPECT_EQ(EncodeRequest(request).body, absl::StrCat(list, "]}}"));
  // One unknown text, then the same member again and again.
  std::string again = absl::StrCat(list, R"(,{"S3EncryptionMode":"x")");
  for (int i = 0; i < texts; ++i) {
    again.append(R"(,"S3EncryptionMode":"y")");
  }
  again.append("}]");
  for (int i = 0; i < texts; ++i) {
    again.append(R"(,"CloudWatchEncryption":{})");
  }
  again.append("}}");
  EXPECT_EQ(Decode("CreateSecurityConfiguration", again).unparsed_values_size(),
            texts + 1);
}

TEST(DecodeRequestTest, UnknownEnumTextsAreKeptWithTheirPaths) {
  const v1::Request request =
      Decode("CreateSecurityConfiguration",
             R"({"EncryptionConfiguration":{"S3Encryption":[{},
          {"S3EncryptionMode":"SSEKMS"}],"CloudWatchEncryption":
          {"CloudWatchEncryptionMode":""}}})");
  ASSERT_EQ(request.unparsed_values_size(), 2);
  EXPECT_EQ(request.unparsed_values(0).path(),
            "encryptionConfiguration.s3Encryption.2.member.s3EncryptionMode");
  EXPECT_EQ(request.unparsed_values(0).text(), "SSEKMS");
  EXPECT_EQ(
      request.unparsed_values(1).path(),
      "encryptionConfiguration.cloudWatchEncryption.cloudWatchEncryptionMode");
  EXPECT_EQ(request.unparsed_values(1).text(), "");
  EXPECT_FALSE(request.create_security_configuration()
                   .encryption_configuration()
                   .s3_encryption()
                   .elements(1)
                   .has_s3_encryption_mode());
}

TEST(DecodeRequestTest, NumbersAreCutAndHeldWithin32Bits) {
  const std::vector<std::pair<std::string, int32_t>> cases = {
      {"0", 0},
      {"-0", 0},
      {"7", 7},
      {"1.5", 1},
      {"1.999999999999999999999", 2},  // The nearest double is 2.
      {"-1.5", -1},
      {"1e2", 100},
      {"15E-1", 1},
      {"2147483647", 2147483647},
      {"2147483648", 2147483647},
      {"-2147483648", -2147483647 - 1},
      {"-2147483649", -2147483647 - 1},
      {"99999999999999999999999999", 2147483647},
      {"1e999", 2147483647},
      {"-1e999", -2147483647 - 1},
      {"1e-999", 0},
  };
  for (const auto& [text, value] : cases) {
    const v1::Request request =
        Decode("GetSecurityConfigurations",
               absl::StrCat("{\"MaxResults\":", text, " }"));
    ASSERT_TRUE(request.get_security_configurations().has_max_results());
    EXPECT_EQ(request.get_security_configurations().max_results(), value)
        << text;
  }
}

TEST(DecodeRequestTest, NumbersBeyond32BitsAreKeptAsTheyWereSent) {
  for (const char* text : {"2147483648", "-2147483649", "1e999", "-1E+99",
                           "99999999999999999999999999.5"}) {
    const std::string body = absl::StrCat("{\"MaxResults\":", text, "}");
    const v1::Request request = Decode("GetSecurityConfigurations", body);
    ASSERT_EQ(request.unparsed_values_size(), 1) << text;
    EXPECT_EQ(request.unparsed_values(0).path(), "maxResults");
    EXPECT_EQ(request.unparsed_values(0).text(), text);
    EXPECT_EQ(EncodeRequest(request).body, body);
  }
  for (const char* text :
       {"2147483647", "2147483647.9", "-2147483648", "-2147483648.9", "7"}) {
    EXPECT_THAT(Decode("GetSecurityConfigurations",
                       absl::StrCat("{\"MaxResults\":", text, "}"))
                    .unparsed_values(),
                IsEmpty())
        << text;
  }
  // The last of a repeated member counts.
  const v1::Request request = Decode("GetSecurityConfigurations",
                                     R"({"MaxResults":1e99,"MaxResults":5})");
  EXPECT_THAT(request.unparsed_values(), IsEmpty());
  EXPECT_EQ(request.get_security_configurations().max_results(), 5);
}

// A value that was not clamped from such a number is written itself.
TEST(EncodeRequestTest, OnlyTheNumberOfAClampedIntegerIsWritten) {
  for (const char* text : {"5", "-1e99", "x", "", "1e99,\"a\":1"}) {
    v1::Request request;
    request.mutable_get_security_configurations()->set_max_results(2147483647);
    auto* unparsed = request.add_unparsed_values();
    unparsed->set_path("maxResults");
    unparsed->set_text(text);
    EXPECT_EQ(EncodeRequest(request).body, R"({"MaxResults":2147483647})")
        << text;
    request.mutable_get_security_configurations()->clear_max_results();
    unparsed->set_text("1e99");
    EXPECT_EQ(EncodeRequest(request).body, "{}");
  }
}

TEST(DecodeRequestTest, WhatIsNoJsonObjectHasNoMessage) {
  for (const char* body : {"",
                           " ",
                           "1",
                           "null",
                           "true",
                           "\"text\"",
                           "{",
                           "}",
                           "{}x",
                           "{}{}",
                           "{\"Name\"}",
                           "{\"Name\":}",
                           "{\"Name\":\"a\",}",
                           "{Name:\"a\"}",
                           "{'Name':'a'}",
                           "{\"Name\":\"a}",
                           "{\"Name\":nul}",
                           "{\"a\":tru}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":NaN}",
                           "{\"a\":[1,]}",
                           "{\"a\":[1 2]}",
                           "{\"a\" \"b\"}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\ud800\"}",
                           "\xEF\xBB\xBF{}",
                           "{\"a\":\"\xFF\"}",
                           "{\"Name\":\"\xED\xA0\x80\"}",
                           "nothing"}) {
    for (const char* operation : {"GetSecurityConfiguration", "Unknown"}) {
      EXPECT_EQ(ErrorOf(DecodeRequest(Target(operation), body)),
                "SerializationException")
          << body;
    }
  }
}

TEST(DecodeRequestTest, AListIsToldByItsFirstBracket) {
  for (const char* body : {"[]", " [1]", "\t\r\n[", "[}"}) {
    EXPECT_EQ(ErrorOf(DecodeRequest(Target("GetResourcePolicy"), body)),
              "SerializationException: Start of list found where not expected")
        << body;
  }
}

TEST(DecodeRequestTest, TheBodyMayNestAThousandDeep) {
  const auto nested = [](size_t depth) {
    return absl::StrCat(R"({"Other":)", std::string(depth - 1, '['),
                        std::string(depth - 1, ']'), "}");
  };
  Decode("GetResourcePolicy", nested(1000));
  EXPECT_EQ(ErrorOf(DecodeRequest(Target("GetResourcePolicy"), nested(1001))),
            "SerializationException");
}

struct TypeError {
  const char* operation;
  const char* body;
  const char* message;
};

TEST(DecodeRequestTest, AValueOfTheWrongTypeIsNamedAsTheServiceDoes) {
  constexpr char kList[] = "Start of list found where not expected";
  constexpr char kStructure[] =
      "Start of structure or map found where not expected.";
  const std::vector<TypeError> cases = {
      {"GetSecurityConfiguration", R"({"Name":1})",
       "NUMBER_VALUE can not be converted to a String"},
      {"GetSecurityConfiguration", R"({"Name":-1.5e3})",
       "NUMBER_VALUE can not be converted to a String"},
      {"GetSecurityConfiguration", R"({"Name":true})",
       "TRUE_VALUE can not be converted to a String"},
      {"GetSecurityConfiguration", R"({"Name":false})",
       "FALSE_VALUE can not be converted to a String"},
      {"GetSecurityConfiguration", R"({"Name":["a"]})", kList},
      {"GetSecurityConfiguration", R"({"Name":{"a":1}})", kStructure},
      {"GetSecurityConfigurations", R"({"MaxResults":"1"})",
       "STRING_VALUE can not be converted to an Integer"},
      {"GetSecurityConfigurations", R"({"MaxResults":true})",
       "TRUE_VALUE can not be converted to an Integer"},
      {"GetSecurityConfigurations", R"({"MaxResults":[1]})", kList},
      {"GetSecurityConfigurations", R"({"MaxResults":{}})", kStructure},
      {"PutResourcePolicy", R"({"PolicyExistsCondition":1})",
       "NUMBER_VALUE can not be converted to a String"},
      {"PutResourcePolicy", R"({"PolicyExistsCondition":[]})", kList},
      {"PutDataCatalogEncryptionSettings",
       R"({"DataCatalogEncryptionSettings":{"ConnectionPasswordEncryption":
          {"ReturnConnectionPasswordEncrypted":"true"}}})",
       "STRING_VALUE can not be converted to a Boolean"},
      {"PutDataCatalogEncryptionSettings",
       R"({"DataCatalogEncryptionSettings":{"ConnectionPasswordEncryption":
          {"ReturnConnectionPasswordEncrypted":1}}})",
       "NUMBER_VALUE can not be converted to a Boolean"},
      {"CreateSecurityConfiguration", R"({"EncryptionConfiguration":"x"})",
       "Expected null"},
      {"CreateSecurityConfiguration", R"({"EncryptionConfiguration":1})",
       "Expected null"},
      {"CreateSecurityConfiguration", R"({"EncryptionConfiguration":false})",
       "Expected null"},
      {"CreateSecurityConfiguration", R"({"EncryptionConfiguration":[]})",
       kList},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":"x"}})",
       "Expected list or null"},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":1}})",
       "Expected list or null"},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":{}}})", kStructure},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":["x"]}})",
       "Expected null"},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":[true]}})",
       "Expected null"},
      {"CreateSecurityConfiguration",
       R"({"EncryptionConfiguration":{"S3Encryption":[[]]}})", kList},
  };
  for (const TypeError& c : cases) {
    EXPECT_EQ(ErrorOf(DecodeRequest(Target(c.operation), c.body)),
              absl::StrCat("SerializationException: ", c.message))
        << c.body;
  }
  EXPECT_EQ(ErrorOf(DecodeRequest(
                Target("CreateSecurityConfiguration"),
                R"({"EncryptionConfiguration":{"S3Encryption":[null]}})")),
            "SerializationException");
}

TEST(DecodeRequestTest, TheFirstWrongTypeIsTold) {
  EXPECT_EQ(
      ErrorOf(DecodeRequest(Target("PutResourcePolicy"),
                            R"({"PolicyHashCondition":1,"PolicyInJson":[]})")),
      "SerializationException: NUMBER_VALUE can not be converted to a "
      "String");
  EXPECT_EQ(ErrorOf(DecodeRequest(
                Target("PutResourcePolicy"),
                R"({"PolicyInJson":[{"PolicyInJson":1}],"a":{"b":[]},)"
                R"("PolicyHashCondition":1})")),
            "SerializationException: Start of list found where not expected");
}

// A member that the codec lost could not be refused by the backend.
TEST(DecodeRequestTest, KnowsEveryModelUnlessItIsToldAnother) {
  constexpr char kBody[] =
      R"({"ResourceArn":"arn:aws:glue:us-east-1:123456789012:table/d/t"})";
  const auto decode = [&](const Behavior& behavior) {
    return std::get<v1::Request>(
        DecodeRequest(Target("DeleteResourcePolicy"), kBody, behavior));
  };
  EXPECT_TRUE(std::get<v1::Request>(
                  DecodeRequest(Target("DeleteResourcePolicy"), kBody))
                  .delete_resource_policy()
                  .has_resource_arn());
  EXPECT_TRUE(
      decode(Behavior::Observed()).delete_resource_policy().has_resource_arn());
  EXPECT_FALSE(decode(Behavior::Documented())
                   .delete_resource_policy()
                   .has_resource_arn());
  EXPECT_EQ(ErrorOf(DecodeRequest(Target("GetResourcePolicies"), "{}",
                                  Behavior::Observed())),
            "UnknownOperationException");
}

TEST(DecodeRequestTest, UnknownMembersAreNamedWhereTheyAreRefused) {
  Behavior strict = Behavior::Documented();
  strict.refuse_unknown_members = true;
  const auto error = [&](const char* operation, const char* body) {
    return ErrorOf(DecodeRequest(Target(operation), body, strict));
  };
  EXPECT_EQ(error("DeleteResourcePolicy", R"({"ResourceArn":null})"),
            "SerializationException: Unknown member 'ResourceArn'");
  EXPECT_EQ(
      error("CreateSecurityConfiguration",
            R"({"Name":"n","EncryptionConfiguration":)"
            R"({"S3Encryption":[{},{"M\u0007\u00e9":{"a":1}}]},"x":tru})"),
      "SerializationException: Unknown member "
      "'encryptionConfiguration.s3Encryption.2.member.M?"
      "?"
      "?'");
  EXPECT_EQ(
      error("GetResourcePolicy",
            ("{\"" + std::string(100, 'x') + "\":1}").c_str()),
      "SerializationException: Unknown member '" + std::string(64, 'x') + "'");
  // The first error in the text is told.
  EXPECT_EQ(error("PutResourcePolicy", R"({"PolicyInJson":1,"x":1})"),
            "SerializationException: NUMBER_VALUE can not be converted to a "
            "String");
}

TEST(DecodeRequestTest, AnUnknownTargetHasNoMessageAndComesAfterTheBody) {
  for (const char* target :
       {"", "AWSGlue", "AWSGlue.", "AWSGlue.Nothing", "PutResourcePolicy",
        "awsglue.PutResourcePolicy", "AWSGlue.putResourcePolicy",
        "AWSGlue.PutResourcePolicy ", "AWSGlue.AWSGlue.PutResourcePolicy"}) {
    EXPECT_EQ(ErrorOf(DecodeRequest(target, R"({"PolicyInJson":1})")),
              "UnknownOperationException")
        << target;
    EXPECT_EQ(ErrorOf(DecodeRequest(target, "{")), "SerializationException");
  }
}

TEST(CheckContentTypeTest, OnlyAwsJsonPasses) {
  for (const char* type :
       {"application/x-amz-json-1.1", "APPLICATION/X-Amz-Json-1.1",
        "application/x-amz-json-1.1; charset=utf-8",
        "application/x-amz-json-1.1 ;charset=utf-8"}) {
    EXPECT_FALSE(CheckContentType(type).has_value()) << type;
  }
  for (const char* type : {"", "application/json", "application/x-amz-json-1.0",
                           "application/x-amz-json-1.1x", "text/plain"}) {
    const auto error = CheckContentType(type);
    ASSERT_TRUE(error.has_value()) << type;
    const WireResponse response = EncodeFrontEndError(*error);
    EXPECT_EQ(response.http_status, 404);
    EXPECT_EQ(response.content_type, "application/xml");
    EXPECT_EQ(response.body, "<UnknownOperationException/>");
  }
}

// --- Responses ---------------------------------------------------------------

TEST(EncodeResponseTest, VoidOperationsAnswerAnEmptyObject) {
  v1::Response response;
  response.mutable_put_data_catalog_encryption_settings();
  const WireResponse wire = EncodeResponse(response);
  EXPECT_EQ(wire.http_status, 200);
  EXPECT_EQ(wire.content_type, "application/x-amz-json-1.1");
  EXPECT_EQ(wire.error_type, "");
  EXPECT_EQ(wire.body, "{}");
}

TEST(EncodeResponseTest, AbsentMembersAreLeftOutAndTheListIsNot) {
  v1::Response response;
  response.mutable_get_security_configurations();
  EXPECT_EQ(EncodeResponse(response).body, R"({"SecurityConfigurations":[]})");
  response.mutable_get_security_configurations()->set_next_token("");
  auto* configuration = response.mutable_get_security_configurations()
                            ->add_security_configurations();
  configuration->set_name("a\"\\\n\x01/\x7F\xC3\xA9\xF0\x9F\x98\x80");
  configuration->mutable_created_time_stamp()->set_seconds(1567296000);
  configuration->mutable_created_time_stamp()->set_nanos(120'000'000);
  auto* parts = configuration->mutable_encryption_configuration();
  parts->mutable_s3_encryption();
  parts->mutable_job_bookmarks_encryption()->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED);
  EXPECT_EQ(
      EncodeResponse(response).body,
      "{\"SecurityConfigurations\":[{\"Name\":\"a\\\"\\\\\\n\\u0001/\x7F\xC3"
      "\xA9\xF0\x9F\x98\x80\",\"CreatedTimeStamp\":1567296000.12,"
      "\"EncryptionConfiguration\":{\"S3Encryption\":[],"
      "\"JobBookmarksEncryption\":{\"JobBookmarksEncryptionMode\":"
      "\"DISABLED\"}}}],\"NextToken\":\"\"}");
}

TEST(EncodeResponseTest, TheTwoSpellingsOfTheCreationTime) {
  v1::Response response;
  response.mutable_create_security_configuration()
      ->mutable_created_timestamp()
      ->set_seconds(1);
  EXPECT_EQ(EncodeResponse(response).body, R"({"CreatedTimestamp":1})");
  response.mutable_get_security_configuration()
      ->mutable_security_configuration()
      ->mutable_created_time_stamp()
      ->set_nanos(1'000'000);
  EXPECT_EQ(EncodeResponse(response).body,
            R"({"SecurityConfiguration":{"CreatedTimeStamp":0.001}})");
}

TEST(EncodeResponseTest, TimesBeforeTheEpochKeepTheirFraction) {
  for (const auto& [seconds, nanos, text] :
       std::vector<std::tuple<int64_t, int32_t, std::string>>{
           {0, 0, "0"},
           {-1, 0, "-1"},
           {-1, 500'000'000, "-0.5"},
           {-2, 250'000'000, "-1.75"},
           {253402300799, 999'000'000, "253402300799.999"}}) {
    v1::Response response;
    auto* time = response.mutable_get_resource_policy()->mutable_create_time();
    time->set_seconds(seconds);
    time->set_nanos(nanos);
    const WireResponse wire = EncodeResponse(response);
    EXPECT_EQ(wire.body, absl::StrCat("{\"CreateTime\":", text, "}"));
    EXPECT_THAT(
        DecodeResponse(v1::Request::kGetResourcePolicy, 200, "", wire.body),
        IsOkAndHolds(EqualsProto(response)));
  }
}

TEST(EncodeResponseTest, StringsOfEveryLengthAndByteComeBack) {
  for (size_t length = 0; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string text(length, '~');
        text[at] = static_cast<char>(byte);
        v1::Response response;
        response.mutable_put_resource_policy()->set_policy_hash(text);
        const auto parsed =
            nlohmann::json::parse(EncodeResponse(response).body);
        ASSERT_EQ(parsed["PolicyHash"].get<std::string>(), text);
      }
    }
  }
}

TEST(EncodeResponseTest, ErrorsHaveTheirNameInHeaderAndBody) {
  v1::Response response;
  response.mutable_error()->set_code(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  response.mutable_error()->set_message("Policy \"x\" not found");
  WireResponse wire = EncodeResponse(response);
  EXPECT_EQ(wire.http_status, 400);
  EXPECT_EQ(wire.error_type, "EntityNotFoundException");
  EXPECT_EQ(wire.body, R"({"__type":"EntityNotFoundException",)"
                       R"("Message":"Policy \"x\" not found"})");
  for (int code = 1; v1::ErrorCode_IsValid(code); ++code) {
    response.mutable_error()->set_code(static_cast<v1::ErrorCode>(code));
    wire = EncodeResponse(response);
    EXPECT_EQ(wire.http_status,
              code == v1::ERROR_CODE_INTERNAL_SERVICE ? 500 : 400);
    EXPECT_EQ(wire.error_type, ErrorCodeName(static_cast<v1::ErrorCode>(code)));
    EXPECT_THAT(wire.body, HasSubstr(wire.error_type));
  }
}

TEST(EncodeResponseTest, NeitherAResponseNorAnErrorIsAnInternalError) {
  const WireResponse wire = EncodeResponse(v1::Response());
  EXPECT_EQ(wire.http_status, 500);
  EXPECT_EQ(wire.error_type, "InternalServiceException");
  EXPECT_EQ(wire.body, R"({"__type":"InternalServiceException",)"
                       R"("Message":"the backend gave no answer"})");
}

TEST(EncodeFrontEndErrorTest, TheMessageIsAbsentOrSpelledByKind) {
  EXPECT_EQ(EncodeFrontEndError({FrontEndError::Kind::kRequest,
                                 "SerializationException", std::nullopt})
                .body,
            R"({"__type":"SerializationException"})");
  EXPECT_EQ(EncodeFrontEndError({FrontEndError::Kind::kRequest,
                                 "SerializationException", "Expected null"})
                .body,
            R"({"__type":"SerializationException","Message":"Expected null"})");
  const WireResponse wire = EncodeFrontEndError(
      {FrontEndError::Kind::kAuthentication,
       "MissingAuthenticationTokenException", "Missing Authentication Token"});
  EXPECT_EQ(wire.http_status, 400);
  EXPECT_EQ(wire.error_type, "MissingAuthenticationTokenException");
  EXPECT_EQ(wire.body, R"({"__type":"MissingAuthenticationTokenException",)"
                       R"("message":"Missing Authentication Token"})");
}

// --- The client's direction --------------------------------------------------

TEST(DecodeResponseTest, ErrorsComeBackWithCodeAndMessage) {
  v1::Response response;
  for (int code = 1; v1::ErrorCode_IsValid(code); ++code) {
    response.mutable_error()->set_code(static_cast<v1::ErrorCode>(code));
    response.mutable_error()->set_message("text \xC3\xA9");
    const WireResponse wire = EncodeResponse(response);
    for (const std::string& header : {wire.error_type, std::string()}) {
      EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy,
                                 wire.http_status, header, wire.body),
                  IsOkAndHolds(EqualsProto(response)));
    }
  }
}

// Two exceptions have it, since a later model.
TEST(DecodeResponseTest, FromFederationSourceComesBack) {
  for (int code = 1; v1::ErrorCode_IsValid(code); ++code) {
    const bool is_member = code == v1::ERROR_CODE_ENTITY_NOT_FOUND ||
                           code == v1::ERROR_CODE_INVALID_INPUT;
    for (const bool value : {true, false}) {
      v1::Response response;
      response.mutable_error()->set_code(static_cast<v1::ErrorCode>(code));
      response.mutable_error()->set_message("m");
      const std::string without = EncodeResponse(response).body;
      response.mutable_error()->set_from_federation_source(value);
      const WireResponse wire = EncodeResponse(response);
      const std::string with = absl::StrCat(
          without.substr(0, without.size() - 1),
          ",\"FromFederationSource\":", value ? "true}" : "false}");
      EXPECT_EQ(wire.body, is_member ? with : without);
      if (!is_member) response.mutable_error()->clear_from_federation_source();
      EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy,
                                 wire.http_status, wire.error_type, with),
                  IsOkAndHolds(EqualsProto(response)));
    }
  }
  for (const char* body :
       {R"({"FromFederationSource":null})",
        R"({"FromFederationSource":"true"})", R"({"FromFederationSource":1})",
        R"({"fromFederationSource":true})",
        R"({"a":{"FromFederationSource":true}})",
        R"({"FromFederationSource":{"a":true},"b":true})"}) {
    const auto decoded = DecodeResponse(v1::Request::kGetResourcePolicy, 400,
                                        "EntityNotFoundException", body);
    ASSERT_THAT(decoded, IsOk());
    EXPECT_FALSE(decoded->error().has_from_federation_source()) << body;
  }
}

TEST(DecodeResponseTest, TheNameOfAnErrorIsFoundInItsManyForms) {
  for (const char* type :
       {"EntityNotFoundException", "com.amazonaws.glue#EntityNotFoundException",
        "EntityNotFoundException:http://internal.amazon.com/x#y/"}) {
    const auto in_header = DecodeResponse(v1::Request::kGetResourcePolicy, 400,
                                          type, R"({"message":"m"})");
    ASSERT_THAT(in_header, IsOk());
    EXPECT_THAT(*in_header, HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
    EXPECT_EQ(in_header->error().message(), "m");
    EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy, 400, "",
                               absl::StrCat(R"({"a":{"__type":"x"},"__type":")",
                                            type, R"("})")),
                IsOk());
  }
}

TEST(DecodeResponseTest, WhatIsNoAnswerOfTheApiIsAStatus) {
  EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy, 400,
                             "SerializationException", "{}"),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("SerializationException")));
  EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy, 502, "", "<x>"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy, 200, "", "<x>"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeResponse(v1::Request::kGetResourcePolicy, 200, "",
                             R"({"CreateTime":1e300})"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(
      DecodeResponse(v1::Request::kGetDataCatalogEncryptionSettings, 200, "",
                     R"({"DataCatalogEncryptionSettings":{
                 "EncryptionAtRest":{"CatalogEncryptionMode":"x"}}})"),
      StatusIs(absl::StatusCode::kDataLoss,
               HasSubstr("catalogEncryptionMode")));
}

TEST(DecodeResponseTest, TimesAreReadInEveryNotationOfANumber) {
  for (const auto& [text, seconds, nanos] :
       std::vector<std::tuple<std::string, int64_t, int32_t>>{
           {"1567296000.123", 1567296000, 123'000'000},
           {"1.567296000123E9", 1567296000, 123'000'000},
           {"1567296000", 1567296000, 0},
           {"-0.5", -1, 500'000'000}}) {
    const auto response =
        DecodeResponse(v1::Request::kGetResourcePolicy, 200, "",
                       absl::StrCat("{\"UpdateTime\":", text, "}"));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->get_resource_policy().update_time().seconds(), seconds);
    EXPECT_EQ(response->get_resource_policy().update_time().nanos(), nanos);
  }
}

TEST(DecodeResponseTest, TimesEndWhereATimestampDoesWhenTheyAreRounded) {
  for (const auto& [text, is_time] :
       std::vector<std::pair<const char*, bool>>{{"253402300799.9994", true},
                                                 {"253402300799.9999", false},
                                                 {"253402300800", false},
                                                 {"-62135596800", true},
                                                 {"-62135596800.0004", true},
                                                 {"-62135596800.0009", false},
                                                 {"-62135596801", false},
                                                 {"-1e999", false},
                                                 {"1e999", false}}) {
    const auto response =
        DecodeResponse(v1::Request::kGetResourcePolicy, 200, "",
                       absl::StrCat("{\"CreateTime\":", text, "}"));
    EXPECT_EQ(response.ok(), is_time) << text;
    if (!response.ok()) continue;
    const auto& time = response->get_resource_policy().create_time();
    EXPECT_GE(time.seconds(), -62135596800) << text;
    EXPECT_LE(time.seconds(), 253402300799) << text;
  }
}

// --- Both directions ---------------------------------------------------------

// Returns true when an enum has an undeclared number: text on the wire.
bool HasUndeclaredNumber(const google::protobuf::Message& message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() == field->CPPTYPE_ENUM) {
      const int number = message.GetReflection()->GetEnumValue(message, field);
      if (number == 0 ||
          field->enum_type()->FindValueByNumber(number) == nullptr) {
        return true;
      }
    } else if (field->cpp_type() == field->CPPTYPE_MESSAGE) {
      if (field->is_repeated()) {
        for (int i = 0; i < message.GetReflection()->FieldSize(message, field);
             ++i) {
          if (HasUndeclaredNumber(message.GetReflection()->GetRepeatedMessage(
                  message, field, i))) {
            return true;
          }
        }
      } else if (HasUndeclaredNumber(
                     message.GetReflection()->GetMessage(message, field))) {
        return true;
      }
    }
  }
  return false;
}

TEST(CodecTest, EveryRequestComesBackFromTheWire) {
  const RequestGenerator generator(Behavior::Documented());
  const GeneratorContext context{{"known hash"}, {"a token"}, nullptr};
  SeededChoices choices(1);
  v1::Request request;
  int compared = 0;
  int refused = 0;
  int homeless = 0;
  const int requests = IsShortRun() ? 5000 : 50'000;
  for (int i = 0; i < requests; ++i) {
    generator.Generate(choices, context, &request);
    if (request.operation_case() == kNoOperation) continue;
    const WireRequest wire = EncodeRequest(request);
    const auto decoded =
        DecodeRequest(wire.target, wire.body, Behavior::Current());
    if (!nlohmann::json::accept(wire.body)) {
      ++refused;
      EXPECT_EQ(ErrorOf(decoded), "SerializationException") << wire.body;
      continue;
    }
    ASSERT_TRUE(std::holds_alternative<v1::Request>(decoded)) << wire.body;
    const auto& back = std::get<v1::Request>(decoded);
    if (HasUndeclaredNumber(request)) {
      EXPECT_GT(back.unparsed_values_size(), 0);
      // A second round trip changes nothing.
      const WireRequest again = EncodeRequest(back);
      EXPECT_EQ(again.body, wire.body);
      continue;
    }
    // An unparsed enum within an absent structure has no place on the wire.
    if (back.unparsed_values_size() < request.unparsed_values_size()) {
      ++homeless;
      continue;
    }
    ++compared;
    EXPECT_THAT(back, EqualsProto(request));
  }
  EXPECT_LT(homeless, compared / 50);
  EXPECT_GT(compared, requests * 3 / 5);
  EXPECT_GT(refused, requests / 5000);
}

TEST(CodecTest, EveryResponseComesBackFromTheWire) {
  for (const Operation operation : kAllOperations) {
    const OperationSchema& wire_operation =
        ApiSchema::Get().operation(operation);
    v1::Response response;
    response.GetReflection()->MutableMessage(&response,
                                             wire_operation.response_field);
    const WireResponse wire = EncodeResponse(response);
    EXPECT_THAT(DecodeResponse(operation, 200, "", wire.body),
                IsOkAndHolds(EqualsProto(response)));
  }
  v1::Response response;
  auto* page = response.mutable_get_security_configurations();
  page->set_next_token("token \xE2\x80\xA8");
  for (int i = 0; i < 3; ++i) {
    auto* configuration = page->add_security_configurations();
    configuration->set_name(absl::StrCat("n", i));
    configuration->mutable_created_time_stamp()->set_seconds(1'700'000'000 + i);
    configuration->mutable_created_time_stamp()->set_nanos(i * 1'000'000);
    auto* list = configuration->mutable_encryption_configuration()
                     ->mutable_s3_encryption();
    for (int k = 0; k < i; ++k) {
      list->add_elements()->set_s3_encryption_mode(
          v1::S3_ENCRYPTION_MODE_SSE_S3);
    }
  }
  EXPECT_THAT(DecodeResponse(v1::Request::kGetSecurityConfigurations, 200, "",
                             EncodeResponse(response).body),
              IsOkAndHolds(EqualsProto(response)));
}

TEST(CodecTest, ABodyIsJsonExactlyWhenAnotherParserTakesIt) {
  // Bodies that are broken byte by byte. All members are unknown, so that the
  // answer depends only on whether the body is JSON.
  const std::string bodies[] = {
      R"({"a":[1,-2.5e+10,true,false,null,"\u00e9\n\"x"],"b":{"c":{}}})",
      R"( { "k" : [ ] , "k" : { } , "" : 0 } )",
      "{\"\xC3\xA9\":\"\xE2\x82\xAC\"}"};
  const std::string alphabet = "{}[]:,\"\\ \t\n0123eE+-.tfn\x01\x80\xC3u";
  std::mt19937_64 rng(2);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string body = bodies[rng() % std::size(bodies)];
    for (uint64_t n = 1 + rng() % 3; n > 0; --n) {
      const size_t at = rng() % body.size();
      switch (rng() % 3) {
        case 0:
          body.erase(at, 1 + rng() % 3);
          break;
        case 1:
          body.insert(at, 1, alphabet[rng() % alphabet.size()]);
          break;
        default:
          body[at] = alphabet[rng() % alphabet.size()];
      }
      if (body.empty()) body = "{";
    }
    // The codec recognizes a list by its bracket before it parses anything.
    if (body[std::min(body.find_first_not_of(" \t\n"), body.size() - 1)] == '[')
      continue;
    const bool is_object = NaiveIsJsonObject(body, 1000);
    const std::string error = ErrorOf(DecodeRequest("AWSGlue.None", body));
    ASSERT_EQ(error == "UnknownOperationException", is_object) << body;
    ++(is_object ? accepted : refused);
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace glue_security
