// Defects of GetConnections: its pages and its filter.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/defects/connections/connection_patches.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;

// --- Pages

using Page = v1::GetConnectionsResponse;
using Request = v1::GetConnectionsRequest;

template <typename Change>
Patch ChangesPage(Change change) {
  return [change](const PatchedCall& call) {
    v1::Response answer = call.Run();
    if (answer.has_get_connections()) {
      change(call.request.get_connections(), answer.mutable_get_connections());
    }
    return answer;
  };
}

// Returns all connections that the call's filter lets pass.
std::vector<v1::Connection> AllOf(const PatchedCall& call) {
  v1::Request request = call.request;
  auto* list = request.mutable_get_connections();
  list->set_max_results(1000);
  list->clear_next_token();
  const v1::Response answer = call.Run(request);
  const auto& entries = answer.get_connections().connection_list();
  return {entries.begin(), entries.end()};
}

void AddListPageDefects(DefectList* defects) {
  defects->Patched({"connections_from_the_last",
                    "Connections are listed in reverse order.",
                    {"connections.bytewise", "connections.full"}},
                   ChangesPage([](const Request&, Page* page) {
                     auto* list = page->mutable_connection_list();
                     std::reverse(list->begin(), list->end());
                   }));
  defects->Patched({"connections_have_names_only",
                    "A list of connections has names only.",
                    {"connections.entries_are_whole"}},
                   ChangesPage([](const Request&, Page* page) {
                     for (auto& entry : *page->mutable_connection_list()) {
                       entry.clear_connection_properties();
                       entry.clear_description();
                     }
                   }));
  defects->Patched(
      {"connections_skip_one",
       "A page of connections begins one entry too late.",
       {"connections.every_size.of_2", "connections.full",
        "connections.default_size"}},
      ChangesPage([](const Request& request, Page* page) {
        if (!request.next_token().empty() && page->connection_list_size() > 0) {
          page->mutable_connection_list()->DeleteSubrange(0, 1);
        }
      }));
  defects->Patched({"connections_last_is_lost",
                    "The last connection is not listed.",
                    {"connections.every_size.of_1", "connections.full"}},
                   ChangesPage([](const Request&, Page* page) {
                     auto* list = page->mutable_connection_list();
                     if (page->next_token().empty() && !list->empty()) {
                       list->RemoveLast();
                     }
                   }));
}

