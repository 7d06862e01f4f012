// S1 to S7.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace testing_internal {
namespace {

std::vector<std::string> IdsOf(const RangeResult& range) {
  std::vector<std::string> ids;
  for (const RangeRecord& record : range.records) ids.push_back(record.id);
  return ids;
}

std::string Nul() { return std::string(1, '\0'); }

// ---- S1

void WhatTheLastMutationLeft(Scene& scene) {
  scene.ExpectValue(Policy(), std::nullopt);
  scene.Write(Policy(), "one");
  scene.ExpectValue(Policy(), "one");
  scene.Write(Policy(), "two");
  scene.ExpectValue(Policy(), "two");
  scene.Write(Policy(), std::nullopt);
  scene.ExpectValue(Policy(), std::nullopt);
  scene.Write(Policy(), "three");
  scene.ExpectValue(Policy(), "three");
}

void KeysInTheirOrder(Scene& scene) {
  scene.Write(Configuration("a"), "A");
  scene.Write(Configuration("b"), "B");
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  read_set.keys = {Configuration("b"), Policy(), Configuration("a"),
                   Configuration("c")};
  const Snapshot snapshot = scene.Read(read_set);
  std::vector<std::string> values;
  for (const auto& record : snapshot.records) {
    values.push_back(record.has_value() ? record->value : "none");
  }
  scene.ExpectEq("the values of b, the policy, a, c", values,
                 std::vector<std::string>{"B", "none", "A", "none"});
}

// Keys beside a range, with records of other kinds between them.
void KeysBesideARange(Scene& scene) {
  scene.Write(Configuration("a"), "A");
  scene.Write(Policy(), "P");
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  read_set.keys = {Settings(), Policy()};
  read_set.range = AllConfigurations();
  const Snapshot snapshot = scene.Read(read_set);
  scene.ExpectTrue("no settings", !snapshot.records[0].has_value());
  scene.ExpectTrue("the policy", snapshot.records[1].has_value() &&
                                     snapshot.records[1]->value == "P");
  scene.ExpectEq("the range", IdsOf(*snapshot.range),
                 std::vector<std::string>{"a"});
}

// ---- S2

// "A read that starts after a commit returned sees that commit."
void ReadAfterCommit(Scene& scene) {
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  read_set.keys = {Policy()};
  read_set.range = AllConfigurations();
  for (int n = 1; n <= 3 && !scene.failed(); ++n) {
    const std::string value = absl::StrCat(n);
    scene.ExpectEq("the commit",
                   scene.Commit({}, {{Policy(), value},
                                     {Configuration("a"), value},
                                     {Configuration(value), value}}),
                   CommitResult::kCommitted);
    const Snapshot snapshot = scene.Read(read_set);
    scene.ExpectTrue(
        "the key is from after the commit",
        snapshot.records[0].has_value() && snapshot.records[0]->value == value);
    scene.ExpectEq("the size of the range", snapshot.range->records.size(),
                   static_cast<size_t>(n + 1));
    for (const RangeRecord& record : snapshot.range->records) {
      if (record.id != "a" && record.id != value) continue;
      scene.ExpectEq("a value of the range", record.value, value);
      if (!snapshot.records[0].has_value()) continue;
      scene.ExpectEq("a revision of the range", record.revision,
                     snapshot.records[0]->revision);
    }
  }
}

// ---- S3

void ExpectRange(Scene& scene, const std::optional<std::string>& after,
                 const std::vector<std::string>& ids) {
  RangeRead range = AllConfigurations();
  range.after = after;
  scene.ExpectEq("the ids of the range", IdsOf(scene.Range(range)), ids);
}

void AscendingFromTheFirst(Scene& scene) {
  for (const char* id : {"b", "a", "ab", "B"}) {
    scene.Write(Configuration(id), "v");
  }
  // A range has no memory of an earlier one.
  for (int i = 0; i < 2; ++i) {
    ExpectRange(scene, std::nullopt, {"B", "a", "ab", "b"});
  }
}

void AfterAnId(Scene& scene) {
  for (const char* id : {"b", "a", "c"}) scene.Write(Configuration(id), "v");
  ExpectRange(scene, "a", {"b", "c"});
  ExpectRange(scene, "aa", {"b", "c"});  // there is no such id
  ExpectRange(scene, "c", {});
  ExpectRange(scene, "d", {});
}

void TheEmptyIdIsAnId(Scene& scene) {
  scene.Write(Configuration(""), "v");
  scene.Write(Configuration("a"), "v");
  ExpectRange(scene, std::nullopt, {"", "a"});
  ExpectRange(scene, "", {"a"});
}

void UnsignedBytes(Scene& scene) {
  const std::vector<std::string> sorted = {
      "",      Nul(),   Nul() + "a", "a",        "a" + Nul(), "aa",
      "a\x7F", "a\x80", "a\xFF",     "\xC3\xA9", "\xFF"};
  for (size_t i = sorted.size(); i > 0; --i) {
    scene.Write(Configuration(sorted[i - 1]), "v");
  }
  ExpectRange(scene, std::nullopt, sorted);
  for (size_t i = 0; i < sorted.size(); ++i) {
    ExpectRange(
        scene, sorted[i],
        std::vector<std::string>(sorted.begin() + static_cast<ptrdiff_t>(i) + 1,
                                 sorted.end()));
  }
}

void OfOneKindAndCatalog(Scene& scene) {
  scene.Write(Configuration("a"), "v");
  scene.Write({RecordKind::kConfigurationCount, ""}, "1");
  scene.Write({RecordKind::kEncryptionSettings, "b"}, "settings");
  scene.Write(Policy(), "policy");
  scene.Write({"123456789012", "eu-west-1"}, Configuration("b"), "v");
  ExpectRange(scene, std::nullopt, {"a"});
  scene.Write(Configuration("a"), std::nullopt);
  ExpectRange(scene, std::nullopt, {});
}

// "None left out in between", from page to page, with removed records between
// them.
void PageByPage(Scene& scene) {
  std::vector<std::string> ids;
  for (int i = 0; i < 120; ++i) {
    const std::string id = absl::StrCat(i * 7919 % 1000);
    scene.Write(Configuration(id), "v");
    if (i % 5 == 0) {
      scene.Write(Configuration(id), std::nullopt);
    } else {
      ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end());
  std::vector<std::string> found;
  RangeRead range = AllConfigurations();
  range.records_max = 7;
  for (size_t page = 0; page <= ids.size() && !scene.failed(); ++page) {
    const RangeResult result = scene.Range(range);
    for (const RangeRecord& record : result.records) {
      found.push_back(record.id);
    }
    if (!result.more || result.records.empty()) break;
    range.after = found.back();
  }
  scene.ExpectEq("the ids of all pages", found, ids);
}

// ---- S4

// Four records of 11 bytes each; more do not fit.
void EitherBound(Scene& scene) {
  for (const char* id : {"a", "b", "c", "d"}) {
    scene.Write(Configuration(id), "0123456789");
  }
  const struct {
    size_t records_max;
    size_t bytes_max;
    size_t records;
  } cases[] = {{1, 1000, 1}, {3, 1000, 3}, {4, 1000, 4}, {9, 1000, 4},
               {9, 1, 1},    {9, 10, 1},   {9, 11, 1},   {9, 21, 1},
               {9, 22, 2},   {9, 23, 2},   {9, 43, 3},   {9, 44, 4},
               {2, 44, 2},   {4, 43, 3}};
  for (const auto& c : cases) {
    RangeRead range;
    range.records_max = c.records_max;
    range.bytes_max = c.bytes_max;
    const RangeResult result = scene.Range(range);
    const std::string what = absl::StrCat(
        "of at most ", c.records_max, " records and ", c.bytes_max, " bytes");
    scene.ExpectEq(absl::StrCat("the number of records ", what),
                   result.records.size(), c.records);
    scene.ExpectEq(absl::StrCat("more, ", what), result.more, c.records < 4);
  }
}

void NothingMoreBehindNothing(Scene& scene) {
  RangeRead range;
  scene.ExpectEq("`more` in an empty catalog", scene.Range(range).more, false);
  scene.Write(Configuration("a"), "v");
  range.after = "a";
  scene.ExpectEq("`more` after the last record", scene.Range(range).more,
                 false);
  range.after.reset();
  scene.ExpectEq("`more` when the only record was larger",
                 scene.Range(range).more, false);
}

// The first is returned whatever its size, and counts; the second is measured.
void FirstOfAnySize(Scene& scene) {
  scene.Write(Configuration("a"), std::string(1000, 'v'));
  scene.Write(Configuration("b"), "v");
  RangeRead range;
  range.records_max = 10;
  range.bytes_max = 100;
  const RangeResult result = scene.Range(range);
  scene.ExpectEq("the range", IdsOf(result), std::vector<std::string>{"a"});
  scene.ExpectEq("more", result.more, true);
  range.after = "a";
  scene.ExpectEq("the range after it", IdsOf(scene.Range(range)),
                 std::vector<std::string>{"b"});
}

// Only a record of the range's kind "follows".
void OtherKindsDoNotFollow(Scene& scene) {
  scene.Write(Configuration("a"), "v");
  scene.Write({RecordKind::kConfigurationCount, ""}, "1");
  scene.Write({"123456789012", "us-east-2"}, Configuration("b"), "v");
  RangeRead range;
  scene.ExpectEq("more", scene.Range(range).more, false);
}

// ---- S5

void IdsOfOneCatalog(Scene& scene) {
  const std::vector<std::string> ids = {"",
                                        "a",
                                        "A",
                                        "ab",
                                        Nul(),
                                        "a" + Nul(),
                                        Nul() + "a",
                                        "/",
                                        "a/",
                                        "a/b",
                                        "\xFF",
                                        "a ",
                                        "a\n",
                                        "%61",
                                        "\\",
                                        "'",
                                        "\xC3\xA9",
                                        "e\xCC\x81",
                                        std::string(255, 'a'),
                                        std::string(255, 'a') + "b"};
  int n = 0;
  for (const std::string& id : ids) {
    scene.Write(Configuration(id), absl::StrCat(n++));
  }
  n = 0;
  for (const std::string& id : ids) {
    scene.ExpectValue(Configuration(id), absl::StrCat(n++));
  }
}

void IdsOfTwoKinds(Scene& scene) {
  const RecordKind kinds[] = {
      RecordKind::kResourcePolicy, RecordKind::kEncryptionSettings,
      RecordKind::kSecurityConfiguration, RecordKind::kConfigurationCount};
  for (const char* id : {"", "x"}) {
    for (const RecordKind kind : kinds) {
      scene.Write({kind, id}, absl::StrCat(static_cast<int>(kind), id));
    }
  }
  for (const char* id : {"", "x"}) {
    for (const RecordKind kind : kinds) {
      scene.ExpectValue({kind, id}, absl::StrCat(static_cast<int>(kind), id));
    }
  }
}

void CatalogsAndRegions(Scene& scene) {
  const std::vector<std::string> texts = {
      "", "a", "b", "ab", Nul(), "a" + Nul(), Nul() + "a", "/", "\xFF"};
  for (const bool reading : {false, true}) {
    int n = 0;
    for (const std::string& catalog_id : texts) {
      for (const std::string& region : texts) {
        for (const RecordKey& key : {Policy(), Configuration("x")}) {
          const CatalogKey catalog{catalog_id, region};
          const std::string value = absl::StrCat(n++);
          if (!reading) {
            scene.Write(catalog, key, value);
            continue;
          }
          const auto record = scene.Get(catalog, key);
          scene.ExpectEq("the value",
                         record.has_value() ? record->value : "none", value);
          if (scene.failed()) return;
        }
      }
    }
  }
}

// ---- S6

void AnyBytesComeBack(Scene& scene) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (const std::string& value :
       {std::string(), std::string("a") + Nul() + "b", Nul(),
        std::string(" a "), std::string("a\r\n"), std::string("\xFF\xFE"), all,
        std::string(300'000, 'x')}) {
    scene.Write(Policy(), value);
    scene.ExpectValue(Policy(), value);
    scene.Write(Configuration("a"), value);
    const RangeResult result = scene.Range(AllConfigurations());
    scene.ExpectEq("the size of the range", result.records.size(), size_t{1});
    if (scene.failed()) return;
    scene.ExpectEq("the value in the range", result.records[0].value, value);
  }
}

// ---- S7

void ReadOfNothing(Scene& scene) {
  const CatalogKey nowhere{"nowhere", "us-east-1"};
  ReadSet read_set;
  read_set.catalog = nowhere;
  read_set.keys = {Policy(), Configuration("a")};
  read_set.range = AllConfigurations();
  for (int i = 0; i < 3; ++i) {
    const Snapshot snapshot = scene.Read(read_set);
    scene.ExpectTrue("no policy", !snapshot.records[0].has_value());
    scene.ExpectTrue("no configuration", !snapshot.records[1].has_value());
    scene.ExpectEq("the range", IdsOf(*snapshot.range), {});
    scene.VisitRecord(nowhere, Policy());
  }
  // A commit still finds both records absent after they were read.
  scene.ExpectEq("a commit with the precondition that both are absent",
                 scene.Commit({nowhere,
                               scene.branch(),
                               {{Policy(), std::nullopt},
                                {Configuration("a"), std::nullopt}},
                               {{Policy(), "created"}}}),
                 CommitResult::kCommitted);
}

// A read does not change existing records either.
void ReadOfSomething(Scene& scene) {
  scene.Write(Configuration("b"), "B");
  const std::string before = scene.Everything();
  scene.Get(Configuration("a"));
  scene.Get(Configuration("b"));
  scene.VisitRecord(HomeCatalog(), Configuration("c"));
  RangeRead range;
  range.after = "b";
  scene.Range(range);
  scene.ExpectEq("all records", scene.Everything(), before);
}

}  // namespace

std::vector<ClauseExample> ReadingExamples() {
  return {
      {1, 0, "WhatTheLastMutationLeft", WhatTheLastMutationLeft},
      {1, 0, "KeysInTheirOrder", KeysInTheirOrder},
      {1, 3, "KeysBesideARange", KeysBesideARange},
      {2, 3, "ReadAfterCommit", ReadAfterCommit},
      {3, 2, "AscendingFromTheFirst", AscendingFromTheFirst},
      {3, 1, "AfterAnId", AfterAnId},
      {3, 1, "TheEmptyIdIsAnId", TheEmptyIdIsAnId},
      {3, 2, "UnsignedBytes", UnsignedBytes},
      {3, 2, "OfOneKindAndCatalog", OfOneKindAndCatalog},
      {3, 1, "PageByPage", PageByPage},
      {4, 0, "NothingMoreBehindNothing", NothingMoreBehindNothing},
      {4, 1, "FirstOfAnySize", FirstOfAnySize},
      {4, 2, "OtherKindsDoNotFollow", OtherKindsDoNotFollow},
      {4, 2, "EitherBound", EitherBound},
      {5, 1, "IdsOfTwoKinds", IdsOfTwoKinds},
      {5, 1, "IdsOfOneCatalog", IdsOfOneCatalog},
      {5, 1, "CatalogsAndRegions", CatalogsAndRegions},
      {6, 2, "AnyBytesComeBack", AnyBytesComeBack},
      {7, 1, "ReadOfNothing", ReadOfNothing},
      {7, 0, "ReadOfSomething", ReadOfSomething},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
