#include "glue_security/testing/histories/connection_part.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/backend/history.h"
#include "glue_security/schema/request_names.h"
#include "glue_security/testing/histories/value_numbers.h"
#include "glue_security/testing/oracle/naive_dates.h"

namespace glue_security {
namespace history_internal {
namespace {

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;

// The words of a state: the settings, and for each name these.
constexpr size_t kSettings = 0;
enum NameWord : size_t {
  kBody,       // a number, or kAbsent
  kPassword,   // a StoredPassword
  kText,       // the text of the password or, as given, of the encrypted one
  kEncrypted,  // the text that reads show for it, or kUnbound
  kCreated,    // a time, or kUnbound
  kUpdated,    // a time, or kUnbound
  kNameWords,
};

enum StoredPassword : int64_t {
  kNone,
  kClear,
  kProtected,
  kGiven,
  kGivenEmpty,  // no ciphertext, so that every read shows it as it is
};

StoredPassword StoredFor(const Op& write, bool protects) {
  if (write.encrypted != kAbsent) {
    return write.is_empty_password ? kGivenEmpty : kGiven;
  }
  if (write.clear == kAbsent) return kNone;
  return protects && !write.is_empty_password ? kProtected : kClear;
}

size_t WordOf(int64_t name, NameWord word) {
  return 1 + static_cast<size_t>(name) * kNameWords + word;
}

bool IsList(const Op& op) {
  return op.operation == v1::Request::kGetConnections;
}

// Returns all that is the same in an input and in an answer: no passwords.
template <typename Connection>
std::string BodyOf(const Connection& connection) {
  v1::ConnectionInput body;
  if (connection.has_description()) {
    body.set_description(connection.description());
  }
  if (connection.has_connection_type()) {
    body.set_connection_type(connection.connection_type());
  }
  if (connection.has_match_criteria()) {
    *body.mutable_match_criteria() = connection.match_criteria();
  }
  if (connection.has_physical_connection_requirements()) {
    *body.mutable_physical_connection_requirements() =
        connection.physical_connection_requirements();
  }
  std::string text = body.ShortDebugString();
  const auto& elements = connection.connection_properties().elements();
  for (const auto& [key, value] :
       std::map<std::string, std::string>(elements.begin(), elements.end())) {
    if (absl::StrContains(key, "PASSWORD")) continue;
    absl::StrAppend(&text, " ", key, "=", QuoteShort(value));
  }
  return text;
}

template <typename Connection>
const std::string* PropertyOf(const Connection& connection, const char* key) {
  const auto& elements = connection.connection_properties().elements();
  const auto found = elements.find(key);
  return found == elements.end() ? nullptr : &found->second;
}

bool Protects(const Behavior& behavior,
              const v1::ConnectionPasswordEncryption& passwords) {
  const bool flag = passwords.return_connection_password_encrypted();
  const bool key = !passwords.aws_kms_key_id().empty();
  switch (behavior.password_protection) {
    case PasswordProtection::kFlag:
      return flag;
    case PasswordProtection::kKey:
      return key;
    case PasswordProtection::kFlagOrKey:
      break;
  }
  return flag || key;
}

// Reads the calls of a part.
class Filler {
 public:
  Filler(const LinearizabilityOptions& options, Partition* partition)
      : options_(options), partition_(*partition) {}

  void Fill() {
    std::set<std::string> names;
    for (const Op& op : partition_.ops) AddNames(*op.entry, &names);
    partition_.names.assign(names.begin(), names.end());
    partition_.password_rules = {{}};
    for (Op& op : partition_.ops) FillOp(&op);
    partition_.texts = texts_.texts();
    bodies_.MoveTo(&partition_);
    // Leaves out the ops that no state makes wrong.
    auto& ops = partition_.ops;
    ops.erase(std::remove_if(ops.begin(), ops.end(),
                             [](const Op& op) {
                               return IsList(op) && op.firsts.empty() &&
                                      op.impossible.empty();
                             }),
              ops.end());
  }

 private:
  static void AddNames(const HistoryEntry& entry,
                       std::set<std::string>* names) {
    for (const std::string& name : ObjectNamesIn(entry.request)) {
      names->insert(name);
    }
    if (!entry.response.has_value()) return;
    for (const auto& shown :
         entry.response->get_connections().connection_list()) {
      names->insert(shown.name());
    }
  }

  int64_t Rank(const std::string& name) const {
    return std::lower_bound(partition_.names.begin(), partition_.names.end(),
                            name) -
           partition_.names.begin();
  }

