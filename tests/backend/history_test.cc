#include "glue_security/backend/history.h"

#include <string>
#include <vector>

#include "glue_security/model/operation.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(HistoryTest, AnOpenOutcomeIsNoAnswerOrATimeoutOrAnErrorThatSaysSo) {
  HistoryEntry entry;
  EXPECT_TRUE(IsUnknown(entry));
  entry.response.emplace();
  EXPECT_FALSE(IsUnknown(entry));
  entry.response->mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
  EXPECT_FALSE(IsUnknown(entry));
  entry.response->mutable_error()->set_detail(v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_FALSE(IsUnknown(entry));
  entry.response->mutable_error()->set_detail(
      v1::Error::DETAIL_OUTCOME_UNKNOWN);
  EXPECT_TRUE(IsUnknown(entry));
  entry.response->mutable_error()->Clear();
  entry.response->mutable_error()->set_code(v1::ERROR_CODE_OPERATION_TIMEOUT);
  EXPECT_TRUE(IsUnknown(entry));
}

TEST(HistoryTest, QuotesAreCutAndEscaped) {
  EXPECT_EQ(QuoteShort(""), "\"\"");
  EXPECT_EQ(QuoteShort("a\"b\n\xFF"), R"("a\"b\n\xff")");
  EXPECT_EQ(QuoteShort("abcdef", 6), "\"abcdef\"");
  EXPECT_EQ(QuoteShort("abcdefg", 6), "\"abcdef...\"");
}

struct BriefCase {
  v1::Request request;
  std::string text;
};

std::vector<BriefCase> BriefCases() {
  std::vector<BriefCase> cases(15);
  size_t n = 0;
  cases[n++].text = "(no operation)";

  auto* get = cases[n].request.mutable_get_data_catalog_encryption_settings();
  get->set_catalog_id("c");
  cases[n++].text = "GetDataCatalogEncryptionSettings of \"c\"";

  auto* put = cases[n].request.mutable_put_data_catalog_encryption_settings();
  auto* settings = put->mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  settings->mutable_encryption_at_rest()->set_sse_aws_kms_key_id("k");
  settings->mutable_connection_password_encryption()->set_aws_kms_key_id("l");
  cases[n++].text =
      "PutDataCatalogEncryptionSettings SSE_KMS \"k\" passwords plain \"l\"";

  auto* policy = cases[n].request.mutable_put_resource_policy();
  policy->set_policy_in_json("{}");
  policy->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  policy->set_policy_hash_condition("1234567");
  cases[n++].text =
      "PutResourcePolicy \"{}\" if MUST_EXIST, hash \"123456...\"";

  cases[n].request.mutable_get_resource_policy();
  cases[n++].text = "GetResourcePolicy";

  cases[n].request.mutable_delete_resource_policy()->set_policy_hash_condition(
      "h");
  cases[n++].text = "DeleteResourcePolicy if hash \"h\"";

  cases[n].request.mutable_create_security_configuration()->set_name("a");
  cases[n++].text = "CreateSecurityConfiguration \"a\"";

  cases[n].request.mutable_delete_security_configuration()->set_name("a");
  cases[n++].text = "DeleteSecurityConfiguration \"a\"";

  cases[n].request.mutable_get_security_configuration()->set_name("a");
  cases[n++].text = "GetSecurityConfiguration \"a\"";

  auto* list = cases[n].request.mutable_get_security_configurations();
  list->set_max_results(2);
  list->set_next_token("t");
  cases[n++].text = "GetSecurityConfigurations at most 2 token \"t\"";

  auto* hybrid = cases[n].request.mutable_put_resource_policy();
  hybrid->set_policy_in_json("{}");
  hybrid->set_resource_arn("arn:aws:glue:us-east-1:123456789012:catalog");
  hybrid->set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
  hybrid->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NONE);
  cases[n++].text =
      "PutResourcePolicy \"{}\" of "
      "\"arn:aws:glue:us-east-1:123456789012:catalog\" hybrid TRUE if NONE";

  cases[n].request.mutable_get_resource_policy()->set_resource_arn("a");
  cases[n++].text = "GetResourcePolicy of \"a\"";

  cases[n].request.mutable_delete_resource_policy()->set_resource_arn("a");
  cases[n++].text = "DeleteResourcePolicy of \"a\"";

  auto* drop = cases[n].request.mutable_delete_resource_policy();
  drop->set_resource_arn("a");
  drop->set_policy_hash_condition("h");
  cases[n++].text = "DeleteResourcePolicy of \"a\" if hash \"h\"";

  cases[n].request.mutable_get_resource_policies()->set_max_results(2);
  cases[n++].text = "GetResourcePolicies at most 2";
  return cases;
}

