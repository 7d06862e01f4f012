// The operations on connections on the wire: lists of strings, maps whose keys
// are of an enum, and a map of structures in a response.

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/matchers.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

// Returns the request, or an error "Type: message".
std::variant<v1::Request, std::string> Read(
    absl::string_view operation, absl::string_view body,
    const Behavior& behavior = Behavior::Current()) {
  auto decoded =
      DecodeRequest(absl::StrCat("AWSGlue.", operation), body, behavior);
  if (const auto* error = std::get_if<FrontEndError>(&decoded)) {
    return error->message.has_value()
               ? absl::StrCat(error->type, ": ", *error->message)
               : error->type;
  }
  return std::get<v1::Request>(std::move(decoded));
}

v1::Request Decode(absl::string_view operation, absl::string_view body,
                   const Behavior& behavior = Behavior::Current()) {
  auto read = Read(operation, body, behavior);
  if (const auto* error = std::get_if<std::string>(&read)) {
    ADD_FAILURE() << *error << "\nfor " << body;
    return v1::Request();
  }
  return std::get<v1::Request>(std::move(read));
}

std::string ErrorOf(absl::string_view operation, absl::string_view body,
                    const Behavior& behavior = Behavior::Current()) {
  auto read = Read(operation, body, behavior);
  const auto* error = std::get_if<std::string>(&read);
  return error == nullptr ? "none" : *error;
}

// A body with every member, and the request that it is.
constexpr char kWholeBody[] =
    R"({"CatalogId":"c","ConnectionInput":{"Name":"n","Description":"d\r\n",)"
    R"("ConnectionType":"KAFKA","MatchCriteria":["b","","b"],)"
    R"("ConnectionProperties":{"HOST":"h","PASSWORD":"\u0000\"","nothing":""},)"
    R"("PhysicalConnectionRequirements":{"SubnetId":"s",)"
    R"("SecurityGroupIdList":["g"],"AvailabilityZone":"z"}},)"
    R"("Tags":{"":"v","k":"\u00e9"}})";

v1::Request WholeRequest() {
  v1::Request request;
  auto* create = request.mutable_create_connection();
  create->set_catalog_id("c");
  auto* input = create->mutable_connection_input();
  input->set_name("n");
  input->set_description("d\r\n");
  input->set_connection_type(v1::CONNECTION_TYPE_KAFKA);
  for (const char* text : {"b", "", "b"}) {
    input->mutable_match_criteria()->add_elements(text);
  }
  auto& properties =
      *input->mutable_connection_properties()->mutable_elements();
  properties["HOST"] = "h";
  properties["PASSWORD"] = std::string("\0\"", 2);
  properties["nothing"] = "";
  auto* physical = input->mutable_physical_connection_requirements();
  physical->set_subnet_id("s");
  physical->mutable_security_group_id_list()->add_elements("g");
  physical->set_availability_zone("z");
  auto& tags = *create->mutable_tags()->mutable_elements();
  tags[""] = "v";
  tags["k"] = "\xC3\xA9";
  return request;
}

TEST(ConnectionCodec, EveryMemberOfCreateConnection) {
  EXPECT_THAT(Decode("CreateConnection", kWholeBody),
              EqualsProto(WholeRequest()));
  const WireRequest wire = EncodeRequest(WholeRequest());
  EXPECT_EQ(wire.target, "AWSGlue.CreateConnection");
  // "é" is spelled differently.
  EXPECT_EQ(wire.body,
            absl::StrReplaceAll(kWholeBody, {{"\\u00e9", "\xC3\xA9"}}));
}

TEST(ConnectionCodec, EveryMemberOfTheOtherRequests) {
  v1::Request expected;
  expected.mutable_get_connection()->set_name("n");
  expected.mutable_get_connection()->set_hide_password(false);
  EXPECT_THAT(Decode("GetConnection", R"({"Name":"n","HidePassword":false})"),
              EqualsProto(expected));

  auto* list = expected.mutable_get_connections();
  list->mutable_filter()->mutable_match_criteria();
  list->mutable_filter()->set_connection_type(v1::CONNECTION_TYPE_SFTP);
  list->set_hide_password(true);
  list->set_next_token("");
  list->set_max_results(7);
  EXPECT_THAT(
      Decode("GetConnections",
             R"({"Filter":{"MatchCriteria":[],"ConnectionType":"SFTP"},)"
             R"("HidePassword":true,"NextToken":"","MaxResults":7})"),
      EqualsProto(expected));

  auto* update = expected.mutable_update_connection();
  update->set_name("n");
  update->mutable_connection_input()->mutable_connection_properties();
  EXPECT_THAT(
      Decode("UpdateConnection",
             R"({"Name":"n","ConnectionInput":{"ConnectionProperties":{}}})"),
      EqualsProto(expected));

  expected.mutable_delete_connection()->set_connection_name("n");
  EXPECT_THAT(Decode("DeleteConnection", R"({"ConnectionName":"n"})"),
              EqualsProto(expected));

  auto* names = expected.mutable_batch_delete_connection()
                    ->mutable_connection_name_list();
  for (const char* name : {"a", "b", "a"}) names->add_elements(name);
  EXPECT_THAT(Decode("BatchDeleteConnection",
                     R"({"ConnectionNameList":["a","b","a"]})"),
              EqualsProto(expected));
}

