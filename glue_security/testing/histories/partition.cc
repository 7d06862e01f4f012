#include "glue_security/testing/histories/partition.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/request_names.h"
#include "glue_security/testing/histories/connection_part.h"
#include "glue_security/testing/histories/value_numbers.h"
#include "glue_security/testing/oracle/naive_dates.h"
#include "glue_security/testing/oracle/naive_rules.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace history_internal {
namespace {

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;
constexpr auto kNoBound = std::numeric_limits<size_t>::max();
using Names = std::set<std::string>;

// A catalog: (account or CatalogId, region).
using CatalogName = std::pair<std::string, std::string>;

// The calls of one catalog and resource, or of one name in it.
struct Group {
  Partition partition;
  std::vector<const HistoryEntry*> entries;  // beside `partition.ops`
};

bool IsCreate(const Op& op) {
  return op.operation == v1::Request::kCreateSecurityConfiguration;
}
bool IsList(const Op& op) {
  return op.operation == v1::Request::kGetSecurityConfigurations;
}

class Splitter {
 public:
  Splitter(const History& history, const LinearizabilityOptions& options)
      : history_(history),
        options_(options),
        believes_policy_findings_(options.behavior.policy_checks >
                                  PolicyChecks::kJson),
        clock_(options.fixed_time.value_or(absl::UnixEpoch())) {
    options_.behavior.policy_checks =
        std::min(options.behavior.policy_checks, PolicyChecks::kJson);
  }

  std::vector<Partition> Split() {
    for (size_t call = 0; call < history_.size(); ++call) Sort(call);
    AddSettingsToConnections();
    std::vector<Partition> partitions;
    for (auto& [key, group] : groups_) {
      Partition& partition = group.partition;
      switch (partition.resource) {
        case Resource::kPolicy:
          FillPolicy(&group);
          partitions.push_back(std::move(partition));
          break;
        case Resource::kSettings:
          FillSettings(&group);
          partitions.push_back(std::move(partition));
          break;
        case Resource::kConnections:
          FillConnections(options_, &partition);
          partitions.push_back(std::move(partition));
          break;
        case Resource::kConfigurations:
          for (Group& part : SplitByName(std::move(group))) {
            FillConfigurations(&part);
            partitions.push_back(std::move(part.partition));
          }
      }
    }
    return partitions;
  }

 private:
  // Puts a call into its group. Leaves it out when its answer is right in every
  // state and it has no effect.
  void Sort(size_t call) {
    const HistoryEntry& entry = history_[call];
    const v1::Request& request = entry.request;
    Op op;
    op.call = call;
    op.entry = &entry;
    op.start = entry.start;
    op.end = entry.end;
    op.operation = request.operation_case();
    op.unknown = IsUnknown(entry);
    op.read_only = GetOperationInfo(op.operation).read_only();
    if (op.unknown) op.end = kNoEnd;
    if (entry.response.has_value()) op.code = entry.response->error().code();
    Limits limits = options_.limits;
    // The size of the request that was sent is unknown.
    if (entry.has_hidden_values) limits.request_bytes_max = kNoBound;
    const v1::ErrorCode expected =
        NaiveRefusal(options_.behavior, limits, entry.caller, request).code();
    if (op.unknown && (op.read_only || expected != kOk)) return;
    if (!op.unknown && expected == op.code && expected != kOk) return;
    if (!op.unknown && IsBelieved(op)) return;
    if (!op.unknown && expected != kOk) {
      op.impossible = absl::StrCat(ErrorCodeName(expected), " in every state");
    } else if (!op.unknown && op.code == kOk) {
      op.impossible = WrongShape(entry);
    }
    Group& group = GroupOf(entry);
    group.partition.ops.push_back(std::move(op));
    group.entries.push_back(&entry);
  }

  bool IsBelieved(const Op& op) const {
    return op.code == v1::ERROR_CODE_INTERNAL_SERVICE ||
           op.code == v1::ERROR_CODE_ACCESS_DENIED ||
           op.code == v1::ERROR_CODE_GLUE_ENCRYPTION ||
           (op.code == v1::ERROR_CODE_INVALID_INPUT &&
            op.operation == v1::Request::kPutResourcePolicy &&
            believes_policy_findings_) ||
           (op.entry->has_hidden_values &&
            (op.code == v1::ERROR_CODE_INVALID_INPUT ||
             op.code == options_.behavior.constraint_error_code));
  }

