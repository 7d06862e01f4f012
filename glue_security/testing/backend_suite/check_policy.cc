// policy, hash, times: the policy that GetResourcePolicy shows after a put.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/request_members.h"
#include "glue_security/testing/legal_text.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "docs/reference/PutResourcePolicy.md";
constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;
constexpr auto kChoice = BackendCheckBasis::kChoice;

std::string Put(CheckContext& check, absl::string_view text,
                const Caller& caller = Home()) {
  return check.Ok(PutPolicy(text), caller).put_resource_policy().policy_hash();
}

v1::GetResourcePolicyResponse Shown(CheckContext& check) {
  return check.Ok(GetPolicy()).get_resource_policy();
}

std::string Created(const v1::GetResourcePolicyResponse& shown) {
  return TimeText(shown.has_create_time(), shown.create_time());
}
std::string Updated(const v1::GetResourcePolicyResponse& shown) {
  return TimeText(shown.has_update_time(), shown.update_time());
}

// Expects the time of the clock that was moved on, or, of a clock of the
// backend's own, a later time than `before`.
void ExpectMovedOn(CheckContext& check, absl::string_view what,
                   const google::protobuf::Timestamp& before, bool is_there,
                   const google::protobuf::Timestamp& time) {
  if (check.target().honours_clock || !is_there) {
    check.Same(what, TimeText(check.Now()), TimeText(is_there, time));
    return;
  }
  check.Expect(time > before, what,
               absl::StrCat("a time after ", TimeText(true, before)),
               TimeText(true, time));
}

// Expects a time without microseconds.
void ExpectMilliseconds(CheckContext& check, absl::string_view what,
                        bool is_there,
                        const google::protobuf::Timestamp& time) {
  check.Expect(is_there && time.nanos() % 1'000'000 == 0, what,
               "a time in milliseconds", TimeText(is_there, time));
}

// PolicyText(id) in an odd layout, and in the layout of the service.
std::string OddlySpaced(absl::string_view id) {
  return absl::StrCat(
      " {\"Id\":\t\"", id,
      "\",\n\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
      "\"arn:aws:iam::210987654321:root\"},\"Action\":[\"glue:Get*\" ,"
      "\"glue:\\u0050ut*\"],\"Resource\":"
      "\"arn:aws:glue:us-east-1:123456789012:*\"}]} ");
}
std::string Reprinted(absl::string_view id) {
  return absl::StrCat("{\n  \"Id\" : \"", id, R"(",
  "Statement" : [ {
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::210987654321:root"
    },
    "Action" : [ "glue:Get*", "glue:Put*" ],
    "Resource" : "arn:aws:glue:us-east-1:123456789012:*"
  } ]
})");
}

// Returns texts that are close to the hash but differ from it.
std::vector<std::string> CutOrLonger(const std::string& hash) {
  std::vector<std::string> near = {hash + "x", "x" + hash};
  if (hash.size() > 1) {
    near.push_back(hash.substr(0, hash.size() - 1));
    near.push_back(hash.substr(1));
    near.push_back(hash.substr(0, 1));
  }
  return near;
}

std::string OtherCase(std::string text) {
  for (char& c : text) {
    c = absl::ascii_islower(c) ? absl::ascii_toupper(c)
                               : absl::ascii_tolower(c);
  }
  return text;
}

void ConditionsFailWith(CheckContext& check, const std::string& hash) {
  check.Refused(PutPolicy(PolicyText("new"), hash), kConditionFailed, kChoice);
  check.Refused(DeletePolicy(hash), kConditionFailed, kChoice);
}

