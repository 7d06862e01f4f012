// Defects of the times.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security::conformance_internal {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

Timestamp NowOf(const PatchedCall& call) {
  return TimeUtil::MillisecondsToTimestamp(
      absl::ToUnixMillis(call.setup->clock->Now()));
}

std::pair<std::string, std::string> CatalogOf(const PatchedCall& call) {
  return {call.caller.account_id, call.caller.region};
}

// Lets `show` change the times in an answer, given the clock's times of the
// first and the last Put.
template <typename Show>
std::function<Patch()> WithTimesOfPuts(Show show) {
  return [show] {
    struct Times {
      Timestamp first;
      Timestamp last;
    };
    auto times = std::make_shared<
        std::map<std::pair<std::string, std::string>, Times>>();
    return [show, times](const PatchedCall& call) {
      v1::Response answer = call.Run();
      if (answer.has_put_resource_policy()) {
        Times& of_catalog = (*times)[CatalogOf(call)];
        of_catalog.last = NowOf(call);
        if (of_catalog.first.seconds() == 0) of_catalog.first = NowOf(call);
      }
      if (answer.has_get_resource_policy()) {
        const Times& of_catalog = (*times)[CatalogOf(call)];
        show(of_catalog.first, of_catalog.last,
             answer.mutable_get_resource_policy());
      }
      return answer;
    };
  };
}

