// Every field of Behavior and Limits is an option of glue_security_open.

#include <string>

#include "glue_security/capi/glue_security.h"
#include "glue_security/model/setting.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

glue_security_text TextOf(const std::string& text) {
  return {text.data(), text.size()};
}

TEST(CapiSettingsTest, EveryFieldIsAnOption) {
  for (const Setting& setting : kSettings) {
    const std::string name = setting.name;
    const std::string value = setting.Text(BackendSettings());
    const glue_security_option option = {TextOf(name), TextOf(value)};
    glue_security_handle handle = 0;
    EXPECT_EQ(glue_security_open(&option, 1, &handle, nullptr),
              GLUE_SECURITY_OK)
        << name;
    EXPECT_EQ(glue_security_close(handle), GLUE_SECURITY_OK) << name;
    const std::string wrong = "\n";
    const glue_security_option other = {TextOf(name), TextOf(wrong)};
    glue_security_answer* answer = nullptr;
    EXPECT_EQ(glue_security_open(&other, 1, &handle, &answer),
              GLUE_SECURITY_INVALID_ARGUMENT);
    EXPECT_EQ(std::string(answer->message).rfind(name + ": must be ", 0), 0u)
        << answer->message;
    glue_security_free(answer);
  }
}

}  // namespace
}  // namespace glue_security
