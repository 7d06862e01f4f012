#include <algorithm>
#include <cctype>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/defects/storage_faults.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Faults = std::vector<StorageFaultDefect>;

void AddS1(Faults& faults) {
  faults.push_back({"StaleRead",
                    "A read misses the last commit, like a replica that lags.",
                    {1, 2},
                    [](Steps& steps) {
                      struct Replica {
                        std::mutex mutex;
                        Records records;
                      };
                      auto replica = std::make_shared<Replica>();
                      steps.commit = [replica](MapStorage& storage,
                                               const WriteBatch& batch) {
                        const std::lock_guard<std::mutex> lock(replica->mutex);
                        replica->records = storage.Copy();
                        return storage.DoCommit(batch);
                      };
                      steps.read = [replica](MapStorage& storage,
                                             const ReadSet& read_set) {
                        const std::lock_guard<std::mutex> lock(replica->mutex);
                        return storage.DoRead(replica->records, read_set);
                      };
                    }});
  faults.push_back(
      {"KeysSorted",
       "Records are returned sorted by key, not in the order of the request.",
       {1},
       [](Steps& steps) {
         steps.read = [](MapStorage& storage, ReadSet read_set) {
           std::sort(read_set.keys.begin(), read_set.keys.end());
           return storage.DoRead(read_set);
         };
       }});
  faults.push_back({"MissingLeftOut",
                    "A key without a record has no element in the answer.",
                    {1},
                    [](Steps& steps) {
                      steps.read = [](MapStorage& storage,
                                      const ReadSet& read_set) {
                        auto snapshot = storage.DoRead(read_set);
                        decltype(snapshot->records) there;
                        for (auto& record : snapshot->records) {
                          if (record.has_value()) {
                            there.push_back(std::move(record));
                          }
                        }
                        snapshot->records = std::move(there);
                        return snapshot;
                      };
                    }});
}

// Values that differ from the last mutation's.
void AddS1Values(Faults& faults) {
  faults.push_back(
      {"RemovalLeavesEmptyRecord",
       "A removed record reads as an empty value.",
       {1},
       [](Steps& steps) {
         steps.stored = [](const std::optional<std::string>& value) {
           return std::optional<std::string>(value.value_or(""));
         };
       }});
  faults.push_back({"FirstWriteStays",
                    "A record that exists keeps its first value.",
                    {1},
                    [](Steps& steps) {
                      steps.commit = [](MapStorage& storage, WriteBatch batch) {
                        for (Mutation& mutation : batch.mutations) {
                          const auto old =
                              storage.Find(batch.catalog, mutation.key);
                          if (old.has_value() && mutation.value.has_value()) {
                            mutation.value = old->value;
                          }
                        }
                        return storage.DoCommit(batch);
                      };
                    }});
}

void AddS2(Faults& faults) {
  faults.push_back({"KeysThenRange",
                    "Keys and range are read one after the other.",
                    {2},
                    [](Steps& steps) {
                      steps.read = [](MapStorage& storage,
                                      const ReadSet& read_set) {
                        ReadSet part = read_set;
                        part.range.reset();
                        auto snapshot = storage.DoRead(part);
                        if (!read_set.range.has_value()) return snapshot;
                        storage.Step();
                        part = read_set;
                        part.keys.clear();
                        snapshot->range = storage.DoRead(part)->range;
                        return snapshot;
                      };
                    }});
  faults.push_back(
      {"KeyByKey", "Each key is read separately.", {2}, [](Steps& steps) {
         steps.read = [](MapStorage& storage, const ReadSet& read_set) {
           ReadSet part = read_set;
           part.keys.clear();
           auto snapshot = storage.DoRead(part);
           part.range.reset();
           for (const RecordKey& key : read_set.keys) {
             storage.Step();
             part.keys = {key};
             snapshot->records.push_back(storage.DoRead(part)->records[0]);
           }
           return snapshot;
         };
       }});
}

