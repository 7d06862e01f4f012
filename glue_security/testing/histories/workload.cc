#include "glue_security/testing/histories/workload.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <memory>

#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/page_tokens.h"

namespace glue_security {
namespace {

std::string PickKnown(ChoiceSource& choices,
                      const std::vector<std::string>& known) {
  // Choice 0 is the latest.
  return known[known.size() - 1 - choices.Below(known.size())];
}

v1::PutResourcePolicyRequest PutPolicy(ChoiceSource& choices,
                                       const ClientKnowledge& known) {
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(choices.Pick<std::string>(
      {"{}", R"({"Version":"2012-10-17"})", R"({"Id":"b"})"}));
  if (!known.policy_hashes.empty() && choices.OneIn(3)) {
    put.set_policy_hash_condition(PickKnown(choices, known.policy_hashes));
  }
  if (choices.OneIn(3)) {
    put.set_policy_exists_condition(
        choices.Pick({v1::POLICY_EXISTS_CONDITION_NONE,
                      v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
                      v1::POLICY_EXISTS_CONDITION_NOT_EXIST}));
  }
  return put;
}

// Returns a key that a key service may have, or one that it has not.
std::string Key(ChoiceSource& choices) {
  return choices.Pick<std::string>({"alias/aws/glue", "key-b"});
}

v1::DataCatalogEncryptionSettings Settings(ChoiceSource& choices) {
  v1::DataCatalogEncryptionSettings settings;
  if (choices.OneIn(2)) {
    auto* rest = settings.mutable_encryption_at_rest();
    rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    rest->set_sse_aws_kms_key_id(Key(choices));
  }
  if (choices.OneIn(2)) {
    auto* passwords = settings.mutable_connection_password_encryption();
    passwords->set_return_connection_password_encrypted(!choices.OneIn(3));
    passwords->set_aws_kms_key_id(Key(choices));
  }
  return settings;
}

std::string Name(ChoiceSource& choices) {
  return choices.Pick<std::string>({"a", "b", "c"});
}

v1::CreateSecurityConfigurationRequest Create(ChoiceSource& choices) {
  v1::CreateSecurityConfigurationRequest create;
  create.set_name(Name(choices));
  auto* configuration = create.mutable_encryption_configuration();
  if (choices.OneIn(2)) {
    auto* logs = configuration->mutable_cloud_watch_encryption();
    logs->set_cloud_watch_encryption_mode(
        v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
    logs->set_kms_key_arn("arn:aws:kms:us-east-1:111111111111:key/k");
  }
  return create;
}

v1::GetSecurityConfigurationsRequest List(ChoiceSource& choices,
                                          const ClientKnowledge& known) {
  v1::GetSecurityConfigurationsRequest list;
  if (choices.OneIn(2)) list.set_max_results(choices.Pick({1, 2}));
  if (!known.page_tokens.empty() && choices.OneIn(2)) {
    list.set_next_token(PickKnown(choices, known.page_tokens));
  }
  return list;
}

v1::ConnectionInput Connection(const std::string& name, ChoiceSource& choices) {
  v1::ConnectionInput input;
  input.set_name(name);
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties = *input.mutable_connection_properties()->mutable_elements();
  properties["HOST"] = choices.Pick<std::string>({"h", "i"});
  if (choices.OneIn(2)) {
    properties["PASSWORD"] = choices.Pick<std::string>({"p", "q", ""});
  }
  return input;
}

v1::GetConnectionsRequest ListConnections(ChoiceSource& choices,
                                          const ClientKnowledge& known) {
  v1::GetConnectionsRequest list;
  if (choices.OneIn(2)) list.set_max_results(choices.Pick({1, 2}));
  if (!known.connection_page_tokens.empty() && choices.OneIn(2)) {
    list.set_next_token(PickKnown(choices, known.connection_page_tokens));
  }
  if (choices.OneIn(3)) list.set_hide_password(true);
  return list;
}

// The operations that are called twice as often as the others.
constexpr std::array<Operation, 4> kOften = {
    v1::Request::kGetResourcePolicy, v1::Request::kPutResourcePolicy,
    v1::Request::kCreateSecurityConfiguration,
    v1::Request::kGetSecurityConfigurations};

// How the requests of an operation are made of the few names and texts of this
// file.
struct SmallRequest {
  Operation operation;
  void (*fill)(ChoiceSource& choices, const ClientKnowledge& known,
               v1::Request* request);
};

constexpr SmallRequest kSmallRequests[] = {
    {v1::Request::kGetDataCatalogEncryptionSettings,
     [](ChoiceSource&, const ClientKnowledge&, v1::Request* request) {
       request->mutable_get_data_catalog_encryption_settings();
     }},
    {v1::Request::kPutDataCatalogEncryptionSettings,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       *request->mutable_put_data_catalog_encryption_settings()
            ->mutable_data_catalog_encryption_settings() = Settings(choices);
     }},
    {v1::Request::kGetResourcePolicy,
     [](ChoiceSource&, const ClientKnowledge&, v1::Request* request) {
       request->mutable_get_resource_policy();
     }},
    {v1::Request::kPutResourcePolicy,
     [](ChoiceSource& choices, const ClientKnowledge& known,
        v1::Request* request) {
       *request->mutable_put_resource_policy() = PutPolicy(choices, known);
     }},
    {v1::Request::kDeleteResourcePolicy,
     [](ChoiceSource& choices, const ClientKnowledge& known,
        v1::Request* request) {
       auto* drop = request->mutable_delete_resource_policy();
       if (!known.policy_hashes.empty() && choices.OneIn(2)) {
         drop->set_policy_hash_condition(
             PickKnown(choices, known.policy_hashes));
       }
     }},
    {v1::Request::kCreateSecurityConfiguration,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       *request->mutable_create_security_configuration() = Create(choices);
     }},
    {v1::Request::kDeleteSecurityConfiguration,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       request->mutable_delete_security_configuration()->set_name(
           Name(choices));
     }},
    {v1::Request::kGetSecurityConfiguration,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       request->mutable_get_security_configuration()->set_name(Name(choices));
     }},
    {v1::Request::kGetSecurityConfigurations,
     [](ChoiceSource& choices, const ClientKnowledge& known,
        v1::Request* request) {
       *request->mutable_get_security_configurations() = List(choices, known);
     }},
    {v1::Request::kGetResourcePolicies,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       auto* list = request->mutable_get_resource_policies();
       if (choices.OneIn(2)) list->set_max_results(1);
     }},
    {v1::Request::kCreateConnection,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       *request->mutable_create_connection()->mutable_connection_input() =
           Connection(Name(choices), choices);
     }},
    {v1::Request::kGetConnection,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       auto* get = request->mutable_get_connection();
       get->set_name(Name(choices));
       if (choices.OneIn(4)) get->set_hide_password(true);
     }},
    {v1::Request::kGetConnections,
     [](ChoiceSource& choices, const ClientKnowledge& known,
        v1::Request* request) {
       *request->mutable_get_connections() = ListConnections(choices, known);
     }},
    {v1::Request::kUpdateConnection,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       auto* update = request->mutable_update_connection();
       update->set_name(Name(choices));
       *update->mutable_connection_input() =
           Connection(update->name(), choices);
     }},
    {v1::Request::kDeleteConnection,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       request->mutable_delete_connection()->set_connection_name(Name(choices));
     }},
    {v1::Request::kBatchDeleteConnection,
     [](ChoiceSource& choices, const ClientKnowledge&, v1::Request* request) {
       auto* names = request->mutable_batch_delete_connection()
                         ->mutable_connection_name_list();
       names->add_elements(Name(choices));
       if (choices.OneIn(2)) names->add_elements(Name(choices));
     }},
};

