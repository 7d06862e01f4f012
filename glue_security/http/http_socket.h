// HttpSocket: the type of the sockets of an HttpListener.

#ifndef GLUE_SECURITY_HTTP_HTTP_SOCKET_H_
#define GLUE_SECURITY_HTTP_HTTP_SOCKET_H_

#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/error.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/system/error_code.hpp"

namespace glue_security {

// A socket with the concrete executor type, which is faster than the
// type-erased default.
using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

// Returns true when the system has currently no bytes, or no room for them.
inline bool IsForLater(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block ||
         error == boost::asio::error::try_again ||
         error == boost::asio::error::interrupted;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_SOCKET_H_
