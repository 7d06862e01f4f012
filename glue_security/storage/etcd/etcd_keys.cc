#include "glue_security/storage/etcd/etcd_keys.h"

#include "absl/strings/str_cat.h"
#include "glue_security/storage/key_encoding.h"

namespace glue_security {

EtcdKeys::EtcdKeys(absl::string_view prefix)
    : generation_(absl::StrCat(prefix, "/generation")),
      replacement_(absl::StrCat(prefix, "/replacement")),
      removal_(absl::StrCat(prefix, "/removal")),
      never_(absl::StrCat(prefix, "/never")),
      records_(absl::StrCat(prefix, "/records/")) {}

std::string EtcdKeys::RecordsOf(uint64_t generation) const {
  return absl::StrCat(records_, absl::Hex(generation, absl::kZeroPad16), "/");
}

std::string KeyAfter(absl::string_view key) {
  std::string next(key);
  next.push_back('\0');
  return next;
}

std::string KeyAfterAll(absl::string_view prefix) {
  return *EndOfPrefix(prefix);
}

}  // namespace glue_security
