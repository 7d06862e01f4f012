#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/encryption/keys/local_kms_fixture.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;

constexpr char kPrefixText[] =
    "Alias must start with the prefix \"alias/\". Please see "
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";

std::string AliasArn(const std::string& name) {
  return absl::StrCat("arn:aws:kms:us-east-1:123456789012:", name);
}

class KeyAliasesTest : public LocalKmsTest {
 protected:
  KeyAliasesTest() : LocalKmsTest(FewAliases()) {}

  static LocalKmsLimits FewAliases() {
    LocalKmsLimits limits;
    limits.aliases_per_key_max = 3;
    return limits;
  }

  std::string KeyBehind(const std::string& name) {
    const auto answer = Describe(User("admin"), name);
    const auto* const result = std::get_if<DescribeKeyResult>(&answer);
    return result == nullptr ? RefusalOf(answer).code : result->key_arn;
  }

  // Returns the names on a page; the marker of the next is put into `call`.
  std::vector<std::string> Page(ListAliasesCall* call) {
    const auto answer = kms_.ListAliases(User("admin"), *call);
    EXPECT_THAT(answer, Succeeded());
    const auto* const page = std::get_if<ListAliasesResult>(&answer);
    std::vector<std::string> names;
    if (page == nullptr) return names;
    for (const AliasEntry& alias : page->aliases) names.push_back(alias.name);
    call->marker = page->next_marker;
    return names;
  }
};

TEST_F(KeyAliasesTest, CreateUpdateDelete) {
  const std::string first = NewKey();
  const std::string second = NewKey();
  EXPECT_EQ(kms_.CreateAlias(User("admin"), "alias/a", first), std::nullopt);
  EXPECT_EQ(KeyBehind("alias/a"), first);
  EXPECT_EQ(KeyBehind(AliasArn("alias/a")), first);
  EXPECT_EQ(kms_.UpdateAlias(User("admin"), "alias/a", second), std::nullopt);
  EXPECT_EQ(KeyBehind("alias/a"), second);
  EXPECT_EQ(kms_.DeleteAlias(User("admin"), "alias/a"), std::nullopt);
  EXPECT_EQ(KeyBehind("alias/a"), "NotFoundException");
  // The keys are untouched.
  EXPECT_EQ(KeyBehind(first), first);
  EXPECT_EQ(KeyBehind(second), second);
}

TEST_F(KeyAliasesTest, Dates_AreThoseOfTheChanges) {
  const std::string first = NewKey();
  const std::string second = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", first), std::nullopt);
  const absl::Time created = clock_.Now();
  clock_.Advance(absl::Hours(1));
  ASSERT_EQ(kms_.UpdateAlias(User("admin"), "alias/a", second), std::nullopt);
  ListAliasesCall call;
  call.key = second;
  const auto page =
      std::get<ListAliasesResult>(kms_.ListAliases(User("admin"), call));
  ASSERT_EQ(page.aliases.size(), 1U);
  EXPECT_EQ(page.aliases[0].name, "alias/a");
  EXPECT_EQ(page.aliases[0].arn, AliasArn("alias/a"));
  EXPECT_EQ(absl::StrCat("arn:aws:kms:us-east-1:123456789012:key/",
                         *page.aliases[0].target_key_id),
            second);
  EXPECT_EQ(page.aliases[0].creation_date, created);
  EXPECT_EQ(page.aliases[0].last_updated_date, clock_.Now());
}

TEST_F(KeyAliasesTest, IllegalNames_AreRefused) {
  const std::string arn = NewKey();
  const std::string before = State();
  for (const auto& change :
       {std::function<std::optional<KeyRefusal>(const std::string&)>(
            [&](const std::string& name) {
              return kms_.CreateAlias(User("admin"), name, arn);
            }),
        std::function<std::optional<KeyRefusal>(const std::string&)>(
            [&](const std::string& name) {
              return kms_.UpdateAlias(User("admin"), name, arn);
            }),
        std::function<std::optional<KeyRefusal>(const std::string&)>(
            [&](const std::string& name) {
              return kms_.DeleteAlias(User("admin"), name);
            })}) {
    for (const std::string name : {"orders", "alias", "alias/", "Alias/a"}) {
      EXPECT_THAT(change(name),
                  RefusedWith("ValidationException", kPrefixText));
    }
    for (const std::string name :
         {"alias/aws/", "alias/aws/glue", "alias/aws/own"}) {
      EXPECT_THAT(change(name), RefusedInSilence("NotAuthorizedException"));
    }
    EXPECT_THAT(
        change("alias/a:b"),
        RefusedWith("ValidationException",
                    "alias/a:b contains invalid characters for an alias"));
    EXPECT_THAT(change("alias/a b"), RefusedAs("ValidationException"));
    EXPECT_THAT(change(absl::StrCat("alias/", std::string(251, 'a'))),
                RefusedAs("ValidationException"));
  }
  EXPECT_EQ(State(), before);
  EXPECT_EQ(
      kms_.CreateAlias(User("admin"),
                       absl::StrCat("alias/", std::string(250, 'a')), arn),
      std::nullopt);
  EXPECT_EQ(kms_.CreateAlias(User("admin"), "alias/awsome", arn), std::nullopt);
}

