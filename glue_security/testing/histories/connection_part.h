// The part of a history that is about the connections of one catalog. It has
// the Puts of the settings, too: they decide what becomes of a password.
//
// The passwords of Kafka are not judged, nor are refusals of a key service.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_CONNECTION_PART_H_
#define GLUE_SECURITY_TESTING_HISTORIES_CONNECTION_PART_H_

#include <cstdint>
#include <string>
#include <vector>

#include "glue_security/testing/histories/linearizability_options.h"
#include "glue_security/testing/histories/partition.h"

namespace glue_security {
namespace history_internal {

// Fills in the ops of `partition`, whose entries are set.
void FillConnections(const LinearizabilityOptions& options,
                     Partition* partition);

// The sequential specification of such a part, as `Spec` has it.
class ConnectionSpec {
 public:
  // REQUIRES: both outlive this.
  ConnectionSpec(const Partition* partition,
                 const LinearizabilityOptions* options)
      : partition_(*partition), options_(*options) {}

  State Initial() const;
  v1::ErrorCode Decide(const Op& op, const State& state) const;
  // Returns true when the answer of `op`, which has no error, can be given at
  // `state`. Makes the times and texts known that it shows.
  bool Shows(const Op& op, State* state) const;
  void Effect(const Op& op, State* state) const;
  std::string Expected(const Op& op, const State& state) const;
  std::string Describe(const State& state) const;

 private:
  bool ShowsConnection(const Op& op, const ShownConnection& shown,
                       State* state) const;
  bool ShowsPassword(const Op& op, const ShownConnection& shown,
                     State* state) const;
  bool ShowsPage(const Op& op, int64_t first, State* state) const;
  bool ShowsDeletions(const Op& op, const State& state) const;
  void Write(const Op& op, State* state) const;
  bool BindTime(int64_t shown, int64_t* time) const;
  int64_t CountOf(const State& state) const;
  std::string DescribeConnection(int64_t name, const State& state) const;

  const Partition& partition_;
  const LinearizabilityOptions& options_;
};

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_CONNECTION_PART_H_