  void FillOp(Op* op) {
    const v1::Request& given = op->entry->request;
    if (given.has_put_data_catalog_encryption_settings()) {
      const auto& passwords = given.put_data_catalog_encryption_settings()
                                  .data_catalog_encryption_settings()
                                  .connection_password_encryption();
      op->value = static_cast<int64_t>(partition_.password_rules.size());
      partition_.password_rules.push_back(
          {Protects(options_.behavior, passwords),
           passwords.return_connection_password_encrypted()});
      return;
    }
    for (const std::string& name : ObjectNamesIn(given)) {
      op->objects.push_back(Rank(name));
    }
    if (!op->objects.empty()) op->name = op->objects.front();
    if (given.has_create_connection() || given.has_update_connection()) {
      const v1::Request stored = NaiveInForce(options_.behavior, given);
      FillWrite(stored.has_create_connection()
                    ? stored.create_connection().connection_input()
                    : stored.update_connection().connection_input(),
                op);
    }
    op->hides = given.get_connection().hide_password() ||
                given.get_connections().hide_password();
    if (IsList(*op) && op->impossible.empty()) FillPage(op);
    if (op->unknown || op->code != kOk || !op->impossible.empty()) return;
    const v1::Response& response = *op->entry->response;
    if (response.has_get_connection()) {
      const auto& shown = response.get_connection().connection();
      Show(shown, op);
      if (shown.name() != given.get_connection().name()) {
        op->impossible = "the name that was asked for";
      }
    } else if (response.has_batch_delete_connection()) {
      FillDeletions(response.batch_delete_connection(), op);
    }
  }

  int64_t NumberOf(const std::string& password) {
    return texts_.Of(password, QuoteShort(password));
  }

  void FillWrite(const v1::ConnectionInput& input, Op* op) {
    op->value = bodies_.OfBody(BodyOf(input));
    const std::string* const clear = PropertyOf(input, "PASSWORD");
    const std::string* const encrypted =
        PropertyOf(input, "ENCRYPTED_PASSWORD");
    if (clear != nullptr) {
      op->clear = NumberOf(*clear);
      op->is_empty_password = clear->empty();
    } else if (encrypted != nullptr) {
      op->encrypted = NumberOf(*encrypted);
      op->is_empty_password = encrypted->empty();
    }
  }

  void Show(const v1::Connection& connection, Op* op) {
    ShownConnection shown;
    shown.name = Rank(connection.name());
    shown.body = bodies_.OfBody(BodyOf(connection));
    if (const auto* text = PropertyOf(connection, "PASSWORD")) {
      shown.clear = NumberOf(*text);
    }
    if (const auto* text = PropertyOf(connection, "ENCRYPTED_PASSWORD")) {
      shown.encrypted = NumberOf(*text);
    }
    shown.created_ms = Millis(connection.creation_time());
    shown.updated_ms = Millis(connection.last_updated_time());
    if (options_.times == LinearizabilityOptions::Times::kConsistent &&
        !(connection.has_creation_time() &&
          connection.has_last_updated_time())) {
      op->impossible = "both times";
    }
    op->connections.push_back(shown);
  }

  void FillDeletions(const v1::BatchDeleteConnectionResponse& answer, Op* op) {
    std::set<std::string> succeeded(answer.succeeded().begin(),
                                    answer.succeeded().end());
    for (const std::string& name : ObjectNamesIn(op->entry->request)) {
      const bool failed = answer.errors().count(name) > 0;
      if (failed == (succeeded.count(name) > 0)) {
        op->impossible = "each name deleted or among the errors";
        return;
      }
      if (!failed) op->deleted.push_back(Rank(name));
    }
  }

  // Which connections a filter passes over is not known, so that a filtered
  // page is not judged, nor the page that follows it.
  void FillPage(Op* op) {
    const auto& request = op->entry->request.get_connections();
    const auto& filter = request.filter();
    if (filter.has_connection_type() || filter.has_match_criteria()) return;
    if (request.next_token().empty()) {
      op->firsts = {0};
    } else {
      op->firsts = Meanings(request.next_token());
      // One list may take the tokens of another, or refuse them.
      if (op->firsts.empty()) return;
    }
    op->size = request.has_max_results()
                   ? request.max_results()
                   : std::max(options_.limits.page_size_default, 1);
    if (op->code != kOk) return;
    const auto& page = op->entry->response->get_connections();
    for (const auto& connection : page.connection_list()) Show(connection, op);
    op->more = !page.next_token().empty();
    if (!op->more &&
        page.has_next_token() != options_.behavior.empty_token_on_last_page) {
      op->impossible = options_.behavior.empty_token_on_last_page
                           ? "an empty NextToken on the last page"
                           : "no NextToken on the last page";
    }
  }

  std::vector<int64_t> Meanings(const std::string& token) const {
    std::set<int64_t> firsts;
    for (const Op& op : partition_.ops) {
      if (!IsList(op) || !op.entry->response.has_value()) continue;
      const auto& page = op.entry->response->get_connections();
      if (page.next_token() != token || page.connection_list().empty() ||
          op.entry->request.get_connections().has_filter()) {
        continue;
      }
      firsts.insert(1 + Rank(page.connection_list().rbegin()->name()));
    }
    return {firsts.begin(), firsts.end()};
  }

