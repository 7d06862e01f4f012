#include "glue_security/model/secret.h"

#include <cstring>

namespace glue_security {

void WipeBytes(void* data, size_t size) {
  if (size != 0) explicit_bzero(data, size);
}

}  // namespace glue_security
