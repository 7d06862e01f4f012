#include "glue_security/storage/tool/storage_export.h"

#include <openssl/evp.h>

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "simdjson.h"

namespace glue_security {
namespace {

using Json = nlohmann::json;

constexpr char kFormat[] = "glue_security_export";
constexpr int kVersion = 1;
constexpr char kBase64Suffix[] = "_base64";

bool IsUtf8(const std::string& text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

void SetName(const char* name, const std::string& text, Json* line) {
  if (IsUtf8(text)) {
    (*line)[name] = text;
  } else {
    (*line)[absl::StrCat(name, kBase64Suffix)] = absl::Base64Escape(text);
  }
}

// Parses a line. Objects and lists within it are left out: no export has them,
// and copying or printing them would recurse with the depth of the input.
Json ParseLine(const std::string& text) {
  const auto leaves_out_nested = [](int depth, Json::parse_event_t event,
                                    Json& /*parsed*/) {
    return depth == 0 || (event != Json::parse_event_t::object_start &&
                          event != Json::parse_event_t::array_start);
  };
  return Json::parse(text, leaves_out_nested, /*allow_exceptions=*/false);
}

// Returns the text of a member, or nullopt when it is not there.
std::optional<std::string> TextOf(const Json& line, const std::string& name) {
  const auto found = line.find(name);
  if (found == line.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::string> BytesOf(const Json& line, const std::string& name) {
  const auto text = TextOf(line, name);
  std::string bytes;
  if (!text.has_value() || !absl::Base64Unescape(*text, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::optional<std::string> NameOf(const Json& line, const std::string& name) {
  auto text = TextOf(line, name);
  return text.has_value() ? text : BytesOf(line, name + kBase64Suffix);
}

// Returns false when the line is not that of a record.
bool ReadRecord(const Json& line, NamedRecord* record) {
  auto catalog_id = NameOf(line, "catalog_id");
  auto region = NameOf(line, "region");
  auto id = NameOf(line, "id");
  auto value = BytesOf(line, "value");
  const auto kind = line.find("kind");
  if (!catalog_id.has_value() || !region.has_value() || !id.has_value() ||
      !value.has_value() || kind == line.end() || !kind->is_number_unsigned() ||
      kind->get<uint64_t>() > UINT8_MAX) {
    return false;
  }
  record->catalog.catalog_id = *std::move(catalog_id);
  record->catalog.region = *std::move(region);
  record->key.kind = static_cast<RecordKind>(kind->get<uint64_t>());
  record->key.id = *std::move(id);
  record->value = *std::move(value);
  return true;
}

}  // namespace

struct RunningSha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* made) const { EVP_MD_CTX_free(made); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

RunningSha256::RunningSha256() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::Add(absl::string_view text) {
  EVP_DigestUpdate(state_->context.get(), text.data(), text.size());
}

std::string RunningSha256::Hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

ExportWriter::ExportWriter(std::ostream* out) : out_(out) {
  WriteLine(Json{{kFormat, kVersion}}.dump());
}

void ExportWriter::Add(const NamedRecord& record) {
  Json line;
  SetName("catalog_id", record.catalog.catalog_id, &line);
  SetName("region", record.catalog.region, &line);
  SetName("id", record.key.id, &line);
  line["kind"] = static_cast<uint8_t>(record.key.kind);
  line["value"] = absl::Base64Escape(record.value);
  WriteLine(line.dump());
  ++records_;
}

void ExportWriter::End() {
  Json line;
  line["records"] = records_;
  line["sha256"] = digest_.Hex();
  *out_ << line.dump() << "\n";
  out_->flush();
}

void ExportWriter::WriteLine(std::string line) {
  line.push_back('\n');
  digest_.Add(line);
  *out_ << line;
}

ExportReader::ExportReader(std::istream* in) : in_(in) {
  std::string text;
  const bool read = ReadLine(&text);
  const Json line = ParseLine(text);
  const auto format = line.find(kFormat);
  if (!read || !line.is_object() || format == line.end() ||
      !format->is_number()) {
    Fail(absl::StatusCode::kInvalidArgument, "this is not an export");
  } else if (*format != kVersion) {
    Fail(absl::StatusCode::kInvalidArgument,
         absl::StrCat("the export has the format ", format->dump(),
                      "; this version reads ", kVersion));
  }
  digest_.Add(text);
  digest_.Add("\n");
}

const NamedRecord* ExportReader::Fail(absl::StatusCode code,
                                      absl::string_view why) {
  status_ = absl::Status(code, absl::StrCat("line ", lines_, ": ", why));
  return nullptr;
}

bool ExportReader::ReadLine(std::string* line) {
  ++lines_;
  line->clear();
  char piece[1 << 16];
  while (line->size() < kLineBytesMax) {
    in_->getline(piece, sizeof(piece));
    line->append(piece, static_cast<size_t>(in_->gcount()));
    if (in_->eof()) return false;
    if (!in_->fail()) {
      // The end of the line was read, and counts.
      line->pop_back();
      return true;
    }
    if (in_->bad()) return false;
    in_->clear();
  }
  return false;
}

const NamedRecord* ExportReader::Next() {
  if (ended_ || !status_.ok()) return nullptr;
  std::string text;
  if (!ReadLine(&text)) {
    return Fail(absl::StatusCode::kDataLoss, "the export ends early");
  }
  const Json line = ParseLine(text);
  if (!line.is_object()) {
    return Fail(absl::StatusCode::kDataLoss, "this is not a JSON object");
  }
  if (const auto digest = TextOf(line, "sha256")) {
    if (*digest != digest_.Hex() || line.value("records", Json()) != records_) {
      return Fail(absl::StatusCode::kDataLoss,
                  "the export was changed: its checksum does not match");
    }
    ended_ = true;
    if (in_->peek() != std::istream::traits_type::eof()) {
      ++lines_;
      return Fail(absl::StatusCode::kDataLoss, "something follows the end");
    }
    return nullptr;
  }
  digest_.Add(text);
  digest_.Add("\n");
  if (!ReadRecord(line, &record_)) {
    return Fail(absl::StatusCode::kDataLoss, "this is not a record");
  }
  ++records_;
  return &record_;
}

}  // namespace glue_security
