#include "tests/growth/front_end_cases.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/front_end.h"

namespace glue_security {
namespace {

// Bytes per unit of size: of a body, and of a header (per thousand units).
constexpr size_t kBodyBytes = 235;
constexpr size_t kHeaderBytesPerThousand = 1600;

// Never called: no request here has a correct signature.
class NoExecutor : public Executor {
 public:
  std::unique_ptr<Call> Begin() override { return std::make_unique<NoCall>(); }

 private:
  class NoCall : public Call {
   public:
    v1::Response Execute(int /*connection*/, const Caller& /*caller*/,
                         const v1::Request& /*request*/,
                         Delivery* /*delivery*/) override {
      std::abort();
    }
  };
};

// Repeats `piece` as often as fits into `bytes`. Copies large blocks, so that
// the instructions counted are those spent on the text, not on making it.
std::string Repeat(absl::string_view piece, size_t bytes) {
  std::string text;
  text.reserve(bytes);
  const size_t size = bytes / piece.size() * piece.size();
  while (text.size() < size) {
    if (text.empty()) {
      text = std::string(piece);
    } else {
      text.append(text, 0, std::min(text.size(), size - text.size()));
    }
  }
  return text;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

void Handle(const std::string& body, const Headers& more) {
  FrontEndOptions options;
  Credential credential;
  credential.access_key_id = "AKID";
  credential.secret_access_key = "secret";
  options.credentials.emplace();
  options.credentials->emplace("AKID", credential);
  NoExecutor executor;
  FrontEnd front_end(&executor, options);
  HttpRequest request;
  request.method = "POST";
  request.target = "/";
  request.headers = {{"Host", "localhost"},
                     {"Content-Type", "application/x-amz-json-1.1"},
                     {"X-Amz-Target", "AWSGlue.PutResourcePolicy"}};
  for (const auto& [name, value] : more) {
    request.headers.emplace_back(name, value);
  }
  request.body = body;
  RequestRecord record;
  const HttpResponse response = front_end.Handle(request, &record);
  if (response.status != 400) std::abort();
}

void Unsigned(const std::string& body) { Handle(body, {}); }

// Signs wrongly with an existing key and the current time, so that the whole
// signature is computed.
void WronglySigned(const std::string& body, Headers headers = {}) {
  const std::string time =
      absl::FormatTime("%E4Y%m%dT%H%M%SZ", absl::Now(), absl::UTCTimeZone());
  std::string names = "host;x-amz-date;x-amz-target";
  for (const auto& [name, value] : headers) absl::StrAppend(&names, ";", name);
  headers.emplace_back("X-Amz-Date", time);
  headers.emplace_back(
      "Authorization",
      absl::StrCat("AWS4-HMAC-SHA256 Credential=AKID/", time.substr(0, 8),
                   "/us-east-1/glue/aws4_request, SignedHeaders=", names,
                   ", Signature=", std::string(64, '0')));
  Handle(body, headers);
}

std::string PolicyBody(size_t n, absl::string_view piece) {
  return absl::StrCat(R"({"PolicyInJson":")", Repeat(piece, n * kBodyBytes),
                      "\"}");
}

std::string IgnoredBody(size_t n, absl::string_view piece) {
  return absl::StrCat("{\"a\":[", Repeat(piece, n * kBodyBytes), "0]}");
}

}  // namespace

std::vector<std::pair<std::string, std::function<void(size_t)>>>
FrontEndCases() {
  return {
      {"unsigned_text", [](size_t n) { Unsigned(PolicyBody(n, "a")); }},
      {"unsigned_escapes",
       [](size_t n) { Unsigned(PolicyBody(n, "\\u00e9")); }},
      {"unsigned_ignored_numbers",
       [](size_t n) { Unsigned(IgnoredBody(n, "0,")); }},
      {"unsigned_ignored_lists",
       [](size_t n) { Unsigned(IgnoredBody(n, "[[[[[[[[]]]]]]]],")); }},
      {"unsigned_ignored_members",
       [](size_t n) {
         Unsigned(
             absl::StrCat("{", Repeat("\"a\":0,", n * kBodyBytes), "\"b\":0}"));
       }},
      {"unsigned_known_members",
       [](size_t n) {
         Unsigned(absl::StrCat("{",
                               Repeat(R"("PolicyInJson":"a",)", n * kBodyBytes),
                               "\"b\":0}"));
       }},
      {"wrongly_signed_text",
       [](size_t n) { WronglySigned(PolicyBody(n, "a")); }},
      {"wrongly_signed_ignored_numbers",
       [](size_t n) { WronglySigned(IgnoredBody(n, "0,")); }},
      {"wrongly_signed_headers",
       [](size_t n) {
         Headers headers;
         // Each name occurs twice: as a header and among the signed headers.
         for (size_t i = 0; i < n * kHeaderBytesPerThousand / 1000 / 16; ++i) {
           headers.emplace_back(absl::StrCat("h", 10'000 + i), "v");
         }
         WronglySigned("{}", std::move(headers));
       }},
      {"wrongly_signed_blanks",
       [](size_t n) {
         WronglySigned(
             "{}", {{"h", Repeat("v  ", n * kHeaderBytesPerThousand / 1000)}});
       }},
  };
}

}  // namespace glue_security
