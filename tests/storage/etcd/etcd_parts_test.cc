// The parts of an EtcdStorage that need no server: keys, versions, statuses.

#include <string>

#include "absl/status/status.h"
#include "glue_security/storage/etcd/etcd_keys.h"
#include "glue_security/storage/etcd/etcd_session.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(EtcdKeysTest, KeysBeginWithThePrefix) {
  const EtcdKeys keys("a/b");
  EXPECT_EQ(keys.generation(), "a/b/generation");
  EXPECT_EQ(keys.records(), "a/b/records/");
  EXPECT_EQ(keys.RecordsOf(0x1f), "a/b/records/000000000000001f/");
  EXPECT_EQ(keys.RecordsOf(~uint64_t{0}), "a/b/records/ffffffffffffffff/");
}

TEST(EtcdKeysTest, KeyAfterAllIsBehindEachKeyOfThePrefix) {
  EXPECT_EQ(KeyAfterAll("a/"), "a0");
  EXPECT_EQ(KeyAfter("a"), std::string("a\0", 2));
}

TEST(HasStaleReadsTest, IsTrueBelowTheFirstFixedVersions) {
  const struct {
    const char* version;
    bool stale;
  } cases[] = {{"3.4.23", true},  {"3.4.41", true},  {"3.4.42", false},
               {"3.5.0", true},   {"3.5.27", true},  {"3.5.28", false},
               {"3.6.0", true},   {"3.6.8", true},   {"3.6.9", false},
               {"3.6.10", false}, {"3.7.0", false},  {"4.0.0", false},
               {"3.3.99", true},  {"2.9.9", true},   {"3.6.9-rc.1", false},
               {"", true},        {"3.6", true},     {"x.y.z", true},
               {"3.5.-1", true},  {"3.5.28.1", true}};
  for (const auto& c : cases) {
    EXPECT_EQ(HasStaleReads(c.version), c.stale) << c.version;
  }
}

TEST(EtcdGenerationTest, RevisionsAreThoseOfEtcdPlusAnOffset) {
  EtcdGeneration generation;
  generation.revision_offset = 100;
  EXPECT_EQ(generation.RevisionOf(5), 105u);
  EXPECT_EQ(generation.ModOf(105), 5);
  EXPECT_EQ(generation.ModOf(100), std::nullopt);
  EXPECT_EQ(generation.ModOf(1), std::nullopt);
  EXPECT_EQ(generation.ModOf(~uint64_t{0}), std::nullopt);
}

TEST(EtcdStatusTest, AFailureSaysWhetherTheTransactionWasApplied) {
  using Code = grpc::StatusCode;
  using absl::StatusCode;
  const struct {
    bool begun;
    Code code;
    const char* message;
    StatusCode write;
    StatusCode read;
  } cases[] = {
      {false, Code::UNAVAILABLE, "none", StatusCode::kUnavailable,
       StatusCode::kUnavailable},
      {true, Code::UNAVAILABLE, "etcdserver: no leader", StatusCode::kUnknown,
       StatusCode::kUnavailable},
      {true, Code::DEADLINE_EXCEEDED, "", StatusCode::kDeadlineExceeded,
       StatusCode::kDeadlineExceeded},
      {true, Code::CANCELLED, "", StatusCode::kUnknown,
       StatusCode::kUnavailable},
      {true, Code::UNKNOWN, "", StatusCode::kUnknown, StatusCode::kUnavailable},
      {true, Code::INTERNAL, "", StatusCode::kUnknown,
       StatusCode::kUnavailable},
      {true, Code::FAILED_PRECONDITION, "etcdserver: x", StatusCode::kUnknown,
       StatusCode::kUnavailable},
      {true, Code::INVALID_ARGUMENT, "etcdserver: request is too large",
       StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {true, Code::INVALID_ARGUMENT, "etcdserver: user name is empty",
       StatusCode::kUnavailable, StatusCode::kUnavailable},
      {true, Code::INVALID_ARGUMENT,
       "etcdserver: revision of auth store is old", StatusCode::kUnavailable,
       StatusCode::kUnavailable},
      {true, Code::UNAUTHENTICATED, "etcdserver: invalid auth token",
       StatusCode::kUnavailable, StatusCode::kUnavailable},
      {true, Code::PERMISSION_DENIED, "etcdserver: permission denied",
       StatusCode::kUnavailable, StatusCode::kUnavailable},
      {true, Code::RESOURCE_EXHAUSTED, "etcdserver: too many requests",
       StatusCode::kResourceExhausted, StatusCode::kResourceExhausted},
      // A member may have applied it.
      {true, Code::RESOURCE_EXHAUSTED,
       "etcdserver: mvcc: database space exceeded", StatusCode::kUnknown,
       StatusCode::kResourceExhausted},
      // gRPC's client says so of a stream that was reset.
      {true, Code::RESOURCE_EXHAUSTED, "Bandwidth exhausted",
       StatusCode::kUnknown, StatusCode::kResourceExhausted},
      {true, Code::RESOURCE_EXHAUSTED,
       "grpc: received message larger than max (2 vs. 1)",
       StatusCode::kInvalidArgument, StatusCode::kInvalidArgument},
      {true, Code::DATA_LOSS, "etcdserver: corrupt cluster",
       StatusCode::kDataLoss, StatusCode::kDataLoss},
  };
  for (const auto& c : cases) {
    const EtcdOutcome outcome{c.begun, {c.code, c.message}};
    EXPECT_EQ(StatusOfWrite(outcome).code(), c.write) << c.message;
    EXPECT_EQ(StatusOfRead(outcome).code(), c.read) << c.message;
  }
}

}  // namespace
}  // namespace glue_security
