// The answers of Behavior::Documented() are recorded: 100,000 random calls on
// the wire, and a hash for the answers to each thousand of them. A change that
// should leave this behavior alone leaves the hashes alone.
//
// The calls come from a generator in this file only, so that they stay the same
// when the API grows. They ask no questions of access, and their regions are in
// the partition "aws". Some have members that the contract does not know and
// newer SDKs send.
//
// With a block's number as its argument the program prints the calls and
// answers of that block, for a comparison with an older program; with `record`
// it prints all hashes.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr int kBlocks = 100;
constexpr int kCallsPerBlock = 1000;

// SplitMix64, by Sebastiano Vigna. The same on every machine.
class Random {
 public:
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  // Returns a number from 0 to `bound` - 1.
  int Below(int bound) {
    return static_cast<int>(Next() % static_cast<uint64_t>(bound));
  }
  // True in `percent` of 100 cases.
  bool Chance(int percent) { return Below(100) < percent; }
  const char* OneOf(const std::vector<const char*>& values) {
    return values[static_cast<size_t>(Below(static_cast<int>(values.size())))];
  }

 private:
  uint64_t state_ = 20190912;
};

// FNV-1a.
class Hash {
 public:
  void Add(absl::string_view text) {
    for (const char c : text) {
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    }
    value_ = (value_ ^ 0x100) * 0x100000001B3;
  }
  std::string Hex() const { return absl::StrFormat("%016x", value_); }

 private:
  uint64_t value_ = 0xCBF29CE484222325;
};

// Quotes a text for JSON, as SDKs do.
std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

struct WireCall {
  Caller caller;
  std::string target;
  std::string body;
};

class CallGenerator {
 public:
  WireCall Next() {
    WireCall call;
    call.caller.account_id =
        random_.OneOf({"123456789012", "210987654321", "000000000001"});
    call.caller.region = random_.OneOf({"us-east-1", "eu-west-1"});
    catalog_ = absl::StrCat(call.caller.account_id, "/", call.caller.region);
    account_ = call.caller.account_id;
    region_ = call.caller.region;
    const int kind = random_.Below(100);
    if (kind < 12) {
      Make("PutResourcePolicy", PutPolicy(), &call);
    } else if (kind < 22) {
      Make("GetResourcePolicy", {Unknown()}, &call);
    } else if (kind < 30) {
      Make("DeleteResourcePolicy", {HashCondition(), Unknown()}, &call);
    } else if (kind < 38) {
      Make("PutDataCatalogEncryptionSettings", {CatalogId(), Settings()},
           &call);
    } else if (kind < 46) {
      Make("GetDataCatalogEncryptionSettings", {CatalogId(), Unknown()}, &call);
    } else if (kind < 62) {
      Make("CreateSecurityConfiguration", {Name(), Configuration()}, &call);
    } else if (kind < 72) {
      Make("DeleteSecurityConfiguration", {Name(), Unknown()}, &call);
    } else if (kind < 84) {
      Make("GetSecurityConfiguration", {Name()}, &call);
    } else if (kind < 98) {
      Make("GetSecurityConfigurations", Page(), &call);
    } else {
      const char* const target =
          random_.OneOf({"GetResourcePolicies", "GetClassifier", "", "x"});
      Make(target, {Name()}, &call);
    }
    // A text that is cut off, or is no object at all.
    if (random_.Chance(1)) {
      call.body.resize(call.body.size() * random_.Below(100) / 100);
    }
    if (random_.Chance(1)) call.body = random_.OneOf({"", "[]", "null", "{}x"});
    return call;
  }

  // Learns what later calls give back.
  void Learn(const std::string& body) {
    Learn(body, "PolicyHash", &hashes_[catalog_]);
    Learn(body, "NextToken", &tokens_[catalog_]);
  }

 private:
  using Members = std::vector<std::string>;

  static void Learn(const std::string& body, const char* member,
                    std::string* value) {
    const std::string start = absl::StrCat("\"", member, "\":\"");
    const size_t at = body.find(start);
    if (at == std::string::npos) return;
    const size_t begin = at + start.size();
    *value = body.substr(begin, body.find('"', begin) - begin);
  }

  void Make(const char* operation, Members members, WireCall* call) {
    call->target = absl::StrCat("AWSGlue.", operation);
    members.erase(std::remove(members.begin(), members.end(), ""),
                  members.end());
    call->body = absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }

