#include "glue_security/storage/etcd/etcd_url.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/storage/etcd/etcd_storage.h"

namespace glue_security {
namespace {

constexpr char kScheme[] = "etcd";
constexpr char kForm[] = "etcd://HOST:PORT[,HOST:PORT]/PREFIX";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  constexpr size_t kBytesMax = size_t{1} << 20;
  const auto wrong = [&path](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": ", why));
  };
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return wrong(std::strerror(errno));
  std::string text(kBytesMax + 1, '\0');
  file.read(&text[0], static_cast<std::streamsize>(text.size()));
  if (file.bad()) return wrong(std::strerror(errno));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kBytesMax) return wrong("the file is larger than 1 MiB");
  return text;
}

// Returns true when `endpoint` ends with a port.
bool IsEndpoint(absl::string_view endpoint) {
  const size_t colon = endpoint.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(endpoint.substr(colon + 1), &port) && port > 0 &&
         port <= 65535;
}

// The options after the '?'. Each may be given once.
class UrlOptions {
 public:
  // Returns what is wrong, or "".
  std::string Parse(absl::string_view text) {
    for (const absl::string_view option : absl::StrSplit(text, '&')) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(option, absl::MaxSplits('=', 1));
      if (values_.count(parts.first) == 0) {
        return absl::StrCat("there is no option \"", parts.first, "\"");
      }
      std::string& value = values_[parts.first];
      if (!value.empty() || parts.second.empty()) {
        return absl::StrCat(parts.first, " takes one value");
      }
      value = parts.second;
    }
    if (Get("cert").empty() != Get("key").empty()) return "cert needs key";
    if (Get("user").empty() != Get("password").empty()) {
      return "user needs password";
    }
    if (!Get("tls").empty() && Get("tls") != "system") {
      return "tls can be system";
    }
    if (!Get("other_cluster").empty() && Get("other_cluster") != "accept") {
      return "other_cluster can be accept";
    }
    return "";
  }

  const std::string& Get(const std::string& name) const {
    return values_.at(name);
  }

 private:
  std::map<std::string, std::string> values_ = {
      {"ca", ""},       {"cert", ""}, {"key", ""},          {"tls", ""},
      {"password", ""}, {"user", ""}, {"other_cluster", ""}};
};

absl::Status ReadSecrets(const UrlOptions& from, EtcdStorageOptions* to) {
  const bool has_tls = !from.Get("ca").empty() || !from.Get("cert").empty() ||
                       !from.Get("tls").empty();
  if (has_tls) {
    EtcdTls& tls = to->tls.emplace();
    if (!from.Get("ca").empty()) {
      auto text = ReadFile(from.Get("ca"));
      if (!text.ok()) return text.status();
      tls.authorities = *std::move(text);
    }
    if (!from.Get("cert").empty()) {
      auto certificate = ReadFile(from.Get("cert"));
      if (!certificate.ok()) return certificate.status();
      const auto key = ReadFile(from.Get("key"));
      if (!key.ok()) return key.status();
      tls.certificate = *std::move(certificate);
      tls.key = Secret(*key);
    }
  }
  if (!from.Get("user").empty()) {
    const auto password = ReadFile(from.Get("password"));
    if (!password.ok()) return password.status();
    to->user = EtcdUser{
        from.Get("user"),
        Secret(absl::string_view(*password).substr(0, password->find('\n')))};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EtcdStorageOptions> ParseEtcdUrl(absl::string_view url) {
  const auto wrong = [url](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", url, "\": ", why, "; the form is ", kForm));
  };
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "etcd://")) {
    return wrong("it does not begin with etcd://");
  }
  UrlOptions url_options;
  const size_t question = rest.find('?');
  if (question != absl::string_view::npos) {
    const std::string error = url_options.Parse(rest.substr(question + 1));
    if (!error.empty()) return wrong(error);
    rest = rest.substr(0, question);
  }
  const size_t slash = rest.find('/');
  if (slash == absl::string_view::npos || slash + 1 == rest.size()) {
    return wrong("it has no prefix");
  }
  EtcdStorageOptions options;
  options.prefix = std::string(rest.substr(slash + 1));
  for (const absl::string_view endpoint :
       absl::StrSplit(rest.substr(0, slash), ',')) {
    if (!IsEndpoint(endpoint)) return wrong("an endpoint is HOST:PORT");
    options.endpoints.emplace_back(endpoint);
  }
  options.accept_other_cluster = !url_options.Get("other_cluster").empty();
  if (auto status = ReadSecrets(url_options, &options); !status.ok()) {
    return status;
  }
  return options;
}

StorageKind EtcdKind() {
  StorageKind kind;
  kind.scheme = kScheme;
  kind.form = kForm;
  kind.open = [](absl::string_view url,
                 StorageMetrics* metrics) -> absl::StatusOr<OpenedStorage> {
    auto options = ParseEtcdUrl(url);
    if (!options.ok()) return options.status();
    options->metrics = metrics;
    auto storage = EtcdStorage::Open(*options);
    if (!storage.ok()) return storage.status();
    OpenedStorage opened;
    opened.maintenance = storage->get();
    opened.storage = *std::move(storage);
    return opened;
  };
  return kind;
}

}  // namespace glue_security
