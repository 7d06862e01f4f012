// CatalogArnStart: the prefix of the ARNs of a catalog's resources.

#ifndef GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_
#define GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_

#include <array>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/policy/arn.h"

namespace glue_security {

// The prefix is "arn:PARTITION:glue:REGION:ACCOUNT:". Nearly all resources of a
// policy have it, and comparing it takes less time than splitting the ARN.
class CatalogArnStart {
 public:
  // `partition` is that of the catalog.
  CatalogArnStart(const CatalogName& catalog, absl::string_view partition) {
    // There is no prefix if a name has a colon or is too long. SplitArn handles
    // such ARNs.
    for (const absl::string_view name :
         {partition, catalog.region, catalog.account_id}) {
      if (absl::StrContains(name, ':')) return;
    }
    const std::array<absl::string_view, 7> pieces = {
        "arn:", partition,          ":glue:", catalog.region,
        ":",    catalog.account_id, ":"};
    size_t size = 0;
    for (const absl::string_view piece : pieces) size += piece.size();
    if (size > bytes_.size()) return;
    for (const absl::string_view piece : pieces) {
      size_ += piece.copy(bytes_.data() + size_, piece.size());
    }
  }

  // Removes the prefix from `text`. Returns false if `text` does not start with
  // it, or if there is no prefix.
  bool Consume(absl::string_view* text) const {
    return size_ > 0 && absl::ConsumePrefix(text, {bytes_.data(), size_});
  }

 private:
  std::array<char, 64> bytes_{};
  size_t size_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_CHECK_CATALOG_ARN_START_H_
