// A server that takes no time: answers every request with the bytes of the file
// that its argument names. Prints its URL.

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "benchmarks/bare_server.h"

int main(int argc, char** argv) {
  std::ifstream file(argc == 2 ? argv[1] : "", std::ios::binary);
  if (!file) {
    std::cerr << "usage: bare_server FILE\n";
    return 2;
  }
  const std::string answer((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
  glue_security::RunBareServer(answer, [](uint16_t port) {
    std::cout << "http://127.0.0.1:" << port << std::endl;
  });
  return 1;
}
