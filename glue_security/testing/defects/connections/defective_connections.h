// DefectiveConnections: engines with one planted defect in what is stored of
// connections, or in the key calls for them, which no answer shows.
// CheckStoredConnections finds each of them.
//
//   for (const DefectiveConnection& planted : DefectiveConnections()) {
//     CheckStoredConnections(planted.make);  // has `planted.found_by`
//   }

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_DEFECTIVE_CONNECTIONS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_DEFECTIVE_CONNECTIONS_H_

#include <string>
#include <vector>

#include "glue_security/testing/defects/connections/connection_parts.h"

namespace glue_security {

struct DefectiveConnection {
  // Never changes.
  std::string name;
  // The defect in a sentence.
  std::string sentence;
  // The rules of StoredConnectionRules() that find it.
  std::vector<std::string> found_by;
  MakeConnectionParts make;
};

// Returns all of them.
std::vector<DefectiveConnection> DefectiveConnections();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_DEFECTIVE_CONNECTIONS_H_
