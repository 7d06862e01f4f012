// Every text from the network that reaches a message, a log, the history, a
// header or a metric, tried with hostile values. The output must remain one
// line, valid UTF-8 and valid JSON, and no hostile text is executed.

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/server/control.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/metrics.h"
#include "glue_security/server/request_guard.h"
#include "glue_security/server/request_log.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

const std::vector<std::string>& HostileTexts() {
  static const auto& texts = *new std::vector<std::string>{
      "",
      "a",
      " ",
      "a b",
      "\r\n",
      "a\r\nX-Injected: yes",
      "a\nb",
      "a\rb",
      std::string("a\0b", 3),
      std::string(1, '\0'),
      "\x01\x1F\x7F",
      "\t",
      "\x1B[31m",
      "\xFF",
      "\xC3",
      "\xC3\x28",
      "\xC0\x80",
      "\xED\xA0\x80",
      "\xF4\x90\x80\x80",
      "\xC3\xA4",
      "\xE2\x80\xA8",
      "\xE2\x80\xA9",
      "\xE2\x80\xAE",
      "\xEF\xBB\xBF",
      "\xF0\x9F\x98\x80",
      "\"",
      "\\",
      "'",
      "\\u0000",
      "\\uD800",
      "\",\"a\":\"",
      "{}",
      "</a>",
      "<script>alert(1)</script>",
      "%0d%0aX-Injected:%20yes",
      "%s%n",
      "../../x",
      "a/b",
      "a,b=c",
      "${jndi:x}",
      std::string(70, 'a'),
      std::string(5000, '\xFF'),
      std::string(5000, '"'),
      std::string(70'000, 'a'),
  };
  return texts;
}
// Returns true for printable ASCII.
bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

struct State : public ControlledState {
  absl::Status Reset() override { return absl::OkStatus(); }
  absl::Status Save(const std::string& name) override {
    names.push_back(name);
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string&) override {
    return absl::NotFoundError("no such snapshot");
  }
  bool Forget(const std::string&) override { return false; }
  std::vector<std::string> Names() const override { return names; }
  std::vector<std::string> names;
};

// All layers between a socket and an engine.
class Stack {
 public:
  explicit Stack(bool verifies)
      : engine_(&storage_),
        control_(&engine_, &state_, &clock_),
        front_end_(&control_, OptionsOf(verifies)),
        guard_(*RequestGuard::Create("127.0.0.1", true, {{}, "token"})) {}

  HttpResponse Handle(const HttpRequest& request) {
    const bool is_control = absl::StartsWith(request.target, kControlPath);
    if (auto refusal =
            guard_.Refuse(request, is_control ? RequestGuard::Area::kControl
                                              : RequestGuard::Area::kApi)) {
      return *refusal;
    }
    if (is_control) return control_.Handle(request);
    RequestRecord record;
    HttpResponse response = front_end_.Handle(request, &record);
    metrics_.Record(record.operation, record.outcome, absl::Seconds(1));
    const absl::Time now = absl::FromUnixSeconds(1'567'296'000);
    ExpectOneLine(TextLogLine(record, absl::Seconds(1), now));
    const std::string line = JsonLogLine(record, absl::Seconds(1), now);
    ExpectOneLine(line);
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    return response;
  }

  // Checks that everything left behind is valid.
  void ExpectSound() {
    for (const char* const path : {"history", "faults", "snapshots", "clock"}) {
      HttpRequest request;
      request.method = "GET";
      const std::string target = absl::StrCat(kControlPath, path);
      request.target = target;
      const HttpResponse response = control_.Handle(request);
      EXPECT_EQ(response.status, 200);
      EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
    }
    for (const absl::string_view line : absl::StrSplit(metrics_.Text(), '\n')) {
      EXPECT_TRUE(IsPlain(line)) << line;
    }
    EXPECT_EQ(control_.Reset(), absl::OkStatus());
    state_.names.clear();
  }

  static void ExpectOneLine(const std::string& line) {
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    EXPECT_TRUE(IsPlain(line.substr(0, line.size() - 1))) << line;
  }

 private:
  static FrontEndOptions OptionsOf(bool verifies) {
    FrontEndOptions options;
    if (verifies) {
      options.credentials.emplace();
      (*options.credentials)["111122223333"] = {
          "111122223333", "secret", "", "", "", absl::InfiniteFuture()};
    }
    return options;
  }

  MemoryStorage storage_;
  State state_;
  FakeClock clock_;
  Engine engine_;
  Control control_;
  FrontEnd front_end_;
  Metrics metrics_;
  RequestGuard guard_;
};

// A request that owns its texts.
struct Sent {
  std::string method = "POST";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Host", "localhost"},
      {"Content-Type", "application/x-amz-json-1.1"},
      {"X-Amz-Target", "AWSGlue.GetSecurityConfiguration"},
      {"X-Amz-Date", "20190901T000000Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=111122223333/20190901/us-east-1/glue/"
       "aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, "
       "Signature=00"},
      {"x-glue-security-token", "token"}};
  std::string body = R"({"Name":"a"})";

  void Set(const std::string& name, const std::string& value) {
    for (auto& header : headers) {
      if (header.first == name) header.second = value;
    }
  }
  HttpRequest Borrow() const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    for (const auto& [name, value] : headers) {
      request.headers.emplace_back(name, value);
    }
    request.body = body;
    return request;
  }
};

