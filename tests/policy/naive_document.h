// The text of a policy as the naive evaluator sees it: plain functions on text
// and on JSON.

#ifndef TESTS_POLICY_NAIVE_DOCUMENT_H_
#define TESTS_POLICY_NAIVE_DOCUMENT_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace glue_security::naive {

using Json = nlohmann::ordered_json;

bool IsDigit(char c);

// Returns true if `text` is one digit or more.
bool AllDigits(const std::string& text);

bool StartsWith(const std::string& text, const std::string& prefix);

// Folds ASCII letters only. (Open: the guide does not say which letters.)
std::string Lower(std::string text);

// Splits at the first five colons. Everything after them is the sixth segment,
// colons included (reference-arns, ARN format).
std::vector<std::string> SplitArn(const std::string& text);

struct Document {
  // True from version 2012-10-17 on. In older versions "${…}" is text
  // (reference_policies_elements_version).
  bool variables = false;
  // Statement is one statement or a list
  // (reference_policies_elements_statement).
  std::vector<Json> statements;
};

// Text that is not JSON counts as a policy without statements.
Document ParseDocument(const std::string& policy);

// Returns the texts of one value or of a list of values
// (reference_policies_grammar, conventions).
std::vector<std::string> Texts(const Json& json);

}  // namespace glue_security::naive

#endif  // TESTS_POLICY_NAIVE_DOCUMENT_H_
