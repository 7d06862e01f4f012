// WalkJsonObject: one strict pass over a JSON object that tells of every value
// in it, in the order of the text. It is the reading of JSON that policy
// documents and the wire codec share.
//
// A sink has five functions:
//
//   struct Sink {
//     // A key, unescaped; the value's own call follows. `begin` is its quote.
//     void Key(const char* begin, absl::string_view text);
//     // A string, unescaped.
//     void String(const char* begin, absl::string_view text);
//     // A number, true, false or null, as it is written, which `text` is.
//     void Scalar(JsonType type, absl::string_view text);
//     // An array or object starts; what it returns comes back at the end,
//     // together with the number of elements or members.
//     size_t Open(JsonType type, const char* begin);
//     void Close(size_t opened, size_t size);
//   };
//
// Pointers are into the scratch's copy of the text; an unescaped text lives as
// long as the walk.

#ifndef GLUE_SECURITY_JSON_JSON_WALK_H_
#define GLUE_SECURITY_JSON_JSON_WALK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walker.h"
#include "simdjson.h"

namespace glue_security {

// A sink that takes note of nothing: for a text that is only checked.
struct IgnoreJson {
  void Key(const char*, absl::string_view) {}
  void String(const char*, absl::string_view) {}
  void Scalar(JsonType, absl::string_view) {}
  size_t Open(JsonType, const char*) { return 0; }
  void Close(size_t, size_t) {}
};

// Tells `sink` of what `text` holds. nullopt when that is exactly one JSON
// object (RFC 8259) in well-formed UTF-8 whose arrays and objects nest at most
// `depth_max` deep (the object itself is depth 1; less than 1 counts as 1, more
// than 1024 as 1024). Repeated keys and numbers of any size are legal JSON.
// Else the first error; the sink has been told of what stands before it.
//
// Takes time linear in the size of `text`, which must have less than 4 GiB, and
// stack that does not depend on it. Throws std::bad_alloc, as a sink may throw;
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
