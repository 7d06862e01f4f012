#include "glue_security/server/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricsTest, NothingYetIsOnlyTheHead) {
  EXPECT_THAT(Metrics().Text(), Not(HasSubstr("{")));
}

TEST(MetricsTest, ARequestIsInItsBucketAndAllAboveIt) {
  Metrics metrics;
  const auto put = v1::Request::kPutResourcePolicy;
  metrics.Record(put, "ok", absl::Microseconds(16));
  metrics.Record(put, "ok", absl::Microseconds(17));
  metrics.Record(put, "ok", absl::Seconds(100));
  const std::string text = metrics.Text();
  const std::string labels = R"({operation="PutResourcePolicy",outcome="ok")";
  const std::string name = "glue_security_request_duration_seconds";
  EXPECT_THAT(text,
              HasSubstr(name + "_bucket" + labels + ",le=\"1.6e-05\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr(name + "_bucket" + labels + ",le=\"3.2e-05\"} 2\n"));
  EXPECT_THAT(text,
              HasSubstr(name + "_bucket" + labels + ",le=\"8.388608\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum" + labels + "} 100.000033000\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count" + labels + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE " + name + " histogram\n"));
}

TEST(MetricsTest, OutcomesAndOperationsAreToldApart) {
  Metrics metrics;
  metrics.Record(kNoOperation, "UnknownOperationException",
                 absl::Microseconds(1));
  metrics.Record(v1::Request::kGetResourcePolicy, "EntityNotFoundException",
                 absl::Microseconds(1));
  metrics.Record(v1::Request::kGetResourcePolicy, "NobodyKnowsException",
                 absl::Microseconds(1));
  const std::string text = metrics.Text();
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(_count{operation="none",outcome="UnknownOperationException"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(_count{operation="GetResourcePolicy",outcome="EntityNotFoundException"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(_count{operation="GetResourcePolicy",outcome="other"} 1)"));
}

// Every exception of the API has a name of its own.
TEST(MetricsTest, NoErrorOfTheApiIsOther) {
  Metrics metrics;
  for (int code = 1; v1::ErrorCode_IsValid(code); ++code) {
    metrics.Record(kNoOperation,
                   ErrorCodeName(static_cast<v1::ErrorCode>(code)),
                   absl::Microseconds(1));
  }
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("\"other\"")));
}

TEST(MetricsTest, ThreadsCountTogether) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int k = 0; k < 1000; ++k) {
        metrics.Record(v1::Request::kGetResourcePolicy, "ok",
                       absl::Microseconds(k));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(
      metrics.Text(),
      HasSubstr(R"(_count{operation="GetResourcePolicy",outcome="ok"} 4000)"));
}

TEST(MetricsTest, OperationsOfKmsHaveTheirOwnNamesAndOutcomes) {
  Metrics metrics;
  metrics.RecordKms(KmsOperation::kEncrypt, "ok", absl::Microseconds(1));
  metrics.RecordKms(KmsOperation::kListGrants, "DisabledException",
                    absl::Microseconds(1));
  metrics.RecordKms(KmsOperation::kListGrants, "EntityNotFoundException",
                    absl::Microseconds(1));
  const std::string text = metrics.Text();
  EXPECT_THAT(text,
              HasSubstr(R"(_count{operation="kms:Encrypt",outcome="ok"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(_count{operation="kms:ListGrants",outcome="DisabledException"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(_count{operation="kms:ListGrants",outcome="other"} 1)"));
}

}  // namespace
}  // namespace glue_security