Sent Signed(const std::string& scope, const std::string& algorithm,
            const std::string& signed_headers, const std::string& signature) {
  Sent sent;
  sent.Set("Authorization", absl::StrCat(algorithm, " Credential=", scope,
                                         ", SignedHeaders=", signed_headers,
                                         ", Signature=", signature));
  return sent;
}

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";
constexpr char kHeaders[] = "host;x-amz-date;x-amz-target";

Sent ToControl(const std::string& method, const std::string& path,
               const std::string& body = "") {
  Sent sent;
  sent.method = method;
  sent.target = absl::StrCat(kControlPath, path);
  sent.body = body;
  return sent;
}

// A text that comes from the network.
struct Text {
  const char* name;
  // The places that it reaches.
  const char* reaches;
  // The check on the way there.
  const char* check;
  std::function<Sent(const std::string&)> with;
};

const Text kTexts[] = {
    {"region of the credential scope", "catalog, message, history, log",
     "[a-z0-9-]{1,64}, or IncompleteSignatureException",
     [](const std::string& text) {
       return Signed("111122223333/20190901/" + text + "/glue/aws4_request",
                     kAlgorithm, kHeaders, "00");
     }},
    {"access key id", "account of the caller", "12 digits, or the default",
     [](const std::string& text) {
       return Signed(text + "/20190901/us-east-1/glue/aws4_request", kAlgorithm,
                     kHeaders, "00");
     }},
    {"date of the credential scope", "message", "PlainText",
     [](const std::string& text) {
       return Signed("111122223333/" + text + "/us-east-1/glue/aws4_request",
                     kAlgorithm, kHeaders, "00");
     }},
    {"service of the credential scope", "nothing", "compared",
     [](const std::string& text) {
       return Signed(
           "111122223333/20190901/us-east-1/" + text + "/aws4_request",
           kAlgorithm, kHeaders, "00");
     }},
    {"end of the credential scope", "message", "PlainText",
     [](const std::string& text) {
       return Signed("111122223333/20190901/us-east-1/glue/" + text, kAlgorithm,
                     kHeaders, "00");
     }},
    {"credential", "message", "PlainText",
     [](const std::string& text) {
       return Signed(text, kAlgorithm, kHeaders, "00");
     }},
    {"algorithm", "message", "PlainText",
     [](const std::string& text) {
       return Signed("111122223333/20190901/us-east-1/glue/aws4_request", text,
                     kHeaders, "00");
     }},
    {"signed headers", "message", "PlainText",
     [](const std::string& text) {
       return Signed("111122223333/20190901/us-east-1/glue/aws4_request",
                     kAlgorithm, text + ";" + text, "00");
     }},
    {"signature", "nothing", "compared",
     [](const std::string& text) {
       return Signed("111122223333/20190901/us-east-1/glue/aws4_request",
                     kAlgorithm, kHeaders, text);
     }},
    {"Authorization", "message", "PlainText",
     [](const std::string& text) {
       Sent sent;
       sent.Set("Authorization", text);
       return sent;
     }},
    {"X-Amz-Target", "operation of log and metric", "an operation",
     [](const std::string& text) {
       Sent sent;
       sent.Set("X-Amz-Target", "AWSGlue." + text);
       return sent;
     }},
    {"X-Amz-Date", "message", "a time, printed from its value",
     [](const std::string& text) {
       Sent sent;
       sent.Set("X-Amz-Date", text);
       return sent;
     }},
    {"X-Amz-Security-Token", "nothing", "compared",
     [](const std::string& text) {
       Sent sent;
       sent.headers.emplace_back("X-Amz-Security-Token", text);
       return sent;
     }},
    {"Content-Type", "nothing", "one of a list",
     [](const std::string& text) {
       Sent sent;
       sent.Set("Content-Type", text);
       return sent;
     }},
    {"path", "nothing", "one of a list",
     [](const std::string& text) {
       Sent sent;
       sent.target = "/" + text;
       return sent;
     }},
    {"method", "nothing", "one of a list",
     [](const std::string& text) {
       Sent sent;
       sent.method = text;
       return sent;
     }},
    {"Host", "message of a refusal", "a loopback host, or 403; PlainText",
     [](const std::string& text) {
       Sent sent;
       sent.Set("Host", text);
       return sent;
     }},
    {"Origin", "message of a refusal", "the server's own, or 403; PlainText",
     [](const std::string& text) {
       Sent sent = ToControl("POST", "reset");
       sent.headers.emplace_back("Origin", text);
       return sent;
     }},
    {"Sec-Fetch-Site", "nothing", "one of two, or 403",
     [](const std::string& text) {
       Sent sent = ToControl("POST", "reset");
       sent.headers.emplace_back("Sec-Fetch-Site", text);
       return sent;
     }},
    {"x-glue-security-token", "nothing", "compared, or 403",
     [](const std::string& text) {
       Sent sent = ToControl("POST", "reset");
       sent.Set("x-glue-security-token", text);
       return sent;
     }},
    {"body of a call", "message of SerializationException", "JSON",
     [](const std::string& text) {
       Sent sent;
       sent.body = text;
       return sent;
     }},
    {"name of a configuration", "message, history", "JSON, valid UTF-8",
     [](const std::string& text) {
       Sent sent;
       sent.body = "{\"Name\":\"" + text + "\"}";
       return sent;
     }},
    {"CatalogId", "history", "JSON, valid UTF-8",
     [](const std::string& text) {
       Sent sent;
       sent.Set("X-Amz-Target", "AWSGlue.GetDataCatalogEncryptionSettings");
       sent.body = "{\"CatalogId\":\"" + text + "\"}";
       return sent;
     }},
    {"policy", "message, history", "JSON, valid UTF-8, a policy",
     [](const std::string& text) {
       Sent sent;
       sent.Set("X-Amz-Target", "AWSGlue.PutResourcePolicy");
       sent.body = "{\"PolicyInJson\":\"" + text + "\"}";
       return sent;
     }},
    {"enum", "message, history", "JSON, valid UTF-8",
     [](const std::string& text) {
       Sent sent;
       sent.Set("X-Amz-Target", "AWSGlue.PutResourcePolicy");
       sent.body =
           "{\"PolicyInJson\":\"{}\",\"EnableHybrid\":\"" + text + "\"}";
       return sent;
     }},
    {"control's path", "nothing", "one of a list",
     [](const std::string& text) { return ToControl("GET", text); }},
    {"query of the history", "message", "numbers",
     [](const std::string& text) {
       return ToControl("GET", "history?after=" + text);
     }},
    {"name of a snapshot", "message, list of snapshots",
     "[A-Za-z0-9._-]{1,128}, or 400; PlainText",
     [](const std::string& text) {
       return ToControl("PUT", "snapshots/" + text);
     }},
    {"body of control", "message", "JSON",
     [](const std::string& text) { return ToControl("POST", "faults", text); }},
    {"member of a rule", "message", "one of a list; PlainText",
     [](const std::string& text) {
       return ToControl("POST", "faults", "{\"" + text + "\":1}");
     }},
    {"text of a rule", "messages of the API, list of rules",
     "JSON, valid UTF-8",
     [](const std::string& text) {
       return ToControl("POST", "faults", "{\"message\":\"" + text + "\"}");
     }},
    {"account and region of a rule", "list of rules", "JSON, valid UTF-8",
     [](const std::string& text) {
       return ToControl(
           "POST", "faults",
           "{\"account\":\"" + text + "\",\"region\":\"" + text + "\"}");
     }},
    {"time of the clock", "nothing", "a time, printed from its value",
     [](const std::string& text) {
       return ToControl("PUT", "clock", "{\"now\":\"" + text + "\"}");
     }},
    {"seconds of the clock", "nothing", "a number",
     [](const std::string& text) {
       return ToControl("POST", "clock/advance",
                        "{\"seconds\":\"" + text + "\"}");
     }},
};

