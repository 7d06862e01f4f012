// The floor for passing on: a proxy of Boost.Beast on one thread, which changes
// nothing. It reads each request whole and passes an answer on in parts of
// 64 KB.

#ifndef GLUE_SECURITY_BENCHMARKS_BARE_PROXY_H_
#define GLUE_SECURITY_BENCHMARKS_BARE_PROXY_H_

#include <cstdint>
#include <functional>

namespace glue_security {

// Serves on loopback forever; calls `ready` with the port. Each connection has
// one of its own to the port `upstream` of the loopback.
void RunBareProxy(uint16_t upstream,
                  const std::function<void(uint16_t)>& ready);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_BARE_PROXY_H_
