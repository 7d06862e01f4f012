#include "glue_security/server/binary/flags.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "boost/asio/ip/address.hpp"
#include "glue_security/client/http_endpoint.h"
#include "glue_security/encryption/http_kms/http_kms.h"
#include "glue_security/flags/program_flags.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_upstream.h"
#include "glue_security/model/setting.h"
#include "glue_security/model/text_value.h"
#include "glue_security/policy/arn.h"
#include "glue_security/server/request_guard.h"

namespace glue_security {
namespace {

// The largest values of flags that bound a number or bytes.
constexpr int64_t kNumberMax = 1'000'000'000;
constexpr int64_t kBytesMax = 1'000'000'000'000;

// Threads that serve by default where a commit waits for a disk or a network.
constexpr int kThreadsThatWait = 16;

// Returns the contents of the credentials file, or of a policy that it names.
// Refuses a file that is too large to be one.
absl::StatusOr<std::string> ReadFile(const std::string& path) {
  constexpr size_t kFileBytesMax = size_t{1024} * 1024;
  const auto error = [&path](const std::string& why) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": ", why));
  };
  const auto system_error = [&error] {
    return error(std::generic_category().message(errno));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "re"), &std::fclose);
  if (file == nullptr) return system_error();
  std::string text(kFileBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return system_error();
  if (text.size() > kFileBytesMax) {
    return error("the file is larger than 1 MiB");
  }
  return text;
}

// Sets a field of the behavior or the limits.
std::string SetSetting(absl::string_view name, const std::string& value,
                       ProgramOptions* options) {
  return FindSetting(name)->Set(value, &options->settings);
}

std::string SetPort(const std::string& value, ProgramOptions* options) {
  return SetNumber(value, 0, UINT16_MAX, &options->server.listener.port);
}

std::string SetBind(const std::string& value, ProgramOptions* options) {
  boost::system::error_code error;
  boost::asio::ip::make_address(value, error);
  if (error) return "must be an IPv4 or IPv6 address of this machine";
  options->server.listener.address = value;
  return "";
}

std::string SetAccountId(const std::string& value, ProgramOptions* options) {
  if (!IsAccountId(value)) return "must be 12 digits";
  options->server.front_end.default_account_id = value;
  return "";
}

std::string SetBehavior(const std::string& value, ProgramOptions* options) {
  return SetPreset(value, &options->settings.behavior);
}

std::string SetApiDate(const std::string& value, ProgramOptions* options) {
  return SetSetting("api_date", value, options);
}

std::string SetStrict(const std::string& /*value*/, ProgramOptions* options) {
  return SetSetting("refuse_unknown_members", "true", options);
}

std::string SetPolicyChecks(const std::string& value, ProgramOptions* options) {
  return SetSetting("policy_checks", value, options);
}

std::string SetNumberLimit(const std::string& value, ProgramOptions* options) {
  return SetSetting("security_configurations_max", value, options);
}

// The rest of the URL is checked when the storage is opened.
// Sets the storage, and the threads that it wants; --threads, which is set
// after it, may say otherwise.
void UseStorage(const std::string& url, ProgramOptions* options) {
  options->storage_url = url;
  if (url != "memory") options->server.listener.threads = kThreadsThatWait;
}

std::string SetStorage(const std::string& value, ProgramOptions* options) {
  const auto is_of = [&value](absl::string_view scheme) {
    return absl::StartsWith(value, scheme) && value.size() > scheme.size();
  };
  if (value != "memory" && !is_of("sqlite:") && !is_of("etcd:")) {
    return "must be memory, sqlite:PATH or "
           "etcd://HOST:PORT[,HOST:PORT]/PREFIX";
  }
  UseStorage(value, options);
  options->has_storage = true;
  return "";
}

std::string SetData(const std::string& value, ProgramOptions* options) {
  // In the URL of a storage a question mark ends the path.
  if (value.empty() || absl::StrContains(value, '?')) {
    return "must be the path of a file, without '?'";
  }
  if (options->has_storage) return "cannot stand beside --storage";
  UseStorage(absl::StrCat("sqlite:", value), options);
  return "";
}

