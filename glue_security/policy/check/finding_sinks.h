// The two sinks for the findings of a check: one keeps them, one only records
// that there is one.

#ifndef GLUE_SECURITY_POLICY_CHECK_FINDING_SINKS_H_
#define GLUE_SECURITY_POLICY_CHECK_FINDING_SINKS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// Keeps each finding, without pointer, line and column.
class FindingList {
 public:
  void Add(FindingCode code, JsonDocument::Value value,
           absl::string_view message) {
    Finding finding;
    finding.code = code;
    finding.offset = value.offset();
    finding.message = std::string(message.data(), message.size());
    findings_.push_back(std::move(finding));
  }

  // Returns the findings in no particular order.
  std::vector<Finding>& findings() { return findings_; }

 private:
  std::vector<Finding> findings_;
};

// Records only whether there is a finding.
class AnyFinding {
 public:
  template <typename Value>
  void Add(FindingCode, Value, absl::string_view) {
    found_ = true;
  }
  bool found() const { return found_; }

 private:
  bool found_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_FINDING_SINKS_H_
