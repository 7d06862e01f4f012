// pages: GetSecurityConfigurations, page by page.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

using Names = std::vector<std::string>;

std::string Joined(const Names& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, const auto& name) {
    absl::StrAppend(out, "\"", absl::CHexEscape(name), "\"");
  });
}

Names Numbered(int count) {
  Names names;
  for (int i = 0; i < count; ++i) {
    names.push_back(absl::StrCat("n", i / 100, i / 10 % 10, i % 10));
  }
  return names;
}

// Creates the last name first, so that the order of creation is not the order
// of a list.
void CreateAll(CheckContext& check, Names names,
               const Caller& caller = Home()) {
  std::reverse(names.begin(), names.end());
  for (const std::string& name : names) check.Ok(Create(name), caller);
}

Names NamesOf(const v1::GetSecurityConfigurationsResponse& page) {
  Names names;
  for (const auto& entry : page.security_configurations()) {
    names.push_back(entry.name());
  }
  return names;
}

v1::GetSecurityConfigurationsResponse Page(
    CheckContext& check, std::optional<int32_t> size,
    std::optional<std::string> token = std::nullopt,
    const Caller& caller = Home()) {
  return check.Ok(List(size, std::move(token)), caller)
      .get_security_configurations();
}

// Expects the NextToken of a last page.
void ExpectLast(CheckContext& check,
                const v1::GetSecurityConfigurationsResponse& p) {
  check.Same("NextToken of the last page", "", p.next_token());
  check.Expect(p.has_next_token() == check.observed(),
               "NextToken of the last page",
               check.observed() ? "an empty text" : "an absent member",
               p.has_next_token() ? "an empty text" : "an absent member",
               check.observed() ? BackendCheckBasis::kRecorded
                                : BackendCheckBasis::kChoice);
}

// Returns the token of the first of two pages over three configurations.
std::string SomeToken(CheckContext& check, const Caller& caller = Home()) {
  CreateAll(check, Numbered(3), caller);
  std::string token = Page(check, 2, std::nullopt, caller).next_token();
  check.Expect(!token.empty(), "NextToken of a page that is not the last",
               "a token", "none");
  return token;
}

void AddOrderChecks(CheckGroup& pages) {
  pages.Add("none", "the list is empty, and nothing follows",
            [](CheckContext& check) {
              const auto page = Page(check, std::nullopt);
              check.Same("the names", "", Joined(NamesOf(page)));
              ExpectLast(check, page);
            });
  pages.Add("bytewise", "ordered by name, bytewise", [](CheckContext& check) {
    Names names = {"a",  "A",  "B",  "b",    "aa",      "a ", "a\t",
                   "-",  "_",  "~",  "10",   "9",       "\t", " ",
                   "aB", "ab", "aC", "\x7F", "\xC3\xA9"};
    std::sort(names.begin(), names.end());
    CreateAll(check, names);
    check.Same("the names", Joined(names), Joined(check.Names()));
    check.Same("the names, one a page", Joined(names),
               Joined(check.Names(Home(), 1)));
  });
  pages.Add("bytewise_beyond_the_basic_plane",
            "ordered by name, bytewise: not by units of UTF-16",
            [](CheckContext& check) {
              const Names names = {"\xEE\x80\x80", "\xEF\xBF\xBD",
                                   "\xF0\x90\x80\x80"};
              CreateAll(check, names);
              check.Same("the names", Joined(names), Joined(check.Names()));
            });
  pages.Add(
      "entries_are_whole", "a list of all security configurations",
      [](CheckContext& check) {
        check.Ok(Create("b", ConfigurationOf("s3_encryption {}")));
        check.Ok(Create("a", ConfigurationOf("cloud_watch_encryption {}")));
        const auto entries = check.Entries();
        check.Same("the number of configurations", "2",
                   absl::StrCat(entries.size()));
        for (const auto& entry : entries) {
          check.Same("an entry",
                     check.Ok(Get(entry.name()))
                         .get_security_configuration()
                         .security_configuration(),
                     entry);
        }
      });
}

