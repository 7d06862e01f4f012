// JsonObject: writes a JSON object, member by member. Its text may contain
// secrets and leaves no copy of them in memory.
//
//   JsonObject object;
//   object.Text("KeyId", "alias/orders");
//   object.Bytes("Plaintext", secret.view());
//   object.Finish();  // {"KeyId":"alias/orders","Plaintext":"aHVudGVyMg=="}

#ifndef GLUE_SECURITY_ENCRYPTION_KMS_JSON_JSON_OBJECT_H_
#define GLUE_SECURITY_ENCRYPTION_KMS_JSON_JSON_OBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/wiped_text.h"

namespace glue_security {

class JsonObject {
 public:
  JsonObject() : text_("{") {}

  void Text(absl::string_view name, absl::string_view value);
  void Number(absl::string_view name, int64_t value);
  void Boolean(absl::string_view name, bool value);
  // Writes seconds since 1970, with milliseconds where there are any.
  void Time(absl::string_view name, absl::Time value);
  // Writes base64.
  void Bytes(absl::string_view name, absl::string_view value);
  void Texts(absl::string_view name, const std::vector<std::string>& values);
  void Map(absl::string_view name, const EncryptionContext& values);
  // Writes a value that is already JSON.
  void Json(absl::string_view name, absl::string_view json);

  // Returns the whole object. Called once.
  WipedText Finish();

 private:
  void Name(absl::string_view name);
  void Append(absl::string_view text);
  void AppendString(absl::string_view text);

  WipedText text_;
};

// Returns a JSON list of objects.
std::string JsonList(std::vector<JsonObject> objects);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KMS_JSON_JSON_OBJECT_H_
