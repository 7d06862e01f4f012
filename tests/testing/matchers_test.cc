#include "glue_security/testing/matchers.h"

#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;

// Returns the matcher's explanation for a value.
template <typename Value, typename Matcher>
std::string Explain(const Value& value, const Matcher& matcher) {
  testing::StringMatchResultListener listener;
  testing::ExplainMatchResult(matcher, value, &listener);
  return listener.str();
}

v1::Error NotFound() {
  v1::Error error;
  error.set_code(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  error.set_message("Policy not found");
  return error;
}

TEST(MatchersTest, IsOk) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(3), IsOk());
  EXPECT_THAT(absl::NotFoundError("gone"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(absl::NotFoundError("gone")), Not(IsOk()));
  EXPECT_THAT(Explain(absl::NotFoundError("gone"), IsOk()), HasSubstr("gone"));
}

TEST(MatchersTest, IsOkAndHolds) {
  const absl::StatusOr<int> three = 3;
  EXPECT_THAT(three, IsOkAndHolds(3));
  EXPECT_THAT(three, IsOkAndHolds(testing::Gt(2)));
  EXPECT_THAT(three, Not(IsOkAndHolds(4)));
  const absl::StatusOr<int> none = absl::NotFoundError("gone");
  EXPECT_THAT(none, Not(IsOkAndHolds(3)));
  EXPECT_THAT(Explain(none, IsOkAndHolds(3)), HasSubstr("gone"));
}

TEST(MatchersTest, StatusIs) {
  const absl::Status gone = absl::NotFoundError("gone");
  EXPECT_THAT(gone, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(gone, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(gone, StatusIs(absl::StatusCode::kNotFound, "gone"));
  EXPECT_THAT(gone, StatusIs(absl::StatusCode::kNotFound, HasSubstr("on")));
  EXPECT_THAT(gone, Not(StatusIs(absl::StatusCode::kNotFound, "here")));
  EXPECT_THAT(gone, Not(StatusIs(absl::StatusCode::kAborted, "gone")));
  EXPECT_THAT(absl::StatusOr<int>(gone), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Explain(gone, StatusIs(absl::StatusCode::kAborted)),
              HasSubstr("gone"));
}

TEST(MatchersTest, HasErrorCode) {
  const auto matcher = HasErrorCode(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  EXPECT_THAT(NotFound(), matcher);
  EXPECT_THAT(ToStatus(NotFound()), matcher);
  EXPECT_THAT(absl::StatusOr<int>(ToStatus(NotFound())), matcher);
  v1::Response response;
  *response.mutable_error() = NotFound();
  EXPECT_THAT(response, matcher);

  EXPECT_THAT(NotFound(), Not(HasErrorCode(v1::ERROR_CODE_ALREADY_EXISTS)));
  EXPECT_THAT(absl::OkStatus(), Not(matcher));
  EXPECT_THAT(v1::Response(), Not(matcher));
  // A status with the right code that does not come from an API error.
  EXPECT_THAT(absl::NotFoundError("Policy not found"), Not(matcher));
  EXPECT_THAT(Explain(NotFound(), HasErrorCode(v1::ERROR_CODE_ALREADY_EXISTS)),
              HasSubstr("ERROR_CODE_ENTITY_NOT_FOUND: Policy not found"));
}

TEST(MatchersTest, EqualsProtoShowsTheDifferenceFieldByField) {
  v1::PutResourcePolicyResponse a;
  a.set_policy_hash("a");
  v1::PutResourcePolicyResponse b;
  b.set_policy_hash("b");
  EXPECT_THAT(a, EqualsProto(a));
  EXPECT_THAT(a, Not(EqualsProto(b)));
  EXPECT_THAT(Explain(b, EqualsProto(a)),
              HasSubstr("modified: policy_hash: \"a\" -> \"b\""));
  // An absent member differs from an empty one.
  v1::PutResourcePolicyResponse empty;
  empty.set_policy_hash("");
  EXPECT_THAT(empty, Not(EqualsProto(v1::PutResourcePolicyResponse())));
  // Messages of two types differ.
  EXPECT_THAT(v1::DeleteResourcePolicyResponse(),
              Not(EqualsProto(v1::PutResourcePolicyResponse())));
  const absl::StatusOr<v1::PutResourcePolicyResponse> held = a;
  EXPECT_THAT(held, IsOkAndHolds(EqualsProto(a)));
  EXPECT_THAT(held, Not(IsOkAndHolds(EqualsProto(b))));
}

}  // namespace
}  // namespace glue_security
