// HttpBackend and endpoints that misbehave: every class of wrong answer, to a
// write and to a read, on a new connection and on a used one. A call is
// reported as not applied only when that is certain, no request is sent twice,
// and the next call gets its own answer.

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/client/http_backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/scripted_server.h"

namespace glue_security {
namespace {

using testing::HasSubstr;

const Caller kCaller{"111122223333", "us-east-1", ""};
constexpr uint64_t kAnswerBytesMax = 4096;

using Then = ScriptedAnswer::Then;

struct AnswerCase {
  enum class Expected {
    // The operation's answer, with "the answer" in its member.
    kAnswer,
    // An exception of the API.
    kException,
    // OPERATION_TIMEOUT with OUTCOME_UNKNOWN.
    kUnknown,
  };
  std::string name;
  // OK, BODY, LENGTH and FAIL are placeholders; see `Fill`.
  std::string bytes;
  Expected expected = Expected::kUnknown;
  v1::ErrorCode code = v1::ERROR_CODE_UNSPECIFIED;
  Then then = Then::kStay;
  // True when nothing more comes, so that the call must time out.
  bool hangs = false;
  bool in_single_bytes = false;
};

using Expected = AnswerCase::Expected;

v1::Request PutOf(const std::string& policy) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(policy);
  return request;
}

v1::Request Get() {
  v1::Request request;
  request.mutable_get_resource_policy();
  return request;
}

std::string TextOf(const v1::Response& response) {
  return response.has_put_resource_policy()
             ? response.put_resource_policy().policy_hash()
             : response.get_resource_policy().policy_in_json();
}

std::string Fill(absl::string_view bytes, bool is_put) {
  const std::string body = absl::StrCat(
      "{\"", is_put ? "PolicyHash" : "PolicyInJson", "\":\"the answer\"}");
  const std::string ok = absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  return absl::StrReplaceAll(bytes,
                             {{"OK_ANSWER", ok},
                              {"BODY", body},
                              {"LENGTH", absl::StrCat(body.size())},
                              {"HEXLEN", absl::StrCat(absl::Hex(body.size()))},
                              {"HALF", body.substr(0, body.size() / 2)},
                              {"REST", body.substr(body.size() / 2)}});
}

// Returns an HTTP answer with this status and body.
std::string Http(absl::string_view status, absl::string_view body,
                 absl::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(),
                      "\r\n", headers, "\r\n", body);
}

std::vector<AnswerCase> AnswersOfTheOperation() {
  const std::string continues = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += continues;
  constexpr Expected kAnswer = Expected::kAnswer;
  return {
      {"Plain", "OK_ANSWER", kAnswer},
      {"AfterContinue", continues + "OK_ANSWER", kAnswer},
      {"AfterProcessing", "HTTP/1.1 102 Processing\r\n\r\nOK_ANSWER", kAnswer},
      {"AfterEarlyHints",
       "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nOK_ANSWER", kAnswer},
      {"AfterSeveral",
       continues + "HTTP/1.1 103 Early Hints\r\n\r\n" + continues + "OK_ANSWER",
       kAnswer},
      {"AfterAsManyAsAreRead", hundred + "OK_ANSWER", kAnswer},
      {.name = "AfterContinueInSingleBytes",
       .bytes = continues + "OK_ANSWER",
       .expected = kAnswer,
       .in_single_bytes = true},
      {"Chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "HEXLEN;a=b\r\nBODY\r\n0\r\nTrailer: x\r\n\r\n",
       kAnswer},
      {"OldWithLength", "HTTP/1.0 200 OK\r\nContent-Length: LENGTH\r\n\r\nBODY",
       kAnswer},
      {.name = "OldUntilTheEnd",
       .bytes = "HTTP/1.0 200 OK\r\n\r\nBODY",
       .expected = kAnswer,
       .then = Then::kEnd},
      {.name = "WithoutLengthUntilTheEnd",
       .bytes = "HTTP/1.1 200 OK\r\n\r\nBODY",
       .expected = kAnswer,
       .then = Then::kEnd},
      {"ThatCloses",
       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: LENGTH\r\n\r\n"
       "BODY",
       kAnswer},
      {.name = "ThatEnds",
       .bytes = "OK_ANSWER",
       .expected = kAnswer,
       .then = Then::kEnd},
      {"BeforeALineEnd", "OK_ANSWER\r\n", kAnswer},
      {"BeforeGarbage", "OK_ANSWERgarbage", kAnswer},
      {"BeforeAnotherAnswer",
       absl::StrCat("OK_ANSWER", Http("400 Bad Request",
                                      R"({"__type":"InvalidInputException"})")),
       kAnswer},
      {"BeforeAnInterimAnswer", "OK_ANSWER" + continues, kAnswer},
  };
}

