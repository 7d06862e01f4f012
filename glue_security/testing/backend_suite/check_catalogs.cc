// catalogs: a catalog per account and region. threads: several callers at once.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// The threads of one round, and the rounds of one check.
constexpr int kThreads = 4;
constexpr int kRounds = 25;

void PolicyIsApart(CheckRun& run, const Caller& other) {
  run.Ok(PutPolicy(PolicyText("a")));
  run.Fails(GetPolicy(), kNotFound, other);
  run.Fails(DeletePolicy(), kNotFound, other);
  run.Ok(PutPolicy(PolicyText("b", other), std::nullopt,
                   v1::POLICY_EXISTS_CONDITION_NOT_EXIST),
         other);
  run.Same("the first policy", PolicyText("a"),
           run.Ok(GetPolicy()).get_resource_policy().policy_in_json());
  run.Ok(DeletePolicy(), other);
  run.Ok(GetPolicy());
}

void ConfigurationsAreApart(CheckRun& run, const Caller& other) {
  run.Ok(Create("a"));
  run.Fails(Get("a"), kNotFound, other);
  run.Fails(Delete("a"), kNotFound, other);
  run.Ok(Create("a"), other);
  run.Ok(Create("b"), other);
  run.Same("the names", "a", absl::StrJoin(run.Names(), ", "));
  run.Same("the names of the other", "a, b",
           absl::StrJoin(run.Names(other), ", "));
  run.Ok(Delete("a"), other);
  run.Ok(Get("a"));
}

