#include "glue_security/model/partition.h"

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(Partition, OfRegion_IsInTheStartOfItsName) {
  struct Row {
    absl::string_view region;
    absl::string_view partition;
    absl::string_view dns_suffix;
  };
  const Row kRows[] = {
      {"us-east-1", "aws", "amazonaws.com"},
      {"cn-north-1", "aws-cn", "amazonaws.com.cn"},
      {"us-gov-west-1", "aws-us-gov", "amazonaws.com"},
      {"us-iso-east-1", "aws-iso", "c2s.ic.gov"},
      {"us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"},
      {"eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"},
      {"us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"},
      {"eusc-de-east-1", "aws-eusc", "amazonaws.eu"},
      // Regions that only look like those of another partition.
      {"cn", "aws", "amazonaws.com"},
      {"us-isoc-east-1", "aws", "amazonaws.com"},
      {"", "aws", "amazonaws.com"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(PartitionOfRegion(row.region), row.partition) << row.region;
    EXPECT_EQ(DnsSuffixOfPartition(row.partition), row.dns_suffix)
        << row.partition;
  }
}

TEST(Partition, Unknown_HasTheSuffixOfTheCommercialOne) {
  EXPECT_EQ(DnsSuffixOfPartition("aws-of-tomorrow"), "amazonaws.com");
  EXPECT_EQ(DnsSuffixOfPartition(""), "amazonaws.com");
}

}  // namespace
}  // namespace glue_security
