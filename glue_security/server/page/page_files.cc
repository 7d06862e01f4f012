#include "glue_security/server/page/page_files.h"

#include <string>

namespace glue_security {
namespace {

constexpr char kScript[] = "text/javascript; charset=utf-8";

// clang-format off
constexpr absl::string_view kIndexHtml =
#include "glue_security/server/page/index.html.inc"
    ;
constexpr absl::string_view kStyleCss =
#include "glue_security/server/page/style.css.inc"
    ;
constexpr absl::string_view kIconSvg =
#include "glue_security/server/page/icon.svg.inc"
    ;
constexpr absl::string_view kAppJs =
#include "glue_security/server/page/app.js.inc"
    ;
constexpr absl::string_view kClockJs =
#include "glue_security/server/page/clock.js.inc"
    ;
constexpr absl::string_view kDomJs =
#include "glue_security/server/page/dom.js.inc"
    ;
constexpr absl::string_view kFaultsJs =
#include "glue_security/server/page/faults.js.inc"
    ;
constexpr absl::string_view kHistoryJs =
#include "glue_security/server/page/history.js.inc"
    ;
constexpr absl::string_view kServerJs =
#include "glue_security/server/page/server.js.inc"
    ;
constexpr absl::string_view kStoredJs =
#include "glue_security/server/page/stored.js.inc"
    ;
// clang-format on

constexpr PageFile kFiles[] = {
    {"", "text/html; charset=utf-8", kIndexHtml},
    {"page/style.css", "text/css; charset=utf-8", kStyleCss},
    {"page/icon.svg", "image/svg+xml", kIconSvg},
    {"page/app.js", kScript, kAppJs},
    {"page/clock.js", kScript, kClockJs},
    {"page/dom.js", kScript, kDomJs},
    {"page/faults.js", kScript, kFaultsJs},
    {"page/history.js", kScript, kHistoryJs},
    {"page/server.js", kScript, kServerJs},
    {"page/stored.js", kScript, kStoredJs},
};

// Trusted types make every way by which a text could become markup an
// exception.
constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

}  // namespace

absl::Span<const PageFile> PageFiles() { return kFiles; }

const PageFile* FindPageFile(absl::string_view path) {
  for (const PageFile& file : kFiles) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

HttpResponse ToHttp(const PageFile& file) {
  HttpResponse response;
  response.headers = {{"Content-Type", std::string(file.content_type)},
                      {"Content-Security-Policy", kContentSecurityPolicy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}};
  response.body = std::string(file.content);
  return response;
}

}  // namespace glue_security
