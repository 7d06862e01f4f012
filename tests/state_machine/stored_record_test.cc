#include "glue_security/state_machine/stored_record.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

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

// All 128 bits of an id count, in every kind of record.
TEST(StoredRecord, AnIdThatDiffersInOneBit_IsAnothers) {
  v1::StoredRecord count;
  count.mutable_configuration_count()->set_count(7);
  for (const std::string& bytes :
       {EncodeResourcePolicy(kId, ResourcePolicyView()),
        EncodeRecord(kId, count)}) {
    EXPECT_TRUE(WrittenBy(bytes, kId));
    for (size_t bit = 0; bit < kId.size() * 8; ++bit) {
      CommitId other = kId;
      other[bit / 8] = static_cast<uint8_t>(other[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(WrittenBy(bytes, other)) << bit;
    }
  }
}

TEST(StoredRecord, AnIdOfAnotherLength_IsNobodys) {
  const std::string id(kId.begin(), kId.end());
  const auto with_id = [](const std::string& text) {
    return std::string("\x08\x01\x12", 3) + static_cast<char>(text.size()) +
           text;
  };
  EXPECT_TRUE(WrittenBy(with_id(id), kId));
  for (size_t size = 0; size < id.size(); ++size) {
    EXPECT_FALSE(WrittenBy(with_id(id.substr(0, size)), kId)) << size;
  }
  EXPECT_FALSE(WrittenBy(with_id(id + '\0'), kId));
  EXPECT_FALSE(WrittenBy("", kId));
  EXPECT_FALSE(WrittenBy("\x08\x01", kId));
}

ResourcePolicyView SomePolicy() {
  ResourcePolicyView policy;
  policy.policy_in_json = R"({"Id":"x"})";
  policy.policy_hash = "RBNvo1WzZ4oRRq0W9+hkng==";
  policy.create_time_ms = 1'700'000'000'123;
  policy.update_time_ms = 1'700'000'000'124;
  return policy;
}

// Returns true when `bytes` are refused. Checks that the decoder refuses all
// that the generated code refuses, and reads the rest alike.
bool IsRefused(const std::string& bytes) {
  const auto view = DecodeResourcePolicy(bytes);
  const auto generated = DecodeRecord(bytes, v1::StoredRecord::kResourcePolicy);
  WrittenBy(bytes, kId);
  if (!generated.has_value()) {
    EXPECT_FALSE(view.has_value()) << testing::PrintToString(bytes);
  } else if (view.has_value()) {
    const v1::StoredResourcePolicy& policy = generated->resource_policy();
    EXPECT_EQ(std::string(view->policy_in_json), policy.policy_in_json());
    EXPECT_EQ(std::string(view->policy_hash), policy.policy_hash());
    EXPECT_EQ(view->create_time_ms, policy.create_time_ms());
    EXPECT_EQ(view->update_time_ms, policy.update_time_ms());
    EXPECT_EQ(view->deleted, policy.deleted());
  }
  return !view.has_value();
}

// Makes one to three random changes: sets a byte, cuts off the end, inserts a
// byte, repeats a part.
std::string Damaged(std::string bytes, std::mt19937_64* random) {
  const size_t changes = 1 + (*random)() % 3;
  for (size_t k = 0; k < changes && !bytes.empty(); ++k) {
    const size_t at = (*random)() % bytes.size();
    switch ((*random)() % 16) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.insert(at, 1, static_cast<char>((*random)()));
        break;
      case 2:
        bytes.insert(at, bytes.substr((*random)() % bytes.size(), 12));
        break;
      default:
        bytes[at] = static_cast<char>((*random)());
    }
  }
  return bytes;
}

TEST(StoredRecord, DamagedBytes_AreRefusedLikeByProtobuf) {
  const uint64_t seed = RunSeedOr(1);
  const std::string good = EncodeResourcePolicy(kId, SomePolicy());
  ASSERT_FALSE(IsRefused(good));
  std::mt19937_64 random(seed);
  int refused = 0;
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    ++(IsRefused(Damaged(good, &random)) ? refused : accepted);
    if (testing::Test::HasFailure()) FAIL() << "at change " << i;
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(accepted, 1000);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(IsRefused(good.substr(0, size)));
  }
}

// Returns a record with the fields `policy` of a resource policy, followed by
// the fields `rest`.
std::string RecordWith(const std::string& policy, const std::string& rest) {
  std::string bytes("\x08\x01\x1A", 3);
  bytes.push_back(static_cast<char>(policy.size()));
  return bytes + policy + rest;
}

// "\x12\x02{}" is the text "{}".
TEST(StoredRecord, MalformedUtf8_InTextOrHash_IsRefused) {
  ASSERT_FALSE(IsRefused(RecordWith("\x12\x02{}", "")));
  for (const std::string& text :
       {std::string("\xFF\xFF"), std::string("\xC0\x80"),
        std::string("\xED\xA0\x80"), std::string("{\xC3")}) {
    for (const char tag : {'\x12', '\x1A'}) {
      const std::string field =
          std::string(1, tag) + static_cast<char>(text.size()) + text;
      EXPECT_TRUE(IsRefused(RecordWith(field, "")));
    }
  }
}