// Expects pages of at most `size` that show every name once. The order is not
// judged.
void ExpectEachOnce(CheckContext& check, const Names& names, int size) {
  Names seen;
  std::string token;
  for (size_t i = 0; i <= names.size(); ++i) {
    const auto page =
        Page(check, size,
             token.empty() ? std::nullopt : std::optional<std::string>(token));
    const int entries = page.security_configurations_size();
    check.Expect(entries <= size,
                 absl::StrCat("the number of entries on a page of ", size),
                 absl::StrCat("at most ", size), absl::StrCat(entries));
    for (const std::string& name : NamesOf(page)) seen.push_back(name);
    token = page.next_token();
    if (token.empty()) break;
  }
  std::sort(seen.begin(), seen.end());
  check.Same(absl::StrCat("the names of all pages, ", size, " a page"),
             Joined(names), Joined(seen));
}

void AddSizeChecks(CheckGroup& pages) {
  for (const int count : {1, 2, 3, 5, 8}) {
    pages.Add(absl::StrCat("every_size.of_", count),
              "pages of every size show every entry once",
              [count](CheckContext& check) {
                const Names names = Numbered(count);
                CreateAll(check, names);
                for (int size = 1; size <= count + 1; ++size) {
                  ExpectEachOnce(check, names, size);
                }
              });
  }
  pages.Add("full", "a page has MaxResults entries as long as there are more",
            [](CheckContext& check) {
              CreateAll(check, Numbered(5));
              const auto first = Page(check, 2);
              check.Same("the first page", R"("n000", "n001")",
                         Joined(NamesOf(first)));
              const auto second = Page(check, 2, first.next_token());
              check.Same("the second page", R"("n002", "n003")",
                         Joined(NamesOf(second)));
              const auto third = Page(check, 2, second.next_token());
              check.Same("the third page", "\"n004\"", Joined(NamesOf(third)));
              ExpectLast(check, third);
            });
  pages.Add("exactly_full_last_page",
            "last page: Documented no NextToken, Observed an empty one",
            [](CheckContext& check) {
              CreateAll(check, Numbered(4));
              const auto first = Page(check, 2);
              ExpectLast(check, Page(check, 2, first.next_token()));
              ExpectLast(check, Page(check, 4));
              ExpectLast(check, Page(check, 5));
              // A backend may have another default.
              if (check.target().honours_limits) {
                ExpectLast(check, Page(check, std::nullopt));
              }
            });
  pages.Add("size_may_change", "MaxResults applies to one call",
            [](CheckContext& check) {
              CreateAll(check, Numbered(6));
              const auto first = Page(check, 1);
              const auto second = Page(check, 3, first.next_token());
              check.Same("the second page", R"("n001", "n002", "n003")",
                         Joined(NamesOf(second)));
              const auto rest = check.target().honours_limits
                                    ? std::nullopt
                                    : std::optional<int32_t>(5);
              const auto third = Page(check, rest, second.next_token());
              check.Same("the third page", R"("n004", "n005")",
                         Joined(NamesOf(third)));
            });
}

void AddDefaultSizeChecks(CheckGroup& pages) {
  pages.Add(
      "default_size", "default page 100",
      [](CheckContext& check) {
        const Names names = Numbered(101);
        CreateAll(check, names);
        const auto first = Page(check, std::nullopt);
        check.Same("the number of entries on the first page", "100",
                   absl::StrCat(first.security_configurations_size()));
        const auto second = Page(check, std::nullopt, first.next_token());
        check.Same("the second page", "\"n100\"", Joined(NamesOf(second)));
        check.Same(
            "the number of entries on a page of 101", "101",
            absl::StrCat(Page(check, 101).security_configurations_size()));
      },
      NeedsLimits());
  pages.Add(
      "default_size_of_limits", "Limits::page_size_default",
      [](CheckContext& check) {
        check.limits().page_size_default = 2;
        CreateAll(check, Numbered(3));
        check.Same("the first page", R"("n000", "n001")",
                   Joined(NamesOf(Page(check, std::nullopt))));
      },
      NeedsLimits());
  pages.Add(
      "observed_size_max", "Observed: 201..1000 gives InvalidInputException",
      [](CheckContext& check) {
        check.Ok(List(200));
        check.Fails(List(201), kInvalid);
        check.Fails(List(1000), kInvalid);
      },
      OnlyRecorded());
  pages.Add(
      "documented_size_max", "Documented: up to 1000",
      [](CheckContext& check) {
        check.Ok(List(201));
        check.Ok(List(1000));
      },
      OnlyDocumented());
}

