#include "glue_security/schema/api_schema.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;

// Collects `structure` and the structures below it, each once.
void Collect(const StructureSchema* structure,
             std::set<const StructureSchema*>* all) {
  if (!all->insert(structure).second) return;
  for (const MemberSchema& member : structure->members) {
    if (member.structure != nullptr) Collect(member.structure, all);
  }
}

std::set<const StructureSchema*> AllStructures() {
  std::set<const StructureSchema*> all;
  for (const Operation operation : kAllOperations) {
    Collect(ApiSchema::Get().operation(operation).request, &all);
    Collect(ApiSchema::Get().operation(operation).response, &all);
  }
  return all;
}

TEST(ApiSchema, EveryMemberOfTheContractHasItsNameOnTheWire) {
  // The names are the protos' json_name; tests/proto compares those with an
  // SDK's model.
  size_t members = 0;
  for (const StructureSchema* structure : AllStructures()) {
    EXPECT_EQ(static_cast<int>(structure->members.size()),
              structure->descriptor->field_count());
    for (const MemberSchema& member : structure->members) {
      ++members;
      EXPECT_EQ(structure->Find(member.name), &member);
      EXPECT_TRUE(absl::ascii_isupper(member.name[0])) << member.name;
      EXPECT_EQ(member.json_key, "\"" + member.name + "\":");
      EXPECT_EQ(absl::AsciiStrToLower(member.path_name),
                absl::AsciiStrToLower(member.name));
      EXPECT_TRUE(absl::ascii_islower(member.path_name[0]));
    }
    EXPECT_EQ(structure->Find("nothing"), nullptr);
  }
  EXPECT_GT(members, 30u);
}

TEST(ApiSchema, OperationsAreThoseOfTheEnvelope) {
  const auto* oneof = v1::Request::descriptor()->FindOneofByName("operation");
  ASSERT_EQ(static_cast<size_t>(oneof->field_count()), kAllOperations.size());
  for (int i = 0; i < oneof->field_count(); ++i) {
    // The order must agree with the list, too.
    const Operation operation = kAllOperations[static_cast<size_t>(i)];
    EXPECT_EQ(oneof->field(i)->number(), operation);
    const OperationSchema& schema = ApiSchema::Get().operation(operation);
    EXPECT_EQ(schema.operation, operation);
    EXPECT_EQ(schema.request_field, oneof->field(i));
    EXPECT_EQ(schema.response_field->name(), oneof->field(i)->name());
    EXPECT_EQ(schema.info->name(), OperationName(operation));
    EXPECT_EQ(ApiSchema::Get().FindOperation(schema.info->name()), &schema);
    EXPECT_EQ(schema.request->descriptor->name(),
              schema.info->name() + "Request");
    EXPECT_EQ(schema.response->descriptor->name(),
              schema.info->name() + "Response");
  }
  EXPECT_EQ(ApiSchema::Get().FindOperation("GetTable"), nullptr);
  EXPECT_EQ(ApiSchema::Get().FindOperation(""), nullptr);
}

TEST(ApiSchema, NoOperationHasAnEmptySchema) {
  const OperationSchema& none = ApiSchema::Get().operation(kNoOperation);
  EXPECT_EQ(none.info->resource(), v1::RESOURCE_UNSPECIFIED);
  EXPECT_EQ(none.request, nullptr);
  EXPECT_EQ(none.response, nullptr);
  EXPECT_EQ(none.catalog_id, nullptr);
}

TEST(ApiSchema, TheCatalogIsNamedByRequestsAboutSettingsAndConnections) {
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = ApiSchema::Get().operation(operation);
    EXPECT_EQ(schema.catalog_id != nullptr,
              schema.info->resource() == v1::RESOURCE_ENCRYPTION_SETTINGS ||
                  schema.info->resource() == v1::RESOURCE_CONNECTION)
        << OperationName(operation);
  }
}

TEST(ApiSchema, OperationsOnConnectionsKnowTheMemberThatNamesThem) {
  std::vector<std::string> paths;
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = ApiSchema::Get().operation(operation);
    if (schema.object_path.empty()) continue;
    EXPECT_EQ(schema.info->resource(), v1::RESOURCE_CONNECTION);
    std::string path = schema.info->name();
    for (const MemberSchema* member : schema.object_path) {
      absl::StrAppend(&path, " ", member->name);
    }
    paths.push_back(path);
  }
  EXPECT_THAT(
      paths, testing::ElementsAre("CreateConnection ConnectionInput Name",
                                  "GetConnection Name", "UpdateConnection Name",
                                  "DeleteConnection ConnectionName",
                                  "BatchDeleteConnection ConnectionNameList"));
}

