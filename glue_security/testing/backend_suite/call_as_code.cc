#include "glue_security/testing/backend_suite/call_as_code.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/setting.h"
#include "google/protobuf/text_format.h"
#include "simdjson.h"

namespace glue_security {
namespace {

using conformance_internal::OneLine;
using conformance_internal::Summary;

const google::protobuf::Message& InnerOf(
    const google::protobuf::Message& envelope, int field_number) {
  return envelope.GetReflection()->GetMessage(
      envelope, envelope.GetDescriptor()->FindFieldByNumber(field_number));
}

// --- The wire

// Returns why a call cannot be made over HTTP; "": it can.
std::string WhyNotOnTheWire(const BackendCall& call) {
  if (call.request.operation_case() == kNoOperation) {
    return "a request without an operation is not possible over HTTP";
  }
  const std::string body = EncodeRequest(call.request).body;
  if (!simdjson::validate_utf8(body.data(), body.size())) {
    return absl::StrCat(
        OperationName(call.request.operation_case()), " ",
        OneLine(InnerOf(call.request, call.request.operation_case())),
        " is not UTF-8, so it is not possible over HTTP");
  }
  return "";
}

// "PutResourcePolicy" -> "put_resource_policy".
std::string SnakeCase(absl::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isupper(byte) && !text.empty()) text += '_';
    text += absl::ascii_tolower(byte);
  }
  return text;
}

std::string ShellText(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string PythonText(absl::string_view text) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// Returns how the backend is set up, as comments that begin with `mark`.
std::string SettingsAsComments(const BackendCalls& calls,
                               absl::string_view mark) {
  std::string text =
      absl::StrCat(mark, " on a new backend, preset ", calls.preset, "\n");
  for (const std::string& setting : calls.settings) {
    absl::StrAppend(&text, mark, " with ", setting, "\n");
  }
  return text;
}

// Returns a comment that begins with `mark`, or `sleep`, whose "$0" stands for
// the seconds to wait for a clock that cannot be moved.
std::string MoveAsCode(const BackendCall& call, bool own_clock,
                       absl::string_view mark, absl::string_view sleep) {
  if (call.clock_move == absl::ZeroDuration()) return "";
  if (!own_clock) {
    return absl::StrCat(mark, "the clock moves by ",
                        absl::FormatDuration(call.clock_move), "\n");
  }
  if (call.clock_move < absl::ZeroDuration()) return "";
  return absl::StrCat(
      absl::Substitute(sleep, absl::ToDoubleSeconds(call.clock_move)), "\n");
}

// --- The endpoint

using Headers = std::vector<std::pair<std::string, std::string>>;

// The time of a new backend, as in the checks.
absl::Time Start() { return absl::FromUnixMillis(1'600'000'000'123); }

// A request beside the API.
struct ControlRequest {
  const char* method;
  std::string path;
  std::string body;
};

std::string ControlUrl(const BackendEndpoint& endpoint,
                       const ControlRequest& request) {
  return absl::StrCat(absl::StripSuffix(endpoint.url, "/"), request.path);
}

// Returns true when the kit's clock is set at the endpoint.
bool SetsClock(const BackendCalls& calls, const BackendEndpoint& endpoint) {
  return !calls.own_clock && !endpoint.clock_path.empty();
}

ControlRequest ClockAt(absl::Time time, const BackendEndpoint& endpoint) {
  return {"PUT", endpoint.clock_path,
          absl::StrCat(R"({"now":")",
                       absl::FormatTime("%E4Y-%m-%d%ET%H:%M:%E*S%Ez", time,
                                        absl::UTCTimeZone()),
                       R"(","frozen":true})")};
}

// Returns the requests that make the endpoint a new backend.
std::vector<ControlRequest> BeforeCalls(const BackendCalls& calls,
                                        const BackendEndpoint& endpoint) {
  std::vector<ControlRequest> requests;
  if (!endpoint.reset_path.empty()) {
    requests.push_back(
        {"POST", endpoint.reset_path,
         endpoint.reset_takes_settings ? SettingsAsJson(calls.ran_with) : ""});
  }
  if (SetsClock(calls, endpoint)) {
    requests.push_back(ClockAt(Start(), endpoint));
  }
  return requests;
}

// Returns the headers of a call beside those of the protocol, as `HttpBackend`
// sends them.
Headers HeadersOf(const BackendEndpoint& endpoint,
                  const std::string& account_id) {
  Headers headers;
  for (const auto& header : endpoint.headers) {
    if (!absl::EqualsIgnoreCase(header.first, endpoint.account_header)) {
      headers.push_back(header);
    }
  }
  if (!endpoint.account_header.empty()) {
    headers.emplace_back(endpoint.account_header, account_id);
  }
  return headers;
}

