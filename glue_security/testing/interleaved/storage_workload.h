// StorageWorkload: calls whose names, catalogs and values are such as storages
// mix up.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_WORKLOAD_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_WORKLOAD_H_

#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/workload.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace interleaved_internal {

// The calls of SmallWorkloadFor with other names for its "a", "b" and "c", by
// one or two callers, with small values or some that are large or end with a
// blank, and more requests for the next page. The choices of a run decide
// which.
class StorageWorkload {
 public:
  explicit StorageWorkload(const Behavior& behavior);

  // The caller of the simplest run.
  static const Caller& UsualCaller();

  // Chooses the names, callers and values of a run.
  void StartRun(ChoiceSource& choices);

  // Makes a client's next call.
  Call Next(ChoiceSource& choices, const ClientKnowledge& known) const;

 private:
  void ChangeNames(v1::Request* request) const;
  void ChangeValues(v1::Request* request) const;

  const CallGenerator generator_;
  std::vector<std::string> names_;
  std::vector<Caller> callers_;
  // Appended to the keys that records contain.
  std::string ending_;
};

}  // namespace interleaved_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_WORKLOAD_H_
