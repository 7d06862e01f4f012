// ConnectionParts: the places around an engine where a defect of connections
// may be.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PARTS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PARTS_H_

#include <functional>
#include <memory>

#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Functions that make what stands between an engine and its storage, its key
// service and its caller. An empty function: nothing.
struct ConnectionParts {
  std::function<std::unique_ptr<Storage>(Storage* base)> storage;
  std::function<std::unique_ptr<KeyService>(KeyService* base)> keys;
  std::function<std::unique_ptr<Backend>(Backend* base)> backend;
};

// Makes the parts of a new engine, with a state of their own.
using MakeConnectionParts = std::function<ConnectionParts()>;

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PARTS_H_
