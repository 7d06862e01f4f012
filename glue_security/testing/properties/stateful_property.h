// StatefulProperty: rules and invariants of your own, over any backend.
//
// The reference model says what every answer must be. A property says what you
// rely on, in your words: rules, which may run in any order, and invariants,
// which hold after each of them. It is like the rule-based state machine of
// Hypothesis and the commands of RapidCheck, with the choices of this kit.
//
//   struct Known {
//     std::string hash;  // The hash in force; "": there is no policy.
//   };
//
//   TEST(MyGlue, ANewPolicyHasANewHash) {
//     StatefulProperty<Known> property("a new policy has a new hash");
//     property.Rule("put", [](Known& known, PropertyStep& step) {
//       v1::Request request;
//       request.mutable_put_resource_policy()->set_policy_in_json(
//           step.choices().Pick<std::string>({"{}", "{ }"}));
//       const v1::Response answer = step.Execute(kCaller, request);
//       ASSERT_FALSE(answer.has_error());
//       EXPECT_NE(answer.put_resource_policy().policy_hash(), known.hash);
//       known.hash = answer.put_resource_policy().policy_hash();
//     });
//     PropertyOptions options;
//     options.behavior.policy_checks = PolicyChecks::kJson;  // "{}" is allowed
//     const PropertyReport report = property.Check(MakeMine, options);
//     EXPECT_TRUE(report.ok()) << report.text;
//   }
//
// This property is false, because a policy may be replaced by itself. The
// failure is shrunk to the fewest and simplest steps and shown as text:
//
//   property "a new policy has a new hash" failed in run 2 of
//       GLUE_SECURITY_SEED=42, shrunk from 3 steps to 2 steps
//   1. put
//      111111111111 us-east-1: put_resource_policy { policy_in_json: "{}" }
//      -> put_resource_policy { policy_hash: "RBNvo1WzZ4oRRq0W9+hkng==" }
//   2. put
//      ...
//      failed: my_test.cc:14: Expected: (...) != (known.hash), actual: ...
//   GLUE_SECURITY_REPLAY=1.0.1
//
// A rule or invariant fails when an EXPECT_ or ASSERT_ of gtest fails in it on
// the same thread, when it calls `PropertyStep::Fail`, or when it throws. The
// failures of single runs are not failures of the test: only the report is.
//
// examples/own_property.cc is a whole example.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_STATEFUL_PROPERTY_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_STATEFUL_PROPERTY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/properties/property_options.h"
#include "glue_security/testing/properties/property_report.h"
#include "glue_security/testing/properties/property_runner.h"
#include "glue_security/testing/properties/property_step.h"

namespace glue_security {

// `State` is what a run knows: each run begins with a new one. It must depend
// on nothing but the run's choices and answers, so that a run can be repeated.
// Not thread-safe.
template <typename State>
class StatefulProperty {
 public:
  using Action = std::function<void(State&, PropertyStep&)>;
  using Precondition = std::function<bool(const State&)>;
  using NewState = std::function<State()>;

  // `name` identifies the property in reports and in a file of failures; it is
  // not empty. `new_state` makes the state of a run.
  explicit StatefulProperty(
      std::string name, NewState new_state = [] { return State(); })
      : new_state_(std::move(new_state)) {
    spec_.name = std::move(name);
  }

  // The runs refer to this.
  StatefulProperty(const StatefulProperty&) = delete;
  StatefulProperty& operator=(const StatefulProperty&) = delete;

  // Adds a rule. Each step takes one of the rules whose precondition holds, all
  // equally often; the first is the simplest. A run ends when there is none.
  StatefulProperty& Rule(std::string name, Action action) {
    return Rule(std::move(name), nullptr, std::move(action));
  }
  StatefulProperty& Rule(std::string name, Precondition precondition,
                         Action action) {
    spec_.rules.push_back(std::move(name));
    rules_.push_back({std::move(precondition), std::move(action)});
    return *this;
  }

  // Adds an invariant. All are checked before the first step and after each, in
  // the order in which they were added. They may call the backend; their calls
  // are shown only where they fail.
  StatefulProperty& Invariant(std::string name, Action check) {
    spec_.invariants.push_back(std::move(name));
    invariants_.push_back(std::move(check));
    return *this;
  }

  // Runs the failures of `PropertyOptions::failures_file`, and then random
  // ones, until one fails; shrinks and reports it. A smaller run is only taken
  // when the same rule or invariant fails in it at the same place. Each run has
  // a backend of `factory` and a clock that begins at 2019-09-01 UTC.
  PropertyReport Check(
      const BackendFactory& factory,
      const PropertyOptions& options = PropertyOptions()) const {
    return property_internal::CheckProperty(WithStart(), factory, options);
  }

  // Makes one run from `choices` without any other randomness, for fuzzers. The
  // report's `choices` are those that were drawn, not shrunk. Uses no file.
  PropertyReport CheckOnce(
      const BackendFactory& factory, ChoiceSource& choices,
      const PropertyOptions& options = PropertyOptions()) const {
    return property_internal::CheckPropertyOnce(WithStart(), factory, options,
                                                choices);
  }

 private:
  struct GuardedAction {
    Precondition precondition;  // empty: always holds
    Action action;
  };

  class Run : public property_internal::PropertyRun {
   public:
    explicit Run(const StatefulProperty* property)
        : property_(*property), state_(property->new_state_()) {}

    bool Allows(size_t rule) const override {
      const Precondition& precondition = property_.rules_[rule].precondition;
      return precondition == nullptr || precondition(state_);
    }
    void Act(size_t rule, PropertyStep& step) override {
      property_.rules_[rule].action(state_, step);
    }
    void CheckInvariant(size_t invariant, PropertyStep& step) override {
      property_.invariants_[invariant](state_, step);
    }

   private:
    const StatefulProperty& property_;
    State state_;
  };

  property_internal::PropertySpec WithStart() const {
    property_internal::PropertySpec spec = spec_;
    spec.start = [this] { return std::make_unique<Run>(this); };
    return spec;
  }

  const NewState new_state_;
  // Without `start`.
  property_internal::PropertySpec spec_;
  std::vector<GuardedAction> rules_;
  std::vector<Action> invariants_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_STATEFUL_PROPERTY_H_
