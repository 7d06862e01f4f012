#include "glue_security/testing/generators/request_generator.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/generators/known_texts.h"
#include "glue_security/testing/generators/text_samples.h"
#include "glue_security/testing/legal_text.h"
#include "google/protobuf/descriptor.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using v1::Violation;

using Texts = std::vector<std::string>;

// The shares of 256 requests: the number from which each kind begins. The
// numbers before are valid requests.
constexpr uint64_t kShares = 256;
constexpr uint64_t kAtBoundFrom = 230;
constexpr uint64_t kBrokenFrom = 240;
constexpr uint64_t kSeveralFrom = 250;
constexpr uint64_t kNoOperationFrom = 255;

// The most elements of a list.
constexpr int kElementsMax = 3;

// Cuts a bound to the range of an int32 member.
int64_t Clamped(int64_t value) {
  return std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(),
                             std::numeric_limits<int32_t>::max());
}

}  // namespace

const std::array<Caller, 3>& GeneratedCallers() {
  constexpr char kAdmin[] = "arn:aws:iam::111111111111:user/admin";
  static const auto* const kCallers =
      new std::array<Caller, 3>{Caller{"111111111111", "us-east-1", kAdmin},
                                Caller{"111111111111", "eu-west-1", kAdmin},
                                Caller{"222222222222", "eu-west-1", ""}};
  return *kCallers;
}

const Caller& GenerateCaller(ChoiceSource& choices) {
  const uint64_t choice = choices.Below(6);
  return GeneratedCallers()[choice < 4 ? 0 : choice - 3];
}

// Fills in one request.
class RequestGenerator::Filler {
 public:
  Filler(const RequestGenerator& generator, ChoiceSource& choices,
         const GeneratorContext& context, const ConstraintRule* rule)
      : generator_(generator),
        choices_(choices),
        context_(context),
        rule_(rule) {}

  // Fills in a valid request, with all members on the path of the rule, if any.
  void Fill(Operation operation, v1::Request* request) {
    const FieldDescriptor* field =
        v1::Request::descriptor()->FindFieldByNumber(operation);
    FillMembers(generator_.requests_[operation], 0,
                request->GetReflection()->MutableMessage(request, field));
    // Two names of a connection are refused in the state, so that they are
    // equal in most requests.
    if (operation == v1::Request::kUpdateConnection && !choices_.OneIn(8)) {
      auto* update = request->mutable_update_connection();
      update->mutable_connection_input()->set_name(update->name());
    }
  }

  const std::optional<FindingCode>& finding() const { return finding_; }

  // Sets the member of the rule to the bound.
  bool PutAtBound(v1::Request* request) {
    Target target = FindTarget(request);
    const MemberSchema& member = rule_->member();
    switch (rule_->constraint) {
      case Violation::CONSTRAINT_LENGTH_MIN:
        return SetLength(rule_->length_min(), &target);
      case Violation::CONSTRAINT_LENGTH_MAX:
        return SetLength(rule_->length_max(), &target);
      case Violation::CONSTRAINT_VALUE_MIN:
        SetInt(target, member.value_min);
        return true;
      case Violation::CONSTRAINT_VALUE_MAX:
        SetInt(target, member.value_max);
        return true;
      default:
        return false;
    }
  }

  std::optional<Violation> Break(v1::Request* request) {
    Target target = FindTarget(request);
    if (!BreakMember(&target, request)) return std::nullopt;
    Violation violation;
    violation.set_path(target.path);
    violation.set_constraint(rule_->constraint);
    return violation;
  }

 private:
  // The place of the rule's member.
  struct Target {
    const Node* node;
    Message* message;
    std::string path;
  };

  // Returns true when `member`, at `depth` below the request, is on the path of
  // the rule.
  bool IsOnWay(const MemberSchema* member, size_t depth) const {
    return rule_ != nullptr && depth < rule_->way.size() &&
           rule_->way[depth] == member;
  }

