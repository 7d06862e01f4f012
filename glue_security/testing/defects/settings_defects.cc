// Defects of the encryption settings, and of catalogs.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

using Settings = v1::DataCatalogEncryptionSettings;

// Changes the settings that Get shows.
template <typename Change>
Patch ChangesShown(Change change) {
  return [change](const PatchedCall& call) {
    v1::Response answer = call.Run();
    if (answer.has_get_data_catalog_encryption_settings()) {
      change(answer.mutable_get_data_catalog_encryption_settings()
                 ->mutable_data_catalog_encryption_settings());
    }
    return answer;
  };
}

// Changes the settings of a Put, if they are legal.
template <typename Change>
Patch ChangesPut(Change change) {
  return [change](PatchedCall call) {
    auto* put =
        call.request.has_put_data_catalog_encryption_settings()
            ? call.request.mutable_put_data_catalog_encryption_settings()
            : nullptr;
    if (put == nullptr || !put->has_data_catalog_encryption_settings()) {
      return call.Run();
    }
    const v1::Response legal = call.Run();
    if (legal.has_error()) return legal;
    change(call, put->mutable_data_catalog_encryption_settings());
    return call.Run();
  };
}

// Returns the CatalogId of a request, to be changed; nullptr: none.
std::string* CatalogIdIn(v1::Request* request) {
  if (request->put_data_catalog_encryption_settings().has_catalog_id()) {
    return request->mutable_put_data_catalog_encryption_settings()
        ->mutable_catalog_id();
  }
  if (request->get_data_catalog_encryption_settings().has_catalog_id()) {
    return request->mutable_get_data_catalog_encryption_settings()
        ->mutable_catalog_id();
  }
  return nullptr;
}

bool IsAboutSettings(const v1::Request& request) {
  return request.has_put_data_catalog_encryption_settings() ||
         request.has_get_data_catalog_encryption_settings();
}

void AddMergeDefects(DefectList* defects) {
  // Gives the settings before the Put to the defects that merge.
  const auto merging = [](auto merge) {
    return [merge](PatchedCall call) {
      if (!call.request.has_put_data_catalog_encryption_settings()) {
        return call.Run();
      }
      v1::Request get;
      auto* asked = get.mutable_get_data_catalog_encryption_settings();
      const auto& put = call.request.put_data_catalog_encryption_settings();
      if (put.has_catalog_id()) asked->set_catalog_id(put.catalog_id());
      const v1::Response before = call.Run(get);
      const v1::Response answer = call.Run();
      if (answer.has_error()) return answer;
      merge(before.get_data_catalog_encryption_settings()
                .data_catalog_encryption_settings(),
            call.request.mutable_put_data_catalog_encryption_settings()
                ->mutable_data_catalog_encryption_settings());
      return call.Run();
    };
  };
  defects->Patched({"settings_merged",
                    "PutDataCatalogEncryptionSettings merges its settings with "
                    "the present ones.",
                    {"settings.replaced_at_rest", "settings.replaced_passwords",
                     "settings.replaced_keys", "settings.empty_resets",
                     "service_role.replaced"}},
                   merging([](const Settings& before, Settings* put) {
                     Settings merged = before;
                     merged.MergeFrom(*put);
                     *put = merged;
                   }));
  defects->Patched({"absent_blocks_kept",
                    "A block that is not put is kept.",
                    {"settings.replaced_at_rest", "settings.empty_resets"}},
                   merging([](const Settings& before, Settings* put) {
                     if (!put->has_encryption_at_rest()) {
                       *put->mutable_encryption_at_rest() =
                           before.encryption_at_rest();
                     }
                     if (!put->has_connection_password_encryption()) {
                       *put->mutable_connection_password_encryption() =
                           before.connection_password_encryption();
                     }
                   }));
}