TEST(ConnectionCodec, AbsentNullAndEmptyAreToldApart) {
  const auto input = [](const char* members) {
    return Decode("CreateConnection",
                  absl::StrCat(R"({"ConnectionInput":{)", members, "}}"))
        .create_connection()
        .connection_input();
  };
  for (const char* absent :
       {"", R"("MatchCriteria":null,"ConnectionProperties":null)"}) {
    EXPECT_FALSE(input(absent).has_match_criteria());
    EXPECT_FALSE(input(absent).has_connection_properties());
  }
  const auto empty = input(R"("MatchCriteria":[],"ConnectionProperties":{})");
  EXPECT_TRUE(empty.has_match_criteria());
  EXPECT_TRUE(empty.has_connection_properties());
  // A null value is an absent entry.
  EXPECT_THAT(input(R"("ConnectionProperties":{"HOST":null,"PORT":"1"})")
                  .connection_properties()
                  .elements(),
              UnorderedElementsAre(Pair("PORT", "1")));
  EXPECT_THAT(input(R"("ConnectionProperties":{"HOST":"h","HOST":null})")
                  .connection_properties()
                  .elements(),
              IsEmpty());
}

// Messages that mean the same are equal for whoever compares all their entries.
TEST(ConnectionCodec, TheLastOfARepeatedKeyIsTheOnlyOne) {
  EXPECT_THAT(
      Decode("CreateConnection",
             R"({"ConnectionInput":{"ConnectionProperties":{"HOST":"1",)"
             R"("PORT":"2","HOST":null,"USERNAME":null,"HOST":"3","PORT":"4",)"
             R"("USERNAME":"5","HOST":"6","USERNAME":null}}})"),
      EqualsProto(
          Decode("CreateConnection",
                 R"({"ConnectionInput":{"ConnectionProperties":{"PORT":"4",)"
                 R"("HOST":"6"}}})")));
  EXPECT_THAT(
      DecodeResponse(v1::Request::kBatchDeleteConnection, 200, "",
                     R"({"Errors":{"a":{"ErrorCode":"1"},"b":{},"c":{},)"
                     R"("a":{"ErrorMessage":"2"},"b":null}})"),
      IsOkAndHolds(EqualsProto(
          DecodeResponse(v1::Request::kBatchDeleteConnection, 200, "",
                         R"({"Errors":{"a":{"ErrorMessage":"2"},"c":{}}})")
              .value())));
}

// A key that is not one of the enum breaks a constraint, which quotes it.
TEST(ConnectionCodec, KeysOfAnEnumAreReadAsTheyAre) {
  const v1::Request request =
      Decode("CreateConnection",
             R"({"ConnectionInput":{"ConnectionProperties":{"host":"1",)"
             R"("CONNECTION_URL":"2"}}})",
             Behavior::Documented());
  EXPECT_EQ(request.unparsed_values_size(), 0);
  EXPECT_THAT(
      request.create_connection()
          .connection_input()
          .connection_properties()
          .elements(),
      UnorderedElementsAre(Pair("host", "1"), Pair("CONNECTION_URL", "2")));
}

TEST(ConnectionCodec, ATypeThatIsNotInForceIsKeptAsItsText) {
  constexpr char kBody[] = R"({"ConnectionInput":{"ConnectionType":"KAFKA"}})";
  const v1::Request before =
      Decode("CreateConnection", kBody, Behavior::Documented());
  ASSERT_EQ(before.unparsed_values_size(), 1);
  EXPECT_EQ(before.unparsed_values(0).path(), "connectionInput.connectionType");
  EXPECT_EQ(before.unparsed_values(0).text(), "KAFKA");
  EXPECT_FALSE(
      before.create_connection().connection_input().has_connection_type());
  EXPECT_EQ(EncodeRequest(before).body, kBody);
  EXPECT_EQ(Decode("CreateConnection", kBody)
                .create_connection()
                .connection_input()
                .connection_type(),
            v1::CONNECTION_TYPE_KAFKA);
}