void AddS3(Faults& faults) {
  const auto less =
      [&faults](const char* name, const char* sentence,
                bool (*function)(const std::string&, const std::string&)) {
        faults.push_back({name, sentence, {3}, [function](Steps& steps) {
                            steps.less = [function](const RangeRecord& a,
                                                    const RangeRecord& b) {
                              return function(a.id, b.id);
                            };
                          }});
      };
  less("SignedBytes", "Ids are ordered as signed bytes.",
       [](const std::string& a, const std::string& b) {
         return std::lexicographical_compare(
             a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
               return static_cast<signed char>(x) < static_cast<signed char>(y);
             });
       });
  less("ShorterFirst", "Ids are ordered by length first.",
       [](const std::string& a, const std::string& b) {
         return std::make_pair(a.size(), a) < std::make_pair(b.size(), b);
       });
  less("PrefixLast", "An id comes after those that it is a prefix of.",
       [](const std::string& a, const std::string& b) {
         if (absl::StartsWith(a, b)) return a.size() > b.size();
         return !absl::StartsWith(b, a) && a < b;
       });
  less("CaseIgnoredInOrder", "Ids are ordered without regard to case.",
       [](const std::string& a, const std::string& b) {
         return absl::AsciiStrToLower(a) < absl::AsciiStrToLower(b);
       });
  faults.push_back({"OrderOfWriting",
                    "A range is in the order in which records were written.",
                    {3},
                    [](Steps& steps) {
                      steps.less = [](const RangeRecord& a,
                                      const RangeRecord& b) {
                        return a.revision < b.revision;
                      };
                    }});
}

// Ranges that begin at the wrong place, or have records that they must not
// have.
void AddS3Bounds(Faults& faults) {
  const auto in_range = [&faults](const char* name, const char* sentence,
                                  const decltype(Steps::in_range)& function) {
    faults.push_back({name, sentence, {3}, [function](Steps& steps) {
                        steps.in_range = function;
                      }});
  };
  const auto right = Steps().in_range;
  in_range("AfterInclusive", "A range begins with `after` itself.",
           [right](const RecordName& a, const RecordName& b, bool has_after) {
             return right(a, b, false) && (!has_after || a.id >= b.id);
           });
  in_range("AbsentAfterIsEmpty",
           "A range without `after` leaves out the empty id.",
           [right](const RecordName& a, const RecordName& b, bool) {
             return right(a, b, true);
           });
  in_range("EmptyAfterIsAbsent", "A range after the empty id begins with it.",
           [right](const RecordName& a, const RecordName& b, bool has_after) {
             return right(a, b, has_after && !b.id.empty());
           });
  in_range("AfterSkipsItsPrefixes",
           "A range leaves out the ids that begin with `after`.",
           [right](const RecordName& a, const RecordName& b, bool has_after) {
             return right(a, b, has_after) && !(has_after && !b.id.empty() &&
                                                absl::StartsWith(a.id, b.id));
           });
  in_range("RangeOfAllKinds", "A range holds records of other kinds.",
           [right](RecordName a, const RecordName& b, bool has_after) {
             a.kind = b.kind;
             return right(a, b, has_after);
           });
  in_range("RangeOfAllRegions", "A range holds records of other regions.",
           [right](RecordName a, const RecordName& b, bool has_after) {
             a.region = b.region;
             return right(a, b, has_after);
           });
  faults.push_back(
      {"AfterMustExist",
       "A range after an id without a record is empty.",
       {3},
       [](Steps& steps) {
         steps.read = [](MapStorage& storage, const ReadSet& read_set) {
           auto snapshot = storage.DoRead(read_set);
           const auto& range = read_set.range;
           if (range.has_value() && range->after.has_value() &&
               !storage.Find(read_set.catalog, {range->kind, *range->after})) {
             snapshot->range = RangeResult();
           }
           return snapshot;
         };
       }});
}

