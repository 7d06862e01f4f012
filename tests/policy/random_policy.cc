#include "tests/policy/random_policy.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "glue_security/policy/authorization.h"
#include "tests/policy/random_policy_pools.h"

namespace glue_security {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
}

// Returns the ARN of the role of a session: that of the session with a path and
// without the session's name.
std::string RoleOfSession(const std::string& session, const std::string& path) {
  const std::vector<std::string> parts = absl::StrSplit(session, '/');
  return absl::StrCat(absl::StrReplaceAll(parts[0], {{":sts:", ":iam:"},
                                                     {"assumed-role", "role"}}),
                      "/", path, parts[1]);
}

}  // namespace

std::string RandomPolicy::ActionPattern(const std::string& action) {
  // The vendor must not have wildcards.
  const size_t name = action.find(':') + 1;
  const std::string pattern = Pattern(action.substr(name));
  return absl::StrCat(action.substr(0, name), pattern.empty() ? "*" : pattern);
}

std::string RandomPolicy::Pattern(std::string text) {
  const size_t most = OneIn(4) ? 8 : 3;
  for (size_t changes = Below(most); changes > 0 && !text.empty(); --changes) {
    const size_t at = Below(text.size());
    // A character of several bytes is left whole.
    if (static_cast<unsigned char>(text[at]) >= 0x80) continue;
    switch (Below(6)) {
      case 0:
        text[at] = '*';
        break;
      case 1:
        text[at] = '?';
        break;
      case 2:
        text.insert(at, "*");
        break;
      case 3:
        if (static_cast<unsigned char>(text.back()) < 0x80) {
          text.replace(at, std::string::npos, "*");
        }
        break;
      case 4:
        text.insert(at, "?");
        break;
      default:
        text.erase(at, 1);
    }
  }
  return text;
}

template <typename Make>
std::string RandomPolicy::OneOrList(Make&& make) {
  if (OneIn(2)) return make();
  std::string list = "[";
  const size_t size = OneIn(10) ? 0 : 1 + Below(3);
  for (size_t i = 0; i < size; ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ",", make());
  }
  return list + "]";
}

std::string RandomPolicy::AwsEntry() {
  switch (Below(16)) {
    case 0:
    case 1:
      return OneIn(2) ? "123456789012" : "210987654321";
    case 2:
    case 3:
      return Pick(OneIn(2) ? UserIds() : RoleIds());
    case 4:
      return "*";
    default:
      return Pick(Arns());
  }
}

std::string RandomPolicy::Chain() {
  const std::string& arn = Pick(Arns());
  const bool is_session = absl::StrContains(arn, ":assumed-role/");
  std::vector<std::string> links;
  const auto add = [&](const std::string& link) {
    if (!OneIn(6)) links.push_back(Quoted(link));
  };
  const std::vector<std::string> fields = absl::StrSplit(arn, ':');
  add(OneIn(2) ? fields[4]
               : absl::StrCat("arn:", fields[1], ":iam::", fields[4], ":root"));
  if (is_session) {
    add(OneIn(2) ? Pick(RoleIds()) : RoleOfSession(arn, Pick(RolePaths())));
  }
  add(!is_session && OneIn(3) ? Pick(OneIn(3) ? RoleIds() : UserIds()) : arn);
  return absl::StrCat("[", absl::StrJoin(links, ","), "]");
}

std::string RandomPolicy::PrincipalElement(bool is_not) {
  if (OneIn(4)) return "\"*\"";
  std::string element = "{";
  const auto add = [&](const char* kind, const std::string& value) {
    absl::StrAppend(&element, element.size() == 1 ? "" : ",", Quoted(kind), ":",
                    value);
  };
  if (!OneIn(6)) {
    add("AWS", (is_not ? !OneIn(4) : OneIn(4)) ? Chain() : OneOrList([&] {
          return Quoted(AwsEntry());
        }));
  }
  if (OneIn(4)) {
    add("Service", OneOrList([&] {
          return Quoted(OneIn(2) ? "glue.amazonaws.com" : "s3.amazonaws.com");
        }));
  }
  if (OneIn(8)) add("Federated", Quoted("cognito-identity.amazonaws.com"));
  if (OneIn(8)) add("CanonicalUser", Quoted("79a59d"));
  return element + "}";
}

