// ChangedSettings: how a backend was set up, as C++ for reports.

#ifndef GLUE_SECURITY_TESTING_CHANGED_SETTINGS_H_
#define GLUE_SECURITY_TESTING_CHANGED_SETTINGS_H_

#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"

namespace glue_security {

// Returns the fields that differ from the preset and from `Limits()`, as
// assignments in C++ without semicolons: "limits.page_size_default = 2".
std::vector<std::string> ChangedSettings(const Behavior& preset,
                                         const Behavior& behavior,
                                         const Limits& limits);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHANGED_SETTINGS_H_
