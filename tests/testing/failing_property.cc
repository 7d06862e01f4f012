// Prints the report of a property that fails, on a backend that omits the first
// element of each page after the first, as docs/testing_kit/own_properties.md
// shows it.

#include <cstddef>
#include <iostream>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "glue_security/testing/properties/stateful_property.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

using Names = std::set<std::string>;

const Caller& Someone() {
  static const Caller& caller = *new Caller{"123456789012", "us-east-1", ""};
  return caller;
}

void Create(Names& names, PropertyStep& step) {
  v1::Request request;
  auto* create = request.mutable_create_security_configuration();
  create->set_name(step.choices().Pick<std::string>({"a", "b", "c"}));
  create->mutable_encryption_configuration();
  step.Execute(Someone(), request);
  names.insert(create->name());
}

// Reads all pages, and expects every name once.
void ReadPages(const Names& names, PropertyStep& step) {
  v1::Request request;
  auto* list = request.mutable_get_security_configurations();
  list->set_max_results(1 + static_cast<int>(step.choices().Below(3)));
  Names shown;
  for (size_t page = 0; page <= names.size(); ++page) {
    const v1::Response answer = step.Execute(Someone(), request);
    const auto& configurations = answer.get_security_configurations();
    for (const auto& shows : configurations.security_configurations()) {
      shown.insert(shows.name());
    }
    list->set_next_token(configurations.next_token());
    if (list->next_token().empty()) break;
  }
  EXPECT_EQ(shown, names);
}

int Report() {
  StatefulProperty<Names> property("the pages show every name");
  property.Rule("create", Create);
  property.Rule("read all pages", ReadPages);
  PropertyOptions options;
  options.seed = 20261124;
  // The number of runs ends the shrinking, so each run prints the same.
  options.shrink.time_max = absl::InfiniteDuration();
  const PropertyReport report = property.Check(SkipsAtPages, options);
  std::cout << report.text;
  return report.ok() ? 1 : 0;
}

}  // namespace
}  // namespace glue_security

int main() { return glue_security::Report(); }
