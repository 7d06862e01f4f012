// connections: GetConnections, page by page, and its filter.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

using Names = std::vector<std::string>;
using Page = v1::GetConnectionsResponse;

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
  for (const std::string& name : names) {
    check.Ok(CreateConnection(ConnectionWith(name)), caller);
  }
}

Names NamesOf(const Page& page) {
  Names names;
  for (const auto& entry : page.connection_list()) {
    names.push_back(entry.name());
  }
  return names;
}

Page PageOf(CheckContext& check, std::optional<int32_t> size,
            std::optional<std::string> token = std::nullopt,
            const Caller& caller = Home()) {
  return check.Ok(ListConnections(size, std::move(token)), caller)
      .get_connections();
}

// Returns the connections of all pages of a request. Fails when the pages do
// not end, or one has more than `size`; nullopt: the backend chooses the size.
std::vector<v1::Connection> AllEntries(CheckContext& check, v1::Request request,
                                       std::optional<int32_t> size) {
  constexpr int kPagesMax = 60;
  std::vector<v1::Connection> entries;
  auto* list = request.mutable_get_connections();
  if (size.has_value()) list->set_max_results(*size);
  for (int i = 0; i < kPagesMax; ++i) {
    const Page page = check.Ok(request).get_connections();
    if (size.has_value()) {
      check.Expect(page.connection_list_size() <= *size,
                   absl::StrCat("the number of entries on a page of ", *size),
                   absl::StrCat("at most ", *size),
                   absl::StrCat(page.connection_list_size()));
    }
    for (const auto& entry : page.connection_list()) entries.push_back(entry);
    if (page.next_token().empty()) return entries;
    list->set_next_token(page.next_token());
  }
  check.Expect(false, "the pages of the connections", "a last one",
               "pages without end");
  return entries;
}

// Returns the names of all pages of a request, at most `size` on each.
Names AllNames(CheckContext& check, const v1::Request& request, int size) {
  Names names;
  for (const auto& entry : AllEntries(check, request, size)) {
    names.push_back(entry.name());
  }
  return names;
}

// Expects the NextToken of a last page.
void ExpectLast(CheckContext& check, const Page& page) {
  check.Same("NextToken of the last page", "", page.next_token());
  check.Expect(page.has_next_token() == check.observed(),
               "NextToken of the last page",
               check.observed() ? "an empty text" : "an absent member",
               page.has_next_token() ? "an empty text" : "an absent member",
               check.observed() ? BackendCheckBasis::kRecorded
                                : BackendCheckBasis::kChoice);
}

std::string SomeToken(CheckContext& check, const Caller& caller = Home()) {
  CreateAll(check, Numbered(3), caller);
  std::string token = PageOf(check, 2, std::nullopt, caller).next_token();
  check.Expect(!token.empty(), "NextToken of a page that is not the last",
               "a token", "none");
  return token;
}

void AddOrderChecks(CheckGroup& pages) {
  pages.Add("none", "the list is empty, and nothing follows",
            [](CheckContext& check) {
              const Page page = PageOf(check, std::nullopt);
              check.Same("the names", "", Joined(NamesOf(page)));
              ExpectLast(check, page);
            });
  pages.Add("bytewise", "ordered by name, bytewise", [](CheckContext& check) {
    Names names = {"a", "A",  "b",  "aa", "a ",           "-",
                   "_", "10", "9",  "\t", "\xEE\x80\x80", "\xF0\x90\x80\x80",
                   "~", "aB", "ab", " ",  "\xC3\xA9"};
    std::sort(names.begin(), names.end());
    CreateAll(check, names);
    check.Same("the names", Joined(names),
               Joined(AllNames(check, ListConnections(), 100)));
    check.Same("the names, one a page", Joined(names),
               Joined(AllNames(check, ListConnections(), 1)));
  });
  pages.Add(
      "entries_are_whole", "a list of connections", [](CheckContext& check) {
        auto input = ConnectionWith("b", {{"HOST", "h"}});
        input.set_description("of b");
        input.mutable_match_criteria()->add_elements("m");
        check.Ok(CreateConnection(input));
        check.Ok(CreateConnection(ConnectionWith("a")));
        const auto entries = AllEntries(check, ListConnections(), std::nullopt);
        check.Same("the number of connections", "2",
                   absl::StrCat(entries.size()));
        for (const auto& entry : entries) {
          check.Same("an entry",
                     check.Ok(GetConnection(entry.name()))
                         .get_connection()
                         .connection(),
                     entry);
        }
      });
}

