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
void CreateAll(CheckRun& run, Names names, const Caller& caller = Home()) {
  std::reverse(names.begin(), names.end());
  for (const std::string& name : names) run.Ok(Create(name), caller);
}

Names NamesOf(const v1::GetSecurityConfigurationsResponse& page) {
  Names names;
  for (const auto& entry : page.security_configurations()) {
    names.push_back(entry.name());
  }
  return names;
}

v1::GetSecurityConfigurationsResponse Page(
    CheckRun& run, std::optional<int32_t> size,
    std::optional<std::string> token = std::nullopt,
    const Caller& caller = Home()) {
  return run.Ok(List(size, std::move(token)), caller)
      .get_security_configurations();
}

// Expects the NextToken of a last page.
void ExpectLast(CheckRun& run, const v1::GetSecurityConfigurationsResponse& p) {
  run.Same("NextToken of the last page", "", p.next_token());
  run.True(run.observed() ? "the last page has an empty NextToken"
                          : "the last page has no NextToken",
           p.has_next_token() == run.observed());
}

// Returns the token of the first of two pages over three configurations.
std::string SomeToken(CheckRun& run, const Caller& caller = Home()) {
  CreateAll(run, Numbered(3), caller);
  const std::string token = Page(run, 2, std::nullopt, caller).next_token();
  run.True("the page that is not the last has a token", !token.empty());
  return token;
}

void AddOrderChecks(CheckGroup& pages) {
  pages.Add("none", "an empty list, and nothing follows", [](CheckRun& run) {
    const auto page = Page(run, std::nullopt);
    run.Same("the names", "", Joined(NamesOf(page)));
    ExpectLast(run, page);
  });
  pages.Add("bytewise", "ordered by name, bytewise", [](CheckRun& run) {
    Names names = {"a",  "A",  "B",  "b",    "aa",      "a ", "a\t",
                   "-",  "_",  "~",  "10",   "9",       "\t", " ",
                   "aB", "ab", "aC", "\x7F", "\xC3\xA9"};
    std::sort(names.begin(), names.end());
    CreateAll(run, names);
    run.Same("the names", Joined(names), Joined(run.Names()));
    run.Same("the names, one a page", Joined(names),
             Joined(run.Names(Home(), 1)));
  });
  pages.Add("bytewise_beyond_the_basic_plane",
            "ordered by name, bytewise: not by units of UTF-16",
            [](CheckRun& run) {
              const Names names = {"\xEE\x80\x80", "\xEF\xBF\xBD",
                                   "\xF0\x90\x80\x80"};
              CreateAll(run, names);
              run.Same("the names", Joined(names), Joined(run.Names()));
            });
  pages.Add("entries_are_whole", "a list of all security configurations",
            [](CheckRun& run) {
              run.Ok(Create("b", ConfigurationOf("s3_encryption {}")));
              run.Ok(Create("a", ConfigurationOf("cloud_watch_encryption {}")));
              const auto page = Page(run, std::nullopt);
              run.True("there are two",
                       page.security_configurations_size() == 2);
              for (const auto& entry : page.security_configurations()) {
                run.Same("an entry",
                         run.Ok(Get(entry.name()))
                             .get_security_configuration()
                             .security_configuration(),
                         entry);
              }
            });
}

void AddSizeChecks(CheckGroup& pages) {
  for (const int count : {1, 2, 3, 5, 8}) {
    pages.Add(absl::StrCat("every_size.of_", count),
              "pages of every size show every entry once",
              [count](CheckRun& run) {
                const Names names = Numbered(count);
                CreateAll(run, names);
                for (int size = 1; size <= count + 1; ++size) {
                  run.Same(absl::StrCat("the names, ", size, " a page"),
                           Joined(names), Joined(run.Names(Home(), size)));
                }
              });
  }
  pages.Add("full", "a page has MaxResults entries as long as there are more",
            [](CheckRun& run) {
              CreateAll(run, Numbered(5));
              const auto first = Page(run, 2);
              run.Same("the first page", R"("n000", "n001")",
                       Joined(NamesOf(first)));
              const auto second = Page(run, 2, first.next_token());
              run.Same("the second page", R"("n002", "n003")",
                       Joined(NamesOf(second)));
              const auto third = Page(run, 2, second.next_token());
              run.Same("the third page", "\"n004\"", Joined(NamesOf(third)));
              ExpectLast(run, third);
            });
  pages.Add("exactly_full_last_page",
            "last page: Documented no NextToken, Observed an empty one",
            [](CheckRun& run) {
              CreateAll(run, Numbered(4));
              const auto first = Page(run, 2);
              ExpectLast(run, Page(run, 2, first.next_token()));
              ExpectLast(run, Page(run, 4));
              ExpectLast(run, Page(run, 5));
              ExpectLast(run, Page(run, std::nullopt));
            });
  pages.Add("size_may_change", "MaxResults is of one call", [](CheckRun& run) {
    CreateAll(run, Numbered(6));
    const auto first = Page(run, 1);
    const auto second = Page(run, 3, first.next_token());
    run.Same("the second page", R"("n001", "n002", "n003")",
             Joined(NamesOf(second)));
    const auto third = Page(run, std::nullopt, second.next_token());
    run.Same("the third page", R"("n004", "n005")", Joined(NamesOf(third)));
  });
}

