// The path below which the control endpoints are.

#ifndef GLUE_SECURITY_SERVER_CONTROL_PATH_H_
#define GLUE_SECURITY_SERVER_CONTROL_PATH_H_

namespace glue_security {

// AWS uses no such path.
inline constexpr char kControlPath[] = "/_glue_security/";

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_PATH_H_
