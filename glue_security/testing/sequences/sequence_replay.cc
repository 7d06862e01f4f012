#include "glue_security/testing/sequences/sequence_replay.h"

#include "absl/strings/str_cat.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/testing/sequences/sequence_report.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/text_format.h"

namespace glue_security {

using google::protobuf::TextFormat;

SequenceReplay::SequenceReplay(const BackendFactory& factory,
                               const Behavior& behavior, const Limits& limits,
                               absl::Time start, const AnswerRules& rules)
    : clock_(start),
      tested_(factory({behavior, limits, &clock_})),
      translation_(rules) {
  if (!rules.honours_clock && rules.shows_times) own_clock_.emplace();
}

std::string SequenceReplay::Call(absl::Duration moved, const Caller& caller,
                                 const std::string& request,
                                 const std::string& expected) {
  clock_.Advance(moved);
  if (own_clock_.has_value()) own_clock_->Pass(moved);
  ++calls_;
  v1::Request parsed_request;
  v1::Response parsed_expected;
  if (!TextFormat::ParseFromString(request, &parsed_request)) {
    return absl::StrCat("no request: ", request);
  }
  if (!TextFormat::ParseFromString(expected, &parsed_expected)) {
    return absl::StrCat("no response: ", expected);
  }
  const auto found = tokens_.find(NextTokenOf(parsed_request));
  if (found != tokens_.end()) {
    ExchangeNextToken(found->second, &parsed_request);
  }
  translation_.ToBackend(caller, &parsed_request);
  v1::Response answer = tested_.backend->Execute(caller, parsed_request);
  if (own_clock_.has_value()) own_clock_->Coarsen(&answer);
  if (!NextTokenOf(answer).empty()) {
    tokens_[TokenOfCall(calls_)] = NextTokenOf(answer);
  }
  translation_.Learn(calls_, caller, parsed_request, parsed_expected, &answer);
  return FirstDifference(answer, parsed_expected,
                         !parsed_expected.error().message().empty());
}

}  // namespace glue_security
