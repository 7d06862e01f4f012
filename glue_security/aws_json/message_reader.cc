#include "glue_security/aws_json/message_reader.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_walk.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

// The bodies of the nine operations nest four deep; what is ignored may nest
// deeper.
constexpr size_t kDepthMax = 1000;

constexpr char kUnexpectedList[] = "Start of list found where not expected";
// The full stop is the service's.
constexpr char kUnexpectedStructure[] =
    "Start of structure or map found where not expected.";

// Java's conversion of a double: cut, and held within the bounds.
int32_t ToInt32(absl::string_view token) {
  constexpr auto kMin = std::numeric_limits<int32_t>::min();
  constexpr auto kMax = std::numeric_limits<int32_t>::max();
  int32_t whole = 0;
  if (absl::SimpleAtoi(token, &whole)) return whole;
  double number = 0;
  // False where the number is beyond a double; it is an infinity then.
  static_cast<void>(absl::SimpleAtod(token, &number));
  if (number <= kMin) return kMin;
  if (number >= kMax) return kMax;
  return static_cast<int32_t>(number);
}

// Epoch seconds with a fraction, to the millisecond, which a double holds.
// False for a time that a Timestamp does not have.
bool SetTimestamp(absl::string_view token, Message* message) {
  auto* const timestamp = static_cast<google::protobuf::Timestamp*>(message);
  double seconds = 0;
  static_cast<void>(absl::SimpleAtod(token, &seconds));
  // The years 1 to 9999; what is rounded to a millisecond beyond them, too.
  constexpr double kMillisMin = -62135596800'000.0;
  constexpr double kMillisMax = 253402300799'999.0;
  const double rounded = std::round(seconds * 1000);
  if (rounded < kMillisMin || rounded > kMillisMax) return false;
  const auto millis = static_cast<int64_t>(rounded);
  const int64_t whole = millis / 1000 - (millis % 1000 < 0 ? 1 : 0);
  timestamp->set_seconds(whole);
  timestamp->set_nanos(static_cast<int32_t>((millis - whole * 1000) * 1000000));
  return true;
}