TEST(HistoryTest, ARequestIsOneShortLine) {
  for (const BriefCase& c : BriefCases()) {
    EXPECT_EQ(BriefRequest(c.request), c.text);
  }
}

TEST(HistoryTest, TextsCanBeShownWhole) {
  const std::string text(300, 'a');
  v1::Request request;
  auto* put = request.mutable_put_resource_policy();
  put->set_policy_in_json(text);
  put->set_resource_arn(text);
  put->set_policy_hash_condition(text);
  const std::string quoted = "\"" + text + "\"";
  EXPECT_EQ(
      BriefRequest(request, BriefTexts::kWhole),
      "PutResourcePolicy " + quoted + " of " + quoted + " if hash " + quoted);
  v1::Response response;
  auto* page = response.mutable_get_security_configurations();
  page->add_security_configurations()->set_name(text);
  EXPECT_EQ(BriefResponse(response, BriefTexts::kWhole), "ok [" + quoted + "]");
  // Without the option both are cut.
  EXPECT_LT(BriefRequest(request).size(), 200u);
  EXPECT_LT(BriefResponse(response).size(), 50u);
}

TEST(HistoryTest, AResponseIsOneShortLine) {
  EXPECT_EQ(BriefResponse(std::nullopt), "no answer yet");
  v1::Response response;
  EXPECT_EQ(BriefResponse(response), "(an empty response)");
  response.mutable_error();
  EXPECT_EQ(BriefResponse(response), "(an error without a code)");
  response.mutable_error()->set_code(v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_EQ(BriefResponse(response), "AlreadyExistsException");
  response.mutable_put_resource_policy()->set_policy_hash("12345678");
  EXPECT_EQ(BriefResponse(response), "ok hash \"123456...\"");
  response.mutable_get_resource_policy()->set_policy_in_json("{}");
  EXPECT_EQ(BriefResponse(response), "ok \"{}\" hash \"\"");
  response.mutable_delete_resource_policy();
  EXPECT_EQ(BriefResponse(response), "ok");
  response.mutable_get_data_catalog_encryption_settings();
  EXPECT_EQ(BriefResponse(response), "ok {}");
  auto* rest = response.mutable_get_data_catalog_encryption_settings()
                   ->mutable_data_catalog_encryption_settings()
                   ->mutable_encryption_at_rest();
  rest->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
  rest->set_catalog_encryption_service_role("r");
  EXPECT_EQ(BriefResponse(response), "ok SSE_KMS_WITH_SERVICE_ROLE role \"r\"");
  auto* page = response.mutable_get_security_configurations();
  EXPECT_EQ(BriefResponse(response), "ok []");
  page->add_security_configurations()->set_name("a");
  page->add_security_configurations()->set_name("b");
  page->set_next_token("t");
  EXPECT_EQ(BriefResponse(response), "ok [\"a\", \"b\"] and more");
  auto* policies = response.mutable_get_resource_policies();
  policies->set_next_token("");
  EXPECT_EQ(BriefResponse(response), "ok []");
  policies->add_policies()->set_policy_in_json("{}");
  EXPECT_EQ(BriefResponse(response), "ok [\"{}\" hash \"\"]");
}

TEST(HistoryTest, AHistoryIsPrintedInTheOrderOfItsStarts) {
  History history(2);
  history[0].client = 1;
  history[0].caller = {"a\n", "r", ""};
  history[0].request.mutable_get_resource_policy();
  history[0].start = 7;
  history[1].start = 3;
  history[1].end = 9;
  history[1].response.emplace().mutable_error()->set_code(
      v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(FormatHistory(history),
            "#1 client 0 [3..9] / (no operation) -> InvalidInputException\n"
            "#0 client 1 [7..] a\\n/r GetResourcePolicy -> no answer yet\n");
}

}  // namespace
}  // namespace glue_security
