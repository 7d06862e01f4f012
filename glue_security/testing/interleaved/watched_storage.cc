#include "glue_security/testing/interleaved/watched_storage.h"

#include <algorithm>
#include <exception>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace interleaved_internal {
namespace {

std::string TextOf(const absl::StatusOr<CommitResult>& result) {
  if (!result.ok()) return result.status().ToString();
  return *result == CommitResult::kCommitted ? "committed" : "conflict";
}

}  // namespace

void StorageWatch::Fail(absl::string_view clause, const std::string& text) {
  if (failure.has_value()) return;
  failure = text;
  failed_clause = std::string(clause);
}

bool StorageWatch::Guard(absl::string_view name,
                         absl::FunctionRef<void()> call) {
  try {
    call();
    return true;
  } catch (const std::exception& error) {
    Fail("", absl::StrCat("`", name, "` threw an exception: ", error.what()));
  } catch (...) {
    Fail("", absl::StrCat("`", name,
                          "` threw an exception that is no std::exception"));
  }
  return false;
}

int64_t WatchedStorage::Begin(absl::string_view verb,
                              absl::FunctionRef<std::string()> text) {
  return watch_.log.Begin(
      watch_.log.keeps_lines()
          ? absl::StrCat("client ", client_, " ", verb, " ", text())
          : "");
}

void WatchedStorage::End(int64_t step,
                         absl::FunctionRef<std::string()> answer) {
  watch_.log.End(step, watch_.log.keeps_lines() ? answer() : "");
}

void WatchedStorage::Judge(absl::string_view call, const absl::Status& status) {
  if (FailureOf(status) == StorageFailure::kDataLoss) {
    watch_.saw_data_loss = true;
  }
  if (watch_.may_fail) return;
  watch_.Fail("S14",
              absl::StrCat("`", call, "` answered ", status.ToString(),
                           ", though nothing was made to fail; set "
                           "StorageInterleavedOptions::may_fail when it may"));
}

absl::StatusOr<Snapshot> WatchedStorage::Read(const ReadSet& read_set) {
  read_at_ = watch_.now;
  ++watch_.counts.reads;
  const int64_t step =
      Begin("reads", [&] { return interleaved_internal::TextOf(read_set); });
  absl::StatusOr<Snapshot> snapshot = absl::UnavailableError("it threw");
  const bool returned =
      watch_.Guard("Read", [&] { snapshot = watch_.storage->Read(read_set); });
  End(step, [&] {
    return snapshot.ok() ? interleaved_internal::TextOf(*snapshot)
                         : snapshot.status().ToString();
  });
  if (!returned) return snapshot;
  if (!snapshot.ok()) {
    Judge("Read", snapshot.status());
    return snapshot;
  }
  JudgeShape(read_set, *snapshot);
  // The core relies on the shape.
  if (watch_.failure.has_value()) return absl::UnavailableError("wrong shape");
  return snapshot;
}

void WatchedStorage::JudgeShape(const ReadSet& read_set,
                                const Snapshot& snapshot) {
  const auto fail = [this](absl::string_view clause, const std::string& text) {
    watch_.Fail(clause, absl::StrCat("`Read` broke ", clause, ": ", text));
  };
  if (snapshot.records.size() != read_set.keys.size()) {
    fail("S1", absl::StrCat("it answered ", snapshot.records.size(),
                            " elements for ", read_set.keys.size(), " keys"));
  } else if (snapshot.range.has_value() != read_set.range.has_value()) {
    fail("S3", snapshot.range.has_value()
                   ? "it answered a range that was not asked for"
                   : "it answered no range");
  } else if (snapshot.range.has_value() && snapshot.range->records.empty() &&
             snapshot.range->more) {
    fail("S4", "it answered an empty range, and that more records follow");
  }
}

