// WalkJsonObject: one strict pass over a JSON object that reports every value
// in it to a sink, in the order of the text. Policy documents and the wire
// codec share it.
//
// A sink has five functions:
//
//   struct Sink {
//     // Called for a key, unescaped. `begin` points to its quote. The call
//     // for its value follows.
//     void Key(const char* begin, absl::string_view text);
//     // Called for a string, unescaped.
//     void String(const char* begin, absl::string_view text);
//     // Called for a number, true, false or null, as it is written.
//     void Scalar(JsonType type, absl::string_view text);
//     // Called when an array or object starts. `Close` gets the returned
//     // value.
//     size_t Open(JsonType type, const char* begin);
//     // Called when it ends. `size` is the number of elements or members.
//     void Close(size_t opened, size_t size);
//   };
//
// The pointers point into the scratch's copy of the text. An unescaped text is
// valid until the walk ends.

#ifndef GLUE_SECURITY_JSON_JSON_WALK_H_
#define GLUE_SECURITY_JSON_JSON_WALK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_type.h"
#include "glue_security/json/json_walker.h"
#include "simdjson.h"

namespace glue_security {

// A sink that ignores every value, to check a text without reading it.
struct IgnoreJson {
  void Key(const char*, absl::string_view) {}
  void String(const char*, absl::string_view) {}
  void Scalar(JsonType, absl::string_view) {}
  size_t Open(JsonType, const char*) { return 0; }
  void Close(size_t, size_t) {}
};

// Reports the values in `text` to `sink`. Returns nullopt when `text` is
// exactly one JSON object (RFC 8259) in valid UTF-8 whose arrays and objects
// nest at most `depth_max` deep (the object itself has depth 1; less than 1
// counts as 1, more than 1024 as 1024). Repeated keys and numbers of any size
// are legal JSON. Else returns the first error; the sink may have received
// values before it.
//
// Takes time linear in the size of `text`, which must be less than 4 GiB, and a
// constant amount of stack. Throws std::bad_alloc and whatever the sink throws;
// `scratch` can be used again.
template <typename Sink>
std::optional<JsonError> WalkJsonObject(absl::string_view text,
                                        size_t depth_max, JsonScratch* scratch,
                                        Sink* sink);

// ---------------------------------------------------------------------------
// Implementation.

template <typename Sink>
std::optional<JsonError> WalkJsonObject(absl::string_view text,
                                        size_t depth_max, JsonScratch* scratch,
                                        Sink* sink) {
  using namespace json_internal;  // NOLINT(google-build-using-namespace)
  depth_max = std::clamp<size_t>(depth_max, 1, kDepthLimit);
  scratch->SetText(text);
  const char* const begin = scratch->padded.data();
  const auto fail = [&](error_code error, const char* at) {
    return MakeError(error, text, begin, at, depth_max);
  };
  auto& parser = *scratch->dom_parser.implementation;
  if (const error_code error =
          parser.stage1(reinterpret_cast<const uint8_t*>(begin), text.size(),
                        simdjson::stage1_mode::regular)) {
    return fail(error, nullptr);
  }
  const uint32_t* const tokens = parser.structural_indexes.get();
  const uint32_t token_count = parser.n_structural_indexes;
  const char* const first = begin + tokens[0];
  if (*first != '{' || begin[tokens[token_count - 1]] != '}') {
    const size_t end = EndOfObject(text);
    if (end < text.size()) return fail(simdjson::TRAILING_CONTENT, begin + end);
    return fail(*first != '{' ? simdjson::INCORRECT_TYPE
                              : simdjson::INCOMPLETE_ARRAY_OR_OBJECT,
                first);
  }
  Walk<Sink> walk(depth_max, scratch, sink);
  if (const error_code error = walk.Run()) return fail(error, walk.next());
  if (walk.next() == begin + text.size()) return std::nullopt;
  return fail(simdjson::TRAILING_CONTENT, walk.next());
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_WALK_H_