  void FillMembers(const std::vector<Node>& nodes, size_t depth,
                   Message* message) {
    const Reflection& reflection = *message->GetReflection();
    for (const Node& node : nodes) {
      const MemberSchema& member = *node.schema;
      const bool on_way = IsOnWay(&member, depth);
      if (!on_way && !member.required && IsLeftOut(node)) continue;
      switch (member.kind) {
        case MemberKind::kString:
          reflection.SetString(message, member.field, TextFor(node));
          break;
        case MemberKind::kInteger:
          reflection.SetInt32(message, member.field, IntFor(member));
          break;
        case MemberKind::kBoolean:
          reflection.SetBool(message, member.field, choices_.Below(2) == 1);
          break;
        case MemberKind::kEnum:
          reflection.SetEnumValue(message, member.field,
                                  choices_.Pick(member.enum_values).number);
          break;
        case MemberKind::kStructure:
          FillMembers(node.members, depth + 1,
                      reflection.MutableMessage(message, member.field));
          break;
        case MemberKind::kList:
          FillList(node, depth, on_way,
                   reflection.MutableMessage(message, member.field));
          break;
        case MemberKind::kMap:
        case MemberKind::kStringList:
          Collection(node, message).Fill();
          break;
        case MemberKind::kTimestamp:
        case MemberKind::kStructureMap:
          // No request has these.
          break;
      }
    }
  }

  bool IsLeftOut(const Node& node) {
    return node.rare ? !choices_.OneIn(8) : choices_.Below(2) == 0;
  }

  CollectionFiller Collection(const Node& node, Message* parent) {
    return CollectionFiller(*node.schema, node.collection, context_.ciphertexts,
                            choices_, parent);
  }

  void FillList(const Node& node, size_t depth, bool on_way, Message* list) {
    const Reflection& reflection = *list->GetReflection();
    const FieldDescriptor* elements = node.schema->elements;
    for (int i = 0; i < kElementsMax; ++i) {
      const bool forced = on_way && i == 0;
      if (!forced && choices_.Below(i == 0 ? 4 : 2) == 0) break;
      FillMembers(node.members, depth + 1,
                  reflection.AddMessage(list, elements));
    }
  }

  std::string TextFor(const Node& node) {
    switch (node.meaning) {
      case Meaning::kPolicy: {
        GeneratedPolicy policy =
            generator_.policies_.Generate(choices_, caller());
        finding_ = policy.finding;
        return std::move(policy.text);
      }
      case Meaning::kHash:
        if (!context_.hashes.empty() && choices_.Below(6) != 5) {
          return HashFor(node);
        }
        break;
      case Meaning::kToken:
        if (!context_.tokens.empty() && choices_.Below(6) != 5) {
          return choices_.Pick(context_.tokens);
        }
        break;
      case Meaning::kPlain:
        break;
    }
    if (!node.odd_texts.empty() && choices_.OneIn(32)) {
      return choices_.Pick(node.odd_texts);
    }
    return choices_.Pick(node.texts);
  }

  // Returns a known hash; sometimes one that differs from it in the case of a
  // letter or in its length.
  std::string HashFor(const Node& node) {
    const std::string& known = choices_.Pick(context_.hashes);
    std::string hash = known;
    switch (choices_.Below(16)) {
      case 14:
        hash[0] = static_cast<char>(hash[0] ^ 0x20);
        break;
      case 15:
        hash.pop_back();
        break;
      default:
        return hash;
    }
    return IsLegalText(*node.schema, generator_.observed_patterns_, hash)
               ? hash
               : known;
  }

  // Returns a small value in most cases, so that several pages are needed;
  // otherwise any value, often one of the service's known limits.
  int32_t IntFor(const MemberSchema& member) {
    const int64_t low = Clamped(member.value_min);
    const int64_t high = Clamped(member.value_max);
    const int64_t small = low < 0 && high >= 0 ? 0 : low;
    if (!choices_.OneIn(8)) {
      return static_cast<int32_t>(std::min<int64_t>(
          small + static_cast<int64_t>(choices_.Below(2)), high));
    }
    const int64_t value =
        choices_.Pick<int64_t>({low, high, 10, 100, 200, 201});
    return static_cast<int32_t>(std::clamp(value, low, high));
  }