std::string SetUpstream(const std::string& value, ProgramOptions* options) {
  const auto endpoint = ParseHttpEndpoint(value);
  HttpUpstreamOptions* const upstream = &options->server.listener.upstream;
  if (!endpoint.ok() ||
      !SetNumber(endpoint->port, 1, UINT16_MAX, &upstream->port).empty()) {
    return "must be http://HOST:PORT";
  }
  upstream->host = endpoint->address();
  options->upstream_url = value;
  // The upstream has the keys of its clients, unless --kms says otherwise.
  options->answers_kms = false;
  return "";
}

std::string SetUpstreamSeconds(const std::string& value,
                               ProgramOptions* options) {
  int64_t seconds = 0;
  std::string wrong = SetNumber(value, 1, 86'400, &seconds);
  if (wrong.empty()) {
    options->server.listener.upstream.idle_timeout = absl::Seconds(seconds);
  }
  return wrong;
}

std::string SetUpstreamConnections(const std::string& value,
                                   ProgramOptions* options) {
  return SetNumber(value, 1, 100'000,
                   &options->server.listener.upstream.connections_max);
}

std::string SetKms(const std::string& value, ProgramOptions* options) {
  options->answers_kms = value == "local";
  if (value == "local") return "";
  options->kms_url = value;
  if (value == "upstream") {
    options->kms_url = options->upstream_url;
    return options->kms_url.empty() ? "upstream needs --upstream" : "";
  }
  const auto kms = HttpKms::Create(value, {});
  return kms.ok() ? "" : "must be local, upstream or http://HOST:PORT";
}

std::string SetCredentials(const std::string& path, ProgramOptions* options) {
  if (path.empty()) return "must be the path of a file";
  const auto text = ReadFile(path);
  if (!text.ok()) {
    return absl::StrCat(": ", text.status().message());
  }
  auto credentials = ParseCredentials(*text);
  if (!credentials.ok()) {
    return absl::StrCat(": ", path, ": ", credentials.status().message());
  }
  options->server.front_end.credentials = *std::move(credentials);
  options->credentials_path = path;
  return "";
}

std::string SetAuthorize(const std::string& /*value*/,
                         ProgramOptions* options) {
  options->authorizes = true;
  options->server.front_end.callers_are_root = true;
  return "";
}

std::string SetLog(const std::string& value, ProgramOptions* options) {
  using Log = ProgramOptions::Log;
  constexpr Words<Log, 3> kLogs = {
      {{"json", Log::kJson}, {"text", Log::kText}, {"off", Log::kOff}}};
  return SetWord(value, kLogs, &options->log);
}

std::string SetLogQueueBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetNumber(value, 1024, kNumberMax,
                   &options->log_queue.queue_bytes_max);
}

std::string SetLogQueueLines(const std::string& value,
                             ProgramOptions* options) {
  return SetNumber(value, 1, 10'000'000, &options->log_queue.queue_lines_max);
}

// The minimum has room for the longest body and the longest answer.
std::string SetBufferedBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetNumber(value, 16 << 20, kBytesMax,
                   &options->server.listener.buffered_bytes_max);
}

std::string SetCatalogLimit(const std::string& value, ProgramOptions* options) {
  return SetNumber(value, 0, kNumberMax, &options->storage.memory.catalogs_max);
}

std::string SetHistoryCalls(const std::string& value, ProgramOptions* options) {
  return SetNumber(value, 0, kNumberMax, &options->control.history.calls_max);
}

std::string SetHistoryBytes(const std::string& value, ProgramOptions* options) {
  return SetNumber(value, 0, kBytesMax, &options->control.history.bytes_max);
}

std::string SetSnapshotLimit(const std::string& value,
                             ProgramOptions* options) {
  return SetNumber(value, 0, kNumberMax, &options->snapshots.snapshots_max);
}

std::string SetSnapshotBytes(const std::string& value,
                             ProgramOptions* options) {
  return SetNumber(value, 0, kBytesMax, &options->snapshots.snapshot_bytes_max);
}

