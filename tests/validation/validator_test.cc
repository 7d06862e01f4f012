// The constraints, generated from the descriptors: for every member of every
// request, each rule is broken alone and each bound met exactly. Also the
// message texts of docs/reference/constraints.md.

#include "glue_security/validation/validator.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/validation/every_member.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ::testing::ElementsAre;

// A preset, and how many members and rules its requests have. Each of the two
// elements of S3Encryption counts.
struct Preset {
  const char* name;
  Behavior behavior;
  int members;
  int rules;
};

void PrintTo(const Preset& preset, std::ostream* os) { *os << preset.name; }

class ValidatorTest : public testing::TestWithParam<Preset> {
 protected:
  ValidatorTest() : validator_(GetParam().behavior, Limits()) {}

  v1::Pattern PatternOf(const Member& member) {
    return GetParam().behavior.observed_patterns &&
                   member.constraints->has_observed_pattern()
               ? member.constraints->observed_pattern()
               : member.constraints->pattern();
  }

  // Expects exactly `violations` for `value` in the member's place.
  void ExpectText(const Member& member, const std::string& value,
                  const std::vector<std::string>& violations) {
    const Reflection& reflection = *member.parent->GetReflection();
    const std::string legal =
        reflection.GetString(*member.parent, member.field);
    reflection.SetString(member.parent, member.field, value);
    EXPECT_EQ(Violations(validator_.Validate(*member.envelope)), violations)
        << member.path << " of " << value.size() << " bytes";
    reflection.SetString(member.parent, member.field, legal);
    ASSERT_FALSE(validator_.Validate(*member.envelope).has_value());
  }

  const Validator validator_;
};

TEST_P(ValidatorTest, EveryMember_EachRuleBrokenAloneIsOneViolation) {
  int rules = 0;
  const Preset& preset = GetParam();
  const int members =
      ForEveryMember(preset.behavior, [&](const Member& member) {
        ASSERT_FALSE(validator_.Validate(*member.envelope).has_value())
            << member.envelope->ShortDebugString();
        const Reflection& reflection = *member.parent->GetReflection();
        const v1::ShapeConstraints& rule = *member.constraints;
        const auto violation = [&](const char* name) {
          return absl::StrCat(member.path, " CONSTRAINT_", name);
        };
        // The member is absent.
        std::unique_ptr<Message> parent(member.parent->New());
        parent->CopyFrom(*member.parent);
        reflection.ClearField(member.parent, member.field);
        const auto absent = Violations(validator_.Validate(*member.envelope));
        if (member.required) {
          EXPECT_THAT(absent, ElementsAre(violation("REQUIRED")));
          ++rules;
        } else {
          EXPECT_THAT(absent, ElementsAre());
        }
        member.parent->CopyFrom(*parent);

        switch (member.field->cpp_type()) {
          case FieldDescriptor::CPPTYPE_STRING: {
            const v1::Pattern pattern = PatternOf(member);
            // A minimum of 0 is no rule.
            if (rule.length_bytes_min() > 0) {
              const auto min = static_cast<size_t>(rule.length_bytes_min());
              ExpectText(member, LegalText(pattern, min), {});
              if (StartOf(pattern).empty()) {
                ExpectText(member, LegalText(pattern, min - 1),
                           {violation("LENGTH_MIN")});
              } else {
                ExpectText(member, "",
                           {violation("LENGTH_MIN"), violation("PATTERN")});
              }
              ++rules;
            }
            if (rule.has_length_bytes_max()) {
              const auto max = static_cast<size_t>(rule.length_bytes_max());
              ExpectText(member, LegalText(pattern, max), {});
              ExpectText(member, LegalText(pattern, max + 1),
                         {violation("LENGTH_MAX")});
              // The length is in bytes, not characters: the last one has two
              // bytes.
              ExpectText(member, LegalText(pattern, max - 2) + "\xC3\xA9", {});
              ExpectText(member, LegalText(pattern, max - 1) + "\xC3\xA9",
                         {violation("LENGTH_MAX")});
              ++rules;
            }
            const std::string legal = LegalText(pattern, 5);
            ExpectText(member, legal + "\xFF", {violation("PATTERN")});
            ++rules;
            const bool takes_lines = pattern == v1::PATTERN_UNSPECIFIED ||
                                     pattern == v1::PATTERN_MULTI_LINE;
            ExpectText(member, legal + "\n",
                       takes_lines ? std::vector<std::string>()
                                   : std::vector{violation("PATTERN")});
            break;
          }
          case FieldDescriptor::CPPTYPE_INT32:
            for (const bool below : {true, false}) {
              const auto bound = static_cast<int32_t>(below ? rule.value_min()
                                                            : rule.value_max());
              reflection.SetInt32(member.parent, member.field, bound);
              EXPECT_THAT(Violations(validator_.Validate(*member.envelope)),
                          ElementsAre());
              reflection.SetInt32(member.parent, member.field,
                                  below ? bound - 1 : bound + 1);
              EXPECT_THAT(
                  Violations(validator_.Validate(*member.envelope)),
                  ElementsAre(violation(below ? "VALUE_MIN" : "VALUE_MAX")));
              ++rules;
            }
            break;
          case FieldDescriptor::CPPTYPE_ENUM: {
            const auto* type = member.field->enum_type();
            for (int number = -1; number <= type->value_count(); ++number) {
              reflection.SetEnumValue(member.parent, member.field, number);
              const auto found =
                  Violations(validator_.Validate(*member.envelope));
              const auto* value = type->FindValueByNumber(number);
              if (number > 0 && value != nullptr &&
                  value->options().GetExtension(v1::value_since) <=
                      DayOf(preset.behavior)) {
                EXPECT_THAT(found, ElementsAre());
              } else {
                EXPECT_THAT(found, ElementsAre(violation("ENUM")));
              }
            }
            reflection.ClearField(member.parent, member.field);
            auto* unparsed = member.envelope->add_unparsed_values();
            unparsed->set_path(member.path);
            unparsed->set_text("SSEKMS");
            EXPECT_THAT(Violations(validator_.Validate(*member.envelope)),
                        ElementsAre(violation("ENUM")));
            member.envelope->clear_unparsed_values();
            ++rules;
            break;
          }
          default:
            break;
        }
        member.parent->CopyFrom(*parent);
      });
  EXPECT_EQ(members, preset.members);
  EXPECT_EQ(rules, preset.rules);
}

