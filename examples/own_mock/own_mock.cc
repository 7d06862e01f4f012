#include "examples/own_mock/own_mock.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "google/protobuf/util/time_util.h"

namespace own_mock {
namespace {

using namespace glue_security::v1;

constexpr auto kOk = ERROR_CODE_UNSPECIFIED;
constexpr auto kInvalid = ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kConditionFailed = ERROR_CODE_CONDITION_CHECK_FAILURE;

// FNV-1a.
std::string Hash(const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001B3;
  return std::to_string(hash);
}

// Texts are UTF-8, as in every message, so a character can be searched for.
bool HasAny(const std::string& text, std::initializer_list<const char*> chars) {
  const auto is_in = [&](const char* c) { return text.find(c) != text.npos; };
  return std::any_of(chars.begin(), chars.end(), is_in);
}

// Says whether a block has a mode from 1 to `last`, if any, and a key, if any.
template <typename Block>
bool IsBlock(const Block& block, bool has_mode, int mode, int last) {
  if (has_mode && (mode < 1 || mode > last)) return false;
  const std::string& key = block.kms_key_arn();
  return !block.has_kms_key_arn() ||
         (key.rfind("arn:aws:kms:", 0) == 0 &&
          !HasAny(key, {"\n", "\r", "\u0085", "\u2028", "\u2029"}));
}

bool IsConfiguration(const EncryptionConfiguration& given) {
  const auto& logs = given.cloud_watch_encryption();
  const auto& jobs = given.job_bookmarks_encryption();
  bool is_legal = IsBlock(logs, logs.has_cloud_watch_encryption_mode(),
                          logs.cloud_watch_encryption_mode(), 2) &&
                  IsBlock(jobs, jobs.has_job_bookmarks_encryption_mode(),
                          jobs.job_bookmarks_encryption_mode(), 2);
  for (const S3Encryption& s3 : given.s3_encryption().elements()) {
    const bool has_mode = s3.has_s3_encryption_mode();
    is_legal &= IsBlock(s3, has_mode, s3.s3_encryption_mode(), 3);
  }
  return is_legal;
}

class OwnMock : public glue_security::Backend {
 public:
  explicit OwnMock(Mistake mistake) : mistake_(mistake) {}

  Response Execute(const glue_security::Caller& caller,
                   const Request& in) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::string at = Has(Mistake::kIgnoresRegion) ? "" : caller.region;
    Response out;
    const ErrorCode code = Run({caller.account_id, at}, in, &out);
    if (code != kOk) {
      out.mutable_error()->set_code(code);
      out.mutable_error()->set_message("no: " + ErrorCode_Name(code));
    }
    return out;
  }

 private:
  // An account and a region.
  using Place = std::pair<std::string, std::string>;
  struct Catalog {
    std::optional<GetResourcePolicyResponse> policy;
    bool had_policy = false;  // for a mistake
    DataCatalogEncryptionSettings settings;
    std::map<std::string, SecurityConfiguration> configurations;
  };

  ErrorCode Run(const Place& place, const Request& in, Response* out) {
    Catalog& at = catalogs_[place];
    if (in.has_put_resource_policy()) return PutPolicy(in, at, out);
    if (in.has_get_resource_policy()) {
      if (!at.policy) return kNotFound;
      *out->mutable_get_resource_policy() = *at.policy;
      return kOk;
    }
    if (in.has_delete_resource_policy()) return DeletePolicy(in, at, out);
    if (in.has_create_security_configuration()) return Create(in, at, out);
    if (in.has_get_security_configurations()) return List(in, place, out);
    if (in.has_get_data_catalog_encryption_settings() ||
        in.has_put_data_catalog_encryption_settings()) {
      return RunOnSettings(in, place, out);
    }
    return GetOrDelete(in, at, out);
  }

