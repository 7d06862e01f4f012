// The functions of glue_security.h, over the table of functions.

#include <string>
#include <utility>

#include "glue_security/capi/answer.h"
#include "glue_security/capi/functions.h"
#include "glue_security/capi/glue_security.h"

namespace {

using glue_security::CapiFunctions;
using glue_security::CapiResult;

// Calls the function of the table, or answers that there is no table.
template <typename Function, typename... Arguments>
int Forward(Function CapiFunctions::*function, glue_security_answer** answer,
            Arguments... arguments) noexcept {
  const CapiFunctions* functions = nullptr;
  std::string why_not;
  try {
    functions = glue_security::FindFunctions(&why_not);
  } catch (...) {
    // Short enough to need no memory.
    why_not = "out of memory";
  }
  if (functions != nullptr) return (functions->*function)(arguments...);
  return glue_security::GiveAnswer(answer, [&why_not](CapiResult* result) {
    result->code = GLUE_SECURITY_NOT_LOADED;
    result->message = std::move(why_not);
  });
}

}  // namespace

const char* glue_security_version() { return GLUE_SECURITY_VERSION; }

int glue_security_open(const glue_security_option* options, size_t count,
                       glue_security_handle* handle,
                       glue_security_answer** answer) {
  if (handle != nullptr) *handle = 0;
  return Forward(&CapiFunctions::open, answer, options, count, handle, answer);
}

int glue_security_close(glue_security_handle handle) {
  return Forward(&CapiFunctions::close, nullptr, handle);
}

int glue_security_call(glue_security_handle handle, glue_security_text account,
                       glue_security_text region, glue_security_text principal,
                       glue_security_text target, glue_security_text body,
                       glue_security_answer** answer) {
  return Forward(&CapiFunctions::call, answer, handle, account, region,
                 principal, target, body, answer);
}

int glue_security_reset(glue_security_handle handle,
                        glue_security_answer** answer) {
  return Forward(&CapiFunctions::reset, answer, handle, answer);
}

int glue_security_save(glue_security_handle handle, glue_security_text name,
                       glue_security_answer** answer) {
  return Forward(&CapiFunctions::save, answer, handle, name, answer);
}

int glue_security_restore(glue_security_handle handle, glue_security_text name,
                          glue_security_answer** answer) {
  return Forward(&CapiFunctions::restore, answer, handle, name, answer);
}

int glue_security_set_clock(glue_security_handle handle,
                            glue_security_text change,
                            glue_security_answer** answer) {
  return Forward(&CapiFunctions::set_clock, answer, handle, change, answer);
}

int glue_security_advance_clock(glue_security_handle handle, double seconds,
                                glue_security_answer** answer) {
  return Forward(&CapiFunctions::advance_clock, answer, handle, seconds,
                 answer);
}

int glue_security_restore_clock(glue_security_handle handle,
                                glue_security_answer** answer) {
  return Forward(&CapiFunctions::restore_clock, answer, handle, answer);
}

int glue_security_add_fault(glue_security_handle handle,
                            glue_security_text rule,
                            glue_security_answer** answer) {
  return Forward(&CapiFunctions::add_fault, answer, handle, rule, answer);
}

int glue_security_clear_faults(glue_security_handle handle,
                               glue_security_answer** answer) {
  return Forward(&CapiFunctions::clear_faults, answer, handle, answer);
}

int glue_security_faults(glue_security_handle handle,
                         glue_security_answer** answer) {
  return Forward(&CapiFunctions::faults, answer, handle, answer);
}

int glue_security_history(glue_security_handle handle, glue_security_text query,
                          glue_security_answer** answer) {
  return Forward(&CapiFunctions::history, answer, handle, query, answer);
}

int glue_security_check_policy(const glue_security_option* options,
                               size_t count, glue_security_text policy,
                               glue_security_answer** answer) {
  return Forward(&CapiFunctions::check_policy, answer, options, count, policy,
                 answer);
}

int glue_security_decide(const glue_security_option* options, size_t count,
                         glue_security_text policy,
                         glue_security_answer** answer) {
  return Forward(&CapiFunctions::decide, answer, options, count, policy,
                 answer);
}

void glue_security_free(glue_security_answer* answer) {
  glue_security::FreeAnswer(answer);
}
