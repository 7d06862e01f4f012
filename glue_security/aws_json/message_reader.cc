#include "glue_security/aws_json/message_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/json/json_number.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"
#include "glue_security/model/time_bounds.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

// The bodies of the operations nest four deep; ignored members may nest deeper.
constexpr size_t kDepthMax = 1000;

constexpr char kUnexpectedList[] = "Start of list found where not expected";
// The service's text ends with a full stop.
constexpr char kUnexpectedStructure[] =
    "Start of structure or map found where not expected.";

// Sets a time given in epoch seconds, rounded to the millisecond, which a
// double can represent. Returns false for a time that a Timestamp cannot
// represent.
bool SetTimestamp(absl::string_view token, Message* message) {
  auto* const timestamp = static_cast<google::protobuf::Timestamp*>(message);
  double seconds = 0;
  static_cast<void>(absl::SimpleAtod(token, &seconds));
  // Times that round to a millisecond beyond the bounds are refused, too.
  const double rounded = std::round(seconds * 1000);
  if (rounded < static_cast<double>(kUnixMillisMin) ||
      rounded > static_cast<double>(kUnixMillisMax)) {
    return false;
  }
  const auto millis = static_cast<int64_t>(rounded);
  const int64_t whole = millis / 1000 - (millis % 1000 < 0 ? 1 : 0);
  timestamp->set_seconds(whole);
  timestamp->set_nanos(static_cast<int32_t>((millis - whole * 1000) * 1000000));
  return true;
}

// Returns the front end's name for the type of a scalar member.
const char* NameOf(MemberKind kind) {
  switch (kind) {
    case MemberKind::kInteger:
      return "an Integer";
    case MemberKind::kBoolean:
      return "a Boolean";
    case MemberKind::kTimestamp:
      return "a Timestamp";
    default:
      return "a String";
  }
}

// The sink of `WalkJsonObject` that fills a message.
class Filler {
 public:
  Filler(const StructureSchema* structure, UnknownMembers unknown,
         Message* message, RepeatedPtrField<v1::UnparsedValue>* unparsed)
      : root_structure_(structure),
        unknown_(unknown),
        root_(message),
        unparsed_(unparsed) {}

  const std::optional<UnreadableBody>& error() const { return error_; }

  // Removes the forgotten texts.
  void Finish() {
    if (forgotten_.empty()) return;
    forgotten_.resize(Index(unparsed_->size()), false);
    int kept = 0;
    for (int i = 0; i < unparsed_->size(); ++i) {
      if (!forgotten_[Index(i)]) unparsed_->SwapElements(i, kept++);
    }
    unparsed_->DeleteSubrange(kept, unparsed_->size() - kept);
  }

  void Key(const char*, absl::string_view text) {
    if (Ignoring()) return;
    Frame& frame = frames_.back();
    if (InMap()) {
      key_.assign(text.data(), text.size());
      return;
    }
    member_ = frame.structure->Find(text);
    if (member_ == nullptr && unknown_ == UnknownMembers::kRefused) {
      return Fail(UnknownMember(text));
    }
    Enter(frame);
  }

  void String(const char*, absl::string_view text) {
    if (IgnoresValue()) return;
    Message* const message = frames_.back().message;
    const auto* reflection = message->GetReflection();
    if (IsIn(MemberKind::kStringList)) return AddString(text);
    if (InList() || IsIn(MemberKind::kStructureMap)) {
      return Fail("Expected null");
    }
    if (InMap()) {
      Message* const entry = AddEntry();
      entry->GetReflection()->SetString(entry,
                                        entry->GetDescriptor()->map_value(),
                                        std::string(text.data(), text.size()));
      return;
    }
    switch (member_->kind) {
      case MemberKind::kString:
        reflection->SetString(message, member_->field,
                              std::string(text.data(), text.size()));
        return;
      case MemberKind::kEnum:
        return SetEnum(text);
      case MemberKind::kStructure:
      case MemberKind::kMap:
      case MemberKind::kStructureMap:
        return Fail("Expected null");
      case MemberKind::kList:
      case MemberKind::kStringList:
        return Fail("Expected list or null");
      case MemberKind::kInteger:
      case MemberKind::kBoolean:
      case MemberKind::kTimestamp:
        return FailToConvert("STRING_VALUE");
    }
  }