// The front end's name for what a scalar member should be.
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
  Filler(const StructureSchema* structure, Message* message,
         RepeatedPtrField<v1::UnparsedEnum>* unparsed)
      : root_structure_(structure), root_(message), unparsed_(unparsed) {}

  const std::optional<UnreadableBody>& error() const { return error_; }

  // Takes the forgotten texts out.
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
    Enter(frame);
  }

  void String(const char*, absl::string_view text) {
    if (IgnoresValue()) return;
    Message* const message = frames_.back().message;
    const auto* reflection = message->GetReflection();
    if (InList()) return Fail("Expected null");
    if (InMap()) return AddEntry(text);
    switch (member_->kind) {
      case MemberKind::kString:
        reflection->SetString(message, member_->field,
                              std::string(text.data(), text.size()));
        return;
      case MemberKind::kEnum:
        return SetEnum(text);
      case MemberKind::kStructure:
      case MemberKind::kMap:
        return Fail("Expected null");
      case MemberKind::kList:
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
      return;
    }
    if (InList() || (!InMap() && (member_->kind == MemberKind::kStructure ||
                                  member_->kind == MemberKind::kMap))) {
      return Fail("Expected null");
    }
    if (member_->kind == MemberKind::kList)
      return Fail("Expected list or null");
    Message* const message = frames_.back().message;
    const auto* reflection = message->GetReflection();
    if (type == JsonType::kBoolean) {
      if (member_->kind == MemberKind::kBoolean) {
        return reflection->SetBool(message, member_->field, token == "true");
      }
      return FailToConvert(token == "true" ? "TRUE_VALUE" : "FALSE_VALUE");
    }
    if (member_->kind == MemberKind::kInteger) {
      return reflection->SetInt32(message, member_->field, ToInt32(token));
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
    frames_.pop_back();
  }

 private:
  // A member that a structure has had, and the unparsed texts within it.
  struct Seen {
    const MemberSchema* member;
    int begin;
    int end;
  };

  // A structure, or the list or map that `collection`, a member of the message
  // around it, is. `message` holds its members or elements.
  struct Frame {
    const StructureSchema* structure;
    Message* message;
    const MemberSchema* collection;
    absl::string_view path_name;
    // How many elements the list has so far.
    int size;
    absl::InlinedVector<Seen, 4> seen;
    // Of `seen`, the member that is being read; -1: an unknown one.
    int present = -1;
  };

  bool Ignoring() const { return ignored_ > 0 || error_.has_value(); }
  bool InList() const { return IsIn(MemberKind::kList); }
  bool InMap() const { return IsIn(MemberKind::kMap); }
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

  // Where the value of `member_` stands, or the present list's last element.
  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (!frame.path_name.empty()) {
        absl::StrAppend(&path, frame.path_name, ".");
      }
      if (frame.collection != nullptr) {
        absl::StrAppend(&path, frame.size, ".member.");
      }
    }
    return absl::StrCat(path, member_->path_name);
  }

  // `member_` is read from here on. What an earlier one of the same name said
  // is forgotten; takes time for that one only.
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
    v1::UnparsedEnum* const unparsed = unparsed_->Add();
    unparsed->set_path(Path());
    unparsed->set_text(text.data(), text.size());
  }

  void OpenList() {
    if (InList() || InMap() || member_->kind != MemberKind::kList) {
      ++ignored_;
      return Fail(kUnexpectedList);
    }
    OpenCollection();
  }

  // The list or map that `member_` is.
  void OpenCollection() {
    Message* holder = frames_.back().message;
    if (member_->elements != member_->field) {
      holder = holder->GetReflection()->MutableMessage(holder, member_->field);
    }
    frames_.push_back(
        {member_->structure, holder, member_, member_->path_name, 0, {}});
  }

  // An entry of the map that is open. The last one of a key counts.
  void AddEntry(absl::string_view text) {
    const Frame& frame = frames_.back();
    Message* const entry = frame.message->GetReflection()->AddMessage(
        frame.message, frame.collection->elements);
    const auto* type = entry->GetDescriptor();
    entry->GetReflection()->SetString(entry, type->map_key(), key_);
    entry->GetReflection()->SetString(entry, type->map_value(),
                                      std::string(text.data(), text.size()));
  }

  void OpenStructure() {
    Frame& frame = frames_.back();
    if (InList()) {
      ++frame.size;
      Message* const element = frame.message->GetReflection()->AddMessage(
          frame.message, frame.collection->elements);
      frames_.push_back({frame.structure, element, nullptr, "", 0, {}});
      return;
    }
    if (!InMap() && member_->kind == MemberKind::kMap) return OpenCollection();
    if (InMap() || member_->kind != MemberKind::kStructure) {
      ++ignored_;
      return Fail(kUnexpectedStructure);
    }
    Message* const part = frame.message->GetReflection()->MutableMessage(
        frame.message, member_->field);
    frames_.push_back(
        {member_->structure, part, nullptr, member_->path_name, 0, {}});
  }

  const StructureSchema* const root_structure_;
  Message* const root_;
  RepeatedPtrField<v1::UnparsedEnum>* const unparsed_;
  std::vector<Frame> frames_;
  // The member whose value comes next; nullptr: an unknown one.
  const MemberSchema* member_ = nullptr;
  // In a map: the key whose value comes next.
  std::string key_;
  // How many arrays and objects are open that are not read.
  size_t ignored_ = 0;
  // Of the unparsed texts, those that a later member takes the place of; only
  // as many as were there when the last one was found.
  std::vector<bool> forgotten_;
  std::optional<UnreadableBody> error_;
};

}  // namespace

std::optional<UnreadableBody> ReadMessage(
    absl::string_view body, const StructureSchema* structure, Message* message,
    RepeatedPtrField<v1::UnparsedEnum>* unparsed) {
  const size_t start = body.find_first_not_of(" \t\r\n");
  if (start != absl::string_view::npos && body[start] == '[') {
    return UnreadableBody{kUnexpectedList};
  }
  const BorrowedJsonScratch scratch;
  Filler filler(structure, message, unparsed);
  const auto malformed =
      WalkJsonObject(body, kDepthMax, scratch.get(), &filler);
  if (filler.error().has_value()) return filler.error();
  if (malformed.has_value()) return UnreadableBody{std::nullopt};
  filler.Finish();
  return std::nullopt;
}

}  // namespace glue_security
