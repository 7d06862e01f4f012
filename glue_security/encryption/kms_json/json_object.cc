#include "glue_security/encryption/kms_json/json_object.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/kms_json/secret_base64.h"
#include "glue_security/json/json_escape.h"

namespace glue_security {

void JsonObject::Append(absl::string_view text) {
  text_.append(text.data(), text.size());
}

void JsonObject::AppendString(absl::string_view text) {
  text_.push_back('"');
  for (const char c : text) {
    char escaped[kJsonEscapedMax];
    text_.append(escaped, WriteJsonEscaped(c, escaped));
  }
  text_.push_back('"');
}

void JsonObject::Name(absl::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  AppendString(name);
  text_.push_back(':');
}

void JsonObject::Text(absl::string_view name, absl::string_view value) {
  Name(name);
  AppendString(value);
}

void JsonObject::Number(absl::string_view name, int64_t value) {
  Name(name);
  Append(absl::StrCat(value));
}

void JsonObject::Boolean(absl::string_view name, bool value) {
  Name(name);
  Append(value ? "true" : "false");
}

void JsonObject::Time(absl::string_view name, absl::Time value) {
  constexpr int64_t kMillisPerSecond = 1000;
  const int64_t millis = absl::ToUnixMillis(value);
  const int64_t magnitude = millis < 0 ? -millis : millis;
  Name(name);
  if (millis < 0) text_.push_back('-');
  Append(absl::StrCat(magnitude / kMillisPerSecond));
  if (magnitude % kMillisPerSecond == 0) return;
  Append(absl::StrCat(
      ".", absl::Dec(magnitude % kMillisPerSecond, absl::kZeroPad3)));
  while (text_.back() == '0') text_.pop_back();
}

void JsonObject::Bytes(absl::string_view name, absl::string_view value) {
  Name(name);
  text_.push_back('"');
  AppendBase64(value, &text_);
  text_.push_back('"');
}

void JsonObject::Texts(absl::string_view name,
                       const std::vector<std::string>& values) {
  Name(name);
  text_.push_back('[');
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_.push_back(',');
    AppendString(values[i]);
  }
  text_.push_back(']');
}

void JsonObject::Map(absl::string_view name, const EncryptionContext& values) {
  JsonObject map;
  for (const auto& [key, value] : values) map.Text(key, value);
  const WipedText text = map.Finish();
  Json(name, {text.data(), text.size()});
}

void JsonObject::Json(absl::string_view name, absl::string_view json) {
  Name(name);
  Append(json);
}

WipedText JsonObject::Finish() {
  text_.push_back('}');
  return std::move(text_);
}

std::string JsonList(std::vector<JsonObject> objects) {
  std::string list = "[";
  for (JsonObject& object : objects) {
    if (list.size() > 1) list.push_back(',');
    const WipedText text = object.Finish();
    list.append(text.data(), text.size());
  }
  list.push_back(']');
  return list;
}

}  // namespace glue_security