std::string RandomPolicy::VariableText() {
  std::string text = Pick(Variables());
  if (OneIn(4)) absl::StrAppend(&text, "/", Pick(Variables()));
  return text;
}

std::string RandomPolicy::RoleArnValue(const std::string& op) {
  std::string text = Pick(RoleArnValues());
  if (OneIn(4)) text = Pattern(text);
  if (absl::EndsWith(op, "IgnoreCase") && OneIn(2)) {
    absl::AsciiStrToUpper(&text);
  }
  if (OneIn(12)) absl::StrAppend(&text, VariableText());
  return Quoted(text);
}

std::string RandomPolicy::ConditionValue(const std::string& op,
                                         const std::string& key) {
  if (op == "Null") return OneIn(2) ? "\"true\"" : "false";
  if (absl::StartsWith(op, "Date") && !OneIn(8)) return Quoted(Pick(Dates()));
  if (OneIn(8)) return OneIn(2) ? "true" : "1.0";
  if (absl::EqualsIgnoreCase(key, "aws:PrincipalArn") && !OneIn(8)) {
    return RoleArnValue(op);
  }
  if (absl::StartsWith(op, "Arn")) {
    std::string text = Pattern(Pick(OneIn(2) ? Arns() : Resources()));
    if (OneIn(4)) {
      text = OneIn(2) ? VariableText() : text + VariableText();
    }
    return Quoted(text);
  }
  const bool is_principal_key =
      absl::StartsWithIgnoreCase(key, "aws:Principal") || key == "aws:userid";
  std::string text =
      Pick(is_principal_key && !OneIn(4) ? PrincipalValues() : Values());
  if (absl::StartsWith(op, "String")) {
    if (!is_principal_key || OneIn(4)) text = Pattern(text);
    if (OneIn(3)) absl::StrAppend(&text, VariableText());
  }
  return Quoted(text);
}

const std::string& RandomPolicy::Key() {
  return Pick(OneIn(6) ? PrincipalKeys() : Keys());
}

std::string RandomPolicy::ConditionBlock() {
  std::string block = "{";
  std::set<std::string> seen;
  for (size_t i = 1 + Below(2); i > 0; --i) {
    const bool about_arn = OneIn(4);
    const std::string& base =
        Pick(about_arn && !OneIn(6) ? TextOperators() : Operators());
    std::string op = base;
    if (OneIn(3)) {
      op = absl::StrCat(OneIn(2) ? "ForAllValues:" : "ForAnyValue:", op);
    }
    if (base != "Null" && OneIn(3)) absl::StrAppend(&op, "IfExists");
    if (!seen.insert(op).second) continue;
    absl::StrAppend(&block, block.size() == 1 ? "" : ",", Quoted(op), ":{");
    // Mostly one key, since more keys hold together less often.
    std::set<std::string> keys;
    for (size_t k = OneIn(12) ? 0 : OneIn(3) ? 2 + Below(2) : 1; k > 0; --k) {
      const std::string key =
          about_arn && keys.empty() ? std::string("aws:PrincipalArn") : Key();
      if (!keys.insert(absl::AsciiStrToLower(key)).second) continue;
      absl::StrAppend(&block, keys.size() == 1 ? "" : ",", Quoted(key), ":",
                      OneOrList([&] { return ConditionValue(base, key); }));
    }
    block += "}";
  }
  return block + "}";
}

std::string RandomPolicy::Statement(size_t index) {
  const bool deny = Below(5) < 2;
  // If the other elements match everything, the conditions decide.
  const bool has_conditions = !OneIn(3);
  const bool wide = has_conditions && !OneIn(4);
  std::string text = absl::StrCat(R"({"Sid":"s)", index, R"(","Effect":")",
                                  deny ? "Deny" : "Allow", "\",");
  const bool not_principal = !wide && deny && OneIn(3);
  absl::StrAppend(&text, not_principal ? "\"NotPrincipal\":" : "\"Principal\":",
                  wide ? "\"*\"" : PrincipalElement(not_principal), ",");
  absl::StrAppend(&text, !wide && OneIn(5) ? "\"NotAction\":" : "\"Action\":",
                  OneOrList([&] {
                    if (wide || OneIn(2)) return std::string("\"*\"");
                    return Quoted(ActionPattern(Pick(Actions())));
                  }),
                  ",");
  absl::StrAppend(
      &text,
      !wide && OneIn(5) ? "\"NotResource\":" : "\"Resource\":", OneOrList([&] {
        if (wide || OneIn(3)) return std::string("\"*\"");
        return Quoted(ResourceEntry());
      }));
  if (has_conditions) {
    absl::StrAppend(&text, ",\"Condition\":", ConditionBlock());
  }
  return text + "}";
}

