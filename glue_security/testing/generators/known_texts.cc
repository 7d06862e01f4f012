#include "glue_security/testing/generators/known_texts.h"

#include "absl/strings/match.h"

namespace glue_security {

std::vector<std::string> KnownTexts(const std::string& field) {
  if (field == "name" || field == "connection_name" ||
      field == "connection_name_list") {
    return {"a", "b", "name \xC3\xA9"};
  }
  if (field == "catalog_id") {
    return {"111111111111", "222222222222", "any catalog"};
  }
  if (absl::EndsWith(field, "kms_key_arn")) {
    return {"arn:aws:kms:us-east-1:111111111111:key/k",
            "arn:aws:kms:us-east-1:111111111111:alias/a",
            "arn:aws:kms:",
            "",
            "arn:aws-cn:kms:k",
            "arn:aws-us-gov-2:kms:"};
  }
  if (absl::EndsWith(field, "kms_key_id")) {
    return {"alias/aws/glue", "key-1", "alias/aws/glue", "arn:aws:kms:k",
            "arn:aws:kms:eu-west-1:111111111111:alias/aws/glue"};
  }
  if (field == "policy_hash_condition") {
    return {"stale", "AAAAAAAAAAAAAAAAAAAAAA=="};
  }
  if (field == "next_token") return {"not a token"};
  if (field == "resource_arn") {
    return {"arn:aws:glue:us-east-1:111111111111:catalog",
            "arn:aws:glue:eu-west-1:222222222222:catalog",
            "arn:aws:glue:us-east-1:111111111111:database/d",
            "arn:aws:glue:", "arn:aws-cn:glue:cn-north-1:111111111111:catalog"};
  }
  if (field == "catalog_encryption_service_role") {
    return {"arn:aws:iam::111111111111:role/r",
            "arn:aws-iso-b:iam::111111111111:role/path/r"};
  }
  return {"x", "y"};
}

std::vector<std::string> OddTexts() {
  return {"tab\there",
          "\x7F",
          "\xC2\x85",
          "\xE2\x80\xA8",
          "\xF0\x9F\x98\x80",
          "\xEF\xBF\xBD",
          " ",
          std::string("nul\0", 4),
          "\n",
          "\xEF\xBF\xBE",
          "",
          "arn:aws:kms:\xF0\x9F\x98\x80",
          "arn:aws:kms:\x01\t",
          std::string(300, 'x'),
          "arn:aws:kms:" + std::string(300, 'k')};
}

}  // namespace glue_security