  const Caller& caller() const {
    return context_.caller == nullptr ? GeneratedCallers()[0]
                                      : *context_.caller;
  }

  // Walks the path of the rule through the filled request. In a list it takes
  // any element.
  Target FindTarget(v1::Request* request) {
    const FieldDescriptor* field =
        v1::Request::descriptor()->FindFieldByNumber(rule_->operation);
    Target target = {
        nullptr, request->GetReflection()->MutableMessage(request, field), ""};
    const std::vector<Node>* nodes = &generator_.requests_[rule_->operation];
    for (const MemberSchema* step : rule_->way) {
      for (const Node& node : *nodes) {
        if (node.schema == step) target.node = &node;
      }
      absl::StrAppend(&target.path, target.path.empty() ? "" : ".",
                      step->path_name);
      if (step == rule_->way.back()) break;
      nodes = &target.node->members;
      target.message = target.message->GetReflection()->MutableMessage(
          target.message, step->field);
      if (step->kind != MemberKind::kList) continue;
      const Reflection& reflection = *target.message->GetReflection();
      if (reflection.FieldSize(*target.message, step->elements) == 0) {
        // Another broken rule may have emptied the list.
        reflection.AddMessage(target.message, step->elements);
      }
      const int size = reflection.FieldSize(*target.message, step->elements);
      const auto at =
          static_cast<int>(choices_.Below(static_cast<uint64_t>(size)));
      absl::StrAppend(&target.path, ".", at + 1, ".member");
      target.message =
          reflection.MutableRepeatedMessage(target.message, step->elements, at);
    }
    return target;
  }

  bool BreakMember(Target* target, v1::Request* request) {
    const MemberSchema& member = rule_->member();
    switch (rule_->constraint) {
      case Violation::CONSTRAINT_REQUIRED:
        target->message->GetReflection()->ClearField(target->message,
                                                     member.field);
        return true;
      case Violation::CONSTRAINT_LENGTH_MIN: {
        const size_t min = rule_->length_min();
        return SetLength(min - 1 - choices_.Below(min), target);
      }
      case Violation::CONSTRAINT_LENGTH_MAX:
        return SetLength(rule_->length_max() + 1 +
                             (choices_.OneIn(4) ? choices_.Below(64) : 0),
                         target);
      case Violation::CONSTRAINT_PATTERN:
        return BreakPattern(target);
      case Violation::CONSTRAINT_VALUE_MIN:
        SetInt(*target,
               choices_.Pick<int64_t>({member.value_min - 1,
                                       std::numeric_limits<int32_t>::min()}));
        return true;
      case Violation::CONSTRAINT_VALUE_MAX:
        SetInt(*target,
               choices_.Pick<int64_t>({member.value_max + 1,
                                       std::numeric_limits<int32_t>::max()}));
        return true;
      case Violation::CONSTRAINT_ENUM:
        BreakEnum(target, request);
        return true;
      default:
        return false;
    }
  }

  bool BreakPattern(Target* target) {
    const TextConstraints& constraints = rule_->text();
    const std::optional<std::string> text = MismatchingText(
        constraints.pattern(generator_.observed_patterns_), LegalText(*target),
        constraints.length_bytes_min, constraints.length_bytes_max, choices_);
    if (text.has_value()) SetText(*text, target);
    return text.has_value();
  }

  // Returns a legal text for the member of the rule.
  std::string LegalText(const Target& target) const {
    const MemberSchema& member = rule_->member();
    if (rule_->part == ConstraintRule::Part::kMember) {
      return target.message->GetReflection()->GetString(*target.message,
                                                        member.field);
    }
    const CollectionTexts& texts = target.node->collection;
    return rule_->part == ConstraintRule::Part::kKey ? texts.keys.front()
                                                     : texts.usual.front();
  }

