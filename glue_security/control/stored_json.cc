#include "glue_security/control/stored_json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/control/control_json.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/record.h"
#include "glue_security/model/setting.h"
#include "glue_security/model/text_value.h"
#include "glue_security/policy/catalog_context.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_warnings.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace {

constexpr size_t kBytesMax = size_t{1} << 20;
constexpr size_t kCatalogsMax = 1000;
constexpr size_t kRecordsMax = 100;
// The findings that are shown have together at most this many bytes of
// pointers.
constexpr size_t kPointerBytesMax = kBytesMax / 2;
// A policy may have been stored with any bound of the depth.
constexpr size_t kDepthMax = 1024;

using Parameters = std::map<std::string, std::string>;

// Decodes %41 as A. Returns nullopt when a percent sign has no two digits.
std::optional<std::string> PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() < 2 ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return std::nullopt;
    }
    decoded += absl::HexStringToBytes(digits);
    i += 2;
  }
  return decoded;
}

absl::StatusOr<Parameters> ParseParameters(
    absl::string_view query, const std::vector<absl::string_view>& known) {
  Parameters parameters;
  if (query.empty()) return parameters;
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (std::find(known.begin(), known.end(), parameter.first) == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown parameter '", PlainText(parameter.first), "'"));
    }
    auto value = PercentDecoded(parameter.second);
    if (!value.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(parameter.first, ": not percent-encoded"));
    }
    if (!parameters.emplace(parameter.first, *std::move(value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(parameter.first, ": given twice"));
    }
  }
  return parameters;
}

absl::StatusOr<size_t> LimitOf(const Parameters& parameters, size_t max) {
  const auto found = parameters.find("limit");
  if (found == parameters.end()) return max;
  const auto limit = ReadWholeNumber(found->second);
  if (!limit.has_value() || *limit == 0 || *limit > max) {
    return absl::InvalidArgumentError(
        absl::StrCat("limit: must be 1 to ", max));
  }
  return static_cast<size_t>(*limit);
}

// Appends `,"name":"2026-01-31T12:00:00.5+00:00"`.
void AppendTime(absl::string_view name, int64_t ms, std::string* out) {
  AppendText(name,
             absl::FormatTime(absl::RFC3339_full, absl::FromUnixMillis(ms),
                              absl::UTCTimeZone()),
             out);
}

// Counts the records of the catalogs that a visit meets, in its order.
class CatalogList {
 public:
  // Lists the catalogs after `after`, at most `limit`.
  CatalogList(std::optional<CatalogKey> after, size_t limit)
      : after_(std::move(after)), limit_(limit) {}

  // Returns false when the list is full and the record is of a further catalog.
  bool Add(const NamedRecord& record) {
    if (after_.has_value() && !(*after_ < record.catalog)) return true;
    if (count_ == 0 || record.catalog != current_.catalog) {
      if (count_ == limit_ || catalogs_.size() > kBytesMax) {
        is_full_ = true;
        return false;
      }
      Finish();
      ++count_;
      current_ = Entry();
      current_.catalog = record.catalog;
    }
    Count(record);
    return true;
  }

  bool is_full() const { return is_full_; }

  std::string ToJson() {
    Finish();
    std::string out = absl::StrCat("{\"catalogs\":[", catalogs_, "]");
    if (is_full_) {
      absl::StrAppend(&out, ",\"next\":{");
      AppendName(&out);
      out.push_back('}');
    }
    return out + "}";
  }

 private:
  struct Entry {
    CatalogKey catalog;
    bool has_policy = false;
    bool has_settings = false;
    uint64_t configurations = 0;
    uint64_t connections = 0;
  };

  void Count(const NamedRecord& record) {
    switch (record.key.kind) {
      case RecordKind::kResourcePolicy: {
        const auto policy =
            DecodeResourcePolicy(record.value, TextCheck::kNone);
        // A damaged one is shown, so that it can be noticed.
        current_.has_policy = !policy.has_value() || !policy->deleted;
        break;
      }
      case RecordKind::kEncryptionSettings:
        current_.has_settings = true;
        break;
      case RecordKind::kSecurityConfiguration:
        ++current_.configurations;
        break;
      case RecordKind::kConnection:
        ++current_.connections;
        break;
      case RecordKind::kConfigurationCount:
      case RecordKind::kConnectionCount:
        break;
    }
  }

  // Appends the name of the current catalog.
  void AppendName(std::string* out) const {
    std::string name;
    AppendText("catalog", current_.catalog.catalog_id, &name);
    AppendText("region", current_.catalog.region, &name);
    // Without the comma before it.
    out->append(name, 1, std::string::npos);
  }