  ErrorCode PutPolicy(const Request& in, Catalog& at, Response* out) {
    const auto& put = in.put_resource_policy();
    const int exists = put.policy_exists_condition();
    const std::string& hash = put.policy_hash_condition();
    const bool has_hash = put.has_policy_hash_condition();
    if (!IsText(put.policy_in_json(), 2, 10240) ||
        (has_hash && !IsName(hash)) ||
        (put.has_policy_exists_condition() && (exists < 1 || exists > 3))) {
      return kInvalid;
    }
    bool is_there = at.policy.has_value();  // or not, by mistake
    if (Has(Mistake::kDeletedPolicyExists)) is_there = at.had_policy;
    if ((exists == POLICY_EXISTS_CONDITION_MUST_EXIST && !at.policy) ||
        (exists == POLICY_EXISTS_CONDITION_NOT_EXIST && is_there) ||
        (has_hash && (!at.policy || hash != at.policy->policy_hash()))) {
      return kConditionFailed;
    }
    DropLockByMistake();
    at.had_policy = true;  // for a mistake
    const bool is_new = !at.policy || Has(Mistake::kResetsCreateTime);
    if (!at.policy) at.policy.emplace();
    *at.policy->mutable_update_time() = Now();
    if (is_new) *at.policy->mutable_create_time() = at.policy->update_time();
    at.policy->set_policy_in_json(put.policy_in_json());
    at.policy->set_policy_hash(Hash(put.policy_in_json()));
    *out->mutable_put_resource_policy()->mutable_policy_hash() =
        at.policy->policy_hash();
    return kOk;
  }

  ErrorCode DeletePolicy(const Request& in, Catalog& at, Response* out) {
    const auto& call = in.delete_resource_policy();
    const std::string& hash = call.policy_hash_condition();
    bool has_hash = call.has_policy_hash_condition();
    if (has_hash && !IsName(hash)) return kInvalid;
    if (!at.policy) return kNotFound;
    if (Has(Mistake::kIgnoresHashOnDelete)) has_hash = false;
    if (has_hash && hash != at.policy->policy_hash()) return kConditionFailed;
    DropLockByMistake();
    at.policy.reset();
    out->mutable_delete_resource_policy();
    return kOk;
  }

  ErrorCode Create(const Request& in, Catalog& at, Response* out) {
    const auto& create = in.create_security_configuration();
    if (!IsName(create.name()) || !create.has_encryption_configuration() ||
        !IsConfiguration(create.encryption_configuration())) {
      return kInvalid;
    }
    auto& all = at.configurations;
    if (all.count(create.name()) > 0) return ERROR_CODE_ALREADY_EXISTS;
    DropLockByMistake();
    SecurityConfiguration& created = all[create.name()];
    created.set_name(create.name());
    *created.mutable_created_time_stamp() = Now();
    auto* kept = created.mutable_encryption_configuration();
    *kept = create.encryption_configuration();
    kept->clear_data_quality_encryption();  // It came after 2019.
    auto* answer = out->mutable_create_security_configuration();
    answer->set_name(create.name());
    *answer->mutable_created_timestamp() = created.created_time_stamp();
    return kOk;
  }

  ErrorCode GetOrDelete(const Request& in, Catalog& at, Response* out) {
    const std::string name = in.get_security_configuration().name() +
                             in.delete_security_configuration().name();
    if (!IsName(name)) return kInvalid;
    const auto found = at.configurations.find(name);
    if (found == at.configurations.end()) return kNotFound;
    if (in.has_get_security_configuration()) {
      auto* answer = out->mutable_get_security_configuration();
      *answer->mutable_security_configuration() = found->second;
      return kOk;
    }
    DropLockByMistake();
    at.configurations.erase(name);
    out->mutable_delete_security_configuration();
    return kOk;
  }

  ErrorCode List(const Request& in, const Place& place, Response* out) {
    // A token is the last name, and proof that it is of this catalog.
    const auto token_after = [&](const std::string& last) {
      return Hash(place.first + place.second + last) + "/" + last;
    };
    const auto& list = in.get_security_configurations();
    const int max = list.has_max_results() ? list.max_results() : 100;
    if (max < 1 || max > 1000) return kInvalid;
    const std::string& token = list.next_token();
    const auto& all = catalogs_[place].configurations;
    auto next = all.begin();
    if (!token.empty()) {
      const std::string last = token.substr(token.find('/') + 1);
      if (token != token_after(last)) return kInvalid;
      next = all.upper_bound(last);
      if (Has(Mistake::kOffsetIsToken)) next = AtOffset(last, all);
    }
    auto* page = out->mutable_get_security_configurations();
    for (int i = 0; i < max && next != all.end(); ++i, ++next) {
      *page->add_security_configurations() = next->second;
    }
    if (next == all.end()) return kOk;
    std::string last = std::prev(next)->first;
    if (Has(Mistake::kOffsetIsToken)) last = OffsetOf(next, all);
    page->set_next_token(token_after(last));
    return kOk;
  }

