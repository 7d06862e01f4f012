// CheckProperty: runs, shrinks and reports a property, whatever the type of its
// state is. stateful_property.h is its face.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_RUNNER_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_RUNNER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/properties/property_options.h"
#include "glue_security/testing/properties/property_report.h"
#include "glue_security/testing/properties/property_step.h"

namespace glue_security {
namespace property_internal {

// One run of a property: its state, and the rules and invariants by number.
class PropertyRun {
 public:
  virtual ~PropertyRun() = default;

  virtual bool Allows(size_t rule) const = 0;
  virtual void Act(size_t rule, PropertyStep& step) = 0;
  virtual void CheckInvariant(size_t invariant, PropertyStep& step) = 0;
};

struct PropertySpec {
  std::string name;
  std::vector<std::string> rules;
  std::vector<std::string> invariants;
  // Makes the state of a new run.
  std::function<std::unique_ptr<PropertyRun>()> start;
};

PropertyReport CheckProperty(const PropertySpec& spec,
                             const BackendFactory& factory,
                             const PropertyOptions& options);

PropertyReport CheckPropertyOnce(const PropertySpec& spec,
                                 const BackendFactory& factory,
                                 const PropertyOptions& options,
                                 ChoiceSource& choices);

}  // namespace property_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_RUNNER_H_
