// PropertyReport: the result of checking a property; see stateful_property.h.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_REPORT_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/properties/property_statistics.h"

namespace glue_security {

struct PropertyReport {
  bool ok() const { return text.empty(); }

  uint64_t seed = 0;
  // The counts of the random runs, the first failing one included.
  PropertyStatistics statistics;
  // About the file of failures, one line each. They are no failures.
  std::vector<std::string> notes;

  // The rest describes a failure, and is empty when there is none.
  //
  // The steps of the smallest failing run with their calls and answers, what
  // failed, and how to repeat it.
  std::string text;
  // The rule or invariant that failed; empty when the property could not be
  // checked, as over a backend on the system's clock.
  std::string failed;
  // The choices of that run, which can be run again. They may be empty: a run
  // can fail before its first step.
  Choices choices;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_REPORT_H_