void AddShownDefects(DefectList* defects) {
  defects->Patched({"no_defaults",
                    "Settings that were not put are absent.",
                    {"settings.defaults", "settings.at_rest_only",
                     "settings.passwords_only"}},
                   ChangesShown([](Settings* shown) {
                     const auto& rest = shown->encryption_at_rest();
                     if (rest.catalog_encryption_mode() ==
                             v1::CATALOG_ENCRYPTION_MODE_DISABLED &&
                         !rest.has_sse_aws_kms_key_id()) {
                       shown->clear_encryption_at_rest();
                     }
                     const auto& passwords =
                         shown->connection_password_encryption();
                     if (!passwords.return_connection_password_encrypted() &&
                         !passwords.has_aws_kms_key_id()) {
                       shown->clear_connection_password_encryption();
                     }
                   }));
  defects->Patched({"passwords_never_encrypted",
                    "ReturnConnectionPasswordEncrypted is always false.",
                    {"settings.all", "settings.passwords_only"}},
                   ChangesShown([](Settings* shown) {
                     shown->mutable_connection_password_encryption()
                         ->set_return_connection_password_encrypted(false);
                   }));
  defects->Patched({"unused_keys_dropped",
                    "An unused key is dropped.",
                    {"settings.unused_keys"}},
                   ChangesShown([](Settings* shown) {
                     auto* rest = shown->mutable_encryption_at_rest();
                     if (rest->catalog_encryption_mode() ==
                         v1::CATALOG_ENCRYPTION_MODE_DISABLED) {
                       rest->clear_sse_aws_kms_key_id();
                     }
                   }));
  defects->Patched(
      {"keys_resolved",
       "Keys are converted to lower case.",
       {"settings.keys_as_given"}},
      ChangesPut([](const PatchedCall&, Settings* put) {
        auto* rest = put->mutable_encryption_at_rest();
        if (!put->encryption_at_rest().has_catalog_encryption_mode()) {
          put->clear_encryption_at_rest();
          return;
        }
        if (rest->has_sse_aws_kms_key_id()) {
          rest->set_sse_aws_kms_key_id(
              absl::AsciiStrToLower(rest->sse_aws_kms_key_id()));
        }
      }));
  defects->SetUp(
      {"default_keys_shown",
       "Documented shows default keys.",
       {"settings.documented_no_key"}},
      [](BackendSetup* setup) { setup->behavior.show_default_keys = true; });
  defects->SetUp(
      {"default_keys_not_shown",
       "Observed shows no default keys.",
       {"settings.observed_default_key", "service_role.default_key"}},
      [](BackendSetup* setup) { setup->behavior.show_default_keys = false; });
}

constexpr auto kRoleMode =
    v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE;

bool KnowsRoles(const PatchedCall& call) {
  return call.setup->behavior.api_date >= absl::CivilDay(2024, 2, 5);
}

// Stores a role beside the engine, and shows it, when the model in force does
// not have it.
Patch StoresRolesEarly() {
  using Key = std::vector<std::string>;
  const auto roles = std::make_shared<std::map<Key, std::string>>();
  return [roles](PatchedCall call) {
    v1::Response answer = call.Run();
    if (KnowsRoles(call) || answer.has_error() ||
        !IsAboutSettings(call.request)) {
      return answer;
    }
    const std::string* id = CatalogIdIn(&call.request);
    const Key key = {id == nullptr ? call.caller.account_id : *id,
                     call.caller.region};
    if (answer.has_put_data_catalog_encryption_settings()) {
      const auto& rest = call.request.put_data_catalog_encryption_settings()
                             .data_catalog_encryption_settings()
                             .encryption_at_rest();
      roles->erase(key);
      if (rest.has_catalog_encryption_service_role()) {
        (*roles)[key] = rest.catalog_encryption_service_role();
      }
    } else if (roles->count(key) > 0) {
      answer.mutable_get_data_catalog_encryption_settings()
          ->mutable_data_catalog_encryption_settings()
          ->mutable_encryption_at_rest()
          ->set_catalog_encryption_service_role((*roles)[key]);
    }
    return answer;
  };
}

// Takes the mode with a role although the model in force does not have it.
v1::Response TakesRoleModeEarly(PatchedCall call) {
  const v1::Response answer = call.Run();
  const auto& settings = call.request.put_data_catalog_encryption_settings()
                             .data_catalog_encryption_settings();
  if (KnowsRoles(call) || answer.error().violations_size() != 1 ||
      settings.encryption_at_rest().catalog_encryption_mode() != kRoleMode) {
    return answer;
  }
  call.request.mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings()
      ->mutable_encryption_at_rest()
      ->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  return call.Run();
}

void AddEarlyRoleDefects(DefectList* defects) {
  defects->Patched(
      {"role_mode_taken_early",
       "SSE-KMS-WITH-SERVICE-ROLE is accepted before its date.",
       {"service_role.of_2019.mode_unknown", "service_role.on_its_date"}},
      TakesRoleModeEarly);
  defects->Stateful(
      {"role_stored_early",
       "CatalogEncryptionServiceRole is stored before its date.",
       {"service_role.of_2019.role_ignored", "service_role.on_its_date"}},
      StoresRolesEarly);
  defects->Patched(
      {"role_checked_early",
       "CatalogEncryptionServiceRole is checked before its date.",
       {"service_role.of_2019.role_ignored"}},
      [](const PatchedCall& call) {
        const auto& rest = call.request.put_data_catalog_encryption_settings()
                               .data_catalog_encryption_settings()
                               .encryption_at_rest();
        return !KnowsRoles(call) &&
                       rest.has_catalog_encryption_service_role() &&
                       rest.catalog_encryption_service_role().size() < 20
                   ? ErrorAnswer(call.setup->behavior.constraint_error_code)
                   : call.Run();
      });
}

