// configuration: single security configurations. limit: the number limit.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

// Configurations that are accepted in both presets and come back unchanged.
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

void ExpectKept(CheckRun& run, const char* text) {
  const v1::EncryptionConfiguration given = ConfigurationOf(text);
  run.Same("the name in the answer to Create", "a",
           run.Ok(Create("a", given)).create_security_configuration().name());
  const auto got =
      run.Ok(Get("a")).get_security_configuration().security_configuration();
  run.Same("the name", "a", got.name());
  run.True("EncryptionConfiguration is there",
           got.has_encryption_configuration());
  run.Same("what Get shows", given, got.encryption_configuration());
  const auto list = run.Ok(List()).get_security_configurations();
  run.True("the list has one entry", list.security_configurations_size() == 1);
  if (list.security_configurations_size() == 1) {
    run.Same("what the list shows", got, list.security_configurations(0));
  }
}

void AddKeptChecks(CheckGroup& group) {
  for (const Given& given : kGiven) {
    group.Add(absl::StrCat("kept.", given.id), given.says,
              [given](CheckRun& run) { ExpectKept(run, given.text); });
  }
  group.Add(
      "documented.more_s3_elements",
      "more than one S3Encryption element: accepted, and in order",
      [](CheckRun& run) { ExpectKept(run, kTwoS3); },
      Only(BackendPreset::kDocumented));
  group.Add(
      "observed.more_s3_elements",
      "more than one S3Encryption element: InvalidInputException",
      [](CheckRun& run) {
        run.Fails(Create("a", ConfigurationOf(kTwoS3)), kInvalid);
      },
      Only(BackendPreset::kObserved));
  for (const Given& given : kNoKey) {
    group.Add(
        absl::StrCat("documented.", given.id),
        absl::StrCat(given.says, ": accepted"),
        [given](CheckRun& run) { ExpectKept(run, given.text); },
        Only(BackendPreset::kDocumented));
    group.Add(
        absl::StrCat("observed.", given.id),
        absl::StrCat(given.says, ": InvalidInputException"),
        [given](CheckRun& run) {
          run.Fails(Create("a", ConfigurationOf(given.text)), kInvalid);
        },
        Only(BackendPreset::kObserved));
  }
}

void AddNameChecks(CheckGroup& group) {
  group.Add(
      "duplicate", "duplicate name: AlreadyExistsException", [](CheckRun& run) {
        run.Ok(Create("a"));
        run.Fails(Create("a", ConfigurationOf("s3_encryption {}")), kExists);
      });
  group.Add("duplicate_of_identical_body",
            "AlreadyExistsException, also for an identical body",
            [](CheckRun& run) {
              run.Ok(Create("a"));
              run.clock().Advance(absl::Seconds(1));
              run.Fails(Create("a"), kExists);
            });
  group.Add("get_unknown", "unknown name: EntityNotFoundException",
            [](CheckRun& run) {
              run.Fails(Get("a"), kNotFound);
              run.Ok(Create("b"));
              run.Fails(Get("a"), kNotFound);
            });
  group.Add("delete_unknown", "unknown name: EntityNotFoundException",
            [](CheckRun& run) {
              run.Fails(Delete("a"), kNotFound);
              run.Ok(Create("b"));
              run.Fails(Delete("a"), kNotFound);
            });
  group.Add("names_whole", "names are unique as they are: case, blanks, length",
            [](CheckRun& run) {
              const std::vector<std::string> names = {
                  "a", "A", "a ", " a", "aa", "a\t", "\xC3\xA9", "e\xCC\x81"};
              for (const std::string& name : names) run.Ok(Create(name));
              for (const std::string& name : names) {
                run.Same("the name", name,
                         run.Ok(Get(name))
                             .get_security_configuration()
                             .security_configuration()
                             .name());
              }
              run.Ok(Delete("A"));
              run.Ok(Get("a"));
              run.Ok(Delete("a"));
              run.Ok(Get("aa"));
            });
  group.Add("deleted", "a deleted one is gone, and its name is free",
            [](CheckRun& run) {
              run.Ok(Create("a", ConfigurationOf("s3_encryption {}")));
              run.Ok(Delete("a"));
              run.Fails(Get("a"), kNotFound);
              run.Fails(Delete("a"), kNotFound);
              run.True("the list is empty", run.Names().empty());
              run.Ok(Create("a"));
              run.Same("what Get shows", v1::EncryptionConfiguration(),
                       run.Ok(Get("a"))
                           .get_security_configuration()
                           .security_configuration()
                           .encryption_configuration());
            });
}

void CreateMany(CheckRun& run, int count) {
  for (int i = 0; i < count; ++i) run.Ok(Create(absl::StrCat("n", i)));
}

void AddLimitChecks(CheckGroup& limit) {
  limit.Add("default", "250 per account and region", [](CheckRun& run) {
    CreateMany(run, 250);
    run.Fails(Create("more"), kTooMany);
    run.True("there are 250", run.Names().size() == 250);
  });
  limit.Add(
      "at_and_over", "adjustable; at the limit a create fails",
      [](CheckRun& run) {
        run.limits().security_configurations_max = 3;
        CreateMany(run, 3);
        run.Fails(Create("more"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "after_delete", "a deleted one no longer counts",
      [](CheckRun& run) {
        run.limits().security_configurations_max = 2;
        CreateMany(run, 2);
        run.Ok(Delete("n0"));
        run.Ok(Create("more"));
        run.Fails(Create("n0"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "failures_do_not_count",
      "a failed operation changes nothing, the count included",
      [](CheckRun& run) {
        run.limits().security_configurations_max = 2;
        run.Ok(Create("a"));
        run.Fails(Create("a"), kExists);
        run.Breaks(Create(""), {"name LENGTH_MIN"});
        run.Ok(Create("b"));
        run.Fails(Delete("c"), kNotFound);
        run.Fails(Create("c"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "per_account_and_region", "per account and region",
      [](CheckRun& run) {
        run.limits().security_configurations_max = 1;
        run.Ok(Create("a"));
        run.Ok(Create("a"), OtherRegion());
        run.Ok(Create("a"), OtherAccount());
        run.Fails(Create("b"), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "zero", "0 allows none",
      [](CheckRun& run) {
        run.limits().security_configurations_max = 0;
        run.Fails(Create("a"), kTooMany);
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
