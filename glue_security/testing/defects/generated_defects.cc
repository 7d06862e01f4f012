// Planted defects that are made from tables: one for each cell of the decision
// tables, and for each constraint of each member.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/model/behavior.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/backend_suite/policy_cells.h"
#include "glue_security/testing/backend_suite/request_members.h"
#include "glue_security/testing/defects/defect_list.h"
#include "glue_security/testing/legal_text.h"

namespace glue_security::conformance_internal {
namespace {

// --- The decision tables

struct LastPolicy {
  // The hash of the present or the last policy; "": there never was one.
  std::string hash;
  bool present = false;
};

// Returns true when a call is in the cell.
bool IsIn(const PolicyCell& cell, const LastPolicy& last, bool has_hash,
          const std::string& hash) {
  const PolicyState state = last.present        ? PolicyState::kPresent
                            : last.hash.empty() ? PolicyState::kNeverPut
                                                : PolicyState::kDeleted;
  const HashGiven given = !has_hash           ? HashGiven::kNone
                          : hash == last.hash ? HashGiven::kMatches
                                              : HashGiven::kDiffers;
  return cell.state == state && cell.hash == given;
}

LastPolicy& Refresh(const PatchedCall& call,
                    std::map<std::string, LastPolicy>* catalogs) {
  LastPolicy& last = (*catalogs)[absl::StrCat(call.caller.account_id, "/",
                                              call.caller.region)];
  const auto policy = call.Policy();
  last.present = policy.has_value();
  if (last.present) last.hash = policy->policy_hash();
  return last;
}

// Inverts the answers to the calls of one cell of Put.
std::function<Patch()> TurnsPut(const PolicyCell& cell) {
  return [cell] {
    auto catalogs = std::make_shared<std::map<std::string, LastPolicy>>();
    return [cell, catalogs](PatchedCall call) {
      const LastPolicy& last = Refresh(call, catalogs.get());
      auto* put = call.request.mutable_put_resource_policy();
      const bool same_condition =
          put->has_policy_exists_condition() == cell.exists.has_value() &&
          (!cell.exists.has_value() ||
           put->policy_exists_condition() == *cell.exists);
      if (!same_condition || !IsIn(cell, last, put->has_policy_hash_condition(),
                                   put->policy_hash_condition())) {
        return call.Run();
      }
      if (!cell.fails) {
        return ErrorAnswer(v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
      }
      put->clear_policy_exists_condition();
      put->clear_policy_hash_condition();
      return call.Run();
    };
  };
}

std::function<Patch()> TurnsDelete(const PolicyCell& cell) {
  return [cell] {
    auto catalogs = std::make_shared<std::map<std::string, LastPolicy>>();
    return [cell, catalogs](const PatchedCall& call) {
      const LastPolicy& last = Refresh(call, catalogs.get());
      const auto& remove = call.request.delete_resource_policy();
      if (!call.request.has_delete_resource_policy() ||
          !IsIn(cell, last, remove.has_policy_hash_condition(),
                remove.policy_hash_condition())) {
        return call.Run();
      }
      if (!cell.fails) {
        return ErrorAnswer(v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
      }
      call.Run(DeletePolicy());
      v1::Response deleted;
      deleted.mutable_delete_resource_policy();
      return deleted;
    };
  };
}

// Lets only the answers to Puts come from the patch.
std::function<Patch()> ForPuts(std::function<Patch()> make) {
  return [make = std::move(make)] {
    return [patch = make()](PatchedCall call) {
      if (call.request.has_put_resource_policy()) return patch(std::move(call));
      // The patch must see the policies that come and go.
      PatchedCall look = call;
      look.request = PutPolicy("");
      patch(std::move(look));
      return call.Run();
    };
  };
}

void AddCellDefects(DefectList* defects) {
  const auto name = [](absl::string_view id) {
    return absl::StrReplaceAll(absl::StrCat("turned.", id), {{".", "_"}});
  };
  for (const PolicyCell& cell : PutCells()) {
    const std::string id = absl::StrCat("put.", cell.id);
    defects->Generated(name(id), absl::StrCat("Wrong: ", cell.says, "."), {id},
                       ForPuts(TurnsPut(cell)));
  }
  for (const PolicyCell& cell : DeleteCells()) {
    const std::string id = absl::StrCat("delete.", cell.id);
    defects->Generated(name(id), absl::StrCat("Wrong: ", cell.says, "."), {id},
                       TurnsDelete(cell));
  }
}

// --- The constraints

using Forgives = std::function<bool(const RequestMember& member,
                                    const v1::Request& request)>;

// Removes the violations of the member.
void Repair(const RequestMember& member, const Caller& caller,
            v1::Request* request) {
  auto* unparsed = request->mutable_unparsed_values();
  for (int i = unparsed->size() - 1; i >= 0; --i) {
    if ((*unparsed)[i].path() == member.path) unparsed->DeleteSubrange(i, 1);
  }
  if (member.path == "policyInJson") {
    SetString(member, PolicyText("a", caller), request);
  } else if (member.required()) {
    // A collection may be wrong in its elements.
    ClearMember(member, request);
    SetLegalValue(member, request);
  } else {
    ClearMember(member, request);
  }
}

// Ignores one constraint of one member when `forgives` returns true.
std::function<Patch()> Overlooks(const RequestMember& member,
                                 v1::Violation::Constraint constraint,
                                 Forgives forgives) {
  return [&member, constraint, forgives = std::move(forgives)] {
    return [&member, constraint, forgives](PatchedCall call) {
      v1::Response answer = call.Run();
      if (call.request.operation_case() != member.operation ||
          !forgives(member, call.request)) {
        return answer;
      }
      auto* violations = answer.mutable_error()->mutable_violations();
      bool found = false;
      for (int i = violations->size() - 1; i >= 0; --i) {
        if ((*violations)[i].path() == member.path &&
            (*violations)[i].constraint() == constraint) {
          violations->DeleteSubrange(i, 1);
          found = true;
        }
      }
      if (!found) return call.Run();
      if (!violations->empty()) return answer;
      Repair(member, call.caller, &call.request);
      return call.Run();
    };
  };
}

// Refuses a request that breaks nothing when `refuses` returns true.
std::function<Patch()> Invents(const RequestMember& member,
                               v1::Violation::Constraint constraint,
                               Forgives refuses) {
  return [&member, constraint, refuses = std::move(refuses)] {
    return [&member, constraint, refuses](const PatchedCall& call) {
      if (call.request.operation_case() != member.operation ||
          !refuses(member, call.request)) {
        return call.Run();
      }
      v1::Response answer =
          ErrorAnswer(call.setup->behavior.constraint_error_code);
      v1::Violation* violation = answer.mutable_error()->add_violations();
      violation->set_path(member.path);
      violation->set_constraint(constraint);
      return answer;
    };
  };
}

bool Always(const RequestMember&, const v1::Request&) { return true; }

// Insignificant blanks of a policy count, so that this is its length only where
// it has none, as in the checks of the constraints.
int64_t LengthOf(const RequestMember& member, const v1::Request& request) {
  return static_cast<int64_t>(GetString(member, request).size());
}

// Counts the lead bytes; of invalid UTF-8 the result means nothing.
int64_t CharactersOf(const RequestMember& member, const v1::Request& request) {
  int64_t count = 0;
  for (const char c : GetString(member, request)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++count;
  }
  return count;
}

bool IsUtf8(const RequestMember& member, const v1::Request& request) {
  return MatchesDefinition(v1::PATTERN_UNSPECIFIED, GetString(member, request));
}

// Adds the planted defects of one member.
class MemberDefects {
 public:
  MemberDefects(const RequestMember& member, DefectList* defects)
      : member_(member),
        wire_name_(
            absl::StrCat(OperationName(member.operation), ".", member.name)),
        defects_(defects) {}

  void Add() {
    if (member_.is_whole()) Presence();
    if (member_.is_string()) Strings();
    if (member_.is_int()) Integers();
    if (member_.is_enum()) Enums();
    if (member_.is_enum_key()) EnumKeys();
    if (member_.is_string_list() || member_.is_map()) Sizes();
  }

 private:
  void Plant(absl::string_view what, absl::string_view sentence,
             absl::string_view check, std::function<Patch()> make) {
    defects_->Generated(
        absl::StrReplaceAll(absl::StrCat(what, ".", wire_name_), {{".", "_"}}),
        absl::StrCat(wire_name_, ": ", sentence, "."),
        {absl::StrCat("constraint.", wire_name_, ".", check)}, std::move(make));
  }

  void Presence() {
    const RequestMember& member = member_;
    if (member.required()) {
      Plant("not_required", "it may be absent", "required",
            Overlooks(member, v1::Violation::CONSTRAINT_REQUIRED, Always));
      return;
    }
    Plant("wrongly_required", "it may not be absent", "optional",
          Invents(member, v1::Violation::CONSTRAINT_REQUIRED,
                  [](const RequestMember& of, const v1::Request& request) {
                    return HasParent(of, request) && !HasMember(of, request) &&
                           request.unparsed_values().empty();
                  }));
  }

  void Strings() {
    const v1::ShapeConstraints& constraints = member_.constraints;
    if (constraints.has_length_bytes_min()) {
      const int64_t min = constraints.length_bytes_min();
      if (min > 0) {
        Plant("length_min_less", "it may be one byte shorter", "length_min",
              Overlooks(member_, v1::Violation::CONSTRAINT_LENGTH_MIN,
                        [min](const RequestMember& of, const v1::Request& r) {
                          return LengthOf(of, r) == min - 1;
                        }));
      }
      Plant("length_min_more", "it must be one byte longer", "length_min",
            Invents(member_, v1::Violation::CONSTRAINT_LENGTH_MIN,
                    [min](const RequestMember& of, const v1::Request& r) {
                      return HasMember(of, r) && LengthOf(of, r) == min;
                    }));
    }
    if (constraints.has_length_bytes_max()) {
      LengthMax(constraints.length_bytes_max());
    }
    Plant("malformed_taken", "malformed UTF-8 is accepted", "utf8",
          Overlooks(member_, v1::Violation::CONSTRAINT_PATTERN,
                    [](const RequestMember& of, const v1::Request& r) {
                      return !IsUtf8(of, r);
                    }));
    if (constraints.pattern() == v1::PATTERN_UNSPECIFIED) return;
    Plant("pattern_ignored", "any text is accepted", "pattern",
          Overlooks(member_, v1::Violation::CONSTRAINT_PATTERN, IsUtf8));
    Plant("ascii_only", "only ASCII is accepted", "pattern",
          Invents(member_, v1::Violation::CONSTRAINT_PATTERN,
                  [](const RequestMember& of, const v1::Request& r) {
                    return HasMember(of, r) && IsUtf8(of, r) &&
                           LengthOf(of, r) != CharactersOf(of, r);
                  }));
  }

  void LengthMax(int64_t max) {
    Plant("length_max_more", "it may be one byte longer", "length_max",
          Overlooks(member_, v1::Violation::CONSTRAINT_LENGTH_MAX,
                    [max](const RequestMember& of, const v1::Request& r) {
                      return LengthOf(of, r) == max + 1;
                    }));
    Plant("length_max_less", "it must be one byte shorter", "length_max",
          Invents(member_, v1::Violation::CONSTRAINT_LENGTH_MAX,
                  [max](const RequestMember& of, const v1::Request& r) {
                    return LengthOf(of, r) == max;
                  }));
    Plant("length_in_characters", "characters are counted instead of bytes",
          "length_in_bytes",
          Overlooks(member_, v1::Violation::CONSTRAINT_LENGTH_MAX,
                    [max](const RequestMember& of, const v1::Request& r) {
                      return CharactersOf(of, r) <= max;
                    }));
  }

  void Sizes() {
    const auto has_size = [](int64_t size) {
      return [size](const RequestMember& of, const v1::Request& r) {
        return HasMember(of, r) && static_cast<int64_t>(GetSize(of, r)) == size;
      };
    };
    const int64_t max = member_.constraints.size_max();
    Plant("size_max_more", "it may have one element more", "size_max",
          Overlooks(member_, v1::Violation::CONSTRAINT_LENGTH_MAX,
                    has_size(max + 1)));
    Plant(
        "size_max_less", "it must have one element less", "size_max",
        Invents(member_, v1::Violation::CONSTRAINT_LENGTH_MAX, has_size(max)));
    Plant("size_min_more", "it must have one element more", "size_min",
          Invents(member_, v1::Violation::CONSTRAINT_LENGTH_MIN,
                  has_size(member_.constraints.size_min())));
  }

  void EnumKeys() {
    const std::string& last = member_.schema().enum_values.back().text;
    Plant("last_key_unknown", "its last key is not known", "values",
          Invents(member_, v1::Violation::CONSTRAINT_ENUM,
                  [last](const RequestMember& of, const v1::Request& r) {
                    return GetString(of, r) == last;
                  }));
    Plant("keys_without_case", "keys are taken in any case", "enum",
          Overlooks(member_, v1::Violation::CONSTRAINT_ENUM,
                    [](const RequestMember& of, const v1::Request& r) {
                      return GetString(of, r) == "host";
                    }));
  }

  void Integers() {
    const v1::ShapeConstraints& constraints = member_.constraints;
    if (constraints.has_value_min()) {
      Plant("value_min_less", "it may be one less", "value_min",
            Overlooks(member_, v1::Violation::CONSTRAINT_VALUE_MIN,
                      [min = constraints.value_min()](const RequestMember& of,
                                                      const v1::Request& r) {
                        return GetInt(of, r) == min - 1;
                      }));
    }
    if (constraints.has_value_max()) {
      Plant("value_max_more", "it may be one more", "value_max",
            Overlooks(member_, v1::Violation::CONSTRAINT_VALUE_MAX,
                      [max = constraints.value_max()](const RequestMember& of,
                                                      const v1::Request& r) {
                        return GetInt(of, r) == max + 1;
                      }));
      Plant("value_max_less", "it must be less", "value_max",
            Invents(member_, v1::Violation::CONSTRAINT_VALUE_MAX,
                    [max = constraints.value_max()](const RequestMember& of,
                                                    const v1::Request& r) {
                      return HasMember(of, r) && GetInt(of, r) == max;
                    }));
    }
  }

  void Enums() {
    const int last = member_.schema().enum_values.back().number;
    Plant("last_value_unknown", "its last value is not known", "values",
          Invents(member_, v1::Violation::CONSTRAINT_ENUM,
                  [last](const RequestMember& of, const v1::Request& r) {
                    return HasMember(of, r) && GetEnum(of, r) == last;
                  }));
    Plant("zero_is_absent", "an explicit 0 is accepted", "enum",
          Overlooks(member_, v1::Violation::CONSTRAINT_ENUM,
                    [](const RequestMember& of, const v1::Request& r) {
                      return HasMember(of, r) && GetEnum(of, r) == 0;
                    }));
    Plant("unknown_text_taken", "an unknown text is dropped", "unparsed",
          Overlooks(member_, v1::Violation::CONSTRAINT_ENUM,
                    [](const RequestMember&, const v1::Request& r) {
                      return !r.unparsed_values().empty();
                    }));
  }

  const RequestMember& member_;
  const std::string wire_name_;
  DefectList* const defects_;
};

}  // namespace

void AddGeneratedDefects(DefectList* defects) {
  AddCellDefects(defects);
  // The newest model has every member. Constraints change with the date; those
  // of the first preset that has the member count.
  for (const RequestMember& newest :
       RequestMembers(ApiSchema::For(Behavior::Current()))) {
    for (const Behavior& behavior :
         {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
      const RequestMember* member =
          FindRequestMember(ApiSchema::For(behavior), newest);
      if (member == nullptr) continue;
      MemberDefects(*member, defects).Add();
      break;
    }
  }
}

}  // namespace glue_security::conformance_internal
