// Defects of single security configurations, and of their number.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security::conformance_internal {
namespace {

using Configuration = v1::EncryptionConfiguration;

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kExists = v1::ERROR_CODE_ALREADY_EXISTS;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// Stores a changed configuration instead of the given one.
template <typename Change>
Patch Stores(Change change) {
  return [change](const PatchedCall& call) {
    if (!call.request.create_security_configuration()
             .has_encryption_configuration()) {
      return call.Run();
    }
    v1::Request changed = call.request;
    change(changed.mutable_create_security_configuration()
               ->mutable_encryption_configuration());
    // An illegal request stays illegal.
    const v1::Response answer = call.Run();
    if (answer.has_error()) return answer;
    call.Run(Delete(changed.create_security_configuration().name()));
    return call.Run(changed);
  };
}

void AddStoredDefects(DefectList* defects) {
  defects->Patched(
      {"empty_blocks_dropped",
       "An empty block is dropped.",
       {"configuration.kept.empty_logs", "configuration.kept.empty_bookmarks"}},
      Stores([](Configuration* config) {
        if (config->cloud_watch_encryption().ByteSizeLong() == 0) {
          config->clear_cloud_watch_encryption();
        }
        if (config->job_bookmarks_encryption().ByteSizeLong() == 0) {
          config->clear_job_bookmarks_encryption();
        }
      }));
  defects->Patched({"blocks_invented",
                    "An absent block is invented.",
                    {"configuration.kept.empty", "configuration.kept.s3_only",
                     "configuration.kept.bookmarks_only"}},
                   Stores([](Configuration* config) {
                     if (config->has_cloud_watch_encryption()) return;
                     config->mutable_cloud_watch_encryption()
                         ->set_cloud_watch_encryption_mode(
                             v1::CLOUD_WATCH_ENCRYPTION_MODE_DISABLED);
                   }));
  defects->Patched({"empty_list_dropped",
                    "An empty list is dropped.",
                    {"configuration.kept.empty_list"}},
                   Stores([](Configuration* config) {
                     if (config->s3_encryption().elements().empty()) {
                       config->clear_s3_encryption();
                     }
                   }));
  defects->Patched(
      {"empty_list_invented",
       "An absent list becomes an empty one.",
       {"configuration.kept.logs_only"}},
      Stores([](Configuration* config) { config->mutable_s3_encryption(); }));
}

bool KnowsDataQuality(const PatchedCall& call) {
  return call.setup->behavior.api_date >= absl::CivilDay(2024, 12, 12);
}

// Stores DataQualityEncryption beside the engine, and shows it, when the model
// in force does not have it.
Patch StoresDataQualityEarly() {
  using Key = std::vector<std::string>;
  const auto blocks =
      std::make_shared<std::map<Key, v1::DataQualityEncryption>>();
  return [blocks](const PatchedCall& call) {
    v1::Response answer = call.Run();
    if (KnowsDataQuality(call)) return answer;
    const auto key = [&call](const std::string& name) {
      return Key{call.caller.account_id, call.caller.region, name};
    };
    const auto show = [&](v1::SecurityConfiguration* shown) {
      const auto it = blocks->find(key(shown->name()));
      if (it == blocks->end()) return;
      *shown->mutable_encryption_configuration()
           ->mutable_data_quality_encryption() = it->second;
    };
    if (answer.has_create_security_configuration()) {
      const auto& create = call.request.create_security_configuration();
      const auto& given = create.encryption_configuration();
      blocks->erase(key(create.name()));
      if (given.has_data_quality_encryption()) {
        (*blocks)[key(create.name())] = given.data_quality_encryption();
      }
    }
    if (answer.has_get_security_configuration()) {
      show(answer.mutable_get_security_configuration()
               ->mutable_security_configuration());
    }
    if (answer.has_get_security_configurations()) {
      for (auto& entry : *answer.mutable_get_security_configurations()
                              ->mutable_security_configurations()) {
        show(&entry);
      }
    }
    return answer;
  };
}

void AddDataQualityDefects(DefectList* defects) {
  defects->Patched({"data_quality_dropped",
                    "DataQualityEncryption is dropped.",
                    {"data_quality.kept", "data_quality.on_its_date"}},
                   Stores([](Configuration* config) {
                     config->clear_data_quality_encryption();
                   }));
  defects->Patched(
      {"data_quality_key_dropped",
       "The key of DataQualityEncryption is dropped when its mode "
       "needs none.",
       {"data_quality.kept"}},
      Stores([](Configuration* config) {
        if (config->data_quality_encryption().data_quality_encryption_mode() ==
            v1::DATA_QUALITY_ENCRYPTION_MODE_DISABLED) {
          config->mutable_data_quality_encryption()->clear_kms_key_arn();
        }
      }));
  defects->Stateful(
      {"data_quality_stored_early",
       "DataQualityEncryption is stored before its date.",
       {"data_quality.of_2019.ignored", "data_quality.on_its_date"}},
      StoresDataQualityEarly);
  defects->Patched({"data_quality_key_not_required",
                    "The KMS mode of DataQualityEncryption needs no key.",
                    {"data_quality.mode_without_key"}},
                   [](PatchedCall call) {
                     v1::Response answer = call.Run();
                     const auto& config =
                         call.request.create_security_configuration()
                             .encryption_configuration();
                     if (answer.error().code() != kInvalid ||
                         !answer.error().violations().empty() ||
                         !config.has_data_quality_encryption()) {
                       return answer;
                     }
                     call.request.mutable_create_security_configuration()
                         ->mutable_encryption_configuration()
                         ->clear_data_quality_encryption();
                     return call.Run();
                   });
}

void AddStoredValueDefects(DefectList* defects) {
  defects->Patched(
      {"empty_elements_dropped",
       "An empty list element is dropped.",
       {"configuration.kept.empty_element",
        "configuration.documented.more_s3_elements"}},
      Stores([](Configuration* config) {
        auto* elements = config->mutable_s3_encryption()->mutable_elements();
        elements->erase(std::remove_if(elements->begin(), elements->end(),
                                       [](const v1::S3Encryption& element) {
                                         return element.ByteSizeLong() == 0;
                                       }),
                        elements->end());
      }));
  defects->Patched({"unused_arns_dropped",
                    "An unused KmsKeyArn is dropped.",
                    {"configuration.kept.unused_keys",
                     "configuration.kept.key_without_mode"}},
                   Stores([](Configuration* config) {
                     auto* logs = config->mutable_cloud_watch_encryption();
                     if (logs->cloud_watch_encryption_mode() !=
                         v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS) {
                       logs->clear_kms_key_arn();
                     }
                   }));
  defects->Patched(
      {"aliases_resolved",
       "Alias ARNs are replaced by key ARNs.",
       {"configuration.kept.full"}},
      Stores([](Configuration* config) {
        if (config->has_job_bookmarks_encryption()) {
          config->mutable_job_bookmarks_encryption()->set_kms_key_arn(
              "arn:aws:kms:us-east-1:1:key/k");
        }
      }));
  defects->Patched({"s3_elements_sorted",
                    "S3Encryption is kept as a set.",
                    {"configuration.documented.more_s3_elements"}},
                   Stores([](Configuration* config) {
                     if (!config->has_s3_encryption()) return;
                     auto* elements =
                         config->mutable_s3_encryption()->mutable_elements();
                     std::sort(elements->begin(), elements->end(),
                               [](const auto& a, const auto& b) {
                                 return a.kms_key_arn() < b.kms_key_arn();
                               });
                   }));
}

void AddRuleDefects(DefectList* defects) {
  defects->SetUp({"observed_rules_always",
                  "Documented has the rules of Observed.",
                  {"configuration.documented.more_s3_elements",
                   "configuration.documented.s3_mode_without_key",
                   "configuration.documented.logs_mode_without_key",
                   "configuration.documented.bookmarks_mode_without_key",
                   "data_quality.documented.mode_without_key"}},
                 [](BackendSetup* setup) {
                   setup->behavior.limit_s3_encryption_to_one = true;
                   setup->behavior.require_key_for_kms_modes = true;
                 });
  defects->SetUp({"observed_rules_never",
                  "Observed lacks its rules.",
                  {"configuration.observed.more_s3_elements",
                   "configuration.observed.s3_mode_without_key",
                   "configuration.observed.logs_mode_without_key",
                   "configuration.observed.bookmarks_mode_without_key",
                   "data_quality.mode_without_key"}},
                 [](BackendSetup* setup) {
                   setup->behavior.limit_s3_encryption_to_one = false;
                   setup->behavior.require_key_for_kms_modes = false;
                 });
}

void AddNameDefects(DefectList* defects) {
  defects->Patched(
      {"identical_duplicate_accepted",
       "Creating the same configuration again succeeds.",
       {"configuration.duplicate_of_identical_body"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.error().code() != kExists) return answer;
        const auto& create = call.request.create_security_configuration();
        const auto stored = call.Run(Get(create.name()))
                                .get_security_configuration()
                                .security_configuration();
        using google::protobuf::util::MessageDifferencer;
        if (!MessageDifferencer::Equals(stored.encryption_configuration(),
                                        create.encryption_configuration())) {
          return answer;
        }
        auto* created = answer.mutable_create_security_configuration();
        created->set_name(create.name());
        *created->mutable_created_timestamp() = stored.created_time_stamp();
        return answer;
      });
  defects->Patched(
      {"create_replaces",
       "Creating a configuration again replaces it.",
       {"configuration.duplicate"}},
      [](const PatchedCall& call) {
        const v1::Response answer = call.Run();
        if (answer.error().code() != kExists) return answer;
        call.Run(Delete(call.request.create_security_configuration().name()));
        return call.Run();
      });
  defects->Patched({"create_retried_blindly",
                    "A Create is sent twice.",
                    {"configuration.kept.empty", "pages.full"}},
                   [](const PatchedCall& call) {
                     if (call.request.has_create_security_configuration()) {
                       call.Run();
                     }
                     return call.Run();
                   });
}

void AddUnknownNameDefects(DefectList* defects) {
  defects->Patched({"delete_retried_blindly",
                    "A Delete is sent twice.",
                    {"configuration.deleted"}},
                   [](const PatchedCall& call) {
                     if (call.request.has_delete_security_configuration()) {
                       call.Run();
                     }
                     return call.Run();
                   });
  defects->Patched({"delete_of_unknown_succeeds",
                    "Deleting an unknown configuration succeeds.",
                    {"configuration.delete_unknown"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (call.request.has_delete_security_configuration() &&
                         answer.error().code() == kNotFound) {
                       answer.mutable_delete_security_configuration();
                     }
                     return answer;
                   });
  defects->Patched({"get_of_unknown_is_empty",
                    "Getting an unknown configuration returns an empty one.",
                    {"configuration.get_unknown"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (answer.error().code() == kNotFound &&
                         call.request.has_get_security_configuration()) {
                       answer.mutable_get_security_configuration()
                           ->mutable_security_configuration();
                     }
                     return answer;
                   });
  defects->Patched({"names_without_case",
                    "Names are compared without regard to case.",
                    {"configuration.names_whole", "pages.bytewise"}},
                   [](const PatchedCall& call) {
                     const auto& create =
                         call.request.create_security_configuration();
                     for (const auto& entry : call.Configurations()) {
                       if (absl::AsciiStrToLower(entry.name()) ==
                           absl::AsciiStrToLower(create.name())) {
                         return ErrorAnswer(kExists);
                       }
                     }
                     return call.Run();
                   });
  defects->Patched(
      {"create_does_not_name",
       "Create returns no name.",
       {"configuration.kept.full"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_create_security_configuration()) {
          answer.mutable_create_security_configuration()->clear_name();
        }
        return answer;
      });
}

void AddLimitDefects(DefectList* defects) {
  const auto by = [](int64_t difference) {
    return [difference](BackendSetup* setup) {
      setup->limits.security_configurations_max += difference;
    };
  };
  defects->SetUp({"number_limit_one_more",
                  "One configuration too many is accepted.",
                  {"limit.default", "limit.at_and_over", "limit.zero"}},
                 by(1));
  defects->SetUp({"number_limit_one_less",
                  "The last configuration within the limit is refused.",
                  {"limit.default", "limit.at_and_over"}},
                 by(-1));
  defects->SetUp({"number_limit_never",
                  "There is no number limit.",
                  {"limit.default", "limit.zero"}},
                 by(1'000'000));
  defects->SetUp({"number_limit_fixed",
                  "The number limit cannot be set.",
                  {"limit.at_and_over", "limit.after_delete"}},
                 [](BackendSetup* setup) {
                   setup->limits.security_configurations_max = 250;
                 });
  // A count beside the configurations, each wrong in one way.
  struct CountDefect {
    const char* name;
    const char* sentence;
    const char* found_by;
    bool failures_count;
    bool deletes_count;
    bool failed_deletes_count;
  };
  constexpr CountDefect kCounts[] = {
      {"failed_creates_count", "A failed Create counts.",
       "limit.failures_do_not_count", true, true, false},
      {"deleted_configurations_count", "A deleted configuration still counts.",
       "limit.after_delete", false, false, false},
      {"failed_deletes_count", "A failed Delete lowers the count.",
       "limit.failures_do_not_count", false, true, true},
  };
  for (const CountDefect& defect : kCounts) {
    const auto make = [defect] {
      auto count = std::make_shared<int64_t>(0);
      return [defect, count](const PatchedCall& call) {
        if (call.request.has_create_security_configuration()) {
          // A name that exists is refused first.
          const bool taken = call.HasConfiguration(
              call.request.create_security_configuration().name());
          if (!taken &&
              *count >= call.setup->limits.security_configurations_max) {
            return ErrorAnswer(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
          }
          const v1::Response answer = call.Run();
          if (!answer.has_error() || defect.failures_count) ++*count;
          return answer;
        }
        const v1::Response answer = call.Run();
        if (call.request.has_delete_security_configuration() &&
            (answer.has_error() ? defect.failed_deletes_count
                                : defect.deletes_count)) {
          --*count;
        }
        return answer;
      };
    };
    defects->Stateful({defect.name, defect.sentence, {defect.found_by}}, make,
                      by(1'000'000));
  }
}

}  // namespace

void AddConfigurationDefects(DefectList* defects) {
  AddStoredDefects(defects);
  AddStoredValueDefects(defects);
  AddDataQualityDefects(defects);
  AddRuleDefects(defects);
  AddNameDefects(defects);
  AddUnknownNameDefects(defects);
  AddLimitDefects(defects);
}

}  // namespace glue_security::conformance_internal