  void Finish() {
    if (count_ == 0) return;
    catalogs_ += catalogs_.empty() ? "{" : ",{";
    AppendName(&catalogs_);
    absl::StrAppend(&catalogs_,
                    ",\"policy\":", current_.has_policy ? "true" : "false",
                    ",\"settings\":", current_.has_settings ? "true" : "false",
                    ",\"security_configurations\":", current_.configurations,
                    ",\"connections\":", current_.connections, "}");
  }

  const std::optional<CatalogKey> after_;
  const size_t limit_;
  size_t count_ = 0;
  Entry current_;
  bool is_full_ = false;
  std::string catalogs_;
};

absl::StatusOr<std::string> CatalogsAsJson(absl::string_view query,
                                           StorageMaintenance* storage) {
  if (storage == nullptr) {
    return absl::NotFoundError("this storage does not list its catalogs");
  }
  auto parameters =
      ParseParameters(query, {"after_catalog", "after_region", "limit"});
  if (!parameters.ok()) return parameters.status();
  const auto limit = LimitOf(*parameters, kCatalogsMax);
  if (!limit.ok()) return limit.status();
  std::optional<CatalogKey> after;
  if (parameters->count("after_catalog") != parameters->count("after_region")) {
    return absl::InvalidArgumentError(
        "after_catalog and after_region: give both or neither");
  }
  if (parameters->count("after_catalog") > 0) {
    after = CatalogKey{(*parameters)["after_catalog"],
                       (*parameters)["after_region"]};
  }
  CatalogList list(std::move(after), *limit);
  const absl::Status status =
      storage->VisitAll([&list](const NamedRecord& record) {
        return list.Add(record) ? absl::OkStatus()
                                : absl::CancelledError("the list is full");
      });
  if (!status.ok() && !list.is_full()) return status;
  return list.ToJson();
}

// Returns the catalog that the parameters name.
absl::StatusOr<CatalogKey> CatalogOf(const Parameters& parameters) {
  CatalogKey catalog;
  for (const auto& [name, text] :
       {std::make_pair("catalog", &catalog.catalog_id),
        std::make_pair("region", &catalog.region)}) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": missing"));
    }
    *text = found->second;
  }
  return catalog;
}

// Returns the value of the only record of a kind; nullopt when there is none.
absl::StatusOr<std::optional<std::string>> ReadOne(absl::string_view query,
                                                   RecordKind kind,
                                                   Storage* storage,
                                                   CatalogKey* catalog) {
  const auto parameters = ParseParameters(query, {"catalog", "region"});
  if (!parameters.ok()) return parameters.status();
  auto named = CatalogOf(*parameters);
  if (!named.ok()) return named.status();
  *catalog = *std::move(named);
  ReadSet read;
  read.catalog = *catalog;
  read.keys = {{kind, ""}};
  auto snapshot = storage->Read(read);
  if (!snapshot.ok()) return snapshot.status();
  if (!snapshot->records[0].has_value()) return std::nullopt;
  return std::move(snapshot->records[0]->value);
}

// Appends the findings of the highest level, or the warnings of a policy that
// has none.
void AppendFindings(absl::string_view text, const CatalogKey& catalog,
                    std::string* out) {
  CatalogContext context;
  context.account_id = catalog.catalog_id;
  context.region = catalog.region;
  auto parsed = ParsePolicy(text, PolicyChecks::kGlue, context, kDepthMax);
  const auto* const policy = std::get_if<Policy>(&parsed);
  const std::vector<Finding> findings =
      policy != nullptr ? FindWarnings(*policy)
                        : std::get<std::vector<Finding>>(std::move(parsed));
  absl::StrAppend(out, ",\"findings\":[");
  size_t pointer_bytes = 0;
  bool is_first = true;
  for (const Finding& finding : findings) {
    pointer_bytes += finding.pointer.size();
    if (pointer_bytes > kPointerBytesMax) break;
    absl::StrAppend(out, is_first ? "" : ",", "{\"line\":", finding.line,
                    ",\"column\":", finding.column);
    is_first = false;
    AppendText("severity",
               finding.severity == Severity::kError ? "error" : "warning", out);
    AppendText("code", FindingCodeName(finding.code), out);
    AppendText("level",
               WordOf(FindingCodeLevel(finding.code), kPolicyChecksNames), out);
    AppendText("pointer", finding.pointer, out);
    AppendText("message", finding.message, out);
    out->push_back('}');
  }
  out->push_back(']');
}

