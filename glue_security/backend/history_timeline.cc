#include "glue_security/backend/history_timeline.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// Sizes in pixels. A box has room for its lines, and two instants are a visible
// step apart.
constexpr int kLineHeight = 18;
constexpr int kBoxMargins = 12;
constexpr int kStep = 12;
constexpr int kLaneWidth = 262;
// The number of orders that are shown in the boxes.
constexpr size_t kLetteredMax = 3;

constexpr absl::string_view kStyle = R"(
:root { color-scheme: light dark;
  --back: #ffffff; --text: #1b1f24; --dim: #59636e; --line: #d0d7de;
  --lane: #f6f8fa; --ok: #dff3e4; --ok-edge: #1a7f37; --error: #fbe9d0;
  --error-edge: #9a6700; --open: #e4e6ea; --open-edge: #6e7781;
  --bad: #cf222e; --badge: #0550ae; }
@media (prefers-color-scheme: dark) { :root {
  --back: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #3d444d;
  --lane: #151b23; --ok: #12331d; --ok-edge: #3fb950; --error: #3a2a0c;
  --error-edge: #d29922; --open: #2b3138; --open-edge: #9198a1;
  --bad: #f85149; --badge: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 20px 24px; background: var(--back);
  color: var(--text); font: 13px/1.45 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 22px 0 6px; }
p { margin: 4px 0; max-width: 75em; }
ol { margin: 4px 0; padding-left: 0; list-style: none; }
ol li { margin: 6px 0; padding-left: 10px; border-left: 3px solid var(--badge);
  overflow-wrap: anywhere; }
code { font: 12px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.key span { display: inline-block; padding: 1px 8px; margin: 4px 8px 4px 0;
  border-left-width: 5px; border-left-style: solid; border-radius: 3px; }
.scroll { overflow-x: auto; padding-bottom: 6px; }
.lanes { display: flex; gap: 8px; min-width: min-content; }
.lane { flex: none; }
.lane h3 { font-size: 13px; margin: 0 0 4px; text-align: center; }
.track { position: relative; background: var(--lane); border-radius: 4px; }
.call { position: absolute; overflow: hidden; padding: 2px 7px;
  border-radius: 4px; border: 1px solid var(--line); border-left-width: 5px;
  color: var(--text); text-decoration: none; }
.call:hover, .call:focus { outline: 2px solid var(--badge); z-index: 2; }
.call b, .call span { display: block; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; line-height: 18px; }
.call b { font-weight: 600; font-size: 12.5px; }
.call b i { float: right; font-style: normal; font-weight: 700;
  color: var(--badge); margin-left: 5px; }
.ok { background: var(--ok); border-left-color: var(--ok-edge); }
.error { background: var(--error); border-left-color: var(--error-edge);
  border-left-style: double; }
.open { background: var(--open); border-left-color: var(--open-edge);
  border-left-style: dashed; }
.endless { border-bottom: 3px dotted var(--open-edge); border-bottom-left-radius: 0;
  border-bottom-right-radius: 0; }
.call.bad { border: 3px solid var(--bad); padding-top: 0; }
.call u { text-decoration: none; color: var(--bad); }
.moment { position: absolute; left: 0; right: 0;
  border-top: 2px dashed var(--bad); }
.faded { opacity: .45; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 4px 8px;
  border-top: 1px solid var(--line); }
tr:target { outline: 2px solid var(--badge); }
td.bad { border: none; border-top: 1px solid var(--line); color: var(--bad);
  font-weight: 700; }
)";

std::string Escape(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// Escapes arbitrary bytes: those that are not printable ASCII are written in
// hexadecimal.
std::string EscapeRaw(absl::string_view text) {
  std::string printable;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      printable += c;
    } else {
      absl::StrAppend(&printable, "\\x", absl::BytesToHexString({&c, 1}));
    }
  }
  return Escape(printable);
}

// Returns the arguments of a call, without its operation.
std::string ArgumentsOf(const v1::Request& request) {
  std::string text = BriefRequest(request);
  const size_t blank = text.find(' ');
  if (request.operation_case() == v1::Request::OPERATION_NOT_SET ||
      blank == std::string::npos) {
    return "";
  }
  return text.substr(blank + 1);
}

// Returns the height that the lines of a call need.
int HeightOf(const HistoryEntry& entry) {
  const int lines = ArgumentsOf(entry.request).empty() ? 2 : 3;
  return lines * kLineHeight + kBoxMargins;
}

std::string Letter(size_t order) {
  return std::string(1, static_cast<char>('A' + order % 26));
}

// Returns the CSS class for the colour of a call.
absl::string_view KindOf(const HistoryEntry& entry) {
  if (IsUnknown(entry)) return "open";
  return entry.response->has_error() ? "error" : "ok";
}

class Page {
 public:
  Page(const History& history, const TimelineMarks& marks)
      : history_(history),
        marks_(marks),
        matter_(marks.calls.begin(), marks.calls.end()) {
    for (size_t i = 0; i < history.size(); ++i) by_start_.push_back(i);
    std::stable_sort(by_start_.begin(), by_start_.end(),
                     [&](size_t a, size_t b) {
                       return history[a].start < history[b].start;
                     });
  }

  std::string Html() {
    PlaceInstants();
    AssignColumns();
    std::string html = absl::StrCat(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<title>",
        EscapeRaw(marks_.headline), "</title><style>", kStyle,
        "</style></head><body>\n<h1>", EscapeRaw(marks_.headline), "</h1>\n",
        Key(), Orders(), "<div class=\"scroll\"><div class=\"lanes\">\n");
    for (const auto& [client, columns] : columns_) {
      absl::StrAppend(&html, Lane(client, columns));
    }
    absl::StrAppend(&html, "</div></div>\n", Details(), "</body></html>\n");
    return html;
  }

 private:
  bool Matters(size_t call) const {
    return matter_.empty() || matter_.count(call) > 0;
  }
  bool IsBad(size_t call) const { return marks_.illegal == call; }

  // Assigns a height to every start and end, so that each box has room.
  void PlaceInstants() {
    std::map<uint64_t, const HistoryEntry*> by_end;
    for (const HistoryEntry& entry : history_) {
      height_[entry.start] = 0;
      if (entry.end == kNoEnd) continue;
      height_[entry.end] = 0;
      by_end[entry.end] = &entry;
    }
    int last = 0;
    for (auto& [position, height] : height_) {
      height = last + kStep;
      const auto it = by_end.find(position);
      if (it != by_end.end()) {
        height = std::max(
            height, height_.at(it->second->start) + HeightOf(*it->second));
      }
      last = height;
    }
    bottom_ = last + 3 * kLineHeight + kBoxMargins + kStep;
  }

  int Top(size_t call) const { return height_.at(history_[call].start); }
  int Bottom(size_t call) const {
    const uint64_t end = history_[call].end;
    return end == kNoEnd ? bottom_ : height_.at(end);
  }

  // Puts overlapping calls of one client into separate columns.
  void AssignColumns() {
    for (const size_t call : by_start_) {
      std::vector<int>& ends = columns_[history_[call].client];
      size_t column = 0;
      while (column < ends.size() && ends[column] > Top(call)) ++column;
      if (column == ends.size()) ends.push_back(0);
      ends[column] = Bottom(call);
      column_[call] = column;
    }
  }

  std::string Key() const {
    return "<p class=\"dim\">Time runs downwards. Calls side by side "
           "overlapped; "
           "a call above another was over before it began.</p>\n"
           "<p class=\"key\"><span class=\"ok\">answered</span>"
           "<span class=\"error\">error, no effect</span>"
           "<span class=\"open\">outcome unknown</span></p>\n";
  }

  std::string Orders() const {
    std::string html;
    if (marks_.illegal.has_value() && *marks_.illegal < history_.size()) {
      const size_t bad = *marks_.illegal;
      absl::StrAppend(
          &html, "<p>With the answer of <a href=\"#c", bad, "\">#", bad,
          "</a> (red), at the dashed line, no order explains every answer. "
          "Calls under way at that moment (?) may or may not have taken "
          "effect. The longest orders, and why they end:</p>\n");
    }
    if (marks_.orders.empty()) return html;
    absl::StrAppend(&html, "<ol>\n");
    for (size_t i = 0; i < marks_.orders.size(); ++i) {
      absl::StrAppend(&html, "<li><b>", Letter(i), "</b>: ");
      for (const size_t call : marks_.orders[i].calls) {
        absl::StrAppend(&html, "<a href=\"#c", call, "\">#", call, "</a> ");
      }
      for (const absl::string_view line :
           absl::StrSplit(marks_.orders[i].note, '\n')) {
        absl::StrAppend(&html, "<br>", EscapeRaw(line));
      }
      absl::StrAppend(&html, "</li>\n");
    }
    absl::StrAppend(&html, "</ol>\n");
    return html;
  }

  std::string Lane(int client, const std::vector<int>& columns) const {
    std::string html = absl::StrCat(R"(<div class="lane"><h3>client )", client,
                                    R"(</h3><div class="track" style="width:)",
                                    columns.size() * kLaneWidth,
                                    "px;height:", bottom_ + kStep, "px\">\n");
    for (const size_t call : by_start_) {
      if (history_[call].client == client) absl::StrAppend(&html, Box(call));
    }
    if (marks_.illegal.has_value() && *marks_.illegal < history_.size()) {
      absl::StrAppend(&html, R"(<div class="moment" style="top:)",
                      Bottom(*marks_.illegal), "px\"></div>");
    }
    absl::StrAppend(&html, "</div></div>\n");
    return html;
  }

  // Returns true for a call that matters and was still in progress when the
  // illegal call ended.
  bool WasUnderWay(size_t call) const {
    return marks_.illegal.has_value() && *marks_.illegal < history_.size() &&
           Matters(call) && history_[call].end > history_[*marks_.illegal].end;
  }

  std::string Box(size_t call) const {
    const HistoryEntry& entry = history_[call];
    const std::string arguments = EscapeRaw(ArgumentsOf(entry.request));
    std::string badges;
    for (size_t i = 0; i < std::min(kLetteredMax, marks_.orders.size()); ++i) {
      const std::vector<size_t>& order = marks_.orders[i].calls;
      const auto it = std::find(order.begin(), order.end(), call);
      if (it == order.end()) continue;
      // Badges float to the right, so the last one comes first.
      badges = absl::StrCat("<i>", Letter(i), it - order.begin() + 1, "</i>",
                            badges);
    }
    return absl::StrCat(
        "<a class=\"call ", KindOf(entry),
        entry.end == kNoEnd ? " endless" : "", IsBad(call) ? " bad" : "",
        Matters(call) ? "" : " faded", "\" href=\"#c", call,
        "\" style=\"top:", Top(call),
        "px;height:", Bottom(call) - Top(call) - 2,
        "px;left:", column_.at(call) * kLaneWidth + 3,
        "px;width:", kLaneWidth - 6, "px\" title=\"",
        EscapeRaw(FormatCall(call, entry)), "\"><b>", badges,
        IsBad(call)         ? "<u>&#10007; </u>"
        : WasUnderWay(call) ? "<u>? </u>"
                            : "",
        "#", call, " ", EscapeRaw(Name(entry)), "</b>",
        arguments.empty() ? "" : absl::StrCat("<span>", arguments, "</span>"),
        "<span>", EscapeRaw(BriefResponse(entry.response)), "</span></a>\n");
  }

  static std::string Name(const HistoryEntry& entry) {
    const absl::string_view name =
        OperationName(entry.request.operation_case());
    return name.empty() ? "(no operation)" : std::string(name);
  }

  std::string Details() const {
    std::string html =
        "<h2>All calls in full</h2>\n<table><tr><th>call</th><th>client</th>"
        "<th>from..to</th><th>caller</th><th>request</th><th>response</th>"
        "</tr>\n";
    for (const size_t call : by_start_) {
      const HistoryEntry& entry = history_[call];
      const std::string end =
          entry.end == kNoEnd ? "" : absl::StrCat(entry.end);
      absl::StrAppend(&html, "<tr id=\"c", call, "\"><td",
                      IsBad(call) ? " class=\"bad\"" : "", ">#", call,
                      "</td><td>", entry.client, "</td><td>", entry.start, "..",
                      end, "</td><td>", EscapeRaw(entry.caller.account_id), "/",
                      EscapeRaw(entry.caller.region), " ",
                      EscapeRaw(entry.caller.principal_arn), "</td><td><code>",
                      EscapeRaw(entry.request.ShortDebugString()),
                      "</code></td><td><code>",
                      entry.response.has_value()
                          ? EscapeRaw(entry.response->ShortDebugString())
                          : "no answer yet",
                      "</code></td></tr>\n");
    }
    absl::StrAppend(&html, "</table>\n");
    return html;
  }

  const History& history_;
  const TimelineMarks& marks_;
  const std::set<size_t> matter_;
  std::vector<size_t> by_start_;
  // Heights in pixels by position.
  std::map<uint64_t, int> height_;
  int bottom_ = 0;
  // The ends of the columns by client, and the columns of calls.
  std::map<int, std::vector<int>> columns_;
  std::map<size_t, size_t> column_;
};

}  // namespace

std::string HistoryTimelineHtml(const History& history,
                                const TimelineMarks& marks) {
  return Page(history, marks).Html();
}

}  // namespace glue_security
