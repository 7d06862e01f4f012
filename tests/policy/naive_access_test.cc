// Tests the naive combination of policies with outcomes that follow from the
// rules by hand. docs/decisions/access.md tells the outcomes apart.

#include "tests/policy/naive_access.h"

#include <string>
#include <vector>

#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_test_support.h"

namespace glue_security::naive {
namespace {

constexpr DecisionKind kAllow = DecisionKind::kAllow;
constexpr DecisionKind kExplicit = DecisionKind::kExplicitDeny;
constexpr DecisionKind kImplicit = DecisionKind::kImplicitDeny;
constexpr DecisionKind kUndecided = DecisionKind::kUndecided;
constexpr DecisionKind kKinds[] = {kAllow, kExplicit, kImplicit, kUndecided};

constexpr AccessResult kAllowed = AccessResult::kAllowed;
constexpr AccessResult kDeniedByIdentity = AccessResult::kDeniedByIdentity;
constexpr AccessResult kDeniedByResource = AccessResult::kDeniedByResource;
constexpr AccessResult kNoIdentity = AccessResult::kNotAllowedByIdentity;
constexpr AccessResult kNoResource = AccessResult::kNotAllowedByResource;

constexpr char kUserId[] = "AIDAAAAAAAAAAAAAAAAA";
constexpr char kRoleId[] = "AROAAAAAAAAAAAAAAAAA";
constexpr char kFederated[] = "arn:aws:sts::123456789012:federated-user/bob";

// Returns a policy that allows everything to the entries of AWS, which are in
// quotes.
std::string AllowTo(const std::string& entries) {
  return Policy(
      {Statement("Allow", R"("Principal": {"AWS": [)" + entries + "]}")});
}

std::string Quote(const std::string& text) { return "\"" + text + "\""; }

AuthorizationRequest RequestWithId(const std::string& arn,
                                   const std::string& id) {
  AuthorizationRequest request = RequestBy(arn);
  request.principal.unique_id = id;
  return request;
}

const std::string& OpenCondition() {
  static const auto* const kText =
      new std::string(R"("Condition": {"StringEquals": {"u": "v"}})");
  return *kText;
}

TEST(NaiveAccessTest, ADenyOfIdentityPoliciesOrLimitsComesFirst) {
  const std::string deny = Policy({Statement("Deny", "")});
  const std::string allow = AllowTo(Quote(kAlice));
  for (const std::string& policy : {std::string(), deny, allow}) {
    for (const bool same_account : {false, true}) {
      for (const DecisionKind denies : {kExplicit, kUndecided}) {
        for (const DecisionKind other : kKinds) {
          const AuthorizationRequest request = RequestBy(kAlice);
          EXPECT_EQ(NaiveAccess(policy, request, same_account, denies, other),
                    kDeniedByIdentity);
          EXPECT_EQ(NaiveAccess(policy, request, same_account, other, denies),
                    kDeniedByIdentity);
        }
      }
    }
  }
}

TEST(NaiveAccessTest, ADenyOfTheResourcePolicyDenies) {
  const std::string allow = Statement("Allow", "");
  const std::string account = R"("Principal": {"AWS": "123456789012"})";
  const std::vector<std::string> policies = {
      Policy({Statement("Deny", "")}),
      Policy({Statement("Deny", ""), allow}),
      // One that is undecided denies, too.
      Policy({Statement("Deny", OpenCondition()), allow}),
      // One that names the account denies everybody in it.
      Policy({allow, Statement("Deny", account)}),
  };
  for (const std::string& policy : policies) {
    AuthorizationRequest request = RequestBy(kAlice);
    request.unknown_keys = {"u"};
    for (const bool same_account : {false, true}) {
      for (const DecisionKind identity : {kAllow, kImplicit}) {
        for (const DecisionKind limit : {kAllow, kImplicit}) {
          EXPECT_EQ(NaiveAccess(policy, request, same_account, identity, limit),
                    kDeniedByResource)
              << policy;
        }
      }
    }
  }
}

TEST(NaiveAccessTest, AnUndecidedAllowGrantsNothing) {
  const std::string policy = Policy({Statement("Allow", OpenCondition())});
  AuthorizationRequest request = RequestBy(kAlice);
  request.unknown_keys = {"u"};
  EXPECT_EQ(NaiveAccess(policy, request, true, kImplicit, kAllow), kNoIdentity);
  EXPECT_EQ(NaiveAccess(policy, request, true, kAllow, kAllow), kAllowed);
  EXPECT_EQ(NaiveAccess(policy, request, false, kAllow, kAllow), kNoResource);
  request = RequestBy("");
  request.principal.service = "glue.amazonaws.com";
  request.unknown_keys = {"u"};
  EXPECT_EQ(NaiveAccess(policy, request, true, kAllow, kAllow), kNoResource);
}

// A grant of the resource policy within the account if the identity policies
// allow nothing.
struct GrantCase {
  std::string caller;
  std::string id;
  std::string entries;
  // Without limits, and if the limits allow nothing.
  AccessResult unlimited;
  AccessResult limited;
};

std::vector<GrantCase> Grants() {
  const std::string root = Quote(kRoot);
  const std::string account = "\"123456789012\"";
  const std::string role = "\"arn:aws:iam::123456789012:role/team/reader\"";
  return {
      // The principal itself.
      {kAlice, "", Quote(kAlice), kAllowed, kAllowed},
      {kAlice, kUserId, Quote(kUserId), kAllowed, kAllowed},
      {kSession, "", Quote(kSession), kAllowed, kAllowed},
      {kFederated, "", Quote(kFederated), kAllowed, kAllowed},
      {kRoot, "", root, kAllowed, kAllowed},
      // The role and everybody.
      {kSession, "", role, kAllowed, kNoIdentity},
      {kSession, kRoleId, Quote(kRoleId), kAllowed, kNoIdentity},
      {kReader, "", Quote(kReader), kAllowed, kNoIdentity},
      {kReader, kRoleId, Quote(kRoleId), kAllowed, kNoIdentity},
      {kAlice, "", "\"*\"", kAllowed, kNoIdentity},
      {kRoot, "", "\"*\"", kAllowed, kNoIdentity},
      {"", "", "\"*\"", kAllowed, kNoIdentity},
      // The account.
      {kAlice, "", account, kNoIdentity, kNoIdentity},
      {kAlice, "", root, kNoIdentity, kNoIdentity},
      {kSession, "", account + "," + root, kNoIdentity, kNoIdentity},
      {kFederated, "", root, kNoIdentity, kNoIdentity},
      {kRoot, "", account, kNoIdentity, kNoIdentity},
      // The strongest entry counts.
      {kAlice, "", account + "," + Quote(kAlice) + ",\"*\"", kAllowed,
       kAllowed},
      {kSession, "", account + "," + role, kAllowed, kNoIdentity},
      {kRoot, "", account + "," + root, kAllowed, kAllowed},
      // An entry of which it is unknown whether it matches does not count.
      {kAlice, "", account + "," + Quote(kUserId), kNoIdentity, kNoIdentity},
      {kSession, "", account + "," + Quote(kRoleId), kNoIdentity, kNoIdentity},
      {kAlice, "", "\"*\"," + Quote(kUserId), kAllowed, kNoIdentity},
      {kAlice, "", Quote(kUserId), kNoIdentity, kNoIdentity},
      // Others.
      {kAlice, "", Quote(kReader), kNoIdentity, kNoIdentity},
      {kAlice, "", "", kNoIdentity, kNoIdentity},
  };
}

TEST(NaiveAccessTest, WithinTheAccountTheEntryDecides) {
  for (const GrantCase& c : Grants()) {
    const AuthorizationRequest request = RequestWithId(c.caller, c.id);
    const std::string policy = AllowTo(c.entries);
    EXPECT_EQ(NaiveAccess(policy, request, true, kImplicit, kAllow),
              c.unlimited)
        << c.caller << " " << c.entries;
    EXPECT_EQ(NaiveAccess(policy, request, true, kImplicit, kImplicit),
              c.limited)
        << c.caller << " " << c.entries;
    // The limits take away what identity policies give.
    EXPECT_EQ(NaiveAccess(policy, request, true, kAllow, kImplicit), c.limited)
        << c.caller << " " << c.entries;
    EXPECT_EQ(NaiveAccess(policy, request, true, kAllow, kAllow), kAllowed);
  }
}

TEST(NaiveAccessTest, TheStrongestOfTheStatementsThatApplyDecides) {
  const std::string alice =
      R"("Principal": {"AWS": ")" + std::string(kAlice) + "\"}";
  const std::string account = R"("Principal": {"AWS": "123456789012"})";
  const AuthorizationRequest request = RequestBy(kAlice);
  EXPECT_EQ(NaiveAccess(Policy({Statement("Allow", account),
                                Statement("Allow", alice)}),
                        request, true, kImplicit, kImplicit),
            kAllowed);
  EXPECT_EQ(
      NaiveAccess(Policy({Statement("Allow", account),
                          Statement("Allow", alice + R"(, "Action": "s3:*")")}),
                  request, true, kImplicit, kImplicit),
      kNoIdentity);
}

TEST(NaiveAccessTest, OtherKindsOfPrincipalsAreNamedThemselves) {
  Principal federated;
  federated.federated = "cognito-identity.amazonaws.com";
  Principal canonical;
  canonical.canonical_user = "79a59d";
  Principal both;
  both.arn = kSession;
  both.service = "glue.amazonaws.com";
  for (const Principal& principal : {federated, canonical, both}) {
    AuthorizationRequest request = RequestBy("");
    request.principal = principal;
    const std::string policy = Policy({Statement("Allow", R"("Principal": {
        "Federated": "cognito-identity.amazonaws.com",
        "CanonicalUser": "79a59d", "Service": ["glue.amazonaws.com"]})")});
    EXPECT_EQ(NaiveAccess(policy, request, true, kImplicit, kImplicit),
              kAllowed);
    EXPECT_EQ(NaiveAccess("", request, true, kImplicit, kAllow), kNoIdentity);
  }
}

TEST(NaiveAccessTest, AServiceNeedsTheResourcePolicyAlone) {
  AuthorizationRequest request = RequestBy("");
  request.principal.service = "glue.amazonaws.com";
  const std::string by_name = Policy({Statement(
      "Allow", R"("Principal": {"Service": "glue.amazonaws.com"})")});
  const std::string other = Policy(
      {Statement("Allow", R"("Principal": {"Service": "s3.amazonaws.com"})")});
  for (const bool same_account : {false, true}) {
    for (const DecisionKind identity : {kAllow, kImplicit}) {
      for (const DecisionKind limit : {kAllow, kImplicit}) {
        const auto access = [&](const std::string& policy) {
          return NaiveAccess(policy, request, same_account, identity, limit);
        };
        EXPECT_EQ(access(by_name), kAllowed);
        EXPECT_EQ(access(AllowTo("\"*\"")), kAllowed);
        EXPECT_EQ(access(other), kNoResource);
        EXPECT_EQ(access(""), kNoResource);
        EXPECT_EQ(
            access(Policy({Statement("Deny", ""), Statement("Allow", "")})),
            kDeniedByResource);
      }
    }
  }
}

struct OtherAccountCase {
  std::string policy;
  DecisionKind identity;
  DecisionKind limit;
  AccessResult result;
};

TEST(NaiveAccessTest, FromAnotherAccountBothMustAllow) {
  const std::string account = AllowTo("\"123456789012\"");
  const std::string alice = AllowTo(Quote(kAlice));
  const std::string everybody = AllowTo("\"*\"");
  const std::string reader = AllowTo(Quote(kReader));
  const std::vector<OtherAccountCase> cases = {
      {account, kAllow, kAllow, kAllowed},
      {alice, kAllow, kAllow, kAllowed},
      {everybody, kAllow, kAllow, kAllowed},
      {alice, kImplicit, kAllow, kNoIdentity},
      {alice, kAllow, kImplicit, kNoIdentity},
      {alice, kImplicit, kImplicit, kNoIdentity},
      {reader, kAllow, kAllow, kNoResource},
      {reader, kImplicit, kAllow, kNoIdentity},
      {"", kAllow, kAllow, kNoResource},
      {"", kImplicit, kAllow, kNoIdentity},
  };
  for (const OtherAccountCase& c : cases) {
    EXPECT_EQ(
        NaiveAccess(c.policy, RequestBy(kAlice), false, c.identity, c.limit),
        c.result)
        << c.policy;
  }
}

TEST(NaiveAccessTest, WithoutAResourcePolicyTheIdentityPoliciesDecide) {
  const AuthorizationRequest request = RequestBy(kAlice);
  EXPECT_EQ(NaiveAccess("", request, true, kAllow, kAllow), kAllowed);
  EXPECT_EQ(NaiveAccess("", request, true, kImplicit, kAllow), kNoIdentity);
  EXPECT_EQ(NaiveAccess("", request, true, kAllow, kImplicit), kNoIdentity);
}

}  // namespace
}  // namespace glue_security::naive
