// configuration: single security configurations. limit: the number limit.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr char kSource[] = "docs/reference/CreateSecurityConfiguration.md";
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kExists = v1::ERROR_CODE_ALREADY_EXISTS;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kTooMany = v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;

struct Given {
  const char* id;
  const char* says;
  const char* text;
};

// Configurations that are accepted in all presets and come back unchanged.
constexpr Given kGiven[] = {
    {"empty", "{} is a legal EncryptionConfiguration", ""},
    {"empty_list", "an empty list comes back as given", "s3_encryption {}"},
    {"empty_element", "an empty block comes back as given",
     "s3_encryption { elements {} }"},
    {"empty_logs", "an empty block comes back as given",
     "cloud_watch_encryption {}"},
    {"empty_bookmarks", "an empty block comes back as given",
     "job_bookmarks_encryption {}"},
    {"s3_only", "no block is invented",
     "s3_encryption { elements { s3_encryption_mode: "
     "S3_ENCRYPTION_MODE_SSE_S3 } }"},
    {"logs_only", "no block is invented",
     "cloud_watch_encryption { cloud_watch_encryption_mode: "
     "CLOUD_WATCH_ENCRYPTION_MODE_DISABLED }"},
    {"bookmarks_only", "no block is invented",
     "job_bookmarks_encryption { job_bookmarks_encryption_mode: "
     "JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED }"},
    {"full", "exactly what was given is returned",
     R"pb(s3_encryption {
            elements {
              s3_encryption_mode: S3_ENCRYPTION_MODE_SSE_KMS
              kms_key_arn: "arn:aws:kms:us-east-1:123456789012:key/a"
            }
          }
          cloud_watch_encryption {
            cloud_watch_encryption_mode: CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS
            kms_key_arn: "arn:aws:kms:us-east-1:123456789012:key/b"
          }
          job_bookmarks_encryption {
            job_bookmarks_encryption_mode: JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS
            kms_key_arn: "arn:aws:kms:us-east-1:123456789012:alias/c"
          })pb"},
    {"unused_keys", "KmsKeyArn beside DISABLED or SSE-S3 is accepted and kept",
     R"pb(s3_encryption {
            elements {
              s3_encryption_mode: S3_ENCRYPTION_MODE_SSE_S3
              kms_key_arn: "arn:aws:kms:a"
            }
          }
          cloud_watch_encryption {
            cloud_watch_encryption_mode: CLOUD_WATCH_ENCRYPTION_MODE_DISABLED
            kms_key_arn: "arn:aws:kms:b"
          }
          job_bookmarks_encryption {
            job_bookmarks_encryption_mode:
                JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED
            kms_key_arn: "arn:aws:kms:c"
          })pb"},
    {"key_without_mode", "modes are optional",
     "cloud_watch_encryption { kms_key_arn: \"arn:aws:kms:b\" }"},
};

constexpr char kTwoS3[] =
    "s3_encryption { elements { kms_key_arn: \"arn:aws:kms:b\" } elements {} "
    "elements { kms_key_arn: \"arn:aws:kms:a\" } }";

// A KMS mode without a key, in each block.
constexpr Given kNoKey[] = {
    {"s3_mode_without_key", "a KMS mode without KmsKeyArn",
     "s3_encryption { elements { s3_encryption_mode: "
     "S3_ENCRYPTION_MODE_SSE_KMS } }"},
    {"logs_mode_without_key", "a KMS mode without KmsKeyArn",
     "cloud_watch_encryption { cloud_watch_encryption_mode: "
     "CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS }"},
    {"bookmarks_mode_without_key", "a KMS mode without KmsKeyArn",
     "job_bookmarks_encryption { job_bookmarks_encryption_mode: "
     "JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS }"},
};

void ExpectKept(CheckContext& check, const char* text) {
  const v1::EncryptionConfiguration given = ConfigurationOf(text);
  check.Same(
      "the name in the answer to Create", "a",
      check.Ok(Create("a", given)).create_security_configuration().name());
  const auto got =
      check.Ok(Get("a")).get_security_configuration().security_configuration();
  check.Same("the name", "a", got.name());
  check.Expect(got.has_encryption_configuration(),
               "EncryptionConfiguration of GetSecurityConfiguration",
               "a structure", "an absent member");
  check.Same("what Get shows", given, got.encryption_configuration());
  const auto list = check.Ok(List()).get_security_configurations();
  check.Same("the number of configurations that are listed", "1",
             absl::StrCat(list.security_configurations_size()));
  if (list.security_configurations_size() == 1) {
    check.Same("what the list shows", got, list.security_configurations(0));
  }
}

