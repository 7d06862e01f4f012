#include "glue_security/storage/further/further_storages.h"

namespace glue_security {

std::vector<StorageKind> FurtherStorages() { return {}; }

}  // namespace glue_security
