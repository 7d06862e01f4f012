#include "tests/policy/random_policy.h"

#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/generators/condition_operators.h"

namespace glue_security {
namespace {

using Pool = std::vector<std::string>;

const Pool& Arns() {
  static const auto* const kPool =
      new Pool{"arn:aws:iam::123456789012:root",
               "arn:aws:iam::210987654321:root",
               "arn:aws-cn:iam::123456789012:root",
               "arn:aws:iam::123456789012:user/alice",
               "arn:aws:iam::123456789012:user/team/alice",
               "arn:aws:iam::123456789012:role/reader",
               "arn:aws:iam::123456789012:role/team/reader",
               "arn:aws:sts::123456789012:assumed-role/reader/s1",
               "arn:aws:sts::123456789012:assumed-role/reader/s2",
               "arn:aws:sts::210987654321:assumed-role/reader/s1",
               "arn:aws:sts::123456789012:federated-user/bob"};
  return *kPool;
}

const Pool& Ids() {
  static const auto* const kPool =
      new Pool{"AIDAAAAAAAAAAAAAAAAA", "AROAAAAAAAAAAAAAAAAA"};
  return *kPool;
}

const Pool& Actions() {
  static const auto* const kPool =
      new Pool{"glue:GetTable", "glue:GetTables", "GLUE:gettable",
               "glue:CreateTable", "s3:GetObject"};
  return *kPool;
}

const Pool& Resources() {
  static const auto* const kPool =
      new Pool{"arn:aws:glue:us-east-1:123456789012:catalog",
               "arn:aws:glue:us-east-1:123456789012:table/db/t",
               "arn:aws:glue:us-east-1:123456789012:table/db/alice",
               "arn:aws:glue:us-west-2:123456789012:table/db/t",
               "arn:aws:s3:::bucket/a:b",
               "arn:aws:glue:us-east-1:123456789012:table/\xC3\xA9/t"};
  return *kPool;
}

const Pool& Keys() {
  static const auto* const kPool = new Pool{
      "aws:username", "AWS:UserName", "aws:SourceIp", "k:number",   "k:date",
      "k:flag",       "k:bytes",      "k:arn",        "aws:TagKeys"};
  return *kPool;
}

// Values of every type, and values that are nearly of a type.
const Pool& Values() {
  static const auto* const kPool = new Pool{"alice",
                                            "Alice",
                                            "bob",
                                            "",
                                            "ali",
                                            "a*",
                                            "t",
                                            "\xC3\xA9",
                                            "1",
                                            "1.0",
                                            "10",
                                            "-1",
                                            "1e1",
                                            "01",
                                            "1.",
                                            "9007199254740993",
                                            "1e999",
                                            "2026",
                                            "2026-01",
                                            "2026-01-31",
                                            "2026-02-30",
                                            "2026-01-31T12:00:00Z",
                                            "2026-01-31T12:00:00.50Z",
                                            "2026-01-31T12:00:00.5Z",
                                            "2026-01-31T13:00+01:00",
                                            "1769860800",
                                            "2026-01-31t12:00:00Z",
                                            "2026-01-31T24:00:00Z",
                                            "2026-02-01T00:00:00Z",
                                            "true",
                                            "false",
                                            "True",
                                            "YWJj",
                                            "YWJjZA==",
                                            "YWJjZB==",
                                            "YWJjZA",
                                            "YW Jj",
                                            "203.0.113.7",
                                            "203.0.113.0/24",
                                            "203.0.113.128/25",
                                            "0.0.0.0/0",
                                            "203.0.113.07",
                                            "2001:db8::1",
                                            "2001:db8::/32",
                                            "::ffff:203.0.113.7",
                                            "2001:DB8:0::1/128",
                                            "203.0.113.7/33"};
  return *kPool;
}

const Pool& Operators() {
  static const auto* const kPool =
      new Pool(std::begin(kAllOperators), std::end(kAllOperators));
  return *kPool;
}

// Variables, some legal and some nearly so.
const Pool& Variables() {
  static const auto* const kPool = new Pool{"${aws:username}",
                                            "${k:arn}",
                                            "${AWS:USERNAME}",
                                            "${k:none, 't'}",
                                            "${aws:username, 'x}y'}",
                                            "${*}",
                                            "${?}",
                                            "${$}",
                                            "${",
                                            "${}",
                                            "${aws:username,'t'}",
                                            "${aws:TagKeys, 'd'}",
                                            "${k:none}"};
  return *kPool;
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
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

std::string RandomPolicy::PrincipalElement() {
  if (OneIn(4)) return "\"*\"";
  std::string element = "{";
  const auto add = [&](const char* kind, const std::string& value) {
    absl::StrAppend(&element, element.size() == 1 ? "" : ",", Quoted(kind), ":",
                    value);
  };
  if (!OneIn(6)) {
    add("AWS", OneOrList([&] {
          switch (Below(8)) {
            case 0:
              return Quoted(OneIn(2) ? "123456789012" : "210987654321");
            case 1:
              return Quoted(Pick(Ids()));
            case 2:
              return Quoted(OneIn(3) ? "*" : Pick(Arns()));
            default:
              return Quoted(Pick(Arns()));
          }
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

std::string RandomPolicy::ConditionValue(const std::string& op) {
  if (op == "Null") return OneIn(2) ? "\"true\"" : "false";
  if (OneIn(8)) return OneIn(2) ? "true" : "1.0";
  if (absl::StartsWith(op, "Arn")) {
    std::string text = Pattern(Pick(OneIn(2) ? Arns() : Resources()));
    if (OneIn(4))
      text = OneIn(2) ? Pick(Variables()) : text + Pick(Variables());
    return Quoted(text);
  }
  std::string text = Pick(Values());
  if (absl::StartsWith(op, "String")) {
    text = Pattern(text);
    if (OneIn(3)) absl::StrAppend(&text, Pick(Variables()));
  }
  return Quoted(text);
}

std::string RandomPolicy::ConditionBlock() {
  std::string block = "{";
  std::set<std::string> seen;
  for (size_t i = 1 + Below(2); i > 0; --i) {
    const std::string& base = Pick(Operators());
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
      const std::string& key = Pick(Keys());
      if (!keys.insert(absl::AsciiStrToLower(key)).second) continue;
      absl::StrAppend(&block, keys.size() == 1 ? "" : ",", Quoted(key), ":",
                      OneOrList([&] { return ConditionValue(base); }));
    }
    block += "}";
  }
  return block + "}";
}

std::string RandomPolicy::Statement(size_t index) {
  const bool deny = OneIn(2);
  // If the other elements match everything, the conditions decide.
  const bool has_conditions = !OneIn(3);
  const bool wide = has_conditions && !OneIn(3);
  std::string text = absl::StrCat(R"({"Sid":"s)", index, R"(","Effect":")",
                                  deny ? "Deny" : "Allow", "\",");
  const bool not_principal = !wide && deny && OneIn(3);
  absl::StrAppend(&text, not_principal ? "\"NotPrincipal\":" : "\"Principal\":",
                  wide ? "\"*\"" : PrincipalElement(), ",");
  absl::StrAppend(&text, !wide && OneIn(5) ? "\"NotAction\":" : "\"Action\":",
                  OneOrList([&] {
                    if (wide || OneIn(4)) return std::string("\"*\"");
                    return Quoted(ActionPattern(Pick(Actions())));
                  }),
                  ",");
  absl::StrAppend(
      &text,
      !wide && OneIn(5) ? "\"NotResource\":" : "\"Resource\":", OneOrList([&] {
        if (wide || OneIn(5)) return std::string("\"*\"");
        return Quoted(ResourceEntry());
      }));
  if (has_conditions) {
    absl::StrAppend(&text, ",\"Condition\":", ConditionBlock());
  }
  return text + "}";
}

std::string RandomPolicy::ResourceEntry() {
  std::string resource = Pattern(Pick(Resources()));
  if (!OneIn(5)) return resource;
  const size_t slash = resource.rfind('/');
  if (slash != std::string::npos) resource.resize(slash + 1);
  return resource + Pick(Variables());
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

AuthorizationRequest RandomPolicy::Request() {
  AuthorizationRequest request;
  Principal& principal = request.principal;
  switch (Below(8)) {
    case 0:
      principal.service = OneIn(2) ? "glue.amazonaws.com" : "s3.amazonaws.com";
      break;
    case 1:
      principal.federated = "cognito-identity.amazonaws.com";
      break;
    case 2:
      if (OneIn(2)) principal.canonical_user = "79a59d";
      break;
    default:
      // A role does not make requests itself.
      do {
        principal.arn = Pick(Arns());
      } while (absl::StrContains(principal.arn, ":role/"));
      if (absl::StrContains(principal.arn, "assumed-role/") && OneIn(2)) {
        principal.role_arn = OneIn(2)
                                 ? "arn:aws:iam::123456789012:role/reader"
                                 : "arn:aws:iam::123456789012:role/team/reader";
      }
  }
  if (OneIn(3)) principal.unique_id = Pick(Ids());
  request.action = Pick(Actions());
  request.resource =
      OneIn(20) ? (OneIn(2) ? "*" : "catalog") : Pick(Resources());
  for (size_t i = Below(5); i > 0; --i) {
    auto& values = request.context[Pick(Keys())];
    for (size_t k = OneIn(10) ? 0 : OneIn(3) ? 2 : 1; k > 0; --k) {
      values.push_back(ContextValue());
    }
  }
  return request;
}

}  // namespace glue_security
