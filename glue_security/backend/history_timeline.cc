#include "glue_security/backend/history_timeline.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/timeline_assets.h"
#include "glue_security/backend/timeline_layout.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// A line of a box that is longer can be opened, and begins with as many bytes
// as the second number says.
constexpr size_t kLineBytesMax = 400;
constexpr size_t kBeginningBytes = 200;
// The longest text of an order.
constexpr size_t kNoteBytesMax = 4000;
// There is a letter for each order.
constexpr size_t kOrdersMax = 26;

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

// Returns the beginning of a text, and how long all of it is.
std::string Cut(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  return absl::StrCat(text.substr(0, bytes_max), "... (", text.size(),
                      " bytes)");
}

// Returns a name like PutResourcePolicy that can be broken before a capital.
std::string Breakable(absl::string_view name) {
  std::string html;
  for (const char c : name) {
    if (absl::ascii_isupper(c) && !html.empty()) html += "<wbr>";
    html += EscapeRaw({&c, 1});
  }
  return html;
}

// Returns the source of a content security policy that allows the contents of
// one element.
std::string SourceOf(absl::string_view contents) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(contents.data()),
         contents.size(), digest.data());
  return absl::StrCat(
      "'sha256-",
      absl::Base64Escape(absl::string_view(
          reinterpret_cast<const char*>(digest.data()), digest.size())),
      "'");
}

std::string Letter(size_t order) {
  return std::string(1, static_cast<char>('A' + order));
}
std::string SmallLetter(size_t order) {
  return absl::AsciiStrToLower(Letter(order));
}

// Returns the CSS class for the colour of a call.
absl::string_view KindOf(const HistoryEntry& entry) {
  if (IsUnknown(entry)) return "open";
  return entry.response->has_error() ? "error" : "ok";
}

std::string NameOf(const HistoryEntry& entry) {
  const absl::string_view name = OperationName(entry.request.operation_case());
  return name.empty() ? "(no operation)" : std::string(name);
}

// The texts of a call, not escaped.
struct CallTexts {
  std::string caller;
  std::string arguments;
  std::string answer;
  std::string request;
  std::string response;
};

CallTexts TextsOf(const HistoryEntry& entry, BriefTexts texts) {
  CallTexts call;
  call.caller = absl::StrCat(entry.caller.account_id, "/", entry.caller.region,
                             " ", entry.caller.principal_arn);
  const std::string brief = BriefRequest(entry.request, texts);
  const size_t blank = brief.find(' ');
  if (entry.request.operation_case() != v1::Request::OPERATION_NOT_SET &&
      blank != std::string::npos) {
    call.arguments = brief.substr(blank + 1);
  }
  call.answer = BriefResponse(entry.response, texts);
  call.request = entry.request.ShortDebugString();
  call.response = entry.response.has_value()
                      ? entry.response->ShortDebugString()
                      : "no answer yet";
  return call;
}

// Returns the beginnings of the texts of a call.
CallTexts BeginningsOf(const HistoryEntry& entry) {
  CallTexts call = TextsOf(entry, BriefTexts::kCut);
  for (std::string* text : {&call.caller, &call.arguments, &call.answer,
                            &call.request, &call.response}) {
    *text = Cut(*text, kBeginningBytes);
  }
  return call;
}

size_t BytesOf(const CallTexts& call) {
  size_t bytes = 0;
  for (const std::string* text : {&call.caller, &call.arguments, &call.answer,
                                  &call.request, &call.response}) {
    bytes += EscapeRaw(*text).size();
  }
  return bytes;
}

// Returns the tracks of rows: those that `wide` selects are visible without
// contents.
template <typename Wide>
std::string TracksOf(const std::vector<bool>& rows, Wide wide) {
  std::string tracks = "2rem";  // The names of the clients.
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin + 1;
    while (end < rows.size() && wide(rows[end]) == wide(rows[begin])) ++end;
    absl::StrAppend(&tracks, " repeat(", end - begin, ",minmax(",
                    wide(rows[begin]) ? ".6rem" : "0", ",auto))");
    begin = end;
  }
  return tracks;
}

TimelineCalls CallsOf(const TimelineMarks& marks,
                      const TimelineBounds& bounds) {
  TimelineCalls calls;
  calls.matter = marks.calls;
  calls.illegal = marks.illegal;
  for (size_t i = 0; i < std::min(marks.orders.size(), kOrdersMax); ++i) {
    calls.orders.push_back(marks.orders[i].calls);
  }
  calls.calls_max = bounds.calls_max;
  return calls;
}

