// settings: the catalog encryption settings. answer: the kind of an answer.

#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kDefaults[] = R"pb(
  encryption_at_rest {
    catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_DISABLED
  }
  connection_password_encryption { return_connection_password_encrypted: false }
)pb";

constexpr char kFull[] = R"pb(
  encryption_at_rest {
    catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
    sse_aws_kms_key_id: "alias/rest"
  }
  connection_password_encryption {
    return_connection_password_encrypted: true
    aws_kms_key_id: "arn:aws:kms:us-east-1:123456789012:key/k"
  }
)pb";

constexpr char kOnlyAtRest[] = R"pb(
  encryption_at_rest {
    catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
    sse_aws_kms_key_id: "key-id"
  }
)pb";

constexpr char kOnlyPasswords[] = R"pb(
  connection_password_encryption {
    return_connection_password_encrypted: true
    aws_kms_key_id: "key-id"
  }
)pb";

constexpr char kKeysThatAreNotUsed[] = R"pb(
  encryption_at_rest {
    catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_DISABLED
    sse_aws_kms_key_id: "a"
  }
  connection_password_encryption {
    return_connection_password_encrypted: false
    aws_kms_key_id: "b"
  }
)pb";

constexpr char kNoKeys[] = R"pb(
  encryption_at_rest {
    catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
  }
  connection_password_encryption { return_connection_password_encrypted: true }
)pb";

// Returns `text`, with defaults for the blocks that it does not have.
v1::DataCatalogEncryptionSettings WithDefaults(absl::string_view text) {
  v1::DataCatalogEncryptionSettings settings = SettingsOf(text);
  const auto defaults = SettingsOf(kDefaults);
  if (!settings.has_encryption_at_rest()) {
    *settings.mutable_encryption_at_rest() = defaults.encryption_at_rest();
  }
  if (!settings.has_connection_password_encryption()) {
    *settings.mutable_connection_password_encryption() =
        defaults.connection_password_encryption();
  }
  return settings;
}

void ExpectShown(CheckRun& run, const v1::DataCatalogEncryptionSettings& wanted,
                 std::optional<std::string> catalog_id = std::nullopt,
                 const Caller& caller = Home()) {
  run.Same("the settings", wanted,
           run.Ok(GetSettings(std::move(catalog_id)), caller)
               .get_data_catalog_encryption_settings()
               .data_catalog_encryption_settings());
}

void PutAndShow(CheckRun& run, absl::string_view text) {
  run.Ok(PutSettings(SettingsOf(text)));
  ExpectShown(run, WithDefaults(text));
}

void AddReplaceChecks(CheckGroup& settings) {
  settings.Add("defaults",
               "Get, never set: DISABLED and false, key members absent",
               [](CheckRun& run) { ExpectShown(run, SettingsOf(kDefaults)); });
  settings.Add("all", "what was put is shown",
               [](CheckRun& run) { PutAndShow(run, kFull); });
  settings.Add("at_rest_only", "a part not given has its default",
               [](CheckRun& run) { PutAndShow(run, kOnlyAtRest); });
  settings.Add("passwords_only", "a part not given has its default",
               [](CheckRun& run) { PutAndShow(run, kOnlyPasswords); });
  settings.Add("unused_keys", "a key beside DISABLED or false is stored",
               [](CheckRun& run) { PutAndShow(run, kKeysThatAreNotUsed); });
  settings.Add("replaced_at_rest",
               "Put replaces everything; a part not given goes back to its "
               "default",
               [](CheckRun& run) {
                 PutAndShow(run, kFull);
                 PutAndShow(run, kOnlyAtRest);
               });
  settings.Add("replaced_passwords",
               "Put replaces everything; a part not given goes back to its "
               "default",
               [](CheckRun& run) {
                 PutAndShow(run, kFull);
                 PutAndShow(run, kOnlyPasswords);
               });
  settings.Add("replaced_keys",
               "Put replaces everything: a key that is not given is gone",
               [](CheckRun& run) {
                 PutAndShow(run, kFull);
                 PutAndShow(run, kDefaults);
               });
  settings.Add("empty_resets", "{} is accepted and resets both",
               [](CheckRun& run) {
                 PutAndShow(run, kFull);
                 PutAndShow(run, "");
               });
  settings.Add(
      "keys_as_given",
      "keys are stored as given (id, alias, ARN), not resolved",
      [](CheckRun& run) {
        for (const char* key : {"alias/aws/glue", "ALIAS/a b", "\xC3\xA9",
                                "1234abcd-12ab-34cd-56ef-1234567890ab",
                                "arn:aws:kms:us-east-1:123456789012:alias/k"}) {
          auto wanted = SettingsOf(kFull);
          wanted.mutable_encryption_at_rest()->set_sse_aws_kms_key_id(key);
          wanted.mutable_connection_password_encryption()->set_aws_kms_key_id(
              key);
          run.Ok(PutSettings(wanted));
          ExpectShown(run, wanted);
        }
      });
  settings.Add(
      "documented_no_key", "a mode without a key: the key is absent",
      [](CheckRun& run) { PutAndShow(run, kNoKeys); },
      Only(BackendPreset::kDocumented));
  settings.Add(
      "observed_default_key", "a mode without a key: Get shows alias/aws/glue",
      [](CheckRun& run) {
        auto wanted = SettingsOf(kNoKeys);
        run.Ok(PutSettings(wanted));
        wanted.mutable_encryption_at_rest()->set_sse_aws_kms_key_id(
            "alias/aws/glue");
        wanted.mutable_connection_password_encryption()->set_aws_kms_key_id(
            "alias/aws/glue");
        ExpectShown(run, wanted);
      },
      Only(BackendPreset::kObserved));
}