TEST(StoredRecord, MalformedUtf8_ThatALaterFieldReplaces_IsRefused) {
  EXPECT_TRUE(IsRefused(RecordWith("\x12\x01\xFF\x12\x02{}", "")));
  EXPECT_TRUE(IsRefused(RecordWith("\x1A\x01\xFF\x1A\x01h", "")));
}

TEST(StoredRecord, FieldNumber0_IsRefused) {
  for (char tag = 0; tag < 8; ++tag) {
    // The field is long enough for the value of any wire type.
    const std::string field = std::string(1, tag) + std::string(8, '\0');
    EXPECT_TRUE(IsRefused(RecordWith(field, ""))) << int{tag};
    EXPECT_TRUE(IsRefused(RecordWith("", field))) << int{tag};
  }
}

TEST(StoredRecord, TagsBeyond32Bits_AreRefused) {
  // Field 7, a varint, has a tag of six or more bytes.
  for (size_t more = 4; more <= 8; ++more) {
    const std::string field =
        "\xB8" + std::string(more, '\x80') + std::string("\0\x01", 2);
    EXPECT_TRUE(IsRefused(RecordWith(field, ""))) << more;
    EXPECT_TRUE(IsRefused(RecordWith("", field))) << more;
  }
  // The tags are the text's plus 2^33, 2^40 and 2^63.
  for (const auto& [zeros, last] :
       {std::pair<size_t, char>(3, '\x20'), {4, '\x20'}, {8, '\x01'}}) {
    const std::string field =
        "\x92" + std::string(zeros, '\x80') + last + "\x02{}";
    const std::string bytes = RecordWith(field, "");
    EXPECT_FALSE(DecodeResourcePolicy(bytes).has_value()) << zeros;
  }
}

// A size has at most five bytes, whatever its value.
TEST(StoredRecord, SizesInMoreThanFiveBytes_AreRefused) {
  for (size_t more = 4; more <= 8; ++more) {
    const std::string text =
        "\x12\x82" + std::string(more, '\x80') + std::string("\0{}", 3);
    EXPECT_TRUE(IsRefused(RecordWith(text, ""))) << more;
    std::string record = std::string("\x08\x01\x1A\x84", 4) +
                         std::string(more, '\x80') +
                         std::string("\0\x12\x02{}", 5);
    EXPECT_TRUE(IsRefused(record)) << more;
  }
}

// The bytes behind the end of a record must not complete it.
TEST(StoredRecord, ACutRecord_WhoseRestFollowsInMemory_IsRefused) {
  const std::string good = EncodeResourcePolicy(kId, SomePolicy());
  for (size_t size = 0; size < good.size(); ++size) {
    const absl::string_view cut = absl::string_view(good).substr(0, size);
    EXPECT_FALSE(DecodeResourcePolicy(cut).has_value()) << size;
    // The id is readable once it is whole: 2 + 2 + 16 bytes.
    EXPECT_EQ(WrittenBy(cut, kId), size >= 20) << size;
  }
}

// A size may take up to five bytes; one above 127 takes at least two.
TEST(StoredRecord, SizesInUpToFiveBytes_AreTaken) {
  for (size_t more = 0; more <= 3; ++more) {
    const std::string text =
        "\x12\x82" + std::string(more, '\x80') + std::string("\0{}", 3);
    EXPECT_FALSE(IsRefused(RecordWith(text, ""))) << more;
  }
  EXPECT_FALSE(IsRefused(RecordWith("\x12\x7F" + std::string(127, 'x'), "")
                             .replace(3, 1, "\x81\x01")));
}

// The bounds of one byte, and values of every length.
TEST(StoredRecord, AVersionOfAnyLength_IsReadAsProtobufDoes) {
  const std::string policy("\x1A\x04\x12\x02{}", 6);
  for (const std::string& version :
       {std::string("\x08\x7F"), std::string("\x08\x81\x00", 3),
        std::string("\x08\xFF\x00", 3), std::string("\x08\x81\x7F"),
        std::string("\x08\xFF\x7F"), std::string("\x08\x80\x01")}) {
    v1::StoredRecord generated;
    ASSERT_TRUE(generated.ParseFromString(version + policy));
    EXPECT_EQ(IsRefused(version + policy), generated.format_version() != 1)
        << testing::PrintToString(version);
  }
}

TEST(StoredRecord, DeletedOfAnyNumber_IsReadAsProtobufDoes) {
  for (const std::string& number :
       {std::string("\0", 1), std::string("\x01"), std::string("\x02"),
        std::string("\x80\x00", 2), std::string("\x80\x01"),
        std::string("\xFF\x7F"), std::string(9, '\xFF') + '\x01'}) {
    EXPECT_FALSE(IsRefused(RecordWith("\x08" + number, "")));
    EXPECT_FALSE(IsRefused(RecordWith("\x08" + number + "\x12\x02{}", "")));
  }
}