std::string HeadersAsShell(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) {
    // curl takes a colon without a value for the wish to leave the header out.
    const std::string header =
        value.empty() ? name + ";" : absl::StrCat(name, ": ", value);
    absl::StrAppend(&text, " -H ", ShellText(header));
  }
  return text;
}

// Returns the imports and functions in front of the calls.
std::string Boto3Head(const BackendCalls& calls,
                      const BackendEndpoint& endpoint, bool has_control) {
  std::string text =
      absl::StrCat("import json\n", calls.own_clock ? "import time\n" : "",
                   has_control ? "import urllib.request\n" : "",
                   "import boto3\n"
                   "from botocore.config import Config\n"
                   "from botocore.exceptions import ClientError\n\n");
  if (has_control) {
    absl::StrAppend(
        &text,
        "def control(method, url, body):\n"
        "    request = urllib.request.Request(url, body.encode(), "
        "method=method)\n"
        "    if body:\n"
        "        request.add_header('Content-Type', 'application/json')\n");
    for (const auto& [name, value] : endpoint.headers) {
      absl::StrAppend(&text, "    request.add_header(", PythonText(name), ", ",
                      PythonText(value), ")\n");
    }
    absl::StrAppend(&text, "    urllib.request.urlopen(request).close()\n\n");
  }
  absl::StrAppend(&text,
                  "def call(account, region, operation, members):\n"
                  "    glue = boto3.client('glue', endpoint_url=",
                  PythonText(endpoint.url),
                  ", region_name=region,\n"
                  "        aws_access_key_id=",
                  endpoint.access_key_id.empty()
                      ? "account"
                      : PythonText(endpoint.access_key_id),
                  ", aws_secret_access_key='x',\n"
                  "        config=Config(parameter_validation=False))\n");
  const Headers headers = HeadersOf(endpoint, "");
  if (!headers.empty()) {
    absl::StrAppend(&text, "    def add_headers(request, **others):\n");
    for (const auto& [name, value] : headers) {
      const bool is_account = name == endpoint.account_header;
      absl::StrAppend(&text, "        request.headers.add_header(",
                      PythonText(name), ", ",
                      is_account ? "account" : PythonText(value), ")\n");
    }
    absl::StrAppend(
        &text,
        "    glue.meta.events.register('before-sign.glue', add_headers)\n");
  }
  return absl::StrCat(text,
                      "    try:\n"
                      "        print(getattr(glue, operation)"
                      "(**json.loads(members)))\n"
                      "    except ClientError as error:\n"
                      "        print(error)\n\n",
                      SettingsAsComments(calls, "#"));
}

// --- C++

std::string CppText(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text), "\"");
}

std::string CppOf(const Caller& caller) {
  std::vector<std::string> members = {CppText(caller.account_id),
                                      CppText(caller.region)};
  for (const std::string& text : {caller.principal_arn, caller.partition,
                                  caller.role_arn, caller.unique_id}) {
    members.push_back(CppText(text));
  }
  while (members.size() > 3 && members.back() == "\"\"") members.pop_back();
  return absl::StrCat("{", absl::StrJoin(members, ", "), "}");
}

std::string CppOf(const v1::Request& request) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  (void)printer.PrintToString(request, &text);
  std::string end = "pb";
  while (absl::StrContains(text, absl::StrCat(")", end, "\""))) end += "_";
  return absl::StrCat("R\"", end, "(", absl::StripTrailingAsciiWhitespace(text),
                      ")", end, "\"");
}

}  // namespace

std::string CallAsText(const BackendCall& call, bool own_clock) {
  std::string text = MoveAsCode(call, own_clock, "", "$0s pass");
  const Operation operation = call.request.operation_case();
  const Caller usual{"123456789012", "us-east-1", ""};
  if (!(call.caller == usual)) {
    absl::StrAppend(&text, call.caller.account_id, " in ", call.caller.region);
    if (!call.caller.principal_arn.empty()) {
      absl::StrAppend(&text, " as ", call.caller.principal_arn);
    }
    absl::StrAppend(&text, ": ");
  }
  if (operation == kNoOperation) {
    absl::StrAppend(&text, "a request without an operation");
  } else {
    absl::StrAppend(&text, OperationName(operation), " ",
                    OneLine(InnerOf(call.request, operation)));
  }
  for (const v1::UnparsedValue& unparsed : call.request.unparsed_values()) {
    absl::StrAppend(&text, " with ", unparsed.path(), " \"", unparsed.text(),
                    "\"");
  }
  return absl::StrCat(text, "\n  -> ", Summary(call.response), "\n");
}

