#include "glue_security/testing/backend_suite/check_basis.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kContract = BackendCheckBasis::kContract;
constexpr auto kRecorded = BackendCheckBasis::kRecorded;
constexpr auto kChoice = BackendCheckBasis::kChoice;

// The pages of the guide; their sections are named after the operations.
constexpr char kGuide[] = "https://docs.aws.amazon.com/glue/latest/dg/";
constexpr char kSecurityPage[] = "aws-glue-api-jobs-security";
constexpr char kConnectionsPage[] = "aws-glue-api-catalog-connections";

struct Entry {
  // The beginning of the ids; of several entries the longest counts.
  absl::string_view prefix;
  BackendCheckBasis basis;
  Operation operation;
};

// A rule that the contract implies by the members and errors that it lists
// counts as the contract's.
constexpr Entry kEntries[] = {
    {"answer.", kContract, kNoOperation},
    {"answer.no_operation", kChoice, kNoOperation},
    {"put.", kChoice, v1::Request::kPutResourcePolicy},
    {"put.must_exist_code", kChoice, v1::Request::kPutResourcePolicy},
    {"put.require_hash_to_overwrite", kChoice, v1::Request::kPutResourcePolicy},
    {"delete.", kChoice, v1::Request::kDeleteResourcePolicy},
    {"policy.none", kContract, v1::Request::kGetResourcePolicy},
    {"policy.documented_text", kChoice, v1::Request::kPutResourcePolicy},
    {"policy.observed_text", kRecorded, v1::Request::kPutResourcePolicy},
    {"policy.text_at_none", kChoice, v1::Request::kPutResourcePolicy},
    {"policy.one_per_catalog", kContract, v1::Request::kPutResourcePolicy},
    {"policy.get_changes_nothing", kContract, v1::Request::kGetResourcePolicy},
    {"hash.get_returns_what_put_returned", kRecorded,
     v1::Request::kPutResourcePolicy},
    {"hash.same_text_same_hash", kChoice, v1::Request::kPutResourcePolicy},
    {"hash.other_text_other_hash", kContract, v1::Request::kPutResourcePolicy},
    {"hash.a_b_a", kChoice, v1::Request::kPutResourcePolicy},
    {"hash.documented_bytes", kChoice, v1::Request::kPutResourcePolicy},
    {"hash.observed_bytes", kRecorded, v1::Request::kPutResourcePolicy},
    {"hash.compared_", kContract, v1::Request::kPutResourcePolicy},
    {"hash.none_does_not_lift_it", kChoice, v1::Request::kPutResourcePolicy},
    {"hash.shape", kContract, v1::Request::kPutResourcePolicy},
    {"times.equal_on_create", kRecorded, v1::Request::kGetResourcePolicy},
    {"times.milliseconds", kRecorded, v1::Request::kGetResourcePolicy},
    {"times.rounded_down", kChoice, v1::Request::kGetResourcePolicy},
    {"times.create_stays_on_replace", kRecorded,
     v1::Request::kGetResourcePolicy},
    {"times.update_moves_on_replace", kRecorded,
     v1::Request::kGetResourcePolicy},
    {"times.update_moves_for_the_same_text", kRecorded,
     v1::Request::kGetResourcePolicy},
    {"times.update_never_goes_back", kChoice, v1::Request::kGetResourcePolicy},
    {"times.recreated_not_before_the_deletion", kChoice,
     v1::Request::kGetResourcePolicy},
    {"times.new_after_delete", kContract, v1::Request::kGetResourcePolicy},
    {"times.failed_put_moves_nothing", kContract,
     v1::Request::kPutResourcePolicy},
    {"times.configuration_created", kContract,
     v1::Request::kGetSecurityConfiguration},
    {"times.configuration_is_now", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"document.", kContract, v1::Request::kPutResourcePolicy},
    {"document.date_", kRecorded, v1::Request::kPutResourcePolicy},
    {"document.guide.", kContract, v1::Request::kPutResourcePolicy},
    {"document.vendor_with_wildcard", kRecorded,
     v1::Request::kPutResourcePolicy},
    {"document.any_vendor", kRecorded, v1::Request::kPutResourcePolicy},
    {"document.empty_statement_list", kRecorded,
     v1::Request::kPutResourcePolicy},
    {"document.federated_principal", kChoice, v1::Request::kPutResourcePolicy},
    {"document.depth", kChoice, v1::Request::kPutResourcePolicy},
    {"document.lock_out", kContract, v1::Request::kPutResourcePolicy},
    {"document.lock_out.delete_denied", kChoice,
     v1::Request::kPutResourcePolicy},
    {"document.lock_out.unknown_key", kChoice, v1::Request::kPutResourcePolicy},
    {"document.lock_out.unknown_path", kChoice,
     v1::Request::kPutResourcePolicy},
    {"constraint.", kContract, kNoOperation},
    {"violations.", kContract, kNoOperation},
    {"violations.list_elements", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"violations.code", kContract, v1::Request::kGetSecurityConfiguration},
    {"order.size_", kChoice, kNoOperation},
    {"order.constraints_before_document", kChoice,
     v1::Request::kPutResourcePolicy},
    {"order.constraints_before_token", kChoice,
     v1::Request::kGetSecurityConfigurations},
    {"order.constraints_before_s3_rule", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"order.constraints_before_policy_existence", kChoice,
     v1::Request::kPutResourcePolicy},
    {"order.constraints_before_configuration_existence", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"order.constraints_before_hash", kChoice, v1::Request::kPutResourcePolicy},
    {"order.constraints_before_number_limit", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"order.document_", kChoice, v1::Request::kPutResourcePolicy},
    {"order.s3_rule_", kChoice, v1::Request::kCreateSecurityConfiguration},
    {"order.existence_before_hash_on_put", kChoice,
     v1::Request::kPutResourcePolicy},
    {"order.existence_before_hash_on_delete", kChoice,
     v1::Request::kDeleteResourcePolicy},
    {"order.existence_before_number_limit", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"settings.defaults", kRecorded,
     v1::Request::kGetDataCatalogEncryptionSettings},
    {"settings.all", kContract, v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.at_rest_only", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.passwords_only", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.unused_keys", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.replaced_", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.empty_resets", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.keys_as_given", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.documented_no_key", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.observed_default_key", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.absent_id_is_account", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.other_ids_apart", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.same_record_for_all_callers", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.id_in_the_callers_region", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"settings.any_legal_id", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"configuration.kept.", kChoice, v1::Request::kCreateSecurityConfiguration},
    {"configuration.kept.full", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.kept.s3_only", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.kept.logs_only", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.kept.bookmarks_only", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.documented.", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.observed.", kRecorded,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.duplicate", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.get_unknown", kContract,
     v1::Request::kGetSecurityConfiguration},
    {"configuration.delete_unknown", kContract,
     v1::Request::kDeleteSecurityConfiguration},
    {"configuration.names_whole", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"configuration.deleted", kContract,
     v1::Request::kDeleteSecurityConfiguration},
    {"limit.", kContract, v1::Request::kCreateSecurityConfiguration},
    {"limit.zero", kChoice, v1::Request::kCreateSecurityConfiguration},
    {"limit.failures_do_not_count", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"pages.none", kContract, v1::Request::kGetSecurityConfigurations},
    {"pages.bytewise", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.entries_are_whole", kContract,
     v1::Request::kGetSecurityConfigurations},
    {"pages.every_size.", kContract, v1::Request::kGetSecurityConfigurations},
    {"pages.full", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.exactly_full_last_page", kContract,
     v1::Request::kGetSecurityConfigurations},
    {"pages.size_may_change", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.default_size", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.observed_size_max", kRecorded,
     v1::Request::kGetSecurityConfigurations},
    {"pages.documented_size_max", kContract,
     v1::Request::kGetSecurityConfigurations},
    {"pages.token.", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.deletes_between", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.creates_between", kChoice, v1::Request::kGetSecurityConfigurations},
    {"pages.all_deleted_between", kChoice,
     v1::Request::kGetSecurityConfigurations},
    {"connection.kept.", kContract, v1::Request::kCreateConnection},
    {"connection.kept.empties", kChoice, v1::Request::kCreateConnection},
    {"connection.kept.any_value", kChoice, v1::Request::kCreateConnection},
    {"connection.updated.given", kContract, v1::Request::kUpdateConnection},
    {"connection.updated.absent_gone", kChoice, v1::Request::kUpdateConnection},
    {"connection.updated.other_name", kChoice, v1::Request::kUpdateConnection},
    {"connection.updated.unknown", kContract, v1::Request::kUpdateConnection},
    {"connection.duplicate", kContract, v1::Request::kCreateConnection},
    {"connection.get_unknown", kContract, v1::Request::kGetConnection},
    {"connection.delete_unknown", kContract, v1::Request::kDeleteConnection},
    {"connection.names_whole", kChoice, v1::Request::kCreateConnection},
    {"connection.deleted", kContract, v1::Request::kDeleteConnection},
    {"connection.times.created", kContract, v1::Request::kCreateConnection},
    {"connection.times.updated", kContract, v1::Request::kUpdateConnection},
    {"connection.times.never_back", kChoice, v1::Request::kUpdateConnection},
    {"connection.times.failed_calls_move_nothing", kContract,
     v1::Request::kUpdateConnection},
    {"connection.written_by.user", kRecorded, v1::Request::kCreateConnection},
    {"connection.written_by.role", kChoice, v1::Request::kCreateConnection},
    {"connection.written_by.last", kContract, v1::Request::kUpdateConnection},
    {"connection.written_by.unknown", kChoice, v1::Request::kUpdateConnection},
    {"connection.batch.", kChoice, v1::Request::kBatchDeleteConnection},
    {"connection.batch.one", kContract, v1::Request::kBatchDeleteConnection},
    {"connection.batch.goes_on", kContract,
     v1::Request::kBatchDeleteConnection},
    {"connection.catalogs.", kContract, v1::Request::kCreateConnection},
    {"connection.tags.not_shown", kChoice, v1::Request::kCreateConnection},
    {"connection.of_2019.tags_ignored", kChoice,
     v1::Request::kCreateConnection},
    {"connection.of_2019.type_unknown", kContract,
     v1::Request::kCreateConnection},
    {"connection.on_its_date", kContract, v1::Request::kCreateConnection},
    {"connection.order.", kChoice, v1::Request::kUpdateConnection},
    {"connection.order.constraints_before_token", kChoice,
     v1::Request::kGetConnections},
    {"connection.order.existence_before_number_limit", kChoice,
     v1::Request::kCreateConnection},
    {"connection_limit.", kContract, v1::Request::kCreateConnection},
    {"connection_limit.default", kChoice, v1::Request::kCreateConnection},
    {"connection_limit.zero", kChoice, v1::Request::kCreateConnection},
    {"connection_limit.failures_do_not_count", kChoice,
     v1::Request::kCreateConnection},
    {"connection_limit.apart_from_configurations", kChoice,
     v1::Request::kCreateConnection},
    {"connections.none", kContract, v1::Request::kGetConnections},
    {"connections.bytewise", kChoice, v1::Request::kGetConnections},
    {"connections.entries_are_whole", kContract, v1::Request::kGetConnections},
    {"connections.every_size.", kContract, v1::Request::kGetConnections},
    {"connections.full", kChoice, v1::Request::kGetConnections},
    {"connections.default_size", kChoice, v1::Request::kGetConnections},
    {"connections.large_sizes", kContract, v1::Request::kGetConnections},
    {"connections.token.", kChoice, v1::Request::kGetConnections},
    {"connections.deletes_between", kChoice, v1::Request::kGetConnections},
    {"connections.creates_between", kChoice, v1::Request::kGetConnections},
    {"connections.filter.", kContract, v1::Request::kGetConnections},
    {"connections.filter.all_criteria", kChoice, v1::Request::kGetConnections},
    {"connections.filter.whole_criteria", kChoice,
     v1::Request::kGetConnections},
    {"connections.filter.empty", kChoice, v1::Request::kGetConnections},
    {"connections.filter.of_a_page", kChoice, v1::Request::kGetConnections},
    {"password.off.", kChoice, v1::Request::kUpdateConnection},
    {"password.off.kept", kContract, v1::Request::kCreateConnection},
    {"password.off.hidden", kRecorded, v1::Request::kGetConnection},
    {"password.off.hidden_encrypted", kChoice, v1::Request::kGetConnection},
    {"password.off.both_given", kChoice, v1::Request::kCreateConnection},
    {"password.flag", kChoice, v1::Request::kCreateConnection},
    {"password.flag.shown", kContract, v1::Request::kGetConnection},
    {"password.flag.hidden", kChoice, v1::Request::kGetConnection},
    {"password.flag.updated", kContract, v1::Request::kUpdateConnection},
    {"password.flag.update_without", kChoice, v1::Request::kUpdateConnection},
    {"password.flag_and_key.shown", kContract, v1::Request::kGetConnection},
    {"password.flag_and_key.hidden", kChoice, v1::Request::kGetConnection},
    {"password.flag_and_key.updated", kContract,
     v1::Request::kUpdateConnection},
    {"password.flag_and_key.update_without", kChoice,
     v1::Request::kUpdateConnection},
    {"password.key.", kChoice, v1::Request::kCreateConnection},
    {"password.key.shown", kChoice, v1::Request::kGetConnection},
    {"password.key.hidden", kRecorded, v1::Request::kGetConnection},
    {"password.key.updated", kChoice, v1::Request::kUpdateConnection},
    {"password.key.update_without", kChoice, v1::Request::kUpdateConnection},
    {"password.encrypted_alone", kChoice, v1::Request::kCreateConnection},
    {"password.sent_back", kChoice, v1::Request::kUpdateConnection},
    {"password.long", kChoice, v1::Request::kGetConnection},
    {"password.protection.", kChoice, v1::Request::kCreateConnection},
    {"password.changed.", kChoice, v1::Request::kGetConnection},
    {"password.changed.written_after", kContract,
     v1::Request::kUpdateConnection},
    {"password.refused.create", kContract, v1::Request::kCreateConnection},
    {"password.refused.update", kContract, v1::Request::kUpdateConnection},
    {"password.refused.empty", kChoice, v1::Request::kCreateConnection},
    {"password.refused.damaged", kChoice, v1::Request::kGetConnection},
    {"password.refused.other_reader", kChoice, v1::Request::kGetConnection},
    {"password.refused.other_writer", kChoice, v1::Request::kCreateConnection},
    {"password.order.", kChoice, v1::Request::kCreateConnection},
    {"password.order.token_before_key", kChoice, v1::Request::kGetConnections},
    {"password.later.", kChoice, v1::Request::kCreateConnection},
    {"sealed.", kChoice, v1::Request::kCreateConnection},
    {"sealed.shown", kContract, v1::Request::kCreateConnection},
    {"sealed.filtered", kChoice, v1::Request::kGetConnections},
    {"sealed.times", kChoice, v1::Request::kUpdateConnection},
    {"sealed.with_password", kContract, v1::Request::kCreateConnection},
    {"sealed.written_before", kChoice, v1::Request::kGetConnection},
    {"sealed.off_later", kChoice, v1::Request::kGetConnection},
    {"sealed.old_key", kChoice, v1::Request::kGetConnection},
    {"sealed.refused.create", kContract, v1::Request::kCreateConnection},
    {"sealed.refused.update", kContract, v1::Request::kUpdateConnection},
    {"sealed.rights.read", kChoice, v1::Request::kGetConnection},
    {"sealed.rights.list", kChoice, v1::Request::kGetConnections},
    {"sealed.rights.delete", kChoice, v1::Request::kDeleteConnection},
    {"sealed.rights.update", kChoice, v1::Request::kUpdateConnection},
    {"message.connection.", kChoice, v1::Request::kCreateConnection},
    {"message.connection.get_unknown", kChoice, v1::Request::kGetConnection},
    {"message.connection.update_unknown", kChoice,
     v1::Request::kUpdateConnection},
    {"message.connection.delete_unknown", kChoice,
     v1::Request::kDeleteConnection},
    {"message.connection.batch_unknown", kChoice,
     v1::Request::kBatchDeleteConnection},
    {"message.connection.other_name", kChoice, v1::Request::kUpdateConnection},
    {"message.connection.key_refusal", kRecorded,
     v1::Request::kCreateConnection},
    {"message.connection.no_text_of_the_key_service", kRecorded,
     v1::Request::kGetConnection},
    {"threads.create_connection", kContract, v1::Request::kCreateConnection},
    {"threads.delete_connection", kContract, v1::Request::kDeleteConnection},
    {"threads.connection_limit", kContract, v1::Request::kCreateConnection},
    {"catalogs.accounts.policy", kContract, v1::Request::kPutResourcePolicy},
    {"catalogs.accounts.configurations", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"catalogs.accounts.settings", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"catalogs.regions.policy", kContract, v1::Request::kPutResourcePolicy},
    {"catalogs.regions.configurations", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"catalogs.regions.settings", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"catalogs.principals_share", kChoice, kNoOperation},
    {"catalogs.account_and_region_do_not_mix", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"resource_arn.documented.", kChoice, v1::Request::kPutResourcePolicy},
    {"resource_arn.observed.put", kRecorded, v1::Request::kPutResourcePolicy},
    {"resource_arn.observed.delete", kChoice,
     v1::Request::kDeleteResourcePolicy},
    {"resource_arn.observed.before_existence", kChoice,
     v1::Request::kPutResourcePolicy},
    {"resource_arn.observed.get_", kChoice, v1::Request::kGetResourcePolicy},
    {"resource_arn.refused_at_every_date", kChoice,
     v1::Request::kPutResourcePolicy},
    {"resource_arn.pattern_of_", kContract, v1::Request::kGetResourcePolicy},
    {"hybrid.accepted", kContract, v1::Request::kPutResourcePolicy},
    {"hybrid.of_2019.", kChoice, v1::Request::kPutResourcePolicy},
    {"hybrid.needed", kContract, v1::Request::kPutResourcePolicy},
    {"hybrid.not_needed_before", kChoice, v1::Request::kPutResourcePolicy},
    {"hybrid.before_existence", kChoice, v1::Request::kPutResourcePolicy},
    {"policies.", kChoice, v1::Request::kGetResourcePolicies},
    {"service_role.kept", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.replaced", kRecorded,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.default_key", kChoice,
     v1::Request::kGetDataCatalogEncryptionSettings},
    {"service_role.mode_without_role", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.of_2019.mode_unknown", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.of_2019.role_ignored", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.on_its_date", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"service_role.documented.", kContract,
     v1::Request::kPutDataCatalogEncryptionSettings},
    {"data_quality.kept", kContract, v1::Request::kCreateSecurityConfiguration},
    {"data_quality.mode_without_key", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"data_quality.of_2019.", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"data_quality.on_its_date", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"data_quality.documented.", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"key_arn.", kContract, v1::Request::kCreateSecurityConfiguration},
    {"policy_size.maximum", kContract, v1::Request::kPutResourcePolicy},
    {"policy_size.", kChoice, v1::Request::kPutResourcePolicy},
    {"message.policy_not_found.get", kRecorded,
     v1::Request::kGetResourcePolicy},
    {"message.policy_not_found.delete", kChoice,
     v1::Request::kDeleteResourcePolicy},
    {"message.observed.resource_arn", kRecorded,
     v1::Request::kPutResourcePolicy},
    {"message.observed.resource_arn_before_document", kChoice,
     v1::Request::kPutResourcePolicy},
    {"message.observed.get_of_other_resource", kChoice,
     v1::Request::kGetResourcePolicy},
    {"message.documented.create_duplicate", kChoice,
     v1::Request::kCreateSecurityConfiguration},
    {"message.documented.get_unknown", kChoice,
     v1::Request::kGetSecurityConfiguration},
    {"message.documented.delete_unknown", kChoice,
     v1::Request::kDeleteSecurityConfiguration},
    {"message.observed.create_duplicate", kRecorded,
     v1::Request::kCreateSecurityConfiguration},
    {"message.observed.get_unknown", kRecorded,
     v1::Request::kGetSecurityConfiguration},
    {"message.observed.delete_unknown", kRecorded,
     v1::Request::kDeleteSecurityConfiguration},
    {"message.observed.two_s3_elements", kRecorded,
     v1::Request::kCreateSecurityConfiguration},
    {"message.observed.bookmarks_without_key", kRecorded,
     v1::Request::kCreateSecurityConfiguration},
    {"message.observed.page_size", kRecorded,
     v1::Request::kGetSecurityConfigurations},
    {"message.violation.", kChoice, kNoOperation},
    {"message.violation.length_min", kRecorded,
     v1::Request::kGetSecurityConfiguration},
    {"message.violation.pattern", kRecorded,
     v1::Request::kGetSecurityConfiguration},
    {"message.violation.two", kRecorded, v1::Request::kPutResourcePolicy},
    {"message.violation.observed_uncut", kRecorded,
     v1::Request::kGetSecurityConfiguration},
    {"message.no_policy_text", kChoice, v1::Request::kPutResourcePolicy},
    {"threads.create", kContract, v1::Request::kCreateSecurityConfiguration},
    {"threads.delete_configuration", kContract,
     v1::Request::kDeleteSecurityConfiguration},
    {"threads.not_exist", kContract, v1::Request::kPutResourcePolicy},
    {"threads.hash_condition", kContract, v1::Request::kPutResourcePolicy},
    {"threads.delete_policy", kChoice, v1::Request::kDeleteResourcePolicy},
    {"threads.number_limit", kContract,
     v1::Request::kCreateSecurityConfiguration},
    {"threads.no_lost_update", kContract, kNoOperation},
    {"threads.settings_are_whole", kChoice,
     v1::Request::kPutDataCatalogEncryptionSettings},
};

