// HttpShared: the state that the threads of an HttpListener share.

#ifndef GLUE_SECURITY_HTTP_HTTP_SHARED_H_
#define GLUE_SECURITY_HTTP_HTTP_SHARED_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "glue_security/http/byte_budget.h"
#include "glue_security/http/descriptor_set.h"
#include "glue_security/http/http_listener.h"

namespace glue_security {

struct HttpShared {
  HttpShared(HttpListenerOptions some_options,
             HttpListener::Handler some_handler, std::string some_via_name,
             size_t descriptors_end)
      : options(std::move(some_options)),
        handler(std::move(some_handler)),
        via_name(std::move(some_via_name)),
        budget(options.buffered_bytes_max, options.reserved_bytes),
        descriptors(descriptors_end) {}

  static void Count(std::atomic<uint64_t>* counter) {
    counter->fetch_add(1, std::memory_order_relaxed);
  }

  const HttpListenerOptions options;
  const HttpListener::Handler handler;
  // The name of this listener in the header Via, by which it notices a request
  // that has come through it before.
  const std::string via_name;
  ByteBudget budget;
  DescriptorSet descriptors;

  // See `HttpListenerStats`.
  std::atomic<uint64_t> connections_accepted{0};
  std::atomic<uint64_t> connections_evicted{0};
  std::atomic<uint64_t> refused_for_connections{0};
  std::atomic<uint64_t> refused_for_bytes{0};
  std::atomic<uint64_t> handler_exceptions{0};
  std::atomic<uint64_t> connection_exceptions{0};
  std::atomic<uint64_t> accept_failures{0};
  std::atomic<uint64_t> delayed_cancelled{0};
  std::atomic<size_t> upstream_connections{0};

  // The number of calls of `CancelDelayed`. A delayed answer with an earlier
  // number is not sent.
  std::atomic<uint64_t> cancellations{0};
  // The time at which connections are closed, whatever they do. Written before
  // `stopping`.
  std::chrono::steady_clock::time_point drain_end;
  // The listener accepts pending connections, and no more.
  std::atomic<bool> stopping{false};
  // Pending connections are accepted; connections now end.
  std::atomic<bool> draining{false};

  // `running` is the number of threads that serve, guarded by `mutex`.
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_SHARED_H_
