// Defects that show when several threads call at once: the check and the write
// are two steps.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kConcurrent = DefectKind::kConcurrent;

// The time between check and write: long enough for another thread to come,
// even one that waits for a busy processor.
class Gap {
 public:
  // Returns when a later caller has come, or after a while. A caller on the
  // thread that made the backend is alone and does not wait.
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    const int mine = ++arrivals_;
    arrived_.notify_all();
    if (std::this_thread::get_id() == maker_) return;
    arrived_.wait_for(lock, kMax, [&] { return arrivals_ != mine; });
  }

  // Counts as a caller that comes.
  void Pass() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++arrivals_;
    arrived_.notify_all();
  }

 private:
  static constexpr std::chrono::milliseconds kMax{50};
  const std::thread::id maker_ = std::this_thread::get_id();
  std::mutex mutex_;
  // Guarded by `mutex_`.
  std::condition_variable arrived_;
  int arrivals_ = 0;
};

// Makes a patch that may wait in its own gap.
template <typename WithGap>
std::function<Patch()> WaitingPatch(WithGap patch) {
  return [patch] {
    auto gap = std::make_shared<Gap>();
    return [patch, gap](PatchedCall call) {
      return patch(std::move(call), gap.get());
    };
  };
}

// Returns `answer`, which was right before the gap, when the call has come too
// late meanwhile.
v1::Response EvenIfLate(const v1::Response& now, v1::ErrorCode late,
                        const v1::Response& answer) {
  return now.error().code() == late ? answer : now;
}

void AddWinnerDefects(DefectList* defects) {
  defects->Threaded(
      {"create_checks_then_acts",
       "Two callers that create one name at once both succeed.",
       {"threads.create"},
       kConcurrent},
      WaitingPatch([](const PatchedCall& call, Gap* gap) {
        const auto& create = call.request.create_security_configuration();
        if (!call.request.has_create_security_configuration() ||
            call.HasConfiguration(create.name())) {
          return call.Run();
        }
        gap->Wait();
        v1::Response created;
        created.mutable_create_security_configuration()->set_name(
            create.name());
        return EvenIfLate(call.Run(), v1::ERROR_CODE_ALREADY_EXISTS, created);
      }));
  defects->Threaded(
      {"delete_checks_then_acts",
       "Two callers that delete one name at once both succeed.",
       {"threads.delete_configuration"},
       kConcurrent},
      WaitingPatch([](const PatchedCall& call, Gap* gap) {
        if (!call.HasConfiguration(
                call.request.delete_security_configuration().name())) {
          return call.Run();
        }
        gap->Wait();
        v1::Response deleted;
        deleted.mutable_delete_security_configuration();
        return EvenIfLate(call.Run(), v1::ERROR_CODE_ENTITY_NOT_FOUND, deleted);
      }));
}

void AddPolicyWinnerDefects(DefectList* defects) {
  defects->Threaded(
      {"put_checks_then_acts",
       "Conditions are checked before the write, not with it.",
       {"threads.not_exist", "threads.hash_condition"},
       kConcurrent},
      WaitingPatch([](PatchedCall call, Gap* gap) {
        if (!call.request.has_put_resource_policy()) return call.Run();
        auto* put = call.request.mutable_put_resource_policy();
        const auto policy = call.Policy();
        const auto exists = put->policy_exists_condition();
        const bool holds =
            (exists != v1::POLICY_EXISTS_CONDITION_MUST_EXIST ||
             policy.has_value()) &&
            (exists != v1::POLICY_EXISTS_CONDITION_NOT_EXIST ||
             !policy.has_value()) &&
            (!put->has_policy_hash_condition() ||
             (policy.has_value() &&
              policy->policy_hash() == put->policy_hash_condition()));
        if (holds) {
          gap->Wait();
          const v1::Response answer = call.Run();
          if (answer.error().code() != v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
            return answer;
          }
          // The write is made without the conditions, which held before the
          // gap.
          put->clear_policy_exists_condition();
          put->clear_policy_hash_condition();
        }
        return call.Run();
      }));
  defects->Threaded({"delete_policy_checks_then_acts",
                     "Two callers that delete the policy at once both succeed.",
                     {"threads.delete_policy"},
                     kConcurrent},
                    WaitingPatch([](const PatchedCall& call, Gap* gap) {
                      if (!call.request.has_delete_resource_policy() ||
                          !call.Policy().has_value()) {
                        return call.Run();
                      }
                      gap->Wait();
                      v1::Response deleted;
                      deleted.mutable_delete_resource_policy();
                      return EvenIfLate(
                          call.Run(), v1::ERROR_CODE_ENTITY_NOT_FOUND, deleted);
                    }));
}