TEST(ConnectionCodec, TagsAreUnknownBeforeTheirDate) {
  Behavior before = Behavior::Current();
  before.api_date = absl::CivilDay(2021, 6, 30);
  EXPECT_FALSE(Decode("CreateConnection", R"({"Tags":{"k":"v"}})", before)
                   .create_connection()
                   .has_tags());
  // Whatever it holds.
  EXPECT_FALSE(Decode("CreateConnection", R"({"Tags":[{}]})", before)
                   .create_connection()
                   .has_tags());
  before.refuse_unknown_members = true;
  EXPECT_EQ(ErrorOf("CreateConnection", R"({"Tags":null})", before),
            "SerializationException: Unknown member 'Tags'");
  before.api_date = absl::CivilDay(2021, 7, 1);
  EXPECT_EQ(ErrorOf("CreateConnection", R"({"Tags":null})", before), "none");
}

TEST(ConnectionCodec, AStrictCodecNamesMembersAndNoKeys) {
  Behavior strict = Behavior::Current();
  strict.refuse_unknown_members = true;
  EXPECT_EQ(ErrorOf("UpdateConnection",
                    R"({"ConnectionInput":{"ConnectionProperties":{"x":"y"},)"
                    R"("PhysicalConnectionRequirements":{"Zone":"z"}}})",
                    strict),
            "SerializationException: Unknown member "
            "'connectionInput.physicalConnectionRequirements.Zone'");
  EXPECT_EQ(ErrorOf("UpdateConnection",
                    R"({"ConnectionInput":{"ConnectionProperties":{"x":"y"}}})",
                    strict),
            "none");
}

TEST(ConnectionCodec, ValuesOfOtherTypesAreRefused) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"("MatchCriteria":"m")", "Expected list or null"},
      {R"("MatchCriteria":7)", "Expected list or null"},
      {R"("MatchCriteria":{})",
       "Start of structure or map found where not expected."},
      {R"("MatchCriteria":["m",7])",
       "NUMBER_VALUE can not be converted to a String"},
      {R"("MatchCriteria":[false])",
       "FALSE_VALUE can not be converted to a String"},
      {R"("MatchCriteria":[{"m":1}])",
       "Start of structure or map found where not expected."},
      {R"("MatchCriteria":[[]])", "Start of list found where not expected"},
      {R"("ConnectionProperties":[])",
       "Start of list found where not expected"},
      {R"("ConnectionProperties":"HOST")", "Expected null"},
      {R"("ConnectionProperties":true)", "Expected null"},
      {R"("ConnectionProperties":{"PORT":22})",
       "NUMBER_VALUE can not be converted to a String"},
      {R"("ConnectionProperties":{"HOST":["h"]})",
       "Start of list found where not expected"},
      {R"("ConnectionProperties":{"HOST":{}})",
       "Start of structure or map found where not expected."},
  };
  for (const auto& [members, message] : cases) {
    EXPECT_EQ(ErrorOf("CreateConnection",
                      absl::StrCat(R"({"ConnectionInput":{)", members, "}}")),
              absl::StrCat("SerializationException: ", message))
        << members;
  }
  EXPECT_EQ(
      ErrorOf("BatchDeleteConnection", R"({"ConnectionNameList":[null]})"),
      "SerializationException");
  // Invalid UTF-8 is no JSON, wherever it stands.
  for (const char* body :
       {"{\"ConnectionNameList\":[\"\xFF\"]}", "{\"Tags\":{\"\xFF\":\"\"}}",
        "{\"Tags\":{\"\":\"\xED\xA0\x80\"}}"}) {
    EXPECT_EQ(ErrorOf("CreateConnection", body), "SerializationException");
    EXPECT_EQ(ErrorOf("BatchDeleteConnection", body), "SerializationException");
  }
}

