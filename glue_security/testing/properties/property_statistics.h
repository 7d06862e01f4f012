// PropertyStatistics: counts of what the runs of a property have generated.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STATISTICS_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STATISTICS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace glue_security {

struct PropertyStatistics {
  // A rule or an invariant.
  struct Part {
    std::string name;
    // How often it was run.
    int64_t count = 0;
    // How often each label was given in it, at most once each time it was run.
    std::map<std::string, int64_t> labels;
  };

  // Runs that replay or shrink a failure are not counted.
  int64_t runs = 0;
  int64_t steps = 0;
  // In the order of the property.
  std::vector<Part> rules;
  std::vector<Part> invariants;

  // Returns the counts as a table: rules in percent of all steps, labels in
  // percent of their rule or invariant. Invariants without labels are left out.
  std::string Table() const;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_STATISTICS_H_
