// catalogs: a catalog per account and region. threads: several callers at once.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// The threads of one round, and the rounds of one check.
constexpr int kThreads = 4;
constexpr int kRounds = 25;

void PolicyIsApart(CheckContext& check, const Caller& other) {
  check.Ok(PutPolicy(PolicyText("a")));
  check.Fails(GetPolicy(), kNotFound, other);
  check.Fails(DeletePolicy(), kNotFound, other);
  check.Ok(PutPolicy(PolicyText("b", other), std::nullopt,
                     v1::POLICY_EXISTS_CONDITION_NOT_EXIST),
           other);
  check.SamePolicy(
      "the first policy", PolicyText("a"),
      check.Ok(GetPolicy()).get_resource_policy().policy_in_json());
  check.Ok(DeletePolicy(), other);
  check.Ok(GetPolicy());
}

void ConfigurationsAreApart(CheckContext& check, const Caller& other) {
  check.Ok(Create("a"));
  check.Fails(Get("a"), kNotFound, other);
  check.Fails(Delete("a"), kNotFound, other);
  check.Ok(Create("a"), other);
  check.Ok(Create("b"), other);
  const auto sorted = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return absl::StrJoin(names, ", ");
  };
  check.Same("the names", "a", sorted(check.Names()));
  check.Same("the names in the other catalog", "a, b",
             sorted(check.Names(other)));
  check.Ok(Delete("a"), other);
  check.Ok(Get("a"));
}

void SettingsAreApart(CheckContext& check, const Caller& other) {
  const auto before = check.Ok(GetSettings(), other);
  check.Ok(PutSettings(SettingsOf(
      R"pb(encryption_at_rest {
             catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
             sse_aws_kms_key_id: "k"
           })pb")));
  check.Same("the settings of the other catalog", before,
             check.Ok(GetSettings(), other));
}

// Counts the successes. The other answers must be `code`.
int Winners(CheckContext& check, const std::vector<v1::Response>& answers,
            v1::ErrorCode code) {
  int winners = 0;
  for (const v1::Response& answer : answers) {
    if (!answer.has_error()) {
      ++winners;
    } else {
      check.Same("the error of a caller that lost", CodeText(code),
                 CodeText(answer.error().code()), BackendCheckBasis::kChoice);
    }
  }
  return winners;
}

// Makes the call from several threads at once, round by round. `what` says what
// they do: "create one name".
template <typename Prepare, typename Call>
void ExactlyOneWins(CheckContext& check, absl::string_view what,
                    v1::ErrorCode code, Prepare prepare, Call call) {
  for (int round = 0; round < kRounds && !check.failed(); ++round) {
    check.Restart();
    prepare();
    std::vector<v1::Request> requests;
    for (int i = 0; i < kThreads; ++i) requests.push_back(call(i));
    check.Same(absl::StrCat("how many of ", kThreads,
                            " calls at once succeed that ", what),
               "1",
               absl::StrCat(Winners(check, check.Together(requests), code)));
  }
}

void AddRaceChecks(CheckGroup& threads) {
  threads.Add(
      "create", "of several callers that create one name, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "create one name", v1::ERROR_CODE_ALREADY_EXISTS, [] {},
            [](int) { return Create("a"); });
      },
      NeedsThreads());
  threads.Add(
      "delete_configuration",
      "of several callers that delete one name, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "delete one name", kNotFound,
            [&check] { check.Ok(Create("a")); },
            [](int) { return Delete("a"); });
      },
      NeedsThreads());
  threads.Add(
      "not_exist",
      "of several callers that create a policy with NOT_EXIST, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "put a policy with NOT_EXIST",
            v1::ERROR_CODE_CONDITION_CHECK_FAILURE, [] {},
            [](int i) {
              return PutPolicy(PolicyText(absl::StrCat("p", i)), std::nullopt,
                               v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
            });
      },
      NeedsThreads());
  threads.Add(
      "hash_condition",
      "of several callers that replace the policy by the same hash, one wins",
      [](CheckContext& check) {
        std::string hash;
        ExactlyOneWins(
            check, "replace a policy by the same hash",
            v1::ERROR_CODE_CONDITION_CHECK_FAILURE,
            [&] {
              hash = check.Ok(PutPolicy(PolicyText("old")))
                         .put_resource_policy()
                         .policy_hash();
            },
            [&](int i) {
              return PutPolicy(PolicyText(absl::StrCat("p", i)), hash);
            });
      },
      NeedsThreads());
}

void AddConnectionRaceChecks(CheckGroup& threads) {
  threads.Add(
      "create_connection", "of several callers that create one name, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "create one connection", v1::ERROR_CODE_ALREADY_EXISTS,
            [] {}, [](int) { return CreateConnection(ConnectionWith("a")); });
      },
      NeedsThreads());
  threads.Add(
      "delete_connection", "of several callers that delete one name, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "delete one connection", kNotFound,
            [&check] { check.Ok(CreateConnection(ConnectionWith("a"))); },
            [](int) { return DeleteConnection("a"); });
      },
      NeedsThreads());
}

void AddPolicyRaceChecks(CheckGroup& threads) {
  threads.Add(
      "delete_policy", "of several callers that delete the policy, one wins",
      [](CheckContext& check) {
        ExactlyOneWins(
            check, "delete the policy", kNotFound,
            [&check] { check.Ok(PutPolicy(PolicyText("a"))); },
            [](int) { return DeletePolicy(); });
      },
      NeedsThreads());
}

