// Judges a backend, and prints what is wrong with it.

// [judge]
#include <iostream>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"

int main() {
  glue_security::BackendUnderTest target;
  target.create = glue_security::EngineInMemory;  // Your own factory.
  std::cout << glue_security::RunBackendConformance(target).ToString();
}
// [judge end]
