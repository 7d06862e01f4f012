#include "glue_security/schema/api_schema.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
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

TEST(ApiSchema, TheCatalogIsNamedByTheSettingsRequestsAlone) {
  for (const Operation operation : kAllOperations) {
    const MemberSchema* const member =
        ApiSchema::Get().operation(operation).catalog_id;
    EXPECT_EQ(member != nullptr,
              operation == v1::Request::kGetDataCatalogEncryptionSettings ||
                  operation == v1::Request::kPutDataCatalogEncryptionSettings)
        << OperationName(operation);
  }
}

TEST(ApiSchema, ErrorCodesAreFoundByTheirNames) {
  EXPECT_EQ(ApiSchema::Get().FindErrorCode("EntityNotFoundException"),
            v1::ERROR_CODE_ENTITY_NOT_FOUND);
  EXPECT_EQ(ApiSchema::Get().FindErrorCode("ThrottlingException"),
            v1::ERROR_CODE_UNSPECIFIED);
  EXPECT_EQ(ApiSchema::Get().FindErrorCode(""), v1::ERROR_CODE_UNSPECIFIED);
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
  EXPECT_EQ(key->pattern(false), v1::PATTERN_KMS_KEY_ARN);
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

TEST(StructureSchema, AShapeNamesOtherConstraintsInOneStep) {
  const auto* shapes = v1::Shape_descriptor();
  for (int i = 0; i < shapes->value_count(); ++i) {
    const auto shape = static_cast<v1::Shape>(shapes->value(i)->number());
    EXPECT_FALSE(ConstraintsOf(shape).has_same_as()) << v1::Shape_Name(shape);
  }
  EXPECT_EQ(ConstraintsOf(v1::SHAPE_HASH_STRING).length_bytes_max(), 255);
  EXPECT_FALSE(ConstraintsOf(v1::SHAPE_UNSPECIFIED).has_length_bytes_max());
}

TEST(StructureSchema, CompiledTwice_IsTheSame) {
  SchemaCompiler compiler;
  const Descriptor* type = v1::EncryptionConfiguration::descriptor();
  EXPECT_EQ(compiler.Compile(type), compiler.Compile(type));
}

}  // namespace
}  // namespace glue_security
