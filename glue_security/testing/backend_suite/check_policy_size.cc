// policy_size: the maximum of PolicyInJson, and policies that Get returned and
// that are put again.

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr size_t kMax = 10240;

// Expects that a policy of this text is too long: the constraint of the member
// is broken, or, since 2022, the rule. The rule has a limit, which a backend
// may not have.
void ExpectTooLong(CheckContext& check, const std::string& text) {
  if (check.behavior().api_date < absl::CivilDay(2022, 3, 18)) {
    check.Breaks(PutPolicy(text), {"policyInJson LENGTH_MAX"});
  } else if (check.target().honours_limits) {
    check.Refused(PutPolicy(text), kInvalid, BackendCheckBasis::kChoice);
  }
}

// Returns a policy of `bytes` bytes without insignificant blanks whose re-print
// is much longer.
std::string ManyStatements(size_t bytes) {
  const std::string statement =
      R"({"Effect":"Allow","Principal":{"AWS":["210987654321"]},)"
      R"("Action":["glue:GetTable","glue:GetTables","glue:GetDatabase"],)"
      R"("Resource":["arn:aws:glue:us-east-1:123456789012:*"]})";
  std::string statements = statement;
  constexpr size_t kRest = 200;
  while (statements.size() + statement.size() + kRest < bytes) {
    absl::StrAppend(&statements, ",", statement);
  }
  const std::string rest = absl::StrCat(R"(","Statement":[)", statements, "]}");
  std::string text = R"({"Id":")";
  text.append(bytes - rest.size() - text.size(), 'n');
  return text + rest;
}

// Returns the text with `count` blanks before it, and some within it.
std::string WithBlanks(const std::string& text, size_t count) {
  return std::string(count, ' ') +
         absl::StrReplaceAll(text,
                             {{R"("Statement":)", "\"Statement\" :\r\n\t"}});
}

// Puts the text and then what Get shows, and expects the same policy.
void ExpectPutBack(CheckContext& check, const std::string& text) {
  const std::string hash =
      check.Ok(PutPolicy(text)).put_resource_policy().policy_hash();
  const std::string shown =
      check.Ok(GetPolicy()).get_resource_policy().policy_in_json();
  const std::string hash_of_shown =
      check.Ok(PutPolicy(shown)).put_resource_policy().policy_hash();
  // A backend with a print of its own may hash what was put.
  if (check.target().keeps_policy_texts) {
    check.Same("the hash of the policy that was put back", hash, hash_of_shown);
  }
  check.Same("its text", shown,
             check.Ok(GetPolicy()).get_resource_policy().policy_in_json());
}

void AddMaximum(CheckGroup& group) {
  group.Add("maximum", "PolicyInJson: not more than 10240 bytes",
            [](CheckContext& check) {
              for (const bool wide : {false, true}) {
                check.Ok(PutPolicy(PolicyOfBytes(kMax, wide)));
                ExpectTooLong(check, PolicyOfBytes(kMax + 1, wide));
              }
              ExpectTooLong(check, PolicyOfBytes(2 * kMax, false));
            });
  group.Add(
      "documented.blanks_count", "blanks count where the text is stored as put",
      [](CheckContext& check) {
        const std::string text = PolicyOfBytes(kMax - 100, false);
        check.Ok(PutPolicy(text + std::string(100, ' ')));
        ExpectTooLong(check, text + std::string(101, ' '));
      },
      OnlyDocumented());
  group.Add(
      "observed.blanks_do_not_count",
      "where texts are re-printed, the maximum binds the text without its "
      "insignificant blanks",
      [](CheckContext& check) {
        check.Ok(PutPolicy(WithBlanks(PolicyOfBytes(kMax, false), 1)));
        check.Ok(PutPolicy(WithBlanks(PolicyOfBytes(kMax, true), kMax)));
        ExpectTooLong(check, WithBlanks(PolicyOfBytes(kMax + 1, false), 1));
      },
      OnlyReprinted());
  group.Add(
      "observed.blanks_in_strings_count",
      "blanks within a string are significant",
      [](CheckContext& check) {
        const size_t empty = CompactPolicyText("").size();
        // A quote that is escaped does not end the string.
        const auto text = [empty](size_t bytes) {
          return CompactPolicyText("\\\"" +
                                   std::string(bytes - empty - 2, ' '));
        };
        check.Ok(PutPolicy(text(kMax)));
        ExpectTooLong(check, text(kMax + 1));
      },
      OnlyReprinted());
  BackendNeeds at_none = OnlyRecorded();
  at_none.policy_checks = PolicyChecks::kNone;
  group.Add(
      "observed.blanks_count_at_none", "at kNone the text is stored as put",
      [](CheckContext& check) {
        check.Ok(PutPolicy("{" + std::string(kMax - 2, ' ') + "}"));
        ExpectTooLong(check, "{" + std::string(kMax - 1, ' ') + "}");
      },
      at_none);
}

