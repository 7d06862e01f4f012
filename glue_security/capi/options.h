// The options of the C door: names and values.

#ifndef GLUE_SECURITY_CAPI_OPTIONS_H_
#define GLUE_SECURITY_CAPI_OPTIONS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/capi/embedded_engine.h"
#include "glue_security/capi/glue_security.h"
#include "glue_security/policy/glue_policy_flags.h"

namespace glue_security {

// Sets `view` to the bytes of `text`. Errors: kInvalidArgument for no pointer
// beside a size, and for more than 1 GiB; the bytes are then not read.
absl::Status ReadText(const glue_security_text& text, absl::string_view* view);

using OptionList = std::vector<std::pair<absl::string_view, absl::string_view>>;

// Returns the names and values. Errors: kInvalidArgument as of `ReadText`, for
// no pointer beside a count, and for more than 1,000 options.
absl::StatusOr<OptionList> ReadOptions(const glue_security_option* options,
                                       size_t count);

// Returns the options of an engine. Errors: kInvalidArgument for a name that
// does not exist or is given twice, and for a wrong value.
absl::StatusOr<EmbeddedOptions> ParseOpenOptions(const OptionList& options);

// Returns the flags of a command of glue-policy, "check" or "decide", whose
// names are those of the options. Errors: kInvalidArgument.
absl::StatusOr<GluePolicyFlags> ParsePolicyOptions(const std::string& command,
                                                   const OptionList& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CAPI_OPTIONS_H_
