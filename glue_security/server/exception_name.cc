#include "glue_security/server/exception_name.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

namespace glue_security {

std::string CurrentExceptionName() noexcept {
  // Short enough that std::string allocates nothing.
  static constexpr char kUnknown[] = "unknown";
  try {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) return kUnknown;
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
        &std::free);
    return name == nullptr ? type->name() : name.get();
  } catch (...) {
    return kUnknown;
  }
}

}  // namespace glue_security