void AddPolicyTimeDefects(DefectList* defects) {
  using Shown = v1::GetResourcePolicyResponse;
  defects->Stateful({"create_time_reset_on_replace",
                     "CreateTime is the time of the last Put.",
                     {"times.create_stays_on_replace"}},
                    WithTimesOfPuts([](const Timestamp&, const Timestamp& last,
                                       Shown* shown) {
                      *shown->mutable_create_time() = last;
                    }));
  defects->Stateful({"create_time_survives_delete",
                     "CreateTime is the time of the first Put ever.",
                     {"times.new_after_delete"}},
                    WithTimesOfPuts([](const Timestamp& first, const Timestamp&,
                                       Shown* shown) {
                      *shown->mutable_create_time() = first;
                    }));
  defects->Stateful({"update_time_goes_back",
                     "UpdateTime follows the clock when it goes back.",
                     {"times.update_never_goes_back"}},
                    WithTimesOfPuts([](const Timestamp&, const Timestamp& last,
                                       Shown* shown) {
                      *shown->mutable_update_time() = last;
                    }));
  defects->Patched({"update_time_not_moved",
                    "UpdateTime stays the time of creation.",
                    {"times.update_moves_on_replace"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (answer.has_get_resource_policy()) {
                       auto* shown = answer.mutable_get_resource_policy();
                       *shown->mutable_update_time() = shown->create_time();
                     }
                     return answer;
                   });
}

void AddReCreationDefects(DefectList* defects) {
  defects->Stateful(
      {"recreated_at_the_clock",
       "A policy created after a deletion takes the clock's time, although "
       "that "
       "went back.",
       {"times.recreated_not_before_the_deletion"}},
      [] {
        struct Puts {
          bool is_deleted = false;
          // The time of a Put after a deletion, until the next Put.
          std::optional<Timestamp> recreated;
        };
        auto catalogs = std::make_shared<
            std::map<std::pair<std::string, std::string>, Puts>>();
        return [catalogs](const PatchedCall& call) {
          v1::Response answer = call.Run();
          Puts& puts = (*catalogs)[CatalogOf(call)];
          if (answer.has_delete_resource_policy()) puts.is_deleted = true;
          if (answer.has_put_resource_policy()) {
            puts.recreated =
                puts.is_deleted ? std::optional(NowOf(call)) : std::nullopt;
            puts.is_deleted = false;
          }
          if (answer.has_get_resource_policy() && puts.recreated.has_value()) {
            auto* shown = answer.mutable_get_resource_policy();
            *shown->mutable_create_time() = *puts.recreated;
            *shown->mutable_update_time() = *puts.recreated;
          }
          return answer;
        };
      });
}

void AddUpdateTimeDefects(DefectList* defects) {
  defects->Patched(
      {"same_text_is_no_update",
       "A Put of the present text does nothing.",
       {"times.update_moves_for_the_same_text"}},
      [](const PatchedCall& call) {
        const auto policy = call.Policy();
        if (policy.has_value() &&
            call.request.put_resource_policy().policy_in_json() ==
                policy->policy_in_json()) {
          const auto now = call.request;
          v1::Response answer;
          answer.mutable_put_resource_policy()->set_policy_hash(
              policy->policy_hash());
          // The conditions must hold.
          if (!now.put_resource_policy().has_policy_hash_condition() &&
              now.put_resource_policy().policy_exists_condition() !=
                  v1::POLICY_EXISTS_CONDITION_NOT_EXIST) {
            return answer;
          }
        }
        return call.Run();
      });
  defects->Patched(
      {"failed_put_moves_update_time",
       "A Put whose condition fails moves UpdateTime.",
       {"times.failed_put_moves_nothing"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (call.request.has_put_resource_policy() &&
            answer.error().code() == v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
          if (const auto policy = call.Policy()) {
            call.Run(PutPolicy(policy->policy_in_json()));
          }
        }
        return answer;
      });
  defects->Patched(
      {"update_time_later_than_create_time",
       "UpdateTime is taken after CreateTime.",
       {"times.equal_on_create"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_get_resource_policy()) {
          auto* time =
              answer.mutable_get_resource_policy()->mutable_update_time();
          time->set_nanos((time->nanos() + 1'000'000) % 1'000'000'000);
        }
        return answer;
      });
  defects->Patched(
      {"get_is_an_update",
       "UpdateTime is the time of the Get.",
       {"policy.get_changes_nothing"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_get_resource_policy()) {
          *answer.mutable_get_resource_policy()->mutable_update_time() =
              NowOf(call);
        }
        return answer;
      });
}

void AddConfigurationTimeDefects(DefectList* defects) {
  defects->Patched(
      {"times_have_microseconds",
       "Times are shown with microseconds.",
       {"times.milliseconds"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_get_resource_policy()) {
          auto* time =
              answer.mutable_get_resource_policy()->mutable_create_time();
          time->set_nanos(time->nanos() + 999'000);
        }
        return answer;
      });
  defects->Patched(
      {"times_rounded_up", "Times are rounded up.", {"times.rounded_down"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.has_get_resource_policy()) {
          auto* shown = answer.mutable_get_resource_policy();
          const auto time =
              TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(
                  call.setup->clock->Now() + absl::Microseconds(999)));
          // The policy must have been put at this very instant.
          if (TimeUtil::ToString(shown->update_time()) ==
              TimeUtil::ToString(NowOf(call))) {
            *shown->mutable_create_time() = time;
            *shown->mutable_update_time() = time;
          }
        }
        return answer;
      });
  defects->Patched({"configuration_shows_the_time_of_the_read",
                    "CreatedTimeStamp is the time of the Get.",
                    {"times.configuration_created"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     if (answer.has_get_security_configuration()) {
                       *answer.mutable_get_security_configuration()
                            ->mutable_security_configuration()
                            ->mutable_created_time_stamp() = NowOf(call);
                     }
                     return answer;
                   });
  defects->Stateful({"configuration_time_of_the_first_call",
                     "CreatedTimestamp is the time of the first Create ever.",
                     {"times.configuration_is_now"}},
                    [] {
                      auto first = std::make_shared<Timestamp>();
                      return [first](const PatchedCall& call) {
                        v1::Response answer = call.Run();
                        if (answer.has_create_security_configuration()) {
                          if (first->seconds() == 0) *first = NowOf(call);
                          *answer.mutable_create_security_configuration()
                               ->mutable_created_timestamp() = *first;
                        }
                        return answer;
                      };
                    });
}

}  // namespace

void AddTimeDefects(DefectList* defects) {
  AddPolicyTimeDefects(defects);
  AddReCreationDefects(defects);
  AddUpdateTimeDefects(defects);
  AddConfigurationTimeDefects(defects);
}

}  // namespace glue_security::conformance_internal
