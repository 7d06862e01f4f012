#include "glue_security/testing/interleaved/storage_workload.h"

#include <cstddef>
#include <cstdint>

namespace glue_security {
namespace interleaved_internal {
namespace {

// The names of a run, three each. The first are the simplest.
const std::vector<std::vector<std::string>>& NameSets() {
  static const auto& sets = *new std::vector<std::vector<std::string>>{
      {"a", "b", "c"},
      // In the order of their bytes: "A", "B", "a".
      {"a", "A", "B"},
      // One is the beginning of another, and longer than a later one.
      {"a", "aa", "b"},
      {"a", "a ", " a"},
      // Bytes above 127, and one character of four bytes.
      {"a", "\u00e9", "\U0001F511"},
      // As long as a name can be, and different only in the last byte.
      {std::string(254, 'x') + "a", std::string(254, 'x') + "b",
       std::string(254, 'x')},
  };
  return sets;
}

// The callers of a run. Their catalogs differ in one part, or only in the place
// where the parts are divided.
const std::vector<std::vector<Caller>>& CallerSets() {
  static const auto& sets = *new std::vector<std::vector<Caller>>{
      {StorageWorkload::UsualCaller()},
      {StorageWorkload::UsualCaller(), {"111111111111", "us-west-2", ""}},
      {StorageWorkload::UsualCaller(), {"11111111111", "1us-east-1", ""}},
      {{"111111111111/a", "us-east-1", ""},
       {"111111111111", "a/us-east-1", ""}},
  };
  return sets;
}

// The endings of keys. A record with the second is longer than 65,535 bytes.
const std::vector<std::string>& Endings() {
  static const auto& endings =
      *new std::vector<std::string>{"", " ", std::string(66'000, 'k')};
  return endings;
}

}  // namespace

StorageWorkload::StorageWorkload(const Behavior& behavior)
    : generator_(SmallWorkloadFor(behavior)) {}

const Caller& StorageWorkload::UsualCaller() {
  static const auto& caller = *new Caller{"111111111111", "us-east-1", ""};
  return caller;
}

void StorageWorkload::StartRun(ChoiceSource& choices) {
  names_ = choices.Pick(NameSets());
  callers_ = choices.Pick(CallerSets());
  // Mostly none: large values take time.
  const uint64_t ending = choices.Below(16);
  ending_ = Endings()[ending < 13 ? 0 : ending < 15 ? 1 : 2];
}

Call StorageWorkload::Next(ChoiceSource& choices,
                           const ClientKnowledge& known) const {
  // Drawn even when there is one caller, so that the other choices mean the
  // same with another set of callers.
  const uint64_t caller = choices.Below(2);
  Call call;
  if (!known.page_tokens.empty() && choices.OneIn(4)) {
    auto* list = call.request.mutable_get_security_configurations();
    list->set_next_token(known.page_tokens.back());
    list->set_max_results(choices.Pick({2, 1}));
  } else {
    call = generator_(choices, known);
  }
  call.caller = callers_[caller % callers_.size()];
  ChangeNames(&call.request);
  if (!ending_.empty()) ChangeValues(&call.request);
  return call;
}

void StorageWorkload::ChangeNames(v1::Request* request) const {
  const auto change = [this](std::string* name) {
    for (size_t i = 0; i < names_.size(); ++i) {
      if (*name != std::string(1, static_cast<char>('a' + i))) continue;
      *name = names_[i];
      return;
    }
  };
  if (request->has_create_security_configuration()) {
    change(request->mutable_create_security_configuration()->mutable_name());
  } else if (request->has_delete_security_configuration()) {
    change(request->mutable_delete_security_configuration()->mutable_name());
  } else if (request->has_get_security_configuration()) {
    change(request->mutable_get_security_configuration()->mutable_name());
  } else if (request->has_create_connection()) {
    change(request->mutable_create_connection()
               ->mutable_connection_input()
               ->mutable_name());
  } else if (request->has_get_connection()) {
    change(request->mutable_get_connection()->mutable_name());
  } else if (request->has_update_connection()) {
    auto* update = request->mutable_update_connection();
    change(update->mutable_name());
    change(update->mutable_connection_input()->mutable_name());
  } else if (request->has_delete_connection()) {
    change(request->mutable_delete_connection()->mutable_connection_name());
  } else if (request->has_batch_delete_connection()) {
    for (std::string& name : *request->mutable_batch_delete_connection()
                                  ->mutable_connection_name_list()
                                  ->mutable_elements()) {
      change(&name);
    }
  }
}

void StorageWorkload::ChangeValues(v1::Request* request) const {
  if (!request->has_create_security_configuration()) return;
  auto* const encryption = request->mutable_create_security_configuration()
                               ->mutable_encryption_configuration();
  if (!encryption->cloud_watch_encryption().has_kms_key_arn()) return;
  *encryption->mutable_cloud_watch_encryption()->mutable_kms_key_arn() +=
      ending_;
}

}  // namespace interleaved_internal
}  // namespace glue_security
