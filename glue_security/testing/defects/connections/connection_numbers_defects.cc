// Defects of BatchDeleteConnection, of the number of connections, of messages
// about them, and of calls of several threads.

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/defects/connections/connection_patches.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kTooMany = v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;

// --- BatchDeleteConnection

// Changes the answer to a batch.
template <typename Change>
Patch ChangesBatch(Change change) {
  return [change](const PatchedCall& call) {
    v1::Response answer = call.Run();
    if (answer.has_batch_delete_connection()) {
      change(call.request.batch_delete_connection(),
             answer.mutable_batch_delete_connection());
    }
    return answer;
  };
}

// Runs a batch with a part of its names.
template <typename Keep>
Patch CutsBatch(Keep keep) {
  return [keep](PatchedCall call) {
    if (!call.request.batch_delete_connection().has_connection_name_list() ||
        call.request.batch_delete_connection()
                .connection_name_list()
                .elements_size() > 25) {
      return call.Run();
    }
    auto* names = call.request.mutable_batch_delete_connection()
                      ->mutable_connection_name_list()
                      ->mutable_elements();
    std::vector<std::string> kept;
    for (const std::string& name : *names) {
      if (!keep(call, name)) break;
      kept.push_back(name);
    }
    names->Clear();
    for (std::string& name : kept) *names->Add() = std::move(name);
    return call.Run();
  };
}

using Batch = v1::BatchDeleteConnectionResponse;
using BatchRequest = v1::BatchDeleteConnectionRequest;

void AddBatchDefects(DefectList* defects) {
  defects->Patched(
      {"batch_stops_at_an_error",
       "BatchDeleteConnection stops at an unknown name.",
       {"connection.batch.goes_on", "connection.batch.unknown",
        "connection.batch.twice"}},
      CutsBatch([](const PatchedCall& call, const std::string& name) {
        return ConnectionNow(call, name).has_value();
      }));
  defects->Patched(
      {"batch_sorted", "Succeeded is sorted.", {"connection.batch.order"}},
      ChangesBatch([](const BatchRequest&, Batch* batch) {
        std::sort(batch->mutable_succeeded()->begin(),
                  batch->mutable_succeeded()->end());
      }));
  defects->Patched(
      {"batch_counts_twice",
       "A name that is listed twice is unknown the second time.",
       {"connection.batch.twice"}},
      ChangesBatch([](const BatchRequest& request, Batch* batch) {
        std::set<std::string> seen;
        for (const auto& name : request.connection_name_list().elements()) {
          if (seen.insert(name).second) continue;
          auto& detail = (*batch->mutable_errors())[name];
          detail.set_error_code("EntityNotFoundException");
        }
      }));
  defects->Patched(
      {"batch_of_none_refused",
       "An empty ConnectionNameList is refused.",
       {"connection.batch.empty"}},
      [](const PatchedCall& call) {
        const auto& batch = call.request.batch_delete_connection();
        return batch.has_connection_name_list() &&
                       batch.connection_name_list().elements().empty()
                   ? ErrorAnswer(v1::ERROR_CODE_INTERNAL_SERVICE)
                   : call.Run();
      });
}

void AddBatchAnswerDefects(DefectList* defects) {
  defects->Patched({"batch_has_no_succeeded",
                    "Succeeded is always empty.",
                    {"connection.batch.one", "connection.batch.order"}},
                   ChangesBatch([](const BatchRequest&, Batch* batch) {
                     batch->clear_succeeded();
                   }));
  defects->Patched({"batch_errors_of_its_own",
                    "The ErrorCode of an unknown name is NotFound.",
                    {"connection.batch.unknown", "connection.batch.goes_on"}},
                   ChangesBatch([](const BatchRequest&, Batch* batch) {
                     for (auto& [name, detail] : *batch->mutable_errors()) {
                       detail.set_error_code("NotFound");
                     }
                   }));
  defects->Patched(
      {"batch_deletes_nothing",
       "BatchDeleteConnection says so and deletes nothing.",
       {"connection.batch.one", "connection_limit.after_delete"}},
      [](PatchedCall call) {
        if (!call.request.has_batch_delete_connection()) {
          return call.Run();
        }
        v1::Response answer;
        auto* batch = answer.mutable_batch_delete_connection();
        for (const auto& name : call.request.batch_delete_connection()
                                    .connection_name_list()
                                    .elements()) {
          batch->add_succeeded(name);
        }
        return answer;
      });
}