  // If the answer is wrong in every state, returns a description of a right
  // one; otherwise empty.
  std::string WrongShape(const HistoryEntry& entry) const {
    const v1::Response& response = *entry.response;
    if (static_cast<int>(response.outcome_case()) !=
        static_cast<int>(entry.request.operation_case())) {
      return "a response of this operation";
    }
    const bool timed =
        options_.times == LinearizabilityOptions::Times::kConsistent;
    if (response.has_create_security_configuration()) {
      const auto& answer = response.create_security_configuration();
      if (answer.name() !=
          entry.request.create_security_configuration().name()) {
        return "the name that was asked for";
      }
      if (timed && !answer.has_created_timestamp()) return "a time";
      if (timed && !IsFixed(answer.created_timestamp())) {
        return "the time of the clock, which stood still";
      }
    }
    if (response.has_get_resource_policy()) {
      return MissingIn(response.get_resource_policy(), timed);
    }
    if (response.has_get_resource_policies()) {
      return WrongList(response.get_resource_policies(), timed);
    }
    return "";
  }

  // Returns what a shown policy lacks; empty: nothing.
  template <typename Shown>
  static std::string MissingIn(const Shown& shown, bool timed) {
    if (!shown.has_policy_in_json()) return "a policy";
    if (!shown.has_policy_hash()) return "a hash";
    if (timed && !(shown.has_create_time() && shown.has_update_time())) {
      return "both times";
    }
    return "";
  }

  std::string WrongList(const v1::GetResourcePoliciesResponse& list,
                        bool timed) const {
    if (list.policies_size() > 1) return "at most one policy";
    if (!list.next_token().empty()) return "no more than one page";
    if (list.has_next_token() != options_.behavior.empty_token_on_last_page) {
      return TokenOfLastPage();
    }
    return list.policies().empty() ? "" : MissingIn(list.policies(0), timed);
  }

  std::string TokenOfLastPage() const {
    return options_.behavior.empty_token_on_last_page
               ? "an empty NextToken on the last page"
               : "no NextToken on the last page";
  }

  bool IsFixed(const google::protobuf::Timestamp& time) const {
    return !options_.fixed_time.has_value() ||
           Millis(time) == absl::ToUnixMillis(*options_.fixed_time);
  }

  Group& GroupOf(const HistoryEntry& entry) {
    const std::string* const id = CatalogIdIn(entry.request);
    const CatalogName catalog{id == nullptr ? entry.caller.account_id : *id,
                              entry.caller.region};
    const v1::OperationInfo& info =
        GetOperationInfo(entry.request.operation_case());
    Resource resource = Resource::kConfigurations;
    absl::string_view title = "security configurations";
    if (info.resource() == v1::RESOURCE_ENCRYPTION_SETTINGS) {
      resource = Resource::kSettings;
      title = "encryption settings";
    } else if (info.resource() == v1::RESOURCE_POLICY) {
      resource = Resource::kPolicy;
      title = "resource policy";
    } else if (info.resource() == v1::RESOURCE_CONNECTION) {
      resource = Resource::kConnections;
      title = "connections";
    }
    Group& group = groups_[{catalog, static_cast<int>(resource)}];
    group.partition.resource = resource;
    group.partition.title =
        absl::StrCat(absl::CHexEscape(catalog.first), "/",
                     absl::CHexEscape(catalog.second), " ", title);
    return group;
  }

  // Connections depend on the settings that are written beside them.
  void AddSettingsToConnections() {
    for (auto& [key, group] : groups_) {
      if (group.partition.resource != Resource::kConnections) continue;
      const auto settings =
          groups_.find({key.first, static_cast<int>(Resource::kSettings)});
      if (settings == groups_.end()) continue;
      auto& ops = group.partition.ops;
      for (const Op& op : settings->second.partition.ops) {
        const bool writes = op.unknown || op.code == kOk;
        if (!op.read_only && writes && op.impossible.empty()) ops.push_back(op);
      }
      std::stable_sort(ops.begin(), ops.end(), [](const Op& a, const Op& b) {
        return a.start < b.start;
      });
    }
  }

  // ---- Policies.