void AddRoleDefects(DefectList* defects) {
  defects->SetUp({"role_never_required",
                  "Observed takes the mode without a role.",
                  {"service_role.mode_without_role"}},
                 [](BackendSetup* setup) {
                   setup->behavior.require_role_for_service_role_mode = false;
                 });
  defects->SetUp({"role_always_required",
                  "Documented refuses the mode without a role.",
                  {"service_role.documented.nothing_needed"}},
                 [](BackendSetup* setup) {
                   setup->behavior.require_role_for_service_role_mode = true;
                 });
  defects->Patched({"role_not_shown",
                    "CatalogEncryptionServiceRole is not shown.",
                    {"service_role.kept", "service_role.on_its_date"}},
                   ChangesShown([](Settings* shown) {
                     shown->mutable_encryption_at_rest()
                         ->clear_catalog_encryption_service_role();
                   }));
  defects->Patched({"unused_roles_dropped",
                    "A role beside another mode is dropped.",
                    {"service_role.kept"}},
                   ChangesShown([](Settings* shown) {
                     auto* rest = shown->mutable_encryption_at_rest();
                     if (rest->catalog_encryption_mode() != kRoleMode) {
                       rest->clear_catalog_encryption_service_role();
                     }
                   }));
  defects->Patched({"default_key_of_old_modes_only",
                    "SSE-KMS-WITH-SERVICE-ROLE shows no default key.",
                    {"service_role.default_key"}},
                   ChangesShown([](Settings* shown) {
                     auto* rest = shown->mutable_encryption_at_rest();
                     if (rest->catalog_encryption_mode() == kRoleMode &&
                         rest->sse_aws_kms_key_id() == "alias/aws/glue") {
                       rest->clear_sse_aws_kms_key_id();
                     }
                   }));
}

void AddCatalogIdDefects(DefectList* defects) {
  defects->Patched(
      {"catalog_id_ignored",
       "CatalogId is ignored.",
       {"settings.other_ids_apart", "settings.same_record_for_all_callers"}},
      [](PatchedCall call) {
        if (!IsAboutSettings(call.request)) return call.Run();
        const v1::Response answer = call.Run();
        if (answer.has_error()) return answer;
        if (std::string* id = CatalogIdIn(&call.request)) {
          *id = call.caller.account_id;
        }
        return call.Run();
      });
  defects->Patched(
      {"absent_catalog_id_is_another",
       "A call without a CatalogId is not about the account's catalog.",
       {"settings.absent_id_is_account"}},
      [](PatchedCall call) {
        if (IsAboutSettings(call.request) &&
            CatalogIdIn(&call.request) == nullptr) {
          call.caller.account_id += "-default";
        }
        return call.Run();
      });
  defects->Patched(
      {"catalog_id_for_each_caller",
       "Each account has its own records for all CatalogIds.",
       {"settings.same_record_for_all_callers"}},
      [](PatchedCall call) {
        std::string* id = CatalogIdIn(&call.request);
        if (id != nullptr && *id != call.caller.account_id &&
            !call.Run(GetSettings(*id)).has_error()) {
          *id = absl::StrCat(call.caller.account_id, " ", *id).substr(0, 255);
        }
        return call.Run();
      });
  defects->Patched(
      {"settings_for_all_regions",
       "All regions share the settings.",
       {"settings.id_in_the_callers_region", "catalogs.regions.settings"}},
      [](PatchedCall call) {
        if (IsAboutSettings(call.request)) call.caller.region = "x";
        return call.Run();
      });
  defects->Patched({"catalog_ids_trimmed",
                    "Blanks in a CatalogId are ignored.",
                    {"settings.any_legal_id"}},
                   [](PatchedCall call) {
                     const std::string* id = CatalogIdIn(&call.request);
                     if (id != nullptr && *id == "\t") {
                       return ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT);
                     }
                     return call.Run();
                   });
}

void AddCatalogDefects(DefectList* defects) {
  defects->Patched(
      {"region_ignored",
       "All regions share a catalog.",
       {"catalogs.regions.policy", "catalogs.regions.configurations",
        "catalogs.regions.settings"}},
      [](PatchedCall call) {
        call.caller.region = Home().region;
        return call.Run();
      });
  defects->Patched(
      {"account_ignored",
       "All accounts share a catalog.",
       {"catalogs.accounts.policy", "catalogs.accounts.configurations",
        "catalogs.accounts.settings", "limit.per_account_and_region"}},
      [](PatchedCall call) {
        call.caller.account_id = Home().account_id;
        return call.Run();
      });
  defects->Patched({"catalog_of_the_principal",
                    "Each principal has its own catalog.",
                    {"catalogs.principals_share"}},
                   [](PatchedCall call) {
                     call.caller.account_id += call.caller.principal_arn;
                     return call.Run();
                   });
  defects->Patched({"account_and_region_run_together",
                    "The key of a catalog is the account and the region "
                    "without a separator.",
                    {"catalogs.account_and_region_do_not_mix"}},
                   [](PatchedCall call) {
                     if (!call.request.has_put_resource_policy()) {
                       call.caller.account_id += "-" + call.caller.region;
                       call.caller.region.clear();
                     }
                     return call.Run();
                   });
}

}  // namespace

void AddSettingsDefects(DefectList* defects) {
  AddMergeDefects(defects);
  AddShownDefects(defects);
  AddEarlyRoleDefects(defects);
  AddRoleDefects(defects);
  AddCatalogIdDefects(defects);
  AddCatalogDefects(defects);
}

}  // namespace glue_security::conformance_internal
