// WipedJsonScratch: the memory of a parse whose text contains secrets.

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_WIPED_JSON_SCRATCH_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_WIPED_JSON_SCRATCH_H_

#include "glue_security/json/json_scratch.h"

namespace glue_security {

// A scratch for one parse whose text is overwritten afterwards.
class WipedJsonScratch {
 public:
  WipedJsonScratch() = default;
  ~WipedJsonScratch() { scratch_->Wipe(); }
  WipedJsonScratch(const WipedJsonScratch&) = delete;
  WipedJsonScratch& operator=(const WipedJsonScratch&) = delete;

  JsonScratch* get() const { return scratch_.get(); }

 private:
  BorrowedJsonScratch scratch_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_WIPED_JSON_SCRATCH_H_