void AddRule(CheckGroup& group) {
  group.Add(
      "changed_on_its_date",
      "since 2022-03-18 the maximum is a rule, and breaks no constraint",
      [](CheckContext& check) {
        for (const absl::CivilDay day :
             {absl::CivilDay(2022, 3, 17), absl::CivilDay(2022, 3, 18)}) {
          check.Restart();
          check.behavior().api_date = day;
          check.Ok(PutPolicy(PolicyOfBytes(kMax, false)));
          ExpectTooLong(check, PolicyOfBytes(kMax + 1, false));
        }
      },
      NeedsFields());
  BackendNeeds limits = OnlyCurrent();
  limits.limits = true;
  group.Add(
      "limit", "Limits::policy_bytes_max is the maximum since 2022",
      [](CheckContext& check) {
        check.limits().policy_bytes_max = 300;
        check.Ok(PutPolicy(PolicyOfBytes(300, false)));
        ExpectTooLong(check, PolicyOfBytes(301, false));
        check.Restart();
        check.limits().policy_bytes_max = 2 * kMax;
        check.Ok(PutPolicy(PolicyOfBytes(2 * kMax, false)));
        ExpectTooLong(check, PolicyOfBytes(2 * kMax + 1, false));
      },
      limits);
  BackendNeeds limits_of_2019 = OnlyOf2019();
  limits_of_2019.limits = true;
  group.Add(
      "limit_is_later", "before 2022 Limits::policy_bytes_max does not count",
      [](CheckContext& check) {
        check.limits().policy_bytes_max = 300;
        check.Ok(PutPolicy(PolicyOfBytes(301, false)));
      },
      limits_of_2019);
  group.Add(
      "rule_before_existence", "business rules before existence",
      [](CheckContext& check) {
        check.Fails(PutPolicy(PolicyOfBytes(kMax + 1, false), std::nullopt,
                              v1::POLICY_EXISTS_CONDITION_MUST_EXIST),
                    kInvalid);
      },
      limits);
}

void AddPutBack(CheckGroup& group) {
  group.Add("put_back", "what Get returns can be put back unchanged",
            [](CheckContext& check) {
              ExpectPutBack(check, CompactPolicyText("a"));
              ExpectPutBack(check, PolicyText("a"));
              ExpectPutBack(check, " " + PolicyText("b") + " ");
            });
  group.Add("largest_put_back",
            "what Get returns can be put back unchanged, at every size",
            [](CheckContext& check) {
              ExpectPutBack(check, ManyStatements(kMax));
              ExpectPutBack(check, PolicyOfBytes(kMax, false));
              ExpectTooLong(check, ManyStatements(kMax + 1));
            });
  BackendNeeds limits = OnlyReprinted();
  limits.limits = true;
  group.Add(
      "reprint_fits_a_request",
      "a text that is accepted can be put back, with its hash",
      [](CheckContext& check) {
        // A Put may have a hash of 255 bytes and two conditions.
        const size_t bytes = PolicyText("a").size() + 268;
        check.limits().request_bytes_max = PolicyText("a").size();
        check.Fails(PutPolicy(CompactPolicyText("a")), kInvalid);
        check.Restart();
        check.limits().request_bytes_max = bytes;
        ExpectPutBack(check, CompactPolicyText("a"));
        const v1::Response shown = check.Ok(GetPolicy());
        check.Ok(PutPolicy(shown.get_resource_policy().policy_in_json(),
                           shown.get_resource_policy().policy_hash(),
                           v1::POLICY_EXISTS_CONDITION_MUST_EXIST));
      },
      limits);
}

}  // namespace

void AddPolicySizeChecks(Checks* checks) {
  CheckGroup group(checks, "policy_size",
                   "docs/reference/PutResourcePolicy.md");
  AddMaximum(group);
  AddRule(group);
  AddPutBack(group);
}

}  // namespace glue_security::conformance_internal