void AddSizeChecks(CheckGroup& pages) {
  for (const int count : {1, 2, 5}) {
    pages.Add(absl::StrCat("every_size.of_", count),
              "pages of every size show every entry once",
              [count](CheckContext& check) {
                const Names names = Numbered(count);
                CreateAll(check, names);
                for (int size = 1; size <= count + 1; ++size) {
                  Names seen = AllNames(check, ListConnections(), size);
                  std::sort(seen.begin(), seen.end());
                  check.Same(
                      absl::StrCat("the names of all pages, ", size, " a page"),
                      Joined(names), Joined(seen));
                }
              });
  }
  pages.Add("full", "a page has MaxResults entries as long as there are more",
            [](CheckContext& check) {
              CreateAll(check, Numbered(5));
              const Page first = PageOf(check, 2);
              check.Same("the first page", R"("n000", "n001")",
                         Joined(NamesOf(first)));
              const Page second = PageOf(check, 3, first.next_token());
              check.Same("the second page", R"("n002", "n003", "n004")",
                         Joined(NamesOf(second)));
              ExpectLast(check, second);
              ExpectLast(check, PageOf(check, 5));
            });
  pages.Add(
      "default_size", "default page 100",
      [](CheckContext& check) {
        CreateAll(check, Numbered(101));
        const Page first = PageOf(check, std::nullopt);
        check.Same("the number of entries on the first page", "100",
                   absl::StrCat(first.connection_list_size()));
        const Page second = PageOf(check, std::nullopt, first.next_token());
        check.Same("the second page", "\"n100\"", Joined(NamesOf(second)));
      },
      NeedsLimits());
  pages.Add("large_sizes", "MaxResults up to 1000", [](CheckContext& check) {
    CreateAll(check, Numbered(3));
    for (const int size : {200, 201, 1000}) {
      check.Same("the page", Joined(Numbered(3)),
                 Joined(NamesOf(PageOf(check, size))));
    }
  });
}

void AddTokenChecks(CheckGroup& pages) {
  pages.Add("token.empty", "NextToken \"\" in a request is the first page",
            [](CheckContext& check) {
              CreateAll(check, Numbered(3));
              check.Same("the page", R"("n000", "n001")",
                         Joined(NamesOf(PageOf(check, 2, ""))));
            });
  pages.Add("token.unknown", "a token that does not decode",
            [](CheckContext& check) {
              CreateAll(check, Numbered(3));
              for (const char* token : {"x", "n000", "====", "AAAA", "1"}) {
                check.Fails(ListConnections(2, token), kInvalid);
              }
            });
  pages.Add("token.damaged", "a token that fails its checksum",
            [](CheckContext& check) {
              const std::string token = SomeToken(check);
              for (size_t i = 0; i < token.size(); ++i) {
                std::string damaged = token;
                damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
                check.Fails(ListConnections(2, damaged), kInvalid);
              }
              check.Fails(ListConnections(2, token + "A"), kInvalid);
            });
  for (const auto& [id, other] :
       {std::pair<const char*, Caller>{"account", OtherAccount()},
        {"region", OtherRegion()}}) {
    pages.Add(absl::StrCat("token.of_other_", id),
              "a token that belongs to another catalog",
              [other = other](CheckContext& check) {
                const std::string token = SomeToken(check, other);
                check.Fails(ListConnections(2, token), kInvalid);
              });
  }
}

// Makes a change between two pages, and expects that each of `stay` is listed
// once.
void ChangeBetween(CheckContext& check, const v1::Request& change,
                   const Names& stay) {
  check.Restart();
  CreateAll(check, Numbered(4));
  const Page first = PageOf(check, 2);
  check.Ok(change);
  Names seen = NamesOf(first);
  if (!first.next_token().empty()) {
    const auto rest = ListConnections(2, first.next_token());
    for (const std::string& name : AllNames(check, rest, 2)) {
      seen.push_back(name);
    }
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
              for (const std::string& gone : Numbered(4)) {
                Names stay = Numbered(4);
                stay.erase(std::find(stay.begin(), stay.end(), gone));
                ChangeBetween(check, DeleteConnection(gone), stay);
              }
            });
  pages.Add("creates_between",
            "creating entries between two pages never skips or repeats an "
            "entry that existed all along, as a token that counts entries does",
            [](CheckContext& check) {
              for (const char* name : {"a", "n000x", "n001x", "n002x"}) {
                ChangeBetween(check, CreateConnection(ConnectionWith(name)),
                              Numbered(4));
              }
            });
}