std::string CallsAsCpp(const BackendCalls& calls) {
  std::string text = absl::StrCat(
      "// `target` is that of the suite. Includes: <iostream>, \"absl/time/",
      calls.own_clock ? "clock.h\"" : "time.h\"",
      calls.own_clock ? "" : ", \"glue_security/backend/fake_clock.h\"",
      ", \"google/protobuf/text_format.h\"\n"
      "BackendSetup setup;\nsetup.behavior = Behavior::",
      calls.preset, "();\n");
  for (const std::string& setting : calls.settings) {
    absl::StrAppend(&text, "setup.", setting, ";\n");
  }
  if (!calls.own_clock) {
    absl::StrAppend(
        &text,
        "FakeClock clock(absl::FromUnixMillis(1'600'000'000'123));\n"
        "setup.clock = &clock;\n");
  }
  absl::StrAppend(
      &text,
      "TestedBackend tested = target.create(setup);\n"
      "const auto call = [&](const Caller& caller, const char* text) {\n"
      "  v1::Request request;\n"
      "  google::protobuf::TextFormat::ParseFromString(text, &request);\n"
      "  std::cout << tested.backend->Execute(caller, request)"
      ".ShortDebugString() << \"\\n\";\n"
      "};\n");
  for (const BackendCall& call : calls.calls) {
    const bool can_sleep = call.clock_move > absl::ZeroDuration();
    if (calls.own_clock ? can_sleep : call.clock_move != absl::ZeroDuration()) {
      absl::StrAppend(&text,
                      calls.own_clock ? "absl::SleepFor" : "clock.Advance",
                      "(absl::Microseconds(",
                      absl::ToInt64Microseconds(call.clock_move), "));\n");
    }
    absl::StrAppend(&text, "call(", CppOf(call.caller), ", ",
                    CppOf(call.request), ");\n");
  }
  return text;
}

std::string CallsAsCurl(const BackendCalls& calls,
                        const BackendEndpoint& endpoint) {
  std::string text = SettingsAsComments(calls, "#");
  const auto control = [&](const ControlRequest& request) {
    absl::StrAppend(&text, "curl -s -w '\\n' -X ", request.method, " ",
                    ShellText(ControlUrl(endpoint, request)),
                    HeadersAsShell(endpoint.headers),
                    request.body.empty()
                        ? " -H 'Content-Length: 0'"
                        : absl::StrCat(" -H 'Content-Type: application/json' "
                                       "--data-binary ",
                                       ShellText(request.body)),
                    "\n");
  };
  absl::Time now = Start();
  for (const auto& request : BeforeCalls(calls, endpoint)) control(request);
  for (const BackendCall& call : calls.calls) {
    now += call.clock_move;
    if (SetsClock(calls, endpoint)) {
      if (call.clock_move != absl::ZeroDuration()) {
        control(ClockAt(now, endpoint));
      }
    } else {
      absl::StrAppend(&text,
                      MoveAsCode(call, calls.own_clock, "# ", "sleep $0"));
    }
    const std::string why_not = WhyNotOnTheWire(call);
    if (!why_not.empty()) {
      absl::StrAppend(&text, "# ", why_not, "\n");
      continue;
    }
    const WireRequest wire = EncodeRequest(call.request);
    absl::StrAppend(
        &text, "curl -s -w '\\n' ", ShellText(endpoint.url),
        " -H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: ",
        wire.target, "' -H 'X-Amz-Date: 20200913T122640Z' -H ",
        ShellText(absl::StrCat(
            "Authorization: AWS4-HMAC-SHA256 Credential=",
            endpoint.access_key_id.empty() ? call.caller.account_id
                                           : endpoint.access_key_id,
            "/20200913/", call.caller.region,
            "/glue/aws4_request, SignedHeaders=host;x-amz-date, Signature=",
            std::string(64, '0'))),
        HeadersAsShell(HeadersOf(endpoint, call.caller.account_id)),
        " --data-binary ", ShellText(wire.body), "\n");
  }
  return text;
}