class Page {
 public:
  Page(const History& history, const TimelineMarks& marks,
       const TimelineBounds& bounds)
      : history_(history),
        marks_(marks),
        layout_(LayOutTimeline(history, CallsOf(marks, bounds))) {
    if (marks.illegal.has_value() && *marks.illegal < history.size()) {
      illegal_ = marks.illegal;
    }
    for (const TimelineBox& box : layout_.boxes) {
      faded_ += box.matters ? 0 : 1;
    }
    for (size_t i = 0; i < layout_.orders.size(); ++i) {
      for (size_t place = 0; place < layout_.orders[i].size(); ++place) {
        places_[layout_.orders[i][place]].push_back({i, place});
      }
    }
    ChooseTexts(bounds.bytes_max);
  }

  std::string Html() const {
    const std::string style = absl::StrCat(kTimelineStyle, StyleOfThisPage());
    return absl::StrCat(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src ",
        SourceOf(style), "; script-src ", SourceOf(kTimelineScript),
        "; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
        EscapeRaw(marks_.headline), "</title>\n<style>", style,
        "</style></head><body>\n<h1>", EscapeRaw(marks_.headline), "</h1>\n",
        Introduction(), Orders(), Bar(), "<h2>Timeline</h2>\n", Timeline(),
        Details(), "<script>", kTimelineScript, "</script></body></html>\n");
  }

 private:
  struct Place {
    size_t order;
    size_t place;  // From 0.
  };

  // Chooses which calls have their texts in full.
  void ChooseTexts(size_t bytes_max) {
    size_t bytes = 0;
    for (const bool matters : {true, false}) {
      for (const TimelineBox& box : layout_.boxes) {
        if (box.matters != matters) continue;
        CallTexts texts = TextsOf(history_[box.call], BriefTexts::kWhole);
        const size_t more = BytesOf(texts);
        if (more > bytes_max - bytes) {
          ++cut_;
          texts = BeginningsOf(history_[box.call]);
        } else {
          bytes += more;
        }
        texts_.emplace(box.call, std::move(texts));
      }
    }
  }

  // Returns the rules for the places of the boxes, and for following an order.
  std::string StyleOfThisPage() const {
    size_t columns = 0;
    for (const TimelineLane& lane : layout_.lanes) columns += lane.columns;
    const std::vector<bool>& rows = layout_.rows;
    std::string css = absl::StrCat(
        "#timeline{--columns:", std::max<size_t>(columns, 1),
        ";--rows:", TracksOf(rows, [](bool) { return true; }),
        ";--rows-that-matter:", TracksOf(rows, [](bool row) { return row; }),
        "}\n");
    for (size_t i = 0; i < layout_.lanes.size(); ++i) {
      const TimelineLane& lane = layout_.lanes[i];
      absl::StrAppend(&css, ".l", i, "{grid-column:", lane.column + 1, "/",
                      lane.column + lane.columns + 1, "}\n");
    }
    // Line 1 of the grid is above the names of the clients.
    absl::StrAppend(&css, ".head{grid-row:1/-1}.lane{grid-row:2/-1}\n");
    for (const TimelineBox& box : layout_.boxes) {
      absl::StrAppend(&css, "#b", box.call, "{grid-row:", box.begin + 2, "/",
                      box.end + 2, ";grid-column:", box.column + 1, "}\n");
    }
    if (layout_.moment.has_value()) {
      absl::StrAppend(&css, ".moment{grid-row:", *layout_.moment + 2,
                      ";grid-column:1/-1}\n");
    }
    absl::StrAppend(&css, "@media screen{\n");
    for (size_t i = 0; i < layout_.orders.size(); ++i) {
      const std::string letter = SmallLetter(i);
      const std::string when = "body:has(#order-" + letter + ":checked) ";
      absl::StrAppend(&css, when, ".call:not(.in-", letter,
                      "){background:none;color:var(--dim)}\n", when, ".in-",
                      letter, "{box-shadow:0 0 0 2px var(--path)}\n", when,
                      ".place-", letter, " a{display:inline-block}\n", when,
                      ".place-", letter,
                      " label{background:var(--path);color:var(--back)}\n");
    }
    absl::StrAppend(&css, "}\n");
    return css;
  }