void LimitHolds(CheckContext& check) {
  check.limits().security_configurations_max = 2;
  for (int round = 0; round < kRounds && !check.failed(); ++round) {
    check.Restart();
    std::vector<v1::Request> requests;
    for (int i = 0; i < kThreads; ++i) {
      requests.push_back(Create(absl::StrCat("n", i)));
    }
    check.Same(
        "how many creates at once succeed where two are left", "2",
        absl::StrCat(Winners(check, check.Together(requests),
                             v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED)));
    check.Same("how many exist", "2", absl::StrCat(check.Names().size()));
  }
}

void ConnectionLimitHolds(CheckContext& check) {
  check.limits().connections_max = 2;
  for (int round = 0; round < kRounds && !check.failed(); ++round) {
    check.Restart();
    std::vector<v1::Request> requests;
    for (int i = 0; i < kThreads; ++i) {
      requests.push_back(
          CreateConnection(ConnectionWith(absl::StrCat("n", i))));
    }
    check.Same(
        "how many creates at once succeed where two are left", "2",
        absl::StrCat(Winners(check, check.Together(requests),
                             v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED)));
  }
}

void NothingIsLost(CheckContext& check) {
  for (int round = 0; round < kRounds && !check.failed(); ++round) {
    check.Restart();
    check.Ok(Create("old0"));
    check.Ok(Create("old1"));
    const auto answers = check.Together(
        {Create("new0"), Delete("old0"), Create("new1"), Delete("old1")});
    for (const v1::Response& answer : answers) {
      check.Expect(!answer.has_error(),
                   "the answer to one of several calls with different names",
                   "OK", Summary(answer));
    }
    // Another rule has the order.
    std::vector<std::string> names = check.Names();
    std::sort(names.begin(), names.end());
    check.Same("the names", "new0, new1", absl::StrJoin(names, ", "));
  }
}

void SettingsAreWhole(CheckContext& check) {
  const auto first = SettingsOf(
      "encryption_at_rest { "
      "catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS "
      "sse_aws_kms_key_id: \"one\" } "
      "connection_password_encryption { "
      "return_connection_password_encrypted: true aws_kms_key_id: \"one\" }");
  auto second = first;
  second.mutable_encryption_at_rest()->set_sse_aws_kms_key_id("two");
  second.mutable_connection_password_encryption()->set_aws_kms_key_id("two");
  for (int round = 0; round < kRounds && !check.failed(); ++round) {
    check.Restart();
    check.Ok(PutSettings(first));
    const auto answers = check.Together(
        {PutSettings(second), GetSettings(), GetSettings(), GetSettings()});
    for (size_t i = 1; i < answers.size(); ++i) {
      const auto& shown = answers[i]
                              .get_data_catalog_encryption_settings()
                              .data_catalog_encryption_settings();
      using google::protobuf::util::MessageDifferencer;
      check.Expect(MessageDifferencer::Equals(shown, first) ||
                       MessageDifferencer::Equals(shown, second),
                   "the settings that are read during a Put",
                   "those before it or those after it", OneLine(shown));
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
    catalogs.Add(
        absl::StrCat(id, ".policy"), says,
        [other = other](CheckContext& check) { PolicyIsApart(check, other); });
    catalogs.Add(absl::StrCat(id, ".configurations"), says,
                 [other = other](CheckContext& check) {
                   ConfigurationsAreApart(check, other);
                 });
    catalogs.Add(absl::StrCat(id, ".settings"), says,
                 [other = other](CheckContext& check) {
                   SettingsAreApart(check, other);
                 });
  }
  catalogs.Add("principals_share", "a catalog is the same for every caller",
               [](CheckContext& check) {
                 Caller alice = Home();
                 alice.principal_arn = "arn:aws:iam::123456789012:user/alice";
                 check.Ok(PutPolicy(PolicyText("a")));
                 check.Ok(Create("a"));
                 check.Ok(GetPolicy(), alice);
                 check.Ok(Get("a"), alice);
               });
  catalogs.Add(
      "account_and_region_do_not_mix",
      "a catalog is a pair of account and region",
      [](CheckContext& check) {
        const Caller one{"1", "2-3", ""};
        const Caller two{"1-2", "3", ""};
        const Caller three{"12", "-3", ""};
        check.Ok(Create("a"), one);
        check.Fails(Get("a"), kNotFound, two);
        check.Fails(Get("a"), kNotFound, three);
        check.Fails(Get("a"), kNotFound, Caller{"2-3", "1", ""});
      },
      NeedsPrincipals());
}

void AddThreadChecks(Checks* checks) {
  CheckGroup threads(checks, "threads", "docs/decisions/writers-line-up.md");
  AddRaceChecks(threads);
  AddConnectionRaceChecks(threads);
  AddPolicyRaceChecks(threads);
  BackendNeeds limits = NeedsThreads();
  limits.limits = true;
  threads.Add("number_limit", "several creates never exceed the number limit",
              LimitHolds, limits);
  threads.Add("connection_limit",
              "several creates never exceed the number limit",
              ConnectionLimitHolds, limits);
  threads.Add("no_lost_update",
              "creates and deletes of other names are not lost", NothingIsLost,
              NeedsThreads());
  threads.Add("settings_are_whole", "Put replaces everything at once",
              SettingsAreWhole, NeedsThreads());
}

}  // namespace glue_security::conformance_internal