  const LinearizabilityOptions& options_;
  Partition& partition_;
  Numbers bodies_;
  // The texts of passwords.
  Numbers texts_;
};

}  // namespace

void FillConnections(const LinearizabilityOptions& options,
                     Partition* partition) {
  Filler(options, partition).Fill();
}

State ConnectionSpec::Initial() const {
  State state(WordOf(static_cast<int64_t>(partition_.names.size()), kBody),
              kUnbound);
  state[kSettings] = 0;
  for (size_t i = 0; i < partition_.names.size(); ++i) {
    state[WordOf(static_cast<int64_t>(i), kBody)] = kAbsent;
  }
  return state;
}

v1::ErrorCode ConnectionSpec::Decide(const Op& op, const State& state) const {
  const bool names_one = op.objects.size() == 1;
  const bool exists = names_one && state[WordOf(op.name, kBody)] != kAbsent;
  if (op.operation == v1::Request::kCreateConnection) {
    if (exists) return v1::ERROR_CODE_ALREADY_EXISTS;
    return CountOf(state) >= options_.limits.connections_max
               ? v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED
               : kOk;
  }
  if (op.operation == v1::Request::kGetConnection ||
      op.operation == v1::Request::kUpdateConnection ||
      op.operation == v1::Request::kDeleteConnection) {
    return exists ? kOk : v1::ERROR_CODE_ENTITY_NOT_FOUND;
  }
  return kOk;
}

int64_t ConnectionSpec::CountOf(const State& state) const {
  int64_t count = 0;
  for (size_t i = 0; i < partition_.names.size(); ++i) {
    if (state[WordOf(static_cast<int64_t>(i), kBody)] != kAbsent) ++count;
  }
  return count;
}

void ConnectionSpec::Effect(const Op& op, State* state) const {
  if (op.operation == v1::Request::kPutDataCatalogEncryptionSettings) {
    (*state)[kSettings] = op.value;
  } else if (op.operation == v1::Request::kCreateConnection ||
             op.operation == v1::Request::kUpdateConnection) {
    Write(op, state);
  } else if (op.operation == v1::Request::kDeleteConnection ||
             op.operation == v1::Request::kBatchDeleteConnection) {
    for (const int64_t name : op.objects) {
      for (size_t which = 0; which < kNameWords; ++which) {
        (*state)[WordOf(name, static_cast<NameWord>(which))] = kUnbound;
      }
      (*state)[WordOf(name, kBody)] = kAbsent;
    }
  }
}

void ConnectionSpec::Write(const Op& op, State* state) const {
  const auto word = [&](NameWord which) -> int64_t& {
    return (*state)[WordOf(op.name, which)];
  };
  const auto rules = static_cast<size_t>((*state)[kSettings]);
  const bool protects = partition_.password_rules[rules].protects;
  const int64_t time = options_.fixed_time.has_value()
                           ? absl::ToUnixMillis(*options_.fixed_time)
                           : kUnbound;
  if (op.operation == v1::Request::kCreateConnection) word(kCreated) = time;
  word(kUpdated) = time;
  word(kBody) = op.value;
  word(kEncrypted) = kUnbound;
  word(kText) = op.clear != kAbsent ? op.clear : op.encrypted;
  word(kPassword) = StoredFor(op, protects);
}

bool ConnectionSpec::BindTime(int64_t shown, int64_t* time) const {
  if (options_.times == LinearizabilityOptions::Times::kIgnored) return true;
  if (*time == kUnbound) *time = shown;
  return *time == shown;
}

bool ConnectionSpec::Shows(const Op& op, State* state) const {
  if (op.operation == v1::Request::kBatchDeleteConnection) {
    return ShowsDeletions(op, *state);
  }
  if (op.operation == v1::Request::kGetConnection) {
    return ShowsConnection(op, op.connections.front(), state);
  }
  if (!IsList(op)) return true;
  for (const int64_t first : op.firsts) {
    State tried = *state;
    if (!ShowsPage(op, first, &tried)) continue;
    *state = std::move(tried);
    return true;
  }
  return false;
}

bool ConnectionSpec::ShowsDeletions(const Op& op, const State& state) const {
  for (const int64_t name : op.objects) {
    const bool deleted =
        std::count(op.deleted.begin(), op.deleted.end(), name) > 0;
    if (deleted != (state[WordOf(name, kBody)] != kAbsent)) return false;
  }
  return true;
}

bool ConnectionSpec::ShowsPage(const Op& op, int64_t first,
                               State* state) const {
  size_t next = 0;
  const auto end = static_cast<int64_t>(partition_.names.size());
  int64_t name = first;
  for (; name < end && static_cast<int64_t>(next) < op.size; ++name) {
    if ((*state)[WordOf(name, kBody)] == kAbsent) continue;
    if (next == op.connections.size()) return false;
    const ShownConnection& shown = op.connections[next++];
    if (shown.name != name || !ShowsConnection(op, shown, state)) return false;
  }
  if (next != op.connections.size()) return false;
  bool more = false;
  for (; name < end; ++name) {
    more = more || (*state)[WordOf(name, kBody)] != kAbsent;
  }
  return more == op.more;
}

bool ConnectionSpec::ShowsConnection(const Op& op, const ShownConnection& shown,
                                     State* state) const {
  return (*state)[WordOf(shown.name, kBody)] == shown.body &&
         ShowsPassword(op, shown, state) &&
         BindTime(shown.created_ms, &(*state)[WordOf(shown.name, kCreated)]) &&
         BindTime(shown.updated_ms, &(*state)[WordOf(shown.name, kUpdated)]);
}

bool ConnectionSpec::ShowsPassword(const Op& op, const ShownConnection& shown,
                                   State* state) const {
  const auto rules = static_cast<size_t>((*state)[kSettings]);
  const bool returns_encrypted =
      partition_.password_rules[rules].returns_encrypted;
  const bool has_clear = shown.clear != kAbsent;
  const bool has_encrypted = shown.encrypted != kAbsent;
  const int64_t text = (*state)[WordOf(shown.name, kText)];
  const int64_t stored = (*state)[WordOf(shown.name, kPassword)];
  if (op.hides || stored == kNone) return !has_clear && !has_encrypted;
  if (stored == kGivenEmpty) return !has_clear && shown.encrypted == text;
  if (stored == kClear) {
    // Nothing says what is shown of it while passwords stay encrypted.
    return !has_encrypted &&
           (has_clear ? shown.clear == text : returns_encrypted);
  }
  if (!returns_encrypted) {
    return has_clear && !has_encrypted &&
           (stored == kGiven || shown.clear == text);
  }
  if (has_clear || !has_encrypted) return false;
  if (stored == kGiven) return shown.encrypted == text;
  int64_t& known = (*state)[WordOf(shown.name, kEncrypted)];
  if (known == kUnbound) known = shown.encrypted;
  return known == shown.encrypted;
}

std::string ConnectionSpec::DescribeConnection(int64_t name,
                                               const State& state) const {
  const auto quote = [&](NameWord word) {
    const auto text = static_cast<size_t>(state[WordOf(name, word)]);
    return QuoteShort(partition_.texts[text]);
  };
  std::string text = absl::StrCat(
      QuoteShort(partition_.names[static_cast<size_t>(name)]), " ",
      partition_.labels[static_cast<size_t>(state[WordOf(name, kBody)])]);
  switch (state[WordOf(name, kPassword)]) {
    case kClear:
      absl::StrAppend(&text, ", PASSWORD ", quote(kText));
      break;
    case kProtected:
      absl::StrAppend(&text, ", PASSWORD ", quote(kText), " encrypted");
      break;
    case kGiven:
    case kGivenEmpty:
      absl::StrAppend(&text, ", ENCRYPTED_PASSWORD ", quote(kText));
      break;
    default:
      break;
  }
  return text;
}

std::string ConnectionSpec::Expected(const Op& op, const State& state) const {
  const char* const hidden = op.hides ? ", hidden" : "";
  if (op.operation == v1::Request::kGetConnection) {
    return absl::StrCat("ok ", DescribeConnection(op.name, state), hidden);
  }
  if (IsList(op)) {
    return absl::StrCat("ok, a page of ", Describe(state), hidden);
  }
  if (op.operation != v1::Request::kBatchDeleteConnection) return "ok";
  std::vector<std::string> deleted;
  for (const int64_t name : op.objects) {
    if (state[WordOf(name, kBody)] == kAbsent) continue;
    deleted.push_back(QuoteShort(partition_.names[static_cast<size_t>(name)]));
  }
  return absl::StrCat("ok, deleting [", absl::StrJoin(deleted, ", "), "]");
}

std::string ConnectionSpec::Describe(const State& state) const {
  std::vector<std::string> present;
  for (size_t i = 0; i < partition_.names.size(); ++i) {
    const auto name = static_cast<int64_t>(i);
    if (state[WordOf(name, kBody)] == kAbsent) continue;
    present.push_back(DescribeConnection(name, state));
  }
  const PasswordRules& rules =
      partition_.password_rules[static_cast<size_t>(state[kSettings])];
  return absl::StrCat(
      present.empty() ? "no connection" : absl::StrJoin(present, ", "),
      rules.protects ? ", passwords are encrypted" : "",
      rules.returns_encrypted ? " and stay so" : "");
}

}  // namespace history_internal
}  // namespace glue_security
