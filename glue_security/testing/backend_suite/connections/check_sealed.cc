// sealed: connections of a catalog that is encrypted at rest.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kEncryption = v1::ERROR_CODE_GLUE_ENCRYPTION;
// A key that no backend has.
constexpr char kNoKey[] = "11111111-2222-3333-4444-555555555555";

v1::Request Seal(std::optional<std::string> key = std::nullopt,
                 bool protects_passwords = false) {
  v1::DataCatalogEncryptionSettings settings;
  auto* rest = settings.mutable_encryption_at_rest();
  rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  if (key.has_value()) rest->set_sse_aws_kms_key_id(*std::move(key));
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(protects_passwords);
  return PutSettings(settings);
}

v1::Request Open() { return PutSettings(v1::DataCatalogEncryptionSettings()); }

v1::ConnectionInput Some(absl::string_view name = "a",
                         absl::string_view host = "h") {
  auto input = ConnectionWith(
      name, {{"HOST", std::string(host)}, {"PASSWORD", "secret"}});
  input.set_description("of the connection");
  input.mutable_match_criteria()->add_elements("m");
  return input;
}

// Expects the connection in an answer of GetConnection and of GetConnections.
// `what` names it: "the sealed connection".
void ExpectShown(CheckContext& check, absl::string_view what,
                 const v1::ConnectionInput& input) {
  check.Same(
      what, input,
      InputOf(
          check.Ok(GetConnection(input.name())).get_connection().connection()));
  const auto list = check.Ok(ListConnections()).get_connections();
  for (const auto& entry : list.connection_list()) {
    if (entry.name() == input.name()) check.Same(what, input, InputOf(entry));
  }
}

void AddShownChecks(CheckGroup& sealed) {
  sealed.Add(
      "shown", "a reader with rights on the key sees no difference",
      [](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        ExpectShown(check, "the sealed connection", Some());
        check.Ok(UpdateConnection(Some("a", "other")));
        ExpectShown(check, "the sealed connection after an update",
                    Some("a", "other"));
      },
      NeedsKeys());
  sealed.Add(
      "named_key", "a reader with rights on the key sees no difference",
      [](CheckContext& check) {
        check.Ok(Seal("alias/aws/glue"));
        check.Ok(CreateConnection(Some()));
        ExpectShown(check, "the sealed connection", Some());
      },
      NeedsKeys());
  sealed.Add(
      "filtered", "the filter sees what is sealed",
      [](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        check.Ok(CreateConnection(ConnectionWith("b")));
        v1::Request list = ListConnections();
        list.mutable_get_connections()
            ->mutable_filter()
            ->mutable_match_criteria()
            ->add_elements("m");
        const auto page = check.Ok(list).get_connections();
        check.Same("the number of connections that pass the filter", "1",
                   absl::StrCat(page.connection_list_size()));
      },
      NeedsKeys());
}

