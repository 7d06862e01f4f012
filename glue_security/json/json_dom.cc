#include "glue_security/json/json_dom.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "glue_security/json/json_reads.h"

namespace glue_security {
namespace {

// The DOM takes fourteen times the bytes of the text.
constexpr size_t kBytesMax = size_t{64} * 1024;
constexpr size_t kCapacityMin = 4096;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

}  // namespace

JsonDom::JsonDom(absl::string_view text, size_t depth_max) {
  if (depth_max < JsonScratch::kDomDepthMax || text.size() > kBytesMax) return;
  ++JsonReadsOfThisThread();
  scratch_->SetText(text);
  if (scratch_->dom.capacity() < text.size() &&
      scratch_->dom.allocate(std::max(text.size(), kCapacityMin))) {
    return;
  }
  ok_ = !scratch_->dom_parser
             .parse_into_document(scratch_->dom, scratch_->padded.data(),
                                  scratch_->padded.size(),
                                  /*realloc_if_needed=*/false)
             .error() &&
        root().is_object();
}

std::optional<JsonDom::Value> JsonDom::Value::Find(
    absl::string_view key) const {
  if (!is_object()) return std::nullopt;
  for (const auto member : members()) {
    if (member.key.text() == key) return member.value;
  }
  return std::nullopt;
}

std::string JsonDom::ScalarText(Value value) const {
  switch (value.type()) {
    case Value::Type::STRING:
      return std::string(value.text().data(), value.text().size());
    case Value::Type::TRUE_VALUE:
      return "true";
    case Value::Type::FALSE_VALUE:
      return "false";
    case Value::Type::NULL_VALUE:
      return "null";
    default:
      break;
  }
  const absl::string_view text = NumberText(value.at_);
  return std::string(text.data(), text.size());
}

absl::string_view JsonDom::NumberText(const uint64_t* at) const {
  if (numbers_.empty()) numbers_ = FindNumbers();
  const auto found = std::lower_bound(
      numbers_.begin(), numbers_.end(), at,
      [](const Number& number, const uint64_t* to) { return number.at < to; });
  const absl::string_view text =
      absl::string_view(scratch_->padded).substr(found->offset);
  return text.substr(0, text.find_first_not_of("+-.0123456789Ee"));
}

// The tape has the numbers in the order of the text, as does the list of tokens
// that simdjson's first stage made.
std::vector<JsonDom::Number> JsonDom::FindNumbers() const {
  const auto& parser = *scratch_->dom_parser.implementation;
  const uint32_t* token = parser.structural_indexes.get();
  const uint64_t* const tape = scratch_->dom.tape.get();
  const uint64_t* const end = tape + static_cast<uint32_t>(tape[0]);
  std::vector<Number> numbers;
  for (const uint64_t* at = tape + 1; at < end; ++at) {
    if (!Value::IsNumber(Value(&scratch_->dom, at).type())) continue;
    const auto starts_number = [&](uint32_t offset) {
      const char first = scratch_->padded[offset];
      return first == '-' || IsDigit(first);
    };
    while (!starts_number(*token)) ++token;
    numbers.push_back({at, *token++});
    // The second word is the number itself.
    ++at;
  }
  return numbers;
}

}  // namespace glue_security
