// PropertyOptions: how a property is checked; see stateful_property.h.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_OPTIONS_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/choices/shrink.h"

namespace glue_security {

struct PropertyOptions {
  // Given to the factory of the backends.
  Behavior behavior = Behavior::Documented();
  Limits limits;

  // True: the backend's times are those of `BackendSetup::clock`. A backend
  // that shows the system's time instead is refused: a run cannot be made again
  // on that clock, and so neither shrunk nor replayed. False: it has a clock of
  // its own, as a mock behind a URL has; a failure that depends on times may
  // then not repeat.
  bool honours_clock = true;

  // The number of runs, each with its own state and backend. The environment
  // variable GLUE_SECURITY_RUNS replaces it.
  int runs = 100;
  // The average number of steps in a run; the maximum is four times that.
  int steps = 50;

  // The seed of all choices. nullopt: the environment variable
  // GLUE_SECURITY_SEED, or else a new one. The seed is in the report.
  std::optional<uint64_t> seed;
  // The choices from the report of a failure; only that run is made. Empty: the
  // environment variable GLUE_SECURITY_REPLAY, if it is set.
  std::string replay;

  // A file of failures, which may serve any number of properties. The failures
  // of this property run first; a new failure is added, and one that passes is
  // removed. Each line has the choices, a blank, and the name of the property.
  // A line of another form is kept, ignored, and reported in
  // `PropertyReport::notes`, as is a file that cannot be read or written. Two
  // processes must not use it at once. Empty: the environment variable
  // GLUE_SECURITY_FAILURES, or else none.
  std::string failures_file;

  // True, or the environment variable GLUE_SECURITY_STATS is "1": prints
  // `PropertyReport::statistics` to the standard output.
  bool print_statistics = false;

  // The bounds of the shrinking. For a report that is the same byte for byte
  // each time, choose them so that the number of runs ends the shrinking, not
  // the time.
  ShrinkOptions shrink;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_PROPERTY_OPTIONS_H_
