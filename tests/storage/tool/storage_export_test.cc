#include "glue_security/storage/tool/storage_export.h"

#include <cstddef>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/model/record.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

using Row = std::tuple<std::string, std::string, int, std::string, std::string>;

Row RowOf(const NamedRecord& record) {
  return {record.catalog.catalog_id, record.catalog.region,
          static_cast<int>(record.key.kind), record.key.id, record.value};
}

NamedRecord RecordOf(const Row& row) {
  NamedRecord record;
  record.catalog = {std::get<0>(row), std::get<1>(row)};
  record.key = {static_cast<RecordKind>(std::get<2>(row)), std::get<3>(row)};
  record.value = std::get<4>(row);
  return record;
}

// Names and values of every sort of bytes.
std::vector<Row> ManyRows() {
  std::string all_bytes;
  for (int c = 0; c < 256; ++c) all_bytes.push_back(static_cast<char>(c));
  return {
      {"", "", 1, "", ""},
      {"123456789012", "us-east-1", 3, "a\"b\\c\n", "value"},
      {std::string("\0", 1), "\xC3\xA4", 2, all_bytes, all_bytes},
      {"\xFF", "eu", 255, "\xC3", std::string(100'000, 'x')},
  };
}

std::string Exported(const std::vector<Row>& rows) {
  std::ostringstream out;
  ExportWriter writer(&out);
  for (const Row& row : rows) writer.Add(RecordOf(row));
  writer.End();
  EXPECT_EQ(writer.records(), rows.size());
  return out.str();
}

struct Imported {
  std::vector<Row> rows;
  absl::Status status;
};

Imported Import(const std::string& text) {
  std::istringstream in(text);
  ExportReader reader(&in);
  Imported imported;
  while (const NamedRecord* const record = reader.Next()) {
    imported.rows.push_back(RowOf(*record));
  }
  imported.status = reader.status();
  return imported;
}

TEST(StorageExport, ReadsWhatItWrote) {
  for (const auto& rows : {std::vector<Row>(), ManyRows()}) {
    const Imported imported = Import(Exported(rows));
    EXPECT_EQ(imported.status, absl::OkStatus());
    EXPECT_THAT(imported.rows, ElementsAreArray(rows));
  }
}

// The format: it never changes.
TEST(StorageExport, IsLinesOfJson) {
  EXPECT_EQ(Exported({{"1", "\xFF", 1, "a", "b"}}),
            "{\"glue_security_export\":1}\n"
            "{\"catalog_id\":\"1\",\"id\":\"a\",\"kind\":1,\"region_base64\":"
            "\"/w==\","
            "\"value\":\"Yg==\"}\n"
            "{\"records\":1,\"sha256\":"
            "\"644a94a7b71168d991c527a5f40d6218b43fa1c2927e69e55da781eb9777fc91"
            "\"}\n");
}

TEST(StorageExport, OneThatIsCutOffIsRefused) {
  const std::string text = Exported(
      {{"1", "r", 1, "a", "b"}, {"1", "r", 2, "", std::string(9, 'v')}});
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_NE(Import(text.substr(0, size)).status, absl::OkStatus()) << size;
  }
  EXPECT_EQ(Import(text + "\n").status.code(), absl::StatusCode::kDataLoss);
}

TEST(StorageExport, EveryByteThatIsChangedIsFound) {
  const std::string text = Exported(
      {{"1", "r", 1, "a", "b"}, {"1", "r", 2, "", std::string(9, 'v')}});
  for (size_t i = 0; i < text.size(); ++i) {
    for (const int mask : {0x01, 0x02, 0x10, 0x20, 0x80, 0xFF}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ mask);
      EXPECT_NE(Import(changed).status, absl::OkStatus()) << i << " " << mask;
    }
  }
}

TEST(StorageExport, ARecordThatIsLeftOutOrRepeatedIsFound) {
  const std::string text =
      Exported({{"1", "r", 1, "a", "b"}, {"1", "r", 2, "", "c"}});
  const size_t first = text.find('\n') + 1;
  const size_t second = text.find('\n', first) + 1;
  std::string without = text;
  without.erase(first, second - first);
  EXPECT_EQ(Import(without).status.code(), absl::StatusCode::kDataLoss);
  std::string twice = text;
  twice.insert(first, text.substr(first, second - first));
  EXPECT_EQ(Import(twice).status.code(), absl::StatusCode::kDataLoss);
}

TEST(StorageExport, AnotherFileIsNamedAsSuch) {
  EXPECT_EQ(Import("{\"Version\":\"2012-10-17\"}\n").status,
            absl::InvalidArgumentError("line 1: this is not an export"));
  EXPECT_EQ(Import("\x89PNG").status,
            absl::InvalidArgumentError("line 1: this is not an export"));
  const absl::Status newer = Import("{\"glue_security_export\":2}\n").status;
  EXPECT_EQ(newer.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(newer.message()), HasSubstr("the format 2"));
}

}  // namespace
}  // namespace glue_security
