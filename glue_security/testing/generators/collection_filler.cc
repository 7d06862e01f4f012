#include "glue_security/testing/generators/collection_filler.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/legal_text.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

using Texts = std::vector<std::string>;

// The most elements that Fill adds.
constexpr int kElementsMax = 3;

// Returns the keys of an enum. More than half are those that many requests
// should have, so that passwords meet.
Texts WeightedKeys(const MemberSchema& member) {
  const Texts often = {"PASSWORD", "ENCRYPTED_PASSWORD", "HOST"};
  Texts keys;
  for (size_t i = 0; i < member.enum_values.size(); i += 2) {
    for (const std::string& key : often) {
      if (member.FindEnumValue(key) != nullptr) keys.push_back(key);
    }
  }
  for (const EnumValueSchema& value : member.enum_values) {
    keys.push_back(value.text);
  }
  return keys;
}

}  // namespace

CollectionTexts MakeCollectionTexts(const MemberSchema& member, bool observed,
                                    Texts usual, Texts odd) {
  CollectionTexts texts;
  texts.usual = std::move(usual);
  texts.odd = std::move(odd);
  DropIllegalTexts(member.element, observed, &texts.usual);
  DropIllegalTexts(member.element, observed, &texts.odd);
  if (member.kind != MemberKind::kMap) return texts;
  texts.keys = member.enum_values.empty() ? Texts{"key0", "key1", "key2"}
                                          : WeightedKeys(member);
  return texts;
}

CollectionFiller::CollectionFiller(const MemberSchema& member,
                                   const CollectionTexts& texts,
                                   const Texts& ciphertexts,
                                   ChoiceSource& choices, Message* parent)
    : member_(member),
      texts_(texts),
      ciphertexts_(ciphertexts),
      choices_(choices),
      holder_(parent->GetReflection()->MutableMessage(parent, member.field)) {}

void CollectionFiller::Fill() {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < kElementsMax; ++i) {
    if (choices_.Below(i == 0 ? 4 : 2) == 0) break;
    if (member_.kind == MemberKind::kStringList) {
      Add(Element());
      continue;
    }
    const std::string& key = choices_.Pick(texts_.keys);
    entries[key] = ValueOf(key);
  }
  if (member_.kind == MemberKind::kMap) Write(entries);
}

void CollectionFiller::SetSize(size_t size) {
  if (member_.kind == MemberKind::kStringList) {
    holder_->Clear();
    for (size_t i = 0; i < size; ++i) Add(Element());
    return;
  }
  std::map<std::string, std::string> entries;
  for (size_t i = 0; i < size; ++i) {
    entries[absl::StrCat("key", i)] = Element();
  }
  Write(entries);
}

std::string CollectionFiller::Put(ConstraintRule::Part part,
                                  const std::string& text) {
  if (part == ConstraintRule::Part::kElement) {
    if (Size() == 0) Add(Element());
    const auto at =
        static_cast<int>(choices_.Below(static_cast<uint64_t>(Size())));
    holder_->GetReflection()->SetRepeatedString(holder_, member_.elements, at,
                                                text);
    return absl::StrCat(".", at + 1, ".member");
  }
  auto entries = Read();
  if (part == ConstraintRule::Part::kKey) {
    entries[text] = Element();
    Write(entries);
    return "";
  }
  if (entries.empty()) entries[texts_.keys.front()];
  const auto entry = std::next(
      entries.begin(), static_cast<ptrdiff_t>(choices_.Below(entries.size())));
  entry->second = text;
  Write(entries);
  return absl::StrCat(".", entry->first, ".member");
}

std::string CollectionFiller::Element() {
  if (!texts_.odd.empty() && choices_.OneIn(32)) {
    return choices_.Pick(texts_.odd);
  }
  return choices_.Pick(texts_.usual);
}

std::string CollectionFiller::ValueOf(const std::string& key) {
  if (absl::StartsWith(key, "ENCRYPTED_")) {
    if (!ciphertexts_.empty() && choices_.Below(4) != 3) {
      return choices_.Pick(ciphertexts_);
    }
    return choices_.Pick<std::string>({"QUJD", "no base64!", "", " "});
  }
  if (absl::EndsWith(key, "PASSWORD") && choices_.Below(8) != 7) {
    return choices_.Pick<std::string>({"secret", "other", ""});
  }
  return Element();
}

int CollectionFiller::Size() const {
  return holder_->GetReflection()->FieldSize(*holder_, member_.elements);
}

std::map<std::string, std::string> CollectionFiller::Read() const {
  std::map<std::string, std::string> entries;
  const FieldDescriptor* const elements = member_.elements;
  const auto* const type = elements->message_type();
  for (int i = 0; i < Size(); ++i) {
    const Message& entry =
        holder_->GetReflection()->GetRepeatedMessage(*holder_, elements, i);
    const Reflection& reflection = *entry.GetReflection();
    entries[reflection.GetString(entry, type->map_key())] =
        reflection.GetString(entry, type->map_value());
  }
  return entries;
}

void CollectionFiller::Write(
    const std::map<std::string, std::string>& entries) {
  const auto* const type = member_.elements->message_type();
  holder_->Clear();
  for (const auto& [key, value] : entries) {
    Message* const entry =
        holder_->GetReflection()->AddMessage(holder_, member_.elements);
    const Reflection& reflection = *entry->GetReflection();
    reflection.SetString(entry, type->map_key(), key);
    reflection.SetString(entry, type->map_value(), value);
  }
}

void CollectionFiller::Add(const std::string& element) {
  holder_->GetReflection()->AddString(holder_, member_.elements, element);
}

}  // namespace glue_security
