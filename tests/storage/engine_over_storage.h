// Checks of an engine over any storage: it gives the answers of the reference
// model, and the histories of clients on real threads are legal.

#ifndef TESTS_STORAGE_ENGINE_OVER_STORAGE_H_
#define TESTS_STORAGE_ENGINE_OVER_STORAGE_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "glue_security/storage/storage.h"

namespace glue_security {

// Returns a new, empty storage.
using StorageFactory = std::function<std::unique_ptr<Storage>()>;

// Fails the test unless engines over new storages answer at least `calls`
// random calls in each preset as the reference model does. A storage serves a
// hundred calls or so.
void ExpectAnswersOfTheModel(const StorageFactory& create, int64_t calls);

// Fails the test unless the histories of four threads are linearizable, each
// on a new storage.
void ExpectLegalHistoriesOfThreads(const StorageFactory& create, int histories);

}  // namespace glue_security

#endif  // TESTS_STORAGE_ENGINE_OVER_STORAGE_H_
