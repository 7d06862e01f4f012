// FailuresFile: the failures of properties, kept in a file, so that they run
// first next time; see PropertyOptions::failures_file.
//
//   # comment
//   0.1.0.3 only who knows the hash changes the policy
//
// A line has choices and the name of a property, escaped as in C. Choices
// without a number are written as "0", which draws the same.

#ifndef GLUE_SECURITY_TESTING_PROPERTIES_FAILURES_FILE_H_
#define GLUE_SECURITY_TESTING_PROPERTIES_FAILURES_FILE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {
namespace property_internal {

// The failures of one property in a file. Not thread-safe.
class FailuresFile {
 public:
  // A larger file is not used.
  static constexpr size_t kBytesMax = size_t{16} * 1024 * 1024;

  struct Failure {
    // Without zeros at the end.
    Choices choices;
    // Counted from 1.
    size_t line = 0;
  };

  // Reads nothing yet.
  FailuresFile(std::string path, absl::string_view property);

  // Returns the failures of the property, in the order of the file. A file that
  // does not exist has none. Lines of another form, and a file that cannot be
  // read, are reported in `*notes`.
  std::vector<Failure> Read(std::vector<std::string>* notes) const;

  // Adds a failure at the end, unless it is there; and removes one, wherever it
  // is. Other lines stay as they are, also those of another form. The file is
  // replaced at once; a failure to do so is reported in `*notes` and changes
  // nothing.
  void Add(const Choices& choices, std::vector<std::string>* notes) const;
  void Remove(const Choices& choices, std::vector<std::string>* notes) const;

 private:
  // Returns the line of `choices`.
  std::string LineOf(const Choices& choices) const;
  // Returns nullopt, with a note, when it cannot be read.
  std::optional<std::vector<std::string>> Lines(
      std::vector<std::string>* notes) const;
  void Write(const std::vector<std::string>& lines,
             std::vector<std::string>* notes) const;

  const std::string path_;
  const std::string property_;
};

}  // namespace property_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_PROPERTIES_FAILURES_FILE_H_