// --- The filter

v1::Request Filtered(std::optional<v1::ConnectionType> type,
                     const Names& criteria) {
  v1::Request request = ListConnections();
  auto* filter = request.mutable_get_connections()->mutable_filter();
  if (type.has_value()) filter->set_connection_type(*type);
  for (const std::string& criterion : criteria) {
    filter->mutable_match_criteria()->add_elements(criterion);
  }
  return request;
}

constexpr auto kJdbc = v1::CONNECTION_TYPE_JDBC;
constexpr auto kSftp = v1::CONNECTION_TYPE_SFTP;

// Creates "j", "jx", "jxy", "s", "sx": types, and the criteria "x" and "y".
void CreateMixed(CheckContext& check) {
  for (const std::string name : {"j", "jx", "jxy", "s", "sx"}) {
    auto input = ConnectionWith(name);
    if (name[0] == 's') input.set_connection_type(kSftp);
    for (const char c : name.substr(1)) {
      input.mutable_match_criteria()->add_elements(std::string(1, c));
    }
    check.Ok(CreateConnection(input));
  }
}

void AddFilterChecks(CheckGroup& pages) {
  struct Case {
    const char* id;
    const char* says;
    std::optional<v1::ConnectionType> type;
    Names criteria;
    Names passes;
  };
  const std::vector<Case> cases = {
      {"type",
       "ConnectionType lets its connections pass",
       kSftp,
       {},
       {"s", "sx"}},
      {"criterion",
       "MatchCriteria lets those pass that have it",
       std::nullopt,
       {"x"},
       {"jx", "jxy", "sx"}},
      {"all_criteria",
       "all criteria of the filter must be there",
       std::nullopt,
       {"y", "x"},
       {"jxy"}},
      {"both",
       "the type and the criteria must fit",
       kJdbc,
       {"x"},
       {"jx", "jxy"}},
      {"nothing_fits",
       "a filter that nothing fits gives an empty list",
       std::nullopt,
       {"z"},
       {}},
      {"whole_criteria",
       "a criterion is compared as a whole",
       std::nullopt,
       {"X"},
       {}},
      {"empty",
       "an empty filter lets everything pass",
       std::nullopt,
       {},
       {"j", "jx", "jxy", "s", "sx"}},
  };
  for (const Case& c : cases) {
    pages.Add(absl::StrCat("filter.", c.id), c.says, [c](CheckContext& check) {
      CreateMixed(check);
      check.Same("the names that pass the filter", Joined(c.passes),
                 Joined(AllNames(check, Filtered(c.type, c.criteria), 100)));
    });
  }
}

void AddFilteredPageChecks(CheckGroup& pages) {
  pages.Add("filter.empty_criteria", "no criteria let everything pass",
            [](CheckContext& check) {
              CreateMixed(check);
              auto request = Filtered(kSftp, {});
              request.mutable_get_connections()
                  ->mutable_filter()
                  ->mutable_match_criteria();
              check.Same("the names that pass the filter", R"("s", "sx")",
                         Joined(AllNames(check, request, 100)));
            });
  pages.Add(
      "filter.every_size",
      "pages of every size show every entry that passes once",
      [](CheckContext& check) {
        CreateMixed(check);
        for (int size = 1; size <= 6; ++size) {
          check.Same(
              absl::StrCat("the names of all pages, ", size, " a page"),
              R"("jx", "jxy", "sx")",
              Joined(AllNames(check, Filtered(std::nullopt, {"x"}), size)));
        }
      });
  pages.Add("filter.of_a_page",
            "the filter is applied to a page, which may be short and have a "
            "token",
            [](CheckContext& check) {
              CreateMixed(check);
              auto request = Filtered(kSftp, {});
              request.mutable_get_connections()->set_max_results(2);
              const Page page = check.Ok(request).get_connections();
              check.Same("the first page", "", Joined(NamesOf(page)));
              check.Expect(!page.next_token().empty(),
                           "NextToken of the first page", "a token", "none");
            });
}

}  // namespace

void AddConnectionPageChecks(Checks* checks) {
  CheckGroup pages(checks, "connections", "docs/reference/GetConnections.md");
  AddOrderChecks(pages);
  AddSizeChecks(pages);
  AddTokenChecks(pages);
  AddChangeChecks(pages);
  AddFilterChecks(pages);
  AddFilteredPageChecks(pages);
}

}  // namespace glue_security::conformance_internal
