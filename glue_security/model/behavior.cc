#include "glue_security/model/behavior.h"

namespace glue_security {

Behavior Behavior::Documented() { return Behavior(); }

Behavior Behavior::Observed() {
  Behavior behavior;
  behavior.refuse_resource_arns = true;
  behavior.require_role_for_service_role_mode = true;
  behavior.observed_patterns = true;
  behavior.cut_quoted_values = false;
  behavior.constraint_error_code = v1::ERROR_CODE_VALIDATION;
  behavior.reprint_policies = true;
  behavior.explain_denials = true;
  behavior.denials_name_outermost = true;
  behavior.show_default_keys = true;
  behavior.name_configurations_in_errors = false;
  behavior.limit_s3_encryption_to_one = true;
  behavior.require_key_for_kms_modes = true;
  behavior.limit_page_size = true;
  behavior.empty_token_on_last_page = true;
  return behavior;
}

Behavior Behavior::Current() {
  Behavior behavior = Observed();
  behavior.api_date = kNewestApiDate;
  behavior.policies_need_catalog_key = true;
  return behavior;
}

}  // namespace glue_security
