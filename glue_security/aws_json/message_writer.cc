#include "glue_security/aws_json/message_writer.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "glue_security/json/json_escape.h"
#include "glue_security/json/json_number.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::RepeatedPtrField;

// Finds the first byte of `word`, from the lowest byte up, that needs an
// escape: it is the lowest byte of the result with its high bit set. Bytes
// above it may have that bit set without needing an escape. 0 when no byte
// needs one.
uint64_t FirstEscape(uint64_t word) {
  constexpr uint64_t kOnes = ~uint64_t{0} / 255;
  constexpr uint64_t kHighs = kOnes * 0x80;
  const auto zeros = [](uint64_t bytes) { return (bytes - kOnes) & ~bytes; };
  const uint64_t below_space = (word - kOnes * 0x20) & ~word;
  const uint64_t quotes = zeros(word ^ (kOnes * '"'));
  const uint64_t backslashes = zeros(word ^ (kOnes * '\\'));
  return (below_space | quotes | backslashes) & kHighs;
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
  absl::StrAppend(out, ".", absl::Dec(nanos, absl::kZeroPad9));
  out->erase(out->find_last_not_of('0') + 1);
}

class Writer {
 public:
  Writer(const RepeatedPtrField<v1::UnparsedValue>& unparsed, std::string* out)
      : out_(*out) {
    for (const auto& entry : unparsed) {
      unparsed_.try_emplace(entry.path(), entry.text());
    }
  }

  void Structure(const Message& message, const StructureSchema& structure) {
    out_.push_back('{');
    bool first = true;
    for (const MemberSchema& member : structure.members) {
      const size_t path_size = path_.size();
      if (!unparsed_.empty()) absl::StrAppend(&path_, member.path_name);
      const absl::string_view* const text = UnparsedText(message, member);
      if (text != nullptr || member.field->is_repeated() ||
          structure.reflection->HasField(message, member.field)) {
        if (!first) out_.push_back(',');
        first = false;
        out_.append(member.json_key);
        if (text != nullptr && member.kind == MemberKind::kEnum) {
          AppendJsonString(*text, &out_);
        } else if (text != nullptr) {
          out_.append(text->data(), text->size());
        } else {
          Value(message, *structure.reflection, member);
        }
      }
      path_.resize(path_size);
    }
    out_.push_back('}');
  }

 private:
  // Returns nullptr when the member has no unparsed value.
  const absl::string_view* UnparsedText(const Message& message,
                                        const MemberSchema& member) const {
    const bool is_integer = member.kind == MemberKind::kInteger;
    if (unparsed_.empty() ||
        (member.kind != MemberKind::kEnum && !is_integer)) {
      return nullptr;
    }
    const auto found = unparsed_.find(path_);
    if (found == unparsed_.end()) return nullptr;
    if (is_integer &&
        !IsClampedTo(message.GetReflection()->GetInt32(message, member.field),
                     found->second)) {
      return nullptr;
    }
    return &found->second;
  }

  void Value(const Message& message, const Reflection& reflection,
             const MemberSchema& member) {
    switch (member.kind) {
      case MemberKind::kString: {
        std::string scratch;
        return AppendJsonString(
            reflection.GetStringReference(message, member.field, &scratch),
            &out_);
      }
      case MemberKind::kInteger:
        return absl::StrAppend(&out_,
                               reflection.GetInt32(message, member.field));
      case MemberKind::kBoolean:
        out_.append(reflection.GetBool(message, member.field) ? "true"
                                                              : "false");
        return;
      case MemberKind::kEnum:
        return Enum(reflection.GetEnumValue(message, member.field), member);
      case MemberKind::kTimestamp:
        return AppendTimestamp(
            static_cast<const google::protobuf::Timestamp&>(
                reflection.GetMessage(message, member.field)),
            &out_);
      case MemberKind::kStructure: {
        if (!unparsed_.empty()) path_.push_back('.');
        return Structure(reflection.GetMessage(message, member.field),
                         *member.structure);
      }
      case MemberKind::kList:
        return List(HolderOf(message, reflection, member), member);
      case MemberKind::kStringList:
        return StringList(HolderOf(message, reflection, member), member);
      case MemberKind::kMap:
      case MemberKind::kStructureMap:
        return Map(HolderOf(message, reflection, member), member);
    }
  }

