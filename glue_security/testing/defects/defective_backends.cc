#include "glue_security/testing/defects/defective_backends.h"

#include "glue_security/testing/defects/defect_list.h"

namespace glue_security {

const std::vector<SeededBackend>& SeededBackends() {
  static const auto* const kSeeds = [] {
    conformance_internal::SeedList seeds;
    conformance_internal::AddPolicySeeds(&seeds);
    conformance_internal::AddDocumentSeeds(&seeds);
    conformance_internal::AddTimeSeeds(&seeds);
    conformance_internal::AddOrderSeeds(&seeds);
    conformance_internal::AddSettingsSeeds(&seeds);
    conformance_internal::AddConfigurationSeeds(&seeds);
    conformance_internal::AddPageSeeds(&seeds);
    conformance_internal::AddMessageSeeds(&seeds);
    conformance_internal::AddThreadSeeds(&seeds);
    conformance_internal::AddGeneratedSeeds(&seeds);
    return new std::vector<SeededBackend>(seeds.Release());
  }();
  return *kSeeds;
}

std::unique_ptr<Backend> UnseededBackend(const BackendSetup& setup) {
  return conformance_internal::NewEngine(setup);
}

}  // namespace glue_security
