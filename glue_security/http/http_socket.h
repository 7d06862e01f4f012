// HttpSocket: the type of the sockets of an HttpListener.

#ifndef GLUE_SECURITY_HTTP_HTTP_SOCKET_H_
#define GLUE_SECURITY_HTTP_HTTP_SOCKET_H_

#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"

namespace glue_security {

// A socket with the concrete executor type, which is faster than the
// type-erased default.
using HttpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_SOCKET_H_
