// A connection as it is stored and as it is shown: its passwords encrypted or
// not, and the whole of it sealed or not. docs/encryption.md has the rules.

#ifndef GLUE_SECURITY_STATE_MACHINE_CONNECTION_RECORD_H_
#define GLUE_SECURITY_STATE_MACHINE_CONNECTION_RECORD_H_

#include <optional>
#include <string>

#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/key_needs.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {

// The circumstances of an operation on connections.
struct ConnectionScene {
  const CoreOptions& options;
  const Caller& caller;
  const CatalogKey& catalog;
  // Settings in force, as they were put; the default message when none were.
  const v1::DataCatalogEncryptionSettings& settings;
};

// Why a connection was not stored or shown.
enum class ConnectionProblem {
  kNone,
  // `KeyNeeds` has the calls, or the refusal.
  kKeyNeeds,
  // The stored record is damaged.
  kDamaged,
  // The key service gave an answer that none gives.
  kKeyService,
};

// Sets the object of `stored` to `input`, encrypted as the settings say. Holds
// no copy of a password that is to be encrypted.
ConnectionProblem StoreConnection(const ConnectionScene& scene,
                                  const v1::ConnectionInput& input,
                                  KeyNeeds* needs,
                                  v1::StoredConnection* stored);

// Moves the object of `stored`, the connection `name`, into `object`, opened if
// it is sealed.
ConnectionProblem OpenConnection(const ConnectionScene& scene,
                                 const std::string& name,
                                 v1::StoredConnection* stored, KeyNeeds* needs,
                                 v1::ConnectionInput* object);

// Makes the passwords of `object` what a reader sees. `hide` is HidePassword.
ConnectionProblem ShowPasswords(const ConnectionScene& scene, bool hide,
                                KeyNeeds* needs, v1::ConnectionInput* object);

// Overwrites the values of the properties with zeros.
void WipeProperties(v1::ConnectionInput* object);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_CONNECTION_RECORD_H_