INSTANTIATE_TEST_SUITE_P(
    Presets, ValidatorTest,
    testing::Values(Preset{"Documented", Behavior::Documented(), 67, 118},
                    Preset{"Observed", Behavior::Observed(), 70, 127},
                    Preset{"Current", Behavior::Current(), 78, 133}));

std::string MessageFor(const v1::Request& request,
                       const Behavior& behavior = Behavior::Documented()) {
  const auto error = Validator(behavior, Limits()).Validate(request);
  return error.has_value() ? error->message() : "";
}

TEST(ValidatorMessages, EveryFormAsTheServiceWritesIt) {
  v1::Request request;
  auto* create = request.mutable_create_security_configuration();
  EXPECT_EQ(MessageFor(request),
            "2 validation errors detected: "
            "Value null at 'name' failed to satisfy constraint: "
            "Member must not be null; "
            "Value null at 'encryptionConfiguration' failed to satisfy "
            "constraint: Member must not be null");
  create->set_name("n");
  auto* s3 = create->mutable_encryption_configuration()
                 ->mutable_s3_encryption()
                 ->add_elements();
  s3->set_s3_encryption_mode(static_cast<v1::S3EncryptionMode>(9));
  s3->set_kms_key_arn("key");
  EXPECT_EQ(
      MessageFor(request),
      "2 validation errors detected: "
      "Value '9' at 'encryptionConfiguration.s3Encryption.1.member."
      "s3EncryptionMode' failed to satisfy constraint: Member must satisfy "
      "enum value set: [DISABLED, SSE-KMS, SSE-S3]; "
      "Value 'key' at 'encryptionConfiguration.s3Encryption.1.member.kmsKeyArn'"
      " failed to satisfy constraint: Member must satisfy regular expression "
      "pattern: arn:aws:kms:.*");
  EXPECT_TRUE(absl::StrContains(
      MessageFor(request, Behavior::Observed()),
      "regular expression pattern: ^$|arn:aws[a-z0-9-]*:kms:.*"));

  request.mutable_get_security_configurations()->set_max_results(0);
  EXPECT_EQ(MessageFor(request),
            "1 validation error detected: Value '0' at 'maxResults' failed to "
            "satisfy constraint: Member must have value greater than or equal "
            "to 1");
  request.mutable_get_security_configurations()->set_max_results(1001);
  EXPECT_EQ(MessageFor(request),
            "1 validation error detected: Value '1001' at 'maxResults' failed "
            "to satisfy constraint: Member must have value less than or equal "
            "to 1000");
  request.mutable_delete_resource_policy()->set_policy_hash_condition("\n");
  EXPECT_EQ(
      MessageFor(request),
      "1 validation error detected: Value '\\n' at 'policyHashCondition' "
      "failed to satisfy constraint: Member must satisfy regular expression "
      "pattern: "
      R"([\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*)");
}