// A check of a long text costs more than everything else, so it can be skipped.
TEST(StoredRecord, WithoutATextCheck_MalformedUtf8IsTaken) {
  const std::string bytes = RecordWith("\x12\x01\xFF\x1A\x01\xFE", "");
  EXPECT_FALSE(DecodeResourcePolicy(bytes).has_value());
  const auto policy = DecodeResourcePolicy(bytes, TextCheck::kNone);
  ASSERT_TRUE(policy.has_value());
  EXPECT_EQ(policy->policy_in_json, "\xFF");
  EXPECT_EQ(policy->policy_hash, "\xFE");
}

// A varint has at most ten bytes.
TEST(StoredRecord, VarintsOfMoreThanTenBytes_AreRefused) {
  for (size_t more = 8; more <= 11; ++more) {
    const std::string field =
        "\x08\x81" + std::string(more - 1, '\x80') + '\x01';
    // `more` continuation bytes and a last one; the tenth holds only bit 63.
    const std::string bytes = RecordWith(field, "");
    EXPECT_EQ(DecodeResourcePolicy(bytes).has_value(), more <= 9) << more;
    IsRefused(bytes);
  }
  // The record ends within a varint.
  EXPECT_TRUE(IsRefused(RecordWith("\x08\x80", "")));
}

// Unknown fields of any type are skipped; the fields behind them are read.
TEST(StoredRecord, UnknownFieldsOfAPolicy_AreSkipped) {
  const std::string text = "\x12\x02{}";
  for (const std::string& field :
       {std::string("\x78\x81\x01", 3), "\x79" + std::string(8, '\x12'),
        std::string("\x7A\x02\x12\x02", 4), "\x7D" + std::string(4, '\x12')}) {
    for (const std::string& policy : {field + text, text + field}) {
      const std::string bytes = RecordWith(policy, "");
      ASSERT_FALSE(IsRefused(bytes)) << testing::PrintToString(field);
      EXPECT_EQ(DecodeResourcePolicy(bytes)->policy_in_json, "{}");
    }
    // A field that is cut short is damage.
    const std::string cut = field.substr(0, field.size() - 1);
    EXPECT_TRUE(IsRefused(RecordWith(cut, "")));
  }
  // Groups, and wire types that do not exist.
  for (const char tag : {'\x7B', '\x7C', '\x7E', '\x7F'}) {
    EXPECT_FALSE(DecodeResourcePolicy(RecordWith(text + tag, "")).has_value());
  }
}

// A record of another version or with unknown fields of its own is refused.
TEST(StoredRecord, UnknownFieldsOfARecord_AreRefused) {
  EXPECT_FALSE(
      DecodeResourcePolicy(RecordWith("\x12\x02{}", "\x78\x01")).has_value());
}

// The last of two fields with the same number counts, as in protobuf.
TEST(StoredRecord, FieldsInAnotherOrderOrTwice_AreReadAsProtobufDoes) {
  const std::string id = "\x12\x10" + std::string(16, 'i');
  const std::string policy("\x1A\x04\x12\x02{}", 6);
  for (const std::string& bytes :
       {"\x08\x01" + policy + id, id + "\x08\x01" + policy,
        policy + id + "\x08\x01", "\x08\x01" + id + policy}) {
    EXPECT_FALSE(IsRefused(bytes)) << testing::PrintToString(bytes);
    CommitId written;
    written.fill('i');
    EXPECT_TRUE(WrittenBy(bytes, written));
  }
  // A later version replaces an earlier one.
  EXPECT_FALSE(IsRefused("\x08\x02\x08\x01" + policy));
  EXPECT_TRUE(IsRefused("\x08\x01\x08\x02" + policy));
  EXPECT_TRUE(IsRefused("\x08\x01" + id + "\x08\x02" + policy));
  EXPECT_TRUE(IsRefused("\x08\x01" + id));
  EXPECT_TRUE(IsRefused(id + policy));
}

TEST(StoredRecord, OfAnyCase_NoVersionOrDamageBehind_IsRefused) {
  v1::StoredRecord record;
  record.mutable_configuration_count()->set_count(1);
  const auto decodes = [](const std::string& bytes) {
    return DecodeRecord(bytes, v1::StoredRecord::kConfigurationCount)
        .has_value();
  };
  EXPECT_FALSE(decodes(record.SerializeAsString()));
  const std::string good = EncodeRecord(kId, record);
  EXPECT_TRUE(decodes(good));
  EXPECT_FALSE(decodes(good + '\x07'));
  EXPECT_FALSE(decodes(good + "\x12\x10 too short"));
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

}  // namespace
}  // namespace glue_security
