// Reads any bytes as a request and as an answer. The first byte of the input
// picks the operation (0: none), the rest is the body.
//
// Besides crashes it looks for contradictions with a second parser of JSON,
// with a second reading of the members, and with the codec's own output.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/protobuf/util/time_util.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/require.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;
using Json = nlohmann::json;

constexpr size_t kDepthMax = 1000;

// A body as the second parser reads it.
struct NaiveText {
  // Discarded when the library refuses the text, which it does for numbers
  // beyond the range of a double.
  Json value;
  bool has_repeated_keys = false;
};

size_t CountKeys(const Json& value) {
  size_t keys = value.is_object() ? value.size() : 0;
  if (value.is_structured()) {
    for (const Json& child : value) keys += CountKeys(child);
  }
  return keys;
}

NaiveText ReadText(absl::string_view text) {
  size_t keys = 0;
  NaiveText read;
  read.value = Json::parse(
      text.begin(), text.end(),
      [&keys](int /*depth*/, Json::parse_event_t event, Json& /*parsed*/) {
        if (event == Json::parse_event_t::key) ++keys;
        return true;
      },
      /*allow_exceptions=*/false);
  read.has_repeated_keys = CountKeys(read.value) != keys;
  return read;
}

// Returns the members of an accepted body as the codec would write them:
// without unknown and null members. Returns nullopt when a type is wrong.
std::optional<Json> NaiveMembers(const Json& object,
                                 const StructureSchema& structure);

std::optional<Json> NaiveMember(const Json& value, const MemberSchema& member) {
  switch (member.kind) {
    case MemberKind::kString:
    case MemberKind::kEnum:
      if (value.is_string()) return value;
      return std::nullopt;
    case MemberKind::kBoolean:
      if (value.is_boolean()) return value;
      return std::nullopt;
    case MemberKind::kInteger: {
      if (!value.is_number()) return std::nullopt;
      const auto number = value.get<double>();
      // Written as it was sent.
      if (number >= INT32_MAX + 1.0 || number <= INT32_MIN - 1.0) return value;
      return static_cast<int32_t>(number);
    }
    case MemberKind::kStructure:
      if (!value.is_object()) return std::nullopt;
      return NaiveMembers(value, *member.structure);
    case MemberKind::kList: {
      if (!value.is_array()) return std::nullopt;
      Json list = Json::array();
      for (const Json& element : value) {
        if (!element.is_object()) return std::nullopt;
        auto read = NaiveMembers(element, *member.structure);
        if (!read.has_value()) return std::nullopt;
        list.push_back(*std::move(read));
      }
      return list;
    }
    case MemberKind::kStringList: {
      if (!value.is_array()) return std::nullopt;
      for (const Json& element : value) {
        if (!element.is_string()) return std::nullopt;
      }
      return value;
    }
    case MemberKind::kMap: {
      if (!value.is_object()) return std::nullopt;
      Json map = Json::object();
      for (const auto& [key, element] : value.items()) {
        if (element.is_null()) continue;
        if (!element.is_string()) return std::nullopt;
        map[key] = element;
      }
      return map;
    }
    default:
      // No request contains a time or a map of structures.
      Require(false, "a request's members are of these kinds");
      return std::nullopt;
  }
}

std::optional<Json> NaiveMembers(const Json& object,
                                 const StructureSchema& structure) {
  Json members = Json::object();
  for (const MemberSchema& member : structure.members) {
    const auto found = object.find(member.name);
    if (found == object.end() || found->is_null()) continue;
    auto read = NaiveMember(*found, member);
    if (!read.has_value()) return std::nullopt;
    members[member.name] = *std::move(read);
  }
  return members;
}

// Returns true when the requests are equal. The order of the texts that are no
// values of their enums means nothing.
bool AreEqual(const v1::Request& a, const v1::Request& b) {
  MessageDifferencer differencer;
  differencer.TreatAsSet(v1::Request::descriptor()->FindFieldByNumber(
      v1::Request::kUnparsedValuesFieldNumber));
  return differencer.Compare(a, b);
}