void AddDefaultSizeChecks(CheckGroup& pages) {
  pages.Add("default_size", "default page 100", [](CheckRun& run) {
    const Names names = Numbered(101);
    CreateAll(run, names);
    const auto first = Page(run, std::nullopt);
    run.True("the first page has 100",
             first.security_configurations_size() == 100);
    const auto second = Page(run, std::nullopt, first.next_token());
    run.Same("the second page", "\"n100\"", Joined(NamesOf(second)));
    run.True("a page of 101 has 101",
             Page(run, 101).security_configurations_size() == 101);
  });
  pages.Add(
      "default_size_of_limits", "Limits::page_size_default",
      [](CheckRun& run) {
        run.limits().page_size_default = 2;
        CreateAll(run, Numbered(3));
        run.Same("the first page", R"("n000", "n001")",
                 Joined(NamesOf(Page(run, std::nullopt))));
      },
      NeedsLimits());
  pages.Add(
      "observed_size_max", "Observed: 201..1000 gives InvalidInputException",
      [](CheckRun& run) {
        run.Ok(List(200));
        run.Fails(List(201), kInvalid);
        run.Fails(List(1000), kInvalid);
      },
      Only(BackendPreset::kObserved));
  pages.Add(
      "documented_size_max", "Documented: up to 1000",
      [](CheckRun& run) {
        run.Ok(List(201));
        run.Ok(List(1000));
      },
      Only(BackendPreset::kDocumented));
}

void AddTokenChecks(CheckGroup& pages) {
  pages.Add("token.empty", "NextToken \"\" in a request is the first page",
            [](CheckRun& run) {
              CreateAll(run, Numbered(3));
              run.Same("the page", R"("n000", "n001")",
                       Joined(NamesOf(Page(run, 2, ""))));
            });
  pages.Add("token.used_twice", "a token is a place, not a session",
            [](CheckRun& run) {
              const std::string token = SomeToken(run);
              const auto first = Page(run, 1, token);
              run.Same("the second answer", Joined(NamesOf(first)),
                       Joined(NamesOf(Page(run, 1, token))));
            });
  pages.Add("token.unknown", "a token that does not decode", [](CheckRun& run) {
    CreateAll(run, Numbered(3));
    for (const char* token :
         {"x", "no token", "n000", "====", "AAAA", "1", " "}) {
      run.Fails(List(2, token), kInvalid);
    }
  });
  pages.Add("token.damaged", "a token that fails its checksum",
            [](CheckRun& run) {
              const std::string token = SomeToken(run);
              for (size_t i = 0; i < token.size(); ++i) {
                std::string damaged = token;
                damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
                run.Fails(List(2, damaged), kInvalid);
              }
            });
  pages.Add("token.cut_or_longer", "a token that does not decode",
            [](CheckRun& run) {
              const std::string token = SomeToken(run);
              run.Fails(List(2, token.substr(0, token.size() - 1)), kInvalid);
              run.Fails(List(2, token + "A"), kInvalid);
              run.Fails(List(2, token + " "), kInvalid);
            });
  for (const auto& [id, other] :
       {std::pair<const char*, Caller>{"account", OtherAccount()},
        {"region", OtherRegion()}}) {
    pages.Add(absl::StrCat("token.of_other_", id),
              "a token that belongs to another catalog",
              [other = other](CheckRun& run) {
                const std::string token = SomeToken(run, other);
                run.Fails(List(2, token), kInvalid);
                CreateAll(run, Numbered(3));
                run.Fails(List(2, token), kInvalid);
              });
  }
}

// Makes a change between two pages, at every place, and expects that each of
// `stay` is listed once, and nothing twice.
void ChangeBetween(CheckRun& run, const v1::Request& change,
                   const Names& stay) {
  run.Restart();
  CreateAll(run, Numbered(6));
  const auto first = Page(run, 2);
  run.Ok(change);
  Names seen = NamesOf(first);
  std::string token = first.next_token();
  for (int i = 0; i < 10 && !token.empty(); ++i) {
    const auto page = Page(run, 2, token);
    for (const std::string& name : NamesOf(page)) seen.push_back(name);
    token = page.next_token();
  }
  Names stayed;
  for (const std::string& name : seen) {
    if (std::find(stay.begin(), stay.end(), name) != stay.end()) {
      stayed.push_back(name);
    }
  }
  run.Same("those that existed all along, as listed", Joined(stay),
           Joined(stayed));
}

void AddChangeChecks(CheckGroup& pages) {
  pages.Add("deletes_between",
            "deleting entries between two pages never skips or repeats an "
            "entry that existed all along",
            [](CheckRun& run) {
              for (const std::string& gone : Numbered(6)) {
                Names stay = Numbered(6);
                stay.erase(std::find(stay.begin(), stay.end(), gone));
                ChangeBetween(run, Delete(gone), stay);
              }
            });
  pages.Add("creates_between",
            "creating entries between two pages never skips or repeats an "
            "entry that existed all along",
            [](CheckRun& run) {
              ChangeBetween(run, Create("a"), Numbered(6));
              for (const std::string& name : Numbered(6)) {
                ChangeBetween(run, Create(name + "x"), Numbered(6));
              }
            });
  pages.Add("all_deleted_between", "a token outlives the entries",
            [](CheckRun& run) {
              const std::string token = SomeToken(run);
              for (const std::string& name : Numbered(3)) run.Ok(Delete(name));
              const auto page = Page(run, 2, token);
              run.Same("the page", "", Joined(NamesOf(page)));
              ExpectLast(run, page);
            });
}

}  // namespace

void AddPageChecks(Checks* checks) {
  CheckGroup pages(checks, "pages",
                   "docs/reference/GetSecurityConfigurations.md");
  AddOrderChecks(pages);
  AddSizeChecks(pages);
  AddDefaultSizeChecks(pages);
  AddTokenChecks(pages);
  AddChangeChecks(pages);
}

}  // namespace glue_security::conformance_internal
