// EngineOperations: a typed method for each operation. Engine, which inherits
// them, says what holds for all of them.
//
// "Constraints" means InvalidInputException (ValidationException with
// Behavior::Observed()) with every broken constraint of the request.

#ifndef GLUE_SECURITY_ENGINE_ENGINE_OPERATIONS_H_
#define GLUE_SECURITY_ENGINE_ENGINE_OPERATIONS_H_

#include "absl/status/statusor.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"

namespace glue_security {

class EngineOperations {
 public:
  // Returns the encryption settings of the catalog (CatalogId, or the caller's
  // account) in the caller's region, or defaults if none were put.
  //
  // Errors: constraints.
  absl::StatusOr<v1::GetDataCatalogEncryptionSettingsResponse>
  GetDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::GetDataCatalogEncryptionSettingsRequest& request);

  // Replaces all settings. A part that is not given goes back to its default.
  //
  // Errors: constraints; InvalidInputException (rules of Behavior::Observed()).
  absl::StatusOr<v1::PutDataCatalogEncryptionSettingsResponse>
  PutDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::PutDataCatalogEncryptionSettingsRequest& request);

  // Creates or replaces the policy of the caller's catalog, under conditions.
  //
  // Errors: constraints; InvalidInputException (ResourceArn, EnableHybrid, the
  // document); ConditionCheckFailureException (existence, then hash; also
  // EntityNotFoundException, see Behavior::must_exist_error_code).
  absl::StatusOr<v1::PutResourcePolicyResponse> PutResourcePolicy(
      const Caller& caller, const v1::PutResourcePolicyRequest& request);

  // Returns the policy as it was put, its hash and its times. With
  // Behavior::Observed() the text is printed as the service prints it.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::GetResourcePolicyResponse> GetResourcePolicy(
      const Caller& caller, const v1::GetResourcePolicyRequest& request);

  // Deletes the policy.
  //
  // Errors: constraints; InvalidInputException (ResourceArn);
  // EntityNotFoundException; ConditionCheckFailureException (another hash).
  absl::StatusOr<v1::DeleteResourcePolicyResponse> DeleteResourcePolicy(
      const Caller& caller, const v1::DeleteResourcePolicyRequest& request);

  // Creates a security configuration. There is no update.
  //
  // Errors: constraints; InvalidInputException (rules of Behavior::Observed());
  // AlreadyExistsException, for an identical body too;
  // ResourceNumberLimitExceededException.
  absl::StatusOr<v1::CreateSecurityConfigurationResponse>
  CreateSecurityConfiguration(
      const Caller& caller,
      const v1::CreateSecurityConfigurationRequest& request);

  // Deletes a security configuration.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::DeleteSecurityConfigurationResponse>
  DeleteSecurityConfiguration(
      const Caller& caller,
      const v1::DeleteSecurityConfigurationRequest& request);

  // Returns a security configuration exactly as it was given.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::GetSecurityConfigurationResponse> GetSecurityConfiguration(
      const Caller& caller, const v1::GetSecurityConfigurationRequest& request);

  // Returns a page of the configurations, in ascending bytewise order of their
  // names. Creating or deleting entries between two pages never skips or
  // repeats an entry that existed all along.
  //
  // Errors: constraints; InvalidInputException (page size with
  // Behavior::Observed(), then the token).
  absl::StatusOr<v1::GetSecurityConfigurationsResponse>
  GetSecurityConfigurations(
      const Caller& caller,
      const v1::GetSecurityConfigurationsRequest& request);

  // Returns a list of the one policy, or an empty list. Since 2020-07-07.
  //
  // Errors: InvalidInputException (Behavior::api_date); constraints;
  // InvalidInputException (the token); GlueEncryptionException (the key of the
  // catalog, with Behavior::policies_need_catalog_key).
  absl::StatusOr<v1::GetResourcePoliciesResponse> GetResourcePolicies(
      const Caller& caller, const v1::GetResourcePoliciesRequest& request);

  // Creates a connection. Its passwords are encrypted, and then the whole of
  // it, as the settings in force at its commit say (docs/encryption.md).
  //
  // Errors: constraints; AlreadyExistsException;
  // ResourceNumberLimitExceededException; GlueEncryptionException (the key of
  // the passwords, then that of the catalog).
  absl::StatusOr<v1::CreateConnectionResponse> CreateConnection(
      const Caller& caller, const v1::CreateConnectionRequest& request);

  // Returns a connection. Passwords are decrypted with the caller's rights,
  // unless the settings say that they stay encrypted, or HidePassword that they
  // are left out.
  //
  // Errors: constraints; EntityNotFoundException; GlueEncryptionException (the
  // key of the catalog, then that of the passwords).
  absl::StatusOr<v1::GetConnectionResponse> GetConnection(
      const Caller& caller, const v1::GetConnectionRequest& request);

  // Returns a page of the connections that the filter lets pass, in ascending
  // bytewise order of their names; like GetConnection for each, and like
  // GetSecurityConfigurations for the pages. The filter is applied to a page,
  // which may then have fewer than MaxResults and still be followed by others.
  //
  // Errors: constraints; InvalidInputException (the token);
  // GlueEncryptionException, if one connection of the page cannot be read.
  absl::StatusOr<v1::GetConnectionsResponse> GetConnections(
      const Caller& caller, const v1::GetConnectionsRequest& request);

  // Replaces all of a connection but its name and CreationTime. A password that
  // is not given is gone.
  //
  // Errors: constraints; InvalidInputException (another name within the input);
  // EntityNotFoundException; GlueEncryptionException as CreateConnection.
  absl::StatusOr<v1::UpdateConnectionResponse> UpdateConnection(
      const Caller& caller, const v1::UpdateConnectionRequest& request);

  // Deletes a connection, for which no key is needed.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::DeleteConnectionResponse> DeleteConnection(
      const Caller& caller, const v1::DeleteConnectionRequest& request);

  // Deletes the connections that exist, all at once, and returns an error for
  // each of the others.
  //
  // Errors: constraints.
  absl::StatusOr<v1::BatchDeleteConnectionResponse> BatchDeleteConnection(
      const Caller& caller, const v1::BatchDeleteConnectionRequest& request);

 private:
  // Only Engine derives from it.
  friend class Engine;
  EngineOperations() = default;
  ~EngineOperations() = default;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_ENGINE_OPERATIONS_H_
