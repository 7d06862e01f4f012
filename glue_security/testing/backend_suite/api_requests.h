// Short forms of requests, callers and policy texts for the checks.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_API_REQUESTS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_API_REQUESTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/caller.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/security_configuration.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

// The default caller: 123456789012 in us-east-1.
Caller Home();
// The caller 210987654321 in the same region.
Caller OtherAccount();
// The account of Home() in eu-west-1.
Caller OtherRegion();

// The ARN of the catalog of Home().
inline constexpr char kHomeArn[] =
    "arn:aws:glue:us-east-1:123456789012:catalog";

// Returns a document that is valid at every level of PolicyChecks in the
// catalog of `caller`. It is printed as the service prints it, so that it comes
// back unchanged in all presets. Different ids give different texts.
std::string PolicyText(absl::string_view id, const Caller& caller = Home());

// Returns the same document without insignificant blanks, so that it is as long
// where policies are re-printed.
std::string CompactPolicyText(absl::string_view id);

// Returns such a compact document whose id makes it `bytes` bytes long, with
// one-byte or two-byte characters. REQUIRES: `bytes` is enough for an empty id.
std::string PolicyOfBytes(size_t bytes, bool two_byte_characters);

v1::Request PutPolicy(
    absl::string_view text, std::optional<std::string> hash = std::nullopt,
    std::optional<v1::PolicyExistsCondition> exists = std::nullopt);
v1::Request GetPolicy();
v1::Request DeletePolicy(std::optional<std::string> hash = std::nullopt);

// Sets the ResourceArn of one of these three.
v1::Request WithArn(v1::Request request, absl::string_view arn);
v1::Request ListPolicies(std::optional<int32_t> max_results = std::nullopt,
                         std::optional<std::string> next_token = std::nullopt);

v1::Request PutSettings(const v1::DataCatalogEncryptionSettings& settings,
                        std::optional<std::string> catalog_id = std::nullopt);
v1::Request GetSettings(std::optional<std::string> catalog_id = std::nullopt);

v1::Request Create(absl::string_view name,
                   const v1::EncryptionConfiguration& configuration =
                       v1::EncryptionConfiguration());
v1::Request Delete(absl::string_view name);
v1::Request Get(absl::string_view name);
v1::Request List(std::optional<int32_t> max_results = std::nullopt,
                 std::optional<std::string> next_token = std::nullopt);

// Parses text format. REQUIRES: it is legal.
v1::EncryptionConfiguration ConfigurationOf(absl::string_view text);
v1::DataCatalogEncryptionSettings SettingsOf(absl::string_view text);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_API_REQUESTS_H_
