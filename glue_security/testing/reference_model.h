// ReferenceModel: the Security API once more, naively, as a test oracle. It is
// written from the contract alone and shares no code with the validator or the
// state machine, so that an error in one of them shows as a difference.
//
// It is right about responses, error codes, and the path and constraint of each
// violation. It is silent about message texts, quoted values and requirements,
// and it does not imitate `Limits::response_bytes_max`.
//
// Page tokens are opaque, so the model has its own, which no other backend
// understands, and the other way round. A differential test keeps the two
// tokens of a pair of answers side by side and sends each side its own. The
// model's is the account, region, last name of the page and a checksum, in
// hexadecimal, joined by dots.

#ifndef GLUE_SECURITY_TESTING_REFERENCE_MODEL_H_
#define GLUE_SECURITY_TESTING_REFERENCE_MODEL_H_

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
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// A copy is a branch: the two change independently. Unlike other backends, NOT
// thread-safe. `clock` must outlive the model and its copies.
class ReferenceModel : public Backend {
 public:
  // Whether the document that a caller puts keeps the rules of
  // `Behavior::policy_checks` beyond JSON.
  using PolicyJudge =
      std::function<bool(const Caller& caller, absl::string_view text)>;

  // Of policy documents the model itself checks no more than that they are JSON
  // objects. At PolicyChecks kGrammar and kGlue it asks `judge` for the rest,
  // which may know how the document was made; without one it takes them all.
  ReferenceModel(Behavior behavior, Limits limits, Clock* clock,
                 PolicyJudge judge = nullptr)
      : behavior_(behavior),
        limits_(limits),
        clock_(clock),
        judge_(std::move(judge)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // A text that is equal for two models exactly when their states are.
  std::string StateFingerprint() const;

 private:
  struct Policy {
    bool exists = false;
    std::string text;
    std::string hash;
    int64_t created_ms = 0;
    // The last put or delete.
    int64_t updated_ms = std::numeric_limits<int64_t>::min();
  };
  // What (account, region) holds. One never written is the same as none.
  struct Catalog {
    Policy policy;
    v1::DataCatalogEncryptionSettings settings;
    std::map<std::string, v1::SecurityConfiguration> configurations;
  };

  // Whether it puts a document that the judge does not take.
  bool IsRefused(const Caller& caller, const v1::Request& request) const;

  // Each fills in its response, or returns an error and has changed nothing.
  v1::ErrorCode Run(const Caller& caller, const v1::Request& request,
                    v1::Response* response);
  v1::ErrorCode PutPolicy(const v1::PutResourcePolicyRequest& request,
                          Policy& policy, v1::Response* response);
  v1::ErrorCode DeletePolicy(const v1::DeleteResourcePolicyRequest& request,
                             Policy& policy, v1::Response* response);
  v1::ErrorCode Create(const v1::CreateSecurityConfigurationRequest& request,
                       Catalog& catalog, v1::Response* response);
  v1::ErrorCode List(const Caller& caller,
                     const v1::GetSecurityConfigurationsRequest& request,
                     v1::GetSecurityConfigurationsResponse* page);

  Behavior behavior_;
  Limits limits_;
  Clock* clock_;
  PolicyJudge judge_;
  std::map<std::pair<std::string, std::string>, Catalog> catalogs_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REFERENCE_MODEL_H_
