// The main function of a test of properties, in place of gtest's: it adds flags
// for the environment variables of PropertyOptions.

#include <cstdlib>
#include <iostream>
#include <string>

#include "boost/program_options.hpp"
#include "gtest/gtest.h"

namespace {

namespace po = boost::program_options;

// Sets the environment variable of each flag that is given. Throws po::error.
void SetEnvironment(int argc, char** argv) {
  po::options_description flags("Flags of properties");
  const auto add = [&flags](const char* flag, const char* variable,
                            const char* help) {
    const auto set = [variable](const std::string& value) {
      setenv(variable, value.c_str(), /*overwrite=*/1);
    };
    flags.add_options()(flag, po::value<std::string>()->notifier(set), help);
  };
  add("seed", "GLUE_SECURITY_SEED", "the seed of all choices");
  add("runs", "GLUE_SECURITY_RUNS", "the number of runs of each property");
  add("replay", "GLUE_SECURITY_REPLAY", "the choices of the only run");
  add("failures", "GLUE_SECURITY_FAILURES", "the file of failures");
  flags.add_options()("stats", "print what was generated");
  flags.add_options()("help", "print this, after the flags of gtest");
  po::variables_map values;
  po::store(po::command_line_parser(argc, argv)
                .options(flags)
                .positional(po::positional_options_description())
                .style(po::command_line_style::unix_style &
                       ~po::command_line_style::allow_guessing)
                .run(),
            values);
  po::notify(values);
  if (values.count("help") != 0) std::cout << flags;
  if (values.count("stats") != 0) {
    setenv("GLUE_SECURITY_STATS", "1", /*overwrite=*/1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Takes its own flags out.
  testing::InitGoogleTest(&argc, argv);
  try {
    SetEnvironment(argc, argv);
  } catch (const po::error& error) {
    std::cerr << error.what()
              << "\nflags: --seed=N --runs=N --replay=CHOICES "
                 "--failures=FILE --stats, and those of gtest\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
