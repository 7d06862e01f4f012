#include "glue_security/model/secret.h"

#include <cstring>

namespace glue_security {

void WipeBytes(void* data, size_t size) {
  if (size != 0) explicit_bzero(data, size);
}

void WipeText(std::string* text) { WipeBytes(text->data(), text->size()); }

}  // namespace glue_security
