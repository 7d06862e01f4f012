// ConnectionTranslation: the part of AnswerTranslation that knows connections:
// their encrypted passwords and, where the backend's clock is its own, their
// times.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_CONNECTION_TRANSLATION_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_CONNECTION_TRANSLATION_H_

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/sequences/shown_time.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns the connection that a request writes; null when it writes none, or
// one without properties.
v1::ConnectionInput* ConnectionInputIn(v1::Request* request);

// A value: a copy remembers the same and learns by itself.
class ConnectionTranslation {
 public:
  explicit ConnectionTranslation(const AnswerRules& rules) : rules_(rules) {}

  // Replaces the encrypted passwords of the model by those of the backend.
  void ToBackend(v1::Request* request) const;

  // Returns the backend's text for an encrypted password of the model; nullopt
  // when it has shown none.
  std::optional<std::string> CiphertextFor(const std::string& model) const;

  // As AnswerTranslation::Learn, for the answers that create, update or show
  // connections. `backend` is null when the backend has another answer.
  void Learn(const Caller& caller, const v1::Request& request,
             const v1::Response& model, v1::Response* backend);

  // As that of AnswerTranslation.
  const std::string& reason() const { return reason_; }

 private:
  // The times of a connection. It is fresh until it is updated.
  struct Connection {
    bool fresh = false;
    ShownTime created;
    ShownTime updated;
    absl::Time updated_least = absl::InfinitePast();
  };
  // The id and the region of a catalog, and the name of a connection.
  using Name = std::tuple<std::string, std::string, std::string>;

  void LearnConnection(const Name& name, const v1::Connection& model,
                       v1::Connection* backend);
  void LearnTimes(const v1::Connection& model, Connection* known,
                  v1::Connection* backend);
  bool Accepts(const std::string& model, const std::string& backend);

  AnswerRules rules_;
  std::map<Name, Connection> connections_;
  // The backend's encrypted passwords by those of the model.
  std::map<std::string, std::string> ciphertexts_;
  std::string reason_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_CONNECTION_TRANSLATION_H_
