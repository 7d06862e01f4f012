#include "glue_security/testing/defects/defective_backends.h"

#include "glue_security/testing/defects/defect_list.h"

namespace glue_security {

const std::vector<DefectiveBackend>& DefectiveBackends() {
  static const auto* const kDefects = [] {
    conformance_internal::DefectList defects;
    conformance_internal::AddPolicyDefects(&defects);
    conformance_internal::AddDocumentDefects(&defects);
    conformance_internal::AddTimeDefects(&defects);
    conformance_internal::AddOrderDefects(&defects);
    conformance_internal::AddSettingsDefects(&defects);
    conformance_internal::AddConfigurationDefects(&defects);
    conformance_internal::AddPageDefects(&defects);
    conformance_internal::AddConnectionDefects(&defects);
    conformance_internal::AddConnectionListDefects(&defects);
    conformance_internal::AddConnectionNumberDefects(&defects);
    conformance_internal::AddPasswordDefects(&defects);
    conformance_internal::AddSealedDefects(&defects);
    conformance_internal::AddMessageDefects(&defects);
    conformance_internal::AddApiDateDefects(&defects);
    conformance_internal::AddThreadDefects(&defects);
    conformance_internal::AddGeneratedDefects(&defects);
    return new std::vector<DefectiveBackend>(defects.Release());
  }();
  return *kDefects;
}

std::unique_ptr<Backend> BackendWithoutDefect(const BackendSetup& setup) {
  return conformance_internal::NewEngine(setup);
}

}  // namespace glue_security
