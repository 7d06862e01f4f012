// The functions that the mutated sources of tools/mutate.py call: each place
// asks here whether its mutant is active. The script puts this text into the
// copies of the sources; nothing else includes it.
//
// The environment variable GLUE_SECURITY_MUTANT holds the number of the active
// mutant. With GLUE_SECURITY_MUTANTS_REACHED, a file name, no mutant is active,
// and the numbers of the places reached are written there at the end.

#ifndef GLUE_SECURITY_TOOLS_MUTATION_SWITCH_H_
#define GLUE_SECURITY_TOOLS_MUTATION_SWITCH_H_

#include <cstdio>
#include <cstdlib>

namespace glue_security_mutation {

inline constexpr int kMutantsMax = 1 << 17;
inline unsigned char reached[kMutantsMax];

inline void WriteReached() {
  std::FILE* file =
      std::fopen(std::getenv("GLUE_SECURITY_MUTANTS_REACHED"), "a");
  if (file == nullptr) return;
  for (int i = 0; i < kMutantsMax; ++i) {
    if (reached[i] != 0) std::fprintf(file, "%d\n", i);
  }
  std::fclose(file);
}

// Returns the active mutant; 0 for none; -1 for none while places are recorded.
inline int ReadActive() {
  if (std::getenv("GLUE_SECURITY_MUTANTS_REACHED") != nullptr) {
    std::atexit(WriteReached);
    return -1;
  }
  const char* text = std::getenv("GLUE_SECURITY_MUTANT");
  return text == nullptr ? 0 : std::atoi(text);
}

inline int Active() {
  static const int active = ReadActive();
  return active;
}

inline bool IsOn(int id) {
  const int active = Active();
  if (active == -1) reached[id] = 1;
  return active == id;
}

// A constant expression is never changed: mutants exist at run time only.
constexpr bool On(int id) {
  return !__builtin_is_constant_evaluated() && IsOn(id);
}

// A condition: `id` negates it, `id + 1` makes it true, `id + 2` false.
template <typename T>
constexpr bool Condition(int id, const T& value) {
  const bool result = static_cast<bool>(value);
  if (On(id)) return !result;
  if (On(id + 1)) return true;
  if (On(id + 2)) return false;
  return result;
}

// A comparison; `id` and the two ids after it replace the operator.
#define GLUE_SECURITY_COMPARISON(Name, op, first, second, third) \
  template <typename A, typename B>                              \
  constexpr bool Name(int id, const A& a, const B& b) {          \
    if (On(id)) return a first b;                                \
    if (On(id + 1)) return a second b;                           \
    if (On(id + 2)) return a third b;                            \
    return a op b;                                               \
  }
GLUE_SECURITY_COMPARISON(Less, <, <=, >, !=)
GLUE_SECURITY_COMPARISON(LessEqual, <=, <, >=, ==)
GLUE_SECURITY_COMPARISON(Greater, >, >=, <, !=)
GLUE_SECURITY_COMPARISON(GreaterEqual, >=, >, <=, ==)
GLUE_SECURITY_COMPARISON(Equal, ==, <=, >=, !=)
GLUE_SECURITY_COMPARISON(NotEqual, !=, <, >, ==)
#undef GLUE_SECURITY_COMPARISON

// A number or a character: `id` adds one, `id + 1` subtracts one.
template <typename T>
constexpr T Number(int id, T value) {
  if (On(id)) return static_cast<T>(value + 1);
  if (On(id + 1)) return static_cast<T>(value - 1);
  return value;
}

// Any other value, replaced by `other`.
template <typename T>
constexpr T Other(int id, T value, T other) {
  return On(id) ? other : value;
}

// A text: Text empties it, Filled fills an empty one.
template <typename T>
constexpr T Text(int id, T value) {
  return On(id) ? T("") : value;
}
constexpr const char* Filled(int id, const char* value) {
  return On(id) ? "mutant" : value;
}

}  // namespace glue_security_mutation

#endif  // GLUE_SECURITY_TOOLS_MUTATION_SWITCH_H_