  std::string Introduction() const {
    std::string html =
        "<p class=\"dim\">Time runs downwards. Calls side by side overlapped; "
        "a call above another was over before it began.</p>\n"
        "<p class=\"key\"><span class=\"ok\">answered</span>"
        "<span class=\"error\">error, no effect</span>"
        "<span class=\"open\">outcome unknown</span></p>\n";
    const size_t shown = layout_.boxes.size();
    if (shown < history_.size()) {
      absl::StrAppend(&html, "<p>", shown, " of ", history_.size(),
                      " calls are shown.</p>\n");
    }
    if (cut_ > 0) {
      absl::StrAppend(&html,
                      "<p>Calls whose texts are not shown in full: ", cut_,
                      ".</p>\n");
    }
    if (faded_ > 0) {
      absl::StrAppend(&html,
                      "<p id=\"hiding\"><label><input type=\"checkbox\" "
                      "id=\"hide\" autocomplete=\"off\">Hide faded calls (",
                      faded_, ")</label></p>\n");
    }
    if (illegal_.has_value()) {
      absl::StrAppend(
          &html, "<p>With the answer of ", LinkToBox(*illegal_),
          " (red), at the dashed line, no order explains every answer. "
          "Calls under way at that moment (?) may or may not have taken "
          "effect.</p>\n");
    }
    return html;
  }

  std::string Orders() const {
    if (layout_.orders.empty()) return "";
    std::string html = absl::StrCat(
        "<fieldset><legend>",
        illegal_.has_value() ? "The longest orders, and why they end"
                             : "Orders of the calls",
        ".<span> Choose one to follow it:</span></legend>\n<div "
        "class=\"none\"><label><input "
        "type=\"radio\" name=\"order\" id=\"order-none\" value=\"\" "
        "autocomplete=\"off\" checked>none</label></div>\n");
    for (size_t i = 0; i < layout_.orders.size(); ++i) {
      absl::StrAppend(&html, "<div>", RadioOf(i), ": ");
      for (const size_t call : layout_.orders[i]) {
        absl::StrAppend(&html, LinkToBox(call), " ");
      }
      const std::string note = Cut(marks_.orders[i].note, kNoteBytesMax);
      for (const absl::string_view line : absl::StrSplit(note, '\n')) {
        absl::StrAppend(&html, "<br>", EscapeRaw(line));
      }
      absl::StrAppend(&html, "</div>\n");
    }
    return html + "</fieldset>\n";
  }

