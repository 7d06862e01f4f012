// RequestGenerator: makes requests of all operations from a stream of choices:
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
// The allowed values of a member are read from the options of the protos. A new
// member or constraint is generated, and broken, without a change here. The
// generator knows the meaning of a few members only, so that calls meet: names,
// catalogs, keys and passwords come from pools of a handful, hash conditions,
// page tokens and encrypted passwords from those that were given out before.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_REQUEST_GENERATOR_H_
#define GLUE_SECURITY_TESTING_GENERATORS_REQUEST_GENERATOR_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/policy/finding.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/collection_filler.h"
#include "glue_security/testing/generators/constraint_rules.h"
#include "glue_security/testing/generators/policy_generator.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {

// The things that a request may refer to. The code that executes the requests
// fills it.
struct GeneratorContext {
  // The PolicyHash of each answer so far.
  std::vector<std::string> hashes;
  // The NextToken of each answer so far.
  std::vector<std::string> tokens;
  // The caller, whose catalog a policy names. Null: the first caller of
  // `GeneratedCallers`.
  const Caller* caller = nullptr;
  // The encrypted passwords of connections that answers have shown.
  std::vector<std::string> ciphertexts = {};
};

// The defects of a generated request.
struct Generated {
  // The only constraint that the request breaks: its path as in a violation,
  // and the constraint. No other fields are set.
  std::optional<v1::Violation> violation;
  // True when it breaks several constraints; they are not listed.
  bool breaks_several = false;
  // The rule that the policy document of a put breaks. nullopt: none at
  // Behavior::policy_checks, or that level is kNone or kJson, where the text
  // alone decides.
  std::optional<FindingCode> finding;
};

// Three callers, in the order: the first two have one account in two regions,
// the last two have two accounts in one region. They live forever.
const std::array<Caller, 3>& GeneratedCallers();
// Returns the first of them twice as often as the others together.
const Caller& GenerateCaller(ChoiceSource& choices);

// Immutable, so thread-safe. Keeps no reference to a context.
class RequestGenerator {
 public:
  // Makes the requests of the operations, with the members and by the
  // constraints, that are in force for `behavior`. With `operations` only of
  // those. REQUIRES: one of them is in force.
  explicit RequestGenerator(const Behavior& behavior,
                            const std::vector<Operation>& operations = {});

  // The rules in the order of `ConstraintRules`, of all operations in force.
  const std::vector<ConstraintRule>& rules() const { return rules_; }

  // Makes a request of any operation. Of 256 requests, 230 are valid, 10 are at
  // a bound, 10 break one rule, 5 break several, and one has no operation. A
  // tenth of the valid puts of a policy has an invalid document.
  Generated Generate(ChoiceSource& choices, const GeneratorContext& context,
                     v1::Request* request) const;

  // Makes a request that keeps every constraint. REQUIRES: `operation` is in
  // force.
  Generated GenerateValid(Operation operation, ChoiceSource& choices,
                          const GeneratorContext& context,
                          v1::Request* request) const;

  // Makes a request that keeps every constraint, with the member of `rule`
  // exactly at the bound that `rule` sets; nullopt when it sets none (a
  // required member, a pattern, an enum). REQUIRES: a rule of `rules()`.
  std::optional<Generated> GenerateAtBound(const ConstraintRule& rule,
                                           ChoiceSource& choices,
                                           const GeneratorContext& context,
                                           v1::Request* request) const;

  // Makes a request that breaks `rule` and no other; the simplest choice breaks
  // a bound by one. Returns nullopt when no text that breaks the rule was
  // found, which is a fault of text_samples.h. REQUIRES: a rule of `rules()`.
  std::optional<v1::Violation> GenerateBroken(const ConstraintRule& rule,
                                              ChoiceSource& choices,
                                              const GeneratorContext& context,
                                              v1::Request* request) const;

 private:
  // The meaning of a member's texts.
  enum class Meaning { kPlain, kPolicy, kHash, kToken };

  // A member, with the values that are generated for it.
  struct Node {
    const MemberSchema* schema = nullptr;
    Meaning meaning = Meaning::kPlain;
    // In few requests, because most of its values are refused.
    bool rare = false;
    // For kString: the usual legal texts, and legal texts that are rare.
    std::vector<std::string> texts;
    std::vector<std::string> odd_texts;
    // For kStringList and kMap.
    CollectionTexts collection;
    // The members of the structure that it is or lists.
    std::vector<Node> members;
  };

  // Generates one request. See the .cc file.
  class Filler;

  std::vector<Node> MakeNodes(const StructureSchema& structure) const;
  // Breaks two or three rules, which may be the same, in `request`.
  void BreakSeveral(const ConstraintRule& first, ChoiceSource& choices,
                    const GeneratorContext& context,
                    v1::Request* request) const;

  // Returns nullptr when the operation has no rule.
  const ConstraintRule* PickRule(Operation operation,
                                 ChoiceSource& choices) const;

  const ApiSchema& schema_;
  const bool observed_patterns_;
  // The size of a policy counts without insignificant blanks.
  const bool reprints_policies_;
  const PolicyGenerator policies_;
  // The operations in force.
  std::vector<Operation> operations_;
  std::vector<ConstraintRule> rules_;
  // The members of the requests, by `Operation`.
  std::array<std::vector<Node>, kOperationNumberEnd> requests_;
  std::array<std::vector<size_t>, kOperationNumberEnd> rules_of_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_REQUEST_GENERATOR_H_
