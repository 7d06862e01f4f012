// RequestGenerator: requests of all nine operations from a stream of choices:
// valid ones, ones at a bound, and ones that break exactly one rule.
//
//   const RequestGenerator generator(Behavior::Documented());
//   GeneratorContext context;
//   SeededChoices choices(42);
//   v1::Request request;
//   generator.Generate(choices, context, &request);  // mostly valid
//
//   for (const ConstraintRule& rule : generator.rules()) {
//     const auto broken =
//         generator.GenerateBroken(rule, choices, context, &request);
//     // `request` must be refused for broken->path() and broken->constraint(),
//     // and for nothing else.
//   }
//
// What a member may hold is read from the options of the protos; a new member
// or constraint is generated, and broken, without a change here. What the
// values mean is known for a few members only, so that calls meet: names,
// catalogs and keys come from pools of a handful, hash conditions and page
// tokens from those that were given out before.

#ifndef GLUE_SECURITY_TESTING_REQUEST_GENERATOR_H_
#define GLUE_SECURITY_TESTING_REQUEST_GENERATOR_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/policy/finding.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/choice_source.h"
#include "glue_security/testing/constraint_rules.h"
#include "glue_security/testing/policy_generator.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {

// What a request may refer to. Whoever executes the requests fills it.
struct GeneratorContext {
  // PolicyHash of answers so far.
  std::vector<std::string> hashes;
  // NextToken of answers so far.
  std::vector<std::string> tokens;
  // Who makes the call: a policy names its catalog. Null: the first caller of
  // `GeneratedCallers`.
  const Caller* caller = nullptr;
};

// What was generated.
struct Generated {
  // The one constraint that the request breaks: its path as a violation has it.
  // Only these two fields are set.
  std::optional<v1::Violation> violation;
  // It breaks several constraints, and nobody says which.
  bool breaks_several = false;
  // What is wrong with the policy document of a put; nullopt: nothing at
  // Behavior::policy_checks, or that level is kNone or kJson, where the text
  // alone tells.
  std::optional<FindingCode> finding;
};

// Two callers, of two accounts and two regions. Live forever.
const std::array<Caller, 2>& GeneratedCallers();
const Caller& GenerateCaller(ChoiceSource& choices);

// Immutable, so thread-safe. Copies nothing of a context.
class RequestGenerator {
 public:
  // The level of policy checks and the patterns are those of `behavior`.
  explicit RequestGenerator(const Behavior& behavior);

  // In the order of `ConstraintRules`.
  const std::vector<ConstraintRule>& rules() const { return rules_; }

  // A request of any operation. Of 256, 230 are valid, 10 are at a bound, 10
  // break one rule, 5 break several, and one has no operation. Of valid puts of
  // a policy a tenth has a document that is wrong.
  Generated Generate(ChoiceSource& choices, const GeneratorContext& context,
                     v1::Request* request) const;

  // A request that keeps every constraint.
  Generated GenerateValid(Operation operation, ChoiceSource& choices,
                          const GeneratorContext& context,
                          v1::Request* request) const;

  // A request that keeps every constraint, with the member of `rule` exactly at
  // the bound that `rule` sets; nullopt when it sets none (a required member, a
  // pattern, an enum). REQUIRES: a rule of `rules()`.
  std::optional<Generated> GenerateAtBound(const ConstraintRule& rule,
                                           ChoiceSource& choices,
                                           const GeneratorContext& context,
                                           v1::Request* request) const;

  // A request that breaks `rule` and no other; the simplest choice breaks a
  // bound by one. nullopt when the search for such a text failed, which is a
  // fault of text_samples.h. REQUIRES: a rule of `rules()`.
  std::optional<v1::Violation> GenerateBroken(const ConstraintRule& rule,
                                              ChoiceSource& choices,
                                              const GeneratorContext& context,
                                              v1::Request* request) const;

 private:
  // What the texts of a member stand for.
  enum class Meaning { kPlain, kPolicy, kHash, kToken };

  // A member, with what is generated for it.
  struct Node {
    const MemberSchema* schema = nullptr;
    Meaning meaning = Meaning::kPlain;
    // kString: legal texts, and those that are legal and seldom seen.
    std::vector<std::string> texts;
    std::vector<std::string> odd_texts;
    // Of the structure that it is, or lists.
    std::vector<Node> members;
  };

  // One generation. See the .cc file.
  class Filler;

  std::vector<Node> MakeNodes(const StructureSchema& structure) const;
  // Breaks two or three rules, which may be the same, in `request`.
  void BreakSeveral(const ConstraintRule& first, ChoiceSource& choices,
                    const GeneratorContext& context,
                    v1::Request* request) const;

  // nullptr: the operation has none.
  const ConstraintRule* PickRule(Operation operation,
                                 ChoiceSource& choices) const;

  const bool observed_patterns_;
  const PolicyGenerator policies_;
  std::vector<ConstraintRule> rules_;
  // By `Operation`.
  std::array<std::vector<Node>, kOperationNumberEnd> requests_;
  std::array<std::vector<size_t>, kOperationNumberEnd> rules_of_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REQUEST_GENERATOR_H_
