#include "tests/testing/random_request.h"

#include <cstddef>
#include <utility>

namespace glue_security {
namespace {

// The same choices on every platform for the same seed, unlike the standard
// distributions.
class Dice {
 public:
  explicit Dice(std::mt19937_64& rng) : rng_(rng) {}

  size_t Below(size_t n) { return static_cast<size_t>(rng_() % n); }
  bool OneIn(size_t n) { return Below(n) == 0; }

  template <typename T>
  const T& Pick(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

  // Usually one of `legal`, else a text that most members refuse.
  std::string Text(const std::vector<std::string>& legal) {
    static const auto* const kOdd = new std::vector<std::string>{
        "",
        std::string(255, 'x'),
        std::string(256, 'x'),
        std::string(255, 'x') + "\xC3\xA9",
        std::string(300, '\n'),
        "\n",
        "tab\there",
        std::string("nul\0", 4),
        "\xFF",
        "cut \xE2\x82",
        "surrogate \xED\xA0\x80",
        "\xEF\xBF\xBE",
        "\xE2\x80\xA8",
        "\xF0\x9F\x98\x80",
    };
    return OneIn(25) ? Pick(*kOdd) : Pick(legal);
  }

  std::string Name() { return Text({"a", "b", "name \xC3\xA9"}); }

  std::string Key() { return Text({"key-1", "alias/key", "arn:aws:kms:k"}); }

  std::string CatalogId() {
    return Text({"111111111111", "222222222222", "any catalog"});
  }

  std::string Policy() {
    static const auto* const kLegal = new std::vector<std::string>{
        "{}", R"({"Version":"2012-10-17","Statement":[]})",
        " { \"k\" : [ 1.5e3 , \"\\ud83d\\ude00\" ] } "};
    static const auto* const kOdd = new std::vector<std::string>{
        "",
        "{",
        "[]",
        "{}{}",
        "\"text\"",
        "null",
        R"({"a":1,})",
        R"({"a":01})",
        R"({"a":1,"a":2})",
        R"({"a":"\ud83d"})",
        R"({"a":"\ude00\ud83d"})",
        R"({"a":"\x"})",
        "{\"a\":\"\n\"}",
        "{\"\xC3\xA9\":\"\x7F\"}",
        "{\"\xFF\":1}",
        "\xFF",
        R"({"a":{"b":[{"c":[]}]}})",
        R"({"a":-})",
        "\xEF\xBB\xBF{}",
        std::string("{}\0", 3),
        Nested(127),
        Nested(128),
        Nested(1023),
        Nested(1024),
        "{}" + std::string(10238, ' '),
        "{}" + std::string(10239, ' '),
    };
    return OneIn(12) ? Pick(*kOdd) : Pick(*kLegal);
  }

  std::string Hash(const std::vector<std::string>& known) {
    static const auto* const kUnknown =
        new std::vector<std::string>{"AAAAAAAAAAAAAAAAAAAAAA==", "stale"};
    if (known.empty() || OneIn(6)) return Text(*kUnknown);
    std::string hash = Pick(known);
    if (OneIn(12)) {
      hash[0] = static_cast<char>(hash[0] ^ 0x20);  // The other case.
    } else if (OneIn(12)) {
      hash.pop_back();
    }
    return hash;
  }

  // Usually one of 1..`last`, else a value outside.
  template <typename Enum>
  Enum Mode(int last) {
    if (OneIn(30)) return static_cast<Enum>(Pick<int>({0, last + 1, 77, -1}));
    return static_cast<Enum>(1 + Below(static_cast<size_t>(last)));
  }

  std::string Arn() {
    static const auto* const kArns = new std::vector<std::string>{
        "arn:aws:kms:us-east-1:111111111111:key/k",
        "arn:aws:kms:us-east-1:111111111111:alias/a", "arn:aws:kms:"};
    static const auto* const kOdd = new std::vector<std::string>{
        "",
        "arn:aws-cn:kms:k",
        "arn:aws-US:kms:k",
        "arn:aws:s3:::b",
        "arn:aws:kms:\n",
        "arn:aws:kms:\xC2\x85",
        "arn:aws:kms:\xE2\x80\xA9",
        "arn:aws:kms:\xFF",
        "key",
        "arn:aws:kms:" + std::string(300, 'k'),
    };
    return OneIn(10) ? Pick(*kOdd) : Pick(*kArns);
  }

 private:
  // An object around `levels` arrays.
  static std::string Nested(size_t levels) {
    return "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') +
           "}";
  }

  std::mt19937_64& rng_;
};

void FillSettings(Dice& dice, v1::DataCatalogEncryptionSettings* settings) {
  if (!dice.OneIn(3)) {
    auto* rest = settings->mutable_encryption_at_rest();
    if (!dice.OneIn(20)) {
      rest->set_catalog_encryption_mode(
          dice.Mode<v1::CatalogEncryptionMode>(2));
    }
    if (dice.OneIn(2)) rest->set_sse_aws_kms_key_id(dice.Key());
  }
  if (!dice.OneIn(3)) {
    auto* passwords = settings->mutable_connection_password_encryption();
    if (!dice.OneIn(20)) {
      passwords->set_return_connection_password_encrypted(dice.OneIn(2));
    }
    if (dice.OneIn(2)) passwords->set_aws_kms_key_id(dice.Key());
  }
}

void FillConfiguration(Dice& dice, v1::EncryptionConfiguration* configuration) {
  if (dice.OneIn(2)) {
    auto* list = configuration->mutable_s3_encryption();
    for (size_t n = dice.Pick<size_t>({0, 1, 1, 1, 2}); n > 0; --n) {
      auto* s3 = list->add_elements();
      if (!dice.OneIn(6)) {
        s3->set_s3_encryption_mode(dice.Mode<v1::S3EncryptionMode>(3));
      }
      if (!dice.OneIn(4)) s3->set_kms_key_arn(dice.Arn());
    }
  }
  if (dice.OneIn(2)) {
    auto* logs = configuration->mutable_cloud_watch_encryption();
    if (!dice.OneIn(6)) {
      logs->set_cloud_watch_encryption_mode(
          dice.Mode<v1::CloudWatchEncryptionMode>(2));
    }
    if (!dice.OneIn(4)) logs->set_kms_key_arn(dice.Arn());
  }
  if (dice.OneIn(2)) {
    auto* bookmarks = configuration->mutable_job_bookmarks_encryption();
    if (!dice.OneIn(6)) {
      bookmarks->set_job_bookmarks_encryption_mode(
          dice.Mode<v1::JobBookmarksEncryptionMode>(2));
    }
    if (!dice.OneIn(4)) bookmarks->set_kms_key_arn(dice.Arn());
  }
}

}  // namespace

Caller RandomCaller(std::mt19937_64& rng) {
  return Dice(rng).OneIn(3) ? Caller{"222222222222", "eu-west-1", ""}
                            : Caller{"111111111111", "us-east-1", ""};
}

v1::Request RandomRequest(std::mt19937_64& rng,
                          const std::vector<std::string>& known_hashes) {
  Dice dice(rng);
  v1::Request request;
  if (dice.OneIn(200)) return request;
  switch (1 + dice.Below(9)) {
    case v1::Request::kGetDataCatalogEncryptionSettings: {
      auto* get = request.mutable_get_data_catalog_encryption_settings();
      if (dice.OneIn(2)) get->set_catalog_id(dice.CatalogId());
      break;
    }
    case v1::Request::kPutDataCatalogEncryptionSettings: {
      auto* put = request.mutable_put_data_catalog_encryption_settings();
      if (dice.OneIn(2)) put->set_catalog_id(dice.CatalogId());
      if (!dice.OneIn(20)) {
        FillSettings(dice, put->mutable_data_catalog_encryption_settings());
      }
      break;
    }
    case v1::Request::kPutResourcePolicy: {
      auto* put = request.mutable_put_resource_policy();
      if (!dice.OneIn(30)) put->set_policy_in_json(dice.Policy());
      if (dice.OneIn(2))
        put->set_policy_hash_condition(dice.Hash(known_hashes));
      if (!dice.OneIn(3)) {
        put->set_policy_exists_condition(
            dice.Mode<v1::PolicyExistsCondition>(3));
      }
      break;
    }
    case v1::Request::kGetResourcePolicy:
      request.mutable_get_resource_policy();
      break;
    case v1::Request::kDeleteResourcePolicy: {
      auto* drop = request.mutable_delete_resource_policy();
      if (!dice.OneIn(3)) {
        drop->set_policy_hash_condition(dice.Hash(known_hashes));
      }
      break;
    }
    case v1::Request::kCreateSecurityConfiguration: {
      auto* create = request.mutable_create_security_configuration();
      if (!dice.OneIn(30)) create->set_name(dice.Name());
      if (!dice.OneIn(30)) {
        FillConfiguration(dice, create->mutable_encryption_configuration());
      }
      break;
    }
    case v1::Request::kDeleteSecurityConfiguration: {
      auto* drop = request.mutable_delete_security_configuration();
      if (!dice.OneIn(30)) drop->set_name(dice.Name());
      break;
    }
    case v1::Request::kGetSecurityConfiguration: {
      auto* get = request.mutable_get_security_configuration();
      if (!dice.OneIn(30)) get->set_name(dice.Name());
      break;
    }
    default: {
      auto* list = request.mutable_get_security_configurations();
      if (!dice.OneIn(4)) {
        list->set_max_results(
            dice.OneIn(4)
                ? dice.Pick<int>({-1, 0, 200, 201, 1000, 1001, 2147483647})
                : dice.Pick<int>({1, 1, 2}));
      }
      if (dice.OneIn(2)) {
        list->set_next_token(dice.OneIn(6) ? dice.Text({"", "not a token"})
                                           : kTokenPlaceholder);
      }
    }
  }
  return request;
}

}  // namespace glue_security