void AddCatalogIdChecks(CheckGroup& settings) {
  settings.Add("absent_id_is_account",
               "CatalogId absent = the caller's account id", [](CheckRun& run) {
                 run.Ok(PutSettings(SettingsOf(kFull)));
                 ExpectShown(run, SettingsOf(kFull), Home().account_id);
                 run.Ok(PutSettings(SettingsOf(kDefaults), Home().account_id));
                 ExpectShown(run, SettingsOf(kDefaults));
               });
  settings.Add("other_ids_apart", "CatalogId names a catalog",
               [](CheckRun& run) {
                 run.Ok(PutSettings(SettingsOf(kFull), "another"));
                 ExpectShown(run, SettingsOf(kDefaults));
                 ExpectShown(run, SettingsOf(kDefaults), "Another");
                 ExpectShown(run, SettingsOf(kFull), "another");
               });
  settings.Add(
      "same_record_for_all_callers",
      "whoever calls, the same id is the same record", [](CheckRun& run) {
        run.Ok(PutSettings(SettingsOf(kFull), OtherAccount().account_id));
        ExpectShown(run, SettingsOf(kFull), std::nullopt, OtherAccount());
        ExpectShown(run, SettingsOf(kDefaults));
      });
  settings.Add(
      "id_in_the_callers_region",
      "CatalogId names a catalog in the caller's region", [](CheckRun& run) {
        run.Ok(PutSettings(SettingsOf(kFull), "another"));
        ExpectShown(run, SettingsOf(kDefaults), "another", OtherRegion());
      });
  settings.Add(
      "any_legal_id",
      "any legal string may be put; one never put has the defaults",
      [](CheckRun& run) {
        for (const char* id : {"x", "\t", "../a", "\xC3\xA9", "a\"b"}) {
          ExpectShown(run, SettingsOf(kDefaults), id);
          run.Ok(PutSettings(SettingsOf(kFull), id));
          ExpectShown(run, SettingsOf(kFull), id);
        }
      });
}

}  // namespace

void AddSettingsChecks(Checks* checks) {
  CheckGroup settings(checks, "settings",
                      "docs/reference/PutDataCatalogEncryptionSettings.md");
  AddReplaceChecks(settings);
  AddCatalogIdChecks(settings);
}

void AddAnswerChecks(Checks* checks) {
  CheckGroup answer(checks, "answer",
                    "contract; glue_security/backend/backend.h");
  answer.Add("no_operation",
             "a request without an operation is answered with "
             "InvalidInputException",
             [](CheckRun& run) {
               run.Fails(v1::Request(), v1::ERROR_CODE_INVALID_INPUT);
             });
  answer.Add("settings", "an answer is the response of the operation asked",
             [](CheckRun& run) {
               run.Ok(PutSettings(SettingsOf(kFull)));
               run.Ok(GetSettings());
             });
  answer.Add("policy", "an answer is the response of the operation asked",
             [](CheckRun& run) {
               run.Ok(PutPolicy(PolicyText("a")));
               run.Ok(GetPolicy());
               run.Ok(DeletePolicy());
             });
  answer.Add("configurations",
             "an answer is the response of the operation asked",
             [](CheckRun& run) {
               run.Ok(Create("a"));
               run.Ok(Get("a"));
               run.Ok(List());
               run.Ok(Delete("a"));
             });
}

}  // namespace glue_security::conformance_internal
