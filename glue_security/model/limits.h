// Limits: the numbers that the contract leaves open or calls adjustable. The
// bounds of single members are not here but in options of the protos.

#ifndef GLUE_SECURITY_MODEL_LIMITS_H_
#define GLUE_SECURITY_MODEL_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace glue_security {

// Any value is legal. The engine treats a bound below 1 as 1, except
// `security_configurations_max` and `connections_max`, where 0 and below allow
// none.
struct Limits {
  // Security configurations per catalog: the service quota of 250 per account
  // and region, adjustable there too. At the limit a create is answered with
  // ResourceNumberLimitExceededException.
  int64_t security_configurations_max = 250;

  // Connections per catalog, likewise.
  int64_t connections_max = 1000;

  // The serialized size of a request, in bytes. It bounds the members that the
  // contract leaves unbounded (KmsKeyArn, S3Encryption, NextToken). A larger
  // request is an InvalidInputException, before any other check. A value above
  // 1 GiB counts as 1 GiB. It also bounds a policy that is stored re-printed
  // (`Behavior::reprint_policies`), so that it can be put back.
  size_t request_bytes_max = size_t{256} * 1024;

  // A page of a list ends, with a token, before its names and
  // stored records together exceed this many bytes. One record always fits.
  size_t response_bytes_max = size_t{4} * 1024 * 1024;

  // Entries on a page when MaxResults is absent.
  int32_t page_size_default = 100;

  // The largest MaxResults that the real service accepts. Applies only when
  // `Behavior::limit_page_size` is set.
  int32_t page_size_observed_max = 200;

  // How many code points of a value a message quotes. Applies only when
  // `Behavior::cut_quoted_values` is set.
  size_t quoted_value_code_points_max = 64;

  // The size of PolicyInJson, in bytes, since the model of 2022-03-18 names no
  // maximum; more is an InvalidInputException. Where policies are re-printed
  // (`Behavior::reprint_policies`), insignificant blanks do not count. Before
  // that date the constraint of 10240 bytes holds instead.
  size_t policy_bytes_max = 10240;

  // How deep arrays and objects of a policy document may nest. A value above
  // 1024 counts as 1024.
  size_t policy_depth_max = 128;

  // How many broken constraints an error lists. Its message counts them all.
  int violations_max = 1000;

  // How many times a run tries before it gives up. Commits count, and so do the
  // reads that an unknown commit makes necessary.
  int attempts_max = 64;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_LIMITS_H_
