// ReferenceModel: a second, naive implementation of the Security API, used as a
// test oracle. It is written from the contract alone and shares no code with
// the validator or the state machine, so that an error in one of them shows as
// a difference.
//
// The dates since when members, enum values, operations and constraints are in
// force are written by hand, too (naive_dates.h). A member that is not in force
// is as if absent, and does not become part of the state.
//
// It predicts responses, error codes, and the path and constraint of each
// violation. It does not predict message texts, quoted values and requirements,
// and it does not imitate `Limits::response_bytes_max`.
//
// Page tokens are opaque, so the model has its own tokens. No other backend
// understands them, and the model understands no others. GetResourcePolicies
// has one page and so no token at all. A differential test keeps the two tokens
// of a pair of answers side by side and sends each side its own. A token of the
// model is the account, the region, the last name of the page and a checksum,
// in hexadecimal, joined by dots.

#ifndef GLUE_SECURITY_TESTING_ORACLE_REFERENCE_MODEL_H_
#define GLUE_SECURITY_TESTING_ORACLE_REFERENCE_MODEL_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/oracle/naive_keys.h"
#include "glue_security/testing/oracle/naive_passwords.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// A backend over maps in memory. A copy is a branch: the two change
// independently. Unlike other backends, NOT thread-safe. `clock` must outlive
// the model and its copies.
class ReferenceModel : public Backend {
 public:
  // Returns true when the document that a caller puts keeps the rules of
  // `Behavior::policy_checks` beyond JSON.
  using PolicyJudge =
      std::function<bool(const Caller& caller, absl::string_view text)>;

  // The model itself checks only that a policy document is a JSON object. At
  // PolicyChecks kGrammar and kGlue it asks `judge` for the rest, which may
  // know how the document was made. Without `judge` all JSON objects pass.
  // `keys` says what the key service answers.
  ReferenceModel(Behavior behavior, Limits limits, Clock* clock,
                 PolicyJudge judge = nullptr, ModelKeys keys = OnlyGluesOwnKey)
      : behavior_(behavior),
        limits_(limits),
        clock_(clock),
        judge_(std::move(judge)),
        passwords_(std::move(keys)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // Returns a text that is equal for two models exactly when their states are.
  // An encrypted password counts as what it stands for, not as its text.
  std::string StateFingerprint() const;

 private:
  struct Policy {
    bool exists = false;
    std::string text;
    std::string hash;
    int64_t created_ms = 0;
    // The time of the last put or delete.
    int64_t updated_ms = std::numeric_limits<int64_t>::min();
  };
  struct Connection {
    // As it was given, but for the passwords in its properties.
    v1::ConnectionInput input;
    int64_t created_ms = 0;
    int64_t updated_ms = 0;
    std::string updated_by;
    bool is_sealed = false;
    NaivePasswords::Seal seal;
  };
  // The contents of a catalog (account, region). A catalog that was never
  // written is the same as none.
  struct Catalog {
    Policy policy;
    v1::DataCatalogEncryptionSettings settings;
    std::map<std::string, v1::SecurityConfiguration> configurations;
    std::map<std::string, Connection> connections;
  };

  // Returns true when `request` puts a document that the judge refuses.
  bool IsRefused(const Caller& caller, const v1::Request& request) const;

  // Has a function for each operation.
  struct Call;

  // Fills in the response, or returns an error and changes nothing.
  v1::ErrorCode Run(const Caller& caller, const v1::Request& request,
                    v1::Response* response);

  Behavior behavior_;
  Limits limits_;
  Clock* clock_;
  PolicyJudge judge_;
  NaivePasswords passwords_;
  std::map<std::pair<std::string, std::string>, Catalog> catalogs_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_REFERENCE_MODEL_H_