  void FillPolicy(Group* group) {
    Numbers texts;
    std::vector<std::optional<std::string>> hashes;
    for (size_t i = 0; i < group->entries.size(); ++i) {
      Op& op = group->partition.ops[i];
      const HistoryEntry& entry = *group->entries[i];
      if (entry.request.has_put_resource_policy()) {
        const auto& put = entry.request.put_resource_policy();
        op.value = texts.OfPolicy(Stored(put.policy_in_json()));
        if (put.has_policy_hash_condition()) {
          op.hash_condition = put.policy_hash_condition();
        }
      } else if (entry.request.has_delete_resource_policy()) {
        const auto& drop = entry.request.delete_resource_policy();
        if (drop.has_policy_hash_condition()) {
          op.hash_condition = drop.policy_hash_condition();
        }
      }
      if (op.unknown || op.code != kOk || !op.impossible.empty()) continue;
      const v1::Response& response = *entry.response;
      if (response.has_put_resource_policy()) {
        LearnHash(response.put_resource_policy().policy_hash(), &op, &hashes);
      } else if (response.has_get_resource_policy()) {
        ShowPolicy(response.get_resource_policy(), &texts, &op);
        LearnHash(response.get_resource_policy().policy_hash(), &op, &hashes);
      } else if (response.get_resource_policies().policies_size() > 0) {
        const auto& shown = response.get_resource_policies().policies(0);
        ShowPolicy(shown, &texts, &op);
        LearnHash(shown.policy_hash(), &op, &hashes);
      }
    }
    texts.MoveTo(&group->partition);
    KnowHashes(std::move(hashes), &group->partition);
  }

  // Reads a policy in the answer of `op`.
  template <typename Shown>
  static void ShowPolicy(const Shown& shown, Numbers* texts, Op* op) {
    op->value = texts->OfPolicy(shown.policy_in_json());
    op->created_ms = Millis(shown.create_time());
    op->updated_ms = Millis(shown.update_time());
  }

  // Returns the text that the backend stores for `policy`, which it accepts.
  std::string Stored(const std::string& policy) {
    if (!options_.behavior.reprint_policies) return policy;
    ReferenceModel model(options_.behavior, options_.limits, &clock_);
    v1::Request request;
    auto* put = request.mutable_put_resource_policy();
    put->set_policy_in_json(policy);
    put->set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
    model.Execute({}, request);
    request.mutable_get_resource_policy();
    const v1::Response response = model.Execute({}, request);
    return response.has_error()
               ? policy
               : response.get_resource_policy().policy_in_json();
  }

  // Learns the hash of text `op->value` from its answer.
  void LearnHash(std::string hash, Op* op,
                 std::vector<std::optional<std::string>>* hashes) {
    const auto text = static_cast<size_t>(op->value);
    if (hashes->size() <= text) hashes->resize(text + 1);
    for (size_t i = 0; i < hashes->size() && !options_.policy_hash; ++i) {
      if (i != text && (*hashes)[i] == hash) {
        op->impossible = "another hash: this one belongs to another text";
        return;
      }
    }
    auto& known = (*hashes)[text];
    if (!options_.policy_hash && !known.has_value()) known = hash;
    if (!options_.policy_hash && known != hash) {
      op->impossible = absl::StrCat("hash ", QuoteShort(*known),
                                    ", as for this text before");
    }
    answered_.push_back({op, text, std::move(hash)});
  }

  void KnowHashes(std::vector<std::optional<std::string>> hashes,
                  Partition* partition) {
    hashes.resize(partition->values.size());
    if (options_.policy_hash) {
      for (size_t text = 0; text < hashes.size(); ++text) {
        hashes[text] = options_.policy_hash(partition->values[text]);
      }
      for (const Answered& answer : answered_) {
        if (hashes[answer.text] == answer.hash) continue;
        answer.op->impossible =
            absl::StrCat("hash ", QuoteShort(*hashes[answer.text]));
      }
    }
    answered_.clear();
    Names open;
    std::set<int64_t> maybe_written;
    for (const Op& op : partition->ops) {
      if (op.hash_condition.has_value()) open.insert(*op.hash_condition);
      if (op.unknown) maybe_written.insert(op.value);
    }
    for (size_t text = 0; text < hashes.size(); ++text) {
      if (hashes[text].has_value()) open.erase(*hashes[text]);
      // A text that was never stored needs no hash.
      if (!hashes[text].has_value() &&
          maybe_written.count(static_cast<int64_t>(text)) == 0) {
        hashes[text] = "";
      }
    }
    partition->open_hashes.assign(open.begin(), open.end());
    partition->hashes = std::move(hashes);
  }

