// StepLog: the steps of an interleaved run, counted and, for a report, as
// lines. Steps that happen within another one are indented.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_STEP_LOG_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_STEP_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"

namespace glue_security {
namespace interleaved_internal {

class StepLog {
 public:
  explicit StepLog(bool keeps_lines) : keeps_lines_(keeps_lines) {}

  // True when texts are wanted. Without them all texts may be empty.
  bool keeps_lines() const { return keeps_lines_; }

  // Counts a step and adds its line. Returns the step's number, from 1.
  int64_t Add(const std::string& text);

  // Adds a step in which others may happen. `End` adds its answer: to
  // the line, or as a line of its own when others came between.
  int64_t Begin(const std::string& text);
  void End(int64_t step, const std::string& answer);

  // Ends a step that does not count. Its line goes, unless others came between.
  void Drop(int64_t step);

  int64_t steps() const { return steps_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  void AddLine(absl::string_view number, const std::string& text);

  const bool keeps_lines_;
  int64_t steps_ = 0;
  size_t depth_ = 0;
  std::vector<std::string> lines_;
};

// The parts of a storage's calls as text. A catalog is named unless it is the
// usual one, a record by what the engine stores in it.
std::string TextOf(const CatalogKey& catalog);
std::string TextOf(const ReadSet& read_set);
std::string TextOf(const WriteBatch& batch);
std::string TextOf(const Snapshot& snapshot);
// `record` may be null.
std::string TextOf(const RecordView* record);

}  // namespace interleaved_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_STEP_LOG_H_
