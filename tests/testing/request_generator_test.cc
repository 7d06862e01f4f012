// The validator confirms the generator's claims about its requests; it shares
// no code with the generation of values.

#include "glue_security/testing/generators/request_generator.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/json/json_blanks.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/validation/validator.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;
using v1::Violation;

std::vector<Operation> OperationsInForce(const Behavior& behavior) {
  std::vector<Operation> operations;
  for (const Operation operation : kAllOperations) {
    if (ApiSchema::For(behavior).operation(operation).request != nullptr) {
      operations.push_back(operation);
    }
  }
  return operations;
}

// Counts the rules of the strings in a list or a map.
int CountTextRules(const v1::ShapeConstraints& set) {
  return 1 + (set.length_bytes_min() > 0 ? 1 : 0) +
         (set.has_length_bytes_max() ? 1 : 0);
}

// Counts the rules of a list or a map of strings.
int CountCollectionRules(const v1::ShapeConstraints& set, bool is_map,
                         const Behavior& behavior) {
  int count = CountTextRules(ConstraintsOf(set.element(), behavior.api_date));
  if (!set.key_enum().empty()) return count + 1;
  count += set.has_size_max() ? 1 : 0;
  if (!is_map) return count;
  return count + CountTextRules(ConstraintsOf(set.key(), behavior.api_date));
}

// Counts the rules of a structure from the descriptors alone. Dates compare as
// texts.
int CountRules(const Descriptor* structure, const Behavior& behavior) {
  const std::string day = absl::FormatCivilTime(behavior.api_date);
  int count = 0;
  for (int i = 0; i < structure->field_count(); ++i) {
    const FieldDescriptor* field = structure->field(i);
    if (field->options().GetExtension(v1::since) > day &&
        !(behavior.refuse_resource_arns &&
          field->options().HasExtension(v1::observed_since))) {
      continue;
    }
    const auto& constraints = field->options().GetExtension(v1::constraints);
    const auto& set = ConstraintsOf(constraints.shape(), behavior.api_date);
    count += constraints.required() ? 1 : 0;
    // The pattern of ResourceArn refuses the empty text, too.
    count += set.length_bytes_min() > 0 &&
                     constraints.shape() != v1::SHAPE_GLUE_RESOURCE_ARN
                 ? 1
                 : 0;
    count += set.has_length_bytes_max() ? 1 : 0;
    count += set.has_value_min() ? 1 : 0;
    count += set.has_value_max() ? 1 : 0;
    count += field->type() == FieldDescriptor::TYPE_STRING ? 1 : 0;
    count += field->type() == FieldDescriptor::TYPE_ENUM ? 1 : 0;
    if (field->message_type() == v1::StringList::descriptor() ||
        field->message_type() == v1::StringMap::descriptor()) {
      count += CountCollectionRules(
          set, field->message_type() == v1::StringMap::descriptor(), behavior);
    } else if (field->message_type() != nullptr) {
      count += CountRules(field->message_type(), behavior);
    }
  }
  return count;
}

TEST(RequestGenerator, ItsRulesAreThoseOfTheProtos) {
  for (const BackendPreset preset : kBackendPresets) {
    const Behavior behavior = BehaviorOf(preset);
    int count = 0;
    for (const Operation operation : OperationsInForce(behavior)) {
      count += CountRules(v1::Request::descriptor()
                              ->FindFieldByNumber(operation)
                              ->message_type(),
                          behavior);
    }
    std::cout << count << " rules\n";
    EXPECT_GT(count, 40);
    const RequestGenerator generator(behavior);
    EXPECT_EQ(generator.rules().size(), static_cast<size_t>(count));
    std::set<std::string> names;
    for (const ConstraintRule& rule : generator.rules()) {
      names.insert(rule.ToString());
    }
    EXPECT_EQ(names.size(), generator.rules().size());
  }
}

