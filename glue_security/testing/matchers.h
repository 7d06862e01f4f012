// GoogleTest matchers for statuses, the errors of the API, and messages.
//
//   EXPECT_THAT(engine.DeleteResourcePolicy(caller, request), IsOk());
//   EXPECT_THAT(engine.GetResourcePolicy(caller, {}),
//               HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND));
//   EXPECT_THAT(engine.GetSecurityConfiguration(caller, request),
//               IsOkAndHolds(EqualsProto(expected)));
//
// A message that differs is shown field by field:
//
//   modified: policy_hash: "jjkQ..." -> "47DE..."

#ifndef GLUE_SECURITY_TESTING_MATCHERS_H_
#define GLUE_SECURITY_TESTING_MATCHERS_H_

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"

namespace glue_security {
namespace matchers_internal {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// Returns the API's error in an answer of any kind; nullopt when there is none.
std::optional<v1::Error> ErrorIn(const v1::Error& error);
std::optional<v1::Error> ErrorIn(const v1::Response& response);
std::optional<v1::Error> ErrorIn(const absl::Status& status);
template <typename T>
std::optional<v1::Error> ErrorIn(const absl::StatusOr<T>& status_or) {
  return ErrorIn(status_or.status());
}

// Returns the differences of `actual` from `expected`, one a line; empty: none.
std::string DiffProto(const google::protobuf::Message& expected,
                      const google::protobuf::Message& actual);

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}

  template <typename StatusOr>
  operator testing::Matcher<StatusOr>() const {  // NOLINT: as gmock does.
    return testing::Matcher<StatusOr>(new Impl<StatusOr>(inner_));
  }

 private:
  template <typename StatusOr>
  class Impl : public testing::MatcherInterface<StatusOr> {
   public:
    using Value = typename std::decay_t<StatusOr>::value_type;

    explicit Impl(const Inner& inner)
        : inner_(testing::SafeMatcherCast<const Value&>(inner)) {}

    void DescribeTo(std::ostream* os) const override {
      *os << "is OK and holds a value that ";
      inner_.DescribeTo(os);
    }
    void DescribeNegationTo(std::ostream* os) const override {
      *os << "is not OK or holds a value that ";
      inner_.DescribeNegationTo(os);
    }
    bool MatchAndExplain(
        StatusOr actual,
        testing::MatchResultListener* listener) const override {
      if (!actual.ok()) {
        *listener << "which is " << actual.status();
        return false;
      }
      return inner_.MatchAndExplain(*actual, listener);
    }

   private:
    const testing::Matcher<const Value&> inner_;
  };

  const Inner inner_;
};

class EqualsProtoMatcher {
 public:
  using is_gtest_matcher = void;

  explicit EqualsProtoMatcher(const google::protobuf::Message& expected);

  bool MatchAndExplain(const google::protobuf::Message& actual,
                       std::ostream* os) const;
  void DescribeTo(std::ostream* os) const;
  void DescribeNegationTo(std::ostream* os) const;

 private:
  std::shared_ptr<const google::protobuf::Message> expected_;
};

}  // namespace matchers_internal

// Matches a status, or a StatusOr, that is OK.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = matchers_internal::StatusOf(arg);
  if (status.ok()) return true;
  *result_listener << "which is " << status;
  return false;
}

// Matches a StatusOr that is OK and whose value matches `inner`, a value or a
// matcher.
template <typename Inner>
auto IsOkAndHolds(Inner inner) {
  return matchers_internal::IsOkAndHoldsMatcher<Inner>(std::move(inner));
}

// Matches a status, or a StatusOr, with the code `code`.
MATCHER_P(StatusIs, code,
          std::string(negation ? "has another code than " : "has the code ") +
              absl::StatusCodeToString(code)) {
  const absl::Status& status = matchers_internal::StatusOf(arg);
  *result_listener << "which is " << status;
  return status.code() == code;
}

// Matches a status, or a StatusOr, with the code `code` and a message that
// matches `message`, a text or a matcher.
MATCHER_P2(StatusIs, code, message,
           std::string(negation ? "has another code than " : "has the code ") +
               absl::StatusCodeToString(code) + " and a message that " +
               testing::DescribeMatcher<std::string>(message)) {
  const absl::Status& status = matchers_internal::StatusOf(arg);
  *result_listener << "which is " << status;
  return status.code() == code &&
         testing::Matches(message)(std::string(status.message()));
}

// Matches an answer that is the API's error `code`: a status, a StatusOr, an
// error or a whole response.
MATCHER_P(HasErrorCode, code,
          std::string(negation ? "is another answer than " : "is the error ") +
              v1::ErrorCode_Name(code)) {
  const std::optional<v1::Error> error = matchers_internal::ErrorIn(arg);
  if (!error.has_value()) {
    *result_listener << "which is not an error of the API";
    return false;
  }
  *result_listener << "which is " << v1::ErrorCode_Name(error->code()) << ": "
                   << error->message();
  return error->code() == code;
}

// Matches a message that has the same fields with the same values.
inline matchers_internal::EqualsProtoMatcher EqualsProto(
    const google::protobuf::Message& expected) {
  return matchers_internal::EqualsProtoMatcher(expected);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_MATCHERS_H_
