// CatalogArnStart: what the ARNs of a catalog's resources start with.

#ifndef GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_
#define GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_

#include <array>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace glue_security {

// "arn:aws:glue:REGION:ACCOUNT:". Nearly all resources of a policy start with
// it, and to see that takes less time than to split them.
class CatalogArnStart {
 public:
  CatalogArnStart(absl::string_view region, absl::string_view account_id) {
    // Texts that would be split elsewhere, and such as are too long for a
    // region and an account, are left to those who split.
    if (absl::StrContains(region, ':') || absl::StrContains(account_id, ':')) {
      return;
    }
    const std::array<absl::string_view, 5> pieces = {"arn:aws:glue:", region,
                                                     ":", account_id, ":"};
    size_t size = 0;
    for (const absl::string_view piece : pieces) size += piece.size();
    if (size > bytes_.size()) return;
    for (const absl::string_view piece : pieces) {
      size_ += piece.copy(bytes_.data() + size_, piece.size());
    }
  }

  // Takes it away from the start of `text`. False: it does not stand there, or
  // this does not know.
  bool Consume(absl::string_view* text) const {
    return size_ > 0 && absl::ConsumePrefix(text, {bytes_.data(), size_});
  }

 private:
  std::array<char, 64> bytes_{};
  size_t size_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_