  // ---- Settings.

  void FillSettings(Group* group) {
    Numbers values;
    values.OfSettings(ShownAfter(nullptr));
    for (size_t i = 0; i < group->entries.size(); ++i) {
      Op& op = group->partition.ops[i];
      const HistoryEntry& entry = *group->entries[i];
      if (entry.request.has_put_data_catalog_encryption_settings()) {
        op.value = values.OfSettings(ShownAfter(&entry.request));
      } else if (op.code == kOk) {
        op.value = values.OfSettings(
            entry.response->get_data_catalog_encryption_settings()
                .data_catalog_encryption_settings());
      }
    }
    values.MoveTo(&group->partition);
  }

  // Returns the settings that Get shows after `put`; null: before any.
  v1::DataCatalogEncryptionSettings ShownAfter(const v1::Request* put) {
    ReferenceModel model(options_.behavior, options_.limits, &clock_);
    v1::Request request;
    if (put != nullptr) {
      request = *put;
      request.mutable_put_data_catalog_encryption_settings()
          ->clear_catalog_id();
      model.Execute({}, request);
    }
    request.mutable_get_data_catalog_encryption_settings();
    return model.Execute({}, request)
        .get_data_catalog_encryption_settings()
        .data_catalog_encryption_settings();
  }

  // ---- Configurations.

  // Splits by name when no answer can depend on two names: there is no page,
  // and too few creates to reach the limit.
  std::vector<Group> SplitByName(Group group) const {
    int64_t creates = 0;
    bool coupled = false;
    for (const Op& op : group.partition.ops) {
      if (IsCreate(op) && (op.unknown || op.code == kOk)) ++creates;
      coupled = coupled || IsList(op) ||
                op.operation == v1::Request::OPERATION_NOT_SET ||
                op.code == v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;
    }
    std::vector<Group> parts;
    if (coupled || creates > options_.limits.security_configurations_max) {
      parts.push_back(std::move(group));
      return parts;
    }
    std::map<std::string, Group> by_name;
    for (size_t i = 0; i < group.entries.size(); ++i) {
      const std::string& name = *NameIn(group.entries[i]->request);
      Group& part = by_name[name];
      part.partition.resource = Resource::kConfigurations;
      part.partition.title =
          absl::StrCat(group.partition.title, ", ", QuoteShort(name));
      part.partition.ops.push_back(std::move(group.partition.ops[i]));
      part.entries.push_back(group.entries[i]);
    }
    for (auto& [name, part] : by_name) parts.push_back(std::move(part));
    return parts;
  }

  // Every operation on configurations but the list has a Name.
  void FillConfigurations(Group* group) {
    const Names names = NamesIn(*group);
    group->partition.names.assign(names.begin(), names.end());
    Numbers bodies;
    for (size_t i = 0; i < group->entries.size(); ++i) {
      Op& op = group->partition.ops[i];
      if (op.operation == v1::Request::OPERATION_NOT_SET) continue;
      const HistoryEntry& entry = *group->entries[i];
      if (IsList(op)) {
        FillPage(entry, *group, &bodies, &op);
        continue;
      }
      op.name = Rank(group->partition, *NameIn(entry.request));
      if (IsCreate(op)) {
        const v1::Request stored =
            NaiveInForce(options_.behavior, entry.request);
        op.value = bodies.OfBody(
            stored.create_security_configuration().encryption_configuration());
      }
      if (op.unknown || op.code != kOk || !op.impossible.empty()) continue;
      if (IsCreate(op)) {
        op.created_ms = Millis(entry.response->create_security_configuration()
                                   .created_timestamp());
      } else if (op.read_only) {
        const auto& shown = entry.response->get_security_configuration()
                                .security_configuration();
        Show(shown, &bodies, &op.value, &op.created_ms, &op);
        if (shown.name() != *NameIn(entry.request)) {
          op.impossible = "the name that was asked for";
        }
      }
    }
    bodies.MoveTo(&group->partition);
    auto& ops = group->partition.ops;
    ops.erase(std::remove_if(ops.begin(), ops.end(),
                             [](const Op& op) {
                               return IsList(op) && op.firsts.empty() &&
                                      op.impossible.empty();
                             }),
              ops.end());
  }

