#include "glue_security/storage/url/storage_from_url.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_kind.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

TEST(StorageFromUrl, OpensMemory) {
  const auto opened = StorageFromUrl("memory");
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->storage->durability(), Durability::kNone);
  ASSERT_NE(opened->maintenance, nullptr);
  EXPECT_EQ(opened->maintenance->Stats()->records, 0U);
}

TEST(StorageFromUrl, MemoryHasTheBoundOfTheOptions) {
  StorageUrlOptions options;
  options.memory.catalogs_max = 0;
  const auto opened = StorageFromUrl("memory", options);
  WriteBatch batch;
  batch.branch = opened->storage->Read({})->branch;
  batch.mutations = {{RecordKey(), "value"}};
  EXPECT_EQ(opened->storage->Commit(batch).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(StorageFromUrl, OpensADatabaseAtEachLevelOfDurability) {
  const std::string url = absl::StrCat("sqlite:", Path("a.db"));
  for (const auto& [option, durability] :
       {std::pair{"", Durability::kPowerLoss},
        std::pair{"?synchronous=full", Durability::kPowerLoss},
        std::pair{"?synchronous=normal", Durability::kProcessCrash}}) {
    StorageMetrics metrics;
    StorageUrlOptions options;
    options.metrics = &metrics;
    const auto opened = StorageFromUrl(absl::StrCat(url, option), options);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->storage->durability(), durability);
    WriteBatch batch;
    batch.mutations = {{RecordKey(), "value"}};
    ASSERT_THAT(opened->storage->Commit(batch), IsOk());
    EXPECT_EQ(metrics.commits.load(), 1U);
    EXPECT_EQ(opened->maintenance->Stats()->records, 1U);
  }
}

TEST(StorageFromUrl, AWrongUrlIsRefusedWithTheForms) {
  for (const char* url : {"", "redis://localhost", "Memory",
                          "memory:", "sqlite", "etcd://localhost/p"}) {
    const auto opened = StorageFromUrl(url);
    EXPECT_EQ(opened.status(),
              absl::InvalidArgumentError(absl::StrCat(
                  "\"", url, "\": a storage is memory or sqlite:PATH")));
  }
  for (const char* url :
       {"sqlite:", "sqlite:?synchronous=full", "sqlite::memory:"}) {
    EXPECT_EQ(StorageFromUrl(url).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  for (const char* option : {"?", "?synchronous=", "?synchronous=off",
                             "?synchronous=full&x=1", "?journal=wal"}) {
    const auto opened =
        StorageFromUrl(absl::StrCat("sqlite:", Path("no.db"), option));
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(opened.status().message()),
                HasSubstr("synchronous=normal"));
  }
}

TEST(StorageFromUrl, AFurtherKindIsAskedAndNamed) {
  StorageKind kind;
  kind.scheme = "mine";
  kind.form = "mine:NAME";
  kind.open = [](absl::string_view url,
                 StorageMetrics*) -> absl::StatusOr<OpenedStorage> {
    if (url == "mine:down") return absl::UnavailableError("it is down");
    return StorageFromUrl("memory");
  };
  StorageUrlOptions options;
  options.kinds = {kind};
  EXPECT_THAT(StorageFromUrl("mine:x", options), IsOk());
  EXPECT_EQ(StorageFromUrl("mine:down", options).status(),
            absl::UnavailableError("it is down"));
  EXPECT_EQ(StorageFromUrl("mines:x", options).status(),
            absl::InvalidArgumentError(
                "\"mines:x\": a storage is memory, sqlite:PATH or mine:NAME"));
  options.kinds.push_back({"other", "other:NAME", kind.open});
  EXPECT_EQ(StorageUrlForms(options),
            "memory, sqlite:PATH, mine:NAME or other:NAME");
}

}  // namespace
}  // namespace glue_security
