// Lower limits of the system, for tests that reach them.

#ifndef GLUE_SECURITY_TESTS_HTTP_LOWERED_LIMIT_H_
#define GLUE_SECURITY_TESTS_HTTP_LOWERED_LIMIT_H_

#include <sys/resource.h>

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace glue_security {

inline size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all))) - 1;
}

// Lowers the soft limit of a resource for its own lifetime.
class LoweredLimit {
 public:
  LoweredLimit(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    getrlimit(resource, &before_);
    rlimit lowered = before_;
    lowered.rlim_cur = value;
    setrlimit(resource, &lowered);
  }
  ~LoweredLimit() { setrlimit(resource_, &before_); }

 private:
  const __rlimit_resource resource_;
  rlimit before_{};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_HTTP_LOWERED_LIMIT_H_
