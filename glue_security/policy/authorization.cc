#include "glue_security/policy/authorization.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"

namespace glue_security {
namespace {

bool IsAnonymous(const Principal& principal) {
  return principal.arn.empty() && principal.role_arn.empty() &&
         principal.unique_id.empty() && principal.service.empty() &&
         principal.federated.empty() && principal.canonical_user.empty();
}

// Adds the keys that follow from a principal.
class PrincipalKeys {
 public:
  explicit PrincipalKeys(AuthorizationRequest* request)
      : request_(*request),
        principal_(request->principal),
        arn_(ParsePrincipalArn(principal_.arn)) {}

  void Add() {
    const bool is_service = !principal_.service.empty();
    if (is_service) {
      Give("aws:PrincipalServiceName", principal_.service);
      Give("aws:PrincipalIsAWSService", "true");
    } else {
      AddAbsent("aws:PrincipalServiceName");
    }
    if (arn_.has_value()) {
      if (!is_service) Give("aws:PrincipalIsAWSService", "false");
      Give("aws:PrincipalAccount", arn_->account);
      AddOfKind();
    } else if (IsAnonymous(principal_)) {
      AddAbsent("aws:PrincipalArn");
      Give("aws:PrincipalAccount", "anonymous");
      Give("aws:PrincipalType", "Anonymous");
      AddAbsent("aws:username");
      Give("aws:userid", "anonymous");
    } else if (is_service) {
      AddAbsent("aws:PrincipalArn");
      AddAbsent("aws:PrincipalAccount");
      AddUnknown("aws:PrincipalType");
      AddAbsent("aws:username");
      AddUnknown("aws:userid");
    } else {
      for (const char* const key :
           {"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType",
            "aws:username", "aws:userid"}) {
        AddUnknown(key);
      }
    }
  }

 private:
  void AddOfKind() {
    const std::string& id = principal_.unique_id;
    switch (arn_->kind) {
      case PrincipalArn::Kind::kRoot:
        Give("aws:PrincipalArn", principal_.arn);
        Give("aws:PrincipalType", "Account");
        AddAbsent("aws:username");
        Give("aws:userid", arn_->account);
        break;
      case PrincipalArn::Kind::kUser:
        Give("aws:PrincipalArn", principal_.arn);
        Give("aws:PrincipalType", "User");
        Give("aws:username", arn_->name);
        GiveIfKnown("aws:userid", id);
        break;
      case PrincipalArn::Kind::kRole:
        Give("aws:PrincipalArn", principal_.arn);
        AddUnknown("aws:PrincipalType");
        AddAbsent("aws:username");
        AddUnknown("aws:userid");
        break;
      case PrincipalArn::Kind::kAssumedRole:
        // The key has the role's ARN, not the session's.
        GiveIfKnown("aws:PrincipalArn",
                    IsRoleOfSession(principal_.role_arn, *arn_)
                        ? principal_.role_arn
                        : "");
        Give("aws:PrincipalType", "AssumedRole");
        AddAbsent("aws:username");
        GiveIfKnown("aws:userid",
                    id.empty() ? "" : absl::StrCat(id, ":", arn_->session));
        break;
      case PrincipalArn::Kind::kFederatedUser:
        Give("aws:PrincipalArn", principal_.arn);
        Give("aws:PrincipalType", "FederatedUser");
        AddAbsent("aws:username");
        Give("aws:userid", absl::StrCat(arn_->account, ":", arn_->name));
        break;
    }
  }

  bool IsOpen(const char* key) const {
    return request_.context.count(key) == 0 &&
           request_.unknown_keys.count(key) == 0;
  }
  void Give(const char* key, absl::string_view value) {
    if (!IsOpen(key)) return;
    request_.context[key] = {std::string(value.data(), value.size())};
  }
  // Takes empty text as unknown.
  void GiveIfKnown(const char* key, absl::string_view value) {
    if (value.empty()) {
      AddUnknown(key);
    } else {
      Give(key, value);
    }
  }
  void AddAbsent(const char* key) {
    if (IsOpen(key)) request_.context[key];
  }
  void AddUnknown(const char* key) {
    if (IsOpen(key)) request_.unknown_keys.insert(key);
  }

  AuthorizationRequest& request_;
  const Principal& principal_;
  const std::optional<PrincipalArn> arn_;
};

}  // namespace

bool AsciiCaseLess::operator()(const std::string& a,
                               const std::string& b) const {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return absl::ascii_tolower(static_cast<unsigned char>(x)) <
               absl::ascii_tolower(static_cast<unsigned char>(y));
      });
}

Principal PrincipalFromArn(absl::string_view arn) {
  Principal principal;
  principal.arn = std::string(arn.data(), arn.size());
  return principal;
}

Principal PrincipalOf(const Caller& caller) {
  Principal principal = PrincipalFromArn(caller.principal_arn);
  principal.role_arn = caller.role_arn;
  principal.unique_id = caller.unique_id;
  return principal;
}

void AddPrincipalContext(AuthorizationRequest* request) {
  PrincipalKeys(request).Add();
}

}  // namespace glue_security
