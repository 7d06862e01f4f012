// The flags of glue-security-server.
//
//   auto parsed = ParseFlags(argc, argv);
//   if (!parsed.ok()) ...               // "--port must be a number from ..."
//   if (!parsed->information.empty()) ...   // --help or --version was given
//
// A new flag needs a row in the table in flags.cc and, unless an option of a
// library has its value, a member of `ProgramOptions`.

#ifndef GLUE_SECURITY_SERVER_BINARY_FLAGS_H_
#define GLUE_SECURITY_SERVER_BINARY_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "glue_security/control/storage_state.h"
#include "glue_security/model/setting.h"
#include "glue_security/server/binary/identity_table.h"
#include "glue_security/server/control.h"
#include "glue_security/server/log_writer.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/url/storage_from_url.h"

namespace glue_security {

// The options that the flags set.
struct ProgramOptions {
  enum class Log { kText, kJson, kOff };

  // The text of --help or --version if it was given, else empty. The other
  // options are then not set.
  std::string information;
  // Its behavior is also that of `server.front_end`.
  BackendSettings settings;
  // The name of the credentials file; empty: none is given.
  std::string credentials_path;
  bool authorizes = false;
  // With `authorizes`: what the callers' identity policies say.
  IdentityTable identities;
  // The URL of the storage (glue_security/storage/url/storage_from_url.h).
  std::string storage_url = "memory";
  // --storage was given.
  bool has_storage = false;
  StorageUrlOptions storage;
  ServerOptions server;
  Log log = Log::kText;
  LogWriterOptions log_queue;
  bool has_control = false;
  ControlOptions control;
  StorageStateOptions snapshots;
  // The endpoint of the key service; empty: one of the server's own.
  std::string kms_url;
  // The server answers KMS's operations to clients.
  bool answers_kms = true;
  // The URL of the upstream; empty: there is none.
  std::string upstream_url;
};

// Parses the command line. Errors: kInvalidArgument, with a readable message,
// for the first flag that is wrong.
absl::StatusOr<ProgramOptions> ParseFlags(int argc, const char* const* argv);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_FLAGS_H_