// --- The number limit

// Changes the limit by `difference`.
SetupChange LimitBy(int64_t difference) {
  return [difference](BackendSetup* setup) {
    setup->limits.connections_max += difference;
  };
}

void AddNumberLimitDefects(DefectList* defects) {
  defects->SetUp({"connection_limit_one_more",
                  "One connection too many is accepted.",
                  {"connection_limit.at_and_over", "connection_limit.zero",
                   "connection.order.existence_before_number_limit"}},
                 LimitBy(1));
  defects->SetUp(
      {"connection_limit_one_less",
       "The last connection within the limit is refused.",
       {"connection_limit.at_and_over", "connection_limit.per_catalog"}},
      LimitBy(-1));
  defects->SetUp({"connection_limit_of_configurations",
                  "The limit of connections is that of configurations.",
                  {"connection_limit.at_and_over"}},
                 [](BackendSetup* setup) {
                   setup->limits.connections_max =
                       setup->limits.security_configurations_max;
                 });
  defects->SetUp(
      {"connection_limit_fixed",
       "The limit of connections cannot be set, and is 500.",
       {"connection_limit.default"}},
      [](BackendSetup* setup) { setup->limits.connections_max = 500; });
  defects->Patched(
      {"connection_limit_counts_configurations",
       "Security configurations count as connections.",
       {"connection_limit.apart_from_configurations"}},
      [](const PatchedCall& call) {
        if (!call.request.has_create_connection()) return call.Run();
        const auto count = static_cast<int64_t>(call.Configurations().size());
        return count > 0 && count >= call.setup->limits.connections_max
                   ? ErrorAnswer(kTooMany)
                   : call.Run();
      });
  defects->Patched({"connection_limit_of_updates",
                    "An update at the limit is refused.",
                    {"connection_limit.at_and_over"}},
                   [](const PatchedCall& call) {
                     if (!call.request.has_update_connection()) {
                       return call.Run();
                     }
                     const v1::Response page = call.Run(ListConnections(1000));
                     return page.get_connections().connection_list_size() >=
                                    call.setup->limits.connections_max
                                ? ErrorAnswer(v1::ERROR_CODE_OPERATION_TIMEOUT)
                                : call.Run();
                   });
}

void AddCountDefects(DefectList* defects) {
  // A count beside the connections, wrong in one way.
  struct CountDefect {
    const char* name;
    const char* sentence;
    const char* found_by;
    bool failures_count;
    bool deletes_count;
  };
  constexpr CountDefect kCounts[] = {
      {"connection_failures_count", "A failed CreateConnection counts.",
       "connection_limit.failures_do_not_count", true, true},
      {"connection_deletes_do_not_count", "A deleted connection still counts.",
       "connection_limit.after_delete", false, false},
  };
  for (const CountDefect& defect : kCounts) {
    defects->Stateful(
        {defect.name, defect.sentence, {defect.found_by}},
        [defect] {
          const auto count = std::make_shared<int64_t>(0);
          return [defect, count](const PatchedCall& call) {
            const bool creates = call.request.has_create_connection();
            if (creates && *count >= call.setup->limits.connections_max) {
              return ErrorAnswer(kTooMany);
            }
            const v1::Response answer = call.Run();
            if (creates && (!answer.has_error() || defect.failures_count)) {
              ++*count;
            }
            if (!defect.deletes_count) return answer;
            if (answer.has_delete_connection()) --*count;
            *count -= answer.batch_delete_connection().succeeded_size();
            return answer;
          };
        },
        LimitBy(1'000'000));
  }
}

// --- Messages and threads

