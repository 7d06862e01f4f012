// The floor of a server: Boost.Beast on one thread, which reads each request
// whole and answers the same bytes.

#ifndef GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_
#define GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>

namespace glue_security {

// Serves on loopback for ever; `ready` is called with the port. Each answer is
// `answer`, header and all.
void RunBareServer(const std::string& answer,
                   const std::function<void(uint16_t)>& ready);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_BARE_SERVER_H_
