// ConnectionRequests: a request of each operation on connections.

#ifndef GLUE_SECURITY_TESTS_SUPPORT_CONNECTION_REQUESTS_H_
#define GLUE_SECURITY_TESTS_SUPPORT_CONNECTION_REQUESTS_H_

#include <string>
#include <vector>

#include "glue_security/v1/service.pb.h"

namespace glue_security {

// Returns a request that creates a connection.
inline v1::Request CreateConnectionRequestOf(const std::string& name) {
  v1::Request request;
  auto* input = request.mutable_create_connection()->mutable_connection_input();
  input->set_name(name);
  input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties =
      *input->mutable_connection_properties()->mutable_elements();
  properties["HOST"] = "localhost";
  properties["PASSWORD"] = "secret";
  return request;
}

// Returns the requests in the order of the operations. Each succeeds where the
// connection "a" exists and "b" does not.
inline std::vector<v1::Request> ConnectionRequests() {
  std::vector<v1::Request> requests(6);
  requests[0] = CreateConnectionRequestOf("b");
  requests[1].mutable_get_connection()->set_name("a");
  requests[2].mutable_get_connections();
  auto* update = requests[3].mutable_update_connection();
  update->set_name("a");
  *update->mutable_connection_input() =
      CreateConnectionRequestOf("a").create_connection().connection_input();
  requests[4].mutable_delete_connection()->set_connection_name("a");
  requests[5]
      .mutable_batch_delete_connection()
      ->mutable_connection_name_list()
      ->add_elements("a");
  return requests;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SUPPORT_CONNECTION_REQUESTS_H_
