#include "benchmarks/bare_server.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "boost/asio/buffer.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/address_v4.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"

namespace glue_security {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const std::string* answer)
      : socket_(std::move(socket)), answer_(*answer) {}

  void Read() {
    parser_.emplace();
    http::async_read(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](boost::system::error_code error, size_t) {
          if (!error) self->Write();
        });
  }

 private:
  void Write() {
    asio::async_write(
        socket_, asio::buffer(answer_),
        [self = shared_from_this()](boost::system::error_code error, size_t) {
          if (!error) self->Read();
        });
  }

  tcp::socket socket_;
  const std::string& answer_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
};

void Accept(tcp::acceptor* acceptor, const std::string* answer) {
  acceptor->async_accept(
      [acceptor, answer](boost::system::error_code error, tcp::socket socket) {
        if (!error) {
          socket.set_option(tcp::no_delay(true));
          std::make_shared<Connection>(std::move(socket), answer)->Read();
        }
        Accept(acceptor, answer);
      });
}

}  // namespace

void RunBareServer(const std::string& answer,
                   const std::function<void(uint16_t)>& ready) {
  asio::io_context context(/*concurrency_hint=*/1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  Accept(&acceptor, &answer);
  ready(acceptor.local_endpoint().port());
  context.run();
}

}  // namespace glue_security
