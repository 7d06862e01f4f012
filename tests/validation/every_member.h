// Every member of every request, found in the descriptors, for tests that break
// its constraints.

#ifndef GLUE_SECURITY_TESTS_VALIDATION_EVERY_MEMBER_H_
#define GLUE_SECURITY_TESTS_VALIDATION_EVERY_MEMBER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {

// Returns the start of every text that matches `pattern`.
std::string StartOf(v1::Pattern pattern);

// Returns a text of `bytes` bytes, or a longer one, that keeps every rule of
// its member.
std::string LegalText(v1::Pattern pattern, size_t bytes);

// Returns the date of a behavior. Dates of options compare as texts.
std::string DayOf(const Behavior& behavior);

// Returns the texts of the enum that the keys of a map must be of, those that
// are in force; empty when any text may be a key.
std::vector<std::string> LegalKeys(const v1::ShapeConstraints& map,
                                   const Behavior& behavior);

// A member of a request.
struct Member {
  // True for a list of strings or a map of strings.
  bool holds_strings() const;

  v1::Request* envelope;
  google::protobuf::Message* parent;
  const google::protobuf::FieldDescriptor* field;
  std::string path;
  bool required;
  const v1::ShapeConstraints* constraints;
};

// Calls `visit` for every member of every request in force, while all other
// members are legal: lists have two elements, maps one entry. Elements, keys
// and values that are strings are not visited by themselves. Returns the number
// of members.
int ForEveryMember(const Behavior& behavior,
                   const std::function<void(const Member&)>& visit);

// Returns the violations as "path CONSTRAINT_NAME".
std::vector<std::string> Violations(const std::optional<v1::Error>& error);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_VALIDATION_EVERY_MEMBER_H_
