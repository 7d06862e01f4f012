// Tests that a policy decides by exactly its own text, even if everything else
// is equal, and that the cache stays within its bounds.

#include "glue_security/access/policy_cache.h"

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/policy_work.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::string Policy(const std::string& effect) {
  return absl::StrCat(R"({"Statement":{"Effect":")", effect,
                      R"(","Principal":"*","Action":"*","Resource":"*"}})");
}

ResourcePolicyView View(const std::string& text, const std::string& hash) {
  ResourcePolicyView view;
  view.policy_in_json = text;
  view.policy_hash = hash;
  return view;
}

DecisionKind Decide(const CachedPolicy& cached) {
  return cached.policy()->Decide(AuthorizationRequest());
}

int64_t Compilations() { return WorkOfThisThread().compilations; }

TEST(PolicyCache, CompilesATextOnce) {
  PolicyCache cache;
  const std::string text = Policy("Allow");
  EXPECT_EQ(cache.Find(View(text, "h")), nullptr);
  const auto first = cache.Get(View(text, "h"));
  EXPECT_EQ(Decide(*first), DecisionKind::kAllow);
  const int64_t before = Compilations();
  // Another record has the same text and hash.
  const std::string copy = text;
  EXPECT_EQ(cache.Get(View(copy, std::string("h"))), first);
  EXPECT_EQ(cache.Find(View(copy, "h")), first);
  EXPECT_EQ(Compilations(), before);
}

// A hash comes from the embedder's hasher, so two texts of the same size may
// have the same one.
TEST(PolicyCache, TellsTextsOfOneHashApart) {
  PolicyCache cache;
  const std::string allow = Policy("Allow");
  const std::string deny = Policy("Deny") + " ";
  ASSERT_EQ(allow.size(), deny.size());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Decide(*cache.Get(View(allow, ""))), DecisionKind::kAllow);
    EXPECT_EQ(cache.Find(View(deny, "")), nullptr);
    EXPECT_EQ(Decide(*cache.Get(View(deny, ""))), DecisionKind::kExplicitDeny);
    EXPECT_EQ(cache.Find(View(allow, "")), nullptr);
  }
}

TEST(PolicyCache, KnowsThatATextBreaksTheGrammar) {
  PolicyCache cache;
  for (const char* broken : {"", "no JSON", "{}", R"({"Statement":[]})"}) {
    const std::string text = broken;
    EXPECT_EQ(cache.Get(View(text, "h"))->policy(), nullptr);
    const int64_t parses = WorkOfThisThread().parses;
    EXPECT_EQ(cache.Get(View(text, "h"))->policy(), nullptr);
    EXPECT_EQ(WorkOfThisThread().parses, parses);
  }
}

// Puts more policies than the cache holds, so that it starts again. None of
// them decides wrongly.
TEST(PolicyCache, HoldsABoundedNumber) {
  PolicyCache cache;
  const auto text_of = [](size_t i) {
    return Policy(i % 2 == 0 ? "Allow" : "Deny");
  };
  for (size_t i = 0; i < 2 * PolicyCache::kPoliciesMax + 10; ++i) {
    const std::string text = text_of(i);
    EXPECT_EQ(Decide(*cache.Get(View(text, absl::StrCat(i)))),
              i % 2 == 0 ? DecisionKind::kAllow : DecisionKind::kExplicitDeny);
  }
  size_t held = 0;
  for (size_t i = 0; i < 2 * PolicyCache::kPoliciesMax + 10; ++i) {
    const std::string text = text_of(i);
    held += cache.Find(View(text, absl::StrCat(i))) == nullptr ? 0 : 1;
  }
  EXPECT_LE(held, PolicyCache::kPoliciesMax);
  EXPECT_GT(held, 0u);
}

// A policy that exceeds the whole cache is compiled each time.
TEST(PolicyCache, DoesNotHoldAPolicyThatIsTooLarge) {
  PolicyCache cache;
  std::string text = R"({"Statement":{"Effect":"Allow","Principal":"*",)"
                     R"("Action":"*","Resource":["*")";
  for (int i = 0; i < 30'000; ++i) text += R"(,"a")";
  text += "]}}";
  const auto made = cache.Get(View(text, "h"));
  EXPECT_EQ(Decide(*made), DecisionKind::kAllow);
  EXPECT_EQ(cache.Find(View(text, "h")), nullptr);
}

// Texts whose compiled forms take the most memory, each in its own way.
TEST(PolicyCache, TakesNoMoreMemoryThanItMay) {
  const auto repeat = [](const std::string& piece) {
    std::string text;
    while (text.size() < 10'000) text += piece;
    return text;
  };
  // Resource and condition, without the last brackets.
  const struct {
    const char* what;
    std::string resource;
    std::string condition;
  } hostile[] = {
      {"many resources", R"(["a")" + repeat(R"(,"a")") + "]", ""},
      {"stars", "\"" + repeat("*a") + "\"", ""},
      {"open characters", "\"*" + repeat("?") + "*\"", ""},
      {"variables", R"(["a")" + repeat(R"(,"a:b:c:d:e:${k}")") + "]", ""},
      {"a variable in pieces", "\"a:b:c:d:e:" + repeat("${k}a") + "\"", ""},
      {"texts", "\"*\"",
       R"("StringLike":{"k":["a")" + repeat(R"(,"*a?")") + "]}"},
      {"numbers", "\"*\"", R"("StringEquals":{"k":[1)" + repeat(",1") + "]}"},
      {"ARNs", "\"*\"",
       R"("ArnLike":{"k":["a")" + repeat(R"(,"a:b:c:d:e:f")") + "]}"},
  };
  for (const auto& c : hostile) {
    PolicyCache cache;
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    size_t largest = before;
    for (int i = 0; i < 25; ++i) {
      const std::string text = absl::StrCat(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Sid":")", i,
          R"(","Principal":"*","Action":"*","Resource":)", c.resource,
          R"(,"Condition":{)", c.condition, "}}}");
      ASSERT_NE(cache.Get(View(text, absl::StrCat(i)))->policy(), nullptr)
          << c.what;
      largest = std::max(largest, mallinfo2().uordblks + mallinfo2().hblkhd);
    }
    EXPECT_LE(largest - before, PolicyCache::kBytesMax) << c.what;
  }
}

}  // namespace
}  // namespace glue_security