  ErrorCode RunOnSettings(const Request& in, Place place, Response* out) {
    const auto& put = in.put_data_catalog_encryption_settings();
    const auto& get = in.get_data_catalog_encryption_settings();
    if (put.has_catalog_id()) place.first = put.catalog_id();
    if (get.has_catalog_id()) place.first = get.catalog_id();
    if (!IsName(place.first)) return kInvalid;
    auto& settings = catalogs_[place].settings;
    if (in.has_put_data_catalog_encryption_settings()) {
      const auto& given = put.data_catalog_encryption_settings();
      const bool has_given = put.has_data_catalog_encryption_settings();
      if (!has_given || !AreLegal(given)) return kInvalid;
      DropLockByMistake();
      if (!Has(Mistake::kMergesSettings)) settings.Clear();
      settings.MergeFrom(given);
      out->mutable_put_data_catalog_encryption_settings();
      return kOk;
    }
    auto* shown = out->mutable_get_data_catalog_encryption_settings()
                      ->mutable_data_catalog_encryption_settings();
    auto* rest = shown->mutable_encryption_at_rest();
    rest->set_catalog_encryption_mode(CATALOG_ENCRYPTION_MODE_DISABLED);
    auto* passwords = shown->mutable_connection_password_encryption();
    passwords->set_return_connection_password_encrypted(false);
    shown->MergeFrom(settings);
    rest->clear_catalog_encryption_service_role();  // It came after 2019.
    return kOk;
  }

  bool AreLegal(const DataCatalogEncryptionSettings& given) const {
    const auto& rest = given.encryption_at_rest();
    const int mode = rest.catalog_encryption_mode();
    if (given.has_encryption_at_rest() && mode != 1 && mode != 2) return false;
    const auto& passwords = given.connection_password_encryption();
    const bool has_flag = passwords.has_return_connection_password_encrypted();
    if (given.has_connection_password_encryption() && !has_flag) return false;
    return (!rest.has_sse_aws_kms_key_id() ||
            IsName(rest.sse_aws_kms_key_id())) &&
           (!passwords.has_aws_kms_key_id() ||
            IsName(passwords.aws_kms_key_id()));
  }

  bool IsName(const std::string& text) const {
    const auto is_bad = [](unsigned char c) { return c < ' ' && c != '\t'; };
    return IsText(text, 1, 255) && !HasAny(text, {"\uFFFE", "\uFFFF"}) &&
           std::none_of(text.begin(), text.end(), is_bad);
  }

  bool IsText(const std::string& text, size_t min, size_t max) const {
    size_t size = text.size();  // or characters, by mistake
    if (Has(Mistake::kCountsCharacters)) size = CharactersIn(text);
    return size >= min && size <= max;
  }

  google::protobuf::Timestamp Now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    now_ms_ = std::max<int64_t>(now_ms_, now / std::chrono::milliseconds(1));
    return google::protobuf::util::TimeUtil::MillisecondsToTimestamp(now_ms_);
  }

  // Called between the checks of a call and its write.
  void DropLockByMistake() {
    if (Has(Mistake::kDropsLock)) LetOthersRun(&mutex_);
  }
  bool Has(Mistake mistake) const { return mistake_ == mistake; }

  const Mistake mistake_;
  std::mutex mutex_;
  std::map<Place, Catalog> catalogs_;
  int64_t now_ms_ = 0;
};

}  // namespace

std::unique_ptr<glue_security::Backend> MakeOwnMock(Mistake mistake) {
  return std::make_unique<OwnMock>(mistake);
}

}  // namespace own_mock