std::string RandomPolicy::ResourceEntry() {
  std::string resource = OneIn(5) ? Pick(ResourceSets()) : Pick(Resources());
  if (!OneIn(5)) resource = Pattern(resource);
  if (!OneIn(5)) return resource;
  const size_t slash = resource.rfind('/');
  if (slash != std::string::npos) resource.resize(slash + 1);
  return resource + VariableText();
}

std::string RandomPolicy::Document() {
  std::string text = "{";
  switch (Below(4)) {
    case 0:
      break;
    case 1:
      text += R"("Version":"2008-10-17",)";
      break;
    default:
      text += R"("Version":"2012-10-17",)";
  }
  text += "\"Statement\":";
  if (OneIn(4)) return text + Statement(0) + "}";
  text += "[";
  const size_t size = 1 + Below(3);
  for (size_t i = 0; i < size; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", Statement(i));
  }
  return text + "]}";
}

std::string RandomPolicy::ContextValue() {
  if (OneIn(4)) return Pick(OneIn(2) ? Arns() : Resources());
  return Pick(Values());
}

Principal RandomPolicy::Caller() {
  Principal principal;
  switch (Below(32)) {
    case 0:
    case 1:
    case 2:
      principal.service = OneIn(2) ? "glue.amazonaws.com" : "s3.amazonaws.com";
      return principal;
    case 3:
    case 4:
      principal.federated = "cognito-identity.amazonaws.com";
      return principal;
    case 5:
      principal.canonical_user = "79a59d";
      return principal;
    case 6:
    case 7:
      return principal;  // Anonymous.
    case 8:
      principal.unique_id = Pick(OneIn(2) ? UserIds() : RoleIds());
      return principal;
    case 9:
      principal.service = "glue.amazonaws.com";
      break;
    default:
      break;
  }
  do {
    principal.arn = Pick(Arns());
    // Mostly sessions, whose facts are often unknown.
  } while (!absl::StrContains(principal.arn, ":assumed-role/") && OneIn(2));
  const bool is_session = absl::StrContains(principal.arn, ":assumed-role/");
  if (is_session && OneIn(2)) {
    principal.role_arn = RoleOfSession(principal.arn, Pick(RolePaths()));
  }
  if (OneIn(2)) {
    if (absl::StrContains(principal.arn, ":user/")) {
      principal.unique_id = Pick(UserIds());
    }
    if (is_session || absl::StrContains(principal.arn, ":role/")) {
      principal.unique_id = Pick(RoleIds());
    }
  }
  return principal;
}

void RandomPolicy::SetResource(AuthorizationRequest* request) {
  if (OneIn(20)) {
    request->resource = OneIn(2) ? "*" : "catalog";
    request->resource_is_set = OneIn(4);
  } else if (OneIn(4)) {
    request->resource = Pick(ResourceSets());
    request->resource_is_set = !OneIn(6);
  } else {
    request->resource = Pick(Resources());
    request->resource_is_set = OneIn(12);
  }
}

AuthorizationRequest RandomPolicy::Request() {
  AuthorizationRequest request;
  request.principal = Caller();
  request.action = Pick(Actions());
  SetResource(&request);
  for (size_t i = Below(5); i > 0; --i) {
    const std::string& key = Key();
    auto& values = request.context[key];
    const bool is_principal_key =
        absl::StartsWithIgnoreCase(key, "aws:Principal") || key == "aws:userid";
    for (size_t k = OneIn(10) ? 0 : OneIn(3) ? 2 : 1; k > 0; --k) {
      values.push_back(is_principal_key && !OneIn(4) ? Pick(PrincipalValues())
                                                     : ContextValue());
    }
  }
  if (OneIn(2)) {
    for (size_t i = 1 + Below(6); i > 0; --i) {
      request.unknown_keys.insert(OneIn(12) ? "k:none" : Key());
    }
  }
  request.other_keys_unknown = OneIn(4);
  if (OneIn(2)) AddPrincipalContext(&request);
  return request;
}

}  // namespace glue_security
