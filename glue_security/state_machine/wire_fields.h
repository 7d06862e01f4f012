// FieldReader, FieldWriter: read and write the fields of a message in
// protobuf's encoding, in place. The reader refuses what protobuf refuses,
// except that it does not check texts.

#ifndef GLUE_SECURITY_STATE_MACHINE_WIRE_FIELDS_H_
#define GLUE_SECURITY_STATE_MACHINE_WIRE_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"

namespace glue_security {

// The wire types of protobuf's encoding.
enum class WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kFixed32 = 5,
};

// Reads the fields of one message without copying. A new reader is positioned
// before the first field.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Moves to the next field. Returns false at the end and when the bytes are
  // damaged.
  bool Next() {
    if (next_ == end_) return false;
    tag_ = ShortVarint();
    // No field has the number 0.
    ok_ = ok_ && number() > 0;
    return ok_;
  }

  int number() const { return static_cast<int>(tag_ >> 3); }

  // Read or skip the field; not ok() when it has another wire type. REQUIRES:
  // Next() returned true, and the field was not read yet.
  uint64_t VarintField() {
    ok_ = wire_type() == WireType::kVarint;
    return Varint();
  }
  uint64_t Fixed64Field() {
    ok_ = wire_type() == WireType::kFixed64;
    const absl::string_view bytes = Take(sizeof(uint64_t));
    uint64_t value = 0;
    if (ok_) {
      google::protobuf::io::CodedInputStream::ReadLittleEndian64FromArray(
          reinterpret_cast<const uint8_t*>(bytes.data()), &value);
    }
    return value;
  }
  absl::string_view BytesField() {
    ok_ = wire_type() == WireType::kLengthDelimited;
    return Take(ShortVarint());
  }
  void SkipField() {
    switch (wire_type()) {
      case WireType::kVarint:
        Varint();
        break;
      case WireType::kFixed64:
        Take(sizeof(uint64_t));
        break;
      case WireType::kLengthDelimited:
        Take(ShortVarint());
        break;
      case WireType::kFixed32:
        Take(sizeof(uint32_t));
        break;
      default:
        ok_ = false;
    }
  }

  // Returns true when no damage was found so far.
  bool ok() const { return ok_; }

 private:
  WireType wire_type() const { return static_cast<WireType>(tag_ & 7); }

  uint64_t Varint() {
    // The fast path for tags and small sizes.
    if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) {
      return static_cast<uint8_t>(*next_++);
    }
    return LongVarint();
  }

  // Reads a tag or a size. It has 32 bits, and at most five bytes.
  uint64_t ShortVarint() {
    constexpr ptrdiff_t kBytesMax = 5;
    const char* const begin = next_;
    const uint64_t value = Varint();
    ok_ = ok_ && next_ - begin <= kBytesMax &&
          value <= std::numeric_limits<uint32_t>::max();
    return value;
  }

  uint64_t LongVarint() {
    constexpr int kShiftMax = 63;
    uint64_t value = 0;
    for (int shift = 0; next_ != end_ && shift <= kShiftMax; shift += 7) {
      const auto byte = static_cast<uint8_t>(*next_++);
      value |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  absl::string_view Take(uint64_t size) {
    if (!ok_ || size > static_cast<uint64_t>(end_ - next_)) {
      ok_ = false;
      return {};
    }
    const char* const begin = next_;
    next_ += size;
    return {begin, static_cast<size_t>(size)};
  }

  const char* next_;
  const char* const end_;
  uint64_t tag_ = 0;
  bool ok_ = true;
};

// Writes the fields of one message into a buffer with enough room. As in
// protobuf, fields are in ascending order, and those with the default value are
// left out.
class FieldWriter {
 public:
  explicit FieldWriter(char* out) : next_(out) {}

  void VarintField(int number, uint64_t value) {
    if (value == 0) return;
    Tag(number, WireType::kVarint);
    Varint(value);
  }
  void Fixed64Field(int number, uint64_t value) {
    if (value == 0) return;
    Tag(number, WireType::kFixed64);
    google::protobuf::io::CodedOutputStream::WriteLittleEndian64ToArray(
        value, reinterpret_cast<uint8_t*>(next_));
    next_ += sizeof(value);
  }
  void BytesField(int number, absl::string_view value) {
    if (value.empty()) return;
    MessageField(number, value.size());
    std::memcpy(next_, value.data(), value.size());
    next_ += value.size();
  }
  // Starts a message of `size` bytes, which come next.
  void MessageField(int number, size_t size) {
    Tag(number, WireType::kLengthDelimited);
    Varint(size);
  }

 private:
  void Tag(int number, WireType type) {
    Varint(static_cast<uint64_t>(number) << 3 | static_cast<uint64_t>(type));
  }

  void Varint(uint64_t value) {
    while (value >= 0x80) {
      *next_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *next_++ = static_cast<char>(value);
  }

  char* next_;
};

// Return the size of a field as `FieldWriter` writes it.
inline size_t MessageFieldSize(size_t size) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(size) + size;
}
inline size_t BytesFieldSize(absl::string_view value) {
  return value.empty() ? 0 : MessageFieldSize(value.size());
}
inline size_t Fixed64FieldSize(int64_t value) {
  return value == 0 ? 0 : 1 + sizeof(value);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_WIRE_FIELDS_H_