std::string SetStopSeconds(const std::string& value, ProgramOptions* options) {
  int64_t seconds = 0;
  std::string wrong = SetNumber(value, 0, 86'400, &seconds);
  if (wrong.empty()) {
    options->server.listener.drain_max = absl::Seconds(seconds);
  }
  return wrong;
}

std::string SetThreads(const std::string& value, ProgramOptions* options) {
  return SetNumber(value, 1, 256, &options->server.listener.threads);
}

std::string SetControl(const std::string& /*value*/, ProgramOptions* options) {
  options->has_control = true;
  return "";
}

std::string SetControlToken(const std::string& value, ProgramOptions* options) {
  if (auto status = CheckControlToken(value); !status.ok()) {
    return absl::StrCat(": ", status.message());
  }
  options->server.guard.control_token = value;
  return "";
}

std::string SetAllowHost(const std::string& value, ProgramOptions* options) {
  if (auto status = CheckAllowedHost(value); !status.ok()) {
    return absl::StrCat(": ", status.message());
  }
  options->server.guard.allowed_hosts.push_back(value);
  return "";
}

// The flags, in the order of --help. Their values are set in this order, too.
constexpr ProgramFlag<ProgramOptions> kFlags[] = {
    {"port", "port to listen on; 0 lets the system choose one",
     FlagTakes::kOneValue, "4566", &SetPort},
    {"bind", "address to listen on; by default, this machine only",
     FlagTakes::kOneValue, "127.0.0.1", &SetBind},
    {"account-id", "account of calls whose access key is not 12 digits",
     FlagTakes::kOneValue, "123456789012", &SetAccountId},
    // The flags that change a part of the behavior follow it.
    {"behavior",
     "documented: the contract of 2019 to the letter; observed: what the "
     "service was recorded doing; current: that with the newest model",
     FlagTakes::kOneValue, "current", &SetBehavior},
    {"api-date",
     "day, as 2024-02-05, whose model of the service is in force; by default, "
     "that of the behavior",
     FlagTakes::kOneValue, nullptr, &SetApiDate},
    {"strict", "refuse requests with a member that is not in force",
     FlagTakes::kNothing, nullptr, &SetStrict},
    {"policy-checks", "checks of policies: none, json, grammar or glue",
     FlagTakes::kOneValue, "glue", &SetPolicyChecks},
    {"number-limit", "limit of security configurations per account and region",
     FlagTakes::kOneValue, "250", &SetNumberLimit},
    {"catalog-limit",
     "limit of catalogs with records in memory, over all accounts and regions",
     FlagTakes::kOneValue, "100000", &SetCatalogLimit},
    {"storage",
     "where records are kept: memory, the default; sqlite:PATH; or, in "
     "glue-security-server-etcd, etcd://HOST:PORT[,HOST:PORT]/PREFIX",
     FlagTakes::kOneValue, nullptr, &SetStorage},
    {"data",
     "the file of records, whose path has no '?'; short for "
     "--storage=sqlite:FILE",
     FlagTakes::kOneValue, nullptr, &SetData},
    {"upstream",
     "http://HOST:PORT of another endpoint that answers what this server does "
     "not: other operations, other services",
     FlagTakes::kOneValue, nullptr, &SetUpstream},
    {"upstream-seconds",
     "seconds that the upstream may neither take nor send a byte",
     FlagTakes::kOneValue, "120", &SetUpstreamSeconds},
    {"upstream-connections",
     "number of connections to the upstream, at least that of the threads",
     FlagTakes::kOneValue, "256", &SetUpstreamConnections},
    // After --upstream, which changes its default.
    {"kms",
     "where keys are: local (the server then also answers KMS's operations), "
     "upstream, or http://HOST:PORT of a KMS; by default, local, but with "
     "--upstream that one answers KMS's operations",
     FlagTakes::kOneValue, nullptr, &SetKms},
    {"credentials",
     "a credentials file of the SDKs; every signature is then verified",
     FlagTakes::kOneValue, nullptr, &SetCredentials},
    {"authorize",
     "refuse calls that the policy of the catalog, or the identity policies of "
     "the credentials file, do not allow",
     FlagTakes::kNothing, nullptr, &SetAuthorize},
    {"log", "a line for each request: json, text or off", FlagTakes::kOneValue,
     "text", &SetLog},
    {"log-queue-bytes",
     "bytes of log lines that may wait to be written; further lines are "
     "dropped and counted",
     FlagTakes::kOneValue, "1048576", &SetLogQueueBytes},
    {"log-queue-lines", "number of log lines that may wait to be written",
     FlagTakes::kOneValue, "10000", &SetLogQueueLines},
    {"buffered-bytes", "bytes of pending requests and answers; 503 beyond",
     FlagTakes::kOneValue, "67108864", &SetBufferedBytes},
    {"threads",
     "threads that serve; by default, 2, or 16 when the storage is not memory, "
     "since its commits wait for a disk or a network",
     FlagTakes::kOneValue, nullptr, &SetThreads},
    {"stop-seconds",
     "seconds that calls under way may take after SIGTERM or SIGINT",
     FlagTakes::kOneValue, "10", &SetStopSeconds},
    {"control", "offer the endpoints for test harnesses below /_glue_security/",
     FlagTakes::kNothing, nullptr, &SetControl},
    {"control-token",
     "token that requests to control need in x-glue-security-token; by "
     "default, none on a loopback address; on others, a random one, printed "
     "below the URL",
     FlagTakes::kOneValue, nullptr, &SetControlToken},
    {"history-calls",
     "number of calls that control's history keeps, the latest ones",
     FlagTakes::kOneValue, "100000", &SetHistoryCalls},
    {"history-bytes", "bytes of memory for control's history",
     FlagTakes::kOneValue, "67108864", &SetHistoryBytes},
    {"snapshot-limit", "number of snapshots that control keeps",
     FlagTakes::kOneValue, "100", &SetSnapshotLimit},
    {"snapshot-bytes", "bytes of records in all snapshots",
     FlagTakes::kOneValue, "268435456", &SetSnapshotBytes},
    {"allow-host",
     "NAME or NAME:PORT by which clients may call this server, besides "
     "localhost, 127.0.0.1 and [::1]; * allows every name; may be repeated",
     FlagTakes::kValues, nullptr, &SetAllowHost},
};

constexpr char kHead[] =
    R"(Usage: glue-security-server [FLAG]...

A mock of AWS Glue's Security API. It prints its URL when it is ready. On
SIGTERM or SIGINT it ends once it has answered what was sent; a second signal
ends it at once.
)";