  void SetText(const std::string& text, Target* target) {
    if (rule_->part == ConstraintRule::Part::kMember) {
      target->message->GetReflection()->SetString(target->message,
                                                  rule_->member().field, text);
    } else {
      target->path +=
          Collection(*target->node, target->message).Put(rule_->part, text);
    }
  }

  // Sets a number that has no text, or a text that has no number.
  void BreakEnum(Target* place, v1::Request* request) {
    if (rule_->part == ConstraintRule::Part::kKey) {
      SetText(choices_.Pick<std::string>({"host", "", "?", "PASSWORD "}),
              place);
      return;
    }
    const Target& target = *place;
    const MemberSchema& member = rule_->member();
    const Reflection& reflection = *target.message->GetReflection();
    if (choices_.OneIn(3)) {
      reflection.ClearField(target.message, member.field);
      v1::UnparsedValue* unparsed = request->add_unparsed_values();
      unparsed->set_path(target.path);
      unparsed->set_text(choices_.Pick<const char*>({"?", "", "disabled"}));
      return;
    }
    int largest = 0;
    for (const EnumValueSchema& value : member.enum_values) {
      largest = std::max(largest, value.number);
    }
    std::vector<int> unknown = {0, largest + 1, -1, 77};
    unknown.erase(std::remove_if(unknown.begin(), unknown.end(),
                                 [&](int number) {
                                   return member.FindEnumValue(number) !=
                                          nullptr;
                                 }),
                  unknown.end());
    reflection.SetEnumValue(target.message, member.field,
                            choices_.Pick(unknown));
  }

  // Sets the length of the member in bytes, elements or entries.
  bool SetLength(size_t length, Target* target) {
    if (rule_->is_size()) {
      Collection(*target->node, target->message).SetSize(length);
      return true;
    }
    std::optional<std::string> text;
    if (target->node->meaning == Meaning::kPolicy) {
      GeneratedPolicy policy = generator_.policies_.GenerateOfSize(
          length,
          generator_.reprints_policies_ ? CountedBytes::kNoBlanks
                                        : CountedBytes::kAll,
          choices_, caller());
      finding_ = policy.finding;
      text = std::move(policy.text);
    } else {
      text = MatchingText(rule_->text().pattern(generator_.observed_patterns_),
                          length, target->node->texts, choices_);
    }
    if (text.has_value()) SetText(*text, target);
    return text.has_value();
  }

  void SetInt(const Target& target, int64_t value) {
    target.message->GetReflection()->SetInt32(
        target.message, rule_->member().field, static_cast<int32_t>(value));
  }

  const RequestGenerator& generator_;
  ChoiceSource& choices_;
  const GeneratorContext& context_;
  const ConstraintRule* const rule_;
  std::optional<FindingCode> finding_;
};

RequestGenerator::RequestGenerator(const Behavior& behavior,
                                   const std::vector<Operation>& operations)
    : schema_(ApiSchema::For(behavior)),
      observed_patterns_(behavior.observed_patterns),
      reprints_policies_(ReprintsPolicies(behavior)),
      policies_(behavior.policy_checks),
      rules_(ConstraintRules(schema_)) {
  for (size_t i = 0; i < rules_.size(); ++i) {
    rules_of_[rules_[i].operation].push_back(i);
  }
  for (const Operation operation : kAllOperations) {
    const StructureSchema* const request = schema_.operation(operation).request;
    if (request == nullptr) continue;
    if (operations.empty() || std::find(operations.begin(), operations.end(),
                                        operation) != operations.end()) {
      operations_.push_back(operation);
    }
    requests_[operation] = MakeNodes(*request);
  }
}

