#include "benchmarks/bare_proxy.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/address_v4.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"

namespace glue_security {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket client, tcp::socket upstream)
      : client_(std::move(client)), upstream_(std::move(upstream)) {}

  void Start() { ReadRequest(); }

 private:
  // Returns a handler that goes on with `step`.
  auto Then(void (Connection::*step)()) {
    return [self = shared_from_this(), step](boost::system::error_code error,
                                             size_t) {
      if (!error) (self.get()->*step)();
    };
  }

  void ReadRequest() {
    request_.emplace();
    http::async_read(client_, from_client_, *request_,
                     Then(&Connection::WriteRequest));
  }
  void WriteRequest() {
    http::async_write(upstream_, request_->get(),
                      Then(&Connection::ReadAnswer));
  }
  void ReadAnswer() {
    answer_.emplace();
    http::async_read(upstream_, from_upstream_, *answer_,
                     Then(&Connection::WriteAnswer));
  }
  void WriteAnswer() {
    http::async_write(client_, answer_->get(), Then(&Connection::ReadRequest));
  }

  tcp::socket client_;
  tcp::socket upstream_;
  boost::beast::flat_buffer from_client_;
  boost::beast::flat_buffer from_upstream_;
  std::optional<http::request_parser<http::string_body>> request_;
  std::optional<http::response_parser<http::string_body>> answer_;
};

void Accept(tcp::acceptor* acceptor, asio::io_context* context, uint16_t port) {
  acceptor->async_accept(
      [=](boost::system::error_code error, tcp::socket client) {
        if (!error) {
          tcp::socket upstream(*context);
          upstream.connect({asio::ip::address_v4::loopback(), port});
          client.set_option(tcp::no_delay(true));
          upstream.set_option(tcp::no_delay(true));
          std::make_shared<Connection>(std::move(client), std::move(upstream))
              ->Start();
        }
        Accept(acceptor, context, port);
      });
}

}  // namespace

void RunBareProxy(uint16_t upstream,
                  const std::function<void(uint16_t)>& ready) {
  asio::io_context context(/*concurrency_hint=*/1);
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  Accept(&acceptor, &context, upstream);
  ready(acceptor.local_endpoint().port());
  context.run();
}

}  // namespace glue_security
