// Compares the engine with the reference model, step by step on the same calls:
// random calls, and all short sequences over small alphabets.
//
// The seed is printed; GLUE_SECURITY_SEED=N repeats the run.

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/sequences/all_sequences.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"
#include "tests/storage/copying_storage.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

Caller TheCaller() { return GeneratedCallers()[0]; }

// ---------------------------------------------------------------------------
// Random calls.

struct Setting {
  std::string name;
  Behavior behavior;
  Limits limits;
};

// Adds a documented and a recorded behavior on each date of the API after the
// contract's.
void AddDates(std::vector<Setting>* settings) {
  for (const absl::CivilDay date : ApiSchema::Dates()) {
    if (date == kContractDate) continue;
    for (Setting setting : {Setting{"documented", Behavior::Documented(), {}},
                            Setting{"observed", Behavior::Observed(), {}}}) {
      setting.name += ", API of " + absl::FormatCivilTime(date);
      setting.behavior = Loose(setting.behavior);
      setting.behavior.api_date = date;
      setting.behavior.console_grants_exist =
          date == absl::CivilDay(2022, 3, 18);
      settings->push_back(std::move(setting));
    }
  }
}

// Returns the presets, each with several limits and switches, and the dates.
std::vector<Setting> Settings() {
  std::vector<Setting> settings;
  for (const Setting& base :
       {Setting{"documented", Loose(Behavior::Documented()), {}},
        Setting{"observed", Loose(Behavior::Observed()), {}},
        Setting{"current", Loose(Behavior::Current()), {}}}) {
    const std::string& preset = base.name;
    settings.push_back(base);

    Setting small = base;
    small.name = preset + ", two configurations and connections, pages of one";
    small.limits.security_configurations_max = 2;
    small.limits.connections_max = 2;
    small.limits.page_size_default = 1;
    settings.push_back(small);

    Setting tight = base;
    tight.name = preset + ", small requests, shallow policies, short pages";
    tight.limits.request_bytes_max = 260;
    tight.limits.policy_depth_max = 3;
    tight.limits.policy_bytes_max = 100;
    tight.limits.page_size_default = 2;
    tight.limits.page_size_observed_max = 1;
    settings.push_back(tight);

    Setting zero = base;
    zero.name = preset + ", bounds of zero";
    zero.limits.security_configurations_max = 0;
    zero.limits.connections_max = 0;
    zero.limits.policy_depth_max = 0;
    zero.limits.page_size_default = 0;
    zero.limits.page_size_observed_max = 0;
    settings.push_back(zero);

    Setting strict = base;
    strict.name = preset +
                  ", hash required, MUST_EXIST gives EntityNotFound, "
                  "policies as deep as may be";
    strict.limits.policy_depth_max = 1 << 20;  // 1024 is the most.
    strict.behavior.require_hash_to_overwrite = true;
    strict.behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
    settings.push_back(strict);

    for (const auto& [name, protection] :
         {std::pair{", the flag protects passwords", PasswordProtection::kFlag},
          std::pair{", the key protects passwords",
                    PasswordProtection::kKey}}) {
      Setting other = base;
      other.name = preset + name;
      other.behavior.password_protection = protection;
      settings.push_back(other);
    }

    for (const auto& [name, checks] :
         {std::pair{", policies not checked", PolicyChecks::kNone},
          std::pair{", policies by the grammar", PolicyChecks::kGrammar},
          std::pair{", policies of Glue", PolicyChecks::kGlue}}) {
      Setting other = base;
      other.name = preset + name;
      other.behavior.policy_checks = checks;
      settings.push_back(other);
    }
  }
  AddDates(&settings);
  return settings;
}

TEST(DifferentialTest, AMillionRandomCallsGiveTheAnswersOfTheModel) {
  const int64_t calls = IsShortRun() ? 40'000 : 1'000'000;
  const std::vector<Setting> settings = Settings();
  SequenceOptions options;
  options.seed = RunSeed();
  options.hashes = AnswerRules::Hashes::kExact;
  options.calls = calls / static_cast<int64_t>(settings.size()) + 1;
  options.length = 500;
  int64_t made = 0;
  for (const Setting& setting : settings) {
    SCOPED_TRACE(setting.name);
    options.behavior = setting.behavior;
    options.limits = setting.limits;
    const SequenceReport report = CheckSequences(EngineInMemory, options);
    ASSERT_TRUE(report.ok()) << report.text;
    made += report.calls;
  }
  EXPECT_GE(made, calls);
}

