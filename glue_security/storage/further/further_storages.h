// FurtherStorages: the kinds of storage that a program offers besides memory
// and SQLite. The program is linked with one of the libraries that define it:
// `no_further_storages`, or one with a client library that not everybody wants.

#ifndef GLUE_SECURITY_STORAGE_FURTHER_FURTHER_STORAGES_H_
#define GLUE_SECURITY_STORAGE_FURTHER_FURTHER_STORAGES_H_

#include <vector>

#include "glue_security/storage/storage_kind.h"

namespace glue_security {

std::vector<StorageKind> FurtherStorages();

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_FURTHER_FURTHER_STORAGES_H_
