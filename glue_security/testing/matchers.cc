#include "glue_security/testing/matchers.h"

#include "absl/strings/str_cat.h"
#include "glue_security/model/error.h"
#include "google/protobuf/util/message_differencer.h"

namespace glue_security {
namespace matchers_internal {

std::optional<v1::Error> ErrorIn(const v1::Error& error) { return error; }

std::optional<v1::Error> ErrorIn(const v1::Response& response) {
  if (!response.has_error()) return std::nullopt;
  return response.error();
}

std::optional<v1::Error> ErrorIn(const absl::Status& status) {
  return ErrorFromStatus(status);
}

std::string DiffProto(const google::protobuf::Message& expected,
                      const google::protobuf::Message& actual) {
  // Messages of different types cannot be compared at all.
  if (expected.GetDescriptor() != actual.GetDescriptor()) {
    return absl::StrCat("is a ", actual.GetDescriptor()->full_name(),
                        ", not a ", expected.GetDescriptor()->full_name(),
                        "\n");
  }
  std::string diff;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&diff);
  return differencer.Compare(expected, actual) ? "" : diff;
}

EqualsProtoMatcher::EqualsProtoMatcher(
    const google::protobuf::Message& expected) {
  std::shared_ptr<google::protobuf::Message> copy(expected.New());
  copy->CopyFrom(expected);
  expected_ = std::move(copy);
}

bool EqualsProtoMatcher::MatchAndExplain(
    const google::protobuf::Message& actual, std::ostream* os) const {
  const std::string diff = DiffProto(*expected_, actual);
  if (diff.empty()) return true;
  if (os != nullptr) *os << "\n" << diff;
  return false;
}

void EqualsProtoMatcher::DescribeTo(std::ostream* os) const {
  *os << "equals " << expected_->ShortDebugString();
}

void EqualsProtoMatcher::DescribeNegationTo(std::ostream* os) const {
  *os << "differs from " << expected_->ShortDebugString();
}

}  // namespace matchers_internal
}  // namespace glue_security
