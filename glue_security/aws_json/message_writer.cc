#include "glue_security/aws_json/message_writer.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glue_security/model/json_escape.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

bool NeedsEscape(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\';
}

// How many bytes at the start of `text` stand for themselves.
size_t PlainPrefix(absl::string_view text) {
  constexpr uint64_t kOnes = ~uint64_t{0} / 255;
  constexpr uint64_t kHighs = kOnes * 0x80;
  // A byte of the result has its high bit set if that of `word` is zero; those
  // above the first such byte may, too.
  const auto zeros = [](uint64_t word) { return (word - kOnes) & ~word; };
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const uint64_t below_space = (word - kOnes * 0x20) & ~word;
    const uint64_t quotes = zeros(word ^ (kOnes * '"'));
    const uint64_t backslashes = zeros(word ^ (kOnes * '\\'));
    if (((below_space | quotes | backslashes) & kHighs) != 0) break;
  }
  while (at < text.size() && !NeedsEscape(text[at])) ++at;
  return at;
}

void AppendTimestamp(const google::protobuf::Timestamp& timestamp,
                     std::string* out) {
  int64_t seconds = timestamp.seconds();
  int64_t nanos = timestamp.nanos();
  if (seconds < 0 && nanos > 0) {
    ++seconds;
    nanos = 1'000'000'000 - nanos;
    if (seconds == 0) out->push_back('-');
  }
  absl::StrAppend(out, seconds);
  if (nanos == 0) return;
  absl::StrAppendFormat(out, ".%09d", nanos);
  out->erase(out->find_last_not_of('0') + 1);
}

class Writer {
 public:
  Writer(const RepeatedPtrField<v1::UnparsedEnum>& unparsed, std::string* out)
      : unparsed_(unparsed), out_(*out) {}

  void Structure(const Message& message, const WireStructure& structure) {
    out_.push_back('{');
    bool first = true;
    for (const WireMember& member : structure.members) {
      const size_t path_size = path_.size();
      if (!unparsed_.empty()) absl::StrAppend(&path_, member.path_name);
      const std::string* const text = UnparsedText(member);
      if (text != nullptr || IsPresent(message, member)) {
        if (!first) out_.push_back(',');
        first = false;
        AppendJsonString(member.name, &out_);
        out_.push_back(':');
        if (text != nullptr) {
          AppendJsonString(*text, &out_);
        } else {
          Value(message, member);
        }
      }
      path_.resize(path_size);
    }
    out_.push_back('}');
  }

 private:
  static bool IsPresent(const Message& message, const WireMember& member) {
    return member.field->is_repeated() ||
           message.GetReflection()->HasField(message, member.field);
  }

  const std::string* UnparsedText(const WireMember& member) const {
    if (member.kind != WireKind::kEnum) return nullptr;
    for (const auto& unparsed : unparsed_) {
      if (unparsed.path() == path_) return &unparsed.text();
    }
    return nullptr;
  }

  void Value(const Message& message, const WireMember& member) {
    const auto* reflection = message.GetReflection();
    switch (member.kind) {
      case WireKind::kString: {
        std::string scratch;
        return AppendJsonString(
            reflection->GetStringReference(message, member.field, &scratch),
            &out_);
      }
      case WireKind::kInteger:
        return absl::StrAppend(&out_,
                               reflection->GetInt32(message, member.field));
      case WireKind::kBoolean:
        out_.append(reflection->GetBool(message, member.field) ? "true"
                                                               : "false");
        return;
      case WireKind::kEnum:
        return Enum(reflection->GetEnumValue(message, member.field), member);
      case WireKind::kTimestamp:
        return AppendTimestamp(
            static_cast<const google::protobuf::Timestamp&>(
                reflection->GetMessage(message, member.field)),
            &out_);
      case WireKind::kStructure: {
        if (!unparsed_.empty()) path_.push_back('.');
        return Structure(reflection->GetMessage(message, member.field),
                         *member.structure);
      }
      case WireKind::kList:
        return List(member.elements == member.field
                        ? message
                        : reflection->GetMessage(message, member.field),
                    member);
    }
  }

  void Enum(int number, const WireMember& member) {
    for (const auto& [text, value] : member.enum_values) {
      if (value == number) return AppendJsonString(text, &out_);
    }
    AppendJsonString(absl::StrCat(number), &out_);
  }

  void List(const Message& holder, const WireMember& member) {
    const auto* reflection = holder.GetReflection();
    const int size = reflection->FieldSize(holder, member.elements);
    const size_t path_size = path_.size();
    out_.push_back('[');
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_.push_back(',');
      if (!unparsed_.empty()) absl::StrAppend(&path_, ".", i + 1, ".member.");
      Structure(reflection->GetRepeatedMessage(holder, member.elements, i),
                *member.structure);
      path_.resize(path_size);
    }
    out_.push_back(']');
  }

  const RepeatedPtrField<v1::UnparsedEnum>& unparsed_;
  std::string& out_;
  // Of the present member; kept only where there are unparsed texts.
  std::string path_;
};

}  // namespace

void AppendMessage(const Message& message, const WireStructure& structure,
                   const RepeatedPtrField<v1::UnparsedEnum>& unparsed,
                   std::string* out) {
  Writer(unparsed, out).Structure(message, structure);
}

void AppendJsonString(absl::string_view text, std::string* out) {
  out->push_back('"');
  while (true) {
    const size_t plain = PlainPrefix(text);
    out->append(text.data(), plain);
    if (plain == text.size()) break;
    AppendJsonEscaped(text[plain], out);
    text.remove_prefix(plain + 1);
  }
  out->push_back('"');
}

}  // namespace glue_security