  static Names NamesIn(const Group& group) {
    Names names;
    for (size_t i = 0; i < group.entries.size(); ++i) {
      const Op& op = group.partition.ops[i];
      if (op.operation == v1::Request::OPERATION_NOT_SET) continue;
      if (!IsList(op)) {
        names.insert(*NameIn(group.entries[i]->request));
        continue;
      }
      for (const auto& shown : group.entries[i]
                                   ->response->get_security_configurations()
                                   .security_configurations()) {
        names.insert(shown.name());
      }
    }
    return names;
  }

  // Returns the number of the first name that is not less than `name`.
  static int64_t Rank(const Partition& partition, const std::string& name) {
    return std::lower_bound(partition.names.begin(), partition.names.end(),
                            name) -
           partition.names.begin();
  }

  // Reads a configuration in the answer of `op`.
  void Show(const v1::SecurityConfiguration& configuration, Numbers* bodies,
            int64_t* body, int64_t* created_ms, Op* op) const {
    *body = bodies->OfBody(configuration.encryption_configuration());
    *created_ms = Millis(configuration.created_time_stamp());
    if (options_.times == LinearizabilityOptions::Times::kConsistent &&
        !configuration.has_created_time_stamp()) {
      op->impossible = "a time";
    }
  }

  // An op without `firsts` that is not impossible has its answer in any state.
  void FillPage(const HistoryEntry& entry, const Group& group, Numbers* bodies,
                Op* op) const {
    if (!op->impossible.empty()) return;
    const auto& request = entry.request.get_security_configurations();
    if (request.next_token().empty()) {
      op->firsts = {0};
    } else {
      op->firsts = Meanings(group, request.next_token());
    }
    if (op->firsts.empty()) {
      // One list may take the tokens of another, or refuse them.
      if (op->code != v1::ERROR_CODE_INVALID_INPUT &&
          !IsTokenOfConnections(request.next_token())) {
        op->impossible =
            "InvalidInputException: no page of this catalog gave out the token";
      }
      return;
    }
    op->size = request.has_max_results()
                   ? request.max_results()
                   : std::max(options_.limits.page_size_default, 1);
    const auto& page = entry.response->get_security_configurations();
    for (const auto& configuration : page.security_configurations()) {
      Shown shown;
      shown.name = Rank(group.partition, configuration.name());
      Show(configuration, bodies, &shown.body, &shown.created_ms, op);
      op->shown.push_back(shown);
    }
    op->more = !page.next_token().empty();
    if (op->code == kOk && !op->more &&
        page.has_next_token() != options_.behavior.empty_token_on_last_page) {
      op->impossible = TokenOfLastPage();
    }
  }

  bool IsTokenOfConnections(const std::string& token) const {
    return std::any_of(
        history_.begin(), history_.end(), [&](const HistoryEntry& entry) {
          return entry.response.has_value() &&
                 entry.response->get_connections().next_token() == token;
        });
  }

  // Returns the places where the page of `token` can start. There are several
  // when pages that ended with different names gave out the same token.
  static std::vector<int64_t> Meanings(const Group& group,
                                       const std::string& token) {
    std::set<int64_t> firsts;
    for (const HistoryEntry* entry : group.entries) {
      if (!entry->response.has_value()) continue;
      const auto& page = entry->response->get_security_configurations();
      if (page.next_token() == token &&
          page.security_configurations_size() > 0) {
        firsts.insert(1 +
                      Rank(group.partition,
                           page.security_configurations().rbegin()->name()));
      }
    }
    return std::vector<int64_t>(firsts.begin(), firsts.end());
  }

  // An answer with the hash of a text.
  struct Answered {
    Op* op;
    size_t text;
    std::string hash;
  };

  const History& history_;
  LinearizabilityOptions options_;
  const bool believes_policy_findings_;
  FakeClock clock_;
  std::map<std::pair<CatalogName, int>, Group> groups_;
  std::vector<Answered> answered_;
};

}  // namespace

std::vector<Partition> Split(const History& history,
                             const LinearizabilityOptions& options) {
  return Splitter(history, options).Split();
}

}  // namespace history_internal
}  // namespace glue_security
