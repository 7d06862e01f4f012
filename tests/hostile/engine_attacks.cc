#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/authorizer.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage.h"
#include "tests/hostile/library_attacks.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"111122223333", "us-east-1"};

using Model = std::map<std::string, std::string>;

// Returns the ids and values of all records of a kind.
Model Everything(Storage* storage) {
  ReadSet read_set;
  read_set.catalog = kCatalog;
  read_set.range.emplace();
  read_set.range->records_max = 1'000'000;
  read_set.range->bytes_max = size_t{1} << 40;
  Model model;
  const auto snapshot = storage->Read(read_set);
  if (!snapshot.ok()) return {{"status", snapshot.status().ToString()}};
  for (const RangeRecord& record : snapshot->range->records) {
    model[record.id] = record.value;
  }
  return model;
}

// A storage and the map that it must equal.
struct Pair {
  std::unique_ptr<MemoryStorage> storage;
  Model model;
};

// Applies one batch of random mutations to both.
void CommitAtRandom(std::mt19937_64* random, Pair* pair) {
  const auto pick = [random](uint64_t bound) { return (*random)() % bound; };
  ReadSet read_set;
  read_set.catalog = kCatalog;
  const auto snapshot = pair->storage->Read(read_set);
  WriteBatch batch;
  batch.catalog = kCatalog;
  batch.branch = snapshot->branch;
  // Removals dominate, so that nodes shrink to one child.
  const bool removes = pick(3) != 0;
  std::set<std::string> ids;
  for (uint64_t n = 1 + pick(pick(10) == 0 ? 200 : 6); n > 0; --n) {
    ids.insert(absl::StrCat(std::string(pick(3), 'x'), pick(400)));
  }
  for (const std::string& id : ids) {
    const RecordKey key{RecordKind::kSecurityConfiguration, id};
    if (removes) {
      batch.mutations.push_back({key, std::nullopt});
      pair->model.erase(id);
    } else {
      std::string value(pick(pick(20) == 0 ? 5000 : 60),
                        static_cast<char>('a' + pick(26)));
      pair->model[id] = value;
      batch.mutations.push_back({key, std::move(value)});
    }
  }
  pair->storage->Commit(batch).IgnoreError();
}

}  // namespace

void RandomCommitsAndForks(const Campaign& campaign, Findings* findings) {
  std::mt19937_64 random(campaign.seed);
  std::vector<Pair> family;
  family.push_back({std::make_unique<MemoryStorage>(), {}});
  for (int i = 0; i < campaign.count; ++i) {
    Pair& pair = family[random() % family.size()];
    const uint64_t what = random() % 40;
    if (what == 0 && family.size() < 8) {
      Pair fork{pair.storage->Fork(), pair.model};
      family.push_back(std::move(fork));
    } else if (what == 1) {
      const Pair& other = family[random() % family.size()];
      findings->Input(pair.storage->Restore(*other.storage).ok(), "Restore");
      pair.model = other.model;
    } else if (what == 2 && family.size() > 1) {
      family.erase(family.begin() +
                   static_cast<std::ptrdiff_t>(random() % family.size()));
      continue;
    } else {
      CommitAtRandom(&random, &pair);
    }
    if (i % 16 == 0) {
      Pair& looked_at = family[random() % family.size()];
      findings->Input(Everything(looked_at.storage.get()) == looked_at.model,
                      absl::StrCat("after ", i,
                                   " steps: the storage differs from the map"));
    } else {
      findings->Input(true, "");
    }
  }
  for (Pair& pair : family) {
    findings->Input(Everything(pair.storage.get()) == pair.model,
                    "at the end: a fork differs from its map");
  }
}

namespace {

const Caller kCaller{kCatalog.catalog_id, kCatalog.region, ""};

class ThrowingStorage : public Storage {
 public:
  ThrowingStorage(Storage* base, Thrower* thrower)
      : base_(*base), thrower_(*thrower) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    thrower_.MaybeThrow();
    auto snapshot = base_.Read(read_set);
    thrower_.MaybeThrow();
    return snapshot;
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    thrower_.MaybeThrow();
    auto result = base_.Commit(batch);
    thrower_.MaybeThrow();
    return result;
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    thrower_.MaybeThrow();
    absl::Status status = base_.VisitRecord(catalog, key, visitor);
    thrower_.MaybeThrow();
    return status;
  }
  Durability durability() const override { return base_.durability(); }

 private:
  Storage& base_;
  Thrower& thrower_;
};

