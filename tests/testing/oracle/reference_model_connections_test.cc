// The model's connections, passwords and keys, compared with cells written by
// hand from the rules of encryption.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/oracle/naive_keys.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"
#include "tests/testing/oracle/reference_model_fixture.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using Properties = std::map<std::string, std::string>;

constexpr v1::ErrorCode kRefused = v1::ERROR_CODE_GLUE_ENCRYPTION;
constexpr char kFirst[] = "ENCRYPTED/PASSWORD/0001A";

class ConnectionsTest : public ReferenceModelFixture {
 protected:
  static v1::Request Create(const std::string& name,
                            const Properties& properties = {}) {
    v1::Request request;
    auto* input =
        request.mutable_create_connection()->mutable_connection_input();
    input->set_name(name);
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& elements =
        *input->mutable_connection_properties()->mutable_elements();
    for (const auto& [key, value] : properties) elements[key] = value;
    return request;
  }
  static v1::Request Update(const std::string& name,
                            const Properties& properties) {
    v1::Request request;
    auto* update = request.mutable_update_connection();
    update->set_name(name);
    *update->mutable_connection_input() =
        Create(name, properties).create_connection().connection_input();
    return request;
  }
  // Settings with a flag, and with keys unless they are "-".
  v1::ErrorCode Put(bool flag, const std::string& key = "-",
                    const std::string& catalog_mode = "DISABLED",
                    const std::string& catalog_key = "-") {
    std::string text = absl::StrCat(
        "put_data_catalog_encryption_settings { "
        "data_catalog_encryption_settings { encryption_at_rest { "
        "catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_",
        catalog_mode);
    if (catalog_key != "-") {
      absl::StrAppend(&text, " sse_aws_kms_key_id: \"", catalog_key, "\"");
    }
    absl::StrAppend(&text,
                    " } connection_password_encryption { "
                    "return_connection_password_encrypted: ",
                    flag ? "true" : "false");
    if (key != "-") absl::StrAppend(&text, " aws_kms_key_id: \"", key, "\"");
    return CodeOf(text + " } } }");
  }
  v1::Connection Get(const std::string& name, const std::string& more = "") {
    return Run(absl::StrCat("get_connection { name: \"", name, "\" ", more,
                            "}"))
        .get_connection()
        .connection();
  }
  Properties PropertiesOf(const std::string& name,
                          const std::string& more = "") {
    const v1::Connection shown = Get(name, more);
    const auto& elements = shown.connection_properties().elements();
    return Properties(elements.begin(), elements.end());
  }
  // Returns the code of the key service in the answer to a read.
  std::string RefusalOf(const std::string& name) {
    return Run(absl::StrCat("get_connection { name: \"", name, "\" }"))
        .error()
        .message();
  }
  std::vector<std::string> List(const std::string& more) {
    std::vector<std::string> names;
    page_ = Run(absl::StrCat("get_connections { ", more, " }"));
    for (const auto& shown : page_.get_connections().connection_list()) {
      names.push_back(shown.name());
    }
    return names;
  }

  v1::Response page_;
};