TEST(RequestGenerator, ValidRequestsOfEveryOperationAreValid) {
  for (const BackendPreset preset : kBackendPresets) {
    const Behavior behavior = BehaviorOf(preset);
    const RequestGenerator generator(behavior);
    const Validator validator(behavior, Limits());
    SeededChoices choices(1);
    v1::Request request;
    for (const Operation operation : OperationsInForce(behavior)) {
      std::set<std::string> seen;
      for (int i = 0; i < 300; ++i) {
        const Generated generated =
            generator.GenerateValid(operation, choices, {}, &request);
        ASSERT_EQ(request.operation_case(), operation);
        EXPECT_FALSE(generated.violation.has_value());
        const auto error = validator.Validate(request);
        ASSERT_FALSE(error.has_value()) << request.ShortDebugString() << "\n"
                                        << error->message();
        seen.insert(request.ShortDebugString());
      }
      if (operation != v1::Request::kGetResourcePolicy) {
        EXPECT_GT(seen.size(), 3u) << OperationName(operation);
      }
    }
  }
}

TEST(RequestGenerator, ABrokenRuleIsTheOneViolation) {
  for (const BackendPreset preset : kBackendPresets) {
    const Behavior behavior = BehaviorOf(preset);
    const RequestGenerator generator(behavior);
    const Validator validator(behavior, Limits());
    SeededChoices choices(2);
    v1::Request request;
    for (const ConstraintRule& rule : generator.rules()) {
      SCOPED_TRACE(rule.ToString());
      for (int i = 0; i < 200; ++i) {
        const auto expected =
            generator.GenerateBroken(rule, choices, {}, &request);
        ASSERT_TRUE(expected.has_value());
        ASSERT_EQ(request.operation_case(), rule.operation);
        EXPECT_EQ(expected->constraint(), rule.constraint);
        const auto error = validator.Validate(request);
        ASSERT_TRUE(error.has_value()) << request.ShortDebugString();
        ASSERT_EQ(error->violations_size(), 1) << error->message();
        ASSERT_EQ(error->violations(0).path(), expected->path());
        ASSERT_EQ(error->violations(0).constraint(), expected->constraint());
      }
    }
  }
}

// The simplest choices break each rule, a bound by one.
TEST(RequestGenerator, TheSimplestChoicesBreakEachRule) {
  const RequestGenerator generator(Behavior::Documented());
  const Validator validator(Behavior::Documented(), Limits());
  v1::Request request;
  for (const ConstraintRule& rule : generator.rules()) {
    SCOPED_TRACE(rule.ToString());
    RecordedChoices simplest({});
    ASSERT_TRUE(
        generator.GenerateBroken(rule, simplest, {}, &request).has_value());
    const auto error = validator.Validate(request);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->violations_size(), 1);
  }
}

int64_t SizeOf(const std::string& text, bool without_blanks) {
  return static_cast<int64_t>(without_blanks ? SizeWithoutBlanks(text)
                                             : text.size());
}

// Returns the length in the list or the map `holder` that is farthest in the
// direction of the bound: the others are legal.
int64_t MeasureIn(const ConstraintRule& rule,
                  const google::protobuf::Message& holder) {
  const bool least = rule.constraint == Violation::CONSTRAINT_LENGTH_MIN;
  std::vector<int64_t> lengths;
  const auto add = [&lengths](const std::string& text) {
    lengths.push_back(static_cast<int64_t>(text.size()));
  };
  v1::StringList list;
  v1::StringMap map;
  if (rule.member().kind == MemberKind::kMap) {
    map.CopyFrom(holder);
    if (rule.is_size()) return static_cast<int64_t>(map.elements().size());
    for (const auto& [key, value] : map.elements()) {
      add(rule.part == ConstraintRule::Part::kKey ? key : value);
    }
  } else {
    list.CopyFrom(holder);
    if (rule.is_size()) return list.elements_size();
    for (const std::string& text : list.elements()) add(text);
  }
  const auto [low, high] = std::minmax_element(lengths.begin(), lengths.end());
  return least ? *low : *high;
}