std::vector<RequestGenerator::Node> RequestGenerator::MakeNodes(
    const StructureSchema& structure) const {
  std::vector<Node> nodes;
  for (const MemberSchema& member : structure.members) {
    Node& node = nodes.emplace_back();
    node.schema = &member;
    if (member.structure != nullptr)
      node.members = MakeNodes(*member.structure);
    const std::string field(member.field->name());
    if (member.kind == MemberKind::kStringList ||
        member.kind == MemberKind::kMap) {
      node.collection = MakeCollectionTexts(member, observed_patterns_,
                                            KnownTexts(field), OddTexts());
    }
    if (member.kind != MemberKind::kString) continue;
    if (field == "policy_in_json") node.meaning = Meaning::kPolicy;
    if (field == "policy_hash_condition") node.meaning = Meaning::kHash;
    if (field == "next_token") node.meaning = Meaning::kToken;
    node.rare = field == "resource_arn";
    node.texts = KnownTexts(field);
    DropIllegalTexts(member, observed_patterns_, &node.texts);
    if (node.texts.empty()) {
      RecordedChoices simplest({});
      // A text that the bounds allow. The tests fail when the search finds
      // none.
      node.texts.push_back(MatchingText(member.pattern(observed_patterns_),
                                        member.length_bytes_min, {}, simplest)
                               .value_or(""));
    }
    node.odd_texts = OddTexts();
    DropIllegalTexts(member, observed_patterns_, &node.odd_texts);
  }
  return nodes;
}

const ConstraintRule* RequestGenerator::PickRule(Operation operation,
                                                 ChoiceSource& choices) const {
  const std::vector<size_t>& indices = rules_of_[operation];
  return indices.empty() ? nullptr : &rules_[choices.Pick(indices)];
}

Generated RequestGenerator::Generate(ChoiceSource& choices,
                                     const GeneratorContext& context,
                                     v1::Request* request) const {
  const uint64_t share = choices.Below(kShares);
  if (share >= kNoOperationFrom) {
    request->Clear();
    return Generated();
  }
  const Operation operation = operations_[choices.Below(operations_.size())];
  const ConstraintRule* rule =
      share < kAtBoundFrom ? nullptr : PickRule(operation, choices);
  if (rule != nullptr && share < kBrokenFrom) {
    const auto generated = GenerateAtBound(*rule, choices, context, request);
    if (generated.has_value()) return *generated;
  } else if (rule != nullptr) {
    auto violation = GenerateBroken(*rule, choices, context, request);
    if (violation.has_value() && share < kSeveralFrom) {
      return {std::move(violation), false, std::nullopt};
    }
    if (violation.has_value()) {
      BreakSeveral(*rule, choices, context, request);
      return {std::nullopt, true, std::nullopt};
    }
  }
  return GenerateValid(operation, choices, context, request);
}

Generated RequestGenerator::GenerateValid(Operation operation,
                                          ChoiceSource& choices,
                                          const GeneratorContext& context,
                                          v1::Request* request) const {
  request->Clear();
  Filler filler(*this, choices, context, nullptr);
  filler.Fill(operation, request);
  return {std::nullopt, false, filler.finding()};
}

std::optional<Generated> RequestGenerator::GenerateAtBound(
    const ConstraintRule& rule, ChoiceSource& choices,
    const GeneratorContext& context, v1::Request* request) const {
  request->Clear();
  Filler filler(*this, choices, context, &rule);
  filler.Fill(rule.operation, request);
  if (!filler.PutAtBound(request)) return std::nullopt;
  return Generated{std::nullopt, false, filler.finding()};
}

std::optional<v1::Violation> RequestGenerator::GenerateBroken(
    const ConstraintRule& rule, ChoiceSource& choices,
    const GeneratorContext& context, v1::Request* request) const {
  request->Clear();
  Filler filler(*this, choices, context, &rule);
  filler.Fill(rule.operation, request);
  return filler.Break(request);
}

void RequestGenerator::BreakSeveral(const ConstraintRule& first,
                                    ChoiceSource& choices,
                                    const GeneratorContext& context,
                                    v1::Request* request) const {
  const ConstraintRule* rule = &first;
  for (uint64_t more = 1 + choices.Below(2); more > 0; --more) {
    rule = PickRule(rule->operation, choices);
    Filler(*this, choices, context, rule).Break(request);
  }
}

}  // namespace glue_security
