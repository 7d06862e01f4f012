// RapidCheckChoices: choices that RapidCheck makes. RapidCheck's properties can
// use the values of this kit, and its own shrinking makes them simpler. The
// library is Debian's librapidcheck-dev; nothing else in the kit needs it.

#ifndef GLUE_SECURITY_TESTING_CHOICES_RAPIDCHECK_CHOICES_H_
#define GLUE_SECURITY_TESTING_CHOICES_RAPIDCHECK_CHOICES_H_

#include <cstdint>
#include <utility>

#include "glue_security/testing/choices/choice_source.h"
#include "rapidcheck.h"

namespace glue_security {

// Draws from the RapidCheck property or `rc::gen::exec` that is running.
// REQUIRES: called within one of them.
class RapidCheckChoices : public ChoiceSource {
 protected:
  uint64_t Draw(uint64_t bound) override {
    return *rc::gen::resize(rc::kNominalSize,
                            rc::gen::inRange<uint64_t>(0, bound));
  }
};

// Wraps a generator of this kit as a generator of RapidCheck:
//
//   rc::check("names are short", [] {
//     const std::string name =
//         *RapidCheckGen([](ChoiceSource& c) { return GenerateName(c); });
//     RC_ASSERT(name.size() < 300);
//   });
//
// `generate` must be copyable.
template <typename Generate>
auto RapidCheckGen(Generate generate) {
  return rc::gen::exec([generate = std::move(generate)] {
    RapidCheckChoices choices;
    return generate(choices);
  });
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_RAPIDCHECK_CHOICES_H_