// Returns the longest entry that the id begins with; nullptr: none.
const Entry* EntryOf(absl::string_view id) {
  const Entry* longest = nullptr;
  for (const Entry& entry : kEntries) {
    if (absl::StartsWith(id, entry.prefix) &&
        (longest == nullptr || entry.prefix.size() > longest->prefix.size())) {
      longest = &entry;
    }
  }
  return longest;
}

// Returns the operation that a part of the id names:
// "constraint.PutResourcePolicy.policyInJson.required".
Operation NamedBy(absl::string_view id) {
  for (const Operation operation : kAllOperations) {
    if (absl::StrContains(id,
                          absl::StrCat(".", OperationName(operation), "."))) {
      return operation;
    }
  }
  return kNoOperation;
}

// Returns the basis of a kind of check that every group of its has.
BackendCheckBasis BasisOf(absl::string_view id, const Entry& entry) {
  // A text that is not UTF-8 is not JSON, so the contract has no rule for it;
  // nor does it say what is not checked.
  if (absl::EndsWith(id, ".utf8") || absl::EndsWith(id, ".taken_at_none") ||
      absl::EndsWith(id, ".taken_at_json") ||
      absl::EndsWith(id, ".taken_at_grammar")) {
    return kChoice;
  }
  return entry.basis;
}