// Returns the length or the number of the member that `rule` is about.
int64_t Measure(const ConstraintRule& rule, const v1::Request& request,
                bool reprints) {
  const google::protobuf::Message* message =
      &request.GetReflection()->GetMessage(
          request,
          v1::Request::descriptor()->FindFieldByNumber(rule.operation));
  for (const MemberSchema* step : rule.way) {
    const auto& reflection = *message->GetReflection();
    switch (step->kind) {
      case MemberKind::kString:
        return SizeOf(reflection.GetString(*message, step->field),
                      reprints && step->is_json_text);
      case MemberKind::kInteger:
        return reflection.GetInt32(*message, step->field);
      case MemberKind::kStringList:
      case MemberKind::kMap:
        return MeasureIn(rule, reflection.GetMessage(*message, step->field));
      default:
        message = &reflection.GetMessage(*message, step->field);
    }
  }
  return -1;
}

TEST(RequestGenerator, BoundsAreExact) {
  for (const BackendPreset preset : kBackendPresets) {
    const Behavior behavior = BehaviorOf(preset);
    const RequestGenerator generator(behavior);
    const Validator validator(behavior, Limits());
    v1::Request request;
    int bounds = 0;
    for (const ConstraintRule& rule : generator.rules()) {
      SCOPED_TRACE(rule.ToString());
      const MemberSchema& member = rule.member();
      const bool is_length =
          rule.constraint == Violation::CONSTRAINT_LENGTH_MIN ||
          rule.constraint == Violation::CONSTRAINT_LENGTH_MAX;
      const std::map<Violation::Constraint, int64_t> values = {
          {Violation::CONSTRAINT_LENGTH_MIN, is_length ? rule.length_min() : 0},
          {Violation::CONSTRAINT_LENGTH_MAX, is_length ? rule.length_max() : 0},
          {Violation::CONSTRAINT_VALUE_MIN, member.value_min},
          {Violation::CONSTRAINT_VALUE_MAX, member.value_max}};
      const auto found = values.find(rule.constraint);
      SeededChoices choices(3);
      const auto generated =
          generator.GenerateAtBound(rule, choices, {}, &request);
      ASSERT_EQ(generated.has_value(), found != values.end());
      if (found == values.end()) continue;
      ++bounds;
      const int64_t bound = found->second;
      for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(generator.GenerateAtBound(rule, choices, {}, &request));
        EXPECT_EQ(Measure(rule, request, behavior.reprint_policies), bound);
        EXPECT_FALSE(validator.Validate(request).has_value());
      }
      // The simplest choices go one beyond the bound.
      const bool least = rule.constraint == Violation::CONSTRAINT_LENGTH_MIN ||
                         rule.constraint == Violation::CONSTRAINT_VALUE_MIN;
      RecordedChoices simplest({});
      ASSERT_TRUE(generator.GenerateBroken(rule, simplest, {}, &request));
      EXPECT_EQ(Measure(rule, request, behavior.reprint_policies),
                least ? bound - 1 : bound + 1);
    }
    EXPECT_GT(bounds, 20);
  }
}

// Characters of every length fill a text up to its bound.
TEST(RequestGenerator, TextsAtABoundHaveCharactersOfUpToFourBytes) {
  const RequestGenerator generator(Behavior::Documented());
  for (const ConstraintRule& rule : generator.rules()) {
    if (rule.constraint != Violation::CONSTRAINT_LENGTH_MAX ||
        rule.operation != v1::Request::kGetSecurityConfiguration) {
      continue;
    }
    std::set<std::string> seen;
    SeededChoices choices(4);
    v1::Request request;
    for (int i = 0; i < 100; ++i) {
      generator.GenerateAtBound(rule, choices, {}, &request);
      seen.insert(request.get_security_configuration().name().substr(0, 4));
    }
    EXPECT_EQ(seen,
              (std::set<std::string>{"xxxx", "\xC3\xA9\xC3\xA9",
                                     "\xE6\x97\xA5\xE6", "\xF0\x9F\x99\x82"}));
    return;
  }
  FAIL() << "no such rule";
}

