// EtcdKeys: the keys that an EtcdStorage has below its prefix.
//
//   PREFIX/generation             the current generation (generation.proto)
//   PREFIX/records/NUMBER/RECORD  a record of a generation; NUMBER has 16
//                                 hexadecimal digits, RECORD is the encoding
//                                 of key_encoding.h
//   PREFIX/replacement            put by each `ReplaceAll` that begins
//   PREFIX/removal                put by each transaction that only removes
//   PREFIX/never                  never there
//
// Part of the stored format.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_KEYS_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_KEYS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace glue_security {

// Immutable.
class EtcdKeys {
 public:
  explicit EtcdKeys(absl::string_view prefix);

  const std::string& generation() const { return generation_; }
  const std::string& replacement() const { return replacement_; }
  const std::string& removal() const { return removal_; }
  const std::string& never() const { return never_; }

  // The beginning of the keys of all records.
  const std::string& records() const { return records_; }
  // Returns the beginning of those of one generation.
  std::string RecordsOf(uint64_t generation) const;

 private:
  const std::string generation_;
  const std::string replacement_;
  const std::string removal_;
  const std::string never_;
  const std::string records_;
};

// Returns the first key after `key`.
std::string KeyAfter(absl::string_view key);

// Returns the first key after all that begin with `prefix`. REQUIRES: there is
// one, as for each prefix that EtcdKeys returns.
std::string KeyAfterAll(absl::string_view prefix);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_KEYS_H_
