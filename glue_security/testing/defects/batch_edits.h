// EraseKey: takes a record out of a batch, for planted defects.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_BATCH_EDITS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_BATCH_EDITS_H_

#include <algorithm>

#include "glue_security/model/record.h"

namespace glue_security {

// Erases the preconditions or mutations of `key`.
template <typename Elements>
void EraseKey(const RecordKey& key, Elements* elements) {
  elements->erase(
      std::remove_if(elements->begin(), elements->end(),
                     [&](const auto& element) { return element.key == key; }),
      elements->end());
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_BATCH_EDITS_H_