void AddListSizeDefects(DefectList* defects) {
  defects->Patched(
      {"connections_all_on_a_page",
       "GetConnections ignores MaxResults.",
       {"connections.every_size.of_2", "connections.full"}},
      [](PatchedCall call) {
        if (call.request.get_connections().max_results() > 0 &&
            call.request.get_connections().max_results() < 1000) {
          call.request.mutable_get_connections()->set_max_results(1000);
        }
        return call.Run();
      });
  defects->Patched(
      {"connections_empty_is_an_error",
       "An empty list of connections is an EntityNotFoundException.",
       {"connections.none", "connections.filter.nothing_fits"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        return answer.has_get_connections() &&
                       answer.get_connections().connection_list().empty()
                   ? ErrorAnswer(kNotFound)
                   : answer;
      });
  defects->SetUp({"connections_last_page_of_the_other_preset",
                  "The last page has the NextToken of the other preset.",
                  {"connections.none", "connections.full"}},
                 [](BackendSetup* setup) {
                   setup->behavior.empty_token_on_last_page =
                       !setup->behavior.empty_token_on_last_page;
                 });
  defects->SetUp(
      {"connections_page_of_50",
       "A page has 50 connections by default.",
       {"connections.default_size"}},
      [](BackendSetup* setup) { setup->limits.page_size_default = 50; });
  defects->Patched({"connections_at_most_200",
                    "MaxResults above 200 is refused.",
                    {"connections.large_sizes"}},
                   [](const PatchedCall& call) {
                     return call.request.get_connections().max_results() > 200
                                ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                                : call.Run();
                   });
}

void AddListTokenDefects(DefectList* defects) {
  defects->Patched(
      {"connections_token_is_an_offset",
       "The token of a page of connections is an offset.",
       {"connections.deletes_between", "connections.creates_between"}},
      [](PatchedCall call) {
        if (!call.request.has_get_connections()) return call.Run();
        auto* list = call.request.mutable_get_connections();
        const int size = list->has_max_results() ? list->max_results() : 100;
        int offset = 0;
        if (!list->next_token().empty() &&
            !absl::SimpleAtoi(list->next_token(), &offset)) {
          return call.Run();
        }
        if (size < 1 || size > 1000) return call.Run();
        const std::vector<v1::Connection> all = AllOf(call);
        v1::Response answer;
        auto* page = answer.mutable_get_connections();
        for (size_t i = static_cast<size_t>(offset); i < all.size(); ++i) {
          if (page->connection_list_size() == size) {
            page->set_next_token(absl::StrCat(i));
            break;
          }
          *page->add_connection_list() = all[i];
        }
        return answer;
      });
  defects->Patched({"connections_token_empty_refused",
                    "An empty NextToken is refused.",
                    {"connections.token.empty"}},
                   [](const PatchedCall& call) {
                     const auto& list = call.request.get_connections();
                     return list.has_next_token() && list.next_token().empty()
                                ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                                : call.Run();
                   });
  defects->Patched({"connections_token_unchecked",
                    "A token that is none of this catalog is ignored.",
                    {"connections.token.unknown", "connections.token.damaged",
                     "connections.token.of_other_account",
                     "connections.token.of_other_"
                     "region"}},
                   [](PatchedCall call) {
                     v1::Response answer = call.Run();
                     if (call.request.get_connections().next_token().empty() ||
                         !answer.error().violations().empty()) {
                       return answer;
                     }
                     if (!answer.has_error()) return answer;
                     call.request.mutable_get_connections()->clear_next_token();
                     return call.Run();
                   });
  defects->Patched({"connections_token_before_constraints",
                    "The token is checked before the constraints.",
                    {"connection.order.constraints_before_token"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     return call.request.get_connections().next_token() ==
                                    "no token"
                                ? ErrorAnswer(v1::ERROR_CODE_INVALID_INPUT)
                                : answer;
                   });
}

using Filter = v1::GetConnectionsFilter;

// Judges the connections in the place of the filter.
template <typename Passes>
Patch Filters(Passes passes) {
  return [passes](PatchedCall call) {
    if (!call.request.get_connections().has_filter()) return call.Run();
    const auto filter = call.request.get_connections().filter();
    v1::Response checked = call.Run();
    if (checked.has_error()) return checked;
    call.request.mutable_get_connections()->clear_filter();
    v1::Response answer = call.Run();
    auto* list = answer.mutable_get_connections()->mutable_connection_list();
    list->erase(std::remove_if(list->begin(), list->end(),
                               [&](const v1::Connection& connection) {
                                 return !passes(filter, connection);
                               }),
                list->end());
    return answer;
  };
}

bool HasType(const Filter& filter, const v1::Connection& is) {
  return !filter.has_connection_type() ||
         filter.connection_type() == is.connection_type();
}

// Counts the criteria that the connection has.
int CountCriteria(const Filter& filter, const v1::Connection& is,
                  bool with_case) {
  int found = 0;
  for (const auto& wanted : filter.match_criteria().elements()) {
    for (const auto& criterion : is.match_criteria().elements()) {
      if (with_case ? criterion == wanted
                    : absl::EqualsIgnoreCase(criterion, wanted)) {
        ++found;
        break;
      }
    }
  }
  return found;
}

void AddListFilterDefects(DefectList* defects) {
  defects->Patched({"filter_type_ignored",
                    "ConnectionType of a filter is ignored.",
                    {"connections.filter.type", "connections.filter.both",
                     "connections.filter.empty_criteria"}},
                   Filters([](const Filter& filter, const v1::Connection& is) {
                     return CountCriteria(filter, is, true) ==
                            filter.match_criteria().elements_size();
                   }));
  defects->Patched({"filter_criteria_ignored",
                    "MatchCriteria of a filter are ignored.",
                    {"connections.filter.criterion", "connections.filter.both",
                     "connections.filter.nothing_fits"}},
                   Filters(HasType));
  defects->Patched({"filter_any_criterion",
                    "One of the criteria of a filter is enough.",
                    {"connections.filter.all_criteria"}},
                   Filters([](const Filter& filter, const v1::Connection& is) {
                     return HasType(filter, is) &&
                            (filter.match_criteria().elements().empty() ||
                             CountCriteria(filter, is, true) > 0);
                   }));
}

void AddOtherFilterDefects(DefectList* defects) {
  defects->Patched(
      {"filter_without_case",
       "The criteria of a filter are compared without regard to case.",
       {"connections.filter.whole_criteria"}},
      Filters([](const Filter& filter, const v1::Connection& is) {
        return HasType(filter, is) &&
               CountCriteria(filter, is, false) ==
                   filter.match_criteria().elements_size();
      }));
  defects->Patched({"filter_empty_fits_nothing",
                    "An empty filter lets nothing pass.",
                    {"connections.filter.empty"}},
                   Filters([](const Filter& filter, const v1::Connection&) {
                     return filter.has_connection_type() ||
                            filter.has_match_criteria();
                   }));
  defects->Patched(
      {"filter_ends_the_list",
       "A page on which nothing passes the filter is the last.",
       {"connections.filter.every_size", "connections.filter.of_a_page"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (answer.get_connections().connection_list().empty() &&
            !answer.get_connections().next_token().empty()) {
          answer.mutable_get_connections()->clear_next_token();
        }
        return answer;
      });
}

}  // namespace

void AddConnectionListDefects(DefectList* defects) {
  AddListPageDefects(defects);
  AddListSizeDefects(defects);
  AddListTokenDefects(defects);
  AddListFilterDefects(defects);
  AddOtherFilterDefects(defects);
}

}  // namespace glue_security::conformance_internal
