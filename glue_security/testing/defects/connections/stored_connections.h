// CheckStoredConnections: what an engine stores of connections, and which keys
// it asks for them, read below the engine. An answer does not show it.
//
//   CheckStoredConnections([] { return ConnectionParts(); });  // no findings
//
// The rules are those of docs/encryption.md. Each has a scene of its own: an
// engine over a storage in memory and a LocalKms, both watched.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_CONNECTIONS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_CONNECTIONS_H_

#include <string>
#include <vector>

#include "glue_security/testing/defects/connections/connection_parts.h"

namespace glue_security {

// A rule that is broken.
struct StoredFinding {
  // One of StoredConnectionRules().
  std::string rule;
  // The first difference.
  std::string text;
};

// Returns the names of the rules, in the order in which they are checked.
std::vector<std::string> StoredConnectionRules();

// Returns the rules that an engine with these parts breaks.
std::vector<StoredFinding> CheckStoredConnections(
    const MakeConnectionParts& make);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_CONNECTIONS_H_
