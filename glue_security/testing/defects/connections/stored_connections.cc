#include "glue_security/testing/defects/connections/stored_connections.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/testing/backend_suite/api_requests.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "glue_security/testing/defects/connections/stored_scene.h"

namespace glue_security {
namespace {

using conformance_internal::ConnectionWith;
using conformance_internal::CreateConnection;
using conformance_internal::DeleteConnection;
using conformance_internal::GetConnection;
using conformance_internal::ListConnections;
using conformance_internal::PutSettings;
using conformance_internal::UpdateConnection;
using connection_internal::HomeCatalog;
using connection_internal::ScenarioSettings;
using connection_internal::SeenKeyCall;
using connection_internal::StoredScene;

constexpr char kSecret[] = "correct horse battery staple";
constexpr char kOther[] = "another long secret text";

v1::ConnectionInput Some(const std::string& name,
                         const std::string& password = kSecret) {
  return ConnectionWith(name, {{"HOST", "db"}, {"PASSWORD", password}});
}

v1::Request Settings(bool protects, bool seals) {
  return PutSettings(ScenarioSettings(protects, seals));
}

// Each rule returns the first difference, or "".
using Make = MakeConnectionParts;

// Returns what is stored anywhere of `text`: "" or a sentence.
std::string FindStored(StoredScene& scene, const std::string& what,
                       const std::string& text) {
  if (text.empty()) return "";
  for (const WriteBatch& batch : scene.storage().commits) {
    for (const Mutation& mutation : batch.mutations) {
      if (mutation.value.has_value() &&
          absl::StrContains(*mutation.value, text)) {
        return absl::StrCat(what, " is in the record of \"", mutation.key.id,
                            "\"");
      }
    }
  }
  return "";
}

std::string NoClearPassword(const Make& make) {
  for (const auto& [protects, seals] :
       {std::pair{true, false}, {false, true}, {true, true}}) {
    StoredScene scene(make);
    scene.Call(Settings(protects, seals));
    scene.Call(CreateConnection(Some("a")));
    scene.Call(UpdateConnection(Some("a", kOther)));
    scene.Call(GetConnection("a"));
    for (const char* secret : {kSecret, kOther}) {
      const std::string found = FindStored(scene, "a password", secret);
      if (!found.empty()) return found;
    }
  }
  return "";
}

std::string NoClearDataKey(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(true, true));
  scene.Call(CreateConnection(Some("a")));
  for (const SeenKeyCall& call : scene.keys().calls) {
    if (call.name != "GenerateDataKey") continue;
    const std::string found = FindStored(scene, "a data key", call.plaintext);
    if (!found.empty()) return found;
  }
  return "";
}

// An update leaves nothing of what was stored in clear before protection.
std::string NoOldPassword(const Make& make) {
  StoredScene scene(make);
  scene.Call(CreateConnection(Some("a")));
  scene.Call(Settings(true, false));
  scene.storage().commits.clear();
  scene.Call(UpdateConnection(Some("a", kOther)));
  return FindStored(scene, "the password before the update", kSecret);
}

std::string CiphertextAsGiven(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(true, false));
  scene.Call(CreateConnection(Some("a")));
  const auto stored = scene.Stored("a");
  if (!stored.has_value() || scene.keys().calls.empty()) {
    return "nothing is stored";
  }
  const auto& elements = stored->plain().connection_properties().elements();
  const auto found = elements.find("ENCRYPTED_PASSWORD");
  if (found == elements.end()) return "no ENCRYPTED_PASSWORD is stored";
  return found->second == absl::Base64Escape(scene.keys().calls.front().blob)
             ? ""
             : "ENCRYPTED_PASSWORD is not the base64 of what Encrypt gave";
}

std::string SealedWhileOn(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(false, true));
  scene.Call(CreateConnection(Some("a")));
  const auto created = scene.Stored("a");
  if (!created.has_value() || !created->has_sealed()) {
    return "CreateConnection does not seal";
  }
  scene.Call(UpdateConnection(Some("a", kOther)));
  const auto updated = scene.Stored("a");
  return updated.has_value() && updated->has_sealed()
             ? ""
             : "UpdateConnection does not seal";
}

std::string OwnDataKey(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(false, true));
  std::set<std::string> keys;
  size_t count = 0;
  const auto look = [&](const std::string& name) {
    const auto stored = scene.Stored(name);
    if (!stored.has_value()) return;
    keys.insert(stored->sealed().encrypted_data_key());
    ++count;
  };
  scene.Call(CreateConnection(Some("a")));
  look("a");
  scene.Call(CreateConnection(Some("b")));
  look("b");
  scene.Call(UpdateConnection(Some("a", kOther)));
  look("a");
  return count == 3 && keys.size() == 3
             ? ""
             : absl::StrCat(count, " writes have ", keys.size(), " data keys");
}

