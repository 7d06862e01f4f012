// The flags of glue-security-server: one table of them, from which come the
// text of --help, the defaults, and the check of every value.
//
//   auto parsed = ParseFlags(argc, argv);
//   if (!parsed.ok()) ...               // "--storage is memory"
//   if (!parsed->help.empty()) ...      // --help was among them
//
// A new flag is a row of the table in flags.cc and, where no option of a
// library takes its value, a member of `ProgramOptions`.

#ifndef GLUE_SECURITY_SERVER_BINARY_FLAGS_H_
#define GLUE_SECURITY_SERVER_BINARY_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/server/binary/memory_state.h"
#include "glue_security/server/control.h"
#include "glue_security/server/log_writer.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory_storage.h"

namespace glue_security {

// What the flags say.
struct ProgramOptions {
  enum class Log { kText, kJson, kOff };

  // Not empty: the text of --help, which is all that was asked for.
  std::string help;
  EngineOptions engine;
  MemoryStorageOptions storage;
  ServerOptions server;
  Log log = Log::kText;
  LogWriterOptions log_queue;
  bool has_control = false;
  ControlOptions control;
  MemoryStateOptions snapshots;
};

// Reads the command line. Errors: kInvalidArgument, with a text for a person,
// for the first flag that is wrong. Nothing has been started then.
absl::StatusOr<ProgramOptions> ParseFlags(int argc, const char* const* argv);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_FLAGS_H_
