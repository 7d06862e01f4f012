// HiddenValues: takes what may be confidential out of recorded messages.

#ifndef GLUE_SECURITY_BACKEND_HIDDEN_VALUES_H_
#define GLUE_SECURITY_BACKEND_HIDDEN_VALUES_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The values of ConnectionProperties become texts such as
// "(hidden 8c1f2b3a4d5e6f70)": the same for equal values, so that messages of
// one object of this class can still be compared, and others in the next. An
// empty value stays. Thread-safe.
class HiddenValues {
 public:
  HiddenValues();

  // Return true when the message is of an operation that has such values.
  static bool HidesIn(const v1::Request& request);
  static bool HidesIn(const v1::Response& response);

  // Overwrite the bytes of such values with zeros. Allocate nothing.
  static void Wipe(v1::Request* request);
  static void Wipe(v1::Response* response);

  // Hide the values in a copy of a message. Their bytes are overwritten first.
  // The first returns true when there was a value to hide.
  bool Hide(v1::Request* request) const;
  void Hide(v1::Response* response) const;

 private:
  bool HideValue(std::string* value) const;

  const std::array<uint64_t, 2> salt_;
};

// A message whose values are overwritten before its memory is freed. `Message`
// is v1::Request or v1::Response.
template <typename Message>
struct Wiped {
  Wiped() = default;
  explicit Wiped(Message from) : message(std::move(from)) {}
  ~Wiped() { HiddenValues::Wipe(&message); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

  Message message;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_HIDDEN_VALUES_H_