// Counts the answers to calls about connections, by what they say.
class Counting : public Backend {
 public:
  Counting(const BackendSetup& setup, std::map<std::string, int>* counts)
      : engine_(EngineInMemory(setup)), counts_(*counts) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Response answer = engine_.backend->Execute(caller, request);
    const Operation operation = request.operation_case();
    if (operation < v1::Request::kCreateConnection) return answer;
    std::string outcome(ErrorCodeName(answer.error().code()));
    if (!answer.has_error()) outcome = "success";
    const std::string& message = answer.error().message();
    constexpr absl::string_view kCode = "Error Code: ";
    const size_t at = message.find(kCode.data());
    if (at != std::string::npos) {
      outcome +=
          " for " + message.substr(at + kCode.size(),
                                   message.find(';', at) - at - kCode.size());
    }
    ++counts_[std::string(OperationName(operation)) + ": " + outcome];
    const auto& shown =
        answer.get_connection().connection().connection_properties();
    for (const auto& [key, text] : shown.elements()) ++counts_[key];
    return answer;
  }

 private:
  TestedBackend engine_;
  std::map<std::string, int>& counts_;
};

// The comparison is worth as much as what the calls meet.
TEST(DifferentialTest, CallsAboutConnectionsMeetEveryOutcome) {
  std::map<std::string, int> counts;
  const auto make = [&counts](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<Counting>(setup, &counts));
  };
  SequenceOptions options;
  options.seed = 20261201;
  options.calls = 20'000;
  options.length = 500;
  options.behavior = Loose(Behavior::Current());
  options.limits.connections_max = 3;
  const SequenceReport report = CheckSequences(make, options);
  ASSERT_TRUE(report.ok()) << report.text;
  for (const char* met :
       {"CreateConnection: success",
        "CreateConnection: AlreadyExistsException",
        "CreateConnection: ResourceNumberLimitExceededException",
        "CreateConnection: GlueEncryptionException for NotFoundException",
        "CreateConnection: GlueEncryptionException for InvalidArnException",
        "CreateConnection: GlueEncryptionException for AccessDeniedException",
        "CreateConnection: ValidationException",
        "UpdateConnection: success",
        "UpdateConnection: EntityNotFoundException",
        "UpdateConnection: InvalidInputException",
        "UpdateConnection: GlueEncryptionException for NotFoundException",
        "GetConnection: success",
        "GetConnection: EntityNotFoundException",
        "GetConnection: GlueEncryptionException for AccessDeniedException",
        "GetConnection: GlueEncryptionException for "
        "InvalidCiphertextException",
        "GetConnection: GlueEncryptionException for ValidationException",
        "GetConnections: success",
        "GetConnections: InvalidInputException",
        "GetConnections: GlueEncryptionException for AccessDeniedException",
        "DeleteConnection: success",
        "DeleteConnection: EntityNotFoundException",
        "BatchDeleteConnection: success",
        "PASSWORD",
        "ENCRYPTED_PASSWORD",
        "KAFKA_CLIENT_KEY_PASSWORD",
        "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
        "HOST"}) {
    EXPECT_GE(counts[met], 1) << met;
  }
  for (const auto& [outcome, count] : counts) {
    std::cout << count << " x " << outcome << "\n";
  }
}

// The engine reads copies if the storage lends nothing.
TEST(DifferentialTest, AnEngineThatReadsCopiesGivesTheAnswersOfTheModel) {
  class Copied : public CopyingStorage {
   public:
    Copied() : CopyingStorage(&memory_) {}

   private:
    MemoryStorage memory_;
  };
  const auto make = [](const BackendSetup& setup) {
    return EngineOver(std::make_unique<Copied>(), setup);
  };
  SequenceOptions options;
  options.seed = RunSeed();
  options.hashes = AnswerRules::Hashes::kExact;
  options.calls = IsShortRun() ? 300 : 3'000;
  for (const Setting& setting : Settings()) {
    SCOPED_TRACE(setting.name);
    options.behavior = setting.behavior;
    options.limits = setting.limits;
    const SequenceReport report = CheckSequences(make, options);
    ASSERT_TRUE(report.ok()) << report.text;
  }
}

