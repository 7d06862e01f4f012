// The stack used for a text does not depend on its depth: at the deepest legal
// level it is the same as at level 2, in every build.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/engine/engine.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_printer.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gtest/gtest.h"
#include "tests/support/painted_stack.h"

namespace glue_security {
namespace {

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// The maximal depths: of a document under any `Limits`, of a body in the codec,
// and of an error's body as a client reads it.
constexpr size_t kDocumentLevels = 1024;
constexpr size_t kBodyLevels = 1000;
constexpr size_t kErrorBodyLevels = 100;

// The way in which arrays and objects nest.
struct Shape {
  const char* name;
  // The kinds of two successive levels, which repeat.
  bool is_object[2];
};

constexpr Shape kShapes[] = {{"Arrays", {false, false}},
                             {"Objects", {true, true}},
                             {"Mixture", {false, true}}};

// Returns a value in which arrays and objects nest `levels` deep.
std::string Nested(const Shape& shape, size_t levels) {
  std::string text;
  for (size_t i = 0; i < levels; ++i) {
    text += shape.is_object[i % 2] ? "{\"a\":" : "[";
  }
  text += '0';
  for (size_t i = levels; i > 0; --i) {
    text += shape.is_object[(i - 1) % 2] ? '}' : ']';
  }
  return text;
}

// A function that reads or writes a text.
struct Work {
  const char* name;
  // The deepest text that it accepts, and the levels around `value` in it.
  size_t levels_max;
  size_t levels_around;
  // `value` is the part whose depth varies.
  std::function<void(const std::string& value)> run;
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }
void PrintTo(const Work& work, std::ostream* out) { *out << work.name; }

const Caller& TheCaller() {
  static const auto* const kCaller =
      new Caller{"123456789012", "us-east-1", ""};
  return *kCaller;
}

CatalogContext TheCatalog() {
  CatalogContext catalog;
  catalog.account_id = TheCaller().account_id;
  catalog.region = TheCaller().region;
  return catalog;
}

// Returns as many values as the deepest text has, so that memory grows equally
// at any depth.
std::string ManyValues() {
  std::string values = "[0";
  for (size_t i = 0; i < 2 * kDocumentLevels; ++i) values += ",0";
  return values + "]";
}

std::string Document(const std::string& value) {
  return absl::StrCat("{\"x\":", value, ",\"y\":", ManyValues(), "}");
}

// Returns a policy that is wrong in each element that is read.
std::string Policy(const std::string& value) {
  return absl::StrCat(R"({"Version":)", value, R"(,"Id":)", value,
                      R"(,"Statement":[)", value, R"(,{"Sid":)", value,
                      R"(,"Effect":)", value, R"(,"Principal":{"AWS":)", value,
                      R"(},"Action":[)", value, R"(],"Resource":)", value,
                      R"(,"Condition":{"StringEquals":{"k":[)", value,
                      R"(]},"y":)", value, R"(}},)", ManyValues(), "]}");
}

void CheckAtEveryLevel(const std::string& text) {
  for (const PolicyChecks level :
       {PolicyChecks::kJson, PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
    const auto findings =
        CheckPolicy(text, level, TheCatalog(), kDocumentLevels);
    ASSERT_EQ(findings.empty(), level == PolicyChecks::kJson);
    for (const Finding& finding : findings) {
      ASSERT_NE(finding.code, FindingCode::kJsonSyntaxError) << finding.message;
    }
  }
}

void ParseAndPrint(const std::string& value) {
  const auto parsed = JsonDocument::Parse(Document(value), kDocumentLevels);
  const auto* const document = std::get_if<JsonDocument>(&parsed);
  ASSERT_NE(document, nullptr);
  ASSERT_EQ(PrintCompact(*document), document->text());
  ASSERT_EQ(PrintLikeService(*document), NaiveReprint(document->text()));
}

// Decodes a body and expects `error`, or success when that is empty.
void DecodeBody(absl::string_view target, const std::string& body,
                absl::string_view error) {
  const auto decoded = DecodeRequest(target, body);
  if (const auto* refused = std::get_if<FrontEndError>(&decoded)) {
    ASSERT_EQ(refused->type, error);
    EncodeFrontEndError(*refused);
    return;
  }
  ASSERT_EQ(error, "");
  const WireRequest wire = EncodeRequest(std::get<v1::Request>(decoded));
  ASSERT_FALSE(wire.body.empty());
}

v1::Request PutOf(const std::string& text) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(text);
  return request;
}

// Puts a policy, reads it, asks it for a decision, all of it through the codec.
void CallBackend(Backend& backend, const v1::Request& put, bool is_good) {
  const WireRequest wire = EncodeRequest(put);
  const auto decoded = DecodeRequest(wire.target, wire.body);
  const v1::Response response =
      backend.Execute(TheCaller(), std::get<v1::Request>(decoded));
  ASSERT_EQ(response.has_put_resource_policy(), is_good)
      << response.ShortDebugString().substr(0, 500);
  EncodeResponse(response);
  v1::Request get;
  get.mutable_get_resource_policy();
  const WireResponse sent = EncodeResponse(backend.Execute(TheCaller(), get));
  const auto read = DecodeResponse(get.operation_case(), sent.http_status,
                                   sent.error_type, sent.body);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->has_get_resource_policy(), is_good);
}

// Room for the re-print of a document that nests deep.
constexpr size_t kRequestBytesMax = size_t{16} << 20;

void CallEngine(const std::string& value, PolicyChecks checks) {
  EngineOptions options;
  options.behavior = Behavior::Observed();
  options.behavior.policy_checks = checks;
  options.limits.policy_depth_max = kDocumentLevels;
  options.limits.request_bytes_max = kRequestBytesMax;
  const PolicyAuthorizer authorizer(DecisionKind::kAllow);
  if (checks == PolicyChecks::kJson) options.authorizer = &authorizer;
  MemoryStorage storage;
  Engine engine(&storage, options);
  CallBackend(engine, PutOf(absl::StrCat("{\"Statement\":", value, "}")),
              checks == PolicyChecks::kJson);
}

void CallModel(const std::string& value) {
  Behavior behavior = Behavior::Observed();
  behavior.policy_checks = PolicyChecks::kJson;
  Limits limits;
  limits.policy_depth_max = kDocumentLevels;
  limits.request_bytes_max = kRequestBytesMax;
  ReferenceModel model(behavior, limits, Clock::System());
  CallBackend(model, PutOf(absl::StrCat("{\"a\":", value, "}")), true);
}

constexpr char kPut[] = "AWSGlue.PutResourcePolicy";
constexpr char kSettings[] = "AWSGlue.PutDataCatalogEncryptionSettings";

const std::vector<Work>& AllWork() {
  static const auto* const kWork = new std::vector<Work>{
      {"IsJsonObject", kDocumentLevels, 1,
       [](const std::string& value) {
         ASSERT_EQ(FindJsonObjectError(Document(value), kDocumentLevels),
                   std::nullopt);
       }},
      {"ParseAndPrint", kDocumentLevels, 1, ParseAndPrint},
      {"CheckUnknownElement", kDocumentLevels, 1,
       [](const std::string& value) { CheckAtEveryLevel(Document(value)); }},
      // The innermost value is within Statement, Condition, StringEquals and a
      // list.
      {"CheckKnownElements", kDocumentLevels, 6,
       [](const std::string& value) { CheckAtEveryLevel(Policy(value)); }},
      {"Compile", kDocumentLevels, 6,
       [](const std::string& value) {
         const auto parsed = ParsePolicy(Policy(value), PolicyChecks::kGrammar,
                                         {}, kDocumentLevels);
         ASSERT_FALSE(std::holds_alternative<glue_security::Policy>(parsed));
       }},
      {"DecodeIgnoredMember", kBodyLevels, 1,
       [](const std::string& value) {
         DecodeBody(kPut,
                    absl::StrCat(R"({"PolicyInJson":"{}","x":)", value, "}"),
                    "");
       }},
      {"DecodeKnownString", kBodyLevels, 1,
       [](const std::string& value) {
         DecodeBody(kPut, absl::StrCat("{\"PolicyInJson\":", value, "}"),
                    "SerializationException");
       }},
      {"DecodeIgnoredInStructure", kBodyLevels, 2,
       [](const std::string& value) {
         DecodeBody(kSettings,
                    absl::StrCat(R"({"DataCatalogEncryptionSettings":{"x":)",
                                 value, "}}"),
                    "");
       }},
      {"DecodeUnknownTarget", kBodyLevels, 1,
       [](const std::string& value) {
         DecodeBody("AWSGlue.Nothing", Document(value),
                    "UnknownOperationException");
       }},
      {"DecodeResponse", kBodyLevels, 1,
       [](const std::string& value) {
         ASSERT_TRUE(DecodeResponse(v1::Request::kGetResourcePolicy, 200, "",
                                    Document(value))
                         .ok());
       }},
      {"DecodeErrorResponse", kErrorBodyLevels, 1,
       [](const std::string& value) {
         ASSERT_TRUE(
             DecodeResponse(
                 v1::Request::kGetResourcePolicy, 400, "",
                 absl::StrCat("{\"x\":", value,
                              R"(,"__type":"EntityNotFoundException"})"))
                 .ok());
       }},
      {"EngineStoresIt", kDocumentLevels, 1,
       [](const std::string& value) {
         CallEngine(value, PolicyChecks::kJson);
       }},
      {"EngineRefusesIt", kDocumentLevels, 1,
       [](const std::string& value) {
         CallEngine(value, PolicyChecks::kGlue);
       }},
      {"ReferenceModel", kDocumentLevels, 1, CallModel},
      {"NaiveJson", kDocumentLevels, 1,
       [](const std::string& value) {
         ASSERT_TRUE(NaiveIsJsonObject(Document(value), kDocumentLevels));
       }},
  };
  return *kWork;
}

class NestingTest : public testing::TestWithParam<std::tuple<Work, Shape>> {};

// Returns the least of several runs, since an allocation sometimes takes more.
size_t StackOf(const Work& work, const std::string& value) {
  constexpr size_t kStackBytes = size_t{1} << 20;
  constexpr int kRuns = 3;
  size_t least = kStackBytes;
  for (int i = 0; i < kRuns; ++i) {
    least =
        std::min(least, StackBytesUsed(kStackBytes, [&] { work.run(value); }));
  }
  return least;
}

TEST_P(NestingTest, DeepestLevel_TakesTheStackOfLevelTwo) {
  const auto& [work, shape] = GetParam();
  const size_t levels = work.levels_max - work.levels_around;
  const size_t shallow = StackOf(work, Nested(shape, 2));
  const size_t deep = StackOf(work, Nested(shape, levels));
  // Allocations vary; a recursive call would take at least 16 bytes.
  EXPECT_LT(deep, shallow + levels * 8)
      << "for each level " << (deep - shallow) / levels << " bytes";
  RecordProperty("stack_bytes", std::to_string(deep));
}

TEST_P(NestingTest, DeepestLevel_FitsInASmallStack) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes more for itself";
  const Work& work = std::get<Work>(GetParam());
  const std::string value =
      Nested(std::get<Shape>(GetParam()), work.levels_max - work.levels_around);
  constexpr size_t kSmallStackBytes = size_t{128} * 1024;
  EXPECT_LE(StackBytesUsed(kSmallStackBytes, [&] { work.run(value); }),
            kSmallStackBytes);
}

INSTANTIATE_TEST_SUITE_P(All, NestingTest,
                         testing::Combine(testing::ValuesIn(AllWork()),
                                          testing::ValuesIn(kShapes)),
                         [](const auto& test) {
                           return absl::StrCat(
                               std::get<Work>(test.param).name, "_",
                               std::get<Shape>(test.param).name);
                         });

}  // namespace
}  // namespace glue_security
