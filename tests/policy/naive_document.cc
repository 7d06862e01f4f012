#include "tests/policy/naive_document.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"

namespace glue_security::naive {
namespace {

// Puts numbers in quotes, so that each keeps the text that was written.
// "Quotation marks are optional for numeric and Boolean values"
// (reference_policies_grammar, the policy language and JSON).
std::string QuoteNumbers(const std::string& json) {
  std::string quoted;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (in_string && json[i] == '\\' && i + 1 < json.size()) {
      quoted += json[i++];
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && (json[i] == '-' || IsDigit(json[i]))) {
      const std::size_t end = json.find_first_not_of("0123456789+-.eE", i);
      quoted += '"' + json.substr(i, end - i) + '"';
      if (end == std::string::npos) break;
      i = end - 1;
      continue;
    }
    quoted += json[i];
  }
  return quoted;
}

}  // namespace

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(const std::string& text) {
  for (char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::vector<std::string> SplitArn(const std::string& text) {
  std::vector<std::string> segments = {""};
  for (char c : text) {
    if (c == ':' && segments.size() < 6) {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

Document ParseDocument(const std::string& policy) {
  Document document;
  Json json =
      Json::parse(QuoteNumbers(policy), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("Statement")) return document;
  document.variables =
      json.contains("Version") && json["Version"] == "2012-10-17";
  if (json["Statement"].is_array()) {
    for (Json& statement : json["Statement"]) {
      document.statements.push_back(std::move(statement));
    }
  } else {
    document.statements.push_back(std::move(json["Statement"]));
  }
  return document;
}

std::vector<std::string> Texts(const Json& json) {
  std::vector<std::string> texts;
  if (json.is_array()) {
    for (const Json& item : json) {
      for (const std::string& text : Texts(item)) texts.push_back(text);
    }
  } else if (json.is_string()) {
    texts.push_back(json.get<std::string>());
  } else if (json.is_boolean()) {
    texts.emplace_back(json.get<bool>() ? "true" : "false");
  }
  return texts;
}

}  // namespace glue_security::naive
