// GrowingBody: a body type for Boost.Beast's parser, a string that grows with
// the bytes received. Beast's own string body reserves the length that the
// header announces.

#ifndef GLUE_SECURITY_HTTP_GROWING_BODY_H_
#define GLUE_SECURITY_HTTP_GROWING_BODY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "boost/beast/core/buffers_range.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/optional/optional.hpp"

namespace glue_security {

struct GrowingBody {
  using value_type = std::string;

  // NOLINTNEXTLINE(readability-identifier-naming): Boost.Beast's name.
  class reader {
   public:
    template <bool kIsRequest, class Fields>
    reader(boost::beast::http::header<kIsRequest, Fields>& /*header*/,
           std::string& body)
        : body_(body) {}

    void init(const boost::optional<uint64_t>& length,
              boost::system::error_code& error) {
      error = {};
      if (length) {
        body_.reserve(static_cast<size_t>(std::min(*length, kReservedMax)));
      }
    }

    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      size_t size = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      return size;
    }

    void finish(boost::system::error_code& error) { error = {}; }

   private:
    // The most that is reserved because of the header alone.
    static constexpr uint64_t kReservedMax = 4096;

    std::string& body_;
  };
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_GROWING_BODY_H_