TEST_F(ConnectionsTest, AConnectionIsCreatedShownUpdatedAndDeleted) {
  caller_.principal_arn = "arn:aws:iam::123456789012:user/path/alice";
  EXPECT_EQ(CodeOf(Create("c", {{"HOST", "h"}})), kOk);
  EXPECT_EQ(CodeOf(Create("c")), v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_EQ(Get("c").ShortDebugString(),
            "name: \"c\" connection_type: CONNECTION_TYPE_JDBC "
            "connection_properties { elements { key: \"HOST\" value: \"h\" } } "
            "creation_time { seconds: 1 } last_updated_time { seconds: 1 } "
            "last_updated_by: \"user/path/alice\"");
  clock_.Set(absl::FromUnixMillis(3000));
  caller_.principal_arn = "";
  EXPECT_EQ(CodeOf(Update("c", {})), kOk);
  EXPECT_EQ(Get("c").ShortDebugString(),
            "name: \"c\" connection_type: CONNECTION_TYPE_JDBC "
            "connection_properties { } creation_time { seconds: 1 } "
            "last_updated_time { seconds: 3 }");
  // Times never go back.
  clock_.Set(absl::FromUnixMillis(2000));
  EXPECT_EQ(CodeOf(Update("c", {})), kOk);
  EXPECT_EQ(Get("c").last_updated_time().seconds(), 3);
  EXPECT_EQ(CodeOf("delete_connection { connection_name: \"c\" }"), kOk);
  EXPECT_EQ(CodeOf("delete_connection { connection_name: \"c\" }"), kNotFound);
  EXPECT_EQ(CodeOf(Update("c", {})), kNotFound);
  EXPECT_EQ(CodeOf("get_connection { name: \"c\" }"), kNotFound);
}

TEST_F(ConnectionsTest, TheTwoNamesOfAnUpdateMustBeEqual) {
  v1::Request update = Update("absent", {});
  update.mutable_update_connection()->mutable_connection_input()->set_name("x");
  EXPECT_EQ(CodeOf(update), kInvalid);
}

TEST_F(ConnectionsTest, ABatchNamesEachOnce) {
  ASSERT_EQ(CodeOf(Create("a")), kOk);
  const auto answer =
      Run("batch_delete_connection { connection_name_list { elements: 'x' "
          "elements: 'a' elements: 'a' elements: 'x' } }")
          .batch_delete_connection();
  EXPECT_THAT(answer.succeeded(), ElementsAre("a"));
  ASSERT_EQ(answer.errors().size(), 1u);
  EXPECT_EQ(answer.errors().at("x").error_code(), "EntityNotFoundException");
  EXPECT_EQ(CodeOf("get_connection { name: 'a' }"), kNotFound);
}

TEST_F(ConnectionsTest, CatalogsAndTheNumberLimit) {
  Limits limits;
  limits.connections_max = 1;
  Become(Behavior::Documented(), limits);
  ASSERT_EQ(CodeOf(Create("a")), kOk);
  EXPECT_EQ(CodeOf(Create("a")), v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_EQ(CodeOf(Create("b")), v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
  v1::Request other = Create("b");
  other.mutable_create_connection()->set_catalog_id("other");
  EXPECT_EQ(CodeOf(other), kOk);
  EXPECT_EQ(CodeOf("get_connection { name: 'b' }"), kNotFound);
  EXPECT_EQ(CodeOf("get_connection { name: 'b' catalog_id: 'other' }"), kOk);
}

TEST_F(ConnectionsTest, AFilterIsAppliedToAPage) {
  for (const char* name : {"a", "b", "c"}) {
    v1::Request create = Create(name);
    auto* input =
        create.mutable_create_connection()->mutable_connection_input();
    if (name[0] != 'a') input->set_connection_type(v1::CONNECTION_TYPE_SFTP);
    input->mutable_match_criteria()->add_elements("all");
    input->mutable_match_criteria()->add_elements(name);
    ASSERT_EQ(CodeOf(create), kOk);
  }
  EXPECT_THAT(List(""), ElementsAre("a", "b", "c"));
  const std::string sftp =
      "filter { connection_type: CONNECTION_TYPE_SFTP } max_results: 1 ";
  EXPECT_THAT(List(sftp), IsEmpty());
  const auto token = [this] {
    return absl::StrCat("next_token: \"", page_.get_connections().next_token(),
                        "\" ");
  };
  EXPECT_THAT(List(sftp + token()), ElementsAre("b"));
  EXPECT_THAT(List(sftp + token()), ElementsAre("c"));
  EXPECT_FALSE(page_.get_connections().has_next_token());
  EXPECT_THAT(List("filter { match_criteria { elements: 'all' } }"),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(
      List("filter { match_criteria { elements: 'all' elements: 'b' } }"),
      ElementsAre("b"));
  EXPECT_THAT(List("filter { match_criteria { } }"),
              ElementsAre("a", "b", "c"));
  // Tokens belong to a catalog.
  List("max_results: 1");
  const std::string next = token();
  EXPECT_THAT(List(next), ElementsAre("b", "c"));
  EXPECT_EQ(CodeOf("get_connections { catalog_id: 'x' " + next + "}"),
            kInvalid);
  EXPECT_EQ(CodeOf("get_connections { next_token: 'x' }"), kInvalid);
}

// --- Constraints -------------------------------------------------------------

TEST_F(ConnectionsTest, EveryConstraintOfAConnectionIsInItsPlace) {
  EXPECT_THAT(Broken("create_connection { }"),
              ElementsAre("connectionInput REQUIRED"));
  EXPECT_THAT(Broken("create_connection { connection_input { } }"),
              ElementsAre("connectionInput.name REQUIRED",
                          "connectionInput.connectionType REQUIRED",
                          "connectionInput.connectionProperties REQUIRED"));
  v1::Request request = Create("", {{"HOST", std::string(1025, 'x')},
                                    {"PASSWORD", std::string(1024, 'x')},
                                    {"a\n\"\xFF", "\xFF"}});
  auto* input = request.mutable_create_connection()->mutable_connection_input();
  input->set_description("\r\n\t\x1F");
  input->set_connection_type(v1::CONNECTION_TYPE_KAFKA);
  for (int i = 0; i < 11; ++i) {
    input->mutable_match_criteria()->add_elements(i == 1 ? "" : "x");
  }
  input->mutable_physical_connection_requirements()->set_subnet_id("");
  input->mutable_physical_connection_requirements()
      ->mutable_security_group_id_list()
      ->add_elements("\n");
  EXPECT_THAT(
      Broken(request),
      ElementsAre(
          "connectionInput.name LENGTH_MIN",
          "connectionInput.description PATTERN",
          "connectionInput.connectionType ENUM",
          "connectionInput.matchCriteria LENGTH_MAX",
          "connectionInput.matchCriteria.2.member LENGTH_MIN",
          "connectionInput.connectionProperties.HOST.member LENGTH_MAX",
          "connectionInput.connectionProperties PATTERN",
          "connectionInput.connectionProperties ENUM",
          "connectionInput.connectionProperties.a\\n\\\"\xEF\xBF\xBD.member "
          "PATTERN",
          "connectionInput.physicalConnectionRequirements.subnetId LENGTH_MIN",
          "connectionInput.physicalConnectionRequirements.securityGroupIdList."
          "1.member PATTERN"));
}

TEST_F(ConnectionsTest, TypesKeysAndTagsHaveADate) {
  v1::Request request = Create("c", {{"KAFKA_SSL_ENABLED", "x"}});
  auto* create = request.mutable_create_connection();
  create->mutable_connection_input()->set_connection_type(
      v1::CONNECTION_TYPE_KAFKA);
  (*create->mutable_tags()->mutable_elements())[""] = std::string(257, 'x');
  Behavior behavior;
  behavior.api_date = absl::CivilDay(2021, 6, 30);
  Become(behavior);
  EXPECT_THAT(Broken(request),
              ElementsAre("connectionInput.connectionType ENUM",
                          "connectionInput.connectionProperties ENUM"));
  behavior.api_date = absl::CivilDay(2021, 7, 1);
  Become(behavior);
  EXPECT_THAT(Broken(request),
              ElementsAre("tags LENGTH_MIN", "tags..member LENGTH_MAX"));
}

TEST_F(ConnectionsTest, ListsOfNamesHaveABound) {
  v1::Request request;
  auto* names =
      request.mutable_batch_delete_connection()->mutable_connection_name_list();
  EXPECT_EQ(CodeOf(request), kOk);
  for (int i = 0; i < 25; ++i) names->add_elements("x");
  EXPECT_EQ(CodeOf(request), kOk);
  names->add_elements("x");
  EXPECT_THAT(Broken(request), ElementsAre("connectionNameList LENGTH_MAX"));
  EXPECT_THAT(Broken("batch_delete_connection { }"),
              ElementsAre("connectionNameList REQUIRED"));
  EXPECT_THAT(Broken("get_connections { max_results: 0 next_token: '\\377' }"),
              ElementsAre("nextToken PATTERN", "maxResults VALUE_MIN"));
}

// --- Passwords ---------------------------------------------------------------

TEST_F(ConnectionsTest, TheFlagOrTheKeyProtectsAsTheBehaviorSays) {
  struct Case {
    PasswordProtection protection;
    bool flag_protects;
    bool key_protects;
  };
  for (const Case& c : {Case{PasswordProtection::kFlag, true, false},
                        Case{PasswordProtection::kKey, false, true},
                        Case{PasswordProtection::kFlagOrKey, true, true}}) {
    Behavior behavior;
    behavior.password_protection = c.protection;
    for (const bool flag : {false, true}) {
      for (const bool key : {false, true}) {
        Become(behavior);
        ASSERT_EQ(Put(flag, key ? "alias/aws/glue" : "-"), kOk);
        ASSERT_EQ(CodeOf(Create("c", {{"PASSWORD", "p"}})), kOk);
        ASSERT_EQ(Put(true), kOk);
        const bool encrypted =
            (flag && c.flag_protects) || (key && c.key_protects);
        EXPECT_EQ(PropertiesOf("c").count("ENCRYPTED_PASSWORD"),
                  encrypted ? 1u : 0u);
        EXPECT_EQ(PropertiesOf("c").count("PASSWORD"), encrypted ? 0u : 1u);
      }
    }
  }
}

TEST_F(ConnectionsTest, APasswordIsShownAsTheFlagSays) {
  ASSERT_EQ(Put(true), kOk);
  ASSERT_EQ(CodeOf(Create("c", {{"PASSWORD", "p"}, {"HOST", "h"}})), kOk);
  EXPECT_THAT(PropertiesOf("c"),
              UnorderedElementsAre(Pair("ENCRYPTED_PASSWORD", kFirst),
                                   Pair("HOST", "h")));
  EXPECT_THAT(PropertiesOf("c", "hide_password: true"),
              ElementsAre(Pair("HOST", "h")));
  ASSERT_EQ(Put(false), kOk);
  EXPECT_THAT(PropertiesOf("c"),
              UnorderedElementsAre(Pair("PASSWORD", "p"), Pair("HOST", "h")));
  EXPECT_THAT(PropertiesOf("c", "hide_password: true"),
              ElementsAre(Pair("HOST", "h")));
  // A text that was shown stands for the password when it is given back.
  ASSERT_EQ(CodeOf(Create("d", {{"ENCRYPTED_PASSWORD", kFirst}})), kOk);
  EXPECT_THAT(PropertiesOf("d"), ElementsAre(Pair("PASSWORD", "p")));
  // An update without a password drops it; another write has another text.
  ASSERT_EQ(CodeOf(Update("d", {})), kOk);
  EXPECT_THAT(PropertiesOf("d"), IsEmpty());
  ASSERT_EQ(Put(true), kOk);
  ASSERT_EQ(CodeOf(Update("d", {{"PASSWORD", "p"}})), kOk);
  EXPECT_THAT(PropertiesOf("d"), ElementsAre(Pair("ENCRYPTED_PASSWORD",
                                                  "ENCRYPTED/PASSWORD/"
                                                  "0002A")));
}

TEST_F(ConnectionsTest, PasswordsThatAreNotEncrypted) {
  // An empty one, whatever the settings.
  ASSERT_EQ(Put(true, "no-key"), kOk);
  ASSERT_EQ(CodeOf(Create("empty", {{"PASSWORD", ""},
                                    {"ENCRYPTED_PASSWORD", "dropped"}})),
            kOk);
  EXPECT_THAT(PropertiesOf("empty"), ElementsAre(Pair("PASSWORD", "")));
  // One that was given while nothing protects it; it is shown under the flag.
  ASSERT_EQ(Put(false), kOk);
  ASSERT_EQ(CodeOf(Create("clear", {{"PASSWORD", "p"},
                                    {"ENCRYPTED_PASSWORD", "dropped"}})),
            kOk);
  ASSERT_EQ(Put(true), kOk);
  EXPECT_THAT(PropertiesOf("clear"), ElementsAre(Pair("PASSWORD", "p")));
  // An ENCRYPTED_PASSWORD is kept as given, and no key opens it.
  for (const char* text : {"QUJD", "not base64", " ", ""}) {
    ASSERT_EQ(Put(true), kOk);
    ASSERT_EQ(CodeOf(Create(absl::StrCat("given", text),
                            {{"ENCRYPTED_PASSWORD", text}})),
              kOk);
    EXPECT_THAT(PropertiesOf(absl::StrCat("given", text)),
                ElementsAre(Pair("ENCRYPTED_PASSWORD", text)));
    ASSERT_EQ(Put(false), kOk);
  }
  EXPECT_THAT(RefusalOf("givenQUJD"), HasSubstr("InvalidCiphertextException;"));
  EXPECT_THAT(RefusalOf("givennot base64"),
              HasSubstr("InvalidCiphertextException;"));
  EXPECT_THAT(RefusalOf("given "), HasSubstr("ValidationException;"));
  EXPECT_THAT(PropertiesOf("given"),
              ElementsAre(Pair("ENCRYPTED_PASSWORD", "")));
}

TEST_F(ConnectionsTest, TheLaterPairsArePasswordsSinceTheirDate) {
  Become(Behavior::Current());
  ASSERT_EQ(Put(true), kOk);
  ASSERT_EQ(CodeOf(Create("c", {{"PASSWORD", "p"},
                                {"KAFKA_CLIENT_KEYSTORE_PASSWORD", "q"},
                                {"KAFKA_CLIENT_KEY_PASSWORD", "r"}})),
            kOk);
  EXPECT_THAT(
      PropertiesOf("c"),
      UnorderedElementsAre(Pair("ENCRYPTED_PASSWORD", kFirst),
                           Pair("ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
                                "ENCRYPTED/PASSWORD/0001B"),
                           Pair("ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
                                "ENCRYPTED/PASSWORD/0001C")));
  ASSERT_EQ(Put(false), kOk);
  EXPECT_THAT(PropertiesOf("c"),
              UnorderedElementsAre(Pair("PASSWORD", "p"),
                                   Pair("KAFKA_CLIENT_KEYSTORE_PASSWORD", "q"),
                                   Pair("KAFKA_CLIENT_KEY_PASSWORD", "r")));
}

// --- Keys --------------------------------------------------------------------

TEST_F(ConnectionsTest, AKeyThatIsRefusedChangesNothing) {
  struct Case {
    const char* key;
    const char* refusal;
  };
  for (const Case& c : std::vector<Case>{
           {"alias/aws/glue", ""},
           {"arn:aws:kms:us-east-1:123456789012:alias/aws/glue", ""},
           {"alias/other", "NotFoundException"},
           {"key-1", "NotFoundException"},
           {"11111111-2222-3333-4444-555555555555", "NotFoundException"},
           {"arn:aws:kms:us-east-1:123456789012:alias/x", "NotFoundException"},
           {"arn:aws:kms:us-east-1:123456789012:key/x", "NotFoundException"},
           {"arn:aws:kms:us-east-1:210987654321:key/x", "NotFoundException"},
           {"arn:aws:kms:eu-west-1:123456789012:alias/aws/glue",
            "NotFoundException"},
           {"arn:aws:kms:us-east-1:210987654321:alias/aws/glue",
            "AccessDeniedException"},
           {"arn:aws:kms:k", "InvalidArnException"},
           {"arn:aws:s3:us-east-1:123456789012:alias/x", "InvalidArnException"},
           {"arn:aws-cn:kms:us-east-1:123456789012:alias/x",
            "InvalidArnException"}}) {
    SCOPED_TRACE(c.key);
    Become(Behavior::Documented());
    for (const bool seals : {false, true}) {
      ASSERT_EQ(seals ? Put(false, "-", "SSE_KMS", c.key) : Put(true, c.key),
                kOk);
      const std::string before = model_.StateFingerprint();
      const v1::Response answer = model_.Execute(
          caller_,
          Create(seals ? "sealed" : "password", {{"PASSWORD", "secret"}}));
      if (c.refusal[0] == '\0') {
        EXPECT_FALSE(answer.has_error());
        continue;
      }
      EXPECT_EQ(answer.error().code(), kRefused);
      EXPECT_THAT(answer.error().message(),
                  HasSubstr(absl::StrCat("Error Code: ", c.refusal, ";")));
      EXPECT_EQ(model_.StateFingerprint(), before);
    }
  }
}

TEST_F(ConnectionsTest, WhatAnotherAccountEncryptedIsNotReadable) {
  Become(Behavior::Documented());
  ASSERT_EQ(Put(true), kOk);
  ASSERT_EQ(CodeOf(Create("password", {{"PASSWORD", "p"}})), kOk);
  ASSERT_EQ(Put(false, "-", "SSE_KMS"), kOk);
  ASSERT_EQ(CodeOf(Create("sealed")), kOk);
  const std::string of_catalog = "catalog_id: '123456789012' ";
  EXPECT_EQ(CodeOf("get_connections { }"), kOk);
  caller_.account_id = "210987654321";
  for (const std::string name : {"password", "sealed"}) {
    EXPECT_EQ(
        CodeOf("get_connection { " + of_catalog + "name: '" + name + "' }"),
        kRefused);
  }
  // HidePassword needs no key for a password, and one for the seal.
  const std::string hidden = of_catalog + "hide_password: true name: ";
  EXPECT_EQ(CodeOf("get_connection { " + hidden + "'password' }"), kOk);
  EXPECT_EQ(CodeOf("get_connection { " + hidden + "'sealed' }"), kRefused);
  EXPECT_EQ(CodeOf("get_connections { hide_password: true " + of_catalog + "}"),
            kRefused);
  // It can be written and deleted.
  v1::Request update = Update("sealed", {});
  update.mutable_update_connection()->set_catalog_id("123456789012");
  EXPECT_EQ(CodeOf(update), kOk);
  EXPECT_EQ(CodeOf("delete_connection { " + of_catalog +
                   "connection_name: 'sealed' }"),
            kOk);
}

TEST_F(ConnectionsTest, WithAServiceRoleTheRoleUsesTheKey) {
  Become(Behavior::Current());
  ASSERT_EQ(CodeOf("put_data_catalog_encryption_settings { "
                   "data_catalog_encryption_settings { encryption_at_rest { "
                   "catalog_encryption_mode: "
                   "CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE "
                   "catalog_encryption_service_role: "
                   "'arn:aws:iam::210987654321:role/r' } } }"),
            kOk);
  ASSERT_EQ(CodeOf(Create("c")), kOk);
  EXPECT_EQ(CodeOf("get_connection { name: 'c' }"), kOk);
  // Without the role, the caller is of another account.
  ASSERT_EQ(Put(false, "-", "SSE_KMS"), kOk);
  EXPECT_EQ(CodeOf("get_connection { name: 'c' }"), kRefused);
}

TEST_F(ConnectionsTest, PoliciesNeedTheCatalogsKeyInCurrent) {
  for (const bool needs : {false, true}) {
    Behavior behavior = Behavior::Current();
    behavior.policies_need_catalog_key = needs;
    Become(behavior);
    EXPECT_EQ(CodeOf("get_resource_policies { }"), kOk);
    ASSERT_EQ(Put(true, "no-key", "SSE_KMS"), kOk);
    EXPECT_EQ(CodeOf("get_resource_policies { }"), kOk);
    ASSERT_EQ(Put(false, "-", "SSE_KMS", "no-key"), kOk);
    EXPECT_EQ(CodeOf("get_resource_policies { }"), needs ? kRefused : kOk);
    ASSERT_EQ(Put(false, "-", "DISABLED", "no-key"), kOk);
    EXPECT_EQ(CodeOf("get_resource_policies { }"), kOk);
  }
}

// The keys of a test: it switches one on and off.
TEST_F(ConnectionsTest, OtherKeysAreThoseOfTheTest) {
  bool enabled = true;
  std::vector<ModelKeyCall::Kind> calls;
  model_ =
      ReferenceModel(Loose(Behavior::Documented()), Limits(), &clock_, nullptr,
                     [&](const ModelKeyCall& call) -> std::string {
                       EXPECT_EQ(call.key, "mine");
                       calls.push_back(call.kind);
                       return enabled ? "" : "DisabledException";
                     });
  using Kind = ModelKeyCall::Kind;
  ASSERT_EQ(Put(true, "mine", "SSE_KMS", "mine"), kOk);
  ASSERT_EQ(CodeOf(Create("c", {{"PASSWORD", "p"}})), kOk);
  EXPECT_THAT(calls, ElementsAre(Kind::kEncrypt, Kind::kGenerateDataKey));
  calls.clear();
  ASSERT_EQ(Put(false), kOk);
  EXPECT_EQ(CodeOf("get_connection { name: 'c' }"), kOk);
  EXPECT_THAT(calls, ElementsAre(Kind::kDecrypt, Kind::kDecrypt));
  enabled = false;
  EXPECT_THAT(RefusalOf("c"), HasSubstr("Error Code: DisabledException;"));
}

TEST_F(ConnectionsTest, TheFingerprintShowsWhatCiphertextsStandFor) {
  const auto fingerprint = [this](int writes, const std::string& password) {
    Become(Behavior::Documented());
    EXPECT_EQ(Put(true), kOk);
    EXPECT_EQ(CodeOf(Create("c", {{"PASSWORD", "first"}})), kOk);
    for (int i = 0; i < writes; ++i) {
      EXPECT_EQ(CodeOf(Update("c", {{"PASSWORD", password}})), kOk);
    }
    return model_.StateFingerprint();
  };
  EXPECT_EQ(fingerprint(1, "p"), fingerprint(3, "p"));
  EXPECT_NE(fingerprint(1, "p"), fingerprint(1, "q"));
}

}  // namespace
}  // namespace glue_security
