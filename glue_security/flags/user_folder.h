// EnterUserFolder: lets paths of a command line mean what they say under `bazel
// run`, too, which starts a program in a folder of its own:
//
//   ./bazelw run //some:program -- notes.txt  // The user's, in this folder.

#ifndef GLUE_SECURITY_FLAGS_USER_FOLDER_H_
#define GLUE_SECURITY_FLAGS_USER_FOLDER_H_

namespace glue_security {

// Goes to the folder in which `bazel run` was called. Does nothing in a program
// that was started otherwise. Call it before any thread is started.
void EnterUserFolder();

}  // namespace glue_security

#endif  // GLUE_SECURITY_FLAGS_USER_FOLDER_H_