void SettingsAreApart(CheckRun& run, const Caller& other) {
  const auto before = run.Ok(GetSettings(), other);
  run.Ok(PutSettings(SettingsOf(
      R"pb(encryption_at_rest {
             catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
             sse_aws_kms_key_id: "k"
           })pb")));
  run.Same("the settings of the other", before, run.Ok(GetSettings(), other));
}

// Counts the successes. The other answers must be `code`.
int Winners(CheckRun& run, const std::vector<v1::Response>& answers,
            v1::ErrorCode code) {
  int winners = 0;
  for (const v1::Response& answer : answers) {
    if (!answer.has_error()) {
      ++winners;
    } else {
      run.Same("the error of one that came late", v1::ErrorCode_Name(code),
               v1::ErrorCode_Name(answer.error().code()));
    }
  }
  return winners;
}

// Makes the call from several threads at once, round by round.
template <typename Prepare, typename Call>
void ExactlyOneWins(CheckRun& run, v1::ErrorCode code, Prepare prepare,
                    Call call) {
  for (int round = 0; round < kRounds && !run.failed(); ++round) {
    run.Restart();
    prepare();
    std::vector<v1::Request> requests;
    for (int i = 0; i < kThreads; ++i) requests.push_back(call(i));
    run.Same("how many succeed", "1",
             absl::StrCat(Winners(run, run.Together(requests), code)));
  }
}

void AddRaceChecks(CheckGroup& threads) {
  threads.Add(
      "create", "of several that create one name, one wins",
      [](CheckRun& run) {
        ExactlyOneWins(
            run, v1::ERROR_CODE_ALREADY_EXISTS, [] {},
            [](int) { return Create("a"); });
      },
      NeedsThreads());
  threads.Add(
      "delete_configuration", "of several that delete one name, one wins",
      [](CheckRun& run) {
        ExactlyOneWins(
            run, kNotFound, [&run] { run.Ok(Create("a")); },
            [](int) { return Delete("a"); });
      },
      NeedsThreads());
  threads.Add(
      "not_exist", "of several that create a policy with NOT_EXIST, one wins",
      [](CheckRun& run) {
        ExactlyOneWins(
            run, v1::ERROR_CODE_CONDITION_CHECK_FAILURE, [] {},
            [](int i) {
              return PutPolicy(PolicyText(absl::StrCat("p", i)), std::nullopt,
                               v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
            });
      },
      NeedsThreads());
  threads.Add(
      "hash_condition",
      "of several that replace the policy under the same hash, one wins",
      [](CheckRun& run) {
        std::string hash;
        ExactlyOneWins(
            run, v1::ERROR_CODE_CONDITION_CHECK_FAILURE,
            [&] {
              hash = run.Ok(PutPolicy(PolicyText("old")))
                         .put_resource_policy()
                         .policy_hash();
            },
            [&](int i) {
              return PutPolicy(PolicyText(absl::StrCat("p", i)), hash);
            });
      },
      NeedsThreads());
  threads.Add(
      "delete_policy", "of several that delete the policy, one wins",
      [](CheckRun& run) {
        ExactlyOneWins(
            run, kNotFound, [&run] { run.Ok(PutPolicy(PolicyText("a"))); },
            [](int) { return DeletePolicy(); });
      },
      NeedsThreads());
}

void LimitHolds(CheckRun& run) {
  run.limits().security_configurations_max = 2;
  for (int round = 0; round < kRounds && !run.failed(); ++round) {
    run.Restart();
    std::vector<v1::Request> requests;
    for (int i = 0; i < kThreads; ++i) {
      requests.push_back(Create(absl::StrCat("n", i)));
    }
    run.Same(
        "how many succeed", "2",
        absl::StrCat(Winners(run, run.Together(requests),
                             v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED)));
    run.Same("how many there are", "2", absl::StrCat(run.Names().size()));
  }
}

void NothingIsLost(CheckRun& run) {
  for (int round = 0; round < kRounds && !run.failed(); ++round) {
    run.Restart();
    run.Ok(Create("old0"));
    run.Ok(Create("old1"));
    const auto answers = run.Together(
        {Create("new0"), Delete("old0"), Create("new1"), Delete("old1")});
    for (const v1::Response& answer : answers) {
      run.True("calls of different names all succeed", !answer.has_error());
    }
    run.Same("the names", "new0, new1", absl::StrJoin(run.Names(), ", "));
  }
}

void SettingsAreWhole(CheckRun& run) {
  const auto first = SettingsOf(
      "encryption_at_rest { "
      "catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS "
      "sse_aws_kms_key_id: \"one\" } "
      "connection_password_encryption { "
      "return_connection_password_encrypted: true aws_kms_key_id: \"one\" }");
  auto second = first;
  second.mutable_encryption_at_rest()->set_sse_aws_kms_key_id("two");
  second.mutable_connection_password_encryption()->set_aws_kms_key_id("two");
  for (int round = 0; round < kRounds && !run.failed(); ++round) {
    run.Restart();
    run.Ok(PutSettings(first));
    const auto answers = run.Together(
        {PutSettings(second), GetSettings(), GetSettings(), GetSettings()});
    for (size_t i = 1; i < answers.size(); ++i) {
      const auto& shown = answers[i]
                              .get_data_catalog_encryption_settings()
                              .data_catalog_encryption_settings();
      using google::protobuf::util::MessageDifferencer;
      run.True("a reader sees the settings before or after the Put",
               MessageDifferencer::Equals(shown, first) ||
                   MessageDifferencer::Equals(shown, second));
    }
  }
}

}  // namespace

void AddCatalogChecks(Checks* checks) {
  CheckGroup catalogs(checks, "catalogs", "docs/decisions/stored-records.md");
  for (const auto& [id, other] :
       {std::pair<const char*, Caller>{"accounts", OtherAccount()},
        {"regions", OtherRegion()}}) {
    const std::string says = "a catalog per account and region";
    catalogs.Add(absl::StrCat(id, ".policy"), says,
                 [other = other](CheckRun& run) { PolicyIsApart(run, other); });
    catalogs.Add(
        absl::StrCat(id, ".configurations"), says,
        [other = other](CheckRun& run) { ConfigurationsAreApart(run, other); });
    catalogs.Add(
        absl::StrCat(id, ".settings"), says,
        [other = other](CheckRun& run) { SettingsAreApart(run, other); });
  }
  catalogs.Add("principals_share", "whoever calls, a catalog is one",
               [](CheckRun& run) {
                 Caller alice = Home();
                 alice.principal_arn = "arn:aws:iam::123456789012:user/alice";
                 run.Ok(PutPolicy(PolicyText("a")));
                 run.Ok(Create("a"));
                 run.Ok(GetPolicy(), alice);
                 run.Ok(Get("a"), alice);
               });
  catalogs.Add("account_and_region_do_not_mix",
               "a catalog is a pair of account and region", [](CheckRun& run) {
                 const Caller one{"1", "2-3", ""};
                 const Caller two{"1-2", "3", ""};
                 const Caller three{"12", "-3", ""};
                 run.Ok(Create("a"), one);
                 run.Fails(Get("a"), kNotFound, two);
                 run.Fails(Get("a"), kNotFound, three);
                 run.Fails(Get("a"), kNotFound, Caller{"2-3", "1", ""});
               });
}

void AddThreadChecks(Checks* checks) {
  CheckGroup threads(checks, "threads",
                     "contract; glue_security/backend/backend.h");
  AddRaceChecks(threads);
  BackendNeeds limits = NeedsThreads();
  limits.limits = true;
  threads.Add("number_limit", "several creates never pass the number limit",
              LimitHolds, limits);
  threads.Add("no_lost_update", "creates and deletes of other names are kept",
              NothingIsLost, NeedsThreads());
  threads.Add("settings_are_whole", "Put replaces everything at once",
              SettingsAreWhole, NeedsThreads());
}

}  // namespace glue_security::conformance_internal
