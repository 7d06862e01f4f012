#include "glue_security/server/binary/further_storages.h"
#include "glue_security/storage/etcd/etcd_url.h"

namespace glue_security {

std::vector<StorageKind> FurtherStorages() { return {EtcdKind()}; }

}  // namespace glue_security