void AppendNumber(uint64_t number, size_t bytes, std::string* out) {
  for (size_t i = bytes; i > 0; --i) {
    out->push_back(static_cast<char>(number >> (8 * (i - 1))));
  }
}

// The associated data, as docs/encryption.md describes it.
std::string AssociatedData(const std::string& id) {
  std::string version;
  AppendNumber(1, 4, &version);
  std::string data;
  for (const std::string& part :
       {HomeCatalog().catalog_id, HomeCatalog().region,
        std::string("connection"), id, version}) {
    AppendNumber(part.size(), 8, &data);
    data += part;
  }
  return data;
}

std::string BoundToItsName(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(false, true));
  scene.Call(CreateConnection(Some("a")));
  const auto stored = scene.Stored("a");
  if (!stored.has_value()) return "nothing is stored";
  const v1::SealedObject& sealed = stored->sealed();
  for (const SeenKeyCall& call : scene.keys().calls) {
    if (call.blob != sealed.encrypted_data_key()) continue;
    const auto opened =
        OpenAesGcm(Secret(call.plaintext), sealed.nonce(), AssociatedData("a"),
                   absl::StrCat(sealed.ciphertext(), sealed.tag()));
    return opened.has_value() ? ""
                              : "the associated data is not the catalog, the "
                                "region, the kind, the id and the version";
  }
  return "no call gave the data key";
}

std::string NotMoved(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(false, true));
  scene.Call(CreateConnection(Some("a")));
  scene.Call(CreateConnection(Some("b", kOther)));
  scene.Move("a", "b");
  return scene.Call(GetConnection("b")).error().code() ==
                 v1::ERROR_CODE_INTERNAL_SERVICE
             ? ""
             : "the record of \"a\" opens under the name \"b\"";
}

bool IsConnection(const RecordKey& key) {
  return key.kind == RecordKind::kConnection;
}

bool IsSettings(const RecordKey& key) {
  return key.kind == RecordKind::kEncryptionSettings;
}

std::string SettingsAreGuarded(const Make& make) {
  StoredScene scene(make);
  scene.Call(CreateConnection(Some("a")));
  scene.Call(Settings(true, true));
  scene.Call(UpdateConnection(Some("a")));
  for (const WriteBatch& batch : scene.storage().commits) {
    const bool writes = std::any_of(
        batch.mutations.begin(), batch.mutations.end(),
        [](const Mutation& mutation) {
          return IsConnection(mutation.key) && mutation.value.has_value();
        });
    const bool guards =
        std::any_of(batch.preconditions.begin(), batch.preconditions.end(),
                    [](const Precondition& precondition) {
                      return IsSettings(precondition.key);
                    });
    if (writes && !guards) {
      return "a write of a connection has no precondition on the settings";
    }
  }
  return "";
}

// The settings change while the call is under way: at the first key call, or
// right before the commit.
std::string SettingsInForce(const Make& make) {
  struct Case {
    const char* text;
    bool sealed_before;
    bool at_the_key_call;
  };
  for (const Case& c : {Case{"before the commit", false, false},
                        Case{"before the commit", true, false},
                        Case{"at the key call", true, true}}) {
    StoredScene scene(make);
    scene.Call(Settings(c.sealed_before, c.sealed_before));
    const auto change = [&scene, c] {
      scene.CallBeside(Settings(!c.sealed_before, !c.sealed_before));
    };
    // The engine has seen the settings.
    scene.Call(CreateConnection(Some("first")));
    (c.at_the_key_call ? scene.keys().before_call
                       : scene.storage().before_commit) = change;
    scene.Call(CreateConnection(Some("a")));
    const auto stored = scene.Stored("a");
    if (!stored.has_value()) return "nothing is stored";
    if (stored->has_sealed() == c.sealed_before) {
      return absl::StrCat("the settings change ", c.text,
                          ", and the old ones are stored under");
    }
  }
  return "";
}

std::string OneSnapshot(const Make& make) {
  StoredScene scene(make);
  scene.Call(Settings(true, false));
  scene.Call(CreateConnection(Some("a")));
  scene.Call(UpdateConnection(Some("a")));
  scene.Call(GetConnection("a"));
  scene.Call(ListConnections());
  for (const ReadSet& read : scene.storage().reads) {
    const bool has_connections =
        std::any_of(read.keys.begin(), read.keys.end(), IsConnection) ||
        (read.range.has_value() && read.range->kind == RecordKind::kConnection);
    if (has_connections &&
        std::none_of(read.keys.begin(), read.keys.end(), IsSettings)) {
      return "connections are read without the settings";
    }
  }
  return "";
}

