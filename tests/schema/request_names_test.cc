#include "glue_security/schema/request_names.h"

#include "glue_security/model/operation.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

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

TEST(RequestNames, ARequestWithoutAnOperation_HasNone) {
  const v1::Request request;
  EXPECT_EQ(CatalogIdIn(request), nullptr);
  EXPECT_EQ(NameIn(request), nullptr);
}

}  // namespace
}  // namespace glue_security