// The comparison relies on this.
TEST(DifferentialTest, ACallThatFailsLeavesTheModelAsItWas) {
  const uint64_t seed = RunSeed();
  SeededChoices choices(seed);
  for (const Setting& setting : Settings()) {
    SCOPED_TRACE(setting.name);
    FakeClock clock{absl::UnixEpoch()};
    bool good = true;
    ReferenceModel model(
        setting.behavior, setting.limits, &clock,
        [&](const Caller&, absl::string_view) { return good; });
    const RequestGenerator generator(setting.behavior);
    GeneratorContext context;
    v1::Request request;
    int failed = 0;
    for (int i = 0; i < (IsShortRun() ? 300 : 3'000); ++i) {
      clock.Advance(absl::Milliseconds(1));
      context.caller = &GenerateCaller(choices);
      good =
          !generator.Generate(choices, context, &request).finding.has_value();
      const std::string before = model.StateFingerprint();
      const v1::Response answer = model.Execute(*context.caller, request);
      if (answer.has_put_resource_policy()) {
        context.hashes = {answer.put_resource_policy().policy_hash()};
      }
      if (!answer.has_error()) continue;
      ++failed;
      ASSERT_EQ(model.StateFingerprint(), before);
    }
    EXPECT_GT(failed, 50);
  }
}

// ---------------------------------------------------------------------------
// All sequences.

v1::Request GetPolicy() {
  v1::Request request;
  request.mutable_get_resource_policy();
  return request;
}

// Returns 28 calls: a Put of 2 texts, under 4 conditions and 3 hashes; a Get; a
// Delete with 3 hashes.
std::vector<v1::Request> PolicyAlphabet() {
  const std::vector<std::string> texts = {"{}", R"({"Statement":[]})"};
  FakeClock clock{absl::UnixEpoch()};
  ReferenceModel model(Loose(Behavior::Documented()), Limits(), &clock);
  std::vector<std::string> hashes = {""};  // The first: no condition.
  for (const std::string& text : texts) {
    v1::Request put;
    put.mutable_put_resource_policy()->set_policy_in_json(text);
    hashes.push_back(
        model.Execute(TheCaller(), put).put_resource_policy().policy_hash());
  }
  std::vector<v1::Request> alphabet = {GetPolicy()};
  for (const std::string& hash : hashes) {
    for (const std::string& text : texts) {
      for (const v1::PolicyExistsCondition condition :
           {v1::POLICY_EXISTS_CONDITION_UNSPECIFIED,  // No condition.
            v1::POLICY_EXISTS_CONDITION_NONE,
            v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
            v1::POLICY_EXISTS_CONDITION_NOT_EXIST}) {
        v1::PutResourcePolicyRequest& put =
            *alphabet.emplace_back().mutable_put_resource_policy();
        put.set_policy_in_json(text);
        if (!hash.empty()) put.set_policy_hash_condition(hash);
        if (condition != v1::POLICY_EXISTS_CONDITION_UNSPECIFIED) {
          put.set_policy_exists_condition(condition);
        }
      }
    }
    v1::DeleteResourcePolicyRequest& drop =
        *alphabet.emplace_back().mutable_delete_resource_policy();
    if (!hash.empty()) drop.set_policy_hash_condition(hash);
  }
  return alphabet;
}

// Returns 8 calls: create, delete and get each of two names; list from the
// start, and after the previous page.
std::vector<v1::Request> ConfigurationAlphabet() {
  std::vector<v1::Request> alphabet;
  for (const std::string name : {"a", "b"}) {
    auto* create =
        alphabet.emplace_back().mutable_create_security_configuration();
    create->set_name(name);
    create->mutable_encryption_configuration();
    alphabet.emplace_back().mutable_delete_security_configuration()->set_name(
        name);
    alphabet.emplace_back().mutable_get_security_configuration()->set_name(
        name);
  }
  alphabet.emplace_back()
      .mutable_get_security_configurations()
      ->set_max_results(1);
  alphabet.emplace_back().mutable_get_security_configurations()->set_next_token(
      kLatestToken);
  return alphabet;
}

v1::Request ListAll() {
  v1::Request request;
  request.mutable_get_security_configurations()->set_max_results(100);
  return request;
}

// Returns the number of sequences of 1 to `length` letters.
int64_t CountSequences(int64_t letters, size_t length) {
  int64_t count = 0;
  int64_t power = 1;
  for (size_t i = 0; i < length; ++i) count += power *= letters;
  return count;
}

// Expects that the engine answers like the model in all sequences of `options`,
// and that all of them were run. After each call the observation reads the
// state.
void ExpectAllAgree(AllSequencesOptions options) {
  options.hashes = AnswerRules::Hashes::kExact;
  const SequenceReport report = CheckAllSequences(EngineInMemory, options);
  ASSERT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.sequences,
            CountSequences(static_cast<int64_t>(options.alphabet.size()),
                           options.length));
}

TEST(DifferentialTest, AllSequencesOfFourPolicyCallsGiveTheAnswersOfTheModel) {
  AllSequencesOptions options;
  options.behavior = Loose(Behavior::Documented());
  options.alphabet = PolicyAlphabet();
  options.observations = {GetPolicy()};
  options.length = IsShortRun() ? 3 : 4;
  ASSERT_EQ(options.alphabet.size(), 28u);
  ExpectAllAgree(options);
}

TEST(DifferentialTest, AllSequencesOfThreePolicyCallsAgreeWithTheSwitchesSet) {
  AllSequencesOptions options;
  options.behavior = Loose(Behavior::Observed());
  options.behavior.require_hash_to_overwrite = true;
  options.behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
  options.alphabet = PolicyAlphabet();
  options.observations = {GetPolicy()};
  options.length = 3;
  ExpectAllAgree(options);
}