  void Scalar(JsonType type, absl::string_view token) {
    if (IgnoresValue()) return;
    if (type == JsonType::kNull) {
      // A list has no absent elements.
      if (InList()) Fail(std::nullopt);
      if (InMap()) ForgetEntries();
      return;
    }
    if (IsIn(MemberKind::kList) || IsIn(MemberKind::kStructureMap)) {
      return Fail("Expected null");
    }
    if (!InList() && !InMap()) {
      switch (member_->kind) {
        case MemberKind::kStructure:
        case MemberKind::kMap:
        case MemberKind::kStructureMap:
          return Fail("Expected null");
        case MemberKind::kList:
        case MemberKind::kStringList:
          return Fail("Expected list or null");
        case MemberKind::kString:
        case MemberKind::kEnum:
        case MemberKind::kInteger:
        case MemberKind::kBoolean:
        case MemberKind::kTimestamp:
          break;
      }
    }
    Message* const message = frames_.back().message;
    const auto* reflection = message->GetReflection();
    if (type == JsonType::kBoolean) {
      if (member_->kind == MemberKind::kBoolean) {
        return reflection->SetBool(message, member_->field, token == "true");
      }
      return FailToConvert(token == "true" ? "TRUE_VALUE" : "FALSE_VALUE");
    }
    if (member_->kind == MemberKind::kInteger) {
      reflection->SetInt32(message, member_->field, ClampedInt32(token));
      if (IsBeyondInt32(token)) AddUnparsed(token);
      return;
    }
    if (member_->kind == MemberKind::kTimestamp) {
      if (!SetTimestamp(token,
                        reflection->MutableMessage(message, member_->field))) {
        Fail(std::nullopt);
      }
      return;
    }
    FailToConvert("NUMBER_VALUE");
  }

  size_t Open(JsonType type, const char*) {
    if (frames_.empty()) {
      frames_.push_back({root_structure_, root_, nullptr, "", 0, {}});
      if (root_structure_ == nullptr) ++ignored_;
    } else if (IgnoresValue()) {
      ++ignored_;
    } else if (type == JsonType::kArray) {
      OpenList();
    } else {
      OpenStructure();
    }
    return 0;
  }

  void Close(size_t, size_t) {
    if (ignored_ > 0) {
      --ignored_;
      return;
    }
    if (InMap()) RemoveForgottenEntries();
    frames_.pop_back();
  }

 private:
  // A member that was already read in a structure, and the range of unparsed
  // texts within it.
  struct Seen {
    const MemberSchema* member;
    int begin;
    int end;
  };

  // An open structure, list or map; `message` holds its members or elements.
  // For a list or a map, `collection` is its member in the structure around it.
  struct Frame {
    const StructureSchema* structure;
    Message* message;
    const MemberSchema* collection;
    absl::string_view path_name;
    // The number of elements that the list has so far.
    int size;
    absl::InlinedVector<Seen, 4> seen;
    // The index in `seen` of the member that is being read; -1 when it is
    // unknown.
    int present = -1;
  };

  bool Ignoring() const { return ignored_ > 0 || error_.has_value(); }
  bool InList() const {
    return IsIn(MemberKind::kList) || IsIn(MemberKind::kStringList);
  }
  bool InMap() const {
    return IsIn(MemberKind::kMap) || IsIn(MemberKind::kStructureMap);
  }
  bool IsIn(MemberKind kind) const {
    const MemberSchema* const collection = frames_.back().collection;
    return collection != nullptr && collection->kind == kind;
  }
  bool IgnoresValue() const {
    return Ignoring() ||
           (frames_.back().collection == nullptr && member_ == nullptr);
  }