void AddErrorTextDefects(DefectList* defects) {
  constexpr auto kMessage = DefectKind::kMessage;
  defects->Patched(
      {"connection_errors_without_text",
       "The errors of connections have no text.",
       {"message.connection.create_duplicate", "message.connection.get_unknown",
        "message.connection.update_unknown",
        "message.connection.delete_unknown", "message.connection.other_name",
        "message.connection.number_limit", "message.connection.key_refusal",
        "message.connection.no_text_of_the_key_service"},
       kMessage},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_error() && answer.error().violations().empty() &&
            GetOperationInfo(call.request.operation_case()).resource() ==
                v1::RESOURCE_CONNECTION) {
          answer.mutable_error()->clear_message();
        }
        return answer;
      });
  defects->Patched(
      {"batch_errors_without_text",
       "ErrorMessage is absent.",
       {"message.connection.batch_unknown"},
       kMessage},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (!answer.has_batch_delete_connection()) return answer;
        for (auto& [name, detail] :
             *answer.mutable_batch_delete_connection()->mutable_errors()) {
          detail.clear_error_message();
        }
        return answer;
      });
  defects->Patched(
      {"connection_values_in_messages",
       "A message quotes the value of a property.",
       {"message.connection.no_property_value"},
       kMessage},
      [](PatchedCall call) {
        v1::Response answer = call.Run();
        const v1::ConnectionInput* input = InputIn(&call.request);
        if (input == nullptr || answer.error().violations().empty()) {
          return answer;
        }
        for (const auto& [key, value] :
             input->connection_properties().elements()) {
          answer.mutable_error()->set_message(
              absl::StrCat(answer.error().message(), " '", value, "'"));
        }
        return answer;
      });
}

// Answers as if each thread had looked before any of them wrote.
void AddRaceDefects(DefectList* defects) {
  constexpr auto kConcurrent = DefectKind::kConcurrent;
  const auto late = [](v1::ErrorCode error, auto make_success) {
    return [error, make_success] {
      const auto maker = std::this_thread::get_id();
      return [=](const PatchedCall& call) {
        v1::Response success;
        // A caller on the thread that made the backend is alone.
        if (!make_success(call.request, &success) ||
            std::this_thread::get_id() == maker) {
          return call.Run();
        }
        v1::Response answer = call.Run();
        return answer.error().code() == error ? success : answer;
      };
    };
  };
  defects->Threaded({"connection_create_checks_then_acts",
                     "Callers that create one name at once all succeed.",
                     {"threads.create_connection"},
                     kConcurrent},
                    late(v1::ERROR_CODE_ALREADY_EXISTS,
                         [](const v1::Request& request, v1::Response* success) {
                           success->mutable_create_connection();
                           return request.has_create_connection();
                         }));
  defects->Threaded(
      {"connection_delete_checks_then_acts",
       "Callers that delete one name at once all succeed.",
       {"threads.delete_connection"},
       kConcurrent},
      late(kNotFound, [](const v1::Request& request, v1::Response* success) {
        success->mutable_delete_connection();
        return request.has_delete_connection();
      }));
  defects->Threaded(
      {"connection_limit_checked_before",
       "Creates at once exceed the number limit.",
       {"threads.connection_limit"},
       kConcurrent},
      late(kTooMany, [](const v1::Request& request, v1::Response* success) {
        success->mutable_create_connection();
        return request.has_create_connection();
      }));
}

void AddErrorOrderDefects(DefectList* defects) {
  defects->Patched(
      {"connection_existence_before_constraints",
       "The existence of a connection is checked before the constraints.",
       {"connection.order.constraints_before_existence"}},
      [](PatchedCall call) {
        v1::Response answer = call.Run();
        const v1::ConnectionInput* input = InputIn(&call.request);
        if (input == nullptr || answer.error().violations().empty() ||
            input->name().empty()) {
          return answer;
        }
        const bool exists = ConnectionNow(call, input->name()).has_value();
        if (call.request.has_create_connection() && exists) {
          return ErrorAnswer(v1::ERROR_CODE_ALREADY_EXISTS);
        }
        return answer;
      });
  defects->Patched(
      {"connection_names_before_constraints",
       "The names of an update are compared before the constraints.",
       {"connection.order.constraints_before_names"}},
      [](const PatchedCall& call) {
        const auto& update = call.request.update_connection();
        return call.request.has_update_connection() &&
                       update.connection_input().has_name() &&
                       update.name() != update.connection_input().name()
                   ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                   : call.Run();
      });
}

}  // namespace

void AddConnectionNumberDefects(DefectList* defects) {
  AddBatchDefects(defects);
  AddBatchAnswerDefects(defects);
  AddNumberLimitDefects(defects);
  AddCountDefects(defects);
  AddErrorOrderDefects(defects);
  AddErrorTextDefects(defects);
  AddRaceDefects(defects);
}

}  // namespace glue_security::conformance_internal