TEST_F(KeyAliasesTest, Targets_AreKeysOfTheAccount) {
  const std::string arn = NewKey();
  const std::string foreign = NewKey({}, User("a", kOtherAccount));
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  const std::string before = State();
  for (const std::string& target :
       {std::string("alias/a"), AliasArn("alias/a")}) {
    EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/b", target),
                RefusedWith("ValidationException",
                            "Aliases must refer to keys. Not aliases"));
  }
  EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/b", kNoSuchKey),
              RefusedAs("NotFoundException"));
  EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/b", "orders"),
              RefusedWith("NotFoundException", "Invalid keyId 'orders'"));
  EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/b", ""),
              RefusedAs("ValidationException"));
  EXPECT_THAT(
      kms_.CreateAlias(User("admin"), "alias/b", foreign),
      RefusedWith("AccessDeniedException",
                  "User: arn:aws:iam::123456789012:user/admin is not "
                  "authorized to perform: kms:CreateAlias on this resource "
                  "because the resource does not exist in this Region, no "
                  "resource-based policies allow access, or a resource-based "
                  "policy explicitly denies access"));
  EXPECT_EQ(State(), before);
}

TEST_F(KeyAliasesTest, ANameExistsOnce) {
  const std::string arn = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", arn), std::nullopt);
  const std::string before = State();
  EXPECT_THAT(
      kms_.CreateAlias(User("admin"), "alias/a", NewKey()),
      RefusedWith("AlreadyExistsException",
                  "An alias with the name "
                  "arn:aws:kms:us-east-1:123456789012:alias/a already exists"));
  EXPECT_EQ(KeyBehind("alias/a"), arn);
  // Another account and another region have names of their own.
  const KeyCaller other = User("a", kOtherAccount);
  EXPECT_EQ(kms_.CreateAlias(other, "alias/a", NewKey({}, other)),
            std::nullopt);
  KeyCaller elsewhere = User("admin");
  elsewhere.caller.region = "eu-west-1";
  EXPECT_EQ(kms_.CreateAlias(elsewhere, "alias/a", NewKey({}, elsewhere)),
            std::nullopt);
  EXPECT_EQ(KeyBehind("alias/a"), arn);
}

TEST_F(KeyAliasesTest, WhatDoesNotExist_IsNotFound) {
  const std::string arn = NewKey();
  const auto refused = RefusedWith(
      "NotFoundException",
      absl::StrCat("Alias ", AliasArn("alias/a"), " is not found."));
  EXPECT_THAT(kms_.UpdateAlias(User("admin"), "alias/a", arn), refused);
  EXPECT_THAT(kms_.DeleteAlias(User("admin"), "alias/a"), refused);
}

// Each operation on an alias asks about the alias and about its keys.
TEST_F(KeyAliasesTest, Access_IsAskedOfTheAliasAndOfTheKeys) {
  const std::string old = NewKey();
  const std::string target = NewKey();
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", old), std::nullopt);
  struct Case {
    std::string operation;
    std::function<std::optional<KeyRefusal>()> call;
    std::vector<std::string> resources;
  };
  const std::vector<Case> cases = {
      {"kms:CreateAlias",
       [&] { return kms_.CreateAlias(User("alice"), "alias/b", target); },
       {AliasArn("alias/b"), target}},
      {"kms:UpdateAlias",
       [&] { return kms_.UpdateAlias(User("alice"), "alias/a", target); },
       {AliasArn("alias/a"), target, old}},
      {"kms:DeleteAlias",
       [&] { return kms_.DeleteAlias(User("alice"), "alias/a"); },
       {AliasArn("alias/a"), old}},
  };
  for (const Case& c : cases) {
    for (const std::string& refused : c.resources) {
      const std::string before = State();
      std::vector<std::string> asked;
      identity_ = [&](const AuthorizationRequest& request) {
        EXPECT_EQ(request.action, c.operation);
        asked.push_back(request.resource);
        return request.resource == refused ? DecisionKind::kImplicitDeny
                                           : DecisionKind::kAllow;
      };
      EXPECT_THAT(
          c.call(),
          RefusedWith(
              "AccessDeniedException",
              absl::StrCat("User: arn:aws:iam::123456789012:user/alice is not "
                           "authorized to perform: ",
                           c.operation, " on resource: ", refused,
                           " because no identity-based policy allows the ",
                           c.operation, " action")));
      EXPECT_EQ(asked.back(), refused);
      identity_ = nullptr;
      EXPECT_EQ(State(), before);
    }
  }
}