void AddOtherShownChecks(CheckGroup& sealed) {
  sealed.Add(
      "times", "times and the name are seen as before",
      [](CheckContext& check) {
        check.Ok(CreateConnection(Some()));
        const auto before =
            check.Ok(GetConnection("a")).get_connection().connection();
        check.LetPass(absl::Seconds(1));
        check.Ok(Seal());
        check.Ok(UpdateConnection(Some()));
        const auto after =
            check.Ok(GetConnection("a")).get_connection().connection();
        check.Same("CreationTime after the update",
                   TimeText(before.has_creation_time(), before.creation_time()),
                   TimeText(after.has_creation_time(), after.creation_time()));
      },
      NeedsKeys());
  sealed.Add(
      "with_password",
      "a password is encrypted first, and then the whole connection",
      [](CheckContext& check) {
        check.Ok(Seal(std::nullopt, true));
        check.Ok(CreateConnection(Some()));
        const auto shown = PropertiesOf(
            check.Ok(GetConnection("a")).get_connection().connection());
        check.Same("whether PASSWORD is shown", "no",
                   shown.count("PASSWORD") > 0 ? "yes" : "no");
        check.Same("whether ENCRYPTED_PASSWORD is shown", "yes",
                   shown.count("ENCRYPTED_PASSWORD") > 0 ? "yes" : "no");
        check.Ok(Open());
        ExpectShown(check, "the connection decrypted", Some());
      },
      NeedsKeys());
  sealed.Add(
      "service_role",
      "a service role seals and opens in the place of "
      "the caller",
      [](CheckContext& check) {
        v1::Request put = Seal();
        auto* rest = put.mutable_put_data_catalog_encryption_settings()
                         ->mutable_data_catalog_encryption_settings()
                         ->mutable_encryption_at_rest();
        rest->set_catalog_encryption_mode(
            v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
        rest->set_catalog_encryption_service_role(
            "arn:aws:iam::123456789012:role/glue");
        check.Ok(put);
        check.Ok(CreateConnection(Some()));
        ExpectShown(check, "the sealed connection", Some());
      },
      NeedsKeys(OnlyCurrent()));
}

void AddChangedSettingsChecks(CheckGroup& sealed) {
  sealed.Add(
      "written_before",
      "what was written before stays as it is, and needs no key",
      [](CheckContext& check) {
        check.Ok(CreateConnection(Some()));
        check.Ok(Seal(kNoKey));
        ExpectShown(check, "the connection that was not sealed", Some());
      },
      NeedsKeys());
  sealed.Add(
      "off_later", "what is sealed can be read after encryption is off",
      [](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        check.Ok(Open());
        ExpectShown(check, "the sealed connection", Some());
      },
      NeedsKeys());
  sealed.Add(
      "old_key", "what is sealed is opened by its own key",
      [](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        check.Ok(Seal(kNoKey));
        ExpectShown(check, "the sealed connection", Some());
      },
      NeedsKeys());
  sealed.Add(
      "written_after", "a write after encryption is off is not sealed",
      [](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        check.Ok(Open());
        check.Ok(UpdateConnection(Some("a", "other")));
        // Nobody needs a key for it.
        check.Ok(GetConnection("a", std::nullopt, Home().account_id),
                 OtherAccount());
        ExpectShown(check, "the connection that was not sealed",
                    Some("a", "other"));
      },
      NeedsKeys());
}

void AddRefusedChecks(CheckGroup& sealed) {
  sealed.Add(
      "refused.create",
      "a key service that refuses is a GlueEncryptionException",
      [](CheckContext& check) {
        check.Ok(Seal(kNoKey));
        check.Fails(CreateConnection(ConnectionWith("a")), kEncryption);
        check.Fails(GetConnection("a"), v1::ERROR_CODE_ENTITY_NOT_FOUND);
      },
      NeedsKeys());
  sealed.Add(
      "refused.update",
      "a key service that refuses is a GlueEncryptionException; nothing "
      "was changed",
      [](CheckContext& check) {
        check.Ok(CreateConnection(Some()));
        check.Ok(Seal(kNoKey));
        check.Fails(UpdateConnection(Some("a", "other")), kEncryption);
        ExpectShown(check, "the connection before the update", Some());
      },
      NeedsKeys());
  sealed.Add(
      "refused.existence_first", "existence before the key service",
      [](CheckContext& check) {
        check.Ok(CreateConnection(Some()));
        check.Ok(Seal(kNoKey));
        check.Fails(CreateConnection(Some()), v1::ERROR_CODE_ALREADY_EXISTS);
        check.Fails(UpdateConnection(Some("b")),
                    v1::ERROR_CODE_ENTITY_NOT_FOUND);
      },
      NeedsKeys());
}

// alias/aws/glue is a key of the caller's account, which no other account may
// use.
void AddOtherAccountChecks(CheckGroup& sealed) {
  const std::string id = Home().account_id;
  sealed.Add(
      "rights.read", "a reader needs a right on the key",
      [id](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some()));
        for (const bool hide : {false, true}) {
          check.Fails(GetConnection("a", hide, id), kEncryption,
                      OtherAccount());
        }
      },
      NeedsKeys());
  sealed.Add(
      "rights.list",
      "a page with one connection that cannot be opened fails as a "
      "whole, also where the filter would hold it back",
      [id](CheckContext& check) {
        check.Ok(CreateConnection(Some("b")));
        check.Ok(Seal());
        check.Ok(CreateConnection(Some("a")));
        v1::Request list = ListConnections(std::nullopt, std::nullopt, id);
        check.Fails(list, kEncryption, OtherAccount());
        list.mutable_get_connections()->mutable_filter()->set_connection_type(
            v1::CONNECTION_TYPE_SFTP);
        check.Fails(list, kEncryption, OtherAccount());
      },
      NeedsKeys());
  sealed.Add(
      "rights.delete", "a delete needs no right on the key",
      [id](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some("a")));
        check.Ok(CreateConnection(Some("b")));
        check.Ok(DeleteConnection("a", id), OtherAccount());
        check.Same(
            "the number of connections that are deleted", "1",
            absl::StrCat(
                check.Ok(BatchDeleteConnections({"b"}, id), OtherAccount())
                    .batch_delete_connection()
                    .succeeded_size()));
      },
      NeedsKeys());
  sealed.Add(
      "rights.update",
      "an update does not open what it replaces, so that it needs no "
      "right to decrypt",
      [id](CheckContext& check) {
        check.Ok(Seal());
        check.Ok(CreateConnection(Some(), id), OtherAccount());
        check.Fails(GetConnection("a"), kEncryption);
        check.Ok(UpdateConnection(Some("a", "other")));
        ExpectShown(check, "the connection after the update",
                    Some("a", "other"));
      },
      NeedsKeys());
}

}  // namespace

void AddSealedChecks(Checks* checks) {
  CheckGroup sealed(checks, "sealed", "docs/decisions/sealed-objects.md");
  AddShownChecks(sealed);
  AddOtherShownChecks(sealed);
  AddChangedSettingsChecks(sealed);
  AddRefusedChecks(sealed);
  AddOtherAccountChecks(sealed);
}

}  // namespace glue_security::conformance_internal
