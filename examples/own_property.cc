// An example of a property of one's own: after any creations and deletions, the
// list of the security configurations shows exactly those that exist.
//
//   bazel run //examples:own_property -- --stats --runs=1000

// [own property]
#include <set>
#include <string>

#include "glue_security/testing/properties/stateful_property.h"
#include "gtest/gtest.h"

using namespace glue_security;

using Names = std::set<std::string>;

TEST(SecurityConfigurations, TheListShowsThoseThatExist) {
  const Caller caller = {"123456789012", "us-east-1", ""};
  StatefulProperty<Names> property("the list shows those that exist");
  property.Rule("create", [&](Names& names, PropertyStep& step) {
    const auto name = step.choices().Pick<std::string>({"a", "b", "c"});
    v1::Request request;
    auto* create = request.mutable_create_security_configuration();
    create->set_name(name);
    create->mutable_encryption_configuration();
    const bool created = names.insert(name).second;
    step.Label(created ? "a new name" : "a name that is taken");
    EXPECT_EQ(!step.Execute(caller, request).has_error(), created);
  });
  property.Rule(
      "delete", [](const Names& names) { return !names.empty(); },
      [&](Names& names, PropertyStep& step) {
        const std::string name = *names.begin();
        v1::Request request;
        request.mutable_delete_security_configuration()->set_name(name);
        EXPECT_FALSE(step.Execute(caller, request).has_error());
        names.erase(name);
      });
  property.Invariant("list", [&](Names& names, PropertyStep& step) {
    v1::Request request;
    request.mutable_get_security_configurations();
    const v1::Response answer = step.Execute(caller, request);
    Names shown;
    for (const auto& configuration :
         answer.get_security_configurations().security_configurations()) {
      shown.insert(configuration.name());
    }
    EXPECT_EQ(shown, names);
  });
  // `EngineInMemory` stands for your own factory.
  const PropertyReport report = property.Check(EngineInMemory);
  EXPECT_TRUE(report.ok()) << report.text;
}
// [own property end]
