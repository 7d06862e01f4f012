#include "glue_security/flags/user_folder.h"

#include <unistd.h>

#include <cstdlib>

namespace glue_security {

void EnterUserFolder() {
  const char* const folder = std::getenv("BUILD_WORKING_DIRECTORY");
  // Without that folder, relative paths are those of the present one.
  if (folder != nullptr && chdir(folder) != 0) return;
}

}  // namespace glue_security
