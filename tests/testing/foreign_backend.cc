#include "tests/testing/foreign_backend.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

class ForeignBackend : public Backend {
 public:
  ForeignBackend(const ForeignStyle& style, const BackendFactory& inner,
                 BackendSetup setup)
      : style_(style), inner_(inner(WithClock(setup))) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    clock_.Advance(absl::Seconds(1));
    Catalog& catalog = catalogs_[{caller.account_id, caller.region}];
    v1::Request inner = request;
    if (request.put_resource_policy().has_policy_hash_condition()) {
      ToInner(
          catalog,
          inner.mutable_put_resource_policy()->mutable_policy_hash_condition());
    }
    if (request.delete_resource_policy().has_policy_hash_condition()) {
      ToInner(catalog, inner.mutable_delete_resource_policy()
                           ->mutable_policy_hash_condition());
    }
    v1::Response answer = inner_.backend->Execute(caller, inner);
    Restyle(catalog, &answer);
    return answer;
  }

 private:
  // A catalog's hashes in force, and all hashes of texts by those of the
  // engine.
  struct Catalog {
    std::string inner;
    std::string own;
    std::map<std::string, std::string> of_texts;
    int puts = 0;
  };

  BackendSetup WithClock(BackendSetup setup) {
    if (style_.own_clock) setup.clock = &clock_;
    return setup;
  }

  void ToInner(const Catalog& catalog, std::string* condition) const {
    if (style_.hashes == ForeignStyle::Hashes::kSame) return;
    if (*condition == catalog.own) {
      *condition = catalog.inner;
    } else if (*condition == catalog.inner) {
      *condition += "x";
    }
  }

  void Restyle(Catalog& catalog, v1::Response* answer) const {
    if (answer->has_error() && style_.codes_only) {
      answer->mutable_error()->clear_violations();
      answer->mutable_error()->clear_message();
    } else if (answer->has_put_resource_policy()) {
      auto* put = answer->mutable_put_resource_policy();
      catalog.inner = put->policy_hash();
      catalog.own = NewHash(catalog);
      put->set_policy_hash(catalog.own);
    } else if (answer->has_get_resource_policy()) {
      RestylePolicy(catalog, answer->mutable_get_resource_policy());
    } else if (answer->has_get_resource_policies()) {
      for (v1::GluePolicy& policy :
           *answer->mutable_get_resource_policies()->mutable_policies()) {
        RestylePolicy(catalog, &policy);
      }
    } else if (style_.no_times) {
      DropTimes(answer);
    }
  }

  std::string NewHash(Catalog& catalog) const {
    switch (style_.hashes) {
      case ForeignStyle::Hashes::kSame:
        break;
      case ForeignStyle::Hashes::kOfText:
        return catalog.of_texts
            .try_emplace(catalog.inner,
                         absl::StrCat("Etag-", catalog.of_texts.size() + 1))
            .first->second;
      case ForeignStyle::Hashes::kOfPut:
        return absl::StrCat(++catalog.puts);
    }
    return catalog.inner;
  }

  template <typename Policy>
  void RestylePolicy(const Catalog& catalog, Policy* policy) const {
    policy->set_policy_hash(catalog.own);
    if (!style_.no_times) return;
    policy->clear_create_time();
    policy->clear_update_time();
  }

  static void DropTimesOf(v1::Connection* connection) {
    connection->clear_creation_time();
    connection->clear_last_updated_time();
  }

  static void DropTimes(v1::Response* answer) {
    if (answer->has_create_security_configuration()) {
      answer->mutable_create_security_configuration()
          ->clear_created_timestamp();
    } else if (answer->has_get_security_configuration()) {
      answer->mutable_get_security_configuration()
          ->mutable_security_configuration()
          ->clear_created_time_stamp();
    } else if (answer->has_get_security_configurations()) {
      for (auto& shown : *answer->mutable_get_security_configurations()
                              ->mutable_security_configurations()) {
        shown.clear_created_time_stamp();
      }
    } else if (answer->has_get_connection()) {
      DropTimesOf(answer->mutable_get_connection()->mutable_connection());
    } else if (answer->has_get_connections()) {
      for (auto& shown :
           *answer->mutable_get_connections()->mutable_connection_list()) {
        DropTimesOf(&shown);
      }
    }
  }

  const ForeignStyle style_;
  FakeClock clock_{absl::FromUnixSeconds(1'000'000'000)};
  TestedBackend inner_;
  std::map<std::pair<std::string, std::string>, Catalog> catalogs_;
};

}  // namespace

BackendFactory Foreign(const ForeignStyle& style, BackendFactory inner) {
  return [style, inner = std::move(inner)](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<ForeignBackend>(style, inner, setup));
  };
}

}  // namespace glue_security
