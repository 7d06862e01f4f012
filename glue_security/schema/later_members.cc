#include "glue_security/schema/later_members.h"

namespace glue_security {

using google::protobuf::Message;
using google::protobuf::Reflection;

// The structures of the API are a few levels deep, and so are these functions.

bool SetsLaterMembers(const StructureSchema& structure,
                      const Message& message) {
  if (!structure.holds_later_members) return false;
  for (const LaterMember& later : structure.later_members) {
    if (later.accessors->has(message)) return true;
  }
  for (const MemberSchema& member : structure.members) {
    if (member.structure == nullptr || !member.structure->holds_later_members ||
        !member.accessors->has(message)) {
      continue;
    }
    const Message& part = member.accessors->get_message(message);
    if (member.kind == MemberKind::kStructure) {
      if (SetsLaterMembers(*member.structure, part)) return true;
      continue;
    }
    const Reflection& list = *part.GetReflection();
    for (int i = 0; i < list.FieldSize(part, member.elements); ++i) {
      if (SetsLaterMembers(*member.structure,
                           list.GetRepeatedMessage(part, member.elements, i))) {
        return true;
      }
    }
  }
  return false;
}

void ClearLaterMembers(const StructureSchema& structure, Message* message) {
  if (!structure.holds_later_members) return;
  const Reflection& reflection = *structure.reflection;
  for (const LaterMember& later : structure.later_members) {
    reflection.ClearField(message, later.field);
  }
  for (const MemberSchema& member : structure.members) {
    if (member.structure == nullptr || !member.accessors->has(*message)) {
      continue;
    }
    Message* const part = reflection.MutableMessage(message, member.field);
    if (member.kind == MemberKind::kStructure) {
      ClearLaterMembers(*member.structure, part);
      continue;
    }
    const Reflection& list = *part->GetReflection();
    for (int i = 0; i < list.FieldSize(*part, member.elements); ++i) {
      ClearLaterMembers(*member.structure,
                        list.MutableRepeatedMessage(part, member.elements, i));
    }
  }
}

}  // namespace glue_security
