// glue-conformance: checks a mock behind a URL against the contract of AWS
// Glue's Security API.
//
//   ./bazelw run //glue_security/testing:glue-conformance --
//       http://127.0.0.1:5000 --profile moto
//
// `--help` lists the flags.

#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/remote/conformance_flags.h"
#include "glue_security/testing/remote/conformance_report.h"
#include "glue_security/testing/remote/remote_backend.h"

namespace glue_security {
namespace {

constexpr int kRight = 0;
constexpr int kFaults = 1;
constexpr int kNotRun = 2;

int Complain(absl::string_view what) {
  std::cerr << "glue-conformance: " << what << "\n";
  return kNotRun;
}

// Makes a call, and returns an error when it does not reach the endpoint.
absl::Status Probe(const BackendUnderTest& target) {
  const TestedBackend tested = target.create(BackendSetup());
  v1::Request request;
  request.mutable_get_resource_policy();
  const v1::Response response =
      tested.backend->Execute({"123456789012", "us-east-1", ""}, request);
  if (response.error().detail() == v1::Error::DETAIL_NOT_APPLIED) {
    return absl::UnavailableError(response.error().message());
  }
  return absl::OkStatus();
}

int Check(ConformanceFlags flags) {
  ConformanceRun run;
  run.profile = flags.profile;
  run.behavior = flags.remote.behavior;
  run.contract_only = flags.contract_only;
  run.no_reset = flags.remote.no_reset;
  auto target = RemoteBackendUnderTest(flags.url, flags.remote);
  if (!target.ok()) return Complain(target.status().message());
  target->contract_only = flags.contract_only;
  run.endpoint = target->endpoint;
  if (auto status = Probe(*target); !status.ok()) {
    return Complain(status.message());
  }
  run.report = RunBackendConformance(*target);
  // An endpoint that has gone away during the run was not judged.
  if (auto status = Probe(*target); !status.ok()) {
    return Complain(absl::StrCat("the endpoint was lost: ", status.message()));
  }
  switch (flags.format) {
    case ConformanceFlags::Format::kText:
      std::cout << ConformanceText(run);
      break;
    case ConformanceFlags::Format::kJson:
      std::cout << ConformanceJson(run);
      break;
    case ConformanceFlags::Format::kHtml:
      std::cout << ConformanceHtml(run);
      break;
  }
  return run.report.failed == 0 ? kRight : kFaults;
}

int Run(int argc, const char* const* argv) {
  auto flags = ParseConformanceFlags(argc, argv);
  if (!flags.ok()) return Complain(flags.status().message());
  if (!flags->information.empty()) {
    std::cout << flags->information;
    return kRight;
  }
  return Check(*std::move(flags));
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  try {
    const int status = glue_security::Run(argc, argv);
    if (std::cout.flush()) return status;
    std::fputs("glue-conformance: the output cannot be written\n", stderr);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "glue-conformance: %s\n", thrown.what());
  }
  return glue_security::kNotRun;
}