// Returns the calls that a request makes under settings.
std::string CallsOf(const Make& make, bool protects, bool seals,
                    const std::vector<v1::Request>& before,
                    const v1::Request& request,
                    const std::function<void(StoredScene*)>& prepare) {
  StoredScene scene(make);
  scene.Call(Settings(protects, seals));
  for (const v1::Request& call : before) scene.Call(call);
  if (prepare) prepare(&scene);
  scene.keys().calls.clear();
  scene.Call(request);
  return absl::StrJoin(scene.keys().calls, "; ",
                       [](std::string* out, const SeenKeyCall& call) {
                         absl::StrAppend(out, call.ToString());
                       });
}

constexpr char kAs[] =
    " as arn:aws:iam::123456789012:user/alice through "
    "glue.us-east-1.amazonaws.com";

std::string KeyCalls(const Make& make) {
  const std::string encrypt =
      absl::StrCat("Encrypt with alias/aws/glue {}", kAs);
  const std::string decrypt = absl::StrCat("Decrypt with  {}", kAs);
  const std::string data_key = absl::StrCat(
      "GenerateDataKey with alias/aws/glue {glue_catalog_id: 123456789012}",
      kAs);
  const auto create = CreateConnection(Some("a"));
  const auto update = UpdateConnection(Some("a", kOther));
  const auto off = Settings(false, false);
  struct Case {
    const char* text;
    bool protects;
    bool seals;
    std::vector<v1::Request> before;
    v1::Request request;
    std::string calls;
  };
  const std::vector<Case> cases = {
      {"a create without encryption", false, false, {}, create, ""},
      {"a create with a password", true, false, {}, create, encrypt},
      {"a create that is sealed", false, true, {}, create, data_key},
      {"a create with both",
       true,
       true,
       {},
       create,
       absl::StrCat(encrypt, "; ", data_key)},
      {"an update with both",
       true,
       true,
       {create},
       update,
       absl::StrCat(encrypt, "; ", data_key)},
      {"a create with an empty password",
       true,
       false,
       {},
       CreateConnection(Some("a", "")),
       ""},
      {"a get under the flag", true, false, {create}, GetConnection("a"), ""},
      {"a get without the flag",
       true,
       false,
       {create, off},
       GetConnection("a"),
       decrypt},
      {"a hidden get without the flag",
       true,
       false,
       {create, off},
       GetConnection("a", true),
       ""},
      {"a delete with both", true, true, {create}, DeleteConnection("a"), ""},
  };
  for (const Case& c : cases) {
    const std::string calls =
        CallsOf(make, c.protects, c.seals, c.before, c.request, nullptr);
    if (calls != c.calls) {
      return absl::StrCat(c.text, " makes the calls [", calls, "] and not [",
                          c.calls, "]");
    }
  }
  return "";
}

// After a conflict nothing is encrypted again.
std::string AskedOnce(const Make& make) {
  const std::string without =
      CallsOf(make, true, true, {}, CreateConnection(Some("a")), nullptr);
  const std::string with =
      CallsOf(make, true, true, {}, CreateConnection(Some("a")),
              [](StoredScene* scene) {
                scene->storage().before_commit = [scene] {
                  scene->CallBeside(CreateConnection(Some("b")));
                };
              });
  return without == with
             ? ""
             : absl::StrCat("after a conflict the calls are [", with, "]");
}

struct Rule {
  const char* name;
  std::string (*check)(const Make& make);
};

constexpr Rule kRules[] = {
    {"no_clear_password", NoClearPassword},
    {"no_clear_data_key", NoClearDataKey},
    {"no_old_password", NoOldPassword},
    {"ciphertext_as_given", CiphertextAsGiven},
    {"sealed_while_on", SealedWhileOn},
    {"own_data_key", OwnDataKey},
    {"bound_to_its_name", BoundToItsName},
    {"not_moved", NotMoved},
    {"settings_are_guarded", SettingsAreGuarded},
    {"settings_in_force", SettingsInForce},
    {"one_snapshot", OneSnapshot},
    {"key_calls", KeyCalls},
    {"asked_once", AskedOnce},
};

}  // namespace

std::vector<std::string> StoredConnectionRules() {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) names.emplace_back(rule.name);
  return names;
}

std::vector<StoredFinding> CheckStoredConnections(
    const MakeConnectionParts& make) {
  std::vector<StoredFinding> findings;
  for (const Rule& rule : kRules) {
    std::string text = rule.check(make);
    if (!text.empty()) findings.push_back({rule.name, std::move(text)});
  }
  return findings;
}

}  // namespace glue_security
