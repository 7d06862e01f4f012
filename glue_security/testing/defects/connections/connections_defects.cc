// Defects of the operations on one connection, or on several by name.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/connections/connection_patches.h"
#include "glue_security/testing/defects/defect_list.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kExists = v1::ERROR_CODE_ALREADY_EXISTS;

void AddKeptDefects(DefectList* defects) {
  defects->Patched(
      {"connection_empties_dropped",
       "Empty members of a connection are dropped.",
       {"connection.kept.empties"}},
      ChangesGiven([](const PatchedCall&, v1::ConnectionInput* in) {
        if (in->description().empty()) in->clear_description();
        if (in->match_criteria().elements().empty()) {
          in->clear_match_criteria();
        }
      }));
  defects->Patched(
      {"connection_criteria_are_a_set",
       "MatchCriteria are sorted, each once.",
       {"connection.kept.full"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        auto* list = shown->mutable_match_criteria()->mutable_elements();
        if (list->size() < 3) return;
        std::sort(list->begin(), list->end());
        list->RemoveLast();
      }));
  defects->Patched(
      {"connection_without_network_is_given_one",
       "PhysicalConnectionRequirements is never absent.",
       {"connection.kept.least"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        shown->mutable_physical_connection_requirements();
      }));
  defects->Patched(
      {"connection_values_trimmed",
       "Blanks around the values of properties are dropped.",
       {"connection.kept.any_value"}},
      ChangesGiven([](const PatchedCall&, v1::ConnectionInput* input) {
        auto& elements =
            *input->mutable_connection_properties()->mutable_elements();
        for (auto& [key, value] : elements) {
          absl::StripAsciiWhitespace(&value);
        }
      }));
  defects->Patched(
      {"connection_property_lost",
       "JDBC_ENFORCE_SSL is accepted and not stored.",
       {"connection.kept.every_property"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        shown->mutable_connection_properties()->mutable_elements()->erase(
            "JDBC_ENFORCE_SSL");
      }));
}

void AddUpdateDefects(DefectList* defects) {
  defects->Patched(
      {"connection_update_merges",
       "UpdateConnection keeps the properties that it is not given.",
       {"connection.updated.absent_gone", "password.off.updated",
        "password.flag.update_without"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (!call.request.has_update_connection()) return;
        const auto now = ConnectionNow(call, input->name());
        if (!now.has_value()) return;
        auto& given =
            *input->mutable_connection_properties()->mutable_elements();
        for (const auto& [key, value] :
             now->connection_properties().elements()) {
          given.insert({key, value});
        }
      }));
  defects->Patched(
      {"connection_update_keeps_description",
       "UpdateConnection without a Description keeps it.",
       {"connection.updated.absent_gone"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (!call.request.has_update_connection() || input->has_description()) {
          return;
        }
        const auto now = ConnectionNow(call, input->name());
        if (now.has_value() && now->has_description()) {
          input->set_description(now->description());
        }
      }));
  defects->Patched(
      {"connection_update_keeps_type",
       "UpdateConnection does not change ConnectionType.",
       {"connection.updated.given"}},
      ChangesGiven([](const PatchedCall& call, v1::ConnectionInput* input) {
        if (!call.request.has_update_connection()) return;
        const auto now = ConnectionNow(call, input->name());
        if (now.has_value()) input->set_connection_type(now->connection_type());
      }));
}

void AddUpdatedNameDefects(DefectList* defects) {
  defects->Patched(
      {"connection_update_ignores_its_name",
       "ConnectionInput.Name of an update may be any name, and is ignored.",
       {"connection.updated.other_name",
        "connection.order.names_before_"
        "existence"}},
      [](PatchedCall call) {
        const v1::Response answer = call.Run();
        auto* update = call.request.mutable_update_connection();
        if (answer.error().code() != v1::ERROR_CODE_INVALID_INPUT ||
            !answer.error().violations().empty() ||
            update->name() == update->connection_input().name()) {
          return answer;
        }
        update->mutable_connection_input()->set_name(update->name());
        return call.Run();
      });
  defects->Patched({"connection_update_creates",
                    "UpdateConnection of an unknown name creates a connection.",
                    {"connection.updated.unknown"}},
                   [](const PatchedCall& call) {
                     const v1::Response answer = call.Run();
                     if (!call.request.has_update_connection() ||
                         answer.error().code() != kNotFound) {
                       return answer;
                     }
                     call.Run(CreateConnection(
                         call.request.update_connection().connection_input(),
                         CatalogIdOf(call.request)));
                     return call.Run();
                   });
}