  void Fail(std::optional<std::string> message) {
    error_ = UnreadableBody{std::move(message)};
  }
  void FailToConvert(absl::string_view what) {
    Fail(
        absl::StrCat(what, " can not be converted to ", NameOf(member_->kind)));
  }

  // Returns the path of the open structure, which ends with a dot unless it is
  // the request.
  std::string PathOfStructure() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (!frame.path_name.empty()) {
        absl::StrAppend(&path, frame.path_name, ".");
      }
      if (frame.collection != nullptr) {
        absl::StrAppend(&path, frame.size, ".member.");
      }
    }
    return path;
  }

  // Returns the path of `member_`, which is being read.
  std::string Path() const {
    return absl::StrCat(PathOfStructure(), member_->path_name);
  }

  // Returns the error for a member that the open structure does not have. Its
  // name is cut, and only printable ASCII of it is shown.
  std::string UnknownMember(absl::string_view name) const {
    constexpr size_t kNameBytesMax = 64;
    std::string text = absl::StrCat("Unknown member '", PathOfStructure());
    for (const char c : name.substr(0, kNameBytesMax)) {
      text.push_back(absl::ascii_isprint(static_cast<unsigned char>(c)) ? c
                                                                        : '?');
    }
    return text + "'";
  }

  // Starts to read `member_`. Clears an earlier value of the same member, in
  // time proportional to that value.
  void Enter(Frame& frame) {
    const int texts = unparsed_->size();
    if (frame.present >= 0) frame.seen[Index(frame.present)].end = texts;
    frame.present = -1;
    if (member_ == nullptr) return;
    for (Seen& seen : frame.seen) {
      ++frame.present;
      if (seen.member != member_) continue;
      frame.message->GetReflection()->ClearField(frame.message, member_->field);
      forgotten_.resize(Index(texts), false);
      std::fill(forgotten_.begin() + seen.begin, forgotten_.begin() + seen.end,
                true);
      seen = {member_, texts, texts};
      return;
    }
    ++frame.present;
    frame.seen.push_back({member_, texts, texts});
  }

  static size_t Index(int number) { return static_cast<size_t>(number); }

  void SetEnum(absl::string_view text) {
    Message* const message = frames_.back().message;
    if (const EnumValueSchema* value = member_->FindEnumValue(text)) {
      message->GetReflection()->SetEnumValue(message, member_->field,
                                             value->number);
      return;
    }
    AddUnparsed(text);
  }

  void AddUnparsed(absl::string_view text) {
    v1::UnparsedValue* const unparsed = unparsed_->Add();
    unparsed->set_path(Path());
    unparsed->set_text(text.data(), text.size());
  }

  void OpenList() {
    if (InList() || InMap() ||
        (member_->kind != MemberKind::kList &&
         member_->kind != MemberKind::kStringList)) {
      ++ignored_;
      return Fail(kUnexpectedList);
    }
    OpenCollection();
  }

  // Opens `member_`, a list or a map.
  void OpenCollection() {
    Message* holder = frames_.back().message;
    if (member_->elements != member_->field) {
      holder = holder->GetReflection()->MutableMessage(holder, member_->field);
    }
    frames_.push_back(
        {member_->structure, holder, member_, member_->path_name, 0, {}});
  }

  void AddString(absl::string_view text) {
    const Frame& frame = frames_.back();
    frame.message->GetReflection()->AddString(
        frame.message, frame.collection->elements,
        std::string(text.data(), text.size()));
  }

  // Adds an entry to the open map and returns it. When a key is repeated, the
  // last one counts, also when it is null.
  Message* AddEntry() {
    const Frame& frame = frames_.back();
    ForgetEntries();
    Message* const entry = frame.message->GetReflection()->AddMessage(
        frame.message, frame.collection->elements);
    entry->GetReflection()->SetString(entry, entry->GetDescriptor()->map_key(),
                                      key_);
    return entry;
  }

  // Forgets the entries that the open map has for `key_`.
  void ForgetEntries() {
    const Frame& frame = frames_.back();
    counts_from_[key_] = frame.message->GetReflection()->FieldSize(
        *frame.message, frame.collection->elements);
  }

  // Removes the forgotten entries of the open map.
  void RemoveForgottenEntries() {
    const Frame& frame = frames_.back();
    const auto& reflection = *frame.message->GetReflection();
    const auto* const elements = frame.collection->elements;
    const auto* const key = elements->message_type()->map_key();
    int kept = 0;
    const int size = reflection.FieldSize(*frame.message, elements);
    for (int i = 0; i < size; ++i) {
      const Message& entry =
          reflection.GetRepeatedMessage(*frame.message, elements, i);
      if (i < counts_from_[entry.GetReflection()->GetString(entry, key)]) {
        continue;
      }
      reflection.SwapElements(frame.message, elements, i, kept++);
    }
    for (int i = kept; i < size; ++i) {
      reflection.RemoveLast(frame.message, elements);
    }
    counts_from_.clear();
  }

  void OpenStructure() {
    Frame& frame = frames_.back();
    if (IsIn(MemberKind::kList)) {
      ++frame.size;
      Message* const element = frame.message->GetReflection()->AddMessage(
          frame.message, frame.collection->elements);
      frames_.push_back({frame.structure, element, nullptr, "", 0, {}});
      return;
    }
    if (IsIn(MemberKind::kStructureMap)) return OpenMapValue();
    const bool in_collection = InMap() || InList();
    if (!in_collection && (member_->kind == MemberKind::kMap ||
                           member_->kind == MemberKind::kStructureMap)) {
      return OpenCollection();
    }
    if (in_collection || member_->kind != MemberKind::kStructure) {
      ++ignored_;
      return Fail(kUnexpectedStructure);
    }
    Message* const part = frame.message->GetReflection()->MutableMessage(
        frame.message, member_->field);
    frames_.push_back(
        {member_->structure, part, nullptr, member_->path_name, 0, {}});
  }

  // Opens the structure of an entry of the open map.
  void OpenMapValue() {
    Message* const entry = AddEntry();
    Message* const value = entry->GetReflection()->MutableMessage(
        entry, entry->GetDescriptor()->map_value());
    frames_.push_back({frames_.back().structure, value, nullptr, "", 0, {}});
  }

  const StructureSchema* const root_structure_;
  const UnknownMembers unknown_;
  Message* const root_;
  RepeatedPtrField<v1::UnparsedValue>* const unparsed_;
  std::vector<Frame> frames_;
  // The member whose value comes next; nullptr when it is unknown.
  const MemberSchema* member_ = nullptr;
  // The key whose value comes next in a map.
  std::string key_;
  // By key of the open map: the number of entries that the map had when the
  // last one of the key, or a null, was read. Maps do not nest.
  absl::flat_hash_map<std::string, int> counts_from_;
  // The number of open arrays and objects that are ignored.
  size_t ignored_ = 0;
  // Marks the unparsed texts that a later member replaces. Only as long as
  // `unparsed_` was when the last one was marked.
  std::vector<bool> forgotten_;
  std::optional<UnreadableBody> error_;
};

}  // namespace

std::optional<UnreadableBody> ReadMessage(
    absl::string_view body, const StructureSchema* structure,
    UnknownMembers unknown, Message* message,
    RepeatedPtrField<v1::UnparsedValue>* unparsed) {
  const size_t start = body.find_first_not_of(" \t\r\n");
  if (start != absl::string_view::npos && body[start] == '[') {
    return UnreadableBody{kUnexpectedList};
  }
  const BorrowedJsonScratch scratch;
  Filler filler(structure, unknown, message, unparsed);
  const auto malformed =
      WalkJsonObject(body, kDepthMax, scratch.get(), &filler);
  if (filler.error().has_value()) return filler.error();
  if (malformed.has_value()) return UnreadableBody{std::nullopt};
  filler.Finish();
  return std::nullopt;
}

}  // namespace glue_security
