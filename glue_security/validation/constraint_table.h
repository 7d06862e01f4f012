// The constraints of the nine requests, read once from the options of the
// protos into a flat table that the validator walks.

#ifndef GLUE_SECURITY_VALIDATION_CONSTRAINT_TABLE_H_
#define GLUE_SECURITY_VALIDATION_CONSTRAINT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/validation/field_access.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {

// What the value of a member is.
enum class MemberKind {
  kString,
  kInt32,
  kBool,
  kEnum,
  // A structure.
  kMessage,
  // A list of structures: a message with the option `is_list`, which has no
  // name of its own in a path.
  kList,
};

// One member of a structure and its constraints. A bound that does not bind has
// the value that no member can pass.
struct MemberConstraints {
  const google::protobuf::FieldDescriptor* field = nullptr;
  const FieldAccess* access = nullptr;
  // As a path writes it: the wire name with its first letter lowered.
  std::string name;
  MemberKind kind = MemberKind::kString;
  bool required = false;

  // kString. Bytes of UTF-8, inclusive.
  size_t length_bytes_min = 0;
  size_t length_bytes_max = std::numeric_limits<size_t>::max();
  v1::Pattern pattern = v1::PATTERN_UNSPECIFIED;

  // kInt32. Inclusive.
  int64_t value_min = std::numeric_limits<int64_t>::min();
  int64_t value_max = std::numeric_limits<int64_t>::max();

  // kEnum. The numbers that have a text on the wire, and those texts as a
  // message quotes them: "[DISABLED, SSE-KMS]".
  std::vector<int> enum_numbers;
  std::string enum_set;

  // kMessage: the structure. kList: the structure of the elements.
  int child = -1;
  // kList: the repeated field within the message of `field`.
  const google::protobuf::FieldDescriptor* elements = nullptr;
};

// Immutable.
class ConstraintTable {
 public:
  // The patterns that the contract names. Lives forever.
  static const ConstraintTable& Documented();
  // Those that the real service checks, `Constraints::observed_pattern`, where
  // there is one. Lives forever.
  static const ConstraintTable& Observed();

  ConstraintTable(const ConstraintTable&) = delete;
  ConstraintTable& operator=(const ConstraintTable&) = delete;

  // The structure of the request of `operation`. REQUIRES: an operation.
  int RequestOf(Operation operation) const { return requests_[operation]; }

  // The members of a structure, in the order of the contract.
  absl::Span<const MemberConstraints> MembersOf(int structure) const {
    const Range& range = structures_[structure];
    return absl::MakeConstSpan(members_).subspan(range.begin, range.size);
  }

 private:
  // A structure's part of `members_`.
  struct Range {
    size_t begin;
    size_t size;
  };

  explicit ConstraintTable(bool observed_patterns);

  // Adds `descriptor`, and what it contains, to `structures_`; its index. A
  // structure that two others have is there twice.
  int AddStructure(const google::protobuf::Descriptor* descriptor);
  MemberConstraints ReadMember(const google::protobuf::FieldDescriptor* field);

  const bool observed_patterns_;
  // By `Operation`; -1: no such operation.
  std::vector<int> requests_;
  std::vector<Range> structures_;
  std::vector<MemberConstraints> members_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_CONSTRAINT_TABLE_H_
