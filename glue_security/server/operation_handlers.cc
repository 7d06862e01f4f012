#include "glue_security/server/operation_handlers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/http/plain_text.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

constexpr size_t kTargetBytesMax = 256;

bool IsName(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

bool IsTarget(absl::string_view text) {
  const size_t dot = text.find('.');
  return text.size() <= kTargetBytesMax && dot != absl::string_view::npos &&
         IsName(text.substr(0, dot)) && IsName(text.substr(dot + 1));
}

bool IsOfBackend(absl::string_view target) {
  return absl::ConsumePrefix(&target, kGlueTargetPrefix) &&
         std::any_of(kAllOperations.begin(), kAllOperations.end(),
                     [target](Operation operation) {
                       return OperationName(operation) == target;
                     });
}

}  // namespace

OperationAnswer OperationAnswer::Json(std::string json) {
  OperationAnswer answer;
  answer.body = std::move(json);
  return answer;
}

OperationAnswer OperationAnswer::Error(absl::string_view type,
                                       absl::string_view message, int status) {
  OperationAnswer answer;
  answer.status = status;
  answer.error_type = std::string(type);
  answer.body = "{\"__type\":";
  AppendJsonString(type, &answer.body);
  answer.body += ",\"Message\":";
  AppendJsonString(message, &answer.body);
  answer.body.push_back('}');
  return answer;
}

absl::Status OperationHandlers::Add(absl::string_view target,
                                    OperationFunction function,
                                    absl::string_view service) {
  if (!IsTarget(target)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", PlainText(target),
                     "' is not a target: write SERVICE.OPERATION, as in "
                     "AWSGlue.GetDatabase"));
  }
  if (IsOfBackend(target)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the backend answers ", target));
  }
  if (!function || service.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(target, " needs a function and a service"));
  }
  if (Find(target) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat(target, " has a function"));
  }
  entries_.emplace(std::string(target),
                   Entry{std::move(function), std::string(service)});
  return absl::OkStatus();
}

const OperationHandlers::Entry* OperationHandlers::Find(
    absl::string_view target) const {
  const auto found = entries_.find(target);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace glue_security
