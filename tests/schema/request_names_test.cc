#include "glue_security/schema/request_names.h"

#include "glue_security/model/operation.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Compares with the fields that protobuf's reflection finds by their names.
TEST(RequestNames, AreThoseOfEveryOperation) {
  for (const Operation operation : kAllOperations) {
    SCOPED_TRACE(OperationName(operation));
    v1::Request request;
    auto* const message = request.GetReflection()->MutableMessage(
        &request, v1::Request::descriptor()->FindFieldByNumber(operation));
    const auto* const type = message->GetDescriptor();
    const auto* const catalog_id = type->FindFieldByName("catalog_id");
    const auto* const name = type->FindFieldByName("name");

    EXPECT_EQ(CatalogIdIn(request), nullptr);
    ASSERT_EQ(NameIn(request) == nullptr, name == nullptr);
    if (name != nullptr) {
      EXPECT_EQ(*NameIn(request), "");
    }

    for (const char* text : {"a", ""}) {
      if (catalog_id != nullptr) {
        message->GetReflection()->SetString(message, catalog_id, text);
        ASSERT_NE(CatalogIdIn(request), nullptr);
        EXPECT_EQ(*CatalogIdIn(request), text);
      }
      if (name != nullptr) {
        message->GetReflection()->SetString(message, name, text);
        EXPECT_EQ(*NameIn(request), text);
      }
    }
  }
}

TEST(RequestNames, ObjectsAreTheConnectionsThatARequestIsAbout) {
  v1::Request request;
  request.mutable_create_connection()->mutable_connection_input()->set_name(
      "a");
  EXPECT_THAT(ObjectNamesIn(request), ElementsAre("a"));
  request.mutable_get_connection()->set_name("b");
  EXPECT_THAT(ObjectNamesIn(request), ElementsAre("b"));
  // The name of the request counts, as access is asked for what is replaced.
  request.mutable_update_connection()->set_name("c");
  request.mutable_update_connection()->mutable_connection_input()->set_name(
      "d");
  EXPECT_THAT(ObjectNamesIn(request), ElementsAre("c"));
  request.mutable_delete_connection()->set_connection_name("");
  EXPECT_THAT(ObjectNamesIn(request), ElementsAre(""));
  auto* const names =
      request.mutable_batch_delete_connection()->mutable_connection_name_list();
  EXPECT_THAT(ObjectNamesIn(request), IsEmpty());
  for (const char* name : {"e", "", "e"}) names->add_elements(name);
  EXPECT_THAT(ObjectNamesIn(request), ElementsAre("e", "", "e"));
}

TEST(RequestNames, WithoutTheMember_ARequestNamesNoObject) {
  for (const Operation operation : kAllOperations) {
    v1::Request request;
    request.GetReflection()->MutableMessage(
        &request, v1::Request::descriptor()->FindFieldByNumber(operation));
    EXPECT_THAT(ObjectNamesIn(request), IsEmpty()) << OperationName(operation);
  }
  v1::Request request;
  request.mutable_create_connection()->mutable_connection_input();
  EXPECT_THAT(ObjectNamesIn(request), IsEmpty());
  // An operation about no object, whose request has a name.
  request.mutable_get_security_configuration()->set_name("n");
  EXPECT_THAT(ObjectNamesIn(request), IsEmpty());
}

TEST(RequestNames, ARequestWithoutAnOperation_HasNone) {
  const v1::Request request;
  EXPECT_EQ(CatalogIdIn(request), nullptr);
  EXPECT_EQ(NameIn(request), nullptr);
  EXPECT_THAT(ObjectNamesIn(request), IsEmpty());
}

}  // namespace
}  // namespace glue_security