// Reads the identity policies that the credentials file names.
absl::Status ReadIdentities(ProgramOptions* options) {
  const auto& credentials = options->server.front_end.credentials;
  if (!credentials.has_value()) return absl::OkStatus();
  const std::string& path = options->credentials_path;
  // Up to the last slash; empty when there is none.
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  auto table = IdentityTable::Create(*credentials, folder, ReadFile);
  if (!table.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--credentials: ", table.status().message()));
  }
  options->identities = *std::move(table);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ProgramOptions> ParseFlags(int argc, const char* const* argv) {
  ProgramOptions options;
  auto text = ParseProgramFlags(kHead, kFlags, argc, argv, &options);
  if (!text.ok()) return text.status();
  options.information = *std::move(text);
  if (!options.information.empty()) return options;
  if (!options.has_control && !options.server.guard.control_token.empty()) {
    return absl::InvalidArgumentError("--control-token needs --control");
  }
  const HttpListenerOptions& listener = options.server.listener;
  if (listener.upstream.connections_max <
      static_cast<size_t>(listener.threads)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--upstream-connections must be at least the number of "
                     "threads, ",
                     listener.threads));
  }
  if (options.authorizes) {
    if (auto status = ReadIdentities(&options); !status.ok()) return status;
  }
  // No flag sets this copy itself, so that both are always the same.
  options.server.front_end.behavior = options.settings.behavior;
  return options;
}

}  // namespace glue_security
