// Defects of GetSecurityConfigurations, and of GetResourcePolicies.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/defects/defect_list.h"

namespace glue_security::conformance_internal {
namespace {

using Page = v1::GetSecurityConfigurationsResponse;
using Entries = google::protobuf::RepeatedPtrField<v1::SecurityConfiguration>;

constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

const std::string& TokenOf(const PatchedCall& call) {
  return call.request.get_security_configurations().next_token();
}

// Returns a page token of this catalog.
std::string TokenAfter(const PatchedCall& call, const std::string& name) {
  return EncodePageToken({call.caller.account_id, call.caller.region}, name);
}

// Changes a page in an answer.
template <typename Change>
Patch ChangesPage(Change change) {
  return [change](PatchedCall call) {
    v1::Response answer = call.Run();
    if (answer.has_get_security_configurations()) {
      change(call, answer.mutable_get_security_configurations());
    }
    return answer;
  };
}

// Shows the entries of a page in another order.
template <typename Less>
Patch Sorts(Less less) {
  return ChangesPage([less](const PatchedCall&, Page* page) {
    Entries* entries = page->mutable_security_configurations();
    std::stable_sort(entries->begin(), entries->end(),
                     [less](const auto& a, const auto& b) {
                       return less(a.name(), b.name());
                     });
  });
}

// Returns true when `a` sorts before `b` in UTF-16: characters beyond U+FFFF
// come before U+E000 to U+FFFF.
bool LessInUtf16(const std::string& a, const std::string& b) {
  const auto rank = [](const std::string& text) {
    const auto first = static_cast<unsigned char>(text[0]);
    return first >= 0xF0 ? 0xED : (first >= 0xEE ? first + 1 : first);
  };
  return rank(a) < rank(b);
}

void AddOrderSeedsOfPages(DefectList* defects) {
  defects->Patched({"names_ordered_without_case",
                    "Names are ordered without regard to case.",
                    {"pages.bytewise"}},
                   Sorts([](const std::string& a, const std::string& b) {
                     return absl::AsciiStrToLower(a) < absl::AsciiStrToLower(b);
                   }));
  defects->Patched({"names_ordered_in_utf16",
                    "Names are ordered by their units of UTF-16.",
                    {"pages.bytewise_beyond_the_basic_plane"}},
                   Sorts(LessInUtf16));
  defects->Patched(
      {"list_from_the_last",
       "The list is in reverse order.",
       {"pages.bytewise", "pages.full"}},
      Sorts([](const std::string& a, const std::string& b) { return b < a; }));
  defects->Patched(
      {"list_shows_names_only",
       "A list has no configurations.",
       {"pages.entries_are_whole"}},
      ChangesPage([](const PatchedCall&, Page* page) {
        for (auto& entry : *page->mutable_security_configurations()) {
          entry.clear_encryption_configuration();
        }
      }));
  defects->Patched({"empty_list_is_an_error",
                    "An empty list is an EntityNotFoundException.",
                    {"pages.none"}},
                   [](const PatchedCall& call) {
                     v1::Response answer = call.Run();
                     return answer.has_get_security_configurations() &&
                                    answer.get_security_configurations()
                                        .security_configurations()
                                        .empty()
                                ? ErrorAnswer(v1::ERROR_CODE_ENTITY_NOT_FOUND)
                                : answer;
                   });
}

void AddBoundaryDefects(DefectList* defects) {
  defects->Patched({"page_skips_one",
                    "A page begins one entry too late.",
                    {"pages.every_size.of_3", "pages.full"}},
                   ChangesPage([](const PatchedCall& call, Page* page) {
                     if (!TokenOf(call).empty() &&
                         page->security_configurations_size() > 0) {
                       page->mutable_security_configurations()->DeleteSubrange(
                           0, 1);
                     }
                   }));
  defects->Stateful(
      {"page_repeats_one",
       "A page begins with the last entry of the page before.",
       {"pages.every_size.of_2", "pages.full"}},
      [] {
        auto last = std::make_shared<
            std::map<std::string, v1::SecurityConfiguration>>();
        return ChangesPage([last](const PatchedCall& call, Page* page) {
          const auto it = last->find(TokenOf(call));
          if (!page->next_token().empty()) {
            (*last)[page->next_token()] =
                *page->security_configurations().rbegin();
          }
          if (it == last->end()) return;
          const Entries rest = page->security_configurations();
          page->clear_security_configurations();
          *page->add_security_configurations() = it->second;
          page->mutable_security_configurations()->MergeFrom(rest);
        });
      });
  defects->Patched(
      {"page_one_short",
       "A page ends one entry too early.",
       {"pages.every_size.of_1", "pages.every_size.of_5", "pages.full"}},
      [](PatchedCall call) {
        if (!call.request.has_get_security_configurations()) {
          return call.Run();
        }
        auto* list = call.request.mutable_get_security_configurations();
        if (list->max_results() > 1) {
          list->set_max_results(list->max_results() - 1);
          return call.Run();
        }
        v1::Response answer = call.Run();
        if (list->max_results() == 1 && !answer.has_error()) {
          answer.mutable_get_security_configurations()->Clear();
        }
        return answer;
      });
}

void AddLastPageDefects(DefectList* defects) {
  defects->Patched(
      {"token_though_nothing_follows",
       "A full last page has a token for an empty page.",
       {"pages.exactly_full_last_page"}},
      ChangesPage([](const PatchedCall& call, Page* page) {
        const int size =
            call.request.get_security_configurations().max_results();
        if (size > 0 && page->next_token().empty() &&
            page->security_configurations_size() == size) {
          page->set_next_token(TokenAfter(
              call, page->security_configurations().rbegin()->name()));
        }
      }));
  defects->SetUp({"last_page_of_the_other_preset",
                  "The last page has the NextToken of the other preset.",
                  {"pages.none", "pages.full"}},
                 [](BackendSetup* setup) {
                   setup->behavior.empty_token_on_last_page =
                       !setup->behavior.empty_token_on_last_page;
                 });
}

void AddSizeSeedsOfPages(DefectList* defects) {
  defects->Stateful(
      {"page_size_of_the_first_call",
       "MaxResults is ignored in a call with a token.",
       {"pages.size_may_change"}},
      [] {
        auto sizes = std::make_shared<std::map<std::string, int>>();
        return [sizes](PatchedCall call) {
          if (!call.request.has_get_security_configurations()) {
            return call.Run();
          }
          const auto it = sizes->find(TokenOf(call));
          auto* list = call.request.mutable_get_security_configurations();
          if (it != sizes->end()) list->set_max_results(it->second);
          v1::Response answer = call.Run();
          const auto& page = answer.get_security_configurations();
          if (!page.next_token().empty()) {
            (*sizes)[page.next_token()] = page.security_configurations_size();
          }
          return answer;
        };
      });
  defects->SetUp(
      {"default_page_off_by_one",
       "The default page size is one entry too large.",
       {"pages.default_size", "pages.default_size_of_limits"}},
      [](BackendSetup* setup) { ++setup->limits.page_size_default; });
  defects->SetUp(
      {"page_size_200_always",
       "Documented stops at 200.",
       {"pages.documented_size_max"}},
      [](BackendSetup* setup) { setup->behavior.limit_page_size = true; });
  defects->SetUp(
      {"page_size_200_never",
       "Observed goes beyond 200.",
       {"pages.observed_size_max", "message.observed.page_size"}},
      [](BackendSetup* setup) { setup->behavior.limit_page_size = false; });
}

// Treats a token that the engine refuses as the token of the first page, when
// `taken` returns true.
template <typename Taken>
Patch TakesTokens(Taken taken) {
  return [taken](PatchedCall call) {
    v1::Response answer = call.Run();
    if (answer.error().code() != kInvalid ||
        answer.error().violations_size() > 0 || TokenOf(call).empty() ||
        !taken(TokenOf(call))) {
      return answer;
    }
    call.request.mutable_get_security_configurations()->clear_next_token();
    return call.Run();
  };
}

void AddTokenDefects(DefectList* defects) {
  defects->Patched(
      {"empty_token_refused",
       "An empty NextToken is refused.",
       {"pages.token.empty"}},
      [](const PatchedCall& call) {
        return call.request.get_security_configurations().has_next_token() &&
                       TokenOf(call).empty()
                   ? ErrorAnswer(kInvalid)
                   : call.Run();
      });
  defects->Stateful(
      {"token_used_up", "A token works only once.", {"pages.token.used_twice"}},
      [] {
        auto used = std::make_shared<std::set<std::string>>();
        return [used](const PatchedCall& call) {
          const bool fresh =
              TokenOf(call).empty() || used->insert(TokenOf(call)).second;
          return fresh ? call.Run() : ErrorAnswer(kInvalid);
        };
      });
  defects->Patched(
      {"unknown_token_is_first_page",
       "A short text that is not a token gives the first page.",
       {"pages.token.unknown"}},
      TakesTokens([](const std::string& token) { return token.size() < 10; }));
  defects->Patched(
      {"checksum_ignored",
       "Damaged tokens are accepted.",
       {"pages.token.damaged"}},
      TakesTokens([](const std::string& token) { return token.size() >= 10; }));
  defects->Patched({"token_trimmed",
                    "Blanks after a token are ignored.",
                    {"pages.token.cut_or_longer"}},
                   TakesTokens([](const std::string& token) {
                     return absl::EndsWith(token, " ") && token.size() >= 10;
                   }));
  struct Elsewhere {
    const char* name;
    const char* sentence;
    const char* found_by;
    bool account;
  };
  constexpr Elsewhere kElsewhere[] = {
      {"token_of_other_account_taken",
       "A token of another account is accepted.",
       "pages.token.of_other_account", true},
      {"token_of_other_region_taken", "A token of another region is accepted.",
       "pages.token.of_other_region", false}};
  for (const Elsewhere& defect : kElsewhere) {
    defects->Patched(
        {defect.name, defect.sentence, {defect.found_by}},
        [defect](PatchedCall call) {
          for (const Caller& other :
               {Home(), defect.account ? OtherAccount() : OtherRegion()}) {
            const auto last = DecodePageToken({other.account_id, other.region},
                                              TokenOf(call));
            if (last.has_value()) {
              call.request.mutable_get_security_configurations()
                  ->set_next_token(TokenAfter(call, *last));
              break;
            }
          }
          return call.Run();
        });
  }
}

void AddPlaceDefects(DefectList* defects) {
  // A token holds a number of entries.
  defects->Stateful(
      {"token_is_an_offset",
       "A token counts the entries before it.",
       {"pages.deletes_between", "pages.creates_between"}},
      [] {
        auto places = std::make_shared<std::map<std::string, size_t>>();
        return [places](PatchedCall call) {
          const auto it = places->find(TokenOf(call));
          size_t begin = 0;
          if (call.request.has_get_security_configurations() &&
              it != places->end()) {
            begin = it->second;
            const auto all = call.Configurations();
            if (begin <= all.size() && begin > 0) {
              call.request.mutable_get_security_configurations()
                  ->set_next_token(TokenAfter(call, all[begin - 1].name()));
            }
          }
          v1::Response answer = call.Run();
          const auto& page = answer.get_security_configurations();
          if (!page.next_token().empty()) {
            (*places)[page.next_token()] =
                begin +
                static_cast<size_t>(page.security_configurations_size());
          }
          return answer;
        };
      });
  defects->Patched({"token_dies_with_its_entry",
                    "A token is refused when its last entry is gone.",
                    {"pages.all_deleted_between", "pages.deletes_between"}},
                   [](const PatchedCall& call) {
                     const auto last = DecodePageToken(
                         {call.caller.account_id, call.caller.region},
                         TokenOf(call));
                     return last.has_value() && !call.HasConfiguration(*last)
                                ? ErrorAnswer(kInvalid)
                                : call.Run();
                   });
}

// Changes the list of policies in an answer.
template <typename Change>
Patch ChangesPolicies(Change change) {
  return [change](const PatchedCall& call) {
    v1::Response answer = call.Run();
    if (answer.has_get_resource_policies()) {
      change(answer.mutable_get_resource_policies());
    }
    return answer;
  };
}

using Policies = v1::GetResourcePoliciesResponse;

void AddPolicyListDefects(DefectList* defects) {
  defects->Patched(
      {"no_policies_is_an_error",
       "GetResourcePolicies without a policy is an "
       "EntityNotFoundException.",
       {"policies.none"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        return answer.has_get_resource_policies() &&
                       answer.get_resource_policies().policies().empty()
                   ? ErrorAnswer(v1::ERROR_CODE_ENTITY_NOT_FOUND)
                   : answer;
      });
  defects->Patched({"policy_listed_twice",
                    "GetResourcePolicies lists the policy twice.",
                    {"policies.one", "policies.on_its_date"}},
                   ChangesPolicies([](Policies* page) {
                     if (page->policies().empty()) return;
                     const v1::GluePolicy policy = page->policies(0);
                     *page->add_policies() = policy;
                   }));
  defects->Patched({"policies_without_hash",
                    "GetResourcePolicies shows no hash.",
                    {"policies.one"}},
                   ChangesPolicies([](Policies* page) {
                     for (auto& policy : *page->mutable_policies()) {
                       policy.clear_policy_hash();
                     }
                   }));
  defects->Patched({"policies_updated_when_created",
                    "GetResourcePolicies shows CreateTime as UpdateTime.",
                    {"policies.one"}},
                   ChangesPolicies([](Policies* page) {
                     for (auto& policy : *page->mutable_policies()) {
                       *policy.mutable_update_time() = policy.create_time();
                     }
                   }));
  defects->Patched({"policies_never_end",
                    "The only page of policies has a token.",
                    {"policies.one", "policies.every_size"}},
                   ChangesPolicies([](Policies* page) {
                     if (!page->policies().empty()) page->set_next_token("a");
                   }));
  defects->Patched({"policies_of_one_account",
                    "GetResourcePolicies always lists one account's policy.",
                    {"policies.per_catalog"}},
                   [](PatchedCall call) {
                     if (call.request.has_get_resource_policies()) {
                       call.caller = Home();
                     }
                     return call.Run();
                   });
}

void AddPolicyPageDefects(DefectList* defects) {
  defects->Patched({"policies_empty_token_refused",
                    "GetResourcePolicies refuses an empty NextToken.",
                    {"policies.empty_token"}},
                   [](const PatchedCall& call) {
                     const auto& list = call.request.get_resource_policies();
                     return list.has_next_token() && list.next_token().empty()
                                ? ErrorAnswer(kInvalid)
                                : call.Run();
                   });
  defects->Patched(
      {"policies_token_ignored",
       "GetResourcePolicies takes any NextToken.",
       {"policies.unknown_token", "policies.token_of_another_list"}},
      [](PatchedCall call) {
        v1::Response answer = call.Run();
        if (!call.request.get_resource_policies().has_next_token() ||
            answer.error().code() != kInvalid ||
            !answer.error().violations().empty()) {
          return answer;
        }
        call.request.mutable_get_resource_policies()->clear_next_token();
        return call.Run();
      });
  defects->Patched(
      {"policies_page_size_200",
       "GetResourcePolicies stops at 200.",
       {"policies.every_size"}},
      [](const PatchedCall& call) {
        const int size = call.request.get_resource_policies().max_results();
        return size > 200 && size <= 1000 ? ErrorAnswer(kInvalid) : call.Run();
      });
  defects->Patched(
      {"policies_listed_early",
       "GetResourcePolicies is answered before its date.",
       {"policies.of_2019.unknown", "policies.on_its_date"}},
      [](const PatchedCall& call) {
        v1::Response answer = call.Run();
        if (!call.request.has_get_resource_policies() ||
            call.setup->behavior.api_date >= absl::CivilDay(2020, 7, 7)) {
          return answer;
        }
        auto* page = answer.mutable_get_resource_policies();
        page->Clear();
        if (const auto policy = call.Policy()) {
          page->add_policies()->set_policy_in_json(policy->policy_in_json());
        }
        return answer;
      });
}

}  // namespace

void AddPageDefects(DefectList* defects) {
  AddOrderSeedsOfPages(defects);
  AddBoundaryDefects(defects);
  AddLastPageDefects(defects);
  AddSizeSeedsOfPages(defects);
  AddTokenDefects(defects);
  AddPlaceDefects(defects);
  AddPolicyListDefects(defects);
  AddPolicyPageDefects(defects);
}

}  // namespace glue_security::conformance_internal
