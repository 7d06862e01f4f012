// ScheduleAlphabet: the operations and the initial states that
// `ScheduleExplorer` combines.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_ALPHABET_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_ALPHABET_H_

#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// An operation with its request. Names have letters, digits and `_`.
struct ScheduleOperation {
  std::string name;
  v1::Request request;
};

// A state to start from: the result of executing the requests one after another
// on an empty catalog.
struct ScheduleInitialState {
  std::string name;
  std::vector<v1::Request> requests;
};

struct ScheduleAlphabet {
  Caller caller;
  // REQUIRES: PolicyChecks kNone or kJson, the levels that the model knows.
  Behavior behavior;
  Limits limits;
  std::vector<ScheduleOperation> operations;
  std::vector<ScheduleInitialState> initial_states;
};

// Returns the alphabet of the project's own test. It puts two policy texts. A
// catalog holds at most two configurations, and a run has three attempts.
//
//   put               PutResourcePolicy, without a condition
//   put_new           with NOT_EXIST
//   put_over          with MUST_EXIST
//   put_if_initial    with the hash of the policy of `policy`
//   put_if_put        with the hash of the text of `put`: stale until then
//   delete            DeleteResourcePolicy
//   delete_if_initial with the hash of the policy of `policy`
//   get               GetResourcePolicy
//   create_a          CreateSecurityConfiguration "a"
//   create_b          CreateSecurityConfiguration "b"
//   delete_a          DeleteSecurityConfiguration "a"
//   list              GetSecurityConfigurations, a page of one
//   put_settings      PutDataCatalogEncryptionSettings
//   get_settings      GetDataCatalogEncryptionSettings
//
//   empty             nothing was ever written
//   policy            a policy, settings, and room for one configuration
//   full              the configurations "a" and "z", and no room
ScheduleAlphabet DefaultScheduleAlphabet();

// Returns the alphabet of connections and of the settings that encrypt them. A
// run has five attempts.
//
//   open              PutDataCatalogEncryptionSettings, nothing is encrypted
//   protect           passwords are encrypted, and stay so in answers
//   seal              passwords and connections are encrypted, answers clear
//   create            CreateConnection "c" with a password
//   update            UpdateConnection "c" with another one
//   get               GetConnection "c"
//   delete            DeleteConnection "c"
//
//   empty             nothing was ever written
//   plain             the connection "c", and nothing is encrypted
//   sealed            the connection "c", under the settings of `seal`
ScheduleAlphabet ConnectionScheduleAlphabet();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_ALPHABET_H_