TEST(RequestGenerator, TheMixHasEverythingInItsShare) {
  const RequestGenerator generator(Behavior::Documented());
  const Validator validator(Behavior::Documented(), Limits());
  SeededChoices choices(5);
  v1::Request request;
  std::map<Operation, int> by_operation;
  std::set<std::string> broken_rules;
  int broken = 0;
  int most = 0;
  constexpr int kCount = 50'000;
  for (int i = 0; i < kCount; ++i) {
    const Generated generated = generator.Generate(choices, {}, &request);
    ++by_operation[request.operation_case()];
    if (request.operation_case() == kNoOperation) continue;
    const auto error = validator.Validate(request);
    if (generated.breaks_several) {
      most = std::max(most, error.has_value() ? error->violations_size() : 0);
      continue;
    }
    ASSERT_EQ(error.has_value(), generated.violation.has_value());
    if (!error.has_value()) continue;
    ++broken;
    ASSERT_EQ(error->violations_size(), 1) << error->message();
    ASSERT_EQ(error->violations(0).path(), generated.violation->path());
    broken_rules.insert(absl::StrCat(OperationName(request.operation_case()),
                                     error->violations(0).path(),
                                     error->violations(0).constraint()));
  }
  for (const Operation operation : OperationsInForce(Behavior::Documented())) {
    EXPECT_GT(by_operation[operation], kCount / 20) << OperationName(operation);
  }
  EXPECT_GT(by_operation[kNoOperation], 0);
  EXPECT_GE(most, 3);
  EXPECT_GT(broken, kCount / 50);
  EXPECT_LT(broken, kCount / 15);
  // List elements count one by one here, so the set is larger than the rules.
  EXPECT_GE(broken_rules.size(), generator.rules().size());
}

TEST(RequestGenerator, ConditionsAndTokensMeetWhatWasGivenOut) {
  const RequestGenerator generator(Behavior::Documented());
  GeneratorContext context;
  context.hashes = {"R7GnVmgu6nd2vtCHKK5Vxw=="};
  context.tokens = {"a-token"};
  SeededChoices choices(6);
  v1::Request request;
  int hashes = 0;
  int tokens = 0;
  for (int i = 0; i < 20'000; ++i) {
    generator.Generate(choices, context, &request);
    hashes += request.delete_resource_policy().policy_hash_condition() ==
                      context.hashes[0]
                  ? 1
                  : 0;
    tokens +=
        request.get_security_configurations().next_token() == context.tokens[0]
            ? 1
            : 0;
  }
  EXPECT_GT(hashes, 200);
  EXPECT_GT(tokens, 200);
}

TEST(RequestGenerator, ConnectionsMeetAndHavePasswords) {
  const RequestGenerator generator(Behavior::Current());
  GeneratorContext context;
  context.ciphertexts = {"a ciphertext"};
  SeededChoices choices(8);
  v1::Request request;
  std::map<std::string, int> properties;
  int given_back = 0;
  int renames = 0;
  int repeats = 0;
  for (int i = 0; i < 20'000; ++i) {
    generator.Generate(choices, context, &request);
    const auto& update = request.update_connection();
    renames += update.name() != update.connection_input().name() ? 1 : 0;
    const auto& elements = request.create_connection()
                               .connection_input()
                               .connection_properties()
                               .elements();
    for (const auto& [key, value] : elements) {
      ++properties[key];
      given_back += value == context.ciphertexts[0] ? 1 : 0;
    }
    const auto& names =
        request.batch_delete_connection().connection_name_list().elements();
    const std::set<std::string> different(names.begin(), names.end());
    repeats += static_cast<int>(different.size()) < names.size() ? 1 : 0;
  }
  for (const char* key : {"PASSWORD", "ENCRYPTED_PASSWORD", "HOST"}) {
    EXPECT_GT(properties[key], 200) << key;
  }
  EXPECT_GT(properties["ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD"], 10);
  EXPECT_GT(given_back, 200);
  EXPECT_GT(repeats, 50);
  EXPECT_GT(renames, 20);
  EXPECT_LT(renames, 300);
}

TEST(RequestGenerator, TheSameChoicesMakeTheSameRequest) {
  const RequestGenerator generator(Behavior::Observed());
  SeededChoices seeded(7);
  v1::Request request;
  v1::Request again;
  for (int i = 0; i < 1'000; ++i) {
    RecordingChoices recording(&seeded);
    generator.Generate(recording, {}, &request);
    RecordedChoices recorded(recording.choices());
    generator.Generate(recorded, {}, &again);
    ASSERT_TRUE(MessageDifferencer::Equals(again, request));
  }
}

}  // namespace
}  // namespace glue_security