absl::StatusOr<std::string> PolicyAsJson(absl::string_view query,
                                         Storage* storage) {
  CatalogKey catalog;
  const auto record =
      ReadOne(query, RecordKind::kResourcePolicy, storage, &catalog);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return R"({"policy":null})";
  const auto policy = DecodeResourcePolicy(**record);
  if (!policy.has_value()) {
    return absl::DataLossError("the record of the policy is damaged");
  }
  std::string out = "{\"policy\":";
  if (policy->deleted) {
    absl::StrAppend(&out, "null");
    AppendTime("deleted", policy->update_time_ms, &out);
    return out + "}";
  }
  std::string members;
  AppendText("PolicyHash", policy->policy_hash, &members);
  AppendTime("created", policy->create_time_ms, &members);
  AppendTime("updated", policy->update_time_ms, &members);
  absl::StrAppend(&members, ",\"bytes\":", policy->policy_in_json.size());
  const bool is_shown = policy->policy_in_json.size() <= kBytesMax;
  if (is_shown) AppendText("PolicyInJson", policy->policy_in_json, &members);
  // Without the comma before them.
  absl::StrAppend(&out, "{", absl::string_view(members).substr(1), "}");
  if (is_shown) AppendFindings(policy->policy_in_json, catalog, &out);
  return out + "}";
}

// Returns `,"Member":{…}` of an answer of the API, {"Member":{…}}.
std::string MembersOf(const v1::Response& response) {
  const std::string body = EncodeResponse(response).body;
  return absl::StrCat(",", absl::string_view(body).substr(1, body.size() - 2));
}

absl::StatusOr<std::string> SettingsAsStored(absl::string_view query,
                                             Storage* storage) {
  CatalogKey catalog;
  const auto record =
      ReadOne(query, RecordKind::kEncryptionSettings, storage, &catalog);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return R"({"settings":null})";
  auto stored = DecodeRecord(**record, v1::StoredRecord::kEncryptionSettings);
  if (!stored.has_value()) {
    return absl::DataLossError("the record of the settings is damaged");
  }
  v1::Response response;
  OrEnd([&] {
    *response.mutable_get_data_catalog_encryption_settings()
         ->mutable_data_catalog_encryption_settings() =
        std::move(*stored->mutable_encryption_settings()->mutable_settings());
  });
  const std::string member = MembersOf(response);
  return absl::StrCat("{\"settings\":{", absl::string_view(member).substr(1),
                      "}}");
}

// The properties of connections whose values are shown. All others may be
// secrets, or hold one as URLs do, or are unknown.
constexpr absl::string_view kShownProperties[] = {
    "CONFIG_FILES",
    "CONNECTOR_CLASS_NAME",
    "CONNECTOR_TYPE",
    "CUSTOM_JDBC_CERT",
    "HOST",
    "INSTANCE_ID",
    "JDBC_DRIVER_CLASS_NAME",
    "JDBC_DRIVER_JAR_URI",
    "JDBC_ENFORCE_SSL",
    "JDBC_ENGINE",
    "JDBC_ENGINE_VERSION",
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_CLIENT_KEYSTORE",
    "KAFKA_CUSTOM_CERT",
    "KAFKA_SKIP_CUSTOM_CERT_VALIDATION",
    "KAFKA_SSL_ENABLED",
    "PORT",
    "SECRET_ID",
    "SKIP_CUSTOM_JDBC_CERT_VALIDATION",
    "USERNAME",
};

bool IsShown(absl::string_view property) {
  return std::find(std::begin(kShownProperties), std::end(kShownProperties),
                   property) != std::end(kShownProperties);
}

// Appends the connection as the API shows it, without the properties that are
// hidden, and their names.
void AppendPlainConnection(v1::ConnectionInput* stored, std::string* out) {
  v1::Response response;
  std::vector<std::string> hidden;
  OrEnd([&] {
    v1::Connection* const shown =
        response.mutable_get_connection()->mutable_connection();
    if (stored->has_description()) {
      shown->set_description(stored->description());
    }
    if (stored->has_connection_type()) {
      shown->set_connection_type(stored->connection_type());
    }
    if (stored->has_match_criteria()) {
      shown->mutable_match_criteria()->Swap(stored->mutable_match_criteria());
    }
    if (stored->has_physical_connection_requirements()) {
      shown->mutable_physical_connection_requirements()->Swap(
          stored->mutable_physical_connection_requirements());
    }
    auto& properties =
        *shown->mutable_connection_properties()->mutable_elements();
    for (auto& [name, value] :
         *stored->mutable_connection_properties()->mutable_elements()) {
      if (IsShown(name)) {
        properties[name] = value;
      } else {
        hidden.push_back(name);
        value.assign(value.size(), '\0');
      }
    }
  });
  std::sort(hidden.begin(), hidden.end());
  absl::StrAppend(out, MembersOf(response), ",\"hidden\":[");
  for (const std::string& name : hidden) {
    // Appended like a member, and then without a name.
    std::string text;
    AppendText("", name, &text);
    absl::StrAppend(out, &name == hidden.data() ? "" : ",",
                    absl::string_view(text).substr(4));
  }
  out->push_back(']');
}

