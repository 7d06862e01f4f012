// The style and the script of the page of a timeline. Both are the same for
// every history.

#ifndef GLUE_SECURITY_BACKEND_TIMELINE_ASSETS_H_
#define GLUE_SECURITY_BACKEND_TIMELINE_ASSETS_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// The page adds rules of its own: the places of the boxes, and the properties
// --columns (the number of columns), --rows and --rows-that-matter (the heights
// of the rows, with and without faded calls).
extern const absl::string_view kTimelineStyle;

extern const absl::string_view kTimelineScript;

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_TIMELINE_ASSETS_H_
