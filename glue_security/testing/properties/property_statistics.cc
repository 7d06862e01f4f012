#include "glue_security/testing/properties/property_statistics.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace glue_security {
namespace {

// Returns "33.3 %"; nothing of nothing is 0.
std::string Percent(int64_t part, int64_t whole) {
  const double share =
      whole == 0 ? 0
                 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  return absl::StrFormat("%5.1f %%", share);
}

// Lines of a table: a text, a count, a percentage.
class Lines {
 public:
  void Add(const std::string& text, int64_t count, int64_t whole) {
    lines_.push_back({text, absl::StrCat(count), Percent(count, whole)});
  }

  std::string ToString() const {
    size_t text_width = 0;
    size_t count_width = 0;
    for (const Line& line : lines_) {
      text_width = std::max(text_width, line.text.size());
      count_width = std::max(count_width, line.count.size());
    }
    std::string table;
    for (const Line& line : lines_) {
      absl::StrAppend(&table, line.text,
                      std::string(text_width - line.text.size(), ' '), "  ",
                      std::string(count_width - line.count.size(), ' '),
                      line.count, "  ", line.percent, "\n");
    }
    return table;
  }

 private:
  struct Line {
    std::string text;
    std::string count;
    std::string percent;
  };
  std::vector<Line> lines_;
};

}  // namespace

std::string PropertyStatistics::Table() const {
  Lines lines;
  const auto add_labels = [&](const Part& part) {
    for (const auto& [label, count] : part.labels) {
      lines.Add(absl::StrCat("    ", label), count, part.count);
    }
  };
  for (const Part& rule : rules) {
    lines.Add(absl::StrCat("  ", rule.name), rule.count, steps);
    add_labels(rule);
  }
  for (const Part& invariant : invariants) {
    if (invariant.labels.empty()) continue;
    lines.Add(absl::StrCat("  invariant ", invariant.name), invariant.count,
              invariant.count);
    add_labels(invariant);
  }
  return absl::StrCat(runs, " runs, ", steps, " steps\n", lines.ToString());
}

}  // namespace glue_security