// All hooks of an engine. A hook that does not throw does what the engine does
// without it.
class ThrowingOptions : public Clock,
                        public PolicyHasher,
                        public Authorizer,
                        public Observer {
 public:
  explicit ThrowingOptions(Thrower* thrower) : thrower_(*thrower) {}

  EngineOptions Options() {
    EngineOptions options;
    options.clock = this;
    options.hasher = this;
    options.authorizer = this;
    options.observer = this;
    options.principal_exists = [this](absl::string_view) {
      thrower_.MaybeThrow();
      return true;
    };
    options.wait = [this](int) { thrower_.MaybeThrow(); };
    options.next_commit_id = [this] {
      thrower_.MaybeThrow();
      CommitId id{};
      const uint64_t number = ++commit_ids_;
      for (size_t i = 0; i < 8; ++i) {
        id[i] = static_cast<uint8_t>(number >> (8 * i));
      }
      return id;
    };
    return options;
  }

  absl::Time Now() override {
    thrower_.MaybeThrow();
    return absl::FromUnixSeconds(1'567'296'000);
  }
  std::string Hash(absl::string_view text) const override {
    thrower_.MaybeThrow();
    return PolicyHasher::Default()->Hash(text);
  }
  std::optional<std::string> Refuse(
      const OperationAccess& /*access*/) const override {
    thrower_.MaybeThrow();
    return std::nullopt;
  }
  void OnOperation(const OperationEvent& /*event*/) override {
    thrower_.MaybeThrow();
  }

 private:
  Thrower& thrower_;
  uint64_t commit_ids_ = 0;
};

std::string PolicyText(uint64_t number) {
  return absl::StrCat(
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)",
      R"("Principal": {"AWS": "arn:aws:iam::210987654321:root"},)",
      R"("Action": "glue:Get*", "Resource": )",
      R"("arn:aws:glue:us-east-1:111122223333:*"}], "Id": ")", number, R"("})");
}

v1::Request RandomRequest(std::mt19937_64* random) {
  const uint64_t number = (*random)() % 4;
  const std::string name = absl::StrCat("n", number);
  v1::Request request;
  switch ((*random)() % 9) {
    case 0:
    case 1:
      request.mutable_put_resource_policy()->set_policy_in_json(
          PolicyText(number));
      break;
    case 2:
      request.mutable_get_resource_policy();
      break;
    case 3:
      request.mutable_delete_resource_policy();
      break;
    case 4:
    case 5:
      request.mutable_create_security_configuration()->set_name(name);
      request.mutable_create_security_configuration()
          ->mutable_encryption_configuration();
      break;
    case 6:
      request.mutable_delete_security_configuration()->set_name(name);
      break;
    case 7:
      request.mutable_get_security_configurations();
      break;
    default:
      request.mutable_put_data_catalog_encryption_settings()
          ->mutable_data_catalog_encryption_settings()
          ->mutable_encryption_at_rest()
          ->set_sse_aws_kms_key_id(absl::StrCat("key-", number));
      break;
  }
  return request;
}

// Returns everything that callers can see of a catalog.
std::string Visible(Engine* engine) {
  v1::Request policy;
  policy.mutable_get_resource_policy();
  v1::Request page;
  page.mutable_get_security_configurations();
  v1::Request settings;
  settings.mutable_get_data_catalog_encryption_settings();
  std::string all;
  for (const v1::Request& request : {policy, page, settings}) {
    absl::StrAppend(&all, engine->Execute(kCaller, request).DebugString());
  }
  return all;
}

v1::ErrorCode CodeOf(const v1::Response& response) {
  return response.has_error() ? response.error().code()
                              : v1::ERROR_CODE_UNSPECIFIED;
}

}  // namespace

void ThrowingHooks(const Campaign& campaign, Findings* findings) {
  std::mt19937_64 random(campaign.seed);
  Thrower thrower(campaign.seed, 0.05);
  Thrower never(campaign.seed, 0);
  MemoryStorage memory;
  ThrowingStorage storage(&memory, &thrower);
  ThrowingOptions hooks(&thrower);
  ThrowingOptions good_hooks(&never);
  Engine engine(&storage, hooks.Options());
  for (int i = 0; i < campaign.count; ++i) {
    const v1::Request request = RandomRequest(&random);
    // Finds the outcome of the call when nothing throws.
    const auto other = memory.Fork();
    Engine judge(other.get(), good_hooks.Options());
    const std::string before = Visible(&judge);
    const v1::Response expected = judge.Execute(kCaller, request);
    const std::string after = Visible(&judge);
    thrower.HasThrown();
    std::string failure;
    try {
      const v1::Response response = engine.Execute(kCaller, request);
      Engine look(&memory, good_hooks.Options());
      const std::string now = Visible(&look);
      const v1::ErrorCode code = CodeOf(response);
      const bool unchanged = now == before;
      const bool done = now == after;
      if (!thrower.HasThrown() || code == CodeOf(expected)) {
        if (!done || code != CodeOf(expected)) failure = "another answer";
      } else if (code == v1::ERROR_CODE_OPERATION_TIMEOUT) {
        if (!unchanged && !done) failure = "timeout, and half is done";
      } else if (code == v1::ERROR_CODE_INTERNAL_SERVICE) {
        if (!unchanged) failure = "not applied, and applied";
      } else {
        failure = absl::StrCat("code ", static_cast<int>(code));
      }
    } catch (...) {
      failure = "the exception escapes from the engine";
    }
    findings->Input(failure.empty(),
                    absl::StrCat(failure, ": ", request.ShortDebugString()));
  }
}

}  // namespace glue_security