std::vector<AnswerCase> ExceptionsOfTheApi() {
  std::vector<AnswerCase> cases = {
      {"OldNamespace",
       Http("400 Bad Request",
            R"({"__type":"com.amazonaws.glue#EntityNotFoundException"})"),
       Expected::kException, v1::ERROR_CODE_ENTITY_NOT_FOUND},
      {"HeaderAndNoJson",
       Http("400 Bad Request", "<html>",
            "x-amzn-ErrorType: EntityNotFoundException:http://a\r\n"),
       Expected::kException, v1::ERROR_CODE_ENTITY_NOT_FOUND},
      {"Forbidden",
       Http("403 Forbidden", R"({"__type":"AccessDeniedException"})"),
       Expected::kException, v1::ERROR_CODE_ACCESS_DENIED},
      {"AfterContinue",
       "HTTP/1.1 100 Continue\r\n\r\n" +
           Http("400 Bad Request",
                R"({"__type":"ConditionCheckFailureException"})"),
       Expected::kException, v1::ERROR_CODE_CONDITION_CHECK_FAILURE},
  };
  const std::vector<std::pair<const char*, v1::ErrorCode>> names = {
      {"EntityNotFoundException", v1::ERROR_CODE_ENTITY_NOT_FOUND},
      {"AlreadyExistsException", v1::ERROR_CODE_ALREADY_EXISTS},
      {"InvalidInputException", v1::ERROR_CODE_INVALID_INPUT},
      {"ConditionCheckFailureException",
       v1::ERROR_CODE_CONDITION_CHECK_FAILURE},
      {"ResourceNumberLimitExceededException",
       v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED},
      {"InternalServiceException", v1::ERROR_CODE_INTERNAL_SERVICE},
      {"OperationTimeoutException", v1::ERROR_CODE_OPERATION_TIMEOUT},
  };
  for (const auto& [name, code] : names) {
    const std::string status =
        code == v1::ERROR_CODE_INTERNAL_SERVICE ? "500 X" : "400 X";
    cases.push_back(
        {absl::StrCat(name, "InTheBody"),
         Http(status, absl::StrCat(R"({"__type":")", name, R"("})")),
         Expected::kException, code});
    cases.push_back(
        {absl::StrCat(name, "InTheHeader"),
         Http(status, "{}", absl::StrCat("x-amzn-ErrorType: ", name, "\r\n")),
         Expected::kException, code});
  }
  return cases;
}

// Whole HTTP answers that the API does not give.
std::vector<AnswerCase> AnswersOfOthers() {
  std::vector<AnswerCase> cases = {
      {"Switching", "HTTP/1.1 101 Switching Protocols\r\n\r\nOK_ANSWER"},
      {"EmptyBody", Http("200 OK", "")},
      {"List", Http("200 OK", "[]")},
      {"Null", Http("200 OK", "null")},
      {"Html", Http("200 OK", "<html>Welcome</html>")},
      {"JsonThatIsCut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"Pol"},
      {"MembersOfAnotherType",
       Http("200 OK", R"({"PolicyHash":1,"PolicyInJson":[]})")},
      {"TwoObjects", Http("200 OK", "{}{}")},
      {"NotUtf8",
       Http("200 OK", "{\"PolicyHash\":\"\xFF\",\"PolicyInJson\":\"\xFF\"}")},
      {"ExceptionWithStatus200",
       Http("200 OK", R"({ "__type" : "EntityNotFoundException"})")},
      {"ExceptionInTheHeaderWithStatus200",
       Http("200 OK", "{}", "x-amzn-ErrorType: InvalidInputException\r\n")},
      {"ExceptionWithStatus302",
       Http("302 Found", R"({"__type":"InvalidInputException"})")},
      {"ExceptionWithStatus600",
       Http("600 X", R"({"__type":"InvalidInputException"})")},
      {"Throttling",
       Http("400 Bad Request",
            R"({"__type":"ThrottlingException","message":"Rate exceeded"})")},
      {"ThrottlingWithStatus429",
       Http("429 Too Many Requests", R"({"__type":"ThrottlingException"})")},
      {"Serialization",
       Http("400 Bad Request", R"({"__type":"SerializationException"})")},
      {"Unavailable", Http("503 Service Unavailable",
                           R"({"__type":"ServiceUnavailableException"})")},
      {"InternalFailure",
       Http("500 Internal Server Error", R"({"__type":"InternalFailure"})")},
      {"TypeOfTheHeaderUnknown",
       Http("400 Bad Request", R"({"__type":"InvalidInputException"})",
            "x-amzn-ErrorType: Another\r\n")},
      {"TypeDeepInTheBody",
       Http("400 Bad Request",
            R"({"error":{"__type":"InvalidInputException"}})")},
      {"TypeOfAnotherCase",
       Http("400 Bad Request", R"({"__type":"invalidinputexception"})")},
      {"TypeThatIsNoText", Http("400 Bad Request", R"({"__type":1})")},
      {"Forbidden", Http("403 Forbidden", R"({"message":"Forbidden"})")},
      {"NoContent", "HTTP/1.1 204 No Content\r\n\r\n"},
      {"NotModified", "HTTP/1.1 304 Not Modified\r\n\r\n"},
      {"NoContentWithABody", "HTTP/1.1 204 No Content\r\n\r\nOK_ANSWER"},
  };
  for (const char* status : {"201 Created",
                             "202 Accepted",
                             "206 Partial Content",
                             "301 Moved Permanently",
                             "302 Found",
                             "307 Temporary Redirect",
                             "400 Bad Request",
                             "401 Unauthorized",
                             "403 Forbidden",
                             "404 Not Found",
                             "407 Proxy Authentication Required",
                             "408 Request Timeout",
                             "413 Payload Too Large",
                             "421 Misdirected",
                             "429 Too Many Requests",
                             "431 X",
                             "500 Internal Server Error",
                             "501 Not Implemented",
                             "502 Bad Gateway",
                             "503 Service Unavailable",
                             "504 Gateway Timeout",
                             "505 X",
                             "599 X",
                             "999 X"}) {
    for (const char* body : {"", "<html>", "{}", "BODY"}) {
      cases.push_back({absl::StrCat(status, " ", body),
                       absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ",
                                    Fill(body, true).size(), "\r\n\r\n",
                                    Fill(body, true))});
    }
  }
  return cases;
}

// Bytes that are not one whole HTTP answer.
std::vector<AnswerCase> BrokenAnswers() {
  const std::string continues = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string too_many;
  for (int i = 0; i < 101; ++i) too_many += continues;
  std::vector<AnswerCase> cases = {
      {"MoreInterimAnswersThanAreRead", too_many + "OK_ANSWER"},
      {"AnotherProtocol", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"AnotherVersion", "HTTP/2 200\r\n\r\n"},
      {.name = "Tls",
       .bytes = std::string("\x15\x03\x01\x00\x02\x02\x46", 7),
       .then = Then::kEnd},
      {"Zeros", std::string(100, '\0')},
      {"StatusOfTwoDigits", "HTTP/1.1 20 OK\r\n\r\n"},
      {"HeaderWithoutColon", "HTTP/1.1 200 OK\r\nfoo\r\n\r\n"},
      {"HeaderWithoutEnd",
       "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')},
      {"LengthTwice",
       "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\nContent-Length: 2\r\n\r\n"
       "BODY"},
      {"LengthNegative", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nBODY"},
      {"LengthThatIsNoNumber",
       "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nBODY"},
      {"LengthTooSmall", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nBODY"},
      {"LengthBeyondAllNumbers",
       "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"},
      {"LengthBeyondTheBound",
       absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", kAnswerBytesMax + 1,
                    "\r\n\r\n")},
      {"BodyBeyondTheBound",
       Http("200 OK", absl::StrCat(std::string(kAnswerBytesMax, ' '), "{}"))},
      {"ChunksBeyondTheBound",
       absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "1001\r\n", std::string(0x1001, ' '), "\r\n0\r\n\r\n")},
      {"LengthAndChunks",
       "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n"
       "Transfer-Encoding: chunked\r\n\r\nHEXLEN\r\nBODY\r\n0\r\n\r\n"},
      {"ChunkOfNoSize",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nBODY"},
      {"ChunkTooLong",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nBODY\r\n0"
       "\r\n\r\n"},
      {"InterimAnswerWithABody",
       "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}OK_ANSWER"},
  };
  for (const Then then : {Then::kEnd, Then::kReset}) {
    const std::string end = then == Then::kEnd ? "End" : "Reset";
    for (const auto& [name, bytes] :
         std::vector<std::pair<std::string, std::string>>{
             {"NoByte", ""},
             {"OneByte", "H"},
             {"StatusCut", "HTTP/1.1 200"},
             {"HeaderCut", "HTTP/1.1 200 OK\r\nContent-Le"},
             {"BodyMissing", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"},
             {"BodyCut",
              "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\nHALF"},
             {"ChunkCut",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "HEXLEN\r\nHALF"},
             {"LastChunkMissing",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "HEXLEN\r\nBODY\r\n"},
             {"HalfUntilTheEnd", "HTTP/1.1 200 OK\r\n\r\nHALF"},
             {"OnlyContinue", continues},
             {"LengthTooLarge",
              "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nBODY"}}) {
      cases.push_back({.name = name + end, .bytes = bytes, .then = then});
    }
  }
  return cases;
}

// Answers that never become whole.
std::vector<AnswerCase> AnswersWithoutEnd() {
  return {
      {.name = "Nothing", .bytes = "", .hangs = true},
      {.name = "OnlyContinue",
       .bytes = "HTTP/1.1 100 Continue\r\n\r\n",
       .hangs = true},
      {.name = "HeaderWithoutEnd",
       .bytes = "HTTP/1.1 200 OK\r\nX: ",
       .hangs = true},
      {.name = "LengthTooLarge",
       .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nBODY",
       .hangs = true},
      {.name = "WithoutLengthAndOpen",
       .bytes = "HTTP/1.1 200 OK\r\n\r\nBODY",
       .hangs = true},
      {.name = "HeaderThatTrickles",
       .bytes = "HTTP/1.1 200 OK\r\nX: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
       .then = Then::kTrickle,
       .hangs = true},
      {.name = "InterimAnswersThatTrickle",
       .bytes = "HTTP/1.1 100 Continue\r\n\r\n",
       .then = Then::kTrickle,
       .hangs = true},
  };
}

// A backend, its endpoint, and the number of calls the endpoint should have
// seen.
class Endpoint {
 public:
  explicit Endpoint(absl::Duration timeout) {
    HttpBackendOptions options;
    options.timeout = timeout;
    options.answer_bytes_max = kAnswerBytesMax;
    backend_ = *HttpBackend::Create(server_.url(), options);
  }

  // Makes a call that differs from all others.
  v1::Response Call(bool is_put) {
    ++calls_;
    return backend_->Execute(
        kCaller, is_put ? PutOf(absl::StrCat("policy ", calls_)) : Get());
  }

  // Makes a call that must get the answer to its own request. With a short
  // timeout a slow machine may need several attempts.
  void CallAndGetTheOwnAnswer(bool is_put, bool time_is_short) {
    constexpr int kAttemptsMax = 100;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      const v1::Response response = Call(is_put);
      if (time_is_short &&
          response.error().code() == v1::ERROR_CODE_OPERATION_TIMEOUT) {
        continue;
      }
      if (time_is_short &&
          response.error().detail() == v1::Error::DETAIL_NOT_APPLIED) {
        --calls_;
        continue;
      }
      const std::vector<std::string> requests = server_.requests();
      EXPECT_FALSE(response.has_error()) << response.ShortDebugString();
      EXPECT_EQ(TextOf(response), absl::StrCat("answer ", requests.size()));
      if (is_put) {
        EXPECT_THAT(requests.back(),
                    HasSubstr(absl::StrCat("policy ", calls_)));
      }
      return;
    }
    ADD_FAILURE() << "no answer in time, again and again";
  }

  // Expects that each call was sent once.
  void ExpectNothingSentTwice() const {
    EXPECT_EQ(server_.requests().size(), static_cast<size_t>(calls_));
  }

  ScriptedServer& server() { return server_; }

 private:
  ScriptedServer server_;
  std::unique_ptr<HttpBackend> backend_;
  int calls_ = 0;
};

void ExpectAnswer(const AnswerCase& c, const v1::Response& response) {
  const v1::Error& error = response.error();
  switch (c.expected) {
    case Expected::kAnswer:
      EXPECT_FALSE(response.has_error()) << response.ShortDebugString();
      EXPECT_EQ(TextOf(response), "the answer");
      break;
    case Expected::kException:
      EXPECT_EQ(error.code(), c.code) << response.ShortDebugString();
      EXPECT_EQ(error.detail(), c.code == v1::ERROR_CODE_OPERATION_TIMEOUT
                                    ? v1::Error::DETAIL_OUTCOME_UNKNOWN
                                    : v1::Error::DETAIL_UNSPECIFIED);
      break;
    case Expected::kUnknown:
      EXPECT_EQ(error.code(), v1::ERROR_CODE_OPERATION_TIMEOUT)
          << response.ShortDebugString();
      EXPECT_EQ(error.detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
      EXPECT_NE(error.message(), "");
      break;
  }
}

void Check(const AnswerCase& c, bool is_put, bool is_reused) {
  SCOPED_TRACE(absl::StrCat(c.name, is_put ? ", put" : ", get",
                            is_reused ? ", reused connection" : ""));
  Endpoint endpoint(c.hangs ? absl::Milliseconds(200) : absl::Seconds(60));
  if (is_reused) endpoint.CallAndGetTheOwnAnswer(!is_put, c.hangs);
  endpoint.server().Add({Fill(c.bytes, is_put), c.then, c.in_single_bytes});
  ExpectAnswer(c, endpoint.Call(is_put));
  // The rest of the answer arrives now, and a connection that ends has ended.
  endpoint.server().SendToAll(c.then == Then::kStay ? Fill("OK_ANSWER", is_put)
                                                    : "");
  endpoint.CallAndGetTheOwnAnswer(is_put, c.hangs);
  endpoint.CallAndGetTheOwnAnswer(!is_put, c.hangs);
  if (!c.hangs) endpoint.ExpectNothingSentTwice();
}

void CheckAll(const std::vector<AnswerCase>& cases) {
  for (const AnswerCase& c : cases) {
    for (const bool is_put : {true, false}) {
      for (const bool is_reused : {true, false}) Check(c, is_put, is_reused);
    }
  }
}

TEST(HttpBackendAnswersTest, AnswerOfTheOperation_IsTheAnswer) {
  CheckAll(AnswersOfTheOperation());
}

// A header may have any bytes; a message is text of a bounded length.
TEST(HttpBackendAnswersTest, BytesInTheNameOfAnException_AreNotQuoted) {
  const std::string name = absl::StrCat("\xFF\xC3", std::string(4000, 'a'));
  Endpoint endpoint(absl::Seconds(60));
  endpoint.server().Add({Http("400 Bad Request", "{}",
                              absl::StrCat("x-amzn-ErrorType: ", name, "\r\n")),
                         Then::kStay, false});
  const v1::Response response = endpoint.Call(/*is_put=*/true);
  EXPECT_EQ(response.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  EXPECT_THAT(response.error().message(), HasSubstr("??aaaa"));
  EXPECT_LT(response.error().message().size(), 300);
}

TEST(HttpBackendAnswersTest, ExceptionOfTheApi_IsTheAnswer) {
  CheckAll(ExceptionsOfTheApi());
}

TEST(HttpBackendAnswersTest, AnswerOfSomebodyElse_LeavesTheOutcomeOpen) {
  CheckAll(AnswersOfOthers());
}

TEST(HttpBackendAnswersTest, BrokenAnswer_LeavesTheOutcomeOpen) {
  CheckAll(BrokenAnswers());
}

TEST(HttpBackendAnswersTest, AnswerWithoutEnd_LeavesTheOutcomeOpenInTime) {
  CheckAll(AnswersWithoutEnd());
}

}  // namespace
}  // namespace glue_security
