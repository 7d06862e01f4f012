#include "glue_security/state_machine/stored_record.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr CommitId kId = {0, 1, 2, 255};

v1::StoredRecord Generated(const ResourcePolicyView& policy) {
  v1::StoredRecord record;
  auto* stored = record.mutable_resource_policy();
  stored->set_deleted(policy.deleted);
  stored->set_policy_in_json(std::string(policy.policy_in_json));
  stored->set_policy_hash(std::string(policy.policy_hash));
  stored->set_create_time_ms(policy.create_time_ms);
  stored->set_update_time_ms(policy.update_time_ms);
  return record;
}

std::vector<ResourcePolicyView> Policies(const std::string& long_text) {
  std::vector<ResourcePolicyView> policies;
  for (const absl::string_view text :
       {absl::string_view(), absl::string_view("{}"),
        absl::string_view(long_text).substr(0, 127),
        absl::string_view(long_text).substr(0, 128),
        absl::string_view(long_text).substr(0, 10240),
        absl::string_view(long_text)}) {
    for (const int64_t ms :
         {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1'700'000'000'123},
          std::numeric_limits<int64_t>::max(),
          std::numeric_limits<int64_t>::min()}) {
      ResourcePolicyView policy;
      policy.policy_in_json = text;
      policy.policy_hash = text.substr(0, 24);
      policy.create_time_ms = ms;
      policy.update_time_ms = ms / 2;
      policy.deleted = text.empty();
      policies.push_back(policy);
    }
  }
  return policies;
}

TEST(StoredRecord, ResourcePolicy_IsEncodedAsProtobufDoes) {
  const std::string long_text(100'000, 'x');
  for (const ResourcePolicyView& policy : Policies(long_text)) {
    EXPECT_EQ(EncodeResourcePolicy(kId, policy),
              EncodeRecord(kId, Generated(policy)));
  }
}

TEST(StoredRecord, ResourcePolicy_ComesBackAsEncoded) {
  const std::string long_text(100'000, 'x');
  for (const ResourcePolicyView& policy : Policies(long_text)) {
    const std::string bytes = EncodeResourcePolicy(kId, policy);
    const auto decoded = DecodeResourcePolicy(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->policy_in_json, policy.policy_in_json);
    EXPECT_EQ(decoded->policy_hash, policy.policy_hash);
    EXPECT_EQ(decoded->create_time_ms, policy.create_time_ms);
    EXPECT_EQ(decoded->update_time_ms, policy.update_time_ms);
    EXPECT_EQ(decoded->deleted, policy.deleted);
    EXPECT_TRUE(WrittenBy(bytes, kId));
    EXPECT_FALSE(WrittenBy(bytes, CommitId{}));
  }
}

// Whatever the bytes, reading them ends and stays within them; what the
// generated code refuses to parse is refused here, too.
TEST(StoredRecord, DamagedBytes_AreRefusedLikeByProtobuf) {
  ResourcePolicyView policy;
  policy.policy_in_json = R"({"Id":"x"})";
  policy.policy_hash = "RBNvo1WzZ4oRRq0W9+hkng==";
  policy.create_time_ms = 1'700'000'000'123;
  policy.update_time_ms = 1'700'000'000'124;
  const std::string good = EncodeResourcePolicy(kId, policy);
  std::mt19937_64 random(1);
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = good;
    const size_t changes = 1 + random() % 3;
    for (size_t k = 0; k < changes; ++k) {
      if (random() % 8 == 0) {
        bytes.resize(random() % (bytes.size() + 1));
        if (bytes.empty()) break;
      }
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto view = DecodeResourcePolicy(bytes);
    const auto generated =
        DecodeRecord(bytes, v1::StoredRecord::kResourcePolicy);
    WrittenBy(bytes, kId);
    if (!generated.has_value()) {
      ++refused;
      // The generated code also refuses malformed UTF-8 in a text; these bytes
      // come from a storage, and a view makes no such promise.
      if (view.has_value()) {
        std::string text(view->policy_in_json);
        EXPECT_LE(text.size(), bytes.size());
      }
    } else if (view.has_value()) {
      EXPECT_EQ(std::string(view->policy_in_json),
                generated->resource_policy().policy_in_json());
      EXPECT_EQ(view->update_time_ms,
                generated->resource_policy().update_time_ms());
    }
  }
  EXPECT_GT(refused, 1000);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeResourcePolicy(good.substr(0, size)).has_value());
  }
}

TEST(StoredRecord, OtherVersionsAndOtherCases_AreRefused) {
  v1::StoredRecord record = Generated(ResourcePolicyView());
  const std::string good = EncodeRecord(kId, record);
  EXPECT_TRUE(DecodeResourcePolicy(good).has_value());
  EXPECT_FALSE(
      DecodeRecord(good, v1::StoredRecord::kEncryptionSettings).has_value());
  record.set_format_version(2);
  EXPECT_FALSE(DecodeResourcePolicy(record.SerializeAsString()).has_value());
  EXPECT_FALSE(DecodeRecord(record.SerializeAsString(),
                            v1::StoredRecord::kResourcePolicy)
                   .has_value());
  v1::StoredRecord other;
  other.mutable_configuration_count()->set_count(1);
  EXPECT_FALSE(DecodeResourcePolicy(EncodeRecord(kId, other)).has_value());
}

TEST(RecordTime, IsCutToMillisecondsAndHeldToTheTimestampsRange) {
  EXPECT_EQ(ToRecordTime(absl::FromUnixMicros(1999)), 1);
  EXPECT_EQ(ToRecordTime(absl::FromUnixMicros(-1)), -1);
  EXPECT_EQ(ToTimestamp(ToRecordTime(absl::InfinitePast())).seconds(),
            -62'135'596'800);
  EXPECT_EQ(ToTimestamp(ToRecordTime(absl::InfiniteFuture())).seconds(),
            253'402'300'799);
  EXPECT_EQ(ToTimestamp(-1).seconds(), -1);
  EXPECT_EQ(ToTimestamp(-1).nanos(), 999'000'000);
  EXPECT_EQ(ToTimestamp(1'001).nanos(), 1'000'000);
}

}  // namespace
}  // namespace glue_security