TEST(ApiSchema, ErrorCodesAreFoundByTheirNames) {
  EXPECT_EQ(ApiSchema::Get().FindErrorCode("EntityNotFoundException"),
            v1::ERROR_CODE_ENTITY_NOT_FOUND);
  EXPECT_EQ(ApiSchema::Get().FindErrorCode("ThrottlingException"),
            v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(ApiSchema::Get().FindErrorCode(""), v1::ERROR_CODE_UNSPECIFIED);
}

// Adds the members of a request, their bounds and enum texts.
void Describe(const StructureSchema* request, std::set<std::string>* all) {
  std::set<const StructureSchema*> structures;
  Collect(request, &structures);
  for (const StructureSchema* structure : structures) {
    for (const MemberSchema& member : structure->members) {
      const std::string name =
          absl::StrCat(structure->descriptor->name(), ".", member.name);
      all->insert(name);
      all->insert(name + " " + v1::Pattern_Name(member.documented_pattern));
      if (!member.enum_set.empty()) all->insert(name + " " + member.enum_set);
      if (member.size_max < 100'000) {
        all->insert(absl::StrCat(name, " of ", member.size_max));
      }
      all->insert(member.length_bytes_max < 100'000
                      ? absl::StrCat(name, " ", member.length_bytes_max)
                      : name + " without maximum");
    }
  }
}

// Returns everything that is in force: operations, members, the bounds and enum
// texts of members.
std::set<std::string> InForce(const Behavior& behavior) {
  const ApiSchema& api = ApiSchema::For(behavior);
  std::set<std::string> all;
  for (const Operation operation : kAllOperations) {
    const OperationSchema& schema = api.operation(operation);
    EXPECT_EQ(schema.request != nullptr,
              api.FindOperation(OperationName(operation)) != nullptr);
    if (schema.request == nullptr) continue;
    all.insert(schema.info->name());
    Describe(schema.request, &all);
  }
  return all;
}

// Tests each line of docs/decisions/api-date.md that the schema decides: it is
// there on the day, and not on the day before; the reverse for what is gone.
TEST(ApiSchema, EachDateBringsWhatItBrings) {
  struct Row {
    absl::CivilDay since;
    std::vector<std::string> what;
    std::vector<std::string> gone = {};
  };
  const std::string put = "PutResourcePolicyRequest.";
  const std::string input = "ConnectionInput.";
  const std::string keys =
      "HOST, PORT, USERNAME, PASSWORD, ENCRYPTED_PASSWORD, "
      "JDBC_DRIVER_JAR_URI, JDBC_DRIVER_CLASS_NAME, JDBC_ENGINE, "
      "JDBC_ENGINE_VERSION, CONFIG_FILES, INSTANCE_ID, JDBC_CONNECTION_URL, "
      "JDBC_ENFORCE_SSL";
  const std::vector<Row> rows = {
      {absl::CivilDay(2020, 7, 7),
       {put + "ResourceArn", put + "ResourceArn PATTERN_GLUE_ARN_2020",
        put + "ResourceArn 10240", "GetResourcePolicyRequest.ResourceArn",
        "DeleteResourcePolicyRequest.ResourceArn", put + "EnableHybrid",
        put + "EnableHybrid [TRUE, FALSE]", "GetResourcePolicies",
        "GetResourcePoliciesRequest.NextToken",
        "GetResourcePoliciesRequest.MaxResults"}},
      {absl::CivilDay(2021, 7, 1),
       {input + "ConnectionType [JDBC, SFTP, MONGODB, KAFKA, NETWORK, "
                "MARKETPLACE, CUSTOM]",
        "GetConnectionsFilter.ConnectionType [JDBC, SFTP, MONGODB, KAFKA, "
        "NETWORK, MARKETPLACE, CUSTOM]",
        input + "ConnectionProperties [" + keys +
            ", CUSTOM_JDBC_CERT, SKIP_CUSTOM_JDBC_CERT_VALIDATION, "
            "CUSTOM_JDBC_CERT_STRING, CONNECTION_URL, "
            "KAFKA_BOOTSTRAP_SERVERS, KAFKA_SSL_ENABLED, KAFKA_CUSTOM_CERT, "
            "KAFKA_SKIP_CUSTOM_CERT_VALIDATION, KAFKA_CLIENT_KEYSTORE, "
            "KAFKA_CLIENT_KEYSTORE_PASSWORD, KAFKA_CLIENT_KEY_PASSWORD, "
            "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD, "
            "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD, SECRET_ID, CONNECTOR_URL, "
            "CONNECTOR_TYPE, CONNECTOR_CLASS_NAME]",
        "CreateConnectionRequest.Tags", "CreateConnectionRequest.Tags of 50"},
       {input + "ConnectionType [JDBC, SFTP]",
        "GetConnectionsFilter.ConnectionType [JDBC, SFTP]",
        input + "ConnectionProperties [" + keys + "]"}},
      {absl::CivilDay(2022, 3, 18),
       {put + "ResourceArn PATTERN_GLUE_ARN_2022",
        "GetResourcePolicyRequest.ResourceArn PATTERN_GLUE_ARN_2022",
        "DeleteResourcePolicyRequest.ResourceArn PATTERN_GLUE_ARN_2022",
        put + "PolicyInJson without maximum"},
       {put + "PolicyInJson 10240", put + "ResourceArn PATTERN_GLUE_ARN_2020"}},
      {absl::CivilDay(2024, 2, 5),
       {"EncryptionAtRest.CatalogEncryptionMode "
        "[DISABLED, SSE-KMS, SSE-KMS-WITH-SERVICE-ROLE]",
        "EncryptionAtRest.CatalogEncryptionServiceRole",
        "EncryptionAtRest.CatalogEncryptionServiceRole PATTERN_ROLE_ARN"}},
      {absl::CivilDay(2024, 12, 3),
       {put + "ResourceArn PATTERN_GLUE_ARN_2024",
        "GetResourcePolicyRequest.ResourceArn PATTERN_GLUE_ARN_2024",
        "DeleteResourcePolicyRequest.ResourceArn PATTERN_GLUE_ARN_2024"}},
      {absl::CivilDay(2024, 12, 12),
       {"EncryptionConfiguration.DataQualityEncryption",
        "DataQualityEncryption.DataQualityEncryptionMode",
        "DataQualityEncryption.DataQualityEncryptionMode [DISABLED, SSE-KMS]",
        "DataQualityEncryption.KmsKeyArn"}},
      {absl::CivilDay(2025, 12, 1),
       {"S3Encryption.KmsKeyArn PATTERN_KMS_KEY_ARN_OBSERVED"}},
  };
  std::vector<absl::CivilDay> dates = {kContractDate};
  for (const Row& row : rows) {
    dates.push_back(row.since);
    Behavior behavior;
    behavior.api_date = row.since - 1;
    const std::set<std::string> before = InForce(behavior);
    behavior.api_date = row.since;
    const std::set<std::string> after = InForce(behavior);
    for (const std::string& what : row.what) {
      EXPECT_EQ(before.count(what), 0u) << what << " before " << row.since;
      EXPECT_EQ(after.count(what), 1u) << what << " on " << row.since;
    }
    for (const std::string& what : row.gone) {
      EXPECT_EQ(before.count(what), 1u) << what << " before " << row.since;
      EXPECT_EQ(after.count(what), 0u) << what << " on " << row.since;
    }
  }
  EXPECT_EQ(ApiSchema::Dates(), dates);
  EXPECT_EQ(ApiSchema::Dates().back(), kNewestApiDate);
}

// Compares the model that `For` finds with one that is compiled for the very
// day, which finds a date that is missing in `Dates`.
TEST(ApiSchema, TheModelOfADayIsThatOfItsLastDate) {
  for (absl::CivilDay day = kContractDate - 2; day < kNewestApiDate + 2;
       ++day) {
    Behavior behavior;
    behavior.api_date = day;
    SchemaCompiler compiler({std::max(day, kContractDate), false});
    std::set<std::string> of_the_day;
    std::set<std::string> found;
    for (const Operation operation : kAllOperations) {
      const OperationSchema& schema =
          ApiSchema::For(behavior).operation(operation);
      if (schema.request == nullptr) continue;
      Describe(schema.request, &found);
      Describe(compiler.Compile(schema.request->descriptor), &of_the_day);
    }
    ASSERT_EQ(found, of_the_day) << day;
  }
}

TEST(ApiSchema, BetweenTheDatesNothingChanges) {
  Behavior behavior;
  for (absl::CivilDay day = kContractDate - 2; day < kNewestApiDate + 2;
       ++day) {
    behavior.api_date = day;
    // One object for each model.
    const ApiSchema& schema = ApiSchema::For(behavior);
    behavior.api_date = day - 1;
    const std::vector<absl::CivilDay>& dates = ApiSchema::Dates();
    const bool changes =
        day > kContractDate &&
        std::find(dates.begin(), dates.end(), day) != dates.end();
    EXPECT_EQ(&schema != &ApiSchema::For(behavior), changes) << day;
  }
}

TEST(ApiSchema, ResourceArnsAreKnownEarlierWhereTheyAreRefused) {
  Behavior behavior;
  behavior.refuse_resource_arns = true;
  const std::set<std::string> observed = InForce(behavior);
  std::set<std::string> more;
  for (const std::string& what : observed) {
    if (InForce(Behavior()).count(what) == 0) more.insert(what);
  }
  EXPECT_THAT(more, testing::Each(testing::HasSubstr("Request.ResourceArn")));
  EXPECT_EQ(more.size(), 9u);
}

TEST(StructureSchema, MembersHaveTheConstraintsOfTheirShapes) {
  const auto* create =
      ApiSchema::Get().FindOperation("CreateSecurityConfiguration");
  const MemberSchema* name = create->request->Find("Name");
  EXPECT_EQ(name->kind, MemberKind::kString);
  EXPECT_TRUE(name->required);
  EXPECT_EQ(name->length_bytes_min, 1u);
  EXPECT_EQ(name->length_bytes_max, 255u);
  EXPECT_EQ(name->pattern(false), v1::PATTERN_SINGLE_LINE);
  EXPECT_EQ(name->pattern(true), v1::PATTERN_SINGLE_LINE);

  const MemberSchema* s3 = create->request->Find("EncryptionConfiguration")
                               ->structure->Find("S3Encryption");
  EXPECT_EQ(s3->kind, MemberKind::kList);
  const MemberSchema* key = s3->structure->Find("KmsKeyArn");
  EXPECT_FALSE(key->required);
  EXPECT_EQ(key->pattern(false), v1::PATTERN_KMS_KEY_ARN_OBSERVED);
  EXPECT_EQ(key->pattern(true), v1::PATTERN_KMS_KEY_ARN_OBSERVED);

  const MemberSchema* mode = s3->structure->Find("S3EncryptionMode");
  EXPECT_EQ(mode->kind, MemberKind::kEnum);
  EXPECT_EQ(mode->enum_set, "[DISABLED, SSE-KMS, SSE-S3]");
  EXPECT_EQ(mode->FindEnumValue("SSE-KMS")->number,
            v1::S3_ENCRYPTION_MODE_SSE_KMS);
  EXPECT_EQ(mode->FindEnumValue(v1::S3_ENCRYPTION_MODE_DISABLED)->text,
            "DISABLED");
  EXPECT_EQ(mode->FindEnumValue(0), nullptr);
  EXPECT_EQ(mode->FindEnumValue("sse-kms"), nullptr);

  const MemberSchema* page = ApiSchema::Get()
                                 .FindOperation("GetSecurityConfigurations")
                                 ->request->Find("MaxResults");
  EXPECT_EQ(page->kind, MemberKind::kInteger);
  EXPECT_EQ(page->value_min, 1);
  EXPECT_EQ(page->value_max, 1000);
}

// Returns the bounds and the pattern of a string: "1..255 PATTERN_SINGLE_LINE".
std::string TextOf(const TextConstraints& text) {
  EXPECT_EQ(text.pattern(false), text.pattern(true));
  return absl::StrCat(text.length_bytes_min, "..",
                      text.length_bytes_max < 100'000
                          ? absl::StrCat(text.length_bytes_max)
                          : "",
                      " ", v1::Pattern_Name(text.documented_pattern),
                      text.is_confidential ? " confidential" : "");
}

TEST(StructureSchema, ListsAndMapsHaveTheConstraintsOfWhatIsInThem) {
  const StructureSchema& create =
      *ApiSchema::Get().FindOperation("CreateConnection")->request;
  const StructureSchema& input = *create.Find("ConnectionInput")->structure;
  const MemberSchema& criteria = *input.Find("MatchCriteria");
  EXPECT_EQ(criteria.kind, MemberKind::kStringList);
  EXPECT_EQ(criteria.size_min, 0u);
  EXPECT_EQ(criteria.size_max, 10u);
  EXPECT_EQ(TextOf(criteria.element), "1..255 PATTERN_SINGLE_LINE");
  EXPECT_EQ(criteria.structure, nullptr);
  EXPECT_NE(criteria.elements, criteria.field);

  const MemberSchema& properties = *input.Find("ConnectionProperties");
  EXPECT_EQ(properties.kind, MemberKind::kMap);
  EXPECT_TRUE(properties.required);
  EXPECT_EQ(properties.size_max, 100u);
  EXPECT_EQ(TextOf(properties.key), "0.. PATTERN_UNSPECIFIED");
  EXPECT_EQ(TextOf(properties.element),
            "0..1024 PATTERN_UNSPECIFIED confidential");
  EXPECT_EQ(properties.enum_values.size(), 30u);
  EXPECT_EQ(properties.FindEnumValue("PASSWORD")->number,
            v1::CONNECTION_PROPERTY_KEY_PASSWORD);
  EXPECT_EQ(properties.FindEnumValue("password"), nullptr);

  const MemberSchema& tags = *create.Find("Tags");
  EXPECT_EQ(tags.size_max, 50u);
  EXPECT_EQ(TextOf(tags.key), "1..128 PATTERN_UNSPECIFIED");
  EXPECT_EQ(TextOf(tags.element), "0..256 PATTERN_UNSPECIFIED");
  EXPECT_TRUE(tags.enum_values.empty());

  const StructureSchema& response =
      *ApiSchema::Get().FindOperation("BatchDeleteConnection")->response;
  const MemberSchema& succeeded = *response.Find("Succeeded");
  EXPECT_EQ(succeeded.kind, MemberKind::kStringList);
  EXPECT_EQ(succeeded.elements, succeeded.field);
  EXPECT_EQ(TextOf(succeeded.element), "1..255 PATTERN_SINGLE_LINE");
  const MemberSchema& errors = *response.Find("Errors");
  EXPECT_EQ(errors.kind, MemberKind::kStructureMap);
  EXPECT_EQ(errors.structure->descriptor, v1::ErrorDetail::descriptor());
  EXPECT_EQ(TextOf(errors.key), "1..255 PATTERN_SINGLE_LINE");
}

TEST(StructureSchema, AShapeNamesOtherConstraintsInOneStep) {
  const auto* shapes = v1::Shape_descriptor();
  for (int i = 0; i < shapes->value_count(); ++i) {
    const auto shape = static_cast<v1::Shape>(shapes->value(i)->number());
    EXPECT_FALSE(ConstraintsOf(shape, kContractDate).has_same_as())
        << v1::Shape_Name(shape);
  }
  const auto on_first_day = [](v1::Shape shape) {
    return ConstraintsOf(shape, kContractDate);
  };
  EXPECT_EQ(on_first_day(v1::SHAPE_HASH_STRING).length_bytes_max(), 255);
  EXPECT_FALSE(on_first_day(v1::SHAPE_UNSPECIFIED).has_length_bytes_max());
}

TEST(StructureSchema, AShapeHasTheConstraintsOfTheDay) {
  const auto max_on = [](absl::CivilDay day) {
    return ConstraintsOf(v1::SHAPE_POLICY_JSON_STRING, day).length_bytes_max();
  };
  EXPECT_EQ(max_on(absl::CivilDay(2018, 1, 1)), 10240);
  EXPECT_EQ(max_on(absl::CivilDay(2022, 3, 17)), 10240);
  EXPECT_EQ(max_on(absl::CivilDay(2022, 3, 18)), 0);
  // Changes are in the order of their dates, and replace all constraints.
  const auto* shapes = v1::Shape_descriptor();
  for (int i = 0; i < shapes->value_count(); ++i) {
    const auto shape = static_cast<v1::Shape>(shapes->value(i)->number());
    std::string last;
    for (const auto& change : ConstraintsOf(shape, kContractDate).changes()) {
      EXPECT_LT(last, change.since()) << v1::Shape_Name(shape);
      last = change.since();
      EXPECT_FALSE(change.constraints().has_same_as());
      EXPECT_EQ(change.constraints().changes_size(), 0);
    }
  }
}

TEST(StructureSchema, CompiledTwice_IsTheSame) {
  SchemaCompiler compiler;
  const Descriptor* type = v1::EncryptionConfiguration::descriptor();
  EXPECT_EQ(compiler.Compile(type), compiler.Compile(type));
}

}  // namespace
}  // namespace glue_security
