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
#include <optional>
#include <string>
#include <utility>

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
// Takes time linear in the size of `text`, which must have less than 4 GiB.
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
  std::string& padded = scratch->padded;
  ondemand::parser& parser = scratch->parser;
  const auto fail = [&](error_code error, const char* at) {
    return MakeError(error, text, padded.data(), at, depth_max);
  };
  // Its own bound counts the document and a scalar as levels, too.
  if (parser.capacity() < text.size() ||
      parser.max_depth() != kDepthLimit + 8) {
    const auto error = parser.allocate(
        std::max<size_t>(text.size(), kCapacityMin), kDepthLimit + 8);
    if (error) return fail(error, nullptr);
  }
  ondemand::document document;
  if (auto error = parser.iterate(padded.data(), text.size(), padded.capacity())
                       .get(document)) {
    return fail(error, nullptr);
  }
  const auto fail_here = [&](error_code error) {
    const char* at = nullptr;
    if (document.current_location().get(at)) at = nullptr;
    return fail(error, at);
  };
  const char* const begin = document.current_location().value_unsafe();
  ondemand::object object;
  if (auto error = document.get_object().get(object)) {
    // It looks at the end of the text first.
    const size_t end = EndOfObject(text);
    return end < text.size()
               ? fail(simdjson::TRAILING_CONTENT, padded.data() + end)
               : fail_here(error);
  }
  Walk<Sink> walk(sink);
  if (auto error = walk.Object(begin, object, depth_max)) {
    if (walk.failed_at() != nullptr) return fail(error, walk.failed_at());
    return fail_here(error);
  }
  const char* at;
  if (document.current_location().get(at) == simdjson::OUT_OF_BOUNDS) {
    return std::nullopt;
  }
  return fail(simdjson::TRAILING_CONTENT, at);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_WALK_H_
