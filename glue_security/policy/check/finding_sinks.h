// What takes note of the findings of a check.

#ifndef GLUE_SECURITY_POLICY_CHECK_FINDING_SINKS_H_
#define GLUE_SECURITY_POLICY_CHECK_FINDING_SINKS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"

namespace glue_security {

// Takes note of each finding, without pointer, line and column.
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

  // In no order.
  std::vector<Finding>& findings() { return findings_; }

 private:
  std::vector<Finding> findings_;
};

// Takes note that there is one.
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