TEST_F(KeyAliasesTest, UpdateAlias_NeedsAKeyOfTheSameKind) {
  const std::string symmetric = NewKey();
  const std::string rsa = NewKeyOf("RSA_2048", "ENCRYPT_DECRYPT");
  const std::string signing = NewKeyOf("RSA_2048", "SIGN_VERIFY");
  const std::string ecc = NewKeyOf("ECC_NIST_P256", "SIGN_VERIFY");
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", symmetric),
            std::nullopt);
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/s", signing), std::nullopt);
  EXPECT_THAT(
      kms_.UpdateAlias(User("admin"), "alias/a", signing),
      RefusedWith("ValidationException",
                  absl::StrCat("Alias ", AliasArn("alias/a"),
                               " cannot be changed from a CMK with key usage "
                               "ENCRYPT_DECRYPT to a CMK with key usage "
                               "SIGN_VERIFY.")));
  EXPECT_THAT(
      kms_.UpdateAlias(User("admin"), "alias/a", rsa),
      RefusedWith("ValidationException",
                  absl::StrCat("Alias ", AliasArn("alias/a"),
                               " cannot be changed from a CMK with key type "
                               "symmetric to a CMK with key type "
                               "asymmetric.")));
  EXPECT_EQ(KeyBehind("alias/a"), symmetric);
  EXPECT_EQ(kms_.UpdateAlias(User("admin"), "alias/s", ecc), std::nullopt);
}

TEST_F(KeyAliasesTest, States_MatterToTheTargetOnly) {
  const std::string first = NewKey();
  const std::string second = NewKey();
  ASSERT_EQ(kms_.DisableKey(User("admin"), first), std::nullopt);
  EXPECT_EQ(kms_.CreateAlias(User("admin"), "alias/a", first), std::nullopt);
  ASSERT_THAT(Schedule(first), Succeeded());
  EXPECT_THAT(kms_.UpdateAlias(User("admin"), "alias/a", first),
              RefusedWith("KMSInvalidStateException",
                          absl::StrCat(first, " is pending deletion.")));
  EXPECT_EQ(kms_.UpdateAlias(User("admin"), "alias/a", second), std::nullopt);
  EXPECT_EQ(KeyBehind("alias/a"), second);
  ASSERT_EQ(kms_.UpdateAlias(User("admin"), "alias/a", second), std::nullopt);
  ASSERT_THAT(Schedule(second), Succeeded());
  EXPECT_EQ(kms_.DeleteAlias(User("admin"), "alias/a"), std::nullopt);
}

TEST_F(KeyAliasesTest, AKey_HasAsManyAliasesAsItMay) {
  const std::string arn = NewKey();
  const std::string other = NewKey();
  for (const char* const name : {"alias/a", "alias/b", "alias/c"}) {
    ASSERT_EQ(kms_.CreateAlias(User("admin"), name, arn), std::nullopt);
  }
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/o", other), std::nullopt);
  const std::string before = State();
  const auto refused = RefusedWith(
      "LimitExceededException", "the key has as many aliases as it may have");
  EXPECT_THAT(kms_.CreateAlias(User("admin"), "alias/d", arn), refused);
  EXPECT_THAT(kms_.UpdateAlias(User("admin"), "alias/o", arn), refused);
  EXPECT_EQ(State(), before);
  // An update to the same key adds none, and a deletion makes room.
  EXPECT_EQ(kms_.UpdateAlias(User("admin"), "alias/a", arn), std::nullopt);
  ASSERT_EQ(kms_.DeleteAlias(User("admin"), "alias/a"), std::nullopt);
  EXPECT_EQ(kms_.UpdateAlias(User("admin"), "alias/o", arn), std::nullopt);
}

