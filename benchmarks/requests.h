// The requests that the benchmarks make.

#ifndef GLUE_SECURITY_BENCHMARKS_REQUESTS_H_
#define GLUE_SECURITY_BENCHMARKS_REQUESTS_H_

#include <cstddef>
#include <string>

#include "glue_security/model/caller.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"

namespace glue_security {

inline Caller BenchmarkCaller() { return {"123456789012", "us-east-1", ""}; }

// A policy document of exactly `bytes` bytes with statements as people write
// them.
std::string PolicyOf(size_t bytes);

v1::PutResourcePolicyRequest PutPolicyOf(size_t bytes);

// The "full" configuration: a name of 20 bytes and three key ARNs of 75 bytes
// each, about 300 bytes in all.
v1::CreateSecurityConfigurationRequest CreateFull(size_t number);

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_REQUESTS_H_