  // Returns a member, sometimes with a value of another type, or nothing.
  std::string Member(const char* name, const std::string& value) {
    if (random_.Chance(3)) return "";
    std::string given = value;
    if (random_.Chance(2)) {
      given = random_.OneOf({"null", "1", "1.5", "true", "\"x\"", "[]", "{}",
                             "[1]", "99999999999", "-1"});
    }
    return absl::StrCat(Quote(name), ":", given);
  }

  // Returns a member that the contract does not have.
  std::string Unknown() {
    return random_.OneOf(
        {"", "", "", "",
         R"("ResourceArn":"arn:aws:glue:us-east-1:123456789012:catalog")",
         R"("ResourceArn":"arn:aws:glue:us-east-1:123456789012:database/x")",
         R"("EnableHybrid":"TRUE")", R"("EnableHybrid":1)",
         R"("X":{"a":[1,{"b":null}]})"});
  }

  std::string Text(const char* usual) {
    switch (random_.Below(80)) {
      case 0:
        return Quote("");
      case 1:
        return Quote(std::string(255, 'x'));
      case 2:
        return Quote(std::string(256, 'x'));
      case 3:
        return Quote("line\nfeed");
      case 4:
        return Quote("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
      case 5:
        return Quote("\xEF\xBF\xBF");
      case 6:
        return "\"\\uD83D\"";
      case 7:
        return Quote("tab\tand \"quotes\" and \\");
      default:
        return Quote(usual);
    }
  }

  std::string Name() {
    return Member("Name",
                  Text(absl::StrCat("name-", random_.Below(40)).c_str()));
  }

  std::string CatalogId() {
    if (random_.Chance(50)) return "";
    return Member("CatalogId",
                  Text(random_.OneOf({"123456789012", "210987654321", "x"})));
  }

  std::string HashCondition() {
    if (random_.Chance(50)) return "";
    const std::string& known = hashes_[catalog_];
    return Member("PolicyHashCondition",
                  Text(random_.Chance(70) ? known.c_str() : "other"));
  }

  Members PutPolicy() {
    std::string exists;
    if (random_.Chance(50)) {
      exists = Member("PolicyExistsCondition",
                      Text(random_.OneOf({"MUST_EXIST", "NOT_EXIST", "NONE",
                                          "NONE", "must_exist"})));
    }
    return {Member("PolicyInJson", Quote(Policy())), HashCondition(), exists,
            Unknown()};
  }

  std::string Mode(const char* member, std::vector<const char*> values) {
    values.push_back("DISABLED");
    values.push_back("SSEKMS");
    return Member(member, Text(random_.OneOf(values)));
  }

  std::string Key(const char* member) {
    if (random_.Chance(40)) return "";
    return Member(
        member, Text(random_.OneOf({"arn:aws:kms:us-east-1:123456789012:key/k",
                                    "arn:aws:kms:", "alias/aws/glue",
                                    "arn:aws-cn:kms:x"})));
  }

  static std::string Object(Members members) {
    members.erase(std::remove(members.begin(), members.end(), ""),
                  members.end());
    return absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }

  std::string Settings() {
    Members parts;
    if (random_.Chance(70)) {
      parts.push_back(Member(
          "EncryptionAtRest",
          Object({Mode("CatalogEncryptionMode",
                       {"SSE-KMS", "SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE"}),
                  Key("SseAwsKmsKeyId"),
                  random_.OneOf(
                      {"", "", R"("CatalogEncryptionServiceRole":"x")"})})));
    }
    if (random_.Chance(70)) {
      parts.push_back(Member("ConnectionPasswordEncryption",
                             Object({Member("ReturnConnectionPasswordEncrypted",
                                            random_.OneOf({"true", "false"})),
                                     Key("AwsKmsKeyId")})));
    }
    return Member("DataCatalogEncryptionSettings", Object(parts));
  }

  std::string Configuration() {
    Members parts;
    if (random_.Chance(60)) {
      Members elements;
      for (int i = random_.Below(3); i >= 0; --i) {
        elements.push_back(
            Object({Mode("S3EncryptionMode", {"SSE-KMS", "SSE-S3"}),
                    Key("KmsKeyArn")}));
      }
      parts.push_back(
          Member("S3Encryption",
                 absl::StrCat("[", absl::StrJoin(elements, ","), "]")));
    }
    if (random_.Chance(60)) {
      parts.push_back(
          Member("CloudWatchEncryption",
                 Object({Mode("CloudWatchEncryptionMode", {"SSE-KMS"}),
                         Key("KmsKeyArn")})));
    }
    if (random_.Chance(60)) {
      parts.push_back(
          Member("JobBookmarksEncryption",
                 Object({Mode("JobBookmarksEncryptionMode", {"CSE-KMS"}),
                         Key("KmsKeyArn")})));
    }
    if (random_.Chance(20)) {
      parts.push_back(
          R"("DataQualityEncryption":{"DataQualityEncryptionMode":"SSE-KMS"})");
    }
    return Member("EncryptionConfiguration", Object(parts));
  }

  Members Page() {
    Members members;
    if (random_.Chance(60)) {
      members.push_back(
          Member("MaxResults", random_.OneOf({"0", "1", "3", "7", "200", "201",
                                              "1000", "1001", "-5"})));
    }
    if (random_.Chance(50)) {
      const std::string& known = tokens_[catalog_];
      members.push_back(Member(
          "NextToken", Text(random_.Chance(80) ? known.c_str() : "token")));
    }
    return members;
  }

  // ---- Policies

  std::string ListOf(const std::vector<const char*>& values) {
    if (random_.Chance(50)) return Quote(random_.OneOf(values));
    Members elements;
    for (int i = random_.Below(4); i > 0; --i) {
      elements.push_back(Quote(random_.OneOf(values)));
    }
    return absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
  }

  std::string Principal() {
    if (random_.Chance(30)) return Quote("*");
    if (random_.Chance(20)) {
      return absl::StrCat(R"({"Service":)",
                          ListOf({"glue.amazonaws.com", "s3.amazonaws.com"}),
                          "}");
    }
    const char* const kind = random_.Chance(97) ? "AWS" : "Other";
    const std::string entries =
        ListOf({"*", "123456789012", "arn:aws:iam::123456789012:root",
                "arn:aws:iam::123456789012:user/alice",
                "arn:aws:iam::210987654321:role/team/reader",
                "arn:aws:sts::123456789012:assumed-role/reader/session",
                "AIDAJQABLZS4A3QDU576Q",
                random_.Chance(5) ? "arn:aws:iam::1:user/x" : "*",
                random_.Chance(5) ? "" : "210987654321"});
    return absl::StrCat("{", Quote(kind), ": ", entries, "}");
  }

  std::string Resource() {
    const std::vector<const char*> tails = {
        "*",
        "catalog",
        "database/db",
        "table/db/*",
        "table/db/${aws:username}",
        random_.Chance(5) ? "9x" : "connection/*"};
    Members elements;
    for (int i = random_.Below(3); i >= 0; --i) {
      const std::string start =
          random_.Chance(99)
              ? absl::StrCat("arn:aws:glue:", region_, ":", account_, ":")
              : "arn:aws:glue:eu-west-2:1:";
      elements.push_back(Quote(absl::StrCat(start, random_.OneOf(tails))));
    }
    return elements.size() == 1
               ? elements[0]
               : absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
  }

  std::string Condition() {
    const char* const op = random_.OneOf(
        {"StringEquals", "StringNotLike", "StringLikeIfExists",
         "ForAnyValue:StringEquals", "ArnLike", "ForAllValues:StringLike",
         random_.Chance(5) ? "Like" : "ArnLike"});
    const char* const key =
        random_.OneOf({"aws:username", "aws:PrincipalTag/t"});
    const std::string values =
        ListOf({"a", "true", "1", "203.0.113.0/24", "2020-01-01T00:00:00Z",
                "arn:aws:iam::123456789012:user/*"});
    return absl::StrCat("{", Quote(op), ": {", Quote(key), ": ", values, "}}");
  }

  std::string Statement() {
    Members parts;
    const auto add = [&](int percent, const char* key,
                         const std::string& value) {
      if (random_.Chance(percent)) {
        parts.push_back(absl::StrCat(Quote(key), " : ", value));
      }
    };
    // The order in which arguments are evaluated is not defined, so that no
    // call has two that are random.
    const std::string sid = Quote(
        random_.OneOf({"", "one", "two", "three", "four", "five", "six"}));
    add(40, "Sid", sid);
    const std::string effect =
        Quote(random_.Chance(98) ? random_.OneOf({"Allow", "Allow", "Deny"})
                                 : "allow");
    add(99, "Effect", effect);
    const std::string principal = Principal();
    const bool is_not_principal = random_.Chance(5);
    add(99, is_not_principal ? "NotPrincipal" : "Principal", principal);
    const std::string action =
        ListOf({"*", "glue:*", "glue:GetTable", "glue:Get*", "s3:GetObject",
                "glue:?etTable", "GLUE:GetDatabase", "glue:Put*",
                random_.Chance(5) ? "GetTable" : "glue:GetTables"});
    const bool is_not_action = random_.Chance(10);
    add(99, is_not_action ? "NotAction" : "Action", action);
    const std::string resource = Resource();
    const bool is_not_resource = random_.Chance(10);
    add(99, is_not_resource ? "NotResource" : "Resource", resource);
    const std::string condition = Condition();
    add(30, "Condition", condition);
    add(2, "Other", "1");
    const char* const comma = random_.OneOf({",", ", ", ",\n  "});
    return absl::StrCat("{", absl::StrJoin(parts, comma), "}");
  }

  std::string Policy() {
    if (random_.Chance(3)) {
      return random_.OneOf({"", "{}", "x", "{\"Statement\":[]}", "{ ", "[]"});
    }
    Members statements;
    for (int i = random_.Below(3); i >= 0; --i) {
      statements.push_back(Statement());
    }
    std::string text = "{";
    if (random_.Chance(80)) {
      const char* const version =
          random_.Chance(97) ? random_.OneOf({"2012-10-17", "2008-10-17"})
                             : "2012";
      absl::StrAppend(&text, "\"Version\": ", Quote(version), ", ");
    }
    absl::StrAppend(&text, "\"Statement\": [", absl::StrJoin(statements, ","),
                    "]}");
    // Around the greatest length.
    if (random_.Chance(3) && text.size() < 10'239) {
      text.append(static_cast<size_t>(10'239 + random_.Below(4)) - text.size(),
                  ' ');
    }
    return text;
  }

  Random random_;
  std::string catalog_;
  std::string account_;
  std::string region_;
  // The last policy hash and page token that each catalog has shown.
  std::map<std::string, std::string> hashes_;
  std::map<std::string, std::string> tokens_;
};

// Makes all calls. Returns the hash of each block; prints one block if asked.
std::vector<std::string> RunAll(int printed_block) {
  MemoryStorage storage;
  FakeClock clock(absl::FromUnixMillis(1'568'246'400'123));
  EngineOptions options;
  options.behavior = Behavior::Documented();
  options.clock = &clock;
  // Reached by the calls.
  options.limits.security_configurations_max = 12;
  Engine engine(&storage, options);
  CallGenerator generator;
  std::vector<std::string> hashes;
  for (int block = 0; block < kBlocks; ++block) {
    Hash hash;
    for (int i = 0; i < kCallsPerBlock; ++i) {
      const WireCall call = generator.Next();
      clock.Advance(absl::Milliseconds(i * 7 % 1013));
      WireResponse answer;
      const auto decoded =
          DecodeRequest(call.target, call.body, Behavior::Documented());
      if (const auto* error = std::get_if<FrontEndError>(&decoded)) {
        answer = EncodeFrontEndError(*error);
      } else {
        answer = EncodeResponse(
            engine.Execute(call.caller, std::get<v1::Request>(decoded)));
      }
      generator.Learn(answer.body);
      hash.Add(absl::StrCat(answer.http_status));
      hash.Add(answer.error_type);
      hash.Add(answer.body);
      if (block == printed_block) {
        std::cout << call.caller.account_id << " " << call.caller.region << " "
                  << call.target << " " << call.body << "\n  "
                  << answer.http_status << " " << answer.error_type << " "
                  << answer.body << "\n";
      }
    }
    hashes.push_back(hash.Hex());
  }
  return hashes;
}

TEST(DocumentedAnswers, AreAsRecorded) {
  std::ifstream file("tests/engine/documented_answers.txt");
  ASSERT_TRUE(file.is_open());
  std::vector<std::string> recorded;
  for (std::string line; std::getline(file, line);) recorded.push_back(line);
  ASSERT_EQ(recorded.size(), kBlocks);
  const std::vector<std::string> hashes = RunAll(-1);
  for (size_t i = 0; i < recorded.size(); ++i) {
    // Later blocks differ because the records do.
    ASSERT_EQ(hashes[i], recorded[i])
        << "block " << i << "; the program prints it when " << i
        << " is its argument";
  }
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) return RUN_ALL_TESTS();
  const absl::string_view argument = argv[1];
  if (argument != "record") {
    glue_security::RunAll(std::atoi(argv[1]));
    return 0;
  }
  for (const std::string& hash : glue_security::RunAll(-1)) {
    std::cout << hash << "\n";
  }
  return 0;
}
