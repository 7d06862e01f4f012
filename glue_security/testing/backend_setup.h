// BackendSetup, TestedBackend: how the kit makes the backends that it tests, as
// often as it needs.
//
//   // Your own implementation:
//   TestedBackend MakeMine(const BackendSetup& setup) {
//     return std::make_unique<MyGlue>(setup.limits, setup.clock);
//   }
//
//   // An engine over your own storage:
//   TestedBackend MakeEngine(const BackendSetup& setup) {
//     return EngineOver(std::make_unique<MyStorage>(), setup);
//   }

#ifndef GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
#define GLUE_SECURITY_TESTING_BACKEND_SETUP_H_

#include <functional>
#include <memory>
#include <utility>

#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// The behaviour, limits and clock of a new backend. A backend that cannot
// honour one of them ignores it, and should not be given to a test that needs
// it.
struct BackendSetup {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // Not null; outlives the backend. The tools of the kit give a FakeClock,
  // which moves only when a run moves it. The default, the system's clock, is
  // for a backend that is called by hand: on it no run can be made again, so
  // the tools that replay or shrink refuse a backend that shows its times.
  Clock* clock = Clock::System();
};

// A new backend, for one check or one sequence of calls.
struct TestedBackend {
  // NOLINTBEGIN(google-explicit-constructor): a factory returns its backend.
  TestedBackend(std::unique_ptr<Backend> tested) : backend(std::move(tested)) {}
  template <typename T>
  TestedBackend(std::unique_ptr<T> tested) : backend(std::move(tested)) {}
  // NOLINTEND(google-explicit-constructor)

  // The backend: new, without records. It owns everything beneath it.
  std::unique_ptr<Backend> backend;

  // Optional: notes the current state, and returns a function that goes back to
  // it, as often as it is called. It saves exhaustive tests most of their work.
  // Must not be called after the backend is destroyed.
  std::function<std::function<void()>()> mark;
};

// Makes a new, empty backend, as often as a tool of the kit needs one.
using BackendFactory = std::function<TestedBackend(const BackendSetup&)>;

// Makes an engine over the storage in memory, with `mark`.
TestedBackend EngineInMemory(const BackendSetup& setup);

// Makes an engine over `storage`, which must be empty and not null, without
// `mark`. The engine owns it.
TestedBackend EngineOver(std::unique_ptr<Storage> storage,
                         const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SETUP_H_
