// SetsLaterMembers, ClearLaterMembers: a member that is not in force
// (`Behavior::api_date`) is as if absent from a request.

#ifndef GLUE_SECURITY_SCHEMA_LATER_MEMBERS_H_
#define GLUE_SECURITY_SCHEMA_LATER_MEMBERS_H_

#include "glue_security/schema/structure_schema.h"
#include "google/protobuf/message.h"

namespace glue_security {

// REQUIRES in both: `structure` is of a request in force (`ApiSchema::For`).

// Returns true when `message`, or a structure within it, sets a later member of
// `structure`. Free when the structure holds none.
bool SetsLaterMembers(const StructureSchema& structure,
                      const google::protobuf::Message& message);

// Clears all of them.
void ClearLaterMembers(const StructureSchema& structure,
                       google::protobuf::Message* message);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_LATER_MEMBERS_H_