TEST(DifferentialTest, AllSequencesOfFourConfigurationCallsAgree) {
  for (const Behavior& behavior :
       {Loose(Behavior::Documented()), Loose(Behavior::Current())}) {
    for (const int64_t number_limit : {1, 250}) {
      AllSequencesOptions options;
      options.behavior = behavior;
      options.limits.security_configurations_max = number_limit;
      options.limits.page_size_default = 1;
      options.alphabet = ConfigurationAlphabet();
      options.observations = {ListAll()};
      options.length = IsShortRun() ? 3 : 4;
      ExpectAllAgree(options);
    }
  }
}

// Returns 14 calls: create, update, get and delete the connection "a", with a
// password, with the last that was shown, and with none; a batch of two; a list
// without passwords; and settings.
std::vector<v1::Request> ConnectionAlphabet() {
  std::vector<v1::Request> alphabet;
  const auto fill = [](const char* key, const char* value,
                       v1::ConnectionInput* input) {
    input->set_name("a");
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto* properties = input->mutable_connection_properties();
    if (key != nullptr) (*properties->mutable_elements())[key] = value;
  };
  for (const auto& [key, value] :
       {std::pair<const char*, const char*>{nullptr, ""},
        {"PASSWORD", "secret"},
        {"ENCRYPTED_PASSWORD", kLatestPassword}}) {
    fill(key, value,
         alphabet.emplace_back()
             .mutable_create_connection()
             ->mutable_connection_input());
    auto* update = alphabet.emplace_back().mutable_update_connection();
    update->set_name("a");
    fill(key, value, update->mutable_connection_input());
  }
  alphabet.emplace_back().mutable_get_connection()->set_name("a");
  alphabet.emplace_back().mutable_delete_connection()->set_connection_name("a");
  auto* names = alphabet.emplace_back()
                    .mutable_batch_delete_connection()
                    ->mutable_connection_name_list();
  for (const char* name : {"a", "b", "a"}) names->add_elements(name);
  alphabet.emplace_back().mutable_get_connections()->set_hide_password(true);
  for (const auto& [mode, encrypted] :
       {std::pair{v1::CATALOG_ENCRYPTION_MODE_DISABLED, false},
        {v1::CATALOG_ENCRYPTION_MODE_DISABLED, true},
        {v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, false},
        {v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, true}}) {
    auto* settings = alphabet.emplace_back()
                         .mutable_put_data_catalog_encryption_settings()
                         ->mutable_data_catalog_encryption_settings();
    settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(mode);
    settings->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(encrypted);
  }
  return alphabet;
}

TEST(DifferentialTest, AllSequencesOfFourConnectionCallsAgree) {
  for (const Behavior& behavior :
       {Loose(Behavior::Documented()), Loose(Behavior::Current())}) {
    AllSequencesOptions options;
    options.behavior = behavior;
    options.alphabet = ConnectionAlphabet();
    ASSERT_EQ(options.alphabet.size(), 14u);
    options.observations.emplace_back().mutable_get_connections();
    options.length = IsShortRun() ? 3 : 4;
    ExpectAllAgree(options);
  }
}

// Two connections, pages of one, and a limit of one or of many.
TEST(DifferentialTest, AllSequencesOfFourCallsAboutTwoConnectionsAgree) {
  std::vector<v1::Request> alphabet;
  for (const std::string name : {"a", "b"}) {
    auto* input = alphabet.emplace_back()
                      .mutable_create_connection()
                      ->mutable_connection_input();
    input->set_name(name);
    input->set_connection_type(name == "a" ? v1::CONNECTION_TYPE_JDBC
                                           : v1::CONNECTION_TYPE_SFTP);
    input->mutable_connection_properties();
    input->mutable_match_criteria()->add_elements(name);
    alphabet.emplace_back().mutable_delete_connection()->set_connection_name(
        name);
  }
  auto* page = alphabet.emplace_back().mutable_get_connections();
  page->set_max_results(1);
  page->mutable_filter()->set_connection_type(v1::CONNECTION_TYPE_SFTP);
  auto* next = alphabet.emplace_back().mutable_get_connections();
  next->set_next_token(kLatestToken);
  next->mutable_filter()->mutable_match_criteria()->add_elements("b");
  for (const int64_t number_limit : {1, 250}) {
    AllSequencesOptions options;
    options.behavior = Loose(Behavior::Current());
    options.limits.connections_max = number_limit;
    options.limits.page_size_default = 1;
    options.alphabet = alphabet;
    options.observations.emplace_back()
        .mutable_get_connections()
        ->set_max_results(100);
    options.length = IsShortRun() ? 3 : 4;
    ExpectAllAgree(options);
  }
}

}  // namespace
}  // namespace glue_security