// A page of connections, with everything that one can have.
v1::Response WholePage() {
  v1::Response response;
  auto* page = response.mutable_get_connections();
  auto* connection = page->add_connection_list();
  const v1::Request request = WholeRequest();
  const v1::ConnectionInput& input =
      request.create_connection().connection_input();
  connection->set_name(input.name());
  connection->set_connection_type(input.connection_type());
  *connection->mutable_match_criteria() = input.match_criteria();
  *connection->mutable_connection_properties() = input.connection_properties();
  *connection->mutable_physical_connection_requirements() =
      input.physical_connection_requirements();
  connection->mutable_creation_time()->set_seconds(1'700'000'000);
  connection->mutable_last_updated_time()->set_seconds(1'700'000'000);
  connection->mutable_last_updated_time()->set_nanos(120'000'000);
  connection->set_last_updated_by("user/alice");
  page->add_connection_list()->set_name("least");
  page->set_next_token("t");
  return response;
}

TEST(ConnectionCodec, APageOfConnections) {
  const WireResponse wire = EncodeResponse(WholePage());
  EXPECT_EQ(
      wire.body,
      R"({"ConnectionList":[{"Name":"n","ConnectionType":"KAFKA",)"
      R"("MatchCriteria":["b","","b"],"ConnectionProperties":{"HOST":"h",)"
      R"("PASSWORD":"\u0000\"","nothing":""},)"
      R"("PhysicalConnectionRequirements":{"SubnetId":"s",)"
      R"("SecurityGroupIdList":["g"],"AvailabilityZone":"z"},)"
      R"("CreationTime":1700000000,"LastUpdatedTime":1700000000.12,)"
      R"("LastUpdatedBy":"user/alice"},{"Name":"least"}],"NextToken":"t"})");
  EXPECT_THAT(DecodeResponse(v1::Request::kGetConnections, 200, "", wire.body),
              IsOkAndHolds(EqualsProto(WholePage())));
}

TEST(ConnectionCodec, ListsAndMapsOfResponsesAreNeverAbsent) {
  v1::Response response;
  response.mutable_get_connections();
  EXPECT_EQ(EncodeResponse(response).body, R"({"ConnectionList":[]})");
  response.mutable_batch_delete_connection();
  EXPECT_EQ(EncodeResponse(response).body, R"({"Succeeded":[],"Errors":{}})");
  response.mutable_get_connection();
  EXPECT_EQ(EncodeResponse(response).body, "{}");
  for (const Operation operation :
       {v1::Request::kCreateConnection, v1::Request::kUpdateConnection,
        v1::Request::kDeleteConnection}) {
    EXPECT_THAT(DecodeResponse(operation, 200, "", "{}"), IsOk());
  }
  response.mutable_create_connection();
  EXPECT_EQ(EncodeResponse(response).body, "{}");
}

TEST(ConnectionCodec, TheErrorsOfABatch) {
  v1::Response response;
  auto* batch = response.mutable_batch_delete_connection();
  batch->add_succeeded("b");
  batch->add_succeeded("a");
  auto& errors = *batch->mutable_errors();
  errors["y \"z\""].set_error_code("EntityNotFoundException");
  errors["y \"z\""].set_error_message("text \xC3\xA9");
  errors["x"];
  const WireResponse wire = EncodeResponse(response);
  EXPECT_EQ(wire.body,
            "{\"Succeeded\":[\"b\",\"a\"],\"Errors\":{\"x\":{},"
            "\"y \\\"z\\\"\":{\"ErrorCode\":\"EntityNotFoundException\","
            "\"ErrorMessage\":\"text \xC3\xA9\"}}}");
  EXPECT_THAT(
      DecodeResponse(v1::Request::kBatchDeleteConnection, 200, "", wire.body),
      IsOkAndHolds(EqualsProto(response)));
  // Members of a later model are ignored by a client.
  const auto decoded = DecodeResponse(
      v1::Request::kBatchDeleteConnection, 200, "",
      R"({"Errors":{"x":{"ErrorCode":"c","Retry":{"a":[1]}},"y":null}})");
  ASSERT_THAT(decoded, IsOk());
  ASSERT_EQ(decoded->batch_delete_connection().errors_size(), 1);
  EXPECT_EQ(decoded->batch_delete_connection().errors().at("x").error_code(),
            "c");
}

// Equal maps give equal bytes, in whichever order they were filled.
TEST(ConnectionCodec, TheOrderOfAMapIsThatOfItsKeys) {
  std::vector<std::string> bodies;
  for (const int step : {1, 7, 29}) {
    v1::Response response;
    auto& errors =
        *response.mutable_batch_delete_connection()->mutable_errors();
    for (int i = 0; i < 60; ++i) errors[absl::StrCat(i * step % 60)];
    bodies.push_back(EncodeResponse(response).body);
  }
  EXPECT_EQ(bodies[0], bodies[1]);
  EXPECT_EQ(bodies[0], bodies[2]);
}

}  // namespace
}  // namespace glue_security
