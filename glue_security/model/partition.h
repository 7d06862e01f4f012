// Partitions of AWS, such as "aws" and "aws-cn".

#ifndef GLUE_SECURITY_MODEL_PARTITION_H_
#define GLUE_SECURITY_MODEL_PARTITION_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Returns the partition of a region: "aws-cn" for "cn-north-1". A region that
// is in no other partition is in "aws".
absl::string_view PartitionOfRegion(absl::string_view region);

// Returns the end of the names of a partition's services: "amazonaws.com.cn"
// for "aws-cn". A partition that is not known has that of "aws",
// "amazonaws.com".
absl::string_view DnsSuffixOfPartition(absl::string_view partition);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_PARTITION_H_