  std::string RadioOf(size_t order) const {
    std::string name = absl::StrCat("<b>", Letter(order), "</b>");
    if (layout_.orders[order].empty()) return name;
    std::string calls;
    for (const size_t call : layout_.orders[order]) {
      absl::StrAppend(&calls, calls.empty() ? "" : " ", call);
    }
    return absl::StrCat(R"(<label><input type="radio" name="order" id="order-)",
                        SmallLetter(order), R"(" value=")", SmallLetter(order),
                        R"(" autocomplete="off" data-calls=")", calls, R"(">)",
                        name, "</label>");
  }

  // The bar that follows an order; the script shows it.
  static std::string Bar() {
    return "<div id=\"bar\" role=\"group\" aria-label=\"The order that is "
           "followed\" hidden><button type=\"button\" id=\"previous\">"
           "&larr; Previous</button><button type=\"button\" id=\"next\">Next "
           "&rarr;</button><button type=\"button\" id=\"stop\">Stop</button> "
           "<span id=\"status\" role=\"status\"></span> <span class=\"dim\">"
           "Keys: &larr; &rarr; Home End Esc</span></div>\n";
  }

  std::string Timeline() const {
    std::string html =
        "<div id=\"sheet\"><ol id=\"timeline\" aria-label=\"Calls in the order "
        "of their starts\">\n";
    for (size_t i = 0; i < layout_.lanes.size(); ++i) {
      absl::StrAppend(&html, R"(<li class="lane l)", i,
                      R"(" aria-hidden="true"></li><li class="head l)", i,
                      R"(" aria-hidden="true">client )",
                      layout_.lanes[i].client, "</li>\n");
    }
    for (const TimelineBox& box : layout_.boxes) {
      absl::StrAppend(&html, Box(box));
    }
    if (layout_.moment.has_value()) {
      absl::StrAppend(&html,
                      "<li class=\"moment\" aria-hidden=\"true\"></li>\n");
    }
    return html + "</ol><svg id=\"path\" aria-hidden=\"true\"></svg></div>\n";
  }

  std::string Box(const TimelineBox& box) const {
    const HistoryEntry& entry = history_[box.call];
    const CallTexts& texts = texts_.at(box.call);
    std::string classes = absl::StrCat("call ", KindOf(entry));
    if (entry.end == kNoEnd) absl::StrAppend(&classes, " endless");
    if (illegal_ == box.call) absl::StrAppend(&classes, " bad");
    if (!box.matters) absl::StrAppend(&classes, " faded");
    const auto places = places_.find(box.call);
    if (places != places_.end()) {
      absl::StrAppend(&classes, " in");
      for (const Place& place : places->second) {
        absl::StrAppend(&classes, " in-", SmallLetter(place.order));
      }
    }
    return absl::StrCat(R"(<li id="b)", box.call, R"(" class=")", classes,
                        R"(">)", PlacesOf(box.call), MarkOf(box),
                        R"(<a class="name" href="#c)", box.call, R"(">#)",
                        box.call, " ", Breakable(NameOf(entry)),
                        R"(</a><span class="who"> client )", entry.client, ", ",
                        Interval(entry), "</span>", Line(texts.arguments),
                        Line(texts.answer), "</li>\n");
  }

  // Returns the places of a call in the orders, with links to the calls before
  // and after it.
  std::string PlacesOf(size_t call) const {
    const auto places = places_.find(call);
    if (places == places_.end()) return "";
    std::string html = R"(<span class="places">)";
    for (const auto& [order, place] : places->second) {
      const std::vector<size_t>& calls = layout_.orders[order];
      const std::string small = SmallLetter(order);
      absl::StrAppend(&html, R"(<span class="place-)", small, R"(">)");
      if (place > 0) {
        absl::StrAppend(&html, StepTo(order, place - 1, "&lsaquo;"));
      }
      absl::StrAppend(&html, R"(<label for="order-)", small,
                      R"(" data-place=")", small, place + 1, R"(">)",
                      Letter(order), place + 1, "</label>");
      if (place + 1 < calls.size()) {
        absl::StrAppend(&html, StepTo(order, place + 1, "&rsaquo;"));
      }
      absl::StrAppend(&html, "</span>");
    }
    return html + "</span>";
  }

  // Returns a link to a place in an order.
  std::string StepTo(size_t order, size_t place, absl::string_view text) const {
    return absl::StrCat(R"(<a href="#b)", layout_.orders[order][place],
                        R"(" data-to=")", place + 1, R"(" aria-label="to )",
                        Letter(order), place + 1, R"(">)", text, "</a>");
  }

  // Returns true for a call that was in progress when the illegal call ended.
  bool WasUnderWay(size_t call) const {
    const uint64_t moment = history_[*illegal_].end;
    return history_[call].start < moment && history_[call].end > moment;
  }

  std::string MarkOf(const TimelineBox& box) const {
    if (illegal_ == box.call) {
      return "<span class=\"mark\" role=\"img\" aria-label=\"no order explains "
             "this answer:\">&#10007;</span> ";
    }
    if (illegal_.has_value() && box.matters && WasUnderWay(box.call)) {
      return "<span class=\"mark\" role=\"img\" aria-label=\"under way at that "
             "moment:\">?</span> ";
    }
    return "";
  }

  // Returns a line of a box. A long one can be opened.
  static std::string Line(absl::string_view text) {
    if (text.empty()) return "";
    if (text.size() <= kLineBytesMax) {
      return absl::StrCat(R"(<span class="text">)", EscapeRaw(text), "</span>");
    }
    return absl::StrCat("<details><summary>",
                        EscapeRaw(Cut(text, kBeginningBytes)), "</summary>",
                        EscapeRaw(text), "</details>");
  }

  std::string LinkToBox(size_t call) const {
    return absl::StrCat(R"(<a href="#b)", call, R"(">#)", call, "</a>");
  }

  static std::string Interval(const HistoryEntry& entry) {
    return absl::StrCat(entry.start, "..",
                        entry.end == kNoEnd ? "" : absl::StrCat(entry.end));
  }

  std::string Details() const {
    std::string html = "<h2>All calls in full</h2>\n<ol id=\"calls\">\n";
    for (const TimelineBox& box : layout_.boxes) {
      const HistoryEntry& entry = history_[box.call];
      const CallTexts& texts = texts_.at(box.call);
      absl::StrAppend(
          &html, R"(<li id="c)", box.call, R"(")",
          box.matters ? "" : R"( class="faded")", ">", MarkOf(box), "<b>",
          LinkToBox(box.call), " ", Breakable(NameOf(entry)), "</b>, client ",
          entry.client, ", ", Interval(entry), "\n<dl><dt>caller</dt><dd>",
          EscapeRaw(texts.caller), "</dd>\n<dt>request</dt><dd><code>",
          EscapeRaw(texts.request), "</code></dd>\n<dt>response</dt><dd><code>",
          EscapeRaw(texts.response), "</code></dd></dl></li>\n");
    }
    return html + "</ol>\n";
  }

  const History& history_;
  const TimelineMarks& marks_;
  const TimelineLayout layout_;
  std::optional<size_t> illegal_;
  size_t faded_ = 0;
  // The number of calls whose texts are cut.
  size_t cut_ = 0;
  std::map<size_t, std::vector<Place>> places_;
  std::map<size_t, CallTexts> texts_;
};

}  // namespace

std::string HistoryTimelineHtml(const History& history,
                                const TimelineMarks& marks,
                                const TimelineBounds& bounds) {
  return Page(history, marks, bounds).Html();
}

}  // namespace glue_security
