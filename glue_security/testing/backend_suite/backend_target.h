// BackendUnderTest: describes a backend to the conformance checks.
//
// Two fields are enough for a mock that can do everything:
//
//     BackendUnderTest target;
//     target.name = "MyMock";
//     target.create = [](const BackendSetup& setup) {
//       return std::make_unique<MyMock>(setup.behavior,
//                                       setup.limits,
//                                       setup.clock);
//     };
//
// The other fields say what the backend cannot do. A check that needs it is
// skipped and says so. An intended difference from the contract is declared as
// a deviation.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_TARGET_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_TARGET_H_

#include <algorithm>
#include <iterator>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_setup.h"

namespace glue_security {

// A check that a backend does not pass, and why that is right. The check is
// skipped, and the report shows the reason.
struct BackendDeviation {
  // The id of the check, "put.must_exist.no_hash.never_put", or the beginning
  // of several ids and a star, "message.*".
  std::string check;
  std::string reason;
};

// The presets of `Behavior`.
enum class BackendPreset { kDocumented, kObserved, kCurrent };

inline constexpr BackendPreset kBackendPresets[] = {BackendPreset::kDocumented,
                                                    BackendPreset::kObserved,
                                                    BackendPreset::kCurrent};

// Returns the `Behavior` that a preset names.
inline Behavior BehaviorOf(BackendPreset preset) {
  switch (preset) {
    case BackendPreset::kObserved:
      return Behavior::Observed();
    case BackendPreset::kCurrent:
      return Behavior::Current();
    default:
      return Behavior::Documented();
  }
}

// "Documented", "Observed", "Current".
inline absl::string_view BackendPresetName(BackendPreset preset) {
  switch (preset) {
    case BackendPreset::kObserved:
      return "Observed";
    case BackendPreset::kCurrent:
      return "Current";
    default:
      return "Documented";
  }
}

// How the calls of a report are made over HTTP, by commands to paste. They send
// what the run sent.
struct BackendEndpoint {
  // The default is where our server listens.
  std::string url = "http://127.0.0.1:4566/";

  // A path to POST before the first call, so that the backend is new. Empty:
  // whoever pastes the commands sees to that.
  std::string reset_path;
  // True: the body of the POST is `SettingsAsJson` (setting.h).
  bool reset_takes_settings = false;
  // A path to PUT the time. Empty: the clock cannot be set.
  std::string clock_path;

  // Headers of every request, name and value.
  std::vector<std::pair<std::string, std::string>> headers;
  // A header with the caller's account, which replaces one of `headers`. Empty:
  // there is none.
  std::string account_header;
  // The access key id. Empty: the caller's account.
  std::string access_key_id;
};

struct BackendUnderTest {
  // The name, which becomes part of the tests' names: letters, digits and
  // underscores.
  std::string name;

  // Makes the backends, some thousand in a run of all checks. Only one of them
  // exists at a time.
  BackendFactory create;

  // The endpoint in the commands of a report.
  BackendEndpoint endpoint;

  // The checks that are skipped as intended differences.
  std::vector<BackendDeviation> deviations;

  // The presets of `Behavior` that the backend supports.
  std::vector<BackendPreset> presets = {std::begin(kBackendPresets),
                                        std::end(kBackendPresets)};

  // The levels of `Behavior::policy_checks` that the backend supports. The
  // checks of the levels themselves run at every level, all others at the last
  // one; their policies pass at every level.
  std::vector<PolicyChecks> policy_checks = {
      PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
      PolicyChecks::kGlue};

  // True when each field of `Behavior` can be set by itself.
  bool honours_behavior_fields = true;

  // True when it keeps `BackendSetup::limits`. Otherwise it has its own, and no
  // check assumes those of `Limits()`. The checks need room for
  //   - 20 security configurations and 20 connections in a catalog,
  //   - 32 KiB in a request, and 64 KiB on a page,
  //   - 10240 bytes and 8 levels in a policy,
  //   - 100 broken constraints in an error, where it lists them,
  //   - as many attempts as `Limits()` has, where it is called by threads.
  // A page without MaxResults may have any size. Two limits are not adjustable:
  // `page_size_observed_max` is 200, and `quoted_value_code_points_max` 64,
  // where the preset has them and, for the second, `shows_messages` is true.
  bool honours_limits = true;

  // True when its times are those of `BackendSetup::clock`. A check that fails
  // on a backend which shows the system's time instead says so, since its calls
  // cannot be made again to find those that matter. False: the checks of times
  // wait until the backend's own clock has moved, at most about a second.
  bool honours_clock = true;

  // True when several threads may call `Execute` at once.
  bool thread_safe = true;

  // The operations that it has: a check that calls another one is skipped, and
  // the state that is compared is what those show that it has. Empty: all.
  std::vector<Operation> operations;

  // False: it does not have the operations on connections. All others are
  // judged.
  bool has_connections = true;

  // False: it has no key service, so that encryption settings are stored and do
  // nothing. Passwords and connections are never encrypted.
  bool has_keys = true;

  // The following fields say which parts of an answer can be seen, and which
  // requests can be sent. Nothing else is judged.
  //
  // False: `Error.violations` is not filled. A broken constraint is then judged
  // by the code of the error and, with `shows_messages`, by its text.
  bool shows_violations = true;

  // False: the texts of errors are its own.
  bool shows_messages = true;

  // False: it prints the policies that it shows in its own way. They are then
  // compared as JSON documents.
  bool keeps_policy_texts = true;

  // False: of a caller, only the region and an account id of 12 digits reach
  // it; `Caller::principal_arn` does not.
  bool takes_principals = true;

  // False: a text that is not UTF-8 does not reach it, as over JSON.
  bool takes_invalid_utf8 = true;

  // False: `Request.unparsed_values`, which only a wire codec fills, means
  // nothing to it. Other values than those of an enum reach it as numbers.
  bool takes_unparsed_values = true;

  // False: it cannot tell a request without an operation, or one whose
  // operation came after its `api_date`, from one that failed on the way.
  bool takes_unknown_operations = true;

  // True: only checks of sentences of the contract are run, and of those only
  // the differences that are by contract count.
  bool contract_only = false;
};

// Returns true when the backend has the operation.
inline bool HasOperation(const BackendUnderTest& target, Operation operation) {
  const std::vector<Operation>& has = target.operations;
  return has.empty() ||
         std::find(has.begin(), has.end(), operation) != has.end();
}

// Prints a parameter for GoogleTest.
inline void PrintTo(const BackendUnderTest& target, std::ostream* os) {
  *os << target.name;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_TARGET_H_
