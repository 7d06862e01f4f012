// Attacks on the library by the programs that embed it: hooks, storages and
// backends that throw, upstreams that answer at will, fork() while serving.
// Each attack has a process of its own, so that a crash ends no other attack.
//
//   library_campaign ATTACK SEED COUNT
//
// prints a line of JSON: how many inputs were tried, how many survived, and the
// failures. campaign.py runs it with --library. Without arguments it prints the
// names of the attacks.

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "tests/hostile/library_attacks.h"

namespace glue_security {
namespace {

using Function = void (*)(const Campaign& campaign, Findings* findings);

const std::map<std::string, Function>& Attacks() {
  static const auto* const attacks = new std::map<std::string, Function>{
      {"random_commits_and_forks", &RandomCommitsAndForks},
      {"throwing_hooks", &ThrowingHooks},
      {"throwing_backend", &ThrowingBackend},
      {"hostile_upstreams", &HostileUpstreams},
      {"fork_of_a_server", &ForkOfAServer},
  };
  return *attacks;
}

int Main(int argc, char** argv) {
  if (argc == 1) {
    for (const auto& [name, function] : Attacks()) std::cout << name << "\n";
    return 0;
  }
  const auto found = Attacks().find(argv[1]);
  if (argc != 4 || found == Attacks().end()) {
    std::cerr << "library_campaign: ATTACK SEED COUNT\n";
    return 2;
  }
  Findings findings;
  found->second({std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3])},
                &findings);
  std::cout << findings.ToJson() << std::endl;
  return 0;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  try {
    return glue_security::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "library_campaign: thrown to the caller: " << error.what()
              << "\n";
  } catch (...) {
    std::cerr << "library_campaign: thrown to the caller\n";
  }
  return 1;
}
