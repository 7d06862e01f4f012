#include "glue_security/storage/key_encoding.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// All strings over the alphabet of up to `size_max` characters.
std::vector<std::string> AllStrings(const std::string& alphabet,
                                    size_t size_max) {
  std::vector<std::string> all = {""};
  for (size_t begin = 0, size = 1; size <= size_max; ++size) {
    const size_t end = all.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) all.push_back(all[begin] + c);
    }
  }
  return all;
}

// The bytes that the encoding uses itself, and one on each side of them.
std::string Alphabet() { return {'\x00', '\x01', '\x02', 'a', '\xFF'}; }

// A name; it compares bytewise, field by field.
using Name = std::tuple<std::string, std::string, RecordKind, std::string>;

Name NameOf(const CatalogKey& catalog, const RecordKey& key) {
  return {catalog.catalog_id, catalog.region, key.kind, key.id};
}

std::string Encode(const Name& name) {
  return EncodeRecordKey({std::get<0>(name), std::get<1>(name)},
                         {std::get<2>(name), std::get<3>(name)});
}

std::vector<Name> ManyNames() {
  std::vector<Name> names;
  const std::vector<std::string> texts = AllStrings(Alphabet(), 2);
  for (const std::string& id : texts) {
    for (const std::string& region : AllStrings(Alphabet(), 1)) {
      for (const RecordKind kind :
           {RecordKind::kResourcePolicy, RecordKind::kConnectionCount}) {
        for (const std::string& catalog : texts) {
          names.emplace_back(catalog, region, kind, id);
        }
      }
    }
  }
  return names;
}

TEST(KeyEncoding, NamesCompareAsTheirEncodings) {
  std::vector<Name> names = ManyNames();
  std::sort(names.begin(), names.end());
  std::string before = Encode(names[0]);
  for (size_t i = 1; i < names.size(); ++i) {
    const std::string encoding = Encode(names[i]);
    // So no two are equal, either.
    ASSERT_LT(before, encoding) << absl::CHexEscape(encoding);
    before = encoding;
  }
}

TEST(KeyEncoding, DecodingGivesTheName) {
  for (const Name& name : ManyNames()) {
    const auto decoded = DecodeRecordKey(Encode(name));
    ASSERT_TRUE(decoded.has_value()) << absl::CHexEscape(Encode(name));
    ASSERT_EQ(NameOf(decoded->catalog, decoded->key), name);
  }
}

TEST(KeyEncoding, OtherBytesAreNotANameOrItsOnlyEncoding) {
  size_t names = 0;
  for (const std::string& bytes : AllStrings(Alphabet(), 7)) {
    const auto decoded = DecodeRecordKey(bytes);
    if (!decoded.has_value()) continue;
    ++names;
    ASSERT_EQ(EncodeRecordKey(decoded->catalog, decoded->key), bytes);
  }
  // Three empty texts and each kind of the alphabet.
  EXPECT_EQ(names, 5U);
}

TEST(KeyEncoding, APrefixBeginsTheRecordsOfItsKindAndNoOther) {
  const CatalogKey home = {std::string("a\0", 2), "a"};
  const std::string prefix =
      EncodeKindPrefix(home, RecordKind::kConnectionCount);
  for (const Name& name : ManyNames()) {
    const std::string encoding = Encode(name);
    const bool is_inside = std::get<0>(name) == home.catalog_id &&
                           std::get<1>(name) == home.region &&
                           std::get<2>(name) == RecordKind::kConnectionCount;
    ASSERT_EQ(encoding.compare(0, prefix.size(), prefix) == 0, is_inside)
        << absl::CHexEscape(encoding);
  }
}

TEST(KeyEncoding, TheEndOfAPrefixIsTheFirstStringBehindIt) {
  const std::vector<std::string> strings = AllStrings(Alphabet(), 4);
  for (const std::string& prefix : AllStrings(Alphabet(), 3)) {
    const std::optional<std::string> end = EndOfPrefix(prefix);
    ASSERT_EQ(end.has_value(),
              prefix.find_first_not_of('\xFF') != std::string::npos);
    for (const std::string& text : strings) {
      const bool begins = text.compare(0, prefix.size(), prefix) == 0;
      const bool is_between =
          text >= prefix && (!end.has_value() || text < *end);
      ASSERT_EQ(begins, is_between)
          << absl::CHexEscape(prefix) << " " << absl::CHexEscape(text);
    }
  }
}

// The stored format: these bytes never change.
TEST(KeyEncoding, KeepsItsFormat) {
  EXPECT_EQ(EncodeRecordKey({"1", "us"}, {RecordKind::kConnection, "a"}),
            std::string("1\x00\x01us\x00\x01\x05"
                        "a\x00\x01",
                        11));
  EXPECT_EQ(EncodeRecordKey({std::string("\0", 1), ""},
                            {RecordKind::kResourcePolicy, "\xFF"}),
            std::string("\x00\xFF\x00\x01\x00\x01\x01\xFF\x00\x01", 10));
}

}  // namespace
}  // namespace glue_security
