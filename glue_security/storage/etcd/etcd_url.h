// EtcdKind: opens an EtcdStorage by a URL, for `StorageFromUrl`
// (glue_security/storage/url/storage_from_url.h):
//
//   StorageUrlOptions options;
//   options.kinds = {EtcdKind()};
//   auto opened =
//   StorageFromUrl("etcd://10.0.0.1:2379,10.0.0.2:2379/production",
//                                options);
//
// After a '?' may follow, separated by '&':
//
//   ca=FILE            the authorities of the members' certificates, in PEM;
//   the
//                      connections are then encrypted
//   cert=FILE          the certificate of this client, and its key
//   key=FILE
//   tls=system         encrypted connections, with the system's authorities
//   user=NAME          a user of etcd, and the file with its password, of which
//   password=FILE      the end of the first line is the end
//   other_cluster=accept
//                      takes over records that were restored or copied
//
// "etcd://10.0.0.1/p" is refused: InvalidArgument, an endpoint is HOST:PORT.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_URL_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_URL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/etcd/etcd_options.h"
#include "glue_security/storage/storage_kind.h"

namespace glue_security {

// Returns the options that a URL says. Reads the files that it names.
//
// Errors: kInvalidArgument, with the URL, when it does not have the form; the
// same, with the name of the file, when a file cannot be read or is larger than
// 1 MiB.
absl::StatusOr<EtcdStorageOptions> ParseEtcdUrl(absl::string_view url);

// The kind of storage whose URLs begin with "etcd:". Its errors are those of
// `ParseEtcdUrl` and of `EtcdStorage::Open`.
StorageKind EtcdKind();

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_URL_H_