void AddStateDefects(DefectList* defects) {
  defects->Threaded(
      {"number_limit_checked_apart",
       "The number limit is checked before the write, not with it.",
       {"threads.number_limit"},
       kConcurrent},
      WaitingPatch([](const PatchedCall& call, Gap* gap) {
        if (!call.request.has_create_security_configuration()) {
          return call.Run();
        }
        const bool full = static_cast<int64_t>(call.Configurations().size()) >=
                          call.setup->limits.security_configurations_max;
        if (!full) {
          gap->Wait();
          return call.Run();
        }
        // Other errors are reported first.
        const v1::Response answer = call.Run();
        if (answer.has_error()) return answer;
        call.Run(Delete(call.request.create_security_configuration().name()));
        return ErrorAnswer(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
      }),
      [](BackendSetup* setup) {
        setup->limits.security_configurations_max = 1'000'000;
      });
  defects->Threaded(
      {"list_written_as_a_whole",
       "A write reads all configurations and writes all of them back, so that "
       "an update is lost.",
       {"threads.no_lost_update"},
       kConcurrent},
      WaitingPatch([](const PatchedCall& call, Gap* gap) {
        if (!call.request.has_create_security_configuration() &&
            !call.request.has_delete_security_configuration()) {
          return call.Run();
        }
        const auto before = call.Configurations();
        gap->Wait();
        const v1::Response answer = call.Run();
        if (answer.has_error()) return answer;
        const std::string& own =
            call.request.has_create_security_configuration()
                ? call.request.create_security_configuration().name()
                : call.request.delete_security_configuration().name();
        // Configurations that others created meanwhile are overwritten.
        for (const auto& entry : call.Configurations()) {
          bool known = entry.name() == own;
          for (const auto& old : before) known |= old.name() == entry.name();
          if (!known) call.Run(Delete(entry.name()));
        }
        return answer;
      }));
}

void AddSettingsSeed(DefectList* defects) {
  defects->Threaded(
      {"settings_written_in_two_steps",
       "A reader can see half of a PutDataCatalogEncryptionSettings.",
       {"threads.settings_are_whole"},
       kConcurrent},
      WaitingPatch([](const PatchedCall& call, Gap* gap) {
        if (call.request.has_get_data_catalog_encryption_settings()) {
          v1::Response shown = call.Run();
          gap->Pass();
          return shown;
        }
        const auto& put = call.request.put_data_catalog_encryption_settings();
        if (!put.data_catalog_encryption_settings()
                 .has_connection_password_encryption()) {
          return call.Run();
        }
        const v1::Response before = call.Run(GetSettings());
        v1::Request half = call.request;
        *half.mutable_put_data_catalog_encryption_settings()
             ->mutable_data_catalog_encryption_settings()
             ->mutable_connection_password_encryption() =
            before.get_data_catalog_encryption_settings()
                .data_catalog_encryption_settings()
                .connection_password_encryption();
        const v1::Response answer = call.Run(half);
        if (answer.has_error()) return call.Run();
        gap->Wait();
        return call.Run();
      }));
}

}  // namespace

void AddThreadDefects(DefectList* defects) {
  AddWinnerDefects(defects);
  AddPolicyWinnerDefects(defects);
  AddStateDefects(defects);
  AddSettingsSeed(defects);
}

}  // namespace glue_security::conformance_internal