void CheckRequest(const Behavior& behavior, Operation operation,
                  absl::string_view body, bool is_object) {
  const StructureSchema* const structure =
      ApiSchema::For(behavior).operation(operation).request;
  const std::string target =
      operation == kNoOperation
          ? "AWSGlue.None"
          : absl::StrCat("AWSGlue.", OperationName(operation));
  const auto decoded = DecodeRequest(target, body, behavior);
  const auto* error = std::get_if<FrontEndError>(&decoded);
  if (!is_object) {
    Require(error != nullptr && error->type == "SerializationException",
            "what is no JSON object is refused first");
    return;
  }
  if (structure == nullptr) {
    Require(error != nullptr && error->type == "UnknownOperationException",
            "an operation that nobody knows is told");
    return;
  }
  const NaiveText text = ReadText(body);
  std::optional<Json> naive;
  if (!text.value.is_discarded()) {
    naive = NaiveMembers(text.value, *structure);
    // When a key occurs twice and one value is wrong, one of the readings may
    // see only the other value.
    Require(naive.has_value() == (error == nullptr) ||
                (text.has_repeated_keys && error != nullptr),
            "both readings take the same members");
  }
  if (error != nullptr) {
    Require(error->type == "SerializationException",
            "nothing else can be wrong");
    return;
  }
  const auto& request = std::get<v1::Request>(decoded);
  const WireRequest written = EncodeRequest(request);
  Require(written.target == target, "the target is written as it was read");
  if (naive.has_value()) {
    Require(Json::parse(written.body) == *naive,
            "both readings see the same values");
  }
  const auto again = DecodeRequest(written.target, written.body, behavior);
  Require(std::holds_alternative<v1::Request>(again) &&
              AreEqual(std::get<v1::Request>(again), request),
          "what is written is read as what it was");
}

void CheckTimes(const v1::Response& response) {
  using google::protobuf::util::TimeUtil;
  const auto check = [](const google::protobuf::Timestamp& time) {
    Require(time.seconds() >= TimeUtil::kTimestampMinSeconds &&
                time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
                time.nanos() >= 0 && time.nanos() < 1'000'000'000,
            "a time is one that a Timestamp has");
  };
  check(response.get_resource_policy().create_time());
  check(response.get_resource_policy().update_time());
  check(response.create_security_configuration().created_timestamp());
  check(response.get_security_configuration()
            .security_configuration()
            .created_time_stamp());
  for (const auto& configuration :
       response.get_security_configurations().security_configurations()) {
    check(configuration.created_time_stamp());
  }
}

void CheckAnswer(Operation operation, int status, absl::string_view error_type,
                 absl::string_view body, bool is_object) {
  const auto read = DecodeResponse(operation, status, error_type, body);
  Require(is_object || !error_type.empty() || !read.ok(),
          "what is no JSON object is no answer");
  if (!read.ok() || !is_object) return;
  CheckTimes(*read);
  const WireResponse written = EncodeResponse(*read);
  Require(NaiveIsJsonObject(written.body, kDepthMax),
          "what is written is JSON");
  const auto again = DecodeResponse(operation, written.http_status,
                                    written.error_type, written.body);
  Require(again.ok() && MessageDifferencer::Equals(*again, *read),
          "an answer is read as what it was");
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  const size_t which = data[0] % (kAllOperations.size() + 1);
  const Operation operation =
      which == 0 ? kNoOperation : kAllOperations[which - 1];
  const absl::string_view body(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const bool is_object = NaiveIsJsonObject(body, kDepthMax);
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Current()}) {
    CheckRequest(behavior, operation, body, is_object);
  }
  if (operation == kNoOperation) return 0;
  CheckAnswer(operation, 200, "", body, is_object);
  CheckAnswer(operation, 400, "", body, is_object);
  CheckAnswer(operation, 400, "EntityNotFoundException", body, is_object);
  return 0;
}