void AppendConnection(absl::string_view value, std::string* out) {
  auto record = DecodeRecord(value, v1::StoredRecord::kConnection);
  if (!record.has_value()) {
    absl::StrAppend(out, R"(,"stored":"damaged")");
    return;
  }
  v1::StoredConnection* const stored = record->mutable_connection();
  AppendTime("created", stored->creation_time_ms(), out);
  AppendTime("updated", stored->last_updated_time_ms(), out);
  if (!stored->last_updated_by().empty()) {
    AppendText("updated_by", stored->last_updated_by(), out);
  }
  switch (stored->object_case()) {
    case v1::StoredConnection::kPlain:
      absl::StrAppend(out, R"(,"stored":"plain")");
      AppendPlainConnection(stored->mutable_plain(), out);
      break;
    case v1::StoredConnection::kSealed:
      absl::StrAppend(out, R"(,"stored":"sealed")");
      AppendText("key", stored->sealed().key_arn(), out);
      break;
    case v1::StoredConnection::OBJECT_NOT_SET:
      absl::StrAppend(out, R"(,"stored":"damaged")");
      break;
  }
}

void AppendConfiguration(absl::string_view value, std::string* out) {
  auto record = DecodeRecord(value, v1::StoredRecord::kSecurityConfiguration);
  if (!record.has_value()) {
    absl::StrAppend(out, R"(,"stored":"damaged")");
    return;
  }
  v1::StoredSecurityConfiguration* const stored =
      record->mutable_security_configuration();
  AppendTime("created", stored->created_time_ms(), out);
  v1::Response response;
  OrEnd([&] {
    response.mutable_get_security_configuration()
        ->mutable_security_configuration()
        ->mutable_encryption_configuration()
        ->Swap(stored->mutable_encryption_configuration());
  });
  absl::StrAppend(out, MembersOf(response));
}

absl::StatusOr<std::string> ListAsJson(absl::string_view list, RecordKind kind,
                                       void append(absl::string_view,
                                                   std::string*),
                                       absl::string_view query,
                                       Storage* storage) {
  const auto parameters =
      ParseParameters(query, {"catalog", "region", "after", "limit"});
  if (!parameters.ok()) return parameters.status();
  auto catalog = CatalogOf(*parameters);
  if (!catalog.ok()) return catalog.status();
  const auto limit = LimitOf(*parameters, kRecordsMax);
  if (!limit.ok()) return limit.status();
  ReadSet read;
  read.catalog = *std::move(catalog);
  RangeRead& range = read.range.emplace();
  range.kind = kind;
  if (const auto after = parameters->find("after");
      after != parameters->end()) {
    range.after = after->second;
  }
  range.records_max = *limit;
  range.bytes_max = kBytesMax;
  const auto snapshot = storage->Read(read);
  if (!snapshot.ok()) return snapshot.status();
  const std::vector<RangeRecord>& records = snapshot->range->records;
  std::string out = absl::StrCat("{\"", list, "\":[");
  size_t shown = 0;
  while (shown < records.size() && out.size() <= kBytesMax) {
    std::string members;
    AppendText("name", records[shown].id, &members);
    append(records[shown].value, &members);
    absl::StrAppend(&out, shown == 0 ? "{" : ",{",
                    absl::string_view(members).substr(1), "}");
    ++shown;
  }
  out.push_back(']');
  if (snapshot->range->more || shown < records.size()) {
    AppendText("next", records[shown - 1].id, &out);
  }
  return out + "}";
}

}  // namespace

absl::StatusOr<std::string> StoredAsJson(absl::string_view what,
                                         absl::string_view query,
                                         const OpenedStorage& storage) {
  Storage* const records = storage.storage.get();
  if (what.empty()) return CatalogsAsJson(query, storage.maintenance);
  if (what == "policy") return PolicyAsJson(query, records);
  if (what == "settings") return SettingsAsStored(query, records);
  if (what == "security_configurations") {
    return ListAsJson(what, RecordKind::kSecurityConfiguration,
                      AppendConfiguration, query, records);
  }
  if (what == "connections") {
    return ListAsJson(what, RecordKind::kConnection, AppendConnection, query,
                      records);
  }
  return absl::NotFoundError("no such part of what is stored");
}

}  // namespace glue_security