// Returns true for a rule on texts that the Security API's page does not have:
// the grammar of policy documents.
bool IsOnAnotherPage(absl::string_view id) {
  return absl::StartsWith(id, "document.");
}

}  // namespace

void FillInBasis(std::vector<BackendCheck>* checks) {
  for (BackendCheck& check : *checks) {
    const Entry* const entry = EntryOf(check.id);
    if (entry != nullptr) {
      // The basis of a check is at first the weakest.
      check.basis = std::min(check.basis, BasisOf(check.id, *entry));
      check.operation = entry->operation;
    }
    if (const Operation named = NamedBy(check.id); named != kNoOperation) {
      check.operation = named;
    }
    if (check.basis != kContract || IsOnAnotherPage(check.id)) continue;
    const char* const page =
        GetOperationInfo(check.operation).resource() == v1::RESOURCE_CONNECTION
            ? kConnectionsPage
            : kSecurityPage;
    check.source = absl::StrCat(kGuide, page, ".html");
    if (check.operation != kNoOperation) {
      absl::StrAppend(&check.source, "#", page, "-",
                      OperationName(check.operation));
    }
  }
}

std::vector<std::string> UnusedBasisEntries(
    const std::vector<BackendCheck>& checks) {
  std::set<const Entry*> used;
  for (const BackendCheck& check : checks) used.insert(EntryOf(check.id));
  std::vector<std::string> unused;
  for (const Entry& entry : kEntries) {
    if (used.count(&entry) == 0) unused.emplace_back(entry.prefix);
  }
  if (used.count(nullptr) > 0) unused.emplace_back("a check has no entry");
  return unused;
}

}  // namespace glue_security::conformance_internal
