#include "glue_security/testing/remote/remote_backend.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/error.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/remote/endpoint_control.h"

namespace glue_security {
namespace {

// RFC 3339, in UTC.
constexpr char kTimeFormat[] = "%E4Y-%m-%d%ET%H:%M:%E*S%Ez";

// The endpoint, shared by the backends that are made one after another.
struct Endpoint {
  RemoteBackendOptions options;
  std::unique_ptr<HttpBackend> backend;
  std::unique_ptr<EndpointControl> control;

  absl::Status Reset(const BackendSetup& setup) const {
    if (options.reset) return options.reset();
    if (options.reset_path.empty()) return absl::OkStatus();
    return control->Send("POST", options.reset_path,
                         options.reset_takes_settings
                             ? SettingsAsJson({setup.behavior, setup.limits})
                             : "");
  }
};

class RemoteBackend : public Backend {
 public:
  RemoteBackend(std::shared_ptr<const Endpoint> endpoint,
                const BackendSetup& setup)
      : endpoint_(std::move(endpoint)), clock_(*setup.clock) {
    status_ = endpoint_->Reset(setup);
  }

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    if (!status_.ok()) return NotReady("the endpoint is not reset", status_);
    if (absl::Status status = SetClock(); !status.ok()) {
      return NotReady("the clock is not set", status);
    }
    return endpoint_->backend->Execute(caller, request);
  }

 private:
  static v1::Response NotReady(absl::string_view what,
                               const absl::Status& status) {
    v1::Response response;
    *response.mutable_error() =
        MakeError(v1::ERROR_CODE_INTERNAL_SERVICE,
                  absl::StrCat(what, ": ", status.message()),
                  v1::Error::DETAIL_NOT_APPLIED);
    return response;
  }

  // Gives the endpoint the time of the test's clock, unless that is the
  // system's, which nobody can set.
  absl::Status SetClock() {
    const std::string& path = endpoint_->options.clock_path;
    if (path.empty() || &clock_ == Clock::System()) return absl::OkStatus();
    const std::lock_guard<std::mutex> lock(mutex_);
    const absl::Time now = clock_.Now();
    if (now == sent_) return absl::OkStatus();
    absl::Status status = endpoint_->control->Send(
        "PUT", path,
        absl::StrCat(R"({"now":")",
                     absl::FormatTime(kTimeFormat, now, absl::UTCTimeZone()),
                     R"(","frozen":true})"));
    if (status.ok()) sent_ = now;
    return status;
  }

  const std::shared_ptr<const Endpoint> endpoint_;
  Clock& clock_;
  // The result of the reset.
  absl::Status status_;
  std::mutex mutex_;
  // The time that the endpoint has; nullopt: its own.
  std::optional<absl::Time> sent_;
};

// Returns the checks that need a second account.
std::vector<BackendDeviation> WithoutAccounts() {
  constexpr char kReason[] = "the endpoint learns no account";
  return {
      {"catalogs.accounts.*", kReason},
      {"connection.catalogs.accounts", kReason},
      {"connection_limit.per_catalog", kReason},
      {"connections.token.of_other_account", kReason},
      {"limit.per_account_and_region", kReason},
      {"pages.token.of_other_account", kReason},
      {"password.refused.other_*", kReason},
      {"policies.per_catalog", kReason},
      {"sealed.rights.*", kReason},
      {"settings.same_record_for_all_callers", kReason},
  };
}

// Returns what a command sends, to do what the target does.
BackendEndpoint EndpointOf(absl::string_view url,
                           const RemoteBackendOptions& options) {
  BackendEndpoint endpoint;
  endpoint.url = std::string(url);
  if (!options.reset) endpoint.reset_path = options.reset_path;
  endpoint.reset_takes_settings = options.reset_takes_settings;
  endpoint.clock_path = options.clock_path;
  endpoint.headers = options.headers;
  if (options.account == AccountSentAs::kHeader) {
    endpoint.account_header = options.account_header;
  }
  // The key id that `HttpBackend` sends where the account is not in it.
  if (options.account != AccountSentAs::kAccessKeyId) {
    endpoint.access_key_id = "test";
  }
  return endpoint;
}

}  // namespace

std::optional<RemoteBackendOptions> FindRemoteProfile(absl::string_view name) {
  RemoteBackendOptions options;
  if (name == "glue-security") {
    options.name = "GlueSecurity";
    options.behavior = BackendPreset::kCurrent;
    options.reset_path = "/_glue_security/reset";
    options.reset_takes_settings = true;
    options.clock_path = "/_glue_security/clock";
    options.shows_messages = true;
    return options;
  }
  if (name == "localstack") {
    options.name = "LocalStack";
    options.reset_path = "/_localstack/state/reset";
    return options;
  }
  if (name == "moto") {
    options.name = "Moto";
    options.reset_path = "/moto-api/reset";
    options.account = AccountSentAs::kHeader;
    options.account_header = "x-moto-account-id";
    options.policy_checks = PolicyChecks::kNone;
    return options;
  }
  return std::nullopt;
}

std::string RemoteProfileNames() { return "glue-security, localstack or moto"; }

absl::StatusOr<BackendUnderTest> RemoteBackendUnderTest(
    absl::string_view url, const RemoteBackendOptions& options) {
  HttpBackendOptions http;
  http.account = options.account;
  http.account_header = options.account_header;
  http.headers = options.headers;
  http.timeout = options.timeout;
  auto backend = HttpBackend::Create(url, std::move(http));
  if (!backend.ok()) return backend.status();
  for (const std::string* path : {&options.reset_path, &options.clock_path}) {
    if (!path->empty() && !EndpointControl::IsPath(*path)) {
      return absl::InvalidArgumentError(
          "a path of control must begin with a slash and be visible ASCII");
    }
  }
  if (options.reset_takes_settings &&
      (options.reset_path.empty() || options.reset)) {
    return absl::InvalidArgumentError(
        "a reset that takes settings must be a path");
  }
  const bool has_reset = options.reset || !options.reset_path.empty();
  if (has_reset == options.no_reset) {
    return absl::InvalidArgumentError(
        has_reset ? "a reset is given, and that there is none"
                  : "neither a reset is given, nor that there is none");
  }
  auto control = EndpointControl::Create(url, options.headers, options.timeout);
  if (!control.ok()) return control.status();
  auto endpoint = std::make_shared<Endpoint>();
  endpoint->options = options;
  endpoint->backend = *std::move(backend);
  endpoint->control = *std::move(control);

  BackendUnderTest target;
  target.name = options.name;
  target.endpoint = EndpointOf(url, options);
  target.create = [endpoint](const BackendSetup& setup) {
    return std::make_unique<RemoteBackend>(endpoint, setup);
  };
  target.presets = {options.behavior};
  if (options.policy_checks.has_value()) {
    target.policy_checks = {*options.policy_checks};
  } else if (!options.reset_takes_settings) {
    target.policy_checks.clear();
  }
  target.honours_behavior_fields = options.reset_takes_settings;
  target.honours_limits = options.reset_takes_settings;
  target.honours_clock = !options.clock_path.empty();
  target.shows_violations = false;
  target.shows_messages = options.shows_messages;
  target.operations = options.operations;
  target.has_connections = options.has_connections;
  target.has_keys = options.has_keys;
  target.takes_principals = false;
  target.takes_invalid_utf8 = false;
  target.takes_unknown_operations = false;
  if (options.account == AccountSentAs::kNothing) {
    target.deviations = WithoutAccounts();
  }
  return target;
}

}  // namespace glue_security