void AddS3Cursor(Faults& faults) {
  faults.push_back(
      {"RangeGoesOn",
       "A range that is read twice in a row continues after the first answer.",
       {3},
       [](Steps& steps) {
         struct Cursor {
           std::mutex mutex;
           std::optional<std::string> after;
           std::string last;
           bool set = false;
         };
         auto cursor = std::make_shared<Cursor>();
         steps.commit = [cursor](MapStorage& storage, const WriteBatch& batch) {
           const std::lock_guard<std::mutex> lock(cursor->mutex);
           cursor->set = false;
           return storage.DoCommit(batch);
         };
         steps.read = [cursor](MapStorage& storage, ReadSet read_set) {
           const std::lock_guard<std::mutex> lock(cursor->mutex);
           if (!read_set.range.has_value()) return storage.DoRead(read_set);
           const auto after = read_set.range->after;
           if (cursor->set && cursor->after == after) {
             read_set.range->after = cursor->last;
           }
           auto snapshot = storage.DoRead(read_set);
           cursor->set = !snapshot->range->records.empty();
           cursor->after = after;
           if (cursor->set) cursor->last = snapshot->range->records.back().id;
           return snapshot;
         };
       }});
}

size_t SizeOf(const RangeRecord& record) {
  return record.id.size() + record.value.size();
}

void AddS4(Faults& faults) {
  using Taken = std::vector<RangeRecord>;
  const auto fits = [&faults](const char* name, const char* sentence,
                              bool (*function)(const RangeRead&, const Taken&,
                                               size_t, const RangeRecord&)) {
    faults.push_back({name, sentence, {4}, [function](Steps& steps) {
                        steps.fits = function;
                      }});
  };
  fits("OneRecordTooMany", "A range holds one record more than `records_max`.",
       [](const RangeRead& range, const Taken& taken, size_t bytes,
          const RangeRecord& next) {
         return taken.empty() || (taken.size() <= range.records_max &&
                                  bytes + SizeOf(next) <= range.bytes_max);
       });
  fits("IdsNotCounted", "`bytes_max` counts the values only.",
       [](const RangeRead& range, const Taken& taken, size_t bytes,
          const RangeRecord& next) {
         for (const RangeRecord& record : taken) bytes -= record.id.size();
         return taken.empty() || (taken.size() < range.records_max &&
                                  bytes + next.value.size() <= range.bytes_max);
       });
  fits("FullIsTooFull", "A record that would fill `bytes_max` is left out.",
       [](const RangeRead& range, const Taken& taken, size_t bytes,
          const RangeRecord& next) {
         return taken.empty() || (taken.size() < range.records_max &&
                                  bytes + SizeOf(next) < range.bytes_max);
       });
  fits("MeasuredTooLate", "A range ends only after it has passed `bytes_max`.",
       [](const RangeRead& range, const Taken& taken, size_t bytes,
          const RangeRecord&) {
         return taken.empty() ||
                (taken.size() < range.records_max && bytes <= range.bytes_max);
       });
  fits("LargeFirstLeftOut",
       "A first record larger than `bytes_max` is left out.",
       [](const RangeRead& range, const Taken& taken, size_t bytes,
          const RangeRecord& next) {
         return taken.size() < range.records_max &&
                bytes + SizeOf(next) <= range.bytes_max;
       });
}

void AddS4More(Faults& faults) {
  const auto more = [&faults](const char* name, const char* sentence,
                              bool (*function)(const RangeRead&,
                                               const RangeResult&, size_t)) {
    faults.push_back({name, sentence, {4}, [function](Steps& steps) {
                        steps.more = function;
                      }});
  };
  more("MoreAtTheExactEnd",
       "`more` is true whenever `records_max` was reached.",
       [](const RangeRead& range, const RangeResult& result, size_t left) {
         return left > 0 || result.records.size() == range.records_max;
       });
  more("NoMoreAfterBytes", "`more` is false when `bytes_max` ended the range.",
       [](const RangeRead& range, const RangeResult& result, size_t left) {
         return left > 0 && result.records.size() == range.records_max;
       });
}