void AddTokenChecks(CheckGroup& pages) {
  pages.Add("token.empty", "NextToken \"\" in a request is the first page",
            [](CheckContext& check) {
              CreateAll(check, Numbered(3));
              check.Same("the page", R"("n000", "n001")",
                         Joined(NamesOf(Page(check, 2, ""))));
            });
  pages.Add("token.used_twice", "a token is a place, not a session",
            [](CheckContext& check) {
              const std::string token = SomeToken(check);
              const auto first = Page(check, 1, token);
              check.Same("the second answer", Joined(NamesOf(first)),
                         Joined(NamesOf(Page(check, 1, token))));
            });
  pages.Add("token.unknown", "a token that does not decode",
            [](CheckContext& check) {
              CreateAll(check, Numbered(3));
              for (const char* token :
                   {"x", "no token", "n000", "====", "AAAA", "1", " "}) {
                check.Fails(List(2, token), kInvalid);
              }
            });
  pages.Add("token.damaged", "a token that fails its checksum",
            [](CheckContext& check) {
              const std::string token = SomeToken(check);
              for (size_t i = 0; i < token.size(); ++i) {
                std::string damaged = token;
                damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
                check.Fails(List(2, damaged), kInvalid);
              }
            });
  pages.Add("token.cut_or_longer", "a token that does not decode",
            [](CheckContext& check) {
              const std::string token = SomeToken(check);
              check.Fails(List(2, token.substr(0, token.size() - 1)), kInvalid);
              check.Fails(List(2, token + "A"), kInvalid);
              check.Fails(List(2, token + " "), kInvalid);
            });
  for (const auto& [id, other] :
       {std::pair<const char*, Caller>{"account", OtherAccount()},
        {"region", OtherRegion()}}) {
    pages.Add(absl::StrCat("token.of_other_", id),
              "a token that belongs to another catalog",
              [other = other](CheckContext& check) {
                const std::string token = SomeToken(check, other);
                check.Fails(List(2, token), kInvalid);
                CreateAll(check, Numbered(3));
                check.Fails(List(2, token), kInvalid);
              });
  }
}

// Makes a change between two pages, at every place, and expects that each of
// `stay` is listed once, and nothing twice.
void ChangeBetween(CheckContext& check, const v1::Request& change,
                   const Names& stay) {
  check.Restart();
  CreateAll(check, Numbered(6));
  const auto first = Page(check, 2);
  check.Ok(change);
  Names seen = NamesOf(first);
  std::string token = first.next_token();
  for (int i = 0; i < 10 && !token.empty(); ++i) {
    const auto page = Page(check, 2, token);
    for (const std::string& name : NamesOf(page)) seen.push_back(name);
    token = page.next_token();
  }
  Names stayed;
  for (const std::string& name : seen) {
    if (std::find(stay.begin(), stay.end(), name) != stay.end()) {
      stayed.push_back(name);
    }
  }
  check.Same(
      "the entries that existed all along, as the pages list them around a "
      "change",
      Joined(stay), Joined(stayed));
}

void AddChangeChecks(CheckGroup& pages) {
  pages.Add("deletes_between",
            "deleting entries between two pages never skips or repeats an "
            "entry that existed all along, as a token that counts entries does",
            [](CheckContext& check) {
              for (const std::string& gone : Numbered(6)) {
                Names stay = Numbered(6);
                stay.erase(std::find(stay.begin(), stay.end(), gone));
                ChangeBetween(check, Delete(gone), stay);
              }
            });
  pages.Add("creates_between",
            "creating entries between two pages never skips or repeats an "
            "entry that existed all along, as a token that counts entries does",
            [](CheckContext& check) {
              ChangeBetween(check, Create("a"), Numbered(6));
              for (const std::string& name : Numbered(6)) {
                ChangeBetween(check, Create(name + "x"), Numbered(6));
              }
            });
  pages.Add("all_deleted_between", "a token outlives the entries",
            [](CheckContext& check) {
              const std::string token = SomeToken(check);
              for (const std::string& name : Numbered(3)) {
                check.Ok(Delete(name));
              }
              const auto page = Page(check, 2, token);
              check.Same("the page", "", Joined(NamesOf(page)));
              ExpectLast(check, page);
            });
}

}  // namespace

void AddPageChecks(Checks* checks) {
  CheckGroup pages(checks, "pages",
                   "docs/reference/GetSecurityConfigurations.md");
  AddOrderChecks(pages);
  AddSizeChecks(pages);
  AddDefaultSizeChecks(pages);
  AddChangeChecks(pages);
  AddTokenChecks(pages);
}

}  // namespace glue_security::conformance_internal
