#include "glue_security/capi/handles.h"

#include <pthread.h>

#include <map>
#include <utility>

namespace glue_security {
namespace {

struct OpenEngine {
  std::unique_ptr<EmbeddedEngine> engine;
  // True when it was opened before a fork that its storage does not survive.
  bool is_forked = false;
};

// Never destroyed, so that threads may use it until the process ends. Shared by
// those who use an engine, exclusive for those who open or close one, or fork.
struct Table {
  Table() { InitializeLock(); }

  static Table& Get() {
    static auto* const kTable = new Table;
    return *kTable;
  }

  // Whoever waits for the exclusive lock goes before those who come later, so
  // that calls without a pause do not hold off a fork.
  void InitializeLock() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes,
                                  PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }

  pthread_rwlock_t lock;
  std::map<glue_security_handle, OpenEngine> engines;
  glue_security_handle last = 0;
};

// The number of handlers that have run before a fork by this thread: each copy
// of libglue_security_c has its own, and they share this library.
thread_local int fork_handlers = 0;

class Exclusive {
 public:
  Exclusive() { pthread_rwlock_wrlock(&Table::Get().lock); }
  ~Exclusive() { pthread_rwlock_unlock(&Table::Get().lock); }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;
};

// Ends an engine that is not in the table. Other calls go on meanwhile, but no
// fork: the child would inherit locks of the storage that this thread holds.
void CloseEngine(std::unique_ptr<EmbeddedEngine> engine, bool is_forked) {
  const HandleUse use;
  // The parent still has the files of the storage: closing them here would
  // write to them.
  if (is_forked) static_cast<void>(engine.release());
  engine = nullptr;
}

}  // namespace

void BeforeFork() {
  if (fork_handlers++ == 0) pthread_rwlock_wrlock(&Table::Get().lock);
}

void AfterForkInParent() {
  if (--fork_handlers == 0) pthread_rwlock_unlock(&Table::Get().lock);
}

void AfterForkInChild() {
  if (--fork_handlers > 0) return;
  Table& table = Table::Get();
  // Made again: threads that waited for it are not in this process.
  table.InitializeLock();
  for (auto& [handle, open] : table.engines) {
    if (!open.engine->survives_fork()) open.is_forked = true;
  }
}

HandleUse::HandleUse() { pthread_rwlock_rdlock(&Table::Get().lock); }

HandleUse::~HandleUse() { pthread_rwlock_unlock(&Table::Get().lock); }

int HandleUse::Find(glue_security_handle handle,
                    EmbeddedEngine** engine) const {
  const auto found = Table::Get().engines.find(handle);
  if (found == Table::Get().engines.end()) return GLUE_SECURITY_NO_SUCH_HANDLE;
  if (found->second.is_forked) return GLUE_SECURITY_FORKED;
  *engine = found->second.engine.get();
  return GLUE_SECURITY_OK;
}

glue_security_handle AddHandle(std::unique_ptr<EmbeddedEngine> engine) {
  try {
    const Exclusive exclusive;
    Table& table = Table::Get();
    table.engines[table.last + 1].engine = std::move(engine);
    return ++table.last;
  } catch (...) {
    CloseEngine(std::move(engine), /*is_forked=*/false);
    throw;
  }
}

bool RemoveHandle(glue_security_handle handle) {
  OpenEngine closed;
  {
    const Exclusive exclusive;
    auto& engines = Table::Get().engines;
    const auto found = engines.find(handle);
    if (found == engines.end()) return false;
    closed = std::move(found->second);
    engines.erase(found);
  }
  CloseEngine(std::move(closed.engine), closed.is_forked);
  return true;
}

}  // namespace glue_security
