// RemoteBackendUnderTest: a mock behind a URL, in any language, as a backend
// for the conformance checks.
//
//   INSTANTIATE_TEST_SUITE_P(
//       Remote, BackendConformance,
//       testing::ValuesIn(BackendConformanceCases([] {
//         RemoteBackendOptions options;
//         options.reset_path = "/reset";
//         return RemoteBackendUnderTest("http://127.0.0.1:8080", options)
//             .value();
//       }())),
//       BackendConformanceCaseName);
//
// A mock that is known has a profile:
//
//   RemoteBackendUnderTest(url, *FindRemoteProfile("moto"));
//
// An endpoint that cannot be reset fails every check, and says so:
//
//   the answer to GetResourcePolicy
//     expected: EntityNotFoundException
//     actual:   InternalServiceException: the endpoint is not reset: POST
//               /reset: HTTP status 404
//
// The program glue-conformance does the same without C++.

#ifndef GLUE_SECURITY_TESTING_REMOTE_REMOTE_BACKEND_H_
#define GLUE_SECURITY_TESTING_REMOTE_REMOTE_BACKEND_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/client/http_backend.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/backend_target.h"

namespace glue_security {

struct RemoteBackendOptions {
  // The name of the target: letters, digits and underscores.
  std::string name = "Remote";

  // How the endpoint is emptied before each check: a path to POST without a
  // body, which must answer with a status of 200 to 299, or a function, which
  // wins. One of them is needed, unless `no_reset` says that there is none.
  std::string reset_path;
  std::function<absl::Status()> reset;

  // True: nothing is emptied, and every check may find what the others left.
  // Checks that start from nothing then accuse a right endpoint.
  bool no_reset = false;

  // True: the body of the POST says what the endpoint runs with from then on,
  // as `SettingsAsJson` (setting.h) writes it and our server reads it. Single
  // fields of `Behavior` and `Limits` are then honoured, and so is the preset
  // of `BackendSetup`, whatever `behavior` says.
  bool reset_takes_settings = false;

  // How the endpoint learns the account. When it does not, it must have the
  // account 123456789012, and the checks of other accounts are skipped.
  AccountSentAs account = AccountSentAs::kAccessKeyId;
  std::string account_header;

  // Further headers of every call and of control.
  std::vector<std::pair<std::string, std::string>> headers;

  // The behaviour that the endpoint has.
  BackendPreset behavior = BackendPreset::kDocumented;

  // The checks of policies that the endpoint makes. nullopt: with
  // `reset_takes_settings` those of every level; otherwise they are unknown,
  // and the rules for policy documents are not judged.
  std::optional<PolicyChecks> policy_checks;

  // As in BackendUnderTest: the operations, empty for all; those on
  // connections; and a key service.
  std::vector<Operation> operations;
  bool has_connections = true;
  bool has_keys = true;

  // True: the texts of errors are those of the service, as far as they are
  // known. False: they are its own, and are not judged.
  bool shows_messages = false;

  // A path to PUT `{"now":"…","frozen":true}`, as our server has it. Empty: the
  // endpoint has a clock of its own, and no exact times are judged.
  std::string clock_path;

  // Bounds each call and each reset.
  absl::Duration timeout = absl::Seconds(30);
};

// Returns the options for a mock that is known by name, or nullopt:
//
//   glue-security  our server, started with --control: POST
//                  /_glue_security/reset, which takes settings; its clock is
//                  set, and its texts are judged; kCurrent
//   localstack     POST /_localstack/state/reset
//   moto           POST /moto-api/reset; the account is in x-moto-account-id;
//                  policies are not checked
//
// Change `behavior` where the endpoint was started otherwise.
std::optional<RemoteBackendOptions> FindRemoteProfile(absl::string_view name);

// Returns "glue-security, localstack or moto", for messages.
std::string RemoteProfileNames();

// Returns the endpoint as a backend for the checks, with the abilities that can
// be seen over the wire: no violations, no caller's ARN, no invalid UTF-8, no
// unknown operations, one preset and, unless its reset takes settings, its own
// limits. Does not connect yet.
//
// The endpoint serves one test at a time: `create` resets it, so that a backend
// that was made before sees the state of the new one. When that fails, every
// call answers INTERNAL_SERVICE, NOT_APPLIED, with the reason.
//
// Errors, all kInvalidArgument, in this order: those of HttpBackend::Create; a
// path that does not begin with a slash or has a byte other than visible ASCII;
// a reset that takes settings but is not a path; neither a reset nor
// `no_reset`, or both.
absl::StatusOr<BackendUnderTest> RemoteBackendUnderTest(
    absl::string_view url, const RemoteBackendOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REMOTE_REMOTE_BACKEND_H_
