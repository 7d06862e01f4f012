#include "glue_security/model/partition.h"

#include "absl/strings/match.h"

namespace glue_security {
namespace {

struct Partition {
  absl::string_view name;
  // The start of its regions.
  absl::string_view region_start;
  absl::string_view dns_suffix;
};

constexpr absl::string_view kCommercial = "aws";
constexpr absl::string_view kCommercialSuffix = "amazonaws.com";

// All but the one of the other regions.
constexpr Partition kPartitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn"},
    {"aws-us-gov", "us-gov-", "amazonaws.com"},
    {"aws-iso", "us-iso-", "c2s.ic.gov"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"},
    {"aws-eusc", "eusc-", "amazonaws.eu"},
};

}  // namespace

absl::string_view PartitionOfRegion(absl::string_view region) {
  for (const Partition& partition : kPartitions) {
    if (absl::StartsWith(region, partition.region_start)) return partition.name;
  }
  return kCommercial;
}

absl::string_view DnsSuffixOfPartition(absl::string_view partition) {
  for (const Partition& known : kPartitions) {
    if (partition == known.name) return known.dns_suffix;
  }
  return kCommercialSuffix;
}

}  // namespace glue_security