// The operations in force, and what makes the requests of those that the table
// lacks.
class Workload {
 public:
  Workload(const Behavior& behavior, const std::vector<Operation>& wanted)
      : any_requests_(behavior) {
    const ApiSchema& schema = ApiSchema::For(behavior);
    const auto is_in = [&](Operation operation) {
      return schema.operation(operation).request != nullptr &&
             (wanted.empty() || std::find(wanted.begin(), wanted.end(),
                                          operation) != wanted.end());
    };
    std::copy_if(kAllOperations.begin(), kAllOperations.end(),
                 std::back_inserter(operations_), is_in);
    std::copy_if(kOften.begin(), kOften.end(), std::back_inserter(operations_),
                 is_in);
  }

  Call Next(ChoiceSource& choices, const ClientKnowledge& known) const {
    const Operation operation = operations_[choices.Below(operations_.size())];
    Call call;
    call.caller = {"111111111111", "us-east-1", ""};
    for (const SmallRequest& small : kSmallRequests) {
      if (small.operation != operation) continue;
      small.fill(choices, known, &call.request);
      return call;
    }
    any_requests_.GenerateValid(operation, choices, GeneratorContext(),
                                &call.request);
    return call;
  }

 private:
  const RequestGenerator any_requests_;
  // Operations that are called twice as often are listed twice.
  std::vector<Operation> operations_;
};

}  // namespace

void ClientKnowledge::Learn(const v1::Response& response) {
  if (response.has_put_resource_policy()) {
    policy_hashes.push_back(response.put_resource_policy().policy_hash());
  } else if (response.has_get_resource_policy()) {
    policy_hashes.push_back(response.get_resource_policy().policy_hash());
  } else if (response.get_resource_policies().policies_size() > 0) {
    policy_hashes.push_back(
        response.get_resource_policies().policies(0).policy_hash());
  } else if (!NextTokenOf(response).empty()) {
    (response.has_get_connections() ? connection_page_tokens : page_tokens)
        .push_back(NextTokenOf(response));
  }
}

Call SmallWorkload(ChoiceSource& choices, const ClientKnowledge& known) {
  static const auto* const kWorkload = new Workload(Behavior::Documented(), {});
  return kWorkload->Next(choices, known);
}

CallGenerator SmallWorkloadFor(const Behavior& behavior,
                               const std::vector<Operation>& operations) {
  return [workload = std::make_shared<const Workload>(behavior, operations)](
             ChoiceSource& choices, const ClientKnowledge& known) {
    return workload->Next(choices, known);
  };
}

}  // namespace glue_security
