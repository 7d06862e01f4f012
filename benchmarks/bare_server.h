// The floor for a server: Boost.Beast on one thread, which reads each request
// whole and answers with fixed bytes.

#ifndef GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_
#define GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>

namespace glue_security {

// Serves on loopback forever; calls `ready` with the port. Each answer is
// `answer`, header included.
void RunBareServer(const std::string& answer,
                   const std::function<void(uint16_t)>& ready);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_
