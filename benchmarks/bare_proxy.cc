#include "benchmarks/bare_proxy.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/address_v4.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/serializer.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/write.hpp"

namespace glue_security {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr size_t kPartBytes = 64 * 1024;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket client, tcp::socket upstream)
      : client_(std::move(client)), upstream_(std::move(upstream)) {
    // As much is read at a time; 512 bytes otherwise.
    from_client_.reserve(kPartBytes);
    from_upstream_.reserve(kPartBytes);
  }

  void Start() { ReadRequest(); }

 private:
  // Returns a handler that goes on with `step`. That a part is full or written
  // is no error.
  auto Then(void (Connection::*step)()) {
    return [self = shared_from_this(), step](boost::system::error_code error,
                                             size_t) {
      if (!error || error == http::error::need_buffer) (self.get()->*step)();
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
    http::async_read_header(upstream_, from_upstream_, *answer_,
                            Then(&Connection::WriteHead));
  }
  void WriteHead() {
    answer_->get().body().data = nullptr;
    answer_->get().body().more = true;
    writer_.emplace(answer_->get());
    http::async_write_header(client_, *writer_, Then(&Connection::ReadPart));
  }
  // The body passes through in parts, so that a large one is copied once.
  void ReadPart() {
    if (answer_->is_done()) return ReadRequest();
    answer_->get().body().data = part_.data();
    answer_->get().body().size = part_.size();
    http::async_read(upstream_, from_upstream_, *answer_,
                     Then(&Connection::WritePart));
  }
  void WritePart() {
    auto& body = answer_->get().body();
    body.size = part_.size() - body.size;
    body.data = part_.data();
    body.more = !answer_->is_done();
    http::async_write(client_, *writer_, Then(&Connection::ReadPart));
  }

  tcp::socket client_;
  tcp::socket upstream_;
  boost::beast::flat_buffer from_client_;
  boost::beast::flat_buffer from_upstream_;
  std::optional<http::request_parser<http::string_body>> request_;
  std::optional<http::response_parser<http::buffer_body>> answer_;
  std::optional<http::response_serializer<http::buffer_body>> writer_;
  std::array<char, kPartBytes> part_;
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
