// Linked into a test, runs all of it in a locale that writes 1.5 as "1,5".
//
// A program in which the library is embedded may have any locale. Skips the
// test where the system cannot make this one (Debian's package locales).

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

class CommaLocale : public ::testing::Environment {
 public:
  void SetUp() override {
    const std::string folder = ::testing::TempDir();
    const std::string make = "localedef -i de_DE -f UTF-8 '" + folder +
                             "/de_DE.UTF-8' >'" + folder + "/log' 2>&1";
    if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no locales to make";
    setenv("LOCPATH", folder.c_str(), 1);
    ASSERT_NE(std::setlocale(LC_ALL, "de_DE.UTF-8"), nullptr);
    char text[8];
    std::snprintf(text, sizeof(text), "%.1f", 1.5);
    ASSERT_STREQ(text, "1,5");
  }
};

const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new CommaLocale);

}  // namespace
}  // namespace glue_security
