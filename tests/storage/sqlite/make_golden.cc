// Writes a database of the current format to the path that it is given, as
// format_1.db and format_2.db were made by the versions of their time.

#include <cstdio>
#include <filesystem>
#include <string>

#include "glue_security/storage/sqlite/sqlite_storage.h"

namespace glue_security {
namespace {

int Main(const std::string& path) {
  const std::string draft = path + ".draft";
  auto storage = SqliteStorage::Open(draft, {});
  if (!storage.ok()) return 1;
  const CatalogKey east{"123456789012", "us-east-1"};
  const auto configuration = RecordKind::kSecurityConfiguration;
  const WriteBatch batches[] = {
      {east, 0, {}, {{{RecordKind::kResourcePolicy, ""}, "policy"}}},
      {east,
       0,
       {},
       {{{configuration, "a"}, "A"},
        {{configuration, std::string("b\0c", 3)}, std::string("\0\xff", 2)}}},
      {{"123456789012", "us-west-2"}, 0, {}, {{{configuration, "z"}, ""}}}};
  for (const WriteBatch& batch : batches) {
    if (!(*storage)->Commit(batch).ok()) return 1;
  }
  const absl::Status status = (*storage)->ExportTo(path);
  *storage = nullptr;
  std::filesystem::remove(draft);
  std::filesystem::remove(draft + "-lock");
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  if (argc == 2) return glue_security::Main(argv[1]);
  std::fputs("usage: make_golden PATH\n", stderr);
  return 2;
}
