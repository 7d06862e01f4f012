// EngineTest: a fixture with an engine over memory, whose clock stands still,
// and with the check that a call fails and changes nothing.

#ifndef GLUE_SECURITY_TESTS_ENGINE_ENGINE_FIXTURE_H_
#define GLUE_SECURITY_TESTS_ENGINE_ENGINE_FIXTURE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {

inline const Caller kCaller{"123456789012", "us-east-1", ""};
inline const Caller kOtherAccount{"210987654321", "us-east-1", ""};
inline const Caller kOtherRegion{"123456789012", "us-west-2", ""};

class EngineTest : public testing::Test {
 protected:
  EngineTest() { Restart(LooseOptions()); }

  void Restart(EngineOptions options) {
    options.clock = &clock_;
    engine_.emplace(&storage_, std::move(options));
  }
  void RestartAs(const Behavior& behavior) {
    EngineOptions options = LooseOptions();
    options.behavior = behavior;
    Restart(std::move(options));
  }
  void RestartObserved() { RestartAs(Loose(Behavior::Observed())); }

  absl::StatusOr<v1::PutResourcePolicyResponse> Put(
      const std::string& text, const Caller& caller = kCaller) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(text);
    return engine_->PutResourcePolicy(caller, request);
  }

  static v1::CreateSecurityConfigurationRequest Named(const std::string& name) {
    v1::CreateSecurityConfigurationRequest request;
    request.set_name(name);
    request.mutable_encryption_configuration();
    return request;
  }

  absl::Status Create(const std::string& name, const Caller& caller = kCaller) {
    return engine_->CreateSecurityConfiguration(caller, Named(name)).status();
  }

  absl::Status Delete(const std::string& name) {
    v1::DeleteSecurityConfigurationRequest request;
    request.set_name(name);
    return engine_->DeleteSecurityConfiguration(kCaller, request).status();
  }

  static std::vector<std::string> Names(
      const v1::GetSecurityConfigurationsResponse& page) {
    std::vector<std::string> names;
    for (const auto& c : page.security_configurations()) {
      names.push_back(c.name());
    }
    return names;
  }

  // Returns every record of the catalogs that the tests use: key, revision,
  // bytes. Everything that callers see comes from these.
  std::string Records() {
    std::string all;
    for (const Caller& caller : {kCaller, kOtherAccount, kOtherRegion}) {
      ReadSet read_set;
      read_set.catalog = {caller.account_id, caller.region};
      read_set.keys = {{RecordKind::kResourcePolicy, ""},
                       {RecordKind::kEncryptionSettings, ""}};
      AppendRecords(read_set, &all);
      read_set.keys = {{RecordKind::kConfigurationCount, ""},
                       {RecordKind::kConnectionCount, ""}};
      read_set.range.emplace();
      read_set.range->records_max = 1'000'000;
      read_set.range->bytes_max = 1 << 30;
      for (const RecordKind kind :
           {RecordKind::kSecurityConfiguration, RecordKind::kConnection}) {
        read_set.range->kind = kind;
        AppendRecords(read_set, &all);
      }
    }
    return all;
  }

  // Expects that the call fails with `code` and changes nothing.
  template <typename Call>
  v1::Error Fails(v1::ErrorCode code, Call&& call) {
    const std::string before = Records();
    const absl::Status status = call();
    EXPECT_EQ(Records(), before);
    const auto error = ErrorFromStatus(status);
    EXPECT_TRUE(error.has_value()) << status;
    if (!error.has_value()) return v1::Error();
    EXPECT_EQ(v1::ErrorCode_Name(error->code()), v1::ErrorCode_Name(code))
        << status;
    return *error;
  }

  // Expects that a request in its envelope fails with `code` and changes
  // nothing.
  v1::Error FailsToExecute(v1::ErrorCode code, const v1::Request& request) {
    return Fails(code, [&] {
      const v1::Response response = engine_->Execute(kCaller, request);
      return response.has_error() ? ToStatus(response.error())
                                  : absl::OkStatus();
    });
  }

  FakeClock clock_{absl::FromUnixMillis(1'700'000'000'123)};
  MemoryStorage storage_;
  std::optional<Engine> engine_;

 private:
  void AppendRecords(const ReadSet& read_set, std::string* all) {
    const auto snapshot = storage_.Read(read_set);
    ASSERT_EQ(snapshot.status(), absl::OkStatus());
    absl::StrAppend(all, snapshot->branch, "\n");
    for (const auto& record : snapshot->records) {
      if (record.has_value()) {
        absl::StrAppend(all, record->revision, " ", record->value);
      }
      absl::StrAppend(all, "\n");
    }
    if (!snapshot->range.has_value()) return;
    for (const RangeRecord& record : snapshot->range->records) {
      absl::StrAppend(all, record.id, " ", record.revision, " ", record.value,
                      "\n");
    }
  }
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENGINE_ENGINE_FIXTURE_H_
