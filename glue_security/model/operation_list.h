// The list of operations. Everything that exists once for each operation is
// generated from it: `kAllOperations`, `RequestRef`, `Outcome`, the table of
// handlers, the methods of `Engine`.

#ifndef GLUE_SECURITY_MODEL_OPERATION_LIST_H_
#define GLUE_SECURITY_MODEL_OPERATION_LIST_H_

// Expands X(Name, field) for each operation of any date, in the order of
// `v1::Request`. `Name` is its name on the wire; `field` is the field of
// `v1::Request` and of `v1::Response` that carries it.
#define GLUE_SECURITY_FOR_EACH_OPERATION(X)                                 \
  X(GetDataCatalogEncryptionSettings, get_data_catalog_encryption_settings) \
  X(PutDataCatalogEncryptionSettings, put_data_catalog_encryption_settings) \
  X(PutResourcePolicy, put_resource_policy)                                 \
  X(GetResourcePolicy, get_resource_policy)                                 \
  X(DeleteResourcePolicy, delete_resource_policy)                           \
  X(CreateSecurityConfiguration, create_security_configuration)             \
  X(DeleteSecurityConfiguration, delete_security_configuration)             \
  X(GetSecurityConfiguration, get_security_configuration)                   \
  X(GetSecurityConfigurations, get_security_configurations)                 \
  X(GetResourcePolicies, get_resource_policies)                             \
  X(CreateConnection, create_connection)                                    \
  X(GetConnection, get_connection)                                          \
  X(GetConnections, get_connections)                                        \
  X(UpdateConnection, update_connection)                                    \
  X(DeleteConnection, delete_connection)                                    \
  X(BatchDeleteConnection, batch_delete_connection)

#endif  // GLUE_SECURITY_MODEL_OPERATION_LIST_H_
