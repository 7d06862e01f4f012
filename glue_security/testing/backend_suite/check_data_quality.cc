// data_quality, key_arn: what the models after the contract's brought to
// security configurations.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "docs/decisions/api-date.md";
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

constexpr absl::CivilDay kDateOfDataQuality(2024, 12, 12);
constexpr absl::CivilDay kDateOfKeyArns(2025, 12, 1);

constexpr char kFull[] = R"pb(
  cloud_watch_encryption {}
  data_quality_encryption {
    data_quality_encryption_mode: DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS
    kms_key_arn: "arn:aws:kms:us-east-1:123456789012:key/d"
  }
)pb";

constexpr char kNoKey[] = R"pb(
  data_quality_encryption {
    data_quality_encryption_mode: DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS
  }
)pb";

// Configurations that the contract's model does not have.
constexpr const char* kKept[] = {
    kFull, "data_quality_encryption {}",
    "data_quality_encryption { kms_key_arn: \"arn:aws:kms:d\" }",
    R"pb(data_quality_encryption {
           data_quality_encryption_mode: DATA_QUALITY_ENCRYPTION_MODE_DISABLED
           kms_key_arn: "arn:aws:kms:d"
         })pb"};

// Creates `given` and expects that Get and the list show `shown`.
void ExpectShown(CheckContext& check, const v1::EncryptionConfiguration& given,
                 const v1::EncryptionConfiguration& shown) {
  check.Ok(Create("a", given));
  check.Same("what Get shows", shown,
             check.Ok(Get("a"))
                 .get_security_configuration()
                 .security_configuration()
                 .encryption_configuration());
  const auto list = check.Ok(List()).get_security_configurations();
  check.Same("the number of configurations that are listed", "1",
             absl::StrCat(list.security_configurations_size()));
  for (const auto& entry : list.security_configurations()) {
    check.Same("what the list shows", shown, entry.encryption_configuration());
  }
  check.Ok(Delete("a"));
}

void ExpectKept(CheckContext& check, const char* text) {
  ExpectShown(check, ConfigurationOf(text), ConfigurationOf(text));
}

void ExpectIgnored(CheckContext& check, v1::EncryptionConfiguration given) {
  v1::EncryptionConfiguration shown = given;
  shown.clear_data_quality_encryption();
  ExpectShown(check, given, shown);
}

void AddKept(CheckGroup& group) {
  group.Add(
      "kept", "DataQualityEncryption is shown as given",
      [](CheckContext& check) {
        for (const char* text : kKept) ExpectKept(check, text);
      },
      OnlyCurrent());
  group.Add(
      "mode_without_key", "a KMS mode without KmsKeyArn: InvalidInputException",
      [](CheckContext& check) {
        check.Fails(Create("a", ConfigurationOf(kNoKey)), kInvalid);
        auto empty = ConfigurationOf(kNoKey);
        empty.mutable_data_quality_encryption()->set_kms_key_arn("");
        check.Fails(Create("a", empty), kInvalid);
      },
      OnlyCurrent());
  group.Add(
      "of_2019.ignored", "before its date DataQualityEncryption is ignored",
      [](CheckContext& check) {
        for (const char* text : kKept) {
          ExpectIgnored(check, ConfigurationOf(text));
        }
        ExpectIgnored(check, ConfigurationOf(kNoKey));
        auto illegal =
            ConfigurationOf("data_quality_encryption { kms_key_arn: \"x\" }");
        illegal.mutable_data_quality_encryption()
            ->set_data_quality_encryption_mode(
                static_cast<v1::DataQualityEncryptionMode>(99));
        ExpectIgnored(check, illegal);
      },
      OnlyOf2019());
}

void AddDates(CheckGroup& group) {
  group.Add(
      "on_its_date", "DataQualityEncryption is since 2024-12-12",
      [](CheckContext& check) {
        check.behavior().api_date = kDateOfDataQuality - 1;
        ExpectIgnored(check, ConfigurationOf(kFull));
        check.Restart();
        check.behavior().api_date = kDateOfDataQuality;
        ExpectKept(check, kFull);
        check.Restart();
        check.behavior().api_date = kNewestApiDate;
        ExpectKept(check, kFull);
      },
      NeedsFields());
  BackendNeeds documented = OnlyDocumented();
  documented.behavior_fields = true;
  group.Add(
      "documented.mode_without_key", "in Documented the mode needs no key",
      [](CheckContext& check) {
        check.behavior().api_date = kDateOfDataQuality;
        ExpectKept(check, kNoKey);
      },
      documented);
}

void AddKeyArns(CheckGroup& group) {
  BackendNeeds documented = OnlyDocumented();
  documented.behavior_fields = true;
  group.Add(
      "pattern_on_its_date",
      "since 2025-12-01 KmsKeyArn may be empty or of another partition, in "
      "Documented, too",
      [](CheckContext& check) {
        for (const char* arn : {"", "arn:aws-cn:kms:x", "arn:aws-eusc:kms:x"}) {
          v1::EncryptionConfiguration given;
          given.mutable_cloud_watch_encryption()->set_kms_key_arn(arn);
          check.Restart();
          check.behavior().api_date = kDateOfKeyArns - 1;
          check.Breaks(Create("a", given),
                       {"encryptionConfiguration.cloudWatchEncryption."
                        "kmsKeyArn PATTERN"});
          check.Restart();
          check.behavior().api_date = kDateOfKeyArns;
          ExpectShown(check, given, given);
        }
      },
      documented);
}

}  // namespace

void AddDataQualityChecks(Checks* checks) {
  CheckGroup group(checks, "data_quality", kSource);
  AddKept(group);
  AddDates(group);
  CheckGroup arns(checks, "key_arn", kSource);
  AddKeyArns(arns);
}

}  // namespace glue_security::conformance_internal
