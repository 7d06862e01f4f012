#include "glue_security/policy/arn.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/partition.h"
#include "glue_security/policy/literal.h"

namespace glue_security {
namespace {

constexpr size_t kWordBytes = sizeof(uint64_t);

// Returns true if the eight bytes at `text` are digits. All are checked at
// once: a digit has 3 in its upper half, and still has it after 6 is added.
bool AreDigits(const char* text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t word;
  std::memcpy(&word, text, kWordBytes);
  return (word & 0xF0 * kOnes) == 0x30 * kOnes &&
         ((word + 6 * kOnes) & 0xF0 * kOnes) == 0x30 * kOnes;
}

bool IsPartition(absl::string_view text) {
  if (Is(text, "aws")) return true;
  if (!Consume(&text, "aws-") || text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '-' || absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

// Returns the name after a path, which may be empty, or nullopt when there is
// no name.
std::optional<absl::string_view> NameOf(absl::string_view path_and_name) {
  // Names are short: a loop is faster than a search, here and below.
  size_t begin = path_and_name.size();
  while (begin > 0 && path_and_name[begin - 1] != '/') --begin;
  const absl::string_view name = path_and_name.substr(begin);
  if (name.empty()) return std::nullopt;
  return name;
}

bool SetIamName(absl::string_view resource, PrincipalArn* arn) {
  if (Is(resource, "root")) {
    arn->kind = PrincipalArn::Kind::kRoot;
    return true;
  }
  if (Consume(&resource, "user/")) {
    arn->kind = PrincipalArn::Kind::kUser;
  } else if (Consume(&resource, "role/")) {
    arn->kind = PrincipalArn::Kind::kRole;
  } else {
    return false;
  }
  const auto name = NameOf(resource);
  if (!name.has_value()) return false;
  arn->name = *name;
  return true;
}

bool SetStsName(absl::string_view resource, PrincipalArn* arn) {
  if (Consume(&resource, "federated-user/")) {
    arn->kind = PrincipalArn::Kind::kFederatedUser;
    arn->name = resource;
    return !resource.empty() && !absl::StrContains(resource, '/');
  }
  if (!Consume(&resource, "assumed-role/")) return false;
  arn->kind = PrincipalArn::Kind::kAssumedRole;
  const size_t slash = resource.find('/');
  if (slash == absl::string_view::npos) return false;
  arn->name = resource.substr(0, slash);
  arn->session = resource.substr(slash + 1);
  return !arn->name.empty() && !arn->session.empty() &&
         !absl::StrContains(arn->session, '/');
}

}  // namespace

std::optional<ArnFields> SplitArn(absl::string_view text) {
  // Fields are short: a loop over the bytes is faster than five searches.
  constexpr size_t kColons = 5;
  std::array<size_t, kColons> colons;
  size_t found = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ':') continue;
    colons[found++] = i;
    if (found == kColons) break;
  }
  if (found < kColons) return std::nullopt;
  const auto field = [&](size_t i) {
    const size_t begin = colons[i - 1] + 1;
    return text.substr(begin, colons[i] - begin);
  };
  ArnFields fields;
  fields.prefix = text.substr(0, colons[0]);
  fields.partition = field(1);
  fields.service = field(2);
  fields.region = field(3);
  fields.account = field(4);
  fields.resource = text.substr(colons[4] + 1);
  return fields;
}

bool IsAccountId(absl::string_view text) {
  return text.size() == kAccountIdBytes && AreDigits(text.data()) &&
         AreDigits(text.data() + kAccountIdBytes - kWordBytes);
}

absl::string_view PartitionOf(const CatalogName& catalog) {
  return catalog.partition.empty() ? PartitionOfRegion(catalog.region)
                                   : catalog.partition;
}

std::string CatalogArn(const CatalogName& catalog, absl::string_view resource) {
  return absl::StrCat("arn:", PartitionOf(catalog), ":glue:", catalog.region,
                      ":", catalog.account_id, ":", resource);
}

std::string RootArn(const CatalogName& catalog) {
  return absl::StrCat("arn:", PartitionOf(catalog),
                      ":iam::", catalog.account_id, ":root");
}

bool IsUniqueId(absl::string_view text) {
  constexpr size_t kBytesMin = 16;
  constexpr size_t kBytesMax = 128;
  return text.size() >= kBytesMin && text.size() <= kBytesMax &&
         (absl::StartsWith(text, "AIDA") || absl::StartsWith(text, "AROA")) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isupper(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

bool HasWildcard(absl::string_view text) {
  for (const char c : text) {
    if (c == '*' || c == '?') return true;
  }
  return false;
}

bool IsGroupArn(absl::string_view text) {
  const std::optional<ArnFields> arn = SplitArn(text);
  return arn.has_value() && arn->prefix == "arn" && arn->service == "iam" &&
         absl::StartsWith(arn->resource, "group/");
}

std::optional<PrincipalArn> ParsePrincipalArn(absl::string_view text) {
  // The result is filled in place, since copying it takes as long as parsing.
  std::optional<PrincipalArn> parsed(std::in_place);
  PrincipalArn& arn = *parsed;
  const auto parse = [&] {
    if (!Consume(&text, "arn:")) return false;
    size_t colon = 0;
    while (colon < text.size() && text[colon] != ':') ++colon;
    arn.partition = text.substr(0, colon);
    if (!IsPartition(arn.partition)) return false;
    text.remove_prefix(arn.partition.size());
    // The region is empty.
    const bool is_iam = Consume(&text, ":iam::");
    if (!is_iam && !Consume(&text, ":sts::")) return false;
    arn.account = text.substr(0, kAccountIdBytes);
    if (!IsAccountId(arn.account)) return false;
    text.remove_prefix(kAccountIdBytes);
    return Consume(&text, ":") && !HasWildcard(text) &&
           (is_iam ? SetIamName(text, &arn) : SetStsName(text, &arn));
  };
  if (!parse()) parsed.reset();
  return parsed;
}

bool IsRoleOfSession(absl::string_view text, const PrincipalArn& session) {
  const auto role = ParsePrincipalArn(text);
  return role.has_value() && role->kind == PrincipalArn::Kind::kRole &&
         session.kind == PrincipalArn::Kind::kAssumedRole &&
         role->partition == session.partition &&
         role->account == session.account && role->name == session.name;
}

}  // namespace glue_security
