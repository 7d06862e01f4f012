// The files of the server's page, which are in the program. They are the same
// for everybody; the page reads what it shows from the endpoints of control.

#ifndef GLUE_SECURITY_SERVER_PAGE_PAGE_FILES_H_
#define GLUE_SECURITY_SERVER_PAGE_PAGE_FILES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "glue_security/http/http_message.h"

namespace glue_security {

struct PageFile {
  // Below the path of control; empty for the page itself.
  absl::string_view path;
  absl::string_view content_type;
  absl::string_view content;
};

// Returns all files.
absl::Span<const PageFile> PageFiles();

// Returns the file at `path`, or null when there is none.
const PageFile* FindPageFile(absl::string_view path);

// Returns the answer to a GET of the file. Its headers let the page load
// nothing of another origin, run no script and use no style but its own, and
// stand in no frame.
HttpResponse ToHttp(const PageFile& file);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_PAGE_PAGE_FILES_H_