std::string CallsAsBoto3(const BackendCalls& calls,
                         const BackendEndpoint& endpoint) {
  const std::vector<ControlRequest> before = BeforeCalls(calls, endpoint);
  std::string text = Boto3Head(calls, endpoint, !before.empty());
  const auto control = [&](const ControlRequest& request) {
    absl::StrAppend(&text, "control('", request.method, "', ",
                    PythonText(ControlUrl(endpoint, request)), ", ",
                    PythonText(request.body), ")\n");
  };
  absl::Time now = Start();
  for (const ControlRequest& request : before) control(request);
  for (const BackendCall& call : calls.calls) {
    now += call.clock_move;
    if (SetsClock(calls, endpoint)) {
      if (call.clock_move != absl::ZeroDuration()) {
        control(ClockAt(now, endpoint));
      }
    } else {
      absl::StrAppend(
          &text, MoveAsCode(call, calls.own_clock, "# ", "time.sleep($0)"));
    }
    const std::string why_not = WhyNotOnTheWire(call);
    if (!why_not.empty()) {
      absl::StrAppend(&text, "# ", why_not, "\n");
      continue;
    }
    absl::StrAppend(
        &text, "call(", PythonText(call.caller.account_id), ", ",
        PythonText(call.caller.region), ", ",
        PythonText(SnakeCase(OperationName(call.request.operation_case()))),
        ", ", PythonText(EncodeRequest(call.request).body), ")\n");
  }
  return text;
}

namespace conformance_internal {

std::string OneLine(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  (void)printer.PrintToString(message, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return absl::StrCat("{", text, "}");
}

std::string CodeText(v1::ErrorCode code) {
  const absl::string_view name = ErrorCodeName(code);
  return name.empty() ? absl::StrCat("error code ", code) : std::string(name);
}

std::vector<std::string> ViolationsOf(const v1::Response& response) {
  std::vector<std::string> violations;
  for (const v1::Violation& violation : response.error().violations()) {
    const std::string name =
        v1::Violation::Constraint_Name(violation.constraint());
    violations.push_back(absl::StrCat(violation.path(), " ",
                                      absl::StripPrefix(name, "CONSTRAINT_")));
  }
  return violations;
}

bool TellsOf(const v1::Response& response,
             const std::vector<std::string>& violations) {
  constexpr std::pair<const char*, const char*> kWords[] = {
      {"REQUIRED", "Member must not be null"},
      {"LENGTH_MIN", "Member must have length greater than"},
      {"LENGTH_MAX", "Member must have length less than"},
      {"PATTERN", "Member must satisfy regular expression pattern"},
      {"VALUE_MIN", "Member must have value greater than"},
      {"VALUE_MAX", "Member must have value less than"},
      {"ENUM", "Member must satisfy enum value set"},
  };
  absl::string_view text = response.error().message();
  if (!absl::ConsumePrefix(
          &text, absl::StrCat(violations.size(), " validation error"))) {
    return false;
  }
  for (const std::string& violation : violations) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(violation, absl::MaxSplits(' ', 1));
    const std::string told =
        absl::StrCat("at '", parts.first, "' failed to satisfy constraint: ");
    absl::string_view wanted;
    for (const auto& [constraint, words] : kWords) {
      if (parts.second == constraint) wanted = words;
    }
    // The constraints of a map's keys and values stand in brackets.
    size_t end = absl::string_view::npos;
    for (const char* whose : {"", "Map keys must satisfy constraint: [",
                              "Map value must satisfy constraint: ["}) {
      const std::string words = absl::StrCat(told, whose, wanted);
      const size_t at = text.find(words);
      if (at != absl::string_view::npos) end = std::min(end, at + words.size());
    }
    if (end == absl::string_view::npos) return false;
    text.remove_prefix(end);
  }
  return true;
}

bool IsFailureOfTheWire(const v1::Response& response) {
  const v1::Error& error = response.error();
  if (error.detail() != v1::Error::DETAIL_NOT_APPLIED &&
      error.detail() != v1::Error::DETAIL_OUTCOME_UNKNOWN) {
    return false;
  }
  for (const char* start :
       {"HTTP status ", "no answer: ", "cannot send: ", "cannot connect to ",
        "an exception ended the call", "the deadline passed before "}) {
    if (absl::StartsWith(error.message(), start)) return true;
  }
  return false;
}

std::string Summary(const v1::Response& response) {
  if (response.outcome_case() == v1::Response::OUTCOME_NOT_SET) {
    return "no answer";
  }
  if (!response.has_error()) {
    return absl::StrCat("OK ",
                        OneLine(InnerOf(response, response.outcome_case())));
  }
  const v1::Error& error = response.error();
  if (IsFailureOfTheWire(response)) {
    return absl::StrCat("no answer of the API: ", error.message());
  }
  std::string text = CodeText(error.code());
  if (error.violations_size() > 0) {
    absl::StrAppend(&text, " of ", absl::StrJoin(ViolationsOf(response), ", "));
  } else if (!error.message().empty()) {
    absl::StrAppend(&text, ": ", error.message());
  }
  return text;
}

}  // namespace conformance_internal
}  // namespace glue_security