void AddKeptChecks(CheckGroup& group) {
  for (const Given& given : kGiven) {
    group.Add(absl::StrCat("kept.", given.id), given.says,
              [given](CheckContext& check) { ExpectKept(check, given.text); });
  }
  group.Add(
      "documented.more_s3_elements",
      "more than one S3Encryption element: accepted, and in order",
      [](CheckContext& check) { ExpectKept(check, kTwoS3); }, OnlyDocumented());
  group.Add(
      "observed.more_s3_elements",
      "more than one S3Encryption element: InvalidInputException",
      [](CheckContext& check) {
        check.Fails(Create("a", ConfigurationOf(kTwoS3)), kInvalid);
      },
      OnlyRecorded());
  for (const Given& given : kNoKey) {
    group.Add(
        absl::StrCat("documented.", given.id),
        absl::StrCat(given.says, ": accepted"),
        [given](CheckContext& check) { ExpectKept(check, given.text); },
        OnlyDocumented());
    group.Add(
        absl::StrCat("observed.", given.id),
        absl::StrCat(given.says, ": InvalidInputException"),
        [given](CheckContext& check) {
          check.Fails(Create("a", ConfigurationOf(given.text)), kInvalid);
        },
        OnlyRecorded());
  }
}

void AddNameChecks(CheckGroup& group) {
  group.Add("duplicate", "duplicate name: AlreadyExistsException",
            [](CheckContext& check) {
              check.Ok(Create("a"));
              check.Fails(Create("a", ConfigurationOf("s3_encryption {}")),
                          kExists);
            });
  group.Add("duplicate_of_identical_body",
            "AlreadyExistsException, also for an identical body",
            [](CheckContext& check) {
              check.Ok(Create("a"));
              check.LetPass(absl::Seconds(1));
              check.Fails(Create("a"), kExists);
            });
  group.Add("get_unknown", "unknown name: EntityNotFoundException",
            [](CheckContext& check) {
              check.Fails(Get("a"), kNotFound);
              check.Ok(Create("b"));
              check.Fails(Get("a"), kNotFound);
            });
  group.Add("delete_unknown", "unknown name: EntityNotFoundException",
            [](CheckContext& check) {
              check.Fails(Delete("a"), kNotFound);
              check.Ok(Create("b"));
              check.Fails(Delete("a"), kNotFound);
            });
  group.Add("names_whole", "names are unique as they are: case, blanks, length",
            [](CheckContext& check) {
              const std::vector<std::string> names = {
                  "a", "A", "a ", " a", "aa", "a\t", "\xC3\xA9", "e\xCC\x81"};
              for (const std::string& name : names) check.Ok(Create(name));
              for (const std::string& name : names) {
                check.Same("the name", name,
                           check.Ok(Get(name))
                               .get_security_configuration()
                               .security_configuration()
                               .name());
              }
              check.Ok(Delete("A"));
              check.Ok(Get("a"));
              check.Ok(Delete("a"));
              check.Ok(Get("aa"));
            });
  group.Add("deleted", "a deleted configuration is gone, and its name is free",
            [](CheckContext& check) {
              check.Ok(Create("a", ConfigurationOf("s3_encryption {}")));
              check.Ok(Delete("a"));
              check.Fails(Get("a"), kNotFound);
              check.Fails(Delete("a"), kNotFound);
              check.Same("the names after the Delete", "",
                         absl::StrJoin(check.Names(), ", "));
              check.Ok(Create("a"));
              check.Same("what Get shows", v1::EncryptionConfiguration(),
                         check.Ok(Get("a"))
                             .get_security_configuration()
                             .security_configuration()
                             .encryption_configuration());
            });
}

void CreateMany(CheckContext& check, int count) {
  for (int i = 0; i < count; ++i) check.Ok(Create(absl::StrCat("n", i)));
}

void AddLimitChecks(CheckGroup& limit) {
  limit.Add(
      "default", "250 per account and region",
      [](CheckContext& check) {
        CreateMany(check, 250);
        check.Fails(Create("more"), kTooMany);
        check.Same("the number of configurations", "250",
                   absl::StrCat(check.Names().size()));
      },
      NeedsLimits());
  limit.Add(
      "at_and_over", "adjustable; at the limit a create fails",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 3;
        CreateMany(check, 3);
        check.Fails(Create("more"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "after_delete", "a deleted configuration no longer counts",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 2;
        CreateMany(check, 2);
        check.Ok(Delete("n0"));
        check.Ok(Create("more"));
        check.Fails(Create("n0"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "failures_do_not_count",
      "a failed operation changes nothing, the count included",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 2;
        check.Ok(Create("a"));
        check.Fails(Create("a"), kExists);
        check.Breaks(Create(""), {"name LENGTH_MIN"});
        check.Ok(Create("b"));
        check.Fails(Delete("c"), kNotFound);
        check.Fails(Create("c"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "per_account_and_region", "per account and region",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 1;
        check.Ok(Create("a"));
        check.Ok(Create("a"), OtherRegion());
        check.Ok(Create("a"), OtherAccount());
        check.Fails(Create("b"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "zero", "0 allows none",
      [](CheckContext& check) {
        check.limits().security_configurations_max = 0;
        check.Fails(Create("a"), kTooMany);
      },
      NeedsLimits());
}

}  // namespace

void AddConfigurationChecks(Checks* checks) {
  CheckGroup group(checks, "configuration", kSource);
  AddKeptChecks(group);
  AddNameChecks(group);
  CheckGroup limit(checks, "limit", kSource);
  AddLimitChecks(limit);
}

}  // namespace glue_security::conformance_internal