void AddS5(Faults& faults) {
  const auto name = [&faults](const char* fault, const char* sentence,
                              std::vector<int> clauses,
                              void (*function)(RecordName&)) {
    const auto right = Steps().name;
    faults.push_back(
        {fault, sentence, std::move(clauses), [right, function](Steps& steps) {
           steps.name = [right, function](const CatalogKey& catalog,
                                          const RecordKey& key) {
             RecordName result = right(catalog, key);
             function(result);
             return result;
           };
         }});
  };
  name("NulEndsAnId", "An id ends at its first NUL.", {5},
       [](RecordName& n) { n.id = n.id.substr(0, n.id.find('\0')); });
  name("CatalogAndRegionJoined",
       "Catalog id and region are joined without a separator.", {5},
       [](RecordName& n) {
         n.catalog_id += n.region;
         n.region.clear();
       });
  name("CatalogAndRegionJoinedBySlash",
       "Catalog id and region are joined by a character that both may contain.",
       {5}, [](RecordName& n) {
         n.catalog_id = absl::StrCat(n.catalog_id, "/", n.region);
         n.region.clear();
       });
  name("RegionIgnored", "The regions of an account share their records.",
       {5, 13}, [](RecordName& n) { n.region.clear(); });
  name("CaseIgnored", "Ids that differ only in case are the same.", {5},
       [](RecordName& n) { n.id = absl::AsciiStrToLower(n.id); });
  name("IdTrimmed", "Blanks at the end of an id are ignored.", {5},
       [](RecordName& n) {
         n.id = std::string(absl::StripTrailingAsciiWhitespace(n.id));
       });
  name("IdCut", "An id is cut to 255 bytes.", {5},
       [](RecordName& n) { n.id = n.id.substr(0, 255); });
  name("KindIgnored", "Records of two kinds with the same id are one record.",
       {5}, [](RecordName& n) { n.kind = RecordKind::kSecurityConfiguration; });
}

void AddS6(Faults& faults) {
  const auto stored = [&faults](const char* name, const char* sentence,
                                std::string (*function)(const std::string&)) {
    faults.push_back({name, sentence, {6}, [function](Steps& steps) {
                        steps.stored =
                            [function](std::optional<std::string> value) {
                              if (value.has_value()) value = function(*value);
                              return value;
                            };
                      }});
  };
  faults.push_back({"EmptyValueRemoves",
                    "Writing an empty value removes the record.",
                    {6},
                    [](Steps& steps) {
                      steps.stored = [](std::optional<std::string> value) {
                        if (value == "") value.reset();
                        return value;
                      };
                    }});
  stored("NulEndsAValue", "A value ends at its first NUL.",
         [](const std::string& v) { return v.substr(0, v.find('\0')); });
  stored("ValueTrimmed", "Blanks around a value are dropped.",
         [](const std::string& v) {
           return std::string(absl::StripAsciiWhitespace(v));
         });
  stored("ValueCut", "A value is cut to 65,535 bytes.",
         [](const std::string& v) { return v.substr(0, 65535); });
  stored("BytesAboveAscii", "Bytes that are not ASCII become question marks.",
         [](const std::string& value) {
           std::string v = value;
           for (char& c : v) {
             if (!absl::ascii_isascii(static_cast<unsigned char>(c))) c = '?';
           }
           return v;
         });
}

void AddS7(Faults& faults) {
  faults.push_back({"ReadCreates",
                    "Reading a record that does not exist creates it.",
                    {7},
                    [](Steps& steps) {
                      steps.read = [](MapStorage& storage,
                                      const ReadSet& read_set) {
                        auto snapshot = storage.DoRead(read_set);
                        for (const RecordKey& key : read_set.keys) {
                          if (storage.Find(read_set.catalog, key).has_value()) {
                            continue;
                          }
                          storage.Force(read_set.catalog, {{key, ""}});
                        }
                        return snapshot;
                      };
                    }});
  faults.push_back({"VisitCreates",
                    "Visiting a record that does not exist creates it.",
                    {7},
                    [](Steps& steps) {
                      steps.visit = [](MapStorage& storage,
                                       const CatalogKey& catalog,
                                       const RecordKey& key, Visitor visitor) {
                        auto status = storage.DoVisit(catalog, key, visitor);
                        if (!storage.Find(catalog, key).has_value()) {
                          storage.Force(catalog, {{key, ""}});
                        }
                        return status;
                      };
                    }});
}

}  // namespace

std::vector<StorageFaultDefect> ReadingFaults() {
  Faults faults;
  AddS1(faults);
  AddS1Values(faults);
  AddS2(faults);
  AddS3(faults);
  AddS3Bounds(faults);
  AddS3Cursor(faults);
  AddS4(faults);
  AddS4More(faults);
  AddS5(faults);
  AddS6(faults);
  AddS7(faults);
  return faults;
}

}  // namespace testing_internal
}  // namespace glue_security
