// What the kit tests: a backend that it can make anew as often as it needs.
//
//   // Your own implementation:
//   TestedBackend MakeMine(const BackendSetup& setup) {
//     return std::make_unique<MyGlue>(setup.limits, setup.clock);
//   }
//
//   // An engine over your own storage:
//   TestedBackend MakeEngine(const BackendSetup& setup) { ... }

#ifndef GLUE_SECURITY_TESTING_TESTED_BACKEND_H_
#define GLUE_SECURITY_TESTING_TESTED_BACKEND_H_

#include <functional>
#include <memory>
#include <utility>

#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_setup.h"

namespace glue_security {

struct TestedBackend {
  // NOLINTBEGIN(google-explicit-constructor): a factory returns its backend.
  TestedBackend(std::unique_ptr<Backend> tested) : backend(std::move(tested)) {}
  template <typename T>
  TestedBackend(std::unique_ptr<T> tested) : backend(std::move(tested)) {}
  // NOLINTEND(google-explicit-constructor)

  // New, without records. It owns what it stands on.
  std::unique_ptr<Backend> backend;

  // Optional: notes the present state, and returns a function that goes back to
  // it, as often as it is called. It spares exhaustive tests most of their
  // work. Dead with the backend.
  std::function<std::function<void()>()> mark;
};

// Called once for each sequence; what it returns is used from one thread.
using BackendFactory = std::function<TestedBackend(const BackendSetup&)>;

// The engine over the storage in memory, with `mark`.
TestedBackend EngineInMemory(const BackendSetup& setup);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_TESTED_BACKEND_H_