  // Returns the message that holds the elements of a list or a map.
  static const Message& HolderOf(const Message& message,
                                 const Reflection& reflection,
                                 const MemberSchema& member) {
    return member.elements == member.field
               ? message
               : reflection.GetMessage(message, member.field);
  }

  void Enum(int number, const MemberSchema& member) {
    out_.push_back('"');
    const EnumValueSchema* const value = member.FindEnumValue(number);
    if (value == nullptr) {
      absl::StrAppend(&out_, number);
    } else {
      out_.append(value->text);
    }
    out_.push_back('"');
  }

  void List(const Message& holder, const MemberSchema& member) {
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

  void StringList(const Message& holder, const MemberSchema& member) {
    const auto* reflection = holder.GetReflection();
    const int size = reflection->FieldSize(holder, member.elements);
    std::string scratch;
    out_.push_back('[');
    for (int i = 0; i < size; ++i) {
      if (i > 0) out_.push_back(',');
      AppendJsonString(reflection->GetRepeatedStringReference(
                           holder, member.elements, i, &scratch),
                       &out_);
    }
    out_.push_back(']');
  }

  // Writes the entries in the order of their keys, so that equal maps give
  // equal bytes. The last of repeated keys counts.
  void Map(const Message& holder, const MemberSchema& member) {
    const auto* reflection = holder.GetReflection();
    const auto* type = member.elements->message_type();
    std::map<std::string, const Message*> entries;
    const int size = reflection->FieldSize(holder, member.elements);
    for (int i = 0; i < size; ++i) {
      const Message& entry =
          reflection->GetRepeatedMessage(holder, member.elements, i);
      entries[entry.GetReflection()->GetString(entry, type->map_key())] =
          &entry;
    }
    std::string scratch;
    out_.push_back('{');
    const char* separator = "";
    for (const auto& [key, entry] : entries) {
      out_.append(separator);
      AppendJsonString(key, &out_);
      out_.push_back(':');
      const auto* entry_reflection = entry->GetReflection();
      if (member.kind == MemberKind::kMap) {
        AppendJsonString(entry_reflection->GetStringReference(
                             *entry, type->map_value(), &scratch),
                         &out_);
      } else {
        Structure(entry_reflection->GetMessage(*entry, type->map_value()),
                  *member.structure);
      }
      separator = ",";
    }
    out_.push_back('}');
  }

  std::string& out_;
  // The unparsed values, by path.
  absl::flat_hash_map<absl::string_view, absl::string_view> unparsed_;
  // The path of the current member; maintained only when there are unparsed
  // texts.
  std::string path_;
};

}  // namespace

void AppendMessage(const Message& message, const StructureSchema& structure,
                   const RepeatedPtrField<v1::UnparsedValue>& unparsed,
                   std::string* out) {
  // Most messages fit into this.
  constexpr size_t kUsualBytes = 512;
  out->reserve(out->size() + kUsualBytes);
  Writer(unparsed, out).Structure(message, structure);
}

void AppendJsonString(absl::string_view text, std::string* out) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
                "the first byte in memory is the lowest of a word");
  constexpr size_t kWord = sizeof(uint64_t);
  constexpr size_t kPiece = 256;
  char buffer[kPiece * kJsonEscapedMax + kWord];
  out->push_back('"');
  while (!text.empty()) {
    const absl::string_view piece = text.substr(0, kPiece);
    char* to = buffer;
    size_t at = 0;
    while (at < piece.size()) {
      if (at + kWord <= piece.size()) {
        uint64_t word;
        std::memcpy(&word, piece.data() + at, kWord);
        // A byte that needs an escape is overwritten below.
        std::memcpy(to, &word, kWord);
        const uint64_t escape = FirstEscape(word);
        const size_t plain =
            escape == 0 ? kWord
                        : static_cast<size_t>(__builtin_ctzll(escape)) / 8;
        at += plain;
        to += plain;
        if (escape == 0) continue;
      }
      to += WriteJsonEscaped(piece[at++], to);
    }
    out->append(buffer, static_cast<size_t>(to - buffer));
    text.remove_prefix(piece.size());
  }
  out->push_back('"');
}

}  // namespace glue_security
