// AnswerTranslation: translates between the values that a backend makes as it
// likes and those of the model: its policy hashes, its encrypted passwords and,
// where its clock is its own, its times.
//
// It learns them from each pair of answers. A request of the model gets the
// backend's hash in place of the model's; an answer of the backend gets the
// model's values in place of its own, as long as they agree with what was
// learned before. Whatever differs after that is a difference.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_ANSWER_TRANSLATION_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_ANSWER_TRANSLATION_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/sequences/connection_translation.h"
#include "glue_security/testing/sequences/shown_time.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {

// Returns the name in reports of the hash of a policy, by the number of the
// call that put its text first, counted from 1: "HASH OF CALL 3".
std::string HashOfCall(size_t number);

// A value: a copy remembers the same and learns by itself.
class AnswerTranslation {
 public:
  explicit AnswerTranslation(const AnswerRules& rules)
      : rules_(rules), connections_(rules) {}

  // Replaces the hash condition of the model's `request` by the backend's. A
  // known hash with another case, or without its last character, becomes the
  // same change of the backend's. Any other text is sent as it is. A condition
  // that does not hold in the model never becomes the hash that is in force in
  // the backend. An encrypted password of the model becomes the backend's.
  void ToBackend(const Caller& caller, v1::Request* request) const;

  // Returns the backend's text for an encrypted password of the model; nullopt
  // when it has shown none.
  std::optional<std::string> CiphertextFor(const std::string& model) const {
    return connections_.CiphertextFor(model);
  }

  // Replaces the hashes by their names. Encrypted passwords of the model are
  // their own names.
  void ToNames(const Caller& caller, v1::Request* request) const;
  void ToNames(const Caller& caller, v1::Response* answer) const;

  // Learns from the answers to the call with this number, and translates the
  // backend's. Parts that the rules do not judge become the model's. Only the
  // operation, the catalog and the name in `request` count.
  //
  // An encrypted password is any base64 that is not empty. It must stay the
  // same until it is written again, and differ from those of other writes.
  void Learn(size_t number, const Caller& caller, const v1::Request& request,
             const v1::Response& model, v1::Response* backend);

  // Why the last answer is not consistent with earlier ones; "": it is, or the
  // difference speaks for itself.
  const std::string& reason() const { return reason_; }

 private:
  struct Hash {
    std::string model;
    std::string backend;
    // The call that first gave out a hash of the text.
    size_t call = 0;
  };

  // The knowledge about a catalog: an account in a region.
  struct Catalog {
    std::string account_id;
    std::string region;
    // A pair for each hash of the model, with the latest of the backend.
    std::vector<Hash> hashes;
    // The policy in force; no policy: `exists` is false.
    bool exists = false;
    std::string model_hash;
    std::string backend_hash;
    // Its times. It is fresh until it is replaced.
    bool fresh = false;
    ShownTime created;
    ShownTime updated;
    absl::Time created_least = absl::InfinitePast();
    absl::Time updated_least = absl::InfinitePast();
    // The configurations by name.
    std::map<std::string, ShownTime> configurations;
  };

  Catalog& CatalogOf(const Caller& caller);
  const Catalog* FindCatalog(const Caller& caller) const;
  // Looks in the caller's catalog first, then in the others.
  const Hash* FindHash(const Catalog* catalog, const std::string& model) const;
  std::string Condition(const Catalog* catalog, const std::string& model) const;
  std::string Changed(const std::string& model, bool named) const;

  void LearnPut(size_t number, const v1::PutResourcePolicyResponse& model,
                Catalog* catalog, v1::PutResourcePolicyResponse* backend);
  bool AcceptsHash(const Catalog& catalog, const std::string& model,
                   const std::string& backend);
  template <typename Policy>
  void LearnPolicy(const Policy& model, Catalog* catalog, Policy* backend);
  template <typename Policy>
  void LearnPolicyTimes(const Policy& model, Catalog* catalog, Policy* backend);
  void LearnConfigurations(const v1::Response& model, Catalog* catalog,
                           v1::Response* backend);
  void LearnConfiguration(const v1::SecurityConfiguration& model,
                          Catalog* catalog, v1::SecurityConfiguration* backend);
  void LearnCreated(const std::string& name,
                    const google::protobuf::Timestamp& model, Catalog* catalog,
                    google::protobuf::Timestamp* backend);

  AnswerRules rules_;
  std::vector<Catalog> catalogs_;
  ConnectionTranslation connections_;
  std::string reason_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_ANSWER_TRANSLATION_H_