void ExpectSoundAnswer(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    EXPECT_TRUE(IsPlain(name) && IsPlain(value)) << name << ": " << value;
  }
  EXPECT_LT(response.body.size(), 2'000'000u);
  const bool is_xml = absl::StartsWith(response.body, "<");
  if (is_xml) {
    EXPECT_EQ(response.body, "<UnknownOperationException/>");
  } else if (!response.body.empty()) {
    EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
  }
}

TEST(NetworkTextTest, WhateverComes_WhatGoesOutIsSound) {
  const Sent honest;
  int inputs = 0;
  for (const bool verifies : {false, true}) {
    Stack stack(verifies);
    for (const Text& text : kTexts) {
      for (const std::string& value : HostileTexts()) {
        SCOPED_TRACE(absl::StrCat(text.name, " (", text.check, "): ",
                                  absl::CHexEscape(value.substr(0, 40))));
        const Sent sent = text.with(value);
        ExpectSoundAnswer(stack.Handle(sent.Borrow()));
        // A fault rule made from the text acts on this call.
        ExpectSoundAnswer(stack.Handle(honest.Borrow()));
        stack.ExpectSound();
        ++inputs;
      }
    }
  }
  std::cout << inputs << " inputs\n";
}

// A good value of each text is accepted, which shows that the table reaches the
// places that it names.
TEST(NetworkTextTest, TheTableReachesTheServer) {
  Stack stack(/*verifies=*/false);
  EXPECT_EQ(stack.Handle(Sent().Borrow()).status, 400);
  EXPECT_EQ(stack.Handle(ToControl("POST", "reset").Borrow()).status, 200);
  EXPECT_EQ(stack.Handle(ToControl("PUT", "snapshots/a").Borrow()).status, 200);
  EXPECT_EQ(stack.Handle(ToControl("POST", "faults", "{}").Borrow()).status,
            200);
  EXPECT_EQ(stack.Handle(Sent().Borrow()).status, 500);
}

}  // namespace
}  // namespace glue_security
