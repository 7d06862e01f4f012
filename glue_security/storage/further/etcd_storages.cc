#include "glue_security/storage/etcd/etcd_url.h"
#include "glue_security/storage/further/further_storages.h"

namespace glue_security {

std::vector<StorageKind> FurtherStorages() { return {EtcdKind()}; }

}  // namespace glue_security
