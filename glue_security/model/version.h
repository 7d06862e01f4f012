// kLibraryVersion: the version of the library and its programs.

#ifndef GLUE_SECURITY_MODEL_VERSION_H_
#define GLUE_SECURITY_MODEL_VERSION_H_

namespace glue_security {

// The C header states the version, too. `tools/check_sources.py` compares them.
inline constexpr char kLibraryVersion[] = "0.1.0";

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_VERSION_H_