TEST(ValidatorMessages, LengthAboveTheMaximum_NamesTheMaximum) {
  v1::Request request;
  const std::string name(256, 'x');
  request.mutable_get_security_configuration()->set_name(name);
  EXPECT_EQ(
      MessageFor(request),
      absl::StrCat("1 validation error detected: Value '", name.substr(0, 64),
                   "' at 'name' failed to satisfy constraint: Member "
                   "must have length less than or equal to 255"));
  const std::string text = R"({"k":")" + std::string(10'233, 'v') + R"("})";
  request.mutable_put_resource_policy()->set_policy_in_json(text);
  EXPECT_EQ(MessageFor(request, Behavior::Observed()),
            absl::StrCat("1 validation error detected: Value '{\\\"k\\\":\\\"",
                         std::string(10'233, 'v'),
                         "\\\"}' at 'policyInJson' failed to satisfy "
                         "constraint: Member must have length less than or "
                         "equal to 10240"));
}

// Get may return a text that is longer than the one that was put. It can be put
// again.
TEST(Validator, BlanksOfAPolicyDoNotCountWhereItIsReprinted) {
  v1::Request request;
  const auto is_legal = [&request](const std::string& policy,
                                   const Behavior& behavior) {
    request.mutable_put_resource_policy()->set_policy_in_json(policy);
    return MessageFor(request, behavior).empty();
  };
  const std::string most = R"({"k":")" + std::string(10'232, 'v') + R"("})";
  Behavior unchecked = Behavior::Observed();
  unchecked.policy_checks = PolicyChecks::kNone;
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(), unchecked}) {
    EXPECT_TRUE(is_legal(most, behavior));
    const bool reprints = behavior.reprint_policies &&
                          behavior.policy_checks != PolicyChecks::kNone;
    for (const char* blank : {" ", "\t", "\n", "\r"}) {
      EXPECT_EQ(is_legal(most + blank, behavior), reprints);
      EXPECT_EQ(is_legal("{" + std::string(20'000, *blank) + most.substr(1),
                         behavior),
                reprints);
    }
    // Other characters count, and blanks in strings do.
    EXPECT_FALSE(is_legal(most + "\f", behavior));
    EXPECT_FALSE(is_legal(R"({"k":" )" + most.substr(6), behavior));
    EXPECT_FALSE(is_legal(R"({"k":"\" )" + most.substr(8), behavior));
  }
}

TEST(ValidatorMessages, AnEnumNumberThatIsNotInForce_IsQuotedInDecimal) {
  v1::Request request;
  request.mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings()
      ->mutable_encryption_at_rest()
      ->set_catalog_encryption_mode(
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
  EXPECT_EQ(MessageFor(request),
            "1 validation error detected: Value '3' at "
            "'dataCatalogEncryptionSettings.encryptionAtRest."
            "catalogEncryptionMode' failed to satisfy constraint: Member must "
            "satisfy enum value set: [DISABLED, SSE-KMS]");
  EXPECT_EQ(MessageFor(request, Behavior::Current()), "");
}

// Invalid UTF-8 in any string is one pattern violation at that member, even
// when the contract names no pattern. The message quotes it with U+FFFD.
TEST(ValidatorMessages, MalformedUtf8_InAMemberWithoutPattern) {
  const std::string rest =
      "failed to satisfy constraint: Member must satisfy regular expression "
      "pattern: "
      R"([\u0000-\uD7FF\uE000-\uFFFF\uD800\uDC00-\uDBFF\uDFFF]*)";
  for (const auto& behavior :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    v1::Request request;
    request.mutable_put_resource_policy()->set_policy_in_json("{\xFF}");
    EXPECT_EQ(MessageFor(request, behavior),
              "1 validation error detected: Value '{\xEF\xBF\xBD}' at "
              "'policyInJson' " +
                  rest);
    request.mutable_get_security_configurations()->set_next_token("\xED\xA0");
    EXPECT_EQ(MessageFor(request, behavior),
              "1 validation error detected: Value "
              "'\xEF\xBF\xBD\xEF\xBF\xBD' at 'nextToken' " +
                  rest);
  }
}

TEST(ValidatorMessages, WithinAMember_MaximumComesBeforePattern) {
  v1::Request request;
  request.mutable_delete_security_configuration()->set_name(
      std::string(255, 'x') + "\n");
  const auto error =
      Validator(Behavior::Documented(), Limits()).Validate(request);
  EXPECT_THAT(Violations(error), ElementsAre("name CONSTRAINT_LENGTH_MAX",
                                             "name CONSTRAINT_PATTERN"));
}

TEST(ValidatorMessages, QuotedValue_IsCutTo64CodePointsOnlyWhenDocumented) {
  v1::Request request;
  const std::string name = std::string(300, 'x');
  request.mutable_get_security_configuration()->set_name(name);
  EXPECT_TRUE(
      absl::StrContains(MessageFor(request),
                        absl::StrCat("Value '", name.substr(0, 64), "' at")));
  EXPECT_TRUE(absl::StrContains(MessageFor(request, Behavior::Observed()),
                                absl::StrCat("Value '", name, "' at")));
  Limits limits;
  limits.quoted_value_code_points_max = 3;
  EXPECT_EQ(Validator(Behavior::Documented(), limits)
                .Validate(request)
                ->violations(0)
                .value(),
            "xxx");
}

TEST(ValidatorMessages, WhatIsNotInForceHasNoConstraints) {
  const Validator validator(Behavior::Documented(), Limits());
  v1::Request later;
  later.mutable_get_resource_policies()->set_max_results(0);
  EXPECT_EQ(validator.Validate(later), std::nullopt);
  EXPECT_NE(Validator(Behavior::Current(), Limits()).Validate(later),
            std::nullopt);
  EXPECT_EQ(validator.Validate(v1::Request()), std::nullopt);
}

TEST(ValidatorMessages, CodeIsTheBehaviors) {
  v1::Request request;
  request.mutable_get_security_configuration();
  EXPECT_EQ(
      Validator(Behavior::Documented(), Limits()).Validate(request)->code(),
      v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(Validator(Behavior::Observed(), Limits()).Validate(request)->code(),
            v1::ERROR_CODE_VALIDATION);
}

TEST(ValidatorMessages, UnparsedValue_OfNoMemberOrASetOneIsIgnored) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("{}");
  auto* unparsed = request.add_unparsed_values();
  unparsed->set_path("noSuchMember");
  unparsed->set_text("x");
  EXPECT_EQ(MessageFor(request), "");
  unparsed->set_path("policyExistsCondition");
  EXPECT_NE(MessageFor(request), "");
  request.mutable_put_resource_policy()->set_policy_exists_condition(
      v1::POLICY_EXISTS_CONDITION_NONE);
  EXPECT_EQ(MessageFor(request), "");
}

TEST(ValidatorMessages, AnIntegerIsQuotedAsItWasSent) {
  constexpr char kTooLarge[] =
      "' at 'maxResults' failed to satisfy constraint: Member must have value "
      "less than or equal to 1000";
  constexpr char kTooSmall[] =
      "' at 'maxResults' failed to satisfy constraint: Member must have value "
      "greater than or equal to 1";
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max();
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  const struct {
    int32_t value;
    const char* text;
    const char* quoted;
  } kCases[] = {
      {kMax, "2147483648", "2147483648"},
      {kMax, "4294967297", "4294967297"},
      {kMax, "1e999", "1e999"},
      {kMin, "-2147483649", "-2147483649"},
      // These are no numbers that are clamped to the value.
      {kMax, "2147483647.5", "2147483647"},
      {kMax, "-1e999", "2147483647"},
      {kMax, "5", "2147483647"},
      {kMax, "1e99 ", "2147483647"},
      {kMax, "inf", "2147483647"},
      {kMax, "", "2147483647"},
      {1001, "4294967297", "1001"},
  };
  for (const auto& [value, text, quoted] : kCases) {
    v1::Request request;
    request.mutable_get_security_configurations()->set_max_results(value);
    auto* unparsed = request.add_unparsed_values();
    unparsed->set_path("maxResults");
    unparsed->set_text(text);
    EXPECT_EQ(MessageFor(request),
              absl::StrCat("1 validation error detected: Value '", quoted,
                           value > 0 ? kTooLarge : kTooSmall))
        << text;
    // An integer that is absent, or legal, has no violation.
    request.mutable_get_security_configurations()->clear_max_results();
    EXPECT_EQ(MessageFor(request), "") << text;
    request.mutable_get_security_configurations()->set_max_results(7);
    EXPECT_EQ(MessageFor(request), "") << text;
  }
}

TEST(ValidatorMessages, UnparsedValue_OfAMemberOfAnotherKind_IsIgnored) {
  v1::Request request;
  request.mutable_put_resource_policy();
  auto* unparsed = request.add_unparsed_values();
  unparsed->set_path("policyInJson");
  unparsed->set_text("x");
  EXPECT_THAT(
      Violations(Validator(Behavior::Documented(), Limits()).Validate(request)),
      ElementsAre("policyInJson CONSTRAINT_REQUIRED"));
}

}  // namespace
}  // namespace glue_security