void AddTextChecks(CheckGroup& policy) {
  policy.Add("none", "GetResourcePolicy with none set: EntityNotFoundException",
             [](CheckContext& check) {
               check.Fails(GetPolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
             });
  policy.Add(
      "documented_text", "PolicyInJson returned: the bytes that were put",
      [](CheckContext& check) {
        Put(check, OddlySpaced("a"));
        check.Same("PolicyInJson", OddlySpaced("a"),
                   Shown(check).policy_in_json());
      },
      NeedsPolicyTexts(OnlyDocumented()));
  policy.Add(
      "observed_text",
      "PolicyInJson returned: re-printed the way Jackson does it",
      [](CheckContext& check) {
        Put(check, OddlySpaced("a"));
        check.Same("PolicyInJson", Reprinted("a"),
                   Shown(check).policy_in_json());
      },
      NeedsPolicyTexts(OnlyReprinted()));
  policy.Add(
      "text_at_none", "at kNone the text is stored as put",
      [](CheckContext& check) {
        Put(check, OddlySpaced("a"));
        check.Same("PolicyInJson", OddlySpaced("a"),
                   Shown(check).policy_in_json());
      },
      NeedsPolicyTexts(At(PolicyChecks::kNone)));
  policy.Add("one_per_catalog", "one policy per catalog",
             [](CheckContext& check) {
               Put(check, PolicyText("a"));
               Put(check, PolicyText("b"));
               check.SamePolicy("PolicyInJson after the second Put",
                                PolicyText("b"), Shown(check).policy_in_json());
               check.Ok(DeletePolicy());
               check.Fails(GetPolicy(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
             });
  policy.Add("get_changes_nothing", "Get only reads", [](CheckContext& check) {
    Put(check, PolicyText("a"));
    const auto first = Shown(check);
    check.LetPass(absl::Seconds(1));
    check.Same("the second answer", first, Shown(check));
  });
}

void AddHashChecks(CheckGroup& hash) {
  hash.Add("get_returns_what_put_returned",
           "Put returns what the next Get returns", [](CheckContext& check) {
             const std::string put = Put(check, OddlySpaced("a"));
             check.Same("PolicyHash", put, Shown(check).policy_hash());
           });
  hash.Add("same_text_same_hash", "the same text gives the same hash",
           [](CheckContext& check) {
             const std::string first = Put(check, PolicyText("a"));
             check.LetPass(absl::Seconds(1));
             check.Same("the hash of the second Put", first,
                        Put(check, PolicyText("a")));
             check.Ok(DeletePolicy());
             check.Same("the hash of the Put after a Delete", first,
                        Put(check, PolicyText("a")));
           });
  hash.Add("other_text_other_hash", "the hash is of the content",
           [](CheckContext& check) {
             const std::string first = Put(check, PolicyText("a"));
             check.Expect(first != Put(check, PolicyText("b")),
                          "the hash of another text", "another hash", first);
           });
  hash.Add("a_b_a", "A->B->A satisfies an old condition; that is intended",
           [](CheckContext& check) {
             const std::string old = Put(check, PolicyText("a"));
             Put(check, PolicyText("b"));
             check.Refused(PutPolicy(PolicyText("c"), old), kConditionFailed,
                           kChoice);
             Put(check, PolicyText("a"));
             check.Ok(PutPolicy(PolicyText("c"), old));
           });
  hash.Add(
      "documented_bytes",
      "the hash is always that of the text Get returns: other blanks, "
      "another hash",
      [](CheckContext& check) {
        const std::string first = Put(check, OddlySpaced("a"));
        check.Expect(first != Put(check, OddlySpaced("a") + " "),
                     "the hash of a text with a blank more", "another hash",
                     first);
      },
      NeedsPolicyTexts(OnlyDocumented()));
  hash.Add(
      "observed_bytes",
      "the hash is always that of the text Get returns: other blanks, the "
      "same re-print, the same hash",
      [](CheckContext& check) {
        const std::string first = Put(check, OddlySpaced("a"));
        check.Same("the hash of a text with a blank more", first,
                   Put(check, OddlySpaced("a") + " "));
        check.Same("the hash of the re-print", first,
                   Put(check, Reprinted("a")));
      },
      NeedsPolicyTexts(OnlyReprinted()));
}

void AddHashComparisonChecks(CheckGroup& hash) {
  hash.Add("compared_whole", "hashes compare byte for byte",
           [](CheckContext& check) {
             const std::string put = Put(check, PolicyText("a"));
             for (const std::string& near : CutOrLonger(put)) {
               ConditionsFailWith(check, near);
             }
           });
  hash.Add("compared_with_case", "hashes compare byte for byte, case included",
           [](CheckContext& check) {
             const std::string put = Put(check, PolicyText("a"));
             // A hash of digits only has no other case.
             if (OtherCase(put) != put)
               ConditionsFailWith(check, OtherCase(put));
           });
  hash.Add("compared_with_blanks", "hashes compare byte for byte",
           [](CheckContext& check) {
             const std::string put = Put(check, PolicyText("a"));
             ConditionsFailWith(check, put + " ");
             ConditionsFailWith(check, "\t" + put);
           });
  hash.Add("none_does_not_lift_it",
           "NONE lifts the existence condition only; a given hash must still "
           "match",
           [](CheckContext& check) {
             Put(check, PolicyText("a"));
             check.Fails(PutPolicy(PolicyText("b"), "another",
                                   v1::POLICY_EXISTS_CONDITION_NONE),
                         kConditionFailed);
           });
  hash.Add("shape", "PolicyHash: 1 to 255 bytes, single-line string pattern",
           [](CheckContext& check) {
             const std::string put = Put(check, PolicyText("a"));
             check.Expect(
                 !put.empty() && put.size() <= 255, "PolicyHash",
                 "a text of 1 to 255 bytes",
                 absl::StrCat("\"", put, "\", ", put.size(), " bytes"));
             check.Expect(MatchesDefinition(v1::PATTERN_SINGLE_LINE, put),
                          "PolicyHash", "a single line", put);
           });
}

void AddTimeChecks(CheckGroup& times) {
  times.Add("equal_on_create", "CreateTime and UpdateTime: equal on create",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const auto shown = Shown(check);
              check.Expect(shown.has_create_time(), "CreateTime", "a time",
                           Created(shown));
              check.Same("UpdateTime of a new policy", Created(shown),
                         Updated(shown));
            });
  times.Add("milliseconds", "times have millisecond precision",
            [](CheckContext& check) {
              check.SetClock(absl::FromUnixMicros(1'600'000'000'123'999));
              Put(check, PolicyText("a"));
              check.Ok(Create("a"));
              const auto shown = Shown(check);
              ExpectMilliseconds(check, "CreateTime", shown.has_create_time(),
                                 shown.create_time());
              const auto got = check.Ok(Get("a"))
                                   .get_security_configuration()
                                   .security_configuration();
              ExpectMilliseconds(check, "CreatedTimeStamp",
                                 got.has_created_time_stamp(),
                                 got.created_time_stamp());
            });
  times.Add(
      "rounded_down", "times are the clock's, to the millisecond",
      [](CheckContext& check) {
        check.SetClock(absl::FromUnixMicros(1'600'000'000'123'999));
        Put(check, PolicyText("a"));
        check.Same("CreateTime",
                   TimeText(absl::FromUnixMillis(1'600'000'000'123)),
                   Created(Shown(check)));
      },
      NeedsClock());
  times.Add("create_stays_on_replace", "CreateTime stays on replace",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const std::string created = Created(Shown(check));
              check.LetPass(absl::Seconds(1));
              Put(check, PolicyText("b"));
              check.Same("CreateTime after a Put that replaces the policy",
                         created, Created(Shown(check)));
            });
}

void AddUpdateTimeChecks(CheckGroup& times) {
  times.Add("update_moves_on_replace", "UpdateTime moves on replace",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const auto before = Shown(check);
              check.LetPass(absl::Seconds(1));
              Put(check, PolicyText("b"));
              const auto shown = Shown(check);
              ExpectMovedOn(check,
                            "UpdateTime after a Put that replaces the policy",
                            before.update_time(), shown.has_update_time(),
                            shown.update_time());
            });
  times.Add("update_moves_for_the_same_text",
            "UpdateTime moves on replace, the same text included",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const auto before = Shown(check);
              check.LetPass(absl::Seconds(1));
              Put(check, PolicyText("a"));
              const auto shown = Shown(check);
              ExpectMovedOn(check,
                            "UpdateTime after a Put that replaces the policy",
                            before.update_time(), shown.has_update_time(),
                            shown.update_time());
            });
  times.Add(
      "update_never_goes_back", "UpdateTime = max(now, previous UpdateTime)",
      [](CheckContext& check) {
        Put(check, PolicyText("a"));
        const absl::Time put = check.Now();
        check.LetPass(-absl::Seconds(1));
        Put(check, PolicyText("b"));
        check.Same("UpdateTime with the clock set back", TimeText(put),
                   Updated(Shown(check)));
        check.LetPass(absl::Seconds(2));
        Put(check, PolicyText("c"));
        check.Same("UpdateTime with the clock set on", TimeText(check.Now()),
                   Updated(Shown(check)));
      },
      NeedsClock());
}

void AddMoreTimeChecks(CheckGroup& times) {
  times.Add("new_after_delete",
            "a policy created after a delete has a new CreateTime",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const auto before = Shown(check);
              check.Ok(DeletePolicy());
              check.LetPass(absl::Seconds(1));
              Put(check, PolicyText("a"));
              const auto shown = Shown(check);
              ExpectMovedOn(check, "CreateTime of a policy after a Delete",
                            before.create_time(), shown.has_create_time(),
                            shown.create_time());
              ExpectMovedOn(check, "UpdateTime of a policy after a Delete",
                            before.update_time(), shown.has_update_time(),
                            shown.update_time());
            });
  times.Add(
      "recreated_not_before_the_deletion",
      "a policy created later takes max(now, the time of the deletion) for "
      "both times",
      [](CheckContext& check) {
        Put(check, PolicyText("a"));
        check.LetPass(absl::Seconds(5));
        check.Ok(DeletePolicy());
        const absl::Time deleted = check.Now();
        check.LetPass(-absl::Seconds(3));
        Put(check, PolicyText("b"));
        const auto shown = Shown(check);
        check.Same("CreateTime with the clock set back", TimeText(deleted),
                   Created(shown));
        check.Same("UpdateTime with the clock set back", TimeText(deleted),
                   Updated(shown));
      },
      NeedsClock());
  times.Add("failed_put_moves_nothing", "a failed operation changes nothing",
            [](CheckContext& check) {
              Put(check, PolicyText("a"));
              const auto before = Shown(check);
              check.LetPass(absl::Seconds(1));
              check.Refused(PutPolicy(PolicyText("b"), "stale"),
                            kConditionFailed, kChoice);
              check.Refused(PutPolicy(PolicyText("a"), std::nullopt,
                                      v1::POLICY_EXISTS_CONDITION_NOT_EXIST),
                            kConditionFailed, kChoice);
              check.Refused(DeletePolicy("stale"), kConditionFailed, kChoice);
              check.Same("GetResourcePolicy", before, Shown(check));
            });
}

void AddConfigurationTimeChecks(CheckGroup& times) {
  times.Add(
      "configuration_created",
      "CreatedTimestamp and CreatedTimeStamp show the same instant",
      [](CheckContext& check) {
        const v1::Response created = check.Ok(Create("a"));
        const auto& answer = created.create_security_configuration();
        const std::string time = TimeText(answer.has_created_timestamp(),
                                          answer.created_timestamp());
        check.Expect(answer.has_created_timestamp(),
                     "CreatedTimestamp of CreateSecurityConfiguration",
                     "a time", time);
        check.LetPass(absl::Seconds(1));
        const auto got = check.Ok(Get("a"))
                             .get_security_configuration()
                             .security_configuration();
        check.Same(
            "CreatedTimeStamp of GetSecurityConfiguration", time,
            TimeText(got.has_created_time_stamp(), got.created_time_stamp()));
        const auto list = check.Ok(List()).get_security_configurations();
        for (const auto& entry : list.security_configurations()) {
          check.Same("CreatedTimeStamp of GetSecurityConfigurations", time,
                     TimeText(entry.has_created_time_stamp(),
                              entry.created_time_stamp()));
        }
      });
  times.Add(
      "configuration_is_now", "CreatedTimestamp is the time of the call",
      [](CheckContext& check) {
        for (int i = 0; i < 2; ++i) {
          const auto created =
              check.Ok(Create("a")).create_security_configuration();
          check.Same("CreatedTimestamp of CreateSecurityConfiguration",
                     TimeText(check.Now()),
                     TimeText(created.has_created_timestamp(),
                              created.created_timestamp()));
          check.Ok(Delete("a"));
          check.LetPass(absl::Seconds(1));
        }
      },
      NeedsClock());
}

}  // namespace

void AddPolicyChecks(Checks* checks) {
  CheckGroup policy(checks, "policy", kSource);
  AddTextChecks(policy);
  CheckGroup hash(checks, "hash", kSource);
  AddHashChecks(hash);
  AddHashComparisonChecks(hash);
  CheckGroup times(checks, "times", "docs/decisions/times.md");
  AddTimeChecks(times);
  AddUpdateTimeChecks(times);
  AddMoreTimeChecks(times);
  AddConfigurationTimeChecks(times);
}

}  // namespace glue_security::conformance_internal