void AddNameDefects(DefectList* defects) {
  defects->Patched({"connection_create_replaces",
                    "CreateConnection replaces a connection that exists.",
                    {"connection.duplicate"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (!call.request.has_create_connection() ||
                         answer.error().code() != kExists) {
                       return answer;
                     }
                     call.Run(UpdateConnection(
                         call.request.create_connection().connection_input(),
                         CatalogIdOf(call.request)));
                     answer.mutable_create_connection();
                     return answer;
                   });
  defects->Patched({"connection_create_again_is_ok",
                    "Creating an identical connection succeeds.",
                    {"connection.duplicate"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (!call.request.has_create_connection() ||
                         answer.error().code() != kExists) {
                       return answer;
                     }
                     const auto& input =
                         call.request.create_connection().connection_input();
                     const auto now = ConnectionNow(call, input.name());
                     if (now.has_value() && InputOf(*now).SerializeAsString() ==
                                                input.SerializeAsString()) {
                       answer.mutable_create_connection();
                     }
                     return answer;
                   });
  defects->Patched(
      {"connection_names_in_lower_case",
       "Names of connections are converted to lower case.",
       {"connection.names_whole"}},
      [](PatchedCall call) {
        if (v1::ConnectionInput* input = InputIn(&call.request)) {
          absl::AsciiStrToLower(input->mutable_name());
        }
        if (call.request.get_connection().has_name()) {
          absl::AsciiStrToLower(
              call.request.mutable_get_connection()->mutable_name());
        }
        return call.Run();
      });
}

void AddUnknownNameDefectsOfConnections(DefectList* defects) {
  defects->Patched(
      {"connection_get_of_unknown_is_empty",
       "GetConnection of an unknown name returns an empty connection.",
       {"connection.get_unknown"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_get_connection() &&
            answer.error().code() == kNotFound) {
          answer.mutable_get_connection()->mutable_connection();
        }
        return answer;
      });
  defects->Patched({"connection_delete_of_unknown_succeeds",
                    "Deleting an unknown connection succeeds.",
                    {"connection.delete_unknown", "connection.deleted"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (call.request.has_delete_connection() &&
                         answer.error().code() == kNotFound) {
                       answer.mutable_delete_connection();
                     }
                     return answer;
                   });
}

// Shows a time of each connection that a patch remembers.
using Times = std::map<std::string, absl::Time>;

void SetTime(absl::Time time, google::protobuf::Timestamp* shown) {
  *shown = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
      absl::ToUnixMillis(time));
}

void AddWriteTimeDefects(DefectList* defects) {
  defects->Patched(
      {"connection_creation_time_moves",
       "UpdateConnection moves CreationTime.",
       {"connection.times.updated", "sealed.times"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        *shown->mutable_creation_time() = shown->last_updated_time();
      }));
  defects->Patched(
      {"connection_updated_time_stays",
       "UpdateConnection does not move LastUpdatedTime.",
       {"connection.times.updated"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        *shown->mutable_last_updated_time() = shown->creation_time();
      }));
  defects->Patched(
      {"connection_times_in_seconds",
       "The times of connections have no milliseconds.",
       {"connection.times.created"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        shown->mutable_creation_time()->set_nanos(0);
        shown->mutable_last_updated_time()->set_nanos(0);
      }));
  // Notes the time of each write, or of each that `counts`, and shows it.
  const auto noting = [](bool failed_count) {
    return [failed_count] {
      const auto times = std::make_shared<Times>();
      return [failed_count, times](PatchedCall call) {
        v1::Response answer = call.Run();
        const v1::ConnectionInput* input = InputIn(&call.request);
        if (input != nullptr && (failed_count || !answer.has_error())) {
          (*times)[PlaceOf(call, input->name())] = call.setup->clock->Now();
        }
        ForEachShown(&answer, [&](v1::Connection* shown) {
          const auto found = times->find(PlaceOf(call, shown->name()));
          if (found != times->end()) {
            SetTime(found->second, shown->mutable_last_updated_time());
          }
        });
        return answer;
      };
    };
  };
  defects->Stateful({"connection_time_goes_back",
                     "LastUpdatedTime goes back with the clock.",
                     {"connection.times.never_back"}},
                    noting(false));
  defects->Stateful({"connection_failed_calls_move_time",
                     "A call that fails moves LastUpdatedTime.",
                     {"connection.times.failed_calls_move_nothing"}},
                    noting(true));
}

void AddWriterDefects(DefectList* defects) {
  defects->Stateful(
      {"connection_written_by_creator",
       "LastUpdatedBy is who created the connection.",
       {"connection.written_by.last", "connection.written_by.unknown"}},
      [] {
        const auto creators = std::make_shared<std::map<std::string, Caller>>();
        return [creators](PatchedCall call) {
          if (v1::ConnectionInput* input = InputIn(&call.request)) {
            call.caller =
                creators->try_emplace(PlaceOf(call, input->name()), call.caller)
                    .first->second;
          }
          return call.Run();
        };
      });
  defects->Patched(
      {"connection_written_by_last_part",
       "LastUpdatedBy is what follows the last slash of the ARN.",
       {"connection.written_by.user", "connection.written_by.role"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        const std::string by = shown->last_updated_by();
        if (!by.empty()) shown->set_last_updated_by(by.substr(by.rfind('/')));
      }));
  defects->Patched(
      {"connection_written_by_nobody",
       "Without an ARN LastUpdatedBy is empty, not absent.",
       {"connection.written_by.unknown"}},
      ChangesConnections([](const PatchedCall&, v1::Connection* shown) {
        if (!shown->has_last_updated_by()) {
          shown->set_last_updated_by("");
        }
      }));
}

void AddLaterDefects(DefectList* defects) {
  const auto is_early = [](const PatchedCall& call) {
    return call.setup->behavior.api_date < absl::CivilDay(2021, 7, 1);
  };
  defects->Patched(
      {"connection_tags_checked_early",
       "Tags are checked before their date.",
       {"connection.of_2019.tags_ignored"}},
      [is_early](const PatchedCall& call) {
        return is_early(call) &&
                       call.request.create_connection().tags().elements().count(
                           "") > 0
                   ? ErrorAnswer(call.setup->behavior.constraint_error_code)
                   : call.Run();
      });
  defects->Patched(
      {"connection_tags_in_the_description",
       "Tags are shown, as the Description.",
       {"connection.tags.not_shown"}},
      [is_early](PatchedCall call) {
        if (!call.request.create_connection().has_connection_input() ||
            is_early(call)) {
          return call.Run();
        }
        auto* create = call.request.mutable_create_connection();
        for (const auto& [key, value] : create->tags().elements()) {
          create->mutable_connection_input()->set_description(key + value);
        }
        return call.Run();
      });
  defects->Patched(
      {"connection_types_taken_early",
       "Types of connections are known before their date.",
       {"connection.of_2019.type_unknown", "connection.on_its_date"}},
      [is_early](PatchedCall call) {
        v1::Response answer = call.Run();
        v1::ConnectionInput* input = InputIn(&call.request);
        if (input == nullptr || !is_early(call) ||
            input->connection_type() != v1::CONNECTION_TYPE_KAFKA) {
          return answer;
        }
        input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
        return call.Run();
      });
}

void AddOwnCatalogDefects(DefectList* defects) {
  defects->Patched({"connection_catalog_id_ignored",
                    "GetConnection ignores CatalogId.",
                    {"connection.catalogs.other_ids_apart"}},
                   [](PatchedCall call) {
                     if (!CatalogIdOf(call.request).has_value())
                       return call.Run();
                     const v1::Response answer = call.Run();
                     if (!call.request.has_get_connection()) return answer;
                     call.request.mutable_get_connection()->clear_catalog_id();
                     return call.Run();
                   });
  defects->Patched(
      {"connections_for_all_regions",
       "All regions share the connections.",
       {"connection.catalogs.regions", "connection_limit.per_catalog"}},
      [](PatchedCall call) {
        if (GetOperationInfo(call.request.operation_case()).resource() ==
            v1::RESOURCE_CONNECTION) {
          call.caller.region = Home().region;
        }
        return call.Run();
      });
  defects->Patched(
      {"connections_of_no_account",
       "Connections without a CatalogId are not in the account's catalog.",
       {"connection.catalogs.absent_id_is_account"}},
      [](PatchedCall call) {
        const auto& get = call.request.get_connection();
        if (get.catalog_id() == call.caller.account_id) {
          call.request.mutable_get_connection()->set_catalog_id("account");
        }
        return call.Run();
      });
  defects->Patched(
      {"connections_for_all_accounts",
       "All accounts share the connections.",
       {"connection.catalogs.accounts", "connection_limit.per_catalog"}},
      [](PatchedCall call) {
        if (GetOperationInfo(call.request.operation_case()).resource() ==
                v1::RESOURCE_CONNECTION &&
            !CatalogIdOf(call.request).has_value()) {
          call.caller.account_id = Home().account_id;
        }
        return call.Run();
      });
}

}  // namespace

void AddConnectionDefects(DefectList* defects) {
  AddKeptDefects(defects);
  AddUpdateDefects(defects);
  AddUpdatedNameDefects(defects);
  AddNameDefects(defects);
  AddUnknownNameDefectsOfConnections(defects);
  AddWriteTimeDefects(defects);
  AddWriterDefects(defects);
  AddLaterDefects(defects);
  AddOwnCatalogDefects(defects);
}

}  // namespace glue_security::conformance_internal
