#include "glue_security/model/end_process.h"

#include <cstdlib>
#include <iostream>

namespace glue_security {

void EndProcess(absl::string_view why) {
  std::cerr << "glue_security: " << why << std::endl;
  std::abort();
}

}  // namespace glue_security
