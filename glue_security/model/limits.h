// The numbers that the contract leaves open or calls adjustable. The bounds of
// single members are not here: they are options in the protos.

#ifndef GLUE_SECURITY_MODEL_LIMITS_H_
#define GLUE_SECURITY_MODEL_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace glue_security {

// Any value is legal; the engine treats a bound below 1 as 1, save
// `security_configurations_max`, where 0 and below allow none.
struct Limits {
  // Security configurations per catalog: the service quota of 250 per account
  // and region, adjustable there too. At the limit a create answers
  // ResourceNumberLimitExceededException.
  int64_t security_configurations_max = 250;

  // The serialized size of a request, in bytes. It bounds what the contract
  // leaves unbounded (KmsKeyArn, S3Encryption, NextToken). A larger request is
  // an InvalidInputException before anything else is looked at. More than 1 GiB
  // counts as 1 GiB.
  size_t request_bytes_max = size_t{256} * 1024;

  // A page of security configurations ends, with a token, before its names and
  // stored records together pass this many bytes. One record always fits.
  size_t response_bytes_max = size_t{4} * 1024 * 1024;

  // Configurations on a page when MaxResults is absent.
  int32_t page_size_default = 100;

  // The largest MaxResults that the real service serves; in force where
  // `Behavior::limit_page_size` says so. See there.
  int32_t page_size_observed_max = 200;

  // How many code points of a value a message quotes; in force where
  // `Behavior::cut_quoted_values` says so. See there.
  size_t quoted_value_code_points_max = 64;

  // How deep arrays and objects of a policy document may nest, 1024 at most.
  size_t policy_depth_max = 128;

  // How many broken constraints an error lists. Its message counts them all.
  int violations_max = 1000;

  // How often a run turns to the storage anew before it gives up: commits, and
  // the looks at the state that an unknown commit makes necessary.
  int attempts_max = 64;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_LIMITS_H_
