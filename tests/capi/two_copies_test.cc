// A program that has the messages of glue_security in itself cannot load a
// second copy: protobuf would end it. The C library says so instead.

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

#include "glue_security/capi/glue_security.h"
#include "glue_security/v1/service.pb.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  // Keeps the messages in the program.
  glue_security::v1::Request request;
  if (request.ByteSizeLong() != 0) return 2;
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  const auto open = reinterpret_cast<decltype(&glue_security_open)>(
      dlsym(library, "glue_security_open"));
  const auto free = reinterpret_cast<decltype(&glue_security_free)>(
      dlsym(library, "glue_security_free"));
  glue_security_handle handle = 1;
  glue_security_answer* answer = nullptr;
  const int code = open(nullptr, 0, &handle, &answer);
  std::fprintf(stderr, "%d: %s\n", code, answer->message);
  const bool is_good = code == GLUE_SECURITY_NOT_LOADED && handle == 0 &&
                       answer->code == code &&
                       std::strstr(answer->message, "another copy") != nullptr;
  free(answer);
  return is_good ? 0 : 1;
}