absl::StatusOr<CommitResult> WatchedStorage::Commit(const WriteBatch& batch) {
  ++watch_.counts.commits;
  const int64_t step =
      Begin("commits", [&] { return interleaved_internal::TextOf(batch); });
  const bool expects_failure = std::exchange(watch_.expects_failure, false);
  ++watch_.commits_under_way;
  absl::StatusOr<CommitResult> result = absl::UnknownError("it threw");
  const bool returned =
      watch_.Guard("Commit", [&] { result = watch_.storage->Commit(batch); });
  --watch_.commits_under_way;
  End(step, [&] { return TextOf(result); });
  if (!returned) return result;
  if (!result.ok()) {
    if (FailureOf(result.status()) == StorageFailure::kUnknown) {
      watch_.has_late_commits = true;
    }
    if (!expects_failure) Judge("Commit", result.status());
    if (FailureOf(result.status()) == StorageFailure::kDataLoss) {
      watch_.saw_data_loss = true;
    }
    return result;
  }
  if (*result == CommitResult::kConflict) {
    ++watch_.counts.conflicts;
    if (!expects_failure) JudgeConflict(batch);
    return result;
  }
  ++watch_.now;
  for (const Mutation& mutation : batch.mutations) {
    watch_.committed[{batch.catalog, mutation.key}] = watch_.now;
  }
  return result;
}

void WatchedStorage::JudgeConflict(const WriteBatch& batch) {
  if (watch_.has_late_commits || watch_.commits_under_way > 0 ||
      watch_.disturbed_at > read_at_) {
    return;
  }
  const bool has_reason = std::any_of(
      batch.preconditions.begin(), batch.preconditions.end(),
      [&](const Precondition& precondition) {
        const auto found =
            watch_.committed.find({batch.catalog, precondition.key});
        return found != watch_.committed.end() && found->second > read_at_;
      });
  if (has_reason) return;
  watch_.Fail("S8",
              absl::StrCat("`Commit` answered kConflict to client ", client_,
                           ", though no other commit has written its records "
                           "since it read them: its preconditions hold (S8), "
                           "or the read did not show the last commit (S2)"));
}

absl::Status WatchedStorage::VisitRecord(const CatalogKey& catalog,
                                         const RecordKey& key,
                                         RecordVisitor visitor) {
  read_at_ = watch_.now;
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.keys.push_back(key);
  int shown = 0;
  std::string seen = "not shown";
  absl::Status status;
  const int64_t step =
      Begin("visits", [&] { return interleaved_internal::TextOf(read_set); });
  const bool returned = watch_.Guard("VisitRecord", [&] {
    status = watch_.storage->VisitRecord(
        catalog, key, [&](BranchId branch, const RecordView* record) {
          if (++shown > 1) return;
          if (watch_.log.keeps_lines()) {
            seen = interleaved_internal::TextOf(record);
          }
          visitor(branch, record);
        });
  });
  const bool lends = !absl::IsUnimplemented(status);
  if (lends) {
    End(step, [&] { return status.ok() ? seen : status.ToString(); });
  } else {
    watch_.log.Drop(step);
  }
  if (!returned) return absl::UnavailableError("it threw");
  const auto fail = [this](absl::string_view text) {
    watch_.Fail("S18", absl::StrCat("`VisitRecord` broke S18: ", text));
  };
  if (shown > 1) fail("it called its visitor twice");
  if (lends && !status.ok()) {
    if (shown > 0) fail("it called its visitor and answered an error");
    Judge("VisitRecord", status);
    return status;
  }
  if (lends && shown == 0) fail("it answered OK and did not call its visitor");
  if (watch_.lends.has_value() && *watch_.lends != lends) {
    fail("it is supported for some records and not for others");
  }
  watch_.lends = lends;
  if (lends) ++watch_.counts.visits;
  return status;
}

Durability WatchedStorage::durability() const {
  return watch_.storage->durability();
}

}  // namespace interleaved_internal
}  // namespace glue_security
