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

// `what` names the settings: "the settings of another region".
void ExpectShown(CheckContext& check, absl::string_view what,
                 const v1::DataCatalogEncryptionSettings& wanted,
                 std::optional<std::string> catalog_id = std::nullopt,
                 const Caller& caller = Home()) {
  check.Same(what, wanted,
             check.Ok(GetSettings(std::move(catalog_id)), caller)
                 .get_data_catalog_encryption_settings()
                 .data_catalog_encryption_settings());
}

void PutAndShow(CheckContext& check, absl::string_view text) {
  check.Ok(PutSettings(SettingsOf(text)));
  ExpectShown(check, "the settings that were put", WithDefaults(text));
}

// Puts full settings and then `text`, of which nothing of them must be left.
void PutOverOthers(CheckContext& check, absl::string_view text) {
  check.Ok(PutSettings(SettingsOf(kFull)));
  check.Ok(PutSettings(SettingsOf(text)));
  ExpectShown(check,
              "the settings after a second Put, which replaces the first",
              WithDefaults(text));
}

void AddReplaceChecks(CheckGroup& settings) {
  settings.Add("defaults",
               "Get, never set: DISABLED and false, key members absent",
               [](CheckContext& check) {
                 ExpectShown(check, "the settings that were never put",
                             SettingsOf(kDefaults));
               });
  settings.Add("all", "what was put is shown",
               [](CheckContext& check) { PutAndShow(check, kFull); });
  settings.Add("at_rest_only", "a part not given has its default",
               [](CheckContext& check) { PutAndShow(check, kOnlyAtRest); });
  settings.Add("passwords_only", "a part not given has its default",
               [](CheckContext& check) { PutAndShow(check, kOnlyPasswords); });
  settings.Add(
      "unused_keys", "a key beside DISABLED or false is stored",
      [](CheckContext& check) { PutAndShow(check, kKeysThatAreNotUsed); });
  settings.Add("replaced_at_rest",
               "Put replaces everything; a part not given goes back to its "
               "default",
               [](CheckContext& check) { PutOverOthers(check, kOnlyAtRest); });
  settings.Add(
      "replaced_passwords",
      "Put replaces everything; a part not given goes back to its "
      "default",
      [](CheckContext& check) { PutOverOthers(check, kOnlyPasswords); });
  settings.Add("replaced_keys",
               "Put replaces everything: a key that is not given is removed",
               [](CheckContext& check) { PutOverOthers(check, kDefaults); });
  settings.Add("empty_resets", "{} is accepted and resets both",
               [](CheckContext& check) { PutOverOthers(check, ""); });
  settings.Add(
      "keys_as_given",
      "keys are stored as given (id, alias, ARN), not resolved",
      [](CheckContext& check) {
        for (const char* key : {"alias/aws/glue", "ALIAS/a b", "\xC3\xA9",
                                "1234abcd-12ab-34cd-56ef-1234567890ab",
                                "arn:aws:kms:us-east-1:123456789012:alias/k"}) {
          auto wanted = SettingsOf(kFull);
          wanted.mutable_encryption_at_rest()->set_sse_aws_kms_key_id(key);
          wanted.mutable_connection_password_encryption()->set_aws_kms_key_id(
              key);
          check.Ok(PutSettings(wanted));
          ExpectShown(check, "the settings that were put", wanted);
        }
      });
  settings.Add(
      "documented_no_key", "a mode without a key: the key is absent",
      [](CheckContext& check) { PutAndShow(check, kNoKeys); },
      OnlyDocumented());
  settings.Add(
      "observed_default_key", "a mode without a key: Get shows alias/aws/glue",
      [](CheckContext& check) {
        auto wanted = SettingsOf(kNoKeys);
        check.Ok(PutSettings(wanted));
        wanted.mutable_encryption_at_rest()->set_sse_aws_kms_key_id(
            "alias/aws/glue");
        wanted.mutable_connection_password_encryption()->set_aws_kms_key_id(
            "alias/aws/glue");
        ExpectShown(check, "the settings that were put", wanted);
      },
      OnlyRecorded());
}

void AddCatalogIdChecks(CheckGroup& settings) {
  settings.Add(
      "absent_id_is_account", "an absent CatalogId is the caller's account id",
      [](CheckContext& check) {
        check.Ok(PutSettings(SettingsOf(kFull)));
        ExpectShown(check, "the settings of the account's own CatalogId",
                    SettingsOf(kFull), Home().account_id);
        check.Ok(PutSettings(SettingsOf(kDefaults), Home().account_id));
        ExpectShown(check, "the settings without a CatalogId",
                    SettingsOf(kDefaults));
      });
  settings.Add("other_ids_apart", "CatalogId names a catalog",
               [](CheckContext& check) {
                 check.Ok(PutSettings(SettingsOf(kFull), "another"));
                 ExpectShown(check, "the settings without a CatalogId",
                             SettingsOf(kDefaults));
                 ExpectShown(check, "the settings of another CatalogId",
                             SettingsOf(kDefaults), "Another");
                 ExpectShown(check, "the settings of the CatalogId",
                             SettingsOf(kFull), "another");
               });
  settings.Add(
      "same_record_for_all_callers",
      "the same id is the same record for every caller",
      [](CheckContext& check) {
        check.Ok(PutSettings(SettingsOf(kFull), OtherAccount().account_id));
        ExpectShown(check,
                    "the settings of the account that the CatalogId named",
                    SettingsOf(kFull), std::nullopt, OtherAccount());
        ExpectShown(check, "the settings of the caller's own account",
                    SettingsOf(kDefaults));
      });
  settings.Add("id_in_the_callers_region",
               "CatalogId names a catalog in the caller's region",
               [](CheckContext& check) {
                 check.Ok(PutSettings(SettingsOf(kFull), "another"));
                 ExpectShown(check,
                             "the settings of the CatalogId in another region",
                             SettingsOf(kDefaults), "another", OtherRegion());
               });
  settings.Add(
      "any_legal_id",
      "any legal string may be put; a catalog that was never put has the "
      "defaults",
      [](CheckContext& check) {
        for (const char* id : {"x", "\t", "../a", "\xC3\xA9", "a\"b"}) {
          ExpectShown(check, "the settings of a new CatalogId",
                      SettingsOf(kDefaults), id);
          check.Ok(PutSettings(SettingsOf(kFull), id));
          ExpectShown(check, "the settings of the CatalogId", SettingsOf(kFull),
                      id);
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
  CheckGroup answer(checks, "answer", "docs/reference/README.md");
  answer.Add(
      "no_operation",
      "a request without an operation is answered with "
      "InvalidInputException",
      [](CheckContext& check) {
        check.Fails(v1::Request(), v1::ERROR_CODE_INVALID_INPUT);
      },
      NeedsUnknownOperations());
  answer.Add("settings",
             "an answer is the response of the operation that was called",
             [](CheckContext& check) {
               check.Ok(PutSettings(SettingsOf(kFull)));
               check.Ok(GetSettings());
             });
  answer.Add("policy",
             "an answer is the response of the operation that was called",
             [](CheckContext& check) {
               check.Ok(PutPolicy(PolicyText("a")));
               check.Ok(GetPolicy());
               check.Ok(DeletePolicy());
             });
  answer.Add("configurations",
             "an answer is the response of the operation that was called",
             [](CheckContext& check) {
               check.Ok(Create("a"));
               check.Ok(Get("a"));
               check.Ok(List());
               check.Ok(Delete("a"));
             });
}

}  // namespace glue_security::conformance_internal