TEST_F(KeyAliasesTest, Lists_AreInTheOrderOfTheNames) {
  const std::string arn = NewKey();
  for (const char* const name : {"alias/b", "alias/a", "alias/z"}) {
    ASSERT_EQ(kms_.CreateAlias(User("admin"), name, arn), std::nullopt);
  }
  ListAliasesCall all;
  EXPECT_THAT(Page(&all),
              ElementsAre("alias/a", "alias/aws/glue", "alias/b", "alias/z"));
  EXPECT_EQ(all.marker, std::nullopt);
  ListAliasesCall of_key;
  of_key.key = arn;
  EXPECT_THAT(Page(&of_key), ElementsAre("alias/a", "alias/b", "alias/z"));
  of_key.key = NewKey();
  EXPECT_THAT(Page(&of_key), ElementsAre());
}

// Every size of page shows every alias once, whether the key behind
// alias/aws/glue exists or not.
TEST_F(KeyAliasesTest, Pages_CoverTheList) {
  std::vector<std::string> names = {"alias/aws/glue"};
  for (int i = 0; i < 7; ++i) {
    for (const char* const prefix : {"alias/a", "alias/z"}) {
      names.push_back(absl::StrCat(prefix, i));
      ASSERT_EQ(kms_.CreateAlias(User("admin"), names.back(), NewKey()),
                std::nullopt);
    }
  }
  std::sort(names.begin(), names.end());
  for (const bool is_made : {false, true}) {
    if (is_made) {
      ASSERT_THAT(Describe(User("admin"), "alias/aws/glue"), Succeeded());
    }
    for (int64_t limit = 1; limit <= 16; ++limit) {
      std::vector<std::string> listed;
      ListAliasesCall call;
      call.limit = limit;
      do {
        const std::vector<std::string> page = Page(&call);
        EXPECT_EQ(page.size() == static_cast<size_t>(limit) ||
                      !call.marker.has_value(),
                  true);
        EXPECT_LE(page.size(), static_cast<size_t>(limit));
        EXPECT_FALSE(page.empty());
        listed.insert(listed.end(), page.begin(), page.end());
      } while (call.marker.has_value() && listed.size() <= names.size());
      EXPECT_EQ(listed, names) << limit;
    }
  }
}

TEST_F(KeyAliasesTest, APage_HasFiftyByDefault) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(
        kms_.CreateAlias(User("admin"), absl::StrCat("alias/", i), NewKey()),
        std::nullopt);
  }
  ListAliasesCall call;
  EXPECT_EQ(Page(&call).size(), 50U);
  EXPECT_EQ(Page(&call).size(), 11U);
  EXPECT_EQ(call.marker, std::nullopt);
}

TEST_F(KeyAliasesTest, OtherLimitsAndMarkers_AreRefused) {
  ListAliasesCall call;
  call.limit = 0;
  EXPECT_THAT(kms_.ListAliases(User("admin"), call),
              RefusedAs("ValidationException"));
  call.limit = 101;
  EXPECT_THAT(
      kms_.ListAliases(User("admin"), call),
      RefusedWith("ValidationException",
                  "1 validation error detected: Value '101' at 'limit' failed "
                  "to satisfy constraint: Member must have value less than or "
                  "equal to 100"));
  call.limit = std::nullopt;
  call.marker = "";
  EXPECT_THAT(kms_.ListAliases(User("admin"), call),
              RefusedAs("ValidationException"));
  call.marker = "alias/a";
  EXPECT_THAT(kms_.ListAliases(User("admin"), call),
              RefusedInSilence("InvalidMarkerException"));
  // A marker belongs to its list.
  ASSERT_EQ(kms_.CreateAlias(User("admin"), "alias/a", NewKey()), std::nullopt);
  ListAliasesCall first;
  first.limit = 1;
  Page(&first);
  ASSERT_TRUE(first.marker.has_value());
  EXPECT_THAT(kms_.ListAliases(User("a", kOtherAccount), first),
              RefusedInSilence("InvalidMarkerException"));
}

TEST_F(KeyAliasesTest, ListAliases_AsksTheIdentityPolicies) {
  identity_ = [](const AuthorizationRequest& request) {
    return request.action == "kms:ListAliases" && request.resource == "*"
               ? DecisionKind::kExplicitDeny
               : DecisionKind::kAllow;
  };
  EXPECT_THAT(kms_.ListAliases(User("alice"), {}),
              RefusedWith("AccessDeniedException",
                          "User: arn:aws:iam::123456789012:user/alice is not "
                          "authorized to perform: kms:ListAliases with an "
                          "explicit deny in an identity-based policy"));
}

}  // namespace
}  // namespace glue_security
